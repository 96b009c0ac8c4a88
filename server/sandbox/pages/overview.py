"""The page at `/`: the clock, what is in the books, what happened last, and what is on its way."""

import json
from typing import TYPE_CHECKING, Any, Final

from paydesk.server.sandbox import deliveries, money, wall_clock
from paydesk.server.sandbox.deliveries import Delivery
from paydesk.server.sandbox.pages import board, looking
from paydesk.server.sandbox.pages.board import Cell
from paydesk.server.sandbox.pages.looking import Found
from paydesk.server.sandbox.pages.shell import text

if TYPE_CHECKING:
    from paydesk.server.sandbox.app import Sandbox
    from paydesk.server.sandbox.request import Seen

OBJECTS, EVENTS, REQUESTS, DELIVERIES = 12, 10, 12, 8
_STEPS: Final = (("1 hour", 3_600), ("1 day", 86_400), ("1 week", 7 * 86_400), ("30 days", 30 * 86_400))
_BAD: Final = frozenset({"failed", "canceled", "past_due", "unpaid", "uncollectible", "void", "lost", "needs_response"})
_GOOD: Final = frozenset({"succeeded", "paid", "active", "available", "won", "complete", "enabled"})


def page(sandbox: "Sandbox", account: str, at: int) -> str:
    """The whole page, of the books of one account."""
    store = sandbox.store
    back = account if account != sandbox.account else None
    main = [
        _objects(looking.latest(store, account, OBJECTS), back),
        requests(list(sandbox.seen)[::-1], REQUESTS),
        _events(looking.latest(store, account, EVENTS, "event"), back),
        delivered(deliveries.listing(store, {}, DELIVERIES), back),
    ]
    side = [
        _clock(sandbox, at, back),
        _balances(store.totals(account, at)),
        _faults(sandbox, back),
        _books(sandbox, account),
        _counts(looking.counts(store, account), back),
    ]
    return board.frame("Stripe in a box", account, at, "".join(main), "".join(side), is_side_first=True)


def _objects(found: list[Found], back: str | None) -> str:
    return board.section("Latest objects", objects(found, back, "The box is empty."))


def objects(found: list[Found], back: str | None, none: str) -> str:
    """A table of objects, each a link to itself."""
    headings = [("", "Created"), ("", "Kind"), ("", "Id"), ("", "About"), ("", "State")]
    return board.table(headings, (_object_row(one, back) for one in found), none)


def _object_row(one: Found, back: str | None) -> list[Cell]:
    return [
        ("t", board.moment(one.created)),
        ("k", text(one.kind)),
        ("", f"<code>{board.link(one.id, 'objects', one.id, account=back)}</code>"),
        ("", text(looking.about(one.body))),
        ("k", coloured(looking.state(one.body))),
    ]


def coloured(state: str) -> str:
    """A state, in the colour of how things stand; the word says it too."""
    kind = "bad" if state in _BAD else "good" if state in _GOOD else ""
    return f'<span class="{kind}">{text(state)}</span>' if kind else text(state)


def requests(seen: "list[Seen]", limit: int | None = None) -> str:
    """The latest requests, newest first."""
    rows: list[list[Cell]] = [
        [
            ("t", board.moment(one.at)),
            ("k", coloured_status(one.status)),
            ("k", text(one.method)),
            ("p", f"<code>{text(one.path)}</code>"),
            ("", text(_cut(one.error) if limit else one.error)),
        ]
        for one in seen[:limit]
    ]
    headings = [("", "At"), ("", "Status"), ("", "Method"), ("", "Path"), ("", "Error")]
    more = board.link(f"all {len(seen)}", "requests") if limit and len(seen) > limit else ""
    none = "No request since this server started."
    return board.section("Latest requests", board.table(headings, rows, none), link=more, name="requests")


def _cut(words: str) -> str:
    return words if len(words) <= 120 else f"{words[:119]}…"


def coloured_status(status: int) -> str:
    """An HTTP status, in the colour of how it went."""
    return f'<span class="{"bad" if status >= 400 else "good"}">{status}</span>'


def _events(found: list[Found], back: str | None) -> str:
    rows: list[list[Cell]] = []
    for one in found:
        about = one.body["data"]["object"].get("id") or one.body["data"]["object"].get("object", "")
        pending = one.body["pending_webhooks"]
        rows.append(
            [
                ("t", board.moment(one.created)),
                ("", board.link(one.body["type"], "objects", one.id, account=back)),
                ("", f"<code>{board.link(str(about), 'objects', str(about), account=back)}</code>"),
                ("", f"{pending} to be delivered" if pending else ""),
            ]
        )
    headings = [("", "At"), ("", "Type"), ("", "About"), ("", "")]
    more = board.link("all", "kinds", "event", account=back) if found else ""
    return board.section("Latest events", board.table(headings, rows, "No events."), link=more, name="events")


