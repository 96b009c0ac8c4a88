"""Sentences with a filter that cannot be kept: asked about, never answered without it. All rules here are ours."""

from datetime import UTC, datetime

import pytest

from paydesk.intents.parse import Parsed, parse

_NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _read(text: str) -> Parsed:
    return parse(text, now=_NOW)


@pytest.mark.parametrize(
    "text",
    """
    payments not made by card
    payments not ending in 4242
    payments != $50
    payments not equal to $50
    payments not between $50 and $100
    payments in any currency but dollars
    non-visa payments
    payments not older than 3 days
    payments not since Monday
    balance excluding pending
    mrr excluding trials
    churn excluding trials
    what did we earn except fees
    how much in our balance minus fees
    how much did Anna pay except refunds
    customers with no failed payments
    who cancelled except trials
    how much did Anna not pay
    customers who never paid
    customers without a card
    refunds without reason
    disputes without evidence
    invoices without a due date
    which products have no sales
    payments that did not fail
    payments over $50 from Anna, not refunded
    how many active subscriptions, excluding trials
    show payments. not the failed ones
    who paid us nothing this month
    payments where the customer isn't Anna
    """.strip().split("\n"),
)
def test_what_is_denied_is_asked_about_and_never_shown(text) -> None:
    """Ours: no list can leave something out, and what was ruled out must not be the answer."""
    parsed = _read(text.strip())
    assert (parsed.skill, parsed.entities) == ("clarify", {})
    assert parsed.question is not None
    assert "not all that does not" in parsed.question


@pytest.mark.parametrize(
    "text",
    """
    failed or disputed payments
    visa or amex payments
    visa and mastercard payments
    visa vs mastercard revenue
    payments in March or April
    payments in March and May
    payments on Monday or Tuesday
    payouts that failed or were canceled
    how many payments failed or were refunded
    payments of $50 or $60
    payments before March and after May
    payments before Monday or after Wednesday
    payments over $50 or under $10
    payments within 2 days of Nov 10
    how much did Anna and Bob pay
    payments of Anna, Bob and Carol
    how much did Anna pay for Pro last year
    revenue Q1 vs Q2 and Q3
    revenue Jan vs Feb vs Mar
    revenue in euros vs dollars
    monthly or yearly subscriptions
    fraudulent or duplicate disputes
    open or overdue invoices
    payments and refunds this month
    compare revenue March, April and May
    refunds over $50 or to Anna
    largest and smallest payment
    """.strip().split("\n"),
)
def test_two_values_of_one_filter_are_asked_about_and_none_is_picked(text) -> None:
    """Ours: a list takes one value of a filter; half of what was asked for would pass for the whole."""
    parsed = _read(text.strip())
    assert (parsed.skill, parsed.entities) == ("clarify", {})
    assert parsed.question


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("payments above $50 in euros", "amount"),
        ("payouts over $1000 in euros", "amount"),
        ("products over $50", "amount"),
        ("monthly subscriptions over $50", "amount"),
        ("customers with more than 3 payments", "how many"),
        ("who has two subscriptions", "how many"),
        ("revenue from card payments", "kinds"),
        ("revenue from failed payments", "kinds"),
        ("revenue from new-customer payments", "kinds"),
        ("balance yesterday", "now"),
        ("what was our balance on 1 November", "now"),
        ("show invoices overdue by more than 30 days", "overdue"),
        ("invoices overdue for more than a month", "overdue"),
        ("disputes needing a response by Friday", "deadline"),
        ("payments in the same week a year ago", "date"),
        ("how much less did we refund this month than last", "compare"),
        ("payments on Mondays last quarter", "days of the week"),
        ("top 5 customers by refunds", "rank"),
        ("top 5 customers by number of payments", "rank"),
        ("Anna's last but one payment", "latest"),
        ("card or bank payments", "paid"),
        ("customers who paid over $500 in total", "add up"),
        ("payments every Monday", "days of the week"),
        ("show me the payments of Anna but only the failed ones", "narrowed"),
    ],
)
def test_the_question_says_what_cannot_be_shown(text, said) -> None:
    """Ours: who is asked back learns which part of the sentence is in the way."""
    parsed = _read(text)
    assert (parsed.skill, parsed.entities) == ("clarify", {})
    assert parsed.question is not None
    assert said in parsed.question


@pytest.mark.parametrize(
    ("text", "skill", "entities"),
    [
        ("payments on or before Nov 10", "list_payments", {"start": None, "end": "2026-11-11"}),
        ("payments before or on Nov 10", "list_payments", {"start": None, "end": "2026-11-11"}),
        (
            "payments between 100 and 50 dollars",
            "list_payments",
            {"amount_gte": 5000, "amount_lte": 10000, "currency": "usd"},
        ),
        ("available or pending balance", "get_balance", {}),
        ("first payment of Anna", "list_payments", {"customer": "Anna", "limit": 1, "sort": "oldest"}),
        ("payments in Q1 and Q2", "list_payments", {"start": "2026-01-01", "end": "2026-07-01"}),
        ("open and overdue invoices", "list_invoices", {"status": "past_due"}),
        ("nothing but failed payments", "list_payments", {"status": "failed"}),
    ],
)
def test_what_can_be_kept_is_kept(text, skill, entities) -> None:
    """Ours: a question back is for what cannot be shown only."""
    parsed = _read(text)
    assert (parsed.skill, parsed.entities) == (skill, entities)


@pytest.mark.parametrize(
    ("text", "skill", "entities"),
    [
        ("invoices not paid yet", "list_invoices", {"status": "open"}),
        ("who hasn't paid", "list_invoices", {"status": "open"}),
        ("products that are not active", "list_products", {"status": "archived"}),
        ("payments not over $50", "list_payments", {"amount_lte": 5000, "currency": "usd"}),
        ("payments of no less than $50", "list_payments", {"amount_gte": 5000, "currency": "usd"}),
        ("payments no later than Nov 10", "list_payments", {"start": None, "end": "2026-11-11"}),
        ("payments not before Nov 10", "list_payments", {"start": "2026-11-10", "end": None}),
        ("has Anna paid or not", "list_payments", {"customer": "Anna"}),
        ("why don't you show me the payments of Anna", "list_payments", {"customer": "Anna"}),
        ("didn't we get a payout this week", "list_payouts", {"start": "2026-11-16", "end": "2026-11-23"}),
        ("did the payout arrive or is it pending", "list_payouts", {}),
        (
            "was pi_3MtwBwLkdIwHu7ix captured or refunded",
            "get_payment",
            {"payment_intent_id": "pi_3MtwBwLkdIwHu7ix"},
        ),
        ("failed payments, no rush", "list_payments", {"status": "failed"}),
        (
            "payments over $50 but under $100",
            "list_payments",
            {"amount_gt": 5000, "amount_lt": 10000, "currency": "usd"},
        ),
    ],
)
def test_a_denial_that_a_filter_or_a_turn_of_speech_holds_is_no_denial(text, skill, entities) -> None:
    """Ours: "not paid" is a status, "no less than" a bound, and "or not" the end of a question."""
    parsed = _read(text)
    assert (parsed.skill, parsed.entities) == (skill, entities)
