"""What the pages look up in the file: counts, the latest objects, what an object is about, what else mentions it."""

import json
from dataclasses import dataclass
from typing import Any, Final

from paydesk.server.sandbox import money
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.expand import shown
from paydesk.server.sandbox.kinds import KINDS, Object, dig, kind_of_id
from paydesk.server.sandbox.storage import Store, term

# These follow from other objects, and have tables of their own.
_FOLLOWING: Final = ("event", "balance_transaction")
_AMOUNTS: Final = ("amount", "total", "unit_amount", "amount_total", "price.unit_amount", "plan.amount")
_WORDS: Final = ("name", "display_name", "description", "nickname", "email", "number", "url", "code", "type", "reason")
_SECRETS: Final = frozenset({"client_secret", "secret", "authentication_token", "signing_secret"})


@dataclass(frozen=True, slots=True)
class Found:
    """A stored object and its place in the order of the file."""

    seq: int
    created: int
    kind: str
    id: str
    body: Object


def counts(store: Store, account: str) -> list[tuple[str, int]]:
    """How many objects there are of each kind, deleted ones included, by name."""
    rows = store.execute("SELECT kind, count(*) FROM objects WHERE account = ? GROUP BY kind ORDER BY kind", (account,))
    return [(kind, number) for kind, number in rows]


def accounts(store: Store, platform: str) -> list[str]:
    """The accounts that have books in the file, the platform's first."""
    rows = store.execute(
        "SELECT DISTINCT account FROM objects WHERE account > ?1 OR account < ?1 LIMIT 50", (platform,)
    )
    return [platform, *sorted(account for (account,) in rows)]


def latest(store: Store, account: str, limit: int, kind: str | None = None, before: int | None = None) -> list[Found]:
    """The newest objects, of one kind or of all that do not merely follow from others; `before`: older than that."""
    chosen = "kind = ?" if kind else "kind NOT IN (?, ?)"
    values: list[Any] = [account, *((kind,) if kind else _FOLLOWING), before if before is not None else 2**62, limit]
    rows = store.execute(
        f"SELECT seq, created, kind, id, body FROM objects WHERE account = ? AND {chosen} AND seq < ?"  # noqa: S608 - one of two conditions of ours
        " ORDER BY seq DESC LIMIT ?",
        values,
    )
    return [Found(seq, created, name, identifier, json.loads(body)) for seq, created, name, identifier, body in rows]


def find(call: Call, identifier: str) -> Object | None:
    """An object of any kind by its id, as it is shown now, without secrets."""
    guess = kind_of_id(identifier)
    names = [guess.name] if guess else []
    for name in [*names, *KINDS]:
        row = call.store.get(call.account, name, identifier)
        if row:
            body: Object = shown(call, json.loads(row.body))
            hidden: Object = _hidden(body)
            return hidden
    return None


def _hidden(value: Any) -> Any:
    """The same with every secret starred out, and without the sandbox's own notes."""
    if isinstance(value, list):
        return [_hidden(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: "(hidden)" if name in _SECRETS and isinstance(one, str) else _hidden(one)
        for name, one in value.items()
        if not name.startswith("_")
    }


def mentions(store: Store, account: str, identifier: str, limit: int = 60) -> list[Found]:
    """What names an object in one of its indexed fields, newest first; events about it too."""
    terms = [term(account, kind.name, field, identifier) for kind in KINDS.values() for field in kind.indexed]
    marks = ", ".join("?" * len(terms))
    start = (
        "SELECT DISTINCT o.seq, o.created, o.kind, o.id, o.body FROM postings p JOIN objects o ON o.seq = p.seq WHERE"
    )
    rows = store.execute(f"{start} p.term IN ({marks}) ORDER BY o.seq DESC LIMIT ?", [*terms, limit])
    return [Found(seq, created, name, one, json.loads(body)) for seq, created, name, one, body in rows]


def about(body: Object) -> str:
    """An object in a few words: its amount, its name."""
    if body.get("deleted"):
        return "deleted"
    said = []
    currency = body.get("currency") or dig(body, "price.currency") or dig(body, "plan.currency")
    for field in _AMOUNTS:
        amount = dig(body, field)
        if isinstance(amount, int) and isinstance(currency, str):
            said.append(money.written(amount, currency))
            break
    for field in _WORDS:
        words = body.get(field)
        if isinstance(words, str) and words:
            said.append(words if len(words) <= 80 else f"{words[:79]}…")
            break
    return " · ".join(said)


def state(body: Object) -> str:
    """The object's state in one word, where it has one."""
    status = body.get("status")
    if isinstance(status, str):
        return status
    active = body.get("active")
    return "" if not isinstance(active, bool) else "active" if active else "inactive"
