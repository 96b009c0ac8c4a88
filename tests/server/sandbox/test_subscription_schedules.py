"""Subscription schedules: phases that follow each other, and the ways they end."""

from typing import Any

import pytest

DAY_S = 86_400
SCHEDULES = "/v1/subscription_schedules"


def _make(subs: Any, talk: Any, *phases: dict[str, Any], **more: Any) -> dict[str, Any]:
    sent = {"customer": subs.customer(talk), "start_date": "now", "phases": list(phases), **more}
    return dict(talk.post(SCHEDULES, **sent))


def _now(talk: Any, schedule: dict[str, Any]) -> dict[str, Any]:
    return dict(talk.get(f"{SCHEDULES}/{schedule['id']}", expand=["subscription"]))


def _owned(subscription: dict[str, Any]) -> list[tuple[int, int]]:
    return [(item["price"]["unit_amount"], item["quantity"]) for item in subscription["items"]["data"]]


def _totals(talk: Any, subscription: str) -> list[int]:
    return [one["total"] for one in reversed(talk.get("/v1/invoices", subscription=subscription)["data"])]


def test_phases_follow_each_other_without_prorations_at_the_ends_of_periods(subs: Any, talk: Any) -> None:
    """Stripe: a phase that begins with a period decides what the period is billed for; the item stays the same one."""
    small, big = subs.price(talk), subs.price(talk, 2_000)
    two = {"interval": "month", "interval_count": 2}
    made = _make(subs, talk, {"items": [{"price": small}], "duration": two}, {"items": [{"price": big, "quantity": 3}]})
    first = talk.get(f"/v1/subscriptions/{made['subscription']}", expand=["latest_invoice"])
    assert (made["status"], first["status"], first["schedule"]) == ("active", "active", made["id"])
    assert (first["latest_invoice"]["status"], made["current_phase"]["end_date"]) == (
        "draft",
        made["phases"][1]["start_date"],
    )
    talk.clock.now = made["phases"][1]["start_date"] + 7_200
    second = _now(talk, made)
    assert second["current_phase"]["start_date"] == made["phases"][1]["start_date"]
    assert _owned(second["subscription"]) == [(2_000, 3)]
    assert second["subscription"]["items"]["data"][0]["id"] == first["items"]["data"][0]["id"]
    assert _totals(talk, made["subscription"]) == [1_000, 1_000, 6_000]


@pytest.mark.parametrize(
    ("end", "status", "of_subscription"), [("release", "released", "active"), ("cancel", "completed", "canceled")]
)
def test_a_schedule_ends_as_it_was_told(subs: Any, talk: Any, end: str, status: str, of_subscription: str) -> None:
    """Stripe: released, the subscription goes on without it; else it is cancelled, and has said when."""
    made = _make(subs, talk, {"items": [{"price": subs.price(talk)}]}, end_behavior=end)
    last = made["phases"][0]["end_date"]
    held = talk.get(f"/v1/subscriptions/{made['subscription']}")
    assert held["cancel_at"] == (last if end == "cancel" else None)
    talk.clock.now = last + 7_200
    over = _now(talk, made)
    after = talk.get(f"/v1/subscriptions/{made['subscription']}", expand=["latest_invoice"])
    assert (over["status"], over["current_phase"], after["status"]) == (status, None, of_subscription)
    assert len(_totals(talk, made["subscription"])) == (2 if end == "release" else 1)
    told = subs.types(talk, of="subscription_schedule.")
    assert told == [
        "subscription_schedule.created",
        "subscription_schedule.updated",
        "subscription_schedule.expiring",
        f"subscription_schedule.{status}",
    ]


def test_a_phase_that_begins_in_mid_period_is_prorated(subs: Any, talk: Any) -> None:
    """Stripe: `create_prorations` by default: the credit and the charge are on the next invoice."""
    small, big = subs.price(talk, 3_000), subs.price(talk, 6_000)
    middle = talk.clock.now + 15 * DAY_S
    made = _make(
        subs,
        talk,
        {"items": [{"price": small}], "end_date": middle},
        {"items": [{"price": big}], "duration": {"interval": "month", "interval_count": 3}},
    )
    talk.clock.now = middle + 60
    waiting = talk.get("/v1/invoiceitems", pending=True)["data"]
    assert sorted(one["amount"] for one in waiting) == [-1_500, 3_000]
    talk.clock.pass_s(20 * DAY_S)
    assert _totals(talk, made["subscription"]) == [3_000, 7_500]


def test_a_schedule_may_begin_later_with_a_trial(subs: Any, talk: Any) -> None:
    """Stripe: nothing exists until its start date; a trial phase makes a trialing subscription."""
    price, start = subs.price(talk), talk.clock.now + 3 * DAY_S
    week = {"interval": "week", "interval_count": 1}
    made = _make(
        subs,
        talk,
        {"items": [{"price": price}], "trial": True, "duration": week},
        {"items": [{"price": price}]},
        start_date=start,
    )
    assert (made["status"], made["subscription"], made["current_phase"]) == ("not_started", None, None)
    talk.clock.now = start
    begun = _now(talk, made)
    assert (begun["subscription"]["status"], begun["subscription"]["trial_end"]) == ("trialing", start + 7 * DAY_S)
    talk.clock.now = start + 7 * DAY_S + 7_200
    assert _now(talk, made)["subscription"]["status"] == "active"
    assert _totals(talk, begun["subscription"]["id"]) == [0, 1_000]


