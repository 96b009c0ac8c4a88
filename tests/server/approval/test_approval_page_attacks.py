"""The approval page against whoever is not the person: other sites, other hosts, guessers, hostile text, scripts."""

import html
import json
import re
from typing import Any

import pytest

from paydesk.server.approval.guard import HostNames
from paydesk.server.approval.links import Links
from paydesk.skills.customers.create_customer import create_customer

YES = {"name": "bea", "pin": "4711x"}
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><form action=//evil>\u202eevil\u200b{{7*7}}"


@pytest.fixture
async def open_page(staffed: Any) -> Any:
    """A browser that looks at a refund which waits, and the page's path."""
    waiting = await staffed.refund_waits()
    browser = staffed.browser()
    browser.path = staffed.path(waiting.proposal_id)
    await browser.look(browser.path)
    return browser


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        ("https://evil.example", None),
        ("http://127.0.0.1:9999", None),
        ("http://localhost:8765", None),
        ("http://127.0.0.1:8765.evil.example", None),
        ("null", None),
        ("", None),
        (None, None),
        ("http://127.0.0.1:8765", "cross-site"),
        ("http://127.0.0.1:8765", "same-site"),
        ("http://127.0.0.1:8765", "none"),
    ],
)
async def test_a_form_from_elsewhere_does_nothing_even_with_mark_and_pin(
    staffed: Any, open_page: Any, origin: str | None, site: str | None
) -> None:
    """Ours (CSRF): a page of another site, or of another port, that knows everything still gets nothing."""
    if site:
        open_page.http.headers["Sec-Fetch-Site"] = site
    page = open_page.page
    for action in ("approve", "reject"):
        open_page.page = page
        answer = await open_page.send(f"{open_page.path}/{action}", origin=origin, **YES)
        assert answer.status_code == 403
    assert await staffed.refunds() == []
    assert (await staffed.gate.list(principal=None))[0].state == "waiting"


async def test_a_form_needs_the_mark_of_this_very_browser(staffed: Any, open_page: Any) -> None:
    """Ours (CSRF): no mark, somebody else's mark, and a mark without its cookie are refused."""
    stranger = staffed.browser()
    await stranger.look(open_page.path)
    assert (await open_page.send(f"{open_page.path}/approve", mark="", **YES)).status_code == 403
    open_page.page = stranger.page
    assert (await open_page.send(f"{open_page.path}/approve", **YES)).status_code == 403
    stranger.http.cookies.clear()
    assert (await stranger.send(f"{open_page.path}/approve", **YES)).status_code == 403
    assert await staffed.refunds() == []


async def test_the_cookie_is_kept_from_scripts_and_other_sites(staffed: Any) -> None:
    """Ours: HttpOnly, SameSite=Strict, and only for this page."""
    answer = await staffed.browser().look("/approve")
    [cookie] = answer.headers.get_list("set-cookie")
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {"httponly", "path=/approve", "samesite=strict"}


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8765", "", "127.0.0.1@evil.example", "[::2]:80"]
)
async def test_a_strange_host_is_refused_before_anything_is_read(staffed: Any, open_page: Any, host: str) -> None:
    """Ours (DNS rebinding): a name that an attacker points at this machine shows nothing."""
    for path in (open_page.path, "/approve", "/approve/style.css"):
        answer = await open_page.http.get(path, headers={"Host": host})
        assert (answer.status_code, "prop_" in answer.text) == (421, False)
        assert answer.headers["cache-control"] == "no-store"


def test_hosts_are_compared_without_their_ports() -> None:
    """Ours: names may come with and without a port; an IPv6 address keeps its colons."""
    hosts = HostNames.of(["127.0.0.1", "[::1]", "Desk.Example:443"])
    assert [hosts.has(one) for one in ("127.0.0.1:1", "[::1]:8", "[::1]", "desk.example", "DESK.example:8")] == [
        True
    ] * 5
    assert not any(hosts.has(one) for one in ("", "::1", "127.0.0.1:x", "desk.example.evil", "127.0.0.1:1:2"))


async def test_a_token_opens_its_own_proposal_only_and_wrong_ones_look_alike(staffed: Any) -> None:
    """Ours: guessing shows nothing, not even whether a proposal exists."""
    one, other = await staffed.refund_waits(), await staffed.refund_waits()
    own, foreign = staffed.path(one.proposal_id), staffed.path(other.proposal_id)
    token = foreign.rpartition("/")[2]
    tries = [
        own[:-1] + ("0" if own[-1] != "0" else "1"),
        own.rpartition("/")[0] + "/" + token,
        f"/approve/{one.proposal_id}/",
        f"/approve/{one.proposal_id}",
        f"/approve/{one.proposal_id}/%00",
        f"/approve/{one.proposal_id}/{'é' * 40}",
        f"/approve/prop_000000000000/{token}",
        own.replace(one.proposal_id, one.proposal_id.upper()),
    ]
    pages = set()
    for path in tries:
        browser = staffed.browser()
        answer = await browser.look(path)
        assert answer.status_code == 404, path
        pages.add(browser.words)
        browser.page = ""
        assert (await browser.send(f"{path}/approve", **YES)).status_code in (403, 404)
    assert len(pages) == 1
    assert await staffed.refunds() == []


