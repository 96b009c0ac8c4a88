"""Money in a sentence: every mention with its exact amount, its currency if said, and what is doubtful about it.

Amounts are Decimal in major units. Nothing here rounds. A mention that a person could have meant otherwise carries
`doubt`, and a write must ask about it; a read may go on with the likelier reading.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from operator import attrgetter
from typing import Final, NamedTuple

from paydesk.intents.entities import currency_names, currency_signs, quantities, singles, sums_in_doubt
from paydesk.intents.entities.currencies import EXPONENTS, exponent, minor_units
from paydesk.intents.entities.currency_signs import Mark
from paydesk.intents.patterns import lazy
from paydesk.intents.words import said_in


class MoneyMention(NamedTuple):
    """One amount: `amount` in major units, `currency` lower-case ISO or None, `start`/`end` into the sentence.

    `doubt` is None, "separator" ("1.500", "1,5"), "country" (kr, pesos), "conflict" (two currencies), "decimals" (more
    than the currency has), "unread" (more was said than could be read) or "sign" (below zero).
    `said_currency` is False for "5k" and "10 grand".
    """

    amount: Decimal
    currency: str | None
    start: int
    end: int
    doubt: str | None = None
    said_currency: bool = True

    def minor(self) -> int | None:
        """The amount in minor units (hundredths where no currency was said), or None if it has more decimals."""
        try:
            return minor_units(self.amount, exponent(self.currency) if self.currency else 2)
        except ValueError:
            return None

    def as_json(self) -> dict[str, object]:
        """`{"amount", "currency", "start", "end"}`; the amount is a decimal string in major units."""
        decimals = EXPONENTS[self.currency] if self.currency else 2
        digits = max(decimals, -int(self.amount.normalize().as_tuple().exponent))
        return {"amount": f"{self.amount:.{digits}f}", "currency": self.currency, "start": self.start, "end": self.end}


class Number(NamedTuple):
    """A number that stands alone, such as the 50 of "charge bob 50"; what it counts is for the caller to find out."""

    value: Decimal
    start: int
    end: int
    doubtful: bool = False
    decimals: int = 0


_MAGNITUDE = lazy(
    r"[ -]?(millions?|billions?|thousand|hundred|trillion|grand|lakhs?|lac|crores?|mm|mn|mio|mil|bn|tn"
    r"|[kmb])(?![^\W_])",
    re.IGNORECASE,
)
_MINUS = lazy(r"(?:^|(?<![0-9kKmM]) )(?:-|minus |negative )$", re.IGNORECASE)
_LATE_MAGNITUDE = lazy(r" (million|billion|thousand)\b", re.IGNORECASE)
_NUMBER_NEXT = lazy(r"[ :]{0,2}[0-9]")
_PREFIXED = lazy(r" [0-9][0-9.,]*(?![0-9.,]| ?[$£])")
_NOT_MONEY_AFTER = lazy(r"[%:°]| ?(?:am|pm|o'clock)\b|-[^\W\d_]|/\d|[^\W\d_]| ?%|\.\d")
_CENTS = lazy(
    r"(?:,? (?:and|&) | ?)(?:([0-9]{1,2})|((?:twenty|thirty|forty|fifty|sixty|seventy|eighty"
    r"|ninety)(?:[ -][a-z]+)?|[a-z]+))"
    r"[ -]?(cents?|¢|pence|p|c|sen|paise|penny|pennies|kopecks|öre|centavos)(?![^\W_])",
    re.IGNORECASE,
)
_TAIL = lazy(r" ?([0-9]{2})(?=\s*(?:$|[.?!]\s*$))")
# "15 dollars and 15": cents, probably.
_LOOSE_CENTS = lazy(r" and ([0-9]{2})\s*(?:$|[.?!]\s*$)")
_TAIL_WORDS = lazy(
    r"(?: and)? ((?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|five|six|seven"
    r"|eight|nine))?|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|two|three|four"
    r"|five|six|seven|eight|nine)\b",
    re.IGNORECASE,
)
_OTHER_CURRENCY = lazy(r" (?:in|or|as)(?: an?)? ([^\W\d_]+|[€$£¥₹])|[ ]?/[ ]?([A-Z]{3}|[a-z]{3})(?![^\W_])")
_LIMIT_BEFORE = lazy(
    r"\b(?:last|latest|top|first|next|recent|newest|oldest|biggest|largest|smallest|previous|past|show"
    r"|list|get|give|me)(?: \w+)? ?$",
    re.IGNORECASE,
)
_PLURAL_AFTER = lazy(
    r" (?:\w+ )?(?:payments|charges|transactions|invoices|payouts|disputes|subscriptions|subs|refunds"
    r"|customers|chargebacks)\b",
    re.IGNORECASE,
)
_CALENDAR_BEFORE = lazy(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.? ?$|\bq[1-4] ?$|\b(?:in|since"
    r"|during|of|for|until|year) ?$",
    re.IGNORECASE,
)
_LEFT_OF_RANGE = lazy(r"([0-9][0-9.,]*)(k|m)? ?(-|–|—|to|and|or) ?$", re.IGNORECASE)
_RIGHT_OF_RANGE = lazy(r" ?(-|–|—|to|and|or) ?([0-9][0-9.,]*[0-9]|[0-9])(k|m)?(?![\w%$€£:-]|[.,]\d)", re.IGNORECASE)
_DOLLAR_KINDS: Final = frozenset(currency_signs.DOLLARS.values())


_START: Final = attrgetter("start")


def find_money(text: str) -> list[MoneyMention]:
    """Every mention of money in order of place: amounts with a currency, and those like "5k" and "10 grand"."""
    found: list[MoneyMention] = []
    taken = -1
    said = said_in(text.lower())
    counts_one = singles.may_be_found(said)
    parted = [MoneyMention(*one) for one in singles.find_parted(text)] if counts_one else []
    for start, end, value in _numbers(text):
        if start < taken or any(one.start <= start < one.end for one in parted):
            continue
        mention = _mention(text, start, end, value, taken)
        if mention is not None:
            split = _with_split_decimals(text, mention)
            mention = split if split.start >= taken else mention  # "$30, 80 dollars" are two
            mention = _with_country(text, _with_cents(text, mention))
            mention = _with_other_currency(text, mention)
            parts = sums_in_doubt.is_parted(text, mention.start, mention.end)
            found.append(mention._replace(doubt=mention.doubt or "unread") if parts else mention)
            taken = mention.end
    if counts_one:
        found += [m for m in parted if all(m.end <= one.start or one.end <= m.start for one in found)]
        single = [MoneyMention(*said) for said in singles.find(text)]
        found += [m for m in single if all(m.end <= one.start or one.end <= m.start for one in found)]
        found.sort(key=_START)
    return _with_ranges(text, found) if found else found


def find_numbers(text: str) -> list[Number]:
    """Numbers that stand alone (no letter, percent sign or ordinal ending attached), in digits or words."""
    found = []
    for start, end, value in _numbers(text):
        if start and (
            text[start - 1].isalnum()
            or (text[start - 1] in "_#/$€£-." and text[start - 2 : start - 1].strip() and not _is_range(text, start))
        ):
            continue
        after = _MAGNITUDE.match(text, end)
        if text[start:end].lower() == "one":
            continue  # "the second one" counts nothing
        if not after and _NOT_MONEY_AFTER.match(text, end):
            continue
        if after and after[0] in ("M", "B"):  # 3M is a firm
            continue
        scale = quantities.MAGNITUDES[after[1].lower()] if after else 1
        minus = start and text[start - 1] in "-−" and (start == 1 or text[start - 2] == " ")
        amount = -value.value * scale if minus else value.value * scale
        begin = start - 1 if minus else start
        doubtful = value.doubtful or sums_in_doubt.may_be_no_sum(text, start, end, value.value)
        found.append(Number(amount, begin, after.end() if after else end, doubtful, value.decimals))
    return found


def _is_range(text: str, start: int) -> bool:
    """The 100 of "50-100"."""
    return text[start - 1] == "-" and text[start - 2 : start - 1].isdigit()


_DIGIT: Final = lazy(r"[0-9]")
_AND_PART = lazy(r" and an? (half|quarter)\b(?! of\b)", re.IGNORECASE)


def _numbers(text: str) -> Iterator[tuple[int, int, quantities.Digits]]:
    spans = []
    for match in quantities.DIGITS.finditer(text) if _DIGIT.search(text) else ():
        start, end = match.span()
        said = match[0]
        value = quantities.read_digits(said)
        if value is None and " " in said:
            said = said.split(" ")[0]
            end, value = start + len(said), quantities.read_digits(said)
        if value is not None:
            spans.append((start, end, value))
            part = _AND_PART.match(text, end) if said.isdigit() else None
            if part:
                half = Decimal("0.5") if part[1].lower() == "half" else Decimal("0.25")
                spans[-1] = (start, part.end(), quantities.Digits(value.value + half))
    if not quantities.NUMBER_WORDS.isdisjoint(said_in(text.lower())):
        for match in quantities.IN_WORDS.finditer(text):
            at = match.start()
            opened = _OPENED.search(text, max(0, at - 16), at) is not None
            for begin, stop, number in quantities.in_words(match[0], range_opened=opened):
                spans.append((at + begin, at + stop, quantities.Digits(number)))
        spans.sort(key=lambda span: span[0])
    return iter(spans)


def _mention(text: str, start: int, end: int, digits: quantities.Digits, taken: int) -> MoneyMention | None:
    before = currency_signs.mark_before(text, start)
    if before and before[1] < taken:
        before = None
    if start and (text[start - 1].isalnum() or text[start - 1] == "_") and before is None:
        return None
    magnitude = _MAGNITUDE.match(text, end)
    if magnitude and not _means_magnitude(text, magnitude, before is not None):
        magnitude = None
    scale = quantities.MAGNITUDES[magnitude[1].lower()] if magnitude else 1
    stop = magnitude.end() if magnitude else end
    after = _mark_after(text, stop, before)
    if after and not magnitude:
        late = _LATE_MAGNITUDE.match(text, after[1])
        if late:
            scale, after = quantities.MAGNITUDES[late[1].lower()], (after[0], late.end())
    if before is None and after is None:
        return _unmarked(text, start, end, digits, magnitude=magnitude, scale=scale)
    if (
        magnitude is None
        and after is None
        and _NOT_MONEY_AFTER.match(text, end)
        and not text.startswith((".", "/"), end)
    ):
        return None
    if before is None and _is_count_or_date(text, start, digits, after):
        return None
    mark, doubt = _one_currency(before[0] if before else None, after[0] if after else None)
    digits = _reread(text[start:end], digits, mark)
    amount = digits.value * scale * mark.times / mark.scale
    begin = before[1] if before else start
    minus = _MINUS.search(text[max(0, begin - 8) : begin])
    if minus:
        amount, begin, doubt = -amount, begin - len(minus[0].lstrip()), "sign"
    doubt = doubt or (
        "country" if mark.doubtful else "separator" if digits.doubtful and scale * mark.times == 1 else None
    )
    odd = sums_in_doubt.is_scaled_oddly(text[start:end], scale * mark.times)
    if doubt is None and (odd or (before and sums_in_doubt.is_marked_oddly(text, start, end, begin))):
        doubt = "unread"
    mention = MoneyMention(amount, mark.currency, begin, after[1] if after else stop, doubt)
    return mention if doubt or mention.minor() is not None else mention._replace(doubt="decimals")


def _mark_after(text: str, stop: int, before: tuple[Mark, int] | None) -> tuple[Mark, int] | None:
    after = currency_signs.mark_after(text, stop)
    if after is None or text[after[1] : after[1] + 1].isdigit():
        return None
    if text[after[1] - 4 : after[1]].lower() == "real":
        # "$32 real quick": the word is English there; "$32 real" alone may be either.
        if not _MONEY_ENDS.match(text, after[1]):
            return None
        if before is not None and before[0].generic:
            return after[0]._replace(doubtful=True), after[1]
    if before is None:
        # "1 $ 10 bill": such a sign stands before its number, unless the next number has its own behind it.
        ahead = text[after[1] - 1] in "$£" and text[stop] == " " and _PREFIXED.match(text, after[1])
        return None if ahead else after
    # "EUR 20 USD 30": the second mark belongs to the next number.
    return after if after[0].scale == 1 and not _NUMBER_NEXT.match(text, after[1]) else None


def _unmarked(
    text: str, start: int, end: int, digits: quantities.Digits, *, magnitude: re.Match[str] | None, scale: int
) -> MoneyMention | None:
    """ "5k", "1.5k", "10 grand": money without a currency; "3M" is a firm and "2 million" may count anything."""
    grand = text[start:end].lower().endswith("grand")
    if not grand and (magnitude is None or magnitude[1] not in ("k", "K", "grand")):
        return None
    stop = magnitude.end() if magnitude else end
    doubt = "unread" if sums_in_doubt.is_scaled_oddly(text[start:end], scale) else None
    return MoneyMention(digits.value * scale, None, start, stop, doubt, said_currency=False)


def _means_magnitude(text: str, match: re.Match[str], marked: bool) -> bool:
    letters = match[1].lower()
    if len(letters) > 2:
        return True
    apart = match[0][0] in " -"
    return not apart or (marked and match[0][0] == " " and letters in ("k", "m", "bn", "mn"))


def _is_count_or_date(text: str, start: int, digits: quantities.Digits, after: tuple[Mark, int] | None) -> bool:
    """ "last 5 eur payments" counts payments; "Nov 10 EUR payments" and "won disputes" are not sums either."""
    if after is None or digits.decimals:
        return False
    word = text[start : after[1]].rsplit(maxsplit=1)[-1].lower()
    if word in ("won", "real", "c", "som", "colon") and _PLURAL_AFTER.match(text, after[1]):
        return True
    if not _PLURAL_AFTER.match(text, after[1]):
        return False
    head = text[max(0, start - 24) : start]
    if _CALENDAR_BEFORE.search(head) and (digits.value <= 31 or 2000 <= digits.value < 2100):
        return True
    return digits.value <= 100 and _LIMIT_BEFORE.search(head) is not None


def _one_currency(before: Mark | None, after: Mark | None) -> tuple[Mark, str | None]:
    if before is None or after is None:
        return before or after or Mark(None), None
    if before.currency == after.currency:
        return before, None
    if before.generic and after.currency in _DOLLAR_KINDS:
        return after, None
    if after.generic and before.currency in _DOLLAR_KINDS:
        return before, None
    return before, "conflict"


def _reread(said: str, digits: quantities.Digits, mark: Mark) -> quantities.Digits:
    """The same digits, now that the currency is known: KWD 10.500 is ten and a half."""
    if mark.currency and EXPONENTS[mark.currency] == 3 and said[:1].isdigit():
        return quantities.read_digits(said, decimals=3) or digits
    return digits


_SPLIT_OFF = lazy(r"(?<![\w.,])([0-9]{1,3}(?:\.[0-9]{3})*|[0-9]+), $")


def _with_split_decimals(text: str, mention: MoneyMention) -> MoneyMention:
    """ "118, 99 TL" is 118.99 oftener than two numbers; never certain."""
    cents = text[mention.start : mention.start + 2]
    if not cents.isdigit() or text[mention.start + 2 : mention.start + 3].isdigit() or mention.amount >= 100:
        return mention
    head = _SPLIT_OFF.search(text, max(0, mention.start - 20), mention.start)
    if head is None:
        return mention
    amount = Decimal(head[1].replace(".", "")) + Decimal(cents) / 100
    return mention._replace(amount=amount, start=head.start(), doubt=mention.doubt or "separator")


def _with_cents(text: str, mention: MoneyMention) -> MoneyMention:
    """Adds the cents of "3 dollars and 50 cents", "thirteen dollars forty-five", "$20 43"."""
    if not mention.said_currency or mention.doubt or mention.amount != mention.amount.to_integral_value():
        return mention
    loose = _LOOSE_CENTS.match(text, mention.end)
    if loose:
        return mention._replace(amount=mention.amount + Decimal(loose[1]) / 100, end=loose.end(1), doubt="unread")
    match = _CENTS.match(text, mention.end)
    cents = doubt = None
    if match:
        cents = Decimal(match[1]) if match[1] else quantities.read_words(match[2])
    else:
        match = _TAIL.match(text, mention.end)
        if match:  # "$20 43" is $20.43, or two numbers
            cents, doubt = Decimal(match[1]), "unread"
        else:
            match = _tail_in_words(text, mention.end)
            cents = match and quantities.read_words(match[1])
            goes_on = match is not None and match[0].startswith(" and") and text[match.end() :].strip(" .?!") != ""
            if cents is not None and (cents < 10 or goes_on):
                return mention._replace(doubt="unread")
    if match is None or cents is None or cents >= 100 or (mention.currency and EXPONENTS[mention.currency] == 0):
        return mention
    return mention._replace(amount=mention.amount + cents / 100, end=match.end(), doubt=doubt)


def _tail_in_words(text: str, at: int) -> re.Match[str] | None:
    match = _TAIL_WORDS.match(text, at)
    return match if match and singles.SUM_ENDS.match(text, match.end()) else None


_MONEY_ENDS = lazy(
    r"(?: (?:dollars?|bucks?|pounds?|rupees?))?\s*(?:$|[.,;:!?)]"
    r"|(?:for|to|from|on|per|a|each|in|and|or|of|off|back|every|into|at|by|with|please|that|which|this|last)\b"
    r"|(?:today|yesterday|now)\b)",
    re.IGNORECASE,
)


def _with_country(text: str, mention: MoneyMention) -> MoneyMention:
    """ "$20 canadian" is Canada's; "$20 canadian bacon" may be either."""
    found = mention.currency and currency_names.country_after(text, mention.end, mention.currency)
    if not found or (mention.doubt and mention.doubt != "separator"):
        return mention
    code, end = found
    ends = _MONEY_ENDS.match(text, end) is not None
    if ends and code:
        return mention._replace(currency=code, end=end)
    return mention if code == mention.currency or not (ends or code) else mention._replace(doubt="conflict")


