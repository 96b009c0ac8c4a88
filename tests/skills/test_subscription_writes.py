"""Changing, pausing, resuming and ending subscriptions: exact plans, on a Stripe that runs here."""

import re
from datetime import UTC, datetime

import pytest

from paydesk.server.errors import Ambiguous, NotFound, SkillError
from paydesk.skills.foretold import next_invoice
from paydesk.skills.subscriptions.cancel_subscription import cancel_subscription
from paydesk.skills.subscriptions.create_subscription import create_subscription
from paydesk.skills.subscriptions.pause_subscription import pause_subscription
from paydesk.skills.subscriptions.resume_subscription import resume_subscription
from paydesk.skills.subscriptions.update_subscription import update_subscription

MONTHLY = {"customer": "Jane Doe", "amount_minor": 4999, "currency": "usd", "interval": "month"}


async def _subscribed(desk, sent_as_planned, **more):
    """Jane on Pro at $49.00 a month."""
    jane, price = (await desk.with_card("Jane Doe"))[0], await desk.price()
    plan = await desk.run(create_subscription, {"customer": jane["id"], "price": price["id"], **more})
    return jane, price, await sent_as_planned(desk, create_subscription, plan)


def _at(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(("left_out", "code"), [("currency", "currency_missing"), ("interval", "interval_missing")])
async def test_an_amount_needs_its_currency_and_its_interval(desk, left_out, code) -> None:
    """Ours: unclear money means a question."""
    await desk.with_card("Jane Doe")
    with pytest.raises(SkillError) as caught:
        await desk.run(create_subscription, {name: value for name, value in MONTHLY.items() if name != left_out})
    assert (caught.value.code, caught.value.field) == (code, left_out)


async def test_a_cancellation_waits_for_the_end_of_the_period_and_can_be_taken_back(desk, sent_as_planned) -> None:
    """Ours: what was paid for is kept, unless ending now is asked for; Stripe: until then it can be taken back."""
    _, _, made = await _subscribed(desk, sent_as_planned)
    plan = await desk.run(cancel_subscription, {"customer": "Jane Doe"})
    assert plan.request.params == {"cancel_at_period_end": True}
    assert "at the end of its period on 2026-12-21" in plan.says
    assert plan.opposite.skill == "resume_subscription"
    done = await sent_as_planned(desk, cancel_subscription, plan)
    assert (done.status, done.ends) == ("active", "2026-12-21")
    with pytest.raises(SkillError) as caught:
        await desk.run(cancel_subscription, {"subscription": made.subscription})
    assert caught.value.code == "already_canceled"
    back = await desk.run(resume_subscription, {"customer": "Jane Doe"})
    assert back.request.params == {"cancel_at_period_end": False}
    assert dict(back.details)["Next invoice"] == "$49.00 on 2026-12-21"
    resumed = await sent_as_planned(desk, resume_subscription, back)
    assert resumed.ends is None


async def test_ending_now_is_final_and_credits_only_what_is_asked(desk, sent_as_planned) -> None:
    """Stripe: a canceled subscription stays canceled; prorate credits the time left."""
    _, _, made = await _subscribed(desk, sent_as_planned)
    plain = await desk.run(cancel_subscription, {"subscription": made.subscription, "at_period_end": False})
    assert (plain.request.method, plain.request.params, plain.undo) == ("DELETE", {}, None)
    assert "nothing" in dict(plain.details)["Refunded"]
    plan = await desk.run(
        cancel_subscription, {"subscription": made.subscription, "at_period_end": False, "prorate": True}
    )
    assert plan.request.params == {"invoice_now": True, "prorate": True}
    assert "credited" in dict(plan.details)["Prorated"]
    done = await sent_as_planned(desk, cancel_subscription, plan)
    assert done.status == "canceled"
    with pytest.raises(SkillError) as caught:
        await desk.run(resume_subscription, {"subscription": made.subscription})
    assert caught.value.code == "subscription_ended"


async def test_nothing_is_left_to_credit_at_the_end_of_a_period(desk, sent_as_planned) -> None:
    """Ours: a request that says two things at once is refused."""
    await _subscribed(desk, sent_as_planned)
    with pytest.raises(SkillError) as caught:
        await desk.run(cancel_subscription, {"customer": "Jane Doe", "prorate": True})
    assert caught.value.code == "nothing_to_prorate"


async def test_two_subscriptions_are_a_question_and_the_product_tells_them_apart(desk, sent_as_planned) -> None:
    """Ours: it never guesses which subscription."""
    await _subscribed(desk, sent_as_planned)
    gold = await desk.price(name="Gold", amount=9900)
    await sent_as_planned(
        desk,
        create_subscription,
        await desk.run(create_subscription, {"customer": "Jane Doe", "price": gold["id"]}),
    )
    with pytest.raises(Ambiguous) as caught:
        await desk.run(cancel_subscription, {"customer": "Jane Doe"})
    assert len(caught.value.choices) == 2
    assert "to Gold" in (await desk.run(cancel_subscription, {"customer": "Jane Doe", "product": "Gold"})).says
    with pytest.raises(NotFound):
        await desk.run(cancel_subscription, {"customer": "Jane Doe", "product": "Silver"})


async def test_a_pause_keeps_the_invoices_as_drafts_and_ends_when_resumed(desk, sent_as_planned) -> None:
    """Stripe: pause_collection leaves the status; "" takes it away. Ours: nothing is given up unless asked."""
    await _subscribed(desk, sent_as_planned)
    plan = await desk.run(pause_subscription, {"customer": "Jane Doe", "resumes_at": "2027-02-01"})
    sent = {"behavior": "keep_as_draft", "resumes_at": _at(2027, 2, 1)}
    assert plan.request.params == {"pause_collection": sent}
    done = await sent_as_planned(desk, pause_subscription, plan)
    assert (done.status, done.paused, done.resumes) == ("active", True, "2027-02-01")
    with pytest.raises(SkillError) as caught:
        await desk.run(pause_subscription, {"customer": "Jane Doe", "resumes_at": "2027-02-01"})
    assert caught.value.code == "already_paused"
    on = await desk.run(resume_subscription, {"customer": "Jane Doe"})
    assert on.request.params == {"pause_collection": ""}
    assert on.opposite.arguments["resumes_at"] == "2027-02-01"
    resumed = await sent_as_planned(desk, resume_subscription, on)
    assert resumed.paused is None
    with pytest.raises(SkillError) as nothing:
        await desk.run(resume_subscription, {"customer": "Jane Doe"})
    assert nothing.value.code == "nothing_to_resume"


async def test_a_pause_in_the_past_is_refused(desk, sent_as_planned) -> None:
    """Ours: a day that is past says nothing."""
    await _subscribed(desk, sent_as_planned)
    with pytest.raises(SkillError) as caught:
        await desk.run(pause_subscription, {"customer": "Jane Doe", "resumes_at": "2026-11-21"})
    assert caught.value.code == "date_not_ahead"


async def test_a_resumption_after_a_pause_still_ends_where_it_was_to_end(desk, sent_as_planned) -> None:
    """Ours: one yes takes back one thing, and the other is said."""
    await _subscribed(desk, sent_as_planned)
    for skill in (cancel_subscription, pause_subscription):
        await sent_as_planned(desk, skill, await desk.run(skill, {"customer": "Jane Doe"}))
    plan = await desk.run(resume_subscription, {"customer": "Jane Doe"})
    assert plan.request.params == {"pause_collection": ""}
    assert any("still ends on 2026-12-21" in warning for warning in plan.warnings)


async def test_another_quantity_shows_what_it_costs_now_and_next(desk, sent_as_planned) -> None:
    """Stripe's preview: what is prorated, and the next invoice."""
    _, price, made = await _subscribed(desk, sent_as_planned)
    plan = await desk.run(update_subscription, {"customer": "Jane Doe", "quantity": 3})
    (item,) = plan.request.params["items"]
    assert (item["price"], item["quantity"]) == (price["id"], 3)
    assert plan.request.params["proration_behavior"] == "create_prorations"
    told = dict(plan.details)
    assert told["Billed"] == "$49.00 / month -> 3 x $49.00 / month"
    assert "charged for the rest of this period" in told["Prorated"]
    assert told["Next invoice"].endswith("on 2026-12-21")
    assert plan.moves.amount_minor == 14_700
    assert plan.opposite.arguments["quantity"] == 1
    done = await sent_as_planned(desk, update_subscription, plan)
    assert done.costs == "3 x $49.00 / month"
    back = await desk.run(update_subscription, dict(plan.opposite.arguments))
    assert back.request.params["items"][0]["quantity"] == 1
    assert made.subscription in back.request.path


async def test_another_plan_is_invoiced_at_once_where_asked(desk, sent_as_planned) -> None:
    """Stripe: always_invoice; ours: all or nothing, so a card that declines changes nothing."""
    await _subscribed(desk, sent_as_planned)
    gold = await desk.price(name="Gold", amount=9900)
    plan = await desk.run(
        update_subscription, {"customer": "Jane Doe", "product": "Gold", "proration": "always_invoice"}
    )
    assert plan.request.params["items"][0]["price"] == gold["id"]
    assert plan.request.params["payment_behavior"] == "error_if_incomplete"
    assert "Invoiced at once" in dict(plan.details)
    done = await sent_as_planned(desk, update_subscription, plan)
    assert done.costs == "$99.00 / month"


async def test_another_plan_is_billed_as_often_as_before_unless_said(desk, sent_as_planned) -> None:
    """Ours: who switches the plan does not switch to paying yearly; the question shows both prices."""
    await _subscribed(desk, sent_as_planned)
    monthly = await desk.price(name="Gold", amount=9900)
    yearly = await desk.post(
        "/v1/prices", currency="usd", unit_amount=99_000, recurring={"interval": "year"}, product=monthly["product"]
    )
    for said, price in (({}, monthly), ({"interval": "year"}, yearly)):
        plan = await desk.run(update_subscription, {"customer": "Jane Doe", "product": "Gold", **said})
        assert plan.request.params["items"][0]["price"] == price["id"]


async def test_a_change_to_a_price_that_does_not_exist_keeps_the_product(desk, sent_as_planned) -> None:
    """Ours: "change it to 59.99 a month" changes the price, not what is sold."""
    _, price, _ = await _subscribed(desk, sent_as_planned)
    plan = await desk.run(
        update_subscription, {"customer": "Jane Doe", "amount_minor": 5999, "currency": "usd", "interval": "month"}
    )
    assert plan.prepares[0].params["product"] == price["product"]
    assert "made first" in dict(plan.details)["Billed"]
    assert "Next invoice" in dict(plan.details)
    assert (await sent_as_planned(desk, update_subscription, plan)).costs == "$59.99 / month"


async def test_another_interval_begins_a_new_period_and_says_so(desk, sent_as_planned) -> None:
    """Stripe: a change of the interval bills at once."""
    _, price, _ = await _subscribed(desk, sent_as_planned)
    await desk.post(
        "/v1/prices", currency="usd", unit_amount=49_000, recurring={"interval": "year"}, product=price["product"]
    )
    plan = await desk.run(update_subscription, {"customer": "Jane Doe", "interval": "year"})
    assert any("billed now" in warning for warning in plan.warnings)
    assert "Invoiced at once" in dict(plan.details)
    assert (await sent_as_planned(desk, update_subscription, plan)).costs == "$490.00 / year"


async def test_a_preview_tells_proration_next_invoice_and_what_is_due_now(desk, sent_as_planned) -> None:
    """Ours: what a change would cost is told in full; Stripe: what a downgrade gives back is kept as credit."""
    _, price, _ = await _subscribed(desk, sent_as_planned)
    for name, amount in (("more", 9900), ("less", 900)):
        recurring, product = {"interval": "month"}, price["product"]
        await desk.post(
            "/v1/prices", currency="usd", unit_amount=amount, recurring=recurring, product=product, nickname=name
        )
    plan = await desk.run(update_subscription, {**MONTHLY, "amount_minor": 9900})
    later = dict(plan.details)
    # Seconds pass between the looks, and each is worth something.
    assert re.fullmatch(r"\$(49\.99|50\.00) charged for the rest of this period, as of now", later["Prorated"])
    assert re.fullmatch(r"\$(148\.99|149\.00) on 2026-12-21", later["Next invoice"])
    assert later["Due now"] == "nothing"
    asked = {**MONTHLY, "amount_minor": 900, "proration": "always_invoice"}
    plan = await desk.run(update_subscription, asked)
    now = dict(plan.details)
    told = r"\$0\.00; \$(39\.99|40\.0[01]) of credit is kept for later invoices"
    assert re.fullmatch(told, now["Invoiced at once"])
    assert "Due now" not in now
    await sent_as_planned(desk, update_subscription, plan)
    owed = (await desk.stripe.page("/v1/customers", {"limit": 1})).data[0]["balance"]
    assert owed in range(-4001, -3998)


async def test_a_trial_is_moved_or_ended_and_an_end_is_set(desk, sent_as_planned) -> None:
    """Stripe: trial_end, `now` among its values; cancel_at."""
    await _subscribed(desk, sent_as_planned, trial_days=14)
    moved = await desk.run(update_subscription, {"customer": "Jane Doe", "trial_end": "2026-12-31"})
    assert moved.request.params["trial_end"] == _at(2026, 12, 31)
    assert (await sent_as_planned(desk, update_subscription, moved)).trial_end == "2026-12-31"
    over = await desk.run(update_subscription, {"customer": "Jane Doe", "trial_end": "2026-11-21"})
    assert over.request.params["trial_end"] == "now"
    assert (await sent_as_planned(desk, update_subscription, over)).status == "active"
    ends = await desk.run(update_subscription, {"customer": "Jane Doe", "cancel_at": "2027-03-01"})
    assert ends.request.params["cancel_at"] == _at(2027, 3, 1)
    assert (await sent_as_planned(desk, update_subscription, ends)).ends == "2027-03-01"
    back = await desk.run(resume_subscription, {"customer": "Jane Doe"})
    assert back.request.params == {"cancel_at": ""}
    assert back.opposite.arguments["cancel_at"] == "2027-03-01"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "nothing_to_change"),
        ({"quantity": 1}, "nothing_to_change"),
        ({"product": "Pro"}, "nothing_to_change"),
        ({"trial_end": "2026-11-21"}, "not_on_trial"),
        ({"cancel_at": "2026-11-01"}, "date_not_ahead"),
        ({"amount_minor": 5999, "currency": "usd"}, "interval_missing"),
        ({"amount_minor": 5999, "currency": "eur", "interval": "month"}, "currency_differs"),
    ],
)
async def test_a_change_that_is_none_or_cannot_be_is_refused(desk, sent_as_planned, arguments, code) -> None:
    """Ours: a person is asked only for what would change something."""
    await _subscribed(desk, sent_as_planned)
    with pytest.raises(SkillError) as caught:
        await desk.run(update_subscription, {"customer": "Jane Doe", **arguments})
    assert caught.value.code == code


