"""Names of people and firms: known ones, capitalised ones, and the raw words that stand where a name must.

A name masks its words, so that "Refund Co" refunds nothing and "Grant Yen" is no amount.
"""

import re
from collections.abc import Sequence
from typing import Final

from paydesk.intents import lexicon
from paydesk.intents.entities import currency_names
from paydesk.intents.entities.capitals import Words, is_calendar, is_capital, is_sign
from paydesk.intents.entities.holidays import HOLIDAYS
from paydesk.intents.entities.numbers_of_names import after_number
from paydesk.intents.patterns import lazy
from paydesk.intents.words import words

_FIRM: Final = words(
    """
    co inc ltd llc llp plc gmbh ag sa sas sarl srl spa bv nv ab as oy oyj aps kg kk pty pte corp corporation company
    group holdings holding limited partners media trading studio studios labs sons bros brothers associates
    industries foods solutions systems services consulting ventures enterprises capital
    """
)
_PARTICLES: Final = words(
    """
    de da di del della du des van von der den dem la le el al bin ibn of the y e & + and und et zum zur vom beim im am
    aux au chez sur sous till op ter ten zu te aan ap ben bint binti abu dos das
    wa og af
    """
)
_PLAN_WORDS: Final = words("plan tier package subscription membership product")
#: What stands before a name.
TITLES: Final = words("mr mrs ms miss dr prof sir madam mx")
_CALENDAR: Final = words(
    """
    january february march april may june july august september october november december jan feb mar apr jun jul
    aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun q1
    q2 q3 q4 h1 h2 black cyber christmas easter thanksgiving halloween stripe visa mastercard amex american express
    discover i ytd mtd qtd wtd mrr arr ltv id eu us uk usa
    """
)
WORD: Final = lazy(r"[^\W_]+(?:[_.'&+-]+[^\W_]+)*|[&+]")
_ABBREVIATED: Final = words("mr mrs ms dr prof st jr sr inc co corp ltd llc bros capt wm rev sgt lt col gen hon mt")


class KnownNames:
    """Customer names to look for, longest first, without regard to case."""

    def __init__(self, names: Sequence[str]) -> None:
        self._by_first: dict[str, list[str]] = {}
        for name in names:
            words = name.strip().lower()
            if words:
                self._by_first.setdefault(re.split(r"[\s,]", words, maxsplit=1)[0], []).append(words)
        for found in self._by_first.values():
            found.sort(key=len, reverse=True)

    def namesakes(self, name: str) -> int:
        """How many known names `name` could mean: those that are it, or else those that hold all its words."""
        wanted = name.strip().lower()
        exact = sum(known_name == wanted for found in self._by_first.values() for known_name in found)
        if exact:
            return exact
        parts = set(wanted.split())
        return sum(parts <= set(known_name.split()) for found in self._by_first.values() for known_name in found)

    def find(self, text: str) -> list[tuple[int, int]]:
        """Where known names stand in `text`; a one-word name that is plain English counts only when capitalised."""
        if not self._by_first:
            return []
        low, spans, taken = text.lower(), [], 0
        if len(low) != len(text):  # a letter that changes length in lower case would shift every span
            return []
        for match in re.finditer(r"[^\s,]+", low):
            first = match[0]
            for name in (
                *self._by_first.get(first, ()),
                *self._by_first.get(first.removesuffix("'s").rstrip(".?!:;"), ()),
            ):
                end = match.start() + len(name)
                if match.start() < taken or not low.startswith(name, match.start()) or low[end : end + 1].isalnum():
                    continue
                if (
                    " " not in name
                    and lexicon.is_common(name)
                    and not (match.start() and text[match.start()].isupper())
                ):
                    continue
                spans.append((match.start(), end))
                taken = end
                break
        return spans


_KEPT: dict[int, tuple[Sequence[str], KnownNames]] = {}


def known(names: Sequence[str]) -> KnownNames:
    """The index of `names`, kept for the next sentence with the same list (which must not be changed in place)."""
    kept = _KEPT.get(id(names))
    if kept is None or kept[0] is not names:
        _KEPT.clear()
        kept = _KEPT[id(names)] = (names, KnownNames(names))
    return kept[1]


