"""Tokens, cards as sources, and charges made directly with them."""

from typing import Any

CARD_TO_ENTER = {"number": "5555555555554444", "exp_month": 3, "exp_year": 2031, "cvc": "123"}
CARD = {"number": "5555555555554444", "exp_month": 3, "exp_year": 2031, "cvc": "123", "name": "Zoë"}


def _types(talk: Any, kind: str) -> list[str]:
    return [one["type"] for one in reversed(talk.get("/v1/events", limit=100)["data"]) if one["type"].startswith(kind)]


def test_a_token_is_used_once(talk: Any) -> None:
    """Stripe: a token made of a number is used up by what takes it; the ready tokens are not."""
    token = talk.post("/v1/tokens", card=CARD)
    assert (token["type"], token["used"], token["card"]["brand"]) == ("card", False, "MasterCard")
    charge = talk.post("/v1/charges", amount=500, currency="usd", source=token["id"])
    assert charge["payment_method_details"]["card"]["exp_year"] == 2031
    assert talk.get(f"/v1/tokens/{token['id']}")["used"] is True
    error = talk.refused("POST", "/v1/charges", amount=500, currency="usd", source=token["id"])
    assert error["code"] == "token_already_used"
    for _ in range(2):
        assert talk.post("/v1/charges", amount=500, currency="usd", source="tok_visa")["paid"]


def test_a_token_is_made_of_one_thing(talk: Any) -> None:
    """Stripe: nothing or two things make no token; a number that is no card's is refused with 402."""
    assert "You must supply either a card" in talk.refused("POST", "/v1/tokens")["message"]
    both = {"card": CARD, "pii": {"id_number": "1"}}
    assert "only specify one" in talk.refused("POST", "/v1/tokens", **both)["message"]
    wrong = talk.refused("POST", "/v1/tokens", 402, card={**CARD, "number": "4242424242424241"})
    assert wrong["code"] == "incorrect_number"
    stored = talk.sandbox.store.execute("SELECT count(*) FROM objects WHERE body LIKE ?", (f"%{CARD['number']}%",))
    assert stored.fetchone()[0] == 0


def test_the_first_card_of_a_customer_is_the_default(talk: Any) -> None:
    """Stripe: a source becomes the default; charging the customer takes it; a deleted one makes room."""
    customer = talk.post("/v1/customers", source="tok_visa")
    at = f"/v1/customers/{customer['id']}"
    first = customer["default_source"]
    second = talk.post(f"{at}/sources", source=talk.post("/v1/tokens", card=CARD)["id"])
    assert (second["last4"], second["cvc_check"], talk.get(at)["default_source"]) == ("4444", "pass", first)
    assert talk.post("/v1/charges", amount=500, currency="usd", customer=customer["id"])["payment_method"] == first
    charged = talk.post("/v1/charges", amount=500, currency="usd", customer=customer["id"], source=second["id"])
    assert (charged["payment_method"], charged["customer"]) == (second["id"], customer["id"])
    assert talk.delete(f"{at}/sources/{first}") == {"id": first, "object": "card", "deleted": True}
    assert talk.get(at)["default_source"] == second["id"]
    assert [one["id"] for one in talk.get(f"{at}/sources")["data"]] == [second["id"]]
    assert talk.refused("GET", f"{at}/sources/{first}", 404)["code"] == "resource_missing"
    told = ["customer.source.created", "customer.source.created", "customer.source.deleted"]
    assert _types(talk, "customer.source") == told


def test_a_new_source_replaces_the_default(talk: Any) -> None:
    """Stripe: `source` on an update takes the default one's place; `default_source` only chooses among them."""
    customer = talk.post("/v1/customers", source="tok_visa")
    at = f"/v1/customers/{customer['id']}"
    changed = talk.post(at, source="tok_amex")
    cards = talk.get(f"{at}/cards")["data"]
    assert [(one["id"], one["brand"]) for one in cards] == [(changed["default_source"], "American Express")]
    other = talk.post(f"{at}/sources", source="tok_jcb")
    assert talk.post(at, default_source=other["id"])["default_source"] == other["id"]
    stranger = talk.post("/v1/customers", source="tok_visa")["default_source"]
    assert talk.refused("POST", at, default_source=stranger)["param"] == "default_source"


def test_a_source_is_a_payment_method_too(talk: Any) -> None:
    """Stripe: a card of the old kind is listed and charged as a payment method of the same id."""
    customer = talk.post("/v1/customers", source="tok_visa")
    [method] = talk.get(f"/v1/customers/{customer['id']}/payment_methods", type="card")["data"]
    assert method["id"] == customer["default_source"]
    paid = talk.post(
        "/v1/payment_intents",
        amount=500,
        currency="usd",
        customer=customer["id"],
        payment_method=method["id"],
        payment_method_types=["card"],
        confirm=True,
    )
    assert paid["status"] == "succeeded"
    opened = talk.get(f"/v1/payment_intents/{paid['id']}", expand=["payment_method"])
    assert opened["payment_method"]["object"] == "payment_method"
    assert talk.get(f"/v1/customers/{customer['id']}", expand=["default_source"])["default_source"]["object"] == "card"


