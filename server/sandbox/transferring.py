"""Transfers: money that moves from the platform's books to a connected account's, and back; a row in each of them."""

from typing import Any, Final

from paydesk.server.sandbox import earning, ledger
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import merged_metadata

TRANSFER: Final = Kind(
    name="transfer",
    prefix="tr_",
    param="transfer",
    indexed=("destination", "transfer_group", "source_transaction"),
    expands=("balance_transaction", "destination", "destination_payment", "source_transaction"),
)
TRANSFER_REVERSAL: Final = Kind(
    name="transfer_reversal",
    prefix="trr_",
    called="transfer reversal",
    indexed=("transfer",),
    expands=(
        "balance_transaction",
        "source_refund",
        "transfer",
        "destination_payment_refund",
    ),
)


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
    transfer["reversals"] = earning.no_list(f"/v1/transfers/{transfer['id']}/reversals")
    entry = ledger.Entry(
        "transfer", -sent["amount"], sent["currency"], transfer["id"], sent.get("description"), **timing
    )
    transfer["balance_transaction"] = ledger.add(call, entry)["id"]
    _arrive(call, books, transfer, fee, timing)
    return call.create(transfer, emits="transfer.created")


def _arrive(call: Call, books: Call, transfer: Object, fee: int, timing: dict[str, Any]) -> None:
    """The payment that a transfer is in the books where it arrives."""
    payment = destination_payment_object(transfer)
    application = earning.application_of(call.account)
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
        earned = earning.earn(call, books, payment, fee, originating=transfer["source_transaction"])
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
        available_on=earning.as_of(call, transfer["balance_transaction"]),
    )
    reversal["balance_transaction"] = ledger.add(call, entry)["id"]
    reversal["destination_payment_refund"] = _give_back(books, transfer, reversal)["id"]
    call.create(reversal)
    transfer["amount_reversed"] += amount_minor
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    earning.put(transfer["reversals"], reversal)
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
        available_on=earning.as_of(books, payment["balance_transaction"]),
    )
    refund["balance_transaction"] = ledger.add(books, entry)["id"]
    payment["amount_refunded"] += reversal["amount"]
    payment["refunded"] = payment["amount_refunded"] == payment["amount"]
    books.save(payment, emits="charge.refunded")
    return books.create(refund)
