"""Subscriptions that are paused, end at a time, wait for a payment, or get a trial late."""

from typing import Any

import pytest

DAY_S = 86_400


def _told(subs: Any, talk: Any) -> list[str]:
    return list(subs.types(talk, of="customer.subscription."))


def _totals(talk: Any, subscription: dict[str, Any]) -> list[tuple[str, int]]:
    found = talk.get("/v1/invoices", subscription=subscription["id"], limit=100)["data"]
    return [(one["status"], one["total"]) for one in reversed(found)]


@pytest.mark.parametrize(
    ("behavior", "status"), [("keep_as_draft", "draft"), ("void", "void"), ("mark_uncollectible", "uncollectible")]
)
def test_while_collection_is_paused_invoices_are_made_and_not_collected(
    subs: Any, talk: Any, behavior: str, status: str
) -> None:
    """Stripe: `pause_collection` says what becomes of new invoices; the subscription stays active."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk))
    paused = talk.post(f"/v1/subscriptions/{made['id']}", pause_collection={"behavior": behavior})
    assert paused["pause_collection"] == {"behavior": behavior, "resumes_at": None}
    talk.clock.pass_s(32 * DAY_S)
    assert subs.look(talk, made)["status"] == "active"
    assert _totals(talk, made) == [("paid", 1_000), (status, 1_000)]


def test_a_pause_ends_by_itself_where_it_says_when(subs: Any, talk: Any) -> None:
    """Stripe: at `resumes_at` collection goes on; unset by hand it does at once."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk))
    until = talk.clock.now + 40 * DAY_S
    talk.post(f"/v1/subscriptions/{made['id']}", pause_collection={"behavior": "void", "resumes_at": until})
    talk.clock.now = until
    assert subs.look(talk, made)["pause_collection"] is None
    talk.clock.pass_s(30 * DAY_S)
    assert subs.look(talk, made)["latest_invoice"]["status"] == "paid"
    talk.post(f"/v1/subscriptions/{made['id']}", pause_collection={"behavior": "void"})
    assert talk.post(f"/v1/subscriptions/{made['id']}", pause_collection=None)["pause_collection"] is None


def test_a_trial_without_a_card_may_end_in_a_pause_and_is_resumed_by_paying(subs: Any, talk: Any) -> None:
    """Stripe: `paused` makes no invoices; resuming begins a new period now, once its invoice is paid."""
    made = subs.subscribe(
        talk,
        subs.customer(talk, None),
        subs.price(talk),
        trial_period_days=5,
        trial_settings={"end_behavior": {"missing_payment_method": "pause"}},
    )
    talk.clock.pass_s(45 * DAY_S)
    paused = subs.look(talk, made)
    assert (paused["status"], _totals(talk, made)) == ("paused", [("paid", 0)])
    at = f"/v1/subscriptions/{made['id']}"
    assert talk.post(f"{at}/resume")["status"] == "paused"
    card = talk.post("/v1/payment_methods/pm_card_visa/attach", customer=made["customer"])["id"]
    invoice = subs.look(talk, made)["latest_invoice"]
    assert (invoice["status"], invoice["total"]) == ("open", 1_000)
    talk.post(f"/v1/invoices/{invoice['id']}/pay", payment_method=card)
    resumed = subs.look(talk, made)
    assert (resumed["status"], resumed["items"]["data"][0]["current_period_start"]) == ("active", talk.clock.now)
    told = _told(subs, talk)
    assert told.index("customer.subscription.paused") < told.index("customer.subscription.resumed")
    assert "paused" in talk.refused("POST", f"{at}/resume")["message"]


def test_a_subscription_may_end_within_a_period_and_gives_the_rest_back(subs: Any, talk: Any) -> None:
    """Stripe: `cancel_at` in the current period prorates, in a later one that period is cut short."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk, 3_000))
    end = talk.clock.now + 15 * DAY_S
    ending = talk.post(f"/v1/subscriptions/{made['id']}", cancel_at=end)
    assert (ending["cancel_at"], ending["cancel_at_period_end"]) == (end, False)
    talk.clock.now = end + 7_200
    over = subs.look(talk, made)
    assert (over["status"], over["ended_at"]) == ("canceled", end)
    assert _totals(talk, made) == [("paid", 3_000), ("paid", -1_500)]
    later = subs.subscribe(talk, subs.customer(talk), subs.price(talk, 3_100), cancel_at=talk.clock.now + 45 * DAY_S)
    talk.clock.pass_s(60 * DAY_S)
    assert subs.look(talk, later)["status"] == "canceled"
    assert _totals(talk, later) == [("paid", 3_100), ("paid", 3_100 * 14 // 30)]


def test_an_end_may_be_taken_back_and_needs_no_proration(subs: Any, talk: Any) -> None:
    """Stripe: an empty `cancel_at` lets it go on; with `proration_behavior=none` nothing comes back."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk))
    at = f"/v1/subscriptions/{made['id']}"
    talk.post(at, cancel_at=talk.clock.now + 5 * DAY_S)
    assert talk.post(at, cancel_at=None)["cancel_at"] is None
    talk.clock.pass_s(10 * DAY_S)
    assert subs.look(talk, made)["status"] == "active"
    talk.post(at, cancel_at=talk.clock.now + DAY_S, proration_behavior="none")
    talk.clock.pass_s(2 * DAY_S)
    assert (subs.look(talk, made)["status"], _totals(talk, made)) == ("canceled", [("paid", 1_000)])


