"""Terminal: locations, configurations, connection tokens (https://docs.stripe.com/api/terminal)."""

from typing import Any, Final

from paydesk.server.sandbox import lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing_parameter
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.params import (
    ADDRESS_FIELDS,
    PAGING,
    boolean,
    clearable,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
    unserved,
    whole_address,
)
from paydesk.server.sandbox.routes import Resource

LOCATION: Final = Kind(
    name="terminal.location",
    prefix="tml_",
    called="location",
    param="location",
    shows=lambda _call, body: visible(body),
)
CONFIGURATION: Final = Kind(
    name="terminal.configuration",
    prefix="tmc_",
    called="configuration",
    param="configuration",
    indexed=("is_account_default",),
    expands=(
        "bbpos_wisepad3.splashscreen",
        "bbpos_wisepos_e.splashscreen",
        "stripe_s700.splashscreen",
        "stripe_s710.splashscreen",
        "verifone_m425.splashscreen",
        "verifone_p400.splashscreen",
        "verifone_p630.splashscreen",
        "verifone_ux700.splashscreen",
        "verifone_v660p.splashscreen",
    ),
)

resource = Resource()

_ADDRESS: Final = {part: clearable(text()) for part in ADDRESS_FIELDS}
_FIELDS: Final = {
    "address": mapping(_ADDRESS),
    "configuration_overrides": clearable(text()),
    "display_name": clearable(text()),
    "metadata": metadata(),
    "phone": clearable(text()),
    **unserved("address_kana", "address_kanji", "display_name_kana", "display_name_kanji"),
}


@resource.post("/v1/terminal/locations", {**_FIELDS, "address": mapping({**_ADDRESS, "country": required(text())})})
def create(call: Call) -> Answer:
    """A place where readers stand."""
    sent = call.params
    for name in ("address", "display_name"):
        if not sent.get(name):
            raise missing_parameter(name)
    location: Object = {
        "id": call.new_id("tml_", 14),
        "object": "terminal.location",
        "address": whole_address(sent["address"]),
        "display_name": sent["display_name"],
        "livemode": False,
        "metadata": merged_metadata({}, sent.get("metadata") or {}),
    }
    return call.create(_optional(call, location, sent))


def _optional(call: Call, location: Object, sent: dict[str, Any]) -> Object:
    if sent.get("configuration_overrides"):
        call.mention("terminal.configuration", sent["configuration_overrides"], "configuration_overrides")
    for name in ("configuration_overrides", "phone"):
        if sent.get(name) is not None:
            location[name] = sent[name]
        elif name in sent:
            location.pop(name, None)
    return location


@resource.get("/v1/terminal/locations", PAGING)
def list_all(call: Call) -> Answer:
    """Locations, newest first."""
    return lists.page(call, "terminal.location")


@resource.get("/v1/terminal/locations/{location}")
def retrieve(call: Call, location: str) -> Answer:
    """One location, or the stub of a deleted one."""
    return call.get("terminal.location", location)


@resource.post("/v1/terminal/locations/{location}", _FIELDS)
def update(call: Call, location: str) -> Answer:
    """Change a location."""
    found = call.mention("terminal.location", location, "location")
    sent = call.params
    if "address" in sent:
        country = sent["address"].get("country")
        if country and country != found["address"]["country"]:
            raise StripeError("The country of a location cannot be changed.", param="address[country]")
        found["address"] = {**found["address"], **sent["address"]}
    if sent.get("display_name"):
        found["display_name"] = sent["display_name"]
    if "metadata" in sent:
        found["metadata"] = merged_metadata(found["metadata"], sent["metadata"])
    return call.save(_optional(call, found, sent))


@resource.delete("/v1/terminal/locations/{location}")
def delete(call: Call, location: str) -> Answer:
    """Delete a location at which no reader stands."""
    found = call.mention("terminal.location", location, "location")
    if call.every("terminal.reader", {"location": location}, limit=1):
        raise StripeError("You cannot delete a location that has readers.", param="location")
    return call.delete(found)


_SPLASH: Final = clearable(mapping({"splashscreen": clearable(text())}))
_DEVICES: Final = (
    *("bbpos_wisepad3", "bbpos_wisepos_e", "stripe_s700", "stripe_s710", "verifone_m425", "verifone_p400"),
    *("verifone_p630", "verifone_ux700", "verifone_v660p"),
)
_TIP: Final = mapping(
    {
        "fixed_amounts": list_of(integer(0)),
        "percentages": list_of(integer(0, 100)),
        "smart_tip_threshold": integer(0),
    }
)
_TIPPED: Final = (
    *("aed", "aud", "cad", "chf", "czk", "dkk", "eur", "gbp", "gip", "hkd", "huf", "jpy", "mxn", "myr", "nok", "nzd"),
    *("pln", "ron", "sek", "sgd", "usd"),
)
_CONFIGURATION: Final = {
    **dict.fromkeys(_DEVICES, _SPLASH),
    "cellular": clearable(mapping({"enabled": required(boolean())})),
    "name": text(100),
    "offline": clearable(mapping({"enabled": required(boolean())})),
    "reboot_window": clearable(mapping({"end_hour": required(integer(0, 23)), "start_hour": required(integer(0, 23))})),
    "tipping": clearable(mapping(dict.fromkeys(_TIPPED, _TIP))),
    **unserved("wifi"),
}


def _configure(configuration: Object, sent: dict[str, Any]) -> Object:
    for name in _CONFIGURATION:
        if name in sent and name != "wifi":
            if sent[name] is None:
                configuration.pop(name, None)
            elif name in _DEVICES:
                configuration[name] = {key: value for key, value in sent[name].items() if value is not None}
            else:
                configuration[name] = sent[name]
    return configuration


@resource.post("/v1/terminal/configurations", _CONFIGURATION)
def create_configuration(call: Call) -> Answer:
    """How readers are to behave."""
    configuration: Object = {
        "id": call.new_id("tmc_", 14),
        "object": "terminal.configuration",
        "is_account_default": False,
        "livemode": False,
        "name": None,
    }
    return call.create(_configure(configuration, call.params))


@resource.get("/v1/terminal/configurations", {**PAGING, "is_account_default": boolean()})
def list_configurations(call: Call) -> Answer:
    """Configurations, newest first."""
    return lists.page(call, "terminal.configuration", {"is_account_default": call.params.get("is_account_default")})


@resource.get("/v1/terminal/configurations/{configuration}")
def retrieve_configuration(call: Call, configuration: str) -> Answer:
    """One configuration, or the stub of a deleted one."""
    return call.get("terminal.configuration", configuration)


@resource.post("/v1/terminal/configurations/{configuration}", _CONFIGURATION)
def update_configuration(call: Call, configuration: str) -> Answer:
    """Change a configuration."""
    found = call.mention("terminal.configuration", configuration, "configuration")
    return call.save(_configure(found, call.params))


@resource.delete("/v1/terminal/configurations/{configuration}")
def delete_configuration(call: Call, configuration: str) -> Answer:
    """Delete a configuration."""
    return call.delete(call.mention("terminal.configuration", configuration, "configuration"))


@resource.post("/v1/terminal/connection_tokens", {"location": text()})
def create_connection_token(call: Call) -> Answer:
    """A secret with which an app connects to readers, of one location if that is named."""
    token: Object = {
        "object": "terminal.connection_token",
        "secret": f"pst_test_{call.new_id('', 40)}",
    }
    if "location" in call.params:
        token["location"] = call.mention("terminal.location", call.params["location"], "location")["id"]
    return token
