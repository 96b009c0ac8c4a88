"""Customers: which one is meant, how sure that is, and the plan of a new one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.server.directory.directory import Directory
from paydesk.server.errors import Ambiguous, ArgumentError, NotFound, SkillError, StripeBusy, StripeNotFound
from paydesk.server.gate.planning_desk import NoIndex
from paydesk.skills import who
from paydesk.skills.customers.create_customer import CustomerCreated, create_customer
from paydesk.skills.customers.find_customers import find_customers
from paydesk.skills.customers.get_customer import get_customer
from paydesk.skills.who import MARGIN, SURE, customer_meant, score

# How many requests naming a customer may cost where search finds them: the newest, the words, their pieces.
SEARCHES = 3


@pytest.fixture(params=["by index", "by search"], autouse=True)
def either_way(desk: Any, request: pytest.FixtureRequest) -> str:
    """Who is meant must not depend on whether there is an index."""
    if request.param == "by search":
        desk.customers = NoIndex()
    return str(request.param)


async def test_an_id_and_an_email_name_exactly_one(desk: Any) -> None:
    """Ours: an id is read, an e-mail is compared whole and without regard to case."""
    jane = await desk.customer("Jane Doe", email="jane@example.com")
    await desk.customer("Janet", email="jane@example.com.au")
    for text in (jane["id"], "jane@example.com", "Jane@Example.com", " jane@example.com "):
        assert (await customer_meant(desk, text))["id"] == jane["id"]


async def test_one_email_of_two_customers_is_a_question(desk: Any) -> None:
    """Stripe: e-mails need not be unique, and are told apart by case. Ours: then the id has to be said."""
    await desk.customer("Jane Doe", email="jane@example.com")
    await desk.customer("J. Doe", email="Jane@Example.com")
    with pytest.raises(Ambiguous) as caught:
        await customer_meant(desk, "Jane@Example.com")
    assert len(caught.value.choices) == 2


async def test_a_customer_can_be_named_as_answers_write_them(desk: Any) -> None:
    """Ours: a choice that was offered can be given back as it stands."""
    for email in ("one@example.com", "two@example.com"):
        await desk.customer("Jane Doe", email=email)
    with pytest.raises(Ambiguous) as caught:
        await customer_meant(desk, "Jane Doe")
    for offered in caught.value.choices:
        assert who.choice(await customer_meant(desk, offered)) == offered
    assert (await customer_meant(desk, "Jane Doe <two@example.com>"))["email"] == "two@example.com"


async def test_the_same_letters_win_over_a_longer_name(desk: Any) -> None:
    """Ours: Acme is meant where there is an Acme, even beside Acme Holdings."""
    acme = await desk.customer("Acme")
    await desk.customer("Acme Holdings")
    assert (await customer_meant(desk, "ACME"))["id"] == acme["id"]


async def test_a_part_of_several_names_is_a_question(desk: Any) -> None:
    """Ours: a first name that two people share is not enough."""
    for name in ("Jane Doe", "Jane Miller"):
        await desk.customer(name)
    with pytest.raises(Ambiguous):
        await customer_meant(desk, "Jane")
    assert (await customer_meant(desk, "miller"))["name"] == "Jane Miller"


async def test_the_accented_namesake_of_a_plain_name_is_seen(desk: Any) -> None:
    """Ours: search compares letters with accents, people do not; two such customers are a question."""
    for name in ("Jose Garcia", "José García"):
        await desk.customer(name)
    with pytest.raises(Ambiguous):
        await customer_meant(desk, "jose garcia")


async def test_a_name_that_search_does_not_know_yet_counts(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stripe: search lags by up to a minute. Ours: whoever has just come is on the list, which does not."""
    await desk.customer("Jane Doe", email="old@example.com")
    before = desk.stripe.page

    async def lagging(path: str, params: Any = None) -> Any:
        found = await before(path, params)
        if path.endswith("/search"):
            found.data[:] = [one for one in found.data if one["email"] != "new@example.com"]
        return found

    monkeypatch.setattr(desk.stripe, "page", lagging)
    await desk.customer("Jane Doe", email="new@example.com")
    with pytest.raises(Ambiguous):
        await customer_meant(desk, "Jane Doe")


