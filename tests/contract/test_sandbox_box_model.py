"""The whole box as one state machine: payments, disputes, payouts, subscriptions, invoices, credit notes, clock jumps.

Whatever is asked in whatever order: never a 500; what is refused changes nothing; the books add up in each currency;
and the same requests to another sandbox of the same seed get the same bytes. Shapes are judged as the answers come.
"""

import json
import logging
from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from paydesk.server.sandbox.app import Sandbox, create_sandbox
from tests.conftest import SandboxAnswer, SandboxClock, Talk

DAY_S = 86_400
CARDS = st.sampled_from([
    *("pm_card_visa", "pm_card_visa", "pm_card_bypassPending", "pm_card_createDispute", "pm_card_refundFail"),
    *("pm_card_chargeCustomerFail", "pm_card_authenticationRequired", "pm_card_pendingRefund"),
])  # fmt: skip
CURRENCIES = st.sampled_from(["usd", "usd", "eur", "jpy"])
AMOUNTS = st.integers(60, 20_000)
# What nobody may do: ids of another type, states that do not fit, amounts below nothing, words that are none.
WRONG = st.sampled_from([
    ("POST", "/v1/payment_intents", {"amount": -5, "currency": "usd"}),
    ("POST", "/v1/payment_intents", {"amount": 500, "currency": "moon"}),
    ("POST", "/v1/refunds", {"payment_intent": "cus_1"}),
    ("POST", "/v1/refunds", {"amount": 5}),
    ("POST", "/v1/payouts", {"amount": 10**9, "currency": "usd"}),
    ("POST", "/v1/subscriptions", {"customer": "cus_nobody", "items": [{"price": "price_none"}]}),
    ("POST", "/v1/invoiceitems", {"customer": "cus_nobody", "amount": 5, "currency": "usd"}),
    ("POST", "/v1/credit_notes", {"invoice": "in_none", "amount": 5}),
    ("POST", "/v1/customers", {"metadata": {"k" * 41: "v"}}),
    ("POST", "/v1/customers", {"email": "a@example.com", "default_source": {"deep": {"deeper": 1}}}),
    ("GET", "/v1/charges", {"limit": 1_000}),
    ("DELETE", "/v1/subscriptions/sub_none", {}),
])  # fmt: skip