def test_tokens_differ_by_proposal_and_by_key() -> None:
    """Ours: a token is made from a key of the home, and is long enough that nobody guesses it."""
    made = {Links(key).token(name) for key in (b"a" * 32, b"b" * 32) for name in ("prop_1", "prop_2")}
    assert (len(made), {len(one) for one in made}) == (4, {40})


async def test_every_answer_forbids_frames_scripts_and_caches(staffed: Any, open_page: Any) -> None:
    """Ours (clickjacking, XSS, shared computers): pages, refusals, redirects and the style sheet alike."""
    answers = [
        await open_page.http.get(open_page.path),
        await open_page.http.get("/approve"),
        await open_page.http.get("/approve/style.css"),
        await open_page.http.get("/approve/nowhere"),
        await open_page.http.post(f"{open_page.path}/approve", data=YES),
        await open_page.http.get("/approve", headers={"Host": "evil.example"}),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_no_page_has_anything_inline_or_from_elsewhere(staffed: Any, open_page: Any) -> None:
    """Ours: the policy forbids it, and nothing of ours would need it."""
    for path in (open_page.path, "/approve"):
        await open_page.look(path)
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:|https?://", open_page.page)


async def test_hostile_names_stay_text(staffed: Any) -> None:
    """Ours: what customers call themselves is escaped wherever it stands, and cannot turn or hide text."""
    waiting = await staffed.propose(create_customer, name=HOSTILE)
    browser, path = staffed.browser(), staffed.path(waiting.proposal_id)
    await browser.look(path)
    assert "<script" not in browser.page
    assert "<img" not in browser.page
    assert "onerror=alert(2)&gt;" in browser.page
    assert "\u202e" not in browser.page
    assert "\u200b" not in browser.page
    assert "{{7*7}}" in browser.page
    exact = re.search(r"<pre[^>]*>(.*?)</pre>", browser.page, re.DOTALL)
    assert exact
    sent = json.loads(html.unescape(exact[1]))
    assert sent["params"]["name"].startswith("<script>")
    await browser.send(f"{path}/approve", **YES)
    assert "<script" not in browser.page
    await browser.send("/approve/sign-in", **YES)
    assert "<script" not in browser.page


async def test_hostile_names_of_approvers_stay_text(staffed: Any, open_page: Any) -> None:
    """Ours: what is typed comes back escaped."""
    await open_page.send(f"{open_page.path}/approve", name='"><script>x</script>', pin="nope")
    assert "<script" not in open_page.page
    assert "&gt;&lt;script" in open_page.page


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"name=bea&pin=4711x", "text/plain", 415),
        (b'{"name":"bea","pin":"4711x"}', "application/json", 415),
        (b"name=" + b"x" * 9_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"f%d=1" % number for number in range(50)), "application/x-www-form-urlencoded", 400),
        (b"name=\xff", "application/x-www-form-urlencoded", 400),
        (b"pin=%ff", "application/x-www-form-urlencoded", 400),
        (b"pin=1&pin=2", "application/x-www-form-urlencoded", 400),
        (b"", "multipart/form-data; boundary=x", 415),
    ],
)
async def test_what_is_no_form_of_ours_is_refused(
    staffed: Any, open_page: Any, body: bytes, kind: str, status: int
) -> None:
    """Ours: limits before anything is parsed, and one kind of body only."""
    headers = {"Origin": "http://127.0.0.1:8765", "Content-Type": kind}
    answer = await open_page.http.post(f"{open_page.path}/approve", content=body, headers=headers)
    assert answer.status_code == status
    assert await staffed.refunds() == []


async def test_looking_never_decides(staffed: Any, open_page: Any) -> None:
    """HTTP: GET, HEAD and OPTIONS change nothing, with whatever in the address; a link that is prefetched is no yes."""
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
        for path in (open_page.path, f"{open_page.path}/approve", f"{open_page.path}/reject"):
            await open_page.http.request(method, f"{path}?name=bea&pin=4711x&approve=true")
    assert (await staffed.refunds(), (await staffed.gate.list(principal=None))[0].state) == ([], "waiting")


async def test_an_altered_proposal_is_refused_on_the_page_too(staffed: Any, open_page: Any) -> None:
    """Ours: the page shows the row as it is by now; what was altered since it was made cannot be approved."""
    from sqlalchemy import text

    await staffed.store.write(lambda on: on.execute(text("UPDATE proposals SET says = 'Refund nothing at all'")))
    answer = await open_page.send(f"{open_page.path}/approve", **YES)
    assert answer.status_code == 409
    assert await staffed.refunds() == []
