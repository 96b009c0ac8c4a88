"""Every answer of the sandbox has the shape that Stripe's OpenAPI document gives it: keys, types, nulls, words."""

import re
from typing import Any

import pytest

from paydesk.server.sandbox.catalogue import ROUTES
from paydesk.server.sandbox.resources import (
    account,
    balance,
    charges,
    customers,
    disputes,
    events,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
)

# Billing is judged by tests of its own.
JUDGED_HERE = (
    account,
    balance,
    charges,
    customers,
    disputes,
    events,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
)
# Refused of everything that there is here, as at Stripe: card refunds never wait, customers have no cash balance.
REFUSED = {
    ("POST", "/v1/payment_intents/{intent}/apply_customer_balance"),
    ("POST", "/v1/refunds/{refund}/cancel"),
    ("POST", "/v1/test_helpers/refunds/{refund}/expire"),
}
# In test_sandbox_saving_shapes.py.
JUDGED_ELSEWHERE = {
    ("GET", "/v1/payment_intents/{intent}/amount_details_line_items"),
    ("POST", "/v1/payment_intents/{intent}/increment_authorization"),
    ("POST", "/v1/payment_intents/{intent}/verify_microdeposits"),
}
DECLINING = (
    *("pm_card_chargeDeclined", "pm_card_visa_chargeDeclinedInsufficientFunds", "pm_card_chargeDeclinedExpiredCard"),
    *("pm_card_chargeDeclinedIncorrectCvc", "pm_card_chargeDeclinedProcessingError", "pm_card_radarBlock"),
)


def _card_payment(talk: Any, **more: Any) -> dict[str, Any]:
    sent = {"amount": 5_000, "currency": "usd", "confirm": True, "payment_method_types": ["card"]}
    answered = talk.ask("POST", "/v1/payment_intents", {**sent, "payment_method": "pm_card_visa", **more})
    return answered.body if answered.status == 200 else answered.error["payment_intent"]


def _customers(talk: Any) -> str:
    customer = talk.post(
        "/v1/customers",
        name="Zoë O'Hara",
        email="zoe@example.com",
        phone="+4712345678",
        address={"city": "Oslo", "country": "NO"},
        shipping={"name": "Zoë", "address": {"line1": "Storgata 1"}},
        invoice_settings={"footer": "Takk", "custom_fields": [{"name": "PO", "value": "7"}]},
        preferred_locales=["nb", "en"],
        metadata={"tier": "gold"},
    )
    at = f"/v1/customers/{customer['id']}"
    talk.post(at, description="A friend of the house", shipping=None)
    talk.get("/v1/customers", email="zoe@example.com")
    talk.get("/v1/customers/search", query="metadata['tier']:'gold'")
    gone = talk.post("/v1/customers", payment_method="pm_card_visa")
    talk.delete(f"/v1/customers/{gone['id']}")
    talk.get(at, expand=["sources", "subscriptions", "tax_ids", "invoice_settings.default_payment_method"])
    talk.get(f"/v1/customers/{gone['id']}")
    talk.get("/v1/customers", limit=3)
    return str(customer["id"])


