"""Checkout sessions, payment links, shipping rates and files: everything that they can do, once."""

import json
from typing import Any

PDF = b"%PDF-1.4 receipt"
TEA = {"currency": "usd", "product_data": {"name": "Tea"}, "unit_amount": 1_500}
DONE = "https://shop.test/done?session={CHECKOUT_SESSION_ID}"
WHERE = {"line1": "1 High St", "city": "Oakland", "country": "US", "state": "CA", "postal_code": "94601"}


def _upload(talk: Any, content: bytes = PDF, **fields: str) -> dict[str, Any]:
    mark = "frontier"
    parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{v}\r\n' for name, v in fields.items()]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="receipt.pdf"\r\n'
    body = "".join(parts).encode() + f"{head}Content-Type: application/pdf\r\n\r\n".encode() + content
    headers = {"Authorization": "Bearer sk_test_x", "Content-Type": f"multipart/form-data; boundary={mark}"}
    asked = talk.sandbox.respond("POST", "/v1/files", headers, body + f"\r\n--{mark}--\r\n".encode())
    try:
        asked.send(None)
    except StopIteration as done:
        status, _, content = done.value
    answer = type(talk.ask("GET", "/v1/files"))(status, {}, json.loads(content))
    talk.log.append(("POST", "/v1/files", answer))
    assert status == 200, content
    return dict(answer.body)


def _filed(talk: Any) -> None:
    link = {"file_link_data[create]": "true", "file_link_data[metadata][a]": "b"}
    file = _upload(talk, purpose="dispute_evidence", **link)
    talk.get(f"/v1/files/{file['id']}")
    talk.get("/v1/files", purpose="dispute_evidence")
    made = talk.post("/v1/file_links", file=file["id"], expires_at=talk.clock.now + 60, expand=["file"])
    talk.post(f"/v1/file_links/{made['id']}", expires_at="now", metadata={"a": "b"})
    talk.get(f"/v1/file_links/{made['id']}")
    talk.get("/v1/file_links", file=file["id"], expired=True)
    disputed = {"amount": 900, "currency": "usd", "payment_method": "pm_card_createDispute", "confirm": True}
    intent = talk.post("/v1/payment_intents", payment_method_types=["card"], **disputed)
    dispute = talk.get("/v1/disputes", payment_intent=intent["id"])["data"][0]
    talk.post(f"/v1/disputes/{dispute['id']}", evidence={"receipt": file["id"]}, expand=["evidence.receipt"])


def _rates(talk: Any) -> str:
    estimate = {"maximum": {"unit": "day", "value": 5}, "minimum": {"unit": "day", "value": 2}}
    rate = talk.post(
        "/v1/shipping_rates",
        display_name="Ground",
        fixed_amount={"amount": 500, "currency": "usd", "currency_options": {"eur": {"amount": 450}}},
        delivery_estimate=estimate,
        expand=["fixed_amount.currency_options"],
    )
    talk.post(f"/v1/shipping_rates/{rate['id']}", metadata={"a": "b"}, tax_behavior="exclusive")
    talk.get(f"/v1/shipping_rates/{rate['id']}")
    talk.get("/v1/shipping_rates", active=True, currency="usd")
    return str(rate["id"])


def _paid(talk: Any) -> None:
    rate, percent = _rates(talk), talk.post("/v1/tax_rates", display_name="VAT", percentage=20, inclusive=False)["id"]
    coupon = talk.post("/v1/coupons", percent_off=10, duration="once")["id"]
    lines = [
        {
            "price_data": TEA,
            "quantity": 2,
            "adjustable_quantity": {"enabled": True, "minimum": 1, "maximum": 9},
            "tax_rates": [percent],
            "metadata": {"a": "b"},
        }
    ]
    one = talk.post(
        "/v1/checkout/sessions",
        mode="payment",
        line_items=lines,
        success_url=DONE,
        cancel_url="https://shop.test",
        discounts=[{"coupon": coupon}],
        shipping_options=[{"shipping_rate": rate}],
        shipping_address_collection={"allowed_countries": ["US", "CA"]},
        phone_number_collection={"enabled": True},
        tax_id_collection={"enabled": True},
        custom_fields=[
            {"key": "gift", "label": {"type": "custom", "custom": "For whom"}, "type": "text"},
            {
                "key": "size",
                "label": {"type": "custom", "custom": "Size"},
                "type": "dropdown",
                "dropdown": {"options": [{"label": "S", "value": "s"}]},
            },
        ],
        consent_collection={"terms_of_service": "required", "promotions": "auto"},
        custom_text={"submit": {"message": "Soon"}},
        name_collection={"business": {"enabled": True, "optional": True}},
        invoice_creation={"enabled": True, "invoice_data": {"footer": "Takk", "metadata": {"a": "b"}}},
        payment_intent_data={"metadata": {"order": "7"}, "capture_method": "automatic"},
        after_expiration={"recovery": {"enabled": True}},
        expand=["line_items", "total_details.breakdown", "shipping_cost.shipping_rate"],
    )
    at = f"/v1/checkout/sessions/{one['id']}"
    talk.post(at, metadata={"a": "b"}, line_items=[{"id": one["line_items"]["data"][0]["id"], "quantity": 3}])
    talk.get(f"{at}/line_items", limit=1, expand=["data.discounts", "data.taxes"])
    talk.post(
        f"/_sandbox/checkout/sessions/{one['id']}/complete",
        custom_fields={"gift": "Me", "size": "s"},
        terms_of_service="accepted",
        promotions="opt_in",
        tax_id={"type": "eu_vat", "value": "DE123456789"},
    )
    everything = ["payment_intent", "invoice", "customer", "line_items", "discounts.coupon", "total_details.breakdown"]
    talk.get(at, expand=[*everything])


