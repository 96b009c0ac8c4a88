"""The place where campaigns happen: a sandbox served by its own process, a journal beside it, one clock for both."""

import asyncio
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from paydesk.server.store import open_store

Json = dict[str, Any]
KEY = "sk_test_reliability"
START = datetime(2026, 11, 21, 12, tzinfo=UTC)
_SERVE = "import sys; from paydesk.server.commands.serving import sandbox; sandbox(sys.argv[1:])"


class Served:
    """A process of ours that prints the address where it answers; ended with `close`."""

    def __init__(self, command: list[str], *, errors: int | None = None) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, bufsize=0
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        found = re.search(r"http://[\w.:]+", line)
        assert found, f"{command[:3]} said {line!r}"
        self.address = found[0]

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def ask(address: str, method: str, path: str, /, **params: Any) -> Json:
    """One request to the sandbox, without anything of paydesk in between. Raises urllib's HTTPError."""
    form = urllib.parse.urlencode(list(_flat(params)))
    target = f"{address}{path}" + (f"?{form}" if form and method == "GET" else "")
    body = form.encode() if method == "POST" else None
    request = urllib.request.Request(target, data=body, method=method, headers={"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: Json = json.load(answer)
    return found


def _flat(params: Json, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in params.items():
        name = f"{prefix}[{key}]" if prefix else key
        if isinstance(value, dict):
            yield from _flat(value, name)
        elif isinstance(value, list):
            yield from _flat({str(index): one for index, one in enumerate(value)}, name)
        else:
            yield name, str(value).lower() if isinstance(value, bool) else value


class Counter:
    """One sandbox, one journal after another (`afresh`), and the clock that both live by."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._empty = folder / "empty.sqlite3"
        asyncio.run(_migrated(self._empty))
        state = str(folder / "sandbox.sqlite3")
        options = ["--port", "0", "--empty", "--frozen", "--clock", START.isoformat(), "--state", state]
        # The web server complains of each connection that the sandbox drops as it was told to.
        self.sandbox = Served([sys.executable, "-c", _SERVE, *options], errors=subprocess.DEVNULL)
        self.door = self.sandbox.address
        self.now = START
        self.store = self._empty
        self._journals = 0
        self.afresh()

    def afresh(self) -> None:
        """An empty account, an empty journal, and noon again."""
        self._journals += 1
        self.store = self._folder / f"desk{self._journals}.sqlite3"
        shutil.copy(self._empty, self.store)
        self.control("reset")
        self.now = START
        self.control("clock", now=int(START.timestamp()))
        self.customer = self.post("/v1/customers", name="Zoë Quartz", email="zoe@quartz.example", source="tok_visa")

    def forward(self, **by: float) -> None:
        """Let time pass for the desk and at Stripe."""
        self.now += timedelta(**by)
        self.control("clock", now=int(self.now.timestamp()))

    def desk_clock(self, **by: float) -> None:
        """Let the desk's clock jump, and Stripe's stay."""
        self.now += timedelta(**by)

    def control(self, name: str, /, **params: Any) -> Json:
        return ask(self.sandbox.address, "POST", f"/_sandbox/{name}", **params)

    def no_faults(self) -> None:
        ask(self.sandbox.address, "DELETE", "/_sandbox/faults")

    def post(self, path: str, /, **params: Any) -> Json:
        return ask(self.sandbox.address, "POST", path, **params)

    def get(self, path: str, /, **params: Any) -> Json:
        return ask(self.sandbox.address, "GET", path, **params)

    def every(self, path: str, /, **params: Any) -> list[Json]:
        """A whole list."""
        found: list[Json] = []
        while True:
            after = {"starting_after": found[-1]["id"]} if found else {}
            page = self.get(path, limit=100, **params, **after)
            found += page["data"]
            if not page["has_more"]:
                return found

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """What stands in the journal, read past everything of ours."""
        with closing(sqlite3.connect(self.store)) as journal:
            journal.row_factory = sqlite3.Row
            return journal.execute(query, values).fetchall()

    def tamper(self, statement: str, *values: Any) -> None:
        """Write into the journal as somebody with a shell would."""
        with closing(sqlite3.connect(self.store)) as journal, journal:
            journal.execute(statement, values)

    def state(self, proposal_id: str) -> str:
        found = self.rows("SELECT state FROM proposals WHERE id = ?", proposal_id)
        return str(found[0]["state"]) if found else "absent"

    def close(self) -> None:
        self.sandbox.close()


async def _migrated(path: Path) -> None:
    await (await open_store(path)).aclose()
