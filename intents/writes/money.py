"""The slots of the writes that move money: refunds and payments."""

import re
from datetime import date
from typing import Final

from paydesk.intents import amounts, lexicon
from paydesk.intents.entities.dates import DateMention
from paydesk.intents.patterns import lazy, worded
from paydesk.intents.sentence import Sentence
from paydesk.intents.words import words
from paydesk.intents.writes.commands import Command
from paydesk.intents.writes.filling import Filled, ask_for_sums_elsewhere, sums_of, take_amount, take_customer

_PAYMENT_SUM = worded(
    r"(?:the|that|this|his|her|their|a|'s|last|latest|recent|of|one) (?:(?:last|latest|recent"
    r"|most recent|single) )?<money> (?:payment|charge|transaction|purchase|order|one)\b|(?:payment"
    r"|charge|transaction|purchase|order) (?:of|for) <money>|<money> (?:payment|charge|transaction"
    r"|purchase|order)\b"
)
_LATEST = worded(
    r"\b(?:last|latest|most recent|newest|recent|final) (?:\w+ ){0,2}?(?:<money> )?(?:payment|charge"
    r"|transaction|purchase|order|one)\b|\blast (?:paid|bought|purchased)\b|\b(?:paid|bought|purchased"
    r"|spent) last time\b|\blatest (?:from|of|by)\b|\blatest[ .!]*$"
)
_FULL = worded(
    r"\b(?:in full|fully|in (?:its |their )?entirety"
    r"|(?:his|her|their|its|that) (?:whole|entire|full)"
    r"|full (?:refund|amount|reimbursement|payment|charge)|the (?:full|whole|entire"
    r"|complete|total)|complete(?:ly)? refund|entirely|completely|refund complete|all of (?:it|the|that|<pi>|<ch>)"
    r"|everything (?:on|for|from|of|in)|all (?:of )?the money (?:of|for|from|on)|the lot|whole (?:payment|amount"
    r"|thing|charge)"
    r"|entire (?:payment|amount|charge)|full|100%|total refund)\b|\ball of <(?:pi|ch)>"
)
_REASONS: Final = (
    (
        "duplicate",
        worded(
            r"\bduplicated?\b|\bdouble[- ](?:charge|charged|billed|payment|paid)\b|\bcharged (?:them |him "
            r"|her |us )?twice\b|\bpaid twice\b|\btwice by mistake\b|\bdupe\b"
        ),
    ),
    ("fraudulent", worded(r"\bfraud(?:ulent)?\b|\bstolen card\b|\bscam\b")),
    (
        "requested_by_customer",
        worded(
            r"\brequested[_ ]by[_ ](?:the )?customer\b|\b(?:customer|client|they|she|he) (?:has "
            r"|had )?(?:asked|requested|request|wants|wanted|changed)\b|\b(?:customer"
            r"|client)(?: 's)? request\b|\bat (?:the )?(?:customer|client|their|her|his)(?: 's)? request\b"
            r"|\bas requested\b|\bper (?:their|her|his|customer) request\b"
        ),
    ),
)
_BECAUSE = worded(
    r"(?<!\S)(?:because(?: of)?|since|due to|on account of|reason(?: is)? ?:?|as (?=it |they |he |she "
    r"|the |an? )) ?(.+?)(?: [.!])?$"
)


_ALL_OF_IT = worded(
    r"\b(?:in full|fully|entirely|completely|all of (?:it|<pi>|<ch>)|the whole (?:thing|payment))(?!\w)"
)


