"""Asking a person through the client, on both protocol eras; the answer goes to the gate, once.

Handshake era (to 2025-11-25): the question is a request of ours while the call waits. From 2026-07-28: the call answers
`input_required` and the client repeats it with the person's answer; `requestState` carries the proposal, sealed by the
SDK against time, principal, tool and arguments. A replayed answer finds the proposal settled and gets its outcome.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import anyio
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp.types import (
    INVALID_PARAMS,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
)
from mcp_types.version import is_version_at_least
from pydantic import ValidationError

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.limits import ELICITATION_TIMEOUT_S
from paydesk.skills.base import Answer, Json, Outcome, Result, Skill
from paydesk.skills.hostile_text import clean

_INPUT_REQUIRED_SINCE = "2026-07-28"
_KEY = "approval"
_PLANS_MOST = 3  # in one call; an account that changes faster is asked about by the next one
# The form never asks for anything but yes or no, and leaving it as it stands is no.
_FORM: Json = {
    "type": "object",
    "properties": {
        "approve": {"type": "boolean", "title": "Approve", "description": "Yes, send exactly this", "default": False}
    },
    "required": ["approve"],
}


class Approvals:
    """Asks for what one call left waiting."""

    def __init__(self, desk: PayDesk, skill: Skill, arguments: Mapping[str, Any], caller: Caller) -> None:
        self._desk = desk
        self._skill = skill
        self._caller = caller
        self._call = {"skill": skill.name, "arguments": _digest(arguments)}

    async def ask(self, result: Result, context: Context[Any, Any]) -> Result | InputRequiredResult:
        """The result itself, or with a person's answer where it is a proposal and the client can ask."""
        proposal_id = waiting_proposal(result, self._desk)
        if proposal_id is None or not can_elicit(context):
            return result
        question = await self._desk.question(proposal_id, self._caller)
        if question is None:
            return result
        if is_version_at_least(context.protocol_version or "", _INPUT_REQUIRED_SINCE):
            return self._input_required(_Round.of(proposal_id, result), question)
        this = _Round.of(proposal_id, result)
        for _ in range(_PLANS_MOST):
            said = await _ask_now(context, question)
            if said is None:
                return result
            outcome = await self._decide(this.proposal, said, context)
            result = self._as_answer(this, outcome)
            next_question = await self._question_of_new_plan(outcome)
            if next_question is None:
                return result
            this, question = replace(this, proposal=str(outcome.replaced_by)), next_question
        return result

    async def resume(self, context: Context[Any, Any]) -> Result | InputRequiredResult:
        """A repeated call: settle the proposal it carries, or tell what became of it. Raises MCPError, PaydeskError."""
        this = self._read(context.request_state or "")
        gate = await self._desk.gate()
        outcome = await gate.get(this.proposal, principal=self._caller.principal)
        question = await self._desk.question(this.proposal, self._caller) if outcome.state == "waiting" else None
        if question is None:
            return self._as_answer(this, outcome)
        said = (context.input_responses or {}).get(_KEY)
        if said is None:
            return self._input_required(this, question)
        if not isinstance(said, ElicitResult):
            raise MCPError(code=INVALID_PARAMS, message=f"inputResponses.{_KEY} must answer an elicitation")
        outcome = await self._decide(this.proposal, said, context)
        question = await self._question_of_new_plan(outcome)
        if question is None:
            return self._as_answer(this, outcome)
        return self._input_required(replace(this, proposal=str(outcome.replaced_by)), question)

    async def _question_of_new_plan(self, outcome: Outcome) -> str | None:
        """What to ask at once where the account had changed and the write was planned anew; else None."""
        return await self._desk.question(outcome.replaced_by, self._caller) if outcome.replaced_by else None

    def _input_required(self, this: "_Round", question: str) -> InputRequiredResult:
        form = ElicitRequestFormParams(message=question, requested_schema=_FORM)
        state = {**self._call, "round": asdict(this)}
        return InputRequiredResult(
            input_requests={_KEY: ElicitRequest(params=form)},
            request_state=json.dumps(state, separators=(",", ":")),
        )

    def _read(self, state: str) -> "_Round":
        """The round that a repeated call carries; the SDK's seal binds it to the call, and so do we."""
        try:
            found = json.loads(state)
            this = _Round(**found.pop("round"))
        except (ValueError, KeyError, TypeError, AttributeError):
            found = this = None
        if this is None or found != self._call:
            raise MCPError(code=INVALID_PARAMS, message="Invalid or expired requestState")
        return this

    async def _decide(self, proposal_id: str, said: ElicitResult, context: Context[Any, Any]) -> Outcome:
        # A host may press accept by itself: the field counts, not only the action, and only a true boolean.
        approve = said.action == "accept" and said.content is not None and said.content.get("approve") is True
        return await self._desk.decide(
            proposal_id, approve=approve, approver=_approver(context), via="form elicitation", caller=self._caller
        )

    def _as_answer(self, this: "_Round", outcome: Outcome) -> Result:
        if self._skill.writes:
            return outcome
        return Answer(
            says=outcome.sentence(),
            skill=this.skill,
            arguments=this.arguments,
            result=outcome.structured(),
            text_lines=list(outcome.lines()),
        )


@dataclass(frozen=True)
class _Round:
    """What one question is about: the proposal and, where a sentence led to it, how that was understood."""

    proposal: str
    skill: str | None = None
    arguments: Json | None = None

    @classmethod
    def of(cls, proposal_id: str, result: Result) -> "_Round":
        if isinstance(result, Answer):
            return cls(proposal_id, result.skill, result.arguments)
        return cls(proposal_id)


def waiting_proposal(result: Result, desk: PayDesk) -> str | None:
    """The proposal that this call made and that waits for a person; looking at a proposal does not ask again."""
    if isinstance(result, Outcome):
        return result.proposal_id if result.state == "waiting" else None
    if isinstance(result, Answer) and result.skill and result.result:
        made_it = result.skill in desk.catalogue and desk.catalogue[result.skill].writes
        if made_it and result.result.get("state") == "waiting":
            return str(result.result["proposal_id"])
    return None


def can_elicit(context: Context[Any, Any]) -> bool:
    """Whether the client said that it can show a form; `elicitation: {}` means forms, as before 2025-11-25."""
    capabilities = context.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


async def _ask_now(context: Context[Any, Any], question: str) -> ElicitResult | None:
    """The person's answer, or None where the client has no way back, refuses to ask, or nobody answers in time."""
    session = context.session
    if not session.can_send_request:
        return None
    form = ElicitRequestFormParams(message=question, requested_schema=_FORM)
    answered: ElicitResult | None = None
    with anyio.move_on_after(ELICITATION_TIMEOUT_S):
        try:
            answered = await session.send_request(
                ElicitRequest(params=form),
                ElicitResult,
                metadata=ServerMessageMetadata(related_request_id=context.request_id),
            )
        except (MCPError, ValidationError):
            return None
    return answered


def _approver(context: Context[Any, Any]) -> str:
    params = context.session.client_params
    # The client names itself, so the name is told as a claim, cleaned and short.
    return f"person in {clean(params.client_info.name, 40)}" if params else "person in the client"


def _digest(arguments: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(arguments, sort_keys=True).encode()).hexdigest()[:32]
