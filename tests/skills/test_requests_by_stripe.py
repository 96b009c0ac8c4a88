"""Every request that a plan would send, and every preview it asks for, judged by Stripe's own document."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paydesk.skills.base import Effect, Json, Prepared, StripeRequest
from paydesk.skills.catalogue import catalogue

_SUBSCRIPTION = "{subscription}"
_HELD = "{held}"
_PAID = "{paid}"
# Arguments of each write, so many that every parameter of every request is met.
PLANNED: list[tuple[str, Json]] = [
    ("refund_payment", {"payment": _PAID, "amount_minor": 100, "reason": "duplicate"}),
    ("create_payment", {"amount_minor": 2500, "currency": "usd", "description": "Workshop"}),
    ("create_payment", {"amount_minor": 2500, "currency": "usd", "capture": "later"}),
    ("create_payment", {"amount_minor": 2500, "currency": "usd", "confirm": False}),
    ("capture_payment", {"payment": _HELD}),
    ("capture_payment", {"payment": _HELD, "percent": "50"}),
    ("cancel_payment", {"payment": _HELD, "reason": "abandoned"}),
    ("create_customer", {"name": "Acme", "email": "a@b.example", "phone": "+49 30 1", "description": "x"}),
    (
        "update_customer",
        {
            "name": "Jane Roe",
            "email": "j@r.example",
            "phone": "+49 30 1",
            "description": "x",
            "address": dict.fromkeys(("line1", "line2", "city", "state", "postal_code"), "a") | {"country": "DE"},
            "metadata": {"tier": "gold"},
            "preferred_locale": "de",
            "default_payment_method": "{card}",
        },
    ),
    ("create_subscription", {"price": "{price}", "quantity": 2, "trial_days": 14}),
    ("create_subscription", {"price": "{price}", "payment_method": "{card}"}),
    ("create_subscription", {"price": "{price}", "days_until_due": 30, "start_date": "2027-06-01"}),
    ("create_subscription", {"amount_minor": 777, "currency": "usd", "interval": "week", "product": "Gold"}),
    ("create_subscription", {"amount_minor": 777, "currency": "usd", "interval": "week", "product": "Pro"}),
    ("update_subscription", {"subscription": _SUBSCRIPTION, "quantity": 3, "proration": "always_invoice"}),
    ("update_subscription", {"subscription": _SUBSCRIPTION, "trial_end": "2027-01-01", "cancel_at": "2027-06-01"}),
    (
        "update_subscription",
        {"subscription": _SUBSCRIPTION, "amount_minor": 5999, "currency": "usd", "interval": "month"},
    ),
    ("cancel_subscription", {"subscription": _SUBSCRIPTION}),
    ("cancel_subscription", {"subscription": _SUBSCRIPTION, "at_period_end": False, "prorate": True}),
    ("pause_subscription", {"subscription": _SUBSCRIPTION, "resumes_at": "2027-01-01", "invoices": "void"}),
    ("resume_subscription", {"subscription": "{paused}"}),
    ("resume_subscription", {"subscription": "{ending}"}),
]


@pytest.fixture(scope="module")
def document(shared: Path) -> Json:
    """Stripe's OpenAPI document."""
    return json.loads((shared / "stripe-openapi/spec3.json").read_text("utf-8"))


@pytest.fixture
async def books(desk) -> dict[str, str]:
    """One customer with everything that the plans speak of; ids by name."""
    jane = await desk.customer("Jane Doe", email="jane@example.com")
    card = await desk.post("/v1/payment_methods/pm_card_visa/attach", customer=jane["id"])
    product = {"name": "Pro"}
    price = await desk.post(
        "/v1/prices", currency="usd", unit_amount=4900, recurring={"interval": "month"}, product_data=product
    )

    async def subscribe() -> str:
        items, method = [{"price": price["id"]}], card["id"]
        made = await desk.post("/v1/subscriptions", customer=jane["id"], items=items, default_payment_method=method)
        return made["id"]

    paused, ending = await subscribe(), await subscribe()
    await desk.post(f"/v1/subscriptions/{paused}", pause_collection={"behavior": "void"})
    await desk.post(f"/v1/subscriptions/{ending}", cancel_at_period_end=True)
    return {
        "customer": jane["id"],
        "card": card["id"],
        "price": price["id"],
        "paid": (await desk.pay(jane["id"], 5000))["id"],
        "held": (await desk.pay(jane["id"], 5000, capture_method="manual"))["id"],
        "subscription": await subscribe(),
        "paused": paused,
        "ending": ending,
    }


