"""Customers, payment methods, payments, refunds, disputes and the ledger: everything that they can do, once."""

from typing import Any

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


def tell(talk: Any) -> None:
    """Let all of it happen."""
    customer = _customers(talk)
    _payments(talk, customer, _methods(talk, customer))
    _disputes(talk)
    _ledger(talk)
