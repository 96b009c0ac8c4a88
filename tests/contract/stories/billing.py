"""Products, prices, subscriptions and invoices: everything that they can do, once."""

from typing import Any

DAY_S = 86_400


def _catalogue(talk: Any) -> tuple[str, str]:
    product = talk.post(
        "/v1/products",
        name="Tea",
        description="Loose",
        images=["https://example.test/i.png"],
        marketing_features=[{"name": "warm"}],
        package_dimensions={"height": 1, "length": 2, "weight": 3, "width": 4},
        tax_code="txcd_10103000",
        default_price_data={"currency": "usd", "unit_amount": 1_500, "recurring": {"interval": "month"}},
    )
    at = f"/v1/products/{product['id']}"
    talk.post(at, description="Loose leaves", metadata={"a": "b"})
    talk.get(at, expand=["default_price"])
    talk.get("/v1/products", active=True, ids=[product["id"]], expand=["data.default_price"])
    talk.get("/v1/products/search", query="name~'Tea' AND active:'true'")
    gone = talk.post("/v1/products", name="Gone")
    talk.delete(f"/v1/products/{gone['id']}")
    other = talk.post(
        "/v1/prices",
        product=product["id"],
        currency="usd",
        unit_amount=2_500,
        recurring={"interval": "month"},
        lookup_key="tea_more",
        currency_options={"eur": {"unit_amount": 2_300}},
    )
    tiered = talk.post(
        "/v1/prices",
        product=product["id"],
        currency="usd",
        billing_scheme="tiered",
        tiers_mode="graduated",
        tiers=[{"up_to": 5, "unit_amount": 500}, {"up_to": "inf", "unit_amount": 400, "flat_amount": 1}],
        recurring={"interval": "month"},
    )
    talk.post("/v1/prices", product_data={"name": "Once"}, currency="jpy", unit_amount_decimal="12.5")
    talk.post(f"/v1/prices/{other['id']}", nickname="More", metadata={"c": "d"})
    talk.get(f"/v1/prices/{tiered['id']}", expand=["tiers", "product"])
    talk.get(f"/v1/prices/{other['id']}", expand=["currency_options"])
    talk.get("/v1/prices", product=product["id"], expand=["data.tiers"])
    talk.get("/v1/prices/search", query="lookup_key:'tea_more'")
    return product["default_price"], other["id"]


