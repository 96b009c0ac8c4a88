"""Bodies that are no form: multipart with files, and JSON."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.forms import Upload, decode, decode_json, decode_multipart
from paydesk.server.sandbox.params import mapping, read, required, text, upload

TYPE = "multipart/form-data; boundary=xYz"


def _part(disposition: str, content: bytes, *more: str) -> bytes:
    head = "\r\n".join([f"Content-Disposition: form-data; {disposition}", *more])
    return b"--xYz\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"


def test_fields_and_files_are_read_like_a_form() -> None:
    """Stripe: files come as multipart/form-data, other parameters beside them, nested as ever."""
    picture = bytes(range(256)) + b"\r\n--xY\r\n"
    body = (
        _part('name="purpose"', b"dispute_evidence")
        + _part('name="file_link_data[create]"', b"true")
        + _part('name="file"; filename="a \\"b\\".png"', picture, "Content-Type: image/png")
        + b"--xYz--\r\n"
    )
    form = decode_multipart(TYPE, body)
    assert form["purpose"] == "dispute_evidence"
    assert form["file_link_data"] == {"create": "true"}
    assert form["file"] == Upload('a \\"b\\".png', "image/png", picture)
    typed = read({"purpose": text(), "file": required(upload()), "file_link_data": mapping({"create": text()})}, form)
    assert typed["file"].content == picture


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--xYz--\r\n"),
        (TYPE, b""),
        (TYPE, b"--xYz\r\nhalf"),
        (TYPE, b"--xYz\r\nno headers\r\n--xYz--\r\n"),
        (TYPE, _part('filename="x"', b"1") + b"--xYz--\r\n"),
        (TYPE, _part('name="a"', b"\xff") + b"--xYz--\r\n"),
    ],
)
def test_a_multipart_body_that_does_not_hold_together_is_refused(content_type: str, body: bytes) -> None:
    """Ours: 400 that says why, never half of what was sent."""
    with pytest.raises(StripeError, match="Invalid"):
        decode_multipart(content_type, body)


def test_an_ordinary_operation_takes_a_multipart_body(talk: Any) -> None:
    """Stripe: any POST may come so; a file where text is wanted is refused, and a key covers the content."""

    def post(body: bytes, boundary: str, key: str) -> tuple[int, bytes]:
        headers = {"Authorization": "Bearer sk_test_1", "Idempotency-Key": key}
        headers["Content-Type"] = f"multipart/form-data; boundary={boundary}"
        asked = talk.sandbox.respond("POST", "/v1/customers", headers, body.replace(b"xYz", boundary.encode()))
        try:
            asked.send(None)
        except StopIteration as done:
            return done.value[0], done.value[2]
        raise AssertionError

    named = _part('name="name"', b"Ada") + _part('name="metadata[a]"', b"1") + b"--xYz--\r\n"
    status, first = post(named, "one", "k1")
    assert status == 200
    assert post(named, "two", "k1") == (200, first)
    assert post(named.replace(b"Ada", b"Bob"), "two", "k1")[0] == 400
    as_file = _part('name="name"; filename="x"', b"Ada") + b"--xYz--\r\n"
    assert post(as_file, "one", "k2")[0] == 400
    assert len(talk.get("/v1/customers")["data"]) == 1


def test_json_is_read_as_the_same_form() -> None:
    """Stripe: the v2 endpoints take JSON."""
    sent = b'{"a": {"b": [1, true, null, "x"]}, "c": 1.5, "d": {}}'
    assert decode_json(sent) == decode("a[b][0]=1&a[b][1]=true&a[b][2]=&a[b][3]=x&c=1.5&d=")
    assert decode_json(b"") == {}


@pytest.mark.parametrize("body", [b"[]", b"1", b"{", b"\xff", b'{"a":' * 5_000, b'{"a":' * 20 + b"1" + b"}" * 20])
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    """Ours: 400, whatever the depth."""
    with pytest.raises(StripeError):
        decode_json(body)


@given(body=st.binary(max_size=300))
def test_no_bytes_break_the_reading(body: bytes) -> None:
    """Ours: a form or a refusal."""
    for content in (body, b"--xYz" + body, _part('name="a"', body) + b"--xYz--"):
        try:
            assert isinstance(decode_multipart(TYPE, content), dict)
        except StripeError as refused:
            assert refused.status == 400
