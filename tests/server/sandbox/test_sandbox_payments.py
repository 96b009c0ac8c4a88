"""Payment intents, payment methods and charges: the state machine, the test cards, the words of every refusal."""

from typing import Any

import pytest

from paydesk.server.sandbox import cards

PAID = {"amount": 5_000, "currency": "usd", "confirm": True, "payment_method_types": ["card"]}


def _types(talk: Any) -> list[str]:
    return [event["type"] for event in reversed(talk.get("/v1/events", limit=100)["data"])]


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
        ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"),
        ("pm_card_radarBlock", "card_declined", "fraudulent"),
    ],
)
def test_every_declining_card_declines_in_its_own_way(talk: Any, card: str, code: str, decline_code: str) -> None:
    """Stripe's test cards: 402 with code and decline code; the failed charge and the open intent stay."""
    error = talk.refused("POST", "/v1/payment_intents", 402, **PAID, payment_method=card)
    assert (error["type"], error["code"], error["decline_code"]) == ("card_error", code, decline_code)
    intent = talk.get(f"/v1/payment_intents/{error['payment_intent']['id']}")
    assert (intent["status"], intent["payment_method"]) == ("requires_payment_method", None)
    assert intent["last_payment_error"]["decline_code"] == decline_code
    charge = talk.get(f"/v1/charges/{error['charge']}")
    assert (charge["status"], charge["paid"], charge["failure_code"]) == ("failed", False, code)
    assert charge["balance_transaction"] is None
    assert _types(talk) == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def test_a_declined_intent_can_be_paid_with_another_card(talk: Any) -> None:
    """Stripe: the intent goes back to the start and takes a new payment method."""
    error = talk.refused("POST", "/v1/payment_intents", 402, **PAID, payment_method="pm_card_chargeDeclined")
    at = f"/v1/payment_intents/{error['payment_intent']['id']}"
    paid = talk.post(f"{at}/confirm", payment_method="pm_card_visa")
    assert (paid["status"], paid["last_payment_error"], paid["amount_received"]) == ("succeeded", None, 5_000)
    assert len(talk.get("/v1/charges", payment_intent=paid["id"])["data"]) == 2


@pytest.mark.parametrize("card", [card for card in cards.CARDS if not card.decline and not card.authentication])
def test_every_paying_card_pays_by_number(talk: Any, card: cards.Card) -> None:
    """Stripe's test cards: brand, country and funding are the card's; the number itself is kept nowhere."""
    data = {"type": "card", "card": {"number": card.number, "exp_month": 1, "exp_year": 2031, "cvc": "1234"}}
    paid = talk.post("/v1/payment_intents", **PAID, payment_method_data=data)
    details = talk.get(f"/v1/charges/{paid['latest_charge']}")["payment_method_details"]["card"]
    assert (details["brand"], details["country"], details["funding"]) == (card.brand, card.country, card.funding)
    assert (details["last4"], details["exp_year"]) == (card.number[-4:], 2031)
    stored = talk.sandbox.store.execute("SELECT count(*) FROM objects WHERE body LIKE ?", (f"%{card.number}%",))
    assert stored.fetchone()[0] == 0


@pytest.mark.parametrize(
    ("card", "status", "code", "param"),
    [
        ({"number": "4242424242424241", "exp_month": 1, "exp_year": 2031}, 402, "incorrect_number", "number"),
        ({"number": "4539578763621486", "exp_month": 1, "exp_year": 2031}, 402, "card_declined", "number"),
        ({"number": "4242424242424242", "exp_month": 13, "exp_year": 2031}, 402, "invalid_expiry_month", "exp_month"),
        ({"number": "4242424242424242", "exp_month": 1, "exp_year": 2020}, 402, "invalid_expiry_year", "exp_year"),
        ({"number": "4242424242424242", "exp_month": 1, "exp_year": 31, "cvc": "9"}, 402, "invalid_cvc", "cvc"),
        ({"number": "4242424242424242"}, 400, "parameter_missing", "card[exp_month]"),
        ({"token": "tok_nobody"}, 400, "resource_missing", "card[token]"),
    ],
)
def test_a_card_that_cannot_be_is_refused(talk: Any, card: Any, status: int, code: str, param: str) -> None:
    """Stripe: wrong numbers, dates and codes each have an error of their own; a real card is not for test mode."""
    error = talk.refused("POST", "/v1/payment_methods", status, type="card", card=card)
    assert (error["code"], error["param"]) == (code, param)
    assert card.get("number", "none") not in str(error)


