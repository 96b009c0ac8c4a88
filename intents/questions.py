"""What to ask when a sentence leaves something open, in words a person can answer at once."""

from collections.abc import Mapping, Sequence
from typing import Final

_MISSING: Final = {
    (
        "refund_payment",
        "payment",
    ): "Which payment should be refunded? Give its id, or the customer and which of their payments.",
    (
        "refund_payment",
        "customer",
    ): "Whose payment should be refunded? Give a name, an e-mail address or a customer id.",
    ("create_payment", "customer"): "Who should be charged? Give a name, an e-mail address or a customer id.",
    ("create_payment", "amount"): "How much should be charged, and in which currency?",
    ("create_payment", "currency"): "In which currency should it be charged?",
    (
        "capture_payment",
        "payment",
    ): "Which held payment should be captured? Give its id, or the customer.",
    ("cancel_payment", "payment"): "Which payment should be canceled? Give its id, or the customer.",
    ("create_customer", "customer"): "What is the new customer's name or e-mail address?",
    (
        "update_customer",
        "customer",
    ): "Which customer should be changed? Give a name, an e-mail address or a customer id.",
    (
        "update_customer",
        "change",
    ): "What should be changed, and to what: the e-mail, phone, name, description or language?",
    ("create_subscription", "customer"): "Who should be subscribed? Give a name, an e-mail address or a customer id.",
    ("create_subscription", "price"): "Which plan or price should it be, or which amount and how often?",
    ("create_subscription", "currency"): "In which currency should the subscription be billed?",
    ("create_subscription", "interval"): "How often should it be billed: every week, month or year?",
    (
        "cancel_subscription",
        "subscription",
    ): "Whose subscription should be cancelled? Give the customer or the subscription's id.",
    (
        "update_subscription",
        "subscription",
    ): "Whose subscription should be changed? Give the customer or the subscription's id.",
    (
        "update_subscription",
        "change",
    ): "What should it become: which plan or price, how many of it, or when should its trial end?",
    (
        "pause_subscription",
        "subscription",
    ): "Whose subscription should be paused? Give the customer or the subscription's id.",
    (
        "resume_subscription",
        "subscription",
    ): "Whose subscription should go on? Give the customer or the subscription's id.",
    ("create_payment_link", "description"): (
        "What is it for? Anyone who has a payment link can pay at it, so it has a thing sold rather than a customer."
    ),
    ("create_checkout", "success_url"): "Where should they come after paying? Give the web address, with https://.",
    ("create_promotion_code", "code"): "Which code? It takes 3 to 40 letters, digits and dashes.",
    ("detach_payment_method", "card"): "Which card? Give its last four digits or its pm_ id.",
    ("schedule_subscription", "price"): "Which price should it bill? Give its price_ id.",
}
_DOUBTS: Final = {
    "several": "I take one thing at a time. Which one should come first?",
    "bulk": "That would touch more than one record, and I prepare one at a time. Which one should it be?",
    "several_writes": "Those are several changes, and each needs its own yes. Which one should come first?",
    "condition": "I cannot wait for a condition. Should I prepare this now, whatever the condition?",
    "advice": "I cannot decide that for you. Should I prepare it, so that you can look at it before saying yes?",
    "hypothetical": (
        "Nothing has been done. Should I prepare it, so that you see exactly what would happen before saying yes?"
    ),
    "hedged": "I need the exact amount before I prepare this. How much should it be?",
    "otherwise": "I can only charge a saved card, or refund to where a payment came from. Should I prepare that?",
    "unsure": "You do not sound certain, and I prepare only what is. Should I prepare this?",
    "namesakes": "More than one customer is called that. Which one? Their e-mail address or id would tell.",
    "later": "I cannot put this off to another day. Should I prepare it now?",
    "date": "Which date do you mean? Please write it as year-month-day, such as 2026-03-04.",
    "amounts": "I see more than one amount. Which one is meant?",
    "relative": "By how much is something I would have to reckon. What should it be afterwards?",
    "product": "Which product do you mean? Please give its id, or its name in quotes.",
    "count": "How many is that? Please write it as a whole number.",
    "percent": "Which share do you mean? It must be more than 0 and at most 100 percent.",
    "amount_separator": "Is that a decimal mark or a thousands separator? Please write it like 1500.00 or 1.50.",
    "amount_country": "Which country's currency is that? Please give its code, such as SEK, NOK, MXN or KWD.",
    "amount_conflict": "Two currencies are named. Which one is meant?",
    "amount_decimals": "That amount has more decimals than its currency. What is the exact amount?",
    "amount_unread": "I could not read the amount. How much should it be, such as $25.00?",
    "which_payment": "I know a payment by its id, or a customer's latest. Which one is meant?",
    "left_out": "I can show what matches, but not all that does not. What should be in it?",
    "words": "I did not understand all of that, and it may change what is done. What exactly should be done?",
    "by_amount": "I cannot filter that by this amount; payments take one amount or one range. Which one should I show?",
    "by_card": "I cannot filter that by card. What should I show instead?",
    "by_method": "I cannot filter that by how it was paid. What should I show instead?",
    "by_reason": "I cannot filter that by reason. What should I show instead?",
    "by_description": "I cannot filter that by description. What should I show instead?",
    "by_product": "I cannot filter that by product. What should I show instead?",
    "by_interval": "I cannot filter that by how often it is billed. What should I show instead?",
    "by_date": "I can only tell how that is now, not how it was at another time. Should I show it as it is now?",
    "by_count": "I cannot filter by how many of something somebody has. What should I show instead?",
    "by_total": "I can show single payments of an amount, not what they add up to for each customer. Should I?",
    "narrowed": "I did not understand what it should be narrowed down to. What exactly should I show?",
    "either": "I can show one value of a filter at a time, not several at once. Which one should come first?",
    "either_status": "I can show one status at a time, not several at once. Which one should come first?",
    "either_name": "I can look at one name at a time. Which one should come first?",
    "unkept_name": "I can look at one name at a time, and I see another one. Whose, or which, should I show?",
    "periods": "I can show one stretch of time at a time. Which one should it be, from which day to which?",
    "compared_periods": "I can compare two stretches of time. Which two should they be?",
    "weekdays": "I cannot pick out certain days of the week. From which day to which should it be?",
    "part_of_figure": "I can work that out over all payments, not over some kinds of them. Should I show the whole?",
    "ranking": "I can rank customers by what they paid, by nothing else. Should I show that?",
    "deadline": "I cannot filter disputes that need a response by their deadline. Should I show all of them?",
    "overdue_by": "I cannot filter invoices by how long they are overdue. Should I show all that are?",
    "residue": "I did not understand all of that, and it may change the amount. What exactly should be done?",
    "amount_sign": "The amount must be more than zero. How much should it be?",
    "damaged_id": "That id seems to have lost its upper and lower case. Please paste it exactly as Stripe shows it.",
    "card_number": "Which saved card do you mean? Its last four digits name it; please send no whole card numbers.",
    "referent": "Which one do you mean? Please give its id or the customer's name.",
    "contrast": "You ruled one thing out and asked for another. What exactly should be done?",
    "unsupported": "Part of that is something I cannot do. Which single change should I prepare?",
    "too_long": "That is too long for me to read safely. Please say it in a sentence or two.",
}


def for_missing(skill: str, missing: Sequence[str]) -> str | None:
    """The question for the first slot that is missing; None if none is."""
    for name in missing:
        return _MISSING.get((skill, name), f"What is the {name.replace('_', ' ')}?")
    return None


def for_doubt(doubt: str, entities: Mapping[str, object]) -> str:
    """The question that settles `doubt`, naming the target where it is certain."""
    return told_to(entities, _DOUBTS.get(doubt, _DOUBTS["referent"]))


def told_to(entities: Mapping[str, object], question: str) -> str:
    """The question, with whom the sentence is about before it where that is certain."""
    who = entities.get("customer")
    if isinstance(who, str) and question[0] != "I" and len(who) <= 60:
        return f"For {who}: {question[0].lower()}{question[1:]}"
    return question
