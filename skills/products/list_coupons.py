"""List coupons, with the promotion codes that customers type."""

from collections import defaultdict

from paydesk.skills import reading
from paydesk.skills.base import Desk, Effect, Strict, skill
from paydesk.skills.coupon import CouponRow
from paydesk.skills.hostile_text import clean

_CODES_LOOKED_AT = 1_000


class Params(Strict):
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class Coupons(reading.Listed):
    """Coupons, newest first."""

    coupons: list[CouponRow]

    def told(self) -> list[str]:
        """One line a coupon."""
        return [coupon.line() for coupon in self.coupons]


@skill(
    effect=Effect.READ,
    toolset="products",
    says=("list our coupons", "which promotion codes are there"),
    examples=({}, {"limit": 50}),
)
async def list_coupons(params: Params, desk: Desk) -> Coupons:
    """List coupons and their promotion codes: what they take off, for how long, how often used."""
    found = await reading.read(desk.stripe, "/v1/coupons", {}, limit=params.limit, cursor=params.cursor)
    codes: dict[str, list[str]] = defaultdict(list)
    if found.items:
        async for one in desk.stripe.every("/v1/promotion_codes", {"active": True}, most=_CODES_LOOKED_AT):
            coupon = (one.get("promotion") or {}).get("coupon")
            codes[str(coupon["id"] if isinstance(coupon, dict) else coupon)].append(clean(one["code"], 40))
    rows = [CouponRow.of(one, codes.get(str(one["id"]))) for one in found.items]
    told = f"{len(rows) or 'No'} coupon{'' if len(rows) == 1 else 's'}{', newest first' if rows else ''}."
    return Coupons(
        coupons=rows,
        has_more=found.more,
        next_cursor=found.cursor,
        says=told + reading.honest(found, len(rows), "coupons"),
    )
