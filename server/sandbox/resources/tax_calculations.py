"""Tax calculations: what tax a sale would take, line by line. They last ninety days."""

from collections.abc import Mapping
from typing import Any, Final

from paydesk.server.sandbox import expand, lists, periods, tax_id_formats, tax_places
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    PAGING,
    amount,
    choice,
    clearable,
    currency,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
    timestamp,
    unserved,
    whole_address,
)
from paydesk.server.sandbox.resources.invoice_lines import page_of
from paydesk.server.sandbox.routes import Resource

KEPT_FOR_S: Final = 90 * periods.DAY_S
SHIPPING_CODE: Final = "txcd_92010001"


def _line_items(call: Call, calculation: Object) -> Object:
    url = f"/v1/tax/calculations/{calculation['id']}/line_items"
    return lists.whole(expand.kept(call, calculation, "_lines") or [], url)


def shown(_call: Call, calculation: Object) -> Object:
    """Without its lines, which are shown when expanded."""
    calculation.pop("_lines", None)
    return calculation


CALCULATION: Final = Kind(
    name="tax.calculation",
    prefix="taxcalc_",
    called="tax calculation",
    param="calculation",
    includes={"line_items": _line_items},
    shows=shown,
)

_BEHAVIOR: Final = choice("exclusive", "inclusive")
_ADDRESS: Final = mapping(
    {
        **{name: clearable(text()) for name in ("city", "line1", "line2", "postal_code", "state")},
        "country": required(text()),
    }
)
_CUSTOMER: Final = mapping(
    {
        "address": _ADDRESS,
        "address_source": choice("billing", "shipping"),
        "tax_ids": list_of(mapping({"type": required(choice(*tax_id_formats.TYPES)), "value": required(text())})),
        "taxability_override": choice("customer_exempt", "none", "reverse_charge"),
        **unserved("ip_address"),
    }
)
_LINE: Final = mapping(
    {
        "amount": required(integer(-(10**12), 10**12)),
        "metadata": metadata(),
        "product": text(),
        "quantity": integer(1),
        "reference": text(500),
        "tax_behavior": _BEHAVIOR,
        "tax_code": text(),
    }
)
_CREATE: Final = {
    "currency": required(currency()),
    "customer": text(),
    "customer_details": _CUSTOMER,
    "line_items": required(list_of(_LINE, maximum=2_500)),
    "ship_from_details": mapping({"address": required(_ADDRESS)}),
    "shipping_cost": mapping(
        {
            "amount": required(amount()),
            "tax_behavior": _BEHAVIOR,
            "tax_code": text(),
            **unserved("shipping_rate"),
        }
    ),
    "tax_date": timestamp(),
}

resource = Resource()


@resource.post("/v1/tax/calculations", _CREATE)
def create(call: Call) -> Answer:
    """The taxes of a sale to somebody at a place, where the account collects there."""
    sent = call.params
    details = _details(call, sent)
    at = sent.get("tax_date", call.now)
    taken = tax_places.of_place(
        call,
        details["address"] or {},
        at=at,
        tax_ids=details["tax_ids"],
        override=details["taxability_override"],
    )
    behavior = tax_places.behavior(call, sent["currency"])
    lines = [_line(call, one, taken, behavior, index) for index, one in enumerate(sent["line_items"])]
    shipping = _shipping(sent["shipping_cost"], taken, behavior) if "shipping_cost" in sent else None
    priced = [*lines, *([shipping] if shipping else [])]
    exclusive = sum(one["amount_tax"] for one in priced if one["tax_behavior"] == "exclusive")
    inclusive = sum(one["amount_tax"] for one in priced if one["tax_behavior"] == "inclusive")
    calculation: Object = {
        "id": call.new_id("taxcalc_1"),
        "object": "tax.calculation",
        "amount_total": sum(one["amount"] for one in priced) + exclusive,
        "currency": sent["currency"],
        "customer": sent.get("customer"),
        "customer_details": details,
        "expires_at": call.now + KEPT_FOR_S,
        "livemode": False,
        "ship_from_details": _from(sent),
        "shipping_cost": shipping,
        "tax_amount_exclusive": exclusive,
        "tax_amount_inclusive": inclusive,
        "tax_breakdown": _summed(priced),
        "tax_date": at,
        "_lines": lines,
    }
    return call.create(calculation)


def _from(sent: Mapping[str, Any]) -> Object | None:
    return {"address": whole_address(sent["ship_from_details"]["address"])} if "ship_from_details" in sent else None


