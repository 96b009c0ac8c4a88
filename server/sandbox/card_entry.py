"""A card as a request gives it, by number or by token: which test card that is, or why it cannot be taken."""

from typing import Any, Final

from paydesk.server.sandbox import cards
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.card_table import Card
from paydesk.server.sandbox.errors import StripeError, missing, missing_parameter
from paydesk.server.sandbox.kinds import Object

_LIVE_CARD: Final = (
    "Your card was declined. Your request was in test mode, but used a non test (live) card. "
    "For a list of valid test cards, visit: https://stripe.com/docs/testing."
)
_YEAR_S: Final = 31_556_952
_TOKEN_USED: Final = "You cannot use a Stripe token more than once: {}."  # noqa: S105 - words, not a secret


def of_token(call: Call, token: str, param: str) -> tuple[Card, Object]:
    """The card of `tok_visa` and its like, or of a token made by `POST /v1/tokens`, which is used up by this."""
    card = cards.by_name(token.removeprefix("tok_")) if token.startswith("tok_") else None
    if card:
        return card, {}
    made = call.find("token", token)
    if made is None or made["type"] != "card":
        raise missing("token", token, param, status=400)
    if made["used"]:
        raise StripeError(_TOKEN_USED.format(token), code="token_already_used")
    made["used"] = True
    call.save(made)
    stored = made["card"]
    details = {name: stored[name] for name in ("exp_month", "exp_year")}
    return cards.by_fingerprint(stored["fingerprint"]), {**details, **made.get("_entered", {})}


def of_number(call: Call, sent: dict[str, Any], prefix: str = "card") -> tuple[Card, Object]:
    """The test card of a number, with its expiry; `_without_cvc` notes that no security code came with it."""
    for name in ("number", "exp_month", "exp_year"):
        if name not in sent:
            raise missing_parameter(f"{prefix}[{name}]")
    check_expiry(call, sent["exp_month"], sent["exp_year"])
    cvc = sent.get("cvc")
    if cvc is not None and not (cvc.isascii() and cvc.isdigit() and 3 <= len(cvc) <= 4):
        raise refused("invalid_cvc", "Your card's security code is invalid.", "cvc")
    number = sent["number"].replace(" ", "").replace("-", "")
    if not cards.is_card_number(number):
        raise refused("incorrect_number", "Your card number is incorrect.", "number")
    card = cards.by_number(number)
    if card is None:
        # A real card has no place here: refuse it as Stripe's test mode does.
        raise refused("card_declined", _LIVE_CARD, "number", decline_code="test_mode_live_card")
    entered: Object = {"exp_month": sent["exp_month"], "exp_year": full_year(sent["exp_year"])}
    if cvc is None:
        entered["_without_cvc"] = True
    return card, entered


def check_expiry(call: Call, month: int, year: int) -> None:
    """402 for a month or year that no card has."""
    this_year = 1970 + call.now // _YEAR_S
    if not 1 <= month <= 12:
        raise refused("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    if not this_year <= full_year(year) <= this_year + 50:
        raise refused("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year")


def full_year(year: int) -> int:
    """2031 for 31."""
    return year + 2000 if 0 <= year < 100 else year


def refused(code: str, message: str, param: str | None, *, decline_code: str | None = None) -> StripeError:
    """A card error, 402."""
    extra = {"decline_code": decline_code} if decline_code else {}
    return StripeError(message, status=402, type="card_error", code=code, param=param, extra=extra)
