"""Money that moves, connected accounts and terminal readers: everything that they can do, once."""

from typing import Any

BOTH = {"card_payments": {"requested": True}, "transfers": {"requested": True}}
DAY_S = 86_400


def _accounts(talk: Any) -> str:
    standard = talk.post("/v1/accounts", type="standard", country="DE")["id"]
    for action in ("reject", "unreject"):
        talk.ask("POST", f"/v1/accounts/{standard}/{action}", {"reason": "other"} if action == "reject" else {})
    custom = talk.post(
        "/v1/accounts",
        type="custom",
        country="US",
        capabilities=BOTH,
        business_type="company",
        company={"name": "Zoë's", "tax_id": "000000000", "registration_date": {"day": 1, "month": 2, "year": 2020}},
        business_profile={"mcc": "5734", "support_address": {"city": "Oslo"}, "annual_revenue": _revenue()},
        settings={"payouts": {"schedule": {"interval": "weekly", "weekly_anchor": "friday"}}},
        metadata={"a": "b"},
        email="z@example.com",
    )["id"]
    at = f"/v1/accounts/{custom}"
    for name in ("persons", "people"):
        person = talk.post(f"{at}/{name}", first_name="Zoë", relationship={"owner": True, "percent_ownership": 60})
        talk.get(f"{at}/{name}", relationship={"owner": True})
        talk.get(f"{at}/{name}/{person['id']}")
        talk.post(f"{at}/{name}/{person['id']}", dob={"day": 1, "month": 1, "year": 1990}, ssn_last_4="0000")
        talk.delete(f"{at}/{name}/{person['id']}")
    talk.post(f"/_sandbox/accounts/{custom}/onboard")
    talk.get("/v1/accounts", limit=2)
    talk.post(at, business_profile={"name": "Zoë & daughters"})
    talk.get(at)
    talk.get(f"{at}/capabilities")
    talk.get(f"{at}/capabilities/transfers")
    talk.get(f"{at}/capabilities/sepa_debit_payments")
    talk.post(f"{at}/capabilities/sepa_debit_payments", requested=True)
    talk.post(f"{at}/reject", reason="fraud")
    talk.post(f"{at}/unreject")
    gone = talk.post("/v1/accounts", controller={"stripe_dashboard": {"type": "express"}})["id"]
    talk.delete(f"/v1/accounts/{gone}")
    return custom


def _revenue() -> dict[str, Any]:
    return {"amount": 100, "currency": "usd", "fiscal_year_end": "2026-12-31"}


def _externals(talk: Any, account_id: str) -> None:
    at = f"/v1/accounts/{account_id}"
    card = talk.post(f"{at}/external_accounts", external_account="tok_visa_debit", metadata={"a": "b"})
    talk.post(f"{at}/external_accounts/{card['id']}", name="Zoë", exp_month="3", exp_year="2031")
    for name in ("bank_accounts", "external_accounts"):
        sent = {"external_account": "btok_us_verified"}
        if name == "external_accounts":
            numbers = {"object": "bank_account", "country": "DE", "account_number": "DE89370400440532013000"}
            sent = {"external_account": {**numbers, "account_holder_name": "Zoë"}}
        made = talk.post(f"{at}/{name}", **sent)
        talk.get(f"{at}/{name}/{made['id']}")
        talk.post(f"{at}/{name}/{made['id']}", account_holder_type="individual", metadata={"k": "v"})
        talk.delete(f"{at}/{name}/{made['id']}")
    talk.get(f"{at}/external_accounts", limit=1)
    talk.get(f"{at}/external_accounts", object="card")
    own = talk.get("/v1/account")["id"]
    ours = talk.post(f"/v1/accounts/{own}/external_accounts", external_account="btok_us")
    talk.post(f"/v1/external_accounts/{ours['id']}", account_holder_name="Lantern")


def _links(talk: Any, account_id: str) -> None:
    express = talk.post("/v1/accounts", type="express", capabilities=BOTH)["id"]
    talk.post(f"/_sandbox/accounts/{express}/onboard")
    talk.post(f"/v1/accounts/{express}/login_links")
    there = {"return_url": "https://example.com/back", "refresh_url": "https://example.com/again"}
    talk.post("/v1/account_links", account=account_id, type="account_update", collect="eventually_due", **there)
    payments = {"enabled": True, "features": {"refund_management": False}}
    talk.post("/v1/account_sessions", account=account_id, components={"payments": payments})


def _paid(talk: Any, **more: Any) -> dict[str, Any]:
    sent = {"amount": 90_000, "currency": "usd", "confirm": True, "payment_method_types": ["card"]}
    return talk.post("/v1/payment_intents", **{**sent, "payment_method": "pm_card_bypassPending", **more})


