"""Commands about what is sold and who buys it, where the desk offers them: links, products, coupons, portals, meters.

Each has to be the whole sentence in one of a few plain forms. People are an e-mail, an id, a quote or a name that shows
as one: nobody is deleted for being the last words of a sentence.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

from paydesk.intents import amounts
from paydesk.intents.entities.dates import find_dates
from paydesk.intents.entities.money import Number
from paydesk.intents.entities.quantities import Interval
from paydesk.intents.patterns import Likely
from paydesk.intents.sentence import Sentence
from paydesk.intents.writes.commands import Command
from paydesk.intents.writes.filling import Filled, sums_of, take_amount
from paydesk.intents.writes.heads import frame
from paydesk.intents.writes.plain_names import WORD, WORDS

_END: Final = (
    r"(?: (?:please|now|today|for me|thanks|on (?:the |my |our )?(?:\w+ 's )?behalf(?: of (?:the |our )?\w+)?"
    r"|as (?:instructed|agreed|discussed)))*(?: [.!])*$"
)
_WHO: Final = r"(?P<who><who>|<mail>|<cus>|<quote>)"
_NAME: Final = rf"(?P<name><who>|<quote>|{WORDS})"
_NEW: Final = r"(?:create|make|add|set up) (?:a |an |the )?(?:new )?"
# Of what is in a shop's hands, "photos" is no product's name; a product so called is put in quotes or given by its id.
_WANTED: Final = r"(?:(?<=need )|(?<=want )|(?<=like ))(?:a |an )?(?:new )?"
_PRODUCT: Final = (
    rf"(?:the )?product (?P<product><who>|<prod>|<quote>|(?!(?:photos?|images?|pages?|lists?|line|team|catalog(?:ue)?"
    rf"|roadmap|docs?|managers?|names?|reviews?|descriptions?)\b){WORDS})"
)
_ITS: Final = r"(?: (?:for|at|costing|priced at) <money>(?: <recurs>)?)?"
_WHAT: Final = rf"(?: for (?:(?:the |a |an |our |my )?(?P<what><quote>|{WORDS})|(?P<whom><who>|<mail>|<cus>)))?"
_CALLED: Final = r" (?:called|named) (?P<what><quote>|<who>)"
_LEADS: Final = r"(?: (?:leading|returning|going|redirecting|that leads) to (?P<web><web>))?"
_LINK: Final = r"(?P<link>plink_[a-z0-9]+|<web>)"
_OFF: Final = r"(?P<off><share>|<money>) off"
_HOW_LONG: Final = r"(?: (?:for (?P<months><n>) months|(?P<forever>forever)))?"
_CODE: Final = r"(?P<code><quote>|<who>|[a-z0-9][a-z0-9-]{2,39})"
_COUPON: Final = rf"(?:the )?(?:coupon (?P<coupon><quote>|<who>|{WORDS})|(?P<before><quote>|<who>|{WORD}) coupon)"
_CARD: Final = (
    r"(?:(?P<brand>visa|mastercard|amex|discover|jcb) )?(?:(?:that )?(?:ending|ends)(?: in| with)? )?"
    r"(?P<digits><n>|<date>)|(?P<method><id>)"
)
_METER: Final = r"(?P<meter><quote>|(?=\w*_)[a-z][a-z0-9_]*)"
_FROM: Final = r"(?:(?:from|starting|beginning|as of)(?: on)? )?<date>"
_FROM_ON: Final = r"(?:(?:from|starting|beginning|as of|on)(?: on)? )?<date>"
_SOLD: Final = rf"(?:(?:the |a |our )?(?P<sold><quote>|<who>|(?:<n> )?{WORDS})(?: (?:plan|product))?|<price>|<prod>)"
_FRAMES: Final = tuple(
    frame(skill, pattern, _END)
    for skill, pattern in (
        ("create_payment_link", rf"{_NEW}payment link (?:for|of|over) <money>{_WHAT}"),
        ("create_payment_link", rf"{_NEW}payment link (?:for|of|over) <money>{_CALLED}"),
        ("create_payment_link", rf"{_WANTED}payment link (?:for|of|over) <money>{_WHAT}"),
        (
            "create_payment_link",
            r"(?:create|make|generate|send|set up)(?: me| us)? (?:a |an |the )?(?:new )?payment link",
        ),
        (
            "create_payment_link",
            r"(?:create|make|generate|send|give|get|set up|build|spin up)(?: me| us)? (?:a |an |the )?(?:new )?"
            rf"(?:(?:payment|pay|checkout) ?link (?:for|of|over|worth|at) <money>|<money> (?:payment"
            rf"|pay) ?link){_WHAT}",
        ),
        (
            "create_payment_link",
            rf"{_NEW}payment link (?:for|to sell|to buy) {_SOLD}",
        ),
        (
            "create_checkout",
            rf"{_NEW}checkout(?: page| session)? for {_SOLD}{_LEADS}",
        ),
        ("create_checkout", rf"(?:{_NEW})?checkout(?: page| session)? for {_WHO} (?:for|to buy|with) {_SOLD}{_LEADS}"),
        ("create_checkout", rf"(?:{_NEW})?checkout(?: page| session)? for {_SOLD} for {_WHO}{_LEADS}"),
        ("create_checkout", rf"{_NEW}checkout(?: page| session)? (?:for|of|over) <money>(?: for {_WHO})?{_LEADS}"),
        ("deactivate_payment_link", rf"(?:deactivate|disable|switch off|turn off) (?:the )?payment link {_LINK}"),
        ("deactivate_payment_link", rf"(?:switch|turn) (?:the )?payment link {_LINK} off"),
        ("create_product", rf"{_NEW}product (?:called|named) {_NAME}{_ITS}"),
        ("create_product", rf"{_NEW}product (?P<name><quote>|<who>){_ITS}"),
        ("create_product", rf"{_NEW}product {_NAME} (?:for|at|costing|priced at) <money>(?: <recurs>)?"),
        ("update_product", rf"(?P<archived>archive) {_PRODUCT}"),
        ("update_product", rf"(?P<active>unarchive|reactivate|bring back|restore) {_PRODUCT}"),
        ("update_product", rf"rename {_PRODUCT} (?:to|as) {_NAME}"),
        ("update_product", rf"describe {_PRODUCT} as (?P<described><quote>)"),
        ("create_price", rf"{_NEW}price (?:of|for) <money>(?: <recurs>)? (?:to|for) {_PRODUCT}"),
        (
            "create_price",
            r"(?:create|make|add|set up) (?:a |an |the )?(?:new )?price of <money>(?: <recurs>)? (?:to|for) "
            r"(?P<product><who>|<prod>|<quote>|[a-z][\w-]+)",
        ),
        ("create_coupon", rf"{_NEW}coupon (?:for|of|with) {_OFF}{_HOW_LONG} (?:called|named) {_NAME}"),
        ("create_coupon", rf"{_NEW}coupon {_NAME} (?:with|for|of|giving) {_OFF}{_HOW_LONG}"),
        ("create_coupon", rf"{_NEW}{_OFF} coupon{_HOW_LONG} (?:called|named) {_NAME}"),
        ("create_promotion_code", rf"{_NEW}(?:promotion|promo|discount) code {_CODE} for {_COUPON}"),
        ("delete_customer", rf"(?:delete|remove|erase) (?:the )?(?:customer|client) {_WHO}(?: for good| permanently)?"),
        ("delete_customer", r"(?:delete|erase) <cus>(?: for good| permanently)?"),
        (
            "detach_payment_method",
            rf"(?:remove|delete|detach) (?:the )?(?:saved )?(?:card|payment method) (?:{_CARD}) (?:of|from) {_WHO}",
        ),
        ("detach_payment_method", rf"(?:remove|delete|detach) (?:the )?(?:saved )?card (?:of|from) {_WHO}"),
        ("detach_payment_method", rf"(?:remove|delete|detach) {_WHO} 's (?:saved )?card"),
        ("detach_payment_method", rf"(?:remove|delete|detach) {_WHO} 's (?:saved )?card (?:{_CARD})"),
        ("open_customer_portal", rf"open (?:the |a )?(?:customer |billing )?portal(?: page)? (?:for|of) {_WHO}"),
        (
            "open_customer_portal",
            rf"(?:create|make) (?:a )?(?:customer |billing )?portal (?:page|link|session) for {_WHO}",
        ),
        (
            "schedule_subscription",
            rf"schedule (?:a )?(?:new )?subscription (?:(?:of|to|on) (?P<price><price>) )?for {_WHO} {_FROM}",
        ),
        (
            "schedule_subscription",
            rf"schedule (?:a )?(?:new )?subscription for {_WHO} (?:(?:of|to|on) <price> )?{_FROM}"
            r"(?: (?:on|at|to) <price>)?",
        ),
        (
            "schedule_subscription",
            rf"schedule {_WHO} to (?:start|begin) (?:(?:on |with )?(?:the )?(?:(?P<price><price>)|{WORDS}) )?"
            rf"{_FROM_ON}",
        ),
        (
            "schedule_subscription",
            rf"(?P<moves>move|switch|change|upgrade|downgrade) {_WHO} to (?:the )?(?:(?P<plan><quote>|{WORDS})|<price>)"
            rf"(?: plan)? {_FROM_ON}",
        ),
        ("report_usage", rf"report (?P<used><n>) (?P<metered>[a-z][\w-]*) of usage (?:of|for|by) {_WHO}"),
        ("report_usage", rf"report (?:usage of )?(?P<used><n>) {_METER} (?:of|for|by) {_WHO}"),
    )
)
SKILLS: Final = frozenset(skill for skill, _, _ in _FRAMES)


_HEADS: Final = frozenset().union(*[first for _, first, _ in _FRAMES if first is not None])


@lru_cache(maxsize=4096)
def _frames_for(word: str, offered: frozenset[str]) -> Likely[str]:
    """The forms, of what is offered, that a clause beginning with `word` can have."""
    return Likely(
        (skill, pattern) for skill, first, pattern in _FRAMES if skill in offered and (first is None or word in first)
    )


def command_at(gist: str, word: str, start: int, stop: int, offered: frozenset[str]) -> Command | None:
    """The command that the clause at `start` is, wholly, among the skills offered; it begins with `word`."""
    for skill, pattern in _frames_for(word if word in _HEADS else "", offered)(gist):
        if pattern.match(gist, start, stop):
            return Command(skill, start, gist.find(" ", start) + 1)
    return None


def fill(sentence: Sentence, command: Command, filled: Filled) -> None:
    """The slots of the form that was met; ids are taken already. What follows the form's clause is a doubt."""
    found = (pattern.match(sentence.gist, command.start) for skill, _, pattern in _FRAMES if skill == command.skill)
    match = next((match for match in found if match), None)
    if match is None:
        filled.doubt = "residue"
        return
    for name, text in match.groupdict().items():
        if text is not None:
            _TAKERS[name](sentence, match, text, filled)
    _take_sum(sentence, command, filled)
    _OWN.get(command.skill, _nothing_more)(sentence, filled)


