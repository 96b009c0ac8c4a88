"""PINs: asked for as soon as anybody has one, slow to guess, and what tells two people apart."""

from typing import Any

import pytest
from sqlalchemy import Connection, text

from paydesk.server.errors import GateError
from paydesk.server.limits import PIN_FREE_TRIES

Booth = Any
TWO_PEOPLE = "version=1\n[[rule]]\nname='two'\nskills=['draw_back']\nthen='two_people'\n"


async def _refused(work: Any, code: str) -> GateError:
    with pytest.raises(GateError) as refused:
        await work
    assert refused.value.code == code
    return refused.value


async def test_without_any_pin_none_is_asked_for(booth: Booth) -> None:
    """Ours: a first try needs no set-up."""
    waiting = await booth.propose()
    assert (await booth.approve(waiting.proposal_id)).state == "succeeded"


async def test_once_somebody_has_a_pin_nobody_approves_out_of_band_without_one(booth: Booth) -> None:
    """Ours: an agent with a shell cannot simply call itself another name."""
    await booth.gate.pins.set("bea", "4711")
    waiting = await booth.propose()
    await _refused(booth.approve(waiting.proposal_id), "pin_needed")
    await _refused(booth.approve(waiting.proposal_id, pin="4712"), "pin_wrong")
    await _refused(booth.approve(waiting.proposal_id, approver="terminal:eve", pin="4711"), "pin_unknown")
    assert booth.stripe.sent == []
    assert (await booth.approve(waiting.proposal_id, pin="4711")).state == "succeeded"


async def test_a_pin_is_kept_as_a_hash_and_told_nowhere(booth: Booth) -> None:
    """Ours: argon2 in the store, nothing of it in the log or an error."""
    await booth.gate.pins.set("bea", "4711-secret")
    waiting = await booth.propose()
    wrong = await _refused(booth.approve(waiting.proposal_id, pin="guess-9999"), "pin_wrong")

    def everything(connection: Connection) -> str:
        return str(connection.execute(text("SELECT * FROM pins")).all()) + str(
            connection.execute(text("SELECT entry FROM audit_entries")).all()
        )

    told = await booth.store.read(everything) + str(wrong.as_dict())
    assert "$argon2id$" in told
    assert "4711" not in told
    assert "9999" not in told


async def test_after_five_wrong_ones_each_further_one_waits_longer(booth: Booth) -> None:
    """Ours: counted in the store, so that a restart or another process begins no new count."""
    await booth.gate.pins.set("bea", "4711")
    for _ in range(PIN_FREE_TRIES):
        await _refused(booth.gate.pins.check("bea", "0000"), "pin_wrong")
    await _refused(booth.beside().pins.check("bea", "4711"), "pin_locked")
    booth.clock.forward(seconds=61)
    await _refused(booth.gate.pins.check("bea", "0000"), "pin_wrong")
    booth.clock.forward(seconds=61)
    await _refused(booth.gate.pins.check("bea", "4711"), "pin_locked")
    booth.clock.forward(seconds=61)
    await booth.gate.pins.check("bea", "4711")
    await _refused(booth.gate.pins.check("bea", "0000"), "pin_wrong")
    await booth.gate.pins.check("bea", "4711")


async def test_the_pause_of_one_person_does_not_stop_another(booth: Booth) -> None:
    """Ours: guessing at one name must not lock everybody out."""
    await booth.gate.pins.set("bea", "4711")
    await booth.gate.pins.set("carl", "0815", voucher="bea", voucher_pin="4711")
    for _ in range(PIN_FREE_TRIES):
        await _refused(booth.gate.pins.check("bea", "0000"), "pin_wrong")
    await booth.gate.pins.check("carl", "0815")


async def test_a_new_person_is_vouched_for_and_a_change_needs_the_old_pin(booth: Booth) -> None:
    """Ours: who has no PIN yet gets one only from somebody who has."""
    await booth.gate.pins.set("bea", "4711")
    await _refused(booth.gate.pins.set("eve", "6666x"), "pin_needed")
    await _refused(booth.gate.pins.set("eve", "6666x", voucher="eve", voucher_pin="6666x"), "pin_unknown")
    await _refused(booth.gate.pins.set("bea", "9999x"), "pin_needed")
    await booth.gate.pins.set("bea", "9999x", voucher_pin="4711")
    await _refused(booth.gate.pins.clear("bea", "4711"), "pin_wrong")
    await booth.gate.pins.clear("bea", "9999x")
    assert await booth.gate.pins.people() == []


@pytest.mark.parametrize("pin", ["", "123", "0000", "x" * 129, "12\n34"])
async def test_a_pin_that_is_none_is_refused(booth: Booth, pin: str) -> None:
    """Ours: four characters at least, and not all the same."""
    await _refused(booth.gate.pins.set("bea", pin), "bad_pin")


async def test_two_different_people_have_to_say_yes(booth: Booth) -> None:
    """Ours: the same person twice is one, by whatever way; the second one sends it."""
    await booth.gate.pins.set("bea", "4711")
    await booth.gate.pins.set("carl", "0815", voucher="bea", voucher_pin="4711")
    booth.with_policy(TWO_PEOPLE)
    waiting = await booth.call("draw_back", amount_minor=1000)
    for via, approver in (("terminal", "terminal:bea"), ("page", "page:Bea")):
        half = await booth.approve(waiting.proposal_id, pin="4711", via=via, approver=approver)
        assert half.state == "waiting"
        assert "1 more person" in half.says
    assert booth.stripe.sent == []
    done = await booth.approve(waiting.proposal_id, pin="0815", approver="terminal:carl")
    assert done.state == "succeeded"
    assert (await booth.gate.verify_audit()).whole


async def test_two_people_need_pins_of_their_own(booth: Booth) -> None:
    """Ours: without PINs a name is only a claim, and one person could make two."""
    booth.with_policy(TWO_PEOPLE)
    waiting = await booth.call("draw_back", amount_minor=1000)
    await _refused(booth.approve(waiting.proposal_id), "pin_needed")
    await _refused(booth.approve(waiting.proposal_id, via="form elicitation"), "out_of_band_only")


async def test_a_yes_that_was_slipped_into_the_database_does_not_count(booth: Booth) -> None:
    """Ours: the audit log has to tell the same."""
    await booth.gate.pins.set("bea", "4711")
    booth.with_policy(TWO_PEOPLE)
    waiting = await booth.call("draw_back", amount_minor=1000)

    def slip_in(connection: Connection) -> None:
        row = f"('{waiting.proposal_id}', 'carl', 'terminal:carl', 'terminal', '2026-11-21 12:00:00')"
        connection.execute(text(f"INSERT INTO approvals VALUES {row}"))  # noqa: S608 - the test's own words

    await booth.store.write(slip_in)
    assert (await booth.approve(waiting.proposal_id, pin="4711")).state == "waiting"
    assert booth.stripe.sent == []