def test_a_running_subscription_may_be_put_on_a_schedule(subs: Any, talk: Any) -> None:
    """Stripe: `from_subscription` takes its items and period as the first phase; updating adds another."""
    small, big = subs.price(talk), subs.price(talk, 2_000)
    made = subs.subscribe(talk, subs.customer(talk), small)
    schedule = talk.post(SCHEDULES, from_subscription=made["id"])
    phase = schedule["phases"][0]
    assert (schedule["status"], phase["end_date"]) == ("active", made["items"]["data"][0]["current_period_end"])
    assert "already" in talk.refused("POST", SCHEDULES, from_subscription=made["id"])["message"]
    refused = talk.refused("POST", SCHEDULES, from_subscription=made["id"], end_behavior="cancel")
    assert refused["param"] == "end_behavior"
    same = {"items": [{"price": small}], "start_date": phase["start_date"], "end_date": phase["end_date"]}
    longer = talk.post(f"{SCHEDULES}/{schedule['id']}", phases=[same, {"items": [{"price": big}]}])
    assert len(longer["phases"]) == 2
    assert talk.get("/v1/invoiceitems", pending=True)["data"] == []
    talk.clock.now = phase["end_date"] + 7_200
    assert _totals(talk, made["id"]) == [1_000, 2_000]


def test_changing_the_running_phase_changes_the_subscription_at_once(subs: Any, talk: Any) -> None:
    """Stripe: what the current phase says holds now, prorated as `proration_behavior` says."""
    price = subs.price(talk)
    made = _make(subs, talk, {"items": [{"price": price}]})
    phase = {"items": [{"price": price, "quantity": 4}], "end_date": made["phases"][0]["end_date"]}
    changed = talk.post(f"{SCHEDULES}/{made['id']}", phases=[phase], proration_behavior="none")
    assert changed["phases"][0]["start_date"] == made["phases"][0]["start_date"]
    assert _owned(_now(talk, made)["subscription"]) == [(1_000, 4)]
    assert talk.get("/v1/invoiceitems", pending=True)["data"] == []


def test_a_schedule_is_released_or_cancelled_by_hand(subs: Any, talk: Any) -> None:
    """Stripe: released, the subscription stays and forgets the planned end; cancelled, it ends; neither again."""
    price = subs.price(talk)
    made = _make(subs, talk, {"items": [{"price": price}]}, end_behavior="cancel")
    released = talk.post(f"{SCHEDULES}/{made['id']}/release")
    stays = talk.get(f"/v1/subscriptions/{made['subscription']}")
    assert (released["released_subscription"], released["subscription"]) == (stays["id"], None)
    assert (stays["status"], stays["schedule"], stays["cancel_at"]) == ("active", None, None)
    other = _make(subs, talk, {"items": [{"price": price}]})
    assert talk.post(f"{SCHEDULES}/{other['id']}/cancel")["status"] == "canceled"
    assert talk.get(f"/v1/subscriptions/{other['subscription']}")["status"] == "canceled"
    for schedule in (made, other):
        assert (
            "`not_started, active` status to be canceled"
            in talk.refused("POST", f"{SCHEDULES}/{schedule['id']}/cancel")["message"]
        )


def test_a_subscription_that_ends_takes_its_schedule_with_it(subs: Any, talk: Any) -> None:
    """Stripe: cancelling the subscription cancels the schedule."""
    made = _make(subs, talk, {"items": [{"price": subs.price(talk)}]})
    talk.delete(f"/v1/subscriptions/{made['subscription']}")
    assert talk.get(f"{SCHEDULES}/{made['id']}")["status"] == "canceled"


@pytest.mark.parametrize(
    ("phase", "param"),
    [
        ({"items": [{"price": "price_nope"}]}, "phases[0][items][0][price]"),
        ({"end_date": 5}, "phases[0][end_date]"),
        ({"end_date": 2_000_000_000, "duration": {"interval": "day"}}, "phases[0][end_date]"),
        ({"trial": True, "trial_end": 2_000_000_000}, "phases[0][trial]"),
    ],
)
def test_a_phase_that_cannot_be_is_refused_by_name(subs: Any, talk: Any, phase: dict[str, Any], param: str) -> None:
    """Stripe's words where it has them; nothing is left of the request."""
    sent = {"items": [{"price": subs.price(talk)}], **phase}
    error = talk.refused("POST", SCHEDULES, customer=subs.customer(talk), start_date="now", phases=[sent])
    assert error["param"] == param
    assert talk.get(SCHEDULES)["data"] == []
