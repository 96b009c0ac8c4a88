"""One payment through every step in any order, against a model of its life that was written apart from the code."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from paydesk.server.sandbox.app import create_sandbox

AMOUNT = 5_000
PARTS = st.sampled_from([1, 900, 2_500, 4_999, 5_000, 5_001])
METHODS = st.sampled_from(
    ["pm_card_visa", "pm_card_chargeDeclined", "pm_card_threeDSecure2Required", "pm_card_createDispute"]
)
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
CLOSED_WORDS = {
    "confirm": "You cannot confirm this PaymentIntent because",
    "capture": "This PaymentIntent could not be captured because",
    "cancel": "You cannot cancel this PaymentIntent because",
    "update": "could not be updated because it has a status of",
    "authenticate": "This PaymentIntent does not wait for the customer",
}


@dataclass
class Expected:
    """What the model holds to be true of the payment."""

    status: str = "requires_payment_method"
    method: str = ""
    received: int = 0
    refunded: int = 0
    disputed: str = ""


class Life(RuleBasedStateMachine):
    """A payment intent that is confirmed, held, authenticated, captured, canceled, refunded, disputed."""

    @initialize(holds=st.booleans(), method=METHODS)
    def begin(self, holds: bool, method: str) -> None:
        self.now = 1_790_000_000
        self.sandbox = create_sandbox(now=lambda: float(self.now))
        self.holds = holds
        sent = {"amount": AMOUNT, "currency": "usd", "payment_method_types[]": "card"}
        sent["capture_method"] = "manual" if holds else "automatic_async"
        self.at = f"/v1/payment_intents/{self.ask('POST', '/v1/payment_intents', sent)[1]['id']}"
        self.model = Expected()
        self.choose(method)

    def teardown(self) -> None:
        if hasattr(self, "sandbox"):
            self.sandbox.close()

    def ask(self, method: str, path: str, sent: dict[str, Any] | None = None) -> tuple[int, Any]:
        body = urlencode(sent or {}).encode()
        try:
            self.sandbox.respond(method, path, {"Authorization": "Bearer sk_test_1"}, body).send(None)
        except StopIteration as done:
            return done.value[0], json.loads(done.value[2])
        raise AssertionError(path)

    def _books(self) -> str:
        """All that is stored, as one text."""
        rows = self.sandbox.store.execute("SELECT id, body FROM objects ORDER BY id").fetchall()
        return json.dumps([list(row) for row in rows])

    def _step(self, name: str, sent: dict[str, Any] | None = None, *, allowed: bool) -> tuple[int, Any]:
        """A step on the intent; one that its state forbids must be refused in Stripe's words and change nothing."""
        path = {"update": self.at, "authenticate": self.at.replace("/v1/", "/_sandbox/") + "/authenticate"}
        before = self._books()
        status, body = self.ask("POST", path.get(name, f"{self.at}/{name}"), sent)
        if not allowed:
            assert status == 400, body
            assert CLOSED_WORDS[name] in body["error"]["message"]
            assert body["error"]["code"] == "payment_intent_unexpected_state"
            assert self._books() == before
        return status, body

    @rule(method=METHODS)
    def choose(self, method: str) -> None:
        if self.model.status == "requires_action":
            return
        allowed = self.model.status in OPEN
        status, _ = self._step("update", {"payment_method": method}, allowed=allowed)
        if allowed:
            assert status == 200
            self.model.status, self.model.method = "requires_confirmation", method

    @rule()
    def confirm(self) -> None:
        allowed = self.model.status in OPEN and bool(self.model.method)
        status, body = self._step("confirm", allowed=allowed)
        if not allowed:
            return
        method = self.model.method
        if method == "pm_card_chargeDeclined":
            assert (status, body["error"]["decline_code"]) == (402, "generic_decline")
            self.model.status, self.model.method = "requires_payment_method", ""
        elif method == "pm_card_threeDSecure2Required":
            assert body["status"] == "requires_action"
            self.model.status = "requires_action"
        else:
            self._charged()

    def _charged(self) -> None:
        if self.holds:
            self.model.status = "requires_capture"
            return
        self._taken(AMOUNT)

    def _taken(self, amount: int) -> None:
        self.model.status, self.model.received = "succeeded", amount
        if self.model.method == "pm_card_createDispute":
            self.model.disputed = "needs_response"

    @rule(outcome=st.sampled_from(["succeed", "fail"]))
    def authenticate(self, outcome: str) -> None:
        allowed = self.model.status == "requires_action"
        self._step("authenticate", {"outcome": outcome}, allowed=allowed)
        if allowed and outcome == "succeed":
            self._charged()
        elif allowed:
            self.model.status, self.model.method = "requires_payment_method", ""

    @rule(amount=PARTS)
    def capture(self, amount: int) -> None:
        allowed = self.model.status == "requires_capture"
        if allowed and amount > AMOUNT:
            before = self._books()
            status, body = self.ask("POST", f"{self.at}/capture", {"amount_to_capture": amount})
            assert (status, body["error"]["param"]) == (400, "amount_to_capture")
            assert self._books() == before
            return
        self._step("capture", {"amount_to_capture": amount}, allowed=allowed)
        if allowed:
            self._taken(amount)

    @rule(sure=st.sampled_from([False] * 5 + [True]))
    def cancel(self, sure: bool) -> None:
        # Seldom, or few lives would come as far as a refund.
        if not sure and self.model.status in OPEN:
            return
        allowed = self.model.status in (*OPEN, "requires_capture")
        self._step("cancel", allowed=allowed)
        if allowed:
            self.model.status = "canceled"

    @precondition(lambda self: self.model.status == "succeeded")
    @rule(amount=st.none() | PARTS)
    def refund(self, amount: int | None) -> None:
        before = self._books()
        sent = {"payment_intent": self.at.rpartition("/")[2], **({"amount": amount} if amount else {})}
        status, body = self.ask("POST", "/v1/refunds", sent)
        left = self.model.received - self.model.refunded
        why = None
        if left == 0:
            why = "has already been refunded"
        elif self.model.disputed in ("needs_response", "lost"):
            why = "has been charged back"
        elif (amount or left) > left:
            why = "is greater than unrefunded amount on charge"
        if why is None:
            assert (status, body["amount"]) == (200, amount or left)
            self.model.refunded += body["amount"]
            return
        assert status == 400
        assert why in body["error"]["message"]
        assert self._books() == before

    @precondition(lambda self: bool(self.model.disputed))
    @rule(words=st.sampled_from(["winning_evidence", "losing_evidence", "close"]))
    def answer_dispute(self, words: str) -> None:
        dispute = self.ask("GET", "/v1/disputes")[1]["data"][0]
        at = f"/v1/disputes/{dispute['id']}"
        closed = self.model.disputed != "needs_response"
        before = self._books()
        if words == "close":
            status, body = self.ask("POST", f"{at}/close")
        else:
            status, body = self.ask("POST", at, {"evidence[uncategorized_text]": words})
        if closed:
            assert (status, body["error"]["message"]) == (400, "This dispute is already closed")
            assert self._books() == before
            return
        self.model.disputed = {"winning_evidence": "won"}.get(words, "lost")
        assert self.ask("GET", at)[1]["status"] == self.model.disputed

    @rule(seconds=st.sampled_from([1, 120]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @invariant()
    def the_intent_is_as_the_model_says(self) -> None:
        """Stripe: status, what was received and what can be captured follow from the steps taken."""
        intent = self.ask("GET", self.at)[1]
        model = self.model
        capturable = AMOUNT if model.status == "requires_capture" else 0
        found = (intent["status"], intent["amount_received"], intent["amount_capturable"])
        assert found == (model.status, model.received, capturable)
        assert (intent["next_action"] is not None) == (model.status == "requires_action")

    @invariant()
    def the_books_hold_what_was_taken_and_given_back(self) -> None:
        """Stripe: refunded <= captured; the balance is the sum of its transactions, and these tell the same story."""
        rows = self.ask("GET", "/v1/balance_transactions?limit=100")[1]["data"]
        balance = self.ask("GET", "/v1/balance")[1]
        held = sum(part["amount"] for state in ("available", "pending") for part in balance[state])
        assert held == sum(row["net"] for row in rows)
        assert 0 <= self.model.refunded <= self.model.received
        gross = self.model.received - self.model.refunded
        gross -= self.model.received if self.model.disputed in ("needs_response", "lost") else 0
        assert sum(row["amount"] for row in rows) == gross


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
