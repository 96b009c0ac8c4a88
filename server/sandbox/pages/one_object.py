"""The page of one object: its JSON, in which ids are links, and what else is about it."""

import json
import re
from typing import TYPE_CHECKING, Any, Final

from paydesk.server.sandbox import deliveries
from paydesk.server.sandbox.kinds import Object, kind_of_id
from paydesk.server.sandbox.pages import board, looking, overview
from paydesk.server.sandbox.pages.board import Cell
from paydesk.server.sandbox.pages.looking import Found
from paydesk.server.sandbox.pages.shell import text

if TYPE_CHECKING:
    from paydesk.server.sandbox.app import Sandbox

# A whole value of JSON, after escaping, that looks like an id.
_ID: Final = re.compile(r"&quot;([a-z]{2,12}_[A-Za-z0-9_]{6,80})&quot;(?!:)", re.ASCII)
MAX_SHOWN: Final = 300_000


def page(sandbox: "Sandbox", account: str, at: int, identifier: str) -> str | None:
    """The whole page; None where the books have no such object."""
    found = looking.find(sandbox.reading(account), identifier)
    if found is None:
        return None
    back = account if account != sandbox.account else None
    others = looking.mentions(sandbox.store, account, identifier)
    main = [
        f"<section><h1><code>{text(identifier)}</code></h1><p>{text(found.get('object', ''))}"
        f"{_dotted(text(looking.about(found)))}{_dotted(overview.coloured(looking.state(found)))}</p></section>",
        board.section("JSON", f"<pre>{_json(found, back)}</pre>"),
    ]
    sent = deliveries.listing(sandbox.store, {"event": identifier}, 20)
    if sent:
        main.append(overview.delivered(sent, back))
    related = [one for one in others if one.kind != "event" and one.id != identifier]
    side = [
        board.section("Related", _short(related, back, "Nothing else names it.")),
        board.section("Events", _short([one for one in others if one.kind == "event"], back, "No events about it.")),
    ]
    return board.frame(identifier, account, at, "".join(main), "".join(side))


def _dotted(words: str) -> str:
    return f" · {words}" if words else ""


def _short(found: list[Found], back: str | None, none: str) -> str:
    rows: list[list[Cell]] = [
        [
            ("", f"{board.link(_called(one), 'objects', one.id, account=back)}<br>{_quiet(one)}"),
            ("n", overview.coloured(looking.state(one.body))),
        ]
        for one in found[:30]
    ]
    return board.table([("", "What"), ("n", "")], rows, none).replace(' class="rows"', "", 1)


def _called(one: Found) -> str:
    return str(one.body["type"]) if one.kind == "event" else one.kind


def _quiet(one: Found) -> str:
    said = "" if one.kind == "event" else looking.about(one.body)
    return f"<small>{board.moment(one.created)}{_dotted(text(said))}</small>"


def _json(body: Object, back: str | None) -> str:
    written = json.dumps(body, indent=2, ensure_ascii=False)[:MAX_SHOWN]

    def linked(found: re.Match[str]) -> str:
        identifier = found[1]
        if kind_of_id(identifier) is None:
            return found[0]
        return f"&quot;{board.link(identifier, 'objects', identifier, account=back)}&quot;"

    return _ID.sub(linked, text(written))


def kind_page(sandbox: "Sandbox", account: str, at: int, kind: str, query: dict[str, Any]) -> str:
    """The objects of one kind, newest first, fifty at a time."""
    back = account if account != sandbox.account else None
    found = looking.latest(sandbox.store, account, 51, kind, query.get("before"))
    more = ""
    if len(found) > 50:
        found = found[:50]
        more = board.link("older", "kinds", kind, account=back, before=str(found[-1].seq))
    table = overview.objects(found, back, "There is none.")
    inside = board.section(kind, f"{table}<p>{more}</p>" if more else table)
    return board.frame(kind, account, at, inside)
