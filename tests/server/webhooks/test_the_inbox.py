"""The inbox: each event once, failures later and singly, what is set aside can be replayed."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from paydesk.server.errors import NotFound, SkillError, StripeUnreachable
from paydesk.server.limits import EVENT_PAUSE_MOST_S, EVENT_TRIES, EVENT_TROUBLES_MOST
from paydesk.server.mirror import inbox

Told = Callable[..., dict[str, Any]]


async def test_an_event_is_kept_once_however_often_it_comes(box: Any, told: Told) -> None:
    """Stripe: the same event may be delivered more than once."""
    assert await box.keep(told("evt_1"), told("evt_2"), told("evt_1")) == 2
    assert await box.keep(told("evt_2"), told("evt_3")) == 1
    assert await box.states() == dict.fromkeys(("evt_1", "evt_2", "evt_3"), "pending")


async def test_a_second_delivery_leaves_what_is_handled_as_it_is(box: Any, told: Told) -> None:
    """Ours: a duplicate must not make a handled event pending again."""
    await box.keep(told("evt_1"))
    await inbox.handle_pending(box, take=box.take)
    assert await box.keep(told("evt_1")) == 0
    await inbox.handle_pending(box, take=box.take)
    assert box.taken == ["evt_1"]


async def test_a_thin_event_is_kept_with_what_it_is_about(box: Any) -> None:
    """Stripe: thin events carry a reference to their object, and write their moment out."""
    thin = {
        "id": "evt_thin",
        "object": "v2.core.event",
        "type": "v1.billing.meter.error_report_triggered",
        "created": "2026-09-21T14:13:20.000Z",
        "related_object": {"id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters/mtr_1"},
    }
    await box.keep(thin)
    kept, payload = await inbox.shown(box.store, "evt_thin")
    assert (kept.object, kept.object_id, kept.created) == ("billing.meter", "mtr_1", 1_790_000_000)
    assert payload == thin


async def test_secrets_of_browsers_are_not_kept(box: Any, told: Told) -> None:
    """Ours: whoever holds a client secret may confirm the payment; no answer and no file of ours has one."""
    event = told("evt_1")
    event["data"]["object"] |= {
        "client_secret": "pi_1_secret_9",
        "confirmation_secret": {"client_secret": "in_1_secret_9", "type": "payment_intent"},
        "description": 'about my "client_secret": that',
    }
    written = json.dumps(event, indent=1)  # as Stripe lays its bodies out
    for row in (
        inbox.row_of(event, source="list", received_at=1),
        inbox.row_of(event, source="webhook", received_at=1, payload=written),
    ):
        assert "_secret_9" not in row["payload"]
        kept = json.loads(row["payload"])["data"]["object"]
        assert kept["client_secret"] is None
        assert kept["description"] == 'about my "client_secret": that'


async def test_one_that_cannot_be_handled_holds_up_no_other(box: Any, told: Told) -> None:
    """Ours: a batch that fails is tried singly, so only the culprit waits."""
    await box.keep(*(told(f"evt_{n}") for n in range(6)))

    async def take(mirror: Any, ids: Sequence[str]) -> list[Any]:
        if "evt_3" in ids:
            raise SkillError("This one will not do.")
        return await box.take(mirror, ids)

    await inbox.handle_pending(box, take=take)
    states = await box.states()
    assert states.pop("evt_3") == "pending"
    assert set(states.values()) == {"handled"}
    kept, _ = await inbox.shown(box.store, "evt_3")
    assert (kept.tries, kept.error) == (1, {"code": "cannot_do", "message": "This one will not do."})


async def test_a_failure_is_tried_again_later_and_set_aside_in_the_end(box: Any, told: Told) -> None:
    """Ours: nothing is tried for ever, and nothing is dropped; replaying makes it pending again."""
    await box.keep(told("evt_1"))
    moments = [1_790_000_000.0]

    async def refuse(_mirror: Any, _ids: Sequence[str]) -> list[Any]:
        raise KeyError("a customer's name")

    for tries in range(1, EVENT_TRIES + 1):
        await inbox.handle_pending(box, take=refuse, clock=lambda: moments[-1])
        await inbox.handle_pending(box, take=refuse, clock=lambda: moments[-1])  # not due: not tried
        kept, _ = await inbox.shown(box.store, "evt_1")
        assert kept.tries == tries
        moments.append(kept.next_try_at)
    assert kept.state == "set_aside"
    assert kept.error == {"code": "unexpected", "message": "Handling failed unexpectedly (KeyError)."}
    assert await inbox.handle_pending(box, take=box.take, clock=lambda: moments[-1] + 1e6) == []

    assert await inbox.replay(box.store, ["evt_1"]) == 1
    await inbox.handle_pending(box, take=box.take)
    assert await box.states() == {"evt_1": "handled"}
    assert await inbox.replay(box.store) == 0, "what is handled is never replayed"


async def test_while_stripe_is_away_few_are_tried_and_none_is_set_aside(box: Any, told: Told) -> None:
    """Ours: an outage is not the events' fault, and each try costs a wait."""
    await box.keep(*(told(f"evt_{n:02}") for n in range(40)))
    asked: list[int] = []

    async def away(_mirror: Any, ids: Sequence[str]) -> list[Any]:
        asked.append(len(ids))
        raise StripeUnreachable("Stripe did not answer.")

    await inbox.handle_pending(box, take=away)
    assert asked == [40] + [1] * EVENT_TROUBLES_MOST
    assert set((await box.states()).values()) == {"pending"}
    assert sum(one.tries for one in await inbox.listed(box.store, limit=100)) == EVENT_TROUBLES_MOST


async def test_what_another_process_handled_meanwhile_is_no_failure(box: Any, told: Told) -> None:
    """Ours: two processes on one mirror may reach for the same events."""
    await box.keep(told("evt_1"), told("evt_2"))

    async def beaten(mirror: Any, ids: Sequence[str]) -> list[Any]:
        await box.take(mirror, ids)
        raise RuntimeError("somebody else was here")

    assert await inbox.handle_pending(box, take=beaten) == []
    kept, _ = await inbox.shown(box.store, "evt_1")
    assert (kept.state, kept.tries, kept.error) == ("handled", 0, None)


@pytest.mark.parametrize("tries", [1, 2, 5, 10, 80, 10_000])
def test_pauses_double_with_jitter_up_to_a_bound(tries: int) -> None:
    """Ours: exponential backoff, never none, never longer than an hour."""
    pauses = {inbox.pause_s(tries) for _ in range(50)}
    assert 1 <= min(pauses) <= max(pauses) <= EVENT_PAUSE_MOST_S
    assert tries < 5 or len(pauses) > 1


async def test_an_unknown_event_is_not_found(box: Any) -> None:
    """Ours: an error with a next step."""
    with pytest.raises(NotFound):
        await inbox.shown(box.store, "evt_none")


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "evt_1", "type": "x"},
        {"id": 1, "type": "x", "created": 1},
        {"id": "evt_1", "type": "", "created": 1},
        {"id": "evt_1", "type": "x", "created": "yesterday"},
        {"id": "evt_1", "type": "x", "created": True},
        {"id": "evt_1", "type": "x", "created": 10**30},
        {"id": "evt_1", "type": "x", "created": "0001-01-01T00:00:00+23:59"},
        {"id": "evt_\ud800", "type": "x", "created": 1},
    ],
)
async def test_what_is_no_event_is_a_value_error(box: Any, wrong: dict[str, Any]) -> None:
    """Ours: the way in checks before it keeps."""
    with pytest.raises(ValueError, match=r"id and type|created"):
        await box.keep(wrong)
