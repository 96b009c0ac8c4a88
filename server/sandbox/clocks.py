"""Test clocks: time that stands still until it is advanced, for the customers that belong to it.

A call lives by a clock from the first object of the clock's that it meets (`Call.live_by`); what it puts off then
waits in a list of its own, which only advancing works off
(https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage).
"""

import json
import logging
import sqlite3
from typing import Final

from paydesk.server.sandbox import periods
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.conditions import Sql
from paydesk.server.sandbox.kinds import Kind, Object

TEST_CLOCK: Final = Kind(
    name="test_helpers.test_clock", prefix="clock_", called="test clock", param="test_clock", expands=()
)
MAX_CUSTOMERS: Final = 3
MAX_SUBSCRIPTIONS: Final = 3
KEPT_S: Final = 30 * periods.DAY_S
LONGEST_WITHOUT_S: Final = 2 * 366 * periods.DAY_S
MAX_DUE: Final = 10_000

log = logging.getLogger(__name__)


def clock_object(identifier: str, created: int, frozen_time: int, name: str | None) -> Object:
    """A clock that stands at `frozen_time`; Stripe throws it away after thirty days."""
    return {
        "id": identifier,
        "object": TEST_CLOCK.name,
        "created": created,
        "deletes_after": created + KEPT_S,
        "frozen_time": frozen_time,
        "livemode": False,
        "name": name,
        "status": "ready",
        "status_details": {},
    }


def only_of(clock: str | None) -> Sql | None:
    """What lists show: the objects of one clock, or those of none where no clock is named."""
    return None if clock else ("json_extract(o.body, '$.test_clock') IS NULL", [])


def furthest(call: Call, clock: Object) -> int:
    """Up to where the clock may be advanced: two intervals of its shortest subscription, two years without one."""
    ends = []
    for subscription in call.every("subscription", {"test_clock": clock["id"]}):
        if subscription["status"] in ("canceled", "incomplete_expired"):
            continue
        for item in subscription["items"]["data"]:
            recurring = item["price"]["recurring"]
            interval, count = recurring["interval"], recurring["interval_count"]
            ends.append(periods.boundary(clock["frozen_time"], interval, count, 2))
    return min(ends, default=clock["frozen_time"] + LONGEST_WITHOUT_S)


def advance(call: Call, clock: Object, to: int) -> None:
    """Let everything happen that was put off until `to` or earlier, oldest first, each at its own time."""
    # Only the catalogue knows the actions of all resources, and it is made of them.
    from paydesk.server.sandbox.catalogue import ROUTES

    for _ in range(MAX_DUE):
        row = call.store.execute(
            "SELECT seq, at, action, argument FROM clock_due WHERE clock = ? AND account = ? AND at <= ?"
            " ORDER BY at, seq LIMIT 1",
            (clock["id"], call.account, to),
        ).fetchone()
        if row is None:
            return
        seq, at, action, argument = row
        call.store.execute("DELETE FROM clock_due WHERE seq = ?", (seq,))
        then = Call(
            store=call.store,
            account=call.account,
            now=at,
            new_id=call.new_id,
            clock=clock["id"],
            world_now=call.now,
        )
        try:
            with call.store.savepoint():
                ROUTES.actions[action](then, **json.loads(argument))
        except sqlite3.OperationalError:
            raise
        except Exception:
            # As for what is due without a clock: undone, not tried again, and the rest goes on.
            log.exception("what was due on a test clock could not happen: %s", action)


def forget(call: Call, clock: Object) -> None:
    """What was put off for a clock that is no more."""
    call.store.execute("DELETE FROM clock_due WHERE clock = ? AND account = ?", (clock["id"], call.account))
