"""The gate: a write waits here for a person's yes, and is then sent exactly once.

    waiting --approve, take--> sending --answer--> succeeded | failed
       |-- reject --> rejected     `-- no answer --> unknown --reconcile--> succeeded | failed
       |-- cancel --> canceled
       |-- time ----> expired
       `-- the account changed --> stale, and a new proposal in its place

Each arrow is one committed transaction, so a crash leaves the journal at one of these states, and `recover` goes on
from there. The request leaves only after `sending` and its idempotency key are on the disk.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, get_args

import anyio

from paydesk.server.errors import (
    ArgumentError,
    NotAllowed,
    NotFound,
    PaydeskError,
    SettingsError,
    StoreError,
    StripeProblem,
)
from paydesk.server.gate import deciding, proposals, words
from paydesk.server.gate.audit import Head
from paydesk.server.gate.audit_log import AuditLog
from paydesk.server.gate.carrying import Carrier
from paydesk.server.gate.changes import Changes, Listener
from paydesk.server.gate.checking import Verdict
from paydesk.server.gate.deciding import BY_POLICY, Answer
from paydesk.server.gate.drafting import customer_of, draft
from paydesk.server.gate.filing import expire_due, file_draft
from paydesk.server.gate.forgetting import forget_in_journal
from paydesk.server.gate.leases import is_abandoned
from paydesk.server.gate.pins import Pins
from paydesk.server.gate.policy import Policy, Subject, Way
from paydesk.server.gate.policy_rules import Rules
from paydesk.server.gate.proposal_ids import as_meant
from paydesk.server.gate.proposals import Proposal
from paydesk.server.gate.renewing import Renewer
from paydesk.server.gate.sending import WritingDoor
from paydesk.server.gate.showing import Shown, find_shown, shown
from paydesk.server.gate.taking import Taken, take_over
from paydesk.server.limits import (
    LOOK_AGAIN_S,
    LOOK_S,
    PROPOSALS_LISTED_MOST,
    RECONCILE_PAUSE_S,
    RECOVER_MOST,
    SEND_TIMEOUT_S,
)
from paydesk.server.store.database import Store
from paydesk.skills.base import CustomerFinder, Json, Outcome, Plan, ProposalState, Skill

_log = logging.getLogger("paydesk.gate")
_Outcomes = list[Outcome]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Gate:
    """Proposals of one desk: made by skills, decided by people, sent once.

    `clock` is the desk's own (UTC): it decides what expires. `policy` says what a write demands. One gate speaks to
    one account and mode; several gates, in several processes, may share a store. `pins` and `audit` are the approvers'
    PINs and the log, for commands and the approval page. `customers` is the finder that calls plan with, so that
    planning again finds whom they found.
    """

    def __init__(
        self,
        store: Store,
        door: WritingDoor,
        *,
        catalogue: Mapping[str, Skill],
        clock: Callable[[], datetime] = _utc_now,
        policy: Policy | None = None,
        customers: CustomerFinder | None = None,
        reconcile_pause_s: float = RECONCILE_PAUSE_S,
    ) -> None:
        self._store = store
        self._door = door
        self._clock = clock
        self._policy = policy or Rules()
        self._carrier = Carrier(store, door, catalogue, clock, reconcile_pause_s)
        self._renewer = Renewer(store, door, catalogue, clock, self._policy, customers=customers)
        self._changes = Changes(store)
        self._pins = Pins(store, clock)
        self._audit = AuditLog(store, door.mode)
        self._page_of: Callable[[str], str | None] = _no_page

    @property
    def pins(self) -> Pins:
        """The approvers' PINs."""
        return self._pins

    @property
    def audit(self) -> AuditLog:
        """The audit log, to be read."""
        return self._audit

    def show_at(self, page_of: Callable[[str], str | None]) -> None:
        """Name the approval page's address of a proposal wherever it is told that one waits."""
        self._page_of = page_of

    async def planned(self, skill: Skill, plan: Plan[Any]) -> Outcome:
        """What would be proposed, and nothing is. Raises StripeProblem where the account cannot be read."""
        account = await self._door.account_id()
        try:
            demand = self._policy.demand(self._subject(skill, plan, account), self._clock())
            how = f"Approval: {demand.why} (rule '{demand.rule}')"
        except (NotAllowed, SettingsError) as refused:
            how = refused.message
        return words.planned(plan, account=account, mode=self._door.mode, how=how)

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
        """File a plan and return what waits for a person; nothing is sent, unless the operator's policy allows it.

        The same write that already waits is returned again; the same write that is on its way or succeeded within
        REPEAT_WINDOW_S answers instead, unless `again`. `client_asks` is False where no person can be asked inside the
        client: then there is more time. `arguments` are the call's own, from which it is planned again before sending.
        Raises GateError, NotAllowed (forbidden, over a cap), SettingsError (a mistake in the policy), StoreError, or
        StripeProblem where the account cannot be read.
        """
        account, now = await self._door.account_id(), self._clock()
        subject = self._subject(skill, plan, account)
        made = draft(
            skill,
            plan,
            principal=principal,
            account=account,
            mode=self._door.mode,
            demand=self._policy.demand(subject, now),
            client_asks=client_asks,
            now=now,
            arguments=arguments,
        )
        filed = await self._store.write(partial(file_draft, made, again, self._policy.caps(subject, now)))
        self._changes.stir()
        if filed.proposal.id == made.id and made.demand.people == 0:
            return await self._allow(filed.proposal)
        known = self._outcome(filed.proposal, repeated=filed.repeated)
        return words.proposed_again(known) if filed.repeated else known

    async def _allow(self, proposal: Proposal) -> Outcome:
        """Send what the operator's policy allows without asking; the rule stands where a person's name would."""
        approver = f"{BY_POLICY}:{proposal.demand.rule}"
        answer = Answer(approver, BY_POLICY, proposal.principal, None, self._door.mode, self._clock())
        return await self._take_and_send(proposal, answer)

    async def question(self, proposal_id: str, *, principal: str | None) -> str:
        """What a person is asked, word for word; the same for the same proposal. Raises NotFound, StoreError."""
        return words.question(await self._find(proposal_id, principal))

    async def may_ask_client(self, proposal_id: str, *, principal: str | None) -> bool:
        """Whether a yes inside the client would count, by the policy of then and now. Raises NotFound, StoreError."""
        proposal = await self._find(proposal_id, principal)
        try:
            demand = proposal.demand.and_also(self._policy.demand(_subject_of(proposal), self._clock()))
        except (NotAllowed, SettingsError):
            return False
        return not demand.only_out_of_band

    async def approve(
        self, proposal_id: str, *, approver: str, via: str, principal: str | None, pin: str | None = None
    ) -> Outcome:
        """A person's yes: of all who say it, one takes the write and sends it; the others get what came of it.

        `principal` None is the operator, who may decide on anybody's. Out of band the approver's `pin` is asked for as
        soon as anybody has one. The write is planned once more first: what comes out otherwise is `stale`, and
        `replaced_by` names the new proposal. Raises GateError for a proposal that is unknown, foreign, rejected,
        expired or altered, and for a PIN; StoreError or StripeProblem before anything was sent.
        """
        answer = self._answer(approver, via, principal)
        seen = await self._store.read(partial(deciding.look, as_meant(proposal_id), answer))
        proposal = seen.proposal
        if proposal.state == "waiting" and not proposal.is_due(answer.now):
            # Whatever speaks HTTP reaches the page, so there a PIN is asked for even while nobody has one.
            if answer.via == "page" or (seen.has_pins and answer.way is Way.OUT_OF_BAND):
                await self.pins.check(answer.approver, pin)
                answer = replace(answer, person_checked=True)
            deciding.must_be_of(await self._door.account_id(), proposal)
            demand = self._policy.demand(_subject_of(proposal), answer.now)
            deciding.must_count(answer, proposal.demand.and_also(demand), proposal)
            if not seen.altered:  # else the take refuses it, and writes that down
                renewed = await self._renewer.renewed(proposal)
                if renewed is not None:
                    self._changes.stir()
                    return self._outcome(renewed)
        return await self._take_and_send(proposal, answer)

    async def _take_and_send(self, proposal: Proposal, answer: Answer) -> Outcome:
        subject = _subject_of(proposal)
        live = proposal.state == "waiting"
        answer = replace(
            answer,
            now=self._clock(),
            account=await self._door.account_id(),
            stripe_now=self._door.now(),
            demand=self._policy.demand(subject, answer.now) if live else None,
            caps=self._policy.caps(subject, answer.now) if live else (),
        )
        taken = await self._store.write(partial(deciding.approve_and_take, proposal.id, answer))
        self._changes.stir()
        after = _or_raise(taken)
        if taken.ours:
            after = await self._carrier.finish(after)
            self._changes.stir()
            return self._outcome(after)
        return self._outcome(after, repeated=after.state == "succeeded", still_needed=taken.still_needed)

    async def reject(self, proposal_id: str, *, approver: str, via: str, principal: str | None) -> Outcome:
        """A person's no. Raises GateError where it is unknown, foreign, or already approved."""
        answer = self._answer(approver, via, principal)
        return await self._end(partial(deciding.reject, as_meant(proposal_id), answer))

    async def cancel(self, proposal_id: str, *, principal: str) -> Outcome:
        """Withdraw a proposal of this principal that still waits. Raises GateError where it does not."""
        mine = Answer(principal, "proposer", principal, account=None, mode=self._door.mode, now=self._clock())
        return await self._end(partial(deciding.cancel, as_meant(proposal_id), mine))

    async def _end(self, work: Callable[[Any], Taken]) -> Outcome:
        taken = await self._store.write(work)
        self._changes.stir()
        return self._outcome(_or_raise(taken))

    async def get(self, proposal_id: str, *, principal: str | None) -> Outcome:
        """How a proposal stands; one whose end is not known is looked up first, within LOOK_S.

        Raises NotFound, also for a foreign one, and StoreError.
        """
        found = await self._find(proposal_id, principal)
        if found.state in proposals.ON_THE_WAY and is_abandoned(found, self._clock()):
            found = await self._look(found)
        return self._outcome(found)

    async def show(self, proposal_id: str) -> Shown:
        """A proposal as the approval page shows it, whoever made it. Raises NotFound, StoreError."""
        outcome = await self.get(proposal_id, principal=None)
        found = await self._store.read(partial(find_shown, as_meant(proposal_id), self._door.mode))
        if found is None:
            raise _no_such_proposal()
        return shown(found[0], outcome, found[1])

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

    async def stuck(self) -> _Outcomes:
        """Writes that were approved, that nobody is sending, and whose end is not known. Raises StoreError."""
        left = await self._store.read(partial(proposals.left_behind, mode=self._door.mode, most=RECOVER_MOST))
        return [self._outcome(one) for one in left if is_abandoned(one, self._clock())]

    async def forget(self, customer: str, *, account: str) -> tuple[int, int]:
        """Take what is personal about a customer out of the writes that are over: how many, and how many are not over.

        Raises StoreError; `store_traces` where it is done, but the database's log could not be emptied yet.
        """
        at = self._clock()
        done = await self._store.write(lambda c: forget_in_journal(c, customer, account=account, at=at))
        await self._store.leave_no_trace()
        return done

    async def verify_audit(self, *, anchor: Head | None = None) -> Verdict:
        """Whether the audit log is whole, and the journal says what it says. Raises StoreError.

        `anchor` is an earlier verdict's head, kept elsewhere: with it, an end that was cut off is found too.
        """
        return await self.audit.verify(anchors=() if anchor is None else (anchor,))

    def on_change(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` of every proposal that changes, whoever changed it, while `run` runs; returns its end."""
        return self._changes.listen(listener)

    async def run(self) -> None:
        """What a desk does besides answering: go on with what has no end yet, and tell listeners. Until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._changes.run)
            tasks.start_soon(self._keep_looking)

    async def _keep_looking(self) -> None:
        while True:
            await anyio.sleep(LOOK_AGAIN_S)
            try:
                await self.recover(only_due=True)
            except PaydeskError as error:
                _log.warning("what is unknown cannot be looked at now: %s", error.code)

    async def recover(self, *, only_due: bool = False) -> _Outcomes:
        """Go on with what a crash or a silent Stripe left behind, and return what came of each.

        To be called when the desk opens, and now and then (`only_due` leaves out what was just looked at); any number
        of processes may do so. Stops early where Stripe cannot be reached: what is unknown stays so. Raises StoreError.
        """
        now = self._clock()
        await self._store.write(partial(expire_due, now))
        left = await self._store.read(partial(proposals.left_behind, mode=self._door.mode, most=RECOVER_MOST))
        left = [one for one in left if is_abandoned(one, now) and not (only_due and _looked_at_lately(one, now))]
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
        self._changes.stir()
        return outcomes

    async def _go_on(self, proposal: Proposal, *, within_s: float = SEND_TIMEOUT_S) -> tuple[Proposal, bool]:
        """Bring one row that was left behind as far as it can go; also whether Stripe was silent."""
        if proposal.state == "approved":
            try:
                renewed = await self._renewer.renewed(proposal)
            except StripeProblem:
                return proposal, True
            if renewed is not None:
                return renewed, False
        taken = await self._store.write(partial(take_over, proposal, self._clock(), self._door.now()))
        ours = taken.proposal
        if not taken.ours:
            return ours, False
        if ours.state == "sending":  # approved before, and never sent
            return await self._carrier.finish(ours), False
        return await self._carrier.go_on(ours, within_s=within_s)

    def _subject(self, skill: Skill, plan: Plan[Any], account: str) -> Subject:
        return Subject(skill.name, skill.effect, account, self._door.mode, plan.moves, customer_of(plan))

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
            raise _no_such_proposal()
        return found

    async def _account_of(self, principal: str | None) -> str | None:
        # The operator looks at the journal also while Stripe cannot be reached.
        return None if principal is None else await self._door.account_id()

    def _outcome(self, proposal: Proposal, *, repeated: bool = False, still_needed: int = 0) -> Outcome:
        now = self._clock()
        waits = proposal.state == "waiting" and not proposal.is_due(now)
        page = self._page_of(proposal.id) if waits else None
        return words.outcome(proposal, now, repeated=repeated, still_needed=still_needed, page=page)


def _subject_of(proposal: Proposal) -> Subject:
    return Subject(proposal.skill, proposal.effect, proposal.account, proposal.mode, proposal.moves, proposal.customer)


def _no_page(_: str) -> None:
    """Where there is no approval page."""


def _no_such_proposal() -> NotFound:
    return NotFound(
        "There is no such proposal of yours here.",
        field="proposal",
        next_step="list_proposals shows those that wait or ended lately.",
    )


def _looked_at_lately(proposal: Proposal, now: datetime) -> bool:
    return proposal.look_again_at is not None and now < proposal.look_again_at


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
