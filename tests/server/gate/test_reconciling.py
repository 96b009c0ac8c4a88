"""Lost answers, forgotten keys, processes that end: one effect or none, and the journal knows which."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, update

from paydesk.server.errors import StoreError
from paydesk.server.gate import leases
from paydesk.server.limits import IDEMPOTENCY_KEPT_S, RECONCILE_TRIES, RESEND_MARGIN_S, SENDING_LEASE_S
from paydesk.server.store.schema import proposals
from paydesk.skills.base import Plan, StripeRequest

Booth = Any


async def test_an_answer_lost_after_the_effect_is_found_by_the_mark(booth: Booth) -> None:
    """Ours: before anything is sent again, the mark in the metadata is looked for."""
    waiting = await booth.propose()
    booth.stripe.faults = ["drop_after"]
    done = await booth.approve(waiting.proposal_id)
    assert (done.state, done.result) == ("succeeded", {"made": "re_1"})
    assert len(booth.stripe.effects) == len(booth.stripe.sent) == 1


async def test_a_request_lost_before_the_effect_is_sent_again_under_the_same_key(booth: Booth) -> None:
    """Stripe: the same key cannot make two effects."""
    waiting = await booth.propose()
    booth.stripe.faults = ["drop_before", "drop_before"]
    done = await booth.approve(waiting.proposal_id)
    assert done.state == "succeeded"
    assert len(booth.stripe.sent) == 3
    assert len({key for _, key in booth.stripe.sent}) == 1
    assert len(booth.stripe.effects) == 1


async def test_a_silent_stripe_leaves_it_unknown_and_says_so(booth: Booth) -> None:
    """Ours: what is not known is not called failed, and nobody is told to try again."""
    waiting = await booth.propose()
    booth.stripe.faults = ["drop_before"] * (RECONCILE_TRIES + 1)
    unknown = await booth.approve(waiting.proposal_id)
    assert unknown.state == "unknown"
    assert "not known whether it happened" in unknown.says
    assert "Do not repeat it" in unknown.says
    assert (await booth.approve(waiting.proposal_id)).state == "unknown"  # a second yes sends nothing

    [ended] = await booth.gate.recover()
    assert ended.state == "succeeded"
    assert len(booth.stripe.effects) == 1


@pytest.mark.parametrize(
    ("fault", "state"),
    [("refuse", "failed"), ("bad_key", "failed"), ("busy", "failed"), ("key_in_use", "succeeded")],
)
async def test_what_a_refusal_proves(booth: Booth, fault: str, state: str) -> None:
    """Stripe: 400, 401 and 429 say that nothing happened; 409 says that the first request still runs."""
    waiting = await booth.propose()
    booth.stripe.faults = [fault]
    assert (await booth.approve(waiting.proposal_id)).state == state


@pytest.mark.parametrize("fault", ["bad_key", "busy", "key_in_use"])
async def test_a_refusal_of_a_resend_says_nothing_about_the_first_try(booth: Booth, fault: str) -> None:
    """Ours: a 429 now does not mean that the refund of a minute ago did not happen."""
    plan = Plan(says="Do it", request=StripeRequest("POST", "/v1/refunds/re_9/cancel", {}))  # leaves no mark
    waiting = await booth.propose_plan(plan)
    booth.stripe.faults = ["drop_after", *[fault] * RECONCILE_TRIES]
    assert (await booth.approve(waiting.proposal_id)).state == "unknown"
    [ended] = await booth.gate.recover()
    assert ended.state == "succeeded"
    assert len(booth.stripe.effects) == 1


async def test_a_rate_limit_after_a_lost_answer_is_not_taken_for_a_no(booth: Booth) -> None:
    """Ours: the way to Stripe repeats by itself, so a 429 may follow a try that had its effect."""
    waiting = await booth.propose()
    write = booth.stripe.write

    def effect_then_busy(request: Any, key: str) -> Any:
        write(request, key)
        booth.stripe.write = write
        booth.stripe.faults = ["busy"]
        return write(request, key)

    booth.stripe.write = effect_then_busy
    assert (await booth.approve(waiting.proposal_id)).state == "succeeded"
    assert len(booth.stripe.effects) == 1


async def test_a_kept_500_is_unknown_until_its_key_is_gone_and_then_known_not_to_have_happened(booth: Booth) -> None:
    """Stripe: a 500 is replayed under its key for 24 hours; ours: afterwards the list, read to its end, tells."""
    waiting = await booth.propose()
    booth.stripe.faults = ["keep_500"]
    assert (await booth.approve(waiting.proposal_id)).state == "unknown"
    assert len(booth.stripe.sent) == 1 + RECONCILE_TRIES
    sent = len(booth.stripe.sent)

    booth.clock.forward(seconds=IDEMPOTENCY_KEPT_S)
    [ended] = await booth.gate.recover()
    assert ended.state == "failed"
    assert ended.error["code"] == "never_arrived"
    assert len(booth.stripe.sent) == sent, "nothing may be sent once the key may be forgotten"
    assert booth.stripe.effects == []


async def test_after_a_day_the_effect_is_found_by_its_mark(booth: Booth) -> None:
    """Ours: a desk that was down for a week still learns the truth, and sends nothing."""
    waiting = await booth.propose()
    booth.stripe.faults = ["kill_after"]
    await _end_of_process(booth, waiting)
    booth.clock.forward(days=7)
    [ended] = await booth.gate.recover()
    assert (ended.state, ended.result) == ("succeeded", {"made": "re_1"})
    assert len(booth.stripe.sent) == 1


async def test_what_leaves_no_mark_is_never_resent_after_a_day(booth: Booth) -> None:
    """Ours: then a person has to look; a second effect would be worse than not knowing."""
    waiting = await booth.propose_plan(Plan(says="Do it", request=StripeRequest("POST", "/v1/refunds/re_9/cancel", {})))
    booth.stripe.faults = ["kill_after"]
    await _end_of_process(booth, waiting)
    booth.clock.forward(days=2)
    for _ in range(3):
        [ended] = await booth.gate.recover()
        assert ended.state == "unknown"
    assert len(booth.stripe.sent) == 1


async def test_nothing_is_resent_close_to_the_end_of_the_keys_life(booth: Booth) -> None:
    """Ours: clocks differ, so an hour before the key may be gone is too late."""
    waiting = await booth.propose()
    booth.stripe.faults = ["kill_before"]
    await _end_of_process(booth, waiting)
    booth.clock.forward(seconds=IDEMPOTENCY_KEPT_S - RESEND_MARGIN_S)
    [ended] = await booth.gate.recover()
    assert ended.state == "unknown"
    assert len(booth.stripe.sent) == 1


async def test_a_clock_that_ran_back_makes_no_key_young_again(booth: Booth) -> None:
    """Ours: by a clock that was set back by days, a forgotten key would look kept."""
    waiting = await booth.propose()
    booth.stripe.faults = ["kill_before"]
    await _end_of_process(booth, waiting)
    booth.clock.forward(days=-3)
    await _release(booth)
    [ended] = await booth.gate.recover()
    assert ended.state == "unknown"
    assert len(booth.stripe.sent) == 1


@pytest.mark.parametrize("fault", ["kill_before", "kill_after"])
async def test_a_write_that_a_dead_process_left_is_taken_over(booth: Booth, fault: str) -> None:
    """Ours: whether it died before or after the effect, the same key brings the truth and one effect."""
    waiting = await booth.propose()
    booth.stripe.faults = [fault]
    await _end_of_process(booth, waiting)
    assert await booth.state(waiting.proposal_id) == "sending"

    booth.clock.forward(seconds=SENDING_LEASE_S)
    [ended] = await booth.gate.recover()
    assert ended.state == "succeeded"
    assert len(booth.stripe.effects) == 1
    assert len({key for _, key in booth.stripe.sent}) == 1
    assert (await booth.gate.verify_audit()).whole


async def test_looking_at_an_unknown_write_looks_it_up(booth: Booth) -> None:
    """Ours: "look again with get_proposal" must lead somewhere, also in a server that runs for months."""
    waiting = await booth.propose()
    booth.stripe.faults = ["drop_before"] * (RECONCILE_TRIES + 1)
    await booth.approve(waiting.proposal_id)
    assert (await booth.gate.get(waiting.proposal_id, principal="ann")).state == "succeeded"
    assert len(booth.stripe.effects) == 1


async def test_looking_at_an_unknown_write_while_stripe_is_away_tells_what_is_known(booth: Booth) -> None:
    """Ours: the journal can be read without Stripe."""
    waiting = await booth.propose()
    booth.stripe.faults = ["drop_before"] * (RECONCILE_TRIES + 1)
    await booth.approve(waiting.proposal_id)
    booth.stripe.reading_fails = True
    assert (await booth.gate.get(waiting.proposal_id, principal=None)).state == "unknown"


async def test_a_kept_500_does_not_keep_other_writes_from_being_recovered(booth: Booth) -> None:
    """Ours: one write that stays unknown for a day must not stop the others."""
    stuck, other = await booth.propose(100), await booth.propose(200)
    booth.stripe.faults = ["keep_500"]
    await booth.approve(stuck.proposal_id)
    booth.stripe.faults = ["drop_before"] * (RECONCILE_TRIES + 1)
    await booth.approve(other.proposal_id)
    assert {one.proposal_id: one.state for one in await booth.gate.recover()} == {
        stuck.proposal_id: "unknown",
        other.proposal_id: "succeeded",
    }


async def test_a_row_that_was_altered_after_it_was_taken_is_not_resent(booth: Booth) -> None:
    """Ours: recovery sends what was approved, not what somebody wrote into the file since, even with a fitting hash."""
    from paydesk.server.gate.proposals import find, key_for

    waiting = await booth.propose()
    booth.stripe.faults = ["kill_before"]
    await _end_of_process(booth, waiting)
    look = partial(find, proposal_id=waiting.proposal_id, principal=None, account=None, mode="test")
    row = await booth.store.read(look)
    row.request.params["amount"] = 9000

    def alter(connection: Connection) -> None:
        hashed = row.request.hash()
        key = key_for(row.id, hashed)
        values = {"request": row.request.canonical(), "request_hash": hashed, "idempotency_key": key}
        connection.execute(update(proposals).values(**values))

    await booth.store.write(alter)
    booth.clock.forward(seconds=SENDING_LEASE_S)
    for _ in range(2):
        [ended] = await booth.gate.recover()
        assert (ended.state, ended.error["code"]) == ("unknown", "proposal_altered")
    assert len(booth.stripe.sent) == 1
    assert "another request" in (await booth.gate.verify_audit()).why


async def test_a_write_that_is_being_sent_is_left_alone(booth: Booth) -> None:
    """Ours: a second process that starts up does not meddle with the first one's request."""
    waiting = await booth.propose()
    booth.stripe.faults = ["kill_before"]
    await _end_of_process(booth, waiting)
    assert await booth.beside().recover() == []
    assert len(booth.stripe.sent) == 1


