"""A random small business on a sandbox, month by month, whose mirror hears of it by events alone.

Half of its customers live by test clocks. What every subscription brought a month is written down beside, from
Stripe's events as they are, so that figures can be counted without the mirror.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

from paydesk.server.mirror.inbox import handle_pending, insert_events
from paydesk.server.mirror.mirror import Mirror
from tests.conftest import SandboxAnswer, Talk, flat_form
from tests.server.mirror.against_stripe import a_month

DAY = 86_400
BEGUN = int(datetime(2026, 2, 3, 9, tzinfo=UTC).timestamp())
PRICES = (("usd", 1_999, "month"), ("usd", 10_001, "year"), ("usd", 4_950, "month"), ("eur", 333, "week"),
          ("eur", 2_500, "month"), ("jpy", 980, "month"))  # fmt: skip
Json = dict[str, Any]


class QuietTalk(Talk):
    """Requests whose answers nobody judges or keeps: other tests do."""

    def ask(self, method: str, path: str, params: Any = None, headers: Any = None) -> SandboxAnswer:
        """One request."""
        text = flat_form(params or {})
        target = f"{path}?{text}" if text and method != "POST" else path
        sent = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        coroutine = self.sandbox.respond(method, target, sent, text.encode() if method == "POST" else b"")
        try:
            coroutine.send(None)
        except StopIteration as done:
            status, replied, body = done.value
        return SandboxAnswer(status, replied, json.loads(body))


class BusinessOnClocks:
    """Acts drawn from a seed; what Stripe refuses is simply not done."""

    def __init__(self, talk: Talk, seed: int) -> None:
        self.talk, self.draw = talk, Random(seed)  # noqa: S311 - a test's own choices
        self.people: list[Json] = []
        self.running: list[str] = []
        self.intents: list[str] = []
        self.clocks: list[str] = []
        self.told: dict[str, Json] = {}  # every event, oldest first
        self.untold: list[Json] = []  # what the mirror has not heard of
        product = talk.post("/v1/products", name="Pro")["id"]
        self.prices = [
            talk.post("/v1/prices", product=product, currency=currency, unit_amount=amount,
                      recurring={"interval": interval})
            for currency, amount, interval in PRICES
        ]  # fmt: skip
        made = (
            talk.post("/v1/coupons", percent_off=25, duration="forever"),
            talk.post("/v1/coupons", percent_off=10, duration="once"),
            talk.post("/v1/coupons", percent_off=40, duration="repeating", duration_in_months=1),
            talk.post("/v1/coupons", percent_off=100, duration="repeating", duration_in_months=2),
        )
        self.coupons = {str(one["id"]): one for one in made}
        self.hear()

    def live(self, months: int, acts: int, each: Callable[[], None]) -> None:
        """So many months with so many acts each; `each` is called at the end of every one."""
        for _ in range(months):
            for _ in range(acts):
                self._act()
                if self.draw.random() < 0.4:
                    self._wait(self.draw.randrange(1, 8 * DAY))
            self._wait(self.draw.randrange(1, 6 * DAY))
            each()

    def ask(self, method: str, path: str, /, **params: Any) -> Json | None:
        """One request; None where it was refused."""
        answer = self.talk.ask(method, path, params)
        assert answer.status < 500, answer.body
        return answer.body if answer.status == 200 else None

    def hear(self) -> None:
        """Write down the events since the last time."""
        fresh: list[Json] = []
        after: Json = {}
        while True:
            page = self.talk.get("/v1/events", limit=100, **after)
            fresh += [one for one in page["data"] if one["id"] not in self.told]
            if not page["has_more"] or all(one["id"] in self.told for one in page["data"]):
                break
            after = {"starting_after": page["data"][-1]["id"]}
        self.told |= {one["id"]: one for one in reversed(fresh)}
        self.untold += fresh

    async def deliver(self, mirror: Mirror) -> None:
        """Deliver what the mirror has not heard of, some twice, in any order."""
        coming = self.untold + [one for one in self.untold if self.draw.random() < 0.2]
        self.draw.shuffle(coming)
        self.untold = []
        for at in range(0, len(coming), 50):
            some = coming[at : at + 50]
            await mirror.store.write(
                lambda c, some=some: insert_events(c, some, source="webhook", received_at=self.talk.clock.now)
            )
            await handle_pending(mirror)

    def rows(self) -> list[Json]:
        """What each subscription brought a month, from when on: at every event about it or its discounts, the last of a
        second, and at every end of a discount.
        """
        discounts, moments = self._discounts()
        told: dict[str, dict[int, Json]] = {}
        for event in self.told.values():
            if event["type"].startswith("customer.subscription."):
                it = event["data"]["object"]
                told.setdefault(it["id"], {})[event["created"]] = it
        rows = []
        for identity, states in told.items():
            for at in sorted({*states, *moments.get(identity, ())}):
                earlier = [moment for moment in states if moment <= at]
                if not earlier:
                    continue
                it = states[max(earlier)]
                running = [discounts[one] for one in it["discounts"] if at < discounts[one]["over"]]
                rows.append({
                    "subscription": identity, "at": at, "customer": it["customer"], "currency": it["currency"],
                    "a_month_minor": a_month({**it, "discounts": running}),
                })  # fmt: skip
        return rows

    def _discounts(self) -> tuple[dict[str, Json], dict[str, set[int]]]:
        """Every discount with its coupon and the moment that it is `over`; and these moments by subscription."""
        found: dict[str, Json] = {}
        for event in self.told.values():
            it = event["data"]["object"]
            if it["object"] == "discount":  # events of subscriptions name them by id only
                over = event["created"] if event["type"].endswith("deleted") else it["end"]
                was = found.get(it["id"], {}).get("over")
                found[it["id"]] = {
                    "source": {"coupon": self.coupons[it["source"]["coupon"]]},
                    "subscription": it["subscription"],
                    "over": min(at for at in (over, was, 2**60) if at),
                }
        moments: dict[str, set[int]] = {}
        for one in found.values():
            moments.setdefault(one["subscription"], set()).add(one["over"])
        return found, {key: its - {2**60} for key, its in moments.items()}

    def _act(self) -> None:
        acts = (
            (self._come, 3), (self._subscribe, 5), (self._change, 5), (self._cancel, 2), (self._pause, 1),
            (self._card, 1), (self._pay, 4), (self._refund, 2), (self._undiscount, 3),
        )  # fmt: skip
        self.draw.choices([act for act, _ in acts], [weight for _, weight in acts])[0]()

    def _come(self) -> None:
        clock: Json = {}
        if len(self.clocks) < 3:
            made = self.talk.post("/v1/test_helpers/test_clocks", frozen_time=self.talk.clock.now)
            self.clocks.append(made["id"])
            clock = {"test_clock": made["id"]}
        person = self.talk.post("/v1/customers", name=f"Person {len(self.people)}", **clock)
        self.people.append(person)
        self._give_card(person["id"], "pm_card_visa")

    def _give_card(self, person: str, card: str) -> None:
        made = self.ask("POST", f"/v1/payment_methods/{card}/attach", customer=person)
        if made is not None:
            self.ask("POST", f"/v1/customers/{person}", invoice_settings={"default_payment_method": made["id"]})

    def _card(self) -> None:
        """A card that is declined from now on, or one that works again."""
        if self.people:
            card = self.draw.choice(["pm_card_chargeCustomerFail", "pm_card_visa"])
            self._give_card(self.draw.choice(self.people)["id"], card)

    def _subscribe(self) -> None:
        if not self.people:
            return self._come()
        more: Json = self.draw.choice([{}, {}, {"trial_period_days": self.draw.choice([3, 14])}])
        if self.draw.random() < 0.3:
            more = {**more, "discounts": [{"coupon": self.draw.choice(list(self.coupons))}]}
        item = {"price": self.draw.choice(self.prices)["id"], "quantity": self.draw.randrange(1, 4)}
        person = self.draw.choice(self.people)["id"]
        made = self.ask("POST", "/v1/subscriptions", customer=person, items=[item], **more)
        if made is not None:
            self.running.append(made["id"])
        return None

    def _change(self) -> None:
        it = self.ask("GET", f"/v1/subscriptions/{self.draw.choice(self.running)}") if self.running else None
        if it is None:
            return
        item = it["items"]["data"][0]
        same = [one["id"] for one in self.prices if one["currency"] == it["currency"]]
        change = self.draw.choice(
            [
                {"items": [{"id": item["id"], "quantity": self.draw.randrange(1, 5)}]},
                {"items": [{"id": item["id"], "price": self.draw.choice(same)}]},
                {"cancel_at_period_end": self.draw.random() < 0.7},
                {"trial_end": "now"},
                {"discounts": [{"coupon": self.draw.choice(list(self.coupons))}]},
            ]
        )
        self.ask("POST", f"/v1/subscriptions/{it['id']}", **change)

    def _undiscount(self) -> None:
        """What was given off is taken away again, sometimes within the hour."""
        if self.running:
            chosen = self.draw.choice(self.running)
            if self.draw.random() < 0.5:
                coupon = self.draw.choice(list(self.coupons))
                self.ask("POST", f"/v1/subscriptions/{chosen}", discounts=[{"coupon": coupon}])
                self._wait(self.draw.choice([60, 5_000, 3 * DAY]))
            self.ask("DELETE", f"/v1/subscriptions/{chosen}/discount")

    def _cancel(self) -> None:
        if self.running:
            self.ask("DELETE", f"/v1/subscriptions/{self.draw.choice(self.running)}")

    def _pause(self) -> None:
        if self.running:
            how = self.draw.choice([{"behavior": "void"}, ""])
            self.ask("POST", f"/v1/subscriptions/{self.draw.choice(self.running)}", pause_collection=how)

    def _pay(self) -> None:
        person = {"customer": self.draw.choice(self.people)["id"]} if self.people else {}
        cards = ["pm_card_visa", "pm_card_visa", "pm_card_chargeDeclined", "pm_card_createDispute"]
        made = self.ask(
            "POST", "/v1/payment_intents", amount=self.draw.randrange(100, 9_000), confirm=True,
            currency=self.draw.choice(["usd", "eur", "jpy"]), payment_method=self.draw.choice(cards),
            payment_method_types=["card"], **person,
        )  # fmt: skip
        if made is not None:
            self.intents.append(made["id"])

    def _refund(self) -> None:
        if self.intents:
            part = self.draw.choice([{}, {"amount": self.draw.randrange(1, 400)}])
            self.ask("POST", "/v1/refunds", payment_intent=self.draw.choice(self.intents), **part)

    def _wait(self, seconds: int) -> None:
        """Time passes, for those on clocks too: by no more than a week, as far as a clock of weeks may go."""
        until = self.talk.clock.now + seconds
        while self.talk.clock.now < until:
            self.talk.clock.now = min(until, self.talk.clock.now + 6 * DAY)
            for clock in self.clocks:
                self.talk.post(f"/v1/test_helpers/test_clocks/{clock}/advance", frozen_time=self.talk.clock.now)
            self.talk.get("/v1/balance")  # whatever is due happens with the next request
            self.hear()
