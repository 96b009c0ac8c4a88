"""What an argument should have been, in words: nobody mends an argument by a regular expression."""

import re
from collections.abc import Mapping
from typing import Final

_CURRENCY: Final = "must be a currency's three letters, such as usd"
_WEB: Final = "must be a web address, such as https://example.com/thanks"
_PERCENT: Final = 'must be a share as text, such as "12.5"'
#: Argument -> what is right, where its form is given by a pattern.
_FORMS: Final[Mapping[str, str]] = {
    "about": "must be an id, such as sub_... or cus_...",
    "amount_major": "must be an amount in major units, such as >50, <=9.99, =14.99 or 20..30",
    "cancel_url": _WEB,
    "card": "must be a brand, the last four digits or both, such as visa 4242",
    "code": "must be 3 to 40 letters, digits or hyphens",
    "convert_to": _CURRENCY,
    "country": "must be a country's two capital letters, such as DE",
    "currency": _CURRENCY,
    "days": "must be days of the week, such as monday, or of the month, such as 15",
    "email": "must be an e-mail address",
    "event_type": "must be a type of event, such as charge.refunded or invoice.*",
    "identifier": "must be up to 100 letters, digits or . _ : -",
    "metadata": "must have names of up to 40 characters, without [ and ]",
    "percent": _PERCENT,
    "phone": "must be a telephone number",
    "preferred_locale": "must be a language, such as en or pt-BR",
    "return_url": _WEB,
    "success_url": _WEB,
    "tax_code": "must be a tax code of Stripe's, such as txcd_10000000",
    "to": _CURRENCY,
}
#: Kind of error -> what is right.
_KINDS: Final[Mapping[str, str]] = {
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "date_type": "must be a day, such as 2026-11-21",
    "date_parsing": "must be a day, such as 2026-11-21",
    "date_from_datetime_parsing": "must be a day, such as 2026-11-21",
    "date_from_datetime_inexact": "must be a day, such as 2026-11-21",
    "datetime_type": "must be a time with its zone, such as 2026-11-21T14:30:00Z",
    "datetime_parsing": "must be a time with its zone, such as 2026-11-21T14:30:00Z",
    "datetime_from_date_parsing": "must be a time with its zone, such as 2026-11-21T14:30:00Z",
    "timezone_aware": "must be a time with its zone, such as 2026-11-21T14:30:00Z",
}
_IDS: Final = re.compile(r"\^\(?((?:[a-z]+\|)*[a-z]+)\)?_\[A-Za-z0-9\]\+\$")


def wanted(name: str, kind: str, pattern: str | None) -> str | None:
    """`must be ...` for an argument of this name, a kind of error of pydantic's and its pattern; None for others."""
    if kind != "string_pattern_mismatch" or pattern is None:
        return _KINDS.get(kind)
    ids = _IDS.fullmatch(pattern)
    if ids:
        return "must be an id of the form " + " or ".join(f"{prefix}_..." for prefix in ids[1].split("|"))
    return _FORMS.get(name)
