"""Payment methods that the customer approves elsewhere: iDEAL, Klarna, Cash App and their like."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from paydesk.server.sandbox.redirects import BY_TYPE, Redirect

BACK = "https://shop.example/done"
HOST = {"Host": "127.0.0.1:12111"}


def _sent(kind: str, **more: Any) -> dict[str, Any]:
    currency = (BY_TYPE[kind].currencies or ("usd",))[0]
    data = {"type": kind, "billing_details": {"name": "Jenny", "email": "jenny@example.com"}}
    paid = {"amount": 5_000, "currency": currency, "payment_method_types": [kind], "confirm": True}
    return {**paid, "payment_method_data": data, "return_url": BACK, **more}


@pytest.mark.parametrize("kind", BY_TYPE.values(), ids=lambda kind: kind.type)
@pytest.mark.parametrize("outcome", ["succeed", "fail"])
def test_the_customer_says_yes_or_no_on_the_page(talk: Any, judge: Any, kind: Redirect, outcome: str) -> None:
    """Stripe: redirected, answered, sent back; then paid at once, or back to the start. Shapes by Stripe's OpenAPI."""
    intent = talk.ask("POST", "/v1/payment_intents", _sent(kind.type), HOST).body
    assert intent["status"] == "requires_action"
    url = urlsplit(intent["next_action"]["redirect_to_url"]["url"]).path
    asked = talk.sandbox.respond("POST", url, HOST, f"outcome={outcome}".encode())
    with pytest.raises(StopIteration) as done:
        asked.send(None)
    status, headers, _ = done.value.value
    told = parse_qs(urlsplit(headers["Location"]).query)
    assert (status, told["payment_intent"]) == (302, [intent["id"]])
    ended = talk.get(f"/v1/payment_intents/{intent['id']}", expand=["latest_charge", "payment_method"])
    assert judge.faults_of("payment_intent", ended) == []
    if outcome == "fail":
        assert (ended["status"], ended["latest_charge"]) == ("requires_payment_method", None)
        return
    assert (ended["status"], ended["latest_charge"]["payment_method_details"]["type"]) == ("succeeded", kind.type)
    refund = talk.post("/v1/refunds", payment_intent=intent["id"])
    assert refund["status"] == "succeeded"
    talk.clock.pass_s(120)
    assert judge.faults_of("refund", talk.get(f"/v1/refunds/{refund['id']}")) == []


def test_what_a_type_cannot_do_is_refused(talk: Any) -> None:
    """Stripe: its currencies, a way back, holding, saving; each said of the type."""
    wrong = _sent("ideal", currency="usd")
    assert talk.refused("POST", "/v1/payment_intents", **wrong)["param"] == "payment_method_types"
    no_way_back = _sent("ideal")
    del no_way_back["return_url"]
    assert talk.refused("POST", "/v1/payment_intents", **no_way_back)["param"] == "return_url"
    held = _sent("ideal", capture_method="manual")
    assert talk.refused("POST", "/v1/payment_intents", **held)["param"] == "capture_method"
    customer = talk.post("/v1/customers")["id"]
    method = talk.post("/v1/payment_methods", type="ideal", ideal={"bank": "ing"})
    assert method["ideal"]["bank"] == "ing"
    refused = talk.refused("POST", f"/v1/payment_methods/{method['id']}/attach", customer=customer)
    assert "cannot be saved to customers" in refused["message"]
    assert talk.get("/v1/payment_intents")["data"] == []


def test_a_wallet_can_be_held_and_saved(talk: Any) -> None:
    """Stripe: Klarna, PayPal and the like may be captured later, and set up for later."""
    held = talk.post("/v1/payment_intents", **_sent("klarna", capture_method="manual"))
    at = f"/v1/payment_intents/{held['id']}"
    authorised = talk.post(f"/_sandbox/payment_intents/{held['id']}/authenticate", outcome="succeed")
    assert authorised["status"] == "requires_capture"
    assert talk.post(f"{at}/capture", amount_to_capture=3_000)["amount_received"] == 3_000
    customer = talk.post("/v1/customers")["id"]
    saving = {"payment_method_types": ["paypal"], "payment_method_data": {"type": "paypal"}, "confirm": True}
    intent = talk.post("/v1/setup_intents", **saving, customer=customer, return_url=BACK)
    done = talk.post(f"/_sandbox/setup_intents/{intent['id']}/authenticate", outcome="succeed")
    assert done["status"] == "succeeded"
    assert talk.get("/v1/payment_methods", customer=customer)["data"][0]["type"] == "paypal"
