"""Checkout sessions: what they take, what completing one makes, and what ends one."""

from typing import Any

import pytest

TEA = {"currency": "usd", "product_data": {"name": "Tea"}, "unit_amount": 1_500}
LINE = {"price_data": TEA, "quantity": 2}
MONTHLY = {"price_data": {**TEA, "recurring": {"interval": "month"}}, "quantity": 1}
DONE = "https://shop.test/done?session={CHECKOUT_SESSION_ID}"


def _session(talk: Any, **more: Any) -> dict[str, Any]:
    sent = {"mode": "payment", "line_items": [LINE], "success_url": DONE, **more}
    made: dict[str, Any] = talk.post("/v1/checkout/sessions", **{k: v for k, v in sent.items() if v is not None})
    return made


def _refused(talk: Any, **more: Any) -> dict[str, Any]:
    sent = {"mode": "payment", "line_items": [LINE], "success_url": DONE, **more}
    kept = {name: value for name, value in sent.items() if value is not None}
    return dict(talk.refused("POST", "/v1/checkout/sessions", **kept))


def _complete(talk: Any, session: dict[str, Any], **more: Any) -> dict[str, Any]:
    done: dict[str, Any] = talk.post(f"/_sandbox/checkout/sessions/{session['id']}/complete", **more)
    return done


def _browse(talk: Any, method: str, path: str, body: str = "") -> tuple[int, dict[str, str], str]:
    coroutine = talk.sandbox.respond(method, path, {"host": "box.test"}, body.encode())
    try:
        coroutine.send(None)
    except StopIteration as done:
        status, headers, page = done.value
    return status, headers, page.decode()


def test_a_payment_is_made_when_the_session_completes(talk: Any, subs: Any) -> None:
    """Stripe: no intent before, then one for the total, as `payment_intent_data` says; a guest is no customer."""
    session = _session(talk, payment_intent_data={"metadata": {"order": "7"}, "description": "Tea for two"})
    assert (session["payment_intent"], session["payment_status"], session["amount_total"]) == (None, "unpaid", 3_000)
    done = _complete(talk, session, email="zoe@shop.test", expand=["payment_intent.latest_charge"])
    intent = done["payment_intent"]
    assert (done["status"], done["payment_status"], done["url"], done["customer"]) == ("complete", "paid", None, None)
    assert (intent["amount"], intent["metadata"], intent["description"]) == (3_000, {"order": "7"}, "Tea for two")
    assert intent["latest_charge"]["billing_details"]["email"] == "zoe@shop.test"
    assert subs.types(talk, of="checkout.") == ["checkout.session.completed"]
    assert "complete" in talk.refused("POST", f"/v1/checkout/sessions/{session['id']}/expire")["message"]
    assert talk.get("/v1/checkout/sessions", payment_intent=intent["id"])["data"][0]["id"] == session["id"]


def test_a_decline_leaves_the_session_open(talk: Any) -> None:
    """Stripe: the intent keeps the failed charge, and the customer tries another card."""
    session = _session(talk)
    at = f"/_sandbox/checkout/sessions/{session['id']}/complete"
    assert talk.refused("POST", at, 402, payment_method="pm_card_chargeDeclined")["code"] == "card_declined"
    tried = talk.get(f"/v1/checkout/sessions/{session['id']}")
    done = _complete(talk, session)
    assert (tried["status"], done["status"]) == ("open", "complete")
    assert tried["payment_intent"] == done["payment_intent"]
    assert len(talk.get("/v1/charges", payment_intent=done["payment_intent"])["data"]) == 2


def test_a_held_payment_is_complete_but_not_paid(talk: Any) -> None:
    """Stripe: with manual capture the session completes unpaid; capturing is what pays it."""
    session = _session(talk, payment_intent_data={"capture_method": "manual"})
    done = _complete(talk, session)
    assert (done["status"], done["payment_status"]) == ("complete", "unpaid")
    talk.post(f"/v1/payment_intents/{done['payment_intent']}/capture")
    assert talk.get(f"/v1/checkout/sessions/{session['id']}")["payment_status"] == "paid"


