"""Setup intents, mandates, bank debits, tokens, sources and warnings: everything that they can do, once."""

from typing import Any

ACCEPTED = {"customer_acceptance": {"type": "online", "online": {"ip_address": "127.0.0.1", "user_agent": "x"}}}
US_ACCOUNT = {
    "type": "us_bank_account",
    "us_bank_account": {
        "account_number": "000123456789",
        "routing_number": "110000000",
        "account_holder_type": "individual",
    },
    "billing_details": {"name": "Zoë", "email": "zoe@example.com"},
}


def _setting_up(talk: Any, customer: str) -> None:
    bare = talk.post("/v1/setup_intents")
    at = f"/v1/setup_intents/{bare['id']}"
    talk.post(at, customer=customer, description="later", metadata={"a": "b"})
    talk.post(f"{at}/confirm", payment_method="pm_card_visa", return_url="https://example.com")
    talk.get(at, expand=["latest_attempt", "payment_method", "customer"])
    card = {"payment_method_types": ["card"], "confirm": True, "customer": customer}
    for outcome, url in (("succeed", {"return_url": "https://example.com"}), ("fail", {})):
        asked = talk.post("/v1/setup_intents", **card, payment_method="pm_card_authenticationRequired", **url)
        talk.post(f"/_sandbox/setup_intents/{asked['id']}/authenticate", outcome=outcome)
        talk.get(f"/v1/setup_intents/{asked['id']}")
        talk.get("/v1/setup_attempts", setup_intent=asked["id"], expand=["data.setup_intent"])
    error = talk.refused("POST", "/v1/setup_intents", 402, **card, payment_method="pm_card_chargeDeclined")
    talk.get(f"/v1/setup_intents/{error['setup_intent']['id']}")
    talk.get("/v1/setup_attempts", setup_intent=error["setup_intent"]["id"])
    gone = talk.post("/v1/setup_intents", payment_method_types=["card"], usage="on_session")
    talk.post(f"/v1/setup_intents/{gone['id']}/cancel", cancellation_reason="abandoned")
    talk.get("/v1/setup_intents", customer=customer)


def _debits(talk: Any, customer: str) -> None:
    bank = {"payment_method_types": ["us_bank_account"], "confirm": True, "mandate_data": ACCEPTED}
    saved = talk.post("/v1/setup_intents", **bank, customer=customer, payment_method_data=US_ACCOUNT)
    at = f"/v1/setup_intents/{saved['id']}"
    done = talk.post(f"{at}/verify_microdeposits", amounts=[32, 45])
    talk.get(at, expand=["mandate"])
    talk.get(f"/v1/mandates/{done['mandate']}", expand=["payment_method"])
    paying = {**bank, "amount": 5_000, "currency": "usd"}
    typed = talk.post("/v1/payment_intents", **paying, payment_method_data=US_ACCOUNT)
    talk.post(f"/v1/payment_intents/{typed['id']}/verify_microdeposits", descriptor_code="SM11AA")
    for name in ("success", "accountClosed", "dispute", "processing"):
        talk.post("/v1/payment_intents", **paying, payment_method=f"pm_usBankAccount_{name}")
    iban = {"type": "sepa_debit", "sepa_debit": {"iban": "DE89370400440532013000"}}
    iban["billing_details"] = {"name": "Jenny", "email": "jenny@example.com"}
    sepa = {**paying, "currency": "eur", "payment_method_types": ["sepa_debit"]}
    paid = talk.post("/v1/payment_intents", **sepa, payment_method_data=iban)
    talk.clock.pass_s(10)
    for intent in talk.get("/v1/payment_intents", limit=100)["data"]:
        talk.get(f"/v1/payment_intents/{intent['id']}", expand=["latest_charge.balance_transaction", "payment_method"])
    talk.post("/v1/refunds", payment_intent=paid["id"])
    talk.get("/v1/payment_methods", limit=100)
    talk.get("/v1/disputes", expand=["data.charge"])


