"""A gate over a Stripe that keeps its books in memory and fails when told to; the real sandbox has tests of its own."""

import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from paydesk.server.errors import (
    SkillError,
    StripeBusy,
    StripeKeyRefused,
    StripeNotFound,
    StripeRefused,
    StripeUnreachable,
)
from paydesk.server.gate import Gate
from paydesk.server.gate.planning_desk import PlanningDesk
from paydesk.server.gate.policy_file import read_policy
from paydesk.server.store import Store, open_store
from paydesk.skills.base import (
    Desk,
    Effect,
    Json,
    NextCall,
    Outcome,
    Plan,
    Prepared,
    Skill,
    Stake,
    StripeRequest,
    WriteParams,
    WriteResult,
    skill,
)
from tests.postgresql import PostgreSQL

START = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Killed(BaseException):
    """A process that ends at once, as far as code that only catches Exception can tell."""


@dataclass
class Clock:
    """A clock that moves when told to."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class FakeStripe:
    """Stripe, as far as the gate can tell: effects, keys that are kept for 24 hours, and faults for coming writes."""

    clock: Clock
    effects: list[Json] = field(default_factory=list)
    keys: dict[str, tuple[datetime, StripeRequest, Json | Exception]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    reading_fails: bool = False
    refundable_minor: int = 5000
    objects: dict[str, Json] = field(default_factory=dict)
    sent: list[tuple[StripeRequest, str]] = field(default_factory=list)

    def write(self, request: StripeRequest, key: str) -> Json:
        """One write, through whatever fault is next."""
        fault = self.faults.pop(0) if self.faults else ""
        self.sent.append((request, key))
        if fault == "kill_before":
            raise Killed
        if fault in _REFUSALS:
            raise _REFUSALS[fault]()
        if fault == "drop_before":
            raise StripeUnreachable("Stripe did not answer.")
        answer = self._answer(request, key, fail=fault == "keep_500")
        if fault == "kill_after":
            raise Killed
        if fault == "drop_after":
            raise StripeUnreachable("Stripe did not answer.")
        if fault == "nonsense":
            raise ValueError("the answer is not JSON")
        return answer

    def _answer(self, request: StripeRequest, key: str, *, fail: bool) -> Json:
        kept = self.keys.get(key)
        if kept is not None and self.clock() - kept[0] < timedelta(hours=24):
            assert kept[1] == request, "Stripe refuses a key that comes with another request"
            if isinstance(kept[2], Exception):
                raise kept[2]
            return kept[2]
        if fail:
            error = StripeUnreachable("Stripe answered with an error of its own (HTTP 500).", http_status=500)
            self.keys[key] = (self.clock(), request, error)
            raise error
        made = {
            "id": f"{request.path.rsplit('/', 1)[-1][:2]}_{len(self.effects) + 1}",
            "created": int(self.clock().timestamp()),
            **request.params,
        }
        self.effects.append(made)
        self.keys[key] = (self.clock(), request, made)
        return made


_REFUSALS: Mapping[str, Callable[[], Exception]] = {
    "refuse": lambda: StripeRefused(
        "The charge has already been refunded.", next_step="See list_refunds", http_status=400, request_id="req_1"
    ),
    "key_in_use": lambda: StripeRefused("In use.", http_status=409, stripe_code="idempotency_key_in_use"),
    "bad_key": lambda: StripeKeyRefused("Stripe does not know this key.", http_status=401),
    "busy": lambda: StripeBusy("Too many requests.", http_status=429),
}


class FakeDoor:
    """The way to FakeStripe."""

    def __init__(self, stripe: FakeStripe, mode: str = "test", account: str = "acct_1") -> None:
        self.stripe = stripe
        self.mode = mode
        self.account = account

    def now(self) -> datetime:
        return self.stripe.clock()

    async def account_id(self) -> str:
        if self.stripe.reading_fails:
            raise StripeUnreachable("Stripe did not answer.")
        return self.account

    async def send(self, request: StripeRequest, *, idempotency_key: str) -> Json:
        return self.stripe.write(request, idempotency_key)

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        if self.stripe.reading_fails:
            raise StripeUnreachable("Stripe did not answer.")
        if path == "/v1/payment_intents/pi_1":
            return {"id": "pi_1", "refundable_minor": self.stripe.refundable_minor}
        if path not in self.stripe.objects:
            raise StripeNotFound("No such object.")
        return self.stripe.objects[path]

    async def every(self, path: str, params: Mapping[str, Any] | None = None, *, most: int) -> AsyncIterator[Json]:
        if self.stripe.reading_fails:
            raise StripeUnreachable("Stripe did not answer.")
        since = (params or {}).get("created", {}).get("gte", 0)
        found = [one for one in reversed(self.stripe.effects) if one["created"] >= since]
        for one in found[:most]:
            yield one


class Params(WriteParams):
    pass


class Made(WriteResult):
    """What the fake made."""

    made: str

    @classmethod
    def read(cls, answer: Json) -> "Made":
        return cls(made=str(answer["id"]))

    def sentence(self) -> str:
        return f"Made {self.made}."


@skill(effect=Effect.MONEY, toolset="payments")
async def give_back(params: Params, desk: Desk) -> Plan[Made]:
    """Refund."""
    raise AssertionError("tests bring their own plans")


@skill(effect=Effect.WRITE, toolset="customers")
async def add_customer(params: Params, desk: Desk) -> Plan[Made]:
    """Create a customer."""
    raise AssertionError("tests bring their own plans")


class RefundParams(WriteParams):
    amount_minor: int


@skill(effect=Effect.MONEY, toolset="payments")
async def draw_back(params: RefundParams, desk: Desk) -> Plan[Made]:
    """Refund, as long as as much is left."""
    payment = await desk.stripe.get("/v1/payment_intents/pi_1")
    left = payment["refundable_minor"]
    if params.amount_minor > left:
        raise SkillError("The payment was already refunded in full.", code="already_refunded")
    return Plan(
        says=f"Refund {params.amount_minor} of pi_1",
        request=StripeRequest("POST", "/v1/refunds", {"payment_intent": "pi_1", "amount": params.amount_minor}),
        moves=Stake(-params.amount_minor, "usd"),
        relies_on={"refundable_minor": left},
        customer="cus_1",
    )


class SubscriptionParams(WriteParams):
    name: str


@skill(effect=Effect.MONEY, toolset="subscriptions")
async def subscribe(params: SubscriptionParams, desk: Desk) -> Plan[Made]:
    """Create a product, its price and a subscription to it."""
    return Plan(
        says=f"Subscribe to {params.name}",
        prepares=(
            StripeRequest("POST", "/v1/products", {"name": params.name}),
            StripeRequest("POST", "/v1/prices", {"product": Prepared(0), "unit_amount": 4900, "currency": "usd"}),
        ),
        request=StripeRequest("POST", "/v1/subscriptions", {"customer": "cus_1", "items": [{"price": Prepared(1)}]}),
        opposite=NextCall("cancel_subscription", {"subscription": "sub_1"}),
    )


CATALOGUE: Mapping[str, Skill] = {one.name: one for one in (give_back, add_customer, draw_back, subscribe)}


@dataclass
class Booth:
    """One gate with everything around it, and short ways to use it as the principal `ann`."""

    gate: Gate
    store: Store
    door: FakeDoor
    stripe: FakeStripe
    clock: Clock
    policy: Any = None

    def with_policy(self, text: str) -> None:
        """Go on under this policy.toml, as after an edit of the file."""
        self.policy = read_policy(text, file="policy.toml", skills=list(CATALOGUE))
        self.gate = self.beside(mode=self.door.mode)

    def refund_plan(self, amount_minor: int = 1000, **more: Any) -> Plan[Made]:
        params = {"payment_intent": "pi_1", "amount": amount_minor}
        request = StripeRequest("POST", "/v1/refunds", params)
        return Plan(
            says=f"Refund ${amount_minor / 100:.2f} of pi_1",
            request=request,
            moves=Stake(-amount_minor, "usd"),
            details=(("Payment", "pi_1"),),
            **more,
        )

    def customer_plan(self, name: str = "Zoë") -> Plan[Made]:
        request = StripeRequest("POST", "/v1/customers", {"name": name})
        return Plan(says=f"Create {name}", request=request, undo="delete the customer")

    async def propose(self, amount_minor: int = 1000, *, principal: str = "ann", again: bool = False) -> Outcome:
        return await self.gate.propose(give_back, self.refund_plan(amount_minor), principal=principal, again=again)

    async def call(self, name: str, /, *, principal: str = "ann", **arguments: Any) -> Outcome:
        """Plan and propose as the desk does, with the arguments kept."""
        made = CATALOGUE[name]
        params = made.params.model_validate(arguments)
        plan = await made.run(params, PlanningDesk(self.door))  # type: ignore[arg-type]
        return await self.gate.propose(
            made, plan, principal=principal, again=params.again, arguments=params.model_dump(mode="json")
        )

    async def propose_plan(self, plan: Plan[Made], principal: str = "ann", **how: Any) -> Outcome:
        kind = give_back if plan.request.path == "/v1/refunds" else add_customer
        return await self.gate.propose(kind, plan, principal=principal, **how)

    async def approve(
        self,
        proposal_id: str,
        *,
        via: str = "terminal",
        principal: str | None = "ann",
        approver: str = "terminal:bea",
        pin: str | None = None,
    ) -> Outcome:
        return await self.gate.approve(proposal_id, approver=approver, via=via, principal=principal, pin=pin)

    async def reject(self, proposal_id: str, *, principal: str | None = "ann") -> Outcome:
        return await self.gate.reject(proposal_id, approver="terminal:bea", via="terminal", principal=principal)

    async def state(self, proposal_id: str) -> str:
        """What the journal says; unlike `get`, without looking anything up."""
        return next(one.state for one in await self.gate.list(principal=None) if one.proposal_id == proposal_id)

    def beside(self, *, mode: str = "test", account: str = "acct_1", policy: Any = None) -> Gate:
        """Another gate on the same store and Stripe, as another process would have it."""
        door: Any = FakeDoor(self.stripe, mode, account)
        policy = policy or self.policy
        return Gate(self.store, door, catalogue=CATALOGUE, clock=self.clock, reconcile_pause_s=0, policy=policy)

    def at(self, *, mode: str = "test", account: str = "acct_1") -> "Booth":
        """The same booth behind another door."""
        gate = self.beside(mode=mode, account=account)
        return Booth(gate, self.store, FakeDoor(self.stripe, mode, account), self.stripe, self.clock)


def booth_over(store: Store, mode: str = "test") -> Booth:
    """A booth on an open store."""
    clock = Clock()
    stripe = FakeStripe(clock)
    door = FakeDoor(stripe, mode)
    gate = Gate(store, door, catalogue=CATALOGUE, clock=clock, reconcile_pause_s=0)  # type: ignore[arg-type]
    return Booth(gate, store, door, stripe, clock)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without rows, to be copied: migrating takes longer than most tests."""
    import asyncio

    path = tmp_path_factory.mktemp("store") / "empty.sqlite3"

    async def make() -> None:
        await (await open_store(path)).aclose()

    asyncio.run(make())
    return path


@pytest.fixture(scope="session")
def empty_on_postgresql(postgresql: PostgreSQL) -> str:
    """The URL of the same in PostgreSQL."""
    import asyncio

    url = postgresql.new_database()

    async def make() -> None:
        await (await open_store(url)).aclose()

    asyncio.run(make())
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a fresh store of this test's own is; on either database."""
    if request.param == "postgresql":
        cluster: PostgreSQL = request.getfixturevalue("postgresql")
        return cluster.new_database(like=request.getfixturevalue("empty_on_postgresql"))
    path = tmp_path / "desk.sqlite3"
    shutil.copy(request.getfixturevalue("empty_database"), path)
    return f"sqlite:///{path}"


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """A fresh store of this test's own, once on either database."""
    opened = await open_store(store_url)
    yield opened
    await opened.aclose()


@pytest.fixture
async def booth(store: Store) -> Booth:
    """A gate in test mode."""
    return booth_over(store)


@pytest.fixture
def new_booth() -> Callable[[Store], Booth]:
    """Makes a booth on a store."""
    return booth_over
