"""Products, plans, cards and meters by what people call them: the only one that fits, or a question, never a guess."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from paydesk.server.errors import Ambiguous, NotFound, SkillError
from paydesk.skills.catalogue import catalogue

Send = Callable[..., Awaitable[Any]]
SKILLS = catalogue()
ITEMS = ("create_payment_link", "create_checkout", "create_quote", "create_invoice")


async def _product(desk: Any, name: str, *prices: tuple[int, str], default: int | None = None, **more: Any) -> Any:
    """A product with prices paid once; `default` is the place of its default one."""
    product = await desk.post("/v1/products", name=name, **more)
    made = [
        await desk.post("/v1/prices", product=product["id"], unit_amount=amount, currency=currency)
        for amount, currency in prices
    ]
    if default is not None:
        await desk.post(f"/v1/products/{product['id']}", default_price=made[default]["id"])
    return product["id"], [price["id"] for price in made]


def _arguments(skill: str, price: str, **more: Any) -> dict[str, Any]:
    whom = {} if skill == "create_payment_link" else {"customer": "Jane Doe"}
    return {"items": [{"price": price}], **whom, **more}


@pytest.fixture
async def jane(desk: Any) -> Any:
    """A customer with an e-mail."""
    return await desk.customer("Jane Doe", email="jane@example.com")


@pytest.mark.parametrize("skill", ITEMS[1:])
async def test_a_customer_is_billed_in_the_currency_that_is_theirs(
    desk: Any, jane: Any, sent_as_planned: Send, skill: str
) -> None:
    """Stripe: a customer's currency is that of their first invoice. Ours: another one only where it is named."""
    await _product(desk, "Card reader", (5900, "usd"), (5400, "eur"), default=0)
    await _product(desk, "Cable", (700, "usd"))
    assert "$59.00" in (await desk.run(SKILLS[skill], _arguments(skill, "Card reader"))).says
    await desk.post("/v1/invoiceitems", customer=jane["id"], amount=100, currency="eur")
    first = await desk.post(
        "/v1/invoices", customer=jane["id"], pending_invoice_items_behavior="include", currency="eur"
    )
    await desk.post(f"/v1/invoices/{first['id']}/finalize")
    assert (await desk.stripe.get(f"/v1/customers/{jane['id']}"))["currency"] == "eur"

    plan = await desk.run(SKILLS[skill], _arguments(skill, "Card reader"))
    assert "€54.00" in plan.says
    await sent_as_planned(desk, SKILLS[skill], plan)
    assert "$59.00" in (await desk.run(SKILLS[skill], _arguments(skill, "Card reader", currency="usd"))).says
    assert "$7.00" in (await desk.run(SKILLS[skill], _arguments(skill, "Cable"))).says


async def test_a_link_says_what_it_sells_and_how_often_it_is_paid(desk: Any) -> None:
    """Ours: who approves reads what is sold, whether it has a product or a description only."""
    link = SKILLS["create_payment_link"]
    product = await desk.post("/v1/products", name="Team")
    monthly = {"interval": "month", "interval_count": 3}
    price = await desk.post("/v1/prices", product=product["id"], unit_amount=900, currency="usd", recurring=monthly)
    once = {"description": "Workshop", "amount_minor": 9000}

    async def says(*items: Any) -> str:
        return str((await desk.run(link, {"items": list(items), "currency": "usd"})).says)

    assert await says(once) == "Create a payment link for $90.00 (Workshop)."
    assert await says({"price": price["id"]}) == "Create a payment link for $9.00 / 3 months (Team)."
    assert await says(once, {"price": price["id"]}) == "Create a payment link for $99.00, a part of it recurring."


@pytest.mark.parametrize("skill", ITEMS)
async def test_a_product_is_sold_at_its_only_price(desk: Any, jane: Any, sent_as_planned: Send, skill: str) -> None:
    """Ours: by name, by id and by a name in other letters, the same request."""
    product, [price] = await _product(desk, "Card reader", (5900, "usd"))
    plans = [await desk.run(SKILLS[skill], _arguments(skill, said)) for said in ("card READER", product, price)]
    assert len({plan.hash() for plan in plans}) == 1
    assert "$59.00" in str(plans[0].details)
    await sent_as_planned(desk, SKILLS[skill], plans[0])


async def test_a_default_price_goes_before_others_and_a_currency_chooses(desk: Any) -> None:
    """Stripe: a product may have a default price. Ours: else several are a question with each of them."""
    skill = SKILLS["create_payment_link"]
    await _product(desk, "Course", (9000, "usd"), (8000, "eur"), (80_000, "eur"), default=0)
    assert "$90.00" in (await desk.run(skill, _arguments(skill.name, "Course"))).says
    with pytest.raises(Ambiguous) as wrong:
        await desk.run(skill, _arguments(skill.name, "Course", currency="eur"))
    assert (wrong.value.code, wrong.value.field) == ("price_ambiguous", "items[0].price")
    assert [choice.split(" ")[0] for choice in wrong.value.choices] == ["€80.00", "€800.00"]
    with pytest.raises(SkillError) as none:
        await desk.run(skill, _arguments(skill.name, "Course", currency="jpy"))
    assert (none.value.code, len(none.value.choices)) == ("price_not_found", 3)


