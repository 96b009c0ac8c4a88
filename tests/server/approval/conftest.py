"""An approval page over a real gate and a sandbox in memory, and a browser without scripts that follows its forms."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest

from paydesk.server.approval.serving import LOOPBACK_NAMES, links_of, page_app
from paydesk.server.gate import Gate
from paydesk.server.gate.planning_desk import NoIndex
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.store import open_store
from paydesk.server.stripe_api import StripeDoor
from paydesk.server.stripe_api.opening import sandbox_door
from paydesk.skills.base import Json, Outcome, Skill, StripeRequest
from paydesk.skills.customers.create_customer import create_customer
from paydesk.skills.refunds.refund_payment import refund_payment

HERE = "http://127.0.0.1:8765"
CATALOGUE = {"refund_payment": refund_payment, "create_customer": create_customer}
_KEYS = count()


class Clock:
    """A clock that goes on only when told to."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Office:
    """One gate on a sandbox, its page, and short ways to fill both."""

    gate: Gate
    stripe: StripeDoor
    app: Any
    home: Path
    clock: Clock
    store: Any
    mode: str = "sandbox"
    customers: Any = field(default_factory=NoIndex)

    def now(self) -> Any:
        return self.stripe.now()

    async def proposals(self) -> list[Outcome]:
        return await self.gate.list(principal="ann")

    async def propose(self, skill: Skill, **arguments: Any) -> Outcome:
        params = skill.params(**arguments)
        plan = await skill.run(params, self)  # type: ignore[arg-type]
        asked = params.model_dump(mode="json", exclude_none=True)
        return await self.gate.propose(skill, plan, principal="ann", arguments=asked)

    async def post(self, url: str, /, **params: Any) -> Json:
        return await self.stripe.send(StripeRequest("POST", url, params), idempotency_key=f"office-{next(_KEYS)}")

    async def payment(self, amount_minor: int = 5000, name: str = "Jane Doe") -> str:
        """A payment that may be refunded."""
        customer = await self.post("/v1/customers", name=name)
        paid = await self.post(
            "/v1/payment_intents",
            amount=amount_minor,
            currency="usd",
            customer=customer["id"],
            payment_method="pm_card_visa",
            confirm=True,
            automatic_payment_methods={"enabled": True, "allow_redirects": "never"},
        )
        return str(paid["id"])

    async def refund_waits(self, **more: Any) -> Outcome:
        """A refund that waits for a yes."""
        return await self.propose(refund_payment, payment=await self.payment(), **more)

    async def refunds(self) -> list[Json]:
        return [one async for one in self.stripe.every("/v1/refunds", {}, most=100)]

    def path(self, proposal_id: str) -> str:
        return links_of(self.home).path(proposal_id)

    async def state(self, proposal_id: str) -> str:
        return (await self.gate.get(proposal_id, principal=None)).state

    def browser(self, **headers: str) -> "Browser":
        return Browser(httpx2.AsyncClient(transport=httpx2.ASGITransport(self.app), base_url=HERE, headers=headers))


@dataclass
class Browser:
    """Looks at pages and sends their forms as a browser does, the cookie and the Origin with them."""

    http: httpx2.AsyncClient
    page: str = ""

    async def look(self, path: str) -> httpx2.Response:
        """Open an address."""
        answer = await self.http.get(path)
        self.page = answer.text
        return answer

    async def send(self, path: str, *, origin: str | None = HERE, **fields: str) -> httpx2.Response:
        """Send the form of that address, with the mark of the page that was looked at."""
        marks = re.findall(r'name="mark" value="([0-9a-f]+)"', self.page)
        headers = {} if origin is None else {"Origin": origin}
        data = {"mark": marks[0] if marks else "", **fields}
        answer = await self.http.post(path, data=data, headers=headers)
        while answer.status_code == 303:
            answer = await self.http.get(answer.headers["location"])
        self.page = answer.text
        return answer

    @property
    def words(self) -> str:
        """What the page says, without its tags."""
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.page)).split())

    @property
    def heading(self) -> str:
        """The page's main heading."""
        [found] = re.findall(r"<h1>(.*?)</h1>", self.page, re.DOTALL)
        return str(html.unescape(found))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without rows, to be copied."""
    import asyncio

    path = tmp_path_factory.mktemp("page-store") / "empty.sqlite3"

    async def make() -> None:
        await (await open_store(path)).aclose()

    asyncio.run(make())
    return path


@pytest.fixture
async def office(tmp_path: Path, migrated: Path) -> AsyncIterator[Office]:
    """An office in which nobody has a PIN yet."""
    import shutil

    file = tmp_path / "paydesk.sqlite3"
    shutil.copy(migrated, file)
    store, clock = await open_store(file), Clock()
    door = sandbox_door(create_sandbox(None))
    gate = Gate(store, door, catalogue=CATALOGUE, clock=clock, reconcile_pause_s=0)
    made = Office(gate, door, None, tmp_path, clock, store)

    async def of_the_office() -> Gate:
        return made.gate

    made.app = page_app(of_the_office, "sandbox", tmp_path, hosts=LOOPBACK_NAMES, is_local=True)
    yield made
    await door.aclose()
    await store.aclose()


@pytest.fixture
async def staffed(office: Office) -> Office:
    """The office, where bea has the PIN 4711x."""
    await office.gate.pins.set("bea", "4711x")
    return office


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is slow on purpose; that it is, is tested with the gate's PINs."""
    from argon2 import PasswordHasher

    from paydesk.server.gate import pins

    monkeypatch.setattr(pins, "_hash", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash)
