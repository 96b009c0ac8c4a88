"""The path of one call, all its branches in one place.

find the skill -> parse strictly -> authorize -> a read: run and answer; a write: plan -> propose. What is proposed is
decided by a person through `decide`, which no skill, argument or resource can reach.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol

import anyio

from paydesk.server.arguments import in_our_names, parse_arguments
from paydesk.server.caller import Caller
from paydesk.server.errors import PaydeskError, StripeProblem, UnknownSkill
from paydesk.server.limits import CALL_TIMEOUT_S
from paydesk.server.webhooks.publishing import Publisher
from paydesk.skills.answer import Answer
from paydesk.skills.base import (
    CustomerFinder,
    Json,
    Mode,
    Outcome,
    Plan,
    Result,
    Skill,
    Strict,
    StripeReader,
    StripeRequest,
    WriteParams,
)

if TYPE_CHECKING:
    from paydesk.server.gate.audit_log import AuditLog
    from paydesk.server.gate.pins import Pins
    from paydesk.server.mirror.mirror import Mirror
    from paydesk.server.webhooks.feed import Feed
    from paydesk.skills.figures import FigureSource
    from paydesk.skills.table import Shape

Outcomes = list[Outcome]
Via = Literal["form elicitation", "page", "terminal"]


class Door(StripeReader, Protocol):
    """What the desk needs of the way to Stripe; `server/stripe_api` is it."""

    @property
    def mode(self) -> Mode: ...

    def now(self) -> datetime: ...

    async def account_id(self) -> str: ...

    async def send(self, request: StripeRequest, *, idempotency_key: str) -> Json: ...

    async def aclose(self) -> None: ...


class Gatekeeper(Protocol):
    """What the desk needs of the gate; `server/gate` is it."""

    async def propose(
        self,
        skill: Skill,
        plan: Plan[Any],
        *,
        principal: str,
        again: bool = False,
        client_asks: bool = True,
        arguments: Json | None = None,
    ) -> Outcome: ...

    async def planned(self, skill: Skill, plan: Plan[Any]) -> Outcome: ...

    async def cancel(self, proposal_id: str, *, principal: str) -> Outcome: ...

    async def question(self, proposal_id: str, *, principal: str | None) -> str: ...

    async def may_ask_client(self, proposal_id: str, *, principal: str | None) -> bool: ...

    async def approve(
        self, proposal_id: str, *, approver: str, via: str, principal: str | None, pin: str | None = None
    ) -> Outcome: ...

    async def reject(self, proposal_id: str, *, approver: str, via: str, principal: str | None) -> Outcome: ...

    async def get(self, proposal_id: str, *, principal: str | None) -> Outcome: ...

    async def list(self, *, principal: str | None, state: str | None = None) -> Outcomes: ...

    async def recover(self) -> Outcomes: ...

    async def stuck(self) -> Outcomes: ...

    async def forget(self, customer: str, *, account: str) -> tuple[int, int]: ...

    def on_change(self, listener: Callable[[Any], None]) -> Callable[[], None]: ...

    @property
    def pins(self) -> "Pins": ...

    @property
    def audit(self) -> "AuditLog": ...


Beside = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]
Ask = Callable[["PayDesk", "CallDesk", str, Caller, str | None], Awaitable[Answer]]


class PayDesk:
    """The desk: everything a transport or a command may do, independent of any protocol.

    The door and the gate are opened when a call first needs them, so that listing tools costs neither.
    """

    def __init__(
        self,
        *,
        mode: Mode,
        catalogue: Callable[[], Mapping[str, Skill]],
        door: Callable[[], Awaitable[Door]],
        gate: Callable[[], Awaitable[Gatekeeper]],
        customers: CustomerFinder,
        ask: Ask,
        figures: "FigureSource | None" = None,
    ) -> None:
        self.mode: Mode = mode
        self.door = door
        self.gate = gate
        self.customers = customers
        self.figures = figures
        # Work beside the answers until the desk closes; None where there is no room for it.
        self.beside: Beside | None = None
        # The mirror of this account, opened when first needed; None where there is to be none.
        self.mirror: Callable[[], Awaitable[Mirror]] | None = None
        # What happened at Stripe, told inside this process; the feed brings it, once somebody has opened it.
        self.happenings = Publisher()
        self.feed: Callable[[], Awaitable[Feed]] | None = None
        self._catalogue = catalogue
        self._ask = ask
        self._page_of: Callable[[str], str | None] | None = None

    def show_pages_at(self, page_of: Callable[[str], str | None]) -> None:
        """Say where the approval page of a proposal stands; outcomes that wait then name it."""
        self._page_of = page_of

    def page_of(self, proposal_id: str) -> str | None:
        """The address where a person sees and decides this proposal, or None where there is no page."""
        return self._page_of(proposal_id) if self._page_of else None

    @property
    def catalogue(self) -> Mapping[str, Skill]:
        """Every skill by name, whoever calls."""
        return self._catalogue()

    def offered(self, caller: Caller) -> list[Skill]:
        """The skills that this caller may use, by name."""
        return [skill for skill in self.catalogue.values() if caller.scope.allows(skill)]

    def listed(self, caller: Caller) -> list[Skill]:
        """The skills that this caller is shown, by name."""
        scope, skills = caller.scope, self.catalogue
        return [skills[name] for name in skills if scope.may_list(name) and scope.lists(skills[name])]

    async def call(self, name: str, arguments: Mapping[str, Any], caller: Caller) -> Result:
        """Answer one call: a read's result, or the outcome of proposing a write (usually `waiting`).

        Raises PaydeskError: UnknownSkill, ArgumentError, or whatever the skill, the gate or Stripe found wrong.
        """
        skill = self.skill(name, caller)
        params = parse_arguments(skill, arguments)
        shape = _shape(skill, params)
        with _within_time(name):
            desk = CallDesk(self, await self.door(), caller)
            try:
                found = await skill.run(params, desk)
            except StripeProblem as problem:
                raise in_our_names(problem, skill, arguments) from None
            if isinstance(found, Plan):
                found = await self._at_the_gate(skill, found, params, caller)
        if not isinstance(found, skill.answers):
            raise TypeError(f"{name} answered with {type(found).__name__}")
        if shape is not None:
            return found.model_copy(update={"shape": shape})
        return self.as_offered(found, caller) if isinstance(found, Outcome) else found

    def as_offered(self, outcome: Outcome, caller: Caller) -> Outcome:
        """The outcome without a call that this caller may not make."""
        back = self.catalogue.get(str((outcome.undo_call or {}).get("skill")))
        if outcome.undo_call is None or (back is not None and caller.scope.allows(back)):
            return outcome
        return outcome.model_copy(update={"undo_call": None})

    async def _at_the_gate(self, skill: Skill, plan: Plan[Any], params: Any, caller: Caller) -> Outcome:
        """Propose what was planned, or only show it where that was asked for."""
        if not isinstance(params, WriteParams):
            raise TypeError(f"{skill.name} plans a write, and its params are not WriteParams")
        gate = await self.gate()
        if params.dry_run:
            return await gate.planned(skill, plan)
        return await gate.propose(
            skill,
            plan,
            principal=caller.principal,
            again=params.again,
            client_asks=caller.asked_in_client,
            arguments=params.model_dump(mode="json", exclude_none=True),
        )

    async def question(self, proposal_id: str, caller: Caller) -> str | None:
        """What to ask a person in the client, or None where only an approval out of band will do."""
        gate = await self.gate()
        if not await gate.may_ask_client(proposal_id, principal=caller.principal):
            return None
        return await gate.question(proposal_id, principal=caller.principal)

    async def decide(
        self, proposal_id: str, *, approve: bool, approver: str, via: Via, caller: Caller, pin: str | None = None
    ) -> Outcome:
        """A person's answer: send exactly once, or reject. Transports call it with what a person said, nothing else."""
        gate = await self.gate()
        with _within_time("approval"):
            decide = partial(gate.approve, pin=pin) if approve else gate.reject
            outcome = await decide(proposal_id, approver=approver, via=via, principal=caller.principal)
        return self.as_offered(outcome, caller)

    def skill(self, name: str, caller: Caller) -> Skill:
        """The skill of that name, where this caller may use it. Raises UnknownSkill with the nearest names."""
        found = self.catalogue.get(name)
        if found is not None and caller.scope.allows(found):
            return found
        from rapidfuzz import process

        offered = [skill.name for skill in self.offered(caller)]
        near = [match[0] for match in process.extract(name[:64], offered, limit=3, score_cutoff=60)]
        raise UnknownSkill(
            "This tool is not offered here." if found else "There is no tool of that name.",
            choices=near,
            next_step="tools/list, or `paydesk skills`, shows what is offered.",
        )

    async def ask(self, desk: "CallDesk", text: str, conversation: str | None = None) -> Answer:
        """Understand a sentence of a conversation and answer it as `desk`'s caller."""
        return await self._ask(self, desk, text, desk.caller, conversation)