async def test_a_holder_that_is_gone_from_this_machine_is_not_waited_for(
    booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: after a crash the next start must not wait for the lease of a process that no longer exists."""
    waiting = await booth.propose()
    booth.stripe.faults = ["kill_after"]
    await _end_of_process(booth, waiting)
    monkeypatch.setattr(leases, "_alive", lambda pid: False)
    [ended] = await booth.beside().recover()
    assert ended.state == "succeeded"


async def test_recovering_from_many_places_at_once_sends_nothing_twice(booth: Booth) -> None:
    """Ours: two servers that start after the same power cut."""
    import anyio

    waiting = await booth.propose()
    booth.stripe.faults = ["kill_before"]
    await _end_of_process(booth, waiting)
    booth.clock.forward(seconds=SENDING_LEASE_S)
    async with anyio.create_task_group() as tasks:
        for _ in range(6):
            tasks.start_soon(booth.beside().recover)
    assert len(booth.stripe.sent) == 2
    assert await booth.state(waiting.proposal_id) == "succeeded"


async def test_who_wakes_up_late_with_a_success_is_believed(booth: Booth) -> None:
    """Ours: a sender that slept through its lease may hold the proof that the write happened."""
    waiting = await booth.propose()

    async def others_give_up() -> None:
        def fail(connection: Connection) -> None:
            connection.execute(update(proposals).values(state="failed", lease_owner=None, error={"code": "x"}))

        await booth.store.write(fail)

    send = booth.door.send

    async def slow(request: Any, *, idempotency_key: str) -> Any:
        answer = await send(request, idempotency_key=idempotency_key)
        await others_give_up()
        return answer

    booth.door.send = slow
    assert (await booth.approve(waiting.proposal_id)).state == "succeeded"
    assert await booth.state(waiting.proposal_id) == "succeeded"


async def test_who_wakes_up_late_without_proof_changes_nothing(booth: Booth) -> None:
    """Ours: who lost the lease may know less than the one who took over."""
    waiting = await booth.propose()
    send = booth.door.send

    async def slow(request: Any, *, idempotency_key: str) -> Any:
        def take_over(connection: Connection) -> None:
            connection.execute(update(proposals).values(state="unknown", lease_owner="elsewhere:1:x"))

        await booth.store.write(take_over)
        booth.stripe.faults = ["refuse"]
        return await send(request, idempotency_key=idempotency_key)

    booth.door.send = slow
    assert (await booth.approve(waiting.proposal_id)).state == "unknown"


async def test_an_approval_that_nobody_sent_is_sent_by_recovery_while_it_is_open(booth: Booth) -> None:
    """Ours: no yes is lost; but a yes of yesterday is not carried out today."""
    first, second = await booth.propose(100), await booth.propose(200)

    async def approve_only(proposal_id: str) -> None:
        def approve(connection: Connection) -> None:
            connection.execute(update(proposals).where(proposals.c.id == proposal_id).values(state="approved"))

        await booth.store.write(approve)

    await approve_only(first.proposal_id)
    [ended] = await booth.gate.recover()
    assert ended.state == "succeeded"
    await approve_only(second.proposal_id)
    booth.clock.forward(hours=1)
    [ended] = await booth.gate.recover()
    assert ended.state == "expired"
    assert len(booth.stripe.effects) == 1


async def test_an_answer_that_cannot_be_stored_is_told_and_learnt_again(booth: Booth) -> None:
    """Ours: a disk that fills up after the effect loses nothing."""
    waiting = await booth.propose()
    send, write = booth.door.send, booth.store.write

    async def full(work: Any) -> Any:
        raise StoreError("There is no space left.", code="store_full")

    async def and_then_the_disk_is_full(request: Any, *, idempotency_key: str) -> Any:
        answer = await send(request, idempotency_key=idempotency_key)
        booth.store.write = full
        return answer

    booth.door.send = and_then_the_disk_is_full
    assert (await booth.approve(waiting.proposal_id)).state == "succeeded"
    booth.store.write, booth.door.send = write, send
    assert await booth.state(waiting.proposal_id) == "sending"
    booth.clock.forward(seconds=SENDING_LEASE_S)
    [ended] = await booth.gate.recover()
    assert ended.state == "succeeded"
    assert len(booth.stripe.effects) == 1


async def test_a_store_that_cannot_be_written_sends_nothing(booth: Booth) -> None:
    """Ours: what is not in the journal does not leave."""
    waiting = await booth.propose()

    async def full(work: Any) -> Any:
        raise StoreError("There is no space left.", code="store_full")

    booth.store.write = full
    with pytest.raises(StoreError):
        await booth.approve(waiting.proposal_id)
    assert booth.stripe.sent == []


async def test_an_answer_that_is_no_answer_is_unknown_first(booth: Booth) -> None:
    """Ours: a fault of our own after the request left proves nothing."""
    plan = Plan(says="Do it", request=StripeRequest("POST", "/v1/refunds/re_9/cancel", {}))
    waiting = await booth.propose_plan(plan)
    booth.stripe.faults = ["nonsense"]
    assert (await booth.approve(waiting.proposal_id)).state == "succeeded"
    assert len(booth.stripe.effects) == 1
    assert len(booth.stripe.sent) == 2


async def test_recovery_waits_for_a_stripe_that_cannot_be_read(booth: Booth) -> None:
    """Ours: a desk opens while Stripe is away; what is unknown stays so, and nothing is raised."""
    waiting = await booth.propose()
    booth.stripe.faults = ["drop_after"] * 9
    booth.stripe.reading_fails = False
    reading = booth.door.every

    async def unreadable(*_: Any, **__: Any) -> Any:
        from paydesk.server.errors import StripeUnreachable

        raise StripeUnreachable("Stripe did not answer.")
        yield

    booth.door.every = unreadable
    assert (await booth.approve(waiting.proposal_id)).state == "unknown"
    booth.stripe.reading_fails = True
    assert await booth.gate.recover() == []
    booth.stripe.reading_fails, booth.stripe.faults, booth.door.every = False, [], reading
    [ended] = await booth.gate.recover()
    assert ended.state == "succeeded"
    assert len(booth.stripe.effects) == 1


async def _end_of_process(booth: Booth, waiting: Any) -> None:
    with pytest.raises(BaseException) as ended:
        await booth.approve(waiting.proposal_id)
    assert type(ended.value).__name__ == "Killed"


async def _release(booth: Booth) -> None:
    def release(connection: Connection) -> None:
        connection.execute(update(proposals).values(lease_until=booth.clock.now - timedelta(seconds=1)))

    await booth.store.write(release)
