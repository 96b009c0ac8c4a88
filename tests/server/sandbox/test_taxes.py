"""Taxes: rates on invoices, calculations by place, transactions and their reversals, tax ids."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DAY_S = 86_400


def _rate(talk: Any, percentage: str, *, inclusive: bool = False) -> str:
    return str(talk.post("/v1/tax_rates", display_name="VAT", percentage=percentage, inclusive=inclusive)["id"])


def _bill(talk: Any, customer: str, *amounts: int, **more: Any) -> dict[str, Any]:
    for amount in amounts:
        talk.post("/v1/invoiceitems", customer=customer, amount=amount, currency="usd")
    return talk.post("/v1/invoices", customer=customer, pending_invoice_items_behavior="include", **more)


def _register(talk: Any, country: str, **options: Any) -> dict[str, Any]:
    sent = {"type": "standard", **options}
    return talk.post(
        "/v1/tax/registrations", country=country, active_from="now", country_options={country.lower(): sent}
    )


def _calculate(talk: Any, country: str, *lines: Any, state: str = "", **more: Any) -> dict[str, Any]:
    address = {"country": country, **({"state": state} if state else {})}
    details = {"address": address, "address_source": "billing", **more.pop("details", {})}
    items = [line if isinstance(line, dict) else {"amount": line, "reference": f"L{line}"} for line in lines]
    return talk.post("/v1/tax/calculations", currency="eur", customer_details=details, line_items=items, **more)


def test_a_tax_on_top_and_a_tax_inside(talk: Any, subs: Any) -> None:
    """Stripe: an exclusive rate adds to the total, an inclusive one does not."""
    customer = subs.customer(talk)
    on_top = _bill(talk, customer, 1_000, default_tax_rates=[_rate(talk, "8.875")])
    assert (on_top["total"], on_top["total_excluding_tax"], on_top["total_taxes"][0]["amount"]) == (1_089, 1_000, 89)
    inside = _bill(talk, customer, 1_190, default_tax_rates=[_rate(talk, "19", inclusive=True)])
    assert (inside["total"], inside["total_excluding_tax"], inside["subtotal_excluding_tax"]) == (1_190, 1_000, 1_000)
    tax = inside["total_taxes"][0]
    assert (tax["tax_behavior"], tax["taxable_amount"], tax["taxability_reason"]) == (
        "inclusive",
        1_000,
        "not_available",
    )


def test_a_lines_own_rates_replace_the_invoices(talk: Any, subs: Any) -> None:
    """Stripe: "default tax rates apply to invoice items that have no rates of their own"."""
    customer = subs.customer(talk)
    talk.post("/v1/invoiceitems", customer=customer, amount=1_000, currency="usd", tax_rates=[_rate(talk, "5")])
    invoice = _bill(talk, customer, 2_000, default_tax_rates=[_rate(talk, "10")])
    assert sorted(tax["amount"] for tax in invoice["total_taxes"]) == [50, 200]
    assert invoice["total"] == 3_250


def test_a_subscriptions_rates_are_on_its_invoices(talk: Any, subs: Any) -> None:
    """Stripe: `default_tax_rates` of the subscription, `tax_rates` of an item."""
    customer, price, other = subs.customer(talk), subs.price(talk, 1_000), subs.price(talk, 3_000)
    rate, lower = _rate(talk, "20"), _rate(talk, "7")
    items = [{"price": price}, {"price": other, "tax_rates": [lower]}]
    made = talk.post("/v1/subscriptions", customer=customer, items=items, default_tax_rates=[rate])
    assert [one["id"] for one in made["default_tax_rates"]] == [rate]
    assert subs.look(talk, made)["latest_invoice"]["amount_paid"] == 1_200 + 3_210
    talk.post(f"/v1/subscriptions/{made['id']}", default_tax_rates="")
    talk.clock.pass_s(32 * DAY_S)
    assert subs.look(talk, made)["latest_invoice"]["total"] == 1_000 + 3_210


def test_an_exempt_customer_pays_no_tax(talk: Any, subs: Any) -> None:
    """Stripe: `tax_exempt` of the customer, as the draft finds it."""
    customer = subs.customer(talk)
    invoice = _bill(talk, customer, 1_000, default_tax_rates=[_rate(talk, "20")])
    talk.post(f"/v1/customers/{customer}", tax_exempt="reverse")
    after = talk.get(f"/v1/invoices/{invoice['id']}")
    assert (after["total"], after["total_taxes"][0]["taxability_reason"]) == (1_000, "reverse_charge")


def test_an_archived_rate_is_not_used_again(talk: Any, subs: Any) -> None:
    """Stripe: an inactive rate stays where it is and cannot be given to anything new."""
    rate, customer = _rate(talk, "20"), subs.customer(talk)
    invoice = _bill(talk, customer, 1_000, default_tax_rates=[rate])
    talk.post(f"/v1/tax_rates/{rate}", active=False)
    assert talk.post(f"/v1/invoices/{invoice['id']}/finalize")["total"] == 1_200
    error = talk.refused("POST", "/v1/invoices", customer=customer, default_tax_rates=[rate])
    assert error["param"] == "default_tax_rates[0]"


def test_tax_is_only_taken_where_the_account_collects(talk: Any) -> None:
    """Stripe: without a registration the reason is `not_collecting`."""
    before = _calculate(talk, "DE", 1_000)
    assert (before["tax_amount_exclusive"], before["tax_breakdown"][0]["taxability_reason"]) == (0, "not_collecting")
    _register(talk, "DE")
    after = _calculate(talk, "DE", 1_000, {"amount": 1_190, "reference": "b", "tax_behavior": "inclusive"})
    assert (after["tax_amount_exclusive"], after["tax_amount_inclusive"], after["amount_total"]) == (190, 190, 2_380)
    lines = talk.get(f"/v1/tax/calculations/{after['id']}/line_items")["data"]
    assert [line["amount_tax"] for line in lines] == [190, 190]
    talk.clock.pass_s(91 * DAY_S)
    talk.refused("GET", f"/v1/tax/calculations/{after['id']}", 404)


@pytest.mark.parametrize(
    ("country", "state", "options", "tax"),
    [
        ("US", "NY", {"type": "state_sales_tax", "state": "NY"}, 400),
        ("US", "OR", {"type": "state_sales_tax", "state": "OR"}, 0),
        ("CA", "ON", {}, 1_300),
        ("CA", "QC", {}, 500),
        ("JP", "", {}, 1_000),
        ("GB", "", {}, 2_000),
        ("AU", "", {}, 1_000),
    ],
)
def test_each_place_has_its_rate(talk: Any, country: str, state: str, options: dict[str, Any], tax: int) -> None:
    """Ours: the table in server/sandbox/tax_table.py; Canada's federal registration covers GST and HST."""
    _register(talk, country, **options)
    assert _calculate(talk, country, 10_000, state=state)["tax_amount_exclusive"] == tax


