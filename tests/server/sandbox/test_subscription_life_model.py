"""Whatever happens to subscriptions in whatever order, they bill what they should, and the books agree."""

import logging
from collections import defaultdict
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from paydesk.server.sandbox.app import create_sandbox
from tests.conftest import SandboxClock, Talk

DAY_S = 86_400
RUNNING = ("active", "trialing", "past_due", "unpaid")
PRORATING = st.sampled_from(["create_prorations", "always_invoice", "none"])
PAYING = st.sampled_from(["allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"])
CARDS = st.sampled_from(["pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"])
PRICES = st.sampled_from(["small", "big", "odd", "yearly", "used"])
QUANTITIES = st.integers(0, 7)


class Slips(logging.Handler):
    """Keeps what the sandbox could not do: a timed action that failed, an answer that became a 500."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.kept: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        trace = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
        self.kept.append(f"{record.getMessage()}\n{trace}")


class Lives(RuleBasedStateMachine):
    """Customers who subscribe, change, stop paying, come back and leave, while time passes."""

    subscriptions = Bundle("subscriptions")

    @initialize(target=subscriptions)
    def open(self) -> Any:
        self.slips = Slips()
        logging.getLogger("paydesk.server.sandbox").addHandler(self.slips)
        clock = SandboxClock()
        self.talk = Talk(create_sandbox(now=clock), clock)
        talk = self.talk
        self.meter = talk.post(
            "/v1/billing/meters", display_name="M", event_name="used", default_aggregation={"formula": "sum"}
        )["id"]
        monthly = {"interval": "month"}
        made = {
            "small": (1_000, monthly),
            "big": (4_999, monthly),
            "odd": (333, monthly),
            "yearly": (9_900, {"interval": "year"}),
            "used": (7, {**monthly, "usage_type": "metered", "meter": self.meter}),
        }
        self.prices = {}
        for name, (amount, recurring) in made.items():
            sent = {"product_data": {"name": name}, "currency": "usd", "unit_amount": amount, "recurring": recurring}
            self.prices[name] = talk.post("/v1/prices", **sent)["id"]
        self.coupon = talk.post("/v1/coupons", percent_off=15, duration="repeating", duration_in_months=2)["id"]
        self.rate = talk.post("/v1/tax_rates", display_name="VAT", percentage="12.5", inclusive=False)["id"]
        self.customers = [self.customer() for _ in range(2)]
        items = [{"price": self.prices["small"]}, {"price": self.prices["used"]}]
        return talk.post("/v1/subscriptions", customer=self.customers[0], items=items)["id"]

    def teardown(self) -> None:
        if hasattr(self, "talk"):
            logging.getLogger("paydesk.server.sandbox").removeHandler(self.slips)
            self.talk.sandbox.close()

    def customer(self) -> str:
        card = "pm_card_visa"
        saved = {"payment_method": card, "invoice_settings": {"default_payment_method": card}}
        return str(self.talk.post("/v1/customers", name="Zoë", **saved)["id"])

    def ask(self, path: str, method: str = "POST", **params: Any) -> dict[str, Any] | None:
        """The answer, or None where the request was refused in Stripe's words; a 500 is a failure."""
        self.talk.log.clear()
        answer = self.talk.ask(method, path, params)
        assert answer.status in (200, 400, 402, 404), answer.body
        assert self.slips.kept == []
        return answer.body if answer.status == 200 else None

    def look(self, subscription: str) -> dict[str, Any]:
        return self.talk.get(f"/v1/subscriptions/{subscription}")

    @rule(
        target=subscriptions,
        whose=st.integers(0, 1),
        price=PRICES,
        quantity=QUANTITIES,
        way=st.sampled_from(["plain", "trial", "paused trial", "anchor", "past", "sent", "discount", "tax", "ends"]),
        paying=st.sampled_from(["allow_incomplete", "default_incomplete", "error_if_incomplete"]),
    )
    def subscribe(self, whose: int, price: str, quantity: int, way: str, paying: str) -> Any:
        now = self.talk.clock.now
        ways: dict[str, dict[str, Any]] = {
            "plain": {},
            "trial": {"trial_period_days": 10},
            "paused trial": {
                "trial_period_days": 3,
                "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}},
            },
            "anchor": {"billing_cycle_anchor": now + 11 * DAY_S},
            "past": {"backdate_start_date": now - 50 * DAY_S},
            "sent": {"collection_method": "send_invoice", "days_until_due": 5},
            "discount": {"discounts": [{"coupon": self.coupon}]},
            "tax": {"default_tax_rates": [self.rate]},
            "ends": {"cancel_at": now + 47 * DAY_S},
        }
        item = {"price": self.prices[price], **({} if price == "used" else {"quantity": quantity})}
        sent = {"customer": self.customers[whose], "items": [item], "payment_behavior": paying, **ways[way]}
        made = self.ask("/v1/subscriptions", **sent)
        return made["id"] if made else multiple()

    @rule(one=subscriptions, quantity=QUANTITIES, prorating=PRORATING, paying=PAYING)
    def change_quantity(self, one: str, quantity: int, prorating: str, paying: str) -> None:
        found = self.ask(f"/v1/subscriptions/{one}", "GET")
        if found:
            item = {"id": found["items"]["data"][0]["id"], "quantity": quantity}
            self.ask(f"/v1/subscriptions/{one}", items=[item], proration_behavior=prorating, payment_behavior=paying)

    @rule(one=subscriptions, price=PRICES, prorating=PRORATING, paying=PAYING)
    def change_price(self, one: str, price: str, prorating: str, paying: str) -> None:
        found = self.ask(f"/v1/subscriptions/{one}", "GET")
        if found:
            item = {"id": found["items"]["data"][-1]["id"], "price": self.prices[price]}
            self.ask(f"/v1/subscriptions/{one}", items=[item], proration_behavior=prorating, payment_behavior=paying)

    @rule(one=subscriptions, price=PRICES, prorating=PRORATING)
    def add_item(self, one: str, price: str, prorating: str) -> None:
        self.ask("/v1/subscription_items", subscription=one, price=self.prices[price], proration_behavior=prorating)

    @rule(one=subscriptions, prorating=PRORATING)
    def remove_item(self, one: str, prorating: str) -> None:
        found = self.ask(f"/v1/subscriptions/{one}", "GET")
        if found:
            item = found["items"]["data"][0]["id"]
            self.ask(f"/v1/subscription_items/{item}", "DELETE", proration_behavior=prorating)

    @rule(
        one=subscriptions,
        sent=st.sampled_from(
            [
                *({"cancel_at_period_end": True}, {"cancel_at_period_end": False}, {"cancel_at": None}),
                *({"pause_collection": {"behavior": name}} for name in ("void", "keep_as_draft", "mark_uncollectible")),
                *({"pause_collection": None}, {"billing_cycle_anchor": "now"}, {"trial_end": "now"}),
                {"metadata": {"a": "b"}, "description": "Tea"},
            ]
        ),
    )
    def adjust(self, one: str, sent: dict[str, Any]) -> None:
        self.ask(f"/v1/subscriptions/{one}", **sent)

    @rule(one=subscriptions, days=st.integers(1, 40), what=st.sampled_from(["cancel_at", "trial_end"]))
    def plan(self, one: str, days: int, what: str) -> None:
        self.ask(f"/v1/subscriptions/{one}", **{what: self.talk.clock.now + days * DAY_S})

    @rule(one=subscriptions, prorate=st.booleans(), invoice_now=st.booleans())
    def cancel(self, one: str, prorate: bool, invoice_now: bool) -> None:
        self.ask(f"/v1/subscriptions/{one}", "DELETE", prorate=prorate, invoice_now=invoice_now)

    @rule(one=subscriptions)
    def resume(self, one: str) -> None:
        self.ask(f"/v1/subscriptions/{one}/resume")

    @rule(one=subscriptions, price=PRICES, end=st.sampled_from(["release", "cancel"]))
    def put_on_a_schedule(self, one: str, price: str, end: str) -> None:
        made = self.ask("/v1/subscription_schedules", from_subscription=one)
        if made:
            phase = made["phases"][0]
            items = [{name: item[name] for name in ("price", "quantity") if name in item} for item in phase["items"]]
            same = {"items": items, "start_date": phase["start_date"], "end_date": phase["end_date"]}
            following = {"items": [{"price": self.prices[price]}]}
            self.ask(f"/v1/subscription_schedules/{made['id']}", phases=[same, following], end_behavior=end)

    @rule(whose=st.integers(0, 1), card=CARDS)
    def take_another_card(self, whose: int, card: str) -> None:
        customer = self.customers[whose]
        method = self.talk.post(f"/v1/payment_methods/{card}/attach", customer=customer)["id"]
        self.talk.post(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": method})

    @rule(one=subscriptions)
    def pay_the_latest(self, one: str) -> None:
        found = self.ask(f"/v1/subscriptions/{one}", "GET")
        if found and found["latest_invoice"]:
            self.ask(f"/v1/invoices/{found['latest_invoice']}/pay")

    @rule(whose=st.integers(0, 1), value=st.integers(1, 500))
    def use(self, whose: int, value: int) -> None:
        payload = {"stripe_customer_id": self.customers[whose], "value": str(value)}
        self.ask("/v1/billing/meter_events", event_name="used", payload=payload)

    @rule(end=st.sampled_from(["cancel", "unpaid", "past_due"]))
    def set_the_end_of_dunning(self, end: str) -> None:
        self.ask("/_sandbox/dunning", end=end)

    @rule(hours=st.sampled_from([0, 2, 24, 24 * 5, 24 * 17, 24 * 45]))
    def time_passes(self, hours: int) -> None:
        self.talk.clock.pass_s(hours * 3_600 + 1)
        self.ask("/v1/events", "GET", limit=1)

    @invariant()
    def a_subscription_is_where_its_clock_says(self) -> None:
        """Stripe: one that runs is within its period; one that ended says when; items share their period."""
        schedules = {one["id"]: one for one in self.every("/v1/subscription_schedules")}
        for one in self.every("/v1/subscriptions", status="all"):
            spans = {(item["current_period_start"], item["current_period_end"]) for item in one["items"]["data"]}
            assert len(spans) == 1, one["items"]
            start, end = spans.pop()
            if one["status"] in RUNNING:
                assert start <= self.talk.clock.now < end, (one["status"], start, end, self.talk.clock.now)
            assert (one["ended_at"] is not None) == (one["status"] in ("canceled", "incomplete_expired"))
            assert not [name for name in one if name.startswith("_")]
            if one["schedule"] and schedules[one["schedule"]]["status"] == "active":
                assert schedules[one["schedule"]]["subscription"] == one["id"]
            if one["cancel_at_period_end"] and one["status"] in RUNNING:
                assert one["cancel_at"] == end

    @invariant()
    def an_invoice_is_the_sum_of_its_lines(self) -> None:
        """Stripe: total = lines - discounts + taxes on top; what is due is paid in whole or not at all."""
        renewed = defaultdict(int)
        for one in self.every("/v1/invoices"):
            lines = self.talk.get(f"/v1/invoices/{one['id']}/lines", limit=100)["data"]
            off = sum(part["amount"] for part in one["total_discount_amounts"])
            on_top = sum(tax["amount"] for tax in one["total_taxes"] if tax["tax_behavior"] == "exclusive")
            assert one["total"] == sum(line["amount"] for line in lines) - off + on_top
            assert one["amount_due"] >= 0
            assert one["amount_paid"] == (one["amount_due"] if one["status"] == "paid" else 0)
            for line in lines:
                details = line["parent"]["subscription_item_details"]
                if one["billing_reason"] == "subscription_cycle" and details and not details["proration"]:
                    renewed[details["subscription_item"], line["period"]["start"], line["description"]] += 1
        assert all(count == 1 for count in renewed.values()), renewed

    @invariant()
    def what_customers_paid_is_on_their_invoices(self) -> None:
        """Ours: succeeded charges = paid invoices, per customer; the balance is the sum of its movements."""
        paid: dict[str, int] = defaultdict(int)
        for invoice in self.every("/v1/invoices"):
            paid[invoice["customer"]] += invoice["amount_paid"]
        for charge in self.every("/v1/charges"):
            if charge["status"] == "succeeded":
                paid[charge["customer"]] -= charge["amount"]
        assert not any(paid.values()), dict(paid)
        for customer in self.customers:
            moves = self.every(f"/v1/customers/{customer}/balance_transactions")
            balance = self.talk.get(f"/v1/customers/{customer}")["balance"]
            assert balance == sum(move["amount"] for move in moves)

    def every(self, path: str, **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            after = {"starting_after": found[-1]["id"]} if found else {}
            page = self.talk.get(path, limit=100, **params, **after)
            found += page["data"]
            if not page["has_more"]:
                self.talk.log.clear()
                return found


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
