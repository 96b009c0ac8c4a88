"""A payment that is not done yet: the one meant, by its id or as the customer's latest of that kind."""

from collections.abc import Callable

from paydesk.skills.base import Desk
from paydesk.skills.errors import Ambiguous, NotFound
from paydesk.skills.payment import EXPANDED, Payment, payment_meant, payment_of
from paydesk.skills.who import customer_meant, label

#: Stripe cancels an intent only in these states (https://docs.stripe.com/api/payment_intents/cancel).
CANCELABLE = frozenset(
    {"requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing"}
)
_LOOKED_AT = 300
_CHOICES = 5


async def open_payment_meant(
    desk: Desk, payment: str | None, customer: str | None, *, fits: Callable[[Payment], bool], what: str
) -> Payment:
    """The payment by id as it is, or the customer's open one: "latest" takes the newest, else it must be the only one.

    `what` names the kind in errors, such as "held payment". Raises NotFound, Ambiguous, and as `payment_meant`.
    """
    if customer is None or payment not in (None, "latest"):
        return await payment_meant(desk, payment, customer)
    who = await customer_meant(desk, customer)
    asked = {"customer": who["id"], "expand": [f"data.{name}" for name in EXPANDED]}
    found: list[Payment] = []
    async for item in desk.stripe.every("/v1/payment_intents", asked, most=_LOOKED_AT):
        one = payment_of(item)
        if fits(one):
            found.append(one)
            if payment == "latest" or len(found) == _CHOICES:
                break
    if not found:
        raise NotFound(
            f"{label(who)} has no {what}.",
            code="payment_not_found",
            field="payment",
            next_step="list_payments shows what there is.",
        )
    if len(found) > 1:
        raise Ambiguous(
            f"{label(who)} has several: which {what}?",
            code="payment_ambiguous",
            field="payment",
            choices=[f"{one.label}: {one.status.replace('_', ' ')}" for one in found],
            next_step='Say its id, or "latest" for the newest.',
        )
    return found[0]
