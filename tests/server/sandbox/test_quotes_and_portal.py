"""Quotes, from the draft to what accepting them makes; and the billing portal's page."""

from typing import Any

import pytest

DAY_S = 86_400


def _once(talk: Any, unit_amount: int = 500) -> str:
    return str(talk.post("/v1/prices", product_data={"name": "Book"}, currency="usd", unit_amount=unit_amount)["id"])


def _quote(subs: Any, talk: Any, *prices: str, **more: Any) -> dict[str, Any]:
    lines = [{"price": price} for price in prices]
    return dict(talk.post("/v1/quotes", **{"customer": subs.customer(talk), "line_items": lines, **more}))


def _accept(talk: Any, quote: dict[str, Any]) -> dict[str, Any]:
    talk.post(f"/v1/quotes/{quote['id']}/finalize")
    return dict(talk.post(f"/v1/quotes/{quote['id']}/accept", expand=["invoice", "subscription"]))


def test_a_quote_adds_up_what_comes_at_once_and_each_period(subs: Any, talk: Any) -> None:
    """Stripe: `computed.upfront` is what accepting costs, `computed.recurring` each later period, with taxes on top."""
    rate = talk.post("/v1/tax_rates", display_name="VAT", percentage=25, inclusive=False)["id"]
    quote = _quote(subs, talk, subs.price(talk), _once(talk), default_tax_rates=[rate])
    computed = quote["computed"]
    assert (quote["amount_subtotal"], quote["amount_total"]) == (1_500, 1_875)
    assert (computed["upfront"]["amount_total"], computed["recurring"]["amount_total"]) == (1_875, 1_250)
    trial = talk.post(f"/v1/quotes/{quote['id']}", subscription_data={"trial_period_days": 7})
    assert (trial["amount_total"], trial["computed"]["recurring"]["amount_total"]) == (625, 1_250)
    lines = talk.get(f"/v1/quotes/{quote['id']}/line_items")["data"]
    assert [(one["amount_subtotal"], one["amount_tax"]) for one in lines] == [(1_000, 250), (500, 125)]
    upfront = talk.get(f"/v1/quotes/{quote['id']}/computed_upfront_line_items")["data"]
    assert [one["amount_total"] for one in upfront] == [625]


def test_accepting_a_quote_makes_the_subscription_with_its_extras(subs: Any, talk: Any) -> None:
    """Stripe: recurring lines become a subscription, the others are on its first invoice, a draft for an hour."""
    accepted = _accept(talk, _quote(subs, talk, subs.price(talk), _once(talk)))
    assert (accepted["status"], accepted["subscription"]["status"]) == ("accepted", "active")
    assert (accepted["invoice"]["status"], accepted["invoice"]["total"]) == ("draft", accepted["amount_total"])
    talk.clock.pass_s(7_200)
    assert talk.get(f"/v1/invoices/{accepted['invoice']['id']}")["status"] == "paid"


def test_accepting_a_quote_for_things_bought_once_makes_a_draft(subs: Any, talk: Any) -> None:
    """Stripe: without recurring lines there is only an invoice, made by the quote."""
    accepted = _accept(talk, _quote(subs, talk, _once(talk)))
    invoice = accepted["invoice"]
    assert (accepted["subscription"], invoice["status"], invoice["total"]) == (None, "draft", 500)
    assert invoice["parent"]["quote_details"] == {"quote": accepted["id"]}


@pytest.mark.parametrize("recurs", [True, False])
def test_a_quotes_discounts_are_redeemed_when_it_is_accepted(subs: Any, talk: Any, recurs: bool) -> None:
    """Stripe: a quote shows what coupons take off; they are used up by what accepting it makes."""
    whole = talk.post("/v1/coupons", percent_off=10, duration="once")["id"]
    of_line = talk.post("/v1/coupons", amount_off=200, currency="usd", duration="once")["id"]
    price = subs.price(talk) if recurs else _once(talk, 1_000)
    lines = [{"price": price, "discounts": [{"coupon": of_line}]}]
    quote = _quote(subs, talk, line_items=lines, discounts=[{"coupon": whole}])
    assert (quote["amount_subtotal"], quote["amount_total"]) == (1_000, 720)
    assert quote["total_details"]["amount_discount"] == 280
    assert talk.get(f"/v1/quotes/{quote['id']}/line_items")["data"][0]["amount_discount"] == 280
    assert talk.get(f"/v1/coupons/{whole}")["times_redeemed"] == 0
    assert _accept(talk, quote)["invoice"]["total"] == 720
    assert {talk.get(f"/v1/coupons/{one}")["times_redeemed"] for one in (whole, of_line)} == {1}


