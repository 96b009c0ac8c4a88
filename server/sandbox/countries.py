"""Countries: the currency of each, and how long the routing numbers of its banks are.

After https://docs.stripe.com/payouts (bank account formats). Countries that go by IBAN have no routing number.
"""

from typing import Final

_OWN: Final = {
    "US": "usd", "CA": "cad", "GB": "gbp", "AU": "aud", "NZ": "nzd", "JP": "jpy", "CH": "chf", "LI": "chf",
    "SE": "sek", "NO": "nok", "DK": "dkk", "PL": "pln", "CZ": "czk", "HU": "huf", "RO": "ron", "MX": "mxn",
    "BR": "brl", "IN": "inr", "SG": "sgd", "HK": "hkd", "MY": "myr", "TH": "thb", "AE": "aed", "GI": "gbp",
}  # fmt: skip
_EURO: Final = (
    "AT", "BE", "BG", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PT",
    "SI", "SK",
)  # fmt: skip
CURRENCY_OF: Final = {**_OWN, **dict.fromkeys(_EURO, "eur")}

# Country -> lengths that a routing number may have.
BANKS_IN: Final = {
    "US": (9,), "CA": (8,), "GB": (6,), "AU": (6,), "JP": (7,), "HK": (6,), "SG": (7,), "BR": (7, 8), "IN": (11,),
    "MY": (8, 11), "TH": (7,),
}  # fmt: skip


def currency_of(country: str) -> str | None:
    """The currency of a country's accounts by its two letters; None where no account can be."""
    return CURRENCY_OF.get(country)


def made_up_routing_number(country: str) -> str | None:
    """A routing number that a made-up bank of the country could have; None where accounts go by IBAN."""
    lengths = BANKS_IN.get(country)
    return "11".ljust(lengths[0], "0") if lengths else None


def banks_take(country: str) -> tuple[str, ...]:
    """The currencies that bank accounts of a country may be in: its own, and what its neighbours keep accounts in."""
    own = CURRENCY_OF[country]
    more = ("eur", "usd", "gbp") if country in (*_EURO, "GB", "CH", "LI", "GI") else ("usd",) if country == "CA" else ()
    return tuple(dict.fromkeys((own, *more)))
