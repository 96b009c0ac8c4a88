"""Create a checkout page for one customer to pay once, or to begin a subscription."""

import re
from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.items import Items, lines_of
from paydesk.skills.link_items import details, sold, worth
from paydesk.skills.money import CurrencyCode
from paydesk.skills.who import CustomerText, choice, customer_meant, label

_URL = r"^https?://[^\s<>\"]{3,2000}$"


class Params(WriteParams):
    items: Items
    success_url: Annotated[str, Field(pattern=_URL, description="After paying; default: our website")] | None = None
    cancel_url: Annotated[str, Field(pattern=_URL)] | None = None
    currency: CurrencyCode | None = None
    customer: CustomerText | None = None
    promotion_codes: bool = False


class CheckoutMade(WriteResult):
    """A checkout page, where it is, and until when (UTC)."""

    checkout: str
    url: str | None = None
    until: str | None = None

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a checkout session."""
        until = answer.get("expires_at")
        told = f"{datetime.fromtimestamp(until, UTC):%Y-%m-%d %H:%M}" if until else None
        return cls(checkout=str(answer["id"]), url=answer.get("url"), until=told)

    def sentence(self) -> str:
        """Where to pay, and until when."""
        until = f" until {self.until} UTC" if self.until else ""
        return f"The checkout is {self.url}{until} ({self.checkout})."


@skill(
    effect=Effect.WRITE,
    toolset="payments",
    says=(
        "checkout for {customer} for {phrase}",
        "create a checkout for {money} leading to {success_url}",
        "create a checkout of {money} for {customer} leading to {success_url}",
    ),
    examples=(
        {
            "items": [{"description": "Workshop", "amount_minor": 9000}],
            "currency": "eur",
            "success_url": "https://example.com/thanks",
            "customer": "Jane Doe",
        },
    ),
)
async def create_checkout(params: Params, desk: Desk) -> Plan[CheckoutMade]:
    """Create a checkout page to be paid once, within a day."""
    who = await customer_meant(desk, params.customer) if params.customer else None
    usual = who.get("currency") if who else None
    lines, currency = await lines_of(desk.stripe, params.items, params.currency, usual=usual)
    afterwards = params.success_url or await _website(desk)
    recurs = any(line.recurs for line in lines)
    sent: Json = {
        "mode": "subscription" if recurs else "payment",
        "line_items": sold(lines, currency),
        "success_url": afterwards,
    }
    if params.cancel_url:
        sent["cancel_url"] = params.cancel_url
    if who is not None:
        sent["customer"] = who["id"]
    if params.promotion_codes:
        sent["allow_promotion_codes"] = True
    by = f" for {label(who)}" if who else ""
    return Plan(
        says=f"Create a checkout{by}: {worth(lines, currency)}.",
        request=StripeRequest("POST", "/v1/checkout/sessions", sent),
        undo="It expires by itself within a day if nobody pays.",
        details=(
            *details(lines),
            *((("Customer", choice(who)),) if who else ()),
            ("Afterwards to", afterwards),
        ),
        relies_on={"customer": str(who["id"]) if who else None},
        customer=str(who["id"]) if who else None,
    )


async def _website(desk: Desk) -> str:
    """The business's own website. Raises SkillError where Stripe knows none, since a customer has to come somewhere."""
    account = await desk.stripe.get("/v1/account")
    url = str((account.get("business_profile") or {}).get("url") or "")
    if not re.fullmatch(_URL, url):
        raise SkillError(
            "Where does the customer come after paying? Stripe knows no website of this business.",
            code="success_url_missing",
            field="success_url",
            next_step="Give success_url, such as https://example.com/thanks.",
        )
    return url
