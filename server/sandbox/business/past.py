"""The past: a call whose requests were made on earlier days, kept in memory until everything is written at once.

The sandbox's own functions run in it (charging, refunding, disputing), so that what is made up obeys the rules by which
everything else lives. Events are kept for as long as Stripe keeps them, timed actions happen at their time.
"""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from paydesk.server.sandbox import events
from paydesk.server.sandbox.business.calendar import DAY_S
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import KINDS, Object, dig
from paydesk.server.sandbox.storage import Store

EVENTS_KEPT_S: Final = 30 * DAY_S
Action = Callable[..., None]


@dataclass(slots=True)
class Past(Call):
    """A `Call` that moves through time. `until` is the present, in seconds since 1970."""

    until: int = 0
    # Balance transactions that no payout has taken yet, oldest first.
    booked: list[Object] = field(default_factory=list)
    actions: Mapping[str, Action] = field(default_factory=dict)
    _objects: dict[tuple[str, str], Object] = field(default_factory=dict)
    _before: dict[tuple[str, str], Object] = field(default_factory=dict)
    _events: list[Object] = field(default_factory=list)
    # At equal times in the order in which they were put off; an action's name, or a function of the business.
    _due: list[tuple[int, int, str | Action, dict[str, Any]]] = field(default_factory=list)
    _put_off: int = 0
    # Kind and field -> value -> ids, for the fields that some rule has looked objects up by.
    _indexes: dict[tuple[str, str], dict[Any, list[str]]] = field(default_factory=dict)

    def find(self, kind: str, identifier: str) -> Object | None:
        """As a call's; what is read in the last thirty days is remembered as it was, for its events."""
        body = self._objects.get((kind, identifier))
        if body is not None and self.is_told:
            self._before.setdefault((kind, identifier), _copied(body))
        return body

    def every(self, kind: str, where: Mapping[str, Any] | None = None, limit: int = 1_000) -> list[Object]:
        """As a call's."""
        wanted = {name: value for name, value in (where or {}).items() if value is not None}
        ids = self._ids(kind, wanted)
        found = []
        for identifier in reversed(ids):
            body = self.find(kind, identifier)
            if body and not body.get("deleted") and all(_holds(body, name, value) for name, value in wanted.items()):
                found.append(body)
        found.sort(key=lambda body: -int(body.get("created") or 0))
        return found[:limit]

    def create(self, body: Object, emits: str | None = None) -> Object:
        """As a call's, in memory."""
        key = (body["object"], body["id"])
        self._objects[key] = body
        self._index(body)
        if body["object"] == "balance_transaction":
            self.booked.append(body)
        if self.is_told:
            self._before[key] = _copied(body)
            if emits:
                self.emit(emits, body)
        return body

    def save(self, body: Object, emits: str | tuple[str, ...] = (), *, to: Call | None = None) -> Object:
        """As a call's, in memory; the past has one account, so `to` is itself."""
        key = (body["object"], body["id"])
        self._objects[key] = body
        self._index(body)
        if not self.is_told:
            return body
        before = self._before.get(key)
        if before == body:
            return body
        self._before[key] = _copied(body)
        if emits and before is not None:
            previous = events.previous_attributes(before, body)
            for one in ((emits,) if isinstance(emits, str) else emits) if previous else ():
                (to or self).emit(one, body, previous)
        return body

    def delete(self, body: Object, emits: str | None = None, *, keeps: tuple[str, ...] = ()) -> Object:
        """As a call's, in memory."""
        if emits:
            self.emit(emits, body)
        stub: Object = {"id": body["id"], "object": body["object"], "deleted": True, "created": body["created"]}
        stub.update((name, body[name]) for name in keeps)
        self._objects[body["object"], body["id"]] = stub
        return stub

    def emit(self, event_type: str, body: Object, previous: Object | None = None) -> None:
        """As a call's, for the last thirty days."""
        if self.is_told:
            self._events.append(events.make(self, event_type, _copied(body), previous))

    def later(self, at: int, action: str, /, **argument: Any) -> None:
        """As a call's; what is due by the present happens in the past, the rest is left to the sandbox."""
        self._put_off += 1
        heapq.heappush(self._due, (at, self._put_off, action, argument))

    def plan(self, at: int, function: Action, /, **argument: Any) -> None:
        """Have a function of the business run at a moment, if that comes before the present does."""
        self._put_off += 1
        heapq.heappush(self._due, (at, self._put_off, function, argument))

    @property
    def is_told(self) -> bool:
        """Whether the moment is recent enough for its events to be kept."""
        return self.now >= self.until - EVENTS_KEPT_S

    def live(self) -> None:
        """Let everything that was put off happen, each at its time, up to the present."""
        while self._due and self._due[0][0] <= self.until:
            self.now, _, what, argument = heapq.heappop(self._due)
            self.request_id = self.idempotency_key = None
            if isinstance(what, str):
                self.actions[what](self, **argument)
            else:
                what(**argument)
        self.now = self.until

    def request(self, **params: Any) -> "Past":
        """As if a request with these parameters came now."""
        self.params = params
        if self.is_told:
            self.request_id, self.idempotency_key = self.new_id("req_", 14), self.new_id("", 24)
        return self

    def write(self) -> int:
        """Put everything into the store, oldest first, and what is still to come into its list; how many objects."""
        made = [*self._objects.values(), *self._events]
        made.sort(key=lambda body: int(body.get("created") or 0))
        count = self.store.bulk(self.account, made)
        for at, _, what, argument in sorted(self._due, key=lambda due: due[:2]):
            if isinstance(what, str):
                Call.later(self, at, what, **argument)
        return count

    def _ids(self, kind: str, wanted: Mapping[str, Any]) -> list[str]:
        if not wanted:
            return [identifier for name, identifier in self._objects if name == kind]
        field_name, value = next(iter(wanted.items()))
        key = (kind, field_name)
        if key not in self._indexes:
            self._indexes[key] = {}
            for body in [one for one in self._objects.values() if one["object"] == kind]:
                self._index_by(key, body)
        return self._indexes[key].get(value, [])

    def _index(self, body: Object) -> None:
        for name in KINDS[body["object"]].indexed:
            key = (body["object"], name)
            if key in self._indexes:
                self._index_by(key, body)

    def _index_by(self, key: tuple[str, str], body: Object) -> None:
        value = dig(body, key[1])
        for one in value if isinstance(value, list) else (value,):
            if one is not None:
                ids = self._indexes[key].setdefault(one, [])
                if body["id"] not in ids:
                    ids.append(body["id"])


def _copied(body: Object) -> Object:
    """A copy that shares nothing with the object: JSON's types only, so several times faster than copy.deepcopy."""
    return {name: _copied_value(value) for name, value in body.items()}


def _copied_value(value: Any) -> Any:
    if value.__class__ is dict:
        return {name: _copied_value(inner) for name, inner in value.items()}
    if value.__class__ is list:
        return [_copied_value(inner) for inner in value]
    return value


def _holds(body: Object, name: str, value: Any) -> bool:
    found = dig(body, name)
    return value in found if isinstance(found, list) else found == value


def begin(call: Call, *, start: int, until: int, actions: Mapping[str, Action]) -> Past:
    """The past of the books that a call is about, beginning at `start`."""
    store: Store = call.store
    return Past(store=store, account=call.account, now=start, new_id=call.new_id, until=until, actions=actions)
