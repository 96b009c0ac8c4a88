"""Refunds: whole or in part, of a charge or a payment intent; those that settle later and those that fail later.

succeeded (cards, at once)     pending --a minute--> succeeded     succeeded --a minute--> failed (the money comes back)
"""

from typing import Any, Final

from paydesk.server.sandbox import connected_payments, instruments, ledger, lists, money, redirects
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.card_table import Card
from paydesk.server.sandbox.debits import Bank
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    LISTING,
    PAGING,
    amount,
    boolean,
    choice,
    merged_metadata,
    metadata,
    text,
    unserved,
)
from paydesk.server.sandbox.resources import disputes
from paydesk.server.sandbox.routes import Resource

SETTLES_AFTER_S: Final = 60

REFUND: Final = Kind(
    name="refund",
    prefix="re_",
    param="refund",
    indexed=("charge", "payment_intent"),
    expands=(
        *("balance_transaction", "charge", "customer", "failure_balance_transaction", "payment_intent"),
        "payment_method",
        *(
            "source_transfer_reversal",
            "transfer_reversal",
        ),
    ),
)

_REASON: Final = choice("duplicate", "fraudulent", "requested_by_customer")
_OF_CHARGE: Final = {
    "amount": amount(1),
    "metadata": metadata(),
    "payment_intent": text(),
    "reason": _REASON,
    "refund_application_fee": boolean(),
    "reverse_transfer": boolean(),
    **unserved("instructions_email"),
}
_NESTED: Final = {**_OF_CHARGE, **unserved("currency", "customer", "origin")}
_CREATE: Final = {**_NESTED, "charge": text()}

# Stripe tells of a changed refund twice: the older name is for charges, the newer one for every refund.
_UPDATED: Final = ("charge.refund.updated", "refund.updated")

resource = Resource()


@resource.post("/v1/refunds", _CREATE)
def create(call: Call) -> Answer:
    """Refund a charge, or the latest charge of a payment intent."""
    return make(call, _charge_of(call, call.params), call.params)


@resource.post("/v1/charges/{charge}/refunds", _NESTED)
def create_of_charge(call: Call, charge: str) -> Answer:
    """Refund the charge that the path names."""
    return make(call, call.get("charge", charge), call.params)


@resource.post("/v1/charges/{charge}/refund", _OF_CHARGE)
def refund_charge(call: Call, charge: str) -> Answer:
    """The old way: answers with the charge, not the refund."""
    found = call.get("charge", charge)
    make(call, found, call.params)
    return found


def _charge_of(call: Call, sent: dict[str, Any]) -> Object:
    if "charge" in sent:
        return call.get("charge", sent["charge"], param="id")
    if "payment_intent" not in sent:
        raise StripeError("One of the following params should be provided for this request: payment_intent or charge.")
    intent = call.find("payment_intent", sent["payment_intent"])
    if intent is None:
        raise missing("payment_intent", sent["payment_intent"], "payment_intent")
    charge = call.get("charge", intent["latest_charge"]) if intent["latest_charge"] else None
    if charge is None or not charge["paid"]:
        raise StripeError(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.", param="payment_intent"
        )
    return charge


def refundable(charge: Object) -> int:
    """What is left to give back, in minor units."""
    return int(charge["amount_captured"] - charge["amount_refunded"])