_LINKS: Final = frozenset({"create_payment_link", "create_checkout"})


def _take_sum(sentence: Sentence, command: Command, filled: Filled) -> None:
    take_amount(sentence, filled, [mention for _, mention in sums_of(sentence)])
    price = filled.entities.pop("price_id", None) if command.skill in _LINKS else None
    sold = filled.entities.pop("product", None) if command.skill in _LINKS else None
    if command.skill in _LINKS and sold is None:
        sold = filled.entities.pop("product_id", None)
    if price or sold:
        filled.entities["items"] = [{"price": price or sold}]
    elif command.skill in _LINKS and "amount" not in filled.entities and filled.doubt is None:
        filled.missing.append("amount")
    if "amount" in filled.entities and not filled.entities.get("currency"):
        filled.missing.append("currency")
    for token in sentence.of("every"):
        if isinstance(token.value, Interval):
            filled.entities["interval"] = token.value.unit
            if token.value.count != 1:
                filled.entities["interval_count"] = token.value.count


def _text(sentence: Sentence, match: "re.Match[str]", group: str) -> str:
    """What was typed there; of something in quotes what stands between them."""
    first, last = sentence.index_at(match.start(group)), sentence.index_at(match.end(group) - 1)
    token = sentence.tokens[first]
    return str(token.value) if token.kind == "quote" and first == last else sentence.raw(first, last + 1)


