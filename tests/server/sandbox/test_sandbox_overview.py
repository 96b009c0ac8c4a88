"""The page at `/` and what it leads to: what is shown, what is escaped, what the buttons do."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


class Browser:
    """Asks as a browser would: no key, forms urlencoded."""

    def __init__(self, talk: Any) -> None:
        self.talk = talk

    async def get(self, path: str, status: int = 200) -> str:
        found, headers, body = await self.talk.sandbox.respond("GET", path, {})
        assert found == status, body
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        return str(body.decode())

    async def post(self, path: str, form: str = "", **headers: str) -> tuple[int, dict[str, str]]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        status, answered, _ = await self.talk.sandbox.respond("POST", path, sent, form.encode())
        return status, answered


@pytest.fixture
def talk(new_talk: Callable[..., Any]) -> Any:
    return new_talk()


@pytest.fixture
def browser(talk: Any) -> Browser:
    return Browser(talk)


def _pay(talk: Any, customer: str) -> dict[str, Any]:
    found: dict[str, Any] = talk.post(
        "/v1/payment_intents",
        amount=2_500,
        currency="usd",
        customer=customer,
        payment_method="pm_card_visa",
        payment_method_types=["card"],
        confirm=True,
    )
    return found


async def test_an_empty_box_has_a_page(browser: Browser) -> None:
    """Ours: the first thing that a person sees says where they are."""
    page = await browser.get("/")
    assert "The box is empty." in page
    assert browser.talk.sandbox.account in page


async def test_the_page_shows_what_is_there_and_what_happened(browser: Browser, talk: Any) -> None:
    """Ours: counts, balance, objects, requests with their errors, events, deliveries, faults."""
    talk.post("/v1/webhook_endpoints", url="http://127.0.0.1:9/hook", enabled_events=["*"])
    customer = talk.post("/v1/customers", name="Ada")["id"]
    paid = _pay(talk, customer)
    talk.refused("GET", "/v1/customers/cus_none", 404)
    talk.post("/_sandbox/faults", kind="rate_limit", times=3, path="/v1/refunds")
    page = unescape(await browser.get("/"))
    assert f'<a href="/_sandbox/pages/objects/{paid["id"]}">' in page
    assert "resource_missing: No such customer: 'cus_none'" in page
    assert "payment_intent.succeeded" in page
    assert "1 to be delivered" in page
    assert "Resend" in page
    assert "/v1/refunds" in page
    assert "$25.00" in page


async def test_customers_words_are_text_on_every_page(browser: Browser, talk: Any) -> None:
    """Ours: what a customer calls themselves is never HTML."""
    customer = talk.post("/v1/customers", name=HOSTILE, metadata={HOSTILE[:40]: HOSTILE})["id"]
    talk.post("/v1/coupons", id='a"><script>', percent_off=5, duration="once")
    talk.ask("GET", f"/v1/customers/{HOSTILE.replace('/', '%2F').replace(' ', '%20')}")
    talk.refused("POST", "/v1/customers", 400, **{HOSTILE: "x"})
    pages = ["/", f"/_sandbox/pages/objects/{customer}", "/_sandbox/pages/kinds/customer", "/_sandbox/pages/requests"]
    pages.append("/_sandbox/pages/kinds/coupon")
    for path in pages:
        page = await browser.get(path)
        assert "<script" not in page
        assert "<img" not in page
    page = await browser.get("/_sandbox/pages/kinds/coupon")
    link = re.search(r'href="(/_sandbox/pages/objects/a[^"]*)"', page)
    assert link
    assert "percent_off" in await browser.get(unescape(link[1]))
    assert "&lt;script" in await browser.get("/_sandbox/pages/objects/%3Cscript%3E", 404)


async def test_an_object_leads_to_what_is_about_it(browser: Browser, talk: Any) -> None:
    """Ours: ids in its JSON are links, and so are those who name it; secrets are not shown."""
    customer = talk.post("/v1/customers", name="Ada")["id"]
    paid = _pay(talk, customer)
    page = await browser.get(f"/_sandbox/pages/objects/{paid['id']}")
    assert f'href="/_sandbox/pages/objects/{customer}"' in page
    assert f'href="/_sandbox/pages/objects/{paid["latest_charge"]}"' in page
    assert "payment_intent.succeeded" in page
    assert paid["client_secret"] not in page
    endpoint = talk.post("/v1/webhook_endpoints", url="http://127.0.0.1:9/hook", enabled_events=["*"])
    page = await browser.get(f"/_sandbox/pages/objects/{endpoint['id']}")
    assert endpoint["secret"] not in page
    of_customer = await browser.get(f"/_sandbox/pages/objects/{customer}")
    assert f'href="/_sandbox/pages/objects/{paid["id"]}"' in of_customer


async def test_every_kind_is_listed_fifty_at_a_time(browser: Browser, talk: Any) -> None:
    """Ours: a page has an end."""
    ids = [talk.post("/v1/customers")["id"] for _ in range(52)]
    first = await browser.get("/_sandbox/pages/kinds/customer")
    assert ids[2] in first
    assert ids[1] not in first
    older = re.search(r'href="([^"]*before[^"]*)"', first)
    assert older
    second = await browser.get(unescape(older[1]))
    assert [one in second for one in ids[:3]] == [True, True, False]


async def test_the_buttons_do_what_they_say(browser: Browser, talk: Any) -> None:
    """Ours: plain forms that lead back to the page."""
    before = talk.post("/_sandbox/clock")["now"]
    status, headers = await browser.post("/_sandbox/pages/act/clock", "advance=86400")
    assert (status, headers["Location"]) == (302, "/")
    assert talk.post("/_sandbox/clock")["now"] == before + 86_400
    await browser.post("/_sandbox/pages/act/clock", "frozen=true")
    assert "Let it go on" in await browser.get("/")
    talk.post("/_sandbox/faults", kind="fail_before", path="/v1/nothing")
    await browser.post("/_sandbox/pages/act/faults")
    assert "fail_before" not in await browser.get("/")
    talk.post("/v1/webhook_endpoints", url="http://127.0.0.1:9/hook", enabled_events=["*"])
    talk.post("/v1/customers")
    delivery = talk.get("/_sandbox/deliveries")["data"][0]["id"]
    assert (await browser.post("/_sandbox/pages/act/resend", f"delivery={delivery}"))[0] == 302
    assert (await browser.post("/_sandbox/pages/act/resend", "delivery=whd_99"))[0] == 404
    assert (await browser.post("/_sandbox/pages/act/run"))[0] == 302


async def test_another_site_cannot_press_a_button(browser: Browser, talk: Any) -> None:
    """The browser says where a form comes from (Fetch Metadata); ours: only from here."""
    before = talk.post("/_sandbox/clock")["now"]
    for site in ("cross-site", "same-site"):
        status, _ = await browser.post("/_sandbox/pages/act/clock", "advance=86400", Sec_Fetch_Site=site)
        assert status == 403
    assert talk.post("/_sandbox/clock")["now"] == before
    assert (await browser.post("/_sandbox/pages/act/clock", "advance=1", Sec_Fetch_Site="same-origin"))[0] == 302


async def test_each_accounts_books_are_shown_apart(browser: Browser, talk: Any) -> None:
    """Ours: what is in a connected account's books is seen by looking at that account."""
    account = talk.post("/v1/accounts", type="express", country="US")["id"]
    talk.ask("POST", "/v1/customers", {"name": "Theirs alone"}, {"Stripe-Account": account})
    assert "Theirs alone" not in await browser.get("/")
    assert f"/?account={account}" in await browser.get("/")
    page = await browser.get(f"/?account={account}")
    assert "Theirs alone" in page
    link = re.search(r'href="(/_sandbox/pages/objects/cus_[^"]*)"', page)
    assert link
    assert "Theirs alone" in await browser.get(unescape(link[1]))
    status, _, _ = await talk.sandbox.respond("GET", "/?account=acct_none", {})
    assert status == 404


async def test_requests_are_remembered_without_secrets(browser: Browser, talk: Any) -> None:
    """Ours: a path, a status and an error; no key, no query, no body. A few hundred of them."""
    for number in range(305):
        talk.get("/v1/customers", email=f"private-{number}@example.com")
    assert len(talk.sandbox.seen) == 300
    page = await browser.get("/_sandbox/pages/requests")
    assert "private" not in page
    assert "sk_test_" not in page
    assert page.count("/v1/customers") == 300


async def test_looking_takes_no_fault_away(browser: Browser, talk: Any) -> None:
    """Ours: a fault for any request waits for one of the API's."""
    talk.post("/_sandbox/faults", kind="fail_before", times=1)
    await browser.get("/")
    await browser.get("/_sandbox/pages/requests")
    assert talk.ask("GET", "/v1/customers").status == 500
