"""How far a name reaches in a sentence: by its capitals, particles and numbers, and typed without capitals."""

from typing import Final

from paydesk.intents import lexicon
from paydesk.intents.entities import capitals, names, numbers_of_names, quantities
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence, Token
from paydesk.intents.words import lexes_in, words

_NUMBERED = lazy(r"[a-z]{1,5}-[0-9][\w-]*|[a-z]{1,5}[0-9]+-[\w-]*")
# Lower-case words in -ed and -ing are forms of verbs, but for these.
_NAMES_LIKE_VERBS: Final = words(
    """
    alfred mohammed mohamed muhammed ahmed jared waleed khaled sterling browning harding golding fleming manning
    wilfred winifred
    """
)
_PARTICLES: Final = words(
    "de da di del della du des los las dos das van von der den la le el al bin ibn of und et e y zum zur vom beim aux "
    "chez"
)
_FIRM_WORDS: Final = words(
    """
    group company partners media studio studios services systems solutions foods capital trading labs industries
    """
)


#: Words after a name in lower case that are no part of it.
_AFTER_A_NAME: Final = words(
    """
    again twice instead online offline asap only too also now later soon tonight already yet still back off extra more
    first directly today alone together anyway somehow overall abroad please pls plz thanks thx cheers ta card cards
    shipping tax taxes vat fee fees deposit deposits tip tips delivery postage interest refund ending ends half
    everything nothing money cash late early overdue unpaid failed disputed worth instead each apiece max min maximum
    minimum plus minus less straight away once urgent urgently quick correct right wrong fast total flat even
    around about roughly approx approximately circa nearly almost exactly precisely between
    wants needs asks says complains pays agrees returns sends calls replies cancels renews leaves likes loves hates
    skips misses forgets keeps comes goes gets makes takes gives thinks knows feels tells confirms does has had have
    want need ask say complain pay agree send call reply cancel renew leave
    lah lor leh sha abeg sef oya na ji yaar mate bro innit eh
    """
)
_GO_ON: Final = words("on for in since last over from to please with via by using at and because latest sub who as")


def plain_end(sentence: Sentence, first: int, end: int) -> int:
    """One past the plain words that a name typed in lower case ends with: "payments from ocean breeze"."""
    tokens = sentence.tokens
    if first and tokens[first - 1].lex in ("if", "when", "once", "unless", "cust"):
        return end
    if sentence.clean[tokens[first].start].isupper():
        return end
    if tokens[first].kind != "word" or sentence.is_capital(first) or sentence.is_capital(end - 1):
        return end
    stop = end
    while stop < len(tokens) and stop - first < 5 and tokens[stop].kind == "word" and _may_end_a_name(tokens[stop].lex):
        stop += 1
    after = tokens[stop] if stop < len(tokens) else None
    structural = after is None or after.kind in ("possessive", "punct", "date", "money") or after.lex in _GO_ON
    return stop if structural else end


def _may_end_a_name(lex: str) -> bool:
    return (
        lex.isalpha()
        and len(lex) > 2
        and lex not in _AFTER_A_NAME
        and lex not in lexicon.SMALL
        and lex not in lexicon.THINGS
        and lex not in lexicon.QUERY_WORDS
        and lex not in _VERBS
        and not lex.endswith("ly")
        and not _is_plain_word(lex)
    )


_NOT_OWNED: Final = words(
    """
    this since from in on during between before after over under for with by to until and yesterday today please back
    """
)


def ends_in_s(sentence: Sentence, first: int, end: int) -> bool:
    """ "payments from McDonald's": an 's with nothing after it that could be owned is part of the name."""
    tokens = sentence.tokens
    if end >= len(tokens) or tokens[end].kind != "possessive" or tokens[first].kind not in ("name", "word"):
        return False
    if not sentence.is_capital(end - 1) and tokens[end - 1].kind != "name":
        return False
    after = tokens[end + 1] if end + 1 < len(tokens) else None
    if after is not None and after.kind == "money":
        last = tokens[end + 2] if end + 2 < len(tokens) else None
        return last is None or last.lex not in lexicon.THINGS  # but for "Tobias's £120 payment"
    return after is None or after.kind in ("date", "punct") or after.lex in _NOT_OWNED


