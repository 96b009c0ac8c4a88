"""One request while it runs: what a handler reads, writes, emits and puts off. All of it is one transaction."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from paydesk.server.sandbox import deliveries, events
from paydesk.server.sandbox.errors import missing
from paydesk.server.sandbox.kinds import KINDS, Object
from paydesk.server.sandbox.storage import Span, Store, dumps

DAY_S: Final = 86_400
_WORLDLY: Final = frozenset({"balance_transaction", "charge", "payment_intent", "refund"})


@dataclass(frozen=True, slots=True)
class Prepared:
    """An answer that is JSON text already, so that a list need not be parsed to be sent."""

    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """An answer for a browser: HTML, or with `goes_to` a redirect there."""

    html: str = ""
    status: int = 200
    goes_to: str | None = None
    # The browser's rules for this page, where they differ from what the shared look needs (pages/shell.py).
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """An answer that is a file's own bytes, under the name that a browser saves it by."""

    content: bytes
    content_type: str
    filename: str


Answer = Object | Prepared | Page | Download


@dataclass(slots=True)
class Call:
    """The one argument that every handler takes.

    - `account` whose books these are; `now` in seconds, one value for the whole request
    - `params`: typed and checked; `request_id` and `idempotency_key` as events record them (None for timed actions)
    """

    store: Store
    account: str
    now: int
    new_id: Callable[..., str]
    method: str = ""
    path: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    request_id: str | None = None
    idempotency_key: str | None = None
    # Whether the request brought a good key; only where it need not (OAuth, pages) can this be false.
    is_signed: bool = True
    # Where the sandbox is reached, for links to its own pages ("http://127.0.0.1:12111"); "" in-process.
    origin: str = ""
    # The test clock whose time this call lives by, once it has met an object that belongs to one.
    clock: str | None = None
    # The sandbox's own time where `now` is a test clock's.
    world_now: int | None = None
    _loaded: dict[tuple[str, str], tuple[Object, str]] = field(default_factory=dict)
    # One call for each account that this request has touched, so that an object of theirs is one dict too.
    _others: dict[str, "Call"] = field(default_factory=dict)

    def of(self, account: str) -> "Call":
        """The same request in another account's books."""
        self._others.setdefault(self.account, self)
        other = self._others.get(account)
        if other is None:
            other = self._others[account] = Call(
                store=self.store,
                account=account,
                now=self.now,
                new_id=self.new_id,
                method=self.method,
                path=self.path,
                request_id=self.request_id,
                idempotency_key=self.idempotency_key,
                origin=self.origin,
                _others=self._others,
            )
        return other

    @property
    def is_told(self) -> bool:
        """Whether events of this moment are kept, so that what only an event shows is worth computing."""
        return True

    # Reading

    def find(self, kind: str, identifier: str) -> Object | None:
        """The object, or None. The same dict for the same id all through the request: change it, then `save` it."""
        known = self._loaded.get((kind, identifier))
        if known:
            return known[0]
        row = self.store.get(self.account, kind, identifier)
        if row is None:
            return None
        body: Object = json.loads(row.body)
        self._loaded[kind, identifier] = (body, row.body)
        # A read changes nothing by time, and a list may hold objects of several clocks.
        if body.get("test_clock") and self.method != "GET":
            self.live_by(body["test_clock"])
        return body

    def live_by(self, clock: str) -> None:
        """From here on `now` is the frozen time of this test clock, and what is put off waits for it to advance."""
        if clock == self.clock:
            return
        row = self.store.get(self.account, "test_helpers.test_clock", clock)
        if row:
            self.world_now = self.now if self.world_now is None else self.world_now
            self.clock, self.now = clock, int(json.loads(row.body).get("frozen_time", self.now))

    def get(self, kind: str, identifier: str, *, param: str | None = None) -> Object:
        """The object that the path names; 404 in Stripe's words, blaming `param` (the kind's own by default)."""
        body = self.find(kind, identifier)
        if body is None:
            declared = KINDS[kind]
            raise missing(declared.called, identifier, param or declared.param)
        return body

    def mention(self, kind: str, identifier: str, param: str) -> Object:
        """The object that a parameter names; 400 where there is none, or where it was deleted."""
        body = self.find(kind, identifier)
        if body is None or body.get("deleted"):
            raise missing(KINDS[kind].called, identifier, param, status=400)
        return body

    def every(self, kind: str, where: Mapping[str, Any] | None = None, limit: int = 1_000) -> list[Object]:
        """Up to `limit` objects of the kind that match indexed fields, newest first; each fit for `save`."""
        found = []
        for row in self.store.page(self.account, kind, dict(where or {}), Span(), limit):
            body = json.loads(row.body)
            known = self._loaded.setdefault((kind, body["id"]), (body, row.body))
            found.append(known[0])
        return found

    def forget(self) -> None:
        """Read everything anew: what this call had changed was undone (by a savepoint of its caller's)."""
        self._loaded.clear()
        for other in self._others.values():
            other._loaded.clear()  # noqa: SLF001 - one request in several books

    # Writing

    def create(self, body: Object, emits: str | None = None) -> Object:
        """Store a new object (with `object`, `id` and `created`) and emit its event."""
        if self.clock:
            self._fit_clock(body)
        self.store.insert(self.account, body)
        self._loaded[body["object"], body["id"]] = (body, dumps(body))
        if emits:
            self.emit(emits, body)
        return body

    def _fit_clock(self, body: Object) -> None:
        """Mark what belongs to a test clock. Payments do not: Stripe dates them by the world's time."""
        if "test_clock" in body:
            body["test_clock"] = self.clock
        elif body["object"] in _WORLDLY and self.world_now is not None:
            days = self.world_now // DAY_S - self.now // DAY_S
            if "available_on" in body:
                at_once = body["available_on"] == body["created"]
                body["available_on"] = self.world_now if at_once else body["available_on"] + days * DAY_S
            body["created"] = self.world_now

    def save(self, body: Object, emits: str | tuple[str, ...] = (), *, to: "Call | None" = None) -> Object:
        """Store a changed object; its events are emitted only if something did change, with what it was before.

        `to`: the books that the event belongs to, where they are not these.
        """
        key = (body["object"], body["id"])
        before_text = self._loaded[key][1]
        before: Object = json.loads(before_text)
        if before == body:
            return body
        self.store.update(self.account, body, before)
        self._loaded[key] = (body, dumps(body))
        if emits:
            previous = events.previous_attributes(before, body)
            for one in ((emits,) if isinstance(emits, str) else emits) if previous else ():
                (to or self).emit(one, body, previous)
        return body

    def delete(self, body: Object, emits: str | None = None, *, keeps: tuple[str, ...] = ()) -> Object:
        """Leave only `{id, object, deleted}` and what it `keeps`: no list shows it, a retrieve finds the stub."""
        key = (body["object"], body["id"])
        before: Object = json.loads(self._loaded[key][1])
        stub: Object = {"id": body["id"], "object": body["object"], "deleted": True}
        stub.update((name, body[name]) for name in keeps)
        self.store.update(self.account, stub, before)
        self._loaded[key] = (stub, dumps(stub))
        if emits:
            self.emit(emits, before)
        return stub

    def emit(self, event_type: str, body: Object, previous: Object | None = None) -> None:
        """Record an event about an object as it is now."""
        event = events.make(self, event_type, body, previous)
        deliveries.announce(self, event)
        self.store.insert(self.account, event)

    def later(self, at: int, action: str, /, **argument: Any) -> None:
        """Have a resource's action run at the first request at or after `at` (seconds since 1970).

        For what lives by a test clock it runs when that clock is advanced so far.
        """
        if self.clock:
            self.store.execute(
                "INSERT INTO clock_due (account, clock, at, action, argument) VALUES (?, ?, ?, ?, ?)",
                (self.account, self.clock, at, action, dumps(argument)),
            )
            return
        self.store.execute(
            "INSERT INTO due (account, at, action, argument) VALUES (?, ?, ?, ?)",
            (self.account, at, action, dumps(argument)),
        )

    def bulk(self, objects: list[Object]) -> int:
        """Insert many finished objects without events, fast; the number inserted."""
        return self.store.bulk(self.account, objects)
