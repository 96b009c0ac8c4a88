"""How words typed in a hurry are meant: short forms, lost apostrophes, slips in the words of dates and money."""

import re
from functools import lru_cache
from typing import Final

from paydesk.intents import lexicon
from paydesk.intents.patterns import lazy
from paydesk.intents.words import pairs, said_in, words

#: Typed -> meant, for words that carry the sentence; names and quotes never come here.
SHORTHAND: Final = pairs(
    """
    pls:please plz:please plse:please u:you ur:your yr:year r:are hw:how wat:what wht:what whch:which whos:who's
    whats:what's wheres:where's hows:how's thats:that's lets:let's abt:about abut:about bout:about shld:should
    cld:could wld:would frm:from w:with wit:with wth:with chrg:charge chrge:charge refnd:refund rfnd:refund
    pmt:payment strt:start chnge:change updt:update crete:create creat:create cancl:cancel cncl:cancel unsub:unsubscribe
    unsubscibe:unsubscribe pymt:payment pymts:payments pmnt:payment
    pmnts:payments paymt:payment paymts:payments pmts:payments acct:account accts:accounts inv:invoice invs:invoices
    cx:customer cust:customer custs:customers txn:transaction tx:transaction recd:received bal:balance ytday:yesterday
    dont:don't doesnt:doesn't didnt:didn't cant:can't wont:won't havent:haven't hasnt:hasn't isnt:isn't arent:aren't
    wasnt:wasn't werent:weren't shouldnt:shouldn't couldnt:couldn't wouldnt:wouldn't mustnt:mustn't neednt:needn't
    fnd:find fnid:find serch:search prod:product prods:products rev:revenue vol:volume disp:dispute
    disps:disputes pymnts:payments subscr:subscription
    subscrs:subscriptions cus:customer refs:refunds rfnds:refunds pmtz:payments avgs:averages
    ive:i've weve:we've theyve:they've im:i'm theyre:they're youre:you're gimme:give shw:show hav:have
    wats:what's whts:what's wot:what wots:what's rn:now tho:though plis:please plss:please plsss:please
    thx:thanks thnx:thanks tnx:thanks every1:everyone some1:someone any1:anyone
    pleez:please pleas:please
    patience:patience chrge:charge cancle:cancel cancal:cancel watever:whatever shoud:should bck:back srch:search
    cxl:cancel
    upd:update chk:check chck:check dispts:disputes dispt:dispute chrg:charge abt:about
    evry:every evey:every
    evrey:every eveyr:every
    evryone:everyone everone:everyone everyon:everyone evrybody:everybody everbody:everybody ech:each
    em:them subz:subscriptions invoces:invoices thru:through
    """
)
#: Typed -> meant, for the words of dates; these are put right before dates and amounts are looked for.
_DATE_SHORTHAND: Final = pairs(
    """
    mnth:month mnths:months mth:month mths:months wks:weeks qtrs:quarters yrs:years ystrday:yesterday ystd:yesterday
    yest:yesterday yesturday:yesterday tdy:today 2day:today tmrw:tomorrow tmr:tomorrow tommorow:tomorrow
    tommorrow:tomorrow lst:last nxt:next prev:previous prevous:previous wkend:weekend wknd:weekend
    todays:today's yesterdays:yesterday's tomorrows:tomorrow's everyones:everyone's everybodys:everybody's
    """
)
#: Typed -> meant, where one word stands for two.
_TWO_WORDS: Final = {"lemme": "let me", "gimme": "give me", "wanna": "want to", "gonna": "going to"}
_MENDED: Final = words(
    """
    yesterday today tomorrow january february march april august september october november december monday tuesday
    wednesday thursday friday saturday sunday month quarter year week months quarters years weeks days
    dollar dollars euros pound pounds percent
    """
)
_WORD: Final = lazy(
    r" {2,}|^(?:Lemme|Gimme|Wanna|Gonna)\b|(?<![\w'@._/-])[0-9]?[a-z]{3,10}(?![\w'@_/-]|\.\w)"
    r"|(?<![\w'@._/&-])(?:(?:u+h+m*|u+m+|e+rm+)(?![\w'@._/&-])(?:,? |,?$)"
    r"|^(?:U+h+m*|U+m+|E+rm+),? (?=[a-z]))"
)
_DRAWN_OUT: Final = lazy(r"(?:u+h+m*|u+m+|e+rm+),? ?", re.IGNORECASE)


class Respelt:
    """A text with its dates and currencies put right, and the way back from a place in it to what was typed."""

    def __init__(self, text: str, shifts: list[tuple[int, int]]) -> None:
        self.text = text
        self._shifts = shifts

    def origin(self, position: int) -> int:
        """Where `position` lies in what was typed."""
        moved = 0
        for at, total in self._shifts:
            if position < at:
                break
            moved = total
        return position - moved


def respelt(text: str, seen: str, low: str) -> Respelt | None:
    """The text with slips in the words of dates and money mended and runs of blanks made one; None if there are none.

    `seen` is the text with what must not be touched (quotes) blanked at the same length, `low` that in lower case.
    """
    if "  " not in seen and "2day" not in seen:
        unknown = said_in(low) - _WELL_SPELT
        if not unknown or not any(map(_may_be_mended, unknown)):
            return None
    pieces: list[str] = []
    shifts: list[tuple[int, int]] = []
    last = total = 0
    for match in _WORD.finditer(seen):
        meant = _meant(match)
        if meant is None:
            continue
        pieces += (text[last : match.start()], meant)
        total += len(meant) - len(match[0])
        shifts.append((match.end() + total, total))
        last = match.end()
    return Respelt("".join((*pieces, text[last:])), shifts) if pieces else None


#: Words that `respelt` leaves as they are; most sentences have few others.
_WELL_SPELT: Final = (lexicon.KNOWN | _MENDED) - _DATE_SHORTHAND.keys() - _TWO_WORDS.keys()


@lru_cache(maxsize=8192)
def _may_be_mended(word: str) -> bool:
    """Whether `respelt` could change a run of letters, wherever it stands."""
    if word in _DATE_SHORTHAND or word in _TWO_WORDS or (word[0] in "ue" and _DRAWN_OUT.fullmatch(word)):
        return True
    mended = lexicon.repaired(word)
    return mended != word and mended in _MENDED


_SKELETONS: Final = {
    re.sub(r"(?<!^)[aeiou]", "", word): word
    for word in words(
        """
        payments payment refunds refund refunded customer customers subscription subscriptions subscribed invoice
        invoices charge charges charged dispute disputes payouts cancel canceled balance declined products product
        transaction transactions pending revenue account
        """
    )
}


@lru_cache(maxsize=8192)
def meant(word: str) -> str:
    """What a lower-case word stands for: a short form written out, a slip mended, a word without vowels filled in."""
    short = SHORTHAND.get(word)
    if short is not None:
        return short
    if len(word) >= 4 and word not in lexicon.KNOWN and not any(vowel in word[1:] for vowel in "aeiou"):
        return _SKELETONS.get(word) or lexicon.repaired(word)
    return lexicon.repaired(word)


def _meant(match: re.Match[str]) -> str | None:
    word = match[0]
    if word[0] == " ":
        return " "
    if word[0] in "ueUE" and _DRAWN_OUT.fullmatch(word):
        return ""
    if (short := _DATE_SHORTHAND.get(word) or _TWO_WORDS.get(word.lower())) is not None:
        return short
    if len(word) < 5 or word in lexicon.KNOWN or word in _MENDED:
        return None  # "a pound" are no "pounds"
    mended = lexicon.repaired(word)
    return mended if mended != word and mended in _MENDED else None
