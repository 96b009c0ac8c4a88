"""Whom a sentence is about: the customer, e-mail or id that stands where a name must stand."""

import re
from functools import cache
from typing import Final

from paydesk.intents import lexicon
from paydesk.intents.entities import capitals, names, numbers_of_names, quantities
from paydesk.intents.entities.ids import IdMention
from paydesk.intents.patterns import lazy, worded
from paydesk.intents.sentence import Sentence, Token
from paydesk.intents.words import words

Entities = dict[str, object]

_LABELS: Final = words("customer client user company buyer the mr mrs ms")
_RELATIONS: Final = words("buddy friend friends colleague partner partners pal mate neighbour neighbor boss folks guys")
_BEFORE_A_NAME: Final = _LABELS | _RELATIONS
_NUMBERED = lazy(r"[a-z]{1,5}-[0-9][\w-]*|[a-z]{1,5}[0-9]+-[\w-]*")
# Lower-case words in -ed and -ing are forms of verbs, but for these.
_NAMES_LIKE_VERBS: Final = words(
    """
    alfred mohammed mohamed muhammed ahmed jared waleed khaled sterling browning harding golding fleming manning
    wilfred winifred
    """
)
_NOT_OURS: Final = words("a an my your his her its their this that these those")
_PARTICLES: Final = words(
    "de da di del della du des van von der den la le el al bin ibn of und et e y zum zur vom beim aux chez"
)
_PLANS: Final = words("plan plans tier product package subscription subscriptions membership subs sub")
_FIRM_WORDS: Final = words(
    """
    group company partners media studio studios services systems solutions foods capital trading labs industries
    """
)
#: Prepositions before the customer of a payment, subscription or invoice.
_BY_PREPOSITION = worded(r"(?<!\S)(?:from|by|for|to|of|with|on|belonging to|sent to|made by|against|about|is|at) ")
_NAMED = worded(r"(?<!\S)(?:named|called|name is|name|customer|client|calls (?:him|her|it)self) (?:is |: ?|= ?)?")
_POSSESSED: Final = words(
    """
    payment payments charge charges transaction transactions purchase purchases order orders refund refunds
    subscription subscriptions sub subs plan plans membership invoice invoices bill bills dispute disputes card
    cards account balance money email phone name address number description locale language details record profile
    info spend spending revenue ltv lifetime mrr history last latest recent first most failed pending open unpaid
    visa mastercard amex discover credit debit default overdue active biggest largest paid full monthly yearly annual
    pro new current previous oldest past
    """
)


def of_token(token: Token) -> Entities | None:
    """The entity of a token that is a target by itself: an e-mail, a customer id, a known or capitalised name."""
    if token.kind == "email":
        return {"email": token.value}
    if token.kind == "name":
        return {"customer": token.value}
    if token.kind == "id" and isinstance(token.value, IdMention) and token.value.key == "customer_id":
        return {"customer_id": token.value.value}
    return None


def at(sentence: Sentence, index: int, *, quotes: bool = True) -> tuple[Entities, int, int] | None:
    """The target that begins at token `index` (after "the customer" and the like), with its first and last+1 token."""
    tokens = sentence.tokens
    if index + 1 < len(tokens) and tokens[index].lex in ("my", "our", "the") and tokens[index + 1].lex in _RELATIONS:
        index += 1
    while index < len(tokens) and tokens[index].lex in _BEFORE_A_NAME and not sentence.is_capital(index):
        index += 1
    if index >= len(tokens) or (tokens[index].lex in _NOT_OURS and not sentence.is_capital(index)):
        return None
    token = tokens[index]
    found = of_token(token)
    if found and token.kind != "name":
        return found, index, index + 1
    if token.kind == "domain" and sentence.text[token.start] != "@":
        return {"customer": sentence.raw(index, index + 1)}, index, index + 1
    if token.kind == "quote" and quotes:
        return {"customer": token.value}, index, index + 1
    end = max(_run_end(sentence, index), _traders_end(sentence, index))
    if end == index:
        return None
    before = tokens[index - 1].lex if index else ""
    if before in ("the", "our", "a") and end < len(tokens) and tokens[end].kind == "word" and tokens[end].lex in _PLANS:
        return None  # "the Pro plan" is no customer
    if _ends_in_s(sentence, index, end) or _ends_in_a_dot(sentence, end):
        end += 1
    return {"customer": sentence.raw(index, end)}, index, end


_NOT_OWNED: Final = words(
    """
    this last since from in on during between before after over under for with by to until and yesterday today please
    """
)


