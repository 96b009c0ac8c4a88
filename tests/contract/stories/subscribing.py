"""Schedules, quotes, meters, the portal and test clocks: everything that they can do, once."""

from typing import Any

DAY_S = 86_400
MONTHLY = {"interval": "month"}


def _price(talk: Any, **more: Any) -> str:
    sent = {"product_data": {"name": "Tea"}, "currency": "usd", "recurring": MONTHLY, "unit_amount": 1_500, **more}
    return str(talk.post("/v1/prices", **{name: one for name, one in sent.items() if one is not None})["id"])


def _customer(talk: Any, card: str | None = "pm_card_visa", **more: Any) -> str:
    saved = {"payment_method": card, "invoice_settings": {"default_payment_method": card}} if card else {}
    return str(talk.post("/v1/customers", name="Zoë", email="zoe@example.com", **saved, **more)["id"])


def _lives(talk: Any) -> None:
    """Subscriptions that begin, change and end in every way."""
    price, dear = _price(talk), _price(talk, unit_amount=9_900)
    product = talk.get(f"/v1/prices/{price}")["product"]
    extra = [{"price_data": {"currency": "usd", "product": product, "unit_amount": 700}, "quantity": 2}]
    now = talk.clock.now
    ways: list[dict[str, Any]] = [
        {"billing_cycle_anchor": now + 9 * DAY_S, "add_invoice_items": extra},
        {"billing_cycle_anchor_config": {"day_of_month": 31}, "proration_behavior": "none"},
        {"backdate_start_date": now - 40 * DAY_S, "cancel_at": now + 50 * DAY_S},
        {"billing_mode": {"type": "classic"}, "invoice_settings": {"footer": "Takk"}},
        {"trial_end": now + 5 * DAY_S, "cancel_at": "min_period_end"},
    ]
    customer = _customer(talk)
    made = [talk.post("/v1/subscriptions", customer=customer, items=[{"price": price}], **one) for one in ways]
    at = f"/v1/subscriptions/{made[3]['id']}"
    talk.post(f"{at}/migrate", billing_mode={"type": "flexible"})
    talk.post(at, pause_collection={"behavior": "void", "resumes_at": now + 3 * DAY_S})
    talk.post(at, trial_end=now + 20 * DAY_S)
    bad = talk.post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", customer=customer)["id"]
    item = made[0]["items"]["data"][0]["id"]
    at = f"/v1/subscriptions/{made[0]['id']}"
    talk.post(at, default_payment_method=bad)
    talk.post(
        at,
        items=[{"id": item, "price": dear}],
        payment_behavior="pending_if_incomplete",
        proration_behavior="always_invoice",
        expand=["pending_update.subscription_items.price.product"],
    )
    paused = talk.post(
        "/v1/subscriptions",
        customer=_customer(talk, None),
        items=[{"price": price}],
        trial_period_days=1,
        trial_settings={"end_behavior": {"missing_payment_method": "pause"}},
    )
    talk.clock.pass_s(2 * DAY_S)
    method = talk.post("/v1/payment_methods/pm_card_visa/attach", customer=paused["customer"])["id"]
    talk.post(f"/v1/subscriptions/{paused['id']}", default_payment_method=method)
    talk.post(f"/v1/subscriptions/{paused['id']}/resume", expand=["latest_invoice"])
    talk.clock.pass_s(60 * DAY_S)
    talk.get("/v1/subscriptions", status="all", customer=customer, expand=["data.latest_invoice"])
    talk.get("/v1/subscriptions/search", query="status:'active'")
    talk.get(at)
    talk.delete(f"/v1/subscriptions/{made[3]['id']}", invoice_now=True, prorate=True)


def _by_customer(talk: Any) -> None:
    """The older paths to the same operations."""
    customer = _customer(talk)
    path = f"/v1/customers/{customer}/subscriptions"
    made = talk.post(path, items=[{"price": _price(talk)}])
    talk.get(path, limit=1)
    talk.get(f"{path}/{made['id']}", expand=["customer"])
    talk.post(f"{path}/{made['id']}", metadata={"a": "b"})
    assert talk.refused("GET", f"/v1/customers/{_customer(talk)}/subscriptions/{made['id']}", 404)["param"] == "id"
    talk.delete(f"{path}/{made['id']}", prorate=True)


