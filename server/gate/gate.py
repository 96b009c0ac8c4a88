"""The gate: a write waits here for a person's yes, and is then sent exactly once.

    waiting --approve, take--> sending --answer--> succeeded | failed
       |-- reject --> rejected     `-- no answer --> unknown --reconcile--> succeeded | failed
       `-- time ----> expired

Each arrow is one committed transaction, so a crash leaves the journal at one of these states, and `recover` goes on
from there. The request leaves only after `sending` and its idempotency key are on the disk.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, get_args

from paydesk.server.errors import ArgumentError, NotFound, StoreError, StripeProblem
from paydesk.server.gate import deciding, proposals, words
from paydesk.server.gate.audit import Head
from paydesk.server.gate.carrying import Carrier
from paydesk.server.gate.checking import Verdict, verify
from paydesk.server.gate.deciding import Answer
from paydesk.server.gate.drafting import draft
from paydesk.server.gate.filing import expire_due, file_draft
from paydesk.server.gate.leases import is_abandoned
from paydesk.server.gate.policy import EveryWriteAsks, Policy
from paydesk.server.gate.proposal_ids import as_meant
from paydesk.server.gate.proposals import Proposal
from paydesk.server.gate.sending import WritingDoor
from paydesk.server.gate.taking import Taken, take_over
from paydesk.server.limits import (
    LOOK_S,
    PROPOSALS_LISTED_MOST,
    RECONCILE_PAUSE_S,
    RECOVER_MOST,
    SEND_TIMEOUT_S,
)
from paydesk.server.store.database import Store
from paydesk.skills.base import Json, Outcome, Plan, ProposalState, Skill

_log = logging.getLogger("paydesk.gate")
_Outcomes = list[Outcome]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Gate:
    """Proposals of one desk: made by skills, decided by people, sent once.

    `clock` is the desk's own (UTC): it decides what expires. `policy` says what a write demands. One gate speaks to
    one account and mode; several gates, in several processes, may share a store.
    """

    def __init__(
        self,
        store: Store,
        door: WritingDoor,
        *,
        catalogue: Mapping[str, Skill],
        clock: Callable[[], datetime] = _utc_now,
        policy: Policy | None = None,
        reconcile_pause_s: float = RECONCILE_PAUSE_S,
    ) -> None:
        self._store = store
        self._door = door
        self._catalogue = catalogue
        self._clock = clock
        self._policy = policy or EveryWriteAsks()
        self._carrier = Carrier(store, door, catalogue, clock, reconcile_pause_s)

    async def planned(self, skill: Skill, plan: Plan[Any]) -> Outcome:
        """What would be proposed, and nothing is. Raises StripeProblem where the account cannot be read."""
        return words.planned(plan, account=await self._door.account_id(), mode=self._door.mode)

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
        """File a plan and return what waits for a person; nothing is sent.

        The same write that already waits is returned again; the same write that is on its way or succeeded within
        REPEAT_WINDOW_S answers instead, unless `again`. `client_asks` is False where no person can be asked inside the
        client: then there is more time. Raises GateError, StoreError, or StripeProblem where the account cannot be
        read.
        """
        made = draft(
            skill,
            plan,
            principal=principal,
            account=await self._door.account_id(),
            mode=self._door.mode,
            demand=self._policy.demand(skill, plan, mode=self._door.mode),
            client_asks=client_asks,
            now=self._clock(),
            arguments=arguments,
        )
        filed = await self._store.write(partial(file_draft, made, again))
        return self._outcome(filed.proposal, repeated=filed.repeated)

    async def question(self, proposal_id: str, *, principal: str | None) -> str:
        """What a person is asked, word for word; the same for the same proposal. Raises NotFound, StoreError."""
        return words.question(await self._find(proposal_id, principal))

    async def may_ask_client(self, proposal_id: str, *, principal: str | None) -> bool:
        """Whether a person may answer inside the client. Raises NotFound, StoreError."""
        return not (await self._find(proposal_id, principal)).demand.only_out_of_band

    async def approve(self, proposal_id: str, *, approver: str, via: str, principal: str | None) -> Outcome:
        """A person's yes: of all who say it, one takes the write and sends it; the others get what came of it.

        `principal` None is the operator, who may decide on anybody's. Raises GateError for a proposal that is unknown,
        foreign, rejected, expired or altered; StoreError or StripeProblem before anything was sent.
        """
        answer = self._answer(approver, via, principal)
        answer = replace(answer, account=await self._door.account_id(), stripe_now=self._door.now())
        taken = await self._store.write(partial(deciding.approve_and_take, as_meant(proposal_id), answer))
        proposal = _or_raise(taken)
        if taken.ours:
            return self._outcome(await self._carrier.finish(proposal))
        return self._outcome(proposal, repeated=proposal.state == "succeeded")

    async def reject(self, proposal_id: str, *, approver: str, via: str, principal: str | None) -> Outcome:
        """A person's no. Raises GateError where it is unknown, foreign, or already approved."""
        answer = self._answer(approver, via, principal)
        taken = await self._store.write(partial(deciding.reject, as_meant(proposal_id), answer))
        return self._outcome(_or_raise(taken))

    async def cancel(self, proposal_id: str, *, principal: str) -> Outcome:
        """Withdraw a proposal of this principal that still waits. Raises GateError where it does not."""
        mine = Answer(principal, "proposer", principal, account=None, mode=self._door.mode, now=self._clock())
        taken = await self._store.write(partial(deciding.cancel, as_meant(proposal_id), mine))
        return self._outcome(_or_raise(taken))

    async def get(self, proposal_id: str, *, principal: str | None) -> Outcome:
        """How a proposal stands; one whose end is not known is looked up first, within LOOK_S.

        Raises NotFound, also for a foreign one, and StoreError.
        """
        found = await self._find(proposal_id, principal)
        if found.state in proposals.ON_THE_WAY and is_abandoned(found, self._clock()):
            found = await self._look(found)
        return self._outcome(found)

    async def _look(self, proposal: Proposal) -> Proposal:
        try:
            if proposal.account == await self._door.account_id():
                return (await self._go_on(proposal, within_s=LOOK_S))[0]
        except (StripeProblem, StoreError) as error:
            _log.warning("%s cannot be reconciled now: %s", proposal.id, error.code)
        return proposal

    async def list(self, *, principal: str | None, state: str | None = None) -> _Outcomes:
        """The newest proposals of a principal and this account; None is the operator, who sees all of this mode."""
        newest = partial(
            proposals.newest,
            principal=principal,
            account=await self._account_of(principal),
            mode=self._door.mode,
            states=None if state is None else _stored_as(state),
            most=PROPOSALS_LISTED_MOST,
        )
        outcomes = [self._outcome(proposal) for proposal in await self._store.read(newest)]
        return [outcome for outcome in outcomes if state is None or outcome.state == state]

    async def verify_audit(self, *, anchor: Head | None = None) -> Verdict:
        """Whether the audit log is whole, and the journal says what it says. Raises StoreError.

        `anchor` is an earlier verdict's head, kept elsewhere: with it, an end that was cut off is found too.
        """
        return await self._store.read(partial(verify, anchor=anchor))

    async def recover(self) -> _Outcomes:
        """Go on with what a crash or a silent Stripe left behind, and return what came of each.

        To be called when the desk opens, and now and then; any number of processes may do so. Stops early where Stripe
        cannot be reached: what is unknown stays so. Raises StoreError.
        """
        await self._store.write(partial(expire_due, self._clock()))
        left = await self._store.read(partial(proposals.left_behind, mode=self._door.mode, most=RECOVER_MOST))
        left = [proposal for proposal in left if is_abandoned(proposal, self._clock())]
        if not left:
            return []
        try:
            account = await self._door.account_id()
        except StripeProblem as problem:
            _log.warning("%d writes wait to be reconciled; Stripe cannot be asked: %s", len(left), problem.code)
            return []
        outcomes: list[Outcome] = []
        for proposal in left:
            if proposal.account == account:
                ended, silent = await self._go_on(proposal)
                outcomes.append(self._outcome(ended))
                if silent:
                    break
        return outcomes

    async def _go_on(self, proposal: Proposal, *, within_s: float = SEND_TIMEOUT_S) -> tuple[Proposal, bool]:
        """Bring one row that was left behind as far as it can go; also whether Stripe was silent."""
        now = self._clock()
        taken = await self._store.write(partial(take_over, proposal, now, self._door.now()))
        ours = taken.proposal
        if not taken.ours:
            return ours, False
        if ours.state == "sending":  # approved before, and never sent
            return await self._carrier.finish(ours), False
        return await self._carrier.go_on(ours, within_s=within_s)

    def _answer(self, approver: str, via: str, principal: str | None) -> Answer:
        answer = Answer(approver, via, principal, account=None, mode=self._door.mode, now=self._clock())
        _ = answer.way
        return answer

    async def _find(self, proposal_id: str, principal: str | None) -> Proposal:
        account = await self._account_of(principal)
        meant = as_meant(proposal_id)
        found = await self._store.read(
            partial(proposals.find, proposal_id=meant, principal=principal, account=account, mode=self._door.mode)
        )
        if found is None:
            raise NotFound(
                "There is no such proposal of yours here.",
                field="proposal",
                next_step="list_proposals shows those that wait or ended lately.",
            )
        return found

    async def _account_of(self, principal: str | None) -> str | None:
        # The operator looks at the journal also while Stripe cannot be reached.
        return None if principal is None else await self._door.account_id()

    def _outcome(self, proposal: Proposal, *, repeated: bool = False) -> Outcome:
        return words.outcome(proposal, self._clock(), repeated=repeated)


def _stored_as(state: str) -> tuple[ProposalState, ...]:
    """The states under which a shown state may be stored: what nobody touched since it expired still says waiting."""
    known: tuple[ProposalState, ...] = get_args(ProposalState)
    if state not in known:
        raise ArgumentError("There is no such state of a proposal.", field="state", choices=known)
    return ("expired", "waiting", "approved") if state == "expired" else tuple(name for name in known if name == state)


def _or_raise(taken: Taken) -> Proposal:
    if taken.refused is not None:
        raise taken.refused
    return taken.proposal