def delivered(found: list[Delivery], back: str | None) -> str:
    """Deliveries to webhook endpoints, newest first, each with a button to send it again."""
    rows = [_delivery_row(one, back) for one in found]
    headings = [("", "Status"), ("", "Event"), ("", "To"), ("", "Attempts"), ("", "")]
    none = "Nothing was to be delivered. POST /v1/webhook_endpoints has events posted to a URL."
    waits = any(one.status == deliveries.PENDING for one in found)
    more = board.button("Try what waits now", "run", back) if waits else ""
    return board.section("Deliveries", board.table(headings, rows, none), link=more, name="deliveries")


def _delivery_row(one: Delivery, back: str | None) -> list[Cell]:
    books = one.books if back or one.books != one.account else None
    last = one.attempts[-1] if one.attempts else None
    how = f"{len(one.attempts)}"
    if last:
        how += f", {text(last['error'] or last['status'])}"
    if one.next_at:
        how += f"; next {board.moment(one.next_at)}"
    return [
        ("k", coloured(one.status)),
        ("", board.link(one.type, "objects", one.event, account=books)),
        ("", f"<code>{board.link(one.endpoint, 'objects', one.endpoint)}</code>"),
        ("", how),
        ("k", board.button("Resend", "resend", back, delivery=one.id)),
    ]


def _clock(sandbox: "Sandbox", at: int, back: str | None) -> str:
    is_held = wall_clock.setting(sandbox.store).held_at is not None
    steps = "".join(board.button(f"+ {words}", "clock", back, advance=seconds) for words, seconds in _STEPS)
    hold = board.button("Let it go on" if is_held else "Hold it", "clock", back, frozen=str(not is_held).lower())
    buttons = f'<div class="buttons">{steps}{hold}</div>'
    said = "held" if is_held else "going on"
    return board.section("Clock", f'<p class="now">{board.moment(at)}</p>{buttons}<p class="none">UTC, {said}</p>')


def _balances(totals: dict[str, tuple[int, int]]) -> str:
    rows: list[list[Cell]] = [
        [
            ("k", text(currency)),
            ("n", text(money.written(available, currency))),
            ("n", text(money.written(pending, currency))),
        ]
        for currency, (available, pending) in sorted(totals.items())
    ]
    return board.section("Balance", _plain([("", ""), ("n", "available"), ("n", "pending")], rows, "No money yet."))


def _plain(headings: list[Cell], rows: list[list[Cell]], none: str) -> str:
    """A table that stays one on a narrow screen."""
    return board.table(headings, rows, none).replace(' class="rows"', "", 1)


def _faults(sandbox: "Sandbox", back: str | None) -> str:
    set_ones = [json.loads(body) for (body,) in sandbox.store.execute("SELECT body FROM faults ORDER BY seq")]
    rows: list[list[Cell]] = [
        [("", text(one["kind"])), ("", text(_where(one))), ("n", f"{one['times']} left")] for one in set_ones
    ]
    more = board.button("Clear", "faults", back) if rows else ""
    return board.section("Faults", _plain([("", "Kind"), ("", "Where"), ("n", "")], rows, "None set."), link=more)


def _where(fault: dict[str, Any]) -> str:
    return " ".join(one for one in (fault["method"], fault["path"]) if one) or "any request"


def _books(sandbox: "Sandbox", account: str) -> str:
    found = looking.accounts(sandbox.store, sandbox.account)
    if len(found) < 2:
        return ""
    rows: list[list[Cell]] = []
    for one in found:
        where = f"/?account={text(one)}" if one != sandbox.account else "/"
        words = "<strong>shown</strong>" if one == account else ""
        rows.append([("", f'<a href="{where}"><code>{text(one)}</code></a>'), ("n", words)])
    return board.section("Books", _plain([("", "Account"), ("n", "")], rows, ""))


def _counts(found: list[tuple[str, int]], back: str | None) -> str:
    items = "".join(
        f"<li>{board.link(kind, 'kinds', kind, account=back)} <span>{number:,}</span></li>" for kind, number in found
    )
    inside = f'<ul class="counts">{items}</ul>' if items else '<p class="none">Nothing.</p>'
    return board.section("What is in it", inside)