def _declining(subs: Any, talk: Any) -> tuple[dict[str, Any], str, str]:
    """An active subscription whose card will be refused from now on, its address and a good card."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk))
    cards = [
        talk.post(f"/v1/payment_methods/{name}/attach", customer=made["customer"])["id"]
        for name in ("pm_card_chargeCustomerFail", "pm_card_mastercard")
    ]
    at = f"/v1/subscriptions/{made['id']}"
    talk.post(at, default_payment_method=cards[0])
    return made, at, cards[1]


def _ask_for_more(talk: Any, made: dict[str, Any], at: str) -> dict[str, Any]:
    change = {"items": [{"id": made["items"]["data"][0]["id"], "quantity": 5}], "proration_behavior": "always_invoice"}
    return talk.post(at, payment_behavior="pending_if_incomplete", **change)


def test_a_change_may_wait_for_its_payment(subs: Any, talk: Any) -> None:
    """Stripe's pending updates: until the invoice is paid the subscription is what it was; then it changes."""
    made, at, card = _declining(subs, talk)
    waiting = _ask_for_more(talk, made, at)
    assert (waiting["status"], waiting["items"]["data"][0]["quantity"]) == ("active", 1)
    assert waiting["pending_update"]["subscription_items"][0]["quantity"] == 5
    assert waiting["pending_update"]["expires_at"] == talk.clock.now + 23 * 3_600
    talk.post(f"/v1/invoices/{waiting['latest_invoice']}/pay", payment_method=card)
    changed = subs.look(talk, made)
    assert (changed["items"]["data"][0]["quantity"], changed["pending_update"]) == (5, None)
    assert "customer.subscription.pending_update_applied" in _told(subs, talk)


def test_a_change_that_nobody_pays_for_is_dropped(subs: Any, talk: Any) -> None:
    """Stripe: after 23 hours the pending update expires, and its invoice is void."""
    made, at, _ = _declining(subs, talk)
    invoice = _ask_for_more(talk, made, at)["latest_invoice"]
    talk.clock.pass_s(23 * 3_600)
    after = subs.look(talk, made)
    assert (after["items"]["data"][0]["quantity"], after["pending_update"]) == (1, None)
    assert talk.get(f"/v1/invoices/{invoice}")["status"] == "void"
    assert "customer.subscription.pending_update_expired" in _told(subs, talk)


def test_a_change_that_can_be_paid_does_not_wait(subs: Any, talk: Any) -> None:
    """Stripe: with a good card `pending_if_incomplete` changes at once; what cannot wait is refused by name."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk))
    at = f"/v1/subscriptions/{made['id']}"
    changed = _ask_for_more(talk, made, at)
    assert (changed["items"]["data"][0]["quantity"], changed["pending_update"]) == (5, None)
    error = talk.refused("POST", at, payment_behavior="pending_if_incomplete", metadata={"a": "b"})
    assert error["param"] == "metadata"


def test_a_paying_subscription_may_get_a_trial(subs: Any, talk: Any) -> None:
    """Stripe: a future `trial_end` gives the rest of the period back, and billing goes on from the trial's end."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk, 3_000))
    talk.clock.pass_s(15 * DAY_S)
    end = talk.clock.now + 7 * DAY_S
    trial = talk.post(f"/v1/subscriptions/{made['id']}", trial_end=end)
    assert (trial["status"], trial["trial_end"], trial["billing_cycle_anchor"]) == ("trialing", end, end)
    assert _totals(talk, made) == [("paid", 3_000), ("paid", -1_500)]
    talk.clock.now = end + 7_200
    assert subs.look(talk, made)["status"] == "active"
    assert _totals(talk, made)[-1] == ("paid", 3_000)
    assert "customer.subscription.trial_will_end" in _told(subs, talk)


def test_an_upcoming_invoice_is_announced_a_week_before(subs: Any, talk: Any) -> None:
    """Stripe: `invoice.upcoming` before a renewal, with what it will be; not for one that is going to end."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk))
    extra = {"customer": made["customer"], "subscription": made["id"], "amount": 250, "currency": "usd"}
    item = talk.post("/v1/invoiceitems", **extra)
    talk.clock.now = made["items"]["data"][0]["current_period_end"] - 7 * DAY_S
    event = talk.get("/v1/events", type="invoice.upcoming")["data"][0]["data"]["object"]
    assert (event["total"], event["billing_reason"]) == (1_250, "upcoming")
    assert talk.get(f"/v1/invoiceitems/{item['id']}")["invoice"] is None
    assert talk.get("/v1/invoices", subscription=made["id"])["data"][0]["billing_reason"] == "subscription_create"
    ending = subs.subscribe(talk, subs.customer(talk), subs.price(talk), cancel_at_period_end=True)
    talk.clock.now = ending["items"]["data"][0]["current_period_end"] + 1
    assert ending["id"] not in str(talk.get("/v1/events", type="invoice.upcoming")["data"])


def test_cancelling_one_that_never_began_lets_it_expire(subs: Any, talk: Any) -> None:
    """Stripe: an incomplete subscription becomes `incomplete_expired`, with `canceled_at`; its invoice is void."""
    how = {"payment_behavior": "default_incomplete"}
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk), **how)
    over = talk.delete(f"/v1/subscriptions/{made['id']}")
    assert (over["status"], over["canceled_at"], over["ended_at"]) == (
        "incomplete_expired",
        talk.clock.now,
        talk.clock.now,
    )
    assert talk.get(f"/v1/invoices/{made['latest_invoice']}")["status"] == "void"
    assert "customer.subscription.deleted" not in _told(subs, talk)
