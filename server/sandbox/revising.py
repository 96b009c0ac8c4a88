"""Revisions: an open invoice made anew as a draft, which takes its place once it is finalized."""

from paydesk.server.sandbox import invoicing, pending
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object

_KEPT = (
    *("account_tax_ids", "custom_fields", "default_payment_method", "default_tax_rates", "description", "footer"),
    *("payment_settings", "rendering", "shipping_details", "statement_descriptor"),
)
_OF_LINE = ("amount", "currency", "description", "discountable", "pricing", "quantity")


def original(call: Call, identifier: str) -> Object:
    """The invoice that is to be revised; StripeError for one that is not open, or is revised already."""
    found = call.mention("invoice", identifier, "from_invoice[invoice]")
    if found["status"] != "open":
        raise StripeError("You can only revise open invoices. This invoice isn't open.", param="from_invoice[invoice]")
    if found["latest_revision"]:
        raise StripeError(
            f"This invoice was revised already: {found['latest_revision']}.", param="from_invoice[invoice]"
        )
    return found


def draft(call: Call, of: Object, customer: Object) -> tuple[Object, list[Object]]:
    """A draft like the original, and its lines; neither is stored yet, but the items that stand behind the lines."""
    terms = invoicing.Terms(
        collection_method=of["collection_method"],
        due_date=of["due_date"] if (of["due_date"] or 0) > call.now else None,
        fields={**{name: of[name] for name in _KEPT}, "metadata": dict(of["metadata"])},
    )
    invoice = invoicing.draft(call, customer, of["currency"], terms)
    invoice["from_invoice"] = {"action": "revision", "invoice": of["id"]}
    invoicing.set_discounts(call, invoice, list(of["discounts"]))
    items = [_item(call, of, line) for line in of["lines"]["data"]]
    return invoice, pending.take(call, invoice, items)


def _item(call: Call, of: Object, line: Object) -> Object:
    body = {name: line[name] for name in _OF_LINE}
    rates = of.get("_rates", {}).get(line["id"], [])
    more = {
        "discounts": list(line["discounts"]),
        "metadata": dict(line["metadata"]),
        "period": dict(line["period"]),
        "tax_rates": [dict(rate) for rate in rates],
    }
    return pending.add(call, of["customer"], {**body, **more})
