"""Products and prices: defaults, lookup keys, filters, and what cannot be sold."""

from typing import Any

import pytest


def _price(talk: Any, **more: Any) -> dict[str, Any]:
    product = more.pop("product", None) or talk.post("/v1/products", name="Tea")["id"]
    return talk.post("/v1/prices", **{"product": product, "currency": "usd", "unit_amount": 1_000, **more})


def _ids(page: dict[str, Any]) -> list[str]:
    return [one["id"] for one in page["data"]]


def test_a_product_is_made_with_its_default_price(talk: Any) -> None:
    """Stripe, recorded: one request, two events, and the product's event holds the price already."""
    data = {"currency": "eur", "unit_amount": 1_500, "recurring": {"interval": "year"}}
    product = talk.post("/v1/products", name="Tea", default_price_data=data)
    price = talk.get(f"/v1/prices/{product['default_price']}")
    assert (price["product"], price["currency"], price["unit_amount"]) == (product["id"], "eur", 1_500)
    assert price["recurring"]["interval"] == "year"
    priced, made = talk.get("/v1/events")["data"]
    assert (made["type"], priced["type"]) == ("product.created", "price.created")
    assert made["data"]["object"]["default_price"] == price["id"]


def test_only_a_change_moves_updated(talk: Any) -> None:
    """Ours: a product that is told what it is already stays as old as it was, and records nothing."""
    product = talk.post("/v1/products", name="Tea")
    at = f"/v1/products/{product['id']}"
    talk.clock.pass_s(60)
    assert talk.post(at, name="Tea")["updated"] == product["updated"]
    assert talk.post(at, name="Green tea")["updated"] == product["updated"] + 60
    assert [event["type"] for event in talk.get("/v1/events")["data"]] == ["product.updated", "product.created"]


def test_a_product_can_be_archived_and_unset_but_not_left_nameless(talk: Any) -> None:
    """Stripe: an empty string unsets a field that may be empty, and is refused for one that may not."""
    product = talk.post("/v1/products", name="Tea", description="Loose", url="https://example.test", images=["a"])
    at = f"/v1/products/{product['id']}"
    cleared = talk.post(at, active=False, description=None, url=None, images=None)
    assert (cleared["active"], cleared["description"], cleared["url"], cleared["images"]) == (False, None, None, [])
    assert talk.refused("POST", at, name=None)["param"] == "name"
    assert _ids(talk.get("/v1/products", active=True)) == []
    assert _ids(talk.get("/v1/products", active=False)) == [product["id"]]


def test_products_are_found_by_id_url_and_whether_they_are_shipped(talk: Any) -> None:
    """Stripe: filters of the list hold together; unknown ids are left out."""
    tea = talk.post("/v1/products", name="Tea", shippable=True, url="https://example.test/tea")["id"]
    cup = talk.post("/v1/products", name="Cup", shippable=True)["id"]
    talk.post("/v1/products", name="Course", shippable=False)
    assert _ids(talk.get("/v1/products", shippable=True)) == [cup, tea]
    assert _ids(talk.get("/v1/products", ids=[tea, "prod_nope"])) == [tea]
    assert _ids(talk.get("/v1/products", shippable=True, url="https://example.test/tea")) == [tea]
    assert _ids(talk.get("/v1/products/search", query="name~'cup'")) == [cup]


def test_a_product_with_a_price_cannot_be_deleted_and_a_deleted_one_is_gone(talk: Any) -> None:
    """Stripe, recorded: 400 for one with prices; after deletion 404, unlike customers."""
    price = _price(talk)
    at = f"/v1/products/{price['product']}"
    assert "user-created prices" in talk.refused("DELETE", at)["message"]
    bare = talk.post("/v1/products", name="Bare", id="prod_bare")["id"]
    assert talk.delete(f"/v1/products/{bare}") == {"id": bare, "object": "product", "deleted": True}
    for method in ("GET", "POST", "DELETE"):
        error = talk.refused(method, f"/v1/products/{bare}", 404)
        assert (error["code"], error["param"]) == ("resource_missing", "id")
    assert talk.refused("POST", "/v1/prices", product=bare, currency="usd", unit_amount=1)["param"] == "product"
    assert talk.refused("POST", "/v1/products", name="x", id="prod_bare")["code"] == "resource_already_exists"
    assert talk.refused("POST", "/v1/products", name="x", id="gold")["param"] == "id"