def _money(talk: Any, account_id: str) -> None:
    _paid(talk)
    for name in ("balance", "balance_settings", "account"):
        talk.get(f"/v1/{name}")
    transfer = talk.post("/v1/transfers", amount=9_000, currency="usd", destination=account_id, description="share")
    at = f"/v1/transfers/{transfer['id']}"
    talk.post(at, metadata={"a": "b"}, description="more")
    reversal = talk.post(f"{at}/reversals", amount=1_000)
    talk.post(f"{at}/reversals/{reversal['id']}", metadata={"a": "b"})
    talk.get(f"{at}/reversals/{reversal['id']}", expand=["transfer", "balance_transaction"])
    talk.get(f"{at}/reversals")
    talk.get(at, expand=["destination", "balance_transaction", "destination_payment"])
    talk.get("/v1/transfers", destination=account_id)
    split = {"transfer_data": {"destination": account_id}, "application_fee_amount": 700, "on_behalf_of": account_id}
    paid = _paid(talk, payment_method="pm_card_visa", **split)
    talk.get(f"/v1/payment_intents/{paid['id']}", expand=["latest_charge.balance_transaction", "on_behalf_of"])
    talk.post("/v1/refunds", payment_intent=paid["id"], amount=500, reverse_transfer=True, refund_application_fee=True)
    fee = talk.get("/v1/application_fees", limit=1)["data"][0]
    at = f"/v1/application_fees/{fee['id']}"
    refund = talk.post(f"{at}/refunds", amount=10, metadata={"a": "b"})
    talk.post(f"{at}/refund", amount=10)
    talk.get(at, expand=["account", "balance_transaction", "charge", "originating_transaction"])
    talk.get(f"{at}/refunds")
    talk.get(f"{at}/refunds/{refund['id']}", expand=["fee"])
    talk.post(f"{at}/refunds/{refund['id']}", metadata={"a": "c"})
    _there(talk, account_id)


def _there(talk: Any, account_id: str) -> None:
    """What the connected account sees of it."""
    headers = {"Stripe-Account": account_id}
    for path in ("/v1/balance", "/v1/account", "/v1/balance_settings", "/v1/charges", "/v1/refunds", "/v1/events"):
        assert talk.ask("GET", path, {}, headers).status == 200
    rows = talk.ask("GET", "/v1/balance_transactions", {"expand": ["data.source"]}, headers).body["data"]
    assert {row["type"] for row in rows} == {"payment", "payment_refund", "adjustment"}


def _tables(talk: Any) -> None:
    for name, one in (("exchange_rates", "eur"), ("country_specs", "DE")):
        talk.get(f"/v1/{name}", limit=2, starting_after=one)
        talk.get(f"/v1/{name}", ending_before=one)
        talk.get(f"/v1/{name}/{one}")


def _topups(talk: Any) -> None:
    first = talk.post("/v1/topups", amount=5_000, currency="usd", description="seed", statement_descriptor="Top")
    talk.post(f"/v1/topups/{first['id']}", metadata={"a": "b"})
    talk.get(f"/v1/topups/{first['id']}", expand=["balance_transaction"])
    second = talk.post("/v1/topups", amount=6_000, currency="usd", source="btok_us_insufficientFunds")
    third = talk.post("/v1/topups", amount=7_000, currency="usd")
    talk.post(f"/v1/topups/{third['id']}/cancel")
    talk.clock.pass_s(10 * DAY_S)
    assert talk.get(f"/v1/topups/{second['id']}")["status"] == "failed"
    talk.get("/v1/topups", status="succeeded", amount={"gte": 1})


def _payouts(talk: Any) -> None:
    _paid(talk)
    daily = {"schedule": {"interval": "monthly", "monthly_payout_days": [1, 31]}}
    talk.post("/v1/balance_settings", payments={"payouts": {**daily, "minimum_balance_by_currency": {"usd": 500}}})
    first = talk.post("/v1/payouts", amount=1_000, currency="usd", description="rent", metadata={"a": "b"})
    talk.post(f"/v1/payouts/{first['id']}", metadata={"a": "c"})
    talk.post(f"/v1/payouts/{first['id']}/cancel")
    second = talk.post("/v1/payouts", amount=1_000, currency="usd")
    talk.clock.pass_s(5 * DAY_S)
    talk.post(f"/v1/payouts/{second['id']}/reverse")
    talk.get(f"/v1/payouts/{second['id']}", expand=["destination", "reversed_by", "balance_transaction"])
    talk.clock.pass_s(40 * DAY_S)
    made = next(one for one in talk.get("/v1/payouts", limit=50)["data"] if one["automatic"])
    rows = talk.get("/v1/balance_transactions", payout=made["id"], limit=100)["data"]
    assert {"payout", "payout_minimum_balance_hold"} <= {row["type"] for row in rows}
    talk.get("/v1/balance_transactions", limit=100)
    talk.get("/v1/balance/history", limit=1)
    for at in ("/v1/balance_transactions", "/v1/balance/history"):
        talk.get(f"{at}/{rows[0]['id']}", expand=["source"])


