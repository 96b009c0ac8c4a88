"""Stripe's test cards, tokens and ready names: each does what docs.stripe.com/testing says of it."""

from typing import Any

import pytest

from paydesk.server.sandbox import cards
from paydesk.server.sandbox.card_table import CARDS, Card

PAID = {"amount": 5_000, "currency": "usd", "confirm": True, "payment_method_types": ["card"]}
NAMED = [card for card in CARDS if card.names]
DECLINING = [card for card in NAMED if card.decline and not card.authentication]
ADDRESS = {"address": {"line1": "Home", "postal_code": "12345"}}


def _by_number(card: Card, **more: Any) -> dict[str, Any]:
    return {"type": "card", "card": {"number": card.number, "exp_month": 1, "exp_year": 2031, **more}}


def _charge(talk: Any, answer: dict[str, Any]) -> dict[str, Any]:
    return talk.get(f"/v1/charges/{answer['latest_charge']}")


def test_no_two_cards_share_a_name_and_every_number_is_one() -> None:
    """Ours: a name means one card; every documented number passes the check of card numbers."""
    names = [name for card in CARDS for name in card.names]
    assert len(names) == len(set(names))
    assert len({card.fingerprint for card in CARDS}) == len(CARDS)
    assert all(cards.is_card_number(card.number) for card in CARDS)


@pytest.mark.parametrize("card", NAMED, ids=lambda card: card.names[0])
def test_a_name_a_token_and_a_payment_method_mean_the_same_card(talk: Any, card: Card) -> None:
    """Stripe: `pm_card_x` and `tok_x` are one card, with its brand, country, funding and last four digits."""
    for name in card.names:
        made = talk.post("/v1/payment_methods", type="card", card={"token": f"tok_{name}"})["card"]
        assert (made["brand"], made["country"], made["funding"], made["last4"], made["fingerprint"]) == (
            *(card.brand, card.country, card.funding, card.number[-4:]),
            card.fingerprint,
        )
        assert made["networks"]["available"] == list(card.networks or (card.brand,))
        by_name = talk.post("/v1/setup_intents", payment_method=f"pm_card_{name}", payment_method_types=["card"])
        same = talk.get(f"/v1/payment_methods/{by_name['payment_method']}")
        assert same["card"]["fingerprint"] == card.fingerprint


@pytest.mark.parametrize("card", DECLINING, ids=lambda card: card.names[0])
def test_a_declined_charge_says_why_in_its_outcome(talk: Any, card: Card) -> None:
    """Stripe: the bank's decline or Radar's block, with network status, reason, risk and words for the seller."""
    error = talk.refused("POST", "/v1/payment_intents", 402, **PAID, payment_method=f"pm_card_{card.names[0]}")
    assert error["decline_code"] == card.decline
    outcome = talk.get(f"/v1/charges/{error['charge']}")["outcome"]
    if card.risk == "highest":
        said = ("blocked", "not_sent_to_network", "highest_risk_level", "highest")
        words = "Stripe blocked this payment as too risky."
    else:
        said = ("issuer_declined", "declined_by_network", card.decline, "normal")
        words = "The bank did not return any further details with this decline."
    assert (outcome["type"], outcome["network_status"], outcome["reason"], outcome["risk_level"]) == said
    assert outcome["seller_message"] == words


@pytest.mark.parametrize("card", [card for card in DECLINING if card.declines_on_attach], ids=lambda one: one.names[0])
def test_a_card_that_its_bank_refuses_cannot_be_saved(talk: Any, card: Card) -> None:
    """Stripe: cards that simulate declines cannot be attached to a customer, as payment method or as source."""
    customer = talk.post("/v1/customers")["id"]
    at = f"/v1/payment_methods/pm_card_{card.names[0]}/attach"
    assert talk.refused("POST", at, 402, customer=customer)["decline_code"] == card.decline
    assert talk.refused("POST", "/v1/customers", 402, source=f"tok_{card.names[0]}")["decline_code"] == card.decline
    assert talk.get(f"/v1/customers/{customer}/payment_methods")["data"] == []


@pytest.mark.parametrize(
    ("name", "checks"),
    [
        ("cvcCheckFail", ("pass", "pass", "fail")),
        ("cvcCheckFailElevatedRisk", ("pass", "pass", "fail")),
        ("avsZipFail", ("pass", "fail", "pass")),
        ("avsZipFailElevatedRisk", ("pass", "fail", "pass")),
        ("avsLine1Fail", ("fail", "pass", "pass")),
        ("avsFail", ("fail", "fail", "pass")),
        ("avsUnchecked", ("unavailable", "unavailable", "pass")),
        ("visa", ("pass", "pass", "pass")),
    ],
)
def test_a_check_fails_only_of_what_was_given(talk: Any, name: str, checks: tuple[str, ...]) -> None:
    """Stripe: the checks of security code and address fail as the card says, and are skipped where nothing came."""
    card = cards.by_name(name)
    assert card is not None
    whole = {**_by_number(card, cvc="123"), "billing_details": ADDRESS}
    charge = _charge(talk, talk.post("/v1/payment_intents", **PAID, payment_method_data=whole))
    found = charge["payment_method_details"]["card"]["checks"]
    assert (found["address_line1_check"], found["address_postal_code_check"], found["cvc_check"]) == checks
    bare = _charge(talk, talk.post("/v1/payment_intents", **PAID, payment_method_data=_by_number(card)))
    assert set(bare["payment_method_details"]["card"]["checks"].values()) == {None}
    assert charge["outcome"]["risk_level"] == card.risk


