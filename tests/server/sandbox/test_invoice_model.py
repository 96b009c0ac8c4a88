"""Invoices as a state machine: whatever is done in whatever order, the amounts add up and no cent is lost."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from paydesk.server.sandbox.app import create_sandbox
from tests.conftest import SandboxClock, Talk

NEVER = {"enabled": True, "allow_redirects": "never"}
AMOUNTS = st.integers(-3_000, 9_000)


class Invoices(RuleBasedStateMachine):
    """One customer with a card, discounts, taxes and credit; a handful of invoices in every state."""

    def __init__(self) -> None:
        super().__init__()
        clock = SandboxClock()
        self.talk: Any = Talk(create_sandbox(None, seed=None, now=clock), clock)
        self.invoices: list[str] = []

    def teardown(self) -> None:
        self.talk.sandbox.close()

    @initialize()
    def begin(self) -> None:
        talk = self.talk
        self.customer = talk.post("/v1/customers")["id"]
        method = talk.post("/v1/payment_methods/pm_card_visa/attach", customer=self.customer)["id"]
        talk.post(f"/v1/customers/{self.customer}", invoice_settings={"default_payment_method": method})
        self.coupons = [
            talk.post("/v1/coupons", percent_off="33.33")["id"],
            talk.post("/v1/coupons", amount_off=700, currency="usd")["id"],
        ]
        self.rates = [
            talk.post("/v1/tax_rates", display_name="T", percentage=percentage, inclusive=inclusive)["id"]
            for percentage, inclusive in (("8.875", False), ("19", True))
        ]

    @rule(
        amounts=st.lists(AMOUNTS, max_size=3),
        coupons=st.lists(st.integers(0, 1), max_size=2, unique=True),
        rates=st.lists(st.integers(0, 1), max_size=2, unique=True),
    )
    def draft(self, amounts: list[int], coupons: list[int], rates: list[int]) -> None:
        for amount in amounts:
            self.talk.post("/v1/invoiceitems", customer=self.customer, amount=amount, currency="usd")
        made = self.talk.post(
            "/v1/invoices",
            customer=self.customer,
            pending_invoice_items_behavior="include",
            discounts=[{"coupon": self.coupons[one]} for one in coupons] or "",
            default_tax_rates=[self.rates[one] for one in rates],
        )
        self.invoices.append(made["id"])

    @rule(amount=st.integers(5_000, 20_000))
    def bill(self, amount: int) -> None:
        self.talk.post("/v1/invoiceitems", customer=self.customer, amount=amount, currency="usd")
        self.draft([], [], [])
        self._try("POST", f"/v1/invoices/{self.invoices[-1]}/finalize")

    @rule(data=st.data(), step=st.sampled_from(["finalize", "pay", "void", "mark_uncollectible"]))
    def go_on(self, data: st.DataObject, step: str) -> None:
        if self.invoices:
            self._try("POST", f"/v1/invoices/{data.draw(st.sampled_from(self.invoices))}/{step}")

    @rule(data=st.data(), amount=st.integers(60, 2_500))
    def pay_a_part(self, data: st.DataObject, amount: int) -> None:
        for invoice in self._one(data, "open"):
            sent = {"amount": amount, "currency": "usd", "customer": self.customer, "payment_method": "pm_card_visa"}
            intent = self.talk.post("/v1/payment_intents", **sent, confirm=True, automatic_payment_methods=NEVER)["id"]
            self.talk.post(f"/v1/invoices/{invoice}/attach_payment", payment_intent=intent)

    @rule(
        data=st.data(),
        amount=st.integers(1, 3_000),
        way=st.sampled_from(["refund_amount", "credit_amount"]),
        status=st.sampled_from(["open", "paid"]),
    )
    def credit(self, data: st.DataObject, amount: int, way: str, status: str) -> None:
        for invoice in self._one(data, status):
            left = self.talk.get(f"/v1/invoices/{invoice}")["amount_remaining"]
            back = {way: amount - left} if amount > left else {}
            self._try("POST", "/v1/credit_notes", invoice=invoice, amount=amount, **back)

    @rule(data=st.data())
    def void_a_credit_note(self, data: st.DataObject) -> None:
        notes = self.talk.get("/v1/credit_notes", limit=100)["data"]
        if notes:
            self._try("POST", f"/v1/credit_notes/{data.draw(st.sampled_from(notes))['id']}/void")

    @rule(amount=st.integers(-4_000, 4_000))
    def adjust(self, amount: int) -> None:
        self.talk.post(f"/v1/customers/{self.customer}/balance_transactions", amount=amount, currency="usd")

    def _one(self, data: st.DataObject, status: str) -> list[str]:
        """One invoice of a status, or none."""
        found = [one["id"] for one in self.talk.get("/v1/invoices", status=status, limit=100)["data"]]
        return [data.draw(st.sampled_from(found))] if found else []

    def _try(self, method: str, path: str, **sent: Any) -> None:
        assert self.talk.ask(method, path, sent).status in (200, 400)

    @invariant()
    def every_invoice_adds_up(self) -> None:
        for identifier in self.invoices:
            one = self.talk.get(f"/v1/invoices/{identifier}", expand=["payments"])
            lines = one["lines"]["data"]
            off = sum(each["amount"] for each in one["total_discount_amounts"])
            on_top = sum(tax["amount"] for tax in one["total_taxes"] if tax["tax_behavior"] == "exclusive")
            assert one["total"] == sum(line["amount"] for line in lines) - off + on_top
            notes = self.talk.get("/v1/credit_notes", invoice=identifier, limit=100)["data"]
            issued = [note for note in notes if note["status"] == "issued"]
            assert one["pre_payment_credit_notes_amount"] == sum(note["pre_payment_amount"] for note in issued)
            assert one["post_payment_credit_notes_amount"] == sum(note["post_payment_amount"] for note in issued)
            assert not issued or sum(note["total"] for note in issued) <= one["total"]
            paid = sum(each["amount_paid"] or 0 for each in one["payments"]["data"] if each["status"] == "paid")
            assert one["amount_paid"] == paid
            if one["status"] != "draft":
                asked = one["total"] + one["starting_balance"] - one["ending_balance"]
                assert one["amount_due"] + one["pre_payment_credit_notes_amount"] == asked
            if one["status"] in ("open", "uncollectible"):
                assert one["amount_remaining"] == one["amount_due"] - one["amount_paid"] > 0
            if one["status"] == "paid":
                assert one["amount_remaining"] == 0
                assert one["amount_overpaid"] == max(0, paid - one["amount_due"])

    @invariant()
    def the_customers_balance_is_the_sum_of_its_movements(self) -> None:
        if not hasattr(self, "customer"):
            return
        entries = self.talk.get(f"/v1/customers/{self.customer}/balance_transactions", limit=100)["data"]
        balance = self.talk.get(f"/v1/customers/{self.customer}")["balance"]
        if len(entries) < 100:
            assert balance == sum(entry["amount"] for entry in entries)

    @invariant()
    def no_charge_gives_back_more_than_it_took(self) -> None:
        for charge in self.talk.get("/v1/charges", limit=100)["data"]:
            assert charge["amount_refunded"] <= charge["amount_captured"]


TestInvoices = Invoices.TestCase
TestInvoices.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
