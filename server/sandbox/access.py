"""Who may ask, in which version of the API, about whose books."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from paydesk.server.sandbox.errors import (
    StripeError,
    bad_key,
    malformed_version,
    no_key,
    no_such_account,
    publishable_key,
)
from paydesk.server.sandbox.storage import Store

# A version is a date, with a name from 2024-09-30.acacia on.
_VERSION: Final = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?", re.ASCII)
_FIRST_YEAR: Final = 2011
_TEST_KEY: Final = re.compile(r"[sr]k_test_[A-Za-z0-9_]+", re.ASCII)
# What OAuth gives a platform for a connected account; every other test key is the platform's own.
CONNECTED_KEY: Final = "sk_test_connected_"
METER_STREAM: Final = "/v2/billing/meter_event_stream"
# How the facts that hold a session's token (v2 meter events) begin.
METER_SESSION: Final = "meter_session:"
# The sandbox's own pages: the bank's and the portal, checkout, payment links, links to files.
_PAGES: Final = ("/_sandbox/pages/", "/c/pay/", "/b/", "/links/")
_ACCOUNT: Final = re.compile(r"acct_[A-Za-z0-9]{3,40}", re.ASCII)


def check_version(version: str | None) -> None:
    """StripeError unless the version is absent or has the form of one."""
    if version is not None and not (_VERSION.fullmatch(version) and _is_day(version[:10])):
        raise malformed_version(version[:60])


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).year >= _FIRST_YEAR
    except ValueError:
        return False


def check_key(authorization: str | None, only: str | None) -> str:
    """The key; StripeError unless it is a test key, given as bearer token or as the user of basic authentication.

    `only`: the one key that is good; None takes every key that looks like a test key.
    """
    key = _key_in(authorization or "")
    if not key:
        raise no_key()
    if key.startswith("pk_"):
        raise publishable_key()
    if not _TEST_KEY.fullmatch(key) or (only is not None and key != only):
        raise bad_key(key[:255])
    return key


def _key_in(authorization: str) -> str:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def books_of(account: str | None, platform: str) -> str:
    """Whose books a request is about: the platform's, or those of the connected account that it names."""
    if account is None or account == platform:
        return platform
    if not _ACCOUNT.fullmatch(account):
        raise no_such_account(account[:60])
    return account


def is_open(path: str) -> bool:
    """Whether a path is for browsers and for OAuth, which bring no key in a header."""
    return path.startswith(("/oauth/", "/express/oauth/")) or is_page(path)


def is_page(path: str) -> bool:
    """Whether a path is one of the sandbox's own pages."""
    return path.startswith(_PAGES) or path == "/"


def check_origin(method: str, headers: Mapping[str, str]) -> None:
    """403 for a form that another site has a browser send here (https://www.w3.org/TR/fetch-metadata/)."""
    if method == "POST" and headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise StripeError("A page of another site may not send forms to the sandbox.", status=403)


def context_of(headers: Mapping[str, str]) -> str | None:
    """The account that `Stripe-Context` names (v2): the last of a path of accounts; None without the header."""
    return headers.get("stripe-context", "").rpartition("/")[2] or None


def session_account(store: Store, authorization: str | None, path: str, now: int) -> str | None:
    """The account that a meter event session's token speaks for, on the one path where it counts; else None."""
    token = _key_in(authorization or "")
    if path != METER_STREAM or not token:
        return None
    kept = json.loads(store.fact(f"{METER_SESSION}{token}") or "null")
    if kept is None:
        return None
    if kept["expires_at"] <= now:
        raise StripeError(
            "The session has expired; create another one.",
            status=401,
            type="temporary_session_expired",
            code="billing_meter_event_session_expired",
        )
    return str(kept["account"])


def connected_account(store: Store, authorization: str | None) -> str | None:
    """The account that a key from OAuth speaks for; None for every other key, 401 for one that was revoked."""
    key = _key_in(authorization or "")
    if not key.startswith(CONNECTED_KEY):
        return None
    account = store.fact(f"oauth:{key}")
    if account is None:
        raise bad_key(key[:255])
    return account


def check_connected(store: Store, account: str, platform: str) -> None:
    """403 unless the account is connected to the platform: made by it, or authorised by its owner."""
    row = store.get(platform, "account", account)
    found = json.loads(row.body) if row else {}
    if found.get("_platform") != platform or found.get("deleted"):
        raise no_such_account(account)


def is_good_key(authorization: str | None, only: str | None) -> bool:
    """Whether a platform's key is given, where none must be."""
    try:
        check_key(authorization, only)
    except StripeError:
        return False
    return not _key_in(authorization or "").startswith(CONNECTED_KEY)
