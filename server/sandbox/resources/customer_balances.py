"""The customer's balance, as a list of its movements; adjusted by hand here, by invoices in collecting.py."""

from typing import Final

from paydesk.server.sandbox import customer_credit, lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.params import (
    LISTING,
    clearable,
    currency,
    integer,
    merged_metadata,
    metadata,
    required,
    text,
)
from paydesk.server.sandbox.resources.customers import living
from paydesk.server.sandbox.routes import Resource

_SAID: Final = {"description": clearable(text(350)), "metadata": metadata()}
_CREATE: Final = {"amount": required(integer(-(10**12), 10**12)), "currency": required(currency()), **_SAID}

resource = Resource()


@resource.get("/v1/customers/{customer}/balance_transactions", {**LISTING, "invoice": text()})
def list_all(call: Call, customer: str) -> Answer:
    """Movements of one customer's balance, newest first."""
    living(call, customer)
    where = {"customer": customer, "invoice": call.params.get("invoice")}
    return lists.page(call, "customer_balance_transaction", where)


@resource.get("/v1/customers/{customer}/balance_transactions/{transaction}")
def retrieve(call: Call, customer: str, transaction: str) -> Answer:
    """One movement."""
    living(call, customer)
    return call.get("customer_balance_transaction", transaction)


@resource.post("/v1/customers/{customer}/balance_transactions", _CREATE)
def create(call: Call, customer: str) -> Answer:
    """Adjust the balance by hand; a negative amount is credit for the next invoice in that currency."""
    found = living(call, customer)
    sent = call.params
    if found["currency"] is None:
        found["currency"] = sent["currency"]
    return customer_credit.move(
        call,
        found,
        sent["amount"],
        "adjustment",
        None,
        currency=sent["currency"],
        description=sent.get("description"),
        metadata=merged_metadata({}, sent.get("metadata", {})),
    )


@resource.post("/v1/customers/{customer}/balance_transactions/{transaction}", _SAID)
def update(call: Call, customer: str, transaction: str) -> Answer:
    """Change what is said of a movement, never the movement."""
    living(call, customer)
    found = call.get("customer_balance_transaction", transaction)
    if "description" in call.params:
        found["description"] = call.params["description"]
    if "metadata" in call.params:
        found["metadata"] = merged_metadata(found["metadata"], call.params["metadata"])
    return call.save(found)
