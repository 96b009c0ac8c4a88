"""Deliveries: which event goes to which endpoint, how often it was tried, when it is tried next. Kept in the file.

A delivery is queued in the transaction that makes its event: a restart loses none. It may arrive twice, as at Stripe.
In test mode Stripe tries three times more over some hours (https://docs.stripe.com/webhooks#retries); here the times
are a setting, and they pass by the sandbox's clock.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from paydesk.server.sandbox import event_types
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.storage import Store, dumps, term

if TYPE_CHECKING:
    from paydesk.server.sandbox.call import Call

ENDPOINT: Final = Kind(
    name="webhook_endpoint",
    prefix="we_",
    called="webhook endpoint",
    param="id",
    indexed=("status",),
    shows=lambda _call, body: visible(body),
)
DESTINATION: Final = "v2.core.event_destination"
THIN_EVENT: Final = "v2.core.event"

PENDING, SUCCEEDED, FAILED, CANCELED = "pending", "succeeded", "failed", "canceled"
STATUSES: Final = (PENDING, SUCCEEDED, FAILED, CANCELED)
RETRIES_S: Final = (300, 1_800, 7_200)
MAX_RETRIES: Final = 20
PREFIX: Final = "whd_"
_RETRIES_FACT: Final = "webhook_retries"
_COLUMNS: Final = "seq, account, endpoint, kind, books, event, type, created, status, next_at, attempts"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint.

    `account` owns the endpoint, `books` the event; `kind` is the event's (snapshot or thin of its own). `next_at` by
    the sandbox's clock, None when nothing more will be tried. Attempts: `{at, status, error, duration_ms}`.
    """

    seq: int
    account: str
    endpoint: str
    kind: str
    books: str
    event: str
    type: str
    created: int
    status: str
    next_at: int | None
    attempts: list[Object]

    @property
    def id(self) -> str:
        return f"{PREFIX}{self.seq}"

    def shown(self) -> Object:
        """As the control endpoint tells of it."""
        return {
            "id": self.id,
            "object": "sandbox.delivery",
            "account": self.books,
            "attempts": self.attempts,
            "created": self.created,
            "endpoint": self.endpoint,
            "event": self.event,
            "event_type": self.type,
            "next_attempt_at": self.next_at,
            "status": self.status,
        }


def _of(row: tuple[Any, ...]) -> Delivery:
    values: list[Any] = [*row[:-1], json.loads(row[-1])]
    return Delivery(*values)


def announce(call: "Call", event: Object) -> None:
    """Queue an event that is about to be stored for every endpoint that listens; counts `pending_webhooks`."""
    found = _listening(call, event["type"], event_types.THIN + event["type"])
    event["pending_webhooks"] = len(found)
    for account, endpoint in found:
        queue(call, account, endpoint, event)


def announce_thin(call: "Call", event: Object) -> None:
    """Queue a stored thin event that has no snapshot for every destination that listens."""
    for account, destination in _listening(call, None, event["type"]):
        queue(call, account, destination, event)


def queue(call: "Call", account: str, endpoint: Object, event: Object) -> None:
    """Have one event delivered to one endpoint of `account`, as soon as may be."""
    created = event["created"]
    call.store.execute(
        "INSERT INTO deliveries (account, endpoint, kind, books, event, type, created, status, next_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        # A test clock's event is dated by that clock, yet it is delivered now.
        (account, endpoint["id"], event["object"], call.account, event["id"], event["type"], created, PENDING, 0),
    )
    call.store.has_news = True


def _listening(call: "Call", snapshot: str | None, thin: str) -> list[tuple[str, Object]]:
    platform = call.store.fact("account") or call.account
    terms = [
        term(account, kind, "status", "enabled")
        for account in {platform, call.account}
        for kind in (ENDPOINT.name, DESTINATION)
    ]
    rows = call.store.bodies_under(terms)
    found = [(account, json.loads(body)) for account, body in rows]
    return [
        (account, one)
        for account, one in found
        if _hears(one, snapshot, thin) and _covers(call, account, one, platform, snapshot)
    ]


def _hears(endpoint: Object, snapshot: str | None, thin: str) -> bool:
    named = thin if endpoint.get("event_payload") == "thin" else snapshot
    return named is not None and bool({"*", named} & set(endpoint["enabled_events"]))


def _covers(call: "Call", account: str, endpoint: Object, platform: str, snapshot: str | None) -> bool:
    """Whether the books of this event are among those that an endpoint of `account` hears of."""
    if endpoint["object"] == ENDPOINT.name:
        scopes = ["@accounts" if endpoint["_connect"] else "@self"]
    else:
        scopes = endpoint["events_from"]
    if call.account == account:
        return "@self" in scopes
    return "@accounts" in scopes and account == platform and _is_connected(call, platform, snapshot)


def _is_connected(call: "Call", platform: str, event_type: str | None) -> bool:
    # The last that a platform hears of an account that left it.
    if event_type == "account.application.deauthorized":
        return True
    row = call.store.get(platform, "account", call.account)
    return row is not None and json.loads(row.body).get("_platform") == platform


def retries_s(store: Store) -> tuple[int, ...]:
    """How long after each failure the next attempt follows, in seconds; as many attempts more as there are entries."""
    kept = store.fact(_RETRIES_FACT)
    return tuple(json.loads(kept)) if kept else RETRIES_S


