"""Stripe's test cards (https://docs.stripe.com/testing): what each is, and what happens when it is used.

A card is found by number, by token (`tok_visa`), by payment method (`pm_card_visa`), and, once a payment method has
been made of it, by fingerprint. `pm_card_visa_chargeDeclined` and `pm_card_chargeDeclined` are the same card.
"""

from dataclasses import dataclass
from typing import Final

from paydesk.server.sandbox.card_table import CARDS, Card


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


_BY_NAME: Final = {name: card for card in CARDS for name in card.names}
# Of several cards under one number (a token names the others) the number means the first.
_BY_NUMBER: Final = {card.number: card for card in reversed(CARDS)}
_BY_FINGERPRINT: Final = {card.fingerprint: card for card in CARDS}


def by_name(name: str) -> Card | None:
    """The card that `pm_card_<name>` and `tok_<name>` mean, or None."""
    return _BY_NAME.get(name) or _BY_NAME.get(name.removeprefix("visa_"))


def by_number(number: str) -> Card | None:
    """The test card of that number, or None."""
    return _BY_NUMBER.get(number)


def by_fingerprint(fingerprint: str | None) -> Card:
    """The card that a stored payment method was made of; the plain Visa for one that was seeded without."""
    return _BY_FINGERPRINT.get(fingerprint or "", CARDS[0])


def is_card_number(number: str) -> bool:
    """Whether the digits pass the check that every card number passes (Luhn)."""
    if not number.isascii() or not number.isdigit() or not 12 <= len(number) <= 19:
        return False
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
