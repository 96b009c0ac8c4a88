"""Values as a drawing takes them: major units on an axis, short text at a mark, a label for a group of days."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from paydesk.intents.entities.currencies import stripe_exponent
from paydesk.skills.books import GroupBy
from paydesk.skills.chart import NOT_MONEY, ChartPanel, ChartPoint, Unit
from paydesk.skills.chart_words import label
from paydesk.skills.money import money

#: An axis bears about so many labels.
_LABELS_MOST = 14


def major(value: int | Decimal | None, unit: Unit) -> float | None:
    """A value on an axis, money in major units. A float, for it ends as a place in a picture and nothing else."""
    if value is None:
        return None
    return float(value if unit in NOT_MONEY else Decimal(value).scaleb(-stripe_exponent(unit)))


def written(value: int | Decimal, unit: Unit, *, is_short: bool = False) -> str:
    """A value at its mark: `$8,140.25`, or short where there are many marks, `$8,140` and `$1.2M`."""
    if unit == "percent":
        return f"{value}%"
    if not is_short:
        return f"{value:,}" if unit in NOT_MONEY else money(int(value), unit).text
    if unit == "ratio":
        return f"{value}"
    number = Decimal(value) if unit == "count" else Decimal(value).scaleb(-stripe_exponent(unit))
    sign = "" if unit == "count" else _sign(unit)
    return ("-" if number < 0 else "") + sign + _short(abs(number))


def _sign(unit: Unit) -> str:
    """How amounts of a currency begin, `$` or `CHF `."""
    return money(0, unit).text.partition("0")[0]


def _short(number: Decimal) -> str:
    for least, whole, letter in ((10**9, 10**9, "B"), (10**6, 10**6, "M"), (10**5, 10**3, "k")):
        if number >= least:
            return f"{(number / whole).quantize(Decimal('0.1'), ROUND_HALF_UP):,}".removesuffix(".0") + letter
    return f"{number.quantize(Decimal(1), ROUND_HALF_UP):,}"


def axis_title(panel: ChartPanel) -> str | None:
    """What an axis counts: `USD`, `%`, `USD %`, or nothing for a count, which the title names."""
    unit = {"percent": "%", "count": "", "ratio": ""}.get(panel.unit, panel.unit.upper())
    return f"{panel.name} {unit}".strip() or None


def axis_format(panel: ChartPanel) -> str:
    """d3's format for the numbers of an axis: decimals only where the whole range is small."""
    found = [abs(value) for value in (major(point.value, panel.unit) for point in panel.points) if value is not None]
    highest = max(found, default=0)
    if panel.unit == "count" or highest >= 10:
        return "~s" if 10**7 <= highest < 10**9 else ",.0f"
    return ",.2~f"


def labels(points: Iterable[ChartPoint], by: GroupBy | None) -> dict[str, str]:
    """`at` -> its label on the axis, in the order of the points; days that would read alike carry their year."""
    ats = list(dict.fromkeys(point.at for point in points))
    if by is None:
        return {at: at for at in ats}
    named = {at: label(date.fromisoformat(at), by) for at in ats}
    if len(set(named.values())) < len(named):
        named = {at: f"{text} {at[:4]}" for at, text in named.items()}
    return named


def shown(all_labels: Sequence[str], most: int = _LABELS_MOST) -> list[str]:
    """The labels that an axis shows: all, or every so many from the first on."""
    step = -(-len(all_labels) // most)
    return list(all_labels[::step]) if step > 1 else list(all_labels)
