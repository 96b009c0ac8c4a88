"""Create a link that anybody can pay at, as often as it is not switched off."""

from typing import Annotated, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, NextCall, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.items import Items, lines_of
from paydesk.skills.link_items import details, sold, worth
from paydesk.skills.money import CurrencyCode


class Params(WriteParams):
    items: Items
    currency: CurrencyCode | None = None
    promotion_codes: bool = False
    most_payments: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class PaymentLinkMade(WriteResult):
    """A payment link and its address."""

    payment_link: str
    url: str
    active: bool

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a payment link."""
        return cls(payment_link=str(answer["id"]), url=str(answer["url"]), active=bool(answer["active"]))

    def sentence(self) -> str:
        """Where to pay."""
        return f"The payment link is {self.url} ({self.payment_link})."

    def opposite(self) -> NextCall | None:
        """It can be switched off."""
        return NextCall("deactivate_payment_link", {"payment_link": self.payment_link})


@skill(
    effect=Effect.WRITE,
    toolset="payments",
    says=("create a payment link for {money}", "create a payment link for {phrase}"),
    examples=(
        {"items": [{"description": "Workshop", "amount_minor": 9000}], "currency": "eur"},
        {"items": [{"price": "Workshop", "quantity": 2}], "most_payments": 1},
    ),
)
async def create_payment_link(params: Params, desk: Desk) -> Plan[PaymentLinkMade]:
    """Create a payment link that can be shared: anyone who has it can pay."""
    lines, currency = await lines_of(desk.stripe, params.items, params.currency)
    sent: Json = {"line_items": sold(lines, currency)}
    if params.promotion_codes:
        sent["allow_promotion_codes"] = True
    if params.most_payments:
        sent["restrictions"] = {"completed_sessions": {"limit": params.most_payments}}
    often = f", at most {params.most_payments} times" if params.most_payments else ""
    return Plan(
        says=f"Create a payment link for {worth(lines, currency)}{often}.",
        request=StripeRequest("POST", "/v1/payment_links", sent),
        undo="deactivate_payment_link switches it off.",
        warnings=() if params.most_payments else ("It can be paid any number of times until it is switched off.",),
        details=tuple(details(lines)),
    )
