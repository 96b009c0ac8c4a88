"""The first reading: wholly, resumably, by several at once; and what happens where the list of events cannot tell."""

import random
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import func, select

from paydesk.server.errors import StripeUnreachable
from paydesk.server.mirror import filling
from paydesk.server.mirror.mirror import Mirror
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.store import mirror_schema as tables
from paydesk.server.stripe_api.opening import sandbox_door
from tests.conftest import SandboxClock, Talk
from tests.server.mirror.against_stripe import faults
from tests.server.mirror.trading import Trade

Open = Callable[..., Awaitable[Mirror]]

# Reads the account of a file, and is killed somewhere.
SYNC = """
import sys, anyio
from pathlib import Path
from paydesk.server.mirror import filling
from paydesk.server.mirror.mirror import open_mirror
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.settings import Settings
from paydesk.server.stripe_api.opening import sandbox_door

filling.PAGE_SIZE = 10  # many pages of few objects

async def main():
    now = lambda: 1_795_000_000.0
    door = sandbox_door(create_sandbox(Path(sys.argv[1]), now=now), now=now)
    mirror = await open_mirror(Settings(home=Path(sys.argv[2])), await door.account_id(), "sandbox", door)
    print("begun", flush=True)
    await mirror.sync()
    await mirror.aclose()
    print("done", flush=True)

anyio.run(main)
"""


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A business of some hundred objects, built once."""
    path, clock = tmp_path_factory.mktemp("business") / "sandbox.sqlite3", SandboxClock()
    talk = Talk(create_sandbox(path, now=clock), clock)
    trade = Trade(talk, 99)
    for _ in range(200):
        trade.act()
    talk.clock.now = 1_794_999_000
    talk.get("/v1/balance")
    talk.sandbox.close()
    return path


def run(business: Path, home: Path, kill_after_s: float | None) -> bool:
    """Read in another process, and kill it; whether it came to its end."""
    command = [sys.executable, "-c", SYNC, str(business), str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            process.wait(60 if kill_after_s is None else kill_after_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait(30)
        return process.returncode == 0


async def test_killed_anywhere_and_begun_again_it_reads_everything_once(
    business: Path, tmp_path: Path, mirror_of: Open
) -> None:
    """Ours: no row is lost, doubled or summed twice, wherever the process ended."""
    draw = random.Random(5)  # noqa: S311 - a test
    killed = [not run(business, tmp_path, draw.uniform(0.02, 0.4)) for _ in range(4)]
    assert sum(killed) >= 2, "it was never killed at work"
    assert run(business, tmp_path, None)
    clock = SandboxClock(1_795_000_000)
    talk = Talk(create_sandbox(business, now=clock), clock)
    assert await faults(await mirror_of(talk)) == []
    talk.sandbox.close()


async def test_readers_at_once_make_one_mirror(
    business: Path, mirror_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: several processes may read the same account; none counts what another has counted."""
    clock = SandboxClock(1_795_000_000)
    talk = Talk(create_sandbox(business, now=clock), clock)
    mirrors = [await mirror_of(talk), await mirror_of(talk)]
    monkeypatch.setattr(filling, "PAGE_SIZE", 10)
    async with anyio.create_task_group() as group:
        for mirror in mirrors:
            group.start_soon(mirror.sync)
    assert await faults(mirrors[0]) == []
    assert (await mirrors[1].standing()).filled_at is not None
    talk.sandbox.close()


class Interrupted:
    """A door that breaks now and then."""

    def __init__(self, door: Any, draw: random.Random) -> None:
        self._door = door
        self._draw = draw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._door, name)

    async def page(self, path: str, params: Any = None) -> Any:
        if self._draw.random() < 0.1:
            raise StripeUnreachable("Stripe did not answer.")
        return await self._door.page(path, params)


@pytest.mark.usefixtures("either_database")
async def test_what_happens_while_it_reads_is_in_it_afterwards(new_talk: Callable[..., Talk], mirror_of: Open) -> None:
    """Ours: the events' cursor is kept before the first page, so nothing falls between."""
    talk = new_talk()
    trade = Trade(talk, 3)
    for _ in range(120):
        trade.act()
    door = Interrupted(sandbox_door(talk.sandbox, now=talk.clock), random.Random(1))  # noqa: S311 - a test
    mirror = await mirror_of(talk, door)
    for _ in range(60):
        try:
            if await mirror.ready(0.001):
                break
        except StripeUnreachable:
            pass
        trade.act()
    assert (await mirror.standing()).filled_at is not None
    mirror.stripe = sandbox_door(talk.sandbox, now=talk.clock)
    assert await mirror.freshen(0.0)
    assert await faults(mirror) == []


async def test_a_gap_in_the_events_is_noticed_and_read_over(new_talk: Callable[..., Talk], mirror_of: Open) -> None:
    """Ours: Stripe lists events for 30 days; who was away longer reads again, and what was deleted goes."""
    talk = new_talk()
    trade = Trade(talk, 8)
    for _ in range(60):
        trade.act()
    mirror = await mirror_of(talk)
    await mirror.sync()
    talk.delete(f"/v1/customers/{trade.customers[0]}")
    talk.clock.pass_s(40 * 86_400)
    assert not await mirror.freshen(0.0)
    assert (await mirror.standing()).filled_at is None
    await mirror.sync()
    assert await faults(mirror) == []


