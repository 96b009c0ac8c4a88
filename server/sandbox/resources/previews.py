"""Previews of invoices: what a customer or a subscription will be billed next, or would be after a change.

The change is really made, by the operations that make it, and undone once its invoice is known.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from paydesk.server.sandbox import (
    automatic_tax,
    collecting,
    discounting,
    invoicing,
    item_pricing,
    lists,
    pending,
    subscribing,
    taxing,
)
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    Declaration,
    address,
    boolean,
    choice,
    clearable,
    currency,
    integer,
    list_of,
    mapping,
    metadata,
    moment_or,
    text,
    unserved,
    whole_address,
)
from paydesk.server.sandbox.rehearsing import Rehearsal, first_invoice
from paydesk.server.sandbox.resources import customers, invoice_items, subscriptions
from paydesk.server.sandbox.routes import Resource, Route


def _route(method: str, template: str) -> Route:
    return next(one for one in subscriptions.resource.routes if (one.method, one.template) == (method, template))


_BEGIN: Final = _route("POST", "/v1/subscriptions")
_CHANGE: Final = _route("POST", "/v1/subscriptions/{subscription_exposed_id}")
_STOP: Final = _route("DELETE", "/v1/subscriptions/{subscription_exposed_id}")


def _same(*names: str) -> Declaration:
    """Parameters as the operations take them that the preview rehearses."""
    return {name: _CHANGE.takes.get(name) or _BEGIN.takes[name] for name in names}


_DETAILS: Final = {
    **_same("billing_mode", "billing_schedules", "cancel_at", "cancel_at_period_end"),
    **_same("default_tax_rates", "items", "metadata", "proration_behavior", "proration_date", "trial_end"),
    "billing_cycle_anchor": moment_or("now", "unchanged"),
    "cancel_now": boolean(),
    **unserved("resume_at", "start_date"),
}
_ITEM: Final = {
    **{name: param for name, param in invoice_items.PRICED.items() if name != "pricing"},
    "currency": currency(),
    "description": text(),
    "discountable": boolean(),
    "discounts": discounting.DISCOUNTS,
    "invoiceitem": text(),
    "metadata": metadata(),
    "period": invoice_items.PERIOD,
    "price": text(),
    "tax_rates": taxing.RATES,
    "unit_amount": integer(-invoice_items.MAX_AMOUNT, invoice_items.MAX_AMOUNT),
    **item_pricing.TAXED,
}
_OF_CUSTOMER: Final = {
    "address": clearable(address()),
    "shipping": clearable(customers.SHIPPING),
    "tax_exempt": clearable(choice("exempt", "none", "reverse")),
    **unserved("tax", "tax_ids"),
}
_PREVIEW: Final = {
    "automatic_tax": automatic_tax.AUTOMATIC,
    "currency": currency(),
    "customer": text(),
    "customer_details": mapping(_OF_CUSTOMER),
    "discounts": discounting.DISCOUNTS,
    "invoice_items": list_of(mapping(_ITEM), maximum=250),
    "preview_mode": choice("next", "recurring"),
    "schedule": text(),
    "subscription": text(),
    "subscription_details": mapping(_DETAILS),
    **unserved("customer_account", "issuer", "on_behalf_of", "schedule_details"),
}
_ONLY_WITH_ID: Final = ("cancel_at", "cancel_at_period_end", "cancel_now", "proration_behavior", "proration_date")

resource = Resource()


@resource.post("/v1/invoices/create_preview", _PREVIEW)
def preview(call: Call) -> Answer:
    """The invoice that would come next, with every change that is given; nothing of it is stored."""
    sent = call.params
    if "schedule" in sent:
        sent["subscription"] = _scheduled(call, sent)
    if not {"customer", "customer_details", "subscription"} & set(sent):
        raise StripeError("You must specify one of: customer, customer_details, subscription.", param="customer")
    subscription = (
        call.mention("subscription", sent["subscription"], "subscription") if "subscription" in sent else None
    )
    if subscription and sent.get("customer") not in (None, subscription["customer"]):
        raise StripeError(
            f"The subscription {subscription['id']} does not belong to the customer {sent['customer']}.",
            param="subscription",
        )
    if subscription and subscription["status"] in subscribing.ENDED:
        raise missing("subscription", subscription["id"], "subscription", status=400)
    owner = subscription["customer"] if subscription else sent.get("customer")
    if owner:
        call.mention("customer", owner, "customer")
    found = first_invoice(call, _steps(call, owner, subscription), _finished)
    if found is None:
        raise StripeError(
            f"No upcoming invoices for customer: {owner}", status=404, code="invoice_upcoming_none", param="customer"
        )
    return found


def _scheduled(call: Call, sent: Mapping[str, Any]) -> str:
    """The subscription that a schedule keeps."""
    if "subscription" in sent:
        raise StripeError("You may only specify one of these parameters: schedule, subscription.", param="schedule")
    found = call.mention("subscription_schedule", sent["schedule"], "schedule")
    if found["subscription"] is None:
        raise StripeError("The sandbox previews schedules that have a subscription already.", param="schedule")
    return str(found["subscription"])


def _steps(call: Call, owner: str | None, subscription: Object | None) -> list[Callable[[Rehearsal], None]]:
    """What is made to happen, one after the other, until an invoice comes of it."""
    details = call.params.get("subscription_details", {})
    if owner is None:
        owner = call.new_id("cus_", 14)
    customer = owner

    def prepare(on: Rehearsal) -> None:
        _prepare(on, customer, subscription)

    if subscription:
        identifier = str(subscription["id"])
        if details.get("cancel_now"):
            return [prepare, lambda on: _stop(on, identifier, details), lambda on: _bill_by_hand(on, customer)]
        return [prepare, lambda on: _change(on, identifier, details), lambda on: _renew(on, identifier)]
    if details.get("items"):
        for name in _ONLY_WITH_ID:
            if name in details:
                raise StripeError(
                    f"`subscription_details[{name}]` needs a `subscription`.", param=f"subscription_details[{name}]"
                )
        return [prepare, lambda on: _begin(on, customer, details)]
    return [prepare, lambda on: _renew_next(on, customer), lambda on: _bill_by_hand(on, customer)]


def _prepare(on: Rehearsal, owner: str, subscription: Object | None) -> None:
    """The customer and the pending items as the preview wants them."""
    sent = on.params
    customer = on.find("customer", owner)
    if customer is None:
        customer = on.create(customers.blank(owner, on.now, "PREVIEW"))
    details = sent.get("customer_details", {})
    if "address" in details:
        customer["address"] = details["address"] and whole_address(details["address"])
    if "shipping" in details:
        customer["shipping"] = customers.whole_shipping(details["shipping"])
    if "tax_exempt" in details:
        customer["tax_exempt"] = details["tax_exempt"] or "none"
    on.save(customer)
    default = (
        (subscription or {}).get("currency")
        or sent.get("currency")
        or customer["currency"]
        or on.store.settlement.currency
    )
    for index, one in enumerate(sent.get("invoice_items", [])):
        _add_item(on, customer, one, default, f"invoice_items[{index}]")


def _add_item(on: Rehearsal, customer: Object, sent: Mapping[str, Any], default: str, param: str) -> None:
    wanted = {name: value for name, value in sent.items() if name not in ("invoiceitem", "price", "unit_amount")}
    if "price" in sent:
        wanted["pricing"] = {"price": sent["price"]}
    if "unit_amount" in sent:
        wanted["unit_amount_decimal"] = Decimal(sent["unit_amount"])
    if "invoiceitem" in sent:
        item = on.mention("invoiceitem", sent["invoiceitem"], f"{param}[invoiceitem]")
        if item["customer"] != customer["id"] or item["invoice"]:
            raise StripeError(
                f"The invoice item {item['id']} is not pending for this customer.", param=f"{param}[invoiceitem]"
            )
        invoice_items.apply(on, item, wanted)
        on.save(item)
        return
    body = invoice_items.priced(on, wanted, sent.get("currency", default))
    invoice_items.new_item(on, customer["id"], body, wanted, param)


def _change(on: Rehearsal, subscription: str, details: Mapping[str, Any]) -> None:
    wanted = {name: value for name, value in details.items() if name != "cancel_now"}
    if wanted.get("billing_cycle_anchor", "now") not in ("now", "unchanged"):
        at = "subscription_details[billing_cycle_anchor]"
        raise StripeError(f"Invalid {at}: must be one of now or unchanged", param=at)
    if wanted:
        _CHANGE.handler(on.going_on(params=wanted), subscription_exposed_id=subscription)


def _stop(on: Rehearsal, subscription: str, details: Mapping[str, Any]) -> None:
    prorates = details.get("proration_behavior", "create_prorations") != "none"
    wanted = {"invoice_now": True, "prorate": prorates}
    _STOP.handler(on.going_on(params=wanted), subscription_exposed_id=subscription)


def _begin(on: Rehearsal, customer: str, details: Mapping[str, Any]) -> None:
    wanted = {**details, "customer": customer}
    if "currency" in on.params:
        wanted["currency"] = on.params["currency"]
    anchor = wanted.pop("billing_cycle_anchor", "now")
    if anchor not in ("now", "unchanged"):
        wanted["billing_cycle_anchor"] = int(anchor)
    _BEGIN.handler(on.going_on(params=wanted))


def _renew(on: Rehearsal, subscription: str) -> None:
    """The end of the current period comes."""
    end = subscribing.period_of(on.get("subscription", subscription))[1]
    later = on.going_on(now=max(end, on.now), params={})
    subscriptions.resource.actions["subscription.renew"](later, subscription=subscription, period_end=end)


def _renew_next(on: Rehearsal, customer: str) -> None:
    """The subscription of the customer's that is billed next."""
    running = [
        one for one in on.every("subscription", {"customer": customer}) if one["status"] not in subscribing.ENDED
    ]
    for one in sorted(running, key=lambda one: subscribing.period_of(one)[1]):
        _renew(on, one["id"])


