"""A desk over a sandbox in memory, for the tests of skills: no files, no network, nothing shared between tests."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from paydesk.server.directory.directory import Directory
from paydesk.server.gate.planning_desk import NoIndex
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.stripe_api.opening import sandbox_door
from paydesk.skills.answer import Answer
from paydesk.skills.base import CustomerFinder, Json, Mode, Outcome, Page, Skill, StripeRequest
from paydesk.skills.errors import NotFound
from paydesk.skills.figures import FigureSource

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
Post = Callable[..., Awaitable[dict[str, Any]]]


class DeskOverSandbox:
    """The Desk protocol over a sandbox, with `post` to fill the books and `run` to call a skill as the desk does."""

    def __init__(self, door: Any) -> None:
        self.mode = door.mode
        self.stripe = door
        self.respond: Any = None
        self.customers: CustomerFinder = NoIndex()
        self.figures: FigureSource | None = None
        self._keys = count()
        self.proposed: list[Outcome] = []

    def now(self) -> datetime:
        return self.stripe.now()

    async def proposal(self, proposal_id: str) -> Outcome:
        raise AssertionError("these skills look at no proposal")

    async def proposals(self) -> list[Outcome]:
        return self.proposed

    async def ask(self, text: str, conversation: str | None = None) -> Answer:
        raise AssertionError("these skills ask nothing")

    async def post(self, path: str, **params: Any) -> dict[str, Any]:
        """Write to the books directly, as a test's set-up."""
        return await self.stripe.send(StripeRequest("POST", path, params), idempotency_key=f"k{next(self._keys)}")

    async def upload(self, content: bytes, purpose: str = "dispute_evidence") -> str:
        """A file at Stripe, whose id is returned: uploading is no request that a skill makes."""
        part = 'Content-Disposition: form-data; name="{}"'
        fields = f"--x\r\n{part.format('purpose')}\r\n\r\n{purpose}\r\n--x\r\n{part.format('file')}"
        sent = {"Authorization": "Bearer sk_test_1", "Content-Type": "multipart/form-data; boundary=x"}
        _, _, body = await self.respond(
            "POST", "/v1/files", sent, f'{fields}; filename="r.pdf"\r\n\r\n'.encode() + content + b"\r\n--x--\r\n"
        )
        return str(json.loads(body)["id"])

    async def run(self, skill: Skill, arguments: Mapping[str, Any] | None = None) -> Any:
        """Call a skill with JSON arguments, strictly parsed."""
        from paydesk.server.arguments import parse_arguments

        return await skill.run(parse_arguments(skill, arguments or {}), self)

    async def customer(self, name: str, **more: Any) -> dict[str, Any]:
        """A customer with a name."""
        return await self.post("/v1/customers", name=name, **more)

    async def with_card(self, name: str, card: str = "pm_card_visa") -> tuple[dict[str, Any], dict[str, Any]]:
        """A customer with an e-mail and a saved card, and that card."""
        customer = await self.customer(name, email=f"{name[:3].lower()}@example.com")
        return customer, await self.post(f"/v1/payment_methods/{card}/attach", customer=customer["id"])

    async def price(
        self, name: str = "Pro", amount: int = 4900, interval: str = "month", currency: str = "usd"
    ) -> dict[str, Any]:
        """A recurring price of a product of its own."""
        recurring, product = {"interval": interval}, {"name": name}
        return await self.post(
            "/v1/prices", currency=currency, unit_amount=amount, recurring=recurring, product_data=product
        )

    async def pay(
        self, customer: str, amount: int, currency: str = "usd", card: str = "pm_card_visa", **more: Any
    ) -> Any:
        """A confirmed payment of a customer; a declined card leaves a failed one, whose id is returned as None."""
        from paydesk.server.errors import StripeRefused

        try:
            return await self.post(
                "/v1/payment_intents",
                amount=amount,
                currency=currency,
                customer=customer,
                payment_method=card,
                confirm=True,
                automatic_payment_methods={"enabled": True, "allow_redirects": "never"},
                **more,
            )
        except StripeRefused:
            return None


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[DeskOverSandbox]:
    """A desk over an empty sandbox whose clock stands at NOW and moves a second with each look."""
    ticks = count(int(NOW.timestamp()))
    box = create_sandbox(None, now=lambda: float(next(ticks)))
    door = sandbox_door(box, now=NOW.timestamp)
    over = DeskOverSandbox(door)
    over.respond = box.respond
    over.customers = directory = Directory(tmp_path / "customers.sqlite3", door, NOW.timestamp)
    yield over
    await directory.aclose()
    await door.aclose()


@pytest.fixture
def sent_as_planned() -> Callable[..., Awaitable[Any]]:
    """Sends a plan's requests as the gate would, each once, and reads the answer as the skill does."""
    keys = count()

    async def send(desk: DeskOverSandbox, skill: Skill, plan: Any) -> Any:
        made: list[Json] = []
        for one in plan.prepares:
            made.append(await desk.stripe.send(one.resolved(made), idempotency_key=f"prepare{next(keys)}"))
        answer = await desk.stripe.send(plan.request.resolved(made), idempotency_key=f"plan{next(keys)}")
        return skill.result.read(answer)

    return send


@pytest.fixture
def waiting() -> Callable[[str], Outcome]:
    """A proposal of these words that waits for a person."""
    return lambda says: Outcome(state="waiting", proposal_id="prop_1", says=f"Waits for approval: {says}")


class CannedStripe:
    """A Stripe that gives canned objects by path: for what the sandbox never says."""

    mode: Mode = "test"

    def __init__(self, answers: Mapping[str, Json]) -> None:
        self._answers = answers

    def now(self) -> datetime:
        return NOW

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        if path not in self._answers:
            raise NotFound("Nothing here.")
        return self._answers[path]

    async def page(self, path: str, params: Mapping[str, Any] | None = None) -> Page:
        return Page((await self.get(path))["data"], has_more=False)

    async def every(self, path: str, params: Mapping[str, Any] | None = None, *, most: int) -> AsyncIterator[Json]:
        for item in (await self.get(path))["data"]:
            yield item


@pytest.fixture
def canned() -> Callable[[Mapping[str, Json]], Any]:
    """A desk over canned answers, `{path: object}`."""
    return lambda answers: DeskOverSandbox(CannedStripe(answers))
