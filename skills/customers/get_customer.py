"""One customer: how to reach them, how they pay, what they subscribe to, what they have paid."""

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Result, Strict, skill
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.lifetime_value import lifetime_of, told
from paydesk.skills.money import Money, money
from paydesk.skills.period import day
from paydesk.skills.reading import Detail
from paydesk.skills.saved_method import default_of
from paydesk.skills.who import CustomerText, customer_meant, label

_SHOWN = 20
# A line costs a reader some thirty tokens, most of them for its id.
_LINES = 4


class Params(Strict):
    customer: CustomerText
    detail: Detail = "concise"


class Method(Result):
    """A saved payment method."""

    id: str
    text: str
    default: bool | None = None


class Subscribed(Result):
    """A subscription of the customer."""

    id: str
    status: str
    price: str | None = None


class Customer(Result):
    """A customer. `balance` below zero is credit that the next invoice uses up (Stripe's sign).

    `subscriptions` are those that run; detail `full` adds the canceled ones. `has_more`: not all are shown.
    `lifetime_value` is what they paid in `payments` payments less refunds, per currency; `looked_at` where there were
    more charges than were read.
    """

    id: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    created: str
    delinquent: bool
    balance: Money | None = None
    methods: list[Method]
    subscriptions: list[Subscribed]
    lifetime_value: list[Money]
    payments: int
    looked_at: int | None = None
    has_more: bool | None = None
    description: str | None = None
    metadata: dict[str, str] | None = None
    all_lines: bool = Field(False, exclude=True)

    def sentence(self) -> str:
        """Who it is, and what there is."""
        reach = f" <{self.email}>" if self.email else ""
        late = ", with an unpaid invoice" if self.delinquent else ""
        credit = ""
        if self.balance is not None and self.balance.amount_minor:
            side = "of credit" if self.balance.amount_minor < 0 else "owed"
            credit = f", {self.balance.text.removeprefix('-')} {side}"
        return (
            f"{self.name or self.id}{reach}, customer since {self.created}{late}{credit}: "
            f"{_count(self.methods, 'payment method', self.has_more)}, "
            f"{_count(self.subscriptions, 'subscription', self.has_more)}. "
            f"{told(self.lifetime_value, self.payments, self.looked_at)}"
        )

    def lines(self) -> list[str]:
        """One line a payment method and a subscription, the default method first; few of each unless all are wanted."""
        by_use = sorted(self.methods, key=lambda one: not one.default)
        methods = [f"{one.text}{' (default)' if one.default else ''} {one.id}" for one in by_use]
        subscriptions = [f"{one.price or 'subscription'} {one.status} {one.id}" for one in self.subscriptions]
        return [
            *self._first(methods, "list_payment_methods"),
            *self._first(subscriptions, "list_subscriptions"),
        ]

    def _first(self, lines: list[str], elsewhere: str) -> list[str]:
        if self.all_lines or len(lines) <= _LINES:
            return lines
        return [*lines[:_LINES], f"and {len(lines) - _LINES} more: {elsewhere}"]


def _count(items: list[Method] | list[Subscribed], noun: str, has_more: bool | None) -> str:
    at_least = " or more" if has_more and len(items) == _SHOWN else ""
    return f"{len(items)}{at_least} {noun}{'' if len(items) == 1 else 's'}"


@skill(
    effect=Effect.READ,
    toolset="customers",
    says=("show customer {customer}", "tell me about customer {customer}"),
    examples=({"customer": "jane@example.com"},),
)
async def get_customer(params: Params, desk: Desk) -> Customer:
    """Get one customer: contact, cards, subscriptions, balance, lifetime value."""
    customer = await customer_meant(desk, params.customer)
    full = params.detail == "full"
    methods = await desk.stripe.page(f"/v1/customers/{customer['id']}/payment_methods", {"limit": _SHOWN})
    # Without a status Stripe leaves the canceled ones out.
    asked = {"customer": customer["id"], "limit": _SHOWN} | ({"status": "all"} if full else {})
    subscriptions = await desk.stripe.page("/v1/subscriptions", asked)
    lifetime = await lifetime_of(desk.stripe, str(customer["id"]))
    default = default_of(customer)
    currency = customer.get("currency")
    return Customer(
        id=str(customer["id"]),
        name=label(customer) if customer.get("name") else None,
        email=clean_or_none(customer.get("email")),
        phone=clean_or_none(customer.get("phone"), 40),
        created=day(int(customer["created"])),
        delinquent=bool(customer.get("delinquent")),
        balance=money(int(customer["balance"]), currency) if currency else None,
        methods=[_method(method, default) for method in methods.data],
        subscriptions=[_subscribed(one) for one in subscriptions.data],
        lifetime_value=lifetime.value,
        payments=lifetime.payments,
        looked_at=None if lifetime.whole else lifetime.looked_at,
        has_more=True if methods.has_more or subscriptions.has_more else None,
        description=clean_or_none(customer.get("description")) if full else None,
        metadata=_metadata(customer) if full else None,
        all_lines=full,
    )


def _metadata(customer: Json) -> dict[str, str] | None:
    found = {clean(name, 40): clean(value) for name, value in (customer.get("metadata") or {}).items()}
    return found or None


def _method(method: Json, default: object) -> Method:
    card = method.get("card") or {}
    text = f"{card['brand']} •{card['last4']} {card['exp_month']:02}/{card['exp_year']}" if card else method["type"]
    return Method(id=str(method["id"]), text=clean(text), default=True if method["id"] == default else None)


def _subscribed(subscription: Json) -> Subscribed:
    items = subscription["items"]["data"]
    told = [_price(item) for item in items[:3]]
    return Subscribed(id=str(subscription["id"]), status=str(subscription["status"]), price=" + ".join(told) or None)


def _price(item: Json) -> str:
    price = item["price"]
    every = price.get("recurring") or {}
    amount = price.get("unit_amount")
    if amount is None or not every:
        return "metered"
    count = every.get("interval_count", 1)
    interval = every["interval"] if count == 1 else f"{count} {every['interval']}s"
    times = f"{item['quantity']} x " if item.get("quantity", 1) != 1 else ""
    return f"{times}{money(int(amount), price['currency']).text}/{interval}"