def _bill_by_hand(on: Rehearsal, customer: str) -> None:
    """What is pending, on an invoice of its own."""
    owner = on.get("customer", customer)
    waiting = pending.waiting(on, customer)
    if not waiting:
        return
    code = on.params.get("currency") or waiting[0]["currency"]
    invoice = invoicing.draft(on, owner, code, invoicing.Terms())
    invoicing.put(on, invoice, pending.take(on, invoice, pending.due(on, owner, code, None)), owner)


def _finished(on: Rehearsal, invoice: Object) -> Object:
    """The invoice as a preview: under an id that is none, with the discounts that were asked for."""
    sent = on.params
    customer = on.get("customer", invoice["customer"])
    if sent.get("preview_mode") == "recurring":
        invoicing.set_lines(invoice, [one for one in invoice["lines"]["data"] if _recurs(one)], customer)
    if "discounts" in sent:
        holder = discounting.Holder(customer["id"], "invoice", invoice["id"], invoice["currency"], invoice["subtotal"])
        given = discounting.put(on, holder, sent["discounts"], invoice["discounts"], param="discounts")
        invoicing.set_discounts(on, invoice, given)
    if "automatic_tax" in sent:
        automatic_tax.switch(invoice, sent["automatic_tax"])
        automatic_tax.apply(on, invoice, customer)
    invoicing.recount(invoice, customer)
    collecting.foresee(invoice)
    identifier = f"upcoming_{invoice['id']}"
    for line in invoice["lines"]["data"]:
        line.update(id=f"il_tmp_{line['id'][3:]}", invoice=identifier)
    invoice.update(
        id=identifier,
        billing_reason="upcoming",
        lines=lists.whole(invoice["lines"]["data"], f"/v1/invoices/{identifier}/lines"),
        auto_advance=True,
        automatically_finalizes_at=None,
        next_payment_attempt=(
            invoice["created"] + invoicing.ATTEMPT_AFTER_S
            if invoice["collection_method"] == "charge_automatically"
            else None
        ),
        status="draft",
        _preview=True,
    )
    return invoice


def _recurs(line: Object) -> bool:
    details = line["parent"]["subscription_item_details"]
    return bool(details and not details["proration"])
