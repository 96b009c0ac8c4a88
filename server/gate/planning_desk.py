"""The desk as a plan sees it that is made anew: it reads the account, and there is nothing else it could do."""

from datetime import datetime

from paydesk.server.errors import GateError
from paydesk.server.gate.sending import WritingDoor
from paydesk.skills.answer import Answer
from paydesk.skills.base import CustomerFinder, CustomerMatch, Json, Mode, Outcome, StripeReader


class NoIndex:
    """A finder of customers without an index: skills then search at Stripe."""

    async def resembling(self, text: str, *, handles_too: bool = False) -> list[CustomerMatch] | None:
        """None: there is no index."""
        return None

    async def named_in(self, text: str) -> list[str]:
        """None: there is no index."""
        return []

    async def fresh(self, match: CustomerMatch) -> Json | None:
        """None: nothing was found here that could be fresh."""
        return None


class PlanningDesk:
    """A `Desk` for skills that plan a write; `customers` is the finder that they were planned with the first time."""

    def __init__(self, door: WritingDoor, customers: CustomerFinder | None = None) -> None:
        self._door = door
        self._customers = customers or NoIndex()

    @property
    def mode(self) -> Mode:
        """Sandbox, test or live."""
        return self._door.mode

    @property
    def stripe(self) -> StripeReader:
        """Reading from the account."""
        return self._door

    @property
    def customers(self) -> CustomerFinder:
        """Finding customers of the account."""
        return self._customers

    @property
    def figures(self) -> None:
        """None: a plan depends on no figures."""
        return None

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

    async def ask(self, text: str, conversation: str | None = None) -> Answer:
        """Raises GateError."""
        raise _only_reads()


def _only_reads() -> GateError:
    return GateError("A plan may only read the account.", code="plan_only_reads")
