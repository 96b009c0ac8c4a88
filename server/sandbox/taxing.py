"""Taxes of invoice lines: by tax rates of the merchant's own, inclusive or on top.

Each line is taxed on its own, on what discounts leave of it, and each tax rounded half up. Of several inclusive rates
each takes its part of the one net amount that they are all included in; rates on top are taken of that net amount too.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object, visible
from paydesk.server.sandbox.params import clearable, list_of, text
from paydesk.server.sandbox.splitting import half_up

# The parameters `tax_rates` and `default_tax_rates`.
RATES: Final = clearable(list_of(text(), maximum=20))
# Rates of the merchant's own say nothing of why (Stripe's OpenAPI: `taxability_reason`).
_REASONS: Final = {"exempt": "customer_exempt", "reverse": "reverse_charge"}


def rate_object(identifier: str, created: int, display_name: str, percentage: Decimal, *, inclusive: bool) -> Object:
    """An active rate."""
    return {
        "id": identifier,
        "object": "tax_rate",
        "active": True,
        "country": None,
        "created": created,
        "description": None,
        "display_name": display_name,
        # JSON numbers at Stripe; taxes are computed with their exact text.
        "effective_percentage": float(percentage),
        "flat_amount": None,
        "inclusive": inclusive,
        "jurisdiction": None,
        "jurisdiction_level": None,
        "livemode": False,
        "metadata": {},
        "percentage": float(percentage),
        "rate_type": "percentage",
        "state": None,
        "tax_type": None,
    }


def rates(call: Call, ids: Sequence[str] | None, param: str) -> list[Object]:
    """The rates that a parameter names, as other objects hold them; StripeError for one that is archived."""
    found = []
    for index, identifier in enumerate(ids or []):
        rate = call.mention("tax_rate", identifier, f"{param}[{index}]")
        if not rate["active"]:
            raise StripeError(
                f"The tax rate {identifier} is archived. Only active tax rates may be used.", param=f"{param}[{index}]"
            )
        found.append(visible(rate))
    return found


def percentage(rate: Object) -> Fraction:
    """A rate as a fraction of the net amount: 8.875 percent is 71/800."""
    return Fraction(str(rate["percentage"])) / 100


def net_of(amount_minor: int, by: Sequence[Object]) -> int:
    """What is left of an amount without the taxes that are included in it."""
    return amount_minor - sum(
        int(tax["amount"]) for tax in taxes(amount_minor, by) if tax["tax_behavior"] == "inclusive"
    )


def taxes(amount_minor: int, by: Sequence[Object], *, exempt: str = "none") -> list[Object]:
    """The taxes of one line, in the order of its rates; nothing is taken of a customer who is exempt."""
    included = sum((percentage(rate) for rate in by if rate["inclusive"]), Fraction(0))
    net = Fraction(amount_minor) / (1 + included)
    found = []
    amounts = [half_up(net * percentage(rate)) if exempt == "none" else 0 for rate in by]
    left = amount_minor - sum(tax for tax, rate in zip(amounts, by, strict=True) if rate["inclusive"])
    for rate, tax in zip(by, amounts, strict=True):
        found.append(
            {
                "amount": tax,
                "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
                "tax_rate_details": {"tax_rate": rate["id"]},
                "taxability_reason": _REASONS.get(exempt) or rate.get("_reason", "not_available"),
                "taxable_amount": left,
                "type": "tax_rate_details",
            }
        )
    return found


def added(every: Sequence[Object]) -> list[Object]:
    """Taxes of several lines, summed by rate."""
    sums: dict[str, Object] = {}
    for tax in every:
        rate = tax["tax_rate_details"]["tax_rate"]
        if rate in sums:
            sums[rate]["amount"] += tax["amount"]
            sums[rate]["taxable_amount"] += tax["taxable_amount"]
        else:
            sums[rate] = dict(tax)
    return list(sums.values())
