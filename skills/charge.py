"""A charge as Stripe keeps it: what was given back of it."""

from paydesk.skills.base import Json


def given_back(charge: Json) -> int:
    """What of a charge was refunded, in minor units.

    Of a hold that was let go Stripe says `amount_refunded`, too, though nothing had been taken; of the rest of a hold
    that was captured in part it does not.
    """
    return int(charge["amount_refunded"]) if charge["captured"] else 0
