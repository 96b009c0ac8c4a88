"""The customer's balances with us: what invoices leave there and take from them. Negative is credit.

`balance` is in the customer's own currency. Others stand in `invoice_credit_balance`, where positive is credit
(https://docs.stripe.com/api/customers/object), which is shown once there is one. Each goes to invoices of its currency.
"""

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


def balance_of(customer: Object, currency: str) -> int:
    """What the customer owes in a currency besides invoices, in minor units. Of a deleted one there is only a stub."""
    if customer.get("currency") in (None, currency):
        return int(customer.get("balance", 0))
    return -int(customer.get("invoice_credit_balance", {}).get(currency, 0))


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
    """Change the customer's balance in a currency by a signed amount and record why; the transaction."""
    code = invoice["currency"] if invoice else currency
    if customer["currency"] in (None, code):
        customer["balance"] += amount_minor
    else:
        others = customer.get("invoice_credit_balance", {})
        customer["invoice_credit_balance"] = {**others, code: others.get(code, 0) - amount_minor}
    call.save(customer, emits="customer.updated")
    entry: Object = {
        "id": call.new_id("cbtxn_"),
        "object": "customer_balance_transaction",
        "amount": amount_minor,
        "checkout_session": None,
        "created": call.now,
        "credit_note": None,
        "currency": code,
        "customer": customer["id"],
        "customer_account": None,
        "description": description,
        "ending_balance": balance_of(customer, code),
        "invoice": invoice["id"] if invoice else None,
        "livemode": False,
        "metadata": metadata or {},
        "type": type_,
    }
    return call.create(entry)
