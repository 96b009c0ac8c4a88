"""A sentence made ready: what could mislead is masked, then amounts, dates and numbers are found in the rest.

The order is the point: quotes, ids, addresses and names first, so that nothing inside them can be an amount, a date or
a verb. What remains is the `gist`: lower-case words with a mark such as <money> or <pi> for each thing found; the
router's patterns are written in it. Tokens lead from the gist back to the text as it was typed.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import accumulate
from operator import itemgetter
from typing import Final, NamedTuple

from paydesk.intents import lexicon, spelling
from paydesk.intents.characters import MASK, made_plain
from paydesk.intents.entities import (
    cards,
    contacts,
    currency_names,
    currency_signs,
    ids,
    names,
    quantities,
    shares,
    singles,
)
from paydesk.intents.entities.dates import DateMention, find_dates, may_hold_dates
from paydesk.intents.entities.money import MoneyMention, find_money, find_numbers
from paydesk.intents.patterns import lazy
from paydesk.intents.words import said_in, words

_DIGIT = lazy(r"[0-9]")
_QUOTED = lazy(r'"([^"]{1,500})"|«([^»]{1,500})»|(?<![\w\'])\'([^\'\s](?:[^\']|(?<=\w)\'(?=\w)){0,300}?)\'(?![\w])')
# "7-Eleven": else its number word would join an amount after it.
_DIGIT_NAME = lazy(
    r"(?<![\w.,$€£-])[a-z]\d-[A-Z]\w+|(?<![\w.,$€£-])\d{1,2}-(?:One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|Eleven|Twelve)(?![\w-])"
)
# "may-britt" is no month.
_MONTH_NAME = lazy(
    r"(?<![\w-])(?:may|april|june|august|jan|mar|sun|mai)-(?!(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue"
    r"|wed|thu|fri|sat|sun|end|to|date|day)[a-z]*(?![\w-]))[^\W\d_]{3,}(?:-[^\W\d_]+)*",
    re.IGNORECASE,
)
# "made by may winterbottom": a month before no English word, where somebody must stand.
_MONTH_AND_NAME = lazy(
    r"(?<![\w-])(?:by|from|named|called|name|charge|bill) (?P<who>(?:may|april|june|august|jan|summer|sunday|friday) "
    r"(?P<last>[a-z]{4,}))(?![\w-])"
    r"|(?<![\w-])(?:show|list|get|refund|cancel|check|of|for|from) (?P<whose>(?:may|april|june"
    r"|august) (?P<owner>[a-z]{3,}))"
    r"(?='s )"
)
_NAMES_AND_DATES: Final = words("may april june august jan summer sunday friday")
# Nor is "min-jun".
_NAME_AND_MONTH = lazy(
    r"(?<![\w-])(?!(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|mid|pre|post|early|late|end|since|to|till|mon|tue"
    r"|wed|thu|fri|sat|sun|[a-z]*(?:uary|ember|ober|march|april|june|july|august|day))-)[^\W\d_]{2,}"
    r"-(?:jun|jan|mar|may|mai|sun|sep|dec)(?![\w-])",
    re.IGNORECASE,
)
_ROUND_THE_CLOCK = lazy(r"(?<![\w.,$€£/-])(?:24/7|\d&\d)(?: [A-Z][\w'&-]*)+")
# Masked places are taken whole.
_TOKEN = lazy(r"'[sS](?!\w)|(?<!\w)(?:[^\W\d_]\.){2,}(?= [^\W_])|[^\W_]+(?:[_.'&+-]+[^\W_]+)*|\x02+|\S")
# Unlike the words they stand for, so that a pattern for "email" does not meet every address.
_CONTACT_MARKS: Final = {"email": "<mail>", "phone": "<tel>", "domain": "<dom>", "url": "<web>"}
_CONTRACTIONS: Final = words(
    """
    what's who's where's when's how's that's it's there's here's let's she's he's why's which's everything's
    """
)
_DESK_WORD = lazy(
    r"\b(?:payments?|txns?|charges|transactions?|refunds?|customers?|clients?|subscriptions?|subs|invoices?"
    r"|disputes?|chargebacks?|payouts?|revenue|sales|takings|turnover|transfers?|quotes?|events?"
    r"|coupons?|credit notes?|"
    r"mrr|arr|churn|volume|fees|balance|paid|pay|earn(?:ed)?|made|sold|spent|failed|declined|signups?"
    r"|orders|income|metrics|numbers|refunded|charged|billed|cancell?ed|captured|disputed|received|created|joined"
    r"|average|avg|aov|gmv|rates?|gross|net|total|top|best|compared?|versus|vs|spend|bought|orders?|subscribers?|fees"
    r"|signed up|subscribed|churned|came|was|were|did|had)\b"
)
_AHEAD_WORD = lazy(
    r"\b(?:(?<!past )due|upcoming|scheduled|renew(?:s|ing|al|als)?|expir\w+|will|next payout"
    r"|(?:subscriptions?|subs|trials?|plans?) (?:that |which )?(?:ends?|ending))\b"
)
_ASKS_OPEN = lazy(
    r"(?:\W|please |can you |could you |hey |ok )*(?:show|list|find|get|give|pull|see|which|who|how|any"
    r"|anything|did|was"
    r"|were|has|have|had|search|look|fetch|all|compare|total)\b"
)


_LEX: Final = itemgetter(1)
_START: Final = itemgetter(2)


class Token(NamedTuple):
    """A word, a punctuation mark or a found thing; `lex` is its word or mark in the gist, `value` what was found."""

    kind: str
    lex: str
    start: int
    end: int
    value: object = None


@dataclass(slots=True)
class Sentence:
    """A sentence with everything found in it. `undated` is the text as the dates saw it, to read them again ahead.

    `starts` holds where each token begins in the gist.
    """

    text: str
    clean: str
    cased: bool
    today: date
    tokens: list[Token] = field(default_factory=list)
    gist: str = ""
    undated: str = ""
    known_names: names.KnownNames | None = None
    money: list[MoneyMention] = field(default_factory=list)
    dates: list[DateMention] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    origin: Callable[[int], int] | None = None
    # The tokens by kind, made when first asked for; `replace` leaves it behind.
    _kinds: dict[str, list[Token]] | None = field(default=None, init=False, repr=False, compare=False)

    def of(self, kind: str) -> Sequence[Token]:
        """The tokens of one kind other than words, in order."""
        kinds = self._kinds
        if kinds is None:
            kinds = self._kinds = {}
            for token in self.tokens:
                if token[0] != "word":  # most are, and nobody asks for those
                    kinds.setdefault(token[0], []).append(token)
        return kinds.get(kind, ())

    def index_at(self, position: int) -> int:
        """The index of the token that holds a position of the gist."""
        return bisect_right(self.starts, position) - 1

    def raw(self, first: int, last: int) -> str:
        """The text of tokens first..last-1 as it was typed, but for runs of blanks, which say nothing."""
        return " ".join(self.text[self.tokens[first].start : self.tokens[last - 1].end].split())

    def is_capital(self, index: int) -> bool:
        """Whether a token's capital says that it is a name; the first word's does not."""
        token = self.tokens[index]
        first = self.text[token.start]
        if first.isdigit() and token.kind == "word":  # "7-Eleven", "3M"
            return self.cased and any(c.isupper() for c in self.text[token.start : token.end])
        if token.kind == "word" and first in "dlDL" and self.clean[token.start + 1 : token.start + 2] == "'":
            return self.cased and index > 0 and self.text[token.start + 2 : token.start + 3].isupper()  # "d'Estaing"
        return self.cased and index > 0 and first.isupper() and (token.start > 0 or not lexicon.is_common(token.lex))


def part(sentence: Sentence, first: int, last: int) -> Sentence:
    """The sentence of tokens first..last-1 alone, with the amounts and dates that lie in it."""
    tokens = sentence.tokens[first:last]
    begin, stop = tokens[0].start, tokens[-1].end
    lexes = [token[1] for token in tokens]
    return replace(
        sentence,
        tokens=tokens,
        gist=" ".join(lexes),
        starts=_starts(lexes),
        money=[one for one in sentence.money if begin <= one.start < stop],
        dates=[one for one in sentence.dates if begin <= one.start_pos < stop],
    )


def without(sentence: Sentence, index: int) -> Sentence:
    """The sentence without the token at `index`."""
    return arranged(sentence, sentence.tokens[:index] + sentence.tokens[index + 1 :])


def arranged(sentence: Sentence, tokens: list[Token]) -> Sentence:
    """The sentence made of these of its tokens, in this order."""
    lexes = [token[1] for token in tokens]
    return replace(sentence, tokens=tokens, starts=_starts(lexes), gist=" ".join(lexes))


def _starts(lexes: list[str]) -> list[int]:
    """Where each of the words begins that are joined by a blank."""
    return list(accumulate(map(_AND_A_BLANK, map(len, lexes[:-1])), initial=0)) if lexes else []


#: The length of a word with the blank after it, given that of the word.
_AND_A_BLANK: Final = (1).__add__


class _Masked:
    """The text with found spans blanked, and the tokens found so far."""

    def __init__(self, clean: str, low: str, *, digits: bool) -> None:
        self.text = clean
        self.found: list[Token] = []
        #: The words that there are at most, whatever was blanked since, and whether there is a digit at all.
        self.said, self.digits = said_in(low), digits

    def take(self, kind: str, lex: str, start: int, end: int, value: object = None) -> None:
        text = self.text
        if MASK in text[start:end]:
            return
        self.found.append(Token(kind, lex, start, end, value))
        self.text = text[:start] + MASK * (end - start) + text[end:]
        if (start and text[start - 1 : start + 1].isalpha()) or (end < len(text) and text[end - 1 : end + 1].isalpha()):
            self.said |= said_in(self.text.lower())  # what is left of a word that was cut


def read(text: str, today: date, known_names: Sequence[str] = ()) -> Sentence:
    """Mask and measure a sentence. Never raises for any text."""
    digits = _DIGIT.search(text) is not None
    if digits:
        text = cards.masked(text)
    clean = made_plain(text)
    quotes = _may_quote(clean)
    seen = _QUOTED.sub(lambda quoted: MASK * len(quoted[0]), clean) if quotes else clean
    cased = names.is_cased(clean)
    low = clean.lower()
    low_seen = seen.lower() if quotes else low
    mended = spelling.respelt(clean, low_seen if not cased and len(low_seen) == len(seen) else seen, low_seen)
    if mended:
        # What is shown as it was typed is never a word of a date, so the mended text serves for both.
        text = clean = mended.text
        low = clean.lower()
        cased = cased and names.is_cased(clean)
    sentence = Sentence(text, clean, cased, today, origin=mended.origin if mended else None)
    masked = _Masked(clean, low, digits=digits)
    if cards.DOT in clean:
        for card in cards.MASKED.finditer(clean):
            masked.take("card", "<card>", card.start(), card.end(), card["last4"])
    _mask_quotes(masked)
    _mask_identities(masked, sentence, known_names)
    _find_quantities(masked, sentence)
    _tokenize(masked, sentence)
    return sentence


def _may_quote(text: str) -> bool:
    return '"' in text or "'" in text or "«" in text


def _mask_quotes(masked: _Masked) -> None:
    if not _may_quote(masked.text):
        return
    for match in _QUOTED.finditer(masked.text):
        group = next(n for n in (1, 2, 3) if match[n] is not None)
        inside = match[group].strip()
        spans = [(found.start, found.end) for found in ids.find_ids(inside)]
        spans += [(found.start, found.end) for found in contacts.find_contacts(inside)]
        if (0, len(inside)) in spans:
            continue  # a quoted id or address is that id or address
        masked.take("quote", "<quote>", match.start(), match.end(), inside)


def _mask_identities(masked: _Masked, sentence: Sentence, known_names: Sequence[str]) -> None:
    if "_" in masked.text:
        for found in ids.find_ids(masked.text):
            own = found.value.split("_")[0].lower()
            prefix = own if found.key or own in ("qt", "tmr") else "secret" if not found.value else "id"
            masked.take(
                "id",
                f"<{'ch' if prefix == 'py' else 'du' if prefix == 'dp' else prefix}>",
                found.start,
                found.end,
                found,
            )
    text = masked.text
    for contact in contacts.find_contacts(text) if masked.digits or "." in text or "@" in text else ():
        masked.take(contact.kind, _CONTACT_MARKS[contact.kind], contact.start, contact.end, contact.value)
    if known_names:
        sentence.known_names = names.known(known_names)
        for start, end in sentence.known_names.find(masked.text):
            masked.take("name", "<who>", start, end, sentence.text[start:end])
    _mask_names_like_months(masked, sentence)
    if sentence.cased:
        for said in _DIGIT_NAME.finditer(masked.text) if "-" in masked.text else ():
            masked.take("name", "<who>", said.start(), said.end(), sentence.text[said.start() : said.end()])
        for start, end in names.find_capitalised(masked.text):
            masked.take("name", "<who>", start, end, sentence.text[start:end])
        if "/" in masked.text or "&" in masked.text:
            for said in _ROUND_THE_CLOCK.finditer(masked.text):
                masked.take("name", "<who>", said.start(), said.end(), sentence.text[said.start() : said.end()])


def _mask_names_like_months(masked: _Masked, sentence: Sentence) -> None:
    for said in _MONTH_NAME.finditer(masked.text) if "-" in masked.text else ():
        masked.take("name", "<who>", said.start(), said.end(), sentence.text[said.start() : said.end()])
    for said in _NAME_AND_MONTH.finditer(masked.text) if "-" in masked.text else ():
        masked.take("name", "<who>", said.start(), said.end(), sentence.text[said.start() : said.end()])
    if _NAMES_AND_DATES.isdisjoint(masked.said):
        return
    for said in _MONTH_AND_NAME.finditer(masked.text):
        group = "who" if said["who"] else "whose"
        plain = lexicon.is_common(said["last"]) or may_hold_dates(said["last"]) if said["who"] else False
        if not plain:
            masked.take("name", "<who>", *said.span(group), sentence.text[slice(*said.span(group))])


def _find_quantities(masked: _Masked, sentence: Sentence) -> None:
    said = masked.said
    counted = masked.digits or not quantities.NUMBER_WORDS.isdisjoint(said)
    trial = None if quantities.TRIAL_WORDS.isdisjoint(said) else quantities.find_trial(masked.text)
    if trial:
        masked.take("trial", "<trial>", trial.start, trial.end, trial.days)
    for mention in find_money(masked.text) if counted or singles.may_be_found(said) else ():
        masked.take("money", "<money>", mention.start, mention.end, mention)
        sentence.money.append(mention)
    sentence.undated = masked.text
    low = masked.text.lower()
    if may_hold_dates(low):
        ahead = not _speaks_of_the_desk(low) or _AHEAD_WORD.search(low) is not None
        for day in find_dates(masked.text, sentence.today, ahead=ahead):
            masked.take("date", "<date>", day.start_pos, day.end_pos, day)
            sentence.dates.append(day)
    for interval in quantities.find_intervals(masked.text) if quantities.may_recur(said) else ():
        masked.take("every", "<recurs>", interval.start, interval.end, interval)
    for share in shares.find_shares(masked.text) if shares.may_share(masked.text, said) else ():
        masked.take("share", "<share>", share.start, share.end, share.value)
    for number in find_numbers(masked.text) if counted else ():
        masked.take("number", "<n>", number.start, number.end, number)


def _speaks_of_the_desk(low: str) -> bool:
    return (
        _ASKS_OPEN.match(low) is not None
        or _DESK_WORD.search(low) is not None
        or any(
            word in lexicon.THINGS or (word not in lexicon.KNOWN and _DESK_WORD.fullmatch(spelling.meant(word)))
            for word in _PLAIN_WORD.findall(low)
        )
    )


_PLAIN_WORD = lazy(r"[a-z]{3,14}")


#: Marks that no word goes on behind. An empty piece ends in none.
_ENDS_A_WORD: Final = frozenset(",.?!;:)")


def _tokenize(masked: _Masked, sentence: Sentence) -> None:
    text, tokens, cased = masked.text, masked.found, sentence.cased
    found = bool(tokens)
    add, made, meant = tokens.append, tuple.__new__, spelling.meant
    start = 0
    for piece in text.split(" "):
        end = start + len(piece)
        if piece.isalpha():
            low = piece.lower()
            capital = cased and start > 0 and piece[0].isupper()
            # Made as the tuple that it is: a call of its class takes twice as long, and there is one for each word.
            add(made(Token, ("word", low if capital else meant(low), start, end, None)))
        elif piece[-1:] in _ENDS_A_WORD and ((head := piece[:-1]).isalpha() or not head.strip(MASK)):
            if head[:1] != MASK and head:
                add(_word(head, start, sentence))
            add(made(Token, ("punct", piece[-1], end - 1, end, None)))
        elif piece.strip(MASK):
            for match in _TOKEN.finditer(text, start):
                if match.start() >= end:
                    break
                _tokenize_mark(match, tokens, sentence)
        start = end + 1
    if found:
        tokens.sort(key=_START)
    lexes = list(map(_LEX, tokens))
    if not _CURRENCY_HINTS.isdisjoint(lexes):
        tokens = _with_currencies(text, tokens, words=cased and not any(m.currency for m in sentence.money))
        lexes = [token[1] for token in tokens]
    sentence.tokens, sentence.starts, sentence.gist = tokens, _starts(lexes), " ".join(lexes)


def _tokenize_mark(match: re.Match[str], tokens: list[Token], sentence: Sentence) -> None:
    """The tokens of what is no plain word: punctuation, an 's, a word with digits or marks in it."""
    word, start = match[0], match.start()
    if word[0].isalnum():
        tokens += _words(word, start, sentence)
    elif word[0] == "'" and len(word) == 2:
        tokens.append(Token("possessive", "'s", start, start + 2))
    elif word[0] != MASK:
        tokens.append(Token("punct", word, start, start + len(word)))


