"""Make a tax rate for invoices and subscriptions."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.tax_rate import TaxRate, percent_text

_LOOKED_AT = 100


class Params(WriteParams):
    name: Annotated[str, Field(min_length=1, max_length=50)]
    percent: Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,4})?$")]
    inclusive: Annotated[bool, Field(description="Prices contain it already")] = False
    country: Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO code")] | None = None


class TaxRateMade(WriteResult):
    """A new tax rate."""

    tax_rate: TaxRate

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a tax rate."""
        return cls(tax_rate=TaxRate.of(answer))

    def sentence(self) -> str:
        """Which, at what percentage."""
        return f"Made the tax rate {self.tax_rate.line()}."


@skill(
    effect=Effect.WRITE,
    toolset="tax",
    says=("create a tax rate of {percent} called {name}",),
    examples=({"name": "VAT", "percent": "19", "country": "DE"}, {"name": "GST", "percent": "10", "inclusive": True}),
)
async def create_tax_rate(params: Params, desk: Desk) -> Plan[TaxRateMade]:
    """Create a tax rate, such as 19% VAT."""
    percent = Decimal(params.percent)
    if percent > 100:
        raise SkillError("percent must be at most 100.", code="bad_percent", field="percent")
    told = percent_text(percent)
    page = await desk.stripe.page("/v1/tax_rates", {"active": True, "limit": _LOOKED_AT})
    alike = [one for one in page.data if _is_like(one, params, percent)]
    # Stripe's percentage is a number; text in a form is the same number without ever being a float.
    sent: Json = {
        "display_name": params.name,
        "percentage": int(percent) if percent == int(percent) else told,
        "inclusive": params.inclusive,
    }
    if params.country:
        sent["country"] = params.country
    place = f" in {params.country}" if params.country else ""
    return Plan(
        says=f"Make the tax rate {clean(params.name, 50)} of {told}%{place}, {_how(inclusive=params.inclusive)}.",
        request=StripeRequest("POST", "/v1/tax_rates", sent),
        undo="It can be archived in Stripe's dashboard; nothing uses it by itself.",
        warnings=tuple(f"There is such a rate already ({one['id']})." for one in alike[:1]),
        details=(("Afterwards", "its percentage and whether prices contain it never change"),),
        relies_on={"alike": str(alike[0]["id"]) if alike else None},
    )


def _is_like(rate: Json, params: Params, percent: Decimal) -> bool:
    same = str(rate["display_name"]).casefold() == params.name.casefold()
    return same and Decimal(str(rate["percentage"])) == percent and rate["inclusive"] == params.inclusive


def _how(*, inclusive: bool) -> str:
    return "contained in prices" if inclusive else "on top of prices"
