"""What is usual for a customer: whether an amount stands out, and whether a like payment was just made."""

from statistics import median_low

from paydesk.skills.base import Desk, ProposalState, StripeReader
from paydesk.skills.errors import Ambiguous, PaydeskError
from paydesk.skills.money import money
from paydesk.skills.payment import EXPANDED, Payment, fits_status, payment_of
from paydesk.skills.period import day

_LOOKED_AT = 100
_LARGE = 3  # times the largest before
_JUST_NOW_S = 24 * 3600
_ENOUGH = 3  # payments that say what is usual
_MAY_STILL_HAPPEN: frozenset[ProposalState] = frozenset({"waiting", "approved", "sending", "unknown"})


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


def refund_warnings(past: list[Payment], amount_minor: int, currency: str) -> list[str]:
    """Whether a refund is much more than what this customer usually pays."""
    done = [one.captured_minor for one in past if fits_status(one, "succeeded") and one.currency == currency]
    if len(done) < _ENOUGH or amount_minor <= _LARGE * median_low(done):
        return []
    return [f"Large for this customer: they usually pay {money(median_low(done), currency).text}."]


def must_name_currency(past: list[Payment]) -> None:
    """Raises Ambiguous where an amount was said without a currency, and the customer has paid in more than one."""
    currencies = sorted({one.currency.upper() for one in past if one.refundable_minor > 0})
    if len(currencies) > 1:
        raise Ambiguous(
            f"This customer has paid in {' and '.join(currencies)}: which currency is the amount in?",
            code="currency_missing",
            field="currency",
            choices=[code.lower() for code in currencies],
        )


async def like_proposals(desk: Desk, parts: tuple[str, ...], says: str) -> list[str]:
    """Warnings of other proposals whose words hold all of `parts` and that may still happen; `says` is this one's."""
    try:
        known = await desk.proposals()
    except PaydeskError:
        # A plan that is made anew before sending sees the account alone; nobody is asked by it.
        return []
    return [
        f"Another proposal like it waits or is on its way ({one.proposal_id}, {one.state})."
        for one in known
        if one.state in _MAY_STILL_HAPPEN and says not in one.says and all(part in one.says for part in parts)
    ][:2]
