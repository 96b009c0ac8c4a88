"""Reading lists: in the order asked for, bounded, resumable, and honest about how far it looked."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.skills import reading
from paydesk.skills.base import Json, Page
from paydesk.skills.errors import SkillError


class Books:
    """A list as Stripe serves it: newest first, `created` bounds, cursors both ways; counts the requests."""

    def __init__(self, created: list[int], amounts: list[int] | None = None, currency: str = "usd") -> None:
        values = amounts or [100] * len(created)
        pairs = sorted(zip(created, values, strict=True), key=lambda pair: -pair[0])
        self.all: list[Json] = [
            {"id": f"x_{len(pairs) - index}", "created": at, "amount": amount, "currency": currency}
            for index, (at, amount) in enumerate(pairs)
        ]
        self.requests = 0

    async def page(self, path: str, params: Mapping[str, Any] | None = None) -> Page:
        asked = dict(params or {})
        self.requests += 1
        bounds = asked.get("created", {})
        fitting = [one for one in self.all if bounds.get("gte", 0) <= one["created"] < bounds.get("lt", float("inf"))]
        ids = [one["id"] for one in fitting]
        if "starting_after" in asked:
            fitting = fitting[ids.index(asked["starting_after"]) + 1 :]
        if "ending_before" in asked:
            fitting = fitting[: ids.index(asked["ending_before"])]
            part = fitting[-asked["limit"] :]
        else:
            part = fitting[: asked["limit"]]
        more = len(fitting) > len(part)
        return Page(data=part, has_more=more, next_cursor=part[-1]["id"] if more else None)

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        raise AssertionError("nothing here reads one object")

    async def every(self, path: str, params: Mapping[str, Any] | None = None, *, most: int) -> Any:
        asked = {**(params or {}), "limit": 100}
        while True:
            page = await self.page(path, asked)
            for one in page.data:
                yield one
            if not page.has_more:
                return
            asked["starting_after"] = page.next_cursor


TIMES = st.lists(st.integers(1_300_000_000, 1_800_000_000), max_size=350) | st.lists(
    st.integers(1_700_000_000, 1_700_000_009), max_size=350
)


@given(TIMES, st.integers(1, 100), st.sampled_from(["newest", "oldest"]), st.integers(1, 3))
async def test_pages_in_either_direction_hold_everything_once(
    created: list[int], limit: int, sort: Any, every: int
) -> None:
    """Ours: whatever the order and the filter, going on from the cursor loses nothing and repeats nothing."""
    books = Books(created, amounts=list(range(len(created))))

    def keep(item: Json) -> bool:
        return bool(item["amount"] % every == 0)

    seen: list[str] = []
    cursor = None
    while True:
        found = await reading.read(books, "/v1/x", {}, limit=limit, cursor=cursor, keep=keep, sort=sort)
        seen += [one["id"] for one in found.items]
        if not found.more:
            break
        cursor = found.cursor
    wanted = [one["id"] for one in books.all if keep(one)]
    assert seen == (wanted if sort == "newest" else wanted[::-1])


async def test_the_oldest_of_a_long_list_is_found_without_reading_it_all() -> None:
    """Ours: Stripe pages from the newest; halving the time finds the other end in a few requests."""
    books = Books(list(range(1_730_000_000, 1_780_000_000, 10_000)))
    found = await reading.read(books, "/v1/x", {}, limit=2, sort="oldest")
    assert [one["id"] for one in found.items] == ["x_1", "x_2"]
    assert found.looked_at == 2
    assert found.more
    assert books.requests < 20


async def test_the_oldest_within_a_range_stays_within_it() -> None:
    """Ours: the halving never leaves what was asked for."""
    books = Books(list(range(1_730_000_000, 1_780_000_000, 50_000)))
    bounds = {"created": {"gte": 1_750_000_000, "lt": 1_770_000_000}}
    found = await reading.read(books, "/v1/x", bounds, limit=1, sort="oldest")
    assert found.items[0]["created"] == 1_750_000_000


async def test_looking_has_an_end_and_says_so() -> None:
    """Ours: a filter that nothing fits must not read for ever, nor claim that there is nothing."""
    books = Books(list(range(1_700_000_000, 1_700_000_000 + reading.LOOKED_AT_MOST + 50)))
    for sort in ("newest", "oldest"):
        found = await reading.read(books, "/v1/x", {}, limit=5, keep=lambda _: False, sort=sort)
        assert (found.looked_at, found.more, found.stopped) == (reading.LOOKED_AT_MOST, True, True)
        assert f"{reading.LOOKED_AT_MOST:,}" in reading.honest(found, 0, "payments")
        assert "next_cursor" in reading.honest(found, 0, "payments")


async def test_the_largest_of_more_than_was_read_is_not_claimed_to_be_the_largest() -> None:
    """Ours: an order by amount that saw only a part says which part."""
    books = Books(list(range(1_700_000_000, 1_700_000_000 + reading.LOOKED_AT_MOST + 1)))
    found = await reading.read(books, "/v1/x", {}, limit=5, sort="largest")
    assert found.stopped
    assert f"Only the newest {reading.LOOKED_AT_MOST:,} payments were compared" in reading.honest(found, 5, "payments")


async def test_what_was_seen_in_full_is_counted() -> None:
    """Ours: where everything was read, the sentence says how many there are."""
    books = Books(list(range(1_700_000_000, 1_700_000_030)))
    found = await reading.read(books, "/v1/x", {}, limit=5, sort="smallest")
    assert found.more
    assert found.cursor is None
    assert reading.honest(found, 5, "payments") == " These are 5 of 30."


async def test_amounts_of_different_currencies_are_ordered_by_major_units() -> None:
    """Ours: 5000 yen is not less than 60.00 dollars because its integer is smaller."""
    books = Books([1_700_000_000, 1_700_000_001], amounts=[6000, 5999])
    books.all[0]["currency"] = "jpy"
    found = await reading.read(books, "/v1/x", {}, limit=1, sort="largest")
    assert found.items[0]["currency"] == "jpy"
    assert "name one to compare within it" in reading.honest(found, 1, "payments")


async def test_an_order_by_amount_takes_no_cursor() -> None:
    """Ours: a cursor that would be ignored is refused."""
    with pytest.raises(SkillError) as caught:
        await reading.read(Books([]), "/v1/x", {}, limit=1, sort="largest", cursor="x_1")
    assert caught.value.field == "cursor"


def test_lines_stand_below_the_day_they_share() -> None:
    """Ours: a date on every line is paid for a hundred times; rows out of order keep theirs all the same."""
    rows = [("2026-11-21", "a"), ("2026-11-21", "b"), ("2026-11-20", "c"), ("2026-11-21", "d")]
    assert reading.under_days(rows) == ["2026-11-21:", "a", "b", "2026-11-20 c", "2026-11-21 d"]
