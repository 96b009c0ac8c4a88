"""Patterns in charges that often mean fraud: each is a rule over a list of charges, explained in words.

What is usual is taken from the charges themselves: the median, and the median distance from it (MAD), which a few
extremes do not move.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Literal

from paydesk.skills.base import Json
from paydesk.skills.hostile_text import clean
from paydesk.skills.money import money

Kind = Literal[
    "card_testing", "velocity", "repeated_declines", "country_mismatch", "high_risk", "blocked", "unusual_amount"
]
_HOUR_S = 3_600
_DAY_S = 86_400
_BURST_LEAST = 6
_BURST_CARDS = 3
_VELOCITY_LEAST = 5
_DECLINES_LEAST = 4
_FAR = 8  # MADs
_TIMES_USUAL = 5
_SAMPLE_LEAST = 20
_RARE = 0.05


@dataclass(frozen=True)
class Signal:
    """One pattern: what it is, why it stands out, the charges in it (newest first), and how bad it is (0 to 100)."""

    kind: Kind
    why: str
    charges: tuple[Json, ...]
    weight: int


Rule = Callable[[Sequence[Json]], Iterator[Signal]]


def signals_in(charges: Sequence[Json]) -> list[Signal]:
    """All signals, the gravest first; `charges` in any order."""
    in_order = sorted(charges, key=lambda charge: (int(charge["created"]), str(charge["id"])))
    found = [signal for rule in RULES for signal in rule(in_order)]
    return sorted(found, key=lambda signal: (-signal.weight, -len(signal.charges), signal.why))


def card_testing(charges: Sequence[Json]) -> Iterator[Signal]:
    """Hours with far more declines, on several cards, than hours usually have: numbers being tried out."""
    hours: dict[int, list[Json]] = defaultdict(list)
    for charge in charges:
        if charge["status"] == "failed":
            hours[int(charge["created"]) // _HOUR_S].append(charge)
    counts = [len(declined) for declined in hours.values()]
    usual, spread = _middle(counts)
    for hour, declined in sorted(hours.items()):
        cards = {card for card in map(_card, declined) if card}
        if len(declined) < max(_BURST_LEAST, usual + _FAR * spread) or len(cards) < _BURST_CARDS:
            continue
        at = datetime.fromtimestamp(hour * _HOUR_S, UTC)
        when = f"in the hour from {at:%Y-%m-%d %H:%M} UTC"
        why = f"{len(declined)} declines on {len(cards)} cards {when}; {usual:g} is usual"
        yield Signal("card_testing", why, tuple(reversed(declined)), 95)


def velocity(charges: Sequence[Json]) -> Iterator[Signal]:
    """One card charged many times within an hour."""
    for burst in _bursts(charges, _card, _HOUR_S, _VELOCITY_LEAST):
        why = f"{len(burst)} charges of one card ({_told(burst[0])}) within an hour"
        yield Signal("velocity", why, tuple(reversed(burst)), 70)


def repeated_declines(charges: Sequence[Json]) -> Iterator[Signal]:
    """One customer or card declined again and again within a day; worse where it went through in the end."""
    failed = [charge for charge in charges if charge["status"] == "failed"]
    for burst in _bursts(failed, lambda charge: charge.get("customer") or _card(charge), _DAY_S, _DECLINES_LEAST):
        who, last = burst[0].get("customer") or _card(burst[0]), int(burst[-1]["created"])
        paid = [
            charge
            for charge in charges
            if charge["status"] == "succeeded"
            and (charge.get("customer") or _card(charge)) == who
            and last <= int(charge["created"]) < last + _DAY_S
        ]
        then = ", then paid" if paid else ""
        why = f"{len(burst)} declines within a day{then} ({_told(burst[0])})"
        yield Signal("repeated_declines", why, tuple(reversed([*burst, *paid[:1]])), 75 if paid else 50)


def country_mismatch(charges: Sequence[Json]) -> Iterator[Signal]:
    """Successful charges whose card is of another country than the billing address, where that is rare."""
    known: list[tuple[Json, str, str]] = []
    for charge in charges:
        card, billed = _card_details(charge).get("country"), (charge.get("billing_details") or {}).get("address") or {}
        if charge["status"] == "succeeded" and card and billed.get("country"):
            known.append((charge, clean(card, 2), clean(billed["country"], 2)))
    differing = [(charge, card, billed) for charge, card, billed in known if card != billed]
    if len(differing) > _RARE * len(known):
        return  # customers of this account live abroad; there is nothing in it
    for charge, card, billed in differing:
        yield Signal("country_mismatch", f"the card is from {card}, the billing address in {billed}", (charge,), 35)


def stripes_own(charges: Sequence[Json]) -> Iterator[Signal]:
    """What Stripe itself held to be risky, let through or blocked."""
    for charge in charges:
        outcome = charge.get("outcome") or {}
        level = outcome.get("risk_level")
        if outcome.get("type") == "blocked":
            yield Signal("blocked", "Stripe blocked it as too risky", (charge,), 30)
        elif level in ("elevated", "highest") and charge["status"] == "succeeded":
            yield Signal("high_risk", f"Stripe calls its risk {level}, and it was paid", (charge,), 80)


def unusual_amount(charges: Sequence[Json]) -> Iterator[Signal]:
    """First charges of a customer far above what is usual in their currency, and of an amount that is no list price."""
    by_currency: dict[str, list[Json]] = defaultdict(list)
    for charge in charges:
        if charge["status"] == "succeeded":
            by_currency[str(charge["currency"])].append(charge)
    for currency, paid in sorted(by_currency.items()):
        usual, spread = _middle([int(charge["amount"]) for charge in paid])
        prices, seen = Counter(int(charge["amount"]) for charge in paid), set[str]()
        for charge in paid:
            amount, owner = int(charge["amount"]), str(charge.get("customer") or charge["id"])
            is_first = owner not in seen
            seen.add(owner)
            is_far = amount > usual + _FAR * spread and amount > _TIMES_USUAL * usual
            if len(paid) >= _SAMPLE_LEAST and is_first and is_far and prices[amount] == 1:
                told, common = money(amount, currency).text, money(round(usual), currency).text
                why = f"{told} as a first charge, where {common} is usual"
                yield Signal("unusual_amount", why, (charge,), 40)


RULES: tuple[Rule, ...] = (
    card_testing,
    velocity,
    repeated_declines,
    country_mismatch,
    stripes_own,
    unusual_amount,
)


def _middle(values: Sequence[int]) -> tuple[float, float]:
    """Median and median absolute deviation; zero where there is nothing."""
    if not values:
        return 0.0, 0.0
    middle = median(values)
    return middle, median(abs(value - middle) for value in values)


def _bursts(
    charges: Sequence[Json], whose: Callable[[Json], str | None], within_s: int, least: int
) -> Iterator[list[Json]]:
    """Runs of at least `least` charges of one owner within so many seconds; none is in two runs."""
    of: dict[str, list[Json]] = defaultdict(list)
    for charge in charges:
        owner = whose(charge)
        if owner:
            of[owner].append(charge)
    for own in of.values():
        first = 0
        while first < len(own):
            last = first
            while last + 1 < len(own) and int(own[last + 1]["created"]) - int(own[first]["created"]) < within_s:
                last += 1
            if last - first + 1 >= least:
                yield own[first : last + 1]
                first = last + 1
            else:
                first += 1


def _card_details(charge: Json) -> Json:
    return (charge.get("payment_method_details") or {}).get("card") or {}


def _card(charge: Json) -> str | None:
    fingerprint = _card_details(charge).get("fingerprint")
    return str(fingerprint) if fingerprint else None


def _told(charge: Json) -> str:
    card = _card_details(charge)
    owner = charge.get("customer")
    digits = f"{card.get('brand') or 'card'} •{card['last4']}" if card.get("last4") else "no card"
    return f"{digits}, {owner}" if owner else digits
