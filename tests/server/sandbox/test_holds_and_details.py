"""Holds that are raised and taken in parts, and what an amount consists of."""

from typing import Any

import pytest

HELD = {
    "amount": 5_000,
    "currency": "usd",
    "confirm": True,
    "payment_method": "pm_card_visa",
    "payment_method_types": ["card"],
    "capture_method": "manual",
}
OPTIONS = {"card": {"request_multicapture": "if_available", "request_incremental_authorization": "if_available"}}
ITEMS = [
    {"product_name": "Tea", "quantity": 2, "unit_cost": 1_500, "discount_amount": 100},
    {"product_name": "Cup", "quantity": 1, "unit_cost": 1_800, "tax": {"total_tax_amount": 200}},
]


def _held(talk: Any, **more: Any) -> str:
    return f"/v1/payment_intents/{talk.post('/v1/payment_intents', **HELD, **more)['id']}"


def test_a_hold_is_taken_in_several_parts(talk: Any) -> None:
    """Stripe, multicapture: `final_capture: false` keeps the rest capturable; each part is booked by itself."""
    at = _held(talk, payment_method_options=OPTIONS)
    first = talk.post(f"{at}/capture", amount_to_capture=1_500, final_capture=False)
    assert (first["status"], first["amount_received"], first["amount_capturable"]) == ("requires_capture", 1_500, 3_500)
    assert "has been captured already" in talk.refused("POST", f"{at}/cancel")["message"]
    last = talk.post(f"{at}/capture", amount_to_capture=2_000)
    assert (last["status"], last["amount_received"], last["amount_capturable"]) == ("succeeded", 3_500, 0)
    rows = talk.get("/v1/balance_transactions")["data"]
    assert [row["amount"] for row in rows] == [2_000, 1_500]
    assert talk.post("/v1/refunds", payment_intent=last["id"])["amount"] == 3_500


def test_a_hold_that_did_not_ask_for_it_is_taken_once(talk: Any) -> None:
    """Stripe: without `request_multicapture` the capture is the last one."""
    at = _held(talk)
    error = talk.refused("POST", f"{at}/capture", amount_to_capture=100, final_capture=False)
    assert error["param"] == "final_capture"
    assert talk.post(f"{at}/capture", amount_to_capture=5_000, final_capture=False)["status"] == "succeeded"


def test_a_hold_can_be_raised_where_it_was_asked_for(talk: Any) -> None:
    """Stripe: the new amount must be higher, and then it can be captured."""
    assert (
        "does not support incremental"
        in talk.refused("POST", f"{_held(talk)}/increment_authorization", amount=6_000)["message"]
    )
    at = _held(talk, payment_method_options=OPTIONS)
    assert talk.refused("POST", f"{at}/increment_authorization", amount=5_000)["param"] == "amount"
    raised = talk.post(f"{at}/increment_authorization", amount=6_000, description="more")
    assert (raised["amount"], raised["amount_capturable"], raised["description"]) == (6_000, 6_000, "more")
    assert talk.post(f"{at}/capture")["amount_received"] == 6_000
    assert (
        talk.refused("POST", f"{at}/increment_authorization", amount=7_000)["code"] == "payment_intent_unexpected_state"
    )


@pytest.mark.parametrize("reason", ["duplicate", "fraudulent", "requested_by_customer", "abandoned"])
def test_a_canceled_hold_says_why(talk: Any, reason: str) -> None:
    """Stripe: four reasons of the caller's own; the hold is let go and nothing booked."""
    at = _held(talk)
    gone = talk.post(f"{at}/cancel", cancellation_reason=reason)
    assert (gone["status"], gone["cancellation_reason"], gone["amount_capturable"]) == ("canceled", reason, 0)
    assert talk.get(f"/v1/charges/{gone['latest_charge']}")["refunded"] is True
    assert talk.get("/v1/balance_transactions")["data"] == []
    own = talk.refused("POST", f"{_held(talk)}/cancel", cancellation_reason="void_invoice")
    assert own["param"] == "cancellation_reason"


def test_a_card_option_can_hold_a_payment_by_itself(talk: Any) -> None:
    """Stripe: `payment_method_options[card][capture_method]=manual` holds, whatever the intent says."""
    sent = {**HELD, "capture_method": "automatic", "payment_method_options": {"card": {"capture_method": "manual"}}}
    held = talk.post("/v1/payment_intents", **sent)
    assert (held["status"], held["payment_method_options"]["card"]["capture_method"]) == ("requires_capture", "manual")


