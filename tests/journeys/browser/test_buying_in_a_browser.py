"""A customer buys on the sandbox's own checkout page in a real browser: is declined, authenticates, pays, goes back."""

import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest
import uvicorn

from paydesk.server.sandbox.app import create_sandbox
from tests.conftest import flat_form

TEA = {"currency": "usd", "product_data": {"name": "Tea & <b>biscuits</b>"}, "unit_amount": 1_500}
# Ours is the shop, too: any address that answers will do to land on.
SHOP = "/_sandbox/pages/connected"


class Shop:
    """A shop's server: it makes sessions over HTTP and asks what became of them."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.back = f"{base}{SHOP}?state={{CHECKOUT_SESSION_ID}}"

    def ask(self, path: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        sent = None if params is None else flat_form(params).encode()
        request = Request(self.base + path, sent, {"Authorization": "Bearer sk_test_shop"})
        with urlopen(request, timeout=10) as answer:
            return dict(json.load(answer))

    def session(self, **more: Any) -> dict[str, Any]:
        sent = {
            "mode": "payment",
            "line_items": [{"price_data": TEA, "quantity": 2}],
            "success_url": self.back,
            "cancel_url": f"{self.base}{SHOP}?state=left",
            **more,
        }
        return self.ask("/v1/checkout/sessions", sent)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """An empty sandbox on loopback, and a shop that uses it."""
    box = create_sandbox(None, is_empty=True)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)
    server = uvicorn.Server(uvicorn.Config(box, log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield Shop(f"http://127.0.0.1:{listening.getsockname()[1]}")
    server.should_exit = True
    thread.join(timeout=10)
    listening.close()
    box.close()


Open = Callable[..., Awaitable[Any]]


async def _pay(page: Any, number: str = "4242 4242 4242 4242", email: str | None = "zoe@shop.test") -> None:
    if email:
        await page.get_by_label("Email").fill(email)
    await page.get_by_label("Card number").fill(number)
    await page.get_by_label("Expiry (MM / YY)").fill("12 / 40")
    await page.get_by_label("Security code").fill("123")
    await page.locator("button[value=pay]").click()


def _landed(page: Any) -> str:
    return parse_qs(urlsplit(page.url).query)["state"][0]


async def _look(page: Any, screenshots: Path | None, name: str) -> None:
    """Nothing sticks out sideways; and a picture, where one is wanted."""
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if screenshots:
        await page.screenshot(path=screenshots / f"{name}.png", full_page=True)


async def test_a_declined_card_is_said_and_another_one_pays(
    shop: Shop, open_browser: Open, screenshots: Path | None
) -> None:
    """Stripe: a decline leaves the session open; success_url gets its id. Hostile names are shown, and run nowhere."""
    session = shop.session(phone_number_collection={"enabled": True}, allow_promotion_codes=True)
    page = await open_browser("desktop")
    await page.goto(session["url"])
    await _look(page, screenshots, "checkout-desktop")
    assert "Tea & <b>biscuits</b>" in await page.locator("main").inner_text()
    await page.get_by_label("Phone").fill("+1 555 0100")
    await _pay(page, "4000 0000 0000 0002")
    assert "Your card was declined." in await page.get_by_role("alert").inner_text()
    assert await page.get_by_label("Email").input_value() == "zoe@shop.test"
    assert await page.get_by_label("Card number").input_value() == ""
    await _look(page, screenshots, "checkout-declined")
    await _pay(page, email=None)
    assert _landed(page) == session["id"]
    done = shop.ask(f"/v1/checkout/sessions/{session['id']}")
    assert (done["status"], done["payment_status"]) == ("complete", "paid")
    assert done["customer_details"]["phone"] == "+1 555 0100"


async def test_a_card_that_asks_for_3d_secure_goes_by_the_bank(
    shop: Shop, open_browser: Open, screenshots: Path | None
) -> None:
    """Stripe: the bank's page lies between the checkout and the shop; who fails there is back at the checkout."""
    session = shop.session()
    page = await open_browser("phone")
    await page.goto(session["url"])
    await _look(page, screenshots, "checkout-phone")
    await _pay(page, "4000 0025 0000 3155")
    assert await page.get_by_role("heading").inner_text() == "Pay $30.00"
    await _look(page, screenshots, "bank-phone")
    await page.get_by_role("button", name="Fail").click()
    assert "failed authentication" in await page.get_by_role("alert").inner_text()
    assert shop.ask(f"/v1/checkout/sessions/{session['id']}")["status"] == "open"
    await _pay(page, "4000 0025 0000 3155")
    await page.get_by_role("button", name="Succeed").click()
    assert _landed(page) == session["id"]


