"""One quote: which is meant, and how it is called."""

from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Desk, Json
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.ids import checked_id
from paydesk.skills.money import money

QuoteId = Annotated[str, Field(max_length=100, description="qt_ id")]


async def quote_meant(desk: Desk, text: str) -> Json:
    """The quote of an id, its customer expanded. Raises SkillError for anything else, NotFound for an unknown one."""
    if not text.strip().startswith("qt_"):
        raise SkillError(
            "A quote goes by its qt_ id only.",
            code="invalid_id",
            field="quote",
            next_step="list_quotes with a customer shows the ids.",
        )
    identifier = checked_id(text.strip(), "qt", field="quote")
    return await desk.stripe.get(f"/v1/quotes/{identifier}", {"expand": ["customer"]})


def called(quote: Json) -> str:
    """`quote QT-ABC-0001 ($25.00)`."""
    number = clean_or_none(quote.get("number"), 40) or str(quote["id"])
    return f"quote {number} ({worth(quote)})"


def worth(quote: Json) -> str:
    """What it comes to at first, and how often again: `$25.00`, `$49.00 / month`."""
    recurring = (quote.get("computed") or {}).get("recurring") or {}
    currency = str(quote.get("currency") or "usd")
    total = money(int(quote.get("amount_total") or 0), currency).text
    if not recurring:
        return total
    count = int(recurring.get("interval_count") or 1)
    often = recurring["interval"] if count == 1 else f"{count} {recurring['interval']}s"
    again = money(int(recurring.get("amount_total") or 0), currency).text
    return f"{again} / {often}" if again == total else f"{total} at first, {again} / {often}"
