"""What an amount consists of: line items, discount, tax and shipping of a payment intent (`amount_details`).

They tell, and do not charge: the sum is checked against the amount, and refused or noted where it differs.
"""

from typing import Any, Final

from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.lists import whole
from paydesk.server.sandbox.params import (
    amount,
    boolean,
    clearable,
    integer,
    list_of,
    mapping,
    required,
    text,
    unserved,
)

MAX_LINE_ITEMS: Final = 200
LINE_ITEM: Final = Kind(
    name="payment_intent_amount_details_line_item",
    prefix="uli_",
    called="line item",
    indexed=("_intent",),
    shows=lambda _call, item: visible(item),
)
_TAX: Final = mapping({"total_tax_amount": required(amount(0))})
_ITEM: Final = mapping(
    {
        "discount_amount": amount(0),
        "product_code": text(12),
        "product_name": required(text(1_024)),
        "quantity": required(integer(1)),
        "tax": _TAX,
        "unit_cost": required(amount(0)),
        "unit_of_measure": text(12),
        **unserved("payment_method_options"),
    }
)
PARAM: Final = clearable(
    mapping(
        {
            "discount_amount": clearable(amount(1)),
            "enforce_arithmetic_validation": boolean(),
            "line_items": clearable(list_of(_ITEM, MAX_LINE_ITEMS)),
            "shipping": clearable(
                mapping(
                    {
                        "amount": clearable(amount(0)),
                        **dict.fromkeys(("from_postal_code", "to_postal_code"), clearable(text(10))),
                    }
                )
            ),
            "tax": clearable(_TAX),
        }
    )
)
_MISMATCH: Final = "The sum of the amount details ({total}) does not equal the amount of the PaymentIntent ({amount})."
_CODE: Final = "amount_details_amount_mismatch"


def apply(call: Call, intent: Object, sent: dict[str, Any] | None) -> None:
    """Put `amount_details` into an intent; StripeError where its parts do not sum up and that is not allowed."""
    details: Object = {"tip": intent["amount_details"].get("tip", {})}
    if sent is None:
        intent["amount_details"] = details
        _replace_items(call, intent, [])
        return
    before = intent["amount_details"]
    for name in ("discount_amount", "tax"):
        value = sent.get(name, before.get(name))
        if value is not None:
            details[name] = value
    shipping = sent.get("shipping", before.get("shipping"))
    if shipping:
        names = ("amount", "from_postal_code", "to_postal_code")
        details["shipping"] = {name: shipping.get(name) for name in names}
    if "line_items" in sent:
        _replace_items(call, intent, sent["line_items"] or [])
    intent["amount_details"] = details
    _check(call, intent, is_enforced=sent.get("enforce_arithmetic_validation", True))


def _replace_items(call: Call, intent: Object, sent: list[dict[str, Any]]) -> None:
    for old in call.every(LINE_ITEM.name, {"_intent": intent["id"]}):
        call.delete(old)
    # Lists show the newest first, and these are to be shown in the order in which they were sent.
    for item in reversed(sent):
        optional = ("discount_amount", "product_code", "tax", "unit_of_measure")
        call.create(
            {
                "id": call.new_id("uli_1", 23),
                "object": LINE_ITEM.name,
                **{name: item.get(name) for name in optional},
                "payment_method_options": None,
                **{name: item[name] for name in ("product_name", "quantity", "unit_cost")},
                "_intent": intent["id"],
            }
        )


def _check(call: Call, intent: Object, *, is_enforced: bool) -> None:
    items = call.every(LINE_ITEM.name, {"_intent": intent["id"]})
    if not items:
        return
    details = intent["amount_details"]
    total = sum(
        item["unit_cost"] * item["quantity"] - (item["discount_amount"] or 0) + _tax_of(item["tax"]) for item in items
    )
    total += _tax_of(details.get("tax")) - details.get("discount_amount", 0)
    total += (details.get("shipping") or {}).get("amount") or 0
    if total == intent["amount"]:
        return
    words = _MISMATCH.format(total=total, amount=intent["amount"])
    if is_enforced:
        raise StripeError(words, code=_CODE, param="amount_details")
    details["error"] = {"code": _CODE, "message": words}


def _tax_of(tax: dict[str, int] | None) -> int:
    return tax["total_tax_amount"] if tax else 0


def line_items(call: Call, intent: Object) -> Object:
    """All line items of an intent, as they stand inside it when expanded."""
    items = [visible(item) for item in call.every(LINE_ITEM.name, {"_intent": intent["id"]})]
    return whole(items, f"/v1/payment_intents/{intent['id']}/amount_details_line_items")