def fill_refund(sentence: Sentence, command: Command, filled: Filled) -> None:
    """Which payment or whose, how much of it, and why."""
    gist = sentence.gist
    take_customer(sentence, command, filled, prepositions="from|by|for|to|of|with|on")
    sums = sums_of(sentence, None if sentence.of("share") else command)
    marked = _PAYMENT_SUM.search(gist)
    payment_sums: list[int] = []
    if marked:
        at = sentence.index_at(marked.start() + marked[0].index("<money>"))
        whole = [mention for i, mention in sums if i == at]
        payment_sums = [at]
        take_amount(sentence, filled, whole, key="payment_amount")
    take_amount(sentence, filled, [mention for i, mention in sums if i not in payment_sums])
    shares = sentence.of("share")
    if len(shares) == 1:
        share = amounts.as_percent(shares[0].value)  # type: ignore[arg-type]  # a share's value is a Decimal
        if share == 100:
            filled.entities["full"] = True
        elif 0 < share < 100:
            filled.entities["percent"] = share
        else:
            filled.doubt = filled.doubt or "percent"
    elif shares:
        filled.doubt = filled.doubt or "amounts"
    elif "amount" not in filled.entities and _says_a_quarter(sentence):
        filled.entities["percent"] = 25
    ask_for_sums_elsewhere(sentence, command, filled)
    if not shares and "amount" not in filled.entities and _FULL.search(gist):
        filled.entities["full"] = True
    if "amount" in filled.entities and _ALL_OF_IT.search(gist):
        filled.doubt = filled.doubt or "amounts"  # "$20 in full": the one or the other
        del filled.entities["amount"], filled.entities["currency"]
    if _LATEST.search(gist):
        filled.entities["payment_ref"] = "latest"
    _reason(sentence, filled)
    _payment_dates(sentence, filled)
    one_payment(filled)
    ask_for_what_was_not_read(sentence, command, filled)
    said = filled.entities.keys()
    if not said & _SAYS_WHICH and not (said & _SAYS_WHOSE and said & _SAYS_HOW_MUCH):
        filled.missing.append("payment")
    elif said & _SAYS_WHICH == {"payment_ref"} and not said & _SAYS_WHOSE:
        filled.missing.append("customer")


def _says_a_quarter(sentence: Sentence) -> bool:
    """ "refund a quarter": of a payment it is a part, and no three months."""
    said = [sentence.text[token.start : token.end].lower() for token in sentence.of("every")]
    return said in (["a quarter"], ["one quarter"])


_SAYS_WHICH: Final = frozenset({"payment_intent_id", "charge_id", "payment_ref", "invoice_id"})
# A customer alone does not say which of their payments, nor how much of it.
_SAYS_WHOSE: Final = frozenset({"customer", "email", "customer_id"})
_SAYS_HOW_MUCH: Final = frozenset({"amount", "percent", "full", "payment_amount", "start"})


# What may stand in a sentence about a refund and yet be no amount: it must not vanish, or the whole would be refunded.
_SIGNS: Final = frozenset("$€£¥₹₩₽₺₫₪฿₴₦₱")
_COUNTED_PAYMENT = worded(
    r"\b(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|previous|penultimate"
    r"|next[- ]to[- ]last|oldest|earliest|largest|biggest|smallest)(?:[- ](?:to|but|last|latest|one|most|recent))* "
    r"(?:payment|charge|transaction|purchase|order|one)\b"
)


_MORE_OR_LESS = worded(
    r"<money> (?:\w+ )?(?:plus|and|with|incl|including|excl|excluding|before|after|less|minus|net of|without)\.? "
    r"(?:the |any |all )?(?:tax(?:es)?|vat|gst|fees?|shipping|postage|tips?|interest|costs?)\b"
)


def one_payment(filled: Filled) -> None:
    """An intent and a charge are two things to act on."""
    if {"payment_intent_id", "charge_id"} <= filled.entities.keys():
        filled.doubt = filled.doubt or "several"


def says_latest(gist: str) -> bool:
    """ "the last payment", "their most recent charge"."""
    return _LATEST.search(gist) is not None


def is_in_full(gist: str) -> bool:
    """ "in full", "the whole amount"."""
    return _FULL.search(gist) is not None


def ask_for_what_was_not_read(sentence: Sentence, command: Command, filled: Filled) -> None:
    """A sign or number that could be the amount and is not, or a payment told by its place, is a question."""
    before = sentence.tokens[: sentence.index_at(command.start)]
    if "amount" not in filled.entities and any(token.kind in ("number", "money") for token in before):
        filled.doubt = filled.doubt or "amount_unread"  # "I owe him 20, refund pi_..."
    # Signs and digits inside an amount belong to its token; what stands alone was not understood.
    alone = [token for token in sentence.tokens if token.kind in ("word", "punct", "currency")]
    signs = any(sentence.text[token.start : token.end] in _SIGNS for token in alone)
    if signs or ("amount" not in filled.entities and any(token.lex.isdigit() for token in alone)):
        filled.doubt = filled.doubt or "amount_unread"
    if _MORE_OR_LESS.search(sentence.gist):
        filled.doubt = filled.doubt or "hedged"
        for name in ("amount", "currency"):  # only what is certain is told
            filled.entities.pop(name, None)
    counted = _COUNTED_PAYMENT.search(sentence.gist)
    if counted:
        filled.doubt = filled.doubt or "which_payment"
        filled.entities.pop("payment_ref", None)
        if str(filled.entities.get("customer", "")).lower() in counted[0].split():
            del filled.entities["customer"]


