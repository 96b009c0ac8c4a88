"""Payments from bank accounts: mandates, microdeposits, processing, and the bank's answer some time later."""

from typing import Any

import pytest

from paydesk.server.sandbox import debits

ACCEPTED = {"customer_acceptance": {"type": "offline", "offline": {}}}
ACH = {
    "amount": 5_000,
    "currency": "usd",
    "confirm": True,
    "payment_method_types": ["us_bank_account"],
    "mandate_data": ACCEPTED,
}
SEPA = {**ACH, "currency": "eur", "payment_method_types": ["sepa_debit"]}
TYPED = {
    "type": "us_bank_account",
    "us_bank_account": {
        "account_number": "000123456789",
        "routing_number": "110000000",
        "account_holder_type": "company",
    },
    "billing_details": {"name": "Lantern"},
}


def _iban(iban: str) -> dict[str, Any]:
    holder = {"name": "Jenny", "email": "jenny@example.com"}
    return {"type": "sepa_debit", "sepa_debit": {"iban": iban}, "billing_details": holder}


def _types(talk: Any) -> list[str]:
    return [event["type"] for event in reversed(talk.get("/v1/events", limit=100)["data"])]


def test_a_debit_is_processing_and_then_paid(talk: Any) -> None:
    """Stripe: no money and no balance transaction until the bank has answered."""
    intent = talk.post("/v1/payment_intents", **ACH, payment_method="pm_usBankAccount_success")
    charge = talk.get(f"/v1/charges/{intent['latest_charge']}")
    assert (intent["status"], charge["status"], charge["paid"]) == ("processing", "pending", False)
    assert charge["balance_transaction"] is None
    assert talk.refused("POST", "/v1/refunds", charge=charge["id"])["param"] == "charge"
    talk.clock.pass_s(debits.SOON_S)
    paid = talk.get(f"/v1/payment_intents/{intent['id']}", expand=["latest_charge.balance_transaction"])
    assert (paid["status"], paid["amount_received"]) == ("succeeded", 5_000)
    row = paid["latest_charge"]["balance_transaction"]
    assert (row["type"], row["reporting_category"], row["amount"]) == ("payment", "charge", 5_000)
    kinds = ["charge.pending", "payment_intent.processing", "charge.succeeded", "payment_intent.succeeded"]
    assert _types(talk)[-4:] == kinds


def test_deposits_that_bounce_end_the_attempt(talk: Any) -> None:
    """Stripe's test account: microdeposits cannot be sent, for a payment and for saving the account."""
    name = "pm_usBankAccount_failMicrodeposits"
    saving = {name: value for name, value in ACH.items() if name not in ("amount", "currency")}
    for path, sent, error in (
        ("payment_intents", ACH, "last_payment_error"),
        ("setup_intents", saving, "last_setup_error"),
    ):
        waiting = talk.post(f"/v1/{path}", **sent, payment_method=name)
        assert waiting["next_action"]["type"] == "verify_with_microdeposits"
        talk.clock.pass_s(debits.SOON_S)
        ended = talk.get(f"/v1/{path}/{waiting['id']}")
        assert (ended["status"], ended["next_action"]) == ("requires_payment_method", None)
        assert ended[error]["code"] == "payment_method_microdeposit_failed"


@pytest.mark.parametrize(
    "bank", [bank for bank in debits.BANKS if not bank.refuses_microdeposits], ids=lambda bank: bank.names[0]
)
def test_every_test_account_ends_as_it_should(talk: Any, bank: debits.Bank) -> None:
    """Stripe's test accounts, by ready name: paid, refused, disputed, blocked, or without an answer for ever."""
    sent = {**(ACH if bank.currency == "usd" else SEPA), "payment_method": f"pm_{bank.names[0]}"}
    if bank.is_blocked:
        error = talk.refused("POST", "/v1/payment_intents", 402, **sent)
        outcome = talk.get(f"/v1/charges/{error['charge']}")["outcome"]
        assert (outcome["type"], outcome["network_status"]) == ("blocked", "not_sent_to_network")
        return
    intent = talk.post("/v1/payment_intents", **sent)
    talk.clock.pass_s((bank.answers_after_s or 10**6) - 1)
    assert talk.get(f"/v1/payment_intents/{intent['id']}")["status"] == "processing"
    talk.clock.pass_s(1)
    ended = talk.get(f"/v1/payment_intents/{intent['id']}", expand=["latest_charge"])
    charge = ended["latest_charge"]
    if bank.answers_after_s is None:
        assert ended["status"] == "processing"
    elif bank.failure:
        assert (ended["status"], ended["last_payment_error"]["code"]) == ("requires_payment_method", bank.failure)
        assert (charge["status"], charge["failure_code"], charge["amount_captured"]) == ("failed", bank.failure, 0)
    else:
        assert (ended["status"], charge["disputed"]) == ("succeeded", bank.is_disputed)
    if bank.is_disputed:
        [dispute] = talk.get("/v1/disputes", charge=charge["id"])["data"]
        assert (dispute["status"], dispute["reason"]) == ("lost", "debit_not_authorized")


def test_a_debit_needs_a_mandate_once(talk: Any) -> None:
    """Stripe: the customer's acceptance makes a mandate; a saved account keeps it for the next payment."""
    bare = {name: value for name, value in ACH.items() if name != "mandate_data"}
    customer = talk.post("/v1/customers")["id"]
    refused = talk.refused("POST", "/v1/payment_intents", **bare, payment_method="pm_usBankAccount_success")
    assert refused["code"] == "payment_intent_mandate_invalid"
    saved = talk.post(
        "/v1/setup_intents",
        customer=customer,
        payment_method="pm_usBankAccount_success",
        payment_method_types=["us_bank_account"],
        confirm=True,
        mandate_data=ACCEPTED,
    )
    mandate = talk.get(f"/v1/mandates/{saved['mandate']}")
    assert (mandate["status"], mandate["type"]) == ("active", "multi_use")
    again = talk.post("/v1/payment_intents", **bare, customer=customer, payment_method=saved["payment_method"])
    details = talk.get(f"/v1/charges/{again['latest_charge']}")["payment_method_details"]["us_bank_account"]
    assert details["mandate"] == mandate["id"]


