"""Days that stand out: far from the median of their weekday, by the median absolute deviation.

The modified z-score and its bound of 3.5 are those of Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993).
Median and deviation are hardly moved by the very days that are looked for, as mean and standard deviation would be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

LEAST_DAYS = 14
_WEEKDAYS_FROM = 28
_BOUND = Fraction(7, 2)
# Of a normal distribution, the median deviation is 0.6745 of the standard deviation, the mean one 0.7979.
_MEDIAN_SHARE, _MEAN_SHARE = Fraction(6745, 10_000), Fraction(7979, 10_000)


@dataclass(frozen=True)
class Anomaly:
    """A day (days since 1970), its value, the bounds of what is usual on such a day, and its score in tenths."""

    day: int
    value: int
    low: int
    high: int
    score_tenths: int


def anomalies(values: Mapping[int, int]) -> list[Anomaly] | None:
    """The days that stand out among all of these, in order; None where there are too few to say what is usual."""
    if len(values) < LEAST_DAYS:
        return None
    usual = _usual(values)
    misses = {day: value - usual[_kind(day, values)] for day, value in values.items()}
    deviation = _deviation(list(misses.values()))
    if not deviation:
        return []
    reach = _BOUND * deviation
    found = []
    for day, miss in sorted(misses.items()):
        if abs(miss) > reach:
            middle = usual[_kind(day, values)]
            tenths = round(10 * miss / deviation)
            found.append(Anomaly(day, values[day], round(middle - reach), round(middle + reach), tenths))
    return found


def _kind(day: int, values: Mapping[int, int]) -> int:
    """The weekday, where there are four of each and more."""
    return day % 7 if len(values) >= _WEEKDAYS_FROM else 0


def _usual(values: Mapping[int, int]) -> dict[int, Fraction]:
    by_kind: dict[int, list[int]] = {}
    for day, value in values.items():
        by_kind.setdefault(_kind(day, values), []).append(value)
    return {kind: Fraction(median(of_kind)) for kind, of_kind in by_kind.items()}


def _deviation(misses: Sequence[Fraction]) -> Fraction:
    """In the unit of a standard deviation. Where over half the days are alike, the mean deviation stands in."""
    sizes = [abs(miss) for miss in misses]
    by_median = Fraction(median(sizes)) / _MEDIAN_SHARE
    return by_median or Fraction(sum(sizes), len(sizes)) / _MEAN_SHARE
