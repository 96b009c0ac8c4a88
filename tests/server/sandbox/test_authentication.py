"""3D Secure: who is asked, where, and what becomes of the payment or the setup that waits."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

PAID = {"amount": 5_000, "currency": "usd", "confirm": True, "payment_method_types": ["card"]}
BACK = "https://shop.example/done?order=7#top"
HOST = {"Host": "127.0.0.1:12111"}


def _browse(talk: Any, method: str, url: str, body: str = "") -> tuple[int, dict[str, str], str]:
    """What a browser does: no key, a page back."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    asked = talk.sandbox.respond(method, target, HOST, body.encode())
    try:
        asked.send(None)
    except StopIteration as done:
        status, headers, content = done.value
    return status, headers, content.decode()


def _asked(talk: Any, **more: Any) -> dict[str, Any]:
    sent = {**PAID, "payment_method": "pm_card_threeDSecure2Required", "return_url": BACK, **more}
    intent = talk.ask("POST", "/v1/payment_intents", sent, HOST).body
    assert intent["status"] == "requires_action"
    return dict(intent)


@pytest.mark.parametrize(
    ("outcome", "redirect", "status"),
    [("succeed", "succeeded", "succeeded"), ("fail", "failed", "requires_payment_method")],
)
def test_the_page_of_the_bank_leads_back_to_the_shop(talk: Any, outcome: str, redirect: str, status: str) -> None:
    """Stripe: the customer is redirected, answers, and comes back with the intent, its secret and the outcome."""
    intent = _asked(talk, description="<script>alert(1)</script>")
    url = intent["next_action"]["redirect_to_url"]["url"]
    assert url == f"http://127.0.0.1:12111/_sandbox/pages/authenticate/{intent['id']}"
    code, headers, page = _browse(talk, "GET", url)
    assert (code, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Pay $50.00" in page
    assert "<script>" not in page
    assert set(re.findall(r'name="outcome" value="(\w+)"', page)) == {"succeed", "fail"}
    code, headers, _ = _browse(talk, "POST", url, f"outcome={outcome}")
    back = urlsplit(headers["Location"])
    told = parse_qs(back.query)
    assert (code, back.netloc, back.fragment) == (302, "shop.example", "top")
    assert (told["order"], told["payment_intent"], told["redirect_status"]) == (["7"], [intent["id"]], [redirect])
    assert told["payment_intent_client_secret"] == [intent["client_secret"]]
    assert talk.get(f"/v1/payment_intents/{intent['id']}")["status"] == status
    assert _browse(talk, "POST", url, "outcome=succeed")[0] == 404


def test_a_setup_is_authenticated_on_the_same_page(talk: Any) -> None:
    """Stripe: a setup intent waits for its customer as a payment does."""
    sent = {"payment_method": "pm_card_authenticationRequired", "payment_method_types": ["card"], "confirm": True}
    intent = talk.ask("POST", "/v1/setup_intents", {**sent, "return_url": BACK}, HOST).body
    url = intent["next_action"]["redirect_to_url"]["url"]
    assert "Save your card" in _browse(talk, "GET", url)[2]
    _, headers, _ = _browse(talk, "POST", url, "outcome=succeed")
    assert parse_qs(urlsplit(headers["Location"]).query)["setup_intent"] == [intent["id"]]
    assert talk.get(f"/v1/setup_intents/{intent['id']}")["status"] == "succeeded"


def test_without_a_way_back_the_page_says_that_it_is_done(talk: Any) -> None:
    """Stripe: without `return_url` it is Stripe.js that shows the bank's page (`use_stripe_sdk`)."""
    sent = {**PAID, "payment_method": "pm_card_threeDSecure2Required"}
    intent = talk.ask("POST", "/v1/payment_intents", sent, HOST).body
    assert intent["next_action"]["type"] == "use_stripe_sdk"
    url = intent["next_action"]["use_stripe_sdk"]["stripe_js"]
    code, _, page = _browse(talk, "POST", url, "outcome=succeed")
    assert (code, "You may close this page" in page) == (200, True)


def test_a_page_for_nobody_says_so(talk: Any) -> None:
    """Ours: an id that is no waiting intent gets a page, not a traceback."""
    for identifier in ("pi_none", "seti_none", "cus_1", "%22%3E%3Cscript%3E"):
        code, _, page = _browse(talk, "GET", f"/_sandbox/pages/authenticate/{identifier}")
        assert (code, "<script>" in page) == (404, False)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "nowhere", "//evil.example"])
def test_a_way_back_that_is_no_address_is_refused(talk: Any, url: str) -> None:
    """Stripe: `return_url` must be a URL; one that would run in the page is none."""
    error = talk.refused("POST", "/v1/payment_intents", **PAID, payment_method="pm_card_visa", return_url=url)
    assert (error["code"], error["param"]) == ("url_invalid", "return_url")
    assert talk.get("/v1/payment_intents")["data"] == []


def test_manual_confirmation_comes_back_to_the_server(talk: Any) -> None:
    """Stripe: with `confirmation_method: manual` an authenticated intent waits for one more confirmation."""
    intent = _asked(talk, confirmation_method="manual")
    waiting = talk.post(f"/_sandbox/payment_intents/{intent['id']}/authenticate", outcome="succeed")
    assert (waiting["status"], waiting["next_action"]) == ("requires_confirmation", None)
    paid = talk.post(f"/v1/payment_intents/{intent['id']}/confirm")
    assert paid["status"] == "succeeded"
    charge = talk.get(f"/v1/charges/{paid['latest_charge']}")
    assert charge["payment_method_details"]["card"]["three_d_secure"]["result"] == "authenticated"


