"""Deliveries a second through one uvicorn worker, each on the disk before it is answered, signature checked.

Three servers that differ in one thing: one verifies only, one commits those that wait in groups (paydesk's way), one
commits for each request. A load generator in a process of its own posts signed events of usual size over many
connections. Rounds alternate and the medians of their ratios count, because a disk's speed changes within minutes.
"""

import json
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import anyio
import uvicorn

from paydesk.server.http_lines import http_lines
from paydesk.server.mirror.inbox import insert_rows
from paydesk.server.store import MIRROR, Store, open_store
from paydesk.server.stripe_api.signatures import signed
from paydesk.server.webhooks.group_commit import GroupCommit
from paydesk.server.webhooks.intake import Intake

SECRET, ACCOUNT = "whsec_benchmark", "acct_1"
ROUNDS, DELIVERIES, CONNECTIONS = 7, 1_500, 128
OF_VERIFYING, OF_SINGLE = 0.7, 2.5
# Below this something is broken. The first aim hangs on the disk, which every row passes twice, and on the cores: the
# server, its writer and what loads it share them.
OF_VERIFYING_LEAST, OF_SINGLE_LEAST = 0.3, 2.0
BESIDE = {f"member_{number}": f"value of usual length {number}" for number in range(50)}


class Kept:
    """How a round keeps a row: not at all, in groups, or each for itself."""

    def __init__(self, way: str, store: Store | None) -> None:
        self.way, self.store = way, store

    async def keep(self, row: dict[str, Any]) -> None:
        """Keep one row."""
        if self.way == "single" and self.store is not None:
            await self.store.write(partial(_insert_one, row))


def _insert_one(row: dict[str, Any], connection: Any) -> None:
    insert_rows(connection, [row])


class OneInbox:
    """The inbox of one account."""

    mode = "test"

    def __init__(self, inbox: Any) -> None:
        self._inbox = inbox

    async def secrets(self, *, again: bool = False) -> Mapping[str, str]:
        """The one secret."""
        return {SECRET: ACCOUNT}

    async def inbox_of(self, account: str) -> Any:
        """The one inbox."""
        return self._inbox

    def arrived(self, account: str) -> None:
        """Nothing handles what came."""


async def serve(way: str, folder: str) -> None:
    """Serve one way until standard input ends; the port goes to standard output."""
    async with AsyncExitStack() as stack:
        # Closed last: the server closes what it listens on by itself.
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=512))
        group = await stack.enter_async_context(anyio.create_task_group())
        stack.callback(group.cancel_scope.cancel)
        store = None if way == "verify" else await open_store(Path(folder) / f"{way}.sqlite3", MIRROR)
        if store is not None:
            stack.push_async_callback(store.aclose)
        inbox: Any = Kept(way, store)
        if way == "group" and store is not None:
            inbox = GroupCommit(store)
            group.start_soon(inbox.run)
        config = uvicorn.Config(
            Intake(OneInbox(inbox)),
            http=http_lines(),
            port=0,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
        )
        server = uvicorn.Server(config)
        group.start_soon(partial(server.serve, sockets=[listening]))
        print(listening.getsockname()[1], flush=True)
        await anyio.to_thread.run_sync(sys.stdin.read)
        server.should_exit = True


def requests(round_: int) -> list[bytes]:
    """Signed deliveries, every one of another event."""
    made = []
    now = int(time.time())
    for number in range(DELIVERIES):
        about = {"id": f"ch_{number}", "object": "charge", "customer": "cus_1", "amount": number, **BESIDE}
        event = {
            "id": f"evt_{round_}x{number}",
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": now,
            "livemode": False,
            "type": "charge.succeeded",
            "data": {"object": about},
        }
        body = json.dumps(event, indent=2)
        head = (
            "POST /api/stripe/webhooks HTTP/1.1\r\nHost: desk.example\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nStripe-Signature: {signed(body, SECRET, now)}\r\n\r\n"
        )
        made.append((head + body).encode())
    return made


def load(port: int, round_: int) -> float:
    """Post all deliveries, and give how many a second were answered with 200.

    One poll over plain sockets, as what is measured must not wait for what measures. The first delivery of each
    connection is not counted: accepting it is no part of an intake.
    """
    waiting = requests(round_)
    with selectors.DefaultSelector() as lines, ExitStack() as stack:
        for _ in range(CONNECTIONS):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            lines.register(line, selectors.EVENT_READ)
            line.sendall(waiting.pop())
        _answered(lines, CONNECTIONS, [])
        for one in lines.get_map().values():
            one.fileobj.sendall(waiting.pop())
        counted, begun = CONNECTIONS + len(waiting), time.perf_counter()
        _answered(lines, counted, waiting)
        return counted / (time.perf_counter() - begun)


def _answered(lines: selectors.BaseSelector, left: int, waiting: list[bytes]) -> None:
    """Wait for so many answers, each followed by another delivery while some wait."""
    while left:
        ready = lines.select(60)
        if not ready:
            raise SystemExit("no answer")
        for key, _ in ready:
            line: Any = key.fileobj
            said = line.recv(4096)
            if not said or (said.startswith(b"HTTP") and not said.startswith(b"HTTP/1.1 200")):
                raise SystemExit(repr(said[:300]))
            if said.endswith(b"}"):  # an answer comes in one piece or two, its head first
                left -= 1
                if waiting:
                    line.sendall(waiting.pop())


def _start(way: str, folder: str) -> "tuple[subprocess.Popen[str], int]":
    command = [sys.executable, __file__, "serve", way, folder]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def _load(port: int, round_: int) -> float:
    done = subprocess.run(
        [sys.executable, __file__, "load", str(port), str(round_)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main() -> int:
    """Print the speeds and their ratios; 1 where something must be broken."""
    with tempfile.TemporaryDirectory() as folder:
        ways = ("verify", "group", "single")
        servers = {way: _start(way, folder) for way in ways}
        try:
            for way in ways:
                _load(servers[way][1], 0)  # warm
            speeds = [{way: _load(servers[way][1], round_) for way in ways} for round_ in range(1, ROUNDS + 1)]
        finally:
            for process, _ in servers.values():
                process.communicate()
    for way in ways:
        print(f"  {way:<7} {median(one[way] for one in speeds):7.0f} deliveries/s")
    of_verifying = median(one["group"] / one["verify"] for one in speeds)
    of_single = median(one["group"] / one["single"] for one in speeds)
    print(f"durable intake is {of_verifying:.2f} of verifying only (aimed at: {OF_VERIFYING})")
    print(f"durable intake is {of_single:.2f} times one commit a request (aimed at: {OF_SINGLE})")
    return int(of_verifying < OF_VERIFYING_LEAST or of_single < OF_SINGLE_LEAST)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        anyio.run(serve, *sys.argv[2:4])
    elif sys.argv[1:2] == ["load"]:
        print(load(int(sys.argv[2]), int(sys.argv[3])))
    else:
        sys.exit(main())