def test_a_default_price_must_be_the_products_own(talk: Any) -> None:
    """Ours: a product is not sold at another product's price."""
    price, other = _price(talk), _price(talk)
    at = f"/v1/products/{price['product']}"
    assert talk.post(at, default_price=price["id"])["default_price"] == price["id"]
    assert talk.refused("POST", at, default_price=other["id"])["param"] == "default_price"


def test_a_lookup_key_moves_only_when_it_is_told_to(talk: Any) -> None:
    """Stripe, recorded: taken even by an inactive price; `transfer_lookup_key` takes it away, with an event each."""
    holder = _price(talk, lookup_key="tea")
    talk.post(f"/v1/prices/{holder['id']}", active=False)
    error = talk.refused(
        "POST", "/v1/prices", product=holder["product"], currency="usd", unit_amount=1, lookup_key="tea"
    )
    assert error["message"] == f"A price (`{holder['id']}`) already uses that lookup key."
    taker = _price(talk, lookup_key="tea", transfer_lookup_key=True)
    assert talk.get(f"/v1/prices/{holder['id']}")["lookup_key"] is None
    assert _ids(talk.get("/v1/prices", lookup_keys=["tea", "coffee"])) == [taker["id"]]
    assert talk.post(f"/v1/prices/{taker['id']}", lookup_key="tea")["lookup_key"] == "tea"
    back = talk.post(f"/v1/prices/{holder['id']}", lookup_key="tea", transfer_lookup_key=True)
    assert back["lookup_key"] == "tea"
    assert _ids(talk.get("/v1/prices/search", query="lookup_key:'tea'")) == [holder["id"]]


def test_prices_are_filtered_by_everything_that_stripe_filters_by(talk: Any) -> None:
    """Stripe: product, type, currency, interval and activity, together."""
    product = talk.post("/v1/products", name="Tea")["id"]
    once = _price(talk, product=product)["id"]
    monthly = _price(talk, product=product, recurring={"interval": "month"})["id"]
    yearly = _price(talk, product=product, currency="eur", recurring={"interval": "year"})["id"]
    talk.post(f"/v1/prices/{yearly}", active=False)
    _price(talk)
    listed = {
        "product": ({"product": product}, [yearly, monthly, once]),
        "type": ({"product": product, "type": "recurring"}, [yearly, monthly]),
        "currency": ({"currency": "eur"}, [yearly]),
        "interval": ({"recurring": {"interval": "month"}}, [monthly]),
        "active": ({"product": product, "active": True}, [monthly, once]),
        "usage": ({"recurring": {"usage_type": "metered"}}, []),
    }
    for name, (sent, expected) in listed.items():
        assert _ids(talk.get("/v1/prices", **sent)) == expected, name


def test_an_amount_with_a_fraction_is_kept_exactly(talk: Any) -> None:
    """Stripe: up to twelve decimals; the whole-number field is null only where there is a fraction."""
    for sent, whole, exact in (("0.000001", None, "0.000001"), ("12.50", None, "12.5"), ("300.00", 300, "300")):
        asked = {"product_data": {"name": "Tea"}, "currency": "usd", "unit_amount_decimal": sent}
        price = talk.post("/v1/prices", **asked)
        assert (price["unit_amount"], price["unit_amount_decimal"]) == (whole, exact)


@pytest.mark.parametrize(
    ("sent", "param", "words"),
    [
        ({"unit_amount_decimal": "1.5"}, "unit_amount", "unit_amount, unit_amount_decimal"),
        ({"recurring": {"interval": "month", "interval_count": 37}}, "recurring[interval_count]", "at most 36"),
        ({"recurring": {"interval": "fortnight"}}, "recurring[interval]", "day, month, week, or year"),
        ({"currency": "xyz"}, "currency", "Invalid currency"),
        ({"unit_amount": -1}, "unit_amount", "greater than or equal to 0"),
        ({"tiers_mode": "volume"}, "tiers_mode", "billing_scheme"),
        ({"currency_options": {"EUR": {"unit_amount": 1}}}, "currency_options", "Use `eur` instead of `EUR`"),
        ({"colour": "green"}, "colour", "unknown parameter"),
    ],
)
def test_a_price_that_makes_no_sense_is_refused_by_name(
    talk: Any, sent: dict[str, Any], param: str, words: str
) -> None:
    """Stripe: the parameter to blame is named, nothing is made."""
    product = talk.post("/v1/products", name="Tea")["id"]
    asked = {"product": product, "currency": "usd", "unit_amount": 100, **sent}
    error = talk.refused("POST", "/v1/prices", **asked)
    assert error["param"] == param
    assert words in error["message"]
    assert talk.get("/v1/prices")["data"] == []


