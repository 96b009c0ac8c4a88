"""Setting and clearing faults for coming requests. Ours, beside Stripe's paths: `/_sandbox/faults`."""

from paydesk.server.sandbox import faults
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.routes import Resource

resource = Resource()


@resource.post("/_sandbox/faults", faults.DECLARATION)
def create(call: Call) -> Answer:
    """Let something go wrong for the next `times` requests that fit."""
    fault = faults.add(call.store, {name: value for name, value in call.params.items() if name != "expand"})
    return {"object": "sandbox.fault", "kind": fault.kind, "times": fault.times}


@resource.delete("/_sandbox/faults")
def delete(call: Call) -> Answer:
    """Let everything go well again."""
    faults.clear(call.store)
    return {"object": "sandbox.fault", "deleted": True}