def _shape(skill: Skill, params: Strict) -> "Shape | None":
    """How a list is to be told, known to be possible before anything is read. Raises ArgumentError."""
    from paydesk.skills.reading import Listed

    if not issubclass(skill.answers, Listed) or "detail" not in skill.params.model_fields:
        return None
    from paydesk.skills.table import shape_of

    return shape_of(skill.answers, params.detail)  # type: ignore[attr-defined]  # looked for above


class CallDesk:
    """The desk as one call sees it: this caller's proposals, this account's Stripe."""

    def __init__(self, paydesk: PayDesk, door: Door, caller: Caller) -> None:
        self._paydesk = paydesk
        self._door = door
        self.caller = caller

    @property
    def mode(self) -> Mode:
        """Sandbox, test or live."""
        return self._door.mode

    @property
    def stripe(self) -> StripeReader:
        """Reading from this account."""
        return self._door

    @property
    def customers(self) -> CustomerFinder:
        """Finding customers of this account."""
        return self._paydesk.customers

    @property
    def figures(self) -> "FigureSource | None":
        """Figures from this account's mirror; None where there is none."""
        return self._paydesk.figures

    def now(self) -> datetime:
        """The account's present, UTC."""
        return self._door.now()

    async def proposal(self, proposal_id: str) -> Outcome:
        """One proposal of this principal. Raises NotFound or GateError."""
        gate = await self._paydesk.gate()
        return await gate.get(proposal_id, principal=self.caller.principal)

    async def proposals(self) -> list[Outcome]:
        """This principal's proposals, newest first."""
        gate = await self._paydesk.gate()
        return await gate.list(principal=self.caller.principal)

    async def cancel_proposal(self, proposal_id: str) -> Outcome:
        """Withdraw a waiting proposal of this principal. Raises NotFound or GateError."""
        gate = await self._paydesk.gate()
        return await gate.cancel(proposal_id, principal=self.caller.principal)

    async def ask(self, text: str, conversation: str | None = None) -> Answer:
        """Understand a sentence of a conversation and answer it."""
        return await self._paydesk.ask(self, text, conversation)


class _within_time:  # noqa: N801 - reads as a phrase at its use
    """A bound on a call, turned into an error that says what to do."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._scope = anyio.fail_after(CALL_TIMEOUT_S)

    def __enter__(self) -> None:
        self._scope.__enter__()

    def __exit__(self, *raised: Any) -> bool | None:
        try:
            return self._scope.__exit__(*raised)
        except TimeoutError:
            raise PaydeskError(
                f"{self._what} took longer than {CALL_TIMEOUT_S:.0f} s and was stopped.",
                code="timed_out",
                next_step="Ask for less at once; for a write, look at its proposal before repeating it.",
            ) from None