def test_tiers_must_rise_and_end_open(talk: Any) -> None:
    """Stripe: the last tier goes to infinity; tiers are shown only when they are expanded."""
    base = {"currency": "usd", "billing_scheme": "tiered", "tiers_mode": "volume", "recurring": {"interval": "month"}}
    base["product"] = talk.post("/v1/products", name="Tea")["id"]
    for wrong in ([10, 5, "inf"], [5], ["inf", 5], [5, "many"]):
        tiers = [{"up_to": bound, "unit_amount": 1} for bound in wrong]
        assert talk.refused("POST", "/v1/prices", **base, tiers=tiers)["param"].startswith("tiers")
    price = talk.post("/v1/prices", **base, tiers=[{"up_to": 5, "flat_amount": 9}, {"up_to": "inf", "unit_amount": 1}])
    assert "tiers" not in price
    tiers = talk.get(f"/v1/prices/{price['id']}", expand=["tiers"])["tiers"]
    assert [(tier["up_to"], tier["flat_amount"], tier["unit_amount"]) for tier in tiers] == [
        (5, 9, None),
        (None, None, 1),
    ]


def test_an_update_never_changes_what_a_price_costs(talk: Any) -> None:
    """Stripe: amounts are not parameters of the update; a tax behaviour is chosen once."""
    price = _price(talk)
    at = f"/v1/prices/{price['id']}"
    assert talk.refused("POST", at, unit_amount=1)["code"] == "parameter_unknown"
    assert talk.post(at, tax_behavior="inclusive")["tax_behavior"] == "inclusive"
    assert talk.refused("POST", at, tax_behavior="exclusive")["param"] == "tax_behavior"


TIERS = [
    {"up_to": 5, "unit_amount": 500, "flat_amount": 100},
    {"up_to": 10, "unit_amount": 400},
    {"up_to": "inf", "unit_amount_decimal": "250.5", "flat_amount": 50},
]


def _tiered(talk: Any, mode: str, **more: Any) -> str:
    sent = {"currency": "usd", "recurring": {"interval": "month"}, "billing_scheme": "tiered", "tiers_mode": mode}
    made = talk.post("/v1/prices", product_data={"name": "Seats"}, tiers=TIERS, **sent, **more)
    return str(made["id"])


@pytest.mark.parametrize(
    ("mode", "quantity", "cost"),
    [
        ("graduated", 0, 100),
        ("graduated", 5, 2_600),
        ("graduated", 6, 3_000),
        ("graduated", 12, 5_151),
        ("volume", 0, 100),
        ("volume", 5, 2_600),
        ("volume", 6, 2_400),
        ("volume", 12, 3_056),
    ],
)
def test_a_tiered_price_costs_what_its_tiers_say(talk: Any, subs: Any, mode: str, quantity: int, cost: int) -> None:
    """Stripe: `graduated` bills each unit at its own tier, `volume` all of them at the last one reached."""
    items = [{"price": _tiered(talk, mode), "quantity": quantity}]
    made = talk.post("/v1/subscriptions", customer=subs.customer(talk), items=items)
    assert subs.look(talk, made)["latest_invoice"]["total"] == cost


def test_a_price_has_amounts_in_further_currencies(talk: Any) -> None:
    """Stripe: `currency_options` are added later too, and an invoice item is billed in the one that it names."""
    options = {"eur": {"unit_amount": 900}}
    made = talk.post(
        "/v1/prices", product_data={"name": "Once"}, currency="usd", unit_amount=1_000, currency_options=options
    )
    at = f"/v1/prices/{made['id']}"
    talk.post(at, currency_options={"gbp": {"unit_amount": 800}})
    shown = talk.get(at, expand=["currency_options"])["currency_options"]
    assert {code: one["unit_amount"] for code, one in shown.items()} == {"usd": 1_000, "eur": 900, "gbp": 800}
    customer = talk.post("/v1/customers")["id"]
    item = talk.post("/v1/invoiceitems", customer=customer, pricing={"price": made["id"]}, currency="eur", quantity=2)
    assert (item["amount"], item["currency"]) == (1_800, "eur")
    error = talk.refused("POST", "/v1/invoiceitems", customer=customer, pricing={"price": made["id"]}, currency="jpy")
    assert error["param"] == "currency"
    assert talk.refused("POST", at, currency_options={"usd": {"unit_amount": 5}})["param"] == "currency_options[usd]"


