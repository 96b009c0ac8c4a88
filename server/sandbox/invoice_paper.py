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
# All that Stripe's OpenAPI lists; what one of them can do here is up to the payment methods.
PAYMENT_TYPES: Final = (
    "ach_credit_transfer ach_debit acss_debit affirm alipay amazon_pay au_becs_debit bacs_debit bancontact billie "
    "boleto card cashapp crypto custom customer_balance eps fpx giropay grabpay ideal jp_credit_transfer kakao_pay "
    "klarna konbini kr_card link mb_way multibanco naver_pay nz_bank_account p24 pay_by_bank payco paynow paypal payto "
    "pix promptpay revolut_pay satispay sepa_credit_transfer sepa_debit sofort swish twint upi us_bank_account "
    "wechat_pay"
)
_PAYMENT_SETTINGS: Final = mapping(
    {
        "payment_method_types": clearable(list_of(choice(*PAYMENT_TYPES.split()))),
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
