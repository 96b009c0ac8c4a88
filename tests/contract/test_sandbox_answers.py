"""What everything that is served answers, by Stripe's OpenAPI document: objects, expanded fields, events, errors.

The stories let everything happen once; each answer is judged as it comes (tests/conftest.py).
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.sandbox.catalogue import ROUTES
from paydesk.server.sandbox.kinds import KINDS, kind_of_id
from tests.conftest import SandboxClock, Talk
from tests.contract.differences import OPERATIONS, REFUSED
from tests.contract.judge import Judge
from tests.contract.stories import billing, checkout, events, invoicing, money, payments, saving, subscribing

STORIES = {
    story.__name__.rsplit(".", 1)[1]: story
    for story in (billing, checkout, events, invoicing, money, payments, saving, subscribing)
}
LOOKED_AT = 6
# Events that a story would be wrong without.
TOLD = {
    "billing": {
        *("product.created", "product.updated", "product.deleted", "price.created", "price.updated"),
        *("customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted"),
        *("customer.subscription.trial_will_end", "invoiceitem.created", "invoiceitem.deleted"),
        *("invoice.created", "invoice.updated", "invoice.deleted", "invoice.finalized", "invoice.paid"),
        *("invoice.payment_succeeded", "invoice.payment_failed", "invoice.sent", "invoice.voided"),
        *("invoice.marked_uncollectible", "invoice_payment.paid"),
    },
    "checkout": {f"checkout.session.{one}" for one in ("completed", "expired", "async_payment_succeeded")},
    "invoicing": {
        *("coupon.created", "coupon.updated", "coupon.deleted", "promotion_code.created", "promotion_code.updated"),
        *("customer.discount.created", "customer.discount.deleted", "tax_rate.created", "tax_rate.updated"),
        *("credit_note.created", "credit_note.updated", "credit_note.voided", "tax.settings.updated"),
        *("customer.tax_id.created", "customer.tax_id.updated", "customer.tax_id.deleted"),
    },
}


@pytest.fixture(params=sorted(STORIES), scope="module")
def told(request: pytest.FixtureRequest, judge: Judge) -> Iterator[Talk]:
    """Each story's talk in turn, after all of it has happened."""
    talk = _tell(request.param)
    with closing(talk.sandbox):
        yield talk


def _tell(name: str) -> Talk:
    clock = SandboxClock()
    talk = Talk(create_sandbox(now=clock), clock)
    STORIES[name].tell(talk)
    return talk


def _events(talk: Any) -> Iterator[dict[str, Any]]:
    for headers in [{}, *({"Stripe-Account": one["id"]} for one in talk.get("/v1/accounts")["data"])]:
        after: dict[str, Any] = {}
        while True:
            page = talk.ask("GET", "/v1/events", {"limit": 100, **after}, headers).body
            yield from page["data"]
            if not page["has_more"]:
                break
            after = {"starting_after": page["data"][-1]["id"]}


def test_every_event_is_one_that_stripe_sends(told: Talk, judge: Judge, request: pytest.FixtureRequest) -> None:
    """Stripe's OpenAPI lists the event types; the object inside has the shape of its kind."""
    faults, seen = set(), set()
    for event in _events(told):
        seen.add(event["type"])
        inner = event["data"]["object"]
        faults |= {f"{event['type']} {fault}" for fault in judge.faults_of(inner["object"], inner)}
        faults |= set(judge.faults_of("event", event))
    assert sorted(faults) == []
    assert seen <= judge.event_types
    assert TOLD.get(request.node.callspec.params["told"], set()) <= seen


def test_every_decline_carries_a_whole_error(told: Talk, judge: Judge) -> None:
    """Stripe's OpenAPI: an error object is an `api_errors`, the intent and the payment method inside it too."""
    for error in [answer.body["error"] for _, _, answer in told.log if answer.status == 402]:
        assert not judge.faults_of("api_errors", error)


def test_every_documented_field_expands_to_its_object(told: Talk, judge: Judge) -> None:
    """Stripe's OpenAPI: `expand` of each expandable field that holds an id yields an object of the right type."""
    retrieved: dict[str, dict[str, None]] = {}
    for method, path, answer in told.log:
        if method == "GET" and answer.status == 200 and "id" in answer.body and "?" not in path:
            retrieved.setdefault(answer.body["object"], {})[path] = None
    for kind, paths in retrieved.items():
        for path in list(paths)[-LOOKED_AT:]:
            plain = told.ask("GET", path)
            if plain.status != 200 or plain.body.get("deleted"):
                continue
            for name in judge.expandable(kind):
                # Its shape is judged as it comes.
                opened = told.get(path, expand=[name])
                for was, one in zip(_values(plain.body, name), _values(opened, name), strict=True):
                    if _is_here(told, was):
                        assert isinstance(one, dict), f"{path}: {name} stays {was}"
                        assert one["id"] == was


def _values(at: Any, path: str) -> list[Any]:
    """What stands under a dotted path, in order; lists on the way fan out."""
    found = [at]
    for step in path.split("."):
        found = [one[step] for one in found if isinstance(one, dict) and step in one]
        found = [inner for one in found for inner in (one if isinstance(one, list) else [one])]
    return found


def _is_here(talk: Talk, identifier: Any) -> bool:
    kind = kind_of_id(identifier) if isinstance(identifier, str) else None
    return bool(kind and talk.sandbox.store.get(talk.sandbox.account, kind.name, identifier))


def test_every_documented_field_may_be_expanded(judge: Judge) -> None:
    """Stripe's OpenAPI: nothing that it calls expandable is refused, of any kind that is served."""
    lacking = {
        f"{kind.name}.{name}"
        for kind in KINDS.values()
        for name in judge.expandable(kind.name)
        if name not in {*kind.expands, *kind.includes}
    }
    assert sorted(lacking) == []


def test_every_operation_is_told_of() -> None:
    """Ours: an operation that no story asks for would be served without a judge."""
    heard = set()
    for name in STORIES:
        talk = _tell(name)
        with closing(talk.sandbox):
            for method, path, answer in talk.log:
                if answer.status == 200:
                    heard.add((method, ROUTES.match(method, path.partition("?")[0])[0].template))
    served = {(route.method, route.template) for route in ROUTES.all if route.template.startswith("/v1/")}
    assert sorted(served - heard - set(OPERATIONS)) == sorted(REFUSED)