def _metered(talk: Any) -> None:
    meter = talk.post(
        "/v1/billing/meters", display_name="Calls", event_name="calls", default_aggregation={"formula": "sum"}
    )
    at = f"/v1/billing/meters/{meter['id']}"
    talk.post(at, display_name="API calls")
    metered = _price(talk, recurring={**MONTHLY, "usage_type": "metered", "meter": meter["id"]}, unit_amount=25)
    customer = _customer(talk)
    subscription = talk.post("/v1/subscriptions", customer=customer, items=[{"price": metered}])
    talk.get(f"/v1/subscription_items/{subscription['items']['data'][0]['id']}")
    payload = {"stripe_customer_id": customer, "value": "12.5"}
    talk.post("/v1/billing/meter_events", event_name="calls", payload=payload, identifier="first")
    talk.post("/v1/billing/meter_events", event_name="calls", payload=payload, timestamp=talk.clock.now - 60)
    talk.post("/v1/billing/meter_event_adjustments", event_name="calls", type="cancel", cancel={"identifier": "first"})
    day = talk.clock.now // DAY_S * DAY_S
    talk.get(f"{at}/event_summaries", customer=customer, start_time=day, end_time=day + DAY_S)
    talk.get(
        f"{at}/event_summaries",
        customer=customer,
        start_time=day,
        end_time=day + DAY_S,
        value_grouping_window="hour",
    )
    _credited(talk, customer, metered)
    talk.clock.pass_s(32 * DAY_S)
    talk.get("/v1/invoices", customer=customer)
    talk.get(at)
    talk.post(f"{at}/deactivate")
    talk.post(f"{at}/reactivate")
    talk.get("/v1/billing/meters", status="active")


def _credited(talk: Any, customer: str, price: str) -> None:
    """Billing credits that the next invoice uses, and others that come to nothing."""
    made = [
        talk.post(
            "/v1/billing/credit_grants",
            customer=customer,
            amount={"type": "monetary", "monetary": {"currency": "usd", "value": 100}},
            applicability_config={"scope": scope},
            category="promotional",
            expires_at=talk.clock.now + 400 * DAY_S,
            expand=["customer"],
        )
        for scope in ({"price_type": "metered"}, {"prices": [{"id": price}]}, {"price_type": "metered"})
    ]
    grants = [f"/v1/billing/credit_grants/{one['id']}" for one in made]
    talk.post(grants[0], metadata={"a": "b"})
    talk.post(f"{grants[1]}/void")
    talk.post(f"{grants[2]}/expire")
    talk.get(grants[1])
    talk.get("/v1/billing/credit_grants", customer=customer)
    rows = talk.get("/v1/billing/credit_balance_transactions", customer=customer, expand=["data.credit_grant"])["data"]
    talk.get(f"/v1/billing/credit_balance_transactions/{rows[0]['id']}")
    for wanted in ({"credit_grant": made[0]["id"]}, {"applicability_scope": {"price_type": "metered"}}):
        kind = next(iter(wanted))
        talk.get("/v1/billing/credit_balance_summary", customer=customer, filter={"type": kind, **wanted})


def _scheduled(talk: Any) -> None:
    price, dear = _price(talk), _price(talk, unit_amount=9_900)
    rate = talk.post("/v1/tax_rates", display_name="VAT", percentage=25, inclusive=False)["id"]
    coupon = talk.post("/v1/coupons", percent_off=10, duration="forever")["id"]
    once = _price(talk, recurring=None, unit_amount=500)
    customer = _customer(talk)
    made = talk.post(
        "/v1/subscription_schedules",
        customer=customer,
        start_date="now",
        end_behavior="cancel",
        default_settings={"description": "Tea for two", "invoice_settings": {"footer": "Takk"}},
        phases=[
            {
                "items": [{"price": price, "quantity": 2}],
                "add_invoice_items": [{"price": once}],
                "metadata": {"a": "b"},
            },
            {
                "items": [{"price": dear, "tax_rates": [rate]}],
                "discounts": [{"coupon": coupon}],
                "default_tax_rates": [rate],
                "invoice_settings": {"days_until_due": 5},
                "collection_method": "send_invoice",
                "duration": {"interval": "month", "interval_count": 2},
            },
        ],
        expand=["subscription.latest_invoice", "phases.items.price"],
    )
    at = f"/v1/subscription_schedules/{made['id']}"
    talk.clock.pass_s(45 * DAY_S)
    talk.get(at, expand=["subscription", "customer", "phases.discounts.coupon"])
    talk.post(at, metadata={"c": "d"}, end_behavior="release")
    talk.post(f"{at}/release")
    again = talk.post("/v1/subscription_schedules", from_subscription=made["subscription"]["id"])
    talk.post(f"/v1/subscription_schedules/{again['id']}/cancel")
    talk.post(
        "/v1/subscription_schedules",
        customer=customer,
        start_date=talk.clock.now + DAY_S,
        phases=[{"items": [{"price": price}], "trial": True}],
    )
    talk.get("/v1/subscription_schedules", customer=customer, scheduled=False, expand=["data.subscription"])