async def test_a_name_of_short_words_is_found(desk: Any) -> None:
    """Stripe: search takes no part shorter than three letters. Ours: then the list is looked through."""
    await desk.customer("Bo Xi")
    assert (await customer_meant(desk, "bo xi"))["name"] == "Bo Xi"


@pytest.mark.parametrize("text", ['x" OR name~"jane', "jane\\", "name:'jane'", "%", "🙂"])
async def test_a_name_is_never_part_of_a_query(desk: Any, text: str) -> None:
    """Ours: what was asked cannot widen the search, and never makes Stripe refuse it."""
    await desk.customer("Jane Doe")
    await desk.customer("Janet Roe")
    with pytest.raises((NotFound, Ambiguous)):
        await customer_meant(desk, text)


async def test_nobody_of_that_name_offers_the_nearest(desk: Any) -> None:
    """Ours: the next step is in the error."""
    await desk.customer("Katarzyna Wiśniewska", email="kw@example.com")
    with pytest.raises(NotFound) as caught:
        await customer_meant(desk, "Katarzina Wisnievska")
    assert caught.value.field == "customer"
    assert caught.value.choices[0].startswith("Katarzyna Wiśniewska <kw@example.com> cus_")


async def test_a_deleted_customer_is_told_as_deleted(desk: Any) -> None:
    """Stripe: a deleted customer answers 200 with a stub."""
    from paydesk.skills.base import StripeRequest

    gone = await desk.customer("Jane Doe")
    await desk.stripe.send(StripeRequest("DELETE", f"/v1/customers/{gone['id']}", {}), idempotency_key="d")
    with pytest.raises(SkillError) as caught:
        await customer_meant(desk, gone["id"])
    assert caught.value.code == "customer_deleted"
    with pytest.raises(StripeNotFound):
        await customer_meant(desk, "cus_nobody")
    with pytest.raises(SkillError):
        await customer_meant(desk, "cus_../../v1/charges")


