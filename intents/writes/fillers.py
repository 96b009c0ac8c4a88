"""Which slots each write has, and what of a sentence fills them."""

from collections.abc import Callable, Mapping
from typing import Final

from paydesk.intents.sentence import Sentence
from paydesk.intents.writes import changes, customers, open_payments, papers, selling, subscriptions
from paydesk.intents.writes import money as money_writes
from paydesk.intents.writes.commands import Command
from paydesk.intents.writes.filling import Filled, take_ids

FILLERS: Final[Mapping[str, Callable[[Sentence, Command, Filled], None]]] = {
    "refund_payment": money_writes.fill_refund,
    "create_payment": money_writes.fill_payment,
    "capture_payment": open_payments.fill_capture,
    "cancel_payment": open_payments.fill_cancellation,
    "create_customer": customers.fill_new_customer,
    "update_customer": customers.fill_customer_change,
    "create_subscription": subscriptions.fill_new_subscription,
    "cancel_subscription": subscriptions.fill_cancellation,
    "update_subscription": changes.fill_change,
    "pause_subscription": changes.fill_pause,
    "resume_subscription": changes.fill_resumption,
}


def filled(sentence: Sentence, command: Command) -> Filled:
    """The slots of a command, from the sentence that it stands in."""
    found = Filled()
    take_ids(sentence, found)
    others = selling.fill if command.skill in selling.SKILLS else papers.fill
    FILLERS.get(command.skill, others)(sentence, command, found)
    return found
