"""Who may ask, in which version of the API, about whose books."""

import base64
import binascii
import re
from typing import Final

from paydesk.server.sandbox.errors import bad_key, malformed_version, no_key, no_such_account, publishable_key

# A version is a date, with a name from 2024-09-30.acacia on.
_VERSION: Final = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?", re.ASCII)
_TEST_KEY: Final = re.compile(r"[sr]k_test_[A-Za-z0-9_]+", re.ASCII)
_ACCOUNT: Final = re.compile(r"acct_[A-Za-z0-9]{3,40}", re.ASCII)


def check_version(version: str | None) -> None:
    """StripeError unless the version is absent or has the form of one."""
    if version is not None and not _VERSION.fullmatch(version):
        raise malformed_version(version[:60])


def check_key(authorization: str | None, only: str | None) -> None:
    """StripeError unless a test key is given, as bearer token or as the user of basic authentication.

    `only`: the one key that is good; None takes every key that looks like a test key.
    """
    key = _key_in(authorization or "")
    if not key:
        raise no_key()
    if key.startswith("pk_"):
        raise publishable_key()
    if not _TEST_KEY.fullmatch(key) or (only is not None and key != only):
        raise bad_key(key[:255])


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
