"""OAuth for Standard accounts (https://docs.stripe.com/connect/oauth-reference), on the same server.

`GET /oauth/authorize` shows a page with two buttons; posting to it does the same as pressing one. A code is good once
and for five minutes; using it again takes back what it gave. Errors have OAuth's own shape.
"""

from html import escape
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from paydesk.server.sandbox import connect, onboarding
from paydesk.server.sandbox.access import CONNECTED_KEY
from paydesk.server.sandbox.call import Answer, Call, Page
from paydesk.server.sandbox.earning import application_of
from paydesk.server.sandbox.errors import OAuthError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import choice, mapping, text
from paydesk.server.sandbox.resources.accounts import connected_object
from paydesk.server.sandbox.routes import Resource

CODE_GOOD_S: Final = 300

# Authorisation codes and refresh tokens; notes of the sandbox's own, never listed.
GRANT: Final = Kind(name="_sandbox.oauth_grant", prefix="")

resource = Resource()

_USER: Final = mapping(
    {
        name: text()
        for name in (
            *("email", "url", "country", "phone_number", "business_name", "business_type", "first_name", "last_name"),
            *("dob_day", "dob_month", "dob_year", "street_address", "city", "state", "zip", "product_description"),
            *("currency", "physical_product", "average_payment", "past_year_volume", "shipping_days", "gender"),
        )
    }
)
_AUTHORIZE: Final = {
    name: text()
    for name in ("always_prompt", "client_id", "redirect_uri", "response_type", "scope", "state", "stripe_landing")
} | {"stripe_user": _USER, "suggested_capabilities": mapping({str(at): text() for at in range(10)})}


def _fault(call: Call) -> str | None:
    """Why the page cannot be shown at all: nobody can be sent back, so a person is told."""
    sent = call.params
    if not sent.get("client_id"):
        return "No client_id provided"
    if sent["client_id"] != application_of(call.account):
        return (
            f"No application matches the supplied client identifier; this sandbox's is {application_of(call.account)}"
        )
    if "redirect_uri" in sent and urlsplit(sent["redirect_uri"]).scheme not in ("http", "https"):
        return "Invalid redirect URI"
    return None


@resource.get("/oauth/authorize", _AUTHORIZE)
@resource.get("/oauth/v2/authorize", _AUTHORIZE)
@resource.get("/express/oauth/authorize", _AUTHORIZE)
def authorize(call: Call) -> Answer:
    """The page on which somebody connects their account to the platform, or does not."""
    fault = _fault(call)
    if fault:
        return Page(onboarding.framed("OAuth error", f"<p>{escape(fault)}</p>"), 400)
    query = urlencode(list(_flat(call.params)))
    inside = (
        f"<p>An application (<code>{escape(call.params['client_id'])}</code>) wants to be connected to an account of "
        f"yours, with the scope <code>{escape(call.params.get('scope', 'read_only'))}</code>.</p>"
        f"<form method=post action='{escape(call.path)}?{escape(query)}'>"
        "<button class=yes name=decision value=approve>Connect a new test account</button>"
        "<button class=plain name=decision value=deny>Deny</button></form>"
    )
    return Page(onboarding.framed("Connect your account", inside))