async def test_a_reader_who_is_fresh_asks_nothing(new_talk: Callable[..., Talk], mirror_of: Open) -> None:
    """Ours: within `older_than_s` the last catching up is good enough."""
    talk = new_talk()
    mirror = await mirror_of(talk)
    await mirror.sync()
    mirror.stripe = Interrupted(mirror.stripe, random.Random(0))  # type: ignore[assignment]  # noqa: S311
    mirror.stripe._draw.random = lambda: 0.0  # type: ignore[attr-defined]
    assert await mirror.freshen(5.0)
    talk.clock.pass_s(6)
    with pytest.raises(StripeUnreachable):
        await mirror.freshen(5.0)


@pytest.mark.usefixtures("either_database")
async def test_a_customer_is_forgotten_and_figures_stay(new_talk: Callable[..., Talk], mirror_of: Open) -> None:
    """GDPR: no name, address or e-mail is left, also in what Stripe tells later; sums stay as they are."""
    talk = new_talk()
    trade = Trade(talk, 12)
    secret = "Zaphodina"
    made = talk.post("/v1/customers", name=secret, email=f"{secret}@example.com")
    trade.customers = [str(made["id"])]
    for _ in range(60):
        trade.act()
    mirror = await mirror_of(talk)
    await mirror.sync()
    talk.post(f"/v1/customers/{made['id']}", description=secret)
    await mirror.freshen(0.0)

    def mentions(connection: Any) -> int:
        found = 0
        for table in [*tables.OBJECTS.values(), tables.events]:
            text = [column for column in table.columns if "VARCHAR" in str(column.type) or "TEXT" in str(column.type)]
            for row in connection.execute(select(*text)):
                found += any(secret in str(value) for value in row)
        return found

    def sums(connection: Any) -> list[Any]:
        summed = (tables.daily_balance, tables.daily_charges, tables.daily_customers, tables.revenue_changes)
        return [sorted(tuple(row)[:4] for row in connection.execute(select(table))) for table in summed]

    assert await mirror.store.read(mentions)
    before = await mirror.store.read(sums)
    await mirror.forget(made["id"])
    assert await mirror.store.read(mentions) == 0
    assert await mirror.store.read(sums) == before
    talk.post(f"/v1/customers/{made['id']}", name=f"{secret} again")
    talk.clock.pass_s(4_000)
    trade._pay()
    await mirror.freshen(0.0)
    assert await mirror.store.read(mentions) == 0
    assert (await mirror.verify()).agrees


async def test_a_damaged_mirror_is_set_aside_and_read_anew(
    new_talk: Callable[..., Talk], mirror_of: Open, tmp_path: Path
) -> None:
    """Ours: nothing is ever answered from a damaged file."""
    talk = new_talk()
    trade = Trade(talk, 2)
    for _ in range(80):
        trade.act()
    mirror = await mirror_of(talk)
    await mirror.sync()
    await mirror.aclose()
    file = next((tmp_path / "mirror").glob("*.sqlite3"))
    whole = bytearray(file.read_bytes())
    for at in range(4_096, len(whole), 4_096):  # every page but the first
        whole[at : at + 200] = b"\xff" * 200
    file.write_bytes(whole)
    # As if the process had been killed with the mark still there.
    left = file.with_name(file.name + ".open")
    left.mkdir()
    (left / "99999999-dead").touch()
    again = await mirror_of(talk)
    assert (await again.standing()).rows == 0
    assert list((tmp_path / "mirror").glob("*.damaged-*"))
    await again.sync()
    assert await faults(again) == []


@pytest.mark.usefixtures("either_database")
async def test_verify_tells_what_differs_and_mends_it(new_talk: Callable[..., Talk], mirror_of: Open) -> None:
    """Ours: totals and every member are held against Stripe's."""
    talk = new_talk()
    trade = Trade(talk, 4)
    for _ in range(60):
        trade.act()
    mirror = await mirror_of(talk)
    await mirror.sync()
    charge = await mirror.store.read(lambda c: c.scalar(select(func.min(tables.charges.c.id))))
    table = tables.charges
    await mirror.store.write(lambda c: c.execute(table.update().where(table.c.id == charge).values(amount_minor=1)))
    product = await mirror.store.read(lambda c: c.scalar(select(func.min(tables.products.c.id))))
    await mirror.store.write(lambda c: c.execute(tables.products.delete().where(tables.products.c.id == product)))
    found = await mirror.verify()
    assert {(one.kind, one.id) for one in found.differences} == {("charge", charge), ("product", product)}
    assert (await mirror.verify()).agrees


async def test_a_connected_account_has_a_mirror_of_its_own(new_talk: Callable[..., Talk], mirror_of: Open) -> None:
    """Stripe: `Stripe-Account` reads the connected account's books; ours: they are kept apart."""
    talk = new_talk()
    connected = talk.post("/v1/accounts", type="custom", country="US", capabilities={"transfers": {"requested": True}})[
        "id"
    ]
    talk.ask("POST", "/v1/customers", {"name": "Theirs"}, {"Stripe-Account": connected})
    talk.post("/v1/customers", name="Ours")
    mirrors = [await mirror_of(talk), await mirror_of(talk, account=connected)]
    names = []
    for mirror in mirrors:
        await mirror.sync()
        names.append(await mirror.store.read(lambda c: list(c.scalars(select(tables.customers.c.name)))))
    assert names == [["Ours"], ["Theirs"]]
