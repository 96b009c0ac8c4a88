"""Every state of the approval page in a real browser: readable on a phone, in light and dark, and by a screen reader.

`SCREENSHOTS_TO=folder` keeps a picture of each state and look, to be looked at by eye.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio

from paydesk.server.approval.serving import LOOPBACK_NAMES, links_of, page_app, serve_quietly
from paydesk.server.errors import GateError
from paydesk.server.gate.showing import Shown
from paydesk.server.mcp.transports import HttpPlace, listen
from paydesk.skills.base import Outcome

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
REFUND = Shown(
    id="prop_7h2kq0v9m3xd",
    outcome=Outcome(state="waiting", proposal_id="prop_7h2kq0v9m3xd", says="waits"),
    says="Refund $1,480.00 of the payment of $2,000.00 by Zoë Müller-Lüdenscheidt on 2026-11-02.",
    details=(
        ("Payment", "pi_3SVxQm2eZvKYlo2C1a2b3c4d"),
        ("Customer", "Zoë Müller-Lüdenscheidt, zoe.mueller-luedenscheidt@a-rather-long-company-name.example"),
        ("Goes back to", "visa ending in 4242, in 5 to 10 days"),
        ("Left refundable", "$2,000.00"),
    ),
    money=("$1,480.00 leaves the account",),
    warnings=("The same write was rejected 4 minutes ago (prop_0000000000aa).", "This is large for this customer."),
    undo=None,
    account="acct_1SVxQm2eZvKYlo2C",
    mode="live",
    people=1,
    why="live mode",
    created_at=NOW,
    expires_at=NOW + timedelta(days=1),
    decided_at=None,
    decided_by=None,
    decided_via=None,
    approved_by=(),
    question="",
    sends=('{\n  "method": "POST",\n  "params": {\n    "amount": 148000\n  },\n  "path": "/v1/refunds"\n}',),
)


def _ended(state: Any, says: str, **more: Any) -> Shown:
    decided = {"decided_at": NOW, "decided_by": "bea", "decided_via": "page"}
    outcome = Outcome(state=state, proposal_id=REFUND.id, says=says, **more)
    return replace(REFUND, outcome=outcome, **(decided if state not in ("expired", "canceled") else {}))


RESULT = {"id": "re_3SVx", "amount": {"amount_minor": 148000, "currency": "usd", "text": "$1,480.00"}, "status": "paid"}
STATES = {
    "waiting": REFUND,
    "two-people": replace(REFUND, people=2, approved_by=("bea",), mode="test"),
    "succeeded": _ended("succeeded", "Refunded $1,480.00 to visa ending in 4242.", result=RESULT),
    "failed": _ended("failed", "Not done: Refund $1,480.00. The charge has been charged back."),
    "rejected": _ended("rejected", "A person said no; nothing was sent: Refund $1,480.00."),
    "canceled": _ended("canceled", "Withdrawn by who proposed it; nothing was sent: Refund $1,480.00."),
    "expired": _ended("expired", "Nobody approved it in time; nothing was sent: Refund $1,480.00."),
    "stale": _ended("stale", "Not sent, because $500.00 were refunded since.", replaced_by="prop_000000000new"),
    "sending": _ended("sending", "Approved and on its way to Stripe, not done yet: Refund $1,480.00."),
    "unknown": _ended("unknown", "Approved and sent, but Stripe gave no answer. The desk keeps asking."),
}


class Pins:
    """The PINs of one person, or of nobody."""

    def __init__(self, *people: str) -> None:
        self._people = list(people)

    async def people(self) -> list[str]:
        return self._people

    async def check(self, person: str, pin: str) -> None:
        if pin != "4711x":
            raise GateError(
                "Too many wrong PINs; this one was not looked at.", code="pin_locked", next_step="Wait 60 s."
            )


class Gallery:
    """A gate that only shows."""

    def __init__(self) -> None:
        self.hangs = REFUND
        self.pins = Pins("bea")

    async def show(self, _: str) -> Shown:
        return self.hangs

    async def list(self, **_: Any) -> list[Outcome]:
        return [REFUND.outcome]

    async def approve(self, *_: Any, pin: str, **__: Any) -> Outcome:
        await self.pins.check("bea", pin)
        raise GateError("This proposal belongs to another account.", code="other_account", next_step="Use that key.")


@asynccontextmanager
async def open_gallery(home: Path) -> AsyncIterator[tuple[Gallery, str, str]]:
    """The gate, the page's address, and that of its one proposal; in live mode, which no sandbox has."""
    gate = Gallery()

    async def opened() -> Any:
        return gate

    with listen(HttpPlace(port=0)) as listening:
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = page_app(opened, "live", home, hosts=LOOPBACK_NAMES, is_local=True)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(serve_quietly, app, listening)
            try:
                yield gate, f"{base}/approve", base + links_of(home).path(REFUND.id)
            finally:
                tasks.cancel_scope.cancel()


