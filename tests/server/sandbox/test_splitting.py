"""Sharing an amount out: nothing lost, nothing taken twice, nobody asked for more than there is."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.server.sandbox.splitting import half_up, shares

LINES = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)


@given(LINES, st.data())
def test_shares_add_up_and_never_exceed_their_line(among: list[int], data: st.DataObject) -> None:
    """Stripe: a discount is split to the last cent; ours: no line goes below nothing for it."""
    amount = data.draw(st.integers(0, sum(among)))
    found = shares(amount, among)
    assert sum(found) == amount
    assert all(0 <= share <= line for share, line in zip(found, among, strict=True))


@pytest.mark.parametrize(
    ("amount", "among", "expected"),
    [
        (100, [333, 333, 334], [33, 33, 34]),
        (1, [500, 500], [0, 1]),
        (2, [1, 1, 1], [0, 1, 1]),
        (5, [0, 5, 0], [0, 5, 0]),
        (0, [0, 0], [0, 0]),
    ],
)
def test_shares_are_floored_and_the_last_takes_the_rest(amount: int, among: list[int], expected: list[int]) -> None:
    """Stripe: "floor, remainder to the last"."""
    assert shares(amount, among) == expected


@pytest.mark.parametrize(("exact", "whole"), [("2.5", 3), ("-2.5", -3), ("2.49", 2), ("-0.4", 0)])
def test_half_a_unit_goes_away_from_zero(exact: str, whole: int) -> None:
    """Ours: a credit is taxed as the charge that it takes back."""
    assert half_up(Fraction(exact)) == whole
