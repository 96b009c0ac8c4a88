"""Sends one approved request, and reads what Stripe's answer means for the journal."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from paydesk.server.errors import NotSent, PaydeskError, StripeBusy, StripeKeyRefused, StripeProblem, StripeRefused
from paydesk.server.gate.proposals import Proposal
from paydesk.server.gate.steps import Step
from paydesk.skills.base import Json, Mode, NextCall, Skill, StripeReader, StripeRequest, WriteResult

_log = logging.getLogger("paydesk.gate")


class WritingDoor(StripeReader, Protocol):
    """What the gate needs of the way to Stripe."""

    @property
    def mode(self) -> Mode:
        """Sandbox, test or live."""
        ...

    def now(self) -> datetime:
        """Stripe's present, UTC."""
        ...

    async def account_id(self) -> str:
        """The account that the key belongs to."""
        ...

    async def send(self, request: StripeRequest, *, idempotency_key: str) -> Json:
        """Send one write. Raises StripeProblem."""
        ...


@dataclass(frozen=True)
class Settlement:
    """What is known after asking Stripe: it happened (with Stripe's object), it did not, or that is not known."""

    state: Literal["succeeded", "failed", "unknown"]
    answer: Json | None = None
    error: Json | None = None
    silent: bool = False  # Stripe did not answer at all, so asking about other writes is in vain
    rate_limited: bool = False


async def send(door: WritingDoor, step: Step, *, resend: bool) -> Settlement:
    """Send one request under its key, and say what the answer means. Raises nothing but cancellation."""
    try:
        answer = await door.send(step.request, idempotency_key=step.key)
    except StripeProblem as problem:
        state: Literal["failed", "unknown"] = "failed" if _is_definite(problem, resend=resend) else "unknown"
        # An error of Stripe's own, such as a 500 kept for this key, says nothing about other writes.
        silent = not isinstance(problem, StripeRefused) and (problem.http_status or 0) < 500
        busy = isinstance(problem, StripeBusy)
        return Settlement(state, error=problem.as_dict(), silent=silent, rate_limited=busy)
    except NotSent as unsent:
        # Of this try that is sure; of one before it, it says nothing.
        return Settlement("unknown" if resend else "failed", error=unsent.as_dict())
    except Exception as unexpected:
        # The request may have left before whatever went wrong: to say that it failed could be a lie.
        _log.exception("sending %s ended in %s", step.mark, type(unexpected).__name__, exc_info=False)
        return Settlement("unknown", error={"code": "no_answer", "message": "The answer could not be read."})
    return Settlement("succeeded", answer=answer)


def _is_definite(problem: StripeProblem, *, resend: bool) -> bool:
    """Whether the error proves that this write did not happen.

    A refusal does, first or repeated: had the write happened, its key would have brought its answer. Not so 409: the
    key is in use by a request that still runs; nor a key that was used with another request. A 429 or 401 tells of
    this try only, so at a resend it says nothing about the one before.
    """
    if isinstance(problem, StripeRefused):
        return problem.http_status != 409 and problem.stripe_code not in _ABOUT_THE_KEY
    return isinstance(problem, StripeKeyRefused | StripeBusy) and not resend


_ABOUT_THE_KEY = {"idempotency_key_in_use", "idempotency_error"}


class Reading(NamedTuple):
    """Stripe's answer as a skill reads it: the result as JSON, its sentence, and the call that takes it back."""

    result: Json
    says: str | None = None
    opposite: NextCall | None = None


def read_answer(skill: Skill | None, answer: Json) -> Reading:
    """What the skill makes of the answer; where it is gone or cannot read it, the object's id alone.

    Never raises: the write has happened, and the journal has to say so whatever we make of the answer.
    """
    try:
        if skill is not None and issubclass(skill.result, WriteResult):
            result = skill.result.read(answer)
            return Reading(result.structured(), result.sentence(), result.opposite())
    except Exception as unreadable:
        _log.exception("the answer of %s cannot be read: %s", skill, type(unreadable).__name__, exc_info=False)
    return Reading({"id": answer.get("id")})


def skill_of(catalogue: Mapping[str, Skill], proposal: Proposal) -> Skill | None:
    """The skill that made the proposal, if this desk still has it."""
    return catalogue.get(proposal.skill)


def not_found_error() -> Json:
    """What is written where Stripe shows no trace of a write after its key is gone."""
    return PaydeskError(
        "Stripe never answered and shows no trace of this write; it did not happen.",
        code="never_arrived",
        next_step="Propose it again if it is still wanted.",
    ).as_dict()
