"""Find customers: by name however it is spelt, by e-mail, or simply the newest."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

import anyio
from pydantic import Field

from paydesk.skills import period, reading
from paydesk.skills.base import CustomerMatch, Desk, Effect, Json, Strict, skill
from paydesk.skills.errors import PaydeskError, SkillError
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.who import PART_OF_FIELD, SURE, Resembling, by_email, by_name

_READ_MOST = 30
_FURTHER = ("phone", "description", "delinquent")  # what the index of customers does not know


class Params(Strict):
    query: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    start: date | None = None
    end: date | None = None
    status: Literal["delinquent"] | None = None
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class CustomerRow(reading.Row):
    """One customer; `confidence` (0 to 1) says how well it fits what was asked, where something was."""

    id: str
    name: str | None = None
    email: str | None = None
    created: str
    confidence: float | None = None
    phone: str | None = None
    description: str | None = None
    delinquent: bool | None = None

    @classmethod
    def of(cls, customer: Json, confidence: float | None = None, *, full: bool = False) -> "CustomerRow":
        """A row of a list; phone, description and whether an invoice is unpaid are told where `full`."""
        more: Json = {}
        if full:
            more = {
                "phone": clean_or_none(customer.get("phone"), 40),
                "description": clean_or_none(customer.get("description")),
                "delinquent": bool(customer.get("delinquent")),
            }
        return cls(
            id=str(customer["id"]),
            name=clean_or_none(customer.get("name")),
            email=clean_or_none(customer.get("email")),
            created=period.day(int(customer["created"])),
            confidence=confidence,
            **more,
        )

    def line(self) -> str:
        """The customer in words."""
        sure = f"{self.confidence:.0%}" if self.confidence is not None else None
        late = "delinquent" if self.delinquent else None
        told = [self.name or "(no name)", self.email, self.phone, late, self.created, self.id, sure, self.description]
        return " ".join(part for part in told if part)


class Customers(reading.Listed):
    """Customers, best match first where something was asked, else newest first."""

    customers: list[CustomerRow]

    def told(self) -> list[str]:
        """One line a customer."""
        return [customer.line() for customer in self.customers]


@skill(
    effect=Effect.READ,
    toolset="customers",
    says=(
        "find customer {customer}",
        "is there a customer called {customer}",
        "who is {email}",
        "show {limit} customers",
    ),
    examples=({"query": "jane doe"}, {"start": "2026-10-01", "end": "2026-11-01"}),
)
async def find_customers(params: Params, desk: Desk) -> Customers:
    """Find customers by name (fuzzy), e-mail, phone or id, or list the newest."""
    if params.query is None:
        return await _newest(params, desk)
    if params.cursor is not None:
        raise SkillError(
            "Matches come in one page: cursor does not go with query.",
            code="cursor_without_order",
            field="cursor",
            next_step="Ask for a larger limit, or for more of the name.",
        )
    found = await _resembling(desk, params.query.strip())
    full = reading.wants(params.detail, *_FURTHER)
    if found.indexed and (full or params.status):
        found = replace(found, matches=await _whole(desk, found.matches[:_READ_MOST]))
    bounds = period.within(params.start, params.end).get("created", {})
    fitting = [
        match
        for match in found.matches
        if bounds.get("gte", 0) <= match.customer["created"] < bounds.get("lt", float("inf"))
        and (params.status is None or match.customer.get("delinquent"))
    ]
    shown = fitting[: params.limit]
    return Customers(
        customers=[CustomerRow.of(match.customer, round(match.score / 100, 2), full=full) for match in shown],
        has_more=len(fitting) > len(shown),
        looked_at=found.looked_at,
        says=_sure(fitting, clean(params.query, 60), found),
    )


async def _whole(desk: Desk, matches: list[CustomerMatch]) -> list[CustomerMatch]:
    """The same from Stripe: the index knows no phone and no description, nor whether an invoice is unpaid."""
    read: dict[int, CustomerMatch] = {}
    failures: list[PaydeskError] = []

    async def look(at: int, match: CustomerMatch) -> None:
        try:
            customer = await desk.customers.fresh(match)
        except PaydeskError as failure:  # one of them is to be told, not a group of them
            failures.append(failure)
        else:
            if customer is not None:
                read[at] = CustomerMatch(customer, match.score)

    async with anyio.create_task_group() as together:
        for at, match in enumerate(matches):
            together.start_soon(look, at, match)
    if failures:
        raise failures[0]
    return [read[at] for at in sorted(read)]


async def _resembling(desk: Desk, text: str) -> Resembling:
    if text.startswith("cus_") and text.isascii() and text.replace("_", "").isalnum():
        customer = await desk.stripe.get(f"/v1/customers/{text}")
        return _known([] if customer.get("deleted") else [CustomerMatch(customer, 100.0)])
    if "@" in text:
        exact = [CustomerMatch(customer, 100.0) for customer in await by_email(desk.stripe, text)]
        return _known(exact or await _holding(desk, "email", text.partition("@")[0] or text[1:]))
    if sum(character.isdigit() for character in text) >= 5 and not any(character.isalpha() for character in text):
        return _known(await _holding(desk, "phone", text))
    return await by_name(desk, text, email_too=True)


def _known(matches: list[CustomerMatch]) -> Resembling:
    return Resembling(matches, looked_at=len(matches), whole=True)


async def _holding(desk: Desk, name: str, text: str) -> list[CustomerMatch]:
    """Stripe's search for a part of a field (three characters at least); a part is a hint, not a match."""
    part = text.replace("\\", "").replace('"', "")
    if len(part) < 3:
        return []
    page = await desk.stripe.page("/v1/customers/search", {"query": f'{name}~"{part}"', "limit": 100})
    exact = [CustomerMatch(customer, 100.0 if customer.get(name) == text else PART_OF_FIELD) for customer in page.data]
    return sorted(exact, key=lambda match: -match.score)


def _sure(matches: list[CustomerMatch], asked: str, found: Resembling) -> str:
    among = "" if found.whole else f" among the {found.looked_at:,} that were compared"
    if not matches:
        return f"No customer resembles {asked}{among}."
    best = [match for match in matches if match.score >= SURE]
    if not best:
        return f"No customer is called {asked}{among}; {len(matches)} resemble{'s' if len(matches) == 1 else ''} it."
    if len(best) == 1:
        rest = len(matches) - 1
        others = f"; {rest} {'others resemble' if rest > 1 else 'other resembles'} it" if rest else ""
        return f"One customer fits {asked} ({best[0].score:.0f}% sure){others}."
    return f"{len(best)} customers fit {asked}; an e-mail or id tells them apart."


async def _newest(params: Params, desk: Desk) -> Customers:
    if params.cursor is not None and not params.cursor.startswith("cus_"):
        raise SkillError("cursor must be the next_cursor of an earlier answer.", field="cursor")
    found = await reading.read(
        desk.stripe,
        "/v1/customers",
        period.within(params.start, params.end),
        limit=params.limit,
        cursor=params.cursor,
        keep=None if params.status is None else lambda one: bool(one.get("delinquent")),
    )
    noun = "customer" if len(found.items) == 1 else "customers"
    count = len(found.items) or "No"
    told = f"{count} {noun}{period.told(params.start, params.end)}{', newest first' if found.items else ''}."
    return Customers(
        customers=[CustomerRow.of(customer, full=reading.wants(params.detail, *_FURTHER)) for customer in found.items],
        has_more=found.more,
        next_cursor=found.cursor,
        looked_at=found.looked_at,
        says=told + reading.honest(found, len(found.items), "customers"),
    )
