"""The sandbox: a Stripe that runs here. `create_sandbox` opens one; `Sandbox.respond` answers a request, in-process or,
through the same object as an ASGI app, over a socket.
"""

import json
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from paydesk.server.sandbox import faults, idempotency, params, permissions, wall_clock
from paydesk.server.sandbox.access import (
    books_of,
    check_connected,
    check_key,
    check_origin,
    check_version,
    connected_account,
    context_of,
    is_good_key,
    is_open,
    is_page,
    session_account,
)
from paydesk.server.sandbox.call import Call, Download, Page, Prepared
from paydesk.server.sandbox.catalogue import ROUTES
from paydesk.server.sandbox.errors import (
    StripeError,
    conflict,
    damaged,
    key_in_flight,
    locked,
    server_error,
    too_many_requests,
)
from paydesk.server.sandbox.events import API_VERSION
from paydesk.server.sandbox.expand import expand, shown
from paydesk.server.sandbox.faults import ConnectionDropped, Fault
from paydesk.server.sandbox.founding import Fill, found
from paydesk.server.sandbox.ids import id_maker, ids_of_request
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.request import Reply, Request, Seen, download_reply, page_reply
from paydesk.server.sandbox.routes import Route
from paydesk.server.sandbox.settlement import Settlement
from paydesk.server.sandbox.storage import Store, dumps
from paydesk.server.sandbox.throttle import Throttle

if TYPE_CHECKING:
    from paydesk.server.sandbox.sending import Deliverer
    from paydesk.server.sandbox.webhooks import Sender

MAX_BODY_BYTES: Final = 1_000_000
SEEN_REQUESTS: Final = 300
# A file may have 16 MB (https://docs.stripe.com/file-upload); the body around it has a little more.
MAX_UPLOAD_BYTES: Final = 17_000_000
MAX_DUE_PER_REQUEST: Final = 10_000

log = logging.getLogger(__name__)


def create_sandbox(
    state: Path | None = None,
    *,
    seed: int | None = None,
    now: Callable[[], float] = time.time,
    key: str | None = None,
    fill: Fill | None = None,
    is_empty: bool = False,
    settlement: Settlement | None = None,
    clock_at: int | None = None,
    is_clock_held: bool = False,
    rate_limit_per_s: int | None = None,
    checks_file: bool = False,
    sender: "Sender | None" = None,
) -> "Sandbox":
    """Open the sandbox whose file is `state` (None: in memory), making it first where it is new.

    A new one gets its account and, in the same transaction, the business of `seed` (None: nothing) or instead of it
    whatever `fill` puts there; `is_empty` leaves it empty, and the seed decides on ids alone. The same seed, clock and
    requests give the same content and ids. `now` gives seconds since 1970, `clock_at` moves the sandbox's clock there,
    to go on or to be held; `settlement` says how the account settles. `key`: the only key accepted (None: any test
    key). `rate_limit_per_s`: reads, and writes, that one second may bring (None: any number). `checks_file` reads the
    whole file for damage first. `sender` posts to webhook endpoints (None: deliveries are only queued); as an ASGI app
    the sandbox delivers by itself, in-process `deliver` does.
    ValueError for a file of another format or one made otherwise, OSError for one that cannot be read or written. Of
    several processes that open a new file at once, one fills it.
    """
    try:
        store = Store(state)
        try:
            if checks_file:
                store.check()
            with store.transaction(writes=True):
                if clock_at is not None or is_clock_held:
                    at = wall_clock.now(store, now) if clock_at is None else clock_at
                    wall_clock.put(store, now, at, held=is_clock_held)
                found(store, seed, wall_clock.now(store, now), fill, settlement, is_empty=is_empty)
            store.opened()
        except BaseException:
            store.close()
            raise
    except sqlite3.Error as error:
        message = f"{state} cannot be used as the sandbox's file: {error}. Delete it to start afresh, or name another."
        raise OSError(message) from error
    return Sandbox(store, now=now, key=key, rate_limit_per_s=rate_limit_per_s, sender=sender)


