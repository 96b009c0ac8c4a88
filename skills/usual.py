"""What is usual for a customer: whether an amount stands out, and whether a like payment was just made."""

from paydesk.skills.base import StripeReader
from paydesk.skills.money import money
from paydesk.skills.payment import EXPANDED, Payment, fits_status, payment_of
from paydesk.skills.period import day

_LOOKED_AT = 100
_LARGE = 3  # times the largest before
_JUST_NOW_S = 24 * 3600


async def past_payments(stripe: StripeReader, customer_id: str) -> list[Payment]:
    """The customer's newest payments, of any status."""
    asked = {"customer": customer_id, "limit": _LOOKED_AT, "expand": [f"data.{name}" for name in EXPANDED]}
    return [payment_of(item) for item in (await stripe.page("/v1/payment_intents", asked)).data]


def charge_warnings(past: list[Payment], amount_minor: int, currency: str, now_s: float) -> list[str]:
    """What should make a person look twice before this amount is charged."""
    found = []
    done = [one for one in past if fits_status(one, "succeeded")]
    alike = [one for one in done if (one.amount_minor, one.currency) == (amount_minor, currency)]
    if alike and now_s - alike[0].created <= _JUST_NOW_S:
        found.append(f"The same amount was charged within the last 24 hours ({alike[0].id}, {day(alike[0].created)}).")
    largest = max((one.amount_minor for one in done if one.currency == currency), default=None)
    if not done:
        found.append("This customer has made no payment before.")
    elif largest is None:
        others = sorted({one.currency.upper() for one in done})
        found.append(f"This customer has paid in {', '.join(others)} before, never in {currency.upper()}.")
    elif amount_minor > _LARGE * largest:
        found.append(f"Large for this customer: the most before was {money(largest, currency).text}.")
    if past and past[0].status == "failed":
        found.append(f"The customer's latest payment failed ({past[0].failure or 'no reason given'}).")
    return found
