"""Bank accounts: their shape, and Stripe's test numbers with what becomes of a payout that is sent there.

The numbers are those of https://docs.stripe.com/connect/testing; any other number works and pays out.
"""

import hashlib
from typing import Any, Final

from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.countries import BANKS_IN, CURRENCY_OF, currency_of
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.params import (
    Declaration,
    choice,
    currency,
    mapping,
    merged_metadata,
    required,
    text,
    unserved,
)

BANK_ACCOUNT: Final = Kind(
    name="bank_account",
    prefix="ba_",
    called="external account",
    indexed=("account", "currency"),
    expands=(
        "account",
        "customer",
    ),
    shows=lambda _call, body: shown(body),
)

# Why a payout to an account of this number fails; numbers are kept by their last digits, which are the same everywhere.
_FAILS_WITH: Final = {
    "1111116": "no_account",
    "1111113": "account_closed",
    "2222227": "insufficient_funds",
    "3333335": "debit_not_authorized",
    "4444440": "invalid_currency",
    "0532013001": "no_account",
    "0532013002": "account_closed",
    "0532013003": "insufficient_funds",
    "0532013004": "debit_not_authorized",
    "0532013005": "invalid_currency",
}
FAILURES: Final = {
    "no_account": "The bank account could not be found.",
    "account_closed": "The bank account has been closed.",
    "insufficient_funds": "The Stripe account has insufficient funds to cover the payout.",
    "debit_not_authorized": "Debit transactions are not approved on the bank account.",
    "invalid_currency": "The bank was unable to process this payout because of its currency.",
    "could_not_process": "The bank could not process this payout.",
}
DIGITS: Final = 34

FIELDS: Final[Declaration] = {
    "account_holder_name": text(),
    "account_holder_type": choice("company", "individual"),
    "account_number": required(text()),
    "account_type": choice("checking", "futsu", "savings", "toza"),
    "country": required(text(2)),
    "currency": currency(),
    "object": choice("bank_account"),
    "routing_number": text(),
    "metadata": text(),
    **unserved("documents"),
}
DETAILS: Final = mapping({name: param for name, param in FIELDS.items() if name != "metadata"})


def bank_account_object(call: Call, sent: dict[str, Any], account: str | None, *, is_routed: bool = True) -> Object:
    """A bank account as the numbers sent describe it; StripeError for numbers that no bank has."""
    country = sent["country"].upper()
    code = sent.get("currency") or currency_of(country)
    if code is None:
        raise StripeError(
            f"Country '{country}' is unknown. Try using a 2-character alphanumeric country code.", param="country"
        )
    number = _digits(
        sent["account_number"], "account_number", "Invalid account number: must contain only digits or letters."
    )
    routing = _routing(country, sent.get("routing_number"), is_asked=is_routed)
    body: Object = {
        "id": call.new_id("ba_1", 23),
        "object": "bank_account",
        "account": account,
        "account_holder_name": sent.get("account_holder_name"),
        "account_holder_type": sent.get("account_holder_type"),
        "account_type": sent.get("account_type"),
        "available_payout_methods": ["standard"],
        "bank_name": "STRIPE TEST BANK",
        "country": country,
        "currency": code,
        "default_for_currency": False,
        "fingerprint": hashlib.sha256(f"{country} {routing} {number}".encode()).hexdigest()[:16],
        "future_requirements": nothing_due(),
        "last4": number[-4:],
        "metadata": merged_metadata({}, sent.get("metadata") or {}),
        "requirements": nothing_due(),
        "routing_number": routing,
        "status": "new",
        "_fails_with": _failure_of(number),
        "_made_at": call.now,
    }
    return body


def shown(external: Object) -> Object:
    """A bank account or card without what only the sandbox knows of it."""
    return visible(external)


def implied(call: Call, code: str) -> Object:
    """The bank account of the platform itself in a currency, which nobody needs to write down to be paid out."""
    body = bank_account_object(
        call,
        {"country": _COUNTRY_FOR.get(code, "US"), "currency": code, "account_number": "000123456789"},
        call.account,
        is_routed=False,
    )
    methods = ["standard", "instant"]
    return {
        **body,
        "available_payout_methods": methods,
        "default_for_currency": True,
    }


_COUNTRY_FOR: Final = {code: country for country, code in reversed(CURRENCY_OF.items())}


def nothing_due() -> Object:
    """Requirements of an external account from which nothing is wanted."""
    return {"currently_due": [], "errors": [], "past_due": [], "pending_verification": []}


def _failure_of(number: str) -> str | None:
    return next((code for ending, code in _FAILS_WITH.items() if number.endswith(ending)), None)


def _digits(value: str, param: str, words: str) -> str:
    plain = value.replace(" ", "").replace("-", "").upper()
    if not plain.isascii() or not plain.isalnum() or not 4 <= len(plain) <= DIGITS:
        raise StripeError(words, param=param, code="account_number_invalid")
    return plain


def _routing(country: str, sent: str | None, *, is_asked: bool = True) -> str | None:
    """The routing number, checked where the country has a rule of length; None where accounts go by IBAN."""
    digits = BANKS_IN.get(country)
    if sent is None:
        if digits and is_asked:
            raise StripeError(
                f"You must use a routing number for bank accounts in {country}.",
                code="parameter_missing",
                param="routing_number",
            )
        return None
    plain = sent.replace("-", "").replace(" ", "").upper()
    if not plain.isascii() or not plain.isalnum() or (digits and len(plain) not in digits):
        wanted = " or ".join(map(str, digits or ()))
        raise StripeError(
            f"Routing number for {country} must have {wanted} digits.",
            code="routing_number_invalid",
            param="routing_number",
        )
    # The check digit of the American Bankers Association.
    if (
        country == "US"
        and sum(int(digit) * (3, 7, 1)[at % 3] for at, digit in enumerate(plain) if digit.isdigit()) % 10
    ):
        raise StripeError("Invalid routing number", code="routing_number_invalid", param="routing_number")
    return plain


# Stripe's ready-made tokens for payouts.
TOKENS: Final[dict[str, dict[str, Any]]] = {
    "btok_us_verified": {"country": "US", "routing_number": "110000000", "account_number": "000123456789"},
    "btok_us": {"country": "US", "routing_number": "110000000", "account_number": "000123456789"},
    "btok_us_noAccount": {"country": "US", "routing_number": "110000000", "account_number": "000111111116"},
    "btok_us_accountClosed": {"country": "US", "routing_number": "110000000", "account_number": "000111111113"},
    "btok_us_insufficientFunds": {"country": "US", "routing_number": "110000000", "account_number": "000222222227"},
    "btok_us_debitNotAuthorized": {"country": "US", "routing_number": "110000000", "account_number": "000333333335"},
    "btok_us_invalidCurrency": {"country": "US", "routing_number": "110000000", "account_number": "000444444440"},
}
