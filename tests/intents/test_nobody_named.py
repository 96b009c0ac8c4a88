"""What is ruled out at once, because its words alone say that it cannot be there, is not there."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

from paydesk.intents import name_spans, parse, sentence, targets

PEOPLE = Path(__file__).parent / "people_dev.jsonl"
TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_where_every_word_is_plain_nobody_is_found_anywhere() -> None:
    """Ours: the look at all words together only saves looking at each place where somebody could stand."""
    ruled_out = 0
    for line in PEOPLE.read_text("utf-8").splitlines()[::2]:
        read = sentence.read(json.loads(line)["text"], TODAY)
        if not name_spans.names_nobody(read):
            continue
        ruled_out += 1
        assert targets.possessor(read) is None, read.text
        assert targets.anywhere(read) is None, read.text
        for index in range(len(read.tokens)):
            assert targets.at(read, index) is None, (read.text, index)
    assert ruled_out > 100


def test_how_do_i_is_nobodys_name() -> None:
    """Ours: a particle joins names ("João do Pix"), not the words of a question."""
    asked = parse.parse("How do I apply for a refund?", now=NOW)
    assert asked.skill is None
    named = parse.parse("payments from João do Pix", now=NOW)
    assert named.entities["customer"] == "João do Pix"


def test_a_kind_word_at_the_very_end_leads_to_nobody() -> None:
    """Ours: no text makes the parser fail, also one that stops where a name would follow."""
    for text in ("refund the good", "charge dear", "payments from my best"):
        assert "customer" not in parse.parse(text, now=NOW).entities