def make(call: Call, charge: Object, sent: dict[str, Any]) -> Object:
    """Refund a charge by `sent["amount"]`, or by all that is left; StripeError where it cannot be."""
    _check(call, charge, sent)
    instrument = instruments.of_charge(charge)
    manner = instrument.refund if isinstance(instrument, Card) else None
    if isinstance(instrument, Bank):
        manner = "pending"
    is_card = isinstance(instrument, Card)
    wanted = sent.get("amount", refundable(charge)) if charge["captured"] else charge["amount"]
    refund = refund_object(call.new_id("re_3" if is_card else "pyr_1", 23), call.now, charge, wanted)
    refund["reason"] = sent.get("reason")
    refund["metadata"] = merged_metadata({}, sent.get("metadata", {}))
    refund["status"] = "pending" if manner == "pending" else "succeeded"
    if charge["captured"]:
        refund["balance_transaction"] = _book(call, charge, refund, "refund", -wanted)
    connected_payments.refunded(call, charge, refund, sent)
    call.create(refund)
    charge["amount_refunded"] += wanted
    charge["refunded"] = charge["amount_refunded"] == (charge["amount_captured"] or charge["amount"])
    if sent.get("reason") == "fraudulent":
        charge["fraud_details"] = {**charge["fraud_details"], "user_report": "fraudulent"}
    call.save(charge, emits="charge.refunded")
    call.emit("refund.created", refund)
    action = {"pending": "refund.settle", "fails": "refund.fail"}.get(manner or "", "refund.trace" if is_card else "")
    if action:
        call.later(call.now + SETTLES_AFTER_S, action, refund=refund["id"])
    return refund


def _check(call: Call, charge: Object, sent: dict[str, Any]) -> None:
    """Everything that forbids a refund, in the order in which Stripe says it."""
    if charge.get("source_transfer"):
        raise StripeError(
            f"Charge {charge['id']} is a transfer from your platform; it can only be reversed there.", param="charge"
        )
    if "payment_intent" in sent and charge["payment_intent"] != sent["payment_intent"]:
        raise StripeError(
            f"Charge {charge['id']} does not belong to the PaymentIntent {sent['payment_intent']}.",
            param="payment_intent",
        )
    if charge["status"] == "failed":
        raise StripeError(f"Charge {charge['id']} has failed; there is nothing to refund.", param="charge")
    if not charge["captured"] and charge["payment_intent"] and not charge["refunded"]:
        raise StripeError(
            f"This uncaptured Charge was created by a PaymentIntent ({charge['payment_intent']}). You must cancel the "
            "PaymentIntent to reverse the authorization instead of refunding the Charge directly. For more "
            "information, see https://stripe.com/docs/payments/place-a-hold-on-a-payment-method"
        )
    if charge["refunded"]:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    for dispute in call.every("dispute", {"charge": charge["id"]}) if charge["dispute"] else ():
        disputes.decide(call, dispute["id"])
        if not dispute["is_charge_refundable"]:
            raise StripeError(
                f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
            )
    if charge["status"] == "pending":
        raise StripeError(
            f"Charge {charge['id']} is still pending; it can be refunded once it has succeeded.", param="charge"
        )
    left = refundable(charge) if charge["captured"] else charge["amount"]
    if not charge["captured"] and sent.get("amount", left) != left:
        raise StripeError("A charge that was not captured can only be released as a whole.", param="amount")
    if sent.get("amount", 0) > left:
        currency = charge["currency"]
        raise StripeError(
            f"Refund amount ({money.written(sent['amount'], currency)}) is greater than unrefunded amount on charge "
            f"({money.written(left, currency)})",
            param="amount",
        )