def _reason(sentence: Sentence, filled: Filled) -> None:
    because = _BECAUSE.search(sentence.gist)
    for reason, pattern in _REASONS:
        if pattern.search(sentence.gist):
            filled.entities["reason"] = reason
            return
    if because and because[1].strip():
        first = sentence.index_at(because.start(1))
        filled.entities["reason"] = sentence.text[sentence.tokens[first].start :].strip().rstrip(".!")
        return
    labelled = "<quote>" in sentence.gist and re.search(r"\breason (?:is |: )?<quote>", sentence.gist)
    if labelled:
        filled.entities["reason"] = sentence.of("quote")[-1].value


def _payment_dates(sentence: Sentence, filled: Filled) -> None:
    """A date says which payment is meant if it is past; a refund cannot be put off."""
    if not sentence.dates:
        return
    said = sentence.dates[0]
    if said.doubtful or len(sentence.dates) > 1:
        filled.doubt = filled.doubt or "date"
    elif _is_ahead(said, sentence.today):
        filled.doubt = filled.doubt or "later"
    elif _PAID.search(sentence.gist) or _leads_back(sentence, said):
        filled.entities["start"] = said.start.isoformat() if said.start else None
        filled.entities["end"] = said.end.isoformat() if said.end else None
    elif said.start != sentence.today:
        filled.doubt = filled.doubt or "later"


_PAID = worded(r"\b(?:payment|charge|transaction|purchase|order|one|paid)\b")


def _leads_back(sentence: Sentence, said: DateMention) -> bool:
    """ "refund Anna $20 from 20 November": of that day's payment."""
    before = sentence.text[max(0, said.start_pos - 6) : said.start_pos].lower()
    return said.start is not None and before.endswith(("from ", " of "))


def _is_ahead(said: DateMention, today: date) -> bool:
    """Whether a day or an hour is meant that a refund would have to wait for."""
    begins = said.start is not None and said.start > today
    return begins or said.grain == "time" or (said.end is None and said.start == today)


_HELD = lazy(r"(?:hold|(?:pre-?)?authori[sz]e|\w+ (?:an? )?(?:<money> )?(?:hold|(?:pre-?)?authori[sz]ation))\b")
_ONLY_HELD = worded(
    r"\b(?:as an? (?:hold|(?:pre-?)?authori[sz]ation)|on hold|hold only|(?:pre-?)?authori[sz]e only"
    r"|authori[sz]ation only"
    r"|(?:don't|do not|without) captur(?:e|ing)|capture (?:it )?later)\b"
)
_FOR_WHAT = worded(
    r"(?<!\S)for (?:the |a |an |our |their |his |her |my )?((?!<|\d)[^<,.;]+?)(?= (?:from|to|on|with"
    r"|by|via|using|,|please|asap|now)\b| [,.;!?]|$)"
)


def fill_payment(sentence: Sentence, command: Command, filled: Filled) -> None:
    """Who is charged, how much, and what for."""
    take_customer(sentence, command, filled, prepositions="from|to|for|by|on|against|of|with|via")
    sums = sums_of(sentence, command)
    take_amount(sentence, filled, [mention for _, mention in sums])
    ask_for_sums_elsewhere(sentence, command, filled)
    ask_for_what_was_not_read(sentence, command, filled)
    if sentence.of("share"):
        filled.doubt = filled.doubt or "amounts"
        for name in ("amount", "currency"):
            filled.entities.pop(name, None)
    if sentence.dates and not _is_now(sentence) and not _is_what_for(sentence, filled):
        filled.doubt = filled.doubt or "later"
    _description(sentence, filled)
    if _HELD.match(sentence.gist, command.start) or _ONLY_HELD.search(sentence.gist):
        filled.entities["capture"] = "later"
    _card(sentence, filled)
    filled.entities.pop("payment_intent_id", None)
    if not filled.entities.keys() & {"customer", "email", "customer_id"}:
        filled.missing.append("customer")
    if "amount" not in filled.entities:
        filled.missing.append("amount")
    elif filled.entities.get("currency") is None:
        filled.missing.append("currency")


_CARD_ENDING = worded(
    r"\b(?:ending|ends|ended|terminating|last ?(?:4|four)(?: digits)?|last4)"
    r"(?: (?:in|with|on|is|are|digits|:))* ?(?P<n><n>)"
)
_CARD_BRAND = worded(
    r"(?:\b(?:on|with|using|to|against|via|his|her|their|the)|'s) (?P<brand>visa|master ?card|amex|american express"
    r"|discover|diners(?: club)?|jcb|union ?pay)\b"
)
_BRANDS: Final = {
    "american express": "amex",
    "master card": "mastercard",
    "diners club": "diners",
    "union pay": "unionpay",
}


