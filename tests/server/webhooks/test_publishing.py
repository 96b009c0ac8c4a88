"""What was handled is told inside the process: in order, by type, bounded, whichever process handled it."""

from collections.abc import Callable
from typing import Any

import pytest

from paydesk.server.limits import FOLLOW_MOST
from paydesk.server.mcp.happenings import uris_of
from paydesk.server.mirror import inbox
from paydesk.server.webhooks.following import Follower
from paydesk.server.webhooks.publishing import Happened, Missed, Publisher

Told = Callable[..., dict[str, Any]]


def _happened(number: int, kind: str = "charge.succeeded", **about: Any) -> Happened:
    known = {"object": "charge", "object_id": f"ch_{number}", "about": frozenset({f"ch_{number}"}), **about}
    return Happened(event_id=f"evt_{number}", type=kind, account="acct_1", created=1, **known)


async def test_a_subscriber_hears_the_types_that_it_asked_for_in_order() -> None:
    """Ours: patterns as Stripe's documents write them."""
    publisher = Publisher()
    with publisher.subscribe("charge.*", "payout.paid") as some, publisher.subscribe() as all_:
        for number, kind in enumerate(("charge.failed", "customer.created", "payout.paid", "payout.failed")):
            publisher.publish(_happened(number, kind))
        assert [(await some.next()).type for _ in range(2)] == ["charge.failed", "payout.paid"]
        assert not some.has_news
        assert [(await all_.next()).event_id for _ in range(4)] == ["evt_0", "evt_1", "evt_2", "evt_3"]
    assert not publisher.has_subscribers


async def test_a_slow_subscriber_holds_up_nobody_and_is_told_what_it_missed() -> None:
    """Ours: a bounded queue; never a silent loss."""
    publisher = Publisher()
    with publisher.subscribe(most=2) as slow, publisher.subscribe() as quick:
        for number in range(5):
            publisher.publish(_happened(number))
        assert [(await slow.next()).event_id for _ in range(2)] == ["evt_0", "evt_1"]
        publisher.publish(_happened(5))
        assert await slow.next() == Missed(4)
        publisher.publish(_happened(6))
        assert (await slow.next()).event_id == "evt_6"
        assert [(await quick.next()).event_id for _ in range(7)] == [f"evt_{number}" for number in range(7)]


async def test_what_any_process_handled_is_told_once_with_all_that_it_is_about(box: Any, told: Told) -> None:
    """Ours: the inbox is followed, not the worker of this process."""
    publisher = Publisher()
    follower = Follower(box.store, "acct_1", publisher)
    await box.keep(told("evt_before"))
    await inbox.handle_pending(box, take=box.take)
    await follower.tell()
    with publisher.subscribe() as heard:
        await box.keep(told("evt_1", "charge.succeeded", id="ch_1", customer="cus_1", payment_intent={"id": "pi_1"}))
        await follower.tell()
        assert not heard.has_news, "kept, but not handled yet"
        await inbox.handle_pending(box, take=box.take)
        await follower.tell()
        await follower.tell()
        event = await heard.next()
        assert not heard.has_news
    assert isinstance(event, Happened)
    assert event.about == {"ch_1", "cus_1", "pi_1"}
    assert uris_of(event) == {
        *("paydesk://payments/ch_1", "paydesk://payments/pi_1", "paydesk://customers/cus_1", "paydesk://payments")
    }


async def test_a_burst_is_told_whole(box: Any, told: Told) -> None:
    """Ours: what does not fit into one look comes with the next."""
    publisher = Publisher()
    follower = Follower(box.store, "acct_1", publisher)
    await follower.tell()
    with publisher.subscribe(most=10_000) as heard:
        await box.keep(*(told(f"evt_{number:04}") for number in range(FOLLOW_MOST + 300)))
        await inbox.handle_pending(box, take=box.take)
        while await follower.tell():
            pass
        found = set()
        while heard.has_news:
            found.add((await heard.next()).event_id)
    assert len(found) == FOLLOW_MOST + 300


@pytest.mark.parametrize(
    ("kind", "object_id", "uris"),
    [
        ("customer", "cus_1", {"paydesk://customers/cus_1", "paydesk://customers"}),
        ("subscription", "sub_1", {"paydesk://subscriptions/sub_1", "paydesk://subscriptions"}),
        ("dispute", "du_1", {"paydesk://disputes/du_1", "paydesk://disputes"}),
        ("payout", "po_1", {"paydesk://payouts"}),
        ("refund", "re_1", {"paydesk://refunds"}),
        ("radar.review", "prv_1", set()),
    ],
)
def test_events_become_the_addresses_of_what_changed(kind: str, object_id: str, uris: set[str]) -> None:
    """MCP: notifications/resources/updated names a resource."""
    assert uris_of(_happened(1, object=kind, object_id=object_id, about=frozenset({object_id}))) == uris