def _ends_in_s(sentence: Sentence, first: int, end: int) -> bool:
    """ "payments from McDonald's": an 's with nothing after it that could be owned is part of the name."""
    tokens = sentence.tokens
    if end >= len(tokens) or tokens[end].kind != "possessive" or tokens[first].kind not in ("name", "word"):
        return False
    if not sentence.is_capital(end - 1) and tokens[end - 1].kind != "name":
        return False
    after = tokens[end + 1] if end + 1 < len(tokens) else None
    return after is None or after.kind in ("date", "punct") or after.lex in _NOT_OWNED


def _ends_in_a_dot(sentence: Sentence, end: int) -> bool:
    """ "null-terminator s.r.o.", "e.e. cummings": the last dot of a word with dots in it is its own."""
    tokens = sentence.tokens
    dotted = end < len(tokens) and tokens[end].lex == "." and tokens[end - 1].end == tokens[end].start
    return dotted and "." in tokens[end - 1].lex and tokens[end - 1].kind == "word"


def _run_end(sentence: Sentence, index: int) -> int:
    """One past the last token of the name that begins at `index`; `index` if none does."""
    tokens, end = sentence.tokens, index
    while end < len(tokens) and end - index < 6:
        if not _belongs(sentence, index, end):
            break
        end += 1
    while end > index and (
        tokens[end - 1].lex in ("&", "+", "-", "and")
        or (tokens[end - 1].lex in _PARTICLES and not sentence.is_capital(end - 1))
    ):
        end -= 1
    return end


#: What ends a small firm's name when it is typed without capitals: "blue bottle cafe", "mick's plumbing".
_TRADES: Final = words(
    """
    cafe coffee bakery bakers bar grill diner kitchen pizza pizzeria tacos burgers deli bistro brewery brewing roasters
    roastery winery catering foods farm farms dairy market markets butchers grocers florist florists flowers nursery
    nurseries garden gardens landscaping plumbing plumbers electric electrical heating roofing builders building
    construction carpentry joinery painting cleaning cleaners laundry motors auto autos garage towing tyres tires bikes
    cycles boats fishing surf sports fitness gym yoga salon barbers spa dental dentistry clinic pharmacy optics vets
    books bookshop press print printing prints records music toys games gifts jewelers jewellers clothing fashion shoes
    tailors furniture hardware tools supply supplies electronics phones computers software tech technologies design
    designs photography photos films legal law accounting consulting insurance realty properties estates lodge inn hotel
    hostel travel tours airlines shipping freight logistics transport trucking movers storage shop store stores boutique
    studio studios gallery academy school nursery collective co-op club shack barn cottage chandlery outfitters crafts
    pottery textiles ceramics candles soap
    """
)


def _traders_end(sentence: Sentence, index: int) -> int:
    """One past a firm's name of plain words in lower case that its trade ends: "7 seas fishing"; `index` if none is.

    An owner within it ("mick's plumbing") is part of the name, as nothing of the desk follows; a number begins it only
    where the amount stands elsewhere.
    """
    tokens, end = sentence.tokens, index
    first, before = tokens[index], tokens[index - 1].lex if index else ""
    if first.kind == "number":
        if not sentence.money and (not index or before in _VERBS):
            return index
        end += 1
    elif first.lex in _VERBS or first.lex in lexicon.QUERY_WORDS:
        return index
    while end < len(tokens) and end - index < 6:
        token = tokens[end]
        inside = end > index and end + 1 < len(tokens) and tokens[end + 1].kind == "word"
        joins = inside and (token.kind == "possessive" or token.lex in ("&", "+", "and", "of", "the"))
        if not joins and (token.kind != "word" or token.lex in _NO_PART_OF_A_NAME or token.lex in lexicon.THINGS):
            break
        end += 1
        if end - index >= 2 and token.lex in _TRADES and not _goes_on(sentence, end):
            return end
    return index


def _goes_on(sentence: Sentence, end: int) -> bool:
    return end < len(sentence.tokens) and sentence.tokens[end].lex in _TRADES


_VERBS: Final = words(
    """
    refund charge bill cancel reimburse capture pause resume subscribe update change rename add create set put sign
    give take show list find get pull search start stop end kill send email make move switch upgrade downgrade
    """
)
_NO_PART_OF_A_NAME: Final = lexicon.SMALL - words("two more new one great good best off all up down")


def _is_a_name(sentence: Sentence, token: Token) -> bool:
    """Whether a capital is a name's and not that of "I"."""
    said = sentence.clean[token.start : token.end]
    return said not in ("I", "I'm", "I'd", "I've", "I'll") and said not in capitals.SHOUTED


def _is_sum_apart(after: Token | None, sentence: Sentence, index: int) -> bool:
    """Whether after "charge Studio 54" it goes on so that 54 cannot be the sum: with a sum, an owner's 's, a name."""
    if after is None:
        return False
    return after.kind in ("money", "possessive", "name") or sentence.is_capital(index + 1)


