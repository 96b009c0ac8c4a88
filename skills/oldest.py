"""A list from its beginning: Stripe gives the newest first, so the oldest end is found by halving the time."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from paydesk.skills.base import Json, StripeReader

_PAGE: Final = 100
_BEFORE_STRIPE: Final = 1_262_304_000  # 2010-01-01: no account is older


async def from_oldest(
    stripe: StripeReader, path: str, params: Mapping[str, Any], *, cursor: str | None = None
) -> AsyncIterator[tuple[Json, bool]]:
    """The objects of a list that has a `created` filter, oldest first, each with whether any follows.

    `cursor` is the id of the object after which to go on.
    """
    if cursor is None:
        oldest, more = await _oldest(stripe, path, params)
    else:
        page = await stripe.page(path, {**params, "limit": _PAGE, "ending_before": cursor})
        oldest, more = page.data, page.has_more
    while True:
        for left, item in zip(range(len(oldest) - 1, -1, -1), reversed(oldest), strict=True):
            yield item, more or left > 0
        if not more or not oldest:
            return
        page = await stripe.page(path, {**params, "limit": _PAGE, "ending_before": oldest[0]["id"]})
        oldest, more = page.data, page.has_more


async def _oldest(stripe: StripeReader, path: str, params: Mapping[str, Any]) -> tuple[list[Json], bool]:
    """The last page of a list, newest first, and whether anything is newer."""
    before, more = await _end_of_last_page(stripe, path, params)
    asked = dict(params)
    if before is not None:
        asked["created"] = {**params.get("created", {}), "lt": before}
    return [item async for item in stripe.every(path, asked, most=10_000)], more


async def _end_of_last_page(stripe: StripeReader, path: str, params: Mapping[str, Any]) -> tuple[int | None, bool]:
    """The second before which at most one page was created, or None where one page holds it all."""
    light = {name: value for name, value in params.items() if name != "expand"} | {"limit": _PAGE}
    bounds = dict(params.get("created", {}))
    newest = await stripe.page(path, light)
    if not newest.has_more:
        return None, False
    low, high = int(bounds.get("gte", _BEFORE_STRIPE)), int(newest.data[0]["created"]) + 1
    # Something lies before `high`, nothing before `low`.
    while high - low > 1:
        middle = (low + high) // 2
        part = await stripe.page(path, {**light, "created": {**bounds, "lt": middle}})
        if not part.data:
            low = middle
        elif part.has_more:
            high = middle
        else:
            return middle, True
    return high, True
