"""Which words a pattern cannot match without, and that looking for them first loses nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.intents import parse, patterns
from paydesk.intents.needed_words import needed_words
from paydesk.intents.words import said_in, words

PEOPLE = Path(__file__).parent / "people_dev.jsonl"


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        (r"\b(?:refund(?:ed|s)?|credit note)\b", "refund refunded refunds credit"),
        (r"\b(?:please |can you )*cancell?ed\b", "canceled cancelled"),
        (r"^(?:so |and )?what's (?:a|the) fee\b", "fee"),
        (r"<money> each\b|<n> apiece\b", "apiece each"),
        (r"(?<![\w-])life ?time value(?![\w-])", "value"),
        (r"\bhow (?:\w+ )*many .* left\b(?! to)", "left"),
        (r"\b(?:ab|cd)* ef gh", "ef ab cd"),
        (r"authori[sz]ed\b|\bheld\b", None),
    ],
)
def test_the_words_that_a_pattern_needs_are_read_off_it(pattern: str, needed: str | None) -> None:
    """Ours: whole words that stand on every way through the pattern, the rarest of each way."""
    assert needed_words(pattern) == (words(needed) if needed else None)


@pytest.mark.parametrize(
    "pattern",
    [
        r"\bchang",
        r"\brefund(?:ed)?",
        r"un\w+ed\b",
        r"\brefund\b|",
        r"\b(?:refund)?\b",
        r"(?(1)a|b)",
        r"\b\w+\b",
        r"\d+",
    ],
)
def test_no_words_are_needed_where_a_way_through_holds_no_whole_word(pattern: str) -> None:
    """Ours: a pattern that may match a part of a longer word, or nothing at all, rules no text out."""
    assert needed_words(pattern) is None


_PIECES = st.recursive(
    st.sampled_from(["refund", "sub", "s", " ", r"\b", "<n>", "-", r"\w+", "[ab]", ".", r"(?!\w)", r"(?<!\w)", "'s"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda ways: f"(?:{'|'.join(ways)})"),
        st.tuples(inner, st.sampled_from("?*+")).map(lambda said: f"(?:{said[0]}){said[1]}"),
    ),
    max_leaves=8,
)
_TEXTS = st.lists(st.sampled_from(["refund", "sub", "s", " ", "<n>", "-", "a", "b", "x", "'s", "2"]), max_size=12)


@given(pattern=_PIECES, text=_TEXTS.map("".join))
def test_a_text_without_the_needed_words_is_never_matched(pattern: str, text: str) -> None:
    """Ours: the words only save a search; they never change what it finds."""
    needed = needed_words(pattern)
    if needed is not None and needed.isdisjoint(said_in(text)):
        assert patterns.lazy(pattern).search(text) is None


def test_the_parser_finds_the_same_before_and_after_its_patterns_are_prepared() -> None:
    """Ours: on what six people say, each pattern that stands behind its words finds what it finds without them."""
    parse.warm()
    texts = [json.loads(line)["text"].lower() for line in PEOPLE.read_text("utf-8").splitlines()[::9]]
    behind = [made for made in patterns._MADE if isinstance(made, patterns._Worded)]
    assert len(behind) > 40
    for pattern in behind:
        plain = patterns.lazy(pattern._text)
        for text in texts:
            assert bool(pattern.search(text)) == bool(plain.search(text)), (pattern._text, text)


def test_ordered_patterns_leave_out_only_what_cannot_be_found() -> None:
    """Ours: of patterns tried in turn, those that are found stay, in their order."""
    parse.warm()
    texts = [json.loads(line)["text"].lower() for line in PEOPLE.read_text("utf-8").splitlines()[::9]]
    for ordered in patterns._ORDERED:
        for text in texts:
            likely = [pattern for _, pattern in ordered.likely(text)]
            assert likely == [pattern for _, pattern in ordered._ways if pattern in likely]
            assert all(pattern in likely for _, pattern in ordered._ways if pattern.search(text))


def test_bits_of_two_tables_rule_nothing_out() -> None:
    """Ours: a pattern's bit means something in the table that gave it out only."""
    made = [patterns.worded(r"\bcharge\b"), patterns.worded(r"\brefund\b")]
    for pattern in made:
        behind = patterns.cast(patterns._Worded, pattern)
        behind.prepare()
        words = patterns._Words()
        words.bit_of(r"\bnothing\b") if behind is made[1] else None
        behind.stand_behind(words.possible, words.bit_of(behind._text))
    likely = patterns.Likely([("charge", made[0]), ("refund", made[1])])
    assert [meaning for meaning, pattern in likely("refund it") if pattern.search("refund it")] == ["refund"]
    assert [meaning for meaning, pattern in likely("charge it") if pattern.search("charge it")] == ["charge"]


_AT_ONCE = """
import threading
from datetime import UTC, datetime
from paydesk.intents import parse, patterns
from paydesk.intents.writes import command_forms

start = threading.Barrier(4)
threads = [threading.Thread(target=lambda: (start.wait(), patterns.compile_all())) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
behind = [pattern for pattern in patterns._MADE if isinstance(pattern, patterns._Worded) and pattern.guard]
guards = {id(pattern.guard[0]) for pattern in behind}
now = datetime(2026, 11, 21, tzinfo=UTC)
print(len(guards), parse.parse("hold $31 on the card of jones@journey.example", now=now).skill)
"""


def test_several_threads_that_prepare_the_parser_make_one_table() -> None:
    """Ours: every conversation of a server may begin it, and none may lose a command by it."""
    said = subprocess.run([sys.executable, "-c", _AT_ONCE], capture_output=True, text=True, check=True, timeout=120)
    assert said.stdout.split() == ["1", "create_payment"]
