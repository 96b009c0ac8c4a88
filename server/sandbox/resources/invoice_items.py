"""Invoice items: charges and credits that wait for the customer's next invoice.

An item without a price of its own gets an inline price and product, as at Stripe.
"""

from typing import Any, Final

from paydesk.server.sandbox import discounting, invoicing, lists, pending, taxing
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.item_pricing import MAX_AMOUNT, PRICED, TAXED, priced, repriced
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    LISTING,
    boolean,
    clearable,
    currency,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
    timestamp,
    unserved,
)
from paydesk.server.sandbox.routes import Resource

PERIOD: Final = mapping({"end": required(timestamp()), "start": required(timestamp())})
_FIELDS: Final = {
    **PRICED,
    "description": clearable(text()),
    "discountable": boolean(),
    "metadata": metadata(),
    "period": PERIOD,
    "discounts": discounting.DISCOUNTS,
    "tax_rates": taxing.RATES,
    **TAXED,
}
_CREATE: Final = {
    **_FIELDS,
    "currency": currency(),
    "customer": text(),
    "invoice": text(),
    "subscription": text(),
    **unserved("customer_account"),
}
_LIST: Final = {
    **LISTING,
    "customer": text(),
    "invoice": text(),
    "pending": boolean(),
    **unserved("customer_account"),
}

__all__ = ["MAX_AMOUNT", "PERIOD", "PRICED", "apply", "new_item", "priced", "resource"]

resource = Resource()


@resource.post("/v1/invoiceitems", _CREATE)
def create(call: Call) -> Answer:
    """A new item: pending, or on the draft that `invoice` names."""
    sent = call.params
    draft = _draft(call, sent["invoice"]) if "invoice" in sent else None
    if "customer" not in sent and draft is None:
        raise StripeError("Missing required param: customer.", code="parameter_missing", param="customer")
    customer = call.mention("customer", sent.get("customer") or (draft or {})["customer"], "customer")
    if draft and draft["customer"] != customer["id"]:
        raise StripeError(
            f"The invoice {draft['id']} does not belong to the customer {customer['id']}.", param="invoice"
        )
    body = priced(
        call,
        sent,
        sent.get("currency") or (draft and draft["currency"]) or customer["currency"] or call.store.settlement.currency,
    )
    if draft and draft["currency"] != body["currency"]:
        raise StripeError(
            f"The currency of the invoice item ({body['currency']}) must match the invoice's ({draft['currency']}).",
            param="currency",
        )
    if "subscription" in sent:
        body["parent"] = _subscription_parent(call, sent["subscription"], customer)
    item = new_item(call, customer["id"], body, sent)
    if draft:
        lines = pending.take(call, draft, [item])
        invoicing.set_lines(draft, lines + draft["lines"]["data"], customer)
        call.save(draft, emits="invoice.updated")
    return item


def new_item(call: Call, customer: str, body: Object, sent: dict[str, Any], prefix: str = "") -> Object:
    """Store a pending item of a priced `body` and of what else was sent (under `prefix`)."""
    # Off a credit nothing is taken (Stripe's OpenAPI: `discountable`).
    body["discountable"] = sent.get("discountable", body["amount"] >= 0)
    if "period" in sent:
        body["period"] = sent["period"]
    body["metadata"] = merged_metadata({}, sent.get("metadata", {}))
    identifier = call.new_id("ii_")
    holder = discounting.Holder(customer, "invoice_item", identifier, body["currency"], body["amount"])
    body["discounts"] = discounting.put(call, holder, sent.get("discounts"), param=f"{prefix}discounts")
    body["tax_rates"] = taxing.rates(call, sent.get("tax_rates"), f"{prefix}tax_rates")
    return pending.add(call, customer, {**body, "id": identifier})


def _draft(call: Call, invoice: str) -> Object:
    found = call.mention("invoice", invoice, "invoice")
    if found["status"] != "draft":
        raise StripeError("You can only add invoice items to draft invoices.", param="invoice")
    return found


def _subscription_parent(call: Call, subscription: str, customer: Object) -> Object:
    found = call.mention("subscription", subscription, "subscription")
    if found["customer"] != customer["id"]:
        raise StripeError(
            f"The subscription {subscription} does not belong to the customer {customer['id']}.", param="subscription"
        )
    return {"subscription_details": {"subscription": subscription}, "type": "subscription_details"}


