"""Ephemeral keys: what a phone's library is given to act for one customer."""

from typing import Final

from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import text, unserved
from paydesk.server.sandbox.routes import Resource

LIVES_S: Final = 3_600
EPHEMERAL_KEY: Final = Kind(name="ephemeral_key", prefix="ephkey_", called="ephemeral key", param="key")

resource = Resource()


@resource.post("/v1/ephemeral_keys", {"customer": text(), **unserved("issuing_card", "nonce", "verification_session")})
def create(call: Call) -> Answer:
    """A key for one customer that ends after an hour; requests here are made with a secret key all the same."""
    if "customer" not in call.params:
        raise StripeError("You must provide a customer to create an ephemeral key for.", param="customer")
    call.mention("customer", call.params["customer"], "customer")
    identifier = call.new_id("ephkey_1", 23)
    key: Object = {
        "id": identifier,
        "object": "ephemeral_key",
        "created": call.now,
        "expires": call.now + LIVES_S,
        "livemode": False,
        "secret": f"ek_test_{call.new_id('', 40)}",
    }
    return call.create(key)


@resource.delete("/v1/ephemeral_keys/{key}")
def delete(call: Call, key: str) -> Answer:
    """End a key before its time."""
    found = call.get("ephemeral_key", key)
    if found.get("deleted"):
        raise StripeError(f"No such ephemeral key: '{key}'", status=404, code="resource_missing", param="key")
    ended = {**found, "expires": min(found["expires"], call.now)}
    call.delete(found)
    return ended