#: In lower case behind the first word: then it is neither all capitals nor a title. "I" is written with one anyway.
_SAID_SMALL: Final = frozenset(
    word for word in lexicon.SMALL | lexicon.THINGS.keys() if len(word) > 1 and word not in ("i'd", "i'm")
)


_WORDS: Final = re.compile(r"[^\W\d_][\w'-]*")


def is_cased(text: str) -> bool:
    """Whether capitals tell names from words here: not in ALL CAPS, and not In A Title."""
    if text.islower():
        return True
    # Behind a word that begins the text what stands between blanks and holds letters alone is a word too.
    if text[:1].isalpha() and not _SAID_SMALL.isdisjoint(text.split(" ")[1:]):
        return True
    words = _WORDS.findall(text)
    if not _SAID_SMALL.isdisjoint(words[1:]):
        return True
    if not any(word[0].isupper() for word in words):
        return True
    if all(word.isupper() for word in words if len(word) > 1) and len(words) > 1:
        return False
    small = [word for word in words[1:] if word.lower() in lexicon.SMALL or word.lower() in lexicon.THINGS]
    return not (len(small) >= 2 and all(word[0].isupper() for word in small if word.lower() not in ("i", "i'd", "i'm")))


def find_capitalised(text: str) -> list[tuple[int, int]]:
    """Runs of two or more capitalised words that are names: "Cancel Culture Media", "O'Brien & Sons", "Grant Yen".

    The first word of the sentence has its capital anyway and counts only before a firm's ending ("Refund Co"). Single
    capitalised words are left to the places where names stand. Call only where `is_cased`.
    """
    if text[1:].islower() or (text.isascii() and text[1:].lower() == text[1:]):
        return []
    words = [(m[0], *m.span()) for m in WORD.finditer(text)]
    spans = []
    index = 0
    while index < len(words):
        if words[index][0].islower():
            index += 1
            continue
        end = _run(text, words, index)
        if end - index <= 1 and _stands_alone(text, words, index, end):
            index += 1
            continue
        begin = _first_of_run(text, words, index, end)
        while index < begin < end and words[begin][0] in _PARTICLES:
            begin += 1  # "LTV of Globex"
        while begin and _is_small_part(words[begin - 1][0]) and text[words[begin - 1][2] : words[begin][1]] == " ":
            begin -= 1  # "van der Berg"
        if begin < end and (named := currency_names.name_at(text, words[begin][1])) is not None:
            while index < len(words) and words[index][1] < named[1]:  # "Hong Kong dollars"
                index += 1
            continue
        while end - begin > 1 and is_calendar(words[end - 1][0]) and not words[end - 1][0].isdigit():
            end -= 1
        said = {words[i][0].lower().rstrip(".").removesuffix("'s") for i in range(begin, end)} - _PARTICLES
        if end - begin >= 2 and not said <= _CALENDAR and not text[words[begin][1] :].lower().startswith(HOLIDAYS):
            begin = _with_number(text, words, begin)
            stop = words[end - 1][2]
            last = words[end - 1][0]
            shortened = last.lower() in _ABBREVIATED or _INITIALS.fullmatch(last)
            if text[stop : stop + 1] == "." and shortened and ("." in last or text[stop + 1 :].strip()):
                stop += 1
            stop = stop - 2 if text[:stop].endswith("'s") else stop
            # "Audit Sp. z o.o.": the form of a firm may begin with its last capital.
            legal = _LEGAL.match(text, stop) or _LEGAL.match(text, words[end - 2][2])
            spans.append((words[begin][1], max(legal.end(), stop) if legal else stop))
        elif end - begin == 1 and words[begin][1] and (legal := _LEGAL.match(text, words[begin][2])):
            spans.append((words[begin][1], legal.end()))
        index = max(end, index + 1)
    return spans