def _with_other_currency(text: str, mention: MoneyMention) -> MoneyMention:
    """ "$100 CAD or USD" and "$25 in euros" contradict themselves; "50 in euros" does not."""
    match = _OTHER_CURRENCY.match(text, mention.end)
    mark = match and currency_signs.mark_of_word(match[1] or match[2])
    if not match or not mark or mark.scale > 1 or mark.currency == mention.currency:
        return mention
    if mention.currency is None and match[0].startswith((" in", " as")):
        return mention._replace(currency=mark.currency, end=match.end())
    return mention._replace(doubt=mention.doubt or "conflict")


def _with_ranges(text: str, found: list[MoneyMention]) -> list[MoneyMention]:
    """Gives the bare end of a range the other end's currency: "10-20 dollars", "between $50 and 100"."""
    extra: list[MoneyMention] = []
    for mention in found:
        if not mention.said_currency:
            continue
        left = _LEFT_OF_RANGE.search(text[max(0, mention.start - 16) : mention.start])
        if left:
            extra += _range_end(
                text, left[1], left[2], left[3], at=max(0, mention.start - 16) + left.start(), other=mention
            )
        elif end := _end_in_words(text, mention):
            extra.append(end)
        right = _RIGHT_OF_RANGE.match(text, mention.end)
        if right:
            extra += _range_end(text, right[2], right[3], right[1], at=right.start(2), other=mention)
    fresh = [e for e in extra if all(e.end <= one.start or one.end <= e.start for one in found)]
    return sorted(found + fresh, key=_START) if fresh else found


