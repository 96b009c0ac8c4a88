"""A person decides in a real browser, with scripts off: `paydesk approvals` over the store of an assistant's desk."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from paydesk.server.approval.serving import links_of
from paydesk.server.caller import Caller
from paydesk.server.wiring import open_desk

ANN = Caller("local")


@pytest.fixture
async def proposed(till: Any) -> list[str]:
    """Three writes that wait, and bea with a PIN; their ids."""
    async with open_desk(till.settings) as desk:
        await (await desk.gate()).pins.set("bea", "4711x")
        calls = [
            ("refund_payment", {"payment": till.payment, "amount_minor": 1500}),
            ("create_customer", {"name": "<script>document.title='owned'</script>"}),
            ("refund_payment", {"payment": till.payment, "amount_minor": 4000}),
        ]
        outcomes: list[Any] = [await desk.call(name, arguments, ANN) for name, arguments in calls]
        return [outcome.proposal_id for outcome in outcomes]


async def _arrives(page: Any, heading: str) -> None:
    """Wait until the page of this heading is there: pressing a key does not wait for what it sets off."""
    await page.get_by_role("heading", level=1, name=heading, exact=True).wait_for()


def _url(standing_page: str, till: Any, proposal_id: str) -> str:
    parts = urlsplit(standing_page)
    return f"{parts.scheme}://{parts.netloc}{links_of(till.home).path(proposal_id)}"


async def test_a_person_decides_without_scripts_and_by_keyboard_alone(
    till: Any, proposed: list[str], standing_page: str, open_browser: Any
) -> None:
    """Ours: signed in, every kind of end: approved, hostile text rejected, and a plan that is out of date."""
    page = await open_browser(java_script_enabled=False)
    await page.goto(standing_page)
    await page.get_by_label("Your name").fill("bea")
    await page.get_by_label("Your PIN").fill("4711x")
    await page.keyboard.press("Enter")
    await _arrives(page, "3 writes wait for a yes")

    await page.get_by_role("link", name="Refund $15.00").click()
    assert await page.get_by_label("Your name").input_value() == "bea"
    await _arrives(page, "Approve this?")
    await page.get_by_label("Your PIN").fill("wrong")
    await page.keyboard.press("Enter")
    await page.get_by_role("alert").get_by_text("do not belong together").wait_for()
    await page.get_by_label("Your PIN").fill("4711x")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await _arrives(page, "Done")
    assert "Refunded $15.00" in await page.get_by_role("status").inner_text()

    await page.goto(_url(standing_page, till, proposed[1]))
    assert "<script>" in await page.locator(".says").inner_text()
    await page.get_by_role("button", name="Reject").click()
    await _arrives(page, "Rejected")

    await page.goto(_url(standing_page, till, proposed[2]))
    await page.get_by_label("Your PIN").fill("4711x")
    await page.get_by_role("button", name="Approve").click()
    # Less is left than it would give back, so nothing was sent.
    await _arrives(page, "Not done")
    assert "more than the $25.00 that is left" in await page.get_by_role("status").inner_text()
    assert "owned" not in await page.title()


async def test_a_page_of_another_site_can_neither_frame_nor_drive_it(
    till: Any, proposed: list[str], standing_page: str, open_browser: Any
) -> None:
    """Ours (clickjacking, CSRF): in a real browser, from another origin on the same machine, with scripts."""
    url = _url(standing_page, till, proposed[0])
    page = await open_browser()
    await page.goto(url)
    mark = await page.locator("input[name=mark]").first.input_value()
    evil = f"""<iframe src="{url}"></iframe><form method="post" action="{url}/approve">
    <input name="mark" value="{mark}"><input name="name" value="bea"><input name="pin" value="4711x"></form>"""
    await page.route("http://evil.example/*", lambda route: route.fulfill(content_type="text/html", body=evil))
    await page.goto("http://evil.example/")
    frame = page.frames[1]
    assert "chrome-error" in frame.url or await frame.locator("form").count() == 0
    await page.evaluate("document.forms[0].submit()")
    await _arrives(page, "Nothing was done")
    await page.goto(url)
    await _arrives(page, "Approve this?")
