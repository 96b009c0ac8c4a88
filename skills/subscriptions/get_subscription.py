"""One subscription with its next invoice."""

from paydesk.skills.base import Desk, Effect, Result, Strict, skill
from paydesk.skills.foretold import next_invoice
from paydesk.skills.ids import SubscriptionId
from paydesk.skills.product import names_of
from paydesk.skills.running_subscription import subscription_meant
from paydesk.skills.subscription import SubscriptionRow, products_of, row_of
from paydesk.skills.who import CustomerText

_ENDED = ("canceled", "incomplete_expired")


class Params(Strict):
    subscription: SubscriptionId | None = None
    customer: CustomerText | None = None


class Subscription(Result):
    """A subscription, and what Stripe says its next invoice will be."""

    subscription: SubscriptionRow
    next: list[str] | None = None

    def sentence(self) -> str:
        """What it is."""
        return f"{self.subscription.line()}."

    def lines(self) -> list[str]:
        """What comes next."""
        return list(self.next or ())


@skill(
    effect=Effect.READ,
    toolset="subscriptions",
    says=("show the subscription of {customer}", "what is the next invoice of {customer}"),
    examples=({"subscription": "sub_1MowQVLkdIwHu7ixeRlqHVzs"}, {"customer": "Jane Doe"}),
)
async def get_subscription(params: Params, desk: Desk) -> Subscription:
    """Get one subscription with items, period and next invoice; update_subscription previews changes."""
    if params.subscription is not None:
        body = await desk.stripe.get(f"/v1/subscriptions/{params.subscription}", {"expand": ["customer"]})
    else:
        body = (await subscription_meant(desk, None, params.customer)).body
    row = row_of(body, await names_of(desk.stripe, products_of(body)), full=True)
    if body["status"] in _ENDED:
        return Subscription(subscription=row)
    told = await next_invoice(desk.stripe, {"subscription": body["id"]})
    return Subscription(subscription=row, next=[f"{label}: {value}" for label, value in told])