def _other_ways(talk: Any) -> None:
    monthly = {"price_data": {**TEA, "recurring": {"interval": "month"}}, "quantity": 1}
    ways: list[dict[str, Any]] = [
        {"mode": "subscription", "line_items": [monthly], "subscription_data": {"trial_period_days": 7}},
        {"mode": "subscription", "line_items": [monthly, {"price_data": TEA, "quantity": 1}]},
        {"mode": "setup", "currency": "usd", "customer_creation": "always"},
        {"mode": "payment", "line_items": [{"price_data": TEA, "quantity": 1}], "customer_email": "a@b.test"},
    ]
    for sent in ways:
        one = talk.post("/v1/checkout/sessions", success_url=DONE, **sent)
        talk.post(f"/_sandbox/checkout/sessions/{one['id']}/complete")
        talk.get(f"/v1/checkout/sessions/{one['id']}", expand=["subscription.latest_invoice", "setup_intent"])
    euros = {"price_data": {**TEA, "currency": "eur"}, "quantity": 1}
    debit = talk.post(
        "/v1/checkout/sessions",
        mode="payment",
        line_items=[euros],
        success_url=DONE,
        payment_method_types=["sepa_debit"],
    )
    for iban in ("DE89370400440532013000", "DE62370400440532013001"):
        data = {
            "type": "sepa_debit",
            "sepa_debit": {"iban": iban},
            "billing_details": {"name": "Z", "email": "z@z.test"},
        }
        talk.post(f"/_sandbox/checkout/sessions/{debit['id']}/complete", payment_method_data=data)
        debit = talk.post(
            "/v1/checkout/sessions",
            ui_mode="embedded_page",
            mode="payment",
            line_items=[euros],
            return_url=DONE,
            payment_method_types=["sepa_debit"],
        )
    talk.clock.pass_s(60)
    talk.post(f"/v1/checkout/sessions/{debit['id']}/expire")
    talk.get("/v1/checkout/sessions", status="complete", expand=["data.line_items"])
    talk.get("/v1/checkout/sessions", customer_details={"email": "a@b.test"})


def _linked(talk: Any) -> None:
    monthly = {"price_data": {**TEA, "recurring": {"interval": "month"}}, "quantity": 1}
    talk.post("/v1/payment_links", line_items=[monthly], subscription_data={"trial_period_days": 3})
    link = talk.post(
        "/v1/payment_links",
        line_items=[{"price_data": TEA, "quantity": 1, "adjustable_quantity": {"enabled": True}}],
        after_completion={"type": "redirect", "redirect": {"url": DONE}},
        restrictions={"completed_sessions": {"limit": 1}},
        custom_fields=[{"key": "a", "label": {"type": "custom", "custom": "A"}, "type": "numeric", "optional": True}],
        shipping_options=[{"shipping_rate": _rates(talk)}],
        payment_intent_data={"metadata": {"a": "b"}},
        expand=["line_items"],
    )
    at = f"/v1/payment_links/{link['id']}"
    talk.post(at, inactive_message="Gone", payment_intent_data={"description": "Tea"}, metadata={"a": "b"})
    _follow(talk, link)
    visit = talk.get("/v1/checkout/sessions", payment_link=link["id"])["data"][0]
    talk.post(f"/_sandbox/checkout/sessions/{visit['id']}/complete")
    talk.get(at, expand=["line_items", "shipping_options.shipping_rate"])
    talk.get(f"{at}/line_items")
    talk.get("/v1/payment_links", active=False)


def _follow(talk: Any, link: dict[str, Any]) -> None:
    asked = talk.sandbox.respond("GET", f"/b/{link['url'].rsplit('/', 1)[1]}", {}, b"")
    try:
        asked.send(None)
    except StopIteration as done:
        assert done.value[0] == 302


def tell(talk: Any) -> None:
    """Let all of it happen."""
    for part in (_filed, _paid, _other_ways, _linked):
        part(talk)
