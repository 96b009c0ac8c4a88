"""policy.toml: every mistake is told with its line and key, and what it says is what holds."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.server.errors import NotAllowed
from paydesk.server.gate.policy import Level, Subject, demand_of
from paydesk.server.gate.policy_file import PolicyMistake, read_policy
from paydesk.server.gate.policy_rules import Rules
from paydesk.server.gate.policy_source import PolicyFile
from paydesk.skills.base import Effect, Stake

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday
SKILLS = ("refund_payment", "create_customer")
HEAD = "version = 1\n"


def read(text: str) -> Rules:
    return read_policy(text, file="policy.toml", skills=SKILLS)


def refund(amount_minor: int = 1000, *, mode: Any = "test", currency: str = "usd", **more: Any) -> Subject:
    return Subject("refund_payment", Effect.MONEY, "acct_1", mode, Stake(-amount_minor, currency), **more)


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ("", 1, None, "version"),
        ("version = 2\n", 1, "version", "be 1"),
        ("version = true\n", 1, "version", "be 1"),
        (HEAD + "rules = []\n", 2, "rules", "no such key"),
        (HEAD + "\n[[rule]]\nname = 'x'\nthen = 'maybe'\n", 5, "then", "one of allow, ask"),
        (HEAD + "[[rule]]\nname = 'x'\n", 2, None, "'then' is missing"),
        (
            HEAD + "[[rule]]\nname='x'\nthen='ask'\n\n[[rule]]\nname='y'\nthen='ask'\nskils=[]\n",
            9,
            "skils",
            "no such key",
        ),
        (HEAD + "[[rule]]\nname='x'\nthen='ask'\nskills=['refund']\n", 5, "skills", "'refund' is not known"),
        (HEAD + "[[rule]]\nname='x'\nthen='ask'\nskills=[]\n", 5, "skills", "not empty"),
        (HEAD + "[[rule]]\nname='x'\nthen='ask'\nover='5'\n", 5, "over", "exactly one currency"),
        (HEAD + "[[rule]]\nname='x'\nthen='ask'\ncurrencies=['usd']\nover=5\n", 6, "over", "line of text"),
        (HEAD + "[[rule]]\nname='x'\nthen='ask'\ncurrencies=['usd']\nover='5.001'\n", 6, "over", "major units"),
        (HEAD + "[[rule]]\nname='x'\nthen='ask'\ncurrencies=['USD']\n", 5, "currencies", "small letters"),
        (HEAD + "[[rule]]\nname='x'\nthen='allow'\n", 4, "then", "needs up_to"),
        (HEAD + "[[rule]]\nname='x'\nthen='ask'\n[[rule]]\nname='x'\nthen='ask'\n", 6, "name", "this name"),
        (HEAD + "[[cap]]\nname='x'\nper='week'\ncurrency='usd'\nmost='5'\n", 4, "per", "one of day, customer"),
        (HEAD + "[quiet_hours]\nfrom='25:00'\nto='07:00'\nthen='forbid'\n", 3, "from", "time of day"),
        (HEAD + "[quiet_hours]\nfrom='07:00'\nto='07:00'\nthen='forbid'\n", 4, "to", "differ"),
        (HEAD + "[quiet_hours]\nfrom='22:00'\nto='07:00'\nthen='allow'\n", 5, "then", "one of"),
        (HEAD + "time_zone = 'Mars/Olympus'\n", 2, "time_zone", "Europe/Berlin"),
        (HEAD + "rule = 5\n", 2, "rule", "[[rule]]"),
        (HEAD + "quiet_hours = 5\n", 2, "quiet_hours", "table"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_its_key(text: str, line: int, key: str | None, says: str) -> None:
    """Ours: who wrote the file finds the place, and nothing is guessed."""
    with pytest.raises(PolicyMistake) as wrong:
        read(text)
    assert f"line {line}" in wrong.value.message
    assert key is None or f"'{key}'" in wrong.value.message
    assert says in wrong.value.message


def test_a_file_that_is_no_toml_names_the_line() -> None:
    """TOML: the parser's own place is passed on."""
    with pytest.raises(PolicyMistake, match="line 2"):
        read(HEAD + "name = \n")


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Ours: whatever is in the file, it is a policy or a mistake."""
    try:
        read(HEAD + text)
    except PolicyMistake as wrong:
        assert wrong.next_step


RULES = read(
    HEAD
    + """
    [[rule]]
    name = "large"
    then = "two_people"
    skills = ["refund_payment"]
    currencies = ["usd"]
    over = "500.00"

    [[rule]]
    name = "small change"
    then = "allow"
    modes = ["sandbox", "test"]
    currencies = ["usd"]
    up_to = "5.00"

    [[rule]]
    name = "no yen"
    then = "forbid"
    currencies = ["jpy"]

    [[rule]]
    name = "live"
    then = "ask"
    modes = ["live"]
    effects = ["write"]
    """
)


@pytest.mark.parametrize(
    ("subject", "level", "rule"),
    [
        (refund(50_000), Level.ASK, "every write asks"),
        (refund(50_001), Level.TWO_PEOPLE, "large"),
        (refund(500), Level.ALLOW, "small change"),
        (refund(501), Level.ASK, "every write asks"),
        (refund(500, mode="live"), Level.ASK_OUT_OF_BAND, "live mode"),
        (refund(5, currency="jpy"), Level.FORBID, "no yen"),
        (Subject("create_customer", Effect.WRITE, "acct_1", "live"), Level.ASK, "live"),
        (Subject("create_customer", Effect.WRITE, "acct_1", "test"), Level.ASK, "every write asks"),
        (Subject("refund_payment", Effect.MONEY, "acct_1", "test"), Level.ASK, "every write asks"),
    ],
)
def test_the_strictest_rule_that_fits_decides(subject: Subject, level: Level, rule: str) -> None:
    """Ours: bounds are inclusive below and exclusive above, and live mode is loosened only by a rule that names it."""
    decision = RULES.decide(subject, NOON)
    assert (decision.level, decision.rule) == (level, rule)


def test_to_allow_never_covers_money_without_a_figure() -> None:
    """Ours: `allow` for writes says nothing about money, whatever the skill calls itself."""
    rules = read(HEAD + "[[rule]]\nname='x'\nthen='allow'\neffects=['write']\n")
    free = Subject("create_customer", Effect.WRITE, "acct_1", "test")
    assert rules.decide(free, NOON).level is Level.ALLOW
    assert rules.decide(Subject("create_customer", Effect.WRITE, "acct_1", "test", Stake(5, "usd")), NOON).level > 0
    assert rules.decide(refund(), NOON).level is Level.ASK


def test_what_is_forbidden_is_refused_with_the_rule() -> None:
    """Ours: an operator's no is told as what it is."""
    with pytest.raises(NotAllowed) as refused:
        RULES.demand(refund(5, currency="jpy"), NOON)
    assert refused.value.code == "forbidden_by_policy"
    assert "no yen" in refused.value.message