def _methods(talk: Any, customer: str) -> str:
    made = talk.post(
        "/v1/payment_methods",
        type="card",
        card={"number": "4000002760003184", "exp_month": 3, "exp_year": 2031, "cvc": "123"},
        billing_details={"name": "Zoë", "address": {"postal_code": "0155"}},
    )
    talk.get(f"/v1/payment_methods/{made['id']}")
    attached = talk.post("/v1/payment_methods/pm_card_mastercard/attach", customer=customer)
    other = talk.post("/v1/payment_methods/pm_card_amex/attach", customer=customer)
    talk.post(f"/v1/payment_methods/{other['id']}", allow_redisplay="always", metadata={"a": "b"})
    talk.post(f"/v1/payment_methods/{other['id']}/detach")
    talk.get("/v1/payment_methods", customer=customer, type="card")
    talk.get(f"/v1/customers/{customer}/payment_methods")
    talk.get(f"/v1/customers/{customer}/payment_methods/{attached['id']}")
    talk.post(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": attached["id"]})
    return str(attached["id"])


def _payments(talk: Any, customer: str, method: str) -> None:
    paid = _card_payment(
        talk, customer=customer, payment_method=method, description="Tea", receipt_email="z@example.com"
    )
    _card_payment(talk, amount=500, currency="jpy", shipping={"name": "Z", "address": {"city": "Oslo"}})
    for name in DECLINING:
        _card_payment(talk, payment_method=name)
    held = _card_payment(talk, capture_method="manual")
    talk.post(f"/v1/payment_intents/{held['id']}/capture", amount_to_capture=1_200)
    let_go = _card_payment(talk, capture_method="manual")
    talk.post(f"/v1/payment_intents/{let_go['id']}/cancel", cancellation_reason="abandoned")
    bare = talk.post("/v1/payment_intents", amount=900, currency="eur")
    talk.post(f"/v1/payment_intents/{bare['id']}", amount=950, metadata={"k": "v"})
    talk.post(
        f"/v1/payment_intents/{bare['id']}/confirm", payment_method="pm_card_visa", return_url="https://example.com"
    )
    for url in ({}, {"return_url": "https://example.com"}):
        asked = _card_payment(talk, payment_method="pm_card_authenticationRequired", **url)
        talk.post(f"/_sandbox/payment_intents/{asked['id']}/authenticate", outcome="succeed" if url else "fail")
    talk.get("/v1/payment_intents", customer=customer)
    talk.get("/v1/payment_intents/search", query="status:'succeeded' AND amount>100")
    talk.get(
        f"/v1/payment_intents/{paid['id']}", expand=["latest_charge.balance_transaction", "customer", "payment_method"]
    )
    charge = f"/v1/charges/{paid['latest_charge']}"
    talk.get(charge, expand=["refunds"])
    talk.post(charge, description="Tea for two", fraud_details={"user_report": "safe"})
    talk.get("/v1/charges", customer=customer, expand=["data.payment_intent"])
    talk.get("/v1/charges/search", query='currency:"jpy"')
    talk.post("/v1/charges", amount=700, currency="gbp", source="tok_visa", description="old style")
    direct = talk.post("/v1/charges", amount=700, currency="gbp", source="tok_visa", capture=False)
    talk.post(f"/v1/charges/{direct['id']}/capture", amount=600)
    _refunds(talk, paid)


def _refunds(talk: Any, paid: dict[str, Any]) -> None:
    charge = f"/v1/charges/{paid['latest_charge']}"
    refund = talk.post("/v1/refunds", payment_intent=paid["id"], amount=100, reason="requested_by_customer")
    talk.post(f"{charge}/refunds", amount=50)
    talk.post(f"{charge}/refund", amount=25)
    talk.get("/v1/refunds", charge=paid["latest_charge"])
    talk.get("/v1/refunds", limit=2)
    talk.get(f"{charge}/refunds")
    for at in (f"/v1/refunds/{refund['id']}", f"{charge}/refunds/{refund['id']}"):
        talk.get(at)
        talk.post(at, metadata={"why": at})
    for card in ("pm_card_refundFail", "pm_card_pendingRefund"):
        talk.post("/v1/refunds", payment_intent=_card_payment(talk, payment_method=card)["id"])
    talk.clock.pass_s(120)
    for listed in talk.get("/v1/refunds", limit=100)["data"]:
        talk.get(f"/v1/refunds/{listed['id']}")


def _disputes(talk: Any) -> None:
    for card, words in (
        ("pm_card_createDispute", "winning_evidence"),
        ("pm_card_createDisputeProductNotReceived", "losing_evidence"),
        ("pm_card_createDisputeInquiry", "escalate_inquiry_evidence"),
    ):
        charge = f"/v1/charges/{_card_payment(talk, payment_method=card)['latest_charge']}"
        dispute = talk.get(f"{charge}/dispute")
        talk.post(f"/v1/disputes/{dispute['id']}", evidence={"uncategorized_text": words})
        talk.get(f"/v1/disputes/{dispute['id']}", expand=["charge"])
    other = f"/v1/charges/{_card_payment(talk, payment_method='pm_card_createDispute')['latest_charge']}"
    talk.post(f"{other}/dispute", evidence={"customer_name": "Z"}, submit=False)
    talk.post(f"{other}/dispute/close")
    last = talk.get(
        f"/v1/charges/{_card_payment(talk, payment_method='pm_card_createDispute')['latest_charge']}/dispute"
    )
    talk.post(f"/v1/disputes/{last['id']}/close")
    talk.get("/v1/disputes", charge=last["charge"])
    talk.get("/v1/disputes")


def _ledger(talk: Any) -> None:
    _card_payment(talk, amount=90_000, payment_method="pm_card_bypassPending")
    first = talk.post("/v1/payouts", amount=1_000, currency="usd", description="rent", metadata={"a": "b"})
    talk.post(f"/v1/payouts/{first['id']}", metadata={"a": "c"})
    talk.post(f"/v1/payouts/{first['id']}/cancel")
    second = talk.post("/v1/payouts", amount=1_000, currency="usd", method="instant")
    talk.get(f"/v1/payouts/{second['id']}")
    talk.post(f"/v1/payouts/{second['id']}/reverse")
    talk.get("/v1/payouts", arrival_date={"gte": 1}, expand=["data.balance_transaction"])
    rows = talk.get("/v1/balance_transactions", limit=100, expand=["data.source"])["data"]
    talk.get("/v1/balance/history", type="charge")
    for at in ("/v1/balance_transactions", "/v1/balance/history"):
        talk.get(f"{at}/{rows[0]['id']}")
    talk.get("/v1/balance")
    own = talk.get("/v1/account")
    talk.get(f"/v1/accounts/{own['id']}")
    events = talk.get("/v1/events", limit=100)["data"]
    talk.get(f"/v1/events/{events[0]['id']}")


@pytest.fixture
def told(talk: Any) -> Any:
    """A talk in which everything that the sandbox's payments can do has happened once."""
    customer = _customers(talk)
    _payments(talk, customer, _methods(talk, customer))
    _disputes(talk)
    _ledger(talk)
    return talk


def _template(method: str, path: str) -> str:
    route, _ = ROUTES.match(method, path.partition("?")[0])
    return route.template


def test_every_answer_has_the_shape_of_stripes(told: Any, judge: Any) -> None:
    """Stripe's OpenAPI: each 200 answer against the schema of its operation, expanded objects included."""
    faults = {
        f"{method} {template}: {re.sub(r'[0-9]+', 'n', fault)}"
        for method, path, answer in told.log
        if answer.status == 200 and (template := _template(method, path)).startswith("/v1/")
        for fault in judge.faults(method, template, answer.body)
    }
    assert sorted(faults) == []


def test_every_operation_was_judged(told: Any) -> None:
    """Ours: an operation that no test asks for would be served without a judge."""
    asked = {(method, _template(method, path)) for method, path, answer in told.log if answer.status == 200}
    unheard = {
        (route.method, route.template)
        for module in JUDGED_HERE
        for route in module.resource.routes
        if (route.method, route.template) not in asked
    }
    assert unheard == REFUSED | JUDGED_ELSEWHERE


def test_every_event_is_one_that_stripe_sends(told: Any, judge: Any) -> None:
    """Stripe's OpenAPI lists the event types; the object inside has the shape of its kind."""
    faults = set()
    for event in told.get("/v1/events", limit=100)["data"]:
        faults |= set(judge.faults_of("event", event))
        inner = event["data"]["object"]
        faults |= {f"{event['type']} {fault}" for fault in judge.faults_of(inner["object"], inner)}
        assert event["type"] in judge.event_types, event["type"]
    assert sorted(faults) == []


def test_every_declined_payment_carries_a_whole_error(told: Any, judge: Any) -> None:
    """Stripe's OpenAPI: an error object is an `api_errors`, the intent and the payment method inside it too."""
    declined = [answer.body["error"] for _, _, answer in told.log if answer.status == 402]
    assert len(declined) == len(DECLINING)
    for error in declined:
        assert not judge.faults_of("api_errors", error)
