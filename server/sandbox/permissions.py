"""Restricted keys: an `rk_test_` made here may read or write only what it was given, as at Stripe
(https://docs.stripe.com/keys-api/restricted-api-keys). A key that was not made here may do everything.

The names are those of Stripe's error messages, without `rak_`: `customer`, `charge` (refunds too), `plan` (prices too).
"""

import json
from collections.abc import Mapping
from typing import Final

from paydesk.server.sandbox.errors import StripeError, bad_key
from paydesk.server.sandbox.storage import Store, dumps

PREFIX: Final = "rk_test_sandbox_"
NONE, READ, WRITE = "none", "read", "write"

# The first part of a path and whose permission it needs, where that is not its own singular.
_NAMED: Final = {
    "refunds": "charge",
    "prices": "plan",
    "plans": "plan",
    "invoiceitems": "invoice",
    "invoice_payments": "invoice",
    "subscription_items": "subscription",
    "subscription_schedules": "subscription",
    "balance_transactions": "balance",
    "balance_settings": "balance",
    "accounts": "accounts_kyc_basic",
    "account": "accounts_kyc_basic",
    "webhook_endpoints": "webhook",
    "setup_attempts": "setup_intent",
    "tokens": "token",
    "billing_portal": "customer_portal",
    "checkout": "checkout_session",
    "file_links": "file",
}


def subject(path: str) -> str | None:
    """What a path is about, as permissions name it; None for the sandbox's own paths."""
    parts = path.strip("/").split("/")
    if len(parts) < 2 or parts[0] not in ("v1", "v2"):
        return None
    return _NAMED.get(parts[1]) or parts[1].removesuffix("s")


def needed(method: str, path: str) -> str | None:
    """The permission that a request needs, e.g. `customer_write`; None where any key will do."""
    what = subject(path)
    return f"{what}_{READ if method == 'GET' else WRITE}" if what else None


def make(store: Store, secret: str, permissions: Mapping[str, str]) -> None:
    """Remember what a key may do."""
    store.set_fact(f"key:{secret}", dumps(permissions))


def count(store: Store) -> int:
    """How many keys were made."""
    return int(store.execute("SELECT count(*) FROM facts WHERE name LIKE 'key:%'").fetchone()[0])


def check(store: Store, key: str, method: str, path: str, account: str) -> None:
    """403 where a key that was made here lacks the permission; 401 for one that was never made."""
    if not key.startswith(PREFIX):
        return
    kept = store.fact(f"key:{key}")
    if kept is None:
        raise bad_key(key)
    wanted = needed(method, path)
    if wanted is None or _may(json.loads(kept), wanted):
        return
    raise lacking(key, wanted, account)


def _may(permissions: Mapping[str, str], wanted: str) -> bool:
    what, _, how = wanted.rpartition("_")
    given = permissions.get(what, permissions.get("all", NONE))
    return given == WRITE or (given == READ and how == READ)


def lacking(key: str, wanted: str, account: str) -> StripeError:
    """Stripe's words; of the key only its ends are told."""
    hidden = f"{key[:8]}{'*' * max(len(key) - 14, 0)}{key[-6:]}"
    return StripeError(
        f"The provided key '{hidden}' does not have the required permissions for this endpoint on account "
        f"'{account}'. Having the 'rak_{wanted}' permission would allow this request to continue.",
        status=403,
    )
