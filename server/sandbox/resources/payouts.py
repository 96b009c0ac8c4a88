"""Payouts: money from the balance to the bank account or debit card.

pending --next midnight--> in_transit --arrival_date--> paid, or failed where the bank account is one that fails
pending --cancel--> canceled       paid --reverse--> a payout of the other sign
A cancelled or failed payout writes a second row that brings the money back.
"""

from typing import Any, Final

from paydesk.server.sandbox import automatic_payouts, connect, ledger, lists
from paydesk.server.sandbox.bank_accounts import FAILURES
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing
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
from paydesk.server.sandbox.payout_schedule import business_days_after
from paydesk.server.sandbox.resources import external_accounts
from paydesk.server.sandbox.resources.account import own_account
from paydesk.server.sandbox.routes import Resource

ARRIVES_AFTER_DAYS: Final = 2
INSTANT_FEE_BASIS_POINTS: Final = 100

PAYOUT: Final = Kind(
    name="payout",
    prefix="po_",
    param="payout",
    indexed=("status", "destination", "currency"),
    expands=(
        "balance_transaction",
        "destination",
        "failure_balance_transaction",
        "original_payout",
        "reversed_by",
        "application_fee",
    ),
)

_CREATE: Final = {
    "amount": required(integer(1)),
    "currency": required(currency()),
    "description": text(),
    "destination": text(),
    "metadata": metadata(),
    "method": choice("instant", "standard"),
    "source_type": choice("bank_account", "card", "fpx"),
    "statement_descriptor": text(22),
    **unserved("payout_method"),
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
        "arrival_date": business_days_after(created, ARRIVES_AFTER_DAYS),
        "automatic": automatic,
        "balance_transaction": None,
        "created": created,
        "currency": code,
        "description": "STRIPE PAYOUT" if automatic else None,
        "destination": None,
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
    """Pay out from what is available; StripeError where that is too little, or nothing can take it."""
    sent = call.params
    if not own_account(call)["payouts_enabled"]:
        raise StripeError(
            "Cannot create payouts: this account has requirements that need to be collected.",
            code="payouts_not_allowed",
        )
    available, _pending = call.store.totals(call.account, call.now).get(sent["currency"], (0, 0))
    # All money here comes from cards: the balances of other sources are empty.
    source = sent.get("source_type", "card")
    fee = _instant_fee(sent["amount"]) if sent.get("method") == "instant" else 0
    if sent["amount"] + fee > available or source != "card":
        raise StripeError(
            f"You have insufficient funds in your Stripe account for this transfer. Your {source} balance is too low. "
            "You can use the /v1/balance endpoint to view your Stripe balance (for more details, see "
            "stripe.com/docs/api#balance).",
            code="balance_insufficient",
        )
    external = _destination(call, sent)
    payout = payout_object(call.new_id("po_1", 23), call.now, sent["amount"], sent["currency"], automatic=False)
    payout.update(destination=external["id"], type=external["object"])
    for name in ("description", "method", "source_type", "statement_descriptor"):
        if name in sent:
            payout[name] = sent[name]
    payout["metadata"] = merged_metadata({}, sent.get("metadata", {}))
    if payout["method"] == "instant":
        payout["arrival_date"] = call.now
    return _send(call, payout)


def _destination(call: Call, sent: dict[str, Any]) -> Object:
    code = sent["currency"]
    if "destination" in sent:
        every = external_accounts.of(call)
        external = next((one for one in every if one["id"] == sent["destination"]), None)
        if external is None:
            raise missing("external account", sent["destination"], "destination", status=400)
        if external["currency"] != code:
            raise StripeError(
                f"The currency of the destination ({external['currency']}) is not that of the payout ({code}).",
                param="destination",
            )
    else:
        external = external_accounts.destination_for(call, code)
    if external is None:
        raise StripeError(f"Sorry, you don't have any external accounts in that currency ({code}).")
    if sent.get("method") == "instant" and "instant" not in external["available_payout_methods"]:
        raise StripeError(
            "Payouts to this external account cannot be made with the `instant` method.",
            code="instant_payouts_unsupported",
            param="method",
        )
    return external


def _send(call: Call, payout: Object) -> Object:
    """Book a payout and put it on its way."""
    payout["balance_transaction"] = _book(call, payout, "payout", -payout["amount"])
    call.create(payout, emits="payout.created")
    if payout["method"] != "instant":
        call.later(ledger.settles_at(call.now, 1), "payout.submit", payout=payout["id"])
    call.later(payout["arrival_date"], "payout.arrive", payout=payout["id"])
    return payout


def _instant_fee(amount_minor: int) -> int:
    return amount_minor * INSTANT_FEE_BASIS_POINTS // 10_000


_DESCRIPTIONS: Final = {
    "payout": "STRIPE PAYOUT",
    "payout_cancel": "STRIPE PAYOUT CANCELED",
    "payout_failure": "STRIPE PAYOUT FAILURE",
}


def _book(call: Call, payout: Object, entry_type: str, amount_minor: int) -> str:
    is_charged = amount_minor < 0 and payout["method"] == "instant"
    entry = ledger.Entry(
        entry_type,
        amount_minor,
        payout["currency"],
        payout["id"],
        _DESCRIPTIONS[entry_type],
        fee=_instant_fee(-amount_minor) if is_charged else 0,
        fee_description="Instant payout fee",
        category="payout" if entry_type == "payout" else "payout_reversal",
        is_immediate=True,
    )
    identifier: str = ledger.add(call, entry)["id"]
    return identifier


@resource.action("payouts.make")
def make_automatic(call: Call) -> None:
    """A day of payouts: for each currency one payout of everything that is available, if that is more than nothing."""
    if not automatic_payouts.is_due(call):
        return
    account = own_account(call)
    if account["payouts_enabled"]:
        for code in sorted(call.store.totals(call.account, call.now)):
            external = external_accounts.default_for(call, code)
            if external and external["status"] != "errored":
                _pay_out(call, account, external, code)
    automatic_payouts.rest(call)


def _pay_out(call: Call, account: Object, external: Object, code: str) -> None:
    entries = automatic_payouts.available_entries(call, code)
    kept = (account.get("_minimum_balances") or {}).get(code, 0)
    total = sum(entry["net"] for entry in entries) - kept
    if total <= 0:
        return
    payout = payout_object(call.new_id("po_1", 23), call.now, total, code, automatic=True)
    payout.update(destination=external["id"], type=external["object"])
    payout["statement_descriptor"] = account["settings"]["payouts"]["statement_descriptor"]
    if kept:
        entries.append(_hold(call, payout, "payout_minimum_balance_hold", -kept))
        _hold(call, payout, "payout_minimum_balance_release", kept)
    _send(call, payout)
    entries.append(call.get("balance_transaction", payout["balance_transaction"]))
    for entry in entries:
        entry["_payout"] = payout["id"]
        call.save(entry)


def _hold(call: Call, payout: Object, entry_type: str, amount_minor: int) -> Object:
    """The balance that is to be left: taken out of this payout, and open for the next."""
    words = "Minimum balance"
    return ledger.add(
        call,
        ledger.Entry(entry_type, amount_minor, payout["currency"], payout["id"], words, is_immediate=True),
    )


@resource.action("payout.submit")
def submit(call: Call, payout: str) -> None:
    """The payout goes to the bank; what it is made of is known now."""
    found = call.get("payout", payout)
    if found["status"] != "pending":
        return
    found["status"] = "in_transit"
    if found["automatic"]:
        found["reconciliation_status"] = "completed"
    call.save(found, emits="payout.updated")
    if found["automatic"]:
        call.emit("payout.reconciliation_completed", found)


@resource.action("payout.arrive")
def arrive(call: Call, payout: str) -> None:
    """The bank has the money, or sends it back, unless the payout was cancelled before."""
    found = call.get("payout", payout)
    if found["status"] not in ("pending", "in_transit"):
        return
    external = call.find(found["type"], found["destination"])
    code = external.get("_fails_with") if external else None
    if code and found["amount"] > 0:
        _fail(call, found, code)
        return
    found["status"] = "paid"
    found["trace_id"] = {"status": "supported", "value": call.new_id("", 15).upper()}
    call.save(found)
    call.emit("payout.paid", found)


def _fail(call: Call, payout: Object, code: str) -> None:
    payout.update(
        status="failed",
        failure_balance_transaction=_book(call, payout, "payout_failure", payout["amount"]),
        failure_code=code,
        failure_message=FAILURES[code],
        trace_id={"status": "unsupported", "value": None},
    )
    call.save(payout)
    call.emit("payout.failed", payout)
    external = call.get(payout["type"], payout["destination"])
    if not external.get("deleted"):
        # Nothing more is sent there until its owner has changed it (docs.stripe.com/payouts#payout-failures).
        external["status"] = "errored"
        call.save(external, emits="account.external_account.updated")
        connect.refresh(call, own_account(call))


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
    back.update(original_payout=found["id"], destination=found["destination"], type=found["type"])
    back["metadata"] = merged_metadata({}, call.params.get("metadata", {}))
    back["balance_transaction"] = _book(call, back, "payout", found["amount"])
    found["reversed_by"] = back["id"]
    call.create(back, emits="payout.created")
    call.save(found, emits="payout.updated")
    call.later(back["arrival_date"], "payout.arrive", payout=back["id"])
    return back
