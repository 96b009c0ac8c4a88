"""Tax worked out, tax rates, and what an amount is worth elsewhere."""

from decimal import Decimal

import pytest

from paydesk.server.errors import StripeNotFound
from paydesk.skills.catalogue import catalogue
from paydesk.skills.errors import SkillError

SKILLS = catalogue()


async def _registered(desk) -> None:
    """The account collects VAT in Germany."""
    await desk.post(
        "/v1/tax/settings", head_office={"address": {"country": "DE"}}, defaults={"tax_behavior": "exclusive"}
    )
    await desk.post(
        "/v1/tax/registrations",
        country="DE",
        active_from="now",
        country_options={"de": {"type": "standard", "standard": {"place_of_supply_scheme": "standard"}}},
    )


async def test_tax_is_worked_out_for_a_place_or_a_customer(desk) -> None:
    """Stripe Tax: on top of an exclusive amount, within an inclusive one."""
    await _registered(desk)
    skill = SKILLS["calculate_tax"]
    asked = {"amount_minor": 10_000, "currency": "eur"}
    found = await desk.run(skill, {**asked, "country": "DE", "postal_code": "10115"})
    assert (found.tax.text, found.total.text, found.place) == ("€19.00", "€119.00", "DE 10115")
    assert found.taxes == ["€19.00 vat 19% DE on top"]
    within = await desk.run(skill, {"amount_minor": 11_900, "currency": "eur", "country": "DE", "inclusive": True})
    assert (within.tax.text, within.total.text) == ("€19.00", "€119.00")
    await desk.customer("Jane Doe", address={"country": "DE", "postal_code": "10115"})
    assert (await desk.run(skill, {**asked, "customer": "Jane Doe"})).tax.text == "€19.00"


async def test_no_tax_says_why(desk) -> None:
    """Ours: a zero without a reason would be read as tax-free."""
    await _registered(desk)
    found = await desk.run(SKILLS["calculate_tax"], {"amount_minor": 100, "currency": "eur", "country": "FR"})
    assert found.sentence().startswith("No tax on €1.00 for FR: the account is not registered to collect tax there.")
    for arguments, field in (
        ({}, "country"),
        ({"country": "DE", "customer": "Bob"}, "country"),
        ({"customer": "Bob"}, "customer"),
    ):
        await desk.customer("Bob") if field == "customer" else None
        with pytest.raises(SkillError) as wrong:
            await desk.run(SKILLS["calculate_tax"], {"amount_minor": 100, "currency": "eur", **arguments})
        assert wrong.value.field == field


async def test_a_tax_rate_keeps_its_exact_percentage(desk, sent_as_planned) -> None:
    """Ours: a percentage is text from end to end, never a binary float."""
    skill = SKILLS["create_tax_rate"]
    for percent, sent in (("19", 19), ("9.975", "9.975"), ("7.70", "7.7")):
        plan = await desk.run(skill, {"name": "VAT", "percent": percent, "country": "DE"})
        assert plan.request.params["percentage"] == sent
        made = await sent_as_planned(desk, skill, plan)
        assert Decimal(made.tax_rate.percent) == Decimal(percent)
    again = await desk.run(skill, {"name": "vat", "percent": "19.0"})
    assert "such a rate already" in again.warnings[0]
    listed = await desk.run(SKILLS["list_tax_rates"])
    assert listed.says == "3 active tax rates."
    assert listed.lines()[-1].startswith("VAT 19% on top DE txr_")
    with pytest.raises(SkillError, match="at most 100"):
        await desk.run(skill, {"name": "VAT", "percent": "101"})


async def test_an_amount_is_converted_at_a_rate_that_is_named_with_its_date(desk) -> None:
    """Ours: rate and date always stand beside the figure; yen have no cents."""
    skill = SKILLS["convert_currency"]
    found = await desk.run(skill, {"amount_minor": 10_000, "currency": "eur", "to": "jpy"})
    expected = (Decimal(100) * Decimal(found.rate)).to_integral_value()
    assert found.worth.amount_minor == int(expected)
    assert found.worth.currency == "jpy"
    assert "1 EUR = " in found.sentence()
    assert "2026-11-21" in found.sentence()
    assert "the sandbox's fixed table" in found.sentence()
    back = await desk.run(skill, {"amount_minor": found.worth.amount_minor, "currency": "jpy", "to": "eur"})
    assert abs(back.worth.amount_minor - 10_000) <= 10
    with pytest.raises(SkillError, match="the same"):
        await desk.run(skill, {"amount_minor": 1, "currency": "usd", "to": "usd"})


QUOTE = {
    "rates": {"gbp": {"exchange_rate": 1.10167, "rate_details": {"base_rate": 1.12415, "fx_fee_rate": 0.02}}},
    "to_currency": "chf",
}


async def test_stripes_fx_quote_comes_first_and_its_absence_is_said(canned) -> None:
    """Stripe: FX quotes are a preview; without one its exchange rates serve, and without these nothing is made up."""
    arguments = {"amount_minor": 10_000, "currency": "gbp", "to": "chf"}
    for answers, worth, source in (
        ({"/v1/fx_quotes": QUOTE}, 11_017, "Stripe's FX quote"),
        ({"/v1/exchange_rates/gbp": {"rates": {"chf": 1.12}}}, 11_200, "Stripe's exchange rates"),
    ):
        desk = canned(answers)

        async def compute(path, params, known=answers):
            if path not in known:
                raise StripeNotFound("Unrecognized request URL.")
            return known[path]

        desk.stripe.compute = compute
        found = await desk.run(SKILLS["convert_currency"], arguments)
        assert (found.worth.amount_minor, found.source) == (worth, source)
    desk = canned({})
    desk.stripe.compute = compute
    with pytest.raises(SkillError, match="no rate from GBP to CHF"):
        await desk.run(SKILLS["convert_currency"], arguments)
