"""Tax ids as objects: whose they are, what they look like, what test mode finds out about them."""

from typing import Final

from paydesk.server.sandbox import tax_id_formats
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import Declaration, choice, required, text


def shown(_call: Call, tax_id: Object) -> Object:
    """Without its holder's note."""
    tax_id.pop("_holder", None)
    return tax_id


TAX_ID: Final = Kind(
    name="tax_id",
    prefix="txi_",
    called="tax id",
    indexed=("customer", "_holder"),
    expands=(
        "customer",
        "owner.customer",
        *(
            "owner.account",
            "owner.application",
        ),
    ),
    shows=shown,
)

MAX_TAX_IDS: Final = 5
SELF: Final = "self"
VERIFIED_AFTER_S: Final = 60
SENT: Final[Declaration] = {"type": required(choice(*tax_id_formats.TYPES)), "value": required(text())}


def make(call: Call, customer: Object | None, type_: str, value: str) -> Object:
    """Store a tax id of a customer, or of the account; StripeError for a value that does not look like one."""
    if not tax_id_formats.fits(type_, value):
        raise StripeError(f"Invalid value for {type_}.", code="tax_id_invalid", param="value")
    holder = customer["id"] if customer else SELF
    held = call.every("tax_id", {"_holder": holder})
    if any(one["type"] == type_ and one["value"] == value for one in held):
        raise StripeError("The tax ID already exists.", param="value")
    if customer and len(held) >= MAX_TAX_IDS:
        raise StripeError(f"A customer can have up to {MAX_TAX_IDS} tax IDs.", param="type")
    status = tax_id_formats.verification_of(type_, value)
    tax_id: Object = {
        "id": call.new_id("txi_1"),
        "object": "tax_id",
        "country": tax_id_formats.country_of(type_, value),
        "created": call.now,
        "customer": customer and customer["id"],
        "customer_account": None,
        "livemode": False,
        "owner": {"customer": customer["id"], "customer_account": None, "type": "customer"}
        if customer
        else {"type": "self"},
        "type": type_,
        "value": value,
        "verification": {
            "status": "pending" if status in ("verified", "unverified") else status,
            "verified_address": None,
            "verified_name": None,
        }
        if customer
        else None,
        "_holder": holder,
    }
    call.create(tax_id, emits="customer.tax_id.created" if customer else None)
    if customer and status in ("verified", "unverified"):
        call.later(call.now + VERIFIED_AFTER_S, "tax_id.verify", tax_id=tax_id["id"], status=status)
    return tax_id
