"""Who may ask, in which version of the API, about whose books."""

import base64
import binascii
import json
import re
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
    return path.startswith(("/oauth/", "/express/oauth/", "/_sandbox/pages/"))


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