def _quoted(talk: Any) -> None:
    price, once = _price(talk), _price(talk, recurring=None, unit_amount=500)
    rate = talk.post("/v1/tax_rates", display_name="VAT", percentage=25, inclusive=False)["id"]
    customer = _customer(talk)
    quote = talk.post(
        "/v1/quotes",
        customer=customer,
        line_items=[{"price": price, "quantity": 2, "tax_rates": [rate]}, {"price": once}],
        header="Tea",
        subscription_data={"metadata": {"a": "b"}, "trial_period_days": 3},
        expand=["line_items"],
    )
    at = f"/v1/quotes/{quote['id']}"
    talk.post(at, description="For you", invoice_settings={"days_until_due": 7}, collection_method="send_invoice")
    talk.get(f"{at}/line_items", limit=1)
    talk.get(f"{at}/computed_upfront_line_items")
    talk.post(f"{at}/finalize")
    talk.post(f"{at}/accept", expand=["subscription", "invoice"])
    talk.get(at, expand=["line_items", "customer"])
    for data in ({}, {"subscription_data": {"effective_date": talk.clock.now + DAY_S}}):
        lines = [{"price": price if data else once}]
        other = talk.post("/v1/quotes", customer=customer, line_items=lines, **data)
        talk.post(f"/v1/quotes/{other['id']}/finalize")
        talk.post(f"/v1/quotes/{other['id']}/accept", expand=["subscription_schedule", "invoice"])
    copied = talk.post("/v1/quotes", from_quote={"quote": quote["id"]})
    talk.post(f"/v1/quotes/{copied['id']}/cancel")
    talk.get("/v1/quotes", customer=customer, status="accepted")


def _portal(talk: Any) -> None:
    features = {
        "customer_update": {"allowed_updates": ["email"], "enabled": True},
        "subscription_cancel": {"enabled": True, "cancellation_reason": {"enabled": True, "options": ["unused"]}},
        "subscription_update": {"enabled": True, "default_allowed_updates": ["price"], "products": None},
    }
    made = talk.post("/v1/billing_portal/configurations", features=features, login_page={"enabled": True})
    at = f"/v1/billing_portal/configurations/{made['id']}"
    talk.post(at, business_profile={"headline": "Tea"}, name="Main", metadata={"a": "b"})
    talk.get(at)
    talk.get("/v1/billing_portal/configurations", active=True)
    customer = _customer(talk)
    subscription = talk.post("/v1/subscriptions", customer=customer, items=[{"price": _price(talk)}])
    session = talk.post(
        "/v1/billing_portal/sessions",
        customer=customer,
        flow_data={"type": "subscription_cancel", "subscription_cancel": {"subscription": subscription["id"]}},
        expand=["configuration"],
    )
    assert session["flow"]["type"] == "subscription_cancel"
    talk.post("/v1/billing_portal/sessions", customer=customer, configuration=made["id"], return_url="https://e.test")


def _clocked(talk: Any) -> None:
    clock = talk.post("/v1/test_helpers/test_clocks", frozen_time=1_700_000_000, name="A year")
    at = f"/v1/test_helpers/test_clocks/{clock['id']}"
    customer = _customer(talk, test_clock=clock["id"])
    talk.post("/v1/subscriptions", customer=customer, items=[{"price": _price(talk)}], expand=["test_clock"])
    talk.post(f"{at}/advance", frozen_time=1_700_000_000 + 40 * DAY_S)
    talk.get(at)
    talk.get("/v1/test_helpers/test_clocks")
    talk.get("/v1/customers", test_clock=clock["id"], expand=["data.test_clock"])
    talk.get("/v1/subscriptions", test_clock=clock["id"])
    talk.delete(at)


def tell(talk: Any) -> None:
    """Let all of it happen."""
    for part in (_lives, _by_customer, _metered, _scheduled, _quoted, _portal, _clocked):
        part(talk)
