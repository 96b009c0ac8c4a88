"""What has to exist before a write: made in order, each once, gone on with after a crash, told where it stays."""

from typing import Any

import pytest

from paydesk.skills.base import Prepared, StripeRequest

Booth = Any


def _paths(booth: Booth) -> list[str]:
    return [request.path for request, _ in booth.stripe.sent]


async def test_the_steps_go_in_order_and_later_ones_carry_what_earlier_ones_made(booth: Booth) -> None:
    """Ours: the price names the product that was made, the subscription the price."""
    waiting = await booth.call("subscribe", name="Pro")
    done = await booth.approve(waiting.proposal_id)

    assert done.state == "succeeded"
    assert _paths(booth) == ["/v1/products", "/v1/prices", "/v1/subscriptions"]
    product, price, subscription = booth.stripe.effects
    assert price["product"] == product["id"]
    assert subscription["items"] == [{"price": price["id"]}]
    keys = [key for _, key in booth.stripe.sent]
    assert len(set(keys)) == 3
    assert [one["metadata"]["paydesk_proposal"] for one in booth.stripe.effects] == [
        f"{waiting.proposal_id}.0",
        f"{waiting.proposal_id}.1",
        waiting.proposal_id,
    ]


async def test_a_person_sees_every_step(booth: Booth) -> None:
    """Ours: what was approved is all that was shown."""
    waiting = await booth.call("subscribe", name="Pro")
    question = await booth.gate.question(waiting.proposal_id, principal="ann")
    assert "Sends first: POST /v1/products" in question
    assert "product=<id from step 1>" in question
    assert "items[0][price]=<id from step 2>" in question


@pytest.mark.parametrize("step", [0, 1, 2])
@pytest.mark.parametrize("fault", ["kill_before", "kill_after"])
async def test_after_a_crash_at_any_step_the_rest_is_done_and_nothing_twice(
    booth: Booth, step: int, fault: str
) -> None:
    """Ours: recovery goes on from the step that was reached."""
    waiting = await booth.call("subscribe", name="Pro")
    booth.stripe.faults = [""] * step + [fault]
    with pytest.raises(BaseException, match=r"^$"):
        await booth.approve(waiting.proposal_id)
    booth.gate = booth.beside()
    booth.clock.forward(minutes=10)
    [done] = await booth.gate.recover()

    assert done.state == "succeeded"
    assert [one["id"][:2] for one in booth.stripe.effects] == ["pr", "pr", "su"]
    assert (await booth.gate.verify_audit()).whole


async def test_a_step_that_is_refused_ends_it_and_says_what_was_made(booth: Booth) -> None:
    """Ours: what was made before stays at Stripe, so it is told."""
    waiting = await booth.call("subscribe", name="Pro")
    booth.stripe.faults = ["", "refuse"]
    failed = await booth.approve(waiting.proposal_id)
    assert failed.state == "failed"
    assert failed.error["made"] == ["pr_1"]
    assert "pr_1" in failed.says
    assert _paths(booth) == ["/v1/products", "/v1/prices"]


async def test_a_step_whose_answer_is_lost_is_found_by_its_own_mark(booth: Booth) -> None:
    """Ours: the proposal's steps do not mistake each other's traces."""
    waiting = await booth.call("subscribe", name="Pro")
    booth.stripe.faults = ["", "drop_after"]
    done = await booth.approve(waiting.proposal_id)
    assert done.state == "succeeded"
    assert len(booth.stripe.effects) == 3


async def test_what_was_prepared_cannot_be_exchanged_in_the_journal(booth: Booth) -> None:
    """Ours: a forged price is not subscribed to."""
    waiting = await booth.call("subscribe", name="Pro")
    booth.stripe.faults = ["", "", "kill_before"]
    with pytest.raises(BaseException, match=r"^$"):
        await booth.approve(waiting.proposal_id)
    await booth.store.write(
        lambda connection: (
            connection.exec_driver_sql('UPDATE preparations SET answer = \'{"id": "price_evil"}\' WHERE step = 1')
            and None
        )
    )
    booth.gate = booth.beside()
    booth.clock.forward(minutes=10)
    await booth.gate.recover()
    assert "/v1/subscriptions" not in _paths(booth)[3:]
    assert await booth.state(waiting.proposal_id) == "unknown"


async def test_a_success_offers_the_call_that_takes_it_back(booth: Booth) -> None:
    """Ours: undo goes through the gate as any other write."""
    waiting = await booth.call("subscribe", name="Pro")
    done = await booth.approve(waiting.proposal_id)
    assert done.undo_call == {"skill": "cancel_subscription", "arguments": {"subscription": "sub_1"}}


def test_no_text_can_pass_for_a_marker() -> None:
    """Ours: a marker is an object in canonical JSON, and text of a user is a string."""
    fake = StripeRequest("POST", "/v1/prices", {"product": '{"$prepared":{"field":"id","step":0}}'})
    real = StripeRequest("POST", "/v1/prices", {"product": Prepared(0)})
    assert fake.hash() != real.hash()
    assert StripeRequest.from_canonical(fake.canonical()).resolved([{"id": "x"}]) == fake
    assert StripeRequest.from_canonical(real.canonical()) == real
    assert real.resolved([{"id": "x"}]).params == {"product": "x"}


async def test_a_day_later_what_was_made_is_found_by_its_mark_and_the_rest_is_not_sent(booth: Booth) -> None:
    """Ours: the yes of yesterday sends nothing new once Stripe may have forgotten the keys; what was made is told."""
    waiting = await booth.call("subscribe", name="Pro")
    booth.stripe.faults = ["kill_after"]
    with pytest.raises(BaseException, match=r"^$"):
        await booth.approve(waiting.proposal_id)
    booth.gate = booth.beside()
    booth.clock.forward(hours=25)
    [ended] = await booth.gate.recover()
    assert ended.state == "failed"
    assert ended.error["made"] == ["pr_1"]
    assert _paths(booth) == ["/v1/products"]
    assert (await booth.gate.verify_audit()).whole
