"""Card readers: listed, asked to take a payment, and stopped."""

import pytest

from paydesk.skills.catalogue import catalogue
from paydesk.skills.errors import Ambiguous, NotFound, SkillError

SKILLS = catalogue()


async def _reader(desk, label: str = "Front desk") -> str:
    address = {"line1": "1 Main St", "city": "Boston", "state": "MA", "country": "US", "postal_code": "02110"}
    place = await desk.post("/v1/terminal/locations", display_name="Shop", address=address)
    made = await desk.post("/v1/terminal/readers", registration_code="simulated-wpe", label=label, location=place["id"])
    return made["id"]


async def test_a_payment_is_taken_in_person(desk, sent_as_planned) -> None:
    """Stripe: a payment for present cards is made, and the reader waits; the card is charged when it is presented."""
    reader = await _reader(desk)
    skill = SKILLS["process_on_reader"]
    plan = await desk.run(skill, {"reader": "front desk", "amount_minor": 1250, "currency": "usd"})
    assert (plan.moves.amount_minor, plan.says) == (1250, "Take $12.50 in person on the reader Front desk.")
    waits = await sent_as_planned(desk, skill, plan)
    assert (waits.reader, waits.action) == (reader, "process payment intent: in progress")
    with pytest.raises(SkillError) as busy:
        await desk.run(skill, {"reader": reader, "amount_minor": 1250, "currency": "usd"})
    assert busy.value.code == "reader_busy"
    await desk.post(f"/v1/test_helpers/terminal/readers/{reader}/present_payment_method")
    listed = await desk.run(SKILLS["list_readers"])
    assert listed.readers[0].action == "process payment intent: succeeded"
    assert (await desk.stripe.get(f"/v1/payment_intents/{waits.payment}"))["status"] in (
        "succeeded",
        "requires_capture",
    )


async def test_a_payment_that_waits_can_be_taken_up_again_after_the_reader_was_stopped(desk, sent_as_planned) -> None:
    """Stripe: cancelling the action leaves the payment open."""
    reader = await _reader(desk)
    skill, stop = SKILLS["process_on_reader"], SKILLS["cancel_reader_action"]
    plan = await desk.run(skill, {"reader": reader, "amount_minor": 1250, "currency": "usd"})
    waits = await sent_as_planned(desk, skill, plan)
    stopped = await sent_as_planned(desk, stop, await desk.run(stop, {"reader": "Front desk"}))
    assert stopped.action is None
    with pytest.raises(SkillError, match="doing nothing"):
        await desk.run(stop, {"reader": reader})
    plan = await desk.run(skill, {"reader": reader, "payment_intent": waits.payment})
    assert (plan.prepares, plan.moves.amount_minor) == ((), 1250)


async def test_what_a_reader_cannot_take_is_said(desk) -> None:
    """Ours: an online payment, none at all, both, or no currency."""
    reader = await _reader(desk)
    jane = await desk.customer("Jane Doe")
    online = await desk.post("/v1/payment_intents", amount=500, currency="usd", customer=jane["id"])
    for arguments, field in (
        ({"payment_intent": online["id"]}, "payment_intent"),
        ({}, "amount_minor"),
        ({"payment_intent": online["id"], "amount_minor": 5}, "amount_minor"),
        ({"amount_minor": 500}, "currency"),
        ({"amount_minor": 1, "currency": "usd"}, "amount_minor"),
    ):
        with pytest.raises(SkillError) as wrong:
            await desk.run(SKILLS["process_on_reader"], {"reader": reader, **arguments})
        assert wrong.value.field == field


async def test_readers_that_are_called_alike_are_a_question(desk) -> None:
    """Ours: the wrong till must not charge."""
    await _reader(desk, "Till 1")
    await _reader(desk, "Till 2")
    with pytest.raises(Ambiguous) as several:
        await desk.run(SKILLS["cancel_reader_action"], {"reader": "till"})
    assert len(several.value.choices) == 2
    with pytest.raises(NotFound):
        await desk.run(SKILLS["cancel_reader_action"], {"reader": "Bar"})
