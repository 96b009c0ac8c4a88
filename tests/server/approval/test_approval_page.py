"""The approval page as a person without scripts uses it: every state, every way it can end."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from paydesk.server.approval.visitors import Visitors
from paydesk.server.errors import StripeRefused, StripeUnreachable
from paydesk.server.gate.policy_file import read_policy
from paydesk.skills.customers.create_customer import create_customer

YES = {"name": "bea", "pin": "4711x"}


async def test_a_person_sees_exactly_what_will_be_sent(staffed: Any) -> None:
    """Ours: every line of the question that is bound to the proposal stands on the page, and the exact request."""
    waiting = await staffed.refund_waits(amount_minor=2000)
    browser = staffed.browser()
    assert (await browser.look(staffed.path(waiting.proposal_id))).status_code == 200
    assert browser.heading == "Approve this?"
    shown = await staffed.gate.show(waiting.proposal_id)
    for fact in (shown.says, *(value for _, value in shown.details), *shown.warnings, shown.account, shown.id):
        assert fact in browser.words
    assert "Sandbox: no real money" in browser.words
    assert "$20.00 leaves the account" in browser.words
    assert '"amount": 2000' in browser.words
    assert f'"paydesk_proposal": "{shown.id}"' in browser.words
    for line in shown.question.splitlines():
        label, colon, value = line.partition(": ")
        if colon and not label.startswith(("Sends", "Account", "Warning", "Money")):
            assert value.rstrip(".") in browser.words, line


async def test_approving_with_a_pin_sends_it_once_and_shows_the_figures(staffed: Any) -> None:
    """Ours: the page decides through the gate; a form sent twice finds the write done."""
    waiting = await staffed.refund_waits(amount_minor=2000)
    browser, path = staffed.browser(), staffed.path(waiting.proposal_id)
    await browser.look(path)
    before = browser.page
    done = await browser.send(f"{path}/approve", **YES)
    assert (done.status_code, browser.heading) == (200, "Done")
    assert "Refunded $20.00" in browser.words
    assert "by bea, on this page" in browser.words
    browser.page = before
    await browser.send(f"{path}/approve", **YES)
    assert browser.heading == "Done"
    assert [one["amount"] for one in await staffed.refunds()] == [2000]


async def test_rejecting_needs_no_pin_and_ends_it(staffed: Any) -> None:
    """Ours: a no sends nothing, and the log does not claim to know who said it."""
    waiting = await staffed.refund_waits()
    browser, path = staffed.browser(), staffed.path(waiting.proposal_id)
    await browser.look(path)
    before = browser.page
    await browser.send(f"{path}/reject")
    assert browser.heading == "Rejected"
    assert "by somebody with the link" in browser.words
    browser.page = before
    too_late = await browser.send(f"{path}/approve", **YES)
    assert too_late.status_code == 409
    assert await staffed.refunds() == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": "bea", "pin": "wrong"}, 403),
        ({"name": "bea", "pin": ""}, 403),
        ({"name": "bea"}, 403),
        ({"name": "eve", "pin": "4711x"}, 403),
        ({"name": "", "pin": "4711x"}, 403),
        ({"name": "x" * 2_000, "pin": "4711x"}, 403),
        ({"pin": "4711x"}, 403),
        ({}, 403),
    ],
)
async def test_without_the_right_name_and_pin_nothing_is_sent(staffed: Any, fields: Any, status: int) -> None:
    """Ours: and the page does not tell which of the two was wrong."""
    waiting = await staffed.refund_waits()
    browser, path = staffed.browser(), staffed.path(waiting.proposal_id)
    await browser.look(path)
    answer = await browser.send(f"{path}/approve", **fields)
    assert answer.status_code == status
    assert "That name and that PIN do not belong together. Nothing was sent." in browser.words
    assert (await staffed.state(waiting.proposal_id), await staffed.refunds()) == ("waiting", [])


async def test_wrong_pins_are_slowed_down_after_five(staffed: Any) -> None:
    """Ours: the count is the gate's own, so changing the browser or the proposal does not help; then even the right PIN
    has to wait."""
    waiting, other = await staffed.refund_waits(), await staffed.refund_waits()
    for guess in range(5):
        browser, path = staffed.browser(), staffed.path((waiting, other)[guess % 2].proposal_id)
        await browser.look(path)
        assert (await browser.send(f"{path}/approve", name="bea", pin=f"guess{guess}")).status_code == 403
    browser, path = staffed.browser(), staffed.path(waiting.proposal_id)
    await browser.look(path)
    locked = await browser.send(f"{path}/approve", **YES)
    assert locked.status_code == 429
    assert re.search(r"Try again in \d+ s", browser.words)
    assert await staffed.refunds() == []


async def test_nothing_is_approved_here_while_nobody_has_a_pin(office: Any) -> None:
    """Ours: whatever speaks HTTP reaches the page, so a yes always needs a secret that no model has."""
    waiting = await office.refund_waits()
    browser, path = office.browser(), office.path(waiting.proposal_id)
    await browser.look(path)
    assert f'action="{path}/approve"' not in browser.page
    for fields in (YES, {}, {"name": "bea", "pin": ""}):
        assert (await browser.send(f"{path}/approve", **fields)).status_code == 403
        await browser.look(path)
    assert await office.refunds() == []


async def test_the_first_pin_is_set_with_the_code_from_the_file(office: Any) -> None:
    """Ours: the code stands where only the desk's owner can read, and is used up by its use."""
    waiting = await office.refund_waits()
    browser, path = office.browser(), office.path(waiting.proposal_id)
    await browser.look(path)
    file = office.home / "first-pin-code.txt"
    assert str(file) in browser.words
    assert file.stat().st_mode & 0o077 == 0
    code = file.read_text().strip()
    assert code not in browser.page
    mine = {"name": "Bea", "pin": "4711x", "again": "4711x"}
    for wrong in (
        {"code": "0000-0000-0000"},
        {"code": ""},
        {"code": code, "again": "other"},
        {"code": code, "pin": "1"},
    ):
        refused = await browser.send(f"{path}/first-pin", **{**mine, **wrong})
        assert refused.status_code == 403, wrong
        assert await office.gate.pins.people() == []
    await browser.send(f"{path}/first-pin", code=code.upper().replace("-", " "), **mine)
    assert (browser.heading, await office.gate.pins.people()) == ("Approve this?", ["bea"])
    assert not file.exists()
    again = await browser.send(f"{path}/first-pin", code=code, name="eve", pin="6666x", again="6666x")
    assert (again.status_code, await office.gate.pins.people()) == (403, ["bea"])
    await browser.send(f"{path}/approve", **YES)
    assert browser.heading == "Done"


