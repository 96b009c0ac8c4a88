"""The gate with the real door, real skills and the sandbox's faults: Stripe ends up with what was approved."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from paydesk.server.gate import Gate
from paydesk.server.gate.planning_desk import NoIndex
from paydesk.server.gate.sending import Settlement
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.store import Store
from paydesk.server.stripe_api import StripeDoor
from paydesk.server.stripe_api.opening import sandbox_door
from paydesk.skills.base import Json, Outcome, Skill, StripeRequest
from paydesk.skills.customers.create_customer import create_customer
from paydesk.skills.customers.update_customer import update_customer
from paydesk.skills.refunds.refund_payment import refund_payment


@dataclass
class Counter:
    """A desk as skills see it, the gate behind it, and the books it works on."""

    gate: Gate
    stripe: StripeDoor
    mode: str = "sandbox"

    customers = NoIndex()

    def now(self) -> Any:
        return self.stripe.now()

    async def proposals(self) -> list[Outcome]:
        return await self.gate.list(principal="ann")

    async def propose(self, skill: Skill, **arguments: Any) -> Outcome:
        params = skill.params(**arguments)
        plan = await skill.run(params, self)  # type: ignore[arg-type]
        return await self.gate.propose(skill, plan, principal="ann", again=params.again)  # type: ignore[attr-defined]

    async def approve(self, waiting: Outcome) -> Outcome:
        return await self.gate.approve(waiting.proposal_id, approver="bea", via="terminal", principal="ann")

    async def post(self, url: str, /, **params: Any) -> Json:
        return await self.stripe.send(StripeRequest("POST", url, params), idempotency_key=f"test-{next(_KEYS)}")

    async def fault(self, kind: str, times: int = 1, path: str = "/v1/refunds") -> None:
        await self.post("/_sandbox/faults", kind=kind, times=times, method="POST", path=path)

    async def payment(self, amount_minor: int = 5000) -> str:
        customer = await self.post("/v1/customers", name="Jane Doe")
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

    async def refunds(self) -> list[Json]:
        return [one async for one in self.stripe.every("/v1/refunds", {}, most=100)]


_KEYS = count()


@pytest.fixture
async def counter(store: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Counter]:
    """An empty sandbox in memory, whose door repeats without pauses."""
    import stripe

    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    door = sandbox_door(create_sandbox(None))
    door._sleep = _no_pause
    catalogue = {
        "refund_payment": refund_payment,
        "create_customer": create_customer,
        "update_customer": update_customer,
    }
    yield Counter(Gate(store, door, catalogue=catalogue, reconcile_pause_s=0), door)
    await door.aclose()


async def test_a_refund_waits_and_then_moves_the_money_once(counter: Counter) -> None:
    """Ours: declined or unanswered it leaves Stripe untouched; approved it refunds once even if repeated."""
    payment = await counter.payment()
    waiting = await counter.propose(refund_payment, payment=payment, amount_minor=2000)
    assert await counter.refunds() == []

    done = await counter.approve(waiting)
    assert done.state == "succeeded"
    assert done.says.startswith("Refunded $20.00 of ")
    assert (await counter.approve(waiting)).repeated
    assert (await counter.propose(refund_payment, payment=payment, amount_minor=2000)).repeated

    [refund] = await counter.refunds()
    assert (refund["amount"], refund["metadata"]) == (2000, {"paydesk_proposal": waiting.proposal_id})


@pytest.mark.parametrize("kind", ["fail_before", "fail_after", "drop_before", "drop_after", "latency", "rate_limit"])
@pytest.mark.parametrize("times", [1, 3])
async def test_a_fault_of_stripe_does_not_change_what_happens(counter: Counter, kind: str, times: int) -> None:
    """Ours: 500s, lost lines and waits, once or over all repetitions of the door: one refund in the end."""
    payment = await counter.payment()
    waiting = await counter.propose(refund_payment, payment=payment)
    await counter.fault(kind, times)
    outcome = await counter.approve(waiting)
    assert outcome.state == "succeeded"
    assert [refund["amount"] for refund in await counter.refunds()] == [5000]


async def test_a_500_that_stripe_kept_is_unknown_and_refunds_nothing(counter: Counter) -> None:
    """Stripe: under its key the 500 comes again for a day, so nothing will happen; ours: not called failed before."""
    payment = await counter.payment()
    waiting = await counter.propose(refund_payment, payment=payment)
    await counter.fault("fail_during")
    outcome = await counter.approve(waiting)
    assert outcome.state == "unknown"
    assert await counter.refunds() == []


async def test_what_stripe_refuses_is_told_with_its_reason(counter: Counter) -> None:
    """Stripe: 400 `charge_already_refunded`; ours: the code and the request id come along."""
    payment = await counter.payment()
    waiting = await counter.propose(refund_payment, payment=payment)
    await counter.post("/v1/refunds", payment_intent=payment)
    failed = await counter.approve(waiting)
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["stripe_code"] == "charge_already_refunded"
    assert failed.error["request_id"].startswith("req_")


async def test_a_customer_is_created_once_although_the_line_dropped(counter: Counter) -> None:
    """Ours: the mark goes into the customer's metadata too, and finds it."""
    waiting = await counter.propose(create_customer, name="Zoë O'Hara", email="zoe@example.com")
    await counter.fault("drop_after", times=3, path="/v1/customers")
    done = await counter.approve(waiting)
    assert done.state == "succeeded"
    found = [one async for one in counter.stripe.every("/v1/customers", {}, most=10)]
    assert [one["metadata"] for one in found] == [{"paydesk_proposal": waiting.proposal_id}]


@pytest.mark.parametrize("happened", [True, False])
async def test_a_change_whose_mark_was_wiped_out_is_found_by_its_event(counter: Counter, happened: bool) -> None:
    """Stripe: an event names the key of the request that caused it; ours: after a day that decides, not a person."""
    customer = (await counter.post("/v1/customers", name="Jane Doe"))["id"]
    waiting = await counter.propose(update_customer, customer=customer, phone="+1 555 0100")
    await counter.fault("drop_after" if happened else "drop_before", times=50, path="/v1/customers")
    real = counter.gate._carrier._later_try
    counter.gate._carrier._later_try = _no_answer  # type: ignore[assignment, method-assign]
    assert (await counter.approve(waiting)).state == "unknown"
    counter.gate._carrier._later_try = real  # type: ignore[method-assign]
    await counter.stripe._ask("delete", "/_sandbox/faults", {})
    await counter.post(f"/v1/customers/{customer}", metadata={"paydesk_update": "prop_of_a_later_change"})
    later = timedelta(hours=25)
    counter.gate._clock = counter.gate._carrier._clock = lambda: datetime.now(UTC) + later
    [told] = await counter.gate.recover()
    assert told.state == ("succeeded" if happened else "failed")
    assert ((await counter.stripe.get(f"/v1/customers/{customer}"))["phone"] is not None) is happened


async def _no_answer(*_: Any) -> Settlement:
    return Settlement("unknown", silent=True)


async def _no_pause(seconds: float) -> None:
    return None