class Slips(logging.Handler):
    """Keeps what the sandbox only logs: a timed action that failed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.kept: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(record.getMessage())


class Box(RuleBasedStateMachine):
    """A business with everything going on at once."""

    customers = Bundle("customers")
    intents = Bundle("intents")
    subscriptions = Bundle("subscriptions")
    invoices = Bundle("invoices")

    @initialize(target=customers)
    def open(self) -> Any:
        self.slips = Slips()
        logging.getLogger("paydesk.server.sandbox").addHandler(self.slips)
        self.clock = SandboxClock()
        self.talk = Talk(_sandbox(self.clock), self.clock)
        self.asked: list[tuple[int, str, str, dict[str, Any], int, Any]] = []
        monthly = {"currency": "usd", "recurring": {"interval": "month"}, "product_data": {"name": "Plan"}}
        self.prices = [self.ask("POST", "/v1/prices", unit_amount=one, **monthly)["id"] for one in (1_000, 3_333)]
        self.coupon = self.ask("POST", "/v1/coupons", percent_off="12.5", duration="forever")["id"]
        self.rate = self.ask("POST", "/v1/tax_rates", display_name="T", percentage="8.875", inclusive=False)["id"]
        return multiple(self._customer("pm_card_visa"), self._customer("pm_card_chargeCustomerFail"))

    def teardown(self) -> None:
        if not hasattr(self, "talk"):
            return
        logging.getLogger("paydesk.server.sandbox").removeHandler(self.slips)
        try:
            self._answer_alike()
        finally:
            self.talk.sandbox.close()

    def ask(self, method: str, path: str, **sent: Any) -> dict[str, Any]:
        """One request; a refusal must have left everything as it was."""
        # What was due until now happens first, whether the request that finds it so is refused or not.
        self.talk.get("/v1/balance")
        before = _content(self.talk.sandbox)
        answer = self.talk.ask(method, path, sent)
        self.asked.append((self.clock.now, method, path, sent, answer.status, answer.body))
        assert answer.status < 500, (method, path, sent, answer.body)
        if answer.status in (400, 401, 403, 404, 409):
            assert _content(self.talk.sandbox) == before, (method, path, sent, answer.body)
        return answer.body

    def _customer(self, card: str) -> str:
        saved = {"payment_method": card, "invoice_settings": {"default_payment_method": card}}
        return str(self.ask("POST", "/v1/customers", **saved).get("id", "cus_none"))

    @rule(target=customers, card=CARDS)
    def come(self, card: str) -> str:
        return self._customer(card)

    @rule(target=intents, customer=customers, card=CARDS, currency=CURRENCIES, amount=AMOUNTS, holds=st.booleans())
    def pay(self, customer: str, card: str, currency: str, amount: int, holds: bool) -> Any:
        how = {"payment_method_types": ["card"], "capture_method": "manual" if holds else "automatic"}
        body = self.ask("POST", "/v1/payment_intents", amount=amount, currency=currency, customer=customer,
                        payment_method=card, confirm=True, **how)  # fmt: skip
        intent = body if "id" in body else body["error"].get("payment_intent")
        return intent["id"] if intent else multiple()

    @rule(intent=intents, step=st.sampled_from(["capture", "cancel", "confirm"]))
    def go_on(self, intent: str, step: str) -> None:
        self.ask("POST", f"/v1/payment_intents/{intent}/{step}")

    @rule(intent=intents, amount=st.none() | AMOUNTS)
    def refund(self, intent: str, amount: int | None) -> None:
        self.ask("POST", "/v1/refunds", payment_intent=intent, **({"amount": amount} if amount else {}))

    @rule(words=st.sampled_from(["winning_evidence", "losing_evidence"]))
    def answer_a_dispute(self, words: str) -> None:
        for dispute in self.talk.get("/v1/disputes", limit=1)["data"]:
            self.ask("POST", f"/v1/disputes/{dispute['id']}", evidence={"uncategorized_text": words})

    @rule(currency=CURRENCIES, amount=AMOUNTS)
    def pay_out(self, currency: str, amount: int) -> None:
        self.ask("POST", "/v1/payouts", amount=amount, currency=currency)

    @rule(target=subscriptions, customer=customers, price=st.integers(0, 1), days=st.sampled_from([0, 0, 9]),
          off=st.booleans(), taxed=st.booleans())  # fmt: skip
    def subscribe(self, customer: str, price: int, days: int, off: bool, taxed: bool) -> Any:
        more = {"trial_period_days": days} if days else {}
        more |= {"discounts": [{"coupon": self.coupon}]} if off else {}
        more |= {"default_tax_rates": [self.rate]} if taxed else {}
        made = self.ask("POST", "/v1/subscriptions", customer=customer, items=[{"price": self.prices[price]}], **more)
        return made["id"] if "id" in made else multiple()

    @rule(one=subscriptions, quantity=st.integers(0, 5), now=st.booleans())
    def change(self, one: str, quantity: int, now: bool) -> None:
        found = self.talk.get(f"/v1/subscriptions/{one}")
        items = [{"id": item["id"], "quantity": quantity} for item in found["items"]["data"]]
        how = "always_invoice" if now else "create_prorations"
        self.ask("POST", f"/v1/subscriptions/{one}", items=items, proration_behavior=how)

    @rule(one=subscriptions, prorate=st.booleans())
    def leave(self, one: str, prorate: bool) -> None:
        self.ask("DELETE", f"/v1/subscriptions/{one}", prorate=prorate, invoice_now=prorate)

    @rule(target=invoices, customer=customers, amounts=st.lists(st.integers(-900, 9_000), max_size=3))
    def bill(self, customer: str, amounts: list[int]) -> Any:
        for amount in amounts:
            self.ask("POST", "/v1/invoiceitems", customer=customer, amount=amount, currency="usd")
        more = {"default_tax_rates": [self.rate], "discounts": [{"coupon": self.coupon}]}
        made = self.ask("POST", "/v1/invoices", customer=customer, pending_invoice_items_behavior="include", **more)
        return made["id"] if "id" in made else multiple()

    @rule(one=invoices, step=st.sampled_from(["finalize", "pay", "pay", "void", "mark_uncollectible"]))
    def handle(self, one: str, step: str) -> None:
        self.ask("POST", f"/v1/invoices/{one}/{step}")

    @rule(one=invoices, amount=AMOUNTS, way=st.sampled_from(["credit_amount", "refund_amount", ""]))
    def credit(self, one: str, amount: int, way: str) -> None:
        self.ask("POST", "/v1/credit_notes", invoice=one, amount=amount, **({way: amount} if way else {}))

    @rule(wrong=WRONG)
    def ask_for_what_cannot_be(self, wrong: tuple[str, str, dict[str, Any]]) -> None:
        method, path, sent = wrong
        assert "error" in self.ask(method, path, **sent)

    @rule(customer=customers)
    def use_what_is_something_else(self, customer: str) -> None:
        for path in ("payment_intents", "subscriptions", "invoices", "refunds", "charges"):
            assert "error" in self.ask("POST", f"/v1/{path}/{customer}", metadata={"a": "b"})

    @rule(days=st.sampled_from([0.01, 1, 8, 31, 400]))
    def time_passes(self, days: float) -> None:
        self.clock.pass_s(int(days * DAY_S))

    @invariant()
    def the_books_add_up(self) -> None:
        """Stripe: the balance is the sum of its transactions; nothing is given back that was not taken."""
        if not hasattr(self, "talk"):
            return
        balance = self.talk.get("/v1/balance")
        rows = defaultdict(int)
        for row in self._all("balance_transaction"):
            assert row["net"] == row["amount"] - row["fee"]
            rows["available" if row["available_on"] <= self.clock.now else "pending", row["currency"]] += row["net"]
        for state in ("available", "pending"):
            for part in balance[state]:
                assert part["amount"] == rows[state, part["currency"]], (state, part)
        given = defaultdict(int)
        for refund in self._all("refund"):
            if self.talk.get(f"/v1/refunds/{refund['id']}")["status"] in ("succeeded", "pending"):
                given[refund["charge"]] += refund["amount"]
        for charge in self._all("charge"):
            shown = self.talk.get(f"/v1/charges/{charge['id']}")
            if shown["captured"]:
                assert given[shown["id"]] == shown["amount_refunded"] <= shown["amount_captured"]
        assert self.slips.kept == []
        self.talk.log.clear()

    @invariant()
    def every_invoice_adds_up(self) -> None:
        """Stripe: total = lines - discounts + taxes on top; the customer's balance is the sum of its movements."""
        if not hasattr(self, "talk"):
            return
        for one in self._all("invoice"):
            if one.get("deleted"):
                continue
            lines = self.talk.get(f"/v1/invoices/{one['id']}/lines", limit=100)
            shown = self.talk.get(f"/v1/invoices/{one['id']}")
            off = sum(each["amount"] for each in shown["total_discount_amounts"])
            on_top = sum(tax["amount"] for tax in shown["total_taxes"] if tax["tax_behavior"] == "exclusive")
            assert lines["has_more"] or shown["subtotal"] == sum(line["amount"] for line in lines["data"])
            assert shown["total"] == shown["subtotal"] - off + on_top
            assert shown["status"] != "paid" or shown["amount_remaining"] == 0
        moved = defaultdict(int)
        for move in self._all("customer_balance_transaction"):
            moved[move["customer"]] += move["amount"]
        for customer in self._all("customer"):
            assert customer["balance"] == moved[customer["id"]]
        self.talk.log.clear()

    def _all(self, kind: str) -> list[dict[str, Any]]:
        rows = self.talk.sandbox.store.execute("SELECT body FROM objects WHERE kind = ? ORDER BY seq", (kind,))
        return [json.loads(row[0]) for row in rows.fetchall()]

    def _answer_alike(self) -> None:
        """Ours: the same seed, clock and requests, the same answers, but for what names the request."""
        clock = SandboxClock()
        other = Talk(_sandbox(clock), clock)
        try:
            for now, method, path, sent, status, body in self.asked:
                clock.now = now
                other.get("/v1/balance")
                again = other.ask(method, path, sent)
                assert (again.status, _without_request(again)) == (status, _without_request(body)), (method, path)
        finally:
            other.sandbox.close()


def _sandbox(clock: SandboxClock) -> Sandbox:
    return create_sandbox(None, seed=3, is_empty=True, now=clock)


def _content(sandbox: Sandbox) -> Any:
    """What tells one content from another, short of reading it all."""
    return sandbox.store.execute("SELECT max(seq), count(*), sum(length(body)) FROM objects").fetchone()


def _without_request(answer: SandboxAnswer | dict[str, Any]) -> str:
    text = json.dumps(answer.body if isinstance(answer, SandboxAnswer) else answer)
    return text.split('"request_log_url"')[0]


TestBox = Box.TestCase
TestBox.settings = settings(
    max_examples=12, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