async def test_a_changed_account_leads_to_the_new_plan(staffed: Any) -> None:
    """Ours: what was approved is not sent where the account has changed; the new plan stands there with the reason."""
    waiting = await staffed.refund_waits()
    shown = await staffed.gate.show(waiting.proposal_id)
    browser, path = staffed.browser(), staffed.path(waiting.proposal_id)
    await browser.look(path)
    payment = re.search(r'"payment_intent": "(pi_\w+)"', shown.sends[0])
    assert payment
    await staffed.post("/v1/refunds", payment_intent=payment[1], amount=1000)
    await browser.send(f"{path}/approve", **YES)
    assert browser.heading == "Approve this?"
    assert "The account has changed since you looked. Nothing was sent; this is the new plan." in browser.words
    assert "$40.00" in browser.words
    new_id = (await staffed.gate.get(waiting.proposal_id, principal=None)).replaced_by
    await browser.look(path)
    assert browser.heading == "Not sent: the account has changed"
    assert staffed.path(new_id) in browser.page
    new_path = staffed.path(new_id)
    await browser.look(new_path)
    await browser.send(f"{new_path}/approve", **YES)
    assert sorted(one["amount"] for one in await staffed.refunds()) == [1000, 4000]


@pytest.mark.parametrize(
    ("error", "heading", "told"),
    [
        (
            StripeRefused("The charge has been charged back.", stripe_code="charge_disputed", http_status=400),
            "Not done",
            "The charge has been charged back.",
        ),
        (StripeUnreachable("Stripe did not answer."), "Sent, and Stripe gave no answer", "it is not known whether"),
    ],
    ids=["refused", "silent"],
)
async def test_what_stripe_said_is_told_with_its_reason(staffed: Any, error: Any, heading: str, told: str) -> None:
    """Ours: a refusal is shown as not done, and silence as not known."""
    waiting = await staffed.refund_waits()
    browser, path = staffed.browser(), staffed.path(waiting.proposal_id)
    await browser.look(path)

    async def send(*_: Any, **__: Any) -> Any:
        raise error

    staffed.stripe.send = send
    await browser.send(f"{path}/approve", **YES)
    assert browser.heading == heading
    assert told in browser.words


