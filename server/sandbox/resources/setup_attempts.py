"""Setup attempts: each try to set up a payment method."""

from paydesk.server.sandbox import lists, setting_up
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.params import LISTING, required, text
from paydesk.server.sandbox.routes import Resource

resource = Resource()


@resource.get("/v1/setup_attempts", {**LISTING, "setup_intent": required(text())})
def list_all(call: Call) -> Answer:
    """The attempts of one setup intent, newest first."""
    call.mention("setup_intent", call.params["setup_intent"], "setup_intent")
    return lists.page(call, setting_up.SETUP_ATTEMPT.name, {"setup_intent": call.params["setup_intent"]})