# What an accessibility checker would look for first; run in the page, where the style is what is really used.
FAULTS = """() => {
  const faults = [];
  const level = text => { const c = text.match(/[\\d.]+/g).map(Number).slice(0, 3)
    .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]; };
  const ground = element => { for (let e = element; e; e = e.parentElement) {
    const color = getComputedStyle(e).backgroundColor;
    if (color !== 'rgba(0, 0, 0, 0)' && color !== 'transparent') return color; }
    return 'rgb(255, 255, 255)'; };
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || e.closest('.skip') || !e.getClientRects().length) continue;
    const [a, b] = [level(getComputedStyle(e).color), level(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${e.textContent.trim().slice(0, 40)}`);
  }
  for (const e of document.querySelectorAll('input:not([type=hidden])'))
    if (!e.labels.length) faults.push(`no label: ${e.name}`);
  for (const e of document.querySelectorAll('button, .button, summary, input:not([type=hidden])'))
    if (e.getBoundingClientRect().height < 24) faults.push(`too small to touch: ${e.outerHTML.slice(0, 60)}`);
  if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
  let before = 0;
  for (const e of document.querySelectorAll('h1, h2, h3')) {
    const rank = Number(e.tagName[1]);
    if (rank > before + 1) faults.push(`heading skipped: ${e.textContent}`);
    before = rank;
  }
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) faults.push(`an id twice: ${ids}`);
  for (const e of document.querySelectorAll('[aria-labelledby], [aria-describedby]'))
    for (const name of ['aria-labelledby', 'aria-describedby'])
      if (e.getAttribute(name) && !document.getElementById(e.getAttribute(name))) faults.push(`nowhere: ${name}`);
  if (document.documentElement.lang !== 'en' || !document.title) faults.push('no language or title');
  if (!document.querySelector('main') || !document.querySelector('header')) faults.push('no landmarks');
  if (document.documentElement.scrollWidth > window.innerWidth) faults.push('wider than the screen');
  return faults;
}"""


async def _look(page: Any, name: str, screenshots: Path | None) -> None:
    await page.wait_for_load_state("load")  # a heading is there before the style sheet is
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert await page.evaluate(FAULTS) == [], (name, scheme)
        if screenshots:
            await page.screenshot(path=screenshots / f"{name}-phone-{scheme}.png", full_page=True)
    if screenshots:
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            await page.set_viewport_size({"width": 1100, "height": 900})
            await page.screenshot(path=screenshots / f"{name}-desktop-{scheme}.png", full_page=True)
        await page.set_viewport_size({"width": 360, "height": 740})


async def test_every_state_is_readable_on_a_phone_in_light_and_dark(
    tmp_path: Path, open_browser: Any, screenshots: Path | None
) -> None:
    """Ours, after WCAG 2.2 AA: contrast, labels, headings, sizes, no scrolling sideways, in every state there is."""
    async with open_gallery(tmp_path) as (gate, _, url):
        page = await open_browser("phone")
        for name, shown in STATES.items():
            gate.hangs = shown
            await page.goto(url)
            await _look(page, name, screenshots)
        gate.hangs, gate.pins = REFUND, Pins()
        await page.goto(url)
        await _look(page, "first-pin", screenshots)


async def test_what_surrounds_a_decision_is_readable_too(
    tmp_path: Path, open_browser: Any, screenshots: Path | None
) -> None:
    """Ours, after WCAG 2.2 AA: the request unfolded, an error (which takes the focus), signing in, the list."""
    async with open_gallery(tmp_path) as (_, base, url):
        page = await open_browser("phone")
        await page.goto(url)
        await page.get_by_text("The exact request to Stripe").click()
        await _look(page, "opened", screenshots)
        await page.get_by_label("Your PIN").fill("wrong")
        await page.get_by_role("button", name="Approve (real money)").click()
        await page.get_by_role("alert").wait_for()
        await page.wait_for_function("document.activeElement.getAttribute('role') === 'alert'")
        await _look(page, "locked", screenshots)
        await page.goto(f"{url}0")
        await _look(page, "not-found", screenshots)
        await page.goto(base)
        await _look(page, "sign-in", screenshots)
        await page.get_by_label("Your name").fill("bea")
        await page.get_by_label("Your PIN").fill("4711x")
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="1 write waits").wait_for()
        await _look(page, "list", screenshots)


async def test_live_mode_is_told_in_words_where_the_yes_is_given(tmp_path: Path, open_browser: Any) -> None:
    """Ours: not by colour alone: in the banner, in the account's line and on the button."""
    async with open_gallery(tmp_path) as (_, _, url):
        page = await open_browser()
        await page.goto(url)
        assert await page.locator("header").get_by_text("LIVE: real money").count() == 1
        assert "LIVE: real money" in await page.locator("dl").inner_text()
        assert await page.get_by_role("button", name="Approve (real money)").count() == 1
