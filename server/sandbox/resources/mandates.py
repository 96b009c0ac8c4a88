"""Mandates: a customer's word that a bank account may be debited."""

from typing import Any, Final

from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import Param, choice, clearable, mapping, required, text, timestamp
from paydesk.server.sandbox.routes import Resource

MANDATE: Final = Kind(
    name="mandate", prefix="mandate_", param="mandate", indexed=("payment_method",), expands=("payment_method",)
)
_MISSING: Final = (
    "This {name} requires a mandate, but no existing mandate was found. Collect mandate acceptance from the customer "
    "and try again, providing acceptance data in the mandate_data parameter."
)

resource = Resource()


def data(*, is_online_told: bool = True) -> Param:
    """What intents take as `mandate_data`; on confirming, what is told of the browser may be left out."""
    told = required(text()) if is_online_told else text()
    acceptance = {
        "accepted_at": timestamp(),
        "offline": clearable(mapping({})),
        "online": mapping({"ip_address": told, "user_agent": told}),
        "type": required(choice("offline", "online")),
    }
    return clearable(mapping({"customer_acceptance": required(mapping(acceptance))}))


@resource.get("/v1/mandates/{mandate}")
def retrieve(call: Call, mandate: str) -> Answer:
    """One mandate."""
    return call.get("mandate", mandate)


def given(call: Call, intent: Object, method: Object, sent: dict[str, Any]) -> str | None:
    """The mandate of a debit: the one that `mandate_data` accepts now, or the payment method's own; else StripeError.

    None for a card, which needs none.
    """
    if method["type"] == "card":
        return None
    accepted = (sent.get("mandate_data") or {}).get("customer_acceptance")
    if accepted is None:
        known: str | None = method.get("_mandate")
        if "mandate" in sent:
            known = call.mention("mandate", sent["mandate"], "mandate")["id"]
            if call.get("mandate", sent["mandate"])["payment_method"] != method["id"]:
                raise StripeError("The mandate provided is for another PaymentMethod.", param="mandate")
        if known is None:
            name = "PaymentIntent" if intent["object"] == "payment_intent" else "SetupIntent"
            raise StripeError(_MISSING.format(name=name), code=f"{intent['object']}_mandate_invalid")
        return known
    lasts = intent["object"] == "setup_intent" or bool(intent["setup_future_usage"])
    mandate = call.create(_object(call, intent, method, accepted, lasts=lasts))
    if lasts:
        method["_mandate"] = mandate["id"]
        call.save(method)
    return str(mandate["id"])


def _object(call: Call, intent: Object, method: Object, accepted: dict[str, Any], *, lasts: bool) -> Object:
    kind, how = method["type"], accepted["type"]
    identifier = call.new_id("mandate_1", 23)
    details: Object = {}
    if kind == "sepa_debit":
        details = {"reference": call.new_id("", 16).upper(), "url": f"https://hooks.stripe.com/mandate/{identifier}"}
    acceptance: Object = {"accepted_at": accepted.get("accepted_at", call.now), "type": how}
    if how == "online":
        online = accepted.get("online") or {}
        acceptance["online"] = {"ip_address": online.get("ip_address"), "user_agent": online.get("user_agent")}
    else:
        acceptance["offline"] = {}
    mandate: Object = {
        "id": identifier,
        "object": "mandate",
        "customer_acceptance": acceptance,
        "livemode": False,
        "payment_method": method["id"],
        "payment_method_details": {kind: details, "type": kind},
        "status": "active",
        "type": "multi_use" if lasts else "single_use",
    }
    if lasts:
        mandate["multi_use"] = {}
    else:
        mandate["single_use"] = {"amount": intent["amount"], "currency": intent["currency"]}
    return mandate