@resource.get("/v1/invoiceitems", _LIST)
def list_all(call: Call) -> Answer:
    """Items, newest first, by customer, invoice, whether they are pending."""
    sent = call.params
    where = {"customer": sent.get("customer"), "invoice": sent.get("invoice"), "_pending": sent.get("pending")}
    return lists.page(call, "invoiceitem", where)


@resource.get("/v1/invoiceitems/{invoiceitem}")
def retrieve(call: Call, invoiceitem: str) -> Answer:
    """One item."""
    found = call.find("invoiceitem", invoiceitem)
    if found is None or found.get("deleted"):
        raise _no_such(invoiceitem)
    return found


@resource.post("/v1/invoiceitems/{invoiceitem}", _FIELDS)
def update(call: Call, invoiceitem: str) -> Answer:
    """Change an item that is pending or on a draft."""
    found = call.find("invoiceitem", invoiceitem)
    if found is None:
        raise _no_such(invoiceitem)
    if found.get("deleted"):
        raise StripeError("This invoice item has been deleted.")
    invoice = _editable(call, found)
    apply(call, found, call.params)
    if invoice:
        line = next(one for one in invoice["lines"]["data"] if pending.item_of(one) == invoiceitem)
        pending.mirror(found, line)
        invoicing.carry(call, invoice, line, found)
        customer = call.get("customer", invoice["customer"])
        invoicing.set_lines(invoice, invoice["lines"]["data"], customer)
        call.save(invoice, emits="invoice.updated")
    return call.save(found)


def _editable(call: Call, item: Object) -> Object | None:
    """The draft that the item is on, or None for a pending one; StripeError for a finalized invoice's."""
    if item["invoice"] is None:
        return None
    invoice = call.get("invoice", item["invoice"])
    if invoice["status"] != "draft":
        raise StripeError("Can't edit an invoice item that is attached to an invoice that is no longer editable")
    return invoice


def apply(call: Call, item: Object, sent: dict[str, Any]) -> None:
    """Put what was sent into an item; a new amount gives another price of the same product."""
    changed = set(sent) & set(PRICED)
    if changed and item["proration"]:
        raise StripeError("You cannot change what a proration costs.", param=min(changed))
    item.update(repriced(call, item, sent))
    for name in ("description", "discountable", "period"):
        if name in sent:
            item[name] = sent[name]
    if "metadata" in sent:
        item["metadata"] = merged_metadata(item["metadata"], sent["metadata"])
    if "discounts" in sent:
        holder = discounting.Holder(item["customer"], "invoice_item", item["id"], item["currency"], item["amount"])
        item["discounts"] = discounting.put(call, holder, sent["discounts"], item["discounts"], param="discounts")
    if "tax_rates" in sent:
        item["tax_rates"] = taxing.rates(call, sent["tax_rates"], "tax_rates")
    item["net_amount"] = item["amount"]


@resource.delete("/v1/invoiceitems/{invoiceitem}")
def delete(call: Call, invoiceitem: str) -> Answer:
    """Delete an item that is pending or on a draft."""
    found = call.find("invoiceitem", invoiceitem)
    if found is None or (found.get("deleted") and not found.get("_with_invoice")):
        raise _no_such(invoiceitem)
    fixed = "Can't delete an invoice item that is attached to an invoice that is no longer editable"
    if found.get("deleted"):
        raise StripeError(fixed)
    if found["invoice"]:
        invoice = call.get("invoice", found["invoice"])
        if invoice["status"] != "draft":
            raise StripeError(fixed)
        customer = call.get("customer", invoice["customer"])
        left = [line for line in invoice["lines"]["data"] if pending.item_of(line) != invoiceitem]
        invoicing.set_lines(invoice, left, customer)
        call.save(invoice, emits="invoice.updated")
    return pending.drop(call, found)


def _no_such(invoiceitem: str) -> StripeError:
    return StripeError(
        f"No such Invoice Item: '{invoiceitem}'(livemode=false)", status=404, code="resource_missing", param="id"
    )
