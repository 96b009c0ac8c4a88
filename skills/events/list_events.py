"""What happened in the account: Stripe's events of the last thirty days."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from paydesk.skills import period, reading
from paydesk.skills.base import Desk, Effect, Json, Strict, skill
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.money import Money, money

_KEPT_DAYS = 30
_NAMED = ("name", "email", "number", "description")


class Params(Strict):
    event_type: Annotated[
        str | None, Field(pattern=r"^[a-z0-9_.]{2,80}(\.\*)?$", description="charge.refunded, or invoice.*")
    ] = None
    about: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_]{3,100}$", description="Id of what it happened to")] = (
        None
    )
    start: date | None = None
    end: date | None = None
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class EventRow(reading.Row):
    """One event: what happened (`type`), to what (`about`, an id), when (UTC), and which fields changed."""

    id: str
    type: str
    at: str
    about: str | None = None
    name: str | None = None
    amount: Money | None = None
    changed: list[str] | None = None

    @classmethod
    def of(cls, event: Json) -> "EventRow":
        """An event of Stripe as a row."""
        about = event["data"]["object"]
        changed = sorted(event["data"].get("previous_attributes") or {})
        named = next((about[name] for name in _NAMED if isinstance(about.get(name), str) and about[name]), None)
        has_amount = isinstance(about.get("amount"), int) and about.get("currency")
        return cls(
            id=str(event["id"]),
            type=str(event["type"]),
            at=f"{datetime.fromtimestamp(int(event['created']), UTC):%Y-%m-%d %H:%M}",
            about=about.get("id"),
            name=clean_or_none(named, 40),
            amount=money(about["amount"], about["currency"]) if has_amount else None,
            changed=changed or None,
        )

    def line(self) -> str:
        """The event in words."""
        changed = f"changed {', '.join(self.changed)}" if self.changed else None
        told = [self.at, self.type, self.amount.text if self.amount else None, self.name, self.about, changed]
        return " ".join(part for part in told if part)


class Events(reading.Listed):
    """Events, newest first."""

    events: list[EventRow]

    def told(self) -> list[str]:
        """One line an event."""
        return [event.line() for event in self.events]


@skill(
    effect=Effect.READ,
    toolset="analytics",
    says=("list events {dates}", "what happened to {phrase}"),
    examples=({"event_type": "charge.dispute.*"}, {"about": "sub_1MowQVLkdIwHu7ixeRlqHVzs"}),
)
async def list_events(params: Params, desk: Desk) -> Events:
    """List what happened in the account: events by type, object and date, for thirty days back."""
    asked = period.within(params.start, params.end) | ({"type": params.event_type} if params.event_type else {})
    keep = None if params.about is None else lambda event: _concerns(event, str(params.about))
    found = await reading.read(desk.stripe, "/v1/events", asked, limit=params.limit, cursor=params.cursor, keep=keep)
    count = len(found.items)
    order = ", newest first" if count else ""
    told = f"{count or 'No'} event{'' if count == 1 else 's'}{period.told(params.start, params.end)}{order}."
    return Events(
        events=[EventRow.of(event) for event in found.items],
        has_more=found.more,
        next_cursor=found.cursor,
        looked_at=found.looked_at if found.looked_at > count else None,
        says=told + reading.honest(found, count, "events") + _kept(params.start, desk.now()),
    )


def _concerns(event: Json, identifier: str) -> bool:
    """Whether it happened to this object or to one that names it: a charge is about its customer, too."""
    about = event["data"]["object"]
    return identifier in {about.get(name) for name in ("id", "customer", "payment_intent", "charge", "invoice")}


def _kept(start: date | None, now: datetime) -> str:
    too_old = start is not None and start < now.date() - timedelta(days=_KEPT_DAYS)
    return f" Stripe lists events for {_KEPT_DAYS} days; older ones are not in it." if too_old else ""