async def test_a_quantity_and_a_code_change_the_total_before_it_is_paid(
    shop: Shop, open_browser: Open, screenshots: Path | None
) -> None:
    """Stripe: what the merchant lets the customer adjust; updating the order pays nothing, nor does going back."""
    coupon = shop.ask("/v1/coupons", {"percent_off": 50, "duration": "once"})["id"]
    shop.ask("/v1/promotion_codes", {"promotion": {"type": "coupon", "coupon": coupon}, "code": "HALF"})
    line = {"price_data": TEA, "quantity": 1, "adjustable_quantity": {"enabled": True, "maximum": 5}}
    session = shop.session(
        line_items=[line],
        allow_promotion_codes=True,
        shipping_address_collection={"allowed_countries": ["US", "NO"]},
        custom_fields=[{"key": "gift", "label": {"type": "custom", "custom": "For whom"}, "type": "text"}],
        consent_collection={"terms_of_service": "required"},
    )
    page = await open_browser("dark", java_script_enabled=False)
    await page.goto(session["url"])
    await page.get_by_label("Quantity of").fill("4")
    await page.get_by_label("Promotion code").fill("half")
    await page.get_by_role("button", name="Update").click()
    assert "Pay $30.00" in await page.locator("button[value=pay]").inner_text()
    if screenshots:
        await page.screenshot(path=screenshots / "checkout-dark.png", full_page=True)
    await page.get_by_role("link", name="Back").click()
    assert _landed(page) == "left"
    assert shop.ask(f"/v1/checkout/sessions/{session['id']}")["status"] == "open"
    await page.goto(session["url"])
    for label, value in (("Name", "Zoë"), ("Address", "1 High St"), ("City", "Oakland"), ("For whom", "Ada")):
        await page.get_by_label(label, exact=True).fill(value)
    await page.get_by_label("I agree").check()
    await _pay(page)
    done = shop.ask(f"/v1/checkout/sessions/{session['id']}")
    assert (done["amount_total"], done["total_details"]["amount_discount"]) == (3_000, 3_000)
    assert done["custom_fields"][0]["text"]["value"] == "Ada"
    assert done["collected_information"]["shipping_details"]["address"]["city"] == "Oakland"


async def test_a_subscription_begins_and_the_customer_manages_it(
    shop: Shop, open_browser: Open, screenshots: Path | None
) -> None:
    """Stripe: a subscription session makes customer and subscription; the portal is where it is cancelled."""
    monthly = {"price_data": {**TEA, "recurring": {"interval": "month"}}, "quantity": 1}
    session = shop.session(mode="subscription", line_items=[monthly])
    page = await open_browser("phone")
    await page.goto(session["url"])
    await _pay(page)
    done = shop.ask(f"/v1/checkout/sessions/{session['id']}")
    portal = shop.ask("/v1/billing_portal/sessions", {"customer": done["customer"], "return_url": shop.base})
    await page.goto(portal["url"])
    await _look(page, screenshots, "portal-phone")
    assert "Visa ending in 4242" in await page.locator("main").inner_text()
    await page.get_by_role("button", name="Cancel").click()
    assert "ends on" in await page.locator("main").inner_text()
    assert shop.ask(f"/v1/subscriptions/{done['subscription']}")["cancel_at_period_end"] is True
    await page.get_by_role("button", name="Don't cancel").click()
    assert "renews on" in await page.locator("main").inner_text()


async def test_a_payment_link_sells_until_it_is_switched_off(
    shop: Shop, open_browser: Open, screenshots: Path | None
) -> None:
    """Stripe: each visit is a session of its own; an inactive link says what the merchant left there."""
    link = shop.ask("/v1/payment_links", {"line_items": [{"price_data": TEA, "quantity": 1}]})
    page = await open_browser("phone")
    await page.goto(link["url"])
    await _pay(page)
    assert await page.get_by_role("heading").inner_text() == "Thanks for your payment"
    await _look(page, screenshots, "thanks-phone")
    shop.ask(f"/v1/payment_links/{link['id']}", {"active": False, "inactive_message": "Sold <i>out</i>"})
    await page.goto(link["url"])
    assert "Sold <i>out</i>" in await page.locator("main").inner_text()
