"""One dispute: its deadline and what is missing; answering it, and giving in."""

from datetime import timedelta

import pytest

from paydesk.skills.catalogue import catalogue
from paydesk.skills.dispute import _BY_REASON, FILES, TEXTS
from paydesk.skills.errors import Ambiguous, NotFound, SkillError

SKILLS = catalogue()


async def _disputed(desk, card: str = "pm_card_createDispute", name: str = "Jane Doe") -> str:
    jane = await desk.customer(name, email="jane@example.com")
    await desk.pay(jane["id"], 4900, card=card)
    return (await desk.stripe.page("/v1/disputes", {"limit": 1})).data[0]["id"]


async def test_a_dispute_says_until_when_and_what_its_reason_asks_for(desk) -> None:
    """Stripe: evidence is due at the end of a day; ours: what needs a file is told apart from text."""
    identifier = await _disputed(desk)
    shown = await desk.run(SKILLS["get_dispute"], {"dispute": identifier})
    assert (shown.status, shown.reason, shown.respond_by) == ("needs_response", "fraudulent", "2026-11-29 23:59 UTC")
    assert shown.days_left == 8
    assert shown.given == ["customer_email_address", "customer_name"]
    assert shown.missing[0] == "customer_purchase_ip"
    assert set(shown.missing_files) <= FILES
    assert not set(shown.missing) & FILES
    assert "submit_dispute_evidence" in shown.can
    assert (await desk.run(SKILLS["get_dispute"], {"dispute": "Jane Doe"})).id == identifier


async def test_evidence_is_shown_before_it_is_submitted(desk, sent_as_planned) -> None:
    """Ours: what a bank will read is what a person saw; Stripe: submitted evidence is under review."""
    identifier = await _disputed(desk)
    skill = SKILLS["submit_dispute_evidence"]
    evidence = {"product_description": "Annual plan", "customer_purchase_ip": "203.0.113.7"}
    plan = await desk.run(skill, {"dispute": identifier, "evidence": evidence})
    assert ("product_description", "Annual plan") in plan.details
    assert plan.request.params == {"submit": True, "evidence": evidence}
    assert any("cannot be changed" in warning for warning in plan.warnings)
    draft = await desk.run(skill, {"dispute": identifier, "evidence": evidence, "submit": False})
    assert (await sent_as_planned(desk, skill, draft)).submissions == 0
    done = await sent_as_planned(desk, skill, await desk.run(skill, {"dispute": identifier, "evidence": {}}))
    assert (done.status, done.submissions) == ("under_review", 1)
    with pytest.raises(SkillError, match="under review"):
        await desk.run(skill, {"dispute": identifier, "evidence": evidence})


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        ({"excuse": "x"}, "unknown_evidence"),
        ({"receipt": "here it is"}, "evidence_needs_file"),
        ({"receipt": "file_1/../x"}, "invalid_id"),
    ],
)
async def test_evidence_that_stripe_would_not_take_is_refused(desk, evidence, code) -> None:
    """Stripe's list of evidence; files are named by their ids."""
    identifier = await _disputed(desk)
    with pytest.raises(SkillError) as wrong:
        await desk.run(SKILLS["submit_dispute_evidence"], {"dispute": identifier, "evidence": evidence})
    assert wrong.value.code == code


async def test_a_file_is_evidence_by_its_id_and_a_person_sees_which_file_it_is(desk, sent_as_planned) -> None:
    """Stripe: evidence files are uploaded as dispute_evidence. Ours: name, kind and size stand in the question."""
    identifier = await _disputed(desk)
    file = await desk.upload(b"%PDF-1.7 " + b"x" * 2_000)
    skill = SKILLS["submit_dispute_evidence"]
    plan = await desk.run(skill, {"dispute": identifier, "evidence": {"receipt": file}, "submit": False})
    assert ("receipt", f"r.pdf (pdf, 2 KB, {file})") in plan.details
    assert (await sent_as_planned(desk, skill, plan)).submissions == 0
    assert "receipt" in (await desk.run(SKILLS["get_dispute"], {"dispute": identifier})).given


@pytest.mark.parametrize(("purpose", "code"), [(None, "file_not_found"), ("business_logo", "file_of_another_purpose")])
async def test_a_file_that_is_no_evidence_is_refused_before_it_is_proposed(desk, purpose, code) -> None:
    """Stripe takes files of the purpose dispute_evidence only. Ours: a path of this machine is never read."""
    identifier = await _disputed(desk)
    file = await desk.upload(b"\x89PNG\r\n\x1a\n", purpose) if purpose else "file_nothing"
    with pytest.raises((SkillError, NotFound)) as wrong:
        await desk.run(SKILLS["submit_dispute_evidence"], {"dispute": identifier, "evidence": {"receipt": file}})
    assert (wrong.value.code, wrong.value.field) == (code, "evidence")
    with pytest.raises(SkillError, match="takes the id of an uploaded file"):
        await desk.run(
            SKILLS["submit_dispute_evidence"], {"dispute": identifier, "evidence": {"receipt": "/etc/hosts"}}
        )


