"""Tax codes: what kind of thing a product is to the taxman. A few of Stripe's, the same in every account."""

from typing import Final

from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import missing
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import PAGING
from paydesk.server.sandbox.resources.invoice_lines import page_of
from paydesk.server.sandbox.routes import Resource

NONTAXABLE: Final = "txcd_00000000"
_KNOWN: Final = {
    NONTAXABLE: ("Nontaxable", "Any nontaxable good or service, e.g. a fee that is not for a supply."),
    "txcd_10000000": ("General - Electronically Supplied Services", "A service supplied through the internet."),
    "txcd_10103000": ("Software as a service (SaaS) - personal use", "Software run by the seller, for private use."),
    "txcd_10103001": ("Software as a service (SaaS) - business use", "Software run by the seller, for a business."),
    "txcd_10201000": ("Video Games - downloaded", "A game that the customer downloads."),
    "txcd_10302000": ("Digital Books - downloaded", "A book that the customer downloads and keeps."),
    "txcd_20030000": ("General - Services", "A service that is not supplied electronically."),
    "txcd_92010001": ("Shipping", "Delivery of goods to the customer."),
    "txcd_99999999": ("General - Tangible Goods", "A thing that can be touched and moved."),
}

resource = Resource()


@resource.get("/v1/tax_codes", PAGING)
def list_all(call: Call) -> Answer:
    """All tax codes of the sandbox."""
    return page_of(call, [_object(code) for code in _KNOWN], "tax code")


@resource.get("/v1/tax_codes/{id}")
def retrieve(_call: Call, id: str) -> Answer:  # noqa: A002 - Stripe's name of the parameter
    """One tax code."""
    if id not in _KNOWN:
        raise missing("tax code", id, "id")
    return _object(id)


def _object(code: str) -> Object:
    name, description = _KNOWN[code]
    return {"id": code, "object": "tax_code", "description": description, "name": name}
