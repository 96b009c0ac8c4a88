"""The mirror and Stripe's own lists give the same figures to the cent, on random businesses over test clocks."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from paydesk.server.analytics.figures import MirrorFigures
from paydesk.server.errors import StripeRefused
from paydesk.server.mirror.mirror import Mirror, open_mirror
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.settings import load_settings
from paydesk.server.stripe_api.opening import sandbox_door
from paydesk.skills.base import StripeRequest
from paydesk.skills.books import Span
from paydesk.skills.counting import COUNTING
from paydesk.skills.counting import count as count_from_stripe
from paydesk.skills.figures import Asked
from paydesk.skills.metrics import PERIODS

NOW = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp())
DAY = 86_400
RECURRING = ("mrr", "arr", "churn", "ltv")
Post = Callable[..., Awaitable[dict[str, Any]]]


class Shop:
    """A sandbox with a clock that a test moves, a door to it, and its mirror."""

    def __init__(self, home: Path) -> None:
        self.now = NOW - 90 * DAY
        self.home = home
        self.door = sandbox_door(create_sandbox(None, now=lambda: float(self.now)), now=lambda: float(self.now))
        self.keys = count()
        self.mirror: Mirror | None = None

    async def post(self, path: str, **params: Any) -> dict[str, Any]:
        return await self.door.send(StripeRequest("POST", path, params), idempotency_key=f"k{next(self.keys)}")

    async def opened(self) -> Mirror:
        """Its mirror, made when first needed."""
        if self.mirror is None:
            settings = load_settings(home=self.home)
            self.mirror = await open_mirror(settings, await self.door.account_id(), "sandbox", self.door)
        return self.mirror

    async def folder(self) -> Path:
        return self.home / "columns"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """An empty shop, ninety days ago."""
    made = Shop(tmp_path)
    yield made
    if made.mirror is not None:
        await made.mirror.aclose()
    await made.door.aclose()


async def trade(shop: Shop, random: Random, steps: int) -> None:
    """So many random things that happen to a shop, days apart."""
    people: list[str] = []
    charges: list[str] = []
    running: list[str] = []
    product = (await shop.post("/v1/products", name="Pro"))["id"]
    prices = [
        (
            await shop.post(
                "/v1/prices",
                product=product,
                currency=currency,
                unit_amount=amount,
                recurring={"interval": interval},
            )
        )["id"]
        for currency, amount, interval in (("usd", 1_999, "month"), ("usd", 10_001, "year"), ("eur", 333, "week"))
    ]
    for _ in range(steps):
        what = random.choice(["customer", "pay", "pay", "pay", "refund", "subscribe", "cancel", "wait", "wait"])
        if what == "customer" or not people:
            made = await shop.post("/v1/customers", name=f"Person {len(people)}", email="a@example.com")
            card = await shop.post("/v1/payment_methods/pm_card_visa/attach", customer=made["id"])
            await shop.post(f"/v1/customers/{made['id']}", invoice_settings={"default_payment_method": card["id"]})
            people.append(made["id"])
        elif what == "pay":
            await _pay(shop, random, random.choice(people), charges)
        elif what == "refund" and charges:
            paid = charges.pop(random.randrange(len(charges)))
            await shop.post("/v1/refunds", payment_intent=paid, amount=random.randrange(1, 50))
        elif what == "subscribe":
            trial = random.choice([{}, {}, {"trial_period_days": 5}])
            item = {"price": random.choice(prices), "quantity": random.randrange(1, 4)}
            with suppress(StripeRefused):  # one customer has subscriptions in one currency
                made = await shop.post("/v1/subscriptions", customer=random.choice(people), items=[item], **trial)
                running.append(made["id"])
        elif what == "cancel" and running:
            gone = running.pop(random.randrange(len(running)))
            request = StripeRequest("DELETE", f"/v1/subscriptions/{gone}", {})
            await shop.door.send(request, idempotency_key=f"k{next(shop.keys)}")
        else:
            shop.now += random.randrange(1, 6) * DAY + random.randrange(DAY)


async def _pay(shop: Shop, random: Random, customer: str, charges: list[str]) -> None:
    card = random.choice(["pm_card_visa", "pm_card_amex", "pm_card_chargeDeclined", "pm_card_createDispute"])
    try:
        paid = await shop.post(
            "/v1/payment_intents",
            amount=random.randrange(100, 9_000),
            currency=random.choice(["usd", "eur", "jpy"]),
            customer=customer,
            payment_method=card,
            confirm=True,
            automatic_payment_methods={"enabled": True, "allow_redirects": "never"},
        )
    except StripeRefused:
        return
    if card in ("pm_card_visa", "pm_card_amex"):
        charges.append(paid["id"])


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_metric_is_the_same_both_ways(shop: Shop, seed: int) -> None:
    """Ours: the way an answer was come by must not be seen in its figures."""
    random = Random(seed)  # noqa: S311 - a test's own choices
    await trade(shop, random, 60)
    figures = MirrorFigures(shop.opened, shop.folder)
    first = await figures.counted(Asked("revenue", shop.door, shop.now), Span(None, None))
    assert first is not None
    await trade(shop, random, 40)  # what comes after the first filling comes by events
    shop.now += 20
    for metric in COUNTING:
        for span in _spans(metric, datetime.fromtimestamp(shop.now, UTC).date()):
            for group_by in [None] if metric in (*RECURRING, "top_customers") else [None, *PERIODS]:
                for currency in (None, "usd"):
                    await _same(figures, Asked(metric, shop.door, shop.now, None, currency, group_by, 5), span)
    customer = (await shop.door.page("/v1/customers", {"limit": 1})).data[0]["id"]
    for metric in ("revenue", "refunds", "payment_count", "average_payment", "failure_rate", "dispute_rate", "mrr"):
        await _same(figures, Asked(metric, shop.door, shop.now, customer), Span(None, None))
    await _same(figures, Asked("ltv", shop.door, shop.now, customer), Span(None, None))
    await figures.aclose()


def _spans(metric: str, today: date) -> list[Span]:
    """Periods in which Stripe's lists tell the whole truth: of past prices they know nothing."""
    if metric == "churn":
        return [Span(date(2026, 9, 20), None)]
    if metric in RECURRING:
        return [Span(None, None)]
    return [Span(None, None), Span(date(2026, 9, 1), today), Span(date(2026, 9, 10), date(2026, 9, 11))]


async def _same(figures: MirrorFigures, asked: Asked, span: Span) -> None:
    from_mirror = await figures.counted(asked, span)
    assert from_mirror is not None
    assert from_mirror.source == "mirror"
    from_stripe = await count_from_stripe(asked, span)
    assert from_mirror.figures == from_stripe.figures, (asked.metric, span, asked.group_by, asked.currency)
    assert from_mirror.has_more == from_stripe.has_more
