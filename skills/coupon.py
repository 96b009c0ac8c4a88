"""A coupon as people speak of it: `25% off once`, `$5.00 off for 3 months`; and the one that is meant."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from paydesk.skills.base import Json, StripeReader
from paydesk.skills.errors import Ambiguous, NotFound, SkillError
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.money import money
from paydesk.skills.reading import Row
from paydesk.skills.who import score

_LOOKED_AT = 1_000
_SAME = 100.0
_NEAR = 60.0


class CouponRow(Row):
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


async def coupon_meant(stripe: StripeReader, text: str, *, field: str = "coupon") -> Json:
    """The coupon of this id or name. Raises NotFound with the nearest, Ambiguous."""
    coupons = [one async for one in stripe.every("/v1/coupons", {"expand": ["data.currency_options"]}, most=_LOOKED_AT)]
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
            field=field,
            choices=[CouponRow.of(one).line() for one in named[:5]],
            next_step="Say its id.",
        )
    near = [one for one in coupons if score(text, str(one.get("name") or one["id"])) >= _NEAR]
    raise NotFound(
        f"There is no coupon {clean(text, 60)}.",
        code="coupon_not_found",
        field=field,
        choices=[CouponRow.of(one).line() for one in near[:3]],
        next_step="list_coupons shows what there is.",
    )


@dataclass(frozen=True)
class Reduction:
    """A discount as an invoice takes it: `sent` names the coupon or the promotion code."""

    sent: Json
    coupon: Json
    told: str


async def reduction_meant(stripe: StripeReader, text: str, *, customer: Json, currency: str) -> Reduction:
    """The active promotion code of this text, else the coupon of this id or name, where it can be used.

    Raises NotFound, Ambiguous, or SkillError for what is no longer valid, of another currency or of another customer.
    """
    code = await _code_meant(stripe, text)
    if code is None:
        coupon, sent, by = await coupon_meant(stripe, text, field="discount"), {}, ""
    else:
        if code.get("customer") not in (None, customer["id"]):
            raise _unusable("This promotion code is of another customer.", "code_of_another_customer")
        promoted = code["promotion"]["coupon"]
        coupon = await stripe.get(f"/v1/coupons/{promoted}", {"expand": ["currency_options"]})
        sent, by = {"promotion_code": code["id"]}, f" by the code {clean(code['code'], 60)}"
    if not coupon.get("valid", True):
        raise _unusable("This coupon is no longer valid.", "coupon_expired")
    if coupon.get("amount_off") and currency not in (coupon["currency"], *(coupon.get("currency_options") or {})):
        raise _unusable(
            f"This coupon takes off {str(coupon['currency']).upper()}, not {currency.upper()}.", "currency_differs"
        )
    name = clean(coupon.get("name") or coupon["id"], 60)
    return Reduction(sent or {"coupon": coupon["id"]}, coupon, f"{name}, {terms(coupon)}{by}")


def _unusable(message: str, code: str) -> SkillError:
    return SkillError(message, code=code, field="discount", next_step="list_coupons shows what there is.")


async def _code_meant(stripe: StripeReader, text: str) -> Json | None:
    """The promotion code of this id, or the active one of these letters (Stripe compares them without case)."""
    if re.fullmatch(r"promo_[A-Za-z0-9]{1,80}", text):
        code = await stripe.get(f"/v1/promotion_codes/{text}")
        if not code.get("active", True):
            raise _unusable("This promotion code is not active.", "code_not_active")
        return code
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,500}", text, re.ASCII):
        return None
    page = await stripe.page("/v1/promotion_codes", {"code": text, "active": True, "limit": 2})
    return page.data[0] if len(page.data) == 1 else None
