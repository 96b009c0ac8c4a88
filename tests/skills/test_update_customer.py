"""Changing a customer: old and new side by side, nothing sent that was not asked, nothing lost that was not named."""

import pytest

from paydesk.server.arguments import parse_arguments
from paydesk.server.errors import ArgumentError, SkillError
from paydesk.skills.customers.update_customer import update_customer


async def test_only_what_changes_is_sent_and_shown_beside_what_it_was(desk, sent_as_planned) -> None:
    """Ours: a person sees the old value and the new one."""
    jane = await desk.customer("Jane Doe", email="jane@example.com", phone="+49 30 1")
    plan = await desk.run(update_customer, {"customer": "Jane Doe", "email": "jd@example.com", "phone": "+49 30 1"})
    assert plan.says == "Change the e-mail of Jane Doe from jane@example.com to jd@example.com."
    assert plan.request.path == f"/v1/customers/{jane['id']}"
    assert plan.request.params == {"email": "jd@example.com"}
    assert dict(plan.details)["E-mail"] == "jane@example.com -> jd@example.com"
    assert plan.relies_on == {"customer": jane["id"], "email": "jane@example.com"}
    assert plan.opposite.arguments == {"customer": jane["id"], "email": "jane@example.com"}
    done = await sent_as_planned(desk, update_customer, plan)
    assert done.email == "jd@example.com"


async def test_a_part_of_an_address_keeps_the_rest(desk, sent_as_planned) -> None:
    """Stripe replaces an address as a whole; ours: what was not said stays."""
    was = {"line1": "1 Main St", "city": "Berlin", "country": "DE"}
    jane = await desk.customer("Jane Doe", address=was)
    plan = await desk.run(update_customer, {"customer": "Jane Doe", "address": {"city": "Hamburg"}})
    assert plan.request.params == {"address": {"line1": "1 Main St", "city": "Hamburg", "country": "DE"}}
    assert dict(plan.details)["Address"] == "1 Main St, Berlin, DE -> 1 Main St, Hamburg, DE"
    await sent_as_planned(desk, update_customer, plan)
    assert (await desk.stripe.get(f"/v1/customers/{jane['id']}"))["address"]["line1"] == "1 Main St"


async def test_metadata_is_set_and_removed_key_by_key(desk, sent_as_planned) -> None:
    """Stripe: an empty value removes a key, and other keys stay."""
    jane = await desk.customer("Jane Doe", metadata={"tier": "gold", "old": "1"})
    plan = await desk.run(update_customer, {"customer": "Jane Doe", "metadata": {"tier": "silver", "old": ""}})
    assert plan.request.params == {"metadata": {"tier": "silver", "old": ""}}
    assert dict(plan.details)["Metadata old"] == "1 -> (none)"
    await sent_as_planned(desk, update_customer, plan)
    assert (await desk.stripe.get(f"/v1/customers/{jane['id']}"))["metadata"] == {"tier": "silver"}
    with pytest.raises(SkillError) as caught:
        await desk.run(update_customer, {"customer": "Jane Doe", "metadata": {"paydesk_proposal": "x"}})
    assert caught.value.code == "reserved_key"


async def test_the_default_card_is_one_of_the_customers_own(desk, sent_as_planned) -> None:
    """Stripe: invoice_settings.default_payment_method; ours: shown as a person knows it."""
    jane = await desk.customer("Jane Doe")
    bob = await desk.customer("Bob Ray")
    card = await desk.post("/v1/payment_methods/pm_card_visa/attach", customer=jane["id"])
    theirs = await desk.post("/v1/payment_methods/pm_card_visa/attach", customer=bob["id"])
    plan = await desk.run(update_customer, {"customer": "Jane Doe", "default_payment_method": card["id"]})
    assert plan.request.params == {"invoice_settings": {"default_payment_method": card["id"]}}
    assert "•4242" in dict(plan.details)["Default payment method"]
    await sent_as_planned(desk, update_customer, plan)
    with pytest.raises(SkillError) as caught:
        await desk.run(update_customer, {"customer": "Jane Doe", "default_payment_method": theirs["id"]})
    assert caught.value.code == "payment_method_not_found"


async def test_a_change_to_what_is_already_so_is_no_change(desk) -> None:
    """Ours: a person is asked only for what would change something."""
    await desk.customer("Jane Doe", email="jane@example.com")
    for arguments in ({}, {"email": "jane@example.com"}, {"address": {}}, {"metadata": {"gone": ""}}):
        with pytest.raises(SkillError) as caught:
            await desk.run(update_customer, {"customer": "Jane Doe", **arguments})
        assert caught.value.code == "nothing_to_change"


async def test_an_address_that_another_customer_has_is_a_warning(desk) -> None:
    """Ours: two customers of one address are usually a mistake."""
    await desk.customer("Jane Doe", email="jane@example.com")
    await desk.customer("Bob Ray", email="bob@example.com")
    plan = await desk.run(update_customer, {"customer": "Jane Doe", "email": "bob@example.com"})
    assert any("Another customer" in warning and "Bob Ray" in warning for warning in plan.warnings)


async def test_what_is_shown_is_what_is_sent(desk) -> None:
    """Ours: invisible characters go before either, so that nobody approves what they cannot see."""
    await desk.customer("Jane Doe")
    plan = await desk.run(update_customer, {"customer": "Jane Doe", "name": "Jane\u202e \u200bRoe"})
    assert plan.request.params == {"name": "Jane Roe"}
    assert dict(plan.details)["Name"] == "Jane Doe -> Jane Roe"


@pytest.mark.parametrize(
    "arguments",
    [
        {"email": "no address"},
        {"phone": "call me"},
        {"address": {"planet": "Mars"}},
        {"address": {"country": "Germany"}},
        {"metadata": {"a[b]": "x"}},
        {"metadata": {"k": "x" * 501}},
        {"preferred_locale": "German please"},
        {"default_payment_method": ""},
    ],
)
def test_bad_values_are_refused_before_anything_is_read(arguments) -> None:
    """Ours: an error names the field, and never echoes the value."""
    with pytest.raises(ArgumentError) as caught:
        parse_arguments(update_customer, {"customer": "Jane Doe", **arguments})
    assert caught.value.field == next(iter(arguments))