def test_a_province_takes_its_own_besides(talk: Any) -> None:
    """Stripe: Quebec's QST needs a registration with the province."""
    _register(talk, "CA")
    talk.post(
        "/v1/tax/registrations",
        country="CA",
        active_from="now",
        country_options={"ca": {"type": "province_standard", "province_standard": {"province": "QC"}}},
    )
    found = _calculate(talk, "CA", 10_000, state="QC")
    assert [one["amount"] for one in found["tax_breakdown"]] == [500, 998]


def test_a_business_abroad_pays_the_tax_itself(talk: Any) -> None:
    """Stripe: with a European tax id and another country than the seller's it is a reverse charge."""
    talk.post("/v1/tax/settings", head_office={"address": {"country": "IE"}}, defaults={"tax_code": "txcd_10000000"})
    assert talk.get("/v1/tax/settings")["status"] == "active"
    _register(talk, "IE", type="oss_union")
    ids = [{"type": "eu_vat", "value": "DE123456789"}]
    assert _calculate(talk, "DE", 1_000)["tax_amount_exclusive"] == 190
    found = _calculate(talk, "DE", 1_000, details={"tax_ids": ids})
    assert (found["tax_amount_exclusive"], found["tax_breakdown"][0]["taxability_reason"]) == (0, "reverse_charge")


