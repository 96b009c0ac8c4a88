"""What is left of a command that moves money once its verb, its target, its amount and its reason are taken away.

A word that nobody understood may have been the amount ("two fifty"), a part ("the shipping") or a factor ("x 2"), so a
refund or a payment with such a word in it is asked about and never sent as if the word were not there.
"""

from typing import Final

from paydesk.intents import lexicon
from paydesk.intents.patterns import lazy, worded
from paydesk.intents.sentence import Sentence, Token
from paydesk.intents.targets import Entities
from paydesk.intents.words import words
from paydesk.intents.writes.commands import Command

_PLAIN: Final = words(
    """
    a an the this that my our his her their its your me us him them it to from for of on in with by at and into onto
    out up off back please thanks thank you kindly now today immediately instantly asap right away straight once
    customer customers client user buyer company payment charge transaction purchase order one card cards money amount
    sum value refund reimbursement debit full fully whole entire entirely total complete completely everything thing
    all lot entirety there
    last latest recent most newest made paid pay via using was is be been which who he she they did has had have which
    fraud fraudulent duplicate duplicated double dupe twice mistake error request requested reason reasons currency
    invoice number id account file saved on-file default stripe go ahead issue give process do make get take collect
    run hit put send return bill charge reimburse repay reverse undo unchar uncharge grant start create initiate push
    perform execute through partial partially partly only just exactly precisely percent half third quarter mr mrs ms dr
    mr. mrs. dr. new manual single off off: one-time one-off per as because since due so then also ok okay hereby
    what sweetheart darling honey love hun respect regard ya u donation so kindly post ring key shoot arrange
    payer buyer purchaser shopper sender
    we charging debiting billing hand dear
    lovely sweet neighbour
    neighbor friend colleague mister ending ends
    ended digits last4 visa mastercard amex discover plan subscription membership sub us paydesk
    outstanding owed
    capture hold holds held authorise authorize authorisation authorization preauthorize pre-authorize preauthorise
    pre-authorise funds uncaptured open receive received accept pull grab draw claim deduct submit place record set
    want need like would could can will
    arrange raise organise organize sling chuck
    stick pop whack slap throw bung lash knock ping apply mate
    mates rn ta hon pal dude bro real really super quick quickly fast
    needful against intent
    worth amounting equal equals totaling totalling additional extra another straightaway same day e-mail email address
    phone     name named called description described memo note label labelled labeled saying ref reference order's
    """
)
#: A clause that begins so only explains the command.
_TALK = lazy(
    r"(?:[,;.(!?–—-]|\b(?:pls|please|thx|thanks|ta|cheers)(?= (?:he|she|they|it|his|her|their|told|sorry)\b)) "
    r"(?:and |but |so |as |because |since )*(?:he|she|they|it|it's|he's|she's|they're|told|bless|much|many thanks"
    r"|much appreciated"
    r"|no rush|no hurry|po got|boss|love you|sad|poor|i|i'm|i'll|we|we'll|that|this is|thanks|thank"
    r"|cheers|who|whom|whose|which|customer|client|the (?:customer|client|card|order|item|product|parcel|package)"
    r"|because|since|as|reason"
    r"|requested|per|due|sorry|please|fraud|duplicate|her|his|their|my|our|was|wrong|never|bad|damaged|broken|late"
    r"|unhappy|item|items|order|product|package|parcel|ok|okay)(?!\w)"
)
_REASON = worded(
    r"(?<!\S)(?:because|b / c|since|due to|on account of|reason(?: is)? ?:?|when(?:ever)? (?:you|u)|if (?:you"
    r"|possible|that's)|as (?:it|they|he|she|the|a|an|per"
    r"|requested|agreed"
    r"|promised|goodwill|discussed)|per (?:their|her|his|our|customer)|at (?:the |their |her "
    r"|his )?(?:customer's )?request"
    r"|who|which|that|you know)(?!\w)"
)
_FOR = lazy(r"(?<!\S)for (?!<)")
_PART = worded(
    r"\b(?:items?|tickets?|seats?|nights?|units?|pieces?|months?|weeks?|days?|hours?|shipping|delivery fee|postage|tax"
    r"|vat|gst|fees?|tip|deposit|difference|rest|remainder|each|every|per|<n>)(?!\w)"
)
_CARD_NUMBER = worded(r"\b(?:ending|ends|ended|last4|digits)(?: (?:in|with))? (?P<n><n>)")
_SUM_KEYS: Final = frozenset({"amount", "percent", "full"})


def unexplained(sentence: Sentence, command: Command, entities: Entities) -> list[str]:
    """The words and numbers of the command that say something nobody understood."""
    first = sentence.index_at(command.start)
    last = talk_begins(sentence, command, entities)
    known = _said(entities)
    parted = "percent" in entities or "amount" in entities
    used_number = "amount" in entities or "payment_amount" in entities
    strange = []
    marked = {sentence.tokens[sentence.index_at(m.start("n"))].start for m in _CARD_NUMBER.finditer(sentence.gist)}
    before = ""
    for token in sentence.tokens[first:last]:
        if token.kind == "number" and sentence.text[token.start : token.end] in known:
            continue  # "Studio 54"
        if token.kind == "number" and token.start not in marked:
            if not used_number or sentence.money or _is_second(sentence, token):
                strange.append(token.lex)
        elif token.kind == "word" and not _is_known(token, known) and (token.lex != "time" or before != "last"):
            strange.append(token.lex)
        elif token.lex in _PARTS and not parted:
            strange.append(token.lex)  # "refund pi_... a quarter": a share that was not read must not become the whole
        before = token.lex
    return strange


def talk_begins(sentence: Sentence, command: Command, entities: Entities) -> int:
    """The index of the first token that only gives a reason; the sentence's length if none does."""
    gist, ends = sentence.gist, [len(sentence.gist)]
    for pattern in (_TALK, _REASON):
        match = pattern.search(gist, command.object_at)
        if match:
            ends.append(match.start())
    match = _FOR.search(gist, command.object_at)
    if match and (entities.keys() & _SUM_KEYS or not _PART.search(gist, match.end())):
        ends.append(match.start())
    end = min(ends)
    return sentence.index_at(end) if end < len(gist) else len(sentence.tokens)


def _said(entities: Entities) -> set[str]:
    values = [str(value).lower() for key, value in entities.items() if key in _TEXTS]
    said = {word.strip(".,;:!?'\"()") for value in values for word in value.split()}
    return said | {word.removesuffix("'s") for word in said}  # "mick's plumbing" is three tokens


_PARTS: Final = words("half third thirds quarter quarters fourth fourths fifth fifths tenth")
_TEXTS: Final = frozenset({"customer", "description", "reason", "product", "email"})


def _is_known(token: Token, known: set[str]) -> bool:
    ours = token.lex in lexicon.THINGS and lexicon.THINGS[token.lex] not in ("price", "product")  # "from chase price"
    return token.lex in _PLAIN or ours or token.lex in known or token.lex.strip(".") in known


def _is_second(sentence: Sentence, token: Token) -> bool:
    numbers = sentence.of("number")
    return len(numbers) > 1 and token is not numbers[0]
