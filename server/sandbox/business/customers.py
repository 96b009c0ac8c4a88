"""The customers: when each came, from where, with which card, how much they buy, and whether they have left."""

import random
from dataclasses import dataclass
from typing import Final

from paydesk.server.sandbox.business.calendar import DAY_S, Span, moment
from paydesk.server.sandbox.business.names import DEMO_CUSTOMER, DOMAINS, PECULIAR, Name, all_names

CUSTOMERS: Final = 250
# So many were there when the books began.
_FIRST: Final = 48
_LEFT_PERCENT: Final = 17


@dataclass(frozen=True, slots=True)
class Place:
    """Where customers of a country live: city, postal code, street, the number's country code, and their currency."""

    city: str
    postal_code: str
    street: str
    dialling: str
    currency: str = "usd"


PLACES: Final = {
    "US": Place("Portland", "97209", "{} NW Everett St", "+1503555"),
    "CA": Place("Montréal", "H2T 2V6", "{} rue Rachel E", "+1514555"),
    "GB": Place("Bristol", "BS1 5TR", "{} Anchor Road", "+44117496", "gbp"),
    "IE": Place("Galway", "H91 E2K3", "{} Quay Street", "+3531555", "eur"),
    "FR": Place("Lyon", "69002", "{} rue Mercière", "+336 39 98", "eur"),
    "DE": Place("Köln", "50667", "Große Budengasse {}", "+49221555", "eur"),
    "AT": Place("Wien", "1070", "Neubaugasse {}", "+431555", "eur"),
    "IT": Place("Bologna", "40124", "Via D'Azeglio {}", "+39051555", "eur"),
    "ES": Place("Málaga", "29015", "Calle Granada {}", "+34952555", "eur"),
    "NL": Place("'s-Hertogenbosch", "5211 JX", "Vughterstraat {}", "+3173555", "eur"),
    "PT": Place("Évora", "7000-504", "Rua da República {}", "+351266555", "eur"),
    "GR": Place("Θεσσαλονίκη", "546 22", "Τσιμισκή {}", "+302310555", "eur"),
    "FI": Place("Jyväskylä", "40100", "Kauppakatu {}", "+35814555", "eur"),
    "SE": Place("Malmö", "211 34", "Södergatan {}", "+4640555"),
    "DK": Place("Århus", "8000", "Åboulevarden {}", "+4586555"),
    "NO": Place("Tromsø", "9008", "Storgata {}", "+4777555"),
    "PL": Place("Łódź", "90-001", "ul. Piotrkowska {}", "+4842555"),
    "JP": Place("京都市", "604-8005", "河原町通三条上る{}", "+8175555", "jpy"),
    "SG": Place("Singapore", "059413", "{} Temple Street", "+656555"),
    "AU": Place("Hobart", "7000", "{} Salamanca Place", "+613555"),
    "NZ": Place("Ōtautahi", "8011", "{} Cashel Street", "+643555"),
    "IN": Place("Bengaluru", "560001", "{} Brigade Road", "+9180555"),
    "BR": Place("São Paulo", "01310-100", "Avenida Paulista, {}", "+5511555"),
    "MX": Place("Querétaro", "76000", "Calle 5 de Mayo {}", "+52442555"),
}
# Names of test cards (cards.py) and how common each is; a country's own Visa stands for "local".
_CARDS: Final = {
    "local": 34, "visa": 14, "visa_debit": 11, "mastercard": 20, "mastercard_debit": 7, "mastercard_prepaid": 2,
    "amex": 7, "discover": 2, "diners": 1, "unionpay": 1, "jcb": 1,
}  # fmt: skip
_JAPANESE_CARDS: Final = {"jcb": 45, "jp": 30, "visa": 15, "mastercard": 10}
_WITHOUT_LOCAL_VISA: Final = frozenset({"US", "GR"})


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer as drawn; times in seconds since 1970, `left_at` None for those who are still there."""

    number: int
    name: Name
    email: str
    currency: str
    street: str
    phone: str | None
    joined_at: int
    left_at: int | None
    card: str
    second_card: str | None
    orders_a_month: float

    @property
    def place(self) -> Place:
        """Where the customer lives."""
        return PLACES[self.name.country]

    @property
    def is_peculiar(self) -> bool:
        """Whether the name is one that tests and demonstrations ask for."""
        return self.name in PECULIAR

    @property
    def is_demo(self) -> bool:
        """Whether this is the customer of the demo."""
        return self.name == DEMO_CUSTOMER


def draw(rng: random.Random, span: Span) -> list[Customer]:
    """All customers, in the order in which they came."""
    names = all_names(rng, CUSTOMERS)
    joined = _joined(rng, span, len(names) - len(PECULIAR))
    rng.shuffle(joined)
    # Those that people ask for have been there long enough to have a history.
    early = [moment(rng, span.start, span.start + 60 * DAY_S) for _ in PECULIAR]
    taken: set[str] = set()
    drawn = [
        _customer(rng, span, number, (name, at), taken)
        for number, (name, at) in enumerate(zip(names, [*early, *joined], strict=True))
    ]
    return sorted(drawn, key=lambda customer: (customer.joined_at, customer.number))


def _joined(rng: random.Random, span: Span, count: int) -> list[int]:
    """When customers came: the first in the first weeks, the rest faster and faster."""
    length = span.today - span.start
    times = [moment(rng, span.start, span.start + 21 * DAY_S) for _ in range(_FIRST)]
    for place in range(count - _FIRST):
        day = int(length * ((place + 1) / (count - _FIRST + 1)) ** 0.8) // DAY_S
        times.append(moment(rng, span.start + day * DAY_S, span.start + (day + 1) * DAY_S))
    return times


def _customer(rng: random.Random, span: Span, number: int, named: tuple[Name, int], taken: set[str]) -> Customer:
    """The customer of a name who joined at a time."""
    name, at = named
    place = PLACES[name.country]
    is_peculiar = number < len(PECULIAR)
    left = None
    if rng.randrange(100) < _LEFT_PERCENT and not is_peculiar and span.today - at > 100 * DAY_S:
        left = moment(rng, at + 60 * DAY_S, span.today - 20 * DAY_S)
    card = _card(rng, name.country)
    second = _card(rng, name.country) if rng.randrange(100) < 12 else None
    pace = rng.choice((0.5, 0.8, 1.0, 1.3, 1.9)) * (1.7 if name.is_company else 0.95)
    return Customer(
        number=number,
        name=name,
        email=_email(rng, name, taken),
        currency=place.currency,
        street=place.street.format(rng.randrange(1, 180)),
        phone=f"{place.dialling}{rng.randrange(10_000):04d}" if rng.randrange(10) < 6 else None,
        joined_at=at,
        left_at=left,
        card="visa" if name == DEMO_CUSTOMER else card,
        second_card=second if second != card else None,
        orders_a_month=max(pace, 1.2) if is_peculiar else pace,
    )


def _card(rng: random.Random, country: str) -> str:
    kinds = _JAPANESE_CARDS if country == "JP" else _CARDS
    card = rng.choices(list(kinds), list(kinds.values()))[0]
    if card != "local":
        return card
    return "visa" if country in _WITHOUT_LOCAL_VISA else country.lower()


def _email(rng: random.Random, name: Name, taken: set[str]) -> str:
    domain = name.domain or rng.choice(DOMAINS)
    address = f"{name.mailbox}@{domain}"
    number = 2
    while address in taken:
        address = f"{name.mailbox}{number}@{domain}"
        number += 1
    taken.add(address)
    return address