def test_a_card_that_was_set_up_pays_off_session(talk: Any) -> None:
    """Stripe's `authenticationRequiredOnSetup`: off session it needs no authentication once it was set up."""
    customer = talk.post("/v1/customers")["id"]
    name = "pm_card_authenticationRequiredOnSetup"
    attached = talk.post(f"/v1/payment_methods/{name}/attach", customer=customer)["id"]
    away = {**PAID, "customer": customer, "off_session": True}
    error = talk.refused("POST", "/v1/payment_intents", 402, **away, payment_method=attached)
    assert (error["code"], error["decline_code"]) == ("authentication_required", "authentication_required")
    setup = {"customer": customer, "payment_method": name, "payment_method_types": ["card"], "confirm": True}
    intent = talk.post("/v1/setup_intents", **setup)
    talk.post(f"/_sandbox/setup_intents/{intent['id']}/authenticate", outcome="succeed")
    saved = intent["payment_method"]
    assert talk.post("/v1/payment_intents", **away, payment_method=saved)["status"] == "succeeded"
    here = {**PAID, "customer": customer, "payment_method": saved}
    assert talk.post("/v1/payment_intents", **here)["status"] == "requires_action"


def test_a_payment_with_future_usage_sets_its_card_up(talk: Any) -> None:
    """Stripe: `setup_future_usage: off_session` attaches the card and lets it be charged without its owner."""
    customer = talk.post("/v1/customers")["id"]
    first = talk.post(
        "/v1/payment_intents",
        **PAID,
        customer=customer,
        payment_method="pm_card_authenticationRequiredOnSetup",
        setup_future_usage="off_session",
    )
    done = talk.post(f"/_sandbox/payment_intents/{first['id']}/authenticate", outcome="succeed")
    assert talk.get(f"/v1/payment_methods/{done['payment_method']}")["customer"] == customer
    again = {**PAID, "customer": customer, "payment_method": done["payment_method"], "off_session": True}
    assert talk.post("/v1/payment_intents", **again)["status"] == "succeeded"


@pytest.mark.parametrize(
    ("name", "asked_for", "outcome"),
    [
        ("visa", "any", ("succeeded", "attempt_acknowledged")),
        ("visa", "automatic", ("succeeded", None)),
        ("amex_threeDSecureNotSupported", "any", ("succeeded", "not_supported")),
        ("threeDSecureOptional", "automatic", ("succeeded", None)),
        ("threeDSecureOptional", "challenge", ("requires_action", None)),
        ("threeDSecureOptionalProcessingError", "any", ("succeeded", "processing_error")),
        ("authenticationRequiredSetupForOffSession", "automatic", ("requires_action", None)),
    ],
)
def test_authentication_that_is_asked_for_ends_as_the_card_allows(
    talk: Any, name: str, asked_for: str, outcome: tuple[str, str | None]
) -> None:
    """Stripe's 3D Secure cards: supported or not, enrolled or not, broken or not."""
    options = {"card": {"request_three_d_secure": asked_for}}
    paid = talk.post("/v1/payment_intents", **PAID, payment_method=f"pm_card_{name}", payment_method_options=options)
    result = None
    if paid["latest_charge"]:
        charge = talk.get(f"/v1/charges/{paid['latest_charge']}")
        result = (charge["payment_method_details"]["card"]["three_d_secure"] or {}).get("result")
    assert (paid["status"], result) == outcome


def test_authentication_can_be_frictionless_broken_or_in_vain(talk: Any) -> None:
    """Stripe's 3D Secure cards: without the customer; with a lookup that fails; declined after it went well."""
    number = {"type": "card", "card": {"number": "4000000032200000", "exp_month": 1, "exp_year": 2031}}
    paid = talk.post("/v1/payment_intents", **PAID, payment_method_data=number)
    secure = talk.get(f"/v1/charges/{paid['latest_charge']}")["payment_method_details"]["card"]["three_d_secure"]
    assert (secure["result"], secure["authentication_flow"]) == ("authenticated", "frictionless")
    broken = {**PAID, "payment_method": "pm_card_threeDSecureRequiredProcessingError"}
    assert talk.refused("POST", "/v1/payment_intents", 402, **broken)["code"] == "card_declined"
    vain = _asked(talk, payment_method="pm_card_threeDSecureRequiredChargeDeclined")
    ended = talk.post(f"/_sandbox/payment_intents/{vain['id']}/authenticate", outcome="succeed")
    assert ended["status"] == "requires_payment_method"
    assert ended["last_payment_error"]["code"] == "card_declined"


def test_who_does_not_want_to_wait_gets_a_decline(talk: Any) -> None:
    """Stripe: `error_on_requires_action` declines instead of asking."""
    sent = {**PAID, "payment_method": "pm_card_threeDSecure2Required", "error_on_requires_action": True}
    assert talk.refused("POST", "/v1/payment_intents", 402, **sent)["code"] == "authentication_required"
