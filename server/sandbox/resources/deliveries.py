"""Deliveries as a test suite sees and steers them. Ours, under `/_sandbox/deliveries`."""

from typing import Any, Final

from paydesk.server.sandbox import deliveries
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.params import Param, boolean, choice, integer, text
from paydesk.server.sandbox.routes import Resource

DEFAULT_LIMIT: Final = 10

resource = Resource()


def _delays() -> Param:
    plain = text(200)

    def read(value: Any, name: str) -> tuple[int, ...]:
        try:
            return deliveries.read_retries(str(plain.read(value, name)))
        except ValueError as error:
            raise StripeError(f"Invalid {name}: {error}.", param=name) from None

    return Param(read)


@resource.get(
    "/_sandbox/deliveries",
    {
        "endpoint": text(),
        "event": text(),
        "limit": integer(1, 100),
        "starting_after": text(),
        "status": choice(*deliveries.STATUSES),
    },
)
def list_all(call: Call) -> Answer:
    """Deliveries of every account, newest first, with each attempt: by `event`, `endpoint`, `status`."""
    sent = call.params
    older = None
    if "starting_after" in sent:
        older = deliveries.number(sent["starting_after"])
        if older is None:
            raise missing("delivery", sent["starting_after"], "starting_after", status=400)
    where: dict[str, Any] = {name: sent[name] for name in ("endpoint", "event", "status") if name in sent}
    limit = sent.get("limit", DEFAULT_LIMIT)
    found = deliveries.listing(call.store, where, limit + 1, older)
    data = [one.shown() for one in found[:limit]]
    return {"object": "list", "data": data, "has_more": len(found) > limit, "url": call.path}


@resource.post("/_sandbox/deliveries", {"resend": text(), "retries": _delays(), "run": boolean()})
def steer(call: Call) -> Answer:
    """`resend` a delivery (`whd_...`) or all of an event's; `run` what waits now; `retries=1,5,60` sets the delays."""
    sent = call.params
    again = 0
    if "retries" in sent:
        deliveries.set_retries_s(call.store, sent["retries"])
    if "resend" in sent:
        again = deliveries.resend(call.store, sent["resend"])
        if not again:
            raise missing("delivery", sent["resend"], "resend", status=400)
    if sent.get("run"):
        again += deliveries.run_now(call.store)
    return {"object": "sandbox.deliveries", "queued": again, "retries": list(deliveries.retries_s(call.store))}
