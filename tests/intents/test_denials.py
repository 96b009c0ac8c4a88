"""What is denied, and who is meant where more is said: "aren't refunded" is never "refunded"."""

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


@pytest.mark.parametrize(
    "text",
    [
        "refund pi_3MtwBwLkdIwHu7ix28a3tqPa (case closed, do not refund)",
        "charge Anna $20 (ticket 5: not approved)",
        "charge Anna $20 (chat 881, she said $30)",
        "do not proceed with cancelling sub_1QPxyudQphw0RVXRzHsXhpnh",
        "On behalf of the finance team, don't refund pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "I request that Anna not be charged $20",
        "I ask that nobody be charged $20",
    ],
)
def test_what_stands_around_a_command_still_denies_it(text: str) -> None:
    """Ours: only where it was heard is left out, never what was said of it."""
    parsed = parse(text, now=NOW)
    assert parsed.skill in (None, "clarify") or parsed.missing


@pytest.mark.parametrize(
    ("text", "customer"),
    [
        ("Does Bo have any saved cards? (chat 8817)", "Bo"),
        ("Order66 Comics is leaving us (live chat 14:02), cancel their subscription", "Order66 Comics"),
        ("Sadly Bartók-Nagy Zsófia is moving to Pécs; stop her subscription", "Bartók-Nagy Zsófia"),
        ("Shift Happens Moving is leaving us, so end their subscription", "Shift Happens Moving"),
        ("On behalf of the finance team, end the subscription held by Capture Studio.", "Capture Studio"),
        ("Row 14 of my sheet: refund Mei-Ling Charge's most recent payment", "Mei-Ling Charge"),
        ("All failed payments of danny boy since Nov 12, for ticket #70031", "danny boy"),
        ("Charge the saved card of Ocean Supply 1,250.00 USD.", "Ocean Supply"),
        ("Rich & Poor Clothing, payments bigger than 1k eur", "Rich & Poor Clothing"),
        ("could you show me the last payment Mark made", "Mark"),
    ],
)
def test_who_is_meant_is_nobody_else_of_the_sentence(text: str, customer: str) -> None:
    """Ours: neither where somebody goes nor whose list it is."""
    assert parse(text, now=NOW).entities.get("customer") == customer
