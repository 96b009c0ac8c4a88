"""How a row of sums may go on: seasonal naive against Holt-Winters, and a back-test decides between them.

Both by their textbook forms (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, chapters 5 and 8).
What comes out is an expectation, so it is worked out in floating point and rounded to minor units at the end.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean

#: Fewer whole groups than this say nothing about the next.
LEAST = 8
_TESTED_MOST = 12
_SMOOTHINGS = (0.1, 0.3, 0.6)
_SURE = 0.8

Series = Sequence[float]
Method = Callable[[Series, int, int], list[float]]


@dataclass(frozen=True)
class Expected:
    """One group's expectation and the bounds within which four in five of the back-test's misses lay."""

    value: int
    low: int
    high: int


@dataclass(frozen=True)
class Forecast:
    """`method` in words; `miss` is the back-test's mean absolute miss, in percent of the mean (None of nothing)."""

    expected: list[Expected]
    method: str
    tested: int
    miss: int | None


def forecast(history: Sequence[int], ahead: int, season: int) -> Forecast | None:
    """The next `ahead` groups; `season` groups make a season (1: none). None where there is too little to go by."""
    if len(history) < LEAST or not any(history):
        return None
    series = [float(value) for value in history]
    seasons = [season] if season > 1 and len(series) >= 2 * season + 2 else [1]
    candidates = [(name, method, length) for length in seasons for name, method in _METHODS.items()]
    if seasons != [1]:
        candidates += [(name, method, 1) for name, method in _METHODS.items()]
    tested = [(_misses(series, ahead, method, length), name, method, length) for name, method, length in candidates]
    misses, name, method, length = min(tested, key=lambda one: fmean(abs(miss) for step in one[0] for miss in step))
    values = method(series, length, ahead)
    mean = fmean(abs(value) for value in series)
    miss = fmean(abs(miss) for step in misses for miss in step)
    expected = [_bounded(value, misses, step) for step, value in enumerate(values)]
    told = name if length > 1 else {"seasonal naive": "as the last"}.get(name, "Holt's trend")
    return Forecast(expected, told, len(misses[0]), round(100 * miss / mean) if mean else None)


def _bounded(value: float, misses: list[list[float]], step: int) -> Expected:
    """Bounds from the misses of this many steps ahead and nearer; they never narrow as one looks further."""
    widths = [_width([abs(miss) for miss in of_step]) for of_step in misses[: step + 1]]
    width = max(widths)
    return Expected(round(value), round(value - width), round(value + width))


def _width(misses: Sequence[float]) -> float:
    ordered = sorted(misses)
    return ordered[min(len(ordered) - 1, int(_SURE * len(ordered)))]


def _misses(series: Series, ahead: int, method: Method, season: int) -> list[list[float]]:
    """By how much it would have missed, for each number of steps ahead, had it been asked at earlier moments."""
    misses: list[list[float]] = [[] for _ in range(ahead)]
    for origin in _origins(len(series), season):
        told = method(series[:origin], season, min(ahead, len(series) - origin))
        for step, value in enumerate(told):
            misses[step].append(series[origin + step] - value)
    for step in range(1, ahead):
        misses[step] = misses[step] or misses[step - 1]
    return misses


def _origins(length: int, season: int) -> Iterator[int]:
    least = max(2 * season, LEAST // 2) if season > 1 else LEAST // 2
    yield from range(max(least, length - _TESTED_MOST), length)


def _seasonal_naive(series: Series, season: int, ahead: int) -> list[float]:
    """As it was one season before."""
    last = series[-season:]
    return [last[step % season] for step in range(ahead)]


def _holt_winters(series: Series, season: int, ahead: int) -> list[float]:
    """Additive Holt-Winters with a damped trend; its smoothings are those that would have told this past best."""
    seasonal = _SMOOTHINGS if season > 1 else (0.0,)
    fits = (_fit(series, season, *chosen) for chosen in product(_SMOOTHINGS, _SMOOTHINGS, seasonal))
    _, level, trend, seasons = min(fits, key=lambda fit: fit[0])
    told, damped = [], 0.0
    for step in range(1, ahead + 1):
        damped += _DAMPING**step
        told.append(level + damped * trend + seasons[(len(series) + step - 1) % season])
    return told


_DAMPING = 0.9
Fit = tuple[float, float, float, list[float]]


def _fit(series: Series, season: int, alpha: float, beta: float, gamma: float) -> Fit:
    """The sum of squared misses one step ahead, and level, trend and seasons at the end."""
    level = fmean(series[:season]) if season > 1 else series[0]
    second = series[season : 2 * season]
    trend = (fmean(second) - level) / season if season > 1 and len(second) == season else 0.0
    seasons = [value - level for value in series[:season]] if season > 1 else [0.0]
    missed = 0.0
    for place in range(max(1, season), len(series)):
        value, part = series[place], seasons[place % season]
        missed += (value - level - _DAMPING * trend - part) ** 2
        before = level
        level = alpha * (value - part) + (1 - alpha) * (level + _DAMPING * trend)
        trend = beta * (level - before) + (1 - beta) * _DAMPING * trend
        seasons[place % season] = gamma * (value - level) + (1 - gamma) * part
    return missed, level, trend, seasons


_METHODS: dict[str, Method] = {"seasonal naive": _seasonal_naive, "Holt-Winters": _holt_winters}
