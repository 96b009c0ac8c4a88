"""What people and models read about a proposal. Deterministic: made of the stored row and nothing else."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from paydesk.server.gate.proposals import Proposal
from paydesk.skills.base import Mode, Outcome, Plan, Prepared, ProposalState, Stake, StripeRequest
from paydesk.skills.hostile_text import clean
from paydesk.skills.money import money

_VALUE_CHARACTERS = 200


def question(proposal: Proposal) -> str:
    """What a person is asked: what it does, with what, what to beware of, whether it can be undone, what is sent."""
    lines = [sentence(proposal.says), ""]
    lines += [f"{label}: {value}" for label, value in proposal.details]
    lines += money_lines(proposal.moves)
    lines += [f"Warning: {sentence(warning)}" for warning in proposal.warnings]
    lines.append(f"To undo it: {sentence(proposal.undo)}" if proposal.undo else "This cannot be undone.")
    lines += ["Two different people have to approve this."] if proposal.demand.people > 1 else []
    lines.append(f"Account: {proposal.account} ({MODES[proposal.mode]})")
    lines += [f"Sends first: {request_line(one)}" for one in proposal.prepares]
    lines.append(f"Sends: {request_line(proposal.request)}")
    lines.append(f"Proposal {proposal.id}, open until {time_text(proposal.expires_at)}.")
    return "\n".join(lines)


def planned(plan: Plan[Any], *, account: str, mode: Mode, how: str) -> Outcome:
    """A plan as a caller sees it who asked for no more than that."""
    sends = [request_line(one) for one in (*plan.prepares, plan.request)]
    shows = [
        *(f"{label}: {value}" for label, value in plan.details),
        *money_lines(plan.moves),
        *(f"Warning: {sentence(warning)}" for warning in plan.warnings),
        f"To undo it: {sentence(plan.undo)}" if plan.undo else "This cannot be undone.",
        f"Account: {account} ({MODES[mode]})",
        *(f"Would send: {one}" for one in sends),
        how,
    ]
    says = f"Planned only, nothing was proposed: {sentence(plan.says)}"
    return Outcome(state="planned", says=says, warnings=list(plan.warnings) or None, plan={"shows": shows})


def shown_hash(proposal: Proposal) -> str:
    """SHA-256 of the question: what was approved is what was shown."""
    return hashlib.sha256(question(proposal).encode()).hexdigest()


MODES = {"sandbox": "sandbox, no real money", "test": "test mode, no real money", "live": "live"}


def request_line(request: StripeRequest) -> str:
    """A request as people read it: method, path, and every parameter."""
    pairs = (f"{name}={_value(value)}" for name, value in _flat(request.params))
    return " ".join([request.method, request.path, *pairs])


def _value(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(clean(value, _VALUE_CHARACTERS), ensure_ascii=False)
    if isinstance(value, Prepared):
        return f"<{value.field} from step {value.step + 1}>"
    return json.dumps(value)


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Nested parameters as Stripe's form encoding names them, in a fixed order."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield from _flat(value[key], f"{name}[{clean(key)}]" if name else clean(key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _flat(item, f"{name}[{index}]")
    else:
        yield name, value


def outcome(
    proposal: Proposal, now: datetime, *, repeated: bool = False, still_needed: int = 0, page: str | None = None
) -> Outcome:
    """The proposal as a caller sees it; one whose time is over is expired, whether or not that was written yet.

    `page` is the address where a person sees and decides it, where there is an approval page.
    """
    state: ProposalState = "expired" if proposal.is_due(now) else proposal.state
    waits = state == "waiting"
    return Outcome(
        state=state,
        proposal_id=proposal.id,
        says=_says(proposal, state, repeated=repeated, still_needed=still_needed, page=page),
        approve=_ways(proposal, page) if waits else None,
        expires_at=proposal.expires_at if waits else None,
        warnings=list(proposal.warnings) or None if waits else None,
        repeated=True if repeated else None,
        result=proposal.result,
        undo_call=proposal.undo_call if state == "succeeded" else None,
        replaced_by=proposal.replaced_by,
        error=proposal.error if state in {"failed", "unknown", "stale"} else None,
        what=sentence(proposal.says),
    )


def how_to_approve(proposal: Proposal) -> str:
    """The command by which a person approves it."""
    return f"paydesk approve {proposal.id}"


def _ways(proposal: Proposal, page: str | None) -> str:
    command = how_to_approve(proposal)
    return f"A person opens {page} or runs `{command}`" if page else command


def _says(proposal: Proposal, state: ProposalState, *, repeated: bool, still_needed: int, page: str | None) -> str:
    what = sentence(proposal.says)
    where = f"at {page}, or with `{how_to_approve(proposal)}`," if page else f"with `{how_to_approve(proposal)}`"
    match state:
        case "waiting":
            return (
                f"Nothing has happened yet; this waits for {_whom(proposal, still_needed)}: {what} "
                f"A person approves it {where} before {time_text(proposal.expires_at)}. "
                "No tool can approve it."
            )
        case "approved" | "sending":
            return f"Approved and on its way to Stripe, not done yet: {what} Ask again with get_proposal."
        case "succeeded":
            done = proposal.done_says or f"Done: {what}"
            return f"{_already(proposal)}, and nothing was sent again: {done}" if repeated else done
        case "failed":
            return f"Not done: {what} {_why_not(proposal)}"
        case "rejected":
            return f"A person said no; nothing was sent: {what}"
        case "canceled":
            return f"Withdrawn by who proposed it; nothing was sent: {what}"
        case "stale":
            return _stale_says(proposal, what)
        case "expired":
            return f"Nobody approved it in time; nothing was sent: {what}"
        case "unknown":
            return (
                f"Approved and sent, but Stripe gave no answer, so it is not known whether it happened: {what} "
                "Do not repeat it; the desk keeps asking. Look again with get_proposal."
            )


def proposed_again(outcome: Outcome) -> Outcome:
    """The answer to a call whose write was just made, with the way to make it twice."""
    return outcome.model_copy(update={"says": f"{outcome.says} To propose it once more, call with again: true."})


def _already(proposal: Proposal) -> str:
    """When it was done: what it says may have been changed by others since."""
    return f"Already done at {time_text(proposal.settled_at)}" if proposal.settled_at else "Already done"


def _why_not(proposal: Proposal) -> str:
    """What Stripe or the desk found wrong, and what to do about it where that is known."""
    error = proposal.error or {}
    why = sentence(str(error.get("message", "Stripe refused it")))
    then = str(error.get("next_step") or "")
    return f"{why} {sentence(then)}" if then else why


def _whom(proposal: Proposal, still_needed: int) -> str:
    if still_needed:
        return f"{still_needed} more {'person' if still_needed == 1 else 'people'}"
    return "two different people" if proposal.demand.people > 1 else "a person"


def _stale_says(proposal: Proposal, what: str) -> str:
    changed = sentence(str((proposal.error or {}).get("message", "What it relied on has changed")))
    return f"Not sent, because the account has changed since it was planned: {what} {changed}"


def twin_warning(twin: Proposal, now: datetime) -> str:
    """What a person has to know where the same write was proposed before."""
    minutes = max(int((now - (twin.settled_at or twin.created_at)).total_seconds() // 60), 0)
    ago = "less than a minute ago" if minutes == 0 else f"{minutes} minute{'s' if minutes != 1 else ''} ago"
    match twin.state:
        case "succeeded":
            return f"The same write was made {ago} ({twin.id}); this does it again"
        case "rejected":
            return f"The same write was rejected {ago} ({twin.id})"
        case _:
            return f"The same write was approved before and may still happen ({twin.id})"


def money_lines(moves: Stake | None) -> Iterator[str]:
    """What is at stake, in words. What comes in may come later or each period, which the details say."""
    if moves is not None and moves.amount_minor:
        amount = money(abs(moves.amount_minor), moves.currency).text
        yield f"Money: {amount} {'leaves the account' if moves.amount_minor < 0 else 'is to be received'}"


def sentence(text: str) -> str:
    """The text with a full stop where it has no end of its own."""
    stripped = text.strip()
    return stripped if stripped.endswith((".", "!", "?")) else f"{stripped}."


def time_text(moment: datetime) -> str:
    """A moment to the minute, UTC."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
