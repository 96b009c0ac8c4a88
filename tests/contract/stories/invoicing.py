"""Coupons, taxes, previews, credit notes and features: everything that they can do, once."""

import json
from typing import Any

DAY_S = 86_400


def _customer(talk: Any) -> str:
    customer = talk.post("/v1/customers", name="Zoë", address={"country": "DE"})["id"]
    method = talk.post("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
    talk.post(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": method})
    return str(customer)


def _coupons(talk: Any, customer: str) -> tuple[str, str]:
    product = talk.post("/v1/products", name="Tea")["id"]
    percent = talk.post("/v1/coupons", percent_off="12.5", duration="forever", applies_to={"products": [product]})["id"]
    sent = {"amount_off": 200, "currency": "usd", "currency_options": {"eur": {"amount_off": 150}}, "name": "Off"}
    amount = talk.post("/v1/coupons", **sent, duration="repeating", duration_in_months=2)["id"]
    talk.post(f"/v1/coupons/{amount}", metadata={"a": "b"}, currency_options={"gbp": {"amount_off": 120}})
    talk.get(f"/v1/coupons/{percent}", expand=["applies_to"])
    talk.get("/v1/coupons", expand=["data.currency_options"])
    gone = talk.post("/v1/coupons", percent_off=1, redeem_by=talk.clock.now + 99, max_redemptions=1)["id"]
    talk.delete(f"/v1/coupons/{gone}")
    limits = {"first_time_transaction": False, "minimum_amount": 100, "minimum_amount_currency": "usd"}
    code = talk.post(
        "/v1/promotion_codes",
        promotion={"type": "coupon", "coupon": amount},
        customer=customer,
        restrictions={**limits, "currency_options": {"eur": {"minimum_amount": 90}}},
        expires_at=talk.clock.now + 50 * DAY_S,
        expand=["promotion.coupon", "customer", "restrictions.currency_options"],
    )["id"]
    talk.post(f"/v1/promotion_codes/{code}", metadata={"a": "b"})
    talk.get(f"/v1/promotion_codes/{code}")
    talk.get("/v1/promotion_codes", coupon=amount, active=True, expand=["data.promotion.coupon"])
    return percent, code


def _subscription(talk: Any, customer: str, code: str, percent: str) -> None:
    price = talk.post(
        "/v1/prices", product_data={"name": "P"}, currency="usd", unit_amount=1_000, recurring={"interval": "month"}
    )["id"]
    rate = talk.post("/v1/tax_rates", display_name="VAT", percentage=19, inclusive=False, country="DE", tax_type="vat")
    talk.post(f"/v1/tax_rates/{rate['id']}", description="German", metadata={"a": "b"})
    talk.get(f"/v1/tax_rates/{rate['id']}")
    talk.get("/v1/tax_rates", active=True, inclusive=False)
    made = talk.post(
        "/v1/subscriptions",
        customer=customer,
        items=[{"price": price, "discounts": [{"coupon": percent}], "tax_rates": [rate["id"]]}],
        discounts=[{"promotion_code": code}, {"coupon": percent}],
        default_tax_rates=[rate["id"]],
        expand=[
            "discounts.source.coupon",
            "latest_invoice.discounts",
            "latest_invoice.total_discount_amounts.discount",
        ],
    )
    at = f"/v1/subscriptions/{made['id']}"
    talk.get(at, expand=["latest_invoice.total_taxes.tax_rate_details.tax_rate", "items.data.discounts"])
    talk.get(f"/v1/customers/{customer}{at[3:]}/discount", expand=["customer", "promotion_code", "source.coupon"])
    item = made["items"]["data"][0]["id"]
    details = {"items": [{"id": item, "quantity": 3}], "proration_behavior": "always_invoice"}
    sent = {"subscription": made["id"], "subscription_details": details}
    talk.post("/v1/invoices/create_preview", **sent, expand=["customer", "lines.data.discounts"])
    talk.post("/v1/invoices/create_preview", subscription=made["id"], preview_mode="recurring")
    talk.delete(f"{at}/discount")
    talk.delete(f"/v1/customers/{customer}{at[3:]}/discount")


def _customers_discount(talk: Any, customer: str, coupon: str) -> None:
    """Stripe's API gives a customer no discount of its own any more; one that was given before still shows."""
    for _ in range(2):
        draft = talk.post("/v1/invoices", customer=customer, discounts=[{"coupon": coupon}])
        body = talk.get(f"/v1/invoices/{draft['id']}", expand=["discounts"])["discounts"][0]
        store = talk.sandbox.store
        row = store.execute("SELECT account, body FROM objects WHERE id = ?", (customer,)).fetchone()
        now = {**json.loads(row[1]), "discount": {**body, "invoice": None}}
        with store.transaction(writes=True):
            store.update(row[0], now, json.loads(row[1]))
        talk.get(f"/v1/customers/{customer}/discount", expand=["source.coupon"])
        talk.get(f"/v1/customers/{customer}")
    talk.delete(f"/v1/customers/{customer}/discount")


def _credit_notes(talk: Any, customer: str, coupon: str) -> None:
    rate = talk.post("/v1/tax_rates", display_name="VAT", percentage="7.5", inclusive=True)["id"]
    for pays in (True, False):
        talk.post("/v1/invoiceitems", customer=customer, amount=9_000, currency="usd", tax_rates=[rate])
        made = talk.post(
            "/v1/invoices",
            customer=customer,
            pending_invoice_items_behavior="include",
            discounts=[{"coupon": coupon}],
            expand=["discounts", "total_discount_amounts.discount", "total_taxes.tax_rate_details.tax_rate"],
        )
        at = f"/v1/invoices/{made['id']}"
        talk.get(f"{at}/lines", expand=["data.discount_amounts.discount", "data.discounts"])
        paid = talk.post(f"{at}/{'pay' if pays else 'finalize'}")
        line = paid["lines"]["data"][0]["id"]
        lines = [
            {"type": "invoice_line_item", "invoice_line_item": line, "amount": 1_000},
            {"type": "custom_line_item", "description": "Sorry", "quantity": 2, "unit_amount_decimal": "12.5"},
        ]
        sent = {"invoice": made["id"], "lines": lines, "memo": "Sorry", "reason": "order_change"}
        total = talk.get("/v1/credit_notes/preview", **sent, **({"credit_amount": 1_025} if pays else {}))["total"]
        assert total == 1_025
        back = {"refund_amount": 500, "credit_amount": 400, "out_of_band_amount": 125} if pays else {}
        talk.get("/v1/credit_notes/preview/lines", **sent, **back)
        note = talk.post("/v1/credit_notes", **sent, **back, expand=["refunds.refund", "customer_balance_transaction"])
        talk.get(
            f"/v1/credit_notes/{note['id']}", expand=["invoice", "customer", "lines.data.discount_amounts.discount"]
        )
        talk.get(f"/v1/credit_notes/{note['id']}/lines")
        talk.post(f"/v1/credit_notes/{note['id']}", metadata={"a": "b"})
    talk.post(f"/v1/credit_notes/{note['id']}/void")
    talk.get("/v1/credit_notes", customer=customer, expand=["data.invoice"])
    talk.get(f"/v1/customers/{customer}/balance_transactions", expand=["data.credit_note"])


def _taxes(talk: Any, customer: str) -> None:
    talk.get("/v1/tax/settings")
    talk.post("/v1/tax/settings", defaults={"tax_behavior": "inferred_by_currency", "tax_code": "txcd_10103001"})
    talk.post("/v1/tax/settings", head_office={"address": {"country": "IE", "line1": "1 Quay"}})
    made = talk.post(
        "/v1/tax/registrations", country="DE", active_from="now", country_options={"de": {"type": "standard"}}
    )
    us = {"us": {"type": "state_sales_tax", "state": "NY"}}
    talk.post("/v1/tax/registrations", country="US", active_from=talk.clock.now + 9, country_options=us)
    talk.get(f"/v1/tax/registrations/{made['id']}")
    talk.get("/v1/tax/registrations", status="active")
    talk.post("/v1/invoiceitems", customer=customer, amount=900, currency="usd")
    sent = {"customer": customer, "automatic_tax": {"enabled": True}, "pending_invoice_items_behavior": "include"}
    taxed = talk.post("/v1/invoices", **sent, expand=["total_taxes.tax_rate_details.tax_rate"])
    assert taxed["total_taxes"]
    talk.post(f"/v1/invoices/{taxed['id']}/finalize")
    talk.get(f"/v1/customers/{customer}", expand=["tax", "tax_ids"])
    calculation = talk.post(
        "/v1/tax/calculations",
        currency="eur",
        customer=customer,
        line_items=[{"amount": 1_190, "reference": "a"}, {"amount": 10, "tax_code": "txcd_00000000"}],
        shipping_cost={"amount": 500},
        ship_from_details={"address": {"country": "IE"}},
        expand=["line_items"],
    )
    at = f"/v1/tax/calculations/{calculation['id']}"
    talk.get(at)
    talk.get(f"{at}/line_items")
    details = {"address": {"country": "FR"}, "address_source": "shipping"}
    talk.post("/v1/tax/calculations", currency="eur", customer_details=details, line_items=[{"amount": 5}])
    sale = talk.post(
        "/v1/tax/transactions/create_from_calculation",
        calculation=calculation["id"],
        reference="sale",
        expand=["line_items"],
    )
    sent = {"mode": "partial", "original_transaction": sale["id"], "flat_amount": -100}
    back = talk.post("/v1/tax/transactions/create_reversal", **sent, reference="back", expand=["line_items"])
    talk.get(f"/v1/tax/transactions/{back['id']}")
    talk.get(f"/v1/tax/transactions/{sale['id']}/line_items")
    talk.post(f"/v1/tax/registrations/{made['id']}", expires_at="now")
    talk.get("/v1/tax_codes", limit=3)
    talk.get("/v1/tax_codes/txcd_10103001")


def _tax_ids(talk: Any, customer: str) -> None:
    at = f"/v1/customers/{customer}/tax_ids"
    made = talk.post(at, type="eu_vat", value="DE123456789")
    talk.get(at)
    talk.get(f"{at}/{made['id']}", expand=["customer", "owner.customer"])
    talk.delete(f"{at}/{made['id']}")
    own = talk.post("/v1/tax_ids", type="us_ein", value="12-3456789")
    talk.get("/v1/tax_ids")
    talk.get(f"/v1/tax_ids/{own['id']}")
    talk.delete(f"/v1/tax_ids/{own['id']}")
    talk.post(at, type="gb_vat", value="000000000")
    talk.clock.pass_s(60)
    talk.get(at)


def _features(talk: Any) -> None:
    customer = _customer(talk)
    feature = talk.post("/v1/entitlements/features", lookup_key="tea", name="Tea", metadata={"a": "b"})["id"]
    talk.post(f"/v1/entitlements/features/{feature}", name="Much tea")
    talk.get(f"/v1/entitlements/features/{feature}")
    talk.get("/v1/entitlements/features", archived=False)
    data = {"currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}}
    product = talk.post("/v1/products", name="Tea", default_price_data=data)
    at = f"/v1/products/{product['id']}/features"
    attached = talk.post(at, entitlement_feature=feature)["id"]
    talk.get(at)
    talk.get(f"{at}/{attached}")
    talk.post("/v1/subscriptions", customer=customer, items=[{"price": product["default_price"]}])
    active = talk.get("/v1/entitlements/active_entitlements", customer=customer, expand=["data.feature"])["data"]
    talk.get(f"/v1/entitlements/active_entitlements/{active[0]['id']}")
    talk.delete(f"{at}/{attached}")
    assert talk.get("/v1/entitlements/active_entitlements", customer=customer)["data"] == []


def tell(talk: Any) -> None:
    """Let all of it happen."""
    customer = _customer(talk)
    percent, code = _coupons(talk, customer)
    _subscription(talk, customer, code, percent)
    _customers_discount(talk, customer, percent)
    _credit_notes(talk, customer, percent)
    _taxes(talk, customer)
    _tax_ids(talk, customer)
    _features(talk)