@pytest.mark.parametrize(
    ("amount", "currency", "message"),
    [
        (49, "usd", "Amount must be at least $0.50 usd"),
        (29, "gbp", "Amount must be at least £0.30 gbp"),
        (49, "jpy", "Amount must be at least ¥50 jpy"),
        (100_000_000, "usd", "Amount must be no more than $999,999.99"),
        (5_001, "kwd", "Invalid amount: amounts in kwd must be rounded to the nearest ten"),
    ],
)
def test_an_amount_that_cannot_be_charged_says_why(talk: Any, amount: int, currency: str, message: str) -> None:
    """Stripe: the currency's least and most; three-decimal amounts come by tens."""
    error = talk.refused("POST", "/v1/payment_intents", amount=amount, currency=currency)
    assert error["param"] == "amount"
    assert error["message"].startswith(message)


def test_a_hold_is_captured_in_part_and_once(talk: Any) -> None:
    """Stripe: the rest of the hold is let go; a second capture is an unexpected state and carries the intent."""
    held = talk.post("/v1/payment_intents", **PAID, payment_method="pm_card_visa", capture_method="manual")
    at = f"/v1/payment_intents/{held['id']}"
    assert (held["status"], held["amount_capturable"]) == ("requires_capture", 5_000)
    assert talk.get("/v1/balance_transactions")["data"] == []
    assert talk.refused("POST", f"{at}/capture", amount_to_capture=5_001)["param"] == "amount_to_capture"
    taken = talk.post(f"{at}/capture", amount_to_capture=4_000)
    assert (taken["status"], taken["amount_received"], taken["amount_capturable"]) == ("succeeded", 4_000, 0)
    [row] = talk.get("/v1/balance_transactions")["data"]
    assert (row["amount"], row["fee"], row["net"]) == (4_000, 146, 3_854)
    error = talk.refused("POST", f"{at}/capture")
    assert error["code"] == "payment_intent_unexpected_state"
    assert error["payment_intent"]["id"] == held["id"]


def test_a_hold_ends_after_seven_days(talk: Any) -> None:
    """Stripe: an uncaptured authorization expires; the intent is cancelled by itself."""
    held = talk.post("/v1/payment_intents", **PAID, payment_method="pm_card_visa", capture_method="manual")
    talk.clock.pass_s(7 * 86_400 - 1)
    assert talk.get(f"/v1/payment_intents/{held['id']}")["status"] == "requires_capture"
    talk.clock.pass_s(1)
    ended = talk.get(f"/v1/payment_intents/{held['id']}")
    assert (ended["status"], ended["cancellation_reason"]) == ("canceled", "automatic")
    assert _types(talk)[-2:] == ["charge.expired", "payment_intent.canceled"]


@pytest.mark.parametrize("step", ["confirm", "cancel", "capture"])
def test_a_finished_intent_moves_no_more(talk: Any, step: str) -> None:
    """Stripe: `payment_intent_unexpected_state` for every step from succeeded and from canceled."""
    paid = talk.post("/v1/payment_intents", **PAID, payment_method="pm_card_visa")
    gone = talk.post("/v1/payment_intents", amount=500, currency="usd")
    talk.post(f"/v1/payment_intents/{gone['id']}/cancel")
    for intent in (paid, gone):
        error = talk.refused("POST", f"/v1/payment_intents/{intent['id']}/{step}")
        assert error["code"] == "payment_intent_unexpected_state"
    error = talk.refused("POST", f"/v1/payment_intents/{paid['id']}", amount=600)
    assert "could not be updated because it has a status of succeeded" in error["message"]
    assert talk.post(f"/v1/payment_intents/{paid['id']}", description="fine")["description"] == "fine"


