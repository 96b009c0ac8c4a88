"""The customer's balance with us: what invoices leave there and take from it. Negative is credit."""

from typing import Final

from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Kind, Object

CUSTOMER_BALANCE_TRANSACTION: Final = Kind(
    name="customer_balance_transaction",
    prefix="cbtxn_",
    called="customer balance transaction",
    param="transaction",
    indexed=("customer", "invoice"),
    expands=(
        "customer",
        "invoice",
        "credit_note",
        "checkout_session",
    ),
)


def move(
    call: Call,
    customer: Object,
    amount_minor: int,
    type_: str,
    invoice: Object | None,
    *,
    currency: str = "",
    description: str | None = None,
    metadata: dict[str, str] | None = None,
) -> Object:
    """Change a customer's balance by a signed amount and record why; the transaction."""
    customer["balance"] += amount_minor
    call.save(customer, emits="customer.updated")
    entry: Object = {
        "id": call.new_id("cbtxn_"),
        "object": "customer_balance_transaction",
        "amount": amount_minor,
        "checkout_session": None,
        "created": call.now,
        "credit_note": None,
        "currency": invoice["currency"] if invoice else currency,
        "customer": customer["id"],
        "customer_account": None,
        "description": description,
        "ending_balance": customer["balance"],
        "invoice": invoice["id"] if invoice else None,
        "livemode": False,
        "metadata": metadata or {},
        "type": type_,
    }
    return call.create(entry)