class Sandbox:
    """One open sandbox. An ASGI app, and callable without one through `respond`."""

    def __init__(
        self,
        store: Store,
        *,
        now: Callable[[], float],
        key: str | None,
        rate_limit_per_s: int | None = None,
        sender: "Sender | None" = None,
    ) -> None:
        self.store = store
        self.real_now = now
        self._key = key
        self._throttle = Throttle(rate_limit_per_s, time.monotonic) if rate_limit_per_s else None
        self._new_request_id = id_maker()
        # Requests of one process take turns; other processes take theirs at SQLite's write lock.
        self._turn = threading.Lock()
        self._in_flight: set[tuple[str, str]] = set()
        # What snapshots a sandbox in memory has, by name.
        self.snapshots: dict[str, sqlite3.Connection] = {}
        self.deliverer = _deliverer(self, sender) if sender else None
        # The latest requests, for whoever looks at the page: no keys, no parameters.
        self.seen: deque[Seen] = deque(maxlen=SEEN_REQUESTS)
        self.reopened()

    def reopened(self) -> None:
        """The file's content is another: forget what was known of it."""
        self.account = self.store.fact("account") or ""
        self._ids_seed = self.store.fact("ids")

    def turn(self) -> threading.Lock:
        """What is held while the file is used, between two requests."""
        return self._turn

    async def deliver(self) -> int:
        """Post what is due to webhook endpoints now; how many attempts were made (0 without a sender)."""
        return await self.deliverer.deliver() if self.deliverer else 0

    def reading(self, account: str | None = None) -> Call:
        """A call for looking at the books of an account (the platform's), outside any request."""
        now = wall_clock.now(self.store, self.real_now)
        return Call(self.store, account or self.account, now, self._new_request_id, method="GET")

    def now(self) -> float:
        """Seconds since 1970 by the sandbox's own clock."""
        with self._turn:
            return wall_clock.now(self.store, self.real_now)

    def close(self) -> None:
        """Close the file; the sandbox answers nothing afterwards."""
        self.store.close()
        for kept in self.snapshots.values():
            kept.close()

    async def respond(
        self, method: str, path_with_query: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        """Answer one request: (status, headers, JSON body). Raises ConnectionDropped where a fault says so."""
        request = Request.read(method, path_with_query, headers, body, self._new_request_id("req_", 14))
        reply = await self._reply(request)
        self._note(request, reply)
        return reply.status, request.reply_headers(reply, API_VERSION), reply.content

    def _note(self, request: Request, reply: Reply) -> None:
        """Remember the request for the page, and wake who delivers if it queued something."""
        if not is_page(request.path):
            self.seen.append(Seen.of(request, reply, self.real_now()))
        if self.store.has_news:
            self.store.has_news = False
            if self.deliverer:
                self.deliverer.wake()

    def too_large(self) -> tuple[int, dict[str, str], bytes]:
        """The answer to a request whose body is longer than is read."""
        request = Request.read("POST", "/", {}, b"", self._new_request_id("req_", 14))
        reply = request.refuse(StripeError("Request too large.", status=413))
        return reply.status, request.reply_headers(reply, API_VERSION), reply.content

    async def _reply(self, request: Request) -> Reply:
        try:
            self._admit(request)
            if self._throttle and not request.path.startswith("/_sandbox/"):
                self._throttle.admit(request.method)
            fault = self._fault_for(request)
            with self._key_held(request):
                await _before(fault)
                reply = self._answer(request, fault)
        except StripeError as error:
            return request.refuse(error)
        except sqlite3.OperationalError as error:
            is_held = "locked" in str(error) or "busy" in str(error)
            log.warning("the sandbox file could not be used", exc_info=True)
            return request.refuse(locked() if is_held else server_error())
        except sqlite3.DatabaseError:
            log.exception("the sandbox file is damaged")
            return request.refuse(damaged(self.store.path.name if self.store.path else "(in memory)"))
        if fault and fault.kind == "drop_after":
            raise ConnectionDropped(fault.kind)
        if fault and fault.kind == "garbage":
            return Reply(200, faults.GARBAGE, content_type="text/html")
        return reply

    def _admit(self, request: Request) -> None:
        check_version(request.headers.get("stripe-version"))
        request.account = self.account
        authorization = request.headers.get("authorization")
        if is_page(request.path):
            check_origin(request.method, request.headers)
        if is_open(request.path):
            request.is_signed = is_good_key(authorization, self._key)
            return
        with self._turn:
            own = connected_account(self.store, authorization) or session_account(
                self.store, authorization, request.path, wall_clock.now(self.store, self.real_now)
            )
        if own is None:
            key = check_key(authorization, self._key)
            with self._turn:
                permissions.check(self.store, key, request.method, request.path, self.account)
        named = request.headers.get("stripe-account") or context_of(request.headers)
        request.account = own or books_of(named, self.account)
        if request.account != self.account:
            with self._turn:
                check_connected(self.store, request.account, self.account)

    @contextmanager
    def _key_held(self, request: Request) -> Iterator[None]:
        """While a request waits or runs, a second one with its idempotency key is refused."""
        if request.key is None:
            yield
            return
        held = (request.account, request.key)
        if held in self._in_flight:
            raise key_in_flight(request.key)
        self._in_flight.add(held)
        try:
            yield
        finally:
            self._in_flight.discard(held)

    def _fault_for(self, request: Request) -> Fault | None:
        # Whoever looks at the page takes no fault away from what is tested.
        if request.path.startswith("/_sandbox/") or is_page(request.path):
            return None
        header = request.headers.get("paydesk-sandbox-fault")
        if header:
            return faults.from_header(header)
        with self._turn:
            seq = faults.waiting(self.store, request.method, request.path)
            if seq is None:
                return None
            with self.store.transaction(writes=True):
                return faults.take(self.store, seq)

    def _answer(self, request: Request, fault: Fault | None) -> Reply:
        """Find the operation, check its parameters, run it once."""
        route, names = ROUTES.match(request.method, request.path)
        form = request.form()
        if route.alone:
            with self._turn:
                if route.method == "GET":
                    self._let_due_happen(wall_clock.now(self.store, self.real_now))
                answer = route.handler(self, params.read(route.takes, form), **names)
                return page_reply(answer) if isinstance(answer, Page) else Reply(200, dumps(answer))
        with self._turn:
            now = wall_clock.now(self.store, self.real_now)
            self._let_due_happen(now)
            with self.store.transaction(writes=route.writes):
                claim = request.claim()
                kept = idempotency.recall(self.store, claim, now) if claim else None
                if kept:
                    return Reply(kept.status, kept.body, replays=kept.request_id)
                typed = params.read(route.takes, form)
                call = self._call(request, now, typed)
                reply = self._run(route, call, names, request, fault)
                if claim:
                    idempotency.keep(self.store, claim, now, idempotency.Kept(request.id, reply.status, reply.body))
                return reply

    def _ids(self) -> Callable[..., str]:
        """What makes the ids of one request."""
        return self._new_request_id if self._ids_seed is None else ids_of_request(self.store, self._ids_seed)

    def _call(self, request: Request, now: int, typed: dict[str, Any]) -> Call:
        new_id = self._ids()
        return Call(
            store=self.store,
            account=request.account,
            now=now,
            new_id=new_id,
            method=request.method,
            path=request.path,
            params=typed,
            request_id=request.id,
            origin=request.origin,
            is_signed=request.is_signed,
            # Stripe makes up a key for a POST that brings none, and records it with the event.
            idempotency_key=request.key or (new_id("", 24) if request.method == "POST" else None),
        )

    def _run(self, route: Route, call: Call, names: dict[str, str], request: Request, fault: Fault | None) -> Reply:
        """The operation itself. What it refuses is undone, except a declined payment, which leaves its traces."""
        declined: StripeError | None = None
        try:
            with self.store.savepoint():
                try:
                    answer = route.handler(call, **names)
                except StripeError as error:
                    if not error.keeps_effects:
                        raise
                    declined = error
                if fault and fault.kind == "fail_during":
                    raise server_error()  # noqa: TRY301 - here, so that the savepoint undoes the operation
                text = "" if declined or isinstance(answer, Page | Download) else _written(call, answer)
        except StripeError as error:
            return request.refuse(error)
        except Exception as error:
            # A file that is held or damaged is no fault of the operation; its subclasses (a broken rule) are.
            if type(error) in (sqlite3.OperationalError, sqlite3.DatabaseError):
                raise
            log.exception("the sandbox could not answer %s %s", route.method, route.template)
            return request.refuse(server_error())
        if fault and fault.kind == "fail_after":
            return request.refuse(server_error())
        if declined:
            return request.refuse(declined)
        if isinstance(answer, Download):
            return download_reply(answer)
        return page_reply(answer) if isinstance(answer, Page) else Reply(200, text)

    def _let_due_happen(self, now: int) -> None:
        """Run what was put off until now or earlier, in order, each at its own time."""
        if not self.store.execute("SELECT 1 FROM due WHERE at <= ? LIMIT 1", (now,)).fetchone():
            return
        with self.store.transaction(writes=True):
            run_due(self.store, now, self._ids)

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """The ASGI side (http and lifespan)."""
        from paydesk.server.sandbox.asgi import serve

        await serve(self, scope, receive, send)


def run_due(store: Store, now: int, ids: Callable[[], Callable[..., str]]) -> None:
    """Run everything due by `now`, oldest first, with what that makes due in turn, inside the caller's transaction."""
    for _ in range(MAX_DUE_PER_REQUEST):
        row = store.execute(
            "SELECT seq, account, at, action, argument FROM due WHERE at <= ? ORDER BY at, seq LIMIT 1", (now,)
        ).fetchone()
        if row is None:
            return
        seq, account, at, action, argument = row
        store.execute("DELETE FROM due WHERE seq = ?", (seq,))
        call = Call(store=store, account=account, now=at, new_id=ids())
        try:
            with store.savepoint():
                ROUTES.actions[action](call, **json.loads(argument))
        except sqlite3.OperationalError:
            raise
        except Exception:
            # It is undone and not tried again: a broken action must not stop every request after it.
            log.exception("what was due could not happen: %s", action)


def _deliverer(box: Sandbox, sender: "Sender") -> "Deliverer":
    from paydesk.server.sandbox.sending import Deliverer

    return Deliverer(box, sender)


async def _before(fault: Fault | None) -> None:
    """What a fault does before the operation begins."""
    if fault is None:
        return
    if fault.kind == "latency":
        import anyio

        await anyio.sleep(fault.ms / 1000)
    elif fault.kind == "rate_limit":
        error = too_many_requests()
        error.retry_after_s = fault.retry_after
        raise error
    elif fault.kind == "conflict":
        raise conflict()
    elif fault.kind == "fail_before":
        raise server_error()
    elif fault.kind == "drop_before":
        raise ConnectionDropped(fault.kind)


def _written(call: Call, answer: Object | Prepared) -> str:
    """The answer as JSON text, shown as of now and expanded as asked."""
    if isinstance(answer, Prepared):
        return answer.text
    answer = shown(call, answer)
    paths = call.params.get("expand")
    return dumps(expand(call, answer, paths) if paths else answer)