async def test_what_has_ended_cannot_be_decided_any_more(staffed: Any) -> None:
    """Ours: expired and withdrawn proposals are shown as such, without a form."""
    expired, withdrawn = await staffed.refund_waits(), await staffed.refund_waits()
    await staffed.gate.cancel(withdrawn.proposal_id, principal="ann")
    staffed.clock.ahead += (expired.expires_at - staffed.clock()) * 2
    for outcome, heading in ((expired, "Too late"), (withdrawn, "Withdrawn")):
        browser, path = staffed.browser(), staffed.path(outcome.proposal_id)
        await browser.look(path)
        assert (browser.heading, "<form" in browser.page) == (heading, False)
    assert await staffed.refunds() == []


TWO = 'version = 1\n[[rule]]\nname = "two"\nthen = "two_people"\nwhy = "money needs two"\n'


async def test_two_people_are_told_who_has_approved(staffed: Any) -> None:
    """Ours: each with a PIN of their own; the same one twice is one."""
    await staffed.gate.pins.set("carl", "0815y", voucher="bea", voucher_pin="4711x")
    policy = read_policy(TWO, file="policy.toml", skills=["refund_payment", "create_customer"])
    staffed.gate._policy = staffed.gate._renewer._policy = policy
    waiting = await staffed.refund_waits()
    browser, path = staffed.browser(), staffed.path(waiting.proposal_id)
    await browser.look(path)
    assert "So far: nobody" in browser.words
    for _ in range(2):
        await browser.send(f"{path}/approve", **YES)
        assert "So far: bea." in browser.words
    assert await staffed.refunds() == []
    await browser.send(f"{path}/approve", name="carl", pin="0815y")
    assert (browser.heading, len(await staffed.refunds())) == ("Done", 1)


async def test_the_list_is_shown_to_who_signed_in_and_to_nobody_else(staffed: Any) -> None:
    """Ours: a link shows one proposal; all of them are for approvers, and signing in alone approves nothing."""
    first, second = await staffed.refund_waits(), await staffed.propose(create_customer, name="Zoë")
    browser = staffed.browser()
    await browser.look("/approve")
    assert (browser.heading, "prop_" in browser.page) == ("Sign in to see what waits", False)
    refused = await browser.send("/approve/sign-in", name="bea", pin="nope")
    assert (refused.status_code, "prop_" in browser.page) == (403, False)
    cookie = browser.http.cookies["paydesk_page"]
    await browser.send("/approve/sign-in", **YES)
    assert browser.heading == "2 writes wait for a yes"
    assert browser.http.cookies["paydesk_page"] != cookie
    for one in (first, second):
        assert staffed.path(one.proposal_id) in browser.page
    path = staffed.path(first.proposal_id)
    await browser.look(path)
    assert (await browser.send(f"{path}/approve", name="bea")).status_code == 403
    await browser.look(path)
    await browser.send(f"{path}/reject")
    assert "by bea, on this page" in browser.words
    await browser.look("/approve")
    await browser.send("/approve/sign-out")
    assert browser.heading == "Sign in to see what waits"


def test_signing_in_lasts_a_quarter_of_an_hour() -> None:
    """Ours: a browser that was left open shows nothing for long."""
    now = datetime(2026, 11, 21, tzinfo=UTC)
    visitors = Visitors(lambda: now)
    signed_in = visitors.sign_in(visitors.of(None), "bea")
    assert visitors.of(signed_in.cookie).person == "bea"
    now += timedelta(minutes=16)
    assert visitors.of(signed_in.cookie).person is None