@pytest.mark.parametrize("found", [{"amounts": [32, 45]}, {"amounts": [45, 32]}, {"descriptor_code": "SM11AA"}])
def test_a_typed_in_account_is_verified_before_it_is_debited(talk: Any, found: dict[str, Any]) -> None:
    """Stripe: microdeposits first, with Stripe's own test values; then processing and paid."""
    intent = talk.post("/v1/payment_intents", **ACH, payment_method_data=TYPED)
    assert (intent["status"], intent["next_action"]["type"]) == ("requires_action", "verify_with_microdeposits")
    at = f"/v1/payment_intents/{intent['id']}"
    assert talk.refused("POST", f"{at}/verify_microdeposits", amounts=[1, 2])["code"].endswith("amounts_mismatch")
    assert talk.refused("POST", f"{at}/verify_microdeposits", amounts=[10, 11])["code"].endswith("attempts_exceeded")
    assert talk.refused("POST", f"{at}/verify_microdeposits", amounts=[40, 41])["code"].endswith("timeout")
    assert talk.refused("POST", f"{at}/verify_microdeposits", descriptor_code="XX11AA")["param"] == "descriptor_code"
    assert talk.post(f"{at}/verify_microdeposits", **found)["status"] == "processing"
    talk.clock.pass_s(debits.SOON_S)
    assert talk.get(at)["status"] == "succeeded"


@pytest.mark.parametrize(
    ("data", "param"),
    [
        ({**TYPED, "billing_details": {"email": "a@example.com"}}, "billing_details[name]"),
        (_iban("DE89370400440532013001"), "payment_method_data[sepa_debit][iban]"),
        ({**_iban("DE89370400440532013000"), "billing_details": {"name": "J"}}, "billing_details[email]"),
        ({"type": "us_bank_account"}, "payment_method_data[us_bank_account]"),
    ],
)
def test_an_account_that_cannot_be_is_refused(talk: Any, data: dict[str, Any], param: str) -> None:
    """Stripe: a bank account needs its owner's name, an IBAN its check digits and an e-mail."""
    sent = {**(SEPA if data["type"] == "sepa_debit" else ACH), "payment_method_data": data}
    assert talk.refused("POST", "/v1/payment_intents", **sent)["param"] == param


@pytest.mark.parametrize(
    ("iban", "failure"),
    [
        ("NL39RABO0300065264", None),
        ("DE65370400440002222227", "insufficient_funds"),
        ("FR9720041010050000000343434", "charge_exceeds_source_limit"),
        ("IE69AIBK93115200121212", "charge_exceeds_weekly_limit"),
    ],
)
def test_an_iban_of_any_country_pays_unless_its_ending_says_otherwise(
    talk: Any, iban: str, failure: str | None
) -> None:
    """Stripe's test IBANs: limits and missing funds are told by how the number ends, in every country."""
    intent = talk.post("/v1/payment_intents", **SEPA, payment_method_data=_iban(iban))
    talk.clock.pass_s(debits.SOON_S)
    ended = talk.get(f"/v1/payment_intents/{intent['id']}")
    assert (ended["last_payment_error"] or {}).get("code") == failure


def test_a_debit_that_is_called_off_never_takes_money(talk: Any) -> None:
    """Stripe: a processing payment from a bank can be cancelled; the bank's answer comes too late."""
    intent = talk.post("/v1/payment_intents", **ACH, payment_method="pm_usBankAccount_success")
    assert talk.post(f"/v1/payment_intents/{intent['id']}/cancel")["status"] == "canceled"
    talk.clock.pass_s(debits.SOON_S)
    charge = talk.get(f"/v1/charges/{intent['latest_charge']}")
    assert (charge["status"], charge["balance_transaction"]) == ("failed", None)
    assert talk.get("/v1/balance_transactions")["data"] == []


def test_a_debit_goes_with_its_currency_and_cannot_be_held(talk: Any) -> None:
    """Stripe: ACH takes dollars, SEPA euros; neither can be captured later."""
    wrong = {**ACH, "currency": "eur"}
    assert talk.refused("POST", "/v1/payment_intents", **wrong)["param"] == "payment_method_types"
    held = {**ACH, "capture_method": "manual", "payment_method": "pm_usBankAccount_success"}
    assert talk.refused("POST", "/v1/payment_intents", **held)["param"] == "capture_method"


def test_money_refunded_to_a_bank_arrives_later(talk: Any) -> None:
    """Stripe: a refund to a bank account is pending first, and is booked as `payment_refund`."""
    intent = talk.post("/v1/payment_intents", **SEPA, payment_method="pm_sepaDebit_success_de")
    talk.clock.pass_s(debits.SOON_S)
    refund = talk.post("/v1/refunds", payment_intent=intent["id"], amount=1_000)
    assert (refund["status"], refund["destination_details"]["type"]) == ("pending", "eu_bank_transfer")
    row = talk.get(f"/v1/balance_transactions/{refund['balance_transaction']}")
    assert (row["type"], row["reporting_category"], row["net"]) == ("payment_refund", "refund", -1_000)
    talk.clock.pass_s(60)
    assert talk.get(f"/v1/refunds/{refund['id']}")["status"] == "succeeded"
