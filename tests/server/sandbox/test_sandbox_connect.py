"""Connected accounts: what they owe, how they are onboarded, who may act for them, OAuth."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from paydesk.server.sandbox.countries import CURRENCY_OF

BOTH = {"card_payments": {"requested": True}, "transfers": {"requested": True}}
THERE = {"return_url": "https://example.com/back", "refresh_url": "https://example.com/again"}


def browse(talk: Any, method: str, path: str, **form: Any) -> tuple[int, str, str]:
    """What a browser gets: status, where it is sent, the page."""
    coroutine = talk.sandbox.respond(method, path, {}, urlencode(form).encode())
    with pytest.raises(StopIteration) as done:
        coroutine.send(None)
    status, headers, body = done.value.value
    return status, headers.get("Location", ""), body.decode()


@pytest.fixture
def express(talk: Any) -> str:
    """An Express account that has told nothing."""
    return str(talk.post("/v1/accounts", type="express", capabilities=BOTH)["id"])


def test_an_account_can_do_nothing_until_everything_due_is_told(talk: Any) -> None:
    """Stripe: capabilities are active, charges and payouts enabled once requirements.currently_due is empty."""
    account = talk.post("/v1/accounts", type="custom", country="US", capabilities=BOTH)
    assert (account["charges_enabled"], account["payouts_enabled"], account["details_submitted"]) == (False,) * 3
    assert "external_account" in account["requirements"]["currently_due"]
    assert account["requirements"]["disabled_reason"] == "requirements.past_due"
    told = talk.post(
        f"/v1/accounts/{account['id']}",
        business_type="individual",
        business_profile={"mcc": "5734", "url": "https://example.com"},
        external_account="btok_us_verified",
        individual={
            "first_name": "Zoë",
            "last_name": "O'Hara",
            "email": "zoe@example.com",
            "phone": "+1",
            "ssn_last_4": "9753",
            "dob": {"day": 1, "month": 2, "year": 1990},
            "address": {"line1": "1", "city": "Oslo", "postal_code": "1"},
        },
        tos_acceptance={"date": 1_700_000_000, "ip": "127.0.0.1"},
    )
    assert told["requirements"]["currently_due"] == []
    assert told["capabilities"] == {"card_payments": "active", "transfers": "active"}
    assert (told["charges_enabled"], told["payouts_enabled"], told["details_submitted"]) == (True,) * 3
    assert told["individual"]["ssn_last_4_provided"] is True
    assert "9753" not in str(told["individual"])


def test_a_company_needs_somebody_who_speaks_for_it(talk: Any, express: str) -> None:
    """Stripe: a representative's name and birthday are due until a person with that role has them."""
    account = talk.post(f"/v1/accounts/{express}", business_type="company")
    assert "representative.first_name" in account["requirements"]["currently_due"]
    about = {"first_name": "Zoë", "relationship": {"representative": True}}
    talk.post(f"/v1/accounts/{express}/persons", **about)
    owed = talk.get(f"/v1/accounts/{express}")["requirements"]["currently_due"]
    assert "representative.first_name" not in owed
    assert "representative.last_name" in owed


def test_terms_are_accepted_for_custom_accounts_only(talk: Any, express: str) -> None:
    """Stripe: where it collects the requirements, the platform cannot accept its terms."""
    error = talk.refused("POST", f"/v1/accounts/{express}", 400, tos_acceptance={"date": 1, "ip": "127.0.0.1"})
    assert error["param"] == "tos_acceptance"


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ({"type": "custom"}, "capabilities"),
        ({"type": "express", "controller": {"losses": {"payments": "stripe"}}}, "controller"),
        ({"country": "ZZ"}, "country"),
        ({"type": "limited"}, "type"),
        ({"controller": {"requirement_collection": "application"}}, "controller[stripe_dashboard][type]"),
    ],
)
def test_an_account_that_cannot_be_is_refused(talk: Any, sent: dict[str, Any], param: str) -> None:
    """Stripe: type or controller, a country it knows, and combinations that it allows."""
    assert talk.refused("POST", "/v1/accounts", 400, **sent)["param"] == param
    assert talk.get("/v1/accounts")["data"] == []


def test_an_account_link_leads_through_onboarding_once(talk: Any, express: str) -> None:
    """Stripe: the link is good once; it ends at return_url, a spent one at refresh_url."""
    link = talk.post("/v1/account_links", account=express, type="account_onboarding", **THERE)
    assert link["expires_at"] - link["created"] == 300
    path = urlsplit(link["url"]).path
    status, _, page = browse(talk, "GET", path)
    assert status == 200
    assert "external_account" in page
    assert browse(talk, "POST", path, action="finish")[:2] == (302, THERE["return_url"])
    assert talk.get(f"/v1/accounts/{express}")["charges_enabled"] is True
    assert browse(talk, "GET", path)[:2] == (302, THERE["refresh_url"])
    late = urlsplit(talk.post("/v1/account_links", account=express, type="account_onboarding", **THERE)["url"]).path
    talk.clock.pass_s(301)
    assert browse(talk, "GET", late)[:2] == (302, THERE["refresh_url"])
    assert browse(talk, "GET", "/_sandbox/pages/onboarding/alink_nobody")[0] == 404


