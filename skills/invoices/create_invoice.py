"""Bill a customer: an invoice with its items, sent, charged or left as a draft."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from paydesk.skills.base import (
    Desk,
    Effect,
    Json,
    NextCall,
    Plan,
    Prepared,
    Stake,
    StripeRequest,
    WriteParams,
    skill,
)
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.invoice import InvoiceState
from paydesk.skills.invoice_terms import DiscountText, TaxText, Terms, terms_of
from paydesk.skills.items import Items, Line, lines_of, total
from paydesk.skills.money import CurrencyCode, money
from paydesk.skills.period import seconds
from paydesk.skills.saved_method import SavedMethod, method_meant, no_method
from paydesk.skills.usual import like_proposals
from paydesk.skills.who import CustomerText, customer_meant, label

_DAY_S = 24 * 3600
_USUAL_DAYS = 30
_INVOICE = Prepared(0)


class Params(WriteParams):
    customer: CustomerText
    items: Items
    currency: CurrencyCode | None = None
    collect: Annotated[Literal["send", "charge", "draft"], Field(description="send: by e-mail; charge: saved card")] = (
        "send"
    )
    days_until_due: Annotated[int, Field(ge=0, le=730)] | None = None
    due_date: date | None = None
    description: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    discount: DiscountText | None = None
    tax: TaxText | None = None


class InvoiceMade(InvoiceState):
    """A new invoice."""

    def sentence(self) -> str:
        """Which, its state and when it is due."""
        due = f", due {self.due}" if self.due else ""
        return f"Made invoice {self.told()}: {self.status}{due}."

    def opposite(self) -> NextCall | None:
        """Voiding it while it is open."""
        return NextCall("void_invoice", {"invoice": self.invoice}) if self.status == "open" else None


@skill(
    effect=Effect.MONEY,
    toolset="invoices",
    says=(
        "invoice {customer} for {money}",
        "create an invoice of {money} for {customer}",
        "send {customer} an invoice for {money}",
    ),
    examples=(
        {
            "customer": "Acme Corp",
            "items": [{"description": "Workshop", "amount_minor": 90000}],
            "currency": "eur",
            "days_until_due": 14,
        },
        {
            "customer": "jane@example.com",
            "items": [{"price": "price_1MoBy5LkdIwHu7ix", "quantity": 2}],
            "collect": "charge",
            "discount": "SPRING25",
            "tax": "VAT 19%",
        },
    ),
)
async def create_invoice(params: Params, desk: Desk) -> Plan[InvoiceMade]:
    """Bill a customer: create an invoice with its items, and email it, charge it, or keep a draft."""
    _check_due(params, desk)
    customer = await customer_meant(desk, params.customer)
    lines, currency = await lines_of(desk.stripe, params.items, params.currency, usual=customer.get("currency"))
    _must_be_single(lines)
    method = await _method(params, customer, desk)
    if params.collect == "send" and not customer.get("email"):
        raise SkillError(
            f"{label(customer)} has no e-mail address to send the invoice to.",
            code="no_email",
            field="customer",
            next_step="Add one with update_customer, or use collect charge or draft.",
        )
    terms = await terms_of(desk.stripe, customer, (lines, currency), discount=params.discount, tax=params.tax)
    sum_minor = total(lines) if terms.total_minor is None else terms.total_minor
    whole = money(sum_minor, currency).text if sum_minor is not None else "an amount by its prices"
    who = label(customer)
    *steps, last = _steps_after(params, lines, terms, method)
    says = f"{_VERBS[params.collect]} {who} for {whole}{_due_told(params)}."
    return Plan(
        says=says,
        prepares=(_draft(params, customer, currency, terms), *steps),
        request=last,
        moves=Stake(sum_minor or 0, currency) if params.collect == "charge" else None,
        undo="void_invoice voids it while it is not paid." if params.collect != "draft" else None,
        warnings=tuple(await like_proposals(desk, ("nvoice", f"{who} for {whole}"), says)),
        details=(
            *((f"Item {number}", line.text) for number, line in enumerate(lines, 1)),
            *terms.told,
            ("Total", f"{whole}, before {_unknown(params, terms)}the customer's balance"),
            *((("Charged to", f"{method.text} ({method.id})"),) if method else ()),
            *((("Sent to", clean(customer["email"], 80)),) if params.collect == "send" else ()),
        ),
        relies_on={
            "customer": str(customer["id"]),
            "email": customer.get("email") if params.collect == "send" else None,
            "payment_method": method.id if method else None,
            "total": sum_minor,
        },
        customer=str(customer["id"]),
    )


_VERBS = {
    "send": "Make and send an invoice to",
    "charge": "Make an invoice and charge",
    "draft": "Draft an invoice for",
}


def _check_due(params: Params, desk: Desk) -> None:
    if params.due_date is not None and params.days_until_due is not None:
        raise SkillError("Give due_date or days_until_due, not both.", code="two_dates", field="due_date")
    if params.collect == "charge" and (params.due_date is not None or params.days_until_due is not None):
        raise SkillError("What is charged now has no due date.", code="due_and_charged", field="collect")
    if params.due_date is not None and params.due_date < desk.now().date():
        raise SkillError("due_date is past.", code="date_not_ahead", field="due_date")


def _must_be_single(lines: list[Line]) -> None:
    for index, line in enumerate(lines):
        if line.recurs:
            raise SkillError(
                f"items[{index}] is a recurring price; an invoice by hand takes prices that are paid once.",
                code="price_not_usable",
                field=f"items[{index}].price",
                next_step="create_subscription bills it again and again; or give amount_minor and description.",
            )


async def _method(params: Params, customer: Json, desk: Desk) -> SavedMethod | None:
    if params.collect != "charge":
        return None
    method = await method_meant(desk.stripe, customer, None, desk.now())
    if method is None:
        raise no_method(customer)
    return method


def _unknown(params: Params, terms: Terms) -> str:
    """What may still change the total, where Stripe has not been asked."""
    if terms.total_minor is None:
        return "tax, discounts and "
    return "" if params.tax else "tax and "


def _draft(params: Params, customer: Json, currency: str, terms: Terms) -> StripeRequest:
    """The invoice without its lines."""
    sent: Json = {"customer": customer["id"], "currency": currency, "auto_advance": False, **terms.sent}
    sent["pending_invoice_items_behavior"] = "exclude"
    if params.description:
        sent["description"] = params.description
    if params.collect == "charge":
        sent["collection_method"] = "charge_automatically"
    else:
        sent["collection_method"] = "send_invoice"
        if params.due_date is not None:
            # A day is over at its end: midnight UTC after it, less a second.
            sent["due_date"] = seconds(params.due_date) + _DAY_S - 1
        else:
            sent["days_until_due"] = _USUAL_DAYS if params.days_until_due is None else params.days_until_due
    return StripeRequest("POST", "/v1/invoices", sent)


def _steps_after(
    params: Params, lines: list[Line], terms: Terms, method: SavedMethod | None
) -> Iterator[StripeRequest]:
    """What makes the draft whole, and ends it: paying or sending, each of which finalizes."""
    invoice = f"/v1/invoices/{_INVOICE.in_path()}"
    yield StripeRequest("POST", f"{invoice}/add_lines", {"lines": [_line(one) for one in lines]})
    if terms.discounts:
        # After the lines: a code may ask for a least amount, which an empty draft does not have.
        yield StripeRequest("POST", invoice, {"discounts": list(terms.discounts)})
    if params.collect == "send":
        yield StripeRequest("POST", f"{invoice}/send")
    elif method is not None:
        yield StripeRequest("POST", f"{invoice}/pay", {"payment_method": method.id, "off_session": True})


def _line(line: Line) -> Json:
    if line.price is not None:
        return {"pricing": {"price": line.price["id"]}, "quantity": line.item.quantity}
    count = f"{line.item.quantity} x " if line.item.quantity != 1 else ""
    return {"amount": line.amount_minor, "description": f"{count}{line.item.description}"}


def _due_told(params: Params) -> str:
    if params.collect == "charge":
        return ""
    if params.due_date is not None:
        return f", due {params.due_date}"
    days = _USUAL_DAYS if params.days_until_due is None else params.days_until_due
    return f", due {days} days after" if days else ", due at once"
