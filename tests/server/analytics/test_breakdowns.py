"""What was paid by product, country and card, month by month, is what the sandbox's own objects come to."""

import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from paydesk.server.analytics.figures import MirrorFigures
from paydesk.server.mirror.mirror import open_mirror
from paydesk.server.sandbox.app import Sandbox, create_sandbox
from paydesk.server.settings import Settings
from paydesk.server.stripe_api.opening import sandbox_door
from paydesk.skills.base import StripeRequest
from paydesk.skills.books import Span
from paydesk.skills.figures import Asked
from paydesk.skills.period import seconds

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
MONTHS = [
    Span(date(2025 + at // 12, at % 12 + 1, 1), date(2025 + (at + 1) // 12, (at + 1) % 12 + 1, 1))
    for at in range(10, 23)
]
SPANS = [Span(None, None), *MONTHS, Span(date(2026, 2, 11), date(2026, 9, 2))]
Json = dict[str, Any]


class Books:
    """The sandbox's objects, read past its API, and the figures of a mirror that was fed through it."""

    def __init__(self, box: Sandbox, figures: MirrorFigures, door: Any) -> None:
        self.figures, self.door = figures, door
        self.of: dict[str, list[Json]] = defaultdict(list)
        for kind, body in box.store.execute("SELECT kind, body FROM objects"):
            self.of[kind].append(json.loads(body))
        self.names = {one["id"]: one["name"] for one in self.of["product"]}

    async def ask(self, metric: Any, by: Any, span: Span) -> list[Any]:
        asked = Asked(metric, self.door, int(NOW.timestamp()), group_by=by, limit=100)
        found = await self.figures.counted(asked, span)
        assert found is not None
        assert not found.has_more
        return list(found.figures)

    def made_in(self, kind: str, span: Span) -> Iterator[Json]:
        begin, end = (seconds(span.start) if span.start else 0), (seconds(span.end) if span.end else 2**60)
        return (one for one in self.of[kind] if begin <= one["created"] < end)


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[Books]:
    """The made-up business, some of whose payments were given back after the mirror was filled."""
    box = create_sandbox(None, seed=11, now=NOW.timestamp)
    door = sandbox_door(box, now=NOW.timestamp)
    mirror = await open_mirror(Settings(home=tmp_path), await door.account_id(), "sandbox", door)

    async def the_mirror() -> Any:
        return mirror

    async def the_folder() -> Path:
        return tmp_path / "columns"

    await mirror.sync()
    figures = MirrorFigures(the_mirror, the_folder)
    await figures.copy()
    paid = [one async for one in door.every("/v1/charges", {}, most=200) if one["captured"] and not one["refunded"]]
    for at, one in enumerate(paid[::9]):
        request = StripeRequest("POST", "/v1/refunds", {"charge": one["id"], "amount": 50 + at})
        await door.send(request, idempotency_key=f"back{at}")
    await mirror.freshen(0.0)
    yield Books(box, figures, door)
    await figures.aclose()
    await mirror.aclose()
    await door.aclose()


def country(charge: Json) -> str:
    return (charge["billing_details"]["address"] or {}).get("country") or _card(charge).get("country") or "(unknown)"


def card_brand(charge: Json) -> str:
    return _card(charge).get("brand") or "(unknown)"


def _card(charge: Json) -> Json:
    found: Json = (charge["payment_method_details"] or {}).get("card") or {}
    return found


def told(figures: list[Any]) -> dict[tuple[str, str], int]:
    """(group, currency) -> minor units, without zeros."""
    return {(f.group, f.amount.currency): f.amount.amount_minor for f in figures if f.amount.amount_minor}


async def check_charges(it: Books, by: str, place: Any, span: Span) -> None:
    """Money, counts and rates of charges."""
    sums: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    tries, kinds = Counter[str](), defaultdict[str, Counter[str]](Counter)
    for charge in it.made_in("charge", span):
        where, kept = place(charge), charge["amount_captured"] - charge["amount_refunded"]
        if charge["status"] == "failed":
            kinds["failure_rate"][where] += 1
        elif charge["status"] == "succeeded":
            sums["volume"][where, charge["currency"]] += charge["amount_captured"]
            sums["revenue"][where, charge["currency"]] += kept
            kinds["success_rate"][where] += 1
            kinds["refund_rate"][where] += charge["amount_refunded"] > 0
            kinds["dispute_rate"][where] += charge["disputed"]
        tries[where] += charge["status"] in ("succeeded", "failed")
    for metric in ("volume", "revenue"):
        found = told(await it.ask(metric, by, span))
        assert found == {key: minor for key, minor in sums[metric].items() if minor}, (metric, by, span)
    for metric in ("success_rate", "failure_rate", "refund_rate", "dispute_rate"):
        of = tries if metric in ("success_rate", "failure_rate") else kinds["success_rate"]
        found = {f.group: (f.count, f.of) for f in await it.ask(metric, by, span) if f.of}
        assert found == {where: (kinds[metric][where], n) for where, n in of.items() if n}, (metric, by, span)


async def check_products(it: Books, span: Span) -> None:
    """Lines of paid invoices."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for invoice in it.made_in("invoice", span):
        for line in invoice["lines"]["data"] if invoice["status"] == "paid" else ():
            product = ((line["pricing"] or {}).get("price_details") or {}).get("product")
            sums[f"{it.names[product]} {product}" if product else "(no product)", line["currency"]] += line["amount"]
    found = told(await it.ask("revenue", "product", span))
    assert found == {key: minor for key, minor in sums.items() if minor}, span


async def test_breakdowns_are_what_the_sandboxs_own_objects_come_to(books: Books) -> None:
    """Issue's rule: every figure equals an independent recomputation from the books, per currency, to the cent."""
    for span in SPANS:
        await check_charges(books, "country", country, span)
        await check_charges(books, "card_brand", card_brand, span)
        await check_products(books, span)
    everywhere = await books.ask("revenue", "country", Span(None, None))
    assert len({one.group for one in everywhere}) > 3
    assert len({one.amount.currency for one in everywhere}) > 1
    assert len({one.group for one in await books.ask("revenue", "product", Span(None, None))}) > 3