@pytest.mark.parametrize("country", sorted(CURRENCY_OF))
def test_an_account_of_any_country_can_be_onboarded(talk: Any, country: str) -> None:
    """Ours: test data for every country that an account can be in, with a bank account in its own currency."""
    account = talk.post("/v1/accounts", type="express", country=country, capabilities=BOTH)["id"]
    done = talk.post(f"/_sandbox/accounts/{account}/onboard")
    assert done["payouts_enabled"] is True
    assert [one["currency"] for one in done["external_accounts"]["data"]] == [CURRENCY_OF[country]]
    balance = talk.ask("GET", "/v1/balance", {}, {"Stripe-Account": account}).body
    assert balance["available"][0]["currency"] == CURRENCY_OF[country]


def test_the_platform_itself_has_nothing_to_be_onboarded(talk: Any) -> None:
    """Ours: its own account is in good standing from the start."""
    own = talk.get("/v1/account")["id"]
    link = talk.refused("POST", "/v1/account_links", 400, account=own, type="account_onboarding", **THERE)
    assert link["param"] == "account"
    talk.refused("POST", f"/_sandbox/accounts/{own}/onboard", 400)


def test_onboarding_that_is_left_changes_nothing(talk: Any, express: str) -> None:
    """Stripe: coming back to return_url says nothing about whether it was finished."""
    link = talk.post("/v1/account_links", account=express, type="account_onboarding", **THERE)
    assert browse(talk, "POST", urlsplit(link["url"]).path, action="leave")[:2] == (302, THERE["return_url"])
    assert talk.get(f"/v1/accounts/{express}")["details_submitted"] is False


def test_a_login_link_is_for_onboarded_express_accounts(talk: Any, express: str) -> None:
    """Stripe: others have their own dashboard, or none."""
    at = f"/v1/accounts/{express}/login_links"
    talk.refused("POST", at, 400)
    talk.post(f"/_sandbox/accounts/{express}/onboard")
    assert talk.post(at)["object"] == "login_link"
    standard = talk.post("/v1/accounts", type="standard")["id"]
    talk.refused("POST", f"/v1/accounts/{standard}/login_links", 400)


def test_a_rejected_account_stops_until_it_is_taken_back(talk: Any, express: str) -> None:
    """Stripe: nothing is enabled, and requirements.disabled_reason says why."""
    talk.post(f"/_sandbox/accounts/{express}/onboard")
    rejected = talk.post(f"/v1/accounts/{express}/reject", reason="fraud")
    assert rejected["requirements"]["disabled_reason"] == "rejected.platform_fraud"
    assert (rejected["charges_enabled"], rejected["payouts_enabled"]) == (False, False)
    assert talk.post(f"/v1/accounts/{express}/unreject")["charges_enabled"] is True
    assert talk.refused("POST", f"/v1/accounts/{express}/reject", 400, reason="mood")["param"] == "reason"


def test_an_account_cannot_reach_into_another(talk: Any, express: str) -> None:
    """Stripe: 403 account_invalid for any account that is not the caller's own or connected to it."""
    other = talk.post("/v1/accounts", type="express")["id"]
    answer = talk.ask("GET", f"/v1/accounts/{other}", {}, {"Stripe-Account": express})
    assert (answer.status, answer.error["code"]) == (403, "account_invalid")
    assert talk.ask("GET", f"/v1/accounts/{express}", {}, {"Stripe-Account": express}).status == 200
    assert talk.ask("POST", "/v1/accounts", {"type": "express"}, {"Stripe-Account": express}).status == 403
    assert talk.refused("GET", "/v1/accounts/acct_1Stranger", 403)["code"] == "account_invalid"


def test_changes_of_an_account_are_told_in_its_own_books(talk: Any, express: str) -> None:
    """Stripe: account.updated, capability.updated and the like are Connect events."""
    talk.post(f"/_sandbox/accounts/{express}/onboard")
    told = talk.ask("GET", "/v1/events", {"limit": 100}, {"Stripe-Account": express}).body["data"]
    assert {"account.updated", "capability.updated", "account.external_account.created"} <= {
        event["type"] for event in told
    }
    updated = next(event for event in told if event["type"] == "account.updated")
    assert updated["data"]["previous_attributes"]["charges_enabled"] is False
    assert talk.get("/v1/events")["data"] == []


def _authorize(talk: Any, decision: str = "approve", **more: Any) -> dict[str, str]:
    client = talk.get("/_sandbox/oauth")["client_id"]
    sent = {"response_type": "code", "client_id": client, "scope": "read_write", "state": "s 1", **more}
    status, target, _ = browse(talk, "POST", f"/oauth/authorize?{urlencode(sent)}", decision=decision)
    assert status == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


