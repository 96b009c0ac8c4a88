"""Microdeposits: two small amounts, or one with a code, that prove who owns a bank account that was only typed in.

The values that work are Stripe's for testing (docs.stripe.com/payments/ach-direct-debit, "Test microdeposit amounts").
"""

from typing import Any, Final

from paydesk.server.sandbox import instruments, ledger
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.debits import SOON_S, Bank
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object, visible
from paydesk.server.sandbox.params import integer, list_of, text

TAKES: Final = {"amounts": list_of(integer(0)), "client_secret": text(), "descriptor_code": text()}
_GOOD: Final = ([32, 45], "SM11AA")
_TOO_OFTEN: Final = ([10, 11], "SM33CC")
_TIMED_OUT: Final = ([40, 41], "SM44DD")
_CODE_LENGTH: Final = 6


def next_action(call: Call, intent: Object) -> Object:
    """The customer is to look for a deposit with a code in its descriptor."""
    where = call.origin or "https://payments.stripe.com"
    return {
        "type": "verify_with_microdeposits",
        "verify_with_microdeposits": {
            "arrival_date": ledger.settles_at(call.now, 2),
            "hosted_verification_url": f"{where}/_sandbox/pages/authenticate/{intent['id']}",
            "microdeposit_type": "descriptor_code",
        },
    }


def send(call: Call, intent: Object, method: Object) -> None:
    """Two small amounts are on their way, unless the bank refuses them (`usBankAccount_failMicrodeposits`)."""
    bank = instruments.of(method)
    if isinstance(bank, Bank) and bank.refuses_microdeposits:
        call.later(call.now + SOON_S, f"microdeposits.bounced.{intent['object']}", intent=intent["id"])


def failure(method: Object) -> Object:
    """What an intent keeps as its last error when the deposits did not arrive."""
    return {
        "code": "payment_method_microdeposit_failed",
        "doc_url": "https://stripe.com/docs/error-codes/payment-method-microdeposit-failed",
        "message": "Microdeposits failed. Please check the account number and the routing number.",
        "payment_method": visible(method),
        "type": "invalid_request_error",
    }


def verify(call: Call, intent: Object, sent: dict[str, Any]) -> Object:
    """Check what the customer found; the payment method, verified. StripeError in Stripe's words where it is wrong."""
    name = "PaymentIntent" if intent["object"] == "payment_intent" else "SetupIntent"
    carried = {intent["object"]: intent}
    if intent["status"] != "requires_action":
        raise StripeError(
            f"This {name} cannot be actioned on because it has a status of {intent['status']}. Only a {name} with one "
            'of the following statuses may be actioned on: ["requires_action"].',
            code="intent_invalid_state",
            extra=carried,
        )
    if (intent["next_action"] or {}).get("type") != "verify_with_microdeposits":
        raise StripeError(f"This {name} cannot be verified with microdeposits.", extra=carried)
    given = _given(sent)
    if given == _GOOD[isinstance(given, str)]:
        method = call.get("payment_method", intent["payment_method"])
        method["_unverified"] = False
        call.save(method)
        return method
    codes = (
        (_TOO_OFTEN, "payment_method_microdeposit_verification_attempts_exceeded", "You have exceeded the number of"
         " allowed verification attempts."),
        (_TIMED_OUT, "payment_method_microdeposit_verification_timeout", "The microdeposit verification timed out."),
    )  # fmt: skip
    for values, code, message in codes:
        if given == values[isinstance(given, str)]:
            raise StripeError(message, code=code, extra=carried)
    if isinstance(given, str):
        raise StripeError(
            "The descriptor code you provided does not match the one that was sent to the bank account.",
            code="payment_method_microdeposit_verification_descriptor_code_mismatch",
            extra=carried,
        )
    raise StripeError(
        "The amounts provided do not match the amounts that were sent to the bank account.",
        code="payment_method_microdeposit_verification_amounts_mismatch",
        extra=carried,
    )


def _given(sent: dict[str, Any]) -> list[int] | str:
    if "descriptor_code" in sent:
        code: str = sent["descriptor_code"].upper()
        if not code.startswith("SM") or len(code) != _CODE_LENGTH:
            raise StripeError("The descriptor code must be six characters that begin with SM.", param="descriptor_code")
        return code
    amounts: list[int] = sent.get("amounts", [])
    if len(amounts) != len(_GOOD[0]):
        raise StripeError("You must provide two amounts, or a descriptor_code.", param="amounts")
    return sorted(amounts)


def is_needed(method: Object) -> bool:
    """Whether a bank account must be verified before it is charged."""
    return bool(method.get("_unverified"))
