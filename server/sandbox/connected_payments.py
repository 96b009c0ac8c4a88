"""What connected accounts have to do with a payment: the platform's fee, and the transfer that a charge brings.

Two ways (https://docs.stripe.com/connect/charges):

- a direct charge is made in the connected account's books; the platform's fee is taken off its row
- a destination charge is made in the platform's books and transferred at once; the fee is taken off what arrives

Money that moves between two books is booked in both, so nothing is lost and nothing made.
"""

import hashlib
from typing import Any, Final

from paydesk.server.sandbox import connect, ledger
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import Declaration, integer, mapping, merged_metadata, required, text

APPLICATION_FEE: Final = Kind(
    name="application_fee",
    prefix="fee_",
    called="application fee",
    indexed=("charge",),
    expands=("account", "balance_transaction", "originating_transaction"),
)
FEE_REFUND: Final = Kind(
    name="fee_refund",
    prefix="fr_",
    called="application fee refund",
    indexed=("fee",),
    expands=("balance_transaction", "fee"),
)
TRANSFER: Final = Kind(
    name="transfer",
    prefix="tr_",
    param="transfer",
    indexed=("destination", "transfer_group", "source_transaction"),
    expands=("balance_transaction", "destination", "source_transaction"),
)
TRANSFER_REVERSAL: Final = Kind(
    name="transfer_reversal",
    prefix="trr_",
    called="transfer reversal",
    indexed=("transfer",),
    expands=("balance_transaction", "source_refund", "transfer"),
)
# What payment intents and charges take for it.
PARAMS: Final[Declaration] = {
    "application_fee_amount": integer(0),
    "on_behalf_of": text(),
    "transfer_data": mapping({"amount": integer(0), "destination": required(text())}),
}


def application_of(platform: str) -> str:
    """The id of the platform's application (`ca_`), which is its client id in OAuth, too."""
    return "ca_" + hashlib.sha256(platform.encode()).hexdigest()[:28]


def check(call: Call, sent: dict[str, Any], amount_minor: int) -> None:
    """StripeError where a payment asks for what Connect does not allow."""
    is_direct = call.account != connect.platform_of(call)
    transfer = sent.get("transfer_data")
    if transfer:
        if is_direct:
            raise StripeError(
                "You may not use `transfer_data` on a connected account's own charge.", param="transfer_data"
            )
        found = connect.destination(call, transfer["destination"], "transfer_data[destination]")
        check_capable(found)
        if transfer.get("amount", 0) > amount_minor:
            raise StripeError("The transfer amount cannot be greater than the amount.", param="transfer_data[amount]")
        if "amount" in transfer and "application_fee_amount" in sent:
            raise StripeError(
                "You may not provide the application_fee_amount parameter and the transfer_data[amount] parameter "
                "simultaneously.",
                param="transfer_data[amount]",
            )
    if sent.get("on_behalf_of"):
        connect.destination(call, sent["on_behalf_of"], "on_behalf_of")
    fee = sent.get("application_fee_amount")
    if fee is not None and not is_direct and not transfer:
        raise StripeError(
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using an "
            "OAuth key or Stripe-Account header) or destination payment (using `transfer_data[destination]`).",
            param="application_fee_amount",
        )
    if fee is not None and fee > amount_minor:
        raise StripeError(
            "The application_fee_amount cannot be greater than the amount.", param="application_fee_amount"
        )