def test_a_place_that_is_not_known_is_refused(talk: Any) -> None:
    """Stripe: `customer_tax_location_invalid`."""
    details = {"address": {"country": "US"}, "address_source": "billing"}
    sent = {"currency": "usd", "customer_details": details, "line_items": [{"amount": 5, "reference": "a"}]}
    error = talk.refused("POST", "/v1/tax/calculations", **sent)
    assert (error["code"], error["param"]) == ("customer_tax_location_invalid", "customer_details[address]")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.booleans()), min_size=1, max_size=5),
    st.lists(st.integers(1, 10**6), max_size=4),
)
def test_never_more_is_reversed_than_was_owed(talk: Any, lines: list[tuple[int, bool]], tries: list[int]) -> None:
    """Ours: whatever is reversed in parts sums to at most the sale, and each part to what was asked."""
    if not talk.get("/v1/tax/registrations")["data"]:
        _register(talk, "DE")
    items = [
        {"amount": amount, "reference": str(at), "tax_behavior": "inclusive" if inside else "exclusive"}
        for at, (amount, inside) in enumerate(lines)
    ]
    made = _calculate(talk, "DE", *items)
    left = made["amount_total"]
    sale = talk.post(
        "/v1/tax/transactions/create_from_calculation", calculation=made["id"], reference=f"sale {made['id']}"
    )
    for at, amount in enumerate(tries):
        sent = {"mode": "partial", "original_transaction": sale["id"], "flat_amount": -amount}
        answer = talk.ask("POST", "/v1/tax/transactions/create_reversal", {**sent, "reference": f"{sale['id']} {at}"})
        assert answer.status == (200 if amount <= left else 400)
        if answer.status == 200:
            left -= amount
            parts = talk.get(f"/v1/tax/transactions/{answer.body['id']}/line_items", limit=100)["data"]
            exclusive = sum(one["amount_tax"] for one in parts if one["tax_behavior"] == "exclusive")
            assert sum(one["amount"] for one in parts) + exclusive == -amount


def test_a_sale_is_recorded_and_reversed_once(talk: Any) -> None:
    """Stripe: a calculation becomes one transaction, its reference is unique, a full reversal takes all of it back."""
    _register(talk, "DE")
    made = _calculate(talk, "DE", 1_000, 500, shipping_cost={"amount": 200})
    sent = {"calculation": made["id"], "reference": "order 1"}
    sale = talk.post("/v1/tax/transactions/create_from_calculation", **sent, expand=["line_items"])
    assert [line["amount"] for line in sale["line_items"]["data"]] == [1_000, 500]
    assert talk.refused("POST", "/v1/tax/transactions/create_from_calculation", **sent)["param"] == "reference"
    whole = {"mode": "full", "original_transaction": sale["id"]}
    back = talk.post("/v1/tax/transactions/create_reversal", **whole, reference="back 1", expand=["line_items"])
    assert [line["amount_tax"] for line in back["line_items"]["data"]] == [-190, -95]
    assert (back["type"], back["shipping_cost"]["amount_tax"]) == ("reversal", -38)
    talk.refused("POST", "/v1/tax/transactions/create_reversal", **whole, reference="back 2")


@pytest.mark.parametrize(
    ("type_", "value", "country"),
    [
        ("eu_vat", "DE123456789", "DE"),
        ("eu_vat", "EL123456789", "GR"),
        ("gb_vat", "GB123456789", "GB"),
        ("us_ein", "12-3456789", "US"),
        ("ch_vat", "CHE-123.456.789 MWST", "CH"),
        ("in_gst", "12ABCDE3456FGZH", "IN"),
    ],
)
def test_a_tax_id_is_of_a_country(talk: Any, type_: str, value: str, country: str) -> None:
    """Stripe's table of formats; a European one tells its country itself."""
    customer = talk.post("/v1/customers")["id"]
    made = talk.post(f"/v1/customers/{customer}/tax_ids", type=type_, value=value)
    assert (made["country"], made["owner"]["customer"]) == (country, customer)
    wrong = talk.refused("POST", f"/v1/customers/{customer}/tax_ids", type=type_, value="?")
    assert (wrong["code"], wrong["param"]) == ("tax_id_invalid", "value")