QUIET = HEAD + "time_zone='Europe/Berlin'\n[quiet_hours]\nfrom='22:00'\nto='07:00'\ndays=['fri']\nthen='forbid'\n"


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        (datetime(2026, 11, 20, 20, 59, tzinfo=UTC), False),  # 21:59 on Friday in Berlin
        (datetime(2026, 11, 20, 21, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 21, 5, 59, tzinfo=UTC), True),  # Friday's night goes on until Saturday, 7:00
        (datetime(2026, 11, 21, 6, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 21, 22, 0, tzinfo=UTC), False),  # Saturday's night is not named
        (datetime(2026, 7, 3, 20, 0, tzinfo=UTC), True),  # in summer 22:00 in Berlin is 20:00 UTC
    ],
)
def test_quiet_hours_are_of_the_policys_own_zone(at: datetime, quiet: bool) -> None:
    """Ours: night is where the operator is, summer time included; it belongs to the day on which it began."""
    assert (read(QUIET).decide(refund(), at).level is Level.FORBID) == quiet


@given(st.sampled_from([level for level in Level if level < Level.FORBID]), st.sampled_from(list(Level)[:-1]))
def test_the_stricter_of_two_demands_is_at_least_as_strict_as_either(one: Level, other: Level) -> None:
    """Ours: a change of policy never loosens what already waits."""
    first, second = demand_of(one, "a", "a"), demand_of(other, "b", "b")
    both = first.and_also(second)
    assert both.people == max(first.people, second.people)
    assert both.ways == first.ways & second.ways


def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    """Ours: no restart, and a mistake that was mended is forgotten."""
    path = tmp_path / "policy.toml"
    source = PolicyFile(path, writing_skills=lambda: SKILLS)
    assert source.rules() == Rules()
    path.write_text("version = 9\n")
    for _ in range(2):
        with pytest.raises(PolicyMistake):
            source.rules()
    path.write_text(HEAD + "[[rule]]\nname='x'\nthen='forbid'\n")
    assert source.rules().decide(refund(), NOON).level is Level.FORBID
    with pytest.raises(PolicyMistake, match="no such file"):
        PolicyFile(tmp_path / "gone.toml", writing_skills=lambda: SKILLS, needed=True).rules()