async def test_files_that_are_too_large_together_are_refused_with_what_is_there(desk, sent_as_planned) -> None:
    """Stripe takes 4.5 MB a dispute, what was given before included; a file that is replaced no longer counts."""
    identifier, skill = await _disputed(desk), SKILLS["submit_dispute_evidence"]
    large, other = [await desk.upload(b"%PDF-1.7 " + b"x" * size) for size in (4_000_000, 1_000_000)]
    draft = {"dispute": identifier, "evidence": {"receipt": large}, "submit": False}
    await sent_as_planned(desk, skill, await desk.run(skill, draft))
    with pytest.raises(SkillError) as wrong:
        await desk.run(skill, {"dispute": identifier, "evidence": {"refund_policy": other}})
    assert (wrong.value.code, wrong.value.field) == ("files_too_large", "evidence")
    assert "paydesk upload" in str(wrong.value.next_step)
    await desk.run(skill, {"dispute": identifier, "evidence": {"receipt": other}})


async def test_whoever_lacks_a_file_is_told_how_to_upload_one(desk) -> None:
    """Ours: the command stands where a file is missing."""
    shown = await desk.run(SKILLS["get_dispute"], {"dispute": await _disputed(desk)})
    assert shown.missing_files
    assert "paydesk upload FILE" in shown.lines()[-1]


async def test_a_file_past_its_life_is_no_evidence(desk, monkeypatch) -> None:
    """Stripe: an uploaded file has an `expires_at`. Ours: a person is not asked to send what is gone."""
    identifier, file = await _disputed(desk), await desk.upload(b"%PDF-1.7 ")
    later = desk.now() + timedelta(days=275)
    monkeypatch.setattr(desk, "now", lambda: later)
    with pytest.raises(SkillError, match="has expired"):
        await desk.run(SKILLS["submit_dispute_evidence"], {"dispute": identifier, "evidence": {"receipt": file}})


async def test_giving_in_loses_the_dispute_for_good(desk, sent_as_planned) -> None:
    """Stripe: a closed dispute is lost, an inquiry closed."""
    identifier = await _disputed(desk)
    skill = SKILLS["close_dispute"]
    plan = await desk.run(skill, {"dispute": identifier})
    assert plan.undo is None
    assert (await sent_as_planned(desk, skill, plan)).status == "lost"
    with pytest.raises(SkillError, match="is lost and cannot be closed"):
        await desk.run(skill, {"dispute": identifier})
    inquiry = await _disputed(desk, "pm_card_createDisputeInquiry", "Bob")
    plan = await desk.run(skill, {"dispute": inquiry})
    assert ("Afterwards", "no money has moved") in plan.details
    assert (await sent_as_planned(desk, skill, plan)).status == "warning_closed"


async def test_whose_dispute_is_asked_where_it_is_not_clear(desk) -> None:
    """Ours: none and several are different answers."""
    await desk.customer("Nobody Disputes")
    with pytest.raises(NotFound, match="no open dispute"):
        await desk.run(SKILLS["get_dispute"], {"dispute": "Nobody Disputes"})
    await _disputed(desk)
    jane = (await desk.stripe.page("/v1/customers", {"email": "jane@example.com"})).data[0]["id"]
    await desk.pay(jane, 1900, card="pm_card_createDispute")
    with pytest.raises(Ambiguous) as several:
        await desk.run(SKILLS["close_dispute"], {"dispute": "Jane Doe"})
    assert len(several.value.choices) == 2


def test_every_evidence_of_a_reason_is_evidence_that_stripe_takes(shared) -> None:
    """Stripe's OpenAPI document: the names of evidence, texts and files."""
    import json

    document = json.loads((shared / "stripe-openapi/spec3.json").read_text("utf-8"))
    body = document["paths"]["/v1/disputes/{dispute}"]["post"]["requestBody"]["content"]
    known = body["application/x-www-form-urlencoded"]["schema"]["properties"]["evidence"]["properties"]
    assert set(known) - {"enhanced_evidence"} == TEXTS | FILES
    assert all(set(names) <= TEXTS | FILES for names in _BY_REASON.values())
    reasons = document["components"]["schemas"]["dispute"]["properties"]["reason"]
    assert set(_BY_REASON) <= set(reasons.get("enum") or _BY_REASON)


async def test_who_is_unknown_or_unclear_is_said_of_the_argument_that_there_is(desk) -> None:
    """Ours: an error names the field that has to be changed, and `customer` is none of these skills'."""
    for domain in ("a", "b"):
        await desk.customer("Jane Doe", email=f"jane@{domain}.example")
    for text, kind in (("Jane Doe", Ambiguous), ("Nobody Atall", NotFound)):
        for name in ("get_dispute", "close_dispute"):
            with pytest.raises(kind) as caught:
                await desk.run(SKILLS[name], {"dispute": text})
            assert caught.value.field == "dispute"
    assert "list_disputes" in str(caught.value.next_step)