def refund_object(identifier: str, created: int, charge: Object, amount_minor: int) -> Object:
    """A refund, as it is made."""
    return {
        "id": identifier,
        "object": "refund",
        "amount": amount_minor,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": _destination(charge["payment_method_details"]["type"]),
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def _destination(kind: str) -> Object:
    """Where the money goes, and the reference by which the bank can find it."""
    if kind in ("card", "card_present", "interac_present"):
        waiting = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
        return {"card": waiting, "type": "card"}
    if kind in redirects.BY_TYPE:
        return redirects.destination(kind)
    transfer = {"us_bank_account": "us_bank_transfer", "sepa_debit": "eu_bank_transfer"}[kind]
    return {transfer: {"reference": None, "reference_status": "pending"}, "type": transfer}


def _book(call: Call, charge: Object, refund: Object, entry_type: str, amount_minor: int) -> str:
    about = charge["description"] or charge["id"]
    words = "REFUND FOR CHARGE" if entry_type == "refund" else "REFUND FAILURE FOR CHARGE"
    if charge["id"].startswith("py_") and entry_type == "refund":
        entry_type = "payment_refund"
    entry = ledger.Entry(
        entry_type,
        amount_minor,
        charge["currency"],
        refund["id"],
        f"{words} ({about})",
        category="refund" if entry_type == "payment_refund" else "",
    )
    identifier: str = ledger.add(call, entry)["id"]
    return identifier


@resource.action("refund.trace")
def trace(call: Call, refund: str) -> None:
    """The bank's reference becomes known."""
    found = call.get("refund", refund)
    found["destination_details"]["card"].update(reference=call.new_id("", 12), reference_status="available")
    call.save(found, emits=_UPDATED)


@resource.action("refund.settle")
def settle(call: Call, refund: str) -> None:
    """A pending refund arrives, unless it was cancelled."""
    found = call.get("refund", refund)
    if found["status"] == "pending":
        found["status"] = "succeeded"
        call.save(found, emits=_UPDATED)


@resource.action("refund.fail")
def fail(call: Call, refund: str) -> None:
    """The bank could not take the refund: the money comes back to the balance, the charge counts as paid again."""
    found = call.get("refund", refund)
    _undo(call, found, "failed")
    found["failure_reason"] = "expired_or_canceled_card"
    call.save(found, emits=_UPDATED)
    call.emit("refund.failed", found)


def _undo(call: Call, refund: Object, status: str) -> None:
    charge = call.get("charge", refund["charge"])
    refund["status"] = status
    refund["failure_balance_transaction"] = _book(call, charge, refund, "refund_failure", refund["amount"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    call.save(charge, emits="charge.updated")


@resource.get("/v1/refunds", {**LISTING, "charge": text(), "payment_intent": text()})
def list_all(call: Call) -> Answer:
    """Refunds by charge or payment intent; a list by charge says how many."""
    where = {name: call.params.get(name) for name in ("charge", "payment_intent")}
    return lists.page(call, "refund", where, count="charge" in call.params)


@resource.get("/v1/charges/{charge}/refunds", PAGING)
def list_of_charge(call: Call, charge: str) -> Answer:
    """A charge's refunds."""
    call.get("charge", charge)
    return lists.page(call, "refund", {"charge": charge})


@resource.get("/v1/refunds/{refund}")
def retrieve(call: Call, refund: str) -> Answer:
    """One refund."""
    return call.get("refund", refund)


@resource.get("/v1/charges/{charge}/refunds/{refund}")
def retrieve_of_charge(call: Call, charge: str, refund: str) -> Answer:
    """One of a charge's refunds."""
    call.get("charge", charge)
    found = call.get("refund", refund)
    if found["charge"] != charge:
        raise missing("refund", refund, "refund")
    return found


@resource.post("/v1/refunds/{refund}", {"metadata": metadata()})
def update(call: Call, refund: str) -> Answer:
    """Change a refund's metadata."""
    found = call.get("refund", refund)
    if "metadata" in call.params:
        found["metadata"] = merged_metadata(found["metadata"], call.params["metadata"])
    return call.save(found, emits=_UPDATED)


@resource.post("/v1/charges/{charge}/refunds/{refund}", {"metadata": metadata()})
def update_of_charge(call: Call, charge: str, refund: str) -> Answer:
    """The same by the charge."""
    retrieve_of_charge(call, charge, refund)
    return update(call, refund)


@resource.post("/v1/refunds/{refund}/cancel")
def cancel(call: Call, refund: str) -> Answer:
    """Only refunds that wait for the customer's bank details can be cancelled; a card's never does."""
    call.get("refund", refund)
    raise StripeError("Canceling this refund is unsupported.")


@resource.post("/v1/test_helpers/refunds/{refund}/expire")
def expire(call: Call, refund: str) -> Answer:
    """Only refunds that wait for the customer's bank details can expire; a card's never does."""
    found = call.get("refund", refund)
    raise StripeError(
        f"This refund could not be expired because it has a status of {found['status']}. Only a refund with one of the "
        "following statuses may be expired: requires_action."
    )
