"""A made-up business as rows of a mirror, and a mirror over them, so that every sum can be redone by hand."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from paydesk.server.analytics.figures import MirrorFigures
from paydesk.server.mirror.standing import Standing
from paydesk.server.mirror.sums import DailySums
from paydesk.server.store import MIRROR, Store, open_store
from paydesk.server.store import mirror_schema as tables
from paydesk.skills.books import Span
from paydesk.skills.figures import Asked, Counted

Rows = list[dict[str, Any]]
DAY = 86_400
NOW = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp())
KINDS = (
    ("charge", "charge", 1),
    ("payment", "charge", 1),
    ("refund", "refund", -1),
    ("adjustment", "dispute", -1),
    ("adjustment", "dispute_reversal", 1),
    ("stripe_fee", "fee", -1),
    ("payout", "payout", -1),
    ("refund_failure", "refund_failure", 1),
)


@dataclass
class Business:
    """The rows that were made, by table; `seq` is the mirror's counter."""

    random: Random
    days: int = 400
    seq: int = 1
    rows: dict[str, Rows] = field(default_factory=dict)

    def row(self, table: str, identity: str, created: int, **columns: Any) -> dict[str, Any]:
        """A row as the mirror writes it."""
        common = {"deleted": False, "as_of": created, "fetched": True, "seq": self.seq, "whole": "{}"}
        made = {"id": identity, "created": created, **columns, **common}
        self.rows.setdefault(table, []).append(made)
        return made

    def moment(self) -> int:
        """Some moment of the business, now and then a midnight."""
        moment = NOW - self.random.randrange(self.days * DAY)
        return moment // DAY * DAY if self.random.random() < 0.1 else moment

    def open(self, people: int, payments: int) -> None:
        """Customers, charges, ledger rows, subscriptions, products and invoices."""
        pick = self.random.choice
        for number in range(people):
            self.row("customers", f"cus_{number}", self.moment(), name=f"Person {number}" if number % 3 else None,
                     email=f"p{number}@example.com", country=None, currency=None)  # fmt: skip
        for number in range(4):
            self.row("products", f"prod_{number}", self.moment(), name=f"Plan {number}", active=True)
        for number in range(payments):
            self._charge(number, pick([None, *(f"cus_{one}" for one in range(people))]))
            kind, category, sign = pick(KINDS)
            amount, fee = sign * self.random.randrange(1, 50_000), self.random.randrange(300) if sign > 0 else 0
            created = self.moment()
            self.row("balance_transactions", f"txn_{number}", created, currency=pick(["usd", "eur", "jpy"]), type=kind,
                     reporting_category=category, source=None, amount_minor=amount, fee_minor=fee,
                     net_minor=amount - fee, available_on=(created // DAY + 7) * DAY, payout=None)  # fmt: skip
            self._invoice(number, pick(["paid", "paid", "open", "void"]))
        for number in range(people * 2):
            self.subscription(f"sub_{number}", f"cus_{number // 2}", pick(["usd", "usd", "eur"]))

    def _charge(self, number: int, customer: str | None) -> None:
        pick, random = self.random.choice, self.random
        status = pick(["succeeded", "succeeded", "failed", "pending"])
        amount, paid = random.randrange(50, 90_000), status == "succeeded"
        captured = amount if paid and random.random() < 0.9 else 0
        self.row("charges", f"ch_{number}", self.moment(), customer=customer, payment_intent=None,
                 currency=pick(["usd", "eur"]),
                 balance_transaction=None, status=status, amount_minor=amount, amount_captured_minor=captured,
                 amount_refunded_minor=random.randrange(captured + 1) if random.random() < 0.2 else 0, paid=paid,
                 captured=captured > 0, disputed=paid and random.random() < 0.1,
                 failure_reason=pick(["insufficient_funds", "card_declined"]) if status == "failed" else None,
                 card_brand=pick(["visa", "amex", None]), card_country=pick(["US", "DE", None]),
                 billing_country=pick(["FR", None]))  # fmt: skip

    def _invoice(self, number: int, status: str) -> None:
        created, currency = self.moment(), self.random.choice(["usd", "eur"])
        self.row("invoices", f"in_{number}", created, customer=None, subscription=None, currency=currency,
                 status=status, total_minor=0, amount_due_minor=0, amount_paid_minor=0, due_date=None)  # fmt: skip
        for line in range(self.random.randrange(3)):
            product = self.random.choice([None, "prod_0", "prod_1", "prod_2"])
            self.row("invoice_lines", f"il_{number}_{line}", created, invoice=f"in_{number}", price=None,
                     product=product, currency=currency, amount_minor=self.random.randrange(-500, 9_000), quantity=1,
                     period_start=None, period_end=None)  # fmt: skip

    def subscription(self, identity: str, customer: str, currency: str) -> None:
        """What one subscription brought a month from when on; also what is known of the future."""
        moments = sorted(
            {self.moment() + self.random.choice([0, 0, 30 * DAY]) for _ in range(self.random.randrange(1, 6))}
        )
        amount = -1
        for at in moments:
            new = self.random.choice([one for one in (0, 500, 1_000, 1_999) if one != amount])
            if new == 0 and amount == -1:
                continue
            amount = new
            self.rows.setdefault("revenue_changes", []).append(
                {"subscription": identity, "at": at, "customer": customer, "currency": currency,
                 "a_month_minor": amount, "seq": self.seq}
            )  # fmt: skip

    def write(self, connection: Connection) -> None:
        """Everything into an empty mirror, with its daily sums."""
        sums = DailySums()
        for name, rows in self.rows.items():
            connection.execute(insert(tables.metadata.tables[name]), rows)
            for row in rows:
                sums.replace(name.removesuffix("s"), None, row)
        sums.write(connection)
        connection.execute(insert(tables.facts), [{"name": "seq", "value": str(self.seq)}])


class MadeUpMirror:
    """A mirror that is filled and fresh, over a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.is_ready = True

    async def ready(self, budget_s: float) -> bool:
        return self.is_ready

    async def freshen(self, older_than_s: float) -> bool:
        return True

    async def standing(self) -> Standing:
        fresh = datetime.fromtimestamp(NOW - 12, UTC)
        return Standing({}, fresh, fresh, 0, None, 0)


@dataclass
class Analyst:
    """Figures over a made-up business, and how to ask for one."""

    business: Business
    mirror: MadeUpMirror
    figures: MirrorFigures

    async def ask(self, metric: Any, span: Span | None = None, **more: Any) -> Counted:
        """The figures of the whole time, or a period."""
        found = await self.figures.counted(Asked(metric, None, NOW, **more), span or Span(None, None))  # type: ignore[arg-type]
        assert found is not None
        return found


Open = Callable[..., AbstractAsyncContextManager[Analyst]]


@pytest.fixture(scope="session")
def empty_mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror's file without rows, made once."""
    file = tmp_path_factory.mktemp("empty") / "mirror.sqlite3"

    async def make() -> None:
        await (await open_store(file, MIRROR)).aclose()

    asyncio.run(make())
    return file


@asynccontextmanager
async def figures_over(store: Store, columns: Path, business: Business) -> AsyncIterator[Analyst]:
    """Figures over a store that holds this business."""
    mirror = MadeUpMirror(store)

    async def the_mirror() -> Any:
        return mirror

    async def the_folder() -> Path:
        return columns

    figures = MirrorFigures(the_mirror, the_folder)
    try:
        yield Analyst(business, mirror, figures)
    finally:
        await figures.aclose()


@pytest.fixture
def over() -> Open:
    """Opens figures over another store of a business."""
    return figures_over


@pytest.fixture
def analyst(tmp_path: Path, empty_mirror: Path) -> Open:
    """Opens figures over a business of this seed and size, written into a fresh mirror."""
    numbers = count()

    @asynccontextmanager
    async def opened(seed: int, people: int = 12, payments: int = 60) -> AsyncIterator[Analyst]:
        home = tmp_path / str(next(numbers))
        home.mkdir()
        shutil.copy(empty_mirror, home / "mirror.sqlite3")
        business = Business(Random(seed))  # noqa: S311 - a test's own choices
        business.open(people, payments)
        async with await open_store(home / "mirror.sqlite3", MIRROR) as store:
            await store.write(business.write)
            async with figures_over(store, home / "analytics", business) as desk:
                yield desk

    return opened