def ends_in_a_dot(sentence: Sentence, end: int) -> bool:
    """ "null-terminator s.r.o.", "e.e. cummings": the last dot of a word with dots in it is its own."""
    tokens = sentence.tokens
    dotted = end < len(tokens) and tokens[end].lex == "." and tokens[end - 1].end == tokens[end].start
    return dotted and "." in tokens[end - 1].lex and tokens[end - 1].kind == "word"


def run_end(sentence: Sentence, index: int) -> int:
    """One past the last token of the name that begins at `index`; `index` if none does."""
    tokens, end = sentence.tokens, index
    while end < len(tokens) and end - index < 6:
        if not (belongs(sentence, index, end) or (end == index and _leads_a_name(sentence, end))):
            break
        end += 1
    while end > index and (
        tokens[end - 1].lex in ("&", "+", "-", "and")
        or (tokens[end - 1].lex in _PARTICLES and not sentence.is_capital(end - 1))
    ):
        end -= 1
    return end


def _leads_a_name(sentence: Sentence, index: int) -> bool:
    """ "de los santos": a particle of another language first, before a word that is no English one."""
    tokens = sentence.tokens
    place = index
    while place < len(tokens) and tokens[place].lex in _FOREIGN_PARTICLES:
        place += 1
    if place == index or place >= len(tokens) or tokens[place].kind not in ("word", "name"):
        return False
    return tokens[place].kind == "name" or sentence.is_capital(place) or not lexicon.is_common(tokens[place].lex)


_FOREIGN_PARTICLES: Final = words("de da di del della du van von der den la le los las el al bin ibn dos das")
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


#: First names that are also words; in lower case they are names where only somebody can stand.
CALLED_SO: Final = words("rich may april june august will hope summer star young mark grace frank chase prince bill")
#: Words of which no name is made where they are written small and nothing is owned.
_NAMELESS: Final = lexicon.KNOWN - lexicon.NAMES - names.TITLES - _TRADES - CALLED_SO | words(
    "<date> <money> <n> <share> <recurs> <cur> <trial> <pi> <ch> <sub> <in> <du> <po> <re> . , ? ! : ; ( ) -"
)


def names_nobody(sentence: Sentence) -> bool:
    """Whether every word is plain and written small, so that nothing here would find anybody.

    A verb's object may still be somebody: "charge umbrella 65.00 gbp".
    """
    clean = sentence.clean
    return lexes_in(sentence.gist) <= _NAMELESS and clean[1:].lower() == clean[1:]


_CALLS: Final = words("yo omg hey hi hello oi dear ok okay so well please pls")
_WRITE_VERBS: Final = words("refund charge cancel reimburse capture pause resume subscribe update change rename create")


def traders_end(sentence: Sentence, index: int) -> int:
    """One past a firm's name of plain words in lower case that its trade ends: "7 seas fishing"; `index` if none is.

    An owner within it ("mick's plumbing") is part of the name, as nothing of the desk follows; a number begins it only
    where the amount stands elsewhere.
    """
    if _TRADES.isdisjoint(lexes_in(sentence.gist)):
        return index
    tokens, end = sentence.tokens, index
    first, before = tokens[index], tokens[index - 1].lex if index else ""
    if first.kind == "number":
        if not sentence.money and (not index or before in _VERBS):
            return index
        end += 1
    elif first.lex in _VERBS or first.lex in lexicon.QUERY_WORDS or first.lex in _CALLS:
        return index
    while end < len(tokens) and end - index < 6:
        token = tokens[end]
        if end > index and token.lex in _WRITE_VERBS:
            return index
        inside = end > index and end + 1 < len(tokens) and tokens[end + 1].kind == "word"
        joins = inside and (token.kind == "possessive" or token.lex in ("&", "+", "and", "of", "the"))
        joins = joins or (end > index and token.lex in _TRADES and token.lex not in lexicon.THINGS)
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


