"""Ways of asking for the skills that are offered beyond the usual ones: a skill and its ways, bars between them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from paydesk.intents.parse import parse
from paydesk.skills.catalogue import catalogue

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LINES = Path(__file__).with_name("ways_of_asking.txt").read_text("utf-8").splitlines()
WAYS = [(skill, way) for line in LINES for skill, *ways in (line.split("|"),) for way in ways]


@pytest.mark.parametrize(("skill", "way"), WAYS, ids=[way for _, way in WAYS])
def test_a_plain_way_of_asking_leads_to_its_skill(skill: str, way: str) -> None:
    """Ours: what the desk offers can be asked for in more words than the skill's own examples."""
    assert parse(way, now=NOW, offered=frozenset(catalogue())).skill == skill
