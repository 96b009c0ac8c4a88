"""Credit notes: lower an invoice that is finalized. Create, preview, retrieve, update, void, list; their lines."""

from collections.abc import Mapping
from typing import Any, Final

from paydesk.server.sandbox import crediting, customer_credit, lists, money, receiving, taxing
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    LISTING,
    amount,
    choice,
    clearable,
    decimal,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
    timestamp,
    unserved,
)
from paydesk.server.sandbox.resources import refunds
from paydesk.server.sandbox.resources.invoice_lines import page_of
from paydesk.server.sandbox.routes import Resource

_LINE: Final = mapping(
    {
        "amount": integer(1),
        "description": text(),
        "invoice_line_item": text(),
        "metadata": metadata(),
        "quantity": integer(1),
        "tax_rates": taxing.RATES,
        "type": required(choice("custom_line_item", "invoice_line_item")),
        "unit_amount": amount(),
        "unit_amount_decimal": decimal(minimum="0"),
        **unserved("tax_amounts"),
    }
)
_REFUND: Final = mapping(
    {
        "amount_refunded": integer(1),
        "refund": text(),
        "type": choice("payment_record_refund", "refund"),
        **unserved("payment_record_refund"),
    }
)
_CREATE: Final = {
    "amount": integer(1),
    "credit_amount": amount(),
    "effective_at": timestamp(),
    "email_type": choice("credit_note", "none"),
    "invoice": required(text()),
    "lines": list_of(_LINE),
    "memo": text(),
    "metadata": metadata(),
    "out_of_band_amount": amount(),
    "reason": choice("duplicate", "fraudulent", "order_change", "product_unsatisfactory"),
    "refund_amount": amount(),
    "refunds": list_of(_REFUND),
    **unserved("shipping_cost"),
}
_UPDATE: Final = {"memo": clearable(text()), "metadata": metadata()}
_LIST: Final = {**LISTING, "customer": text(), "invoice": text(), **unserved("customer_account")}
_LINES: Final = {name: param for name, param in LISTING.items() if name != "created"}
# A refund knows fewer reasons than a credit note.
_REFUND_REASONS: Final = ("duplicate", "fraudulent")

resource = Resource()


@resource.post("/v1/credit_notes", _CREATE)
def create(call: Call) -> Answer:
    """Lower what an open invoice asks for; of a paid one give back what is said, in the ways that are said."""
    sent = call.params
    invoice = call.mention("invoice", sent["invoice"], "invoice")
    note = _checked(call, invoice, sent)
    customer = call.find("customer", invoice["customer"])
    for one in sent.get("refunds", []):
        _link(call, note, one)
    if sent.get("refund_amount"):
        _refund(call, invoice, note, sent["refund_amount"])
    if sent.get("credit_amount") and customer and not customer.get("deleted"):
        entry = customer_credit.move(call, customer, -sent["credit_amount"], "credit_note", invoice)
        entry["credit_note"] = note["id"]
        note["customer_balance_transaction"] = call.save(entry)["id"]
    note["metadata"] = merged_metadata({}, sent.get("metadata", {}))
    call.create(note, emits="credit_note.created")
    invoice["post_payment_credit_notes_amount"] += note["post_payment_amount"]
    if note["pre_payment_amount"]:
        receiving.lower(call, invoice, note["pre_payment_amount"])
    else:
        call.save(invoice, emits="invoice.updated")
    return note


def _checked(call: Call, invoice: Object, sent: Mapping[str, Any]) -> Object:
    """The credit note as it would be; StripeError where its money does not add up."""
    note = crediting.draft(call, invoice, sent)
    linked = [_amount_of(call, one, index) for index, one in enumerate(sent.get("refunds", []))]
    left = creditable(call, invoice, linked=sum(linked))
    if note["total"] > left:
        raise crediting.too_much(note["total"], left, invoice["currency"])
    ways = {name: sent.get(name, 0) for name in ("refund_amount", "credit_amount", "out_of_band_amount")}
    back = sum(ways.values()) + sum(linked)
    if back != note["post_payment_amount"]:
        code = invoice["currency"]
        raise StripeError(
            "The sum of `refund_amount`, `credit_amount`, `out_of_band_amount` and `refunds` "
            f"({money.written(back, code)}) must equal what the credit note gives back of what was paid "
            f"({money.written(note['post_payment_amount'], code)}).",
            param=next((name for name, value in ways.items() if value), "refund_amount"),
        )
    refundable = sum(refunds.refundable(charge) for charge in _charges(call, invoice))
    if ways["refund_amount"] > refundable:
        raise crediting.too_much(ways["refund_amount"], refundable, invoice["currency"], "refund_amount")
    return note


def creditable(call: Call, invoice: Object, *, linked: int = 0) -> int:
    """What can still be credited of an invoice; refunds that no credit note knows of count as given back already."""
    earlier = [one for one in call.every("credit_note", {"invoice": invoice["id"]}) if one["status"] == "issued"]
    given = sum(one["total"] for one in earlier)
    known = sum(one["amount_refunded"] for note in earlier for one in note["refunds"])
    refunded = sum(charge["amount_refunded"] for charge in _charges(call, invoice))
    return int(max(0, invoice["total"] - given - max(0, refunded - known - linked)))


