"""Invoice items as objects: what waits for a customer's next invoice, and how it becomes lines of one.

Items are stored with `created`, which Stripe's do not show (they have `date`), and with a note whether they wait.
"""

from typing import Any, Final

from paydesk.server.sandbox import invoicing
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Kind, Object


def shown(_call: Call, item: Object) -> Object:
    """As Stripe shows it, without `created` and notes."""
    for name in ("created", "_pending"):
        item.pop(name, None)
    return item


INVOICE_ITEM: Final = Kind(
    name="invoiceitem",
    prefix="ii_",
    called="Invoice Item",
    indexed=("customer", "invoice", "_pending"),
    expands=(
        "customer",
        "invoice",
        "discounts",
        "pricing.price_details.price",
        *(
            "proration_details.discount_amounts.discount",
            "test_clock",
        ),
    ),
    shows=shown,
)


def item_object(identifier: str, now: int, customer: str, currency_code: str, body: Object) -> Object:
    """A pending item; `body` holds amount, pricing, quantity, description and what else differs from the blank."""
    item: Object = {
        "id": identifier,
        "object": "invoiceitem",
        "created": now,
        "currency": currency_code,
        "customer": customer,
        "customer_account": None,
        "date": now,
        "description": None,
        "discountable": True,
        "discounts": [],
        "frozen_fields": [],
        "invoice": None,
        "invoicing_rules": [],
        "livemode": False,
        "metadata": {},
        "net_amount": body["amount"],
        "parent": None,
        "period": {"end": now, "start": now},
        "proration": False,
        "quantity_decimal": str(body["quantity"]),
        "tax_rates": [],
        "test_clock": None,
        **body,
    }
    item["_pending"] = item["invoice"] is None
    return item


def add(call: Call, customer: str, body: Object) -> Object:
    """Store a pending item of `body` (with its currency)."""
    item = item_object(call.new_id("ii_"), call.now, customer, body["currency"], body)
    call.create(item)
    call.emit("invoiceitem.created", shown(call, dict(item)))
    return item


def drop(call: Call, item: Object) -> Object:
    """Delete an item; the event shows it as it was."""
    call.emit("invoiceitem.deleted", shown(call, dict(item)))
    return call.delete(item)


def go_with(call: Call, invoice: Object) -> None:
    """A draft is deleted: its items go with it and do not become pending again (recorded: 13_invoices)."""
    for item in call.every("invoiceitem", {"invoice": invoice["id"]}):
        stub = drop(call, item)
        call.save({**stub, "_with_invoice": True})


def waiting(call: Call, customer: str) -> list[Object]:
    """The customer's pending items, newest first."""
    return call.every("invoiceitem", {"customer": customer, "_pending": True})


def due(call: Call, customer: Object, currency_code: str, subscription: Object | None) -> list[Object]:
    """The pending items that an invoice takes: of its currency, and of its subscription or of none."""
    wanted = (None, subscription["id"]) if subscription else (None,)
    return [
        item
        for item in waiting(call, customer["id"])
        if item["currency"] == currency_code and subscription_of(item) in wanted
    ]


def subscription_of(item: Object) -> str | None:
    """The subscription that an item belongs to."""
    parent = item["parent"]
    return parent["subscription_details"]["subscription"] if parent else None


def take(call: Call, invoice: Object, items: list[Object]) -> list[Object]:
    """Put items on an invoice: its lines, in the order given."""
    for item in items:
        item.update(invoice=invoice["id"], _pending=False)
        call.save(item)
    return [line_of(call, invoice, item) for item in items]


def line_of(call: Call, invoice: Object, item: Object) -> Object:
    """The line that an item is, or would be, on an invoice."""
    line = invoicing.line_object(call.new_id("il_"), invoice["id"], {"amount": 0, "quantity": 1})
    mirror(item, line)
    invoicing.carry(call, invoice, line, item)
    line["parent"] = _line_parent(item)
    return line


def mirror(item: Object, line: Object) -> None:
    """Make a line say what its item says."""
    for name in ("amount", "currency", "description", "discountable", "pricing", "quantity", "quantity_decimal"):
        line[name] = item[name]
    line["period"] = dict(item["period"])
    line["metadata"] = dict(item["metadata"])
    line["subtotal"] = item["amount"]


def _line_parent(item: Object) -> Object:
    details = item["parent"]["subscription_details"] if item["parent"] else {}
    if item["proration"] and "subscription_item" in details:
        credited = item["proration_details"]["credited_items"]
        return {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": item["id"],
                "proration": True,
                "proration_details": {"credited_items": credited and credited.get("invoice_line_item_details")},
                "subscription": details["subscription"],
                "subscription_item": details["subscription_item"],
            },
            "type": "subscription_item_details",
        }
    return {
        "invoice_item_details": {
            "invoice_item": item["id"],
            "proration": item["proration"],
            "proration_details": {"credited_items": None},
            "subscription": details.get("subscription"),
        },
        "subscription_item_details": None,
        "type": "invoice_item_details",
    }


def item_of(line: Object) -> Any:
    """The item behind a line."""
    parent = line["parent"]
    details = parent["invoice_item_details"] or parent["subscription_item_details"]
    return details["invoice_item"]
