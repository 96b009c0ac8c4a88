"""A small desk for the tests of the protocol: a few skills, and a gate that remembers what it was told."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

import pytest
from pydantic import Field

from paydesk.server.call import PayDesk
from paydesk.server.errors import GateError, StripeRefused
from paydesk.server.gate.planning_desk import NoIndex
from paydesk.skills.answer import Answer
from paydesk.skills.base import (
    Desk,
    Effect,
    Json,
    Outcome,
    Page,
    Plan,
    Result,
    Skill,
    Stake,
    Strict,
    StripeRequest,
    WriteParams,
    WriteResult,
    skill,
)
from paydesk.skills.errors import NotFound
from paydesk.skills.money import Money, money


class Held(Result):
    """What is held."""

    available: list[Money]
    pending: list[Money] | None = None
    note: str | None = None

    def sentence(self) -> str:
        return f"Available: {self.available[0].text}."

    def lines(self) -> list[str]:
        return [part.text for part in self.available]


class BalanceParams(Strict):
    currency: str | None = Field(None, description="Only this currency")
    detail: Literal["concise", "full"] = "concise"
    limit: int = Field(10, ge=1, le=100)


@skill(effect=Effect.READ, toolset="account")
async def get_balance(params: BalanceParams, desk: Desk) -> Held:
    """Show what the account holds."""
    if params.currency == "xxx":
        raise NotFound("No such currency.", field="currency", next_step="Use an ISO code.")
    if params.currency == "zzz":
        raise RuntimeError("sk_test_verysecret of Jane Doe")
    return Held(available=[money(1234, params.currency or "usd")])


class RefundParams(WriteParams):
    payment: str = Field(min_length=1, description="pi_ or ch_ id")
    amount_minor: int | None = Field(None, ge=1)


class Refunded(WriteResult):
    id: str

    @classmethod
    def read(cls, answer: Json) -> "Refunded":
        return cls(id=answer["id"])


@skill(effect=Effect.MONEY, toolset="payments")
async def refund_payment(params: RefundParams, desk: Desk) -> Plan[Refunded]:
    """Refund a payment."""
    request = StripeRequest("POST", "/v1/refunds", {"payment_intent": params.payment, "amount": params.amount_minor})
    return Plan(says=f"Refund {params.payment}", request=request, moves=Stake(-(params.amount_minor or 1), "usd"))


class CustomerParams(WriteParams):
    name: str


@skill(effect=Effect.WRITE, toolset="customers")
async def create_customer(params: CustomerParams, desk: Desk) -> Plan[Refunded]:
    """Create a customer."""
    return Plan(says="Create a customer", request=StripeRequest("POST", "/v1/customers", {"name": params.name}))


class ProposalParams(Strict):
    proposal: str


@skill(effect=Effect.READ, toolset="desk")
async def get_proposal(params: ProposalParams, desk: Desk) -> Outcome:
    """Show what became of a proposal."""
    return await desk.proposal(params.proposal)


class AskParams(Strict):
    text: str


@skill(effect=Effect.READ, toolset="desk")
async def ask(params: AskParams, desk: Desk) -> Answer:
    """Ask in plain words."""
    return await desk.ask(params.text)


Outcomes = list[Outcome]

SKILLS: Mapping[str, Skill] = MappingProxyType(
    {one.name: one for one in (ask, create_customer, get_balance, get_proposal, refund_payment)}
)


class RememberingGate:
    """A gate without a store: proposals by their request's hash, and every request that would have been sent."""

    def __init__(self) -> None:
        self.proposals: dict[str, tuple[str, Outcome, StripeRequest]] = {}
        self.sent: list[StripeRequest] = []
        self.heard: list[tuple[str, bool, str]] = []
        self.out_of_band = False
        self.refuses = False
        self.client_asks: bool | None = None

    async def propose(
        self,
        skill: Skill,
        plan: Plan[Any],
        *,
        principal: str,
        again: bool = False,
        client_asks: bool = True,
        arguments: Json | None = None,
    ) -> Outcome:
        self.client_asks = client_asks
        proposal_id = f"prop_{plan.request.hash()[:8]}"
        if proposal_id not in self.proposals:
            outcome = Outcome(state="waiting", proposal_id=proposal_id, says=plan.says, approve="paydesk approve")
            self.proposals[proposal_id] = (principal, outcome, plan.request)
        return self.proposals[proposal_id][1]

    async def question(self, proposal_id: str, *, principal: str | None) -> str:
        return f"{(await self.get(proposal_id, principal=principal)).says}?"

    async def may_ask_client(self, proposal_id: str, *, principal: str | None) -> bool:
        return not self.out_of_band

    async def approve(
        self, proposal_id: str, *, approver: str, via: str, principal: str | None, pin: str | None = None
    ) -> Outcome:
        return await self._settle(proposal_id, "succeeded", approver, principal)

    async def reject(self, proposal_id: str, *, approver: str, via: str, principal: str | None) -> Outcome:
        return await self._settle(proposal_id, "rejected", approver, principal)

    async def _settle(
        self, proposal_id: str, state: Literal["succeeded", "rejected"], approver: str, principal: str | None
    ) -> Outcome:
        outcome = await self.get(proposal_id, principal=principal)
        if outcome.state != "waiting":
            raise GateError("This proposal is settled.")
        self.heard.append((proposal_id, state == "succeeded", approver))
        owner, _, request = self.proposals[proposal_id]
        if state == "succeeded" and self.refuses:
            raise StripeRefused("Stripe said no.", field="amount", stripe_code="charge_disputed", request_id="req_1")
        if state == "succeeded":
            self.sent.append(request)
        done = outcome.model_copy(update={"state": state, "says": f"{outcome.says}: {state}"})
        self.proposals[proposal_id] = (owner, done, request)
        return done

    async def get(self, proposal_id: str, *, principal: str | None) -> Outcome:
        if proposal_id not in self.proposals or self.proposals[proposal_id][0] != principal:
            raise GateError("There is no such proposal.")
        return self.proposals[proposal_id][1]

    async def list(self, *, principal: str | None, state: str | None = None) -> Outcomes:
        return [outcome for owner, outcome, _ in self.proposals.values() if owner == principal]

    async def recover(self) -> Outcomes:
        return []


