"""The seeded business of the sandbox with a door to it, built once, and its month as the report has it."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from paydesk.server.reports.gathering import gather_month
from paydesk.server.reports.model import MonthReport
from paydesk.server.sandbox.app import Sandbox, create_sandbox
from paydesk.server.stripe_api.opening import sandbox_door

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
MONTH = date(2026, 10, 1)


@pytest.fixture(scope="session")
def box() -> Iterator[Sandbox]:
    """The business of the sandbox, for tests that only read it."""
    sandbox = create_sandbox(None, seed=7, now=NOW.timestamp)
    yield sandbox
    sandbox.close()


@pytest.fixture
async def door(box: Sandbox) -> AsyncIterator[Any]:
    """A door to it; it is left open, for closing it would close the sandbox."""
    return sandbox_door(box, now=NOW.timestamp)


@pytest.fixture
async def october(door: Any) -> MonthReport:
    """October, as the report has it."""
    return await gather_month(door, MONTH, mode="sandbox", now=NOW)


@pytest.fixture(scope="session")
def objects(box: Sandbox) -> dict[str, list[dict[str, Any]]]:
    """Every object of the sandbox by kind, read past its API."""
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, body in box.store.execute("SELECT kind, body FROM objects"):
        found.setdefault(kind, []).append(json.loads(body))
    return found
