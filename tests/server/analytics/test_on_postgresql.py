"""The same figures from a mirror in PostgreSQL as from one in a file, with a copy and without."""

from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from paydesk.server.analytics import lake as lake_module
from paydesk.server.store import MIRROR, open_store
from paydesk.skills.books import Span
from paydesk.skills.errors import SkillError
from paydesk.skills.figures import Figure
from paydesk.skills.metrics import DEFINITIONS, Grouping, Metric, check_grouping

SPAN = Span(date(2026, 6, 1), date(2026, 11, 22))
Found = dict[tuple[Metric, str | None], list[Figure]]


def askable() -> list[tuple[Metric, Grouping | None]]:
    """Every metric with every grouping that it takes."""
    found: list[tuple[Metric, Grouping | None]] = []
    for metric in DEFINITIONS:
        for by in (None, *get_args(Grouping)):
            try:
                check_grouping(metric, by)
            except SkillError:
                continue
            found.append((metric, by))
    return found


async def all_figures(desk: Any) -> Found:
    """Every figure that there is."""
    return {(metric, by): (await desk.ask(metric, SPAN, group_by=by)).figures for metric, by in askable()}


async def test_postgresql_gives_the_figures_of_sqlite(
    analyst: Any, over: Any, postgresql: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: PostgreSQL works by its URL alone, and its sums come out whole."""
    answers = []
    async with analyst(5, 12, 100) as desk:
        answers.append(await all_figures(desk))
        async with await open_store(postgresql.new_database(), MIRROR, schema="paydesk_acct_sandbox") as store:
            await store.write(desk.business.write)
            for most in (0, 1_000_000):
                monkeypatch.setattr(lake_module, "ANALYTICS_NEWER_MOST", most)
                async with over(store, tmp_path / str(most), desk.business) as other:
                    answers.append(await all_figures(other))
    assert len(answers[0]) > 100
    assert answers[0] == answers[1] == answers[2]
