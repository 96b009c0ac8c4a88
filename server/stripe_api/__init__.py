"""The only door to Stripe: one client, explicit timeouts and retries, a rate limit, errors of our tree."""

from paydesk.server.stripe_api.client import StripeDoor
from paydesk.server.stripe_api.opening import open_door

__all__ = ["StripeDoor", "open_door"]
