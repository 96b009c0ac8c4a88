"""Numbers that belong to a name, as in "Studio 54", and when one after a name is a sum instead."""

import re
from typing import Final

from paydesk.intents import lexicon
from paydesk.intents.entities import currency_names
from paydesk.intents.entities.capitals import Words, is_calendar, is_capital
from paydesk.intents.entities.currencies import is_currency
from paydesk.intents.patterns import lazy
from paydesk.intents.words import words

# What a name can hold besides words: "Studio 54", "O'Hagan 24/7 Plumbing", "2nd Hand Clothes", "Store No. 4".
_NUMBER_OF_NAME = lazy(
    r" (?:[Nn]o\.? ?|# ?)?(?P<number>[0-9]{1,4})(?:[-/x][0-9]{1,2}|st|nd|rd|th|[A-Z]{1,2})?(?![\w%$€£¥]|[.,:/-]\d)"
)
_YEARS: Final = range(2010, 2040)
_MOVES_MONEY = lazy(
    r"\b(?:charg|bill(?!ing (?:e-?mail|address))|refund|collect|tak(?:e|ing)|debit|deduct|captur|pay\b|send|give"
    r"|invoic|reimburs|authori[sz]|hold"
    r"|draw|put|stick|knock|return|credit)",
    re.IGNORECASE,
)
_A_SUM = lazy(
    r"[$€£¥₹₦₱₩฿]|%|\d ?[A-Z]{3}\b|\b[A-Z]{3} ?\d|\b(?:dollars?|bucks|euros?|pounds?|quid|percent|half|naira|cedis?"
    r"|shillings?|rands?|rupees?|yen|yuan|baht|ringgit|pesos?|kroner|kronor|krona|lira|zloty|francs?|dirhams?|grand"
    r"|[0-9]k)\b"
)


def after_number(text: str, words: Words, index: int, end: int) -> int:
    """One past the words of a number that belongs to the name before it; `end` where it is an amount, a date, a count.

    Before a capital ("Lockers 2 Go") or an owner's 's it is the name's; at the name's end it is where no money moves
    or the sum stands elsewhere.
    """
    found = _NUMBER_OF_NAME.match(text, words[end - 1][2])
    before = words[end - 1][0]
    if found is None or not (index or end > 1) or is_calendar(before) or before.lower() in lexicon.SMALL:
        return end
    after = end
    while after < len(words) and words[after][1] < found.end():
        after += 1
    follows = words[after][0] if after < len(words) and text[found.end() : words[after][1]] == " " else ""
    low = follows.lower()
    if low in ("at", "for") and after + 1 < len(words) and _SUM_AHEAD.match(text, words[after][2]):
        return after  # "a subscription for Statement Studio 8 at €1,200"
    is_still = not _MOVES_MONEY.search(text)
    if low and counts(low) and not (is_still and low in _TITLED):
        return end
    if follows and (currency_names.name_at(text, words[after][1]) or not is_capital(follows)) and follows[0].isupper():
        return end  # "20 USD"
    if low and (_A_SUM.match(text, words[after][1]) or is_currency(low.upper())):
        return end  # "500 pesos"
    owner = text.startswith("'s", found.end())
    if owner or (follows and is_capital(follows)):
        return after
    leads = is_still and index > 0 and words[index - 1][0].lower() in _LEADS_TO_NAMES
    if (end - index < 2 and not leads) or int(found["number"]) in _YEARS:
        return end
    if words[index - 1 if index else 0][0].lower() in VERBS_OF_SUMS and not _MARKED_SUM.match(text, found.end()):
        return end  # "refund Bob Smith 20 of his $50 payment"
    elsewhere = _A_SUM.search(text, 0, words[index][1]) or _A_SUM.search(text, found.end())
    return after if elsewhere or is_still else end


def counts(word: str) -> bool:
    """Whether a lower-case word after a number says what is counted, or goes on: "3 times", "5 or"."""
    return word in _COUNTED or word in _TITLED or word in lexicon.THINGS or is_calendar(word)


_SUM_AHEAD = lazy(r" (?:[$€£¥₹₦₱₩฿]|[A-Z]{3} ?\d)")
_LEADS_TO_NAMES: Final = words(
    "from by of for customer client called named start put subscribe move switch upgrade downgrade cancel pause resume"
)
#: After these a number may be the sum: it is a name's only where a sum follows at once.
VERBS_OF_SUMS: Final = words(
    """
    charge bill refund reimburse debit invoice pay send give credit return tip repay capture collect take owe hand wire
    """
)
_MARKED_SUM = lazy(
    r" (?:(?:the sum of|an amount of|a total of|the amount of) )?"
    r"(?:[0-9][0-9.,]* [a-z]|[A-Z]{0,3}[$€£¥₹₦₱₩฿]|[A-Z]{3} ?\d)"
)


def may_move_money(text: str) -> bool:
    """Whether a verb in the text could take a number for an amount."""
    return _MOVES_MONEY.search(text) is not None


#: Small words that a title writes with a capital: "Charge Anna 20 Or 25 Euros".
_TITLED: Final = words(
    """
    or and of off in on at to for from by with per plus minus less more over under between not no if when because each
    every until till via x times back please now today
    """
)
_COUNTED: Final = words(
    """
    day days week weeks month months year years hour hours minute minutes time times seat seats user users licence
    licences license licenses percent cents cent k m mn bn grand million thousand hundred dollar dollars euro euros
    pound pounds quid bucks buck yen rupee rupees pence am pm biggest largest most items item units unit plus minus
    more extra additional other
    """
)