def _stands_alone(text: str, words: Words, index: int, end: int) -> bool:
    """Whether a run of one word or none is no name, whatever else were looked at."""
    if index and words[index - 1][0] in _SMALL_PARTS:
        return False
    alone = words[index][0].lower() not in currency_names.FIRST_WORDS and not _LEGAL.match(text, words[index][2])
    return end == index or alone


# Forms of firms that are not written with a capital first, or hold dots.
_LEGAL = lazy(
    r",? (?:\(Pty\) Ltd\.?|\(Pvt\.?\) (?:Ltd\.?|Limited)"
    r"|mbB|mbH|gGmbH|e\. ?[VKG]\.|eG|eK|[Ss]p\. ?z ?o\. ?o\.|sp\. ?[jk]\.|s\. ?r\. ?o\.|d\. ?o\. ?o\.|a\. ?s\."
    r"|k\. ?s\.|ml\."
    r"|S\. ?L\. ?(?:U\.)?|S\. ?A\. ?(?:S\.|R\. ?L\.)?|S\. ?r\. ?l\.|S\. ?p\. ?A\.|B\. ?V\.|N\. ?V\.|L\. ?L\. ?C\."
    r"|P\. ?C\.|plc|ltd\.?|llc|llp|inc\.?|gmbh|bv|kk|Co\. KG|i\. ?G\.|o\.p\.s\.|z\.s\.|kft|zrt|oü|eirl|ltda"
    r"|spol\. s r\.o\.)(?![\w])"
)
_NUMBER_BEFORE = lazy(r"(?P<before>\w+) (?P<number>[0-9]{1,3}) $")
_LEADS_TO_NAMES: Final = words("from by of customer client named called")
_TAKE_A_SUM: Final = words("charge bill refund")


def _with_number(text: str, words: Words, begin: int) -> int:
    """Where a name begins that has a number first: "payments from 4 Brothers Towing", "charge 4 Brothers Towing $5"."""
    if begin < 1 or not words[begin - 1][0].isdigit():
        return begin
    said = _NUMBER_BEFORE.search(text, max(0, words[begin][1] - 24), words[begin][1])
    if said is None:
        return begin
    before = said["before"].lower()
    # After a verb it is part of the name only where the amount stands elsewhere.
    amount = before in _TAKE_A_SUM and any(c.isdigit() for c in text[words[begin][2] :])
    return begin - 1 if before in _LEADS_TO_NAMES or amount else begin


def _run(text: str, words: Words, index: int) -> int:
    """One past the last word of the capitalised run at `index`; `index` itself if none begins here."""
    if not is_capital(words[index][0]) or text[words[index][2] : words[index][2] + 1] in ("$", "€", "£", "¥"):
        return index
    end = index + 1
    while end < len(words) and (on := _one_more(text, words, index, end)) > end:
        end = on
    while end - 1 > index and words[end - 1][0] in _SMALL_PARTS:
        end -= 1
    return end


def _one_more(text: str, words: Words, index: int, end: int) -> int:
    """One past what belongs to the name of words index..end-1 next: a word, a number, "'t Hart"; `end` if nothing."""
    word = words[end][0]
    if word.islower() and word not in _GO_ON and not word[0].isdigit():
        return end
    gap, last = text[words[end - 1][2] : words[end][1]], words[end - 1][0]
    if gap == ". " and (_INITIALS.fullmatch(last) or last.lower() in _ABBREVIATED):
        gap = " "
    if text[words[end][2] : words[end][2] + 1] in ("$", "€", "£", "¥") or is_sign(text, words[end]):
        return end  # the CA of CA$30
    if gap == " '" and word in ("t", "s", "n") and end + 1 < len(words) and is_capital(words[end + 1][0]):
        return end + 2  # "Zoë 't Hart"
    numbered = word[0].isdigit() or (word in ("No", "no", "Nr", "nr") and end + 1 < len(words))
    if numbered and (on := after_number(text, words, index, end)) > end:
        return on
    comma = gap == ", " and ((word.lower().rstrip(".") in _FIRM and word[0].isupper()) or _partners(words, end))
    if ((gap.strip() or "\n" in gap) and not comma) or (last.endswith("'s") and not _owns_its_name(words, end)):
        return end
    if last.endswith("'s") and word[0].isdigit() and end + 1 < len(words) and is_capital(words[end + 1][0]):
        return end + 2
    return end + 1 if is_capital(word) or _joins(words, end, gap) else end