@pytest.mark.parametrize(
    ("iban", "event", "status"),
    [
        ("DE89370400440532013000", "async_payment_succeeded", "paid"),
        ("DE62370400440532013001", "async_payment_failed", "unpaid"),
    ],
)
def test_a_debit_completes_first_and_is_paid_later(talk: Any, subs: Any, iban: str, event: str, status: str) -> None:
    """Stripe: delayed methods complete the session unpaid; the bank's answer is an event of its own."""
    line = {"price_data": {**TEA, "currency": "eur"}, "quantity": 1}
    session = _session(talk, line_items=[line], payment_method_types=["sepa_debit"])
    billing = {"name": "Zoë", "email": "zoe@shop.test"}
    data = {"type": "sepa_debit", "sepa_debit": {"iban": iban}, "billing_details": billing}
    assert _complete(talk, session, payment_method_data=data)["payment_status"] == "unpaid"
    talk.clock.pass_s(600)
    assert talk.get(f"/v1/checkout/sessions/{session['id']}")["payment_status"] == status
    assert subs.types(talk, of="checkout.") == ["checkout.session.completed", f"checkout.session.{event}"]


def test_a_subscription_is_begun_and_charged_to_its_card(talk: Any) -> None:
    """Stripe: customer, subscription and invoice come of it; what is bought once goes on the first invoice."""
    session = _session(
        talk, mode="subscription", line_items=[MONTHLY, LINE], subscription_data={"metadata": {"a": "b"}}
    )
    assert (session["amount_total"], session["customer_creation"]) == (4_500, "always")
    done = _complete(talk, session, name="Zoë", expand=["subscription", "invoice", "customer"])
    subscription = done["subscription"]
    assert (subscription["status"], subscription["metadata"], done["invoice"]["total"]) == ("active", {"a": "b"}, 4_500)
    assert subscription["default_payment_method"] is not None
    assert done["customer"]["name"] == "Zoë"
    talk.clock.pass_s(32 * 86_400)
    assert [one["total"] for one in talk.get("/v1/invoices", subscription=subscription["id"])["data"]] == [1_500, 4_500]


def test_a_wallet_that_was_saved_pays_the_renewals(talk: Any) -> None:
    """Stripe: the customer approves Klarna once, on its own page; later invoices are charged without them."""
    session = _session(talk, mode="subscription", line_items=[MONTHLY], payment_method_types=["klarna"])
    at = f"/_sandbox/checkout/sessions/{session['id']}/complete"
    assert talk.post(at, payment_method_data={"type": "klarna"})["status"] == "open"
    intent = talk.get("/v1/payment_intents")["data"][0]
    talk.post(f"/_sandbox/payment_intents/{intent['id']}/authenticate", outcome="succeed")
    done = talk.get(f"/v1/checkout/sessions/{session['id']}", expand=["subscription"])
    assert (done["status"], done["subscription"]["status"]) == ("complete", "active")
    talk.clock.pass_s(32 * 86_400)
    talk.get("/v1/events", limit=1)
    invoices = talk.get("/v1/invoices", subscription=done["subscription"]["id"])["data"]
    assert [one["status"] for one in invoices] == ["paid", "paid"]


def test_a_tax_id_is_taken_where_it_is_asked_for(talk: Any) -> None:
    """Stripe: `tax_id_collection`; the new customer has it, and a wrong one is refused before anything is paid."""
    session = _session(talk, tax_id_collection={"enabled": True}, customer_creation="always")
    at = f"/_sandbox/checkout/sessions/{session['id']}/complete"
    assert talk.refused("POST", at, tax_id={"type": "eu_vat", "value": "12"})["param"] == "tax_id"
    done = _complete(talk, session, tax_id={"type": "eu_vat", "value": "DE123456789"})
    assert done["customer_details"]["tax_ids"] == [{"type": "eu_vat", "value": "DE123456789"}]
    assert talk.get(f"/v1/customers/{done['customer']}/tax_ids")["data"][0]["value"] == "DE123456789"
    plain = f"/_sandbox/checkout/sessions/{_session(talk)['id']}/complete"
    assert talk.refused("POST", plain, tax_id={"type": "eu_vat", "value": "DE123456789"})["param"] == "tax_id"


def test_a_trial_saves_a_card_and_takes_nothing_yet(talk: Any) -> None:
    """Stripe: a trial is due at its end; without a need for a card none is asked."""
    trial = {"mode": "subscription", "line_items": [MONTHLY], "subscription_data": {"trial_period_days": 7}}
    session = _session(talk, **trial)
    done = _complete(talk, session, expand=["subscription"])
    assert (done["amount_total"], done["payment_status"]) == (0, "no_payment_required")
    assert (done["subscription"]["status"], done["payment_intent"]) == ("trialing", None)
    assert done["subscription"]["default_payment_method"] is not None
    free = _complete(talk, _session(talk, **trial, payment_method_collection="if_required"), expand=["subscription"])
    assert free["subscription"]["default_payment_method"] is None
    talk.clock.pass_s(8 * 86_400)
    assert talk.get(f"/v1/subscriptions/{done['subscription']['id']}")["status"] == "active"


