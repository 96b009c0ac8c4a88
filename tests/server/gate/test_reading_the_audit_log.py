"""The audit log is read back: entries, one proposal's story, anchors of its head, and nothing of customers in it."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from paydesk.server.gate.redaction import REDACTED, redacted_requests
from paydesk.skills.base import Plan, Prepared, StripeRequest

Booth = Any


async def test_a_story_tells_who_asked_what_was_shown_who_approved_what_was_sent_and_what_came_back(
    booth: Booth,
) -> None:
    """Ours: the question's text stands in the journal, and the log's hash proves it."""
    waiting = await booth.call("draw_back", amount_minor=1000)
    question = await booth.gate.question(waiting.proposal_id, principal="ann")
    await booth.approve(waiting.proposal_id)
    story = await booth.gate.audit.story(waiting.proposal_id)

    assert [entry.event for entry in story.entries] == ["proposed", "approved", "sending", "succeeded"]
    proposed, approved, _, succeeded = (entry.facts for entry in story.entries)
    assert proposed["principal"] == "ann"
    assert json.loads(proposed["sends"])[0]["params"]["amount"] == 1000
    assert (approved["approver"], approved["via"]) == ("terminal:bea", "terminal")
    assert succeeded["answer_id"] == "re_1"
    assert story.shown == question


async def test_a_question_that_was_edited_afterwards_is_not_passed_off_as_what_was_shown(booth: Booth) -> None:
    """Ours: better no text than another one."""
    waiting = await booth.call("draw_back", amount_minor=1000)
    await booth.store.write(
        lambda connection: connection.exec_driver_sql("UPDATE proposals SET says = 'Refund nothing'") and None
    )
    assert (await booth.gate.audit.story(waiting.proposal_id)).shown is None


async def test_a_cut_tail_is_found_by_any_of_several_anchors(booth: Booth) -> None:
    """Ours: who cuts off the end and sets the journal back is found by what was kept elsewhere."""
    anchors = []
    for amount in (100, 200):
        await booth.propose(amount)
        anchors.append(await booth.gate.audit.head())
    assert (await booth.gate.audit.verify(anchors=anchors)).whole

    def cut(connection: Any) -> None:
        elsewhere = connection.dialect.name == "postgresql"
        trigger = "audit_entries_append_only ON audit_entries" if elsewhere else "audit_entries_no_DELETE"
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.exec_driver_sql("DELETE FROM audit_entries WHERE seq > 1")
        connection.exec_driver_sql("DELETE FROM proposals WHERE moves_minor = -200")

    await booth.store.write(cut)
    assert (await booth.gate.audit.verify()).whole
    assert (await booth.gate.audit.verify(anchors=anchors[:1])).whole
    found = await booth.gate.audit.verify(anchors=anchors)
    assert not found.whole
    assert found.broken_at == 2


async def test_no_customer_gets_into_the_log(booth: Booth) -> None:
    """Ours: the log is kept for years; names, addresses and free text are not."""
    params = {
        "name": "Rosalind Unusual",
        "email": "rosalind@unusual.example",
        "metadata": {"Rosalind's order": "Unusual"},
        "description": "for Rosalind",
    }
    plan: Plan[Any] = Plan(says="Create Rosalind Unusual", request=StripeRequest("POST", "/v1/customers", params))
    waiting = await booth.propose_plan(plan)
    await booth.approve(waiting.proposal_id)
    told = "".join(entry.text for entry in await booth.gate.audit.entries())
    assert "osalind" not in told
    assert "nusual" not in told


@given(st.dictionaries(st.sampled_from(["name", "email", "note", "card_number", "client_secret"]), st.text(min_size=1)))
def test_free_text_never_survives_redaction(params: dict[str, str]) -> None:
    """Ours: by rule, not by a list of names."""
    [told] = json.loads(redacted_requests([StripeRequest("POST", "/v1/customers", dict(params))]))
    ids = ("cus_", "pi_", "sub_")
    assert all(value == REDACTED or value.startswith(ids) for value in told["params"].values())


def test_figures_ids_and_fixed_words_stay() -> None:
    """Ours: what was sent can be read back, as far as it is the desk's own."""
    request = StripeRequest(
        "POST",
        "/v1/refunds",
        {
            "amount": 500,
            "payment_intent": "pi_1",
            "reason": "duplicate",
            "items": [{"price": Prepared(1)}],
            "flag": True,
        },
    )
    [told] = json.loads(redacted_requests([request]))
    assert told["params"] == {
        "amount": 500,
        "payment_intent": "pi_1",
        "reason": "duplicate",
        "items": [{"price": {"$prepared": {"field": "id", "step": 1}}}],
        "flag": True,
    }