async def test_products_of_like_names_are_asked_about_and_the_very_name_decides(desk: Any) -> None:
    """Ours: "text messages" may be either; what is spelt just so is meant, also where another resembles it."""
    skill = SKILLS["create_payment_link"]
    for name in ("500 text messages", "5,000 text messages", "Pro", "Pro 2024"):
        await _product(desk, name, (1200, "usd"))
    with pytest.raises(Ambiguous) as wrong:
        await desk.run(skill, _arguments(skill.name, "text messages"))
    assert (wrong.value.code, len(wrong.value.choices)) == ("product_ambiguous", 2)
    assert "(Pro)" in (await desk.run(skill, _arguments(skill.name, "pro"))).says


async def test_what_is_archived_or_unknown_is_not_sold(desk: Any) -> None:
    """Ours: the field at fault, and the nearest name."""
    skill = SKILLS["create_payment_link"]
    await _product(desk, "Solo", (900, "usd"), active=False)
    await _product(desk, "Starter", (1900, "usd"))
    with pytest.raises(SkillError) as archived:
        await desk.run(skill, _arguments(skill.name, "Solo"))
    assert (archived.value.code, archived.value.field) == ("product_archived", "items[0].price")
    with pytest.raises(NotFound) as unknown:
        await desk.run(skill, _arguments(skill.name, "Startr kit"))
    assert (unknown.value.code, unknown.value.field) == ("product_not_found", "items[0].price")
    assert unknown.value.choices == ("Starter",)


async def test_a_checkout_leads_to_the_website_unless_it_is_told_where(desk: Any, canned: Any, jane: Any) -> None:
    """Stripe: a hosted checkout needs an address for afterwards; ours: the business's own, shown before the yes."""
    await _product(desk, "Course", (9000, "usd"))
    plan = await desk.run(SKILLS["create_checkout"], _arguments("create_checkout", "Course"))
    website = (await desk.stripe.get("/v1/account"))["business_profile"]["url"]
    assert ("Afterwards to", website) in plan.details
    assert plan.request.params["success_url"] == website
    nowhere = canned({"/v1/account": {"id": "acct_1", "business_profile": {"url": None}}})
    bare = {"items": [{"description": "Work", "amount_minor": 500}], "currency": "usd"}
    with pytest.raises(SkillError) as wrong:
        await nowhere.run(SKILLS["create_checkout"], bare)
    assert (wrong.value.code, wrong.value.field) == ("success_url_missing", "success_url")


@pytest.mark.parametrize(
    ("said", "which"),
    [
        *(("the visa ending in 4242", 0), ("card ending 4242", 0), ("Visa", 0), ("4242", 0), ("default card", 1)),
        *(("the default", 1), ("Master Card", 1), ("mastercard ending 4444", 1)),
    ],
)
async def test_a_card_is_named_as_people_name_it(desk: Any, jane: Any, said: str, which: int) -> None:
    """Ours: brand, last four digits or "default", with whatever stands around them."""
    cards = [
        (await desk.post(f"/v1/payment_methods/pm_card_{kind}/attach", customer=jane["id"]))["id"]
        for kind in ("visa", "mastercard")
    ]
    await desk.post(f"/v1/customers/{jane['id']}", invoice_settings={"default_payment_method": cards[1]})
    plan = await desk.run(SKILLS["detach_payment_method"], {"customer": "Jane Doe", "payment_method": said})
    assert plan.request.path == f"/v1/payment_methods/{cards[which]}/detach"


@pytest.mark.parametrize(
    ("said", "error"),
    [("card", Ambiguous), ("the card", Ambiguous), ("visa ending 1111", SkillError), ("ending", SkillError)],
)
async def test_a_card_that_could_be_several_or_none_is_asked_about(
    desk: Any, jane: Any, said: str, error: type
) -> None:
    """Ours: which one, from those that there are."""
    for kind in ("visa", "mastercard"):
        await desk.post(f"/v1/payment_methods/pm_card_{kind}/attach", customer=jane["id"])
    with pytest.raises(error) as wrong:
        await desk.run(SKILLS["detach_payment_method"], {"customer": "Jane Doe", "payment_method": said})
    assert (wrong.value.field, len(wrong.value.choices)) == ("payment_method", 2)


@pytest.fixture
async def subscribed(desk: Any, jane: Any) -> Any:
    """Jane with a card and three seats of Pro; Team costs more, by the month and by the year."""
    card = await desk.post("/v1/payment_methods/pm_card_visa/attach", customer=jane["id"])
    await desk.post(f"/v1/customers/{jane['id']}", invoice_settings={"default_payment_method": card["id"]})
    pro = await desk.price("Pro", 4900)
    team = await desk.price("Team", 12_900)
    yearly = {"currency": "usd", "unit_amount": 129_000, "recurring": {"interval": "year"}}
    await desk.post("/v1/prices", product=team["product"], **yearly)
    running = await desk.post("/v1/subscriptions", customer=jane["id"], items=[{"price": pro["id"], "quantity": 3}])
    return {"subscription": running["id"], "pro": pro["id"], "team": team["id"]}


