"""Which deliveries are believed: signatures, moments, shapes, modes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.server.errors import WebhookRefused
from paydesk.server.limits import WEBHOOK_FUTURE_S, WEBHOOK_TOLERANCE_S
from paydesk.server.stripe_api.signatures import signed
from paydesk.server.webhooks.receiving import check, signed_at

NOW = 1_790_000_000
SECRET = "whsec_one"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "charge.refunded",
    "created": NOW,
    "api_version": "2026-10-28.endive",
    "livemode": False,
    "data": {"object": {"id": "ch_1", "object": "charge"}},
}
THIN = {
    "id": "evt_test_1",
    "object": "v2.core.event",
    "type": "v1.charge.refunded",
    "created": "2026-09-21T14:13:20.000Z",
    "livemode": False,
    "related_object": {"id": "ch_1", "type": "charge", "url": "/v1/charges/ch_1"},
}


def _check(body: str, header: str | None = None, *, at: int = NOW, **given: Any) -> Any:
    known = {"secrets": {SECRET: "acct_1"}, "mode": "test", "now": NOW, **given}
    return check(body.encode("utf-8", "surrogatepass"), signed(body, SECRET, at) if header is None else header, **known)


def _refused(body: str, header: str | None = None, **given: Any) -> tuple[int, str]:
    with pytest.raises(WebhookRefused) as refused:
        _check(body, header, **given)
    return refused.value.http_status, refused.value.code


def test_what_stripe_signed_is_taken() -> None:
    """Stripe: HMAC-SHA256 of the moment and the body by the endpoint's secret."""
    found = _check(json.dumps(EVENT))
    assert (found.event, found.account) == (EVENT, "acct_1")


def test_a_thin_event_is_taken() -> None:
    """Stripe: event destinations post events without their object."""
    assert _check(json.dumps(THIN)).event["id"] == "evt_test_1"


def test_while_a_secret_is_replaced_either_one_counts() -> None:
    """Stripe: a header may carry several v1; ours: several secrets may be in force."""
    body = json.dumps(EVENT)
    both = {"whsec_new": "acct_1", SECRET: "acct_2"}
    assert _check(body, secrets=both).account == "acct_2"
    other, mine = signed(body, "whsec_gone", NOW), signed(body, SECRET, NOW)
    assert _check(body, f"{other},{mine.partition(',')[2]}").account == "acct_1"
    assert _check(body, mine.replace(",", ", ") + ",v0=abc").account == "acct_1"


def test_an_event_of_a_connected_account_is_that_accounts() -> None:
    """Stripe: `account` names the connected account in a snapshot, `context` in a thin event."""
    assert _check(json.dumps({**EVENT, "account": "acct_9"})).account == "acct_9"
    assert _check(json.dumps({**THIN, "context": "acct_9"})).account == "acct_9"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "webhook_signature_missing"),
        ("nonsense", "webhook_signature_malformed"),
        ("t=,v1=", "webhook_signature_malformed"),
        (f"t={NOW}", "webhook_signature_malformed"),
        (f"v1={'0' * 64}", "webhook_signature_malformed"),
        (f"t={NOW},t={NOW},v1={'0' * 64}", "webhook_signature_malformed"),
        (f"t={NOW},v1={'é' * 64}", "webhook_signature_malformed"),
        (f"t=١٢٣,v1={'0' * 64}", "webhook_signature_malformed"),
        (f"t=-1,v1={'0' * 64}", "webhook_signature_malformed"),
        (f"t={NOW}," + ",".join([f"v1={'0' * 64}"] * 17), "webhook_signature_malformed"),
        ("t=1," * 2_000, "webhook_signature_malformed"),
        (f"t={NOW},v1={'0' * 64}", "webhook_signature_wrong"),
        (f"t={NOW},v0={'0' * 64}", "webhook_signature_malformed"),
    ],
)
def test_a_bad_signature_is_refused(header: str, code: str) -> None:
    """Issue's rule: 400 with a stable code."""
    assert _refused(json.dumps(EVENT), header) == (400, code)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (NOW - WEBHOOK_TOLERANCE_S - 1, "webhook_too_old"),
        (NOW + WEBHOOK_FUTURE_S + 1, "webhook_clock_skew"),
        (1, "webhook_too_old"),
        (999_999_999_999, "webhook_clock_skew"),
    ],
)
def test_a_replay_and_a_wrong_clock_are_refused(at: int, code: str) -> None:
    """Stripe: 300 s of tolerance; ours: also for the future, which Stripe's library lets in."""
    assert _refused(json.dumps(EVENT), at=at) == (400, code)