def test_what_an_amount_consists_of_is_kept_in_order(talk: Any) -> None:
    """Stripe: line items are listed apart, or expanded in place; their sum must be the amount."""
    sent = {"amount": 5_000, "currency": "usd", "amount_details": {"line_items": ITEMS, "shipping": {"amount": 100}}}
    made = talk.post("/v1/payment_intents", **sent)
    at = f"/v1/payment_intents/{made['id']}"
    assert "line_items" not in made["amount_details"]
    assert made["amount_details"]["shipping"]["amount"] == 100
    for items in (
        talk.get(f"{at}/amount_details_line_items")["data"],
        talk.get(at, expand=["amount_details.line_items"])["amount_details"]["line_items"]["data"],
    ):
        assert [(one["product_name"], one["quantity"]) for one in items] == [("Tea", 2), ("Cup", 1)]
    assert talk.post(at, amount_details=None)["amount_details"] == {"tip": {}}
    assert talk.get(f"{at}/amount_details_line_items")["data"] == []


def test_details_that_do_not_add_up_are_refused_or_noted(talk: Any) -> None:
    """Stripe: an arithmetic error fails the request, unless it is told not to."""
    sent: dict[str, Any] = {"amount": 5_100, "currency": "usd", "amount_details": {"line_items": ITEMS}}
    assert talk.refused("POST", "/v1/payment_intents", **sent)["code"] == "amount_details_amount_mismatch"
    assert talk.get("/v1/payment_intents")["data"] == []
    sent["amount_details"]["enforce_arithmetic_validation"] = False
    noted = talk.post("/v1/payment_intents", **sent)["amount_details"]["error"]
    assert noted["code"] == "amount_details_amount_mismatch"


def test_another_payment_method_ends_the_wait_for_the_last_ones_owner(talk: Any) -> None:
    """Stripe: an intent in `requires_action` takes a new payment method, and wants to be confirmed again."""
    sent = {**HELD, "payment_method": "pm_card_threeDSecure2Required"}
    waiting = talk.post("/v1/payment_intents", **sent)
    changed = talk.post(f"/v1/payment_intents/{waiting['id']}", payment_method="pm_card_visa")
    assert (changed["status"], changed["next_action"]) == ("requires_confirmation", None)
    assert talk.post(f"/v1/payment_intents/{waiting['id']}/confirm")["status"] == "requires_capture"


def test_what_is_excluded_cannot_pay(talk: Any) -> None:
    """Stripe: an excluded type is taken off the list, and refused as a payment method."""
    sent = {"amount": 5_000, "currency": "usd", "excluded_payment_method_types": ["klarna", "card"]}
    made = talk.post("/v1/payment_intents", **sent)
    assert not {"klarna", "card"} & set(made["payment_method_types"])
    at = f"/v1/payment_intents/{made['id']}"
    assert "is excluded from this PaymentIntent" in talk.refused("POST", at, payment_method="pm_card_visa")["message"]
    assert "card" in talk.post(at, excluded_payment_method_types=None)["payment_method_types"]
    assert talk.post(at, payment_method="pm_card_visa")["status"] == "requires_confirmation"


def test_an_order_by_telephone_is_not_authenticated(talk: Any) -> None:
    """Stripe: `moto` skips 3D Secure, and is not shown again."""
    sent = {
        **HELD,
        "payment_method": "pm_card_threeDSecure2Required",
        "payment_method_options": {"card": {"moto": True}},
    }
    held = talk.post("/v1/payment_intents", **sent)
    assert (held["status"], "moto" in held["payment_method_options"]["card"]) == ("requires_capture", False)


def test_whoever_uses_stripes_library_gets_its_action(talk: Any) -> None:
    """Stripe: `use_stripe_sdk` asks for an action that Stripe.js carries out, also where there is a way back."""
    sent = {**HELD, "payment_method": "pm_card_threeDSecure2Required", "return_url": "https://example.com"}
    assert talk.post("/v1/payment_intents", **sent)["next_action"]["type"] == "redirect_to_url"
    assert talk.post("/v1/payment_intents", **sent, use_stripe_sdk=True)["next_action"]["type"] == "use_stripe_sdk"
