"""What Stripe says a change would bill: the next invoice, and what of it makes up for a part of a period."""

from collections.abc import Mapping
from typing import Any

from paydesk.skills.base import Json, StripeReader
from paydesk.skills.errors import PaydeskError
from paydesk.skills.hostile_text import clean
from paydesk.skills.money import money
from paydesk.skills.period import day

Told = list[tuple[str, str]]


async def next_invoice(stripe: StripeReader, params: Mapping[str, Any], *, at_once: bool = False) -> Told:
    """Label and value of the next invoice and of its proration, by Stripe's preview; says so where there is none.

    `at_once`: the invoice is made when the change is. Amounts of a proration shrink as the period goes on, so they are
    shown and not relied on.
    """
    label = "Invoiced at once" if at_once else "Next invoice"
    try:
        invoice = await stripe.preview(params)
    except PaydeskError as problem:
        # It informs, so a change is not refused for want of it; Stripe's words may tell a person why.
        return [(label, f"could not be foretold ({clean(problem.message, 160)})")]
    told: Told = []
    currency = str(invoice["currency"])
    prorated = [int(line["amount"]) for line in _lines(invoice) if _is_proration(line)]
    if prorated:
        part = sum(prorated)
        side = "credited" if part < 0 else "charged"
        told.append(("Prorated", f"{money(abs(part), currency).text} {side} for the rest of this period, as of now"))
    due = invoice.get("next_payment_attempt") or invoice.get("period_end") or invoice.get("created")
    on = f" on {day(int(due))}" if due and not at_once else ""
    more = " and more lines" if (invoice.get("lines") or {}).get("has_more") else ""
    total = int(invoice.get("total") or 0)
    kept = f"; {money(-total, currency).text} of credit is kept for later invoices" if total < 0 else ""
    told.append((label, f"{money(int(invoice['amount_due']), currency).text}{on}{more}{kept}"))
    return told


def _lines(invoice: Json) -> list[Json]:
    found: list[Json] = (invoice.get("lines") or {}).get("data") or []
    return found


def _is_proration(line: Json) -> bool:
    parent = line.get("parent") or {}
    kinds = (parent.get(kind) or {} for kind in ("subscription_item_details", "invoice_item_details"))
    return any(kind.get("proration") for kind in kinds)
