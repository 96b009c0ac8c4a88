"""Setup intents: saving a payment method, every state, every refusal."""

from typing import Any

import pytest

CARD = {"payment_method_types": ["card"]}


def _types(talk: Any) -> list[str]:
    return [event["type"] for event in reversed(talk.get("/v1/events", limit=100)["data"])]


def test_a_confirmed_setup_gives_the_card_to_its_customer(talk: Any) -> None:
    """Stripe: the payment method is attached, the attempt recorded, nothing charged."""
    customer = talk.post("/v1/customers")["id"]
    done = talk.post("/v1/setup_intents", **CARD, customer=customer, payment_method="pm_card_visa", confirm=True)
    assert (done["status"], done["usage"]) == ("succeeded", "off_session")
    assert talk.get(f"/v1/payment_methods/{done['payment_method']}")["customer"] == customer
    [attempt] = talk.get("/v1/setup_attempts", setup_intent=done["id"])["data"]
    assert (attempt["id"], attempt["status"], attempt["setup_error"]) == (done["latest_attempt"], "succeeded", None)
    assert talk.get("/v1/charges")["data"] == []
    kinds = ["customer.created", "setup_intent.created", "payment_method.attached", "setup_intent.succeeded"]
    assert _types(talk) == kinds


def test_a_declined_setup_stays_open_for_another_card(talk: Any) -> None:
    """Stripe, recorded: 402, `last_setup_error`, back to the start; another card sets up the same intent."""
    error = talk.refused(
        "POST", "/v1/setup_intents", 402, **CARD, payment_method="pm_card_chargeDeclined", confirm=True
    )
    at = f"/v1/setup_intents/{error['setup_intent']['id']}"
    kept = talk.get(at)
    assert (kept["status"], kept["payment_method"]) == ("requires_payment_method", None)
    assert kept["last_setup_error"]["decline_code"] == "generic_decline"
    done = talk.post(f"{at}/confirm", payment_method="pm_card_visa")
    assert (done["status"], done["last_setup_error"]) == ("succeeded", None)
    attempts = talk.get("/v1/setup_attempts", setup_intent=done["id"])["data"]
    assert [one["status"] for one in attempts] == ["succeeded", "failed"]
    assert attempts[1]["setup_error"]["code"] == "card_declined"


@pytest.mark.parametrize("step", ["confirm", "cancel", "", "verify_microdeposits"])
@pytest.mark.parametrize("ended", ["succeeded", "canceled"])
def test_a_setup_that_ended_moves_no_more(talk: Any, step: str, ended: str) -> None:
    """Stripe: an unexpected state, with the intent in the error; nothing of the intent changes."""
    intent = talk.post("/v1/setup_intents", **CARD, payment_method="pm_card_visa", confirm=ended == "succeeded")
    at = f"/v1/setup_intents/{intent['id']}"
    if ended == "canceled":
        talk.post(f"{at}/cancel")
    before = talk.get(at)
    sent = {"": {"payment_method": "pm_card_amex"}, "verify_microdeposits": {"amounts": [32, 45]}}.get(step, {})
    error = talk.refused("POST", f"{at}/{step}" if step else at, **sent)
    wanted = "intent_invalid_state" if step == "verify_microdeposits" else "setup_intent_unexpected_state"
    assert (error["code"], error["setup_intent"]["status"]) == (wanted, ended)
    assert talk.get(at) == before
    assert talk.post(at, description="why", metadata={"a": "b"})["description"] == "why"


@pytest.mark.parametrize(
    ("sent", "param", "words"),
    [
        (
            {"payment_method_types": ["gold"]},
            "payment_method_types",
            "The payment method type provided: gold is invalid",
        ),
        ({"payment_method": "pm_none"}, "payment_method", "No such PaymentMethod: 'pm_none'"),
        ({"customer": "cus_none"}, "customer", "No such customer: 'cus_none'"),
        ({**CARD, "return_url": "https://example.com"}, "return_url", "You can only pass `return_url` when `confirm`"),
        ({"usage": "sometimes"}, "usage", "Invalid usage: must be one of off_session or on_session"),
        (
            {**CARD, "payment_method": "pm_usBankAccount_success"},
            "payment_method",
            "is not allowed for this SetupIntent",
        ),
    ],
)
def test_what_cannot_be_set_up_says_why(talk: Any, sent: dict[str, Any], param: str, words: str) -> None:
    """Stripe: each wrong value is named, and no intent is left behind."""
    error = talk.refused("POST", "/v1/setup_intents", **sent)
    assert error["param"] == param
    assert words in error["message"]
    assert talk.get("/v1/setup_intents")["data"] == []


def test_types_and_automatic_methods_exclude_each_other(talk: Any) -> None:
    """Stripe: one of the two; a bare intent takes what the account takes, and may redirect."""
    automatic = {"automatic_payment_methods": {"enabled": True}}
    assert "only specify one" in talk.refused("POST", "/v1/setup_intents", **CARD, **automatic)["message"]
    bare = {"payment_method": "pm_card_visa", "confirm": True}
    assert "must provide a `return_url`" in talk.refused("POST", "/v1/setup_intents", **bare)["message"]
    never = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    assert talk.post("/v1/setup_intents", **bare, **never)["status"] == "succeeded"


def test_another_intents_secret_is_refused(talk: Any) -> None:
    """Stripe: `client_secret` must be the intent's own."""
    one, two = (talk.post("/v1/setup_intents", **CARD, payment_method="pm_card_visa") for _ in range(2))
    at = f"/v1/setup_intents/{one['id']}"
    assert talk.refused("GET", at, client_secret=two["client_secret"])["param"] == "client_secret"
    assert talk.refused("POST", f"{at}/confirm", client_secret=two["client_secret"])["param"] == "client_secret"
    assert talk.post(f"{at}/confirm", client_secret=one["client_secret"])["status"] == "succeeded"


def test_a_card_that_fails_later_can_be_set_up(talk: Any) -> None:
    """Stripe's test cards: `pm_card_chargeCustomerFail` is saved, and declined when it is charged."""
    customer = talk.post("/v1/customers")["id"]
    sent = {"customer": customer, "payment_method": "pm_card_chargeCustomerFail", "confirm": True}
    saved = talk.post("/v1/setup_intents", **CARD, **sent)
    paying = {**CARD, "amount": 500, "currency": "usd", "customer": customer, "confirm": True}
    assert talk.refused("POST", "/v1/payment_intents", 402, **paying, payment_method=saved["payment_method"])