def _charges(call: Call, invoice: Object) -> list[Object]:
    """The charges that paid an invoice, newest first."""
    found = []
    for payment in call.every("invoice_payment", {"invoice": invoice["id"], "status": "paid"}):
        intent = call.find("payment_intent", payment["payment"].get("payment_intent") or "")
        charge = intent and intent["latest_charge"] and call.find("charge", intent["latest_charge"])
        if charge:
            found.append(charge)
    return found


def _amount_of(call: Call, sent: Mapping[str, Any], index: int) -> int:
    """What a refund that was made already brings to a credit note."""
    param = f"refunds[{index}][refund]"
    if "refund" not in sent:
        raise StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param)
    refund = call.mention("refund", sent["refund"], param)
    linked = sum(
        one["amount_refunded"]
        for note in call.every("credit_note")
        for one in note["refunds"]
        if note["status"] == "issued" and one["refund"] == refund["id"]
    )
    wanted = int(sent.get("amount_refunded", refund["amount"] - linked))
    if wanted <= 0 or wanted > refund["amount"] - linked:
        raise crediting.too_much(wanted, refund["amount"] - linked, refund["currency"], param)
    return wanted


def _link(call: Call, note: Object, sent: Mapping[str, Any]) -> None:
    wanted = _amount_of(call, sent, 0)
    note["refunds"].append(_refunded(sent["refund"], wanted))


def _refunded(refund: str, amount_minor: int) -> Object:
    return {"amount_refunded": amount_minor, "payment_record_refund": None, "refund": refund, "type": "refund"}


def _refund(call: Call, invoice: Object, note: Object, amount_minor: int) -> None:
    """Real refunds of what paid the invoice, the latest payment first."""
    reason = note["reason"] if note["reason"] in _REFUND_REASONS else None
    for charge in _charges(call, invoice):
        wanted = min(amount_minor, refunds.refundable(charge))
        if wanted:
            made = refunds.make(call, charge, {"amount": wanted, "reason": reason})
            note["refunds"].append(_refunded(made["id"], wanted))
            amount_minor -= wanted


@resource.get("/v1/credit_notes", _LIST)
def list_all(call: Call) -> Answer:
    """Credit notes, newest first, by customer and invoice."""
    return lists.page(call, "credit_note", {name: call.params.get(name) for name in ("customer", "invoice")})


@resource.get("/v1/credit_notes/preview", _CREATE)
def preview(call: Call) -> Answer:
    """The credit note that the same parameters would make; nothing is stored."""
    return _previewed(call)


@resource.get("/v1/credit_notes/preview/lines", {**_CREATE, **_LINES})
def preview_lines(call: Call) -> Answer:
    """The lines of a preview, page by page."""
    return page_of(call, _previewed(call)["lines"]["data"], crediting.CREDIT_NOTE_LINE.called)


def _previewed(call: Call) -> Object:
    sent = {name: value for name, value in call.params.items() if name in _CREATE}
    note = _checked(call, call.mention("invoice", sent["invoice"], "invoice"), sent)
    note["metadata"] = merged_metadata({}, sent.get("metadata", {}))
    return note


@resource.get("/v1/credit_notes/{id}")
def retrieve(call: Call, id: str) -> Answer:  # noqa: A002 - Stripe's own name of the path's parameter
    """One credit note."""
    return call.get("credit_note", id)


@resource.get("/v1/credit_notes/{credit_note}/lines", _LINES)
def list_lines(call: Call, credit_note: str) -> Answer:
    """The lines of a credit note, page by page."""
    found = call.get("credit_note", credit_note, param="credit_note")
    return page_of(call, found["lines"]["data"], crediting.CREDIT_NOTE_LINE.called)


@resource.post("/v1/credit_notes/{id}", _UPDATE)
def update(call: Call, id: str) -> Answer:  # noqa: A002 - Stripe's own name of the path's parameter
    """Change the memo or the metadata."""
    found = call.get("credit_note", id)
    if "memo" in call.params:
        found["memo"] = call.params["memo"]
    if "metadata" in call.params:
        found["metadata"] = merged_metadata(found["metadata"], call.params["metadata"])
    return call.save(found, emits="credit_note.updated")


@resource.post("/v1/credit_notes/{id}/void")
def void(call: Call, id: str) -> Answer:  # noqa: A002 - Stripe's own name of the path's parameter
    """Take a credit note back: only while its invoice is open, for what was given back is gone."""
    found = call.get("credit_note", id)
    if found["status"] == "void":
        raise StripeError("This credit note has already been voided.")
    invoice = call.get("invoice", found["invoice"])
    if invoice["status"] != "open" or found["post_payment_amount"]:
        raise StripeError("You can only void a credit note of an open invoice.")
    found.update(status="void", voided_at=call.now)
    call.save(found)
    call.emit("credit_note.voided", found)
    receiving.lower(call, invoice, -found["pre_payment_amount"])
    return found