def test_a_declined_subscription_can_be_paid_by_another_card(talk: Any) -> None:
    """Stripe: the incomplete subscription waits for the next card; there is only ever one."""
    session = _session(talk, mode="subscription", line_items=[MONTHLY])
    at = f"/_sandbox/checkout/sessions/{session['id']}/complete"
    talk.refused("POST", at, 402, payment_method="pm_card_chargeDeclined")
    assert talk.get(f"/v1/checkout/sessions/{session['id']}")["subscription"] is None
    done = _complete(talk, session)
    found = talk.get("/v1/subscriptions", status="all")["data"]
    assert [(one["id"], one["status"]) for one in found] == [(done["subscription"], "active")]


def test_a_setup_session_only_saves(talk: Any) -> None:
    """Stripe: a setup intent from the start, nothing to pay, the card is the customer's afterwards."""
    customer = talk.post("/v1/customers", name="Zoë")["id"]
    session = _session(talk, mode="setup", line_items=None, currency="usd", customer=customer)
    assert (session["payment_status"], session["amount_total"]) == ("no_payment_required", None)
    done = _complete(talk, session, expand=["setup_intent"])
    assert (done["status"], done["setup_intent"]["status"]) == ("complete", "succeeded")
    assert len(talk.get("/v1/payment_methods", customer=customer)["data"]) == 1


def test_an_invoice_is_made_where_it_is_asked_for(talk: Any) -> None:
    """Stripe: `invoice_creation` makes a customer and an invoice of the same total, paid by the intent."""
    rate = talk.post("/v1/tax_rates", display_name="VAT", percentage=20, inclusive=False)["id"]
    session = _session(
        talk,
        line_items=[{**LINE, "tax_rates": [rate]}],
        invoice_creation={"enabled": True, "invoice_data": {"footer": "Takk"}},
        discounts=[{"coupon": talk.post("/v1/coupons", percent_off=10, duration="once")["id"]}],
        shipping_options=[
            {"shipping_rate_data": {"display_name": "Ground", "fixed_amount": {"amount": 500, "currency": "usd"}}}
        ],
    )
    assert session["total_details"] == {"amount_discount": 300, "amount_shipping": 500, "amount_tax": 540}
    done = _complete(talk, session, expand=["invoice", "payment_intent"])
    assert done["amount_total"] == 3_740
    assert (done["invoice"]["status"], done["invoice"]["footer"]) == ("paid", "Takk")
    assert done["payment_intent"]["amount_received"] == done["invoice"]["total"]
    assert done["invoice"]["total"] == done["amount_total"]


def test_a_promotion_code_is_redeemed_once_the_session_completes(talk: Any) -> None:
    """Stripe: entered by the customer, counted when paid; without `allow_promotion_codes` there is no field."""
    coupon = talk.post("/v1/coupons", amount_off=1_000, currency="usd", duration="once")["id"]
    made = talk.post("/v1/promotion_codes", promotion={"type": "coupon", "coupon": coupon}, code="LESS")["id"]
    session = _session(talk, allow_promotion_codes=True)
    assert talk.get(f"/v1/promotion_codes/{made}")["times_redeemed"] == 0
    done = _complete(talk, session, promotion_code="less", expand=["line_items.data.discounts"])
    assert (done["amount_total"], done["discounts"]) == (2_000, [{"coupon": None, "promotion_code": made}])
    assert done["line_items"]["data"][0]["discounts"][0]["amount"] == 1_000
    assert talk.get(f"/v1/promotion_codes/{made}")["times_redeemed"] == 1
    at = f"/_sandbox/checkout/sessions/{_session(talk)['id']}/complete"
    assert talk.refused("POST", at, promotion_code="LESS")["param"] == "promotion_code"


def test_nothing_to_pay_needs_no_card(talk: Any) -> None:
    """Stripe: a whole discount completes the order without a payment."""
    coupon = talk.post("/v1/coupons", percent_off=100, duration="once")["id"]
    done = _complete(talk, _session(talk, discounts=[{"coupon": coupon}]))
    assert (done["amount_total"], done["payment_intent"]) == (0, None)
    assert (done["status"], done["payment_status"]) == ("complete", "no_payment_required")


