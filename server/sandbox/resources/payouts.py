"""Payouts: money from the balance to the bank account.

pending --arrival_date--> paid        pending --cancel--> canceled (a second row brings the money back)
paid --reverse--> a payout of the other sign
"""

from typing import Final

from paydesk.server.sandbox import ledger, lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    LISTING,
    choice,
    currency,
    integer,
    merged_metadata,
    metadata,
    required,
    text,
    times,
    unserved,
)
from paydesk.server.sandbox.routes import Resource

ARRIVES_AFTER_DAYS: Final = 2
INSTANT_FEE_BASIS_POINTS: Final = 100

PAYOUT: Final = Kind(
    name="payout",
    prefix="po_",
    param="payout",
    indexed=("status", "destination", "currency"),
    expands=("balance_transaction", "failure_balance_transaction", "original_payout", "reversed_by"),
)

_CREATE: Final = {
    "amount": required(integer(1)),
    "currency": required(currency()),
    "description": text(),
    "metadata": metadata(),
    "method": choice("instant", "standard"),
    "source_type": choice("bank_account", "card", "fpx"),
    "statement_descriptor": text(22),
    **unserved("destination", "payout_method"),
}

resource = Resource()


def payout_object(identifier: str, created: int, amount_minor: int, code: str, *, automatic: bool) -> Object:
    """A payout on its way, with every field that Stripe shows."""
    return {
        "id": identifier,
        "object": "payout",
        "amount": amount_minor,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": ledger.settles_at(created, ARRIVES_AFTER_DAYS),
        "automatic": automatic,
        "balance_transaction": None,
        "created": created,
        "currency": code,
        "description": "STRIPE PAYOUT" if automatic else None,
        "destination": f"ba_1Sandbox{code.upper()}",
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "in_progress" if automatic else "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }


@resource.post("/v1/payouts", _CREATE)
def create(call: Call) -> Answer:
    """Pay out from what is available; StripeError where that is too little."""
    sent = call.params
    available, _pending = call.store.totals(call.account, call.now).get(sent["currency"], (0, 0))
    if sent["amount"] > available:
        raise StripeError(
            "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low. "
            "You can use the /v1/balance endpoint to view your Stripe balance (for more details, see "
            "stripe.com/docs/api#balance).",
            code="balance_insufficient",
        )
    payout = payout_object(call.new_id("po_1", 23), call.now, sent["amount"], sent["currency"], automatic=False)
    for name in ("description", "method", "source_type", "statement_descriptor"):
        if name in sent:
            payout[name] = sent[name]
    payout["metadata"] = merged_metadata({}, sent.get("metadata", {}))
    if payout["method"] == "instant":
        payout["arrival_date"] = call.now
    payout["balance_transaction"] = _book(call, payout, "payout", -payout["amount"])
    call.create(payout, emits="payout.created")
    call.later(payout["arrival_date"], "payout.arrive", payout=payout["id"])
    return payout


def _book(call: Call, payout: Object, entry_type: str, amount_minor: int) -> str:
    instant_fee = amount_minor < 0 and payout["method"] == "instant"
    entry = ledger.Entry(
        entry_type,
        amount_minor,
        payout["currency"],
        payout["id"],
        "STRIPE PAYOUT" if entry_type == "payout" else "STRIPE PAYOUT CANCELED",
        fee=-amount_minor * INSTANT_FEE_BASIS_POINTS // 10_000 if instant_fee else 0,
        fee_description="Instant payout fee",
        category="payout" if entry_type == "payout" else "payout_reversal",
        is_immediate=True,
    )
    identifier: str = ledger.add(call, entry)["id"]
    return identifier


@resource.action("payout.arrive")
def arrive(call: Call, payout: str) -> None:
    """The bank has the money, unless the payout was cancelled before."""
    found = call.get("payout", payout)
    if found["status"] in ("pending", "in_transit"):
        found["status"] = "paid"
        found["trace_id"] = {"status": "supported", "value": call.new_id("", 15).upper()}
        call.save(found)
        call.emit("payout.paid", found)


@resource.get("/v1/payouts", {**LISTING, "arrival_date": times(), "destination": text(), "status": text()})
def list_all(call: Call) -> Answer:
    """Payouts by status, destination and day of arrival."""
    arrival = call.params.get("arrival_date")
    since, until = lists.bounds(arrival)
    matching = ("json_extract(o.body, '$.arrival_date') BETWEEN ? AND ?", [since, until])
    where = {name: call.params.get(name) for name in ("status", "destination")}
    return lists.page(call, "payout", where, matching=matching if arrival is not None else None)


@resource.get("/v1/payouts/{payout}")
def retrieve(call: Call, payout: str) -> Answer:
    """One payout."""
    return call.get("payout", payout)


@resource.post("/v1/payouts/{payout}", {"metadata": metadata()})
def update(call: Call, payout: str) -> Answer:
    """Change a payout's metadata."""
    found = call.get("payout", payout)
    if "metadata" in call.params:
        found["metadata"] = merged_metadata(found["metadata"], call.params["metadata"])
    return call.save(found, emits="payout.updated")


@resource.post("/v1/payouts/{payout}/cancel")
def cancel(call: Call, payout: str) -> Answer:
    """Cancel a manual payout that is still pending."""
    found = call.get("payout", payout)
    if found["automatic"]:
        raise StripeError("Automatic payouts cannot be canceled.")
    if found["status"] != "pending":
        raise StripeError(f"Payouts can only be canceled while they are pending; this one is {found['status']}.")
    found["status"] = "canceled"
    found["failure_balance_transaction"] = _book(call, found, "payout_cancel", found["amount"])
    call.save(found)
    call.emit("payout.canceled", found)
    return found


@resource.post("/v1/payouts/{payout}/reverse", {"metadata": metadata()})
def reverse(call: Call, payout: str) -> Answer:
    """Call a paid payout back."""
    found = call.get("payout", payout)
    if found["status"] != "paid" or found["reversed_by"] or found["original_payout"]:
        raise StripeError(f"Only a paid payout can be reversed, and only once; this one is {found['status']}.")
    back = payout_object(call.new_id("po_1", 23), call.now, -found["amount"], found["currency"], automatic=False)
    back["original_payout"] = found["id"]
    back["metadata"] = merged_metadata({}, call.params.get("metadata", {}))
    back["balance_transaction"] = _book(call, back, "payout", found["amount"])
    found["reversed_by"] = back["id"]
    call.create(back, emits="payout.created")
    call.save(found, emits="payout.updated")
    call.later(back["arrival_date"], "payout.arrive", payout=back["id"])
    return back
