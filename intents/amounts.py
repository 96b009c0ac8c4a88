"""What an amount in a sentence is for: a bound, a sum to move, or the mark of a payment. All in minor units."""

from decimal import Decimal

from paydesk.intents.entities.currency_signs import DOLLARS
from paydesk.intents.entities.money import MoneyMention, Number
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence, Token
from paydesk.intents.targets import Entities

_SUM = r"(?P<sum><money>|<n>)"
_BOUNDS = tuple(
    (key, lazy(pattern))
    for key, pattern in (
        (
            "amount_lte",
            r"(?:(?:less|lower|smaller) than or equal to|equal to or (?:less|lower) than|no more than"
            r"|not more than|not (?:over|above|exceeding)|at most|up to|maximum(?: of)?"
            rf"|max(?: of)?|not greater than|<=|< =|≤|=<|under or equal to|capped at) {_SUM}",
        ),
        (
            "amount_gte",
            r"(?:(?:greater|more|larger|higher) than or equal to|equal to or (?:greater|more|higher) than"
            r"|no less than|not less than|not (?:under|below)|at least|minimum(?: of)?|min(?: of)?|>=|> =|≥"
            rf"|=>|starting at|upwards? of|or more than) {_SUM}",
        ),
        (
            "amount_gt",
            r"(?:over|above|more (?:big )?than|greater than|bigger than|larger than|higher than|(?:more|bigger"
            r"|larger|higher|greater) as|superior to|exceeding|exceed(?:s|ed)?"
            r"|in excess of|beyond|north of|past|upward of|(?<!\w)>|worth more than"
            rf"|costing more than) (?:about )?{_SUM}",
        ),
        (
            "amount_lt",
            r"(?:under|sub -|sub-|below|less than|lower than|smaller than|fewer than|cheaper than|inferior to|south of"
            rf"|<(?! ?=)|beneath|short of) {_SUM}",
        ),
        (
            "amount_gte",
            rf"{_SUM} ?(?:\+|or (?:more|above|over|higher|greater|up)|and (?:up|above|over|more|higher)|plus"
            r"|minimum|upwards?)(?!\w)",
        ),
        (
            "amount_lte",
            rf"{_SUM} (?:or (?:less|below|under|lower|fewer)|and (?:under|below|less)|maximum|max|tops)(?!\w)",
        ),
    )
)
_BETWEEN = lazy(
    r"(?:between|from|in the range(?: of)?|ranging from) (?P<low><money>|<n>) (?:and|to|-"
    r"|–) (?P<high><money>|<n>)|(?P<low2><money>|<n>) (?:-|–|to) (?P<high2><money>|<n>)"
)
_THING_NEXT = lazy(
    r" (?:\w+ )?(?:payments?|charges|transactions?|customers?|subscriptions?|invoices?|disputes?"
    r"|payouts?|refunds?|products?|days?|weeks?|months?|years?|times|hours?|percent|people|items)\b"
)


_DOLLARS = frozenset(DOLLARS.values())


def mention_of(token: Token) -> MoneyMention | None:
    """The money of a token, a bare number taken as an amount without a currency."""
    if isinstance(token.value, MoneyMention):
        return token.value
    if isinstance(token.value, Number):
        doubt = "separator" if token.value.doubtful else None
        return MoneyMention(token.value.value, None, token.start, token.end, doubt, said_currency=False)
    return None


def said_currency(sentence: Sentence) -> str | None:
    """The currency said apart from any amount ("JPY payments", "in euros"); None if none or several."""
    said = {str(token.value) for token in sentence.of("currency")}
    return said.pop() if len(said) == 1 else None


def with_currency(sentence: Sentence, mention: MoneyMention) -> MoneyMention:
    """The mention with the sentence's currency where it has none of its own."""
    currency = said_currency(sentence)
    if (
        currency in _DOLLARS
        and mention.currency == "usd"
        and "us" not in sentence.text[mention.start : mention.end].lower()
    ):
        doubt = mention.doubt if mention.doubt in ("unread", "separator", "sign") else None
        return mention._replace(currency=currency, doubt=doubt)  # "in Canadian dollars below 20 dollars"
    if mention.currency is None and currency and mention.doubt in (None, "country"):
        return mention._replace(currency=currency, doubt=None)
    return mention


def find_bounds(sentence: Sentence) -> tuple[Entities, set[int]]:
    """Bounds such as `amount_gt` with `currency`, and the indexes of the tokens that they used."""
    entities: Entities = {}
    used: set[int] = set()
    if "<money>" not in sentence.gist and "<n>" not in sentence.gist:
        return entities, used
    between = _BETWEEN.search(sentence.gist)
    if between:
        pair = [(sentence.index_at(between.start(g))) for g in ("low", "high", "low2", "high2") if between[g]]
        said = any(sentence.tokens[i].kind == "money" for i in pair) or sentence.of("currency")
        if said or "between" in between[0]:
            _bound(sentence, "amount_gte", pair[0], entities, used)
            _bound(sentence, "amount_lte", pair[1], entities, used)
            return entities, used
    for key, pattern in _BOUNDS:
        for match in pattern.finditer(sentence.gist):
            index = sentence.index_at(match.start("sum"))
            bare = sentence.tokens[index].kind == "number"
            if index in used or (bare and _THING_NEXT.match(sentence.gist, match.end("sum"))):
                continue
            if _bound(sentence, key, index, entities, used):
                used |= set(range(sentence.index_at(match.start()), sentence.index_at(match.end() - 1) + 1))
    return entities, used


def _bound(sentence: Sentence, key: str, index: int, entities: Entities, used: set[int]) -> bool:
    mention = mention_of(sentence.tokens[index])
    if mention is None:
        return False
    mention = with_currency(sentence, mention)
    minor = mention.minor()
    used.add(index)
    if minor is None or mention.doubt == "conflict":
        return False
    entities[key] = minor
    if entities.get("currency") is None:
        entities["currency"] = mention.currency
    return True


def as_percent(value: Decimal) -> int | float:
    """50 for 50 %, 33.33 for a third."""
    return int(value) if value == value.to_integral_value() else float(value)