@pytest.mark.parametrize("at", [NOW - WEBHOOK_TOLERANCE_S, NOW + WEBHOOK_FUTURE_S])
def test_the_bounds_of_time_are_inside(at: int) -> None:
    """Ours: both bounds still count."""
    assert _check(json.dumps(EVENT), at=at)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (json.dumps(EVENT)[:-7], "webhook_body_unreadable"),
        ("", "webhook_body_unreadable"),
        ("[" * 100_000, "webhook_body_unreadable"),
        ("9" * 5_000, "webhook_body_unreadable"),
        ("null", "webhook_not_an_event"),
        ("[]", "webhook_not_an_event"),
        (json.dumps({**EVENT, "object": "charge"}), "webhook_not_an_event"),
        (json.dumps({**EVENT, "id": "evt_'; drop"}), "webhook_not_an_event"),
        (json.dumps({**EVENT, "id": 7}), "webhook_not_an_event"),
        (json.dumps({**EVENT, "data": None}), "webhook_not_an_event"),
        (json.dumps({**EVENT, "created": True}), "webhook_not_an_event"),
        (json.dumps({**EVENT, "livemode": "no"}), "webhook_not_an_event"),
        (json.dumps({**THIN, "created": 5}), "webhook_not_an_event"),
        (json.dumps({**EVENT, "livemode": True}), "webhook_wrong_mode"),
        (json.dumps({**EVENT, "api_version": "tomorrow"}), "webhook_unknown_version"),
        (json.dumps({**EVENT, "api_version": 2026}), "webhook_unknown_version"),
        (json.dumps({**EVENT, "account": "somebody"}), "webhook_wrong_account"),
        (json.dumps({**EVENT, "account": 5}), "webhook_wrong_account"),
    ],
)
def test_a_signed_body_that_will_not_do_is_refused(body: str, code: str) -> None:
    """Issue's rule: whatever signed it, 400 with a stable code and nothing of the body."""
    assert _refused(body) == (400, code)


def test_an_old_version_and_an_unknown_type_are_taken() -> None:
    """Stripe: endpoints keep their version for years, and new types appear; the object is fetched anew."""
    assert _check(json.dumps({**EVENT, "api_version": "2015-04-07"}))
    assert _check(json.dumps({**EVENT, "api_version": None}))
    assert _check(json.dumps({**EVENT, "type": "v2.core.account[requirements].updated"}))


def test_live_events_are_for_live_desks() -> None:
    """Ours: a desk in test mode must not mix in what is real."""
    live = json.dumps({**EVENT, "livemode": True})
    assert _check(live, mode="live")
    assert _refused(json.dumps(EVENT), mode="live") == (400, "webhook_wrong_mode")


def test_without_any_secret_nothing_is_believed() -> None:
    """Ours: 503, so that Stripe comes again once there is one."""
    assert _refused(json.dumps(EVENT), secrets={}) == (503, "webhook_no_secret")


@given(header=st.one_of(st.text(max_size=80), st.from_regex(r"(t=\d{0,14},?|v[01]=[0-9a-f]{0,70},?|,|=){0,6}")))
def test_no_header_is_a_traceback(header: str) -> None:
    """Ours: whatever a stranger sends is refused in words."""
    try:
        assert signed_at(header) >= 0
    except WebhookRefused as refused:
        assert refused.code == "webhook_signature_malformed"


@given(body=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: json.dumps(text).encode())))
def test_no_body_is_a_traceback(body: bytes) -> None:
    """Ours: a stranger's bytes with any signature are refused in words."""
    header = signed(body.decode("utf-8", "replace"), SECRET, NOW)
    with pytest.raises(WebhookRefused):
        check(body, header, secrets={SECRET: "acct_1"}, mode="test", now=NOW)