def _card(sentence: Sentence, filled: Filled) -> None:
    """Which saved card: its brand, its last four digits."""
    ending = _CARD_ENDING.search(sentence.gist)
    if ending:
        token = sentence.tokens[sentence.index_at(ending.start("n"))]
        digits = sentence.text[token.start : token.end]
        if re.fullmatch(r"[0-9]{4}", digits):
            filled.entities["last4"] = digits
            if not sentence.of("money") and filled.entities.get("amount") == int(digits) * 100:
                del filled.entities["amount"], filled.entities["currency"]  # the card's digits are no sum
        else:
            filled.doubt = filled.doubt or "referent"
    brand = _CARD_BRAND.search(sentence.gist)
    if brand:
        filled.entities["card_brand"] = _BRANDS.get(brand["brand"], brand["brand"])


def _is_what_for(sentence: Sentence, filled: Filled) -> bool:
    """ "for March", "for the march retainer": the date says what is paid, not when."""
    match = re.search(r"(?<!\S)for (?:the |a |his |her |their |our )?<date>(?: [\w'-]+){0,4}[ .!]*$", sentence.gist)
    if match is None or len(sentence.dates) > 1:
        return False
    said = re.search(
        r"\bfor (?:the |a |his |her |their |our )?(?=\S)(.*)$",
        sentence.text[: sentence.dates[0].end_pos + 80],
        re.IGNORECASE,
    )
    words = sentence.text[sentence.dates[0].start_pos :].strip().rstrip(".!")
    if said and words.lower() != "today":
        filled.entities["description"] = words
    return True


def _is_now(sentence: Sentence) -> bool:
    return all(said.start == sentence.today and said.grain == "day" for said in sentence.dates)


# "charge Bob $8.25 shipping": the words that end the sentence say what for, unless they say how much.
_TRAILING_WORDS = lazy(r"<money> ((?:[a-z]{3,} ){0,2}[a-z]{3,})[ .!]*$")
_NOT_WHAT_FOR: Final = words(
    """
    maybe perhaps probably possibly each apiece more less off max min maximum
    minimum plus minus per total extra only again twice times not but then
    until after before later please pls asap now today back dozen hundred thousand million grand cents pence straight
    tax taxes vat gst fee fees tip tips
    away immediately instantly once for from with via using thanks thank you usd eur gbp and the
    """
)


def _is_unsaid(sentence: Sentence, filled: Filled, first: int, last: int) -> bool:
    """Whether tokens first..last-1 are plain words that are no part of the customer's name."""
    customer = str(filled.entities.get("customer", "")).lower()
    return all(
        token.kind == "word" and token.lex not in customer and not sentence.is_capital(index)
        for index, token in enumerate(sentence.tokens[first:last], first)
    )


_HOW_SOON: Final = frozenset(("real", "really", "super", "quick", "quickly", "fast"))


def _description(sentence: Sentence, filled: Filled) -> None:
    quotes = [token for token in sentence.of("quote") if token.value != filled.entities.get("customer")]
    if quotes and re.search(
        r"\b(?:for|description|described as|memo|note|labell?ed|with|saying|as|descriptor|ref|reference"
        r"|called) (?:: |of |is )?<quote>",
        sentence.gist,
    ):
        filled.entities["description"] = quotes[0].value
        return
    trailing = _TRAILING_WORDS.search(sentence.gist)
    said = set(trailing[1].split()) if trailing else set()
    if trailing and len(sentence.money) == 1 and not said & _NOT_WHAT_FOR and not said <= _HOW_SOON:
        first, last = sentence.index_at(trailing.start(1)), sentence.index_at(trailing.end(1) - 1) + 1
        if _is_unsaid(sentence, filled, first, last):
            filled.entities["description"] = sentence.raw(first, last)
            return
    customer = str(filled.entities.get("customer", "")).lower()
    for match in _FOR_WHAT.finditer(sentence.gist):
        first, last = sentence.index_at(match.start(1)), sentence.index_at(match.end(1) - 1) + 1
        words = sentence.raw(first, last)
        if words.lower() in lexicon.SMALL or (customer and words.lower() == f"customer {customer}"):
            continue
        if words.lower() not in customer and not (customer and words.lower().startswith(customer)):
            filled.entities["description"] = words
            return