def test_a_charge_needs_something_to_charge(talk: Any) -> None:
    """Stripe: neither source nor customer, or a customer without a card."""
    assert talk.refused("POST", "/v1/charges", amount=500, currency="usd")["code"] == "parameter_missing"
    customer = talk.post("/v1/customers")["id"]
    error = talk.refused("POST", "/v1/charges", 402, amount=500, currency="usd", customer=customer)
    assert (error["code"], error["type"]) == ("missing", "card_error")
    source = talk.post("/v1/customers", source="tok_visa")["default_source"]
    assert talk.refused("POST", "/v1/charges", amount=500, currency="usd", source=source)["param"] == "source"


def test_a_direct_hold_is_released_by_a_refund(talk: Any) -> None:
    """Stripe: refunding a charge that was not captured lets the whole hold go, and books nothing."""
    held = talk.post("/v1/charges", amount=700, currency="usd", source="tok_visa", capture=False)
    assert talk.refused("POST", "/v1/refunds", charge=held["id"], amount=100)["param"] == "amount"
    refund = talk.post("/v1/refunds", charge=held["id"])
    assert (refund["amount"], refund["balance_transaction"]) == (700, None)
    assert talk.get(f"/v1/charges/{held['id']}")["refunded"] is True
    assert talk.get("/v1/balance_transactions")["data"] == []
    error = talk.refused("POST", f"/v1/charges/{held['id']}/capture")
    assert error["code"] == "charge_expired_for_capture"


def test_a_confirmation_token_is_what_the_checkout_collected(talk: Any) -> None:
    """Stripe: its payment method, address and future usage go into the intent that it confirms; once, for 12 hours."""
    customer = talk.post("/v1/customers")["id"]
    collected = {
        "payment_method_data": {"type": "card", "card": CARD_TO_ENTER},
        "return_url": "https://example.com",
        "setup_future_usage": "off_session",
        "shipping": {"name": "Zoë", "address": {"city": "Oslo"}},
    }
    token = talk.post("/v1/test_helpers/confirmation_tokens", **collected)
    assert token["payment_method_preview"]["card"]["last4"] == "4444"
    intent = talk.post("/v1/payment_intents", amount=500, currency="usd", customer=customer)
    assert talk.refused("POST", "/v1/payment_intents", amount=500, currency="usd", confirmation_token=token["id"])
    paid = talk.post(f"/v1/payment_intents/{intent['id']}/confirm", confirmation_token=token["id"])
    assert (paid["status"], paid["setup_future_usage"], paid["shipping"]["name"]) == ("succeeded", "off_session", "Zoë")
    assert talk.get(f"/v1/confirmation_tokens/{token['id']}")["payment_intent"] == intent["id"]
    again = {"confirm": True, "confirmation_token": token["id"], "payment_method_types": ["card"]}
    assert "already been used" in talk.refused("POST", "/v1/setup_intents", **again)["message"]
    again["confirmation_token"] = talk.post("/v1/test_helpers/confirmation_tokens", payment_method="pm_card_visa")["id"]
    talk.clock.pass_s(12 * 3_600)
    assert "has expired" in talk.refused("POST", "/v1/setup_intents", **again)["message"]


def test_deleting_a_customer_takes_the_cards_with_it(talk: Any) -> None:
    """Stripe: a deleted customer's sources are gone."""
    customer = talk.post("/v1/customers", source="tok_visa")
    talk.delete(f"/v1/customers/{customer['id']}")
    sent = {"amount": 500, "currency": "usd", "source": customer["default_source"]}
    assert talk.refused("POST", "/v1/charges", **sent)["code"] == "resource_missing"


def test_an_ephemeral_key_is_for_one_customer_and_an_hour(talk: Any) -> None:
    """Stripe: a phone's library gets one; deleting it ends it now."""
    customer = talk.post("/v1/customers")["id"]
    key = talk.post("/v1/ephemeral_keys", customer=customer)
    assert (key["secret"][:8], key["expires"] - key["created"]) == ("ek_test_", 3_600)
    assert talk.delete(f"/v1/ephemeral_keys/{key['id']}")["expires"] <= key["expires"]
    assert talk.refused("DELETE", f"/v1/ephemeral_keys/{key['id']}", 404)["code"] == "resource_missing"
    assert talk.refused("POST", "/v1/ephemeral_keys")["param"] == "customer"
