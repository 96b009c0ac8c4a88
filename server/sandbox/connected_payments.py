"""What connected accounts have to do with a payment: the platform's fee, and the transfer that a charge brings.

Two ways (https://docs.stripe.com/connect/charges):

- a direct charge is made in the connected account's books; the platform's fee is taken off its row
- a destination charge is made in the platform's books and transferred at once; the fee is taken off what arrives

Money that moves between two books is booked in both, so nothing is lost and nothing made.
"""

from typing import Any, Final

from paydesk.server.sandbox import connect, earning, transferring
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError, missing_parameter
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import Declaration, clearable, integer, mapping, required, text, unserved

# What payment intents and charges take for it.
PARAMS: Final[Declaration] = {
    "application_fee_amount": integer(0),
    "on_behalf_of": text(),
    "transfer_data": mapping(
        {"amount": integer(0), "destination": required(text()), **unserved("description", "metadata", "payment_data")}
    ),
}
OF_CHARGES: Final[Declaration] = {
    **PARAMS,
    "transfer_data": mapping({"amount": integer(0), "destination": required(text()), **unserved("description")}),
}

# The same on an update and at capture, where the destination stays.
CHANGES: Final[Declaration] = {
    "application_fee_amount": clearable(integer(0)),
    "transfer_data": mapping({"amount": integer(0), **unserved("description", "metadata", "payment_data")}),
}


# What a checkout hands to its payment.
BY_CHECKOUT: Final[Declaration] = {
    **PARAMS,
    "transfer_data": mapping({"amount": integer(0), "destination": required(text())}),
}
AT_CAPTURE: Final[Declaration] = {**CHANGES, "transfer_data": mapping({"amount": integer(0)})}


def apply(call: Call, intent: Object, sent: dict[str, Any]) -> None:
    """Put what a payment intent was told of connected accounts into it."""
    told = {name: sent[name] for name in PARAMS if name in sent}
    if not told:
        return
    if "transfer_data" in told:
        if "destination" not in told["transfer_data"] and not intent["transfer_data"]:
            raise missing_parameter("transfer_data[destination]")
        told["transfer_data"] = {**(intent["transfer_data"] or {}), **told["transfer_data"]}
    known = {name: intent[name] for name in PARAMS if intent[name] is not None}
    check(call, {**known, **told}, intent["amount"])
    intent.update(told)


def change_before_capture(call: Call, intent: Object, charge: Object, sent: dict[str, Any]) -> None:
    """What capture may still change of an intent and its charge."""
    apply(call, intent, {name: sent[name] for name in CHANGES if name in sent})
    for name in ("application_fee_amount", "transfer_data"):
        charge[name] = intent[name]


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
    if not fee or charge["application_fee"] or call.account == connect.platform_of(call):
        return {}
    fee = min(fee, charge["amount_captured"])
    return {"application_fee": fee, "application": earning.application_of(connect.platform_of(call))}


def settled(call: Call, charge: Object, captured: int) -> None:
    """After a charge was booked: the platform gets its fee, the destination what is meant for it."""
    platform = connect.platform_of(call)
    if call.account != platform:
        charge["application"] = earning.application_of(platform)
        if charge.get("application_fee_amount") and not charge["application_fee"]:
            wanted = min(charge["application_fee_amount"], charge["amount_captured"])
            fee = earning.earn(call.of(platform), call, charge, wanted)
            charge["application_fee"] = fee["id"]
        return
    data = charge.get("transfer_data")
    if not data:
        return
    amount = data.get("amount")
    charge["transfer_group"] = charge["transfer_group"] or f"group_{charge['payment_intent'] or charge['id']}"
    transfer = transferring.make_transfer(
        call,
        {
            "amount": captured if amount is None else amount,
            "currency": charge["currency"],
            "destination": data["destination"],
            "transfer_group": charge["transfer_group"],
        },
        source=charge,
        fee=0 if charge["application_fee"] else min(charge.get("application_fee_amount") or 0, captured),
    )
    charge["transfer"] = transfer["id"]
    if charge.get("application_fee_amount") and not charge["application_fee"]:
        books = call.of(data["destination"])
        there = books.get("charge", transfer["destination_payment"])
        charge["application_fee"] = there["application_fee"]


def refunded(call: Call, charge: Object, refund: Object, sent: dict[str, Any]) -> None:
    """After a refund was booked: the destination and the platform's fee give their parts back, where that is asked."""
    _check_refund(charge, sent)
    if sent.get("refund_application_fee"):
        home = call.of(connect.platform_of(call))
        fee = home.get("application_fee", charge["application_fee"])
        left = fee["amount"] - fee["amount_refunded"]
        part = share(fee["amount"], refund["amount"], charge["amount_captured"])
        if min(part, left):
            earning.refund_fee(home, fee, min(part, left))
    if sent.get("reverse_transfer"):
        transfer = call.get("transfer", charge["transfer"])
        part = share(transfer["amount"], refund["amount"], charge["amount_captured"])
        left = transfer["amount"] - transfer["amount_reversed"]
        reversal = transferring.reverse(call, transfer, min(part, left), {}, source_refund=refund["id"])
        refund["transfer_reversal"] = reversal["id"]


def _check_refund(charge: Object, sent: dict[str, Any]) -> None:
    if sent.get("reverse_transfer") and not charge.get("transfer"):
        raise StripeError(
            "Cannot reverse transfer: this charge does not have an associated transfer.", param="reverse_transfer"
        )
    if sent.get("refund_application_fee") and not charge["application_fee"]:
        raise StripeError(
            "Cannot refund the application fee of a charge that has none.", param="refund_application_fee"
        )


def share(whole: int, part: int, of: int) -> int:
    """The proportion of a whole that a part of another amount is, rounded half up."""
    return (2 * whole * part + of) // (2 * of)
