"""The version of Stripe's API that this desk speaks and reads."""


def api_version() -> str:
    """The one that Stripe's library pins, such as `2026-10-28.endive`."""
    import stripe

    return str(stripe.api_version)