def _move(desk: Any, **more: Any) -> dict[str, Any]:
    on = (desk.now().date() + timedelta(days=45)).isoformat()
    return {"customer": "Jane Doe", "subscription": "current", "start_date": on, "phases": [{"price": "Team"}], **more}


async def test_a_running_subscription_changes_on_the_day_and_not_before(
    desk: Any, subscribed: Any, sent_as_planned: Send
) -> None:
    """Stripe: a schedule made of a subscription keeps what is as its first phase. Ours: as often billed, as many."""
    skill = SKILLS["schedule_subscription"]
    arguments = _move(desk)
    plan = await desk.run(skill, arguments)
    assert "3 x $129.00 / month" in plan.says
    assert [one.path for one in plan.prepares] == ["/v1/subscription_schedules"]
    done = await sent_as_planned(desk, skill, plan)
    assert (done.status, done.starts) == ("active", arguments["start_date"])
    now = await desk.stripe.get(f"/v1/subscriptions/{subscribed['subscription']}")
    assert (now["items"]["data"][0]["price"]["id"], now["schedule"]) == (subscribed["pro"], done.schedule)
    schedule = await desk.stripe.get(f"/v1/subscription_schedules/{done.schedule}")
    before, after = schedule["phases"]
    assert [(phase["items"][0]["price"], phase["items"][0]["quantity"]) for phase in (before, after)] == [
        (subscribed["pro"], 3),
        (subscribed["team"], 3),
    ]
    assert datetime.fromtimestamp(after["start_date"], UTC).date().isoformat() == arguments["start_date"]
    with pytest.raises(SkillError, match="on a schedule already"):
        await desk.run(skill, arguments)


async def test_a_plan_by_name_of_several_intervals_is_asked_about_where_none_is_billed(
    desk: Any, subscribed: Any
) -> None:
    """Ours: a new subscription has no interval to keep; that one runs already is said."""
    skill, new = SKILLS["schedule_subscription"], _move(desk)
    del new["subscription"]
    with pytest.raises(Ambiguous) as wrong:
        await desk.run(skill, new)
    assert (wrong.value.code, wrong.value.field) == ("price_ambiguous", "phases[0].price")
    plan = await desk.run(skill, {**new, "phases": [{"price": "Pro"}]})
    assert "adds another" in " ".join(plan.warnings)
    with pytest.raises(NotFound) as unknown:
        await desk.run(
            skill,
            {**new, "phases": [{"price": "Platinum"}]},
        )
    assert unknown.value.field == "phases[0].price"


@pytest.mark.parametrize("change", [{"cancel_at_period_end": True}, {"items": 2}])
async def test_what_cannot_be_changed_ahead_says_why(desk: Any, subscribed: Any, change: dict[str, Any]) -> None:
    """Ours: a schedule would undo an end that is set, and cannot tell which of several things is to change."""
    path = f"/v1/subscriptions/{subscribed['subscription']}"
    if "items" in change:
        await desk.post(path, items=[{"price": subscribed["team"]}])
    else:
        await desk.post(path, **change)
    with pytest.raises(SkillError) as wrong:
        await desk.run(SKILLS["schedule_subscription"], _move(desk))
    assert (wrong.value.code, wrong.value.field) == ("cannot_move_ahead", "subscription")
    assert wrong.value.next_step


async def test_a_meter_is_named_as_it_is_shown(desk: Any, jane: Any) -> None:
    """Ours: by its display name however it is written, its event name or its id."""
    meter = await desk.post(
        "/v1/billing/meters",
        display_name="Messages sent",
        event_name="messages_sent",
        default_aggregation={"formula": "sum"},
    )
    for said in ("messages SENT", "Messages, sent", "messages_sent", meter["id"]):
        plan = await desk.run(SKILLS["report_usage"], {"meter": said, "customer": "Jane Doe", "used": 5})
        assert plan.relies_on["meter"] == meter["id"]


async def test_a_product_that_there_is_not_is_answered_with_the_nearest_that_there_are(desk: Any) -> None:
    """Ours: those whose name resembles it, else some of what is sold; nothing is guessed."""
    for name in ("Card reader", "Own domain, one year", "Team", "Starter"):
        await _product(desk, name, (900, "usd"))
    await _product(desk, "Bandana", (900, "usd"), active=False)
    skill = SKILLS["create_payment_link"]
    offered = {}
    for said in ("Card reeder", "Zeppelin"):
        with pytest.raises(NotFound) as wrong:
            await desk.run(skill, _arguments(skill.name, said))
        offered[said] = wrong.value.choices
    assert offered["Card reeder"][0] == "Card reader"
    assert len(offered["Zeppelin"]) == 3
    assert "Bandana" not in offered["Zeppelin"]
