"""The desk as a plan sees it that is made anew: it reads the account, and there is nothing else it could do."""

from datetime import datetime

from paydesk.server.errors import GateError
from paydesk.server.gate.sending import WritingDoor
from paydesk.skills.base import Answer, Mode, Outcome, StripeReader


class PlanningDesk:
    """A `Desk` for skills that plan a write."""

    def __init__(self, door: WritingDoor) -> None:
        self._door = door

    @property
    def mode(self) -> Mode:
        """Sandbox, test or live."""
        return self._door.mode

    @property
    def stripe(self) -> StripeReader:
        """Reading from the account."""
        return self._door

    def now(self) -> datetime:
        """The account's present, UTC."""
        return self._door.now()

    async def proposal(self, proposal_id: str) -> Outcome:
        """Raises GateError: a plan does not depend on proposals."""
        raise _only_reads()

    async def proposals(self) -> list[Outcome]:
        """Raises GateError."""
        raise _only_reads()

    async def cancel_proposal(self, proposal_id: str) -> Outcome:
        """Raises GateError."""
        raise _only_reads()

    async def ask(self, text: str) -> Answer:
        """Raises GateError."""
        raise _only_reads()


def _only_reads() -> GateError:
    return GateError("A plan may only read the account.", code="plan_only_reads")
