"""The account's tax settings: where it sits, and what it sells where a product does not say."""

from copy import deepcopy
from typing import Final

from paydesk.server.sandbox import tax_places
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.events import previous_attributes
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import address, choice, mapping, required, text, whole_address
from paydesk.server.sandbox.routes import Resource

_UPDATE: Final = {
    "defaults": mapping({"tax_behavior": choice("exclusive", "inclusive", "inferred_by_currency"), "tax_code": text()}),
    "head_office": mapping({"address": required(address())}),
}

resource = Resource()


@resource.get("/v1/tax/settings")
def retrieve(call: Call) -> Answer:
    """The settings; pending until the head office and a default tax code are known."""
    return tax_places.settings(call)


@resource.post("/v1/tax/settings", _UPDATE)
def update(call: Call) -> Answer:
    """Change the settings."""
    sent = call.params
    found = tax_places.settings(call)
    if call.find("tax.settings", tax_places.SETTINGS_ID) is None:
        found = call.create(found)
    before = deepcopy(found)
    found["defaults"].update(sent.get("defaults", {}))
    if "head_office" in sent:
        found["head_office"] = {"address": whole_address(sent["head_office"]["address"])}
    missing = [] if found["head_office"] else ["head_office"]
    missing += [] if found["defaults"]["tax_code"] else ["defaults.tax_code"]
    found["status"] = "pending" if missing else "active"
    found["status_details"] = {"pending": {"missing_fields": missing}} if missing else {"active": {}}
    if found != before:
        call.save(found)
        # The settings have no id to Stripe.
        call.emit("tax.settings.updated", _without_id(found), _without_id(previous_attributes(before, found)))
    return found


def _without_id(body: Object) -> Object:
    return {name: value for name, value in body.items() if name != "id"}
