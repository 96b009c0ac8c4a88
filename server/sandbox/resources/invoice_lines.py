"""Lines of an invoice: list them; add, change and remove those of a draft. Each stands for an invoice item."""

from typing import Any, Final

from paydesk.server.sandbox import discounting, invoicing, item_pricing, pending, taxing
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.lists import DEFAULT_LIMIT
from paydesk.server.sandbox.params import (
    LISTING,
    boolean,
    choice,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
    unserved,
)
from paydesk.server.sandbox.resources import invoice_items
from paydesk.server.sandbox.resources.invoices import living
from paydesk.server.sandbox.routes import Resource

_LINE: Final = {
    **item_pricing.LINE_PRICED,
    "description": text(),
    "discountable": boolean(),
    "metadata": metadata(),
    "period": invoice_items.PERIOD,
    "discounts": discounting.DISCOUNTS,
    "tax_rates": taxing.RATES,
    **unserved("tax_amounts"),
}
_MANY: Final = {"invoice_metadata": metadata()}
_ADD: Final = {**_MANY, "lines": required(list_of(mapping({**_LINE, "invoice_item": text()})))}
_UPDATE: Final = {**_MANY, "lines": required(list_of(mapping({**_LINE, "id": required(text())})))}
_REMOVE: Final = {
    **_MANY,
    "lines": required(list_of(mapping({"behavior": required(choice("delete", "unassign")), "id": required(text())}))),
}
_LIST: Final = {name: param for name, param in LISTING.items() if name != "created"}

resource = Resource()


@resource.get("/v1/invoices/{invoice}/lines", _LIST)
def list_all(call: Call, invoice: str) -> Answer:
    """The lines of an invoice in its own order, page by page."""
    return page_of(call, living(call, invoice, "invoice")["lines"]["data"], "invoice line item")


def page_of(call: Call, lines: list[Object], called: str) -> Object:
    """The page that the call's parameters ask for of lines that stand inside an object, in their own order."""
    sent = call.params
    if "starting_after" in sent and "ending_before" in sent:
        raise StripeError("Received both starting_after and ending_before parameters. Please pass in only one.")
    limit = sent.get("limit", DEFAULT_LIMIT)
    places = {line["id"]: place for place, line in enumerate(lines)}
    for cursor in ("starting_after", "ending_before"):
        if cursor in sent and sent[cursor] not in places:
            raise missing(called, sent[cursor], cursor, status=400)
    if "ending_before" in sent:
        before = lines[: places[sent["ending_before"]]]
        chosen, has_more = before[-limit:], len(before) > limit
    else:
        after = lines[places[sent["starting_after"]] + 1 :] if "starting_after" in sent else lines
        chosen, has_more = after[:limit], len(after) > limit
    return {"object": "list", "data": chosen, "has_more": has_more, "url": call.path}


@resource.post("/v1/invoices/{invoice}/lines/{line_item_id}", _LINE)
def update_one(call: Call, invoice: str, line_item_id: str) -> Answer:
    """Change one line of a draft."""
    draft = _draft(call, invoice)
    line = _change(call, draft, line_item_id, call.params)
    _save(call, draft, draft["lines"]["data"])
    return line


@resource.post("/v1/invoices/{invoice}/add_lines", _ADD)
def add(call: Call, invoice: str) -> Answer:
    """Put further lines on a draft: new ones, or pending items."""
    draft = _draft(call, invoice)
    items = [_item(call, draft, sent, index) for index, sent in enumerate(call.params["lines"])]
    return _save(call, draft, pending.take(call, draft, items) + draft["lines"]["data"])


def _item(call: Call, draft: Object, sent: dict[str, Any], index: int) -> Object:
    param = f"lines[{index}][invoice_item]"
    if "invoice_item" in sent:
        item = call.mention("invoiceitem", sent["invoice_item"], param)
        if item["invoice"] is not None or item["customer"] != draft["customer"]:
            raise StripeError(f"The invoice item {item['id']} is not pending for this customer.", param=param)
        return item
    body = item_pricing.priced(call, sent, draft["currency"], prefix=f"lines[{index}]")
    if body["currency"] != draft["currency"]:
        raise StripeError(f"The currency of this invoice is {draft['currency']}.", param=f"lines[{index}][price_data]")
    return invoice_items.new_item(call, draft["customer"], body, sent, f"lines[{index}]")


@resource.post("/v1/invoices/{invoice}/update_lines", _UPDATE)
def update_many(call: Call, invoice: str) -> Answer:
    """Change several lines of a draft."""
    draft = _draft(call, invoice)
    for sent in call.params["lines"]:
        _change(call, draft, sent["id"], sent)
    return _save(call, draft, draft["lines"]["data"])


@resource.post("/v1/invoices/{invoice}/remove_lines", _REMOVE)
def remove(call: Call, invoice: str) -> Answer:
    """Take lines off a draft; their items are deleted, or pending again (`unassign`)."""
    draft = _draft(call, invoice)
    left = draft["lines"]["data"]
    for sent in call.params["lines"]:
        line = _line(draft, sent["id"])
        item = _item_behind(call, line)
        left = [one for one in left if one["id"] != line["id"]]
        if sent["behavior"] == "delete":
            pending.drop(call, item)
        else:
            item.update(invoice=None, _pending=True)
            call.save(item)
    return _save(call, draft, left)


def _draft(call: Call, invoice: str) -> Object:
    found = living(call, invoice, "invoice")
    if found["status"] != "draft":
        raise StripeError("Finalized invoices can't be updated in this way", param="invoice")
    return found


def _line(draft: Object, line: str) -> Object:
    for one in draft["lines"]["data"]:
        if one["id"] == line:
            found: Object = one
            return found
    raise missing("invoice line item", line, "line_item_id")


def _item_behind(call: Call, line: Object) -> Object:
    item = pending.item_of(line)
    if item is None:
        raise StripeError("The lines of a subscription change with the subscription, not on its invoice.")
    return call.get("invoiceitem", item)


def _change(call: Call, draft: Object, line: str, sent: dict[str, Any]) -> Object:
    found = _line(draft, line)
    item = _item_behind(call, found)
    invoice_items.apply(call, item, sent)
    call.save(item)
    pending.mirror(item, found)
    invoicing.carry(call, draft, found, item)
    return found


def _save(call: Call, draft: Object, lines: list[Object]) -> Object:
    if "invoice_metadata" in call.params:
        draft["metadata"] = merged_metadata(draft["metadata"], call.params["invoice_metadata"])
    customer = call.get("customer", draft["customer"], param="customer")
    invoicing.set_lines(draft, lines, customer)
    return call.save(draft, emits="invoice.updated")
