"""The one entrance: a sentence in, its meaning out. Pure: the time is an argument, and nothing is called."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Final

from paydesk.intents import lexicon, questions, readings, router, sentence
from paydesk.intents.entities.dates import DateMention
from paydesk.intents.entities.money import MoneyMention
from paydesk.intents.patterns import compile_all
from paydesk.intents.readings import Unclear
from paydesk.intents.words import words

#: Longer texts are not sentences for a pay desk, and reading them could take long.
MAX_CHARACTERS: Final = 2_000
#: Skills that every desk has besides those that the router always knows.
USUALLY_OFFERED: Final = words(
    """
    finalize_invoice send_invoice create_invoice create_payment_link list_coupons list_payment_methods list_tax_rates
    list_bank_accounts list_credit_notes
    """
)


@dataclass(frozen=True)
class Parsed:
    """What a sentence means.

    `skill` is a skill's name, "clarify" (`question` says what to ask first) or None (not for the desk, or nothing may
    be done). `entities` holds amounts in minor units and ISO dates, only what was said. `missing` names required slots
    that were not said. `confidence` is 0 to 1. `us` is the time taken in microseconds. `unclear` holds the words that
    the question is about with their readings, where it offers some.
    """

    skill: str | None
    entities: dict[str, object] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    question: str | None = None
    confidence: float = 0.0
    money: list[MoneyMention] = field(default_factory=list)
    dates: list[DateMention] = field(default_factory=list)
    us: int = 0
    unclear: Unclear | None = None

    def as_json(self) -> dict[str, object]:
        """The answer of `paydesk parse` without the caller's `id`; the same keys, in the same order."""
        return {
            "skill": self.skill,
            "entities": self.entities,
            "missing": self.missing,
            "question": self.question,
            "confidence": self.confidence,
            "money": [mention.as_json() for mention in self.money],
            "dates": [mention.as_json() for mention in self.dates],
            "us": self.us,
        }


def parse(
    text: str,
    *,
    now: datetime,
    names: Sequence[str] = (),
    phrases: Mapping[str, Sequence[str]] | None = None,
    offered: frozenset[str] = USUALLY_OFFERED,
    zone: tzinfo = UTC,
) -> Parsed:
    """What `text` asks for, said at `now` (a naive time is taken as one of `zone`), where it is the time of `zone`.

    `names` are customers' names, masked before anything is read into them. `phrases` are the skills' example phrases;
    they support a choice and never make one. `offered` names skills beyond the usual ones (`void_invoice`): without
    one, a sentence about such a thing is one that no skill answers. Raises nothing for any text.
    """
    begun = time.perf_counter_ns()
    today = (now.astimezone(zone) if now.tzinfo else now).date()
    if len(text) > MAX_CHARACTERS:
        return Parsed(None, question=questions.for_doubt("too_long", {}), us=_since(begun))
    read = sentence.read(text, today, names)
    route = router.route(read, phrases, offered)
    unclear = readings.unclear(read, route.doubt) if route.doubt else None
    if unclear:
        route.question = questions.told_to(route.entities, unclear.question())
    if read.origin:
        _point_back(read, read.origin)
    return Parsed(
        route.skill,
        route.entities,
        route.missing,
        route.question,
        round(route.confidence, 2),
        read.money,
        [mention for mention in read.dates if not mention.doubtful],
        _since(begun),
        unclear,
    )


#: A few of each kind of sentence; between them they take most ways through the parser.
_SAID_OFTEN: Final = (
    "show failed payments from last week",
    "Which invoices from Anna Lopez were overdue between 1 March and 15 April 2026?",
    "how much did we make in March compared with last year, and who paid us most?",
    "the 5 largest payments over $100 since yesterday, newest first",
    "has jane doe paid her last invoice of 29.99?",
    "find customer jane@example.com with a visa ending in 4242",
    "contact details for Acme Ltd, and is Bob on the Pro plan?",
    "who subscribed to Gold on a monthly plan, and whose trial ends next week",
    "did we get paid out yesterday, what is in our available balance and which disputes need a response",
    'search for "blue mug" in descriptions, order 1234-5',
    "Refund $20 to Tom Baker because it was a duplicate, please",
    "refund half of maria's last payment, she said it was fraudulent",
    "charge acme corp 1.500,00 € and 50 cents for shipping, then cancel her subscription at the end of the month",
    "please create a customer Jane Doe, jane@example.com, phone +44 20 7946 0958, from Berlin",
    "change the email of cus_NffrFeUfNV2Hib to a@example.com and set her language to German",
    "start a 14-day trial of the Pro plan for Bob at $49 a month, every 2 weeks, from the 3rd",
    "upgrade sub_1Mow from Basic to Pro, 3 seats, without proration, once it renews",
    "pause Globex until 1 May, don't charge them, and resume it when they pay",
    "capture pi_3MtwBwLkdIwHu7ix on hold, if it is under 100 dollars",
    "should I refund Kate, or what would happen if I cancelled her plan? She wants her money back",
    "hi this is Monica from sales, I was charged twice last month, how do refunds work",
    "send an invoice to Hooli for 250 usd due in 30 days, and create a payment link for 20 euros",
    "anything over 2 grand in the past 60 days?",
    "who paid with the card ending in 1111?",
    "has ch_1Ab been captured yet?",
    "take a payment of €2.345,67 from Schmidt GmbH",
    "refund pi_1AbCdEfGhIjKlMn",
    "set the phone number of ann@example.org to +49 30 123456",
    "update customer hooli phone 555-0100",
    "set up a 29.99/mo subscription for hooli starting May 1",
    "cancel the sub for Refund Co when the period ends",
    "Zofia wants out, kill her subscription",
    "top 3 customers by revenue this year",
    "refund half of it",
    "refund everyone",
    "if the balance is over 500 refund ann",
    "how do I reset my phone",
    "refund",
    "let's refund all of pi_1AbCdEfGhIjKlMn because we double charged them",
    "charge Al-Noor Group AED 1,250.00 for Q3 advice",
    "Set the preferred language of cus_Ab12Cd to fr",
    "change please the email from Ann Gray to ann.gray@example.org",
    'Charge customer cus_Ab12Cd 9.95 EUR with the description "Spare part".',
    "payments mon-wed this week",
    "customers @example.org",
    "rename hooli to Hooli Holdings",
    "Define net revenue retention",
    "cancel all",
    "how do sales this month compare to last month",
    "Please refund all payments of last week.",
    "payments between two hundred and four hundred euros last month",
)


def warm(stopped: Callable[[], bool] = lambda: False) -> None:
    """Do now what the first sentences would pay for: compile every pattern and load the repair of slips.

    It takes a second or two, and may run in a thread beside others that parse; it ends early once `stopped` says so.
    """
    compile_all(stopped)
    lexicon.repaired("paymnts")
    for text in _SAID_OFTEN:
        if stopped():
            return
        parse(text, now=datetime(2026, 1, 1, tzinfo=UTC))


def _point_back(read: sentence.Sentence, origin: Callable[[int], int]) -> None:
    """Spans lead into the text as it was typed, not as it was mended."""
    read.money = [one._replace(start=origin(one.start), end=origin(one.end)) for one in read.money]
    read.dates = [one._replace(start_pos=origin(one.start_pos), end_pos=origin(one.end_pos)) for one in read.dates]


def _since(begun: int) -> int:
    return (time.perf_counter_ns() - begun) // 1_000
