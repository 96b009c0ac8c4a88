"""Keys, versions, accounts and unknown places."""

import base64
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("authorization", "status", "words"),
    [
        (None, 401, "You did not provide an API key"),
        ("Bearer ", 401, "You did not provide an API key"),
        ("Bearer sk_live_abcdefgh1234", 401, "Invalid API Key provided: sk_live_********1234"),
        ("Bearer nonsense", 401, "Invalid API Key provided: non"),
        ("Bearer pk_test_abcdefgh1234", 403, "publishable API key"),
        ("Basic " + base64.b64encode(b"rk_test_1:").decode(), 200, ""),
        ("Bearer sk_test_1", 200, ""),
    ],
)
def test_only_a_test_key_opens_the_books(talk: Any, authorization: str | None, status: int, words: str) -> None:
    """Stripe: 401 without a good secret key, 403 for a publishable one; basic authentication works too."""
    answer = talk.ask(
        "GET", "/v1/customers", {}, {"Authorization": authorization} if authorization else {"Authorization": ""}
    )
    assert answer.status == status
    if words:
        assert words in answer.error["message"]
        assert answer.error["type"] == "invalid_request_error"


def test_a_refused_key_is_not_repeated(talk: Any) -> None:
    """Ours: an error must not carry a secret into a log; Stripe stars it out as well."""
    answer = talk.ask("GET", "/v1/customers", {}, {"Authorization": "Bearer sk_live_averysecretthing99"})
    assert "averysecretthing" not in str(answer.body)


def test_a_sandbox_may_take_one_key_only(new_talk: Any) -> None:
    """Ours: a test of a bad key needs a sandbox that has a good one."""
    talk = new_talk(key="sk_test_good")
    assert talk.ask("GET", "/v1/balance").status == 401
    assert talk.ask("GET", "/v1/balance", {}, {"Authorization": "Bearer sk_test_good"}).status == 200


def test_a_connected_account_has_books_of_its_own(talk: Any) -> None:
    """Stripe: `Stripe-Account` speaks for another account; neither sees the other's objects."""
    account = talk.post("/v1/accounts", type="standard")["id"]
    there = {"Stripe-Account": account}
    made = talk.ask("POST", "/v1/customers", {"name": "There"}, there)
    assert made.headers["Stripe-Account"] == account
    assert talk.get("/v1/customers")["data"] == []
    assert talk.refused("GET", f"/v1/customers/{made.body['id']}", 404)["code"] == "resource_missing"
    assert [one["name"] for one in talk.ask("GET", "/v1/customers", {}, there).body["data"]] == ["There"]
    assert talk.ask("GET", "/v1/account", {}, there).body["id"] == account


def test_a_misshapen_account_is_refused(talk: Any) -> None:
    """Stripe: 403 with `account_invalid`, and the same for an account that is not connected or was deleted."""
    gone = talk.post("/v1/accounts", type="standard")["id"]
    talk.delete(f"/v1/accounts/{gone}")
    for account in ("acct_;drop", "acct_1Stranger", gone):
        answer = talk.ask("GET", "/v1/balance", {}, {"Stripe-Account": account})
        assert (answer.status, answer.error["code"]) == (403, "account_invalid")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/widgets"),
        ("DELETE", "/v1/balance"),
        ("GET", "/v1/customers/"),
        ("POST", "/"),
        ("GET", "/v1//customers"),
    ],
)
def test_an_unknown_place_is_named(talk: Any, method: str, path: str) -> None:
    """Stripe: 404 that repeats method and path, with type and message alone."""
    error = talk.refused(method, path, 404)
    assert error["message"].startswith(f"Unrecognized request URL ({method}: {path}).")
    assert set(error) == {"type", "message"}


def test_every_answer_has_a_request_id_and_says_its_version(talk: Any) -> None:
    """Stripe: `Request-Id` on all answers, `Stripe-Version` as asked for, errors link to that request's log."""
    plain = talk.ask("GET", "/v1/balance", {}, {"Stripe-Version": "2026-10-28.endive"})
    assert plain.headers["Request-Id"].startswith("req_")
    assert plain.headers["Stripe-Version"] == "2026-10-28.endive"
    refused = talk.ask("GET", "/v1/customers/cus_nobody")
    assert refused.error["request_log_url"].endswith(refused.headers["Request-Id"])
    assert refused.error["doc_url"] == "https://stripe.com/docs/error-codes/resource-missing"


@pytest.mark.parametrize("version", ["2026-02-30", "1999-01-01", "latest", "2026-08-26.DAHLIA", "2026-8-26"])
def test_a_version_that_cannot_be_is_refused(talk: Any, version: str) -> None:
    """Stripe, recorded: 400 with type and message alone."""
    answer = talk.ask("GET", "/v1/balance", {}, {"Stripe-Version": version})
    assert (answer.status, set(answer.error)) == (400, {"type", "message"})
    assert answer.error["message"] == f"Invalid Stripe API version: {version}"