def _details(call: Call, sent: Mapping[str, Any]) -> Object:
    """Who buys and where, as sent or as the customer says."""
    if "customer" in sent and "customer_details" in sent:
        raise StripeError(
            "You may only specify one of these parameters: customer, customer_details.", param="customer_details"
        )
    if "customer" in sent:
        customer = call.mention("customer", sent["customer"], "customer")
        shipping = customer["shipping"] and customer["shipping"]["address"]
        where = shipping or customer["address"]
        ids = call.every("tax_id", {"customer": customer["id"]})
        return {
            "address": where,
            "address_source": ("shipping" if shipping else "billing") if where else None,
            "ip_address": None,
            "tax_ids": [{"type": one["type"], "value": one["value"]} for one in ids],
            "taxability_override": {"exempt": "customer_exempt", "reverse": "reverse_charge"}.get(
                customer["tax_exempt"], "none"
            ),
        }
    details = sent.get("customer_details", {})
    if "address" in details and "address_source" not in details:
        raise StripeError(
            "Missing required param: customer_details[address_source].",
            code="parameter_missing",
            param="customer_details[address_source]",
        )
    return {
        "address": whole_address(details["address"]) if "address" in details else None,
        "address_source": details.get("address_source"),
        "ip_address": None,
        "tax_ids": details.get("tax_ids", []),
        "taxability_override": details.get("taxability_override", "none"),
    }


def _line(call: Call, sent: Mapping[str, Any], taken: list[tax_places.Taken], behavior: str, index: int) -> Object:
    product = call.mention("product", sent["product"], f"line_items[{index}][product]") if "product" in sent else None
    default = tax_places.settings(call)["defaults"]["tax_code"] or tax_places.DEFAULT_CODE
    code = sent.get("tax_code") or (product and product["tax_code"]) or default
    identifier = call.new_id("tax_li_")
    priced = _priced(sent["amount"], taken, sent.get("tax_behavior", behavior), code)
    return {
        "id": identifier,
        "object": "tax.calculation_line_item",
        "livemode": False,
        "metadata": merged_metadata({}, sent.get("metadata", {})),
        "product": product and product["id"],
        "quantity": sent.get("quantity", 1),
        "reference": sent.get("reference", identifier),
        **priced,
    }


def _shipping(sent: Mapping[str, Any], taken: list[tax_places.Taken], behavior: str) -> Object:
    return _priced(sent["amount"], taken, sent.get("tax_behavior", behavior), sent.get("tax_code", SHIPPING_CODE))


def _priced(amount_minor: int, taken: list[tax_places.Taken], behavior: str, code: str) -> Object:
    """The tax of one amount, and each tax in it."""
    if code == tax_places.NONTAXABLE:
        taken = [tax_places.Taken(one.levy, "product_exempt", "0") for one in taken]
    parts = tax_places.amounts(amount_minor, taken, inclusive=behavior == "inclusive")
    breakdown = [
        {
            "amount": tax,
            "jurisdiction": {
                "country": one.levy.country,
                "display_name": one.levy.state or one.levy.country,
                "level": "state" if one.levy.state else "country",
                "state": one.levy.state,
            },
            "sourcing": "destination",
            "tax_rate_details": None
            if one.reason == "not_collecting"
            else {
                "display_name": one.levy.display_name,
                "percentage_decimal": one.percentage,
                "tax_type": one.levy.tax_type,
            },
            "taxability_reason": one.reason,
            "taxable_amount": base,
        }
        for one, (base, tax) in zip(taken, parts, strict=True)
    ]
    return {
        "amount": amount_minor,
        "amount_tax": sum(tax for _, tax in parts),
        "tax_behavior": behavior,
        "tax_breakdown": breakdown,
        "tax_code": code,
    }


def _summed(priced: list[Object]) -> list[Object]:
    """The taxes of all lines, summed by what they are."""
    sums: dict[tuple[Any, ...], Object] = {}
    for line in priced:
        for one in line["tax_breakdown"]:
            rate, place = one["tax_rate_details"] or {}, one["jurisdiction"]
            key = (
                line["tax_behavior"],
                place["country"],
                place["state"],
                rate.get("tax_type"),
                one["taxability_reason"],
            )
            found = sums.setdefault(
                key,
                {
                    "amount": 0,
                    "inclusive": line["tax_behavior"] == "inclusive",
                    "tax_rate_details": {
                        "country": place["country"],
                        "flat_amount": None,
                        "percentage_decimal": rate.get("percentage_decimal", "0"),
                        "rate_type": "percentage",
                        "state": place["state"],
                        "tax_type": rate.get("tax_type"),
                    },
                    "taxability_reason": one["taxability_reason"],
                    "taxable_amount": 0,
                },
            )
            found["amount"] += one["amount"]
            found["taxable_amount"] += one["taxable_amount"]
    return list(sums.values())


@resource.get("/v1/tax/calculations/{calculation}")
def retrieve(call: Call, calculation: str) -> Answer:
    """One calculation, until it expires."""
    return living(call, calculation)


@resource.get("/v1/tax/calculations/{calculation}/line_items", PAGING)
def list_lines(call: Call, calculation: str) -> Answer:
    """The lines of a calculation, page by page."""
    return page_of(call, living(call, calculation)["_lines"], "tax calculation line item")


def living(call: Call, calculation: str) -> Object:
    """The calculation that is named; 404 for one whose time is over."""
    found = call.get("tax.calculation", calculation)
    if found["expires_at"] <= call.now:
        raise missing(CALCULATION.called, calculation, CALCULATION.param)
    return found