def _sources(talk: Any) -> None:
    card = {"number": "4242424242424242", "exp_month": 3, "exp_year": 2031, "cvc": "123", "name": "Z"}
    customer = talk.post("/v1/customers", source="tok_visa")
    token = talk.post("/v1/tokens", card={**card, "address_zip": "12345", "address_line1": "Home"})
    talk.get(f"/v1/tokens/{token['id']}")
    talk.post(
        "/v1/tokens", bank_account={"country": "US", "account_number": "000123456789", "routing_number": "110000000"}
    )
    talk.post("/v1/tokens", pii={"id_number": "000000000"})
    talk.post("/v1/tokens", cvc_update={"cvc": "123"})
    at = f"/v1/customers/{customer['id']}"
    for path, given in (("sources", {"source": token["id"]}), ("cards", {"card": card})):
        made = talk.post(f"{at}/{path}", **given)
        talk.get(f"{at}/{path}/{made['id']}")
        talk.post(f"{at}/{path}/{made['id']}", name="Zoë", metadata={"a": "b"}, exp_month=4)
        talk.get(f"{at}/{path}", limit=2)
    talk.get(at, expand=["sources", "default_source"])
    talk.post("/v1/charges", amount=700, currency="usd", customer=customer["id"])
    talk.post("/v1/charges", amount=800, currency="usd", customer=customer["id"], source=made["id"])
    talk.get(f"{at}/payment_methods")
    talk.post(at, default_source=made["id"])
    talk.delete(f"{at}/sources/{made['id']}")
    talk.delete(f"{at}/cards/{talk.get(f'{at}/cards')['data'][0]['id']}")
    talk.post(at, source="tok_mastercard")


def _tokens_of_checkout(talk: Any) -> None:
    token = talk.post(
        "/v1/test_helpers/confirmation_tokens",
        payment_method_data=US_ACCOUNT,
        return_url="https://example.com",
        shipping={"name": "Z", "address": {"city": "Oslo"}},
    )
    talk.get(f"/v1/confirmation_tokens/{token['id']}")
    card = talk.post("/v1/test_helpers/confirmation_tokens", payment_method="pm_card_visa")
    paid = {"amount": 900, "currency": "usd", "confirm": True, "payment_method_types": ["card"]}
    talk.post("/v1/payment_intents", **paid, confirmation_token=card["id"])
    talk.get(f"/v1/confirmation_tokens/{card['id']}")


def _after_charges(talk: Any) -> None:
    paid = {"amount": 5_000, "currency": "usd", "confirm": True, "payment_method_types": ["card"]}
    for name in ("createIssuerFraudRecord", "createMultipleDisputes", "createCe3EligibleDispute"):
        talk.post("/v1/payment_intents", **paid, payment_method=f"pm_card_{name}")
    [warning] = talk.get("/v1/radar/early_fraud_warnings")["data"]
    talk.get(f"/v1/radar/early_fraud_warnings/{warning['id']}", expand=["charge", "payment_intent"])
    for name in ("createComplianceDispute", "createMastercardComplianceDispute"):
        made = talk.post("/v1/payment_intents", **paid, payment_method=f"pm_card_{name}")
        [dispute] = talk.get("/v1/disputes", payment_intent=made["id"])["data"]
        [kind] = dispute["enhanced_eligibility_types"]
        talk.post(f"/v1/disputes/{dispute['id']}", evidence={"enhanced_evidence": {kind: {"fee_acknowledged": True}}})
    options = {"card": {"request_multicapture": "if_available", "request_incremental_authorization": "if_available"}}
    held = talk.post(
        "/v1/payment_intents",
        **paid,
        payment_method="pm_card_visa",
        capture_method="manual",
        payment_method_options=options,
    )
    at = f"/v1/payment_intents/{held['id']}"
    details = {
        "line_items": [{"product_name": "Tea", "quantity": 3, "unit_cost": 1_900, "tax": {"total_tax_amount": 100}}],
        "shipping": {"amount": 300, "to_postal_code": "0155"},
        "discount_amount": 50,
        "enforce_arithmetic_validation": False,
    }
    told = {"amount_details": details, "payment_details": {"order_reference": "L-1"}}
    made = talk.post("/v1/payment_intents", amount=6_100, currency="usd", **told)
    talk.get(f"/v1/payment_intents/{made['id']}", expand=["amount_details.line_items"])
    talk.get(f"/v1/payment_intents/{made['id']}/amount_details_line_items")
    talk.post(f"{at}/increment_authorization", amount=6_000, metadata={"a": "b"})
    talk.post(f"{at}/capture", amount_to_capture=1_000, final_capture=False)
    talk.post(f"{at}/capture", amount_to_capture=2_000)


def tell(talk: Any) -> None:
    """Let all of it happen."""
    customer = talk.post("/v1/customers", name="Zoë")["id"]
    _setting_up(talk, customer)
    _debits(talk, customer)
    _sources(talk)
    _tokens_of_checkout(talk)
    talk.delete(f"/v1/ephemeral_keys/{talk.post('/v1/ephemeral_keys', customer=customer)['id']}")
    _after_charges(talk)