def test_a_wrong_security_code_needs_a_security_code(talk: Any) -> None:
    """Stripe: the check is skipped where no code is sent, so that it cannot fail."""
    card = cards.by_name("chargeDeclinedIncorrectCvc")
    assert card is not None
    sent = {**PAID, "payment_method_data": _by_number(card, cvc="123")}
    assert talk.refused("POST", "/v1/payment_intents", 402, **sent)["code"] == "incorrect_cvc"
    sent["payment_method_data"] = _by_number(card)
    assert talk.post("/v1/payment_intents", **sent)["status"] == "succeeded"


@pytest.mark.parametrize(
    ("name", "reason", "case", "amounts"),
    [
        ("createDispute", "fraudulent", "chargeback", [5_000]),
        ("createDisputeProductNotReceived", "product_not_received", "chargeback", [5_000]),
        ("createDisputeInquiry", "fraudulent", "inquiry", [5_000]),
        ("createMultipleDisputes", "fraudulent", "chargeback", [2_500, 2_500]),
        ("createCe3EligibleDispute", "fraudulent", "chargeback", [5_000]),
        ("createComplianceDispute", "noncompliant", "compliance", [5_000]),
        ("createMastercardComplianceDispute", "noncompliant", "compliance", [5_000]),
    ],
)
def test_a_dispute_card_is_disputed_in_its_own_way(
    talk: Any, name: str, reason: str, case: str, amounts: list[int]
) -> None:
    """Stripe: the charge succeeds and is disputed at once; an inquiry moves no money, two disputes share the amount."""
    paid = talk.post("/v1/payment_intents", **PAID, payment_method=f"pm_card_{name}")
    disputes = talk.get("/v1/disputes", payment_intent=paid["id"])["data"]
    assert [one["amount"] for one in disputes] == amounts
    for one in disputes:
        assert (one["reason"], one["payment_method_details"]["card"]["case_type"]) == (reason, case)
        assert len(one["balance_transactions"]) == (0 if case == "inquiry" else 1)
    assert _charge(talk, paid)["disputed"] is True
    if case != "inquiry":
        assert talk.refused("POST", "/v1/refunds", payment_intent=paid["id"])["code"] == "charge_disputed"


def test_a_warned_charge_is_not_disputed_yet(talk: Any) -> None:
    """Stripe: an early fraud warning stands on its own, with its event."""
    paid = talk.post("/v1/payment_intents", **PAID, payment_method="pm_card_createIssuerFraudRecord")
    [warning] = talk.get("/v1/radar/early_fraud_warnings", payment_intent=paid["id"])["data"]
    assert (warning["charge"], warning["actionable"]) == (paid["latest_charge"], True)
    assert talk.get("/v1/events", type="radar.early_fraud_warning.created")["data"]
    assert _charge(talk, paid)["disputed"] is False
    assert talk.get("/v1/disputes")["data"] == []


def test_money_of_a_card_that_bypasses_pending_is_available(talk: Any) -> None:
    """Stripe: `pm_card_bypassPending` goes to the available balance at once."""
    talk.post("/v1/payment_intents", **PAID, payment_method="pm_card_bypassPendingInternational")
    balance = talk.get("/v1/balance")
    assert balance["available"][0]["amount"] == 4_825
    assert sum(part["amount"] for part in balance["pending"]) == 0


def test_a_card_of_two_networks_takes_the_preferred_one(talk: Any) -> None:
    """Stripe: a co-branded card tells its networks; which of them is preferred is the customer's choice."""
    customer = talk.post("/v1/customers")["id"]
    method = talk.post("/v1/payment_methods/pm_card_visa_cartesBancaires/attach", customer=customer)
    assert method["card"]["networks"] == {"available": ["cartes_bancaires", "visa"], "preferred": None}
    at = f"/v1/payment_methods/{method['id']}"
    changed = talk.post(at, card={"networks": {"preferred": "cartes_bancaires"}, "exp_year": 35})
    assert (changed["card"]["networks"]["preferred"], changed["card"]["exp_year"]) == ("cartes_bancaires", 2035)
    assert talk.refused("POST", at, 402, card={"exp_month": 13})["code"] == "invalid_expiry_month"
