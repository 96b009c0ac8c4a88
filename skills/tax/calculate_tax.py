"""Work out the tax of a sale: what Stripe Tax would take, for whom and where."""

from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Result, Strict, skill
from paydesk.skills.chargeable import check_step
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.money import CurrencyCode, Money, money
from paydesk.skills.tax_rate import percent_text
from paydesk.skills.who import CustomerText, customer_meant, label


class Params(Strict):
    amount_minor: Annotated[int, Field(ge=1)]
    currency: CurrencyCode
    customer: CustomerText | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO code")] | None = None
    state: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    postal_code: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    tax_code: Annotated[str, Field(pattern="^txcd_[0-9]{8}$")] | None = None
    inclusive: Annotated[bool, Field(description="Prices contain it already")] = False


class Tax(Result):
    """The tax of one sale: `taxes` say each with its share, `total` is what the customer pays.

    `why_none` says why there is none.
    """

    amount: Money
    tax: Money
    total: Money
    place: str
    taxes: list[str] | None = None
    why_none: str | None = None

    def sentence(self) -> str:
        """Tax and total, and where."""
        if self.why_none:
            return f"No tax on {self.amount.text} for {self.place}: {self.why_none}. Total {self.total.text}."
        return f"{self.tax.text} tax on {self.amount.text} for {self.place}; total {self.total.text}."

    def lines(self) -> list[str]:
        """Each tax."""
        return list(self.taxes or ())


# https://docs.stripe.com/tax/zero-tax
_REASONS = {
    "not_collecting": "the account is not registered to collect tax there",
    "not_supported": "Stripe Tax does not cover this place",
    "customer_exempt": "the customer is exempt",
    "reverse_charge": "the customer accounts for it (reverse charge)",
    "product_exempt": "what is sold is exempt",
    "not_subject_to_tax": "what is sold is not taxed there",
    "zero_rated": "the rate is zero",
}


@skill(
    effect=Effect.READ,
    toolset="tax",
    says=("calculate the tax on {money} for {customer}", "how much tax is due on {money} for {customer}"),
    examples=(
        {"amount_minor": 10000, "currency": "eur", "country": "DE", "postal_code": "10115"},
        {"amount_minor": 4900, "currency": "usd", "customer": "Jane Doe"},
    ),
)
async def calculate_tax(params: Params, desk: Desk) -> Tax:
    """Calculate how much sales tax, VAT or GST is due on an amount for a customer or place."""
    check_step(params.amount_minor, params.currency)
    line: Json = {"amount": params.amount_minor, "tax_behavior": "inclusive" if params.inclusive else "exclusive"}
    line["reference"] = "sale"
    if params.tax_code:
        line["tax_code"] = params.tax_code
    asked: Json = {"currency": params.currency, "line_items": [line]}
    place = await _whereabouts(params, asked, desk)
    found = await desk.stripe.compute("/v1/tax/calculations", asked)
    tax_minor = int(found["tax_amount_exclusive"]) + int(found["tax_amount_inclusive"])
    parts: list[Json] = found.get("tax_breakdown") or []
    return Tax(
        amount=money(params.amount_minor, params.currency),
        tax=money(tax_minor, params.currency),
        total=money(int(found["amount_total"]), params.currency),
        place=place,
        taxes=[_told(one, params.currency) for one in parts if one.get("amount")] or None,
        why_none=None if tax_minor else _why(parts),
    )


async def _whereabouts(params: Params, asked: Json, desk: Desk) -> str:
    """Puts who buys, or where, into the request, and says it. Raises SkillError where neither or both are given."""
    if (params.customer is None) == (params.country is None):
        raise SkillError(
            "Tax depends on the place: give either customer or country.",
            code="place_missing",
            field="country",
            next_step="In the US give state and postal_code too.",
        )
    if params.customer is not None:
        customer = await customer_meant(desk, params.customer)
        if not ((customer.get("shipping") or {}).get("address") or customer.get("address")):
            raise SkillError(
                f"{label(customer)} has no address.",
                code="no_address",
                field="customer",
                next_step="Give country and postal_code instead, or add an address with update_customer.",
            )
        asked["customer"] = customer["id"]
        return label(customer)
    names = ("country", "state", "postal_code")
    address = {name: getattr(params, name) for name in names if getattr(params, name)}
    asked["customer_details"] = {"address": address, "address_source": "billing"}
    return clean(" ".join(address.values()), 80)


def _told(part: Json, currency: str) -> str:
    details = part.get("tax_rate_details") or {}
    kind = clean(details.get("tax_type") or "tax", 40).replace("_", " ")
    place = "-".join(clean(one, 40) for one in (details.get("country"), details.get("state")) if one)
    how = "contained" if part.get("inclusive") else "on top"
    share = percent_text(details.get("percentage_decimal") or "0")
    return f"{money(int(part['amount']), currency).text} {kind} {share}% {place} {how}"


def _why(parts: list[Json]) -> str:
    reason = str(parts[0].get("taxability_reason")) if parts else "not_collecting"
    return _REASONS.get(reason, clean(reason, 60).replace("_", " "))
