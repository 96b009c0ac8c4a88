"""Phases of a subscription schedule: what they take, and how they are kept."""

from typing import Any, Final

from paydesk.server.sandbox import agreements, changes, periods, subscribing, subscription_terms, taxing
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError, missing_parameter
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    boolean,
    choice,
    clearable,
    currency,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    moment_or,
    required,
    text,
    unserved,
)
from paydesk.server.sandbox.resources.invoices import own_method

WHEN: Final = moment_or("now")
_SECONDS: Final = moment_or()
_ANCHOR: Final = choice("automatic", "phase_start")
_INVOICES: Final = mapping(
    {
        "custom_fields": agreements.CUSTOM_FIELDS,
        "days_until_due": integer(0, 730),
        "description": clearable(text(1_500)),
        "footer": clearable(text()),
        **unserved("account_tax_ids", "issuer"),
    }
)
_SETTLED: Final = {
    "billing_cycle_anchor": _ANCHOR,
    "collection_method": agreements.METHODS,
    "default_payment_method": text(),
    "description": clearable(text(500)),
    "invoice_settings": _INVOICES,
    **unserved("application_fee_percent", "automatic_tax", "billing_thresholds", "on_behalf_of", "transfer_data"),
}
SETTINGS: Final = mapping(_SETTLED)
_LENGTH: Final = mapping(
    {"interval": required(choice("day", "month", "week", "year")), "interval_count": integer(1, 1_095)}
)
_EVERY_PHASE: Final = {
    **_SETTLED,
    **subscription_terms.DECLARED,
    "add_invoice_items": list_of(mapping({**agreements.EXTRA_ITEM, **unserved("period")}), maximum=20),
    "duration": _LENGTH,
    "items": required(list_of(mapping(changes.NEW_ITEM), maximum=agreements.MAX_ITEMS)),
    "metadata": metadata(),
    "proration_behavior": changes.BEHAVIORS,
    "trial": boolean(),
}
# A new schedule says when its first phase begins; of a running one each phase may.
NEW_PHASE: Final = {**_EVERY_PHASE, "currency": currency(), "end_date": _SECONDS, "trial_end": _SECONDS}
PHASE: Final = {**_EVERY_PHASE, "end_date": WHEN, "start_date": WHEN, "trial_end": WHEN}


def when(value: str, now: int, param: str) -> int:
    """A time that a parameter says, or `now`."""
    return now if value == "now" else agreements.moment(value, param)


def no_invoice_settings() -> Object:
    """How invoices are worded where nothing was said of it."""
    return dict.fromkeys(("account_tax_ids", "custom_fields", "days_until_due", "description", "footer"))


def item_of(price: str, quantity: int | None, labels: dict[str, str]) -> Object:
    """An item of a phase; a metered one has no quantity."""
    item: Object = {
        "billing_thresholds": None,
        "discounts": [],
        "metadata": dict(labels),
        "price": price,
        "tax_rates": [],
    }
    return item if quantity is None else {**item, "quantity": quantity}


def blank_phase(currency_code: str) -> Object:
    """A phase of nothing, with every field that Stripe shows."""
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "billing_cycle_anchor": None,
        "billing_thresholds": None,
        "collection_method": None,
        "currency": currency_code,
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "end_date": 0,
        "invoice_settings": None,
        "items": [],
        "metadata": {},
        "on_behalf_of": None,
        "proration_behavior": "create_prorations",
        "start_date": 0,
        "transfer_data": None,
        "trial_end": None,
    }


def build(call: Call, schedule: Object, sent: list[dict[str, Any]], start: int) -> list[Object]:
    """The phases as they are kept, one after the other from `start` on."""
    if not sent:
        raise missing_parameter("phases")
    found: list[Object] = []
    for index, one in enumerate(sent):
        param = f"phases[{index}]"
        begins = found[-1]["end_date"] if found else start
        if "start_date" in one and found and when(one["start_date"], call.now, f"{param}[start_date]") != begins:
            raise StripeError(
                f"{param}[start_date] must be where the phase before it ends ({begins}).", param=f"{param}[start_date]"
            )
        found.append(_phase(call, schedule, one, begins, param))
    return found


