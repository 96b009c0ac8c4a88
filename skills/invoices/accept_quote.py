"""Accept a quote for its customer: it becomes an invoice or a subscription."""

from typing import Self

from paydesk.skills.base import (
    Desk,
    Effect,
    Json,
    NextCall,
    Plan,
    Stake,
    StripeRequest,
    WriteParams,
    WriteResult,
    skill,
)
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.invoice import customer_id
from paydesk.skills.money import Money, money
from paydesk.skills.period import day
from paydesk.skills.quote import QuoteId, called, quote_meant, worth
from paydesk.skills.who import label


class Params(WriteParams):
    quote: QuoteId


class QuoteAccepted(WriteResult):
    """An accepted quote and what it became."""

    quote: str
    number: str | None = None
    total: Money
    status: str
    invoice: str | None = None
    subscription: str | None = None

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a quote."""
        return cls(
            quote=str(answer["id"]),
            number=clean_or_none(answer.get("number"), 40),
            total=money(int(answer.get("amount_total") or 0), str(answer.get("currency") or "usd")),
            status=str(answer["status"]),
            invoice=_id(answer.get("invoice")),
            subscription=_id(answer.get("subscription")),
        )

    def sentence(self) -> str:
        """What it became."""
        became = " and ".join(one for one in (self.subscription, self.invoice) if one)
        return f"Accepted quote {self.number or self.quote} of {self.total.text}{f': {became}' if became else ''}."

    def opposite(self) -> NextCall | None:
        """Cancelling the subscription that it began."""
        if self.subscription is None:
            return None
        return NextCall("cancel_subscription", {"subscription": self.subscription, "at_period_end": False})


def _id(found: object) -> str | None:
    return str(found["id"]) if isinstance(found, dict) else str(found) if found else None


@skill(
    effect=Effect.MONEY,
    toolset="invoices",
    says=("accept {quote}",),
    examples=({"quote": "qt_1MtHbELkdIwHu7ixl4OzzPMv"},),
)
async def accept_quote(params: Params, desk: Desk) -> Plan[QuoteAccepted]:
    """Accept an open quote and turn it into an invoice or a subscription."""
    quote = await quote_meant(desk, params.quote)
    if quote["status"] != "open":
        raise SkillError(
            f"The {called(quote)} is {quote['status']}; only an open quote can be accepted.",
            code="wrong_status",
            field="quote",
        )
    customer = quote.get("customer")
    who = f" for {label(customer)}" if isinstance(customer, dict) else ""
    recurs = bool((quote.get("computed") or {}).get("recurring"))
    charged = recurs and quote.get("collection_method") == "charge_automatically"
    currency = str(quote.get("currency") or "usd")
    amount_minor = int(quote.get("amount_total") or 0)
    becomes = "a subscription begins, billed at once" if recurs else "a draft invoice, which finalize_invoice opens"
    return Plan(
        says=f"Accept {called(quote)}{who}.",
        request=StripeRequest("POST", f"/v1/quotes/{quote['id']}/accept"),
        moves=Stake(amount_minor, currency) if charged and amount_minor else None,
        undo="cancel_subscription ends it; what was paid can be refunded."
        if recurs
        else "The draft can be left or voided.",
        details=(("Worth", worth(quote)), ("It becomes", becomes), ("Open until", day(int(quote["expires_at"])))),
        relies_on={"quote": str(quote["id"]), "status": "open", "total": amount_minor},
        customer=customer_id(quote),
    )