@pytest.mark.parametrize(("value", "after"), [("000000000", "verified"), ("111111111", "unverified")])
def test_test_values_verify_as_stripe_says(talk: Any, value: str, after: str) -> None:
    """Stripe: magic values of test mode (docs.stripe.com/billing/testing); an event tells."""
    customer = talk.post("/v1/customers")["id"]
    made = talk.post(f"/v1/customers/{customer}/tax_ids", type="eu_vat", value=value)
    assert made["verification"]["status"] == "pending"
    talk.clock.pass_s(60)
    found = talk.get(f"/v1/customers/{customer}/tax_ids/{made['id']}")
    assert found["verification"]["status"] == after
    assert talk.get("/v1/events", type="customer.tax_id.updated")["data"][0]["data"]["object"]["id"] == made["id"]


def test_an_accounts_own_tax_ids_are_its_own(talk: Any) -> None:
    """Stripe: `/v1/tax_ids` has those of the account unless an owner is named; a deleted one is gone."""
    customer = talk.post("/v1/customers")["id"]
    own = talk.post("/v1/tax_ids", type="us_ein", value="12-3456789")
    theirs = talk.post(
        "/v1/tax_ids", type="us_ein", value="12-3456780", owner={"type": "customer", "customer": customer}
    )
    assert [one["id"] for one in talk.get("/v1/tax_ids")["data"]] == [own["id"]]
    assert [one["id"] for one in talk.get(f"/v1/customers/{customer}/tax_ids")["data"]] == [theirs["id"]]
    talk.delete(f"/v1/tax_ids/{theirs['id']}")
    talk.refused("GET", f"/v1/customers/{customer}/tax_ids/{theirs['id']}", 404)


def test_an_invoice_keeps_the_tax_ids_of_its_customer(talk: Any, subs: Any) -> None:
    """Stripe's OpenAPI: until the invoice is finalized it follows the customer's tax ids."""
    customer = subs.customer(talk)
    made = talk.post(f"/v1/customers/{customer}/tax_ids", type="us_ein", value="12-3456789")
    invoice = _bill(talk, customer, 1_000)
    assert invoice["customer_tax_ids"] == [{"type": "us_ein", "value": "12-3456789"}]
    talk.post(f"/v1/invoices/{invoice['id']}/finalize")
    talk.delete(f"/v1/customers/{customer}/tax_ids/{made['id']}")
    assert len(talk.get(f"/v1/invoices/{invoice['id']}")["customer_tax_ids"]) == 1


def test_a_new_customer_brings_tax_ids_and_a_place(talk: Any) -> None:
    """Stripe: `tax_id_data`, and `tax` when expanded; a place that must be known at once is asked for."""
    _register(talk, "DE")
    ids = [{"type": "eu_vat", "value": "DE123456789"}]
    made = talk.post("/v1/customers", address={"country": "DE"}, tax_id_data=ids, expand=["tax_ids", "tax"])
    assert [one["value"] for one in made["tax_ids"]["data"]] == ["DE123456789"]
    assert (made["tax"]["automatic_tax"], made["tax"]["location"]["country"]) == ("supported", "DE")
    elsewhere = talk.post("/v1/customers", address={"country": "FR"}, expand=["tax"])
    assert elsewhere["tax"]["automatic_tax"] == "not_collecting"
    assert talk.post("/v1/customers", expand=["tax"])["tax"]["location"] is None
    error = talk.refused("POST", "/v1/customers", tax={"validate_location": "immediately"})
    assert error["code"] == "customer_tax_location_invalid"


def _german(talk: Any, subs: Any) -> str:
    _register(talk, "DE")
    customer = subs.customer(talk)
    talk.post(f"/v1/customers/{customer}", address={"country": "DE"})
    return str(customer)


