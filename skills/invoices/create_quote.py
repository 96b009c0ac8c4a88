"""Offer something at a price: a quote, finalized so that it can be accepted."""

from typing import Annotated, Self

from pydantic import Field

from paydesk.skills.base import (
    Desk,
    Effect,
    Json,
    Plan,
    Prepared,
    StripeRequest,
    WriteParams,
    WriteResult,
    skill,
)
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.items import Items, Line, lines_of, total
from paydesk.skills.money import CurrencyCode, Money, money
from paydesk.skills.period import day
from paydesk.skills.who import CustomerText, customer_meant, label


class Params(WriteParams):
    customer: CustomerText
    items: Items
    currency: CurrencyCode | None = None
    description: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class QuoteState(WriteResult):
    """A quote as Stripe has it; it can be accepted until the end of `expires` (UTC)."""

    quote: str
    number: str | None = None
    total: Money
    status: str
    expires: str

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a quote."""
        return cls(
            quote=str(answer["id"]),
            number=clean_or_none(answer.get("number"), 40),
            total=money(int(answer.get("amount_total") or 0), str(answer.get("currency") or "usd")),
            status=str(answer["status"]),
            expires=day(int(answer["expires_at"])),
        )

    def sentence(self) -> str:
        """Which, for how much, until when."""
        return f"Made quote {self.number or self.quote} of {self.total.text} ({self.quote}), open until {self.expires}."


@skill(
    effect=Effect.WRITE,
    toolset="invoices",
    says=("create a quote for {customer} of {money}", "quote {customer} {money}"),
    examples=(
        {"customer": "Acme", "items": [{"description": "Audit", "amount_minor": 120000}], "currency": "usd"},
        {"customer": "Acme", "items": [{"price": "price_1MoBy5LkdIwHu7ix", "quantity": 5}]},
    ),
)
async def create_quote(params: Params, desk: Desk) -> Plan[QuoteState]:
    """Create a quote: an offer with its items for a customer to accept."""
    customer = await customer_meant(desk, params.customer)
    lines, currency = await lines_of(desk.stripe, params.items, params.currency, usual=customer.get("currency"))
    fresh = [line for line in lines if line.price is None]
    sum_minor = total(lines)
    whole = money(sum_minor, currency).text if sum_minor is not None else "an amount by its prices"
    sent: Json = {"customer": customer["id"], "line_items": _items(lines, currency)}
    if params.description:
        sent["description"] = params.description
    quote = Prepared(len(fresh))
    return Plan(
        says=f"Make a quote of {whole} for {label(customer)}.",
        # An amount of its own needs a product at Stripe.
        prepares=(
            *(StripeRequest("POST", "/v1/products", {"name": line.item.description}) for line in fresh),
            StripeRequest("POST", "/v1/quotes", sent),
        ),
        request=StripeRequest("POST", f"/v1/quotes/{quote.in_path()}/finalize"),
        undo="Nothing is owed until it is accepted; it expires by itself.",
        details=(
            *((f"Item {number}", line.text) for number, line in enumerate(lines, 1)),
            ("Total", f"{whole}, before tax and discounts"),
            ("Open for", "30 days, or as the account's settings say"),
        ),
        relies_on={"customer": str(customer["id"]), "total": sum_minor},
        customer=str(customer["id"]),
    )


def _items(lines: list[Line], currency: str) -> list[Json]:
    found: list[Json] = []
    made = 0
    for line in lines:
        if line.price is not None:
            metered = (line.price.get("recurring") or {}).get("usage_type") == "metered"
            found.append({"price": line.price["id"], **({} if metered else {"quantity": line.item.quantity})})
            continue
        own = {"currency": currency, "product": Prepared(made), "unit_amount": line.item.amount_minor}
        found.append({"price_data": own, "quantity": line.item.quantity})
        made += 1
    return found
