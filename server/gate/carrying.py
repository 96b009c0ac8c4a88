"""Carries out writes that were taken: sends their steps in order, finds out what was lost, records what came of it."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

import anyio

from paydesk.server.errors import PaydeskError, StoreError
from paydesk.server.gate.proposals import Proposal
from paydesk.server.gate.reconcile import after_rate_limit, reconcile
from paydesk.server.gate.sending import Settlement, WritingDoor, send, skill_of
from paydesk.server.gate.settling import settle, settled
from paydesk.server.gate.steps import Step, answers_of, keep_answer, step
from paydesk.server.limits import RECONCILE_TRIES, SEND_TIMEOUT_S
from paydesk.server.store.database import Store
from paydesk.skills.base import Json, Skill

_log = logging.getLogger("paydesk.gate")


class Carrier:
    """Sends what was taken. `clock` is the desk's own; `pause_s` lies between the first looks at a lost answer."""

    def __init__(
        self,
        store: Store,
        door: WritingDoor,
        catalogue: Mapping[str, Skill],
        clock: Callable[[], datetime],
        pause_s: float,
    ) -> None:
        self._store = store
        self._door = door
        self._catalogue = catalogue
        self._clock = clock
        self._pause_s = pause_s

    async def finish(self, proposal: Proposal) -> Proposal:
        """Send a write that this caller has taken and nobody sent before; store and return what came of it.

        Not interrupted by cancellation: a caller who hangs up after the yes does not turn a done write into an unknown
        one.
        """
        return (await self._carry(proposal, fresh=True, within_s=SEND_TIMEOUT_S))[0]

    async def go_on(self, proposal: Proposal, *, within_s: float = SEND_TIMEOUT_S) -> tuple[Proposal, bool]:
        """Find out what became of a write that was left behind and claimed; also whether Stripe was silent."""
        return await self._carry(proposal, fresh=False, within_s=within_s)

    async def _carry(self, proposal: Proposal, *, fresh: bool, within_s: float) -> tuple[Proposal, bool]:
        no_answer = {"code": "no_answer", "message": "Stripe did not answer in time."}
        settlement = Settlement("unknown", error=no_answer if fresh else proposal.error, silent=not fresh)
        with anyio.CancelScope(shield=True):
            with anyio.move_on_after(within_s):
                settlement = await self._all_steps(proposal, fresh=fresh)
            ended = await self._record(proposal, settlement)
        return ended, settlement.silent

    async def _all_steps(self, proposal: Proposal, *, fresh: bool) -> Settlement:
        answers: list[Json] = []
        if proposal.prepares:
            answers = await self._store.read(partial(answers_of, proposal.id))
        while True:
            try:
                this = step(proposal, answers)
            except LookupError:
                return _unfinished(Settlement("failed", error=_unusable()), answers)
            one = self._first_try if fresh else self._later_try
            settlement = await one(proposal, this)
            if settlement.state != "succeeded" or this.number == len(proposal.prepares):
                return _unfinished(settlement, answers)
            kept = partial(keep_answer, proposal, this, settlement.answer or {}, self._clock())
            try:
                answers.append(await self._store.write(kept))
            except StoreError as error:
                # Nothing more may leave before this is on the disk; recover() finds it again by its mark.
                return Settlement("unknown", error=error.as_dict())

    async def _first_try(self, proposal: Proposal, this: Step) -> Settlement:
        settlement = await send(self._door, this, resend=False)
        if settlement.rate_limited:
            settlement = await after_rate_limit(self._door, proposal, this, settlement)
        for _ in range(RECONCILE_TRIES):
            if settlement.state != "unknown":
                break
            await anyio.sleep(self._pause_s)
            settlement = await self._later_try(proposal, this)
        return settlement

    async def _later_try(self, proposal: Proposal, this: Step) -> Settlement:
        return await reconcile(self._door, proposal, this, self._clock())

    async def _record(self, proposal: Proposal, settlement: Settlement) -> Proposal:
        now = self._clock()
        end = settled(proposal, settlement, skill_of(self._catalogue, proposal), now)
        try:
            return await self._store.write(partial(settle, proposal, end, now))
        except StoreError as error:
            # The truth is known although it cannot be stored. The row stays as it is, and recover() learns it again.
            _log.exception("%s is %s, which could not be written: %s", end.id, end.state, error.code, exc_info=False)
            return end


def _unfinished(settlement: Settlement, answers: list[Json]) -> Settlement:
    """A failure says what was made before it: that stays at Stripe."""
    # Several steps may make one thing: an invoice, its lines, its end.
    made = list(dict.fromkeys(str(answer["id"]) for answer in answers if answer.get("id")))
    if settlement.state != "failed" or not made:
        return settlement
    error = dict(settlement.error or {})
    message = str(error.get("message", "Stripe refused it")).rstrip(".")
    error["message"] = f"{message}. Already made before that, and still there: {', '.join(made)}."
    return Settlement("failed", error=error | {"made": made})


def _unusable() -> Json:
    return PaydeskError("What was prepared lacks what the next step needs.", code="preparation_unusable").as_dict()