def check_capable(account: Object) -> None:
    """StripeError unless money may be transferred to the account."""
    if account["capabilities"].get("transfers") != "active":
        raise StripeError(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, "
            "crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )


def entry_fields(call: Call, charge: Object) -> dict[str, Any]:
    """What a direct charge's row says of the platform's fee."""
    fee = charge.get("application_fee_amount")
    if not fee or call.account == connect.platform_of(call):
        return {}
    return {"application_fee": fee, "application": application_of(connect.platform_of(call))}


def settled(call: Call, charge: Object) -> None:
    """After a charge was booked: the platform gets its fee, the destination what is meant for it."""
    platform = connect.platform_of(call)
    if call.account != platform:
        charge["application"] = application_of(platform)
        if charge.get("application_fee_amount"):
            fee = earn(call.of(platform), call, charge, charge["application_fee_amount"])
            charge["application_fee"] = fee["id"]
        return
    data = charge.get("transfer_data")
    if not data:
        return
    amount = data.get("amount")
    charge["transfer_group"] = charge["transfer_group"] or f"group_{charge['payment_intent'] or charge['id']}"
    transfer = make_transfer(
        call,
        {
            "amount": charge["amount_captured"] if amount is None else amount,
            "currency": charge["currency"],
            "destination": data["destination"],
            "transfer_group": charge["transfer_group"],
        },
        source=charge,
        fee=charge.get("application_fee_amount") or 0,
    )
    charge["transfer"] = transfer["id"]
    if charge.get("application_fee_amount"):
        books = call.of(data["destination"])
        there = books.get("charge", transfer["destination_payment"])
        charge["application_fee"] = there["application_fee"]


def earn(home: Call, books: Call, charge: Object, amount_minor: int, originating: str | None = None) -> Object:
    """The platform's fee of a payment in a connected account's books: the fee and its row."""
    fee: Object = {
        "id": home.new_id("fee_1", 23),
        "object": "application_fee",
        "account": books.account,
        "amount": amount_minor,
        "amount_refunded": 0,
        "application": application_of(home.account),
        "balance_transaction": None,
        "charge": charge["id"],
        "created": home.now,
        "currency": charge["currency"],
        "fee_source": {"charge": charge["id"], "type": "charge"},
        "livemode": False,
        "originating_transaction": originating,
        "refunded": False,
    }
    fee["refunds"] = _no_list(f"/v1/application_fees/{fee['id']}/refunds")
    on = books.find("balance_transaction", charge["balance_transaction"] or "")
    entry = ledger.Entry(
        "application_fee",
        amount_minor,
        fee["currency"],
        fee["id"],
        "Application fee",
        category="platform_earning",
        available_on=on["available_on"] if on else None,
    )
    fee["balance_transaction"] = ledger.add(home, entry)["id"]
    return home.create(fee, emits="application_fee.created")


def make_transfer(call: Call, sent: dict[str, Any], *, source: Object | None = None, fee: int = 0) -> Object:
    """Move money from the platform's books to a connected account's, with a row in each."""
    books = call.of(sent["destination"])
    on = call.find("balance_transaction", (source or {}).get("balance_transaction") or "")
    timing: dict[str, Any] = {"available_on": on["available_on"]} if on else {"is_immediate": True}
    transfer: Object = {
        "id": call.new_id("tr_1", 23),
        "object": "transfer",
        "amount": sent["amount"],
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": call.now,
        "currency": sent["currency"],
        "description": sent.get("description"),
        "destination": books.account,
        "destination_payment": books.new_id("py_1", 23),
        "livemode": False,
        "metadata": merged_metadata({}, sent.get("metadata", {})),
        "reversed": False,
        "source_transaction": source["id"] if source else None,
        "source_type": sent.get("source_type", "card"),
        "transfer_group": sent.get("transfer_group"),
    }
    transfer["reversals"] = _no_list(f"/v1/transfers/{transfer['id']}/reversals")
    entry = ledger.Entry(
        "transfer", -sent["amount"], sent["currency"], transfer["id"], sent.get("description"), **timing
    )
    transfer["balance_transaction"] = ledger.add(call, entry)["id"]
    _arrive(call, books, transfer, fee, timing)
    return call.create(transfer, emits="transfer.created")


def _arrive(call: Call, books: Call, transfer: Object, fee: int, timing: dict[str, Any]) -> None:
    """The payment that a transfer is in the books where it arrives."""
    payment = destination_payment_object(transfer)
    application = application_of(call.account)
    entry = ledger.Entry(
        "payment",
        transfer["amount"],
        transfer["currency"],
        payment["id"],
        transfer["description"],
        category="charge",
        application_fee=fee,
        application=application if fee else None,
        **timing,
    )
    payment["balance_transaction"] = ledger.add(books, entry)["id"]
    if fee:
        earned = earn(call, books, payment, fee, originating=transfer["source_transaction"])
        payment.update(application=application, application_fee=earned["id"], application_fee_amount=fee)
    books.create(payment)


def destination_payment_object(transfer: Object) -> Object:
    """The payment (`py_`) that a connected account sees of a transfer."""
    amount = transfer["amount"]
    nothing = ("application", "application_fee", "application_fee_amount", "balance_transaction", "customer", "dispute")
    never = (
        "failure_balance_transaction",
        "failure_code",
        "failure_message",
        "on_behalf_of",
        "outcome",
        "payment_intent",
    )
    more = ("payment_method", "receipt_email", "receipt_number", "receipt_url", "review", "shipping", "transfer_data")
    return {
        "id": transfer["destination_payment"],
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        **dict.fromkeys((*nothing, *never, *more)),
        "billing_details": {
            "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
            **dict.fromkeys(("email", "name", "phone", "tax_id")),
        },
        "calculated_statement_descriptor": None,
        "captured": True,
        "created": transfer["created"],
        "currency": transfer["currency"],
        "description": transfer["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "paid": True,
        "payment_method_details": {"stripe_account": {}, "type": "stripe_account"},
        "radar_options": {},
        "refunded": False,
        "source_transfer": transfer["id"],
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_group": transfer["transfer_group"],
    }


def _no_list(url: str) -> Object:
    return {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": url}


def refunded(
    call: Call, charge: Object, refund: Object, *, reverse_transfer: bool = False, refund_application_fee: bool = False
) -> None:
    """After a refund was booked: the destination and the platform's fee give their parts back, where that is asked."""
    if refund_application_fee and charge["application_fee"]:
        home = call.of(connect.platform_of(call))
        fee = home.get("application_fee", charge["application_fee"])
        left = fee["amount"] - fee["amount_refunded"]
        part = share(fee["amount"], refund["amount"], charge["amount_captured"])
        if min(part, left):
            refund_fee(home, fee, min(part, left))
    if reverse_transfer and charge.get("transfer"):
        transfer = call.get("transfer", charge["transfer"])
        part = share(transfer["amount"], refund["amount"], charge["amount_captured"])
        left = transfer["amount"] - transfer["amount_reversed"]
        reversal = reverse(call, transfer, min(part, left), {}, source_refund=refund["id"])
        refund["transfer_reversal"] = reversal["id"]


def share(whole: int, part: int, of: int) -> int:
    """The proportion of a whole that a part of another amount is, rounded half up."""
    return (2 * whole * part + of) // (2 * of)


def refund_fee(home: Call, fee: Object, amount_minor: int, metadata: dict[str, str] | None = None) -> Object:
    """Give a connected account a part of the platform's fee back."""
    refund: Object = {
        "id": home.new_id("fr_1", 23),
        "object": "fee_refund",
        "amount": amount_minor,
        "balance_transaction": None,
        "created": home.now,
        "currency": fee["currency"],
        "fee": fee["id"],
        "metadata": merged_metadata({}, metadata or {}),
    }
    entry = ledger.Entry(
        "application_fee_refund",
        -amount_minor,
        fee["currency"],
        refund["id"],
        f"REFUND FOR APPLICATION FEE ({fee['id']})",
        category="platform_earning_refund",
        is_immediate=True,
    )
    refund["balance_transaction"] = ledger.add(home, entry)["id"]
    back = ledger.Entry(
        "adjustment",
        amount_minor,
        fee["currency"],
        fee["charge"],
        f"Application fee refund ({fee['id']})",
        category="fee",
        is_immediate=True,
    )
    ledger.add(home.of(fee["account"]), back)
    home.create(refund)
    fee["amount_refunded"] += amount_minor
    fee["refunded"] = fee["amount_refunded"] == fee["amount"]
    _put(fee["refunds"], refund)
    home.save(fee, emits="application_fee.refunded")
    return refund


def _put(listed: Object, body: Object) -> None:
    """The newest ten stand in the object itself."""
    listed["data"] = [body, *listed["data"]][:10]
    listed["total_count"] += 1
    listed["has_more"] = listed["total_count"] > 10


def reverse(
    call: Call, transfer: Object, amount_minor: int, sent: dict[str, Any], *, source_refund: str | None = None
) -> Object:
    """Bring a transferred amount back, with a row in each of the books."""
    books = call.of(transfer["destination"])
    reversal: Object = {
        "id": call.new_id("trr_1", 23),
        "object": "transfer_reversal",
        "amount": amount_minor,
        "balance_transaction": None,
        "created": call.now,
        "currency": transfer["currency"],
        "destination_payment_refund": None,
        "metadata": merged_metadata({}, sent.get("metadata") or {}),
        "source_refund": source_refund,
        "transfer": transfer["id"],
    }
    entry = ledger.Entry(
        "transfer_refund",
        amount_minor,
        transfer["currency"],
        reversal["id"],
        sent.get("description") or f"REFUND FOR TRANSFER ({transfer['id']})",
        category="transfer_reversal",
        is_immediate=True,
    )
    reversal["balance_transaction"] = ledger.add(call, entry)["id"]
    reversal["destination_payment_refund"] = _give_back(books, transfer, reversal)["id"]
    call.create(reversal)
    transfer["amount_reversed"] += amount_minor
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    _put(transfer["reversals"], reversal)
    call.save(transfer, emits="transfer.reversed")
    return reversal


def _give_back(books: Call, transfer: Object, reversal: Object) -> Object:
    payment = books.get("charge", transfer["destination_payment"])
    refund: Object = {
        "id": books.new_id("pyr_1", 23),
        "object": "refund",
        "amount": reversal["amount"],
        "balance_transaction": None,
        "charge": payment["id"],
        "created": books.now,
        "currency": payment["currency"],
        **dict.fromkeys(
            ("customer", "customer_account", "payment_intent", "payment_method", "reason", "receipt_number")
        ),
        "destination_details": {"type": "stripe_account"},
        "metadata": {},
        "source_transfer_reversal": reversal["id"],
        "status": "succeeded",
        "transfer_reversal": None,
    }
    entry = ledger.Entry(
        "payment_refund",
        -reversal["amount"],
        payment["currency"],
        refund["id"],
        f"REFUND FOR PAYMENT ({payment['id']})",
        category="refund",
        is_immediate=True,
    )
    refund["balance_transaction"] = ledger.add(books, entry)["id"]
    payment["amount_refunded"] += reversal["amount"]
    payment["refunded"] = payment["amount_refunded"] == payment["amount"]
    books.save(payment, emits="charge.refunded")
    return books.create(refund)
