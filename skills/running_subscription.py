"""One subscription that is to be changed: the one meant, how a person knows it, and what a change relies on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from paydesk.skills.base import Desk, Json
from paydesk.skills.errors import Ambiguous, NotFound, SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.ids import checked_id
from paydesk.skills.period import day, seconds
from paydesk.skills.price import price_text
from paydesk.skills.product import names_of, products_meant
from paydesk.skills.subscription import items_of, period_end, product_id, products_of
from paydesk.skills.who import choice, customer_meant, label

ENDED = ("canceled", "incomplete_expired")
_LOOKED_AT = 100
_CHOICES = 8


@dataclass(frozen=True)
class Running:
    """A subscription of Stripe (customer expanded), with its products' names by id."""

    body: Json
    names: Mapping[str, str]

    @property
    def id(self) -> str:
        """sub_..."""
        return str(self.body["id"])

    @property
    def status(self) -> str:
        """Stripe's status."""
        return str(self.body["status"])

    @property
    def customer(self) -> Json:
        """The customer, with no more than an id where Stripe does not show them."""
        found = self.body["customer"]
        return found if isinstance(found, dict) else {"id": found}

    @property
    def owner(self) -> str:
        """How the customer is called."""
        return label(self.customer)

    @property
    def items(self) -> list[Json]:
        """What is billed."""
        return items_of(self.body)

    @property
    def plan(self) -> str:
        """The names of what is billed."""
        named = [self.names.get(product_id(item["price"])) or product_id(item["price"]) for item in self.items]
        return " + ".join(dict.fromkeys(named)) or "(nothing)"

    @property
    def cost(self) -> str:
        """What is billed and how often, such as `2 x $10.00 / month`."""
        return " + ".join(price_text(item["price"], item.get("quantity")) for item in self.items)

    @property
    def period_end(self) -> int | None:
        """When the current period ends."""
        return period_end(self.body)

    @property
    def told(self) -> str:
        """How a person recognises it: `Jane Doe's subscription to Pro ($49.00 / month, sub_...)`."""
        return f"{self.owner}'s subscription to {self.plan} ({self.cost}, {self.id})"

    @property
    def paused(self) -> Json | None:
        """How collection is paused, or None."""
        found = self.body.get("pause_collection")
        return found if isinstance(found, dict) else None

    def details(self) -> list[tuple[str, str]]:
        """What every question about it shows."""
        ends = self.period_end
        shown = [
            ("Customer", choice(self.customer)),
            ("Plan", f"{self.plan}: {self.cost}"),
            ("State now", self.status.replace("_", " ") + (", collection paused" if self.paused else "")),
        ]
        return [*shown, ("Period ends", day(ends))] if ends else shown

    def relies_on(self) -> dict[str, str | int | bool | None]:
        """What must be the same when a change is sent."""
        items = ";".join(f"{item['id']}={item['price']['id']}x{item.get('quantity')}" for item in self.items)
        paused = self.paused
        return {
            "subscription": self.id,
            "status": self.status,
            "items": items,
            "cancel_at_period_end": bool(self.body.get("cancel_at_period_end")),
            "cancel_at": self.body.get("cancel_at"),
            "period_end": self.period_end,
            "paused": f"{paused.get('behavior')} until {paused.get('resumes_at')}" if paused else None,
        }

    def warnings(self) -> list[str]:
        """What any change should be seen with."""
        found = []
        if self.body.get("schedule"):
            found.append("A schedule manages this subscription and may change it back.")
        if self.status == "past_due":
            found.append("Its latest invoice is past due.")
        return found


async def subscription_meant(
    desk: Desk,
    subscription: str | None,
    customer: str | None,
    *,
    product: str | None = None,
    fits: Callable[[Json], bool] = lambda _: True,
    what: str = "running subscription",
) -> Running:
    """The subscription by id, or the customer's only one that `fits` and bills `product`; `what` names it in errors.

    Raises SkillError (neither given, it has ended, it is another customer's), NotFound, Ambiguous with choices.
    """
    if subscription is not None:
        return await _by_id(desk, subscription, customer)
    if customer is None:
        raise SkillError(
            "Which subscription?",
            code="subscription_missing",
            field="subscription",
            next_step="Give its sub_ id, or the customer.",
        )
    who = await customer_meant(desk, customer)
    asked = {"customer": who["id"], "limit": _LOOKED_AT, "expand": ["data.customer"]}
    found = [one for one in (await desk.stripe.page("/v1/subscriptions", asked)).data if one["status"] not in ENDED]
    wanted = await products_meant(desk.stripe, product) if product is not None else None
    if wanted is not None:
        found = [one for one in found if set(products_of(one)) & set(wanted)]
    fitting = [one for one in found if fits(one)] or (found if len(found) == 1 else [])
    names = await names_of(desk.stripe, (name for one in fitting for name in products_of(one)))
    return _only([Running(one, names) for one in fitting], who, f"{what} to {clean(product, 60)}" if product else what)


def _only(fitting: list[Running], who: Json, what: str) -> Running:
    if not fitting:
        raise NotFound(
            f"{label(who)} has no {what}.",
            code="subscription_not_found",
            field="customer",
            next_step="list_subscriptions shows what there is.",
        )
    if len(fitting) > 1:
        raise Ambiguous(
            f"{label(who)} has {len(fitting)} subscriptions that could be meant: which one?",
            code="subscription_ambiguous",
            field="subscription",
            choices=[_choice(one) for one in fitting[:_CHOICES]],
            next_step="Say its sub_ id.",
        )
    return fitting[0]


def _choice(one: Running) -> str:
    return f"{one.plan} {one.cost}, {one.status.replace('_', ' ')}, {one.id}"


async def _by_id(desk: Desk, text: str, customer: str | None) -> Running:
    identifier = checked_id(text, "sub", field="subscription")
    body = await desk.stripe.get(f"/v1/subscriptions/{identifier}", {"expand": ["customer"]})
    found = Running(body, await names_of(desk.stripe, products_of(body)))
    if customer is not None:
        who = await customer_meant(desk, customer)
        if who["id"] != found.customer["id"]:
            raise SkillError(
                "This subscription is of another customer.",
                code="subscription_of_another_customer",
                field="customer",
            )
    if found.status in ENDED:
        raise SkillError(
            f"{found.told} has ended; what has ended cannot be changed.",
            code="subscription_ended",
            field="subscription",
            next_step="create_subscription starts a new one.",
        )
    return found


def ahead(on: date, now: datetime, field: str) -> int:
    """Midnight UTC at the beginning of a day to come, in seconds. Raises SkillError for today or a day that is past."""
    if on <= now.astimezone(UTC).date():
        raise SkillError(
            f"{field} must be a day to come; today is {now.astimezone(UTC).date()} (UTC).",
            code="date_not_ahead",
            field=field,
        )
    return seconds(on)