async def test_what_a_plan_relies_on_differs_after_a_change(desk, sent_as_planned) -> None:
    """Ours: before sending it is planned again, and a difference makes it stale."""
    await _subscribed(desk, sent_as_planned)
    plan = await desk.run(cancel_subscription, {"customer": "Jane Doe"})
    same = await desk.run(cancel_subscription, {"customer": "Jane Doe"})
    assert (plan.hash(), plan.relies_on) == (same.hash(), same.relies_on)
    more = await desk.run(update_subscription, {"customer": "Jane Doe", "quantity": 2})
    await sent_as_planned(desk, update_subscription, more)
    changed = await desk.run(cancel_subscription, {"customer": "Jane Doe"})
    assert changed.relies_on["items"] != plan.relies_on["items"]
    await sent_as_planned(desk, pause_subscription, await desk.run(pause_subscription, {"customer": "Jane Doe"}))
    assert (await desk.run(cancel_subscription, {"customer": "Jane Doe"})).relies_on["paused"] is not None


async def test_a_subscription_of_somebody_else_is_refused(desk, sent_as_planned) -> None:
    """Ours: an id and a customer that do not belong together are a mistake."""
    _, _, made = await _subscribed(desk, sent_as_planned)
    await desk.customer("Bob Ray")
    for skill in (cancel_subscription, pause_subscription, resume_subscription, update_subscription):
        with pytest.raises(SkillError) as caught:
            await desk.run(skill, {"subscription": made.subscription, "customer": "Bob Ray"})
        assert caught.value.code == "subscription_of_another_customer"


