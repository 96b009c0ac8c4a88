"""Stripe's test cards (https://docs.stripe.com/testing): what each is, and what happens when it is used.

A card is found by number, by token (`tok_visa`), by payment method (`pm_card_visa`), and, once a payment method has
been made of it, by fingerprint. `pm_card_visa_chargeDeclined` and `pm_card_chargeDeclined` are the same card.
"""

import hashlib
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Decline:
    """Why a card is refused: the error's code and decline code, its words, and what the network advises."""

    code: str
    decline_code: str
    message: str
    param: str | None = None
    advice: str | None = None
    network_code: str | None = None
    network_advice: str | None = None


_DECLINED: Final = "Your card was declined."
DECLINES: Final = {
    one.decline_code: one
    for one in (
        Decline("card_declined", "generic_decline", _DECLINED, None, "try_again_later", "01"),
        Decline(
            "card_declined", "insufficient_funds", "Your card has insufficient funds.", None, "try_again_later", "51"
        ),
        Decline("card_declined", "lost_card", _DECLINED, None, "do_not_try_again", "41"),
        Decline("card_declined", "stolen_card", _DECLINED, None, "do_not_try_again", "43"),
        Decline("card_declined", "fraudulent", _DECLINED, None, "do_not_try_again"),
        Decline(
            "card_declined",
            "card_velocity_exceeded",
            "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
            None,
            "try_again_later",
            "65",
        ),
        Decline("expired_card", "expired_card", "Your card has expired.", "exp_month", "confirm_card_data", "54", "03"),
        Decline(
            "incorrect_cvc",
            "incorrect_cvc",
            "Your card's security code is incorrect.",
            "cvc",
            "confirm_card_data",
            "82",
        ),
        Decline(
            "processing_error",
            "processing_error",
            "An error occurred while processing your card. Try again in a little bit.",
            None,
            "try_again_later",
        ),
        Decline(
            "authentication_required",
            "authentication_required",
            "Your card was declined. This transaction requires authentication.",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Card:
    """One test card. `authentication`: "always", "unless_set_up" or "" (never asked for)."""

    number: str
    names: tuple[str, ...]
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: str | None = None
    declines_on_attach: bool = False
    dispute: str | None = None
    is_inquiry: bool = False
    authentication: str = ""
    refund: str | None = None
    skips_pending: bool = False
    risk: str = "normal"
    cvc_check: str = "pass"
    line1_check: str = "pass"
    postal_check: str = "pass"

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def fingerprint(self) -> str:
        """Sixteen characters that are the same for every payment method made of this card."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]


def _declining(number: str, name: str, decline: str, *, on_attach: bool = True, authentication: str = "") -> Card:
    return Card(number, (name,), decline=decline, declines_on_attach=on_attach, authentication=authentication)


_PLAIN: Final = (
    Card("4242424242424242", ("visa", "us")),
    Card("4000056655665556", ("visa_debit",), funding="debit"),
    Card("5555555555554444", ("mastercard",), "mastercard"),
    Card("2223003122003222", (), "mastercard"),
    Card("5200828282828210", ("mastercard_debit",), "mastercard", "debit"),
    Card("5105105105105100", ("mastercard_prepaid",), "mastercard", "prepaid"),
    Card("378282246310005", ("amex", "amex_threeDSecureNotSupported"), "amex"),
    Card("371449635398431", (), "amex"),
    Card("6011111111111117", ("discover",), "discover"),
    Card("6011000990139424", (), "discover"),
    Card("6011981111111113", ("discover_debit",), "discover", "debit"),
    Card("3056930009020004", ("diners",), "diners"),
    Card("36227206271667", (), "diners"),
    Card("3566002020360505", ("jcb",), "jcb", country="JP"),
    Card("6200000000000005", ("unionpay",), "unionpay", country="CN"),
    Card("6200000000000047", ("unionpay_debit",), "unionpay", "debit", "CN"),
)
_COUNTRIES: Final = tuple(
    Card(number, (country.lower(),), country=country)
    for country, number in {
        "AR": "4000000320000021", "BR": "4000000760000002", "CA": "4000001240000000", "CL": "4000001520000001",
        "CO": "4000001700000003", "MX": "4000004840008001", "AT": "4000000400000008", "BE": "4000000560000004",
        "DK": "4000002080000001", "FI": "4000002460000001", "FR": "4000002500000003", "DE": "4000002760000016",
        "IE": "4000003720000005", "IT": "4000003800000008", "NL": "4000005280000002", "NO": "4000005780000007",
        "PL": "4000006160000005", "PT": "4000006200000007", "ES": "4000007240000007", "SE": "4000007520000008",
        "CH": "4000007560000009", "GB": "4000008260000000", "AU": "4000000360000006", "HK": "4000003440000004",
        "IN": "4000003560000008", "JP": "4000003920000003", "NZ": "4000005540000008", "SG": "4000007020000003",
    }.items()
)  # fmt: skip
_DECLINING: Final = (
    _declining("4000000000000002", "chargeDeclined", "generic_decline"),
    _declining("4000000000009995", "chargeDeclinedInsufficientFunds", "insufficient_funds"),
    _declining("4000000000009987", "chargeDeclinedLostCard", "lost_card"),
    _declining("4000000000009979", "chargeDeclinedStolenCard", "stolen_card"),
    _declining("4000000000000069", "chargeDeclinedExpiredCard", "expired_card"),
    _declining("4000000000000127", "chargeDeclinedIncorrectCvc", "incorrect_cvc"),
    _declining("4000000000000119", "chargeDeclinedProcessingError", "processing_error"),
    _declining("4000000000006975", "chargeDeclinedVelocityLimitExceeded", "card_velocity_exceeded"),
    _declining("4000000000000341", "chargeCustomerFail", "generic_decline", on_attach=False),
    Card("4100000000000019", ("radarBlock", "chargeDeclinedFraudulent"), decline="fraudulent", risk="highest"),
    Card("4000000000004954", ("riskLevelHighest",), decline="fraudulent", risk="highest"),
)
_SPECIAL: Final = (
    Card("4000000000009235", ("riskLevelElevated",), risk="elevated"),
    Card("4000000000000101", ("cvcCheckFail",), cvc_check="fail"),
    Card("4000000000000036", ("avsZipFail",), postal_check="fail"),
    Card("4000000000000028", ("avsLine1Fail",), line1_check="fail"),
    Card("4000000000000010", ("avsFail",), line1_check="fail", postal_check="fail"),
    Card("4000000000000044", ("avsUnchecked",), line1_check="unavailable", postal_check="unavailable"),
    Card("4000000000000259", ("createDispute",), dispute="fraudulent"),
    Card("4000000000002685", ("createDisputeProductNotReceived",), dispute="product_not_received"),
    Card("4000000000001976", ("createDisputeInquiry",), dispute="fraudulent", is_inquiry=True),
    Card("4000000000005423", ("createIssuerFraudRecord",)),
    Card("4000000000007726", ("pendingRefund",), refund="pending"),
    Card("4000000000005126", ("refundFail",), refund="fails"),
    Card("4000000000000077", ("bypassPending",), skips_pending=True),
    Card("4000003720000278", ("bypassPendingInternational",), country="IE", skips_pending=True),
    Card("4000002760003184", ("authenticationRequired",), country="DE", authentication="always"),
    Card("4000002500003155", ("authenticationRequiredOnSetup",), country="FR", authentication="unless_set_up"),
    Card("4000003800000446", ("authenticationRequiredSetupForOffSession",), country="IT", authentication="on_session"),
    _declining(
        "4000008260003178",
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        "insufficient_funds",
        on_attach=False,
        authentication="always",
    ),
    Card("4000000000003220", ("threeDSecure2Required",), authentication="always"),
    Card("4000000000003063", ("threeDSecureRequired",), authentication="always"),
    _declining(
        "4000008400001629",
        "threeDSecureRequiredChargeDeclined",
        "generic_decline",
        on_attach=False,
        authentication="always",
    ),
    Card("4000000000003055", ("threeDSecureOptional",)),
)

CARDS: Final = (*_PLAIN, *_COUNTRIES, *_DECLINING, *_SPECIAL)
_BY_NAME: Final = {name: card for card in CARDS for name in card.names}
_BY_NUMBER: Final = {card.number: card for card in CARDS}
_BY_FINGERPRINT: Final = {card.fingerprint: card for card in CARDS}


def by_name(name: str) -> Card | None:
    """The card that `pm_card_<name>` and `tok_<name>` mean, or None."""
    return _BY_NAME.get(name) or _BY_NAME.get(name.removeprefix("visa_"))


def by_number(number: str) -> Card | None:
    """The test card of that number, or None."""
    return _BY_NUMBER.get(number)


def by_fingerprint(fingerprint: str | None) -> Card:
    """The card that a stored payment method was made of; the plain Visa for one that was seeded without."""
    return _BY_FINGERPRINT.get(fingerprint or "", _PLAIN[0])


def is_card_number(number: str) -> bool:
    """Whether the digits pass the check that every card number passes (Luhn)."""
    if not number.isascii() or not number.isdigit() or not 12 <= len(number) <= 19:
        return False
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
