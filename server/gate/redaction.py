"""What of a request may stand in the audit log, which is kept for years: figures, ids, fixed words; no customer data.

The rule: a value stays if it is a number, a truth value, an id of Stripe's, a mark of ours, or the value of a parameter
that only takes fixed words. Everything else, and every value whose name tells of a secret, becomes `[text]`, with
nothing of it left, not even a hash: names and addresses are few enough to be guessed.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from paydesk.skills.base import Prepared, StripeRequest

REDACTED = "[text]"
_ID = re.compile(
    r"(prop|cus|pi|ch|re|py|sub|si|price|prod|in|ii|il|pm|card|src|acct|dp|du|po|txn|plan|co|promo)_\w{1,80}"
)
_OWN_MARKS = re.compile(r"prop_[0-9a-z]{12}(\.\d+)?")
_FIXED_WORDS = frozenset(
    {
        *("currency", "interval", "reason", "status", "collection_method", "proration_behavior", "payment_behavior"),
        *(
            "capture_method",
            "confirmation_method",
            "cancellation_reason",
            "behavior",
            "off_session",
            "setup_future_usage",
        ),
        *("billing_cycle_anchor", "trial_end", "usage_type", "type", "payment_method", "payment_method_types"),
    }
)
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SECRET = re.compile(r"secret|token|password|key|number|cvc|iban|account_number|routing", re.IGNORECASE)


def redacted_requests(requests: Iterable[StripeRequest]) -> str:
    """The requests as canonical JSON, customer data and secrets taken out."""
    told = [{"method": one.method, "params": _redacted(one.params, ""), "path": one.path} for one in requests]
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _redacted(value: Any, name: str) -> Any:
    if isinstance(value, Prepared):
        return value.as_json()
    if isinstance(value, dict):
        # Within metadata even the names may be a customer's.
        own = name != "metadata"
        return {
            key if own or key.startswith("paydesk_") else REDACTED: _redacted(item, key) for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redacted(item, name) for item in value]
    if _SECRET.search(name):
        return REDACTED
    if value is None or isinstance(value, bool | int):
        return value
    return value if _may_stay(str(value), name) else REDACTED


def _may_stay(text: str, name: str) -> bool:
    if _ID.fullmatch(text) or _OWN_MARKS.fullmatch(text) or not text:
        return True
    return name in _FIXED_WORDS and _WORD.fullmatch(text) is not None
