"""A tax rate as answers show it."""

from decimal import Decimal

from paydesk.skills.base import Json, Result
from paydesk.skills.hostile_text import clean, clean_or_none


class TaxRate(Result):
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
