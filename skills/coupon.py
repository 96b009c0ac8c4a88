"""A coupon as people speak of it: `25% off once`, `$5.00 off for 3 months`; and the one that is meant."""

from datetime import UTC, datetime

from paydesk.skills.base import Json, Result, StripeReader
from paydesk.skills.errors import Ambiguous, NotFound
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.money import money
from paydesk.skills.who import score

_LOOKED_AT = 1_000
_SAME = 100.0
_NEAR = 60.0


class CouponRow(Result):
    """One coupon; `codes` are the active promotion codes that customers type for it."""

    id: str
    name: str | None = None
    terms: str
    valid: bool | None = None
    redeemed_count: int | None = None
    most_redemptions: int | None = None
    expires: str | None = None
    codes: list[str] | None = None

    @classmethod
    def of(cls, coupon: Json, codes: list[str] | None = None) -> "CouponRow":
        """A coupon of Stripe as a row; whether it is valid is told where it is not."""
        until = coupon.get("redeem_by")
        return cls(
            id=str(coupon["id"]),
            name=clean_or_none(coupon.get("name"), 60),
            terms=terms(coupon),
            valid=None if coupon.get("valid", True) else False,
            redeemed_count=coupon.get("times_redeemed") or None,
            most_redemptions=coupon.get("max_redemptions"),
            expires=f"{datetime.fromtimestamp(until, UTC):%Y-%m-%d}" if until else None,
            codes=codes or None,
        )

    def line(self) -> str:
        """The coupon in words."""
        used = f"used {self.redeemed_count or 0} of {self.most_redemptions}" if self.most_redemptions else None
        codes = f"codes {', '.join(self.codes)}" if self.codes else None
        over = "no longer valid" if self.valid is False else None
        until = f"until {self.expires}" if self.expires else None
        return " ".join(part for part in (self.name, self.terms, codes, used, until, over, self.id) if part)


def terms(coupon: Json) -> str:
    """What it takes off and for how long."""
    if coupon.get("percent_off") is not None:
        off = f"{coupon['percent_off']:g}% off"
    else:
        off = f"{money(int(coupon['amount_off']), str(coupon['currency'])).text} off"
    return f"{off} {how_long(str(coupon['duration']), coupon.get('duration_in_months'))}"


def how_long(duration: str, months: int | None) -> str:
    """`once`, `for ever`, `for 3 months`."""
    if duration == "repeating":
        return f"for {months} month{'' if months == 1 else 's'}"
    return "for ever" if duration == "forever" else "once"


async def coupon_meant(stripe: StripeReader, text: str) -> Json:
    """The coupon of this id or name. Raises NotFound with the nearest, Ambiguous."""
    coupons = [one async for one in stripe.every("/v1/coupons", {}, most=_LOOKED_AT)]
    for one in coupons:
        if one["id"] == text.strip():
            return one
    named = [one for one in coupons if score(text, str(one.get("name") or "")) == _SAME]
    if len(named) == 1:
        return named[0]
    if named:
        raise Ambiguous(
            f"{len(named)} coupons are called {clean(text, 60)}: which one?",
            code="coupon_ambiguous",
            field="coupon",
            choices=[CouponRow.of(one).line() for one in named[:5]],
            next_step="Say its id.",
        )
    near = [one for one in coupons if score(text, str(one.get("name") or one["id"])) >= _NEAR]
    raise NotFound(
        f"There is no coupon {clean(text, 60)}.",
        code="coupon_not_found",
        field="coupon",
        choices=[CouponRow.of(one).line() for one in near[:3]],
        next_step="list_coupons shows what there is.",
    )
