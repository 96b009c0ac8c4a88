"""Asking a person through the client, on both protocol eras; the answer goes to the gate, once.

A form, where the policy lets an answer from inside the client count; else the address of our approval page, where the
client can open one. That it was opened is no answer: what a person decides there, the gate learns from the page itself.

Handshake era (to 2025-11-25): the question is a request of ours while the call waits. From 2026-07-28: the call answers
`input_required` and the client repeats it with the person's answer; `requestState` carries the proposal, sealed by the
SDK against time, principal, tool and arguments. A replayed answer finds the proposal settled and gets its outcome.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import anyio
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp.types import (
    INVALID_PARAMS,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitRequestURLParams,
    ElicitResult,
    InputRequiredResult,
)
from mcp_types.version import is_version_at_least
from pydantic import ValidationError

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.limits import ELICITATION_TIMEOUT_S, PAGE_WAIT_S
from paydesk.server.mcp.watching import Watch
from paydesk.skills.answer import Answer
from paydesk.skills.base import Json, Outcome, Result, Skill
from paydesk.skills.hostile_text import clean

_INPUT_REQUIRED_SINCE = "2026-07-28"
_URL_SINCE = "2025-11-25"
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

    def __init__(self, desk: PayDesk, skill: Skill, arguments: Mapping[str, Any], caller: Caller, watch: Watch) -> None:
        self._desk = desk
        self._skill = skill
        self._caller = caller
        self._watch = watch
        self._call = {"skill": skill.name, "arguments": _digest(arguments)}

    async def ask(self, result: Result, context: Context[Any, Any]) -> Result | InputRequiredResult:
        """The result itself, or with a person's answer where it is a proposal and the client can ask."""
        proposal_id = waiting_proposal(result, self._desk)
        if proposal_id is None:
            return result
        this = await self._round(_Round.of(proposal_id, result), context)
        if this is None:
            return result
        if is_version_at_least(context.protocol_version or "", _INPUT_REQUIRED_SINCE):
            return self._input_required(this)
        if isinstance(this.params, ElicitRequestURLParams):
            return await self._open_page(this, context) or result
        for _ in range(_PLANS_MOST):
            said = await _ask_now(context, this.params)
            if said is None:
                return result
            outcome = await self._decide(this.proposal, said, context)
            result = self._as_answer(this, outcome)
            next_question = await self._question_of_new_plan(outcome)
            if next_question is None:
                return result
            this = replace(this, proposal=str(outcome.replaced_by), params=_form(next_question))
        return result

    async def resume(self, context: Context[Any, Any]) -> Result | InputRequiredResult:
        """A repeated call: settle the proposal it carries, or tell what became of it. Raises MCPError, PaydeskError."""
        this = self._read(context.request_state or "")
        gate = await self._desk.gate()
        outcome = await gate.get(this.proposal, principal=self._caller.principal)
        if outcome.state != "waiting":
            return self._as_answer(this, outcome)
        said = (context.input_responses or {}).get(_KEY)
        if said is None:
            again = await self._round(this, context)
            return self._input_required(again) if again else self._as_answer(this, outcome)
        if not isinstance(said, ElicitResult):
            raise MCPError(code=INVALID_PARAMS, message=f"inputResponses.{_KEY} must answer an elicitation")
        if this.kind == "url":
            # Whatever the client says here is no decision: the page may have been opened, and that is all.
            return self._as_answer(this, await self._after_opening(this.proposal, said))
        if await self._desk.question(this.proposal, self._caller) is None:
            return self._as_answer(this, outcome)
        outcome = await self._decide(this.proposal, said, context)
        question = await self._question_of_new_plan(outcome)
        if question is None:
            return self._as_answer(this, outcome)
        return self._input_required(replace(this, proposal=str(outcome.replaced_by), params=_form(question)))

    async def _round(self, this: "_Round", context: Context[Any, Any]) -> "_Round | None":
        """What to ask the client, by what the policy demands and the client can do; None where it can do nothing."""
        if can_elicit(context):
            question = await self._desk.question(this.proposal, self._caller)
            if question is not None:
                return replace(this, kind="form", params=_form(question))
        address = self._desk.page_of(this.proposal) if can_open(context) else None
        if address is None:
            return None
        gate = await self._desk.gate()
        first_line = (await gate.question(this.proposal, principal=self._caller.principal)).partition("\n")[0]
        message = f"{first_line} The page shows exactly what will be sent, and asks for your PIN."
        # Removed from the protocol with 2026-07-28; a name for the client, and nothing that could approve.
        known_as = None
        if not is_version_at_least(context.protocol_version or "", _INPUT_REQUIRED_SINCE):
            known_as = secrets.token_urlsafe(16)
        params = ElicitRequestURLParams(message=message, url=address, elicitation_id=known_as)
        return replace(this, kind="url", params=params)

    async def _open_page(self, this: "_Round", context: Context[Any, Any]) -> Result | None:
        """Have the client open the page and see what comes of it for a while; later ends are told when they come."""
        params = this.params
        said = await _ask_now(context, params)
        if said is None or not isinstance(params, ElicitRequestURLParams):
            return None
        outcome = await self._after_opening(this.proposal, said)
        known_as = params.elicitation_id or ""
        if outcome.state in ("waiting", "approved", "sending"):
            await self._watch.tell_when_decided(this.proposal, known_as, context.session)
        else:
            await context.session.send_elicit_complete(known_as, context.request_id)
        return self._as_answer(this, outcome)

    async def _after_opening(self, proposal_id: str, said: ElicitResult) -> Outcome:
        within_s = PAGE_WAIT_S if said.action == "accept" else 0.0
        return await self._watch.settled(proposal_id, self._caller, within_s=within_s)

    async def _question_of_new_plan(self, outcome: Outcome) -> str | None:
        """What to ask at once where the account had changed and the write was planned anew; else None."""
        return await self._desk.question(outcome.replaced_by, self._caller) if outcome.replaced_by else None

    def _input_required(self, this: "_Round") -> InputRequiredResult:
        if this.params is None:
            raise TypeError("a round without anything to ask")
        state = {**self._call, "round": this.as_state()}
        return InputRequiredResult(
            input_requests={_KEY: ElicitRequest(params=this.params)},
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
        outcome = self._desk.as_offered(outcome, self._caller)
        if self._skill.writes:
            return outcome
        return Answer(
            says=outcome.sentence(),
            skill=this.skill,
            arguments=this.arguments,
            result=outcome.structured(),
            conversation=this.conversation,
            text_lines=list(outcome.lines()),
        )


@dataclass(frozen=True)
class _Round:
    """What one question is about: the proposal and, where a sentence led to it, how that was understood.

    `kind` is part of the sealed state: the answer to an address never counts as the answer to a form.
    """

    proposal: str
    skill: str | None = None
    arguments: Json | None = None
    kind: Literal["form", "url"] = "form"
    params: ElicitRequestFormParams | ElicitRequestURLParams | None = None
    conversation: str | None = None

    @classmethod
    def of(cls, proposal_id: str, result: Result) -> "_Round":
        if isinstance(result, Answer):
            return cls(proposal_id, result.skill, result.arguments, conversation=result.conversation)
        return cls(proposal_id)

    def as_state(self) -> Json:
        """What a client carries from one round to the next."""
        state = {"proposal": self.proposal, "skill": self.skill, "arguments": self.arguments, "kind": self.kind}
        return state | ({"conversation": self.conversation} if self.conversation else {})


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


def can_open(context: Context[Any, Any]) -> bool:
    """Whether the client said that it can lead a person to an address."""
    capabilities = context.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    known = is_version_at_least(context.protocol_version or "", _URL_SINCE)
    return known and elicitation is not None and elicitation.url is not None


def _form(question: str) -> ElicitRequestFormParams:
    return ElicitRequestFormParams(message=question, requested_schema=_FORM)


async def _ask_now(
    context: Context[Any, Any], params: ElicitRequestFormParams | ElicitRequestURLParams | None
) -> ElicitResult | None:
    """The client's answer, or None where it has no way back, refuses to ask, or nobody answers in time."""
    session = context.session
    if not session.can_send_request or params is None:
        return None
    answered: ElicitResult | None = None
    with anyio.move_on_after(ELICITATION_TIMEOUT_S):
        try:
            answered = await session.send_request(
                ElicitRequest(params=params),
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
