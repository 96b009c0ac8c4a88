"""The slots of a payment that is not done: to capture what is held, or to cancel it."""

from typing import Final

from paydesk.intents import amounts
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence
from paydesk.intents.writes.commands import Command
from paydesk.intents.writes.filling import Filled, ask_for_sums_elsewhere, sums_of, take_amount, take_customer
from paydesk.intents.writes.money import ask_for_what_was_not_read, is_in_full, one_payment, says_latest

_WHOSE: Final = "from|by|for|of|on|with"
_NAMED: Final = frozenset({"payment_intent_id", "charge_id", "customer", "email", "customer_id"})


def fill_capture(sentence: Sentence, command: Command, filled: Filled) -> None:
    """Which held payment or whose, and how much of it."""
    take_customer(sentence, command, filled, prepositions=_WHOSE)
    take_amount(
        sentence, filled, [mention for _, mention in sums_of(sentence, None if sentence.of("share") else command)]
    )
    shares = sentence.of("share")
    if len(shares) > 1:
        filled.doubt = filled.doubt or "amounts"
    elif shares:
        share = amounts.as_percent(shares[0].value)  # type: ignore[arg-type]  # a share's value is a Decimal
        if not 0 < share <= 100:
            filled.doubt = filled.doubt or "percent"
        elif share == 100:
            filled.entities["full"] = True
        else:
            filled.entities["percent"] = share
    elif "amount" not in filled.entities and is_in_full(sentence.gist):
        filled.entities["full"] = True
    _which(sentence, filled)
    ask_for_sums_elsewhere(sentence, command, filled)
    ask_for_what_was_not_read(sentence, command, filled)
    _not_later(sentence, filled)


_REASONS: Final = (
    ("duplicate", lazy(r"\bduplicated?\b|\bdouble[- ](?:charge|charged|payment|paid)\b|\bdupe\b|\btwice by mistake\b")),
    ("fraudulent", lazy(r"\bfraud(?:ulent)?\b|\bstolen card\b|\bscam\b")),
    ("abandoned", lazy(r"\babandoned\b")),
    (
        "requested_by_customer",
        lazy(
            r"\brequested[_ ]by[_ ](?:the )?customer\b|\b(?:customer|client)(?: 's)? request\b|\bas requested\b"
            r"|\b(?:customer|client|they|she|he) (?:has |had )?(?:asked|requested|changed)\b"
        ),
    ),
)


def fill_cancellation(sentence: Sentence, command: Command, filled: Filled) -> None:
    """Which open payment or whose, and why."""
    take_customer(sentence, command, filled, prepositions=_WHOSE)
    # An amount can only say which payment it is.
    take_amount(sentence, filled, [mention for _, mention in sums_of(sentence)], key="payment_amount")
    for reason, pattern in _REASONS:
        if pattern.search(sentence.gist):
            filled.entities["reason"] = reason
            break
    _which(sentence, filled)
    _not_later(sentence, filled)


def _which(sentence: Sentence, filled: Filled) -> None:
    if says_latest(sentence.gist):
        filled.entities["payment_ref"] = "latest"
    one_payment(filled)
    if not filled.entities.keys() & _NAMED:
        filled.missing.append("payment")


def _not_later(sentence: Sentence, filled: Filled) -> None:
    if sentence.dates and not all(said.start == sentence.today and said.grain == "day" for said in sentence.dates):
        filled.doubt = filled.doubt or "later"