def _customer(talk: Any, card: str | None = "pm_card_visa") -> str:
    customer = talk.post("/v1/customers", name="Zoë", email="zoe@example.com")["id"]
    if card:
        method = talk.post(f"/v1/payment_methods/{card}/attach", customer=customer)["id"]
        talk.post(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": method})
    return str(customer)


def _subscriptions(talk: Any, price: str, other: str) -> None:
    customer = _customer(talk)
    expanded = ["latest_invoice.payments", "latest_invoice.confirmation_secret", "customer"]
    first = talk.post("/v1/subscriptions", customer=customer, items=[{"price": price}], expand=expanded)
    at = f"/v1/subscriptions/{first['id']}"
    item = first["items"]["data"][0]["id"]
    talk.post(at, items=[{"id": item, "price": other, "quantity": 3}], proration_behavior="always_invoice")
    talk.post(at, metadata={"a": "b"}, cancel_at_period_end=True, cancellation_details={"feedback": "unused"})
    talk.get(at, expand=["items.data.price.product", "default_payment_method"])
    talk.get("/v1/subscriptions", customer=customer, status="all", price=other, expand=["data.latest_invoice"])
    talk.get("/v1/subscriptions/search", query="status:'active'")
    talk.get("/v1/subscription_items", subscription=first["id"])
    talk.get(f"/v1/subscription_items/{item}")
    added = talk.post("/v1/subscription_items", subscription=first["id"], price=price, quantity=2)
    talk.post(f"/v1/subscription_items/{added['id']}", quantity=5)
    talk.delete(f"/v1/subscription_items/{added['id']}")
    talk.delete(at, invoice_now=True, prorate=True)
    trial = talk.post("/v1/subscriptions", customer=customer, items=[{"price": price}], trial_period_days=2)
    talk.post("/v1/subscriptions", customer=_customer(talk, "pm_card_chargeCustomerFail"), items=[{"price": price}])
    talk.post(
        "/v1/subscriptions",
        customer=_customer(talk, None),
        items=[{"price": price}],
        collection_method="send_invoice",
        days_until_due=30,
    )
    talk.clock.pass_s(32 * DAY_S)
    talk.get(f"/v1/subscriptions/{trial['id']}")
    talk.clock.pass_s(DAY_S)
    talk.get("/v1/subscriptions", status="all")


def _invoices(talk: Any, price: str) -> None:
    customer = _customer(talk)
    item = talk.post("/v1/invoiceitems", customer=customer, amount=2_000, currency="usd", description="Setup")
    talk.post(f"/v1/invoiceitems/{item['id']}", description="Setting up", metadata={"a": "b"})
    talk.get(f"/v1/invoiceitems/{item['id']}", expand=["customer"])
    spare = talk.post("/v1/invoiceitems", customer=customer, unit_amount_decimal="12.5", quantity=3, currency="usd")
    talk.delete(f"/v1/invoiceitems/{spare['id']}")
    draft = talk.post("/v1/invoices", customer=customer, pending_invoice_items_behavior="include", footer="Takk")
    at = f"/v1/invoices/{draft['id']}"
    talk.get("/v1/invoiceitems", customer=customer, expand=["data.invoice"])
    talk.post(at, description="For tea", auto_advance=True)
    added = talk.post(f"{at}/add_lines", lines=[{"amount": 999, "description": "Extra"}])
    line = added["lines"]["data"][0]["id"]
    talk.post(f"{at}/lines/{line}", amount=777)
    talk.post(f"{at}/update_lines", lines=[{"id": line, "amount": 888}])
    talk.post(f"{at}/remove_lines", lines=[{"id": line, "behavior": "unassign"}])
    talk.get(f"{at}/lines", limit=1)
    talk.post(f"{at}/finalize")
    never = {"enabled": True, "allow_redirects": "never"}
    part = {"amount": 700, "currency": "usd", "customer": customer, "automatic_payment_methods": never}
    intent = talk.post("/v1/payment_intents", **part, payment_method="pm_card_visa", confirm=True)["id"]
    talk.post(f"{at}/attach_payment", payment_intent=intent, expand=["payments"])
    talk.post(f"{at}/pay", expand=["payments.data.payment.payment_intent", "customer"])
    talk.get(at, expand=["payments.data.payment.payment_intent"])
    talk.get(f"{at}/lines", expand=["data.pricing.price_details.price"])
    talk.get("/v1/invoices", customer=customer, status="paid", expand=["data.payments"])
    talk.get("/v1/invoices/search", query=f"customer:'{customer}' AND total>100")
    payments = talk.get("/v1/invoice_payments", invoice=draft["id"])["data"]
    talk.get(f"/v1/invoice_payments/{payments[0]['id']}", expand=["payment.payment_intent", "invoice"])
    for ending in ("void", "mark_uncollectible", "send"):
        talk.post("/v1/invoiceitems", customer=customer, amount=500, currency="usd")
        made = talk.post(
            "/v1/invoices",
            customer=customer,
            pending_invoice_items_behavior="include",
            collection_method="send_invoice",
            days_until_due=3,
        )
        talk.post(f"/v1/invoices/{made['id']}/finalize")
        talk.post(f"/v1/invoices/{made['id']}/{ending}")
    empty = talk.post("/v1/invoices", customer=customer)
    talk.delete(f"/v1/invoices/{empty['id']}")
    entry = talk.post(f"/v1/customers/{customer}/balance_transactions", amount=-700, currency="usd", description="gift")
    at = f"/v1/customers/{customer}/balance_transactions"
    talk.post(f"{at}/{entry['id']}", metadata={"a": "b"})
    talk.get(f"{at}/{entry['id']}")
    talk.get(at)


def tell(talk: Any) -> None:
    """Let all of it happen."""
    price, other = _catalogue(talk)
    _subscriptions(talk, price, other)
    _invoices(talk, price)