def test_automatic_tax_is_that_of_the_customers_place(talk: Any, subs: Any) -> None:
    """Stripe: the rate of the place, with its reason; a line added later has it too."""
    invoice = _bill(talk, _german(talk, subs), 1_000, automatic_tax={"enabled": True})
    at = f"/v1/invoices/{invoice['id']}"
    assert (invoice["total"], invoice["automatic_tax"]["status"]) == (1_190, "complete")
    assert invoice["total_taxes"][0]["taxability_reason"] == "standard_rated"
    assert talk.post(f"{at}/add_lines", lines=[{"amount": 100}])["total"] == 1_309
    rate = talk.get(f"/v1/tax_rates/{invoice['total_taxes'][0]['tax_rate_details']['tax_rate']}")
    assert (rate["percentage"], rate["country"], rate["active"]) == (19, "DE", False)
    assert talk.get("/v1/tax_rates")["data"] == []
    assert talk.post(at, automatic_tax={"enabled": False})["total"] == 1_100


def test_a_price_that_includes_tax_is_taxed_inside(talk: Any, subs: Any) -> None:
    """Stripe: `tax_behavior` of the price decides; a product that is not taxable is exempt."""
    customer = _german(talk, subs)
    product = talk.post("/v1/products", name="Fee", tax_code="txcd_00000000")["id"]
    data = {"currency": "usd", "unit_amount": 500, "product": product}
    talk.post("/v1/invoiceitems", customer=customer, price_data=data)
    price = talk.post(
        "/v1/prices", product_data={"name": "Tea"}, currency="usd", unit_amount=1_190, tax_behavior="inclusive"
    )["id"]
    talk.post("/v1/invoiceitems", customer=customer, pricing={"price": price})
    invoice = _bill(talk, customer, automatic_tax={"enabled": True})
    assert (invoice["total"], invoice["total_excluding_tax"]) == (1_690, 1_500)
    reasons = sorted(tax["taxability_reason"] for tax in invoice["total_taxes"])
    assert reasons == ["product_exempt", "standard_rated"]


def test_an_unknown_place_holds_a_draft_back(talk: Any, subs: Any) -> None:
    """Stripe: `requires_location_inputs`, and finalizing is refused until the address is known."""
    _register(talk, "DE")
    customer = subs.customer(talk)
    invoice = _bill(talk, customer, 1_000, automatic_tax={"enabled": True})
    assert invoice["automatic_tax"]["status"] == "requires_location_inputs"
    error = talk.refused("POST", f"/v1/invoices/{invoice['id']}/finalize")
    assert error["code"] == "customer_tax_location_invalid"
    talk.post(f"/v1/customers/{customer}", address={"country": "DE"})
    assert talk.post(f"/v1/invoices/{invoice['id']}/finalize")["total"] == 1_190


def test_a_subscription_taxes_its_invoices_automatically(talk: Any, subs: Any) -> None:
    """Stripe: `automatic_tax` of the subscription, in its preview too; not beside rates of one's own."""
    customer, price = _german(talk, subs), subs.price(talk, 1_000)
    sent = {"customer": customer, "items": [{"price": price}], "automatic_tax": {"enabled": True}}
    made = talk.post("/v1/subscriptions", **sent)
    assert subs.look(talk, made)["latest_invoice"]["amount_paid"] == 1_190
    assert talk.post("/v1/invoices/create_preview", subscription=made["id"])["total"] == 1_190
    error = talk.refused("POST", "/v1/subscriptions", **sent, default_tax_rates=[_rate(talk, "5")])
    assert error["param"] == "automatic_tax[enabled]"


def test_a_draft_that_cannot_be_finalized_by_itself_says_so(talk: Any, subs: Any) -> None:
    """Stripe: `last_finalization_error`, an event, and it no longer goes on by itself."""
    _register(talk, "DE")
    sent = {"automatic_tax": {"enabled": True}, "auto_advance": True}
    invoice = _bill(talk, subs.customer(talk), 1_000, **sent)
    talk.clock.pass_s(2 * 3_600)
    after = talk.get(f"/v1/invoices/{invoice['id']}")
    assert (after["status"], after["last_finalization_error"]["code"]) == ("draft", "customer_tax_location_invalid")
    assert after["automatic_tax"]["disabled_reason"] == "finalization_requires_location_inputs"
    assert talk.get("/v1/events", type="invoice.finalization_failed")["data"][0]["data"]["object"]["id"] == after["id"]