def test_automatic_tax_follows_the_address_that_is_entered(talk: Any) -> None:
    """Stripe: taxes are known once the place is; only where the account is registered are they taken."""
    talk.post(
        "/v1/tax/registrations",
        country="DE",
        active_from="now",
        country_options={"de": {"type": "standard", "standard": {"place_of_supply_scheme": "standard"}}},
    )
    line = {"price_data": {**TEA, "currency": "eur", "tax_behavior": "exclusive"}, "quantity": 1}
    session = _session(talk, line_items=[line], automatic_tax={"enabled": True})
    assert (session["amount_total"], session["automatic_tax"]["status"]) == (1_500, "requires_location_inputs")
    done = _complete(talk, session, address={"country": "DE", "postal_code": "10115"})
    assert (done["total_details"]["amount_tax"], done["amount_total"]) == (285, 1_785)
    assert done["automatic_tax"]["status"] == "complete"


def test_a_session_runs_out(talk: Any, subs: Any) -> None:
    """Stripe: 24 hours by default, at least half an hour; then nobody completes it."""
    soon = _session(talk, expires_at=talk.clock.now + 1_800, after_expiration={"recovery": {"enabled": True}})
    late = _session(talk)
    assert late["expires_at"] - talk.clock.now == 86_400
    talk.clock.pass_s(1_801)
    over = talk.get(f"/v1/checkout/sessions/{soon['id']}")
    assert (over["status"], over["url"]) == ("expired", None)
    assert over["after_expiration"]["recovery"]["url"] is not None
    _, headers, _ = _browse(talk, "GET", f"/c/pay/{soon['id']}?recover=true")
    fresh = talk.get(f"/v1/checkout/sessions/{headers['Location'].rpartition('/')[2]}")
    assert (fresh["recovered_from"], fresh["status"], fresh["amount_total"]) == (soon["id"], "open", 3_000)
    talk.post(f"/v1/checkout/sessions/{late['id']}/expire")
    assert subs.types(talk, of="checkout.") == ["checkout.session.expired"] * 2
    assert "expired" in talk.refused("POST", f"/_sandbox/checkout/sessions/{late['id']}/complete")["message"]
    for wrong in (1_799, 86_401):
        assert _refused(talk, expires_at=talk.clock.now + wrong)["param"] == "expires_at"


