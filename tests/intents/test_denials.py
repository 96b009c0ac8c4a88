"""What is denied: "aren't refunded" is never taken for "refunded", nor "must not be charged" for a charge."""

from datetime import UTC, datetime

import pytest

from paydesk.intents.parse import parse

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "payments that have not been refunded",
        "payments that did not fail",
        "payments not refunded yet",
        "payments that aren't disputed",
        "invoices that are not overdue",
        "subscriptions that aren't canceled",
        "subscriptions not in trial",
        "disputes we have not lost",
        "payouts that have not arrived",
        "how many payments did not fail last week",
        "payments from anyone but Anna",
        "payments without refunds",
    ],
)
def test_all_but_a_status_is_asked_about(text: str) -> None:
    """Ours: Stripe filters by a status, not by its absence, and the opposite would be shown for the answer."""
    parsed = parse(text, now=NOW)
    assert (parsed.skill, parsed.entities) == ("clarify", {})
    assert parsed.question


@pytest.mark.parametrize(
    ("text", "skill", "status"),
    [
        ("show me invoices that weren't paid", "list_invoices", "open"),
        ("invoices not yet paid", "list_invoices", "open"),
        ("which payments were not captured", "list_payments", "requires_capture"),
        ("payments that did not go through", "list_payments", "failed"),
        ("invoices not sent", "list_invoices", "draft"),
    ],
)
def test_a_denied_status_with_a_name_of_its_own_is_that_status(text: str, skill: str, status: str) -> None:
    """Stripe's statuses: what is not paid is open, what is not sent a draft."""
    parsed = parse(text, now=NOW)
    assert (parsed.skill, parsed.entities) == (skill, {"status": status})


@pytest.mark.parametrize(
    "text",
    [
        "Bob must not be charged $20",
        "Bob should never be charged $20 again",
        "Anna is not to be refunded",
        "she will not be refunded $30",
        "that $45 payment: don't refund it",
        "payments from Anna, but don't refund her",
        "$20 back to the future",
    ],
)
def test_what_is_not_to_be_done_is_neither_done_nor_looked_up(text: str) -> None:
    """The conventions: a negated command is for nobody."""
    assert parse(text, now=NOW).skill is None


def test_talk_after_a_command_does_not_deny_it() -> None:
    """Ours: "he can't make the cohort" says why, not that nothing is to be done."""
    parsed = parse("refund Dmitri Volkov's last payment, he can't make the cohort", now=NOW)
    assert (parsed.skill, parsed.entities) == (
        "refund_payment",
        {"customer": "Dmitri Volkov", "payment_ref": "latest"},
    )