Taker = Callable[[Sentence, "re.Match[str]", str, Filled], None]


def _as(entity: str, group: str) -> Taker:
    """Takes what was typed in `group` for `entity`."""

    def take(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
        del text
        filled.entities[entity] = _text(sentence, match, group)

    return take


def _is(entity: str, value: str) -> Taker:
    """Takes the word of a group for one value of `entity`."""

    def take(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
        del sentence, match, text
        filled.entities[entity] = value

    return take


def _who(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    if text != "<cus>":
        filled.entities["email" if text == "<mail>" else "customer"] = _text(sentence, match, "who")


def _whom(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    """A link is for whoever has it: a person there is asked about, and may be what it is called after all."""
    del sentence, match, text
    filled.entities.pop("customer_id", None)
    filled.missing.append("description")


def _product(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    if text == "<prod>":
        return
    index = sentence.index_at(match.start("product"))
    by_itself = not sentence.gist[: match.start("product")].endswith("product ")
    if by_itself and not text.startswith("<") and not sentence.is_capital(index):
        filled.doubt = "product"  # "add a price of $5 to lunch"
    else:
        filled.entities["product"] = _text(sentence, match, "product")


def _off(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    if text == "<share>":
        share = sentence.tokens[sentence.index_at(match.start("off"))].value
        if isinstance(share, Decimal) and 0 < share <= 100 and share == round(share, 2):
            filled.entities["percent"] = amounts.as_percent(share)
        else:
            filled.doubt = "percent"


def _count(sentence: Sentence, match: "re.Match[str]", group: str, filled: Filled) -> int | None:
    value = sentence.tokens[sentence.index_at(match.start(group))].value
    if isinstance(value, Number) and not value.doubtful and value.value == int(value.value) > 0:
        return int(value.value)
    filled.doubt = "count"
    return None


def _months(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    del text
    if (count := _count(sentence, match, "months", filled)) is not None:
        filled.entities |= {"duration": "repeating", "months": count}


def _used(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    del text
    if (count := _count(sentence, match, "used", filled)) is not None:
        filled.entities["used"] = count


def _code(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    del text
    said = _text(sentence, match, "code")
    if re.fullmatch(r"[A-Za-z0-9-]{3,40}", said):
        filled.entities["code"] = said
    else:
        filled.missing.append("code")


def _digits(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    del text
    said = _text(sentence, match, "digits")
    if re.fullmatch(r"\d{4}", said):
        filled.entities["last4"] = said
    else:
        filled.missing.append("card")


_TAKERS: Final[Mapping[str, Taker]] = {
    "who": _who,
    "whom": _whom,
    "what": _as("description", "what"),
    "sold": _as("product", "sold"),
    "plan": _as("product", "plan"),
    "moves": _is("subscription", "current"),
    "described": _as("description", "described"),
    "name": _as("name", "name"),
    "product": _product,
    "archived": _is("status", "archived"),
    "active": _is("status", "active"),
    "web": _as("success_url", "web"),
    "link": _as("payment_link", "link"),
    "off": _off,
    "months": _months,
    "forever": _is("duration", "forever"),
    "code": _code,
    "coupon": _as("coupon", "coupon"),
    "before": _as("coupon", "before"),
    "brand": _as("card_brand", "brand"),
    "digits": _digits,
    "method": _as("payment_method", "method"),
    "price": lambda *_: None,  # an id, which is taken already
    "meter": _as("meter", "meter"),
    "metered": _as("meter", "metered"),
    "used": _used,
}


def _nothing_more(sentence: Sentence, filled: Filled) -> None:
    del sentence, filled


def _schedule(sentence: Sentence, filled: Filled) -> None:
    """One phase without an end, from a day ahead; more of them are for a call, not for a sentence."""
    price = filled.entities.pop("price_id", None) or filled.entities.pop("product", None)
    if price is None:
        filled.missing.append("price")
    else:
        filled.entities["phases"] = [{"price": price}]
    ahead = find_dates(sentence.undated, sentence.today, ahead=True)
    day = ahead[0] if len(ahead) == 1 else None
    if (
        day is None
        or day.doubtful
        or day.grain not in ("day", "since")
        or day.start is None
        or day.start <= sentence.today
    ):
        filled.doubt = filled.doubt or "date"
    else:
        filled.entities["start_date"] = day.start.isoformat()


def _detach(sentence: Sentence, filled: Filled) -> None:
    del sentence
    if not filled.entities.keys() & {"last4", "payment_method"} and "card" not in filled.missing:
        filled.missing.append("card")


_OWN: Final[Mapping[str, Callable[[Sentence, Filled], None]]] = {
    "schedule_subscription": _schedule,
    "detach_payment_method": _detach,
}
