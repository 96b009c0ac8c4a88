"""One invoice: which is meant, how it is called, and what a change of it leaves."""

import re
from collections.abc import Callable
from typing import Annotated, Self

from pydantic import Field

from paydesk.skills.base import Desk, Json, WriteResult
from paydesk.skills.errors import Ambiguous, NotFound, SkillError
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.ids import checked_id
from paydesk.skills.money import Money, money
from paydesk.skills.period import day
from paydesk.skills.who import customer_meant, label

InvoiceText = Annotated[str, Field(min_length=3, max_length=200, description="in_ id or number")]
Fits = Callable[[Json], bool]
_CHOICES = 8
_LOOKED_AT = 100
_NUMBER = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)+|\d+")


async def invoice_meant(desk: Desk, text: str, *, fits: Fits | None = None) -> Json:
    """The invoice of an id or a number; of a customer's name or e-mail the only invoice of theirs that `fits`.

    Raises NotFound, or Ambiguous with choices where several fit.
    """
    text = text.strip()
    if re.match(r"in_", text):
        return await desk.stripe.get(f"/v1/invoices/{checked_id(text, 'in', field='invoice')}")
    if _NUMBER.fullmatch(text):
        page = await desk.stripe.page("/v1/invoices/search", {"query": f'number:"{text}"', "limit": 10})
        if page.data:
            return _only(page.data, f"with the number {text}")
    customer = await _customer(desk, text)
    page = await desk.stripe.page("/v1/invoices", {"customer": customer["id"], "limit": _LOOKED_AT})
    return _only([one for one in page.data if fits is None or fits(one)], f"of {label(customer)} for that")


async def _customer(desk: Desk, text: str) -> Json:
    try:
        return await customer_meant(desk, text)
    except NotFound as unknown:
        raise NotFound(
            f"No invoice has the number {clean(text, 60)}, and no customer is called so.",
            code="invoice_not_found",
            field="invoice",
            choices=unknown.choices,
            next_step="Give the in_ id, or look with list_invoices.",
        ) from None
    except Ambiguous as several:
        raise Ambiguous(
            several.message, code=several.code, field="invoice", choices=several.choices, next_step=several.next_step
        ) from None


def _only(found: list[Json], what: str) -> Json:
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(
            f"There is no invoice {what}.",
            code="invoice_not_found",
            field="invoice",
            next_step="list_invoices shows what there is.",
        )
    raise Ambiguous(
        f"{len(found)} invoices fit: which one?",
        code="invoice_ambiguous",
        field="invoice",
        choices=[choice(one) for one in found[:_CHOICES]],
        next_step="Say its id or number.",
    )


def choice(invoice: Json) -> str:
    """One candidate: `INV-0001 $25.00 open 2026-11-21 in_...`."""
    number = clean_or_none(invoice.get("number"), 40)
    total = money(int(invoice["total"]), str(invoice["currency"])).text
    parts = (number, total, str(invoice["status"]), day(int(invoice["created"])), str(invoice["id"]))
    return " ".join(part for part in parts if part)


def called(invoice: Json) -> str:
    """How a person knows it: `invoice INV-0001 of Jane Doe ($25.00)`."""
    name = clean_or_none(invoice.get("customer_name") or invoice.get("customer_email"), 60)
    number = clean_or_none(invoice.get("number"), 40) or str(invoice["id"])
    total = money(int(invoice["total"]), str(invoice["currency"])).text
    return f"invoice {number}{f' of {name}' if name else ''} ({total})"


def must_be(invoice: Json, *statuses: str, doing: str, next_step: str | None = None) -> None:
    """Raises SkillError `wrong_status` where the invoice is in none of these states."""
    if invoice["status"] in statuses:
        return
    raise SkillError(
        f"The {called(invoice)} is {invoice['status']}; only {' or '.join(statuses)} invoices can be {doing}.",
        code="wrong_status",
        field="invoice",
        next_step=next_step,
    )


def remaining(invoice: Json) -> Money:
    """What is still owed."""
    return money(int(invoice.get("amount_remaining") or 0), str(invoice["currency"]))


def customer_id(thing: Json) -> str | None:
    """Whose it is (cus_), expanded or not."""
    found = thing.get("customer")
    return str(found["id"]) if isinstance(found, dict) else found


def relied_on(invoice: Json) -> dict[str, str | int | bool | None]:
    """What every change of an invoice depends on."""
    return {
        "invoice": str(invoice["id"]),
        "status": str(invoice["status"]),
        "total": int(invoice["total"]),
        "remaining": int(invoice.get("amount_remaining") or 0),
    }


class InvoiceState(WriteResult):
    """An invoice after a change: `remaining` is what is still owed, `due` a UTC day."""

    invoice: str
    number: str | None = None
    total: Money
    remaining: Money | None = None
    status: str
    customer_id: str | None = None
    due: str | None = None

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read an invoice."""
        owed = remaining(answer)
        return cls(
            invoice=str(answer["id"]),
            number=clean_or_none(answer.get("number"), 40),
            total=money(int(answer["total"]), str(answer["currency"])),
            remaining=owed if owed.amount_minor and answer["status"] in ("open", "uncollectible") else None,
            status=str(answer["status"]),
            customer_id=customer_id(answer),
            due=day(int(answer["due_date"])) if answer.get("due_date") else None,
        )

    def told(self) -> str:
        """`INV-0001 ($25.00, in_...)`."""
        return f"{self.number or self.invoice} ({self.total.text}, {self.invoice})"
