"""Whatever is sent to whichever operation, the answer is an answer: never a broken sandbox, never a stuck one."""

import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paydesk.server.sandbox.catalogue import ROUTES
from paydesk.server.sandbox.routes import Route

VALUES = st.one_of(
    st.sampled_from(
        [
            *("", "0", "1", "-1", "100", "abc", "true", "usd", "xxx", "null", "999999999999999999999", "1e400", "٣"),
            *("pm_card_visa", "cus_x", "pi_x", "\x00", "\ud800", "'; DROP TABLE objects; --", "a" * 6_000, "[]", "{}"),
            *("status:'succeeded'", "metadata['", "data.customer", "customer.default_source", "\u202e", "MQ.MQ"),
        ]
    ),
    st.text(max_size=20),
)
SUFFIXES = st.sampled_from(
    ["", "", "", "[]", "[0]", "[a]", "[a][b]", "[gte]", "[", "]", "[0][price]", "[card][number]"]
)


@pytest.fixture(scope="module")
def lived_in() -> Iterator[tuple[Any, list[str]]]:
    """A sandbox with one of most things, and the ids in it."""
    from paydesk.server.sandbox.app import create_sandbox

    sandbox = create_sandbox(now=lambda: 1_790_000_000.0)
    for path, sent in (
        ("customers", {"name": "Jo", "payment_method": "pm_card_visa"}),
        ("payment_intents", {"amount": "900", "currency": "usd"}),
        *(
            ("payment_intents", _paid(card))
            for card in ("visa", "createDispute", "createDisputeInquiry", "bypassPending")
        ),
        ("payouts", {"amount": "100", "currency": "usd"}),
    ):
        _ask(sandbox, "POST", f"/v1/{path}", urlencode(sent))
    ids = [row[0] for row in sandbox.store.execute("SELECT id FROM objects")]
    yield sandbox, ids
    sandbox.close()


def _paid(card: str) -> dict[str, str]:
    sent = {"amount": "900", "currency": "usd", "confirm": "true", "payment_method": f"pm_card_{card}"}
    return {**sent, "payment_method_types[]": "card", "capture_method": "automatic"}


def _ask(sandbox: Any, method: str, path: str, body: str) -> int:
    headers = {"Authorization": "Bearer sk_test_1"}
    target = path if method == "POST" else f"{path}?{body}"
    try:
        sandbox.respond(method, target, headers, body.encode() if method == "POST" else b"").send(None)
    except StopIteration as done:
        return int(done.value[0])
    raise AssertionError(path)


OPERATIONS = [route for route in ROUTES.all if not route.alone and route.template != "/_sandbox/faults"]
# 401 is OAuth's answer to a client that it does not know.
REFUSED = (400, 401, 403, 404, 409)


def _content(sandbox: Any) -> int:
    """What a refusal must leave as it is: every object, and all that is put off."""
    kept = sandbox.store.execute("SELECT id, body FROM objects ORDER BY seq").fetchall()
    return hash((tuple(kept), tuple(sandbox.store.execute("SELECT * FROM due ORDER BY seq").fetchall())))


def _check(lived_in: Any, route: Route, caplog: pytest.LogCaptureFixture, data: st.DataObject) -> None:
    sandbox, ids = lived_in
    path = re.sub(r"\{[^}]*\}", lambda _: data.draw(st.sampled_from([*ids, "x", "%00", "%2F"])), route.template)
    names = st.sampled_from([*sorted(route.takes), "nonsense"]).flatmap(
        lambda name: SUFFIXES.map(lambda end: name + end)
    )
    sent = data.draw(st.dictionaries(names, VALUES | st.sampled_from(ids), max_size=6))
    body = urlencode({name: value.encode("utf-8", "surrogatepass") for name, value in sent.items()})
    before = _content(sandbox)
    with caplog.at_level(logging.ERROR):
        status = _ask(sandbox, route.method, path, body)
    assert status in (200, 302, 402, *REFUSED), (route.method, path, sent, caplog.text[-2000:])
    if status in REFUSED:
        assert _content(sandbox) == before, (route.method, path, sent)


@pytest.mark.parametrize("route", OPERATIONS, ids=lambda route: f"{route.method} {route.template}")
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_request_breaks_an_operation(
    lived_in: Any, route: Route, caplog: pytest.LogCaptureFixture, data: st.DataObject
) -> None:
    """Ours: bad input to any operation gets a clear error and changes nothing; a 500 nobody asked for is a defect."""
    _check(lived_in, route, caplog, data)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_request_breaks_the_sandbox(lived_in: Any, caplog: pytest.LogCaptureFixture, data: st.DataObject) -> None:
    """Ours: the same, one operation after the other on what the earlier ones left."""
    _check(lived_in, data.draw(st.sampled_from(OPERATIONS)), caplog, data)


@given(body=st.binary(max_size=200), path=st.text(max_size=40))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_break_the_sandbox(lived_in: Any, body: bytes, path: str) -> None:
    """Ours: bodies and paths that are no form and no text are refused like others."""
    sandbox, _ = lived_in
    headers = {"Authorization": "Bearer sk_test_1"}
    for target in ("/v1/customers", f"/v1/customers/{path}", path):
        try:
            sandbox.respond("POST", target, headers, body).send(None)
        except StopIteration as done:
            assert done.value[0] in (200, 400, 402, 404)
