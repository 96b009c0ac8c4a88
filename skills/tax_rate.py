"""A tax rate as answers show it."""

from decimal import Decimal

from paydesk.skills.base import Json, StripeReader
from paydesk.skills.errors import Ambiguous, NotFound, SkillError
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.ids import checked_id
from paydesk.skills.reading import Row

_LOOKED_AT = 500
_SHOWN = 5


class TaxRate(Row):
    """One tax rate: `percent` is exact text, `inclusive` whether prices contain it already."""

    id: str
    name: str
    percent: str
    inclusive: bool
    place: str | None = None
    active: bool | None = None

    @classmethod
    def of(cls, rate: Json) -> "TaxRate":
        """A tax rate of Stripe's."""
        place = "-".join(clean(part, 40) for part in (rate.get("country"), rate.get("state")) if part)
        return cls(
            id=str(rate["id"]),
            name=clean(rate["display_name"], 50),
            percent=percent_text(rate["percentage"]),
            inclusive=bool(rate["inclusive"]),
            place=place or clean_or_none(rate.get("jurisdiction"), 50),
            active=None if rate.get("active", True) else False,
        )

    def line(self) -> str:
        """`VAT 19% inclusive DE txr_...`."""
        told = (self.name, f"{self.percent}%", "inclusive" if self.inclusive else "on top", self.place)
        marks = (self.id, "archived" if self.active is False else None)
        return " ".join(part for part in (*told, *marks) if part)


def percent_text(percent: object) -> str:
    """`7.7`, `19`: without an exponent and without zeros at the end."""
    text = format(Decimal(str(percent)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


async def tax_rate_meant(stripe: StripeReader, text: str) -> TaxRate:
    """The active tax rate of this id, or the only one of these words: `VAT`, `19%`, `VAT 19% DE`.

    Raises NotFound with what there is, Ambiguous, SkillError for an archived one.
    """
    text = text.strip()
    if text.startswith("txr_"):
        rate = TaxRate.of(await stripe.get(f"/v1/tax_rates/{checked_id(text, 'txr', field='tax')}"))
        if rate.active is False:
            raise SkillError("This tax rate is archived.", code="tax_rate_archived", field="tax")
        return rate
    every = stripe.every("/v1/tax_rates", {"active": True}, most=_LOOKED_AT)
    rates = [TaxRate.of(one) async for one in every]
    wanted = set(text.casefold().split())
    found = [rate for rate in rates if wanted and wanted <= set(rate.line().casefold().split())]
    if len(found) == 1:
        return found[0]
    if found:
        raise Ambiguous(
            f"{len(found)} tax rates fit {clean(text, 60)}: which one?",
            code="tax_rate_ambiguous",
            field="tax",
            choices=[rate.line() for rate in found[:_SHOWN]],
            next_step="Say its id.",
        )
    raise NotFound(
        f"There is no active tax rate {clean(text, 60)}.",
        code="tax_rate_not_found",
        field="tax",
        choices=[rate.line() for rate in rates[:_SHOWN]],
        next_step='Say "automatic", name one of these, or make one with create_tax_rate.',
    )
