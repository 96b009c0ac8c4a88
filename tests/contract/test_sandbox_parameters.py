"""Every served operation takes what Stripe's document says that it takes, down to the last nested parameter."""

import re
from pathlib import Path
from typing import Any

import pytest

from paydesk.server.sandbox import params
from paydesk.server.sandbox.catalogue import ROUTES
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.routes import Route
from tests.contract.differences import OPERATIONS, PARAMETERS, is_meant
from tests.contract.judge import document_at
from tests.contract.parameters import Comparison, Difference, unserved

SERVED = [route for route in ROUTES.all if route.template.startswith("/v1/")]


@pytest.fixture(scope="session")
def comparison(shared: Path) -> Comparison:
    """Stripe's document beside the declarations."""
    return Comparison(document_at(shared / "stripe-openapi" / "spec3.json"))


def _name(route: Route) -> str:
    return f"{route.method} {route.template}"


def _reasons(difference: Difference) -> list[int]:
    return [
        number
        for number, (sort, names, _) in enumerate(PARAMETERS)
        if sort == difference.sort and any(is_meant(name, difference.path) for name in names)
    ]


@pytest.mark.parametrize("route", SERVED, ids=_name)
def test_an_operation_takes_what_stripes_takes(route: Route, comparison: Comparison) -> None:
    """Stripe's OpenAPI: no parameter is unknown or invented; types, words, what is required and clearable agree."""
    if (route.method, route.template) in OPERATIONS:
        assert route not in comparison
        return
    assert [str(one) for one in comparison.differences(route) if not _reasons(one)] == []


def test_every_reason_for_a_difference_is_needed(comparison: Comparison) -> None:
    """Ours: a reason for what no longer differs misleads whoever reads the page."""
    found = {number for route in SERVED if route in comparison for one in comparison.differences(route)
             for number in _reasons(one)}  # fmt: skip
    assert [PARAMETERS[number] for number in range(len(PARAMETERS)) if number not in found] == []


@pytest.mark.parametrize("route", SERVED, ids=_name)
def test_what_is_not_acted_on_is_refused_in_plain_words(route: Route) -> None:
    """Ours: never ignored, and never called unknown."""
    for path in unserved(route.takes):
        names = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", path)
        form: Any = "x"
        for name in reversed(names[1:]):
            form = {name or "0": form}
        with pytest.raises(StripeError) as refused:
            # What stands beside it and is required does not matter here.
            params.read({names[0]: route.takes[names[0]]}, {names[0]: form})
        assert refused.value.code in (None, "parameter_missing"), path


def test_a_nested_parameter_that_stripe_does_not_know_is_refused(talk: Any) -> None:
    """Stripe: "Received unknown parameter", with the whole name."""
    sent = {"amount": 900, "currency": "eur", "payment_method_options": {"alma": {"preferred_locale": "fr"}}}
    refused = talk.refused("POST", "/v1/payment_intents", **sent)
    assert refused["param"] == "payment_method_options[alma][preferred_locale]"
