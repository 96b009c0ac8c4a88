"""The command `paydesk`: sentences for people, JSON for programs, exit codes for scripts, and never a traceback."""

import io
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from paydesk.server.cli import main


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose sandbox is built once for all tests here."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `paydesk ARGUMENTS` in this process; `typed` is what a person at a terminal types."""
    for name in list(os.environ):  # noqa: TID251 - the tests' own clean slate
        if name.startswith(("PAYDESK_", "STRIPE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PAYDESK_HOME", str(home))

    def running(*arguments: str, typed: str | None = None, piped: str = "") -> Ran:
        stdin = _Terminal(typed) if typed is not None else io.TextIOWrapper(io.BytesIO(piped.encode()), "utf-8")
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        code = ended.value.code
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return Ran(code if isinstance(code, int) else 1, told.out, told.err)

    return running


def _proposal(ran: Ran) -> str:
    return str(json.loads(ran.out)["result"]["proposal_id"])


def test_a_question_is_answered_in_a_sentence_that_says_sandbox(run: Run) -> None:
    """Ours: without a key every answer says that it is not real money."""
    ran = run("ask", "what's my balance?")
    assert ran.code == 0
    assert ran.out.startswith("[sandbox] Available $")


def test_the_three_sentences_of_the_demo_work(run: Run) -> None:
    """Ours: what the README shows."""
    assert "failed payments over 50 USD" in run("ask", "show failed payments over 50 dollars from last month").out
    ran = run("ask", "refund the last payment of Amélie Lefèvre")
    assert ran.code == 5
    assert "Nothing has happened yet" in ran.out
    assert "paydesk approve prop_" in ran.out


def test_json_goes_to_programs(run: Run) -> None:
    """Ours: --json wherever a program may read."""
    answer = json.loads(run("call", "get_balance", '{"currency": "usd"}', "--json").out)
    assert answer["mode"] == "sandbox"
    assert answer["result"]["balances"][0]["currency"] == "usd"


def test_a_list_is_a_table_where_a_spreadsheet_is_to_read_it(run: Run) -> None:
    """Ours: only the table goes to standard output; how far was looked is said beside it."""
    ran = run("call", "list_payments", '{"limit": 3}', "--csv", "--fields", "id,amount")
    assert ran.out.splitlines()[0] == "id,amount,amount_currency"
    assert len(ran.out.splitlines()) == 4
    assert ran.err.startswith("[sandbox] 3 payments")
    whole = run("call", "list_disputes", '{"limit": 2}', "--csv", "--all")
    rows = len(whole.out.splitlines()) - 1
    assert rows > 2
    assert whole.err == f"[sandbox] {rows} rows.\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("create_customer", '{"name": "Table No"}', "--csv"), "not_a_list"),
        (("list_payments", "--csv", "--fields", "creatd"), "unknown_field"),
        (("get_balance", "--csv", "--all"), "no_pages"),
        (("list_payments", "--fields", "id"), "go with --csv"),
        (("list_payments", "--csv", "--json"), "nothing else"),
    ],
)
def test_what_cannot_be_a_table_is_said_and_nothing_is_proposed(
    run: Run, arguments: tuple[str, ...], code: str
) -> None:
    """Ours: wrong usage, exit code 2."""
    ran = run("call", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert code in ran.err
    assert "Table No" not in run("proposals").out


def test_a_person_at_the_terminal_is_asked_at_once_and_no_means_no(run: Run) -> None:
    """Ours: enter alone is no."""
    ran = run("call", "create_customer", '{"name": "Terminal No"}', typed="\n")
    assert ran.code == 6
    assert "Approve? [y/N]" in ran.out
    assert "Terminal No" not in run("call", "find_customers", '{"limit": 5}').out


def test_a_yes_at_the_terminal_sends_it(run: Run) -> None:
    """Ours: the desk sends it itself after the yes."""
    ran = run("call", "create_customer", '{"name": "Terminal Yes"}', typed="y\n")
    assert ran.code == 0
    assert "Created customer Terminal Yes" in ran.out


def test_a_proposal_waits_is_listed_approved_once_and_listed_no_more(run: Run) -> None:
    """Ours: the way for clients that cannot ask; a second approval tells the outcome and sends nothing."""
    waiting = run("call", "create_customer", '{"name": "Out Of Band"}', "--json")
    assert waiting.code == 5
    name = _proposal(waiting)
    assert name in run("proposals").out
    first, second = run("approve", name, "--yes", "--json"), run("approve", name, "--yes", "--json")
    assert (first.code, second.code) == (0, 0)
    customers = [json.loads(ran.out)["result"]["result"]["customer"] for ran in (first, second)]
    assert customers[0] == customers[1]
    assert name not in run("proposals").out
    assert name in run("proposals", "--all").out
    found = json.loads(run("call", "find_customers", '{"query": "Out Of Band"}', "--json").out)
    assert len(found["result"]["customers"]) == 1


def test_a_rejected_proposal_cannot_be_approved(run: Run) -> None:
    """Ours: a no is final."""
    name = _proposal(run("call", "create_customer", '{"name": "Rejected One"}', "--json"))
    assert run("reject", name).code == 0
    ran = run("approve", name, "--yes")
    assert ran.code == 1
    assert "rejected" in ran.err


def test_approving_without_a_terminal_needs_to_be_said_twice(run: Run) -> None:
    """Ours: nobody approves by accident in a script."""
    name = _proposal(run("call", "create_customer", '{"name": "Piped One"}', "--json"))
    ran = run("approve", name)
    assert ran.code == 2
    assert "--yes" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("call", "get_balanse"), 2, "get_balance"),
        (("call", "get_balance", '{"curency": "usd"}'), 2, "did you mean currency"),
        (("call", "get_balance", "{nope"), 2, "not valid JSON"),
        (("call", "get_balance", "[1]"), 2, "JSON object"),
        (("call", "list_payments", '{"limit": "5"}'), 2, "limit"),
        (("call", "get_payment", '{"payment": "pi_missing"}'), 3, "No such payment_intent"),
        (("call", "get_customer", '{"customer": "nobody at all"}'), 1, "No customer is called"),
        (("approve", "prop_0000000000", "--yes"), 1, "proposal"),
        (("aks", "balance"), 2, "Did you mean 'ask'"),
        (("parse", "--now", "tomorrow", "x"), 2, "ISO 8601"),
    ],
)
def test_bad_input_gets_a_sentence_and_an_exit_code(run: Run, arguments, code: int, told: str) -> None:
    """Ours: what failed, and what would be right."""
    ran = run(*arguments)
    assert ran.code == code, ran
    assert told in ran.err


