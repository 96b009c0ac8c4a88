"""Every parameter inside a parameter of Stripe's document is known here: served, or refused in plain words."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paydesk.server.sandbox import params
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.resources import (
    coupons,
    credit_notes,
    customer_balances,
    customers,
    discounts,
    features,
    invoice_items,
    invoice_lines,
    invoice_payments,
    invoices,
    previews,
    prices,
    products,
    promotion_codes,
    tax_calculations,
    tax_ids,
    tax_rates,
    tax_registrations,
    tax_settings,
    tax_transactions,
)

MODULES = (
    *(
        coupons,
        credit_notes,
        customer_balances,
        customers,
        discounts,
        features,
        invoice_items,
        invoice_lines,
        invoice_payments,
    ),
    *(invoices, previews, prices, products, promotion_codes, tax_calculations, tax_ids, tax_rates, tax_registrations),
    *(tax_settings, tax_transactions),
)
ROUTES = [route for module in MODULES for route in module.resource.routes]


@pytest.fixture(scope="module")
def declared(shared: Path, judge: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """By operation, the schema of each of its parameters."""
    document = json.loads((shared / "stripe-openapi" / "spec3.json").read_text(encoding="utf-8"))
    found = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method not in ("get", "post", "delete"):
                continue
            sent = operation.get("requestBody", {}).get("content", {})
            schemas = dict(next(iter(sent.values()), {}).get("schema", {}).get("properties", {}))
            schemas |= {one["name"]: one["schema"] for one in operation.get("parameters", []) if one["in"] == "query"}
            found[method.upper(), judge.shape(path)] = schemas
    return found


def _inside(schema: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The paths of all named parameters inside one, through lists and alternatives."""
    for choice in schema.get("anyOf", ()):
        yield from _inside(choice, path)
    if schema.get("type") == "array":
        yield from _inside(schema["items"], (*path, "0"))
    for name, inner in schema.get("properties", {}).items():
        yield (*path, name)
        yield from _inside(inner, (*path, name))


def _is_known(route: Any, path: tuple[str, ...]) -> bool:
    form: Any = "x"
    for name in reversed(path):
        form = {name: form}
    try:
        params.read({path[0]: route.takes[path[0]]}, form)
    except StripeError as error:
        return error.code != "parameter_unknown"
    return True


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.template}")
def test_a_parameter_inside_a_parameter_is_known(route: Any, declared: Any, judge: Any) -> None:
    """Stripe's OpenAPI: nothing that it lists is answered with "Received unknown parameter"."""
    schemas = declared[route.method, judge.shape(route.template)]
    named = [path for name, schema in schemas.items() if name != "expand" for path in _inside(schema, (name,))]
    assert [".".join(path) for path in named if not _is_known(route, path)] == []
