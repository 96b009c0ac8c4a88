"""One card reader: which is meant, and what it is doing."""

import re
from typing import Annotated, Self

from pydantic import Field

from paydesk.skills.base import Json, StripeReader, WriteResult
from paydesk.skills.errors import Ambiguous, NotFound
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.ids import checked_id

ReaderText = Annotated[str, Field(min_length=2, max_length=100, description="tmr_ id or label")]
_MOST = 100
_CHOICES = 8


async def reader_meant(stripe: StripeReader, text: str) -> Json:
    """The reader of a tmr_ id, a label or a serial number. Raises NotFound, Ambiguous with choices."""
    text = text.strip()
    if re.match(r"tmr_", text):
        return await stripe.get(f"/v1/terminal/readers/{checked_id(text, 'tmr', field='reader')}")
    every = (await stripe.page("/v1/terminal/readers", {"limit": _MOST})).data
    asked = text.casefold()
    found = [one for one in every if asked in (str(one.get("label") or "").casefold(), one.get("serial_number"))]
    found = found or [one for one in every if asked in str(one.get("label") or "").casefold()]
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(
            f"No reader is called {clean(text, 60)}.",
            code="reader_not_found",
            field="reader",
            choices=[f"{called(one)} {one['id']}" for one in every[:_CHOICES]],
            next_step="list_readers shows them.",
        )
    raise Ambiguous(
        f"{len(found)} readers are called like that: which one?",
        code="reader_ambiguous",
        field="reader",
        choices=[f"{called(one)} {one['id']}" for one in found[:_CHOICES]],
        next_step="Say its id.",
    )


def called(reader: Json) -> str:
    """Its label, else its serial number, else its id."""
    return clean_or_none(reader.get("label"), 60) or clean_or_none(reader.get("serial_number"), 40) or str(reader["id"])


def doing(reader: Json) -> str | None:
    """`process payment intent: in progress`; None where it does nothing."""
    action = reader.get("action")
    if not action:
        return None
    told = f"{action['type']}: {action['status']}".replace("_", " ")
    failure = action.get("failure_message") or action.get("failure_code")
    return clean(f"{told} ({failure})" if failure else told)


class ReaderState(WriteResult):
    """A reader after a write."""

    reader: str
    label: str
    action: str | None = None
    payment: str | None = None

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a reader."""
        about = (answer.get("action") or {}).get("process_payment_intent") or {}
        payment = about.get("payment_intent")
        return cls(
            reader=str(answer["id"]),
            label=called(answer),
            action=doing(answer),
            payment=str(payment["id"]) if isinstance(payment, dict) else payment,
        )