def test_oauth_connects_an_account_by_a_code(talk: Any) -> None:
    """Stripe, RFC 6749: the code becomes a key that acts for the account, and a refresh token that gives another."""
    client = talk.get("/_sandbox/oauth")["client_id"]
    status, _, page = browse(talk, "GET", f"/oauth/authorize?response_type=code&client_id={client}&state=<b>")
    assert status == 200
    assert "<b>" not in page
    back = _authorize(talk)
    assert (back["state"], back["scope"]) == ("s 1", "read_write")
    assert talk.get("/v1/accounts")["data"] == []
    keys = talk.post("/oauth/token", grant_type="authorization_code", code=back["code"])
    assert (keys["token_type"], keys["scope"], keys["livemode"]) == ("bearer", "read_write", False)
    account = keys["stripe_user_id"]
    as_them = {"Authorization": f"Bearer {keys['access_token']}"}
    assert talk.ask("GET", "/v1/account", {}, as_them).body["id"] == account
    assert talk.ask("GET", "/v1/account", {}, {"Stripe-Account": account}).body["charges_enabled"] is True
    again = talk.post("/oauth/token", grant_type="refresh_token", refresh_token=keys["refresh_token"])
    assert again["stripe_user_id"] == account
    types = [one["type"] for one in talk.ask("GET", "/v1/events", {}, as_them).body["data"]]
    assert types[0] == "account.application.authorized"


def test_oauth_makes_express_accounts_at_their_own_address(talk: Any) -> None:
    """Stripe: /express/oauth/authorize, otherwise as for Standard accounts."""
    client = talk.get("/_sandbox/oauth")["client_id"]
    path = f"/express/oauth/authorize?client_id={client}&response_type=code"
    assert browse(talk, "GET", path)[0] == 200
    code = parse_qs(urlsplit(browse(talk, "POST", path, decision="approve")[1]).query)["code"][0]
    account = talk.post("/oauth/token", grant_type="authorization_code", code=code)["stripe_user_id"]
    assert talk.get(f"/v1/accounts/{account}")["type"] == "express"
    made = talk.post("/v1/accounts", type="express")["id"]
    refused = talk.ask("POST", "/oauth/deauthorize", {"client_id": client, "stripe_user_id": made})
    assert refused.body["error"] == "invalid_request"
    assert talk.post("/oauth/deauthorize", client_id=client, stripe_user_id=account)["stripe_user_id"] == account


def test_letting_an_account_go_ends_its_keys(talk: Any) -> None:
    """Stripe: after deauthorize neither the key nor the header reaches the account."""
    keys = talk.post("/oauth/token", grant_type="authorization_code", code=_authorize(talk)["code"])
    client, account = talk.get("/_sandbox/oauth")["client_id"], keys["stripe_user_id"]
    gone = talk.post("/oauth/deauthorize", client_id=client, stripe_user_id=account)
    assert gone == {"stripe_user_id": account}
    assert talk.ask("GET", "/v1/account", {}, {"Authorization": f"Bearer {keys['access_token']}"}).status == 401
    assert talk.ask("GET", "/v1/account", {}, {"Stripe-Account": account}).status == 403
    refused = talk.ask("POST", "/oauth/deauthorize", {"client_id": client, "stripe_user_id": account})
    assert (refused.status, refused.body["error"]) == (401, "invalid_client")


def test_a_code_is_good_once_and_for_five_minutes(talk: Any) -> None:
    """RFC 6749, 4.1.2: a code that comes twice takes back what it gave."""
    code = _authorize(talk)["code"]
    keys = talk.post("/oauth/token", grant_type="authorization_code", code=code)
    twice = talk.ask("POST", "/oauth/token", {"grant_type": "authorization_code", "code": code})
    assert (twice.status, twice.body["error"]) == (400, "invalid_grant")
    assert set(twice.body) == {"error", "error_description"}
    assert talk.ask("GET", "/v1/account", {}, {"Authorization": f"Bearer {keys['access_token']}"}).status == 401
    late = _authorize(talk)["code"]
    talk.clock.pass_s(301)
    assert (
        "expired"
        in talk.ask("POST", "/oauth/token", {"grant_type": "authorization_code", "code": late}).body[
            "error_description"
        ]
    )


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "ac_nobody"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "rt_nobody"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "x", "client_secret": "nonsense"}, "invalid_client"),
    ],
)
def test_oauth_refuses_in_its_own_words(talk: Any, sent: dict[str, str], error: str) -> None:
    """Stripe's OAuth reference: `error` and `error_description`, 401 for a bad key."""
    answer = talk.ask("POST", "/oauth/token", sent)
    assert (answer.status, answer.body["error"]) == (401 if error == "invalid_client" else 400, error)


def test_who_denies_is_sent_back_with_that(talk: Any) -> None:
    """RFC 6749, 4.1.2.1: access_denied, unsupported_response_type, invalid_scope go to the application."""
    assert _authorize(talk, "deny")["error"] == "access_denied"
    assert _authorize(talk, response_type="token")["error"] == "unsupported_response_type"
    assert _authorize(talk, scope="everything")["error"] == "invalid_scope"
    assert browse(talk, "GET", "/oauth/authorize?response_type=code&client_id=ca_other")[0] == 400
    assert browse(talk, "POST", "/oauth/authorize?response_type=code")[0] == 400
