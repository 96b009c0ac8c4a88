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
    ("create_payment_link", {"items": [{"price": "{once}", "quantity": 2}], "promotion_codes": True}),
    (
        "create_payment_link",
        {"items": [{"description": "Work", "amount_minor": 900}], "currency": "usd", "most_payments": 1},
    ),
    ("deactivate_payment_link", {"payment_link": "{link}"}),
    (
        "create_checkout",
        {
            "items": [{"description": "Work", "amount_minor": 900}],
            "currency": "usd",
            "success_url": "https://a.example/",
            "cancel_url": "https://a.example/no",
            "customer": "{customer}",
            "promotion_codes": True,
        },
    ),
    ("create_checkout", {"items": [{"price": "{price}"}], "success_url": "https://a.example/"}),
    ("delete_customer", {}),
    ("detach_payment_method", {"payment_method": "{card}"}),
    ("open_customer_portal", {"return_url": "https://a.example/"}),
    (
        "schedule_subscription",
        {
            "start_date": "2027-01-01",
            "phases": [{"price": "{price}", "quantity": 2, "periods": 3}, {"price": "{price}"}],
        },
    ),
    (
        "schedule_subscription",
        {"start_date": "2027-01-01", "phases": [{"price": "{price}", "periods": 3}], "then": "cancel"},
    ),
    (
        "schedule_subscription",
        {"start_date": "2027-01-01", "subscription": _SUBSCRIPTION, "phases": [{"price": "Pro", "quantity": 3}]},
    ),
    ("create_payment_link", {"items": [{"price": "Mug", "quantity": 2}]}),
    ("create_checkout", {"items": [{"price": "Pro"}], "customer": "{customer}"}),
    (
        "report_usage",
        {"meter": "calls", "used": 5, "used_at": "2026-11-20T10:00:00Z", "identifier": "batch-1"},
    ),
    ("create_product", {"name": "Mug", "description": "x", "amount_minor": 900, "currency": "usd"}),
    ("create_product", {"name": "Gold", "amount_minor": 900, "currency": "usd", "interval": "year"}),
    ("update_product", {"product": "Pro", "name": "Pro Plus", "description": "x"}),
    ("update_product", {"product": "Pro", "status": "archived"}),
    ("create_price", {"product": "Pro", "currency": "usd", "amount_minor": 900}),
    ("create_price", {"product": "Pro", "currency": "usd", "amount_minor": 900, "interval": "week"}),
    (
        "create_price",
        {
            "product": "Pro",
            "currency": "usd",
            "interval": "month",
            "meter": "calls",
            "tiers": [{"up_to": 10, "amount_minor": 5}, {"amount_minor": 4}],
            "tiers_mode": "graduated",
        },
    ),
    ("create_coupon", {"name": "Spring", "percent": "25", "max_redemptions": 9}),
    (
        "create_coupon",
        {"name": "Five", "amount_minor": 500, "currency": "usd", "duration": "repeating", "months": 3},
    ),
    ("create_promotion_code", {"coupon": "{coupon}", "code": "SPRING", "max_redemptions": 9, "last_day": "2027-01-01"}),
    (
        "create_invoice",
        {
            "items": [{"description": "Work", "amount_minor": 900, "quantity": 2}, {"price": "{once}", "quantity": 3}],
            "currency": "usd",
            "days_until_due": 14,
            "description": "x",
        },
    ),
    ("create_invoice", {"items": [{"price": "{once}"}], "due_date": "2027-01-01", "collect": "draft"}),
    ("create_invoice", {"items": [{"price": "{once}"}], "collect": "charge"}),
    ("create_invoice", {"items": [{"price": "{once}"}], "discount": "{coupon}", "tax": "VAT 19%"}),
    (
        "create_invoice",
        {
            "items": [{"description": "Work", "amount_minor": 900, "quantity": 2}],
            "currency": "usd",
            "discount": "JANE",
            "tax": "automatic",
            "collect": "draft",
        },
    ),
    ("finalize_invoice", {"invoice": "{draft}"}),
    ("send_invoice", {"invoice": "{open}"}),
    ("pay_invoice", {"invoice": "{open}"}),
    ("pay_invoice", {"invoice": "{open}", "out_of_band": True}),
    ("void_invoice", {"invoice": "{open}"}),
    ("mark_uncollectible", {"invoice": "{open}"}),
    ("create_credit_note", {"invoice": "{open}", "amount_minor": 100, "reason": "duplicate"}),
    ("create_credit_note", {"invoice": "{settled}", "paid_part": "refund"}),
    ("create_credit_note", {"invoice": "{settled}", "paid_part": "balance"}),
    ("create_credit_note", {"invoice": "{settled}", "paid_part": "outside"}),
    (
        "create_quote",
        {
            "items": [{"price": "{price}", "quantity": 2}, {"description": "Set-up", "amount_minor": 900}],
            "currency": "usd",
            "description": "x",
        },
    ),
    ("accept_quote", {"quote": "{quote}"}),
    (
        "submit_dispute_evidence",
        {"dispute": "{dispute}", "evidence": {"product_description": "x", "receipt": "{file}"}},
    ),
    ("submit_dispute_evidence", {"dispute": "{dispute}", "evidence": {}, "submit": False}),
    ("close_dispute", {"dispute": "{dispute}"}),
    ("create_payout", {"amount_minor": 500, "currency": "usd"}),
    ("create_payout", {"amount_minor": 500, "currency": "usd", "method": "instant", "bank_account": "6789"}),
    ("cancel_payout", {"payout": "{payout}"}),
    ("update_payout_schedule", {"schedule": "weekly", "days": ["monday"]}),
    ("update_payout_schedule", {"schedule": "monthly", "days": ["1", "15"]}),
    ("update_payout_schedule", {"schedule": "manual"}),
    ("create_tax_rate", {"name": "VAT", "percent": "19", "inclusive": True, "country": "DE"}),
    ("process_on_reader", {"reader": "{reader}", "amount_minor": 500, "currency": "usd"}),
    ("process_on_reader", {"reader": "{reader}", "payment_intent": "{in_person}"}),
    ("cancel_reader_action", {"reader": "{busy}"}),
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
        **await _papers(desk, jane["id"]),
        **await _till(desk),
        "file": await desk.upload(b"%PDF-1.7 "),
        "coupon": await _coupon(desk, jane["id"]),
        "meter": (await _meter(desk))["id"],
        "link": await _link(desk, price["id"]),
    }


