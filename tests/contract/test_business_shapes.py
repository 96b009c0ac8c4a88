"""Every object of the made-up business has the shape that Stripe's OpenAPI document gives its kind, as it is served."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import pytest

from paydesk.server.sandbox.app import Sandbox, create_sandbox

# Each kind's list, and every how many of its objects is looked at.
LISTS = {
    "/v1/balance_transactions": 25,
    "/v1/charges": 25,
    "/v1/customers": 2,
    "/v1/disputes": 1,
    "/v1/events": 12,
    "/v1/invoice_payments": 6,
    "/v1/invoiceitems": 1,
    "/v1/invoices": 8,
    "/v1/payment_intents": 25,
    "/v1/payouts": 2,
    "/v1/prices": 1,
    "/v1/products": 1,
    "/v1/refunds": 1,
    "/v1/subscriptions?status=all": 1,
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One business for all lists."""
    with closing(create_sandbox(None, seed=7, now=lambda: 1_795_255_200.0)) as opened:
        yield opened


async def _page(sandbox: Sandbox, path: str, **query: Any) -> dict[str, Any]:
    target = f"{path}{'&' if '?' in path else '?'}{urlencode(query)}"
    status, _headers, body = await sandbox.respond("GET", target, {"Authorization": "Bearer sk_test_1"})
    assert status == 200, body
    return json.loads(body)


def _faults(judge: Any, body: dict[str, Any]) -> list[str]:
    # What Stripe was recorded to answer beyond its document is for the tests of each resource to judge.
    return [fault for fault in judge.faults_of(body["object"], body) if "unknown to the document" not in fault]


@pytest.mark.parametrize("path", LISTS)
async def test_the_business_is_served_in_stripes_shapes(path: str, sandbox: Sandbox, judge: Any) -> None:
    """Stripe's OpenAPI: required keys, types, nulls and enumerations of every kind."""
    page = await _page(sandbox, path, limit=100)
    looked_at = 0
    while True:
        for body in page["data"][:: LISTS[path]]:
            assert _faults(judge, body) == [], body["id"]
            looked_at += 1
        if not page["has_more"]:
            break
        page = await _page(sandbox, path, limit=100, starting_after=page["data"][-1]["id"])
    assert looked_at >= 10


async def test_the_account_of_the_business_has_stripes_shape(sandbox: Sandbox, judge: Any) -> None:
    """Stripe's OpenAPI: the account, with its weekly payouts."""
    account = await _page(sandbox, "/v1/account")
    assert _faults(judge, account) == []
    assert account["settings"]["payouts"]["schedule"]["interval"] == "weekly"


async def test_saved_cards_have_stripes_shape(sandbox: Sandbox, judge: Any) -> None:
    """Stripe's OpenAPI: the payment methods of a customer."""
    customers = (await _page(sandbox, "/v1/customers", limit=40))["data"]
    brands = set()
    for customer in customers:
        for method in (await _page(sandbox, f"/v1/customers/{customer['id']}/payment_methods"))["data"]:
            assert _faults(judge, method) == [], method["id"]
            brands.add(method["card"]["brand"])
    assert len(brands) >= 4
