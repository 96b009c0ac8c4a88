"""What an error code, a decline code or a request id means, and what to do next."""

from typing import Annotated, Literal

from pydantic import Field
from rapidfuzz import process

from paydesk.skills.base import Desk, Effect, Json, Outcome, Result, Strict, skill
from paydesk.skills.error_words import DECLINES, ERRORS, words_for
from paydesk.skills.errors import NotFound
from paydesk.skills.hostile_text import clean

_DOCS = {"error": "https://docs.stripe.com/error-codes", "decline": "https://docs.stripe.com/declines/codes"}


class Params(Strict):
    code: Annotated[str, Field(min_length=2, max_length=80, description="Error code, decline code or req_ id")]


class Explained(Result):
    """What it means (`means`), what to do (`then`), and the proposal that met it, where one did."""

    code: str
    kind: Literal["error", "decline", "request"]
    means: str
    then: str
    docs: str | None = None
    proposal_id: str | None = None

    def sentence(self) -> str:
        """Meaning and next step in words."""
        return f"{self.code}: {self.means} {self.then}"


@skill(
    effect=Effect.READ,
    toolset="desk",
    says=("explain error {phrase}",),
    examples=({"code": "insufficient_funds"}, {"code": "req_8Zx0Yw1Vu2Ts3R"}),
)
async def explain_error(params: Params, desk: Desk) -> Explained:
    """Explain a Stripe error code, a card's decline code or a request id, and what to do about it."""
    code = params.code.strip()
    if code.startswith("req_"):
        return _request(code, await desk.proposals(), desk.mode)
    return _known(code.casefold().replace(" ", "_").replace("-", "_"))


def _known(code: str) -> Explained:
    """The words for a code; a decline code first, as its words are the narrower ones."""
    words = DECLINES.get(code) or ERRORS.get(code)
    if words is None:
        near = process.extract(code, [*DECLINES, *ERRORS], limit=3, score_cutoff=70)
        raise NotFound(
            "Stripe documents no such error or decline code.",
            code="unknown_code",
            field="code",
            choices=list(dict.fromkeys(match[0] for match in near)),
            next_step="Give the code as Stripe wrote it, or the request id (req_...).",
        )
    kind: Literal["error", "decline"] = "decline" if code in DECLINES else "error"
    return Explained(code=code, kind=kind, means=words.means, then=words.then, docs=_DOCS[kind])


def _request(request_id: str, proposals: list[Outcome], mode: str) -> Explained:
    """What a request came to, where the desk sent it; else where Stripe's own log has it."""
    met = next((one for one in proposals if (one.error or {}).get("request_id") == request_id), None)
    if met is None or met.error is None:
        where = "" if mode == "live" else "test/"
        raise NotFound(
            "None of your latest proposals met this request.",
            code="unknown_request",
            field="code",
            next_step=f"Stripe's log has it: https://dashboard.stripe.com/{where}logs/{clean(request_id, 60)}",
        )
    means, then = _of(met.error)
    return Explained(code=request_id, kind="request", means=means, then=then, proposal_id=met.proposal_id)


def _of(error: Json) -> tuple[str, str]:
    words = words_for(*(str(error.get(name)) for name in ("decline_code", "stripe_code", "code")))
    if words is not None:
        return words.means, words.then
    then = str(error.get("next_step") or "Look at the proposal, then decide.")
    return clean(str(error.get("message") or "It failed.")), then