def set_retries_s(store: Store, delays: tuple[int, ...]) -> None:
    """Set when failed deliveries are tried again, inside the caller's transaction."""
    store.set_fact(_RETRIES_FACT, dumps(list(delays)))


def read_retries(text: str) -> tuple[int, ...]:
    """The delays in `1,5,60` (`none` for no further attempt); ValueError otherwise."""
    parts = [] if text == "none" else text.split(",")
    if len(parts) > MAX_RETRIES or not all(one.strip().isascii() and one.strip().isdecimal() for one in parts):
        message = f"{text[:40]!r} is no list of seconds: write it as 1,5,60, at most {MAX_RETRIES} of them, or none"
        raise ValueError(message)
    return tuple(min(int(one), 10**9) for one in parts)


def due_endpoints(store: Store, now: int, held_before: float) -> list[str]:
    """The endpoints that something is to be sent to now."""
    rows = store.execute(
        "SELECT DISTINCT endpoint FROM deliveries WHERE next_at <= ? AND held_until <= ?", (now, held_before)
    )
    return [endpoint for (endpoint,) in rows]


def take(store: Store, endpoint: str, now: int, real_now: float, held_until: float) -> Delivery | None:
    """The next delivery of an endpoint, held for the taker until it is recorded (real seconds); None for none.

    A process that ends in between holds it no longer than that.
    """
    row = store.execute(
        f"UPDATE deliveries SET held_until = ?4 WHERE seq = (SELECT seq FROM deliveries WHERE endpoint = ?1"  # noqa: S608 - our own column names
        f" AND next_at <= ?2 AND held_until <= ?3 ORDER BY next_at, seq LIMIT 1) RETURNING {_COLUMNS}",
        (endpoint, now, real_now, held_until),
    ).fetchone()
    return _of(row) if row else None


def record(store: Store, delivery: Delivery, now: int, attempt: Object) -> None:
    """Note how an attempt went, and when the next one is, if any. `attempt`: its `status`, `error`, `duration_ms`."""
    attempts = [*delivery.attempts, {"at": now, **attempt}]
    delays = retries_s(store)
    if attempt["error"] is None:
        status, next_at = SUCCEEDED, None
    elif len(attempts) <= len(delays):
        status, next_at = PENDING, now + delays[len(attempts) - 1]
    else:
        status, next_at = FAILED, None
    store.execute(
        "UPDATE deliveries SET status = ?, next_at = ?, held_until = 0, attempts = ? WHERE seq = ?",
        (status, next_at, dumps(attempts), delivery.seq),
    )
    _count_pending(store, delivery)


def cancel(store: Store, delivery: Delivery) -> None:
    """Give a delivery up whose endpoint or event is no longer there."""
    store.execute(
        "UPDATE deliveries SET status = ?, next_at = NULL, held_until = 0 WHERE seq = ?", (CANCELED, delivery.seq)
    )
    _count_pending(store, delivery)


def _count_pending(store: Store, delivery: Delivery) -> None:
    """An event's `pending_webhooks`: how many endpoints have not taken it yet."""
    if delivery.kind == THIN_EVENT:
        return
    row = store.get(delivery.books, delivery.kind, delivery.event)
    if row is None:
        return
    counted = store.execute(
        "SELECT count(*) FROM deliveries WHERE event = ? AND status IN (?, ?)", (delivery.event, PENDING, FAILED)
    ).fetchone()
    before: Object = json.loads(row.body)
    if before["pending_webhooks"] != counted[0]:
        store.update(delivery.books, {**before, "pending_webhooks": counted[0]}, before)


def listing(store: Store, where: dict[str, Any], limit: int, older_than: int | None = None) -> list[Delivery]:
    """Deliveries, newest first, that match `event`, `endpoint`, `status`."""
    conditions = [f"{name} = ?" for name in where] + (["seq < ?"] if older_than is not None else [])
    values = [*where.values(), *([older_than] if older_than is not None else []), limit]
    rows = store.execute(
        f"SELECT {_COLUMNS} FROM deliveries{' WHERE ' if conditions else ''}{' AND '.join(conditions)}"  # noqa: S608 - our own names
        " ORDER BY seq DESC LIMIT ?",
        values,
    )
    return [_of(row) for row in rows]


def number(identifier: str) -> int | None:
    """The number in a delivery's id; None where it is no such id."""
    digits = identifier.removeprefix(PREFIX)
    good = identifier.startswith(PREFIX) and digits.isascii() and digits.isdecimal() and len(digits) < 18
    return int(digits) if good else None


def resend(store: Store, identifier: str) -> int:
    """Have one delivery, or all of one event, tried again now, whatever became of it; how many there are."""
    found = number(identifier)
    column, value = ("seq", found) if found is not None else ("event", identifier)
    store.has_news = True
    return store.execute(
        f"UPDATE deliveries SET status = '{PENDING}', next_at = 0, held_until = 0 WHERE {column} = ?",  # noqa: S608 - two names of ours
        (value,),
    ).rowcount


def run_now(store: Store) -> int:
    """Have everything that waits for its next attempt tried now; how many there are."""
    store.has_news = True
    return store.execute(
        "UPDATE deliveries SET next_at = 0 WHERE status = ? AND next_at IS NOT NULL", (PENDING,)
    ).rowcount
