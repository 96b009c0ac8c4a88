"""The real thing: `paydesk sandbox` delivers to `paydesk http`, which keeps, handles and tells its clients."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, MCPDeprecationWarning
from mcp_types import ResourceUpdatedNotification

from paydesk.server.mirror import inbox
from paydesk.server.store import MIRROR, open_store

PAYDESK = str(Path(sys.executable).with_name("paydesk"))
KEY = "sk_test_endtoend1234"


class Site:
    """A sandbox and a desk over HTTP, each a process of its own, with one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.running: list[subprocess.Popen[str]] = []
        self.environment = {**os.environ, "PAYDESK_HOME": str(home / "desk")}  # noqa: TID251 - of the tests' own process
        state = str(home / "box.sqlite3")
        self.sandbox = self._start("sandbox", "--empty", "--port", "0", "--state", state, "--webhook-retries", "1,1,1")
        self.environment |= {"STRIPE_SECRET_KEY": KEY, "PAYDESK_STRIPE_API_BASE": self.sandbox}
        self.desk = self.start_desk()

    def start_desk(self, port: str = "0") -> str:
        """Start the desk and give its address."""
        return self._start("http", "--port", port)

    def _start(self, *arguments: str) -> str:
        process = subprocess.Popen(
            [PAYDESK, *arguments], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.running.append(process)
        assert process.stdout is not None
        said = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", said)):
            line = process.stdout.readline()
            assert line, f"{arguments} ended: {said}"
            said += line
        return found[0]

    def run(self, *arguments: str, status: int = 0) -> str:
        """One command."""
        done = subprocess.run(
            [PAYDESK, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def stripe(self, path: str, account: str | None = None, **params: str) -> Any:
        """A request to the sandbox by somebody else than the desk."""
        body = "&".join(f"{name}={value}" for name, value in params.items()).encode() or None  # nothing: a GET
        headers = {"Authorization": f"Bearer {KEY}", **({"Stripe-Account": account} if account else {})}
        request = urllib.request.Request(f"{self.sandbox}{path}", body, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def register(self, *how: str) -> str:
        """Have the sandbox deliver to the desk: proposed, then approved by a person."""
        waits = self.run("webhooks", "register", "--url", self.desk, "--json", *how, status=5)
        proposal = json.loads(waits)["result"]["proposal_id"]
        return self.run("approve", proposal, "--yes")

    async def handled(self, object_id: str, kind: str, account: str | None = None) -> None:
        """Wait until the desk has handled that event, of its own account or a connected one."""
        account = account or str(self.stripe("/v1/account")["id"])
        mirror = self.home / "desk" / "mirror" / f"{account}-test.sqlite3"
        with anyio.fail_after(30):
            while not mirror.exists():
                await anyio.lowlevel.checkpoint()
        async with await open_store(mirror, MIRROR) as store:
            with anyio.fail_after(30):
                while True:
                    found = await inbox.listed(store, state="handled", kind=kind)
                    if any(one.object_id == object_id for one in found):
                        return

    def metrics(self) -> str:
        """What the desk tells of itself."""
        with urllib.request.urlopen(f"{self.desk}/metrics", timeout=30) as answer:
            return str(answer.read().decode())

    def end(self) -> None:
        """Stop everything."""
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.communicate(timeout=20)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A sandbox and a desk that hears of it."""
    made = Site(tmp_path)
    try:
        yield made
    finally:
        made.end()


async def test_what_happens_at_stripe_is_delivered_handled_and_told_to_clients_of_both_eras(site: Site) -> None:
    """Issue's rule: payment -> delivery -> inbox -> MCP notification, over real servers and commands."""
    said = site.register()
    assert "its secret is kept here, encrypted" in said
    assert "whsec_" not in said
    journal = (site.home / "desk" / "paydesk.sqlite3").read_bytes()
    assert b"whsec_" not in journal

    heard: list[str] = []
    told = anyio.Event()

    async def on_message(message: Any) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            heard.append(str(message.params.uri))
            told.set()

    async with (
        Client(f"{site.desk}/mcp") as today,
        Client(f"{site.desk}/mcp", mode="legacy", message_handler=on_message) as before,
    ):
        with pytest.warns(MCPDeprecationWarning):
            await before.subscribe_resource("paydesk://payments")
        async with today.listen(resource_subscriptions=["paydesk://payments"]) as stream:
            params = {"amount": "1234", "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true"}
            automatic = {"automatic_payment_methods[enabled]": "true", "return_url": "https://shop.example"}
            payment = await anyio.to_thread.run_sync(lambda: site.stripe("/v1/payment_intents", **params, **automatic))
            with anyio.fail_after(30):
                event = await anext(aiter(stream))
                await told.wait()
    assert event.uri == "paydesk://payments"
    assert set(heard) == {"paydesk://payments"}
    await site.handled(payment["id"], "payment_intent.succeeded")

    metrics = site.metrics()
    assert re.search(r'paydesk_webhook_deliveries_total\{result="received"\} [1-9]', metrics)
    assert payment["id"] not in metrics


async def test_a_desk_that_is_killed_handles_what_it_kept_and_hears_what_it_missed(site: Site) -> None:
    """Ours: kept, then killed, then handled by the next process; what came in between is delivered again or fetched."""
    site.register()
    first = site.stripe("/v1/customers", name="First")
    site.running[-1].send_signal(signal.SIGKILL)
    second = site.stripe("/v1/customers", name="Second")
    site.start_desk(site.desk.rpartition(":")[2])
    site.stripe("/_sandbox/deliveries", run="true")
    for one in (first, second):
        await site.handled(one["id"], "customer.created")


async def test_a_connected_accounts_events_go_into_a_mirror_of_its_own(site: Site) -> None:
    """Stripe: deliveries of connected accounts name them; ours: what is theirs stays apart."""
    account = site.stripe("/v1/accounts", type="custom", country="US", **{"capabilities[transfers][requested]": "true"})
    site.register()
    site.register("--connect")
    theirs = site.stripe("/v1/customers", account=account["id"], name="Theirs")
    ours = site.stripe("/v1/customers", name="Ours")
    await site.handled(theirs["id"], "customer.created", account["id"])
    await site.handled(ours["id"], "customer.created")
    told = json.loads(site.run("mirror", "status", "--account", account["id"], "--json"))
    assert told["counts"]["customer"] == 1


AT_WORK = """
import os, signal, sys
import anyio
from sqlalchemy import update
from paydesk.server.mirror import inbox
from paydesk.server.store import MIRROR, open_store
from paydesk.server.store import MIRROR, open_store
from paydesk.server.store.mirror_schema import events

class Box:
    def __init__(self, store): self.store = store

def die(*_): os.kill(os.getpid(), signal.SIGKILL)

async def main(path, stage):
    store = await open_store(path, MIRROR)
    found = [{"id": f"evt_{n}", "type": "x", "created": 1} for n in range(3)]
    await store.write(lambda c: inbox.insert_events(c, found, source="webhook", received_at=1))
    if stage == "stored": die()
    async def take(_, ids):
        def work(c):
            c.execute(update(events).where(events.c.id.in_(ids)).values(state="handled", seq=1))
            if stage == "handling": die()
        await store.write(work)
        die()
    await inbox.handle_pending(Box(store), take=take)

anyio.run(main, *sys.argv[1:])
"""


@pytest.mark.parametrize(("stage", "left"), [("stored", 3), ("handling", 3), ("handled", 0)])
async def test_killed_between_the_stages_each_event_is_handled_once(
    tmp_path: Path, stage: str, left: int, box_at: Callable[[Path], Any]
) -> None:
    """Ours: kill -9 after keeping, while handling, after handling."""
    path = tmp_path / "mirror.sqlite3"
    done = await anyio.run_process([sys.executable, "-c", AT_WORK, str(path), stage], check=False)
    assert done.returncode == -signal.SIGKILL
    async with box_at(path) as box:
        await inbox.handle_pending(box, take=box.take)
        assert len(box.taken) == left
        assert set((await box.states()).values()) == {"handled"}
