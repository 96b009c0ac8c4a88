"""Shares of something: "25%", "half", "two thirds", and what looks like one but names no certain share."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from paydesk.intents.entities.quantities import IN_WORDS, NUMBER_WORDS, read_words
from paydesk.intents.patterns import lazy
from paydesk.intents.words import said_in, words

#: The value of a share that was said but cannot be read: none that a write would take.
UNREAD: Final = Decimal(-1)


class Share(NamedTuple):
    """A part of something in percent, e.g. 50 for "half", or UNREAD; a fraction has at most two decimals."""

    value: Decimal
    start: int
    end: int


#: Slips of "percent": "20 prcent of it" must not be twenty of something, so the share is asked about.
_PERCENT_SLIPS: Final = words(
    """
    prcent percnt precent pecent percet pcent prct perecnt pecrent procent parcent persent percentt perccent percen
    perct pcnt percant prcnt pctg percents pecrcent prcen percemt pervent perc prozent prc bps permille
    """
)
_SIGN = r"(?:%|(?:percent|per cent|pct)\b)"
_SLIP_OF_PERCENT = lazy(rf"(?<![\w.,/-])[0-9][0-9.,]* ?(?:{'|'.join(sorted(_PERCENT_SLIPS))})\b", re.IGNORECASE)
_PERCENT = lazy(rf"(?<![\w.,/-])([0-9]+(?:[.,'][0-9]+)*) ?{_SIGN}", re.IGNORECASE)
_PLAIN_PERCENT = lazy(r"[0-9]+(?:[.,][0-9]{1,4})?")
# "1,000" and "1.000" are thousands or decimals.
_GROUPED = lazy(r"[0-9]{1,3}(?:,[0-9]{3}|\.000)")
_PERCENT_WORD = lazy(rf" ?{_SIGN}", re.IGNORECASE)
#: What makes a bound or a choice of the share before it: "20%+", "half to all", "50% or more".
_GOES_ON = lazy(
    r" ?(?:\+|[-–—] ?[0-9])| (?:to|or|through|until|up to|[-–—/]) (?:all|everything|full|whole|the (?:whole|full|lot"
    r"|entire)|more|less|above|over|below|under|so|up|[0-9])\b",
    re.IGNORECASE,
)
#: Percents that no number before the sign says: "half percent", "%20", "1/2 %".
_ODD_PERCENT = lazy(
    r"(?:\b(?P<whole>[0-9]{1,2}) and )?(?<!\w)(?:an? |one )?(?P<part>half|third|quarter|fourth|fifth|tenth|[½¼¾⅓⅔])"
    rf"(?: of)?(?: an?| one)? ?{_SIGN}"
    rf"|(?:(?<![\w%])%|\b(?:percent|per cent|pct)) ?[0-9][0-9.,]*(?! ?{_SIGN})(?!\w)"
    rf"|(?:\b[0-9]+ )?\b[0-9]+ ?/ ?[0-9]+ ?{_SIGN}"
    r"|(?<!as )(?<!in )\ban? per ?cent\b|[0-9][^\w\s%]{1,2} ?%|[0-9] ?‰"
    r"|[0-9] (?:por ciento|pour cent|per-cent|basis points)\b",
    re.IGNORECASE,
)
_PARTS_OF_ONE: Final = {"half": "0.5", "quarter": "0.25", "½": "0.5", "¼": "0.25", "¾": "0.75"}
_FRACTIONS: Final = {"half": "50", "third": "33.33", "quarter": "25", "fourth": "25", "fifth": "20", "tenth": "10"}
_MULTIPLES: Final = {
    "two thirds": "66.67", "three quarters": "75", "three fourths": "75", "two fifths": "40", "three fifths": "60",
    "four fifths": "80", "1/2": "50", "1/3": "33.33", "2/3": "66.67", "1/4": "25", "3/4": "75",
}  # fmt: skip
_FRACTION_WORDS: Final = words("half third thirds quarter quarters fourth fourths fifth fifths tenth")
_PERCENT_WORDS: Final = words("percent per pct por pour basis") | _PERCENT_SLIPS
_FRACTION = lazy(
    r"\b(?:(two|three|four)[ -](thirds|quarters|fourths|fifths)|(1/2|1/3|2/3|1/4|3/4)(?=(?: of)? (?:of"
    r"|the|it|that|this|[a-z]+'s)\b)"
    r"|(?:an? |one[ -])?(half|third|quarter|fourth|fifth|tenth))\b(?! (?:a |an |of (?:the )?(?:year"
    r"|month|january|february|march|april|may|june|"
    r"july|august|september|october|november|december|20\d\d)|year|month|million|thousand|grand"
    r"|billion|party|parties|hour))",
    re.IGNORECASE,
)
# "<20%" is a bound, and "refund pi_... to 20%" may mean what is left.
_BOUND_BEFORE = lazy(r"[<>≤≥~≈±] ?$|\x02 to $")
_UNITS: Final = r"(?:dollars?|bucks?|euros?|pounds?|quid|rupees?|yen|cents?|pence|usd|eur|gbp)"
#: "half dollars" and "a euro half" are sums, and nobody knows which.
_UNIT_AFTER = lazy(rf"[ -](?:(?:us|canadian|australian|american) )?{_UNITS}\b", re.IGNORECASE)
_UNIT_BEFORE = lazy(rf"\b{_UNITS} $", re.IGNORECASE)
_FROM_LAST = lazy(r"[- ]from[- ](?:the )?(?:last|end|latest)\b", re.IGNORECASE)
_ORDINALS: Final = words("third fourth fifth tenth")
_OF_IT = lazy(r" (?:of|back|off)\b", re.IGNORECASE)
_COUNTED_THING = lazy(
    r"(?:[- ](?:to|but|last|latest|one|most|recent))* (?:payment|charge|transaction|purchase|order|one)\b",
    re.IGNORECASE,
)
_OWNED_OR_KNOWN = lazy(r"(?:'s|\b(?:the|his|her|their|our|my|your|its|this|that|last|every|each)) $", re.IGNORECASE)
_PART_BEFORE = lazy(
    r"\b(?:half|thirds?|quarters?|fourths?|fifths?|tenth)(?: of)?(?: the)? $|(?P<count>[^\W_]+|\x02) and $"
    r"|[0-9½¼¾⅓⅔]$|\b[0-9]+ $",
    re.IGNORECASE,
)
_COUNTS: Final = NUMBER_WORDS | words("couple dollar dollars euro euros pound pounds buck bucks quid")
# "haf of it", "hlaf Anna's payment": a slip must not be part of a customer's name.
_SLIP_OF_HALF = lazy(
    r"(?<!\w)(?!hall\b|half\b)(?:h(?=[al]*f)[alf]{2,4}|helf|halve)(?= (?:of|the|her|his|their|it|my)\b| [A-Z\x02])"
)
_HALF_WORD = {"½": "50", "⅓": "33.33", "⅔": "66.67", "¼": "25", "¾": "75"}
_HALF_SIGNS: Final = frozenset(_HALF_WORD)
_SLIPS: Final = words("haf hlaf hafl hlf haalf hallf halff haff haaf helf halve")
_SHARE_WORDS: Final = _FRACTION_WORDS | _PERCENT_WORDS | _SLIPS


def may_share(text: str, said: frozenset[str]) -> bool:
    """Whether a text, whose words in lower case are `said`, has what a share is written with."""
    return (
        "%" in text
        or "/" in text
        or "‰" in text
        or not _SHARE_WORDS.isdisjoint(said)
        or not (text.isascii() or _HALF_SIGNS.isdisjoint(text))
    )


def find_shares(text: str) -> list[Share]:
    """Every percentage and fraction said as a share: "25%", "half", "a third", "two thirds"."""
    said = said_in(text.lower())
    found: list[Share] = []
    if "%" in text or "‰" in text or not _PERCENT_WORDS.isdisjoint(said):
        found += _percents(text, said)
    taken = list(found)
    for share in _fractions(text, said):
        if all(share.end <= one.start or one.end <= share.start for one in taken):
            found.append(share)
    if len(found) > 1:
        found.sort(key=lambda share: share.start)
    return [one._replace(value=UNREAD) if _is_a_bound(text, one) else one for one in found]


def _is_a_bound(text: str, share: Share) -> bool:
    before = _BOUND_BEFORE.search(text, max(0, share.start - 5), share.start)
    return before is not None or _GOES_ON.match(text, share.end) is not None


def _percents(text: str, said: frozenset[str]) -> list[Share]:
    found = []
    for m in _ODD_PERCENT.finditer(text):
        part = _PARTS_OF_ONE.get((m["part"] or "").lower())
        whole = Decimal(m["whole"] or 0)
        clear = part is not None and not _PART_BEFORE.search(text, max(0, m.start() - 24), m.start())
        found.append(Share(whole + Decimal(part) if part and clear else UNREAD, m.start(), m.end()))
    if not _PERCENT_SLIPS.isdisjoint(said):
        found += [Share(UNREAD, *m.span()) for m in _SLIP_OF_PERCENT.finditer(text)]
    in_words = []
    for m in IN_WORDS.finditer(text):
        after, number = _PERCENT_WORD.match(text, m.end()), read_words(m[0])
        if after and number is not None:
            fraction = text[: m.start()].lower().endswith("point ")  # "twenty point five percent"
            in_words.append(Share(UNREAD if fraction else number, m.start(), after.end()))
    # "one and a half percent" is no half percent.
    found = [odd for odd in found if all(odd.end <= one.start or one.end <= odd.start for one in in_words)] + in_words
    for m in _PERCENT.finditer(text):
        if all(m.end() <= one.start or one.end <= m.start() for one in found):
            clear = _PLAIN_PERCENT.fullmatch(m[1]) is not None and not _GROUPED.fullmatch(m[1])
            found.append(Share(Decimal(m[1].replace(",", ".")) if clear else UNREAD, m.start(), m.end()))
    return found


def _fractions(text: str, said: frozenset[str]) -> Iterator[Share]:
    for m in _FRACTION.finditer(text) if "/" in text or not _FRACTION_WORDS.isdisjoint(said) else ():
        value = _of_fraction(text, m)
        if value is not None:
            yield Share(value, m.start(), m.end())
    if not _SLIPS.isdisjoint(said):
        for m in _SLIP_OF_HALF.finditer(text):
            yield Share(UNREAD, m.start(), m.end())
    if not text.isascii() and not _HALF_SIGNS.isdisjoint(text):
        for i, sign in enumerate(text):
            if sign in _HALF_SIGNS:
                yield Share(UNREAD if text[max(0, i - 1) : i].isdigit() else Decimal(_HALF_WORD[sign]), i, i + 1)


def _of_fraction(text: str, m: re.Match[str]) -> Decimal | None:
    part = f"{m[1]} {m[2]}".lower() if m[1] else (m[3] or m[4]).lower()
    value = _MULTIPLES.get(part) or _FRACTIONS.get(part)
    if value is None:
        return None  # "three thirds"
    if part == "quarter" and not re.match(r" of (?!q|20)|$", text[m.end() :], re.IGNORECASE):
        return None  # a quarter of the year, not of the payment
    if part in _ORDINALS and _COUNTED_THING.match(text, m.end()):
        return None  # "her third payment" is one payment, and which is asked
    window = max(0, m.start() - 24)
    owned = _OWNED_OR_KNOWN.search(text, window, m.start()) is not None
    bare = m[0].lower() in _ORDINALS and not _OF_IT.match(text, m.end())
    if part in _ORDINALS and (owned or bare or _FROM_LAST.match(text, m.end())):
        return UNREAD
    if _UNIT_AFTER.match(text, m.end()) or _UNIT_BEFORE.search(text, window, m.start()):
        return UNREAD
    if owned and part == "half" and text.startswith(" payment", m.end()):
        return UNREAD  # "her half payment": the half of it, or the one of half the sum
    before = _PART_BEFORE.search(text, window, m.start())
    if before and (before["count"] is None or before["count"].lower() in _COUNTS or not before["count"].isalpha()):
        return UNREAD  # "half a third", "one and a half"
    return Decimal(value)