def test_a_quote_for_a_later_day_makes_a_schedule(subs: Any, talk: Any) -> None:
    """Stripe: `effective_date` in the future; the subscription begins on that day."""
    data = {"effective_date": talk.clock.now + 5 * DAY_S}
    accepted = _accept(talk, _quote(subs, talk, subs.price(talk), _once(talk), subscription_data=data))
    assert accepted["subscription"] is None
    talk.clock.pass_s(6 * DAY_S)
    assert [one["total"] for one in talk.get("/v1/invoices")["data"]] == [1_500]
    schedule = talk.get(f"/v1/subscription_schedules/{accepted['subscription_schedule']}", expand=["subscription"])
    assert (schedule["status"], schedule["subscription"]["status"]) == ("active", "active")


def test_a_revision_keeps_the_number_and_replaces_the_quote(subs: Any, talk: Any) -> None:
    """Stripe: the second revision ends in -2, and the first one is canceled when that is finalized."""
    first = _quote(subs, talk, _once(talk))
    number = talk.post(f"/v1/quotes/{first['id']}/finalize")["number"]
    second = talk.post("/v1/quotes", from_quote={"quote": first["id"], "is_revision": True})
    assert second["amount_total"] == 500
    revised = talk.post(f"/v1/quotes/{second['id']}/finalize")["number"]
    assert (number[:-1], number[-1], revised) == (revised[:-1], "1", f"{number[:-1]}2")
    assert talk.get(f"/v1/quotes/{first['id']}")["status"] == "canceled"


def test_a_quote_goes_only_the_ways_that_it_may(subs: Any, talk: Any) -> None:
    """Stripe: drafts are changed, open ones accepted, and nobody waits longer than until it expires."""
    quote = _quote(subs, talk, _once(talk))
    at = f"/v1/quotes/{quote['id']}"
    assert "open" in talk.refused("POST", f"{at}/accept")["message"]
    talk.post(f"{at}/finalize")
    for doing in ("", "/finalize"):
        assert "draft" in talk.refused("POST", f"{at}{doing}", **({} if doing else {"header": "Tea"}))["message"]
    talk.clock.now = quote["expires_at"]
    assert talk.get(at)["status"] == "canceled"
    assert "PDF" in talk.refused("GET", f"{at}/pdf")["message"]
    nobody = talk.post("/v1/quotes", line_items=[{"price": _once(talk)}])
    assert talk.refused("POST", f"/v1/quotes/{nobody['id']}/finalize")["param"] == "customer"
    assert subs.types(talk, of="quote.") == ["quote.created", "quote.finalized", "quote.canceled", "quote.created"]


def _browse(talk: Any, method: str, path: str, body: str = "") -> tuple[int, dict[str, str], str]:
    """What a browser gets: no key, and a page instead of JSON."""
    coroutine = talk.sandbox.respond(method, path, {"host": "box.test"}, body.encode())
    try:
        coroutine.send(None)
    except StopIteration as done:
        status, headers, page = done.value
    return status, headers, page.decode()


def _session(talk: Any, **sent: Any) -> str:
    made = talk.post("/v1/billing_portal/sessions", **sent)
    return "/_sandbox/pages/portal/" + str(made["url"]).rsplit("/", 1)[1]


def test_a_customer_cancels_on_the_portals_page(subs: Any, talk: Any) -> None:
    """Ours: the page stands for Stripe's; it shows what the customer has and does what the configuration allows."""
    customer = talk.post("/v1/customers", name="<script>alert(1)</script>")["id"]
    talk.post(f"/v1/customers/{customer}", balance=-5_000)
    made = subs.subscribe(talk, customer, subs.price(talk))
    path = _session(talk, customer=customer)
    status, headers, page = _browse(talk, "GET", path)
    assert (status, headers["Content-Type"].partition(";")[0]) == (200, "text/html")
    assert "<script>" not in page
    assert f'value="{made["id"]}"' in page
    status, headers, _ = _browse(talk, "POST", path, f"cancel={made['id']}")
    assert (status, headers["Location"]) == (302, path)
    assert talk.get(f"/v1/subscriptions/{made['id']}")["cancel_at_period_end"] is True
    assert 'name="cancel"' not in _browse(talk, "GET", path)[2]
    assert _browse(talk, "POST", path, f"resume={made['id']}")[0] == 302
    assert talk.get(f"/v1/subscriptions/{made['id']}")["cancel_at_period_end"] is False