def _flat(sent: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in sent.items():
        full = f"{prefix}[{name}]" if prefix else name
        found += _flat(value, full) if isinstance(value, dict) else [(full, str(value))]
    return found


_DECIDE: Final = {**_AUTHORIZE, "decision": choice("approve", "deny"), "account": text()}


@resource.post("/oauth/authorize", _DECIDE)
@resource.post("/oauth/v2/authorize", _DECIDE)
@resource.post("/express/oauth/authorize", _DECIDE)
def decide(call: Call) -> Answer:
    """Ours: press a button of the page. Approving makes a new account, or takes `account`, and goes back."""
    sent = call.params
    fault = _fault(call)
    if fault:
        return Page(onboarding.framed("OAuth error", f"<p>{escape(fault)}</p>"), 400)
    back = {"state": sent["state"]} if "state" in sent else {}
    problem = _problem(sent)
    if problem or sent.get("decision", "approve") == "deny":
        error, words = problem or ("access_denied", "The user denied your request")
        return _send_back(call, {"error": error, "error_description": words, **back})
    account = _account(call, sent)
    grant: Object = {
        "id": call.new_id("ac_", 32),
        "object": GRANT.name,
        "account": account["id"],
        "created": call.now,
        "kind": "code",
        "scope": sent.get("scope", "read_only"),
        "used": False,
    }
    call.create(grant)
    return _send_back(call, {"code": grant["id"], "scope": grant["scope"], **back})


def _problem(sent: dict[str, Any]) -> tuple[str, str] | None:
    if sent.get("response_type") != "code":
        return "unsupported_response_type", "The only supported response type is code"
    if sent.get("scope", "read_only") not in ("read_only", "read_write"):
        return "invalid_scope", f"Invalid scope provided: {sent['scope'][:60]}"
    return None


def _send_back(call: Call, answer: dict[str, str]) -> Page:
    target = call.params.get("redirect_uri") or f"{call.origin or 'http://127.0.0.1:12111'}/_sandbox/pages/connected"
    joint = "&" if "?" in target else "?"
    return Page(goes_to=f"{target}{joint}{urlencode(answer)}")


@resource.get(
    "/_sandbox/pages/connected", {name: text() for name in ("code", "error", "error_description", "scope", "state")}
)
def show_connected(call: Call) -> Answer:
    """Ours: where OAuth ends when the application gave no address of its own."""
    told = "".join(f"<li>{escape(name)}: <code>{escape(value)}</code>" for name, value in _flat(call.params))
    return Page(onboarding.framed("Back at the application", f"<ul>{told}</ul>"))


def _account(call: Call, sent: dict[str, Any]) -> Object:
    if "account" in sent:
        found = call.find("account", sent["account"])
        if found and not found.get("deleted") and "_requested" in found:
            return found
        raise OAuthError("invalid_request", f"No such account: {sent['account'][:60]}")
    user = sent.get("stripe_user", {})
    country = user.get("country", "").upper()
    kind = "express" if call.path.startswith("/express/") else "standard"
    account = connected_object(call, {"type": kind, **({"country": country} if country else {})})
    if kind == "standard":
        # Whoever connects an account of their own stays its controller.
        account["controller"].update(type="account", is_controller=False)
    account["email"] = user.get("email")
    account["business_profile"]["name"] = user.get("business_name")
    account["business_profile"]["url"] = user.get("url")
    account["_requested"] = dict.fromkeys(("card_payments", "transfers"), call.now)
    # Its owner has it; the platform has it only once the code is used.
    account["_platform"] = None
    call.create(account)
    return onboarding.finish(call, account)


@resource.post(
    "/oauth/token",
    {
        name: text()
        for name in (
            "assert_capabilities",
            "client_secret",
            "code",
            "grant_type",
            "refresh_token",
            "scope",
            "client_id",
        )
    },
)
def token(call: Call) -> Answer:
    """Trade a code, or a refresh token, for a key that acts for the account."""
    sent = call.params
    _check_secret(call)
    kind = sent.get("grant_type")
    if kind == "authorization_code":
        return _by_code(call, sent)
    if kind == "refresh_token":
        return _by_refresh(call, sent)
    if kind is None:
        raise OAuthError("invalid_request", "No grant type specified")
    raise OAuthError("unsupported_grant_type", f"Invalid grant type: {kind[:60]}")


def _check_secret(call: Call) -> None:
    """The platform's secret key comes as a parameter or, as Stripe's libraries send it, in the header."""
    key = call.params.get("client_secret")
    if key is None and not call.is_signed:
        raise OAuthError("invalid_client", "No API key provided, or one that is not good.", status=401)
    if key is not None and (not key.startswith(("sk_test_", "rk_test_")) or key.startswith(CONNECTED_KEY)):
        raise OAuthError("invalid_client", f"Invalid API Key provided: {key[:8]}***", status=401)


def _by_code(call: Call, sent: dict[str, Any]) -> Object:
    code = sent.get("code")
    if not code:
        raise OAuthError("invalid_request", "No authorization code provided")
    grant = call.find(GRANT.name, code)
    if grant is None or grant["kind"] != "code":
        raise OAuthError("invalid_grant", f"Authorization code does not exist: {code[:60]}")
    if grant["used"]:
        # A code that comes twice may be stolen: what it gave is taken back (RFC 6749, 4.1.2).
        account = call.find("account", grant["account"])
        if account and account.get("_platform"):
            _disconnect(call, account)
        raise OAuthError(
            "invalid_grant",
            f"This authorization code has already been used. All tokens issued with this code have been revoked: "
            f"{code}",
            keeps_effects=True,
        )
    if call.now > grant["created"] + CODE_GOOD_S:
        raise OAuthError("invalid_grant", f"Authorization code expired: {code}")
    scope = str(sent.get("scope", grant["scope"]))
    if scope == "read_write" and grant["scope"] == "read_only":
        raise OAuthError("invalid_scope", "The requested scope exceeds the scope granted by the resource owner")
    grant["used"] = True
    call.save(grant)
    account = call.get("account", grant["account"])
    account["_platform"] = call.account
    call.save(account)
    call.of(account["id"]).emit("account.application.authorized", _application(call))
    return _keys(call, account, scope)


def _by_refresh(call: Call, sent: dict[str, Any]) -> Object:
    token_sent = sent.get("refresh_token")
    if not token_sent:
        raise OAuthError("invalid_request", "No refresh token provided")
    grant = call.find(GRANT.name, token_sent)
    account = grant and call.find("account", grant["account"])
    if grant is None or grant["kind"] != "refresh" or not account or not account.get("_platform"):
        raise OAuthError("invalid_grant", f"Refresh token does not exist: {token_sent[:60]}")
    scope = str(sent.get("scope", grant["scope"]))
    if scope == "read_write" and grant["scope"] == "read_only":
        raise OAuthError("invalid_scope", "The requested scope exceeds the scope granted by the resource owner")
    return _keys(call, account, scope, refresh=token_sent)


def _keys(call: Call, account: Object, scope: str, *, refresh: str | None = None) -> Object:
    key = call.new_id(CONNECTED_KEY, 32)
    call.store.set_fact(f"oauth:{key}", account["id"])
    account.setdefault("_keys", []).append(key)
    call.save(account)
    if refresh is None:
        grant: Object = {
            "id": call.new_id("rt_", 32),
            "object": GRANT.name,
            "account": account["id"],
            "created": call.now,
        }
        refresh = call.create({**grant, "kind": "refresh", "scope": scope, "used": False})["id"]
    return {
        "access_token": key,
        "livemode": False,
        "refresh_token": refresh,
        "scope": scope,
        "stripe_publishable_key": key.replace("sk_test_", "pk_test_", 1),
        "stripe_user_id": account["id"],
        "token_type": "bearer",
    }


def _application(call: Call) -> Object:
    return {"id": application_of(call.account), "object": "application", "name": "Paydesk Sandbox"}


@resource.post("/oauth/deauthorize", {"client_id": text(), "client_secret": text(), "stripe_user_id": text()})
def deauthorize(call: Call) -> Answer:
    """Let a connected account go: its keys stop working."""
    sent = call.params
    _check_secret(call)
    if not sent.get("client_id"):
        raise OAuthError("invalid_request", "No client_id provided")
    if sent["client_id"] != application_of(call.account):
        raise OAuthError(
            "invalid_client",
            f"No application matches the supplied client identifier: {sent['client_id'][:60]}",
            status=401,
        )
    if not sent.get("stripe_user_id"):
        raise OAuthError("invalid_request", "No stripe_user_id provided")
    account = call.find("account", sent["stripe_user_id"])
    if not account or account.get("deleted") or account.get("_platform") != call.account:
        raise OAuthError(
            "invalid_client",
            f"This application is not connected to stripe account {sent['stripe_user_id'][:60]}, or that account does "
            "not exist.",
            status=401,
        )
    if not account.get("_keys"):
        raise OAuthError("invalid_request", "This account was made by your platform; reject or delete it instead.")
    _disconnect(call, account)
    return {"stripe_user_id": account["id"]}


def _disconnect(call: Call, account: Object) -> None:
    for key in account.pop("_keys", []):
        call.store.execute("DELETE FROM facts WHERE name = ?", (f"oauth:{key}",))
    account["_platform"] = None
    call.save(account)
    call.of(account["id"]).emit("account.application.deauthorized", _application(call))


# What a test needs to know before it can begin.
@resource.get("/_sandbox/oauth")
def about(call: Call) -> Answer:
    """Ours: the client id of this sandbox's platform."""
    return {"object": "sandbox.oauth", "client_id": application_of(connect.platform_of(call))}
