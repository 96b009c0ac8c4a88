"""`paydesk report` and `--chart`: files as asked for, sentences where something is wrong."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from paydesk.server.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose sandbox is built once for all tests here."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def run(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `paydesk ARGUMENTS` in a folder of its own; its exit code and what it printed."""
    for name in list(os.environ):  # noqa: TID251 - the tests' own clean slate
        if name.startswith(("PAYDESK_", "STRIPE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PAYDESK_HOME", str(home))
    monkeypatch.setenv("PAYDESK_MIRROR", "off")
    monkeypatch.chdir(tmp_path)

    def running(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return int(ended.value.code or 0), told.out, told.err

    return running


def test_a_month_is_reported_in_each_form(run: Run, tmp_path: Path) -> None:
    """Ours: without keys, on the sandbox, reconciled."""
    code, out, _ = run("report", "month")
    assert code == 0
    assert "Reconciled: every balance" in out
    code, out, _ = run("report", "month", "--csv")
    assert out.splitlines()[0] == "account,month,section,currency,item,amount,number,detail"
    code, out, err = run("report", "month", "--pdf", "--out", "month.pdf")
    assert (code, out, err) == (0, "", "The report is in month.pdf.\n")
    assert (tmp_path / "month.pdf").read_bytes().startswith(b"%PDF-")
    assert [path.name for path in tmp_path.iterdir()] == ["month.pdf"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("report", "month", "2026-13"), "must be a month such as 2026-10"),
        (("report", "month", "October"), "must be a month such as 2026-10"),
        (("report", "month", "2999-01"), "[month_ahead]"),
        (("report", "month", "--csv", "--out", "no/such/folder.csv"), "[file_not_written]"),
        (("call", "get_analytics", '{"metric": "mrr"}', "--chart", "mrr.gif"), "must end in .png or .svg"),
        (("call", "get_balance", "--chart", "balance.png"), "chart is not an argument"),
    ],
)
def test_what_cannot_be_written_is_said(run: Run, tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """Ours: a sentence and a code; nothing half written is left."""
    code, _, err = run(*arguments)
    assert code != 0
    assert told in err
    assert list(tmp_path.iterdir()) == []


def test_a_chart_is_drawn_into_the_file_that_was_named(run: Run, tmp_path: Path) -> None:
    """Ours: the same picture as in a chat, or an SVG for a page."""
    asked = '{"metric": "top_customers", "currency": "usd"}'
    assert run("call", "get_analytics", asked, "--chart", "top.svg")[2] == "The chart is in top.svg.\n"
    assert (tmp_path / "top.svg").read_text("utf-8").startswith("<svg")
    code, out, _ = run("ask", "chart usd revenue by month this year", "--chart", "revenue.png")
    assert code == 0
    assert out.startswith("[sandbox] Revenue")
    assert (tmp_path / "revenue.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_to_draw_is_said_and_no_file_is_written(run: Run, tmp_path: Path) -> None:
    """Ours: an empty picture would look like an answer."""
    _, out, err = run("call", "get_analytics", '{"metric": "mrr", "currency": "usd"}', "--chart", "mrr.png")
    assert "No chart" in out
    assert "nothing to draw" in err
    assert list(tmp_path.iterdir()) == []