def _is_an_article(words: Words, index: int) -> bool:
    """The 't of "van 't Hoff"."""
    return words[index][0] in ("t", "s") and index + 1 < len(words) and is_capital(words[index + 1][0])


def _partners(words: Words, index: int) -> bool:
    """ "Haddad, Khoury & Partners"."""
    ahead = words[index : index + 3]
    if len(ahead) >= 2 and is_capital(ahead[0][0]) and ahead[1][0].lower().removesuffix("'s") == "llp":
        return True
    return len(ahead) == 3 and is_capital(ahead[0][0]) and ahead[1][0] == "&" and ahead[2][0].lower() in _FIRM


def _joins(words: Words, index: int, gap: str) -> bool:
    """Whether a small word goes on to another part of the name: "Jan van der Berg", "Oscar the Grouch"."""
    if index + 1 >= len(words):
        return False
    word, after = words[index][0], words[index + 1][0]
    if word in _SMALL_PARTS and (after in _SMALL_PARTS or _is_an_article(words, index + 1)):
        return True
    if word == "do" and is_capital(after) and not is_calendar(after):
        return not lexicon.is_common(words[index - 1][0].lower())  # "João do Pix", not "How do I"
    if word.lower() not in _PARTICLES or not is_capital(after):
        return False
    if word.lower() == "the":
        follows = words[index + 2][0].lower() if index + 2 < len(words) else ""
        if follows in _PLAN_WORDS:
            return False  # "give Umbrella Corp the Enterprise plan"
        if after.lower() not in lexicon.THINGS and gap == " ":
            return True
    return word.lower() not in ("and", "of", "the", "und", "et", "e", "y", "og") or _firm_ahead(words, index)


_OWNED_BY_SOMEONE: Final = _PLAN_WORDS | words("subscriptions sub subs memberships plans invoice card")
_OF_OURS: Final = words(
    """
    pro basic starter premium enterprise business team plus gold silver bronze standard visa mastercard amex scale
    growth advanced essential ultimate free monthly yearly annual email phone
    """
)


def _owns_its_name(words: Words, index: int) -> bool:
    """Whether "Earl's" goes on as a firm's name ("Bait & Tackle"), not as the owner of a plan ("Earl's Pro plan")."""
    word = words[index][0]
    low = word.lower().removesuffix("'s")
    if word[0].isdigit() and word[-1].isalpha() and index + 1 < len(words) and is_capital(words[index + 1][0]):
        return True  # "Big Rick's 24h Diner"
    if not is_capital(word) or low in lexicon.THINGS or low in _OF_OURS or is_calendar(word):
        return False
    last = index + 1
    while last < len(words) and last - index < 4 and (is_capital(words[last][0]) or words[last][0] in _PARTICLES):
        last += 1
    return last >= len(words) or words[last][0].lower() not in _OWNED_BY_SOMEONE or words[last - 1][0].endswith("'s")


_INITIALS = lazy(r"(?:[^\W\d_]\.)*[^\W\d_]")


def _firm_ahead(words: Words, index: int) -> bool:
    """ "and" and "of" join a name only before "Sons", "Co" or the same word again: "Johnson and Johnson"."""
    after = words[index + 1][0].lower().removesuffix("'s").rstrip(".")
    return after in _FIRM or after == words[index - 1][0].lower() or words[index][0].lower() == "of"


