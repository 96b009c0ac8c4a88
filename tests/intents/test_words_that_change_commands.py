"""Commands that some words change: a put-off, a part, an exception, a refusal behind them, an offer, a bound."""

from datetime import UTC, datetime

import pytest

from paydesk.intents.parse import parse

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SENTENCES = """
    reverse the $20 refund to Anna
    undo Anna's $50 refund
    return the refund of $20 from Anna
    refund the $50 refund to Anna
    repay the refund of pi_3QpD5gLkdIwHu7ix1hWcE9kY
    charge Anna $50 back
    charge Anna a $50 refund
    charge Anna for the $50 refund
    it is forbidden to charge Anna $50
    it is dangerous to refund pi_3QpD5gLkdIwHu7ix1hWcE9kY
    forbidden: charge Anna $50
    declined: charge Anna $50
    later: charge Anna $50
    // charge Anna $50
    note to self: charge Anna $50
    cancel sub_1NbVk3LkdPo? no
    cancel sub_1NbVk3LkdPo but not yet
    cancel pi_3QpD5gLkdIwHu7ix1hWcE9kY? not yet
    pause Anna's subscription? not yet
    switch Anna not to Pro
    subscribe Anna not to Pro
    set Anna's email not to a@b.co
    set Anna's email to a@example.com, not b@example.com
    cancel Anna's subscription but not now
    cancel Anna's subscription, not at period end
    switch Anna to Pro not yearly
    cancel sub_1NbVk3LkdPo's discount
    cancel my request to cancel sub_1NbVk3LkdPo
    cancel Anna's plan upgrade
    cancel date of sub_1NbVk3LkdPo
    charge id for Anna's $50
    hold cancel sub_1NbVk3LkdPo
    charge Anna double $50
    charge Anna $50+
    charge Anna >$50
    refund Anna <$20
    charge Anna $50 tops
    refund pi_3QpD5gLkdIwHu7ix1hWcE9kY to $30
    refund pi_3QpD5gLkdIwHu7ix1hWcE9kY so that $50 remains
    subscribe Anna to Pro with $10 off
    subscribe Anna to Pro with a $20 setup fee
    subscribe Anna to Pro with 20% off
    subscribe Anna at $50 twice a month
    subscribe Anna at $600 a year billed monthly
    refund Anna $20 monthly
    refund Anna's last payment in euros
    refund Anna's last visa payment
    refund Anna $20 on December 1
    refund Anna $20 at 5pm
    refund Anna $20 by Friday
    charge Anna's company $50
    refund the friend of Anna $20
    charge another Anna $50
    charge the client from Berlin $50
    cancel 2 seats of sub_1NbVk3LkdPo
    cancel half of sub_1NbVk3LkdPo
    cancel sub_1NbVk3LkdPo but keep Pro
    cancel pi_3QpD5gLkdIwHu7ix1hWcE9kY partially
    cancel $20 of pi_3QpD5gLkdIwHu7ix1hWcE9kY
    cancel Anna's yearly subscription
    cancel Anna's first subscription
    cancel Anna's $50 subscription
    change cus_Bb62Rr's phone to 555-0100 or 555-0101
    subscribe Anna to Pro until March
    subscribe Anna to Pro by March
    charge Anna $50 every month until June
    subscribe Anna to Pro ends 1 March
    cancel sub_1NbVk3LkdPo after 3 months
    cancel sub_1NbVk3LkdPo soon
    cancel Anna's subscription two periods from now
    cancel Anna's subscription at the end of next period
    cancel Anna's subscription for now
    cancel Anna's subscription for two months
    end Anna's trial after 7 days
    end Anna's trial soon
    pause Anna's subscription at the end of the period
    pause sub_1NbVk3LkdPo later
    pause sub_1NbVk3LkdPo for three billing cycles
    resume sub_1NbVk3LkdPo after two weeks
    switch Anna to Pro for 3 months
    switch Anna to Pro for now
    charge Anna $50 next time
    change Anna's email to a@b.co tomorrow
    change Anna's email to a@b.co from next month
    subscribe Anna at $50 a month for 6 months
    subscribe Anna at $50 a month with the first one free
"""


@pytest.mark.parametrize("text", [line.strip() for line in SENTENCES.strip().splitlines()])
def test_a_command_is_never_done_without_the_words_that_change_it(text: str) -> None:
    """Ours: what is not understood is asked about or refused; half of a command is another command."""
    parsed = parse(text, now=NOW)
    assert parsed.skill in (None, "clarify") or parsed.missing, (parsed.skill, parsed.entities)


@pytest.mark.parametrize(
    "text",
    [
        "charge Anna $50 as a hold",
        "charge Anna $50, authorise only",
        "charge Anna $50 on hold",
        "hold $50 on Anna's card",
    ],
)
def test_a_hold_is_a_hold_wherever_it_is_said(text: str) -> None:
    """Ours: a charge that was to be held would have moved money."""
    parsed = parse(text, now=NOW)
    assert parsed.skill in (None, "clarify") or parsed.entities.get("capture") == "later", parsed.entities


@pytest.mark.parametrize(
    ("text", "skill", "entities"),
    [
        (
            "cancel Anna's subscription once the period is over",
            "cancel_subscription",
            {"customer": "Anna", "at_period_end": True},
        ),
        (
            "cancel Anna's subscription at the end of the current billing period please",
            "cancel_subscription",
            {"customer": "Anna", "at_period_end": True},
        ),
        ("pause Anna's subscription", "pause_subscription", {"customer": "Anna"}),
        (
            "subscribe Anna to Pro with a 14 day trial",
            "create_subscription",
            {"customer": "Anna", "product": "Pro", "trial_days": 14},
        ),
        ("cancel 7 Seas Fishing's subscription", "cancel_subscription", {"customer": "7 Seas Fishing"}),
    ],
)
def test_plain_commands_stay_commands(text: str, skill: str, entities: dict[str, object]) -> None:
    """Ours: being careful must not make every command a question."""
    parsed = parse(text, now=NOW)
    assert (parsed.skill, parsed.entities) == (skill, entities)