async def _coupon(desk, customer: str) -> str:
    """A coupon with a code for one customer, who has an address to be taxed by, and a tax rate."""
    coupon = (await desk.post("/v1/coupons", percent_off=10, duration="once"))["id"]
    promotion = {"type": "coupon", "coupon": coupon}
    await desk.post("/v1/promotion_codes", promotion=promotion, code="JANE", customer=customer)
    await desk.post(f"/v1/customers/{customer}", address={"country": "DE", "postal_code": "10115"})
    await desk.post("/v1/tax_rates", display_name="VAT", percentage=19, inclusive=False)
    return coupon


async def _link(desk, price: str) -> str:
    """A payment link."""
    return (await desk.post("/v1/payment_links", line_items=[{"price": price, "quantity": 1}]))["id"]


async def _meter(desk) -> dict[str, Any]:
    """A meter of calls."""
    aggregation = {"formula": "sum"}
    return await desk.post(
        "/v1/billing/meters", display_name="Calls", event_name="calls", default_aggregation=aggregation
    )


async def _papers(desk, customer: str) -> dict[str, str]:
    """Invoices in each state, a quote, a dispute and a payout."""
    once = await desk.post("/v1/prices", currency="usd", unit_amount=1500, product_data={"name": "Mug"})

    async def invoice(*then: str) -> str:
        made = await desk.post("/v1/invoices", customer=customer, collection_method="send_invoice", days_until_due=9)
        await desk.post("/v1/invoiceitems", customer=customer, invoice=made["id"], amount=2500, currency="usd")
        for doing in then:
            await desk.post(f"/v1/invoices/{made['id']}/{doing}")
        return made["id"]

    settled = await invoice("finalize")
    await desk.post(f"/v1/invoices/{settled}/pay", paid_out_of_band=True)
    quote = await desk.post("/v1/quotes", customer=customer, line_items=[{"price": once["id"]}])
    await desk.post(f"/v1/quotes/{quote['id']}/finalize")
    await desk.pay(customer, 900, card="pm_card_createDispute")
    await desk.pay(customer, 9000, card="pm_card_bypassPending")
    return {
        "once": once["id"],
        "draft": await invoice(),
        "open": await invoice("finalize"),
        "settled": settled,
        "quote": quote["id"],
        "dispute": (await desk.stripe.page("/v1/disputes", {"limit": 1})).data[0]["id"],
        "payout": (await desk.post("/v1/payouts", amount=500, currency="usd"))["id"],
    }


async def _till(desk) -> dict[str, str]:
    """A card reader that waits, one that is free, and a payment in person."""
    address = {"line1": "1 Main St", "city": "Boston", "state": "MA", "country": "US", "postal_code": "02110"}
    place = (await desk.post("/v1/terminal/locations", display_name="Shop", address=address))["id"]
    made = {"amount": 500, "currency": "usd", "payment_method_types": ["card_present"]}
    ids = {}
    for name in ("reader", "busy"):
        sent = {"registration_code": "simulated-wpe", "location": place, "label": name}
        ids[name] = (await desk.post("/v1/terminal/readers", **sent))["id"]
    ids["in_person"] = (await desk.post("/v1/payment_intents", **made))["id"]
    taken = (await desk.post("/v1/payment_intents", **made))["id"]
    await desk.post(f"/v1/terminal/readers/{ids['busy']}/process_payment_intent", payment_intent=taken)
    return ids


def _filled(value: Any, books: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_filled(item, books) for item in value]
    if isinstance(value, dict):
        return {name: _filled(item, books) for name, item in value.items()}
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


@pytest.mark.parametrize(
    "arguments",
    [{"country": "US", "state": "CA", "postal_code": "94103", "tax_code": "txcd_10000000"}, {"customer": "Ada"}],
    ids=["place", "customer"],
)
async def test_what_tax_is_worked_out_from_is_a_request_that_stripe_knows(
    desk, document, monkeypatch, arguments
) -> None:
    """Stripe's OpenAPI document: `POST /v1/tax/calculations`, which changes nothing."""
    await desk.customer("Ada", address={"country": "DE", "postal_code": "10115"})
    asked: list[StripeRequest] = []
    compute = type(desk.stripe).compute

    async def remembered(door, path, params):
        asked.append(StripeRequest("POST", path, dict(params)))
        return await compute(door, path, params)

    monkeypatch.setattr(type(desk.stripe), "compute", remembered)
    await desk.run(catalogue()["calculate_tax"], {"amount_minor": 900, "currency": "usd", **arguments})
    assert [list(_faults(request, document)) for request in asked] == [[]]


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