def _words(word: str, start: int, sentence: Sentence) -> list[Token]:
    end = start + len(word)
    low = word.lower()
    if "'" in low and low.endswith("'s") and low not in _CONTRACTIONS:
        return [_word(word[:-2], start, sentence), Token("possessive", "'s", end - 2, end)]
    return [_word(word, start, sentence)]


def _word(word: str, start: int, sentence: Sentence) -> Token:
    low = word.lower()
    capital = sentence.cased and start > 0 and word[0].isupper()
    meant = low if capital else spelling.meant(low)
    return Token("word", meant, start, start + len(word))


_CURRENCY_WORDS: Final = words(
    """
    dollar dollars euro euros pound pounds sterling quid yen rupee rupees yuan renminbi rmb bucks francs baht
    ringgit rupiah shekels zloty naira
    """
)
#: What every currency said apart begins with.
_CURRENCY_HINTS: Final = (
    _CURRENCY_WORDS
    | currency_names.FIRST_WORDS
    | currency_signs.SIGNS.keys()
    | {spelling.SHORTHAND.get(code, code) for code in currency_signs.THREE_LETTERS}
)


def _with_currencies(text: str, tokens: list[Token], *, words: bool) -> list[Token]:
    """Currencies said apart from an amount: "JPY payments", "in euros", "Canadian dollars".

    A code that is also a word or a name (BOB, ALL) counts only where `words` says that it may.
    """
    out: list[Token] = []
    skip_to = -1
    for token in tokens:
        if token.start < skip_to:
            continue
        mark = None
        if token.kind == "word" and token.end - token.start >= 2:
            code = token.end - token.start == 3 and currency_signs.mark_of_word(text[token.start : token.end])
            if code and token.lex in currency_signs.ALSO_WORDS and not words:
                code = None
            if code or token.lex in _CURRENCY_WORDS or token.lex in currency_names.FIRST_WORDS:
                mark = currency_signs.words_after(text, token.start)
        elif token.kind == "punct" and token.lex in currency_signs.SIGNS:
            mark = (currency_signs.Mark(currency_signs.SIGNS[token.lex]), token.end)
        if (
            mark
            and mark[0].currency
            and mark[0].scale == 1
            and text[token.start : mark[1]].lower() not in ("won", "som")
        ):
            out.append(Token("currency", "<cur>", token.start, mark[1], mark[0].currency))
            skip_to = mark[1]
        else:
            out.append(token)
    return out