def _first_of_run(text: str, words: Words, index: int, end: int) -> int:
    """Drops what is capitalised for another reason: the sentence's first word, a month, a currency code."""
    begin = index
    head = text[max(0, words[begin][1] - 12) : words[begin][1]].rstrip()
    labelled = head.endswith(":") and head[:-1].lower().endswith(_LABELS)  # "Add customer: Void Ltd"
    opening = begin == 0 or (head.endswith((".", "!", "?", ":", ";")) and not labelled)
    if (
        begin == 0
        and end > 1
        and words[end - 1][0].endswith("'s")
        and words[0][0].lower().removesuffix("'s") not in _SAID_FIRST
    ):
        return begin  # "Overdue Books's invoices"
    if begin == 0 and end > 1 and _IS_OR_HAS.match(text, words[end - 1][2]) and _may_be_subject(words[0][0].lower()):
        return begin  # "Shift Happens Moving is leaving us"
    if opening and begin < end and lexicon.is_common(words[begin][0].lower().removesuffix("'s")):
        firm = begin + 1 < end and words[begin + 1][0].lower().rstrip(".").removesuffix("'s") in _FIRM
        joined = begin + 1 < end and words[begin + 1][0] in ("&", "+")  # "Rich & Poor Clothing"
        begin += 0 if (firm and end - begin == 2) or joined else 1
    if opening is False and _is_titled_like_a_month(text, words, begin, end):
        return begin
    while (
        begin < end
        and _is_dated(text, words, begin, end)
        and (words[begin][0].lower().rstrip(".") in _CALENDAR - {"may", "june", "april", "august"})
    ):
        begin += 1
    return begin


def _may_be_subject(word: str) -> bool:
    return word not in _SAID_FIRST and not word.endswith("ly") and word not in lexicon.SMALL


_IS_OR_HAS = lazy(r" (?:is|has|was|wants|needs|asked|says|would|paid|owes|left|moved|called) ")
#: What a request can begin with before somebody's name.
_SAID_FIRST: Final = words(
    """
    show list find get give pull see view check refund charge bill cancel open send void pay update change add create
    email tell display fetch search look what which who how when where is are has have had did does do can could please
    any all and was were will would let need want review read print bring reimburse capture pause resume stop end start
    put take make set count compare total the if for from of to by with on in at my our a an mark issue debit return
    terminate unsubscribe discontinue kill reactivate unpause reinstate suspend freeze upgrade downgrade switch move
    migrate extend release hold authorize authorise adjust rename modify edit amend delete remove register enroll enrol
    subscribe settle kindly retrieve obtain provide identify determine report summarize summarise calculate compute
    analyse analyze produce present export confirm verify track locate collect credit repay process begin open close
    reverse hi hello hey dear ok okay yes no so also now today yesterday about regarding why whose whats
    """
)


def _is_titled_like_a_month(text: str, words: Words, begin: int, end: int) -> bool:
    """ "refunds to July Morning Press": a month before two words of a name, where somebody must stand."""
    before = words[begin - 1][0].lower() if begin else ""
    if before not in ("to", "from", "by", "for", "of") or end - begin < 3 or not is_calendar(words[begin][0]):
        return False
    return not any(is_calendar(word[0]) or word[0][0].isdigit() for word in words[begin + 1 : begin + 3])


_LABELS: Final = ("customer", "client", "name", "named", "called", "company")
_SMALL_PARTS: Final = words("van von der den de la di da del della dos du zu zum zur ter ten te bin ibn al el af")

_GO_ON: Final = _SMALL_PARTS | _PARTICLES | words("t s no nr do")


def _is_small_part(word: str) -> bool:
    """A particle that begins a name in lower case."""
    return word in _SMALL_PARTS


_DATED = lazy(r"\b(?:in|since|during|until|before|after|last|this|next|between|and|to|on|vs) $", re.IGNORECASE)


def _is_dated(text: str, words: Words, index: int, end: int) -> bool:
    """Whether a month or weekday is one, not the beginning of a name after a verb: "charge March Networks"."""
    alone = index + 1 >= end or is_calendar(words[index + 1][0])
    start = words[index][1]
    return alone or start == 0 or _DATED.search(text, max(0, start - 12), start) is not None


def is_title(word: str) -> bool:
    """ "Mr", "Dr." and their like."""
    return word.lower().rstrip(".") in TITLES