def _phase(call: Call, schedule: Object, sent: dict[str, Any], start: int, param: str) -> Object:
    chosen = changes.chosen(call, sent["items"], f"{param}[items]")
    customer = call.get("customer", schedule["customer"])
    currency_code = changes.check_together(call, customer, [one.price for one in chosen], sent.get("currency"))
    phase = blank_phase(currency_code)
    for one in chosen:
        quantity = None if subscribing.is_metered(one.price) else one.quantity
        item = item_of(one.price["id"], quantity, merged_metadata({}, one.sent.get("metadata", {})))
        item["discounts"] = _named(call, one.sent.get("discounts"), f"{one.param}[discounts]")
        item["tax_rates"] = taxing.rates(call, one.sent.get("tax_rates"), f"{one.param}[tax_rates]")
        phase["items"].append(item)
    end = _end(call, sent, start, chosen[0].price["recurring"], param)
    phase.update(start_date=start, end_date=end, metadata=merged_metadata({}, sent.get("metadata", {})))
    for name in ("billing_cycle_anchor", "collection_method", "description", "proration_behavior"):
        if name in sent:
            phase[name] = sent[name]
    if "default_payment_method" in sent:
        phase["default_payment_method"] = own_method(call, schedule["customer"], sent["default_payment_method"])
    if "invoice_settings" in sent:
        phase["invoice_settings"] = {**no_invoice_settings(), "issuer": None, **sent["invoice_settings"]}
    phase["default_tax_rates"] = taxing.rates(call, sent.get("default_tax_rates"), f"{param}[default_tax_rates]")
    phase["discounts"] = _named(call, sent.get("discounts"), f"{param}[discounts]")
    phase["add_invoice_items"] = [_extra(call, one, param) for one in sent.get("add_invoice_items", [])]
    if sent.get("trial") and "trial_end" in sent:
        raise StripeError(
            f"You may only specify one of these parameters: {param}[trial], {param}[trial_end].",
            param=f"{param}[trial]",
        )
    if sent.get("trial"):
        phase["trial_end"] = end
    elif "trial_end" in sent:
        phase["trial_end"] = when(sent["trial_end"], call.now, f"{param}[trial_end]")
    return phase


def _named(call: Call, sent: list[dict[str, Any]] | None, param: str) -> list[Object]:
    """Discounts that a phase will give when it is entered; each must exist by now."""
    found = []
    for index, one in enumerate(sent or []):
        for name in ("coupon", "promotion_code"):
            if one.get(name):
                call.mention(name, one[name], f"{param}[{index}][{name}]")
        found.append({name: one.get(name) for name in ("coupon", "discount", "promotion_code")})
    return found


def _extra(call: Call, sent: dict[str, Any], param: str) -> Object:
    """A one-time item of a phase, of a price that there is."""
    if "price" not in sent:
        raise missing_parameter(f"{param}[add_invoice_items][price]")
    call.mention("price", sent["price"], f"{param}[add_invoice_items][price]")
    return {
        "discountable": sent.get("discountable"),
        "discounts": [],
        "metadata": merged_metadata({}, sent.get("metadata", {})),
        "period": {"end": {"type": "phase_end"}, "start": {"type": "phase_start"}},
        "price": sent["price"],
        "quantity": sent.get("quantity", 1),
        "tax_rates": [],
    }


def _end(call: Call, sent: dict[str, Any], start: int, recurring: Object, param: str) -> int:
    if "end_date" in sent and "duration" in sent:
        raise StripeError(
            f"You may only specify one of these parameters: {param}[duration], {param}[end_date].",
            param=f"{param}[end_date]",
        )
    if "end_date" in sent:
        end = when(sent["end_date"], call.now, f"{param}[end_date]")
    else:
        length = sent.get("duration", recurring)
        end = periods.boundary(start, length["interval"], length.get("interval_count", 1), 1)
    if end <= start:
        raise StripeError(f"{param}[end_date] must be after the phase begins ({start}).", param=f"{param}[end_date]")
    return end