def test_the_page_changes_the_card_that_is_charged(subs: Any, talk: Any) -> None:
    """Ours: a card that is added becomes the default, of the customer and of the subscription that names one."""
    customer = subs.customer(talk)
    old = talk.get(f"/v1/customers/{customer}")["invoice_settings"]["default_payment_method"]
    made = subs.subscribe(talk, customer, subs.price(talk), default_payment_method=old)
    path = _session(talk, customer=customer)
    status, _, page = _browse(talk, "POST", path, "add=card&number=4242424242424241&expiry=12/40&cvc=123")
    assert (status, "Your card number is incorrect." in page) == (402, True)
    assert _browse(talk, "POST", path, "add=card&number=5555555555554444&expiry=12/40&cvc=123")[0] == 302
    new = talk.get(f"/v1/customers/{customer}")["invoice_settings"]["default_payment_method"]
    assert new != old
    assert talk.get(f"/v1/subscriptions/{made['id']}")["default_payment_method"] == new
    assert "Mastercard ending in 4444" in _browse(talk, "GET", path)[2]
    assert _browse(talk, "POST", path, f"default={old}")[0] == 302
    assert talk.get(f"/v1/customers/{customer}")["invoice_settings"]["default_payment_method"] == old


def test_the_page_does_nothing_for_strangers(subs: Any, talk: Any) -> None:
    """Ours: another customer's subscription is not cancelled, and an unknown session is no session."""
    other = subs.subscribe(talk, subs.customer(talk), subs.price(talk))
    path = _session(talk, customer=subs.customer(talk))
    assert _browse(talk, "POST", path, f"cancel={other['id']}")[0] == 400
    assert _browse(talk, "GET", "/_sandbox/pages/portal/test_nobody")[0] == 404
    assert talk.get(f"/v1/subscriptions/{other['id']}")["cancel_at"] is None


def test_a_configuration_decides_what_the_page_offers(subs: Any, talk: Any) -> None:
    """Stripe: features are off unless switched on; an inactive one makes no sessions, the default one stays."""
    customer = subs.customer(talk)
    subs.subscribe(talk, customer, subs.price(talk))
    made = talk.post("/v1/billing_portal/configurations", features={"invoice_history": {"enabled": False}})
    page = _browse(talk, "GET", _session(talk, customer=customer, configuration=made["id"]))[2]
    assert "Invoices" not in page
    assert "<button" not in page
    talk.post(f"/v1/billing_portal/configurations/{made['id']}", active=False)
    asked = {"customer": customer, "configuration": made["id"]}
    assert talk.refused("POST", "/v1/billing_portal/sessions", **asked)["param"] == "configuration"
    _session(talk, customer=customer)
    default = talk.get("/v1/billing_portal/configurations", is_default=True)["data"][0]["id"]
    assert talk.refused("POST", f"/v1/billing_portal/configurations/{default}", active=False)["param"] == "active"


@pytest.mark.parametrize("flow", ["subscription_cancel", "subscription_update"])
def test_a_flow_needs_a_subscription_of_the_customer(subs: Any, talk: Any, flow: str) -> None:
    """Stripe: a deep link into the portal names what it is about, and that must be the customer's."""
    other = subs.subscribe(talk, subs.customer(talk), subs.price(talk))
    asked = {"customer": subs.customer(talk), "flow_data": {"type": flow}}
    assert talk.refused("POST", "/v1/billing_portal/sessions", **asked)["param"] == f"flow_data[{flow}]"
    asked["flow_data"] = {"type": flow, flow: {"subscription": other["id"]}}
    error = talk.refused("POST", "/v1/billing_portal/sessions", **asked)
    assert error["param"] == f"flow_data[{flow}][subscription]"