def test_authentication_is_asked_for_and_answered(talk: Any) -> None:
    """Stripe: 3D Secure stops in requires_action; off session it is a decline instead."""
    sent = {**PAID, "payment_method": "pm_card_authenticationRequired"}
    asked = talk.post("/v1/payment_intents", **sent, return_url="https://example.com/back")
    assert (asked["status"], asked["latest_charge"]) == ("requires_action", None)
    assert asked["next_action"]["redirect_to_url"]["return_url"] == "https://example.com/back"
    done = talk.post(f"/_sandbox/payment_intents/{asked['id']}/authenticate", outcome="succeed")
    assert (done["status"], done["next_action"]) == ("succeeded", None)
    failed = talk.post("/v1/payment_intents", **sent)
    failed = talk.post(f"/_sandbox/payment_intents/{failed['id']}/authenticate", outcome="fail")
    assert failed["status"] == "requires_payment_method"
    assert failed["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    error = talk.refused("POST", "/v1/payment_intents", 402, **sent, off_session=True)
    assert error["code"] == "authentication_required"


def test_methods_that_redirect_need_a_way_back(talk: Any) -> None:
    """Stripe: with automatic payment methods a confirmation wants `return_url`, or `allow_redirects: never`."""
    sent = {"amount": 500, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
    assert "return_url" in talk.refused("POST", "/v1/payment_intents", **sent)["message"]
    never = {"enabled": True, "allow_redirects": "never"}
    assert talk.post("/v1/payment_intents", **sent, automatic_payment_methods=never)["status"] == "succeeded"
    assert talk.post("/v1/payment_intents", **sent, return_url="https://example.com")["status"] == "succeeded"


def test_a_card_without_a_customer_is_used_once(talk: Any) -> None:
    """Stripe: charged unattached, or detached, a payment method may not be used again."""
    method = talk.post("/v1/payment_methods", type="card", card={"token": "tok_visa"})["id"]
    talk.post("/v1/payment_intents", **PAID, payment_method=method)
    assert (
        "may not be used again" in talk.refused("POST", "/v1/payment_intents", **PAID, payment_method=method)["message"]
    )
    customer = talk.post("/v1/customers")["id"]
    assert (
        "may not be used again"
        in talk.refused("POST", f"/v1/payment_methods/{method}/attach", customer=customer)["message"]
    )


def test_a_saved_card_belongs_to_its_customer(talk: Any) -> None:
    """Stripe: used with nobody or with another customer it is refused, by the words recorded for setup intents."""
    one, two = talk.post("/v1/customers")["id"], talk.post("/v1/customers")["id"]
    method = talk.post("/v1/payment_methods/pm_card_visa/attach", customer=one)["id"]
    alone = talk.refused("POST", "/v1/payment_intents", **PAID, payment_method=method)
    assert "Please include the Customer in the `customer` parameter" in alone["message"]
    other = talk.refused("POST", "/v1/payment_intents", **PAID, payment_method=method, customer=two)
    assert "does not belong to the Customer you supplied" in other["message"]
    for _ in range(2):
        assert talk.post("/v1/payment_intents", **PAID, payment_method=method, customer=one)["status"] == "succeeded"
    saved = talk.post(
        "/v1/payment_intents", **PAID, payment_method="pm_card_amex", customer=two, setup_future_usage="off_session"
    )
    assert talk.get("/v1/payment_methods", customer=two)["data"][0]["id"] == saved["payment_method"]


def test_the_default_method_must_be_the_customers_and_goes_with_it(talk: Any) -> None:
    """Stripe: `invoice_settings[default_payment_method]` needs an attached one; detaching clears it."""
    customer = talk.post("/v1/customers", payment_method="pm_card_visa")
    at = f"/v1/customers/{customer['id']}"
    method = talk.get(f"{at}/payment_methods")["data"][0]["id"]
    assert (
        talk.refused("POST", at, invoice_settings={"default_payment_method": "pm_none"})["code"] == "resource_missing"
    )
    settings = {"default_payment_method": method}
    assert talk.post(at, invoice_settings=settings)["invoice_settings"]["default_payment_method"] == method
    talk.post(f"/v1/payment_methods/{method}/detach")
    assert talk.get(at)["invoice_settings"]["default_payment_method"] is None
    assert talk.refused("POST", f"/v1/payment_methods/{method}/detach")["param"] == "payment_method"


def test_a_declining_card_cannot_be_saved_but_one_declines_later(talk: Any) -> None:
    """Stripe's test cards: attaching checks the card; `pm_card_chargeCustomerFail` attaches and then declines."""
    customer = talk.post("/v1/customers")["id"]
    assert talk.refused("POST", "/v1/payment_methods/pm_card_chargeDeclined/attach", 402, customer=customer)
    method = talk.post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", customer=customer)["id"]
    assert talk.refused("POST", "/v1/payment_intents", 402, **PAID, payment_method=method, customer=customer)


def test_a_refund_that_fails_brings_the_money_back(talk: Any) -> None:
    """Stripe's test cards: `pm_card_refundFail` succeeds first, then fails; the charge counts as paid again."""
    paid = talk.post("/v1/payment_intents", **PAID, payment_method="pm_card_refundFail")
    refund = talk.post("/v1/refunds", payment_intent=paid["id"])
    assert refund["status"] == "succeeded"
    before = talk.get("/v1/balance")
    talk.clock.pass_s(60)
    failed = talk.get(f"/v1/refunds/{refund['id']}")
    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    charge = talk.get(f"/v1/charges/{paid['latest_charge']}")
    assert (charge["refunded"], charge["amount_refunded"]) == (False, 0)
    assert talk.get("/v1/balance")["pending"][0]["amount"] == before["pending"][0]["amount"] + 5_000


def test_a_pending_refund_settles_later(talk: Any) -> None:
    """Stripe's test cards: `pm_card_pendingRefund` is pending, then succeeded, with `refund.updated`."""
    paid = talk.post("/v1/payment_intents", **PAID, payment_method="pm_card_pendingRefund")
    refund = talk.post("/v1/refunds", payment_intent=paid["id"], amount=100)
    assert refund["status"] == "pending"
    talk.clock.pass_s(60)
    assert talk.get(f"/v1/refunds/{refund['id']}")["status"] == "succeeded"
    assert _types(talk)[-1] == "refund.updated"


def test_a_payout_needs_available_money_and_arrives(talk: Any) -> None:
    """Stripe: `balance_insufficient` for pending money; paid on its day; a cancelled one comes back."""
    talk.post("/v1/payment_intents", **PAID, payment_method="pm_card_visa")
    sent = {"amount": 1_000, "currency": "usd"}
    assert talk.refused("POST", "/v1/payouts", **sent)["code"] == "balance_insufficient"
    talk.clock.pass_s(8 * 86_400)
    first, second = talk.post("/v1/payouts", **sent), talk.post("/v1/payouts", **sent)
    assert talk.post(f"/v1/payouts/{second['id']}/cancel")["status"] == "canceled"
    talk.clock.pass_s(first["arrival_date"] - talk.clock.now)
    assert talk.get(f"/v1/payouts/{first['id']}")["status"] == "paid"
    assert talk.get(f"/v1/payouts/{second['id']}")["status"] == "canceled"
    assert "pending" in talk.refused("POST", f"/v1/payouts/{first['id']}/cancel")["message"]
    assert talk.get("/v1/balance")["available"][0]["amount"] == 4_825 - 1_000
    assert [one["id"] for one in talk.get("/v1/payouts", status="paid")["data"]] == [first["id"]]


def test_a_dispute_nobody_answers_is_lost(talk: Any) -> None:
    """Stripe: after `due_by` the cardholder wins."""
    paid = talk.post("/v1/payment_intents", **PAID, payment_method="pm_card_createDispute")
    at = f"/v1/charges/{paid['latest_charge']}/dispute"
    talk.clock.pass_s(talk.get(at)["evidence_details"]["due_by"] + 1 - talk.clock.now)
    lost = talk.get(at)
    assert (lost["status"], lost["evidence_details"]["past_due"]) == ("lost", True)


def test_previous_attributes_say_what_changed_key_by_key(talk: Any) -> None:
    """Stripe, recorded: an added metadata key is null in what was before; unchanged fields are absent."""
    customer = talk.post("/v1/customers", metadata={"a": "1", "b": "2"}, name="x")
    talk.post(f"/v1/customers/{customer['id']}", metadata={"b": "3", "c": "4"}, name="x")
    talk.post(f"/v1/customers/{customer['id']}", name="x")
    updated, created = talk.get("/v1/events")["data"]
    assert updated["data"]["previous_attributes"] == {"metadata": {"b": "2", "c": None}}
    assert "previous_attributes" not in created["data"]
    assert created["data"]["object"]["metadata"] == {"a": "1", "b": "2"}


def test_events_are_found_by_type_and_wildcard(talk: Any) -> None:
    """Stripe: `type` takes one type or a `*`, `types` up to twenty, not both."""
    talk.post("/v1/payment_intents", **PAID, payment_method="pm_card_visa")
    talk.post("/v1/customers")

    def found(**sent: Any) -> list[str]:
        return [event["type"] for event in talk.get("/v1/events", **sent)["data"]]

    assert found(type="charge.succeeded") == ["charge.succeeded"]
    assert found(type="payment_intent.*") == ["payment_intent.succeeded", "payment_intent.created"]
    assert found(types=["customer.created", "charge.succeeded"]) == ["customer.created", "charge.succeeded"]
    assert found(type="*.[a-z]*") == []
    assert talk.refused("GET", "/v1/events", type="a", types=["b"])["param"] == "types"


def test_a_payment_without_a_successful_charge_has_nothing_to_refund(talk: Any) -> None:
    """Stripe: refunding an intent that was never paid, or only declined, is 400 on `payment_intent`."""
    bare = talk.post("/v1/payment_intents", amount=500, currency="usd")["id"]
    error = talk.refused("POST", "/v1/payment_intents", 402, **PAID, payment_method="pm_card_chargeDeclined")
    for intent in (bare, error["payment_intent"]["id"]):
        refused = talk.refused("POST", "/v1/refunds", payment_intent=intent)
        assert (refused["param"], "successful charge" in refused["message"]) == ("payment_intent", True)
    assert talk.refused("POST", "/v1/refunds", 404, payment_intent="pi_none")["code"] == "resource_missing"


def test_a_changed_refund_is_told_under_both_names(talk: Any) -> None:
    """Stripe: `charge.refund.updated` and `refund.updated`; a failing one also `refund.failed`."""
    paid = talk.post("/v1/payment_intents", **PAID, payment_method="pm_card_refundFail")
    talk.post("/v1/refunds", payment_intent=paid["id"])
    talk.clock.pass_s(60)
    talk.get("/v1/refunds")
    assert _types(talk)[-3:] == ["charge.refund.updated", "refund.updated", "refund.failed"]
