"""Plans an approved write once more before it is sent: what it relied on may have changed since it was shown.

A plan that comes out otherwise is never sent. The proposal ends as stale, and the new plan is proposed in its place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import anyio
from sqlalchemy import Connection

from paydesk.server.arguments import parse_arguments
from paydesk.server.errors import (
    ArgumentError,
    GateError,
    NotAllowed,
    PaydeskError,
    SettingsError,
    SkillError,
    StripeUnreachable,
)
from paydesk.server.gate import audit, proposals
from paydesk.server.gate.drafting import customer_of, draft
from paydesk.server.gate.filing import file_draft
from paydesk.server.gate.planning_desk import PlanningDesk
from paydesk.server.gate.policy import Cap, Policy, Subject
from paydesk.server.gate.proposals import Proposal
from paydesk.server.gate.sending import WritingDoor
from paydesk.server.limits import PROPOSAL_TTL_S, REPLAN_TIMEOUT_S
from paydesk.server.store.database import Store
from paydesk.skills.base import CustomerFinder, Plan, Skill
from paydesk.skills.hostile_text import clean
from paydesk.skills.money import money

_VALUE_CHARACTERS = 80


class Renewer:
    """Holds a proposal's plan against a fresh one."""

    def __init__(
        self,
        store: Store,
        door: WritingDoor,
        catalogue: Mapping[str, Skill],
        clock: Callable[[], datetime],
        policy: Policy,
        *,
        customers: CustomerFinder | None,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._clock = clock
        self._policy = policy
        self._desk = PlanningDesk(door, customers)

    async def renewed(self, proposal: Proposal) -> Proposal | None:
        """None where the plan still holds; else the proposal as it ended: stale, or failed where no plan is possible.

        Raises StripeProblem where the account cannot be read; then nothing has changed.
        """
        if proposal.arguments is None:  # only a gate without arguments, or a row of an older version
            return None
        try:
            plan = await self._plan(proposal)
        except (SkillError, ArgumentError) as wrong:
            return await self._store.write(partial(_end_as_failed, proposal, wrong, self._clock()))
        changed = what_changed(proposal, plan)
        if not changed:
            return None
        return await self._replace(proposal, plan, changed)

    async def _plan(self, proposal: Proposal) -> Plan[Any]:
        skill = self._catalogue.get(proposal.skill)
        if skill is None:
            raise SkillError(f"This desk has no {proposal.skill} any more.", code="skill_gone")
        params = parse_arguments(skill, proposal.arguments or {})
        try:
            with anyio.fail_after(REPLAN_TIMEOUT_S):
                plan = await skill.run(params, self._desk)
        except TimeoutError:
            raise StripeUnreachable("The account could not be read again in time, so nothing was sent.") from None
        if not isinstance(plan, Plan):
            raise TypeError(f"{skill.name} planned {type(plan).__name__}")
        return plan

    async def _replace(self, proposal: Proposal, plan: Plan[Any], changed: Mapping[str, str]) -> Proposal:
        why = "; ".join(changed.values())
        now = self._clock()
        subject = Subject(
            proposal.skill, proposal.effect, proposal.account, proposal.mode, plan.moves, customer_of(plan)
        )
        in_chat = (proposal.expires_at - proposal.created_at).total_seconds() <= PROPOSAL_TTL_S
        warning = f"This takes the place of {proposal.id}, which was not sent: {why}"
        try:
            made = draft(
                self._catalogue[proposal.skill],
                replace(plan, warnings=(*plan.warnings, warning)),
                principal=proposal.principal,
                account=proposal.account,
                mode=proposal.mode,
                demand=proposal.demand.and_also(self._policy.demand(subject, now)),
                client_asks=in_chat,
                now=now,
                arguments=proposal.arguments,
            )
            fresh = _Fresh(made, self._policy.caps(subject, now))
        except (NotAllowed, SettingsError) as refused:
            fresh = _Fresh(refused)
        return await self._store.write(partial(_end_as_stale, proposal, changed, fresh, now))


def what_changed(proposal: Proposal, plan: Plan[Any]) -> dict[str, str]:
    """What differs between the plan that was shown and this one: name -> the difference in words; empty where nothing
    does."""
    before, after = dict(proposal.relies_on), dict(plan.relies_on)
    stake = proposal.moves or plan.moves
    currency = stake.currency if stake else None
    changed = {
        name: f"{_words(name)} was {_shown(name, before.get(name), currency)} "
        f"and is now {_shown(name, after.get(name), currency)}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }
    if plan.hash() != proposal.plan_hash and not changed:
        changed["request"] = "what would be sent is not the same any more"
    return changed


def _words(name: str) -> str:
    return clean(name).removesuffix("_minor").replace("_", " ")


def _shown(name: str, value: object, currency: str | None) -> str:
    if name.endswith("_minor") and isinstance(value, int) and currency is not None:
        return money(value, currency).text
    return "nothing" if value is None else clean(str(value), _VALUE_CHARACTERS)


@dataclass(frozen=True)
class _Fresh:
    """What comes in place of a stale proposal: a draft with the caps it counts towards, or why there is none."""

    draft: Proposal | PaydeskError
    caps: tuple[Cap, ...] = ()


def _end_as_stale(
    proposal: Proposal, changed: Mapping[str, str], fresh: _Fresh, now: datetime, connection: Connection
) -> Proposal:
    if not proposals.move(connection, proposal.id, come_from=("waiting", "approved"), to="stale", settled_at=now):
        return _as_stored(proposal, connection)
    audit.append(connection, ("stale", {"changed": ",".join(changed)}), at=now, proposal_id=proposal.id)
    message = f"{'; '.join(changed.values())}."
    message = message[:1].upper() + message[1:]
    replaced_by = None
    try:
        if isinstance(fresh.draft, PaydeskError):
            raise fresh.draft
        replaced_by = file_draft(fresh.draft, True, fresh.caps, connection).proposal.id
        message += f" The new plan waits for a yes of its own: {replaced_by}."
    except (GateError, NotAllowed, SettingsError) as refused:
        message += f" The new plan was not proposed: {refused.message}"
    error = PaydeskError(message, code="plan_stale").as_dict()
    proposals.move(connection, proposal.id, come_from=("stale",), to="stale", error=error, replaced_by=replaced_by)
    return _as_stored(proposal, connection)


def _end_as_failed(proposal: Proposal, wrong: PaydeskError, now: datetime, connection: Connection) -> Proposal:
    values: dict[str, Any] = {"settled_at": now, "error": wrong.as_dict()}
    if proposals.move(connection, proposal.id, come_from=("waiting", "approved"), to="failed", **values):
        facts: dict[str, audit.Fact] = {"code": wrong.code, "before_sending": True}
        audit.append(connection, ("failed", facts), at=now, proposal_id=proposal.id)
    return _as_stored(proposal, connection)


def _as_stored(proposal: Proposal, connection: Connection) -> Proposal:
    stored = proposals.find(connection, proposal.id, principal=None, account=None, mode=proposal.mode)
    return stored or proposal