async def test_a_paused_status_is_resumed_with_a_new_period(canned) -> None:
    """Stripe: POST /resume, for a trial that ended without a payment method."""
    price = {
        "id": "price_1",
        "unit_amount": 4900,
        "currency": "usd",
        "recurring": {"interval": "month"},
        "product": "p",
    }
    item = {"id": "si_1", "price": price, "quantity": 1, "current_period_end": _at(2026, 12, 1)}
    body = {"id": "sub_1", "status": "paused", "currency": "usd", "items": {"data": [item]}}
    body |= {"customer": {"id": "cus_1", "name": "Jane Doe"}}
    desk = canned({"/v1/subscriptions/sub_1": body, "/v1/products": {"data": [{"id": "p", "name": "Pro"}]}})
    plan = await desk.run(resume_subscription, {"subscription": "sub_1"})
    assert plan.request.path == "/v1/subscriptions/sub_1/resume"
    assert plan.request.params == {"billing_cycle_anchor": "now"}
    assert dict(plan.details)["Invoiced at once"] == "$49.00"
    assert any("no default payment method" in warning for warning in plan.warnings)
    answer = {**body, "latest_invoice": "in_1", "customer": "cus_1"}
    assert "once its invoice in_1 is paid" in resume_subscription.result.read(answer).sentence()


async def test_an_invoice_that_cannot_be_foretold_is_said_and_does_not_stop_the_plan(canned) -> None:
    """Ours: a preview informs; what it cannot say is not made up."""

    class NoPreview:
        async def preview(self, params):
            raise SkillError("No upcoming invoices for customer.")

    told = await next_invoice(NoPreview(), {"subscription": "sub_1"})
    assert told == [("Next invoice", "could not be foretold (No upcoming invoices for customer.)")]