def test_an_error_is_json_where_json_was_asked_for(run: Run) -> None:
    """Ours: a program reads the code, not the words."""
    ran = run("call", "get_balance", '{"currency": 5}', "--json")
    assert json.loads(ran.err)["error"]["code"] == "invalid_arguments"


@pytest.mark.parametrize("sentence", ["what's the weather in Paris", "don't refund anything", "   "])
def test_what_is_not_for_the_desk_is_said_to_be_so(run: Run, sentence: str) -> None:
    """Ours: it abstains rather than guesses."""
    assert run("ask", sentence).code in (2, 4)


def test_an_unclear_sentence_is_a_question(run: Run) -> None:
    """Ours: unclear money means a question."""
    ran = run("ask", "refund $25")
    assert ran.code == 4
    assert "?" in ran.out


def test_parse_reads_lines_and_answers_in_order(run: Run) -> None:
    """Ours: the interface for those who measure it."""
    lines = "\n".join(
        json.dumps({"id": str(n), "text": text}) for n, text in enumerate(["balance?", "refund pi_123abc"])
    )
    ran = run("parse", "--jsonl", "--now", "2026-11-21T12:00:00Z", piped=lines)
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [(row["id"], row["skill"]) for row in rows] == [("0", "get_balance"), ("1", "refund_payment")]
    assert set(rows[0]) == {"id", "skill", "entities", "missing", "question", "confidence", "money", "dates", "us"}


def test_skills_are_listed_and_one_is_shown_whole(run: Run) -> None:
    """Ours: the catalogue without a browser."""
    assert "refund_payment" in run("skills").out
    shown = json.loads(run("skills", "refund_payment").out)
    assert shown["effect"] == "money"
    assert shown["input_schema"]["additionalProperties"] is False