def _is_number_of_a_name(sentence: Sentence, first: int, index: int, after: Token | None) -> bool:
    """ "Studio 54", "4 Brothers Towing", and of a text without capitals "charge fifty pounds to studio nine"."""
    token = sentence.tokens[index]
    if after is not None and after.kind == "word" and numbers_of_names.counts(after.lex):
        return False
    spelt = sentence.clean[token.start : token.end]
    if spelt.isalpha() and spelt.islower():
        inside = after is None or (after.kind == "word" and not lexicon.is_common(after.lex))
        return index > first and inside and bool(sentence.money) and sentence.clean[1:].islower()
    after_verb = first and sentence.tokens[first - 1].lex in numbers_of_names.VERBS_OF_SUMS
    if after_verb and not _is_sum_apart(after, sentence, index):
        return False
    ends = after is None or after.kind in ("punct", "possessive", "date") or after.lex in _NO_PART_OF_A_NAME
    unsummed = bool(sentence.money) or (ends and not numbers_of_names.may_move_money(sentence.clean))
    return (index > first and sentence.is_capital(index - 1) and unsummed) or (
        after is not None
        and after.kind in ("word", "name")
        and after.start - token.end <= 1
        and sentence.is_capital(index + 1)
    )


def _belongs(sentence: Sentence, first: int, index: int) -> bool:
    token, tokens = sentence.tokens[index], sentence.tokens
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if token.kind == "name":
        return True
    if token.kind == "number":
        return _is_number_of_a_name(sentence, first, index, after)
    if token.kind in ("currency", "date"):
        # "charge BOB $25" and "charge May $5": a name that reads like a currency or a month.
        return False
    if token.lex in ("&", "+"):
        return index > first and after is not None and after.kind in ("word", "name")
    if token.kind != "word" or token.lex != sentence.clean[token.start : token.end].lower():
        return False  # punctuation, or a word of ours with a slip in it
    if "_" in token.lex or _NUMBERED.fullmatch(token.lex) or not any(c.isalpha() for c in token.lex):
        return False  # an order or invoice number, or digits that made no amount
    if sentence.is_capital(index):
        return _is_a_name(sentence, token)
    typed = sentence.clean[token.start : token.end].lower()
    if index > first and (typed in _FIRM_WORDS or typed in ("co", "corp", "inc", "ltd", "llc")):
        return True
    if typed in _PARTICLES or typed == "and":
        joins = after is not None and after.kind in ("word", "name")
        if typed == "and":
            return (
                index > first
                and joins
                and after is not None
                and after.lex in ("sons", "co", "company", "associates", tokens[index - 1].lex)
            )
        return index > first and joins and _goes_on_after(sentence, index, typed)
    if index > first and (tokens[index - 1].kind == "name" or sentence.is_capital(index - 1)) and sentence.cased:
        return False  # "the Dead Soul saga": a name does not go on in lower case
    if _is_plain_word(typed) and not (after is not None and after.kind == "possessive"):
        return False
    return (not lexicon.is_common(typed) and not names.is_title(typed)) or (names.is_title(typed) and after is not None)


def _goes_on_after(sentence: Sentence, index: int, particle: str) -> bool:
    """Whether a particle leads to more of the name: always to a capital; "y" and "la" also to no English word."""
    if sentence.is_capital(index + 1) or particle not in ("of", "y", "e", "la", "le"):
        return True
    return particle != "of" and not lexicon.is_common(sentence.tokens[index + 1].lex)


def _is_plain_word(typed: str) -> bool:
    """A number word, or a form of a verb in -ed or -ing, in lower case."""
    if typed[:1].isdigit():
        return False
    if typed.endswith(("'ve", "'re", "'ll", "n't", "'d", "'m")):
        return True
    verb_form = len(typed) >= 6 and typed.endswith(("ed", "ing")) and typed not in _NAMES_LIKE_VERBS
    return verb_form or not quantities.NUMBER_WORDS.isdisjoint(typed.split("-"))


