"""What an invoice says besides its amounts, when it goes on by itself, and how it is revised."""

from typing import Any

HOUR_S = 3_600


def _draft(talk: Any, customer: str, *amounts: int, **more: Any) -> dict[str, Any]:
    for amount in amounts:
        talk.post("/v1/invoiceitems", customer=customer, amount=amount, currency="usd", description=f"Work {amount}")
    return talk.post("/v1/invoices", customer=customer, pending_invoice_items_behavior="include", **more)


def test_a_paper_says_what_it_was_told(talk: Any, subs: Any) -> None:
    """Stripe: texts, size of the paper, where goods go, the account's own tax ids; none of it after finalizing."""
    own = talk.post("/v1/tax_ids", type="us_ein", value="12-3456789")["id"]
    invoice = _draft(
        talk,
        subs.customer(talk),
        1_000,
        account_tax_ids=[own],
        custom_fields=[{"name": "Order", "value": "7"}],
        issuer={"type": "self"},
        payment_settings={"payment_method_types": ["card"]},
        rendering={"pdf": {"page_size": "a4"}, "amount_tax_display": "exclude_tax"},
        shipping_details={"name": "Zoë", "address": {"city": "Oslo"}},
    )
    talk.post(f"/v1/invoices/{invoice['id']}", rendering={"amount_tax_display": ""})
    final = talk.post(f"/v1/invoices/{invoice['id']}/finalize")
    assert final["account_tax_ids"] == [own]
    assert (final["rendering"]["pdf"], final["rendering"]["amount_tax_display"]) == ({"page_size": "a4"}, None)
    assert final["shipping_details"]["address"]["city"] == "Oslo"
    assert final["payment_settings"]["payment_method_types"] == ["card"]
    for late in ({"footer": "x"}, {"default_tax_rates": ""}, {"discounts": ""}):
        talk.refused("POST", f"/v1/invoices/{invoice['id']}", **late)


def test_a_customers_tax_id_is_not_the_accounts(talk: Any) -> None:
    """Stripe: `account_tax_ids` are of the account."""
    customer = talk.post("/v1/customers")["id"]
    theirs = talk.post(f"/v1/customers/{customer}/tax_ids", type="us_ein", value="12-3456789")["id"]
    error = talk.refused("POST", "/v1/invoices", customer=customer, account_tax_ids=[theirs])
    assert error["param"] == "account_tax_ids[0]"


def test_a_draft_goes_on_when_it_was_told_to(talk: Any, subs: Any) -> None:
    """Stripe: `automatically_finalizes_at` instead of the usual hour; it needs `auto_advance`."""
    customer, at = subs.customer(talk), talk.clock.now + 5 * HOUR_S
    sent = {"auto_advance": True, "automatically_finalizes_at": at}
    made, moved = _draft(talk, customer, 1_000, **sent), _draft(talk, customer, 2_000, auto_advance=True)
    talk.post(f"/v1/invoices/{moved['id']}", **sent)
    talk.clock.pass_s(2 * HOUR_S)
    assert [talk.get(f"/v1/invoices/{one['id']}")["status"] for one in (made, moved)] == ["draft", "draft"]
    talk.clock.pass_s(3 * HOUR_S)
    assert [talk.get(f"/v1/invoices/{one['id']}")["status"] for one in (made, moved)] == ["paid", "paid"]
    error = talk.refused("POST", "/v1/invoices", customer=customer, automatically_finalizes_at=talk.clock.now + 5)
    assert error["param"] == "automatically_finalizes_at"


def test_a_revision_takes_the_place_of_its_original(talk: Any, subs: Any) -> None:
    """Stripe: a draft with the same lines, discounts and taxes; finalized it voids the original, which names it."""
    customer = subs.customer(talk)
    coupon = talk.post("/v1/coupons", percent_off=10)["id"]
    rate = talk.post("/v1/tax_rates", display_name="VAT", percentage=20, inclusive=False)["id"]
    talk.post("/v1/invoiceitems", customer=customer, amount=500, currency="usd", tax_rates=[rate])
    made = _draft(talk, customer, 1_000, discounts=[{"coupon": coupon}], footer="Takk")
    original = talk.post(f"/v1/invoices/{made['id']}/finalize")
    source = {"action": "revision", "invoice": made["id"]}
    revision = talk.post("/v1/invoices", from_invoice=source, description="Corrected")
    assert (revision["status"], revision["footer"], revision["from_invoice"]) == ("draft", "Takk", source)
    assert (revision["total"], revision["lines"]["total_count"]) == (original["total"], 2)
    talk.post(f"/v1/invoices/{revision['id']}/finalize")
    after = talk.get(f"/v1/invoices/{made['id']}", expand=["latest_revision"])
    assert (after["status"], after["latest_revision"]["id"]) == ("void", revision["id"])
    error = talk.refused("POST", "/v1/invoices", from_invoice=source)
    assert error["param"] == "from_invoice[invoice]"


def test_a_part_of_a_unit_is_billed(talk: Any, subs: Any) -> None:
    """Stripe's OpenAPI: `quantity_decimal` is exact, `quantity` truncated; the amount is rounded half up."""
    customer = subs.customer(talk)
    price = talk.post("/v1/prices", product_data={"name": "Hour"}, currency="usd", unit_amount=999)["id"]
    item = talk.post("/v1/invoiceitems", customer=customer, pricing={"price": price}, quantity_decimal="2.5")
    assert (item["amount"], item["quantity"], item["quantity_decimal"]) == (2_498, 2, "2.5")
    changed = talk.post(f"/v1/invoiceitems/{item['id']}", quantity_decimal="0.25")
    assert (changed["amount"], changed["quantity"]) == (250, 0)
    line = _draft(talk, customer)["lines"]["data"][0]
    assert (line["quantity"], line["quantity_decimal"]) == (0, "0.25")
    both = {"quantity": 1, "quantity_decimal": "1"}
    assert (
        talk.refused("POST", f"/v1/invoiceitems/{item['id']}", pricing={"price": price}, **both)["param"] == "quantity"
    )


def test_a_line_brings_its_product_along(talk: Any, subs: Any) -> None:
    """Stripe's OpenAPI: `price_data[product_data]` of a line; an item's own price has its own tax behavior and code."""
    invoice = _draft(talk, subs.customer(talk))
    data = {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Tea", "tax_code": "txcd_99999999"}}
    added = talk.post(f"/v1/invoices/{invoice['id']}/add_lines", lines=[{"price_data": data, "quantity": 2}])
    assert (added["total"], added["lines"]["data"][0]["description"]) == (1_400, "Tea")
    both = {**data, "product": "prod_x"}
    error = talk.refused("POST", f"/v1/invoices/{invoice['id']}/add_lines", lines=[{"price_data": both}])
    assert error["param"] == "lines[0][price_data]"
    sent = {"customer": invoice["customer"], "amount": 50, "currency": "usd"}
    item = talk.post("/v1/invoiceitems", **sent, tax_behavior="inclusive", tax_code="txcd_99999999")
    price = talk.get(f"/v1/prices/{item['pricing']['price_details']['price']}", expand=["product"])
    assert (price["tax_behavior"], price["product"]["tax_code"]) == ("inclusive", "txcd_99999999")