class NoDoor:
    """A door that leads nowhere: the skills of these tests read nothing."""

    mode: Literal["sandbox"] = "sandbox"

    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC)

    async def account_id(self) -> str:
        return "acct_test"

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        raise NotFound("Nothing here.")

    async def page(self, path: str, params: Mapping[str, Any] | None = None) -> Page:
        return Page([], has_more=False)

    async def every(self, path: str, params: Mapping[str, Any] | None = None, *, most: int) -> AsyncIterator[Json]:
        for nothing in ():
            yield nothing

    async def send(self, request: StripeRequest, *, idempotency_key: str) -> Json:
        return {"id": "re_1"}

    async def aclose(self) -> None:
        return None


@pytest.fixture
def gate() -> RememberingGate:
    """The gate behind `desk`."""
    return RememberingGate()


@pytest.fixture
def desk(gate: RememberingGate) -> PayDesk:
    """A desk of five skills; `refund ...` is what its `ask` understands."""
    door = NoDoor()

    async def open_door() -> Any:
        return door

    async def open_gate() -> Any:
        return gate

    async def understand(paydesk: PayDesk, desk: Any, text: str, caller: Any, _: str | None = None) -> Answer:
        if text.startswith("refund "):
            arguments = {"payment": text.removeprefix("refund ")}
            outcome = await paydesk.call("refund_payment", arguments, caller)
            return Answer(
                says=outcome.sentence(), skill="refund_payment", arguments=arguments, result=outcome.structured()
            )
        return Answer(says="Which payment?", question="Which payment?")

    return PayDesk(
        mode="sandbox", catalogue=lambda: SKILLS, door=open_door, gate=open_gate, customers=NoIndex(), ask=understand
    )
