"""Tax rates: percentages that invoices, their lines and subscriptions are taxed by. taxing.py computes with them."""

from typing import Final

from paydesk.server.sandbox import lists, taxing
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.conditions import Sql, all_of, one_of
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    LISTING,
    boolean,
    choice,
    clearable,
    decimal,
    merged_metadata,
    metadata,
    required,
    text,
)
from paydesk.server.sandbox.routes import Resource


def shown(_call: Call, rate: Object) -> Object:
    """Without the note by which automatic tax finds its rates again."""
    rate.pop("_automatic", None)
    return rate


TAX_RATE: Final = Kind(
    name="tax_rate",
    prefix="txr_",
    called="tax rate",
    param="tax_rate",
    indexed=("active", "_automatic"),
    shows=shown,
)

TAX_TYPES: Final = (
    *("amusement_tax", "communications_tax", "gst", "hst", "igst", "jct", "lease_tax", "mass_transit_parking_tax"),
    *("parking_tax", "pst", "qst", "retail_delivery_fee", "rst", "sales_tax", "service_tax", "vat"),
)
_SAID: Final = {
    "active": boolean(),
    "country": clearable(text()),
    "description": clearable(text()),
    "jurisdiction": clearable(text(50)),
    "metadata": metadata(),
    "state": clearable(text()),
    "tax_type": clearable(choice(*TAX_TYPES)),
}
_CREATE: Final = {
    **_SAID,
    "display_name": required(text(50)),
    "inclusive": required(boolean()),
    "percentage": required(decimal(minimum="0", maximum="100")),
}
_UPDATE: Final = {**_SAID, "display_name": text(50)}
_PLAIN: Final = ("active", "country", "description", "display_name", "jurisdiction", "state", "tax_type")

resource = Resource()


@resource.post("/v1/tax_rates", _CREATE)
def create(call: Call) -> Answer:
    """A new tax rate; its percentage and whether prices include it never change."""
    sent = call.params
    rate = taxing.rate_object(
        call.new_id("txr_"), call.now, sent["display_name"], sent["percentage"], inclusive=sent["inclusive"]
    )
    rate.update({name: sent[name] for name in _PLAIN if name in sent})
    rate["metadata"] = merged_metadata({}, sent.get("metadata", {}))
    return call.create(rate, emits="tax_rate.created")


@resource.get("/v1/tax_rates", {**LISTING, "active": boolean(), "inclusive": boolean()})
def list_all(call: Call) -> Answer:
    """Tax rates, newest first, by whether they are active and inclusive."""
    sent = call.params
    # Rates that taxes were computed with automatically are not the merchant's own.
    conditions: list[Sql] = [("json_extract(o.body, '$._automatic') IS NULL", [])]
    if "inclusive" in sent:
        conditions.append(one_of("inclusive", [int(sent["inclusive"])]))
    return lists.page(call, "tax_rate", {"active": sent.get("active")}, matching=all_of(conditions))


@resource.get("/v1/tax_rates/{tax_rate}")
def retrieve(call: Call, tax_rate: str) -> Answer:
    """One tax rate."""
    return call.get("tax_rate", tax_rate)


@resource.post("/v1/tax_rates/{tax_rate}", _UPDATE)
def update(call: Call, tax_rate: str) -> Answer:
    """Change what is said of a rate, or archive it."""
    found = call.get("tax_rate", tax_rate)
    sent = call.params
    found.update({name: sent[name] for name in _PLAIN if name in sent})
    if "metadata" in sent:
        found["metadata"] = merged_metadata(found["metadata"], sent["metadata"])
    return call.save(found, emits="tax_rate.updated")
