"""Sharing an amount out over several lines, to the last minor unit."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def half_up(exact: Fraction) -> int:
    """The nearest whole number; half a unit goes away from zero."""
    return floor(exact + Fraction(1, 2)) if exact >= 0 else -floor(-exact + Fraction(1, 2))


def shares(amount: int, among: Sequence[int]) -> list[int]:
    """`amount` shared out in proportion to what each line comes to, each share floored, what remains to the last.

    Nothing gets more than it comes to: where the last line is too small for the rest, the one before it takes it.
    `amount` is not negative, and at most the sum; so are all of `among`.
    """
    whole = sum(among)
    if not whole:
        return [0] * len(among)
    found = [amount * one // whole for one in among]
    rest = amount - sum(found)
    for place in reversed(range(len(among))):
        more = min(rest, among[place] - found[place])
        found[place] += more
        rest -= more
    return found