async def test_one_failure_of_several_searches_is_one_error(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: what runs side by side still fails as one thing a caller can act on."""

    async def busy(path: str, params: Any = None) -> Any:
        raise StripeBusy("busy")

    monkeypatch.setattr(desk.stripe, "page", busy)
    with pytest.raises(StripeBusy):
        await customer_meant(desk, "Jane Doe")


async def test_naming_a_customer_costs_few_requests(
    desk: Any, monkeypatch: pytest.MonkeyPatch, either_way: str
) -> None:
    """Ours: an index asks for nothing; without it the whole list is read only where search finds nobody who fits."""
    await desk.customer("Jane Doe")
    await customer_meant(desk, "Jane Doe")
    before, asked = desk.stripe.page, []

    async def counting(path: str, params: Any = None) -> Any:
        asked.append(path)
        return await before(path, params)

    monkeypatch.setattr(desk.stripe, "page", counting)
    await customer_meant(desk, "Jane Doe")
    assert len(asked) == (SEARCHES if either_way == "by search" else 0)


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_a_score_is_a_share_of_a_hundred_and_only_likeness_stays_below_sure(one: str, other: str) -> None:
    """Ours: a likeness alone never decides; equal letters are ahead of all else by the margin."""
    value = score(one, other)
    assert 0 <= value <= 100
    if SURE <= value < 100:
        assert 100 - value >= MARGIN


async def test_find_says_how_sure_it_is(desk: Any) -> None:
    """Ours: a confidence for each match, and a sentence over all."""
    for name in ("Jane Doe", "Jane Dough", "Wu Ming"):
        await desk.customer(name)
    found = await desk.run(find_customers, {"query": "jane doe"})
    assert (found.customers[0].name, found.customers[0].confidence) == ("Jane Doe", 1.0)
    assert found.customers[1].name == "Jane Dough"
    assert found.customers[1].confidence < SURE / 100
    assert found.sentence() == "One customer fits jane doe (100% sure); 1 other resembles it."
    assert found.looked_at == (2 if isinstance(desk.customers, Directory) else 3)
    assert "100%" in found.lines()[0]


@pytest.mark.parametrize("query", ["jhon", "Jon Smth", "smyth", "smith jhn"])
async def test_find_suggests_what_a_slip_may_have_meant(desk: Any, query: str) -> None:
    """Ours: a likeness of a whole name or of each word is offered, and never called sure."""
    await desk.customer("John Smith")
    await desk.customer("Wu Ming")
    found = await desk.run(find_customers, {"query": query})
    assert [one.name for one in found.customers] == ["John Smith"]
    assert found.customers[0].confidence < SURE / 100


async def test_find_does_not_deny_what_it_did_not_see(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: where the list was longer than what was compared, the sentence says so."""
    monkeypatch.setattr(who, "_SCANNED_MOST", 2)
    desk.customers = NoIndex()
    for index in range(4):
        await desk.customer(f"Number {index}")
    found = await desk.run(find_customers, {"query": "zzyzx"})
    assert found.sentence() == "No customer resembles zzyzx among the 4 that were compared."
    monkeypatch.setattr(who, "_SCANNED_MOST", 5)
    assert (await desk.run(find_customers, {"query": "zzyzx"})).sentence() == "No customer resembles zzyzx."


@pytest.mark.parametrize("query", ["+44 20 7946 0958", "jane@", "@example.com", "example", "jane@example.com"])
async def test_find_knows_parts_of_emails_and_phones(desk: Any, query: str) -> None:
    """Ours: whatever a person remembers of a customer."""
    jane = await desk.customer("Doe, J.", email="jane@example.com", phone="+44 20 7946 0958")
    await desk.customer("Other", email="other@elsewhere.test")
    found = await desk.run(find_customers, {"query": query})
    assert [one.id for one in found.customers] == [jane["id"]]


async def test_find_without_a_query_lists_the_newest(desk: Any) -> None:
    """Ours: has_more and the cursor go on."""
    for index in range(3):
        await desk.customer(f"Number {index}")
    first = await desk.run(find_customers, {"limit": 2})
    assert [one.name for one in first.customers] == ["Number 2", "Number 1"]
    last = await desk.run(find_customers, {"limit": 2, "cursor": first.next_cursor})
    assert [one.name for one in last.customers] == ["Number 0"]
    assert last.has_more is False
    with pytest.raises(SkillError):
        await desk.run(find_customers, {"query": "Number", "cursor": first.next_cursor})


async def test_a_customer_is_told_with_cards_and_credit(desk: Any) -> None:
    """Stripe: a negative balance is credit."""
    jane = await desk.customer("Jane Doe", email="jane@example.com")
    await desk.post("/v1/payment_methods/pm_card_visa/attach", customer=jane["id"])
    found = await desk.run(get_customer, {"customer": "jane@example.com"})
    assert found.methods[0].text.startswith("visa •4242")
    assert "1 payment method" in found.sentence()
    assert found.metadata is None


async def test_a_new_customer_is_planned_with_exactly_what_is_shown(desk: Any) -> None:
    """Ours: what a person reads in the plan is what is sent."""
    plan = await desk.run(
        create_customer, {"name": "Eve\u202e  Adams ", "email": "eve@example.com", "description": "met\nat fair"}
    )
    assert plan.request.path == "/v1/customers"
    assert plan.request.params == {
        "name": "Eve Adams",
        "email": "eve@example.com",
        "description": "met at fair",
    }
    assert dict(plan.details) == {"Name": "Eve Adams", "Email": "eve@example.com", "Description": "met at fair"}
    assert "Eve Adams <eve@example.com>" in plan.says
    assert plan.warnings == ()
    made = CustomerCreated.read(await desk.post(plan.request.path, **plan.request.params))
    assert made.sentence() == f"Created customer Eve Adams ({made.customer})."


@pytest.mark.parametrize(
    ("arguments", "warned"),
    [
        ({"name": "Someone Else", "email": "JANE@example.com"}, "e-mail"),
        ({"name": "jane doe"}, "like name"),
        ({"name": "Jane Doa"}, "like name"),
        ({"name": "Doe Jane", "email": "new@example.com"}, "like name"),
    ],
)
async def test_a_customer_who_may_exist_already_is_warned_of(desk: Any, arguments: Any, warned: str) -> None:
    """Stripe allows any number of equals. Ours: a person sees them before saying yes."""
    await desk.customer("Jane Doe", email="jane@example.com")
    plan = await desk.run(create_customer, arguments)
    assert any(warned in warning and "jane@example.com" in warning for warning in plan.warnings)


@pytest.mark.parametrize("arguments", [{}, {"description": "nobody"}, {"name": " \u200b "}])
async def test_a_customer_needs_a_name_or_an_email(desk: Any, arguments: Any) -> None:
    """Ours: Stripe would create a customer without either."""
    with pytest.raises(SkillError) as caught:
        await desk.run(create_customer, arguments)
    assert caught.value.code == "name_or_email_missing"


@pytest.mark.parametrize("arguments", [{"email": "nobody"}, {"phone": "call me"}, {"name": ""}, {"nme": "Jane"}])
async def test_arguments_of_a_new_customer_are_strict(desk: Any, arguments: Any) -> None:
    """Ours: what cannot be right is refused before anything is read."""
    with pytest.raises(ArgumentError):
        await desk.run(create_customer, {"name": "Jane", **arguments})


async def test_full_detail_tells_how_to_reach_a_customer(desk) -> None:
    """Ours: concise by default, more where it is asked for."""
    await desk.customer("Ann Lee", phone="+44 20 7946 0958", description="Pays by card")
    row = (await desk.run(find_customers, {"query": "Ann Lee"})).customers[0]
    assert (row.phone, row.description, row.delinquent) == (None, None, None)
    row = (await desk.run(find_customers, {"query": "Ann Lee", "detail": "full"})).customers[0]
    assert (row.phone, row.description, row.delinquent) == ("+44 20 7946 0958", "Pays by card", False)


async def test_delinquent_customers_can_be_listed(desk) -> None:
    """Stripe: delinquent means that the latest charge for an invoice failed."""
    await desk.customer("Ann Lee")
    assert (await desk.run(find_customers, {"status": "delinquent"})).customers == []


async def test_whoever_is_called_exactly_so_wins_over_a_firm_of_that_name(desk: Any) -> None:
    """Ours: what firms end in may be left out, but not in favour of somebody called just what was said."""
    acme = await desk.customer("Acme")
    await desk.customer("Acme GmbH")
    assert (await customer_meant(desk, "acme"))["id"] == acme["id"]
    assert (await customer_meant(desk, "Acme GmbH"))["name"] == "Acme GmbH"


async def test_somebody_renamed_a_moment_ago_is_not_meant_by_the_old_name(desk: Any) -> None:
    """Ours: the index may be some seconds old, and what is done is never done to whom it used to be."""
    jane = await desk.customer("Jane Doe")
    assert (await customer_meant(desk, "jane doe"))["id"] == jane["id"]
    await desk.post(f"/v1/customers/{jane['id']}", name="Bob Stone")
    with pytest.raises(NotFound):
        await customer_meant(desk, "jane doe")
    assert (await customer_meant(desk, "bob stone"))["id"] == jane["id"]
