"""Reading a list until enough of it fits: bounded, resumable, and honest about how far it looked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from paydesk.intents.entities.currencies import stripe_exponent
from paydesk.skills.base import Json, Result, StripeReader
from paydesk.skills.errors import SkillError
from paydesk.skills.oldest import from_oldest
from paydesk.skills.table import Shape, words_of

# A question may look at this many objects; beyond, the answer says so and gives a cursor to go on.
LOOKED_AT_MOST = 5_000
PAGE = 100

Limit = Annotated[int, Field(ge=1, le=100)]
Detail = Literal["concise", "full"]
#: How a list is told. The description is all that a model is shown of it, in every list: a wrong word is told the rest.
ListDetail = Annotated[str, Field(min_length=1, max_length=500, description="full, csv or field names")]
Sort = Literal["newest", "oldest", "largest", "smallest"]
Keep = Callable[[Json], bool]


def _none_required(schema: Json) -> None:
    schema.pop("required", None)


class Row(Result):
    """Base of what a list holds; its members may be left out of an answer, since a caller may choose among them."""

    model_config = ConfigDict(json_schema_extra=_none_required)


class Listed(Result):
    """What every list answers besides its items: `looked_at` is how many were read, where it was more than these.

    `table` (CSV, RFC 4180) stands in place of the items where it was asked for.
    """

    has_more: bool
    next_cursor: str | None = None
    looked_at: int | None = None
    table: str | None = None
    says: str = Field(exclude=True)
    shape: Shape | None = Field(None, exclude=True)

    def sentence(self) -> str:
        """How many, of what kind, and their sum per currency where they have one."""
        return self.says

    def told(self) -> Sequence[str]:
        """One line an item, as this list tells them."""
        return ()

    def lines(self) -> Sequence[str]:
        """One line an item, in the shape that was asked for."""
        return self.told() if self.shape is None else self.shape.lines(self.whole())

    def structured(self) -> Json:
        """As JSON, in the shape that was asked for."""
        return self.whole() if self.shape is None else self.shape.structured(self.whole())

    def whole(self) -> Json:
        """As JSON with all of its rows, whatever shape was asked for."""
        return super().structured()


def wants(detail: str, *members: str) -> bool:
    """Whether the rows are to have more than in brief: with `full`, or where one of these members is named.

    Without `members`, any that is named counts.
    """
    words = set(words_of(detail))
    return "full" in words or bool(words & set(members) if members else words - {"concise", "csv"})


@dataclass
class Found:
    """What was found: `looked_at` counts the objects read, `more` whether others may fit, `cursor` where to go on.

    `stopped`: LOOKED_AT_MOST was reached before there were enough. `fitting` is how many fit in all, where known.
    `mixed`: amounts of several currencies were put in one order.
    """

    items: list[Json] = field(default_factory=list)
    looked_at: int = 0
    more: bool = False
    cursor: str | None = None
    stopped: bool = False
    fitting: int | None = None
    mixed: bool = False


def major_amount(item: Json) -> Decimal:
    """An object's amount in its currency's major units, which is what a person compares."""
    return Decimal(int(item["amount"])).scaleb(-stripe_exponent(str(item["currency"])))


async def read(
    stripe: StripeReader,
    path: str,
    params: Mapping[str, Any],
    *,
    limit: int,
    cursor: str | None = None,
    keep: Keep | None = None,
    sort: Sort = "newest",
    amount_of: Callable[[Json], Decimal | int] = major_amount,
) -> Found:
    """Up to `limit` objects of a list that fit `keep`, in the order asked for.

    By time it stops as soon as there are enough, and `cursor` goes on from there. By amount it has to see all that
    fits, up to LOOKED_AT_MOST, and has no cursor. Raises SkillError for a cursor with an order by amount.
    """
    if sort == "newest":
        return await _first(stripe, path, params, limit=limit, cursor=cursor, keep=keep)
    if sort == "oldest":
        return await _oldest_first(stripe, path, params, limit=limit, cursor=cursor, keep=keep)
    if cursor is not None:
        raise SkillError(
            f"An order by amount has no pages: cursor does not go with sort {sort}.",
            code="cursor_without_order",
            field="cursor",
            next_step="Ask for a larger limit, or for a narrower range.",
        )
    found = await _first(stripe, path, params, limit=LOOKED_AT_MOST, cursor=None, keep=keep)
    found.stopped = found.more
    found.mixed = len({item.get("currency") for item in found.items}) > 1
    found.items.sort(key=amount_of, reverse=sort == "largest")
    found.fitting = None if found.stopped else len(found.items)
    found.more = found.more or len(found.items) > limit
    found.items, found.cursor = found.items[:limit], None
    return found


async def _oldest_first(
    stripe: StripeReader, path: str, params: Mapping[str, Any], *, limit: int, cursor: str | None, keep: Keep | None
) -> Found:
    found = Found()
    async for item, more in from_oldest(stripe, path, params, cursor=cursor):
        found.looked_at += 1
        if keep is None or keep(item):
            found.items.append(item)
        enough = len(found.items) == limit
        if enough or found.looked_at >= LOOKED_AT_MOST:
            found.more, found.stopped = more, more and not enough
            found.cursor = str(item["id"]) if more else None
            break
    return found


async def _first(
    stripe: StripeReader, path: str, params: Mapping[str, Any], *, limit: int, cursor: str | None, keep: Keep | None
) -> Found:
    found = Found()
    size = PAGE if keep or limit > PAGE else limit
    asked: Json = {**params, "limit": size}
    while True:
        if cursor is not None:
            asked["starting_after"] = cursor
        page = await stripe.page(path, asked)
        for position, item in enumerate(page.data):
            found.looked_at += 1
            cursor = str(item["id"])
            if keep is None or keep(item):
                found.items.append(item)
            enough = len(found.items) == limit
            if enough or found.looked_at >= LOOKED_AT_MOST:
                found.more = page.has_more or position + 1 < len(page.data)
                found.cursor = cursor if found.more else None
                found.stopped = found.more and not enough
                return found
        if not page.has_more or not page.data:
            return found


def honest(found: Found, shown: int, what: str) -> str:
    """The rest of a sentence: whether there is more, and how far was looked where that is not everything."""
    order = " Currencies are ordered by their numbers alone; name one to compare within it." if found.mixed else ""
    return _how_far(found, shown, what) + order


def _how_far(found: Found, shown: int, what: str) -> str:
    if found.stopped and found.cursor:
        return f" I stopped after looking at {found.looked_at:,} {what}; next_cursor goes on."
    if found.stopped:
        return f" Only the newest {found.looked_at:,} {what} were compared; a narrower date range gives a sure answer."
    if found.more and found.cursor:
        these = f"These are the first {shown}" if shown != 1 else "This is the first"
        return f" {these}; there may be more (next_cursor)."
    if found.more:
        return f" These are {shown} of {found.fitting:,}." if found.fitting else f" These are {shown} of more."
    return ""


def under_days(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Lines below the day that they share, given as (day, line): a date on every line is a sixth of what it costs.

    A day with a single line needs no heading and stands before it.
    """
    told: list[str] = []
    for day, found in groupby(rows, key=lambda row: row[0]):
        lines = [line for _, line in found]
        told += [f"{day}:", *lines] if len(lines) > 1 else [f"{day} {lines[0]}"]
    return told
