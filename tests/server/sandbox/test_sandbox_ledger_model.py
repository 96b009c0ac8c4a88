"""Whatever happens in whatever order, the books balance."""

from collections import defaultdict
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from paydesk.server.sandbox.app import create_sandbox

CARDS = st.sampled_from(
    [
        *("pm_card_visa", "pm_card_visa", "pm_card_bypassPending", "pm_card_chargeDeclined", "pm_card_createDispute"),
        *(
            "pm_card_createDisputeInquiry",
            "pm_card_refundFail",
            "pm_card_pendingRefund",
            "pm_card_authenticationRequired",
            "pm_card_createMultipleDisputes",
        ),
    ]
)
BANKS = st.sampled_from(["success", "insufficientFunds", "dispute"])
CURRENCIES = st.sampled_from(["usd", "eur", "jpy", "kwd"])
AMOUNTS = st.integers(5, 2_000).map(lambda tens: tens * 10)
DAY_S = 86_400


class Books(RuleBasedStateMachine):
    """A business that is paid, refunds, is disputed, pays out, while time passes and requests fail."""

    payments = Bundle("payments")
    payouts = Bundle("payouts")

    @initialize()
    def open(self) -> None:
        self.now = 1_790_000_000
        self.sandbox = create_sandbox(now=lambda: float(self.now))

    def teardown(self) -> None:
        if hasattr(self, "sandbox"):
            self.sandbox.close()

    def ask(self, method: str, path: str, body: str = "", fault: str = "") -> tuple[int, Any]:
        import json

        headers = {"Authorization": "Bearer sk_test_1", "Paydesk-Sandbox-Fault": fault}
        try:
            self.sandbox.respond(method, path, headers, body.encode()).send(None)
        except StopIteration as done:
            return done.value[0], json.loads(done.value[2])
        raise AssertionError(path)

    @rule(target=payments, card=CARDS, currency=CURRENCIES, amount=AMOUNTS, holds=st.booleans())
    def pay(self, card: str, currency: str, amount: int, holds: bool) -> str:
        method = "manual" if holds else "automatic_async"
        status, body = self.ask(
            "POST",
            "/v1/payment_intents",
            f"amount={amount}&currency={currency}&confirm=true&payment_method={card}"
            f"&payment_method_types[]=card&capture_method={method}",
        )
        assert status in (200, 402), body
        return str(body["id"] if status == 200 else body["error"]["payment_intent"]["id"])

    @rule(target=payments, name=BANKS, amount=AMOUNTS)
    def debit(self, name: str, amount: int) -> str:
        status, body = self.ask(
            "POST",
            "/v1/payment_intents",
            f"amount={amount}&currency=usd&confirm=true&payment_method=pm_usBankAccount_{name}"
            "&payment_method_types[]=us_bank_account&mandate_data[customer_acceptance][type]=offline",
        )
        assert status == 200, body
        return str(body["id"])

    @rule(payment=payments, amount=AMOUNTS)
    def capture(self, payment: str, amount: int) -> None:
        self.ask("POST", f"/v1/payment_intents/{payment}/capture", f"amount_to_capture={amount}")

    @rule(payment=payments)
    def cancel(self, payment: str) -> None:
        self.ask("POST", f"/v1/payment_intents/{payment}/cancel")

    @rule(payment=payments, outcome=st.sampled_from(["succeed", "fail"]))
    def authenticate(self, payment: str, outcome: str) -> None:
        self.ask("POST", f"/_sandbox/payment_intents/{payment}/authenticate", f"outcome={outcome}")

    @rule(payment=payments, amount=st.none() | AMOUNTS, fault=st.sampled_from(["", "", "fail_during", "fail_after"]))
    def refund(self, payment: str, amount: int | None, fault: str) -> None:
        part = "" if amount is None else f"&amount={amount}"
        self.ask("POST", "/v1/refunds", f"payment_intent={payment}{part}", fault)

    @rule(words=st.sampled_from(["winning_evidence", "losing_evidence", "escalate_inquiry_evidence", "hello"]))
    def answer_disputes(self, words: str) -> None:
        _, page = self.ask("GET", "/v1/disputes?limit=100")
        for dispute in page["data"]:
            self.ask("POST", f"/v1/disputes/{dispute['id']}", f"evidence[uncategorized_text]={words}")
            self.ask("GET", f"/v1/disputes/{dispute['id']}")

    @rule(target=payouts, currency=CURRENCIES, amount=AMOUNTS, method=st.sampled_from(["standard", "instant"]))
    def pay_out(self, currency: str, amount: int, method: str) -> str:
        status, body = self.ask("POST", "/v1/payouts", f"amount={amount}&currency={currency}&method={method}")
        assert status == 200 or body["error"]["code"] == "balance_insufficient"
        return str(body.get("id", "po_none"))

    @rule(payout=consumes(payouts), step=st.sampled_from(["cancel", "reverse"]))
    def take_back(self, payout: str, step: str) -> None:
        self.ask("POST", f"/v1/payouts/{payout}/{step}")

    @rule(days=st.sampled_from([0.001, 1, 3, 8]))
    def time_passes(self, days: float) -> None:
        self.now += int(days * DAY_S)

    @invariant()
    def the_balance_is_the_sum_of_its_transactions(self) -> None:
        """Stripe: every movement of the balance is a balance transaction, available from its day on."""
        _, balance = self.ask("GET", "/v1/balance")
        expected: dict[tuple[str, str], int] = defaultdict(int)
        for entry in self.every("balance_transactions"):
            assert entry["net"] == entry["amount"] - entry["fee"]
            assert entry["fee"] == sum(part["amount"] for part in entry["fee_details"])
            assert entry["status"] == ("available" if entry["available_on"] <= self.now else "pending")
            expected[entry["status"], entry["currency"]] += entry["net"]
        for state in ("available", "pending"):
            for part in balance[state]:
                assert part["amount"] == expected[state, part["currency"]]

    @invariant()
    def nothing_is_given_back_that_was_not_taken(self) -> None:
        """Stripe: refunds of a charge never exceed what was captured; the charge and its refunds agree."""
        given: dict[str, int] = defaultdict(int)
        for refund in self.every("refunds"):
            if refund["status"] in ("succeeded", "pending"):
                given[refund["charge"]] += refund["amount"]
        for charge in self.every("charges"):
            if charge["status"] == "pending":
                assert charge["balance_transaction"] is None
                assert charge["amount_refunded"] == 0
            elif charge["captured"]:
                assert 0 <= charge["amount_refunded"] == given[charge["id"]] <= charge["amount_captured"]
                assert charge["refunded"] == (charge["amount_refunded"] == charge["amount_captured"])
            else:
                assert charge["amount_captured"] == 0
                assert charge["balance_transaction"] is None

    @invariant()
    def an_intent_says_what_its_charge_says(self) -> None:
        """Stripe: received is what the latest charge captured; only a held charge is capturable."""
        charges = {charge["id"]: charge for charge in self.every("charges")}
        for intent in self.every("payment_intents"):
            charge = charges.get(intent["latest_charge"])
            taken = charge["amount_captured"] if charge and charge["status"] != "pending" else 0
            assert intent["amount_received"] == taken
            assert (intent["amount_capturable"] > 0) == (intent["status"] == "requires_capture")

    def every(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            after = f"&starting_after={found[-1]['id']}" if found else ""
            _, page = self.ask("GET", f"/v1/{path}?limit=100{after}")
            found += page["data"]
            if not page["has_more"]:
                return found


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