def test_tiers_in_further_currencies_are_checked_alike(talk: Any) -> None:
    """Ours: an option must be of the price's own kind."""
    euros = {"eur": {"tiers": [{"up_to": 5, "unit_amount": 5}]}}
    sent = {"currency": "usd", "recurring": {"interval": "month"}, "billing_scheme": "tiered", "tiers_mode": "volume"}
    error = talk.refused("POST", "/v1/prices", product_data={"name": "S"}, tiers=TIERS, currency_options=euros, **sent)
    assert error["param"] == "currency_options[eur][tiers]"


def test_a_default_price_is_not_archived(talk: Any) -> None:
    """Stripe: first another price must be the product's default."""
    data = {"currency": "usd", "unit_amount": 500}
    product = talk.post("/v1/products", name="Tea", default_price_data=data)
    at = f"/v1/prices/{product['default_price']}"
    assert "default price" in talk.refused("POST", at, active=False)["message"]
    other = talk.post("/v1/prices", product=product["id"], **data)["id"]
    talk.post(f"/v1/products/{product['id']}", default_price=other)
    assert talk.post(at, active=False)["active"] is False


def test_a_feature_is_had_while_a_subscription_runs(talk: Any, subs: Any) -> None:
    """Stripe: active entitlements follow the products of the subscriptions; each key and attachment is there once."""
    feature = talk.post("/v1/entitlements/features", lookup_key="tea", name="Tea")["id"]
    again = talk.refused("POST", "/v1/entitlements/features", lookup_key="tea", name="More")
    assert again["param"] == "lookup_key"
    price = talk.get(f"/v1/prices/{subs.price(talk, 500)}")
    at = f"/v1/products/{price['product']}/features"
    assert talk.post(at, entitlement_feature=feature)["entitlement_feature"]["lookup_key"] == "tea"
    assert talk.refused("POST", at, entitlement_feature=feature)["param"] == "entitlement_feature"
    customer = subs.customer(talk)
    had = [talk.get("/v1/entitlements/active_entitlements", customer=customer)["data"]]
    made = subs.subscribe(talk, customer, price["id"])
    had.append(talk.get("/v1/entitlements/active_entitlements", customer=customer)["data"])
    talk.delete(f"/v1/subscriptions/{made['id']}")
    had.append(talk.get("/v1/entitlements/active_entitlements", customer=customer)["data"])
    assert [[one["feature"] for one in each] for each in had] == [[], [feature], []]


def test_a_subscription_is_billed_in_a_further_currency_of_its_price(talk: Any, subs: Any) -> None:
    """Stripe: `currency` of the subscription picks the option; renewals and prorations are in it too."""
    data = {"currency": "usd", "recurring": {"interval": "month"}}
    cheap, dear = (
        talk.post(
            "/v1/prices",
            product_data={"name": "P"},
            unit_amount=amount,
            currency_options={"eur": {"unit_amount": amount - 100}},
            **data,
        )["id"]
        for amount in (1_000, 3_000)
    )
    made = subs.subscribe(talk, subs.customer(talk), cheap, currency="eur")
    first = subs.look(talk, made)["latest_invoice"]
    assert (made["currency"], first["currency"], first["total"]) == ("eur", "eur", 900)
    talk.clock.pass_s(15 * 86_400)
    item = {"id": made["items"]["data"][0]["id"], "price": dear}
    talk.post(f"/v1/subscriptions/{made['id']}", items=[item], proration_behavior="always_invoice")
    assert subs.look(talk, made)["latest_invoice"]["total"] == 1_000
    talk.clock.pass_s(16 * 86_400)
    assert subs.look(talk, made)["latest_invoice"]["total"] == 2_900
    only = subs.price(talk, 500)
    error = talk.refused(
        "POST", "/v1/subscriptions", customer=made["customer"], items=[{"price": only}], currency="eur"
    )
    assert "only supports `usd`" in error["message"]