def test_an_embedded_session_has_a_secret_instead_of_an_address(talk: Any) -> None:
    """Stripe: Stripe.js shows it, so there is no url, and it leads to `return_url`."""
    sent = {"success_url": None, "ui_mode": "embedded_page"}
    session = _session(talk, **sent, return_url=DONE)
    assert (session["url"], session["client_secret"].startswith(session["id"])) == (None, True)
    assert _complete(talk, session)["status"] == "complete"
    assert _refused(talk, **sent)["param"] == "return_url"
    assert _refused(talk, ui_mode="embedded_page", return_url=DONE)["param"] == "success_url"
    assert _session(talk, **sent, redirect_on_completion="never")["status"] == "open"


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ({"mode": None}, "mode"),
        ({"success_url": None}, "success_url"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"cancel_url": "data:text/html,x"}, "cancel_url"),
        ({"line_items": None}, "line_items"),
        ({"line_items": [{"price_data": TEA}]}, "line_items[0][quantity]"),
        ({"line_items": [{"price": "price_none", "quantity": 1}]}, "line_items[0][price]"),
        ({"line_items": [{"price_data": {**TEA, "unit_amount": 20}, "quantity": 1}]}, "line_items"),
        ({"customer_email": "nobody"}, "customer_email"),
        ({"discounts": [{"coupon": "none"}]}, "discounts[0][coupon]"),
        ({"subscription_data": {"description": "x"}}, "subscription_data"),
        ({"mode": "subscription", "line_items": [MONTHLY], "customer_creation": "always"}, "customer_creation"),
        ({"mode": "setup"}, "line_items"),
        ({"shipping_options": [{"shipping_rate": "shr_none"}]}, "shipping_options[0][shipping_rate]"),
        ({"custom_fields": [{"key": "a b", "label": {"type": "custom", "custom": "A"}, "type": "text"}]},
         "custom_fields[0][key]"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(talk: Any, sent: dict[str, Any], param: str) -> None:
    """Stripe: the error names the parameter, and no session is made."""
    assert _refused(talk, **sent)["param"] == param
    assert talk.get("/v1/checkout/sessions")["data"] == []


def test_modes_take_their_own_kind_of_price(talk: Any) -> None:
    """Stripe: its own words for a recurring price in a payment, and for a subscription without one."""
    assert "`payment` mode but passed a recurring price" in _refused(talk, line_items=[MONTHLY])["message"]
    assert "at least one recurring price" in _refused(talk, mode="subscription")["message"]


def test_what_is_asked_of_the_customer_must_be_there(talk: Any) -> None:
    """Stripe: custom fields, countries and quantities are held to what the merchant set."""
    session = _session(
        talk,
        line_items=[{**LINE, "adjustable_quantity": {"enabled": True, "minimum": 1, "maximum": 3}}],
        custom_fields=[{"key": "zip", "label": {"type": "custom", "custom": "Zip"}, "type": "numeric",
                        "numeric": {"minimum_length": 5}}],
        shipping_address_collection={"allowed_countries": ["NO"]},
        expand=["line_items"],
    )  # fmt: skip
    at = f"/_sandbox/checkout/sessions/{session['id']}/complete"
    line = session["line_items"]["data"][0]["id"]
    for value in ("", "12", "abcde"):
        fields = {"zip": value} if value else {"other": "x"}
        assert "custom_fields" in talk.refused("POST", at, custom_fields=fields)["param"]
    sent = {"custom_fields": {"zip": "12345"}}
    abroad = {"name": "Z", "address": {"line1": "1", "country": "US"}}
    assert talk.refused("POST", at, **sent, shipping=abroad)["param"] == "shipping[address][country]"
    assert talk.refused("POST", at, **sent, quantities={line: 4})["param"] == f"quantities[{line}]"
    done = _complete(talk, session, **sent, quantities={line: 3})
    assert (done["amount_total"], done["custom_fields"][0]["numeric"]["value"]) == (4_500, "12345")
    assert done["collected_information"]["shipping_details"]["address"]["country"] == "NO"


def test_the_page_says_what_is_wrong_and_keeps_what_was_entered(talk: Any) -> None:
    """Ours: no traceback and no JSON for a person; the card number is never written back."""
    path = f"/c/pay/{_session(talk)['id']}"
    wrong = "do=pay&email=zoe%40shop.test&number=4242424242424241&expiry=12/40&cvc=123"
    status, headers, page = _browse(talk, "POST", path, wrong)
    assert (status, "Your card number is incorrect." in page, "zoe@shop.test" in page) == (402, True, True)
    assert "4242424242424241" not in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    for part, said in (("&expiry=12/40", "expiration date"), ("&cvc=123", "security code")):
        assert said in _browse(talk, "POST", path, wrong.replace(part, ""))[2]
    assert talk.get("/v1/payment_intents")["data"] == []
    assert _browse(talk, "GET", "/c/pay/cs_test_none")[0] == 404


def test_the_page_of_a_completed_session_sells_nothing_more(talk: Any) -> None:
    """Stripe: whoever comes again is told that it is done; pressing the button twice pays once."""
    session = _session(talk)
    path = f"/c/pay/{session['id']}"
    paid = "do=pay&email=zoe%40shop.test&number=4242424242424242&expiry=12/40&cvc=123"
    status, headers, _ = _browse(talk, "POST", path, paid)
    assert (status, headers["Location"]) == (302, DONE.replace("{CHECKOUT_SESSION_ID}", session["id"]))
    assert _browse(talk, "POST", path, paid)[0] == 302
    assert len(talk.get("/v1/charges")["data"]) == 1
    assert "<form" not in _browse(talk, "GET", path)[2]


def test_a_connected_accounts_session_is_paid_in_its_books(talk: Any) -> None:
    """Stripe: made with Stripe-Account, the page belongs to that account, and so does the payment."""
    account = talk.post("/v1/accounts", type="standard", country="US", email="a@b.test")["id"]
    talk.post(f"/_sandbox/accounts/{account}/onboard")
    sent = {"mode": "payment", "line_items": [LINE], "success_url": DONE}
    headers = {"Stripe-Account": account, "Host": "box.test"}
    session = talk.ask("POST", "/v1/checkout/sessions", sent, headers).body
    assert session["url"].endswith(f"?account={account}")
    path = session["url"].removeprefix("http://box.test")
    form = f"do=pay&account={account}&email=zoe%40shop.test&number=4242424242424242&expiry=12/40&cvc=123"
    assert _browse(talk, "POST", path, form)[0] == 302
    assert talk.get("/v1/charges")["data"] == []
    assert len(talk.ask("GET", "/v1/charges", {}, headers).body["data"]) == 1