def _is_a_reference(lex: str, before: str, *, owns: bool) -> bool:
    """An order or invoice number ("po-42", "order_7"); after "from" and the like "karol-42" is somebody's name."""
    if "_" in lex:
        return any(part.isdigit() for part in lex.split("_")) or all(map(lexicon.is_common, lex.split("_")))
    if not _NUMBERED.fullmatch(lex):
        return False
    head = lex.split("-", maxsplit=1)[0]
    return (
        (before not in _BEFORE_SOMEBODY and not owns) or len(head) < 4 or head[-1].isdigit() or lexicon.is_common(head)
    )


_BEFORE_SOMEBODY: Final = words(
    "from by of for to customer client named called refund charge bill give put subscribe has did"
)


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


def belongs(sentence: Sentence, first: int, index: int) -> bool:
    """Whether token `index` is part of the name that begins at token `first`."""
    token, tokens = sentence.tokens[index], sentence.tokens
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if token.kind == "name":
        return True
    if token.kind == "number":
        return _is_number_of_a_name(sentence, first, index, after)
    if token.kind in ("currency", "date"):
        # "charge BOB $25" and "charge May $5": a name that reads like a currency or a month.
        return False
    if token.lex == "'" and index > first and tokens[index - 1].lex in ("lil", "ol"):
        return after is not None and after.kind in ("word", "name")  # "lil' pete"
    if token.lex in ("&", "+"):
        return index > first and after is not None and after.kind in ("word", "name")
    if token.kind != "word" or token.lex != sentence.clean[token.start : token.end].lower():
        return False  # punctuation, or a word of ours with a slip in it
    owns = after is not None and after.kind == "possessive"
    if not token.lex.isalpha() and (
        _is_a_reference(token.lex, tokens[index - 1].lex if index else "", owns=owns)
        or not any(c.isalpha() for c in token.lex)
    ):
        return False  # an order or invoice number, or digits that made no amount
    if sentence.is_capital(index):
        return _is_a_name(sentence, token)
    return _belongs_in_lower_case(sentence, first, index, after)


def _belongs_in_lower_case(sentence: Sentence, first: int, index: int, after: Token | None) -> bool:
    token, tokens = sentence.tokens[index], sentence.tokens
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
    if _is_called_so(sentence, index, typed, after):
        return True
    if _is_plain_word(typed) and not (after is not None and after.kind == "possessive"):
        return False
    return (not lexicon.is_common(typed) and not names.is_title(typed)) or (names.is_title(typed) and after is not None)


#: What people put before a first name: "big dave", "uncle bob".
_EPITHETS: Final = words(
    """
    big old little lil young uncle aunt auntie coach dj captain cap'n chef father sister brother papa mama baby king
    queen tall skinny crazy fat doctor doc reverend pastor
    """
)


def _is_called_so(sentence: Sentence, index: int, typed: str, after: Token | None) -> bool:
    if typed not in _EPITHETS and typed not in CALLED_SO:
        return False
    if _has_an_epithet(sentence, index, after):
        return True
    before = sentence.tokens[index - 1].lex if index else ""
    return typed in CALLED_SO and _calls_somebody(before, after)


def _has_an_epithet(sentence: Sentence, index: int, after: Token | None) -> bool:
    if after is None or after.kind != "word" or after.lex in lexicon.THINGS or sentence.is_capital(index + 1):
        return False
    return not lexicon.is_common(after.lex) and not _is_plain_word(after.lex) and "_" not in after.lex


def _calls_somebody(before: str, after: Token | None) -> bool:
    """ "charge rich $20", "rich's card", "put may on": between a verb and a sum, or who owns something."""
    if after is None:
        return False
    if after.kind == "possessive":
        return before not in lexicon.THINGS
    return before in _TAKES_SOMEBODY and (after.kind == "money" or (before == "put" and after.lex == "on"))


_TAKES_SOMEBODY: Final = words("charge refund reimburse put debit bill")


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
    if len(typed) >= 7 and typed.endswith(("tion", "sion", "ness")):
        return True
    verb_form = len(typed) >= 6 and typed.endswith(("ed", "ing")) and typed not in _NAMES_LIKE_VERBS
    return verb_form or not quantities.NUMBER_WORDS.isdisjoint(typed.split("-"))