def _filled(value: Any, books: dict[str, str]) -> Any:
    return re.sub(r"^\{(\w+)\}$", lambda name: books[name[1]], value) if isinstance(value, str) else value


@pytest.mark.parametrize("planned", PLANNED, ids=[f"{name}-{index}" for index, (name, _) in enumerate(PLANNED)])
async def test_what_a_plan_would_send_is_a_request_that_stripe_knows(
    desk, books, document, monkeypatch, planned: tuple[str, Json]
) -> None:
    """Stripe's OpenAPI document: the operation exists, and every parameter is known, of its type and its values."""
    name, arguments = planned
    asked: list[StripeRequest] = []
    preview = type(desk.stripe).preview

    async def remembered(door, params):
        asked.append(StripeRequest("POST", "/v1/invoices/create_preview", dict(params)))
        return await preview(door, params)

    monkeypatch.setattr(type(desk.stripe), "preview", remembered)
    skill = catalogue()[name]
    whole = {field: _filled(value, books) for field, value in arguments.items()}
    if skill.params.model_fields.get("customer") and skill.params.model_fields["customer"].is_required():
        whole["customer"] = books["customer"]
    plan = await desk.run(skill, whole)
    for request in (*asked, *plan.prepares, plan.request):
        assert list(_faults(request, document)) == []
    assert not [value for label, value in plan.details if "could not be foretold" in value]


def test_every_write_is_judged() -> None:
    """Ours: a new write joins the list."""
    assert {name for name, _ in PLANNED} == {one.name for one in catalogue().values() if one.effect in _WRITES}


_WRITES = {Effect.WRITE, Effect.MONEY}


def test_the_judge_finds_what_is_wrong(document) -> None:
    """Ours: a judge that never objects proves nothing."""
    wrong = [
        StripeRequest("POST", "/v1/refundz", {}),
        StripeRequest("POST", "/v1/refunds", {"amout": 1}),
        StripeRequest("POST", "/v1/refunds", {"amount": "1"}),
        StripeRequest("POST", "/v1/refunds", {"reason": "because"}),
        StripeRequest("POST", "/v1/subscriptions/sub_1", {"pause_collection": {"resumes_at": 1}}),
        StripeRequest("POST", "/v1/prices", {"unit_amount": 1}),
    ]
    assert all(list(_faults(request, document)) for request in wrong)
    assert not list(_faults(StripeRequest("POST", "/v1/refunds", {"amount": 1, "charge": "ch_1"}), document))


def _faults(request: StripeRequest, document: Json) -> Iterator[str]:
    """Everything in a request that the document does not allow."""
    operation = _operation(request, document)
    if operation is None:
        yield f"no operation {request.method} {request.path}"
        return
    body = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
    schema = body.get("schema", {"type": "object", "properties": {}})
    yield from _misfits(request.params, schema, request.path)


def _operation(request: StripeRequest, document: Json) -> Json | None:
    known = [
        path
        for path, methods in document["paths"].items()
        if request.method.lower() in methods and re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", path), request.path)
    ]
    # A fixed word goes before a place for an id.
    path = min(known, key=lambda one: one.count("{"), default=None)
    return document["paths"][path][request.method.lower()] if path else None


def _misfits(value: Any, schema: Json, at: str) -> Iterator[str]:
    if isinstance(value, Prepared):
        return
    if "anyOf" in schema:
        if all(list(_misfits(value, one, at)) for one in schema["anyOf"]):
            yield f"{at}: fits none of its forms"
        return
    kind = schema.get("type")
    types = {"string": str, "integer": int, "boolean": bool, "object": dict, "array": list, "number": int}
    if kind in types and (not isinstance(value, types[kind]) or (kind == "integer" and isinstance(value, bool))):
        yield f"{at}: no {kind}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: not among {schema['enum']}"
    if kind == "string" and len(value) > schema.get("maxLength", 10**9):
        yield f"{at}: too long"
    if kind == "array":
        for index, item in enumerate(value):
            yield from _misfits(item, schema["items"], f"{at}[{index}]")
    if kind == "object":
        yield from _members(value, schema, at)


def _members(value: Json, schema: Json, at: str) -> Iterator[str]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}: lacks {name}"
    for name, member in value.items():
        if name in known:
            yield from _misfits(member, known[name], f"{at}.{name}")
        elif isinstance(schema.get("additionalProperties"), dict):
            yield from _misfits(member, schema["additionalProperties"], f"{at}.{name}")
        else:
            yield f"{at}: does not know {name}"
