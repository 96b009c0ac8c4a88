"""The desk's own skills: asking in words, and looking at what was proposed."""

from datetime import UTC, datetime

import pytest

from paydesk.server.errors import ArgumentError, NotFound
from paydesk.skills.answer import Answer
from paydesk.skills.base import Outcome
from paydesk.skills.catalogue import catalogue
from paydesk.skills.desk.ask import ask
from paydesk.skills.desk.get_proposal import get_proposal
from paydesk.skills.desk.list_proposals import list_proposals

_UNTIL = datetime(2026, 11, 22, 16, 35, tzinfo=UTC)
_KEPT = [
    Outcome(
        state="waiting",
        proposal_id="prop_3",
        says="Nothing has happened yet; this waits for a person: Refund $5.00. No tool can approve it.",
        what="Refund $5.00.",
        approve="paydesk approve prop_3",
        expires_at=_UNTIL,
        result={"id": "x"},
    ),
    Outcome(state="succeeded", proposal_id="prop_2", says="Refunded $9.00.", what="Refund $9.00."),
    Outcome(state="waiting", proposal_id="prop_1", says="Refund $1.00.", approve="paydesk approve prop_1"),
]


@pytest.fixture
def proposing(desk, monkeypatch: pytest.MonkeyPatch):
    """A desk that knows three proposals and understands everything in one way."""

    async def proposals() -> list[Outcome]:
        return _KEPT

    async def proposal(proposal_id: str) -> Outcome:
        for outcome in _KEPT:
            if outcome.proposal_id == proposal_id:
                return outcome
        raise NotFound("There is no such proposal.")

    async def understood(text: str, _: str | None) -> Answer:
        return Answer(says=f"understood: {text}")

    monkeypatch.setattr(desk, "proposals", proposals)
    monkeypatch.setattr(desk, "proposal", proposal)
    monkeypatch.setattr(desk, "ask", understood)
    return desk


async def test_what_waits_is_listed_with_how_to_approve_it(proposing) -> None:
    """Ours: a client that cannot ask a person tells how a person says yes; once, not in every line."""
    found = await proposing.run(list_proposals)
    assert found.sentence() == "3 proposals: 2 waiting, 1 succeeded. A person approves one with `paydesk approve ID`."
    assert found.lines() == [
        "prop_3 waiting until 2026-11-22 16:35 UTC: Refund $5.00.",
        "prop_2 succeeded: Refunded $9.00.",
        "prop_1 waiting: Refund $1.00.",
    ]
    assert found.proposals[0].approve is None
    assert found.has_more is False
    assert "result" not in found.structured()["proposals"][0]


@pytest.mark.parametrize("detail", ["full", "proposal_id,approve", "csv:approve"])
async def test_how_each_is_approved_is_told_where_it_is_asked_for(proposing, detail: str) -> None:
    """Ours: the page of a proposal is an address of its own, and long."""
    found = await proposing.run(list_proposals, {"detail": detail})
    assert found.proposals[0].approve == "paydesk approve prop_3"
    assert "paydesk approve prop_3" in found.lines()[0]


async def test_a_state_and_a_limit_narrow_the_list_and_what_is_left_out_is_said(proposing) -> None:
    """Ours: never stop silently."""
    found = await proposing.run(list_proposals, {"state": "waiting", "limit": 1})
    assert [row.proposal_id for row in found.proposals] == ["prop_3"]
    assert found.sentence().startswith("2 waiting proposals. The newest is shown. A person")
    assert found.has_more is True
    assert (await proposing.run(list_proposals, {"state": "failed"})).sentence() == "No failed proposals."


async def test_one_proposal_is_the_outcome_itself(proposing) -> None:
    """Ours: a client asks again with get_proposal and reads the same outcome that the write gave."""
    assert await proposing.run(get_proposal, {"proposal": "prop_2"}) == _KEPT[1]
    with pytest.raises(NotFound):
        await proposing.run(get_proposal, {"proposal": "prop_9"})


async def test_words_go_to_the_desk_as_they_are(proposing) -> None:
    """Ours: meaning is found in one place, not in the skill."""
    assert (await proposing.run(ask, {"text": "what's my balance?"})).says == "understood: what's my balance?"


@pytest.mark.parametrize("text", ["", "x" * 2_001])
async def test_a_sentence_has_bounds(proposing, text: str) -> None:
    """Ours: every input has a limit, and is not echoed."""
    with pytest.raises(ArgumentError) as caught:
        await proposing.run(ask, {"text": text})
    assert caught.value.field == "text"
    assert "xxx" not in caught.value.message


def test_no_skill_that_a_model_can_call_approves_anything() -> None:
    """Ours: a yes comes from a person, never from a tool."""
    desk_skills = {name for name, skill in catalogue().items() if skill.toolset == "desk"}
    assert desk_skills <= {"ask", "cancel_proposal", "explain_error", "get_proposal", "list_proposals", "search"}
    assert not any(word in name for name in catalogue() for word in ("approve", "confirm", "decide"))


def test_what_waits_says_what_to_beware_of_in_its_text_too() -> None:
    """Ours: many hosts hand a model the text alone, and whoever is asked to approve asks the model first."""
    warned = {"says": "Refund $5.00.", "proposal_id": "prop_1", "warnings": ["It is the second today", "It is old."]}
    waiting = Outcome(state="waiting", **warned)
    assert list(waiting.lines()) == ["Warning: It is the second today.", "Warning: It is old."]
    assert list(Outcome(state="succeeded", **warned).lines()) == []
    planned = Outcome(state="planned", **warned, plan={"shows": ["Warning: It is old."]})
    assert list(planned.lines()) == ["Warning: It is old."]
