"""Whose days the account's are, and what is said where they are not those of UTC."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from paydesk.server import account_zone
from paydesk.server.account_zone import AccountZone
from paydesk.server.caller import Caller
from paydesk.server.commands.parsing import parse
from paydesk.server.errors import PaydeskError
from paydesk.server.settings import Settings
from paydesk.server.wiring import open_desk

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class _Account:
    """Reads an account of one time zone, or fails."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)

    async def get(self, path: str, params: Any = None) -> Any:
        assert path == "/v1/account"
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"id": "acct_1", "settings": {"dashboard": {"timezone": answer}}}


async def test_the_zone_is_asked_for_once() -> None:
    """Ours: settings.dashboard.timezone is Stripe's name for it, an IANA zone."""
    zone, account = AccountZone(), _Account("Europe/Berlin")
    assert await zone.of(account) == ZoneInfo("Europe/Berlin")
    assert await zone.of(account) == ZoneInfo("Europe/Berlin")
    assert account.answers == []


async def test_an_account_that_may_not_be_read_is_asked_again() -> None:
    """Ours: a key without that right gets UTC and no error."""
    zone = AccountZone()
    account = _Account(PaydeskError("no", code="forbidden"), "Asia/Tokyo")
    assert await zone.of(account) is UTC
    assert await zone.of(account) == ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize("named", [None, "", "UTC", "Etc/UTC", "Mars/Olympus", "../../etc/passwd", 5])
def test_no_zone_is_utc(named: object) -> None:
    """Ours: what is no zone is UTC, and nothing is opened for it."""
    assert account_zone.zone_of({"settings": {"dashboard": {"timezone": named}}}) is UTC
    assert account_zone.zone_of({"settings": None}) is UTC


def test_when_the_days_begin_is_told() -> None:
    """Ours: the skills' days are those of UTC, so another zone's are told apart."""
    assert account_zone.told(UTC, NOW) is None
    assert account_zone.told(ZoneInfo("Europe/Berlin"), NOW) == (
        "Days are counted in UTC; in Europe/Berlin they begin at 23:00 UTC."
    )


async def test_yesterday_is_the_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: `ask` reads dates where the account is, and says that the days it shows are others."""
    monkeypatch.setattr("paydesk.server.account_zone.zone_of", lambda _: ZoneInfo("Pacific/Kiritimati"))
    async with open_desk(Settings(home=tmp_path, stripe_secret_key=None, stripe_api_base=None)) as desk:
        now = (await desk.door()).now()
        answer = await desk.call("ask", {"text": "payments since 9am"}, Caller("local"))
    there = now.astimezone(ZoneInfo("Pacific/Kiritimati")).date().isoformat()
    assert answer.arguments["start"] == there
    assert "Times of day are left out" in answer.says
    assert "Pacific/Kiritimati" in answer.says


def test_parse_takes_a_zone() -> None:
    """Ours: `paydesk parse --tz` for who wants to see another zone's days."""
    run = CliRunner().invoke
    text = ["--now", "2026-11-21T23:30:00Z", "payments today"]
    assert '"start": "2026-11-22"' in run(parse, ["--tz", "Europe/Berlin", *text], standalone_mode=False).output
    assert '"start": "2026-11-21"' in run(parse, text, standalone_mode=False).output
    assert "Europe/Berlin or UTC" in str(run(parse, ["--tz", "Mars/Olympus", *text], standalone_mode=False).exception)