def possessor(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """The owner in "jane doe's last payment" or "Subscription Box Co's subscription"."""
    tokens = sentence.tokens
    for index, token in enumerate(tokens):
        plural = (
            token.lex == "'" and index and tokens[index - 1].end == token.start and tokens[index - 1].lex.endswith("s")
        )
        if token.kind != "possessive" and not plural:
            continue
        owner = _ending_at(sentence, index)
        if owner is None or index == 0 or _traders_end(sentence, owner[1]) > index:
            continue
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if after is None or after.kind != "word" or after.lex in _POSSESSED or of_token(tokens[index - 1]):
            return owner
    return _owner_after_verb(sentence)


_OWNERS_VERBS: Final = words("cancel refund reimburse pause resume charge capture stop end update change unsubscribe")
_OWNED_FOR_SURE: Final = words("sub subs subscription membership last latest card email e-mail phone plan")


def _owner_after_verb(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """ "cancel max power's sub": between a verb and what somebody has, plain words too are who has it."""
    tokens = sentence.tokens
    for index, token in enumerate(tokens[2:6], start=2):
        if token.kind == "possessive" and index + 1 < len(tokens) and tokens[index + 1].lex in _OWNED_FOR_SURE:
            first = index
            while first and tokens[first - 1].kind == "word" and tokens[first - 1].lex not in _NEVER_AN_OWNER:
                first -= 1
            said = first and first < index and tokens[first - 1].lex in _OWNERS_VERBS
            return ({"customer": sentence.raw(first, index)}, first, index) if said else None
    return None


_NEVER_AN_OWNER: Final = (
    lexicon.SMALL
    | _OWNERS_VERBS
    | frozenset(lexicon.THINGS)
    | words(
        """
        today yesterday tomorrow week month year day customer customers client clients user users everyone everybody
        nobody someone somebody anyone anybody who friend wife husband mother father mom dad son daughter brother sister
        boss person guy man woman lady people team company bank phone
        """
    )
)


def _ending_at(sentence: Sentence, index: int) -> tuple[Entities, int, int] | None:
    """The longest target whose last token is just before `index`."""
    single = of_token(sentence.tokens[index - 1]) if index else None
    best = (single, index - 1, index) if single else None
    for first in range(index - 1, max(-1, index - 6), -1):
        found = at(sentence, first)
        if found and found[1] == first and found[2] >= index:
            best = (found[0] if found[2] == index else {"customer": sentence.raw(first, index)}, first, index)
        elif sentence.tokens[first].kind not in ("word", "name", "punct", "number"):
            break
    return best


@cache
def _after(words: str) -> re.Pattern[str]:
    return lazy(rf"(?<!\S)(?:{words}) ")


def after_preposition(sentence: Sentence, words: str = "") -> tuple[Entities, int, int] | None:
    """The target after "from", "by", "for", ... (or only after `words`, a pattern)."""
    pattern = _after(words) if words else _BY_PREPOSITION
    for match in pattern.finditer(sentence.gist):
        found = at(sentence, sentence.index_at(match.end()))
        if found:
            return found
    return None


def after_naming(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """The target after "named", "called" or "customer"."""
    for match in _NAMED.finditer(sentence.gist):
        if match.end() < len(sentence.gist):
            found = at(sentence, sentence.index_at(match.end()))
            if found:
                return found
    return None


_BETWEEN_OWNER_AND_THING: Final = words("last latest recent newest first failed open unpaid overdue paid pending draft")


def before_thing(sentence: Sentence, things: frozenset[str]) -> tuple[Entities, int, int] | None:
    """The name just before the thing: "acme invoices", "show jane doe payments"."""
    for index, token in enumerate(sentence.tokens):
        if token.kind == "word" and token.lex in things and not sentence.is_capital(index):
            end = index
            while end and sentence.tokens[end - 1].lex in _BETWEEN_OWNER_AND_THING:
                end -= 1  # "jane doe last payment"
            first = end
            while (
                first
                and _belongs(sentence, max(0, first - 2), first - 1)
                and sentence.tokens[first - 1].kind in ("word", "name")
            ):
                first -= 1
            found = at(sentence, first) if first < end else None
            if found and found[2] == end and found[1] >= first:
                return found
            return None
    return None


def after_sum(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """ "refund $20 jane doe": a name after the amount and nothing after the name."""
    for index, token in enumerate(sentence.tokens[:-1]):
        if token.kind == "money":
            found = at(sentence, index + 1)
            if found and found[1] == index + 1 and all(t.kind == "punct" for t in sentence.tokens[found[2] :]):
                return found
    return None


def anywhere(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """The one e-mail, customer id or masked name of the sentence, wherever it stands; None if there are several."""
    found = [(entity, i, i + 1) for i, token in enumerate(sentence.tokens) if (entity := of_token(token))]
    return found[0] if len(found) == 1 else None


def all_of(sentence: Sentence) -> list[Entities]:
    """Every token that is a target by itself."""
    return [entity for token in sentence.tokens if (entity := of_token(token))]


_CONDITION = lazy(r"(?:if|when|once|unless|as soon as) (?=\S)")


def of_condition(sentence: Sentence) -> object:
    """ "if Elaine complains again, refund her": who the condition is about."""
    said = _CONDITION.match(sentence.gist)
    found = at(sentence, sentence.index_at(said.end())) if said else None
    return found[0].get("customer") if found else None