def _terminal(talk: Any) -> None:
    location = talk.post("/v1/terminal/locations", display_name="HQ", address={"country": "US", "line1": "1"})["id"]
    at = f"/v1/terminal/locations/{location}"
    talk.post(at, display_name="Shop", phone="+1", metadata={"a": "b"})
    talk.get(at)
    talk.get("/v1/terminal/locations")
    settings = {"tipping": {"usd": {"percentages": [10, 15]}}, "offline": {"enabled": True}}
    made = talk.post("/v1/terminal/configurations", name="Bar", bbpos_wisepos_e={"splashscreen": "file_1"}, **settings)
    talk.post(f"/v1/terminal/configurations/{made['id']}", reboot_window={"start_hour": 1, "end_hour": 2})
    talk.get("/v1/terminal/configurations")
    talk.get(f"/v1/terminal/configurations/{made['id']}")
    talk.delete(f"/v1/terminal/configurations/{made['id']}")
    talk.get(f"/v1/terminal/configurations/{made['id']}")
    talk.post("/v1/terminal/connection_tokens", location=location)
    reader = talk.post("/v1/terminal/readers", registration_code="simulated-wpe", location=location)["id"]
    _use_reader(talk, f"/v1/terminal/readers/{reader}", f"/v1/test_helpers/terminal/readers/{reader}")
    talk.delete(f"/v1/terminal/readers/{reader}")
    talk.get(f"/v1/terminal/readers/{reader}")
    talk.delete(at)
    talk.get(at)


def _use_reader(talk: Any, at: str, helper: str) -> None:
    talk.post(at, label="Front")
    talk.get("/v1/terminal/readers", status="online")
    cart = {"currency": "usd", "line_items": [{"amount": 5, "description": "Tea", "quantity": 1}], "total": 5}
    talk.post(f"{at}/set_reader_display", type="cart", cart=cart)
    present = f"{helper}/present_payment_method"
    sent = {"amount": 1_000, "currency": "usd", "payment_method_types": ["card_present"]}
    for number in ("4242424242424242", "4000000000000002"):
        intent = talk.post("/v1/payment_intents", **sent)["id"]
        talk.post(f"{at}/process_payment_intent", payment_intent=intent, process_config={"skip_tipping": True})
        talk.post(present, card_present={"number": number}, amount_tip=10)
        talk.get(at, expand=["location", "action.process_payment_intent.payment_intent"])
        talk.get(f"/v1/payment_intents/{intent}", expand=["payment_method", "latest_charge"])
    paid = talk.get("/v1/charges", limit=2)["data"][1]
    talk.post(f"{at}/refund_payment", charge=paid["id"], amount=5, metadata={"a": "b"})
    talk.post(present)
    saved = talk.post("/v1/setup_intents", payment_method_types=["card_present"])["id"]
    talk.post(f"{at}/process_setup_intent", setup_intent=saved, allow_redisplay="always")
    talk.post(present)
    talk.get(f"/v1/setup_intents/{saved}", expand=["latest_attempt"])
    second = talk.post("/v1/payment_intents", **sent)["id"]
    talk.post(f"{at}/collect_payment_method", payment_intent=second, collect_config={"skip_tipping": True})
    talk.post(present)
    talk.post(f"{at}/confirm_payment_intent", payment_intent=second)
    talk.post(f"{at}/cancel_action")
    kinds = ("email", "numeric", "phone", "signature", "text")
    inputs: list[dict[str, Any]] = [{"type": kind, "custom_text": {"title": kind}} for kind in kinds[:4]]
    choices = {"selection": {"choices": [{"id": "a", "text": "A", "style": "primary"}]}, "toggles": [{"title": "News"}]}
    inputs.append({"type": "selection", "required": True, "custom_text": {"title": "Pick"}, **choices})
    for end, sent in (("succeed", {}), ("succeed", {"skip_non_required_inputs": "all"}), ("timeout", {})):
        talk.post(f"{at}/collect_inputs", inputs=inputs, metadata={"a": "b"})
        talk.post(f"{helper}/{end}_input_collection", **sent)


def tell(talk: Any) -> None:
    """Let all of it happen."""
    account_id = _accounts(talk)
    _externals(talk, account_id)
    _links(talk, account_id)
    _money(talk, account_id)
    _tables(talk)
    _topups(talk)
    _payouts(talk)
    _terminal(talk)
