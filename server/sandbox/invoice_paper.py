"""What stands on the paper of an invoice besides its lines: texts, number, addresses, the account's tax ids."""

from collections.abc import Mapping
from typing import Any, Final

from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    Declaration,
    address,
    choice,
    clearable,
    list_of,
    mapping,
    required,
    text,
    timestamp,
    unserved,
    whole_address,
)

_CUSTOM_FIELDS: Final = list_of(mapping({"name": required(text(40)), "value": required(text(140))}), maximum=4)
_RENDERING: Final = mapping(
    {
        "amount_tax_display": clearable(choice("exclude_tax", "include_inclusive_tax")),
        "pdf": mapping({"page_size": choice("a4", "auto", "letter")}),
        **unserved("template", "template_version"),
    }
)
_SHIPPING: Final = mapping({"address": required(address()), "name": required(text()), "phone": clearable(text())})
_PAYMENT_SETTINGS: Final = mapping(
    {
        "payment_method_types": clearable(list_of(choice("card", "link"))),
        **unserved("default_mandate", "payment_method_options"),
    }
)
PAPER: Final[Declaration] = {
    "account_tax_ids": clearable(list_of(text())),
    "custom_fields": clearable(_CUSTOM_FIELDS),
    "description": clearable(text(1_500)),
    "effective_at": clearable(timestamp()),
    "footer": clearable(text()),
    "issuer": mapping({"type": required(choice("account", "self")), **unserved("account")}),
    "number": clearable(text(26)),
    "payment_settings": _PAYMENT_SETTINGS,
    "rendering": _RENDERING,
    "shipping_details": clearable(_SHIPPING),
    "statement_descriptor": clearable(text(22)),
}
_PLAIN: Final = ("custom_fields", "description", "effective_at", "footer", "statement_descriptor")
_AUTO: Final = "auto"


def rendering(page_size: str = _AUTO) -> Object:
    """How the paper is made, by default."""
    return {"amount_tax_display": None, "pdf": {"page_size": page_size}, "template": None, "template_version": None}


def fix_rendering(invoice: Object) -> None:
    """The paper size is chosen when an invoice made by hand is finalized (recorded: 13_invoices)."""
    found = invoice["rendering"]
    if found and found["pdf"]["page_size"] == _AUTO:
        invoice["rendering"] = {**found, "pdf": {"page_size": "letter"}}


def write(call: Call, invoice: Object, sent: Mapping[str, Any]) -> None:
    """Put what was sent onto a draft."""
    for name in _PLAIN:
        if name in sent:
            invoice[name] = sent[name] or None
    if "number" in sent:
        invoice["number"] = _free_number(call, invoice, sent["number"])
    if "rendering" in sent:
        found = invoice["rendering"] or rendering()
        pdf = {**found["pdf"], **sent["rendering"].get("pdf", {})}
        invoice["rendering"] = {**found, **sent["rendering"], "pdf": pdf}
    if "shipping_details" in sent:
        to = sent["shipping_details"]
        invoice["shipping_details"] = to and {
            "address": whole_address(to["address"]),
            "name": to["name"],
            "phone": to.get("phone"),
        }
    if "account_tax_ids" in sent:
        invoice["account_tax_ids"] = [
            _own_tax_id(call, one, f"account_tax_ids[{index}]")
            for index, one in enumerate(sent["account_tax_ids"] or [])
        ] or None
    if "payment_settings" in sent:
        invoice["payment_settings"] = {**invoice["payment_settings"], **sent["payment_settings"]}
    if sent.get("issuer", {}).get("type") == "account":
        raise StripeError("The sandbox issues invoices in the account's own name only.", param="issuer[type]")


def _own_tax_id(call: Call, identifier: str, param: str) -> str:
    found = call.mention("tax_id", identifier, param)
    if found["customer"]:
        raise StripeError(f"The tax ID {identifier} belongs to a customer, not to the account.", param=param)
    return identifier


def _free_number(call: Call, invoice: Object, number: str | None) -> str | None:
    if number is None:
        return None
    for other in call.every("invoice", {"customer": invoice["customer"]}):
        if other["number"] == number and other["id"] != invoice["id"]:
            raise StripeError(f"An invoice of this customer has the number {number} already.", param="number")
    return number
