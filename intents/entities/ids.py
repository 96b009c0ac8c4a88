"""Stripe ids in a sentence, exactly as written: they are case-sensitive, so a damaged one is reported, never mended."""

import re
from typing import Final, NamedTuple

from paydesk.intents.patterns import lazy
from paydesk.intents.words import words

#: Prefix of an id -> the entity key it fills.
ID_KEYS: Final = {
    "pi": "payment_intent_id",
    "ch": "charge_id",
    "py": "charge_id",
    "cus": "customer_id",
    "sub": "subscription_id",
    "in": "invoice_id",
    "dp": "dispute_id",
    "du": "dispute_id",
    "po": "payout_id",
    "prod": "product_id",
    "price": "price_id",
}
_OTHER_PREFIXES: Final = (
    "re",
    "pm",
    "card",
    "src",
    "tok",
    "evt",
    "txn",
    "acct",
    "si",
    "seti",
    "cs",
    "ii",
    "cn",
    "qt",
    "tmr",
    "plan",
)

_ID = lazy(
    rf"(?<![A-Za-z0-9_])({'|'.join((*ID_KEYS, *_OTHER_PREFIXES))})_([A-Za-z0-9]{{2,255}})"
    r"(_secret_[A-Za-z0-9]*)?(?![A-Za-z0-9_])",
    re.IGNORECASE,
)
_SECRET = lazy(r"(?<![A-Za-z0-9])(?:sk|rk|pk|whsec)_(?:live_|test_)?[A-Za-z0-9]{6,}")
# Words that look like ids: in_transit is a status, price_id a field.
_WORDS: Final = words(
    """
    transit progress total id ids name count key type number intent review full amount part date
    """
)


class IdMention(NamedTuple):
    """An id at `start`..`end`; `key` is None for kinds no skill asks for; `damaged` when its case cannot be right."""

    key: str | None
    value: str
    start: int
    end: int
    damaged: bool = False


def find_ids(text: str) -> list[IdMention]:
    """Every Stripe id, and every secret (with key None and an empty value, so that it is never repeated)."""
    found = [IdMention(None, "", m.start(), m.end()) for m in _SECRET.finditer(text)]
    for match in _ID.finditer(text):
        prefix, rest, secret = match.groups()
        if rest.lower() in _WORDS or (prefix.lower() == "in" and rest.islower()):
            continue
        if secret:
            found.append(IdMention(None, "", match.start(), match.end()))
            continue
        key = ID_KEYS.get(prefix.lower())
        found.append(IdMention(key, match[0], match.start(), match.end(), _is_damaged(prefix, rest)))
    return sorted(found, key=lambda mention: mention.start)


def _is_damaged(prefix: str, rest: str) -> bool:
    """Prefixes are lower case; fourteen characters or more in one case are not random any longer."""
    letters = [c for c in rest if c.isalpha()]
    return prefix != prefix.lower() or (len(rest) >= 14 and len(letters) >= 8 and (rest.isupper() or rest.islower()))
