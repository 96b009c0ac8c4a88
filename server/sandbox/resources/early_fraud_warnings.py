"""Early fraud warnings: the card's bank suspects fraud (`pm_card_createIssuerFraudRecord`); nothing is disputed yet."""

from typing import Final

from paydesk.server.sandbox import lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import LISTING, text
from paydesk.server.sandbox.routes import Resource

EARLY_FRAUD_WARNING: Final = Kind(
    name="radar.early_fraud_warning",
    prefix="issfr_",
    called="early fraud warning",
    param="early_fraud_warning",
    indexed=("charge", "payment_intent"),
    expands=("charge", "payment_intent"),
)

resource = Resource()


def warn(call: Call, charge: Object) -> Object:
    """Record a warning about a charge, and tell of it."""
    warning: Object = {
        "id": call.new_id("issfr_1", 23),
        "object": "radar.early_fraud_warning",
        "actionable": True,
        "charge": charge["id"],
        "created": call.now,
        "fraud_type": "misc",
        "livemode": False,
    }
    if charge["payment_intent"]:
        warning["payment_intent"] = charge["payment_intent"]
    return call.create(warning, emits="radar.early_fraud_warning.created")


@resource.get("/v1/radar/early_fraud_warnings", {**LISTING, "charge": text(), "payment_intent": text()})
def list_all(call: Call) -> Answer:
    """Warnings by charge or payment intent."""
    where = {name: call.params.get(name) for name in ("charge", "payment_intent")}
    return lists.page(call, "radar.early_fraud_warning", where)


@resource.get("/v1/radar/early_fraud_warnings/{early_fraud_warning}")
def retrieve(call: Call, early_fraud_warning: str) -> Answer:
    """One warning."""
    return call.get("radar.early_fraud_warning", early_fraud_warning)
