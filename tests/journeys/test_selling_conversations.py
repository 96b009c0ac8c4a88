"""Links, products, coupons, portals, schedules and usage: called and approved, the same over a pipe and in process."""

import json
from typing import Any

import pytest
from mcp.types import ElicitResult

from paydesk.intents.writes import selling
from paydesk.server.wiring import open_desk
from paydesk.skills.base import StripeRequest

JONES = "jones@journey.example"
APPROVE = ElicitResult(action="accept", content={"approve": True})
ITEMS = {"items": [{"description": "Workshop", "amount_minor": 2500}], "currency": "usd"}
# In this order: what is deleted goes last. Names in braces are ids of the set-up.
WRITES: list[tuple[str, dict[str, Any]]] = [
    ("create_payment_link", ITEMS),
    ("deactivate_payment_link", {"payment_link": "{link}"}),
    ("create_checkout", {**ITEMS, "success_url": "https://shop.example/thanks", "customer": JONES}),
    ("create_product", {"name": "Kiln hour", "amount_minor": 1200, "currency": "usd"}),
    ("create_price", {"product": "Kiln hour", "amount_minor": 9900, "currency": "usd", "interval": "year"}),
    ("update_product", {"product": "Kiln hour", "status": "archived"}),
    ("create_coupon", {"name": "Clay", "percent": "10"}),
    ("create_promotion_code", {"coupon": "Clay", "code": "CLAY10", "max_redemptions": 5}),
    ("report_usage", {"meter": "kiln_minutes", "customer": JONES, "used": 30}),
    (
        "schedule_subscription",
        {"customer": JONES, "start_date": "2031-01-01", "phases": [{"price": "{price}", "periods": 2}]},
    ),
    ("open_customer_portal", {"customer": JONES, "return_url": "https://shop.example/"}),
    ("detach_payment_method", {"customer": "{leaver}", "payment_method": "{card}"}),
    ("delete_customer", {"customer": "{leaver}"}),
]


async def _furnished(till: Any) -> dict[str, str]:
    """A link, a meter, a recurring price and a customer who leaves; ids by name."""
    async with open_desk(till.settings) as desk:
        door = await desk.door()
        keys = iter(range(1_000))

        async def post(path: str, **params: Any) -> dict[str, Any]:
            return await door.send(StripeRequest("POST", path, params), idempotency_key=f"selling{next(keys)}")

        price = await post(
            "/v1/prices",
            currency="usd",
            unit_amount=900,
            recurring={"interval": "month"},
            product_data={"name": "Clay"},
        )
        link = await post("/v1/payment_links", line_items=[{"price": price["id"], "quantity": 1}])
        counted = {"formula": "sum"}
        await post("/v1/billing/meters", display_name="Kiln", event_name="kiln_minutes", default_aggregation=counted)
        leaver = await post("/v1/customers", name="Leaving Lee")
        card = await post("/v1/payment_methods/pm_card_visa/attach", customer=leaver["id"])
        return {"price": price["id"], "link": link["id"], "leaver": leaver["id"], "card": card["id"]}


def _filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_filled(item, ids) for item in value]
    if isinstance(value, dict):
        return {name: _filled(item, ids) for name, item in value.items()}
    return ids.get(value[1:-1], value) if isinstance(value, str) and value[:1] == "{" else value


@pytest.mark.parametrize(
    "connect", [("in process", "auto"), ("stdio", "legacy")], ids=lambda way: way[0], indirect=True
)
async def test_what_is_sold_is_made_once_a_person_agrees(connect: Any, till: Any) -> None:
    """Ours: each is asked about, then done as it was shown; no secret is told."""
    ids = await _furnished(till)
    asked: list[str] = []

    async def person(_: Any, params: Any) -> ElicitResult:
        asked.append(params.message)
        return APPROVE

    async with connect(elicitation_callback=person) as client:
        for name, arguments in WRITES:
            done = await client.call_tool(name, _filled(arguments, ids))
            assert done.structured_content.get("state") == "succeeded", (name, done.content[0].text)
            assert "client_secret" not in json.dumps(done.structured_content)
        said = await client.call_tool("ask", {"text": "create a payment link for $25"})
        assert said.structured_content["skill"] == "create_payment_link"
    assert len(asked) == len(WRITES) + 1


def test_every_write_about_selling_is_in_the_journey() -> None:
    """Ours: a new one joins it."""
    assert {name for name, _ in WRITES} == selling.SKILLS
