"""Top-ups: money from the platform's own bank to its balance (https://docs.stripe.com/api/topups).

pending --some days--> succeeded, or failed;  pending --cancel--> canceled
The ready-made sources are test mode's: `btok_us_verified` pays, `btok_us_verified_noAccount` and its like fail.
"""

from typing import Any, Final

from paydesk.server.sandbox import connect, ledger, lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.params import (
    LISTING,
    amounts,
    choice,
    currency,
    integer,
    merged_metadata,
    metadata,
    required,
    text,
    unserved,
)
from paydesk.server.sandbox.payout_schedule import business_days_after
from paydesk.server.sandbox.routes import Resource

ARRIVES_AFTER_DAYS: Final = 4

TOPUP: Final = Kind(
    name="topup",
    prefix="tu_",
    called="top-up",
    param="topup",
    indexed=("status",),
    expands=(
        "balance_transaction",
        "payment_method",
    ),
    shows=lambda _call, body: visible(body),
)

_CREATE: Final = {
    "amount": required(integer(1)),
    "currency": required(currency()),
    "description": text(),
    "metadata": metadata(),
    "source": text(),
    "statement_descriptor": text(15),
    "transfer_group": text(),
    **unserved("payment_method", "payment_method_options"),
}
# A source that ends so fails so (https://docs.stripe.com/connect/top-ups#testing).
_FAILS: Final = {
    "insufficientFunds": ("insufficient_funds", "There are insufficient funds in the bank account."),
    "noAccount": ("no_account", "The bank account could not be found."),
    "accountClosed": ("account_closed", "The bank account has been closed."),
    "debitNotAuthorized": ("debit_not_authorized", "Debit transactions are not approved on the bank account."),
    "invalidCurrency": ("invalid_currency", "The bank account cannot be debited in this currency."),
}

resource = Resource()


def topup_object(call: Call, sent: dict[str, Any]) -> Object:
    """A top-up on its way."""
    return {
        "id": call.new_id("tu_1", 23),
        "object": "topup",
        "amount": sent["amount"],
        "balance_transaction": None,
        "created": call.now,
        "currency": sent["currency"],
        "description": sent.get("description"),
        "expected_availability_date": business_days_after(call.now, ARRIVES_AFTER_DAYS),
        "failure_code": None,
        "failure_message": None,
        "initiated_by": "user",
        "livemode": False,
        "metadata": merged_metadata({}, sent.get("metadata") or {}),
        "payment_method": None,
        "payment_method_options": None,
        "source": _source(call, sent),
        "statement_descriptor": sent.get("statement_descriptor"),
        "status": "pending",
        "transfer_group": sent.get("transfer_group"),
    }


def _source(call: Call, sent: dict[str, Any]) -> Object:
    identifier = call.new_id("src_1", 23)
    nobody = dict.fromkeys(("address", "email", "name", "phone", "verified_address", "verified_email", "verified_name"))
    return {
        "id": identifier,
        "object": "source",
        "ach_debit": {
            "bank_name": "STRIPE TEST BANK",
            "country": "US",
            "fingerprint": "paydesk0sandbox1",
            "last4": "6789",
            "routing_number": "110000000",
            "type": "individual",
        },
        "amount": None,
        "client_secret": f"{identifier.replace('src_', 'src_client_secret_', 1)}",
        "created": call.now,
        "currency": sent["currency"],
        "flow": "code_verification",
        "livemode": False,
        "metadata": {},
        "owner": {**nobody, "verified_phone": None},
        "statement_descriptor": None,
        "status": "chargeable",
        "type": "ach_debit",
        "usage": "reusable",
    }


@resource.post("/v1/topups", _CREATE)
def create(call: Call) -> Answer:
    """Fetch money from the bank; it is there some days of business later."""
    sent = call.params
    if call.account != connect.platform_of(call):
        raise StripeError("Top-ups can only be made by a platform.", status=403)
    topup = topup_object(call, sent)
    ending = sent.get("source", "").rpartition("_")[2]
    topup["_fails"] = ending if ending in _FAILS else None
    entry = ledger.Entry(
        "topup",
        topup["amount"],
        topup["currency"],
        topup["id"],
        topup["description"],
        available_on=topup["expected_availability_date"],
    )
    topup["balance_transaction"] = ledger.add(call, entry)["id"]
    call.create(topup, emits="topup.created")
    call.later(topup["expected_availability_date"], "topup.arrive", topup=topup["id"])
    return topup


@resource.action("topup.arrive")
def arrive(call: Call, topup: str) -> None:
    """The bank has paid, or has not."""
    found = call.get("topup", topup)
    if found["status"] != "pending":
        return
    if found["_fails"]:
        found["failure_code"], found["failure_message"] = _FAILS[found["_fails"]]
        _undo(call, found, "failed")
        return
    found["status"] = "succeeded"
    call.save(found)
    call.emit("topup.succeeded", found)


def _undo(call: Call, topup: Object, status: str) -> None:
    booked = call.get("balance_transaction", topup["balance_transaction"])
    entry = ledger.Entry(
        "topup_reversal",
        -topup["amount"],
        topup["currency"],
        topup["id"],
        f"Top-up {status}",
        available_on=booked["available_on"],
    )
    ledger.add(call, entry)
    topup["status"] = status
    call.save(topup)
    call.emit(f"topup.{status}", topup)


@resource.get(
    "/v1/topups",
    {**LISTING, "amount": amounts(), "status": choice("canceled", "failed", "pending", "succeeded")},
)
def list_all(call: Call) -> Answer:
    """Top-ups, newest first, by status and amount."""
    amount = call.params.get("amount")
    since, until = lists.bounds(amount)
    matching = ("json_extract(o.body, '$.amount') BETWEEN ? AND ?", [since, until])
    where = {"status": call.params.get("status")}
    return lists.page(call, "topup", where, matching=matching if amount is not None else None)


@resource.get("/v1/topups/{topup}")
def retrieve(call: Call, topup: str) -> Answer:
    """One top-up."""
    return call.get("topup", topup)


@resource.post("/v1/topups/{topup}", {"description": text(), "metadata": metadata()})
def update(call: Call, topup: str) -> Answer:
    """Change what is said of a top-up."""
    found = call.get("topup", topup)
    if "description" in call.params:
        found["description"] = call.params["description"]
    if "metadata" in call.params:
        found["metadata"] = merged_metadata(found["metadata"], call.params["metadata"])
    return call.save(found)


@resource.post("/v1/topups/{topup}/cancel")
def cancel(call: Call, topup: str) -> Answer:
    """Call a top-up off before the bank has paid."""
    found = call.get("topup", topup)
    if found["status"] != "pending":
        raise StripeError(f"You cannot cancel a top-up that is {found['status']}.")
    _undo(call, found, "canceled")
    return found
