"""Have a card reader stop what it is doing."""

from paydesk.skills.base import Desk, Effect, Plan, StripeRequest, WriteParams, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.reader import ReaderState, ReaderText, called, doing, reader_meant


class Params(WriteParams):
    reader: ReaderText


class ReaderStopped(ReaderState):
    """A reader that does nothing."""

    def sentence(self) -> str:
        """Which."""
        return f"{self.label} ({self.reader}) stopped; the payment was not taken and stays open."


@skill(
    effect=Effect.WRITE,
    toolset="terminal",
    says=("cancel what {reader} is doing", "stop {reader}"),
    examples=({"reader": "Front desk"},),
)
async def cancel_reader_action(params: Params, desk: Desk) -> Plan[ReaderStopped]:
    """Stop what a card reader is doing."""
    reader = await reader_meant(desk.stripe, params.reader)
    action = reader.get("action") or {}
    if action.get("status") != "in_progress":
        raise SkillError(f"{called(reader)} is doing nothing.", code="reader_idle", field="reader")
    return Plan(
        says=f"Stop the reader {called(reader)} ({doing(reader)}).",
        request=StripeRequest("POST", f"/v1/terminal/readers/{reader['id']}/cancel_action"),
        undo="process_on_reader begins again.",
        details=(("Beware", "a card that was presented already may still be charged"),),
        relies_on={"reader": str(reader["id"]), "type": str(action.get("type"))},
    )
