"""How deliveries and events go, in figures: no account's business and nobody's data, but still for operators only.

Prometheus' text format, https://prometheus.io/docs/instrumenting/exposition_formats/.
"""

import time
from collections.abc import Iterator, Mapping

from paydesk.server.webhooks.feed import Feed

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def measures(feed: Feed, taken: Mapping[str, int]) -> str:
    """The text. Raises StoreError where an inbox cannot be read."""
    now = time.time()
    found: dict[str, list[tuple[str, float]]] = {
        "paydesk_events_pending": [],
        "paydesk_events_set_aside": [],
        "paydesk_events_lag_seconds": [],
        "paydesk_events_caught_up_seconds": [],
        "paydesk_webhook_queue": [],
    }
    for account, line in feed.lines.items():
        standing = await line.mirror.standing()
        label = f'{{account="{account}"}}'
        oldest, fresh = standing.oldest_pending_at, standing.fresh_at
        found["paydesk_events_pending"].append((label, standing.pending))
        found["paydesk_events_set_aside"].append((label, standing.set_aside))
        found["paydesk_events_lag_seconds"].append((label, max(now - oldest.timestamp(), 0.0) if oldest else 0.0))
        if fresh is not None:
            age_s = max(line.mirror.now() - fresh.timestamp(), 0.0)
            found["paydesk_events_caught_up_seconds"].append((label, age_s))
        found["paydesk_webhook_queue"].append((label, line.group.waiting))
    deliveries = [(f'{{result="{result}"}}', float(count)) for result, count in sorted(taken.items())]
    lines = [*_lines("paydesk_webhook_deliveries_total", "counter", deliveries)]
    for name, values in found.items():
        lines += _lines(name, "gauge", values)
    return "\n".join(lines) + "\n"


async def condition(feed: Feed) -> dict[str, object]:
    """The same in a few words for a load balancer, over all accounts. Raises StoreError."""
    now = time.time()
    standings = {account: await line.mirror.standing() for account, line in feed.lines.items()}
    oldest = [one.oldest_pending_at for one in standings.values() if one.oldest_pending_at is not None]
    return {
        "mirror": "filled" if standings[feed.account].filled_at else "filling" if feed.fills else "off",
        "events": {
            "pending": sum(one.pending for one in standings.values()),
            "set_aside": sum(one.set_aside for one in standings.values()),
            "lag_s": round(max([now - one.timestamp() for one in oldest], default=0.0), 1),
        },
    }


_HELP = {
    "paydesk_webhook_deliveries_total": "Deliveries by how they were answered",
    "paydesk_events_pending": "Events that wait to be handled",
    "paydesk_events_set_aside": "Events that could not be handled",
    "paydesk_events_lag_seconds": "How long the oldest of those that wait has waited",
    "paydesk_events_caught_up_seconds": "How long ago holes were last looked for",
    "paydesk_webhook_queue": "Deliveries that are being written",
}


def _lines(name: str, kind: str, values: list[tuple[str, float]]) -> Iterator[str]:
    yield f"# HELP {name} {_HELP[name]}"
    yield f"# TYPE {name} {kind}"
    for label, value in values:
        yield f"{name}{label} {value:g}"
