"""Tax registrations: where the account collects tax. Create, retrieve, change when it is active, list."""

from typing import Any, Final

from paydesk.server.sandbox import lists, tax_places, tax_table
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.conditions import Sql
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    PAGING,
    Param,
    Shape,
    choice,
    clearable,
    list_of,
    mapping,
    required,
    table,
    text,
    timestamp,
)
from paydesk.server.sandbox.routes import Resource

_WITH_SCHEMES: Final = "AE AU CH GB JP NO NZ SG"
_SIMPLIFIED: Final = (
    "AM AZ BJ BY CL CM CO CR CV EC EG GE ID IN KE KG KH KR KZ LA LK MA MD MX MY NG NP PE PH RU SA SN TH TJ TR TW TZ UA "
    "UG UZ VN ZM"
)
_WITHOUT_SCHEMES: Final = "AL AO AW BA BB BD BF BH BS CD ET GN IS ME MK MR OM RS SR UY ZA ZW"
_STANDARD, _SIMPLE, _PLAIN = (frozenset(one.split()) for one in (_WITH_SCHEMES, _SIMPLIFIED, _WITHOUT_SCHEMES))
_US: Final = (
    *("local_amusement_tax", "local_lease_tax", "mass_transit_parking_tax", "parking_tax"),
    *("state_communications_tax", "state_retail_delivery_fee", "state_sales_tax"),
)
_PLACE: Final = mapping({"jurisdiction": required(text())})
_SCHEME: Final = required(choice("inbound_goods", "small_seller", "standard"))
_ELECTION: Final = mapping(
    {
        "jurisdiction": text(),
        "type": required(choice("local_use_tax", "simplified_sellers_use_tax", "single_local_use_tax")),
    }
)
_OPTIONS: Final = mapping(
    {
        "igic": mapping({"place_of_supply_scheme": _SCHEME}),
        **dict.fromkeys(("local_amusement_tax", "local_lease_tax", "mass_transit_parking_tax", "parking_tax"), _PLACE),
        "province_standard": mapping({"province": required(text())}),
        "standard": mapping({"place_of_supply_scheme": _SCHEME}),
        "state": text(),
        "state_sales_tax": mapping({"elections": required(list_of(_ELECTION))}),
        "type": required(text()),
    }
)


def _moment() -> Param:
    """`now`, or seconds since 1970."""

    def read(value: Any, name: str) -> int | str:
        return "now" if value == "now" else int(timestamp().read(value, name))

    return Param(read, shape=Shape("either", (timestamp(), choice("now"))))


_CREATE: Final = {
    "active_from": required(_moment()),
    "country": required(text()),
    "country_options": required(table(_OPTIONS)),
    "expires_at": timestamp(),
}
_UPDATE: Final = {"active_from": _moment(), "expires_at": clearable(_moment())}
_LIST: Final = {**PAGING, "status": choice("active", "all", "expired", "scheduled")}

resource = Resource()


@resource.post("/v1/tax/registrations", _CREATE)
def create(call: Call) -> Answer:
    """Collect tax in a country, or in a state or a province of it, from a time on."""
    sent = call.params
    country = sent["country"].upper()
    options = _checked(country, sent["country_options"])
    registration: Object = {
        "id": call.new_id("taxreg_"),
        "object": "tax.registration",
        "active_from": _time(call, sent["active_from"]),
        "country": country,
        "country_options": {country.lower(): options},
        "created": call.now,
        "expires_at": sent.get("expires_at"),
        "livemode": False,
        "status": "active",
    }
    _check_span(registration)
    for other in call.every("tax.registration"):
        is_over = tax_places.status_of(other, call.now) == "expired"
        if not is_over and other["country_options"] == registration["country_options"]:
            raise StripeError(f"There is a registration like this already: {other['id']}.", param="country_options")
    return call.create(registration)


def _checked(country: str, sent: dict[str, Any]) -> Object:
    """The options of the one country that is meant; StripeError where they do not fit it."""
    kinds = _kinds(country)
    name = f"country_options[{country.lower()}]"
    if not kinds:
        raise StripeError(f"Tax registrations are not supported in {country[:2]}.", param="country")
    if list(sent) != [country.lower()]:
        raise StripeError(f"You must specify {name} and no other country.", param=name)
    options: Object = dict(sent[country.lower()])
    if options["type"] not in kinds:
        raise StripeError(f"Invalid {name}[type]: must be one of {', '.join(kinds)}", param=f"{name}[type]")
    if country == "US":
        options["state"] = options.get("state", "").upper()
        if tax_table.levies("US", options["state"]) is None:
            raise StripeError(f"Missing or unknown state: {name}[state].", param=f"{name}[state]")
    if options["type"] == "province_standard" and "province_standard" not in options:
        raise StripeError(f"Missing required param: {name}[province_standard].", param=f"{name}[province_standard]")
    if options["type"] == "standard" and (country in _STANDARD or country in tax_table.EU):
        options.setdefault("standard", {"place_of_supply_scheme": "standard"})
    return options


def _kinds(country: str) -> tuple[str, ...]:
    if country == "US":
        return _US
    if country == "CA":
        return ("province_standard", "simplified", "standard")
    if country in tax_table.EU:
        return ("ioss", "oss_non_union", "oss_union", "standard")
    if country in _SIMPLE:
        return ("simplified",)
    return ("standard",) if country in _STANDARD | _PLAIN else ()


def _time(call: Call, sent: int | str) -> int:
    return call.now if sent == "now" else int(sent)


def _check_span(registration: Object) -> None:
    if registration["expires_at"] is not None and registration["expires_at"] < registration["active_from"]:
        raise StripeError("`expires_at` must not be before `active_from`.", param="expires_at")


@resource.get("/v1/tax/registrations", _LIST)
def list_all(call: Call) -> Answer:
    """Registrations, newest first, by whether they are active; all of them by default."""
    over = ("coalesce(json_extract(o.body, '$.expires_at') <= ?, 0)", [call.now])
    begun = ("json_extract(o.body, '$.active_from') <= ?", [call.now])
    status: Sql | None = {
        "active": (f"{begun[0]} AND NOT {over[0]}", [call.now, call.now]),
        "scheduled": (f"NOT {begun[0]} AND NOT {over[0]}", [call.now, call.now]),
        "expired": over,
    }.get(call.params.get("status", "all"))
    return lists.page(call, "tax.registration", matching=status)


@resource.get("/v1/tax/registrations/{id}")
def retrieve(call: Call, id: str) -> Answer:  # noqa: A002 - Stripe's name of the parameter
    """One registration."""
    return call.get("tax.registration", id)


@resource.post("/v1/tax/registrations/{id}", _UPDATE)
def update(call: Call, id: str) -> Answer:  # noqa: A002 - Stripe's name of the parameter
    """Change from when and until when it is active."""
    found = call.get("tax.registration", id)
    sent = call.params
    if "active_from" in sent:
        found["active_from"] = _time(call, sent["active_from"])
    if "expires_at" in sent:
        found["expires_at"] = None if sent["expires_at"] is None else _time(call, sent["expires_at"])
    _check_span(found)
    return call.save(found)
