"""A charge as Stripe keeps it: what was taken of it, and what was given back."""

from paydesk.skills.base import Json


def given_back(charge: Json) -> int:
    """What of a charge was refunded, in minor units, without the part of a hold that was let go.

    Stripe counts both as `amount_refunded`, from the moment that the last part of a hold is captured, or all of it is
    let go (https://docs.stripe.com/payments/place-a-hold-on-a-payment-method).
    """
    let_go = int(charge["amount"]) - int(charge["amount_captured"])
    counted = int(charge["amount_refunded"])
    return counted - let_go if counted >= let_go else counted