def test_doctor_says_how_things_stand_and_shows_no_secret(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: its output is pasted into chats."""
    assert run("doctor").code == 0
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_51Hsecretsecret")
    ran = run("doctor")
    assert ran.code == 1
    assert "PAYDESK_ALLOW_LIVE" in ran.out
    assert "secretsecret" not in ran.out + ran.err


def test_a_stripe_that_is_not_there_is_told_in_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: exit code 3, and what to look at."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_0123456789abcdef")
    monkeypatch.setenv("PAYDESK_STRIPE_API_BASE", "http://127.0.0.1:9")
    ran = run("call", "get_balance")
    assert ran.code == 3
    assert "did not answer" in ran.err


def test_the_audit_log_of_all_this_is_whole(run: Run) -> None:
    """Ours: every step above left its entries, each chained to the one before."""
    ran = run("audit", "verify")
    assert ran.code == 0
    assert "whole" in ran.out


def test_help_is_there_for_every_command(run: Run) -> None:
    """Ours: the command explains itself."""
    top = run("--help")
    assert "Exit codes" in top.out
    for line in top.out.split("Commands:")[1].split("Exit codes")[0].strip().splitlines():
        assert run(line.split()[0], "--help").code == 0


def test_the_demo_shows_reads_a_question_and_a_refund_that_stops_for_a_yes(run: Run, monkeypatch) -> None:
    """Ours: it runs on books of its own, whatever the environment says."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_0123456789abcdef")
    monkeypatch.setenv("PAYDESK_READ_ONLY", "1")
    stopped = run("demo")
    assert stopped.code == 0
    assert "customers fit Jane Doe: which one?" in stopped.out
    assert "nothing moves" in stopped.out
    approved = run("demo", typed="y\n")
    assert "Refunded $" in approved.out
    assert "nothing was sent again" in approved.out
    declined = run("demo", typed="n\n")
    assert "Refunded $" not in declined.out


def test_a_talk_at_the_terminal_knows_what_was_said(run: Run) -> None:
    """Ours: `ask -i` is one conversation; a piped one proposes and asks nobody, and an error does not end it."""
    piped = "show Amélie Lefèvre's last payment\nrefund half of it\nshow pi_none\n\nand her subscriptions?\n"
    ran = run("ask", "-i", piped=piped)
    assert ran.code == 0
    assert "(it: " in ran.out
    assert "Next, perhaps: refund it" in ran.out
    assert "paydesk approve prop_" in ran.out
    assert "(her: " in ran.out
    assert "[not_found]" in ran.err


def test_a_write_in_a_talk_is_asked_about_at_once(run: Run) -> None:
    """Ours: whoever sits at the terminal decides there, and goes on talking."""
    typed = "show Amélie Lefèvre's last payment\nrefund $1 of it\nn\nwas it approved?\n"
    ran = run("ask", "-i", typed=typed)
    assert ran.code == 0
    assert "Approve?" in ran.out
    assert ran.out.count("A person said no") == 2


def test_without_words_ask_says_how(run: Run) -> None:
    """Ours: an empty question is a wrong usage."""
    ran = run("ask")
    assert ran.code == 2
    assert "-i" in ran.err


def test_an_explanation_tells_what_words_were_taken_for(run: Run) -> None:
    """Ours: who wonders sees the referents, and nothing is looked up for it."""
    ran = run("parse", "--explain", "--after", "show pi_3MtwBwLkdIwHu7ix28a3tqPa", "refund half of it")
    assert "'it': taken for pi_3MtwBwLkdIwHu7ix28a3tqPa" in ran.out
    assert '"payment_intent_id": "pi_3MtwBwLkdIwHu7ix28a3tqPa"' in ran.out


def test_a_file_is_uploaded_for_a_dispute_after_a_yes(run: Run, home: Path) -> None:
    """Ours: the operator's command, which waits without a terminal and asks at one; a wrong file exits with 1."""
    (home / "receipt.pdf").write_bytes(b"%PDF-1.7 hello")
    waits = run("upload", str(home / "receipt.pdf"))
    assert (waits.code, "as dispute evidence" in waits.out) == (5, True)
    asked = run("upload", str(home / "receipt.pdf"), typed="y\n")
    assert (asked.code, "file_" in asked.out) == (0, True)
    (home / "note.txt").write_text("hello")
    wrong = run("upload", str(home / "note.txt"))
    assert (wrong.code, "wrong_file_type" in wrong.err) == (1, True)
    assert run("upload", str(home / "note.txt"), "--purpose", "selfie").code == 2
