"""Payment links, and files with the links to them."""

import json
from typing import Any

import pytest

TEA = {"currency": "usd", "product_data": {"name": "Tea"}, "unit_amount": 1_500}
PDF, PNG = b"%PDF-1.4 a receipt", b"\x89PNG\r\n\x1a\n..."
KEY = {"Authorization": "Bearer sk_test_x"}


def _raw(talk: Any, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Any:
    asked = talk.sandbox.respond(method, path, {"Host": "box.test", **(headers or {})}, body)
    try:
        asked.send(None)
    except StopIteration as done:
        return done.value


def _upload(talk: Any, content: bytes = PDF, name: str = "receipt.pdf", **fields: str) -> tuple[int, dict[str, Any]]:
    said = {"purpose": "dispute_evidence", **fields}
    parts = [f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{one}\r\n' for key, one in said.items()]
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + content + b"\r\n--x--\r\n"
    headers = {**KEY, "Content-Type": "multipart/form-data; boundary=x"}
    status, _, answer = _raw(talk, "POST", "/v1/files", headers, body)
    return status, json.loads(answer)


def _path(url: str) -> str:
    return url.removeprefix("http://box.test")


def test_a_file_comes_back_as_it_was_sent(talk: Any) -> None:
    """Stripe: `url` needs the key; what comes is the file, to be saved, never shown as a page of the sandbox's."""
    status, file = _upload(talk, name="../../etc/<b>receipt.pdf")
    assert (status, file["type"], file["size"], file["filename"]) == (200, "pdf", len(PDF), "<b>receipt.pdf")
    path = _path(file["url"])
    status, headers, content = _raw(talk, "GET", path, KEY)
    assert (status, headers["Content-Type"], content) == (200, "application/pdf", PDF)
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''%3Cb%3Ereceipt.pdf"
    assert _raw(talk, "GET", path)[0] == 401
    talk.clock.pass_s(275 * 86_400)
    assert _raw(talk, "GET", path, KEY)[0] == 404


@pytest.mark.parametrize(
    ("content", "name", "purpose", "word"),
    [
        (b"", "a.pdf", "dispute_evidence", "empty"),
        (b"plain words", "a.pdf", "dispute_evidence", "Invalid file type"),
        (b"GIF89a", "a.png", "dispute_evidence", "Invalid file type"),
        (PNG + b"x" * 600_000, "a.png", "business_logo", "512 KB"),
        (PDF + b"x" * 5_300_000, "a.pdf", "dispute_evidence", "5 MB"),
        (PNG, "a.png", "pci_document", "Invalid file type"),
    ],
)
def test_a_file_is_held_to_its_purpose(talk: Any, content: bytes, name: str, purpose: str, word: str) -> None:
    """Stripe's guide: each purpose has its kinds of file and its largest size; the name alone convinces nobody."""
    status, answer = _upload(talk, content, name, purpose=purpose)
    assert (status, answer["error"]["param"]) == (400, "file")
    assert word in answer["error"]["message"]
    assert talk.get("/v1/files")["data"] == []


def test_identity_documents_are_not_given_out_again(talk: Any) -> None:
    """Stripe: neither downloaded nor linked to."""
    file = _upload(talk, purpose="identity_document")[1]
    assert file["url"] is None
    assert _raw(talk, "GET", f"/v1/files/{file['id']}/contents", KEY)[0] == 404
    assert talk.refused("POST", "/v1/file_links", file=file["id"])["param"] == "file"


def test_a_file_link_needs_no_key_until_it_expires(talk: Any) -> None:
    """Stripe: whoever has the link has the file; `now` ends it at once, and what has ended stays so."""
    file = _upload(talk, **{"file_link_data[create]": "true"})[1]
    link = file["links"]["data"][0]
    path = _path(link["url"])
    assert _raw(talk, "GET", path)[2] == PDF
    ended = talk.post(f"/v1/file_links/{link['id']}", expires_at="now")
    assert (ended["expired"], _raw(talk, "GET", path)[0]) == (True, 404)
    assert talk.refused("POST", f"/v1/file_links/{link['id']}", expires_at=None)["param"] == "expires_at"
    other = talk.post("/v1/file_links", file=file["id"], expires_at=talk.clock.now + 60)
    assert [one["id"] for one in talk.get("/v1/file_links", expired=False)["data"]] == [other["id"]]
    talk.clock.pass_s(61)
    assert len(talk.get("/v1/file_links", expired=True)["data"]) == 2


def test_evidence_is_a_file_that_was_uploaded_as_such(talk: Any) -> None:
    """Stripe: a logo is no evidence."""
    sent = {"amount": 900, "currency": "usd", "payment_method": "pm_card_createDispute", "confirm": True}
    intent = talk.post("/v1/payment_intents", payment_method_types=["card"], **sent)
    at = f"/v1/disputes/{talk.get('/v1/disputes', payment_intent=intent['id'])['data'][0]['id']}"
    logo, paper = _upload(talk, PNG, "a.png", purpose="business_logo")[1], _upload(talk)[1]
    assert talk.refused("POST", at, evidence={"receipt": logo["id"]})["param"] == "evidence[receipt]"
    assert talk.post(at, evidence={"receipt": paper["id"]}, submit=False)["evidence"]["receipt"] == paper["id"]


def _link(talk: Any, **more: Any) -> dict[str, Any]:
    sent = {"line_items": [{"price_data": TEA, "quantity": 1}], **more}
    return dict(talk.ask("POST", "/v1/payment_links", sent, {"Host": "box.test"}).body)


def _visit(talk: Any, link: dict[str, Any], query: str = "") -> tuple[int, dict[str, str], str]:
    status, headers, page = _raw(talk, "GET", _path(link["url"]) + query)
    return status, headers, page.decode()


def test_each_visit_is_a_session_of_its_own(talk: Any) -> None:
    """Stripe: what the link says is what its sessions say; the visitor's address may prefill them."""
    data = {"metadata": {"order": "7"}}
    after = {"type": "redirect", "redirect": {"url": "https://shop.test/{CHECKOUT_SESSION_ID}"}}
    link = _link(talk, metadata={"a": "b"}, payment_intent_data=data, after_completion=after)
    for query in ("", "?prefilled_email=zoe%40shop.test&client_reference_id=7&utm_source=mail"):
        assert _visit(talk, link, query)[0] == 302
    first, second = reversed(talk.get("/v1/checkout/sessions", payment_link=link["id"])["data"])
    assert (first["metadata"], first["amount_total"]) == ({"a": "b"}, 1_500)
    assert (second["customer_email"], second["client_reference_id"]) == ("zoe@shop.test", "7")
    path = f"/c/pay/{second['id']}"
    paid = b"do=pay&number=4242424242424242&expiry=12/40&cvc=123"
    assert _raw(talk, "POST", path, {}, paid)[1]["Location"] == f"https://shop.test/{second['id']}"
    assert talk.get("/v1/payment_intents")["data"][0]["metadata"] == {"order": "7"}


def test_a_link_closes_at_its_limit_and_says_so(talk: Any) -> None:
    """Stripe: completed sessions count, visits do not; the merchant's own words stand on the page."""
    link = _link(talk, restrictions={"completed_sessions": {"limit": 1}}, inactive_message="Sold <out>")
    for _ in range(2):
        _visit(talk, link)
    one = talk.get("/v1/checkout/sessions")["data"][0]["id"]
    talk.post(f"/_sandbox/checkout/sessions/{one}/complete")
    found = talk.get(f"/v1/payment_links/{link['id']}")
    assert (found["active"], found["restrictions"]["completed_sessions"]) == (False, {"count": 1, "limit": 1})
    status, _, page = _visit(talk, link)
    assert (status, "Sold &lt;out&gt;" in page) == (200, True)
    assert talk.post(f"/v1/payment_links/{link['id']}", active=True, restrictions=None)["active"] is True
    assert _visit(talk, link)[0] == 302
    assert _raw(talk, "GET", "/b/test_none")[0] == 404


def test_a_link_to_a_subscription_begins_one(talk: Any) -> None:
    """Stripe: recurring prices make the link's sessions subscriptions."""
    monthly = {"price_data": {**TEA, "recurring": {"interval": "month"}}, "quantity": 2}
    link = _link(talk, line_items=[monthly], subscription_data={"trial_period_days": 7, "metadata": {"a": "b"}})
    _visit(talk, link)
    one = talk.get("/v1/checkout/sessions")["data"][0]["id"]
    done = talk.post(f"/_sandbox/checkout/sessions/{one}/complete", expand=["subscription"])
    assert (done["subscription"]["status"], done["subscription"]["metadata"]) == ("trialing", {"a": "b"})
    assert talk.refused("POST", "/v1/payment_links", line_items=[monthly], payment_intent_data={"description": "x"})


def test_the_customer_may_choose_what_to_pay(talk: Any) -> None:
    """Stripe: a price with `custom_unit_amount` leaves the amount to the customer, within the merchant's bounds."""
    custom = {"enabled": True, "minimum": 500, "maximum": 9_000, "preset": 2_000}
    price = talk.post("/v1/prices", currency="usd", product_data={"name": "Gift"}, custom_unit_amount=custom)["id"]
    link = _link(talk, line_items=[{"price": price, "quantity": 1}], submit_type="donate")
    _visit(talk, link)
    one = talk.get("/v1/checkout/sessions", expand=["data.line_items"])["data"][0]
    assert one["amount_total"] == 2_000
    path, line = f"/c/pay/{one['id']}", one["line_items"]["data"][0]["id"]
    assert "must lie between" in _raw(talk, "POST", path, {}, f"do=apply&amounts[{line}]=400".encode())[2].decode()
    assert "Donate $70.00" in _raw(talk, "POST", path, {}, f"do=apply&amounts[{line}]=7000".encode())[2].decode()