_OPENED = lazy(r"\b(?:between|from)\s*$", re.IGNORECASE)
_WORDS_LEFT_OF_RANGE = lazy(r"[a-z](?: (to|and|or) | ?[-–—] ?)$", re.IGNORECASE)


def _end_in_words(text: str, other: MoneyMention) -> MoneyMention | None:
    """The "fifty" of "fifty to one hundred dollars"."""
    link = _WORDS_LEFT_OF_RANGE.search(text, max(0, other.start - 8), other.start)
    if link is None:
        return None
    stop, begin = link.start() + 1, max(0, other.start - 70)
    last = None
    for last in quantities.IN_WORDS.finditer(text, begin, stop):  # noqa: B007 - the last of them is wanted
        pass
    if last is None or last.end() != stop:
        return None
    opened = _OPENED.search(text, max(0, last.start() - 16), last.start()) is not None
    if (link[1] or "").lower() == "and" and not opened:
        return None
    value = quantities.read_words(last[0])
    if value is None or value >= other.amount:
        return None
    return MoneyMention(value, other.currency, *last.span(), other.doubt)


def _range_end(
    text: str, said: str, magnitude: str | None, link: str, *, at: int, other: MoneyMention
) -> Iterator[MoneyMention]:
    start, end = at, at + len(said + (magnitude or ""))
    if start < other.start and start and (text[start - 1].isalnum() or text[start - 1] in "/-."):
        return
    opened = _OPENED.search(text, max(0, min(start, other.start) - 16), min(start, other.start))
    if link.lower() in ("and", "to") and start > other.start and not opened:
        return
    if link.lower() == "and" and not opened:
        return
    digits = quantities.read_digits(said.rstrip(".,"))
    if digits is not None:
        shared = re.search(r"[0-9](k|m)\b", text[other.start : other.end], re.IGNORECASE) if link in "-–—" else None
        magnitude = magnitude or (shared[1] if shared and start < other.start else None)
        value = digits.value * (quantities.MAGNITUDES[magnitude.lower()] if magnitude else 1)
        if (value < other.amount) if start < other.start else (value > other.amount):
            yield MoneyMention(value, other.currency, start, end, other.doubt)
