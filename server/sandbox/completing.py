"""Completing a checkout session: what the customer entered, the customer that it makes, the payment, subscription or
saved method, and what the session says afterwards.

A session remembers the intent that it waits for (`_intent`), so that it completes whoever brings that to an end: the
page, the bank's page, or a call.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from paydesk.server.sandbox import (
    automatic_tax,
    beginnings,
    checkout,
    checkout_entry,
    checkout_lines,
    collecting,
    connected_payments,
    discounting,
    intents,
    invoicing,
    paying,
    pending,
    pricing,
    setting_up,
)
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.checkout_entry import details
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import merged_metadata
from paydesk.server.sandbox.resources import invoice_items, payment_methods, setup_intents
from paydesk.server.sandbox.resources.customers import whole_shipping

__all__ = ["by_call", "details", "pay"]

_AGREED: Final = {
    "customer_acceptance": {
        "type": "online",
        "online": {"ip_address": "127.0.0.1", "user_agent": "The sandbox's checkout page"},
    }
}
# What else follows when a session is complete: the link that it came from counts it.
AFTER_COMPLETION: Final[list[Callable[[Call, Object], None]]] = []
_USUAL_METHOD: Final = "pm_card_visa"


def by_call(call: Call, session: Object, sent: Mapping[str, Any]) -> Object:
    """Complete a session with what was sent, and with made-up words where the page would ask for more."""
    told = checkout_entry.made_up(session, sent)
    checkout_entry.take(call, session, told)
    if "payment_method" in sent and "payment_method_data" in sent:
        raise StripeError("You may only specify one of these parameters: payment_method, payment_method_data.")
    method = None
    if "payment_method_data" in sent:
        method = payment_methods.make(call, sent["payment_method_data"], "payment_method_data")
    elif "payment_method" in sent or needs_method(session):
        method = payment_methods.usable(call, sent.get("payment_method", _USUAL_METHOD), "payment_method")
    where = sent.get("return_url") or session.get("return_url") or session["success_url"] or session["url"]
    return pay(call, session, method, return_url=where)


def needs_method(session: Object) -> bool:
    """Whether a payment method is asked for: not where nothing is due and none is to be kept."""
    if session["mode"] == "setup" or session["amount_total"]:
        return True
    return bool(session["mode"] == "subscription" and session["payment_method_collection"] == "always")


def pay(call: Call, session: Object, method: Object | None, *, return_url: str | None) -> Object:
    """Try to complete an open session with a payment method; the session afterwards, still open where the customer is
    asked something first. A decline is raised as 402 and keeps its traces.
    """
    if method:
        _check_type(session, method)
        checkout_entry.bill_to(call, session, method)
    confirming = {"mandate_data": _AGREED, **({"return_url": return_url} if return_url else {})}
    if session["mode"] == "setup":
        _set_up(call, session, method, confirming)
    elif session["mode"] == "subscription":
        _subscribe(call, session, method, confirming)
    else:
        _pay_once(call, session, method, confirming)
    return session


def _check_type(session: Object, method: Object) -> None:
    if method["type"] not in session["payment_method_types"]:
        raise StripeError(
            f"This Checkout Session does not take payment methods of type {method['type']}. It takes: "
            f"{', '.join(session['payment_method_types'])}.",
            param="payment_method",
        )


def _wait_for(call: Call, session: Object, intent: Object) -> None:
    """From here on the session completes when this intent does."""
    session["_intent"] = intent["id"]
    call.save(session)


def _set_up(call: Call, session: Object, method: Object | None, confirming: dict[str, Any]) -> None:
    intent = call.get("setup_intent", session["setup_intent"])
    if session["customer_creation"] == "always":
        checkout_entry.customer_for(call, session)
    intent["customer"] = session["customer"]
    _confirm_setup(call, session, intent, method, confirming)


def _confirm_setup(
    call: Call, session: Object, intent: Object, method: Object | None, confirming: dict[str, Any]
) -> None:
    intent["payment_method"] = method and method["id"]
    intents.check_method(call, intent)
    _wait_for(call, session, intent)
    setting_up.confirm(call, intent, confirming)


def _pay_once(call: Call, session: Object, method: Object | None, confirming: dict[str, Any]) -> None:
    data = session["_data"].get("payment_intent_data", {})
    makes_invoice = session["invoice_creation"]["enabled"]
    if session["customer_creation"] == "always" or makes_invoice or data.get("setup_future_usage"):
        checkout_entry.customer_for(call, session)
    if makes_invoice and session["invoice"] is None:
        _bill(call, session)
    if not session["amount_total"] or method is None:
        _finish(call, session, None)
        return
    intent = _intent_of(call, session, data)
    intent["payment_method"] = method["id"]
    intents.check_method(call, intent)
    session["payment_intent"] = intent["id"]
    _wait_for(call, session, intent)
    paying.confirm(call, intent, confirming)


def _intent_of(call: Call, session: Object, data: Mapping[str, Any]) -> Object:
    """The intent that the session is paid by: its invoice's, the one tried before, or a new one."""
    known = session["_intent"] and call.find("payment_intent", session["_intent"])
    if session["invoice"]:
        invoice = call.get("invoice", session["invoice"])
        known = invoicing.intent_of(call, invoice)
    if known:
        if not session["invoice"]:
            known["amount"] = session["amount_total"]
        _describe(call, session, known, data)
        return call.save(known)
    intent = paying.intent_object(
        call.new_id("pi_3", 23), call.now, session["amount_total"], session["currency"], call.new_id("", 25)
    )
    _describe(call, session, intent, data)
    connected_payments.apply(call, intent, dict(data))
    return call.create(intent, emits="payment_intent.created")


_COPIED: Final = (
    *("description", "receipt_email", "setup_future_usage", "statement_descriptor", "statement_descriptor_suffix"),
    *("transfer_group", "capture_method"),
)


def _describe(call: Call, session: Object, intent: Object, data: Mapping[str, Any]) -> None:
    for name in _COPIED:
        if name in data:
            intent[name] = data[name]
    intent["metadata"] = merged_metadata(intent["metadata"], data.get("metadata") or {})
    intent["customer"] = session["customer"]
    intent["payment_method_types"] = list(session["payment_method_types"])
    goods = (session["collected_information"] or {}).get("shipping_details")
    if "shipping" in data:
        intent["shipping"] = whole_shipping(data["shipping"])
    elif goods:
        intent["shipping"] = {"address": goods["address"], "name": goods["name"], "phone": None}
    for kind, options in session["payment_method_options"].items():
        intent["payment_method_options"].setdefault(kind, {}).update(options)


def _bill(call: Call, session: Object) -> None:
    """The invoice of a session that makes one; it is finalized, and then paid by its own intent."""
    customer = call.get("customer", session["customer"])
    data = session["invoice_creation"]["invoice_data"]
    said = {name: data[name] for name in ("custom_fields", "description", "footer") if data[name]}
    invoice = invoicing.draft(call, customer, session["currency"], invoicing.Terms(fields=said))
    invoice.update(metadata=dict(data["metadata"]), auto_advance=False, automatically_finalizes_at=None)
    if session["automatic_tax"]["enabled"]:
        automatic_tax.switch(invoice, {"enabled": True})
    holder = discounting.Holder(
        customer["id"], "invoice", invoice["id"], session["currency"], session["amount_subtotal"]
    )
    if session["_coupons"]:
        invoicing.set_discounts(call, invoice, discounting.put(call, holder, session["_coupons"], param="discounts"))
    found = [_item(call, session, line, customer["id"]) for line in session["_lines"]]
    shipping = session["shipping_cost"]
    if shipping and shipping["amount_total"]:
        rate = call.get("shipping_rate", shipping["shipping_rate"])
        found.append(_fee(call, session, customer["id"], rate["display_name"], shipping["amount_total"]))
    invoicing.put(call, invoice, pending.take(call, invoice, found), customer)
    session["invoice"] = invoice["id"]
    collecting.finalize(call, invoice)


def _item(call: Call, session: Object, line: Object, customer: str) -> Object:
    price = pricing.billed(call, line["price"], session["currency"])
    product = call.find("product", price["product"]) or {}
    body: Object = {
        "amount": checkout_lines.cost(call, line, session["currency"]),
        "currency": session["currency"],
        "description": product.get("name"),
        "pricing": invoicing.pricing_of(price),
        "quantity": line["quantity"],
        "quantity_decimal": str(line["quantity"]),
    }
    return invoice_items.new_item(call, customer, body, {"tax_rates": line["tax_rates"], "metadata": line["metadata"]})


def _fee(call: Call, session: Object, customer: str, name: str, amount_minor: int) -> Object:
    """Shipping, as a line of the invoice."""
    body = invoice_items.priced(call, {"amount": amount_minor, "description": name}, session["currency"])
    return invoice_items.new_item(call, customer, body, {"discountable": False})


def _subscribe(call: Call, session: Object, method: Object | None, confirming: dict[str, Any]) -> None:
    customer = checkout_entry.customer_for(call, session)
    if session["_subscription"] is None and not session["amount_total"]:
        if method is None:
            _begin(call, session, customer, None)
            _finish(call, session, None)
            return
        # Nothing is due yet, so the method is saved first; the subscription begins when that is done.
        intent = _pending_setup(call, session, customer)
        _confirm_setup(call, session, intent, method, confirming)
        return
    if session["_subscription"] is None:
        _begin(call, session, customer, None, behavior="default_incomplete")
    if method is None:
        raise collecting.no_method()
    subscription = call.get("subscription", session["_subscription"])
    invoice = call.get("invoice", subscription["latest_invoice"])
    waiting = invoicing.intent_of(call, invoice)
    if waiting is None or invoice["status"] == "paid":
        # The customer's credit has paid for it.
        payment_methods.attach(call, method, customer["id"])
        call.save(method)
        _finish(call, session, None)
        return
    waiting.update(setup_future_usage="off_session", payment_method_types=list(session["payment_method_types"]))
    call.save(waiting)
    _wait_for(call, session, waiting)
    refusal = collecting.attempt(call, invoice, method["id"], off_session=False, confirming=confirming)
    if refusal and waiting["status"] != "requires_action":
        raise refusal


def _pending_setup(call: Call, session: Object, customer: Object) -> Object:
    known = session["_intent"] and call.find("setup_intent", session["_intent"])
    if known:
        return known
    intent = setup_intents.setup_intent_object(call.new_id("seti_1", 23), call.now, call.new_id("", 31))
    intent.update(customer=customer["id"], payment_method_types=list(session["payment_method_types"]))
    return call.create(intent, emits="setup_intent.created")


_PASSED: Final = (
    *("billing_cycle_anchor", "billing_cycle_anchor_config", "billing_mode", "default_tax_rates", "description"),
    *("proration_behavior", "trial_end", "trial_period_days", "trial_settings"),
)


def _begin(
    call: Call, session: Object, customer: Object, method: str | None, behavior: str = "allow_incomplete"
) -> Object:
    """The subscription of a session's lines; what is bought once goes on its first invoice."""
    data = session["_data"].get("subscription_data", {})
    sent: dict[str, Any] = {name: data[name] for name in _PASSED if name in data}
    if "trial_end" in sent:
        sent["trial_end"] = str(sent["trial_end"])
    sent.update(
        items=[_sent(line) for line in session["_lines"] if line["recurring"]],
        add_invoice_items=[_sent(line) for line in session["_lines"] if not line["recurring"]],
        metadata=dict(data.get("metadata") or {}),
        payment_behavior=behavior,
        currency=session["currency"],
    )
    if session["_coupons"]:
        sent["discounts"] = session["_coupons"]
    if session["automatic_tax"]["enabled"]:
        sent["automatic_tax"] = {"enabled": True}
    if method:
        sent["default_payment_method"] = method
    subscription = beginnings.begin(call, customer, sent)
    session["_subscription"] = subscription["id"]
    return subscription


def _sent(line: Object) -> dict[str, Any]:
    # Prices that came with the session are inactive, and yet they are what is bought.
    sent: dict[str, Any] = {"price": line["price"], "is_inline": True, "metadata": line["metadata"]}
    if line["quantity"] is not None:
        sent["quantity"] = line["quantity"]
    if line["tax_rates"]:
        sent["tax_rates"] = line["tax_rates"]
    return sent


def _waiting(call: Call, intent: Object, status: str) -> Object | None:
    found = call.every(checkout.SESSION.name, {"_intent": intent["id"], "status": status}, limit=1)
    return found[0] if found else None


def tried(call: Call, intent: Object) -> None:
    """An intent was paid, is held or is processing: the session that waited for it is complete."""
    session = _waiting(call, intent, "open")
    if session:
        _finish(call, session, intent)


def saved(call: Call, intent: Object) -> None:
    """A setup intent succeeded: so did its session; a subscription that needs no payment yet begins."""
    session = _waiting(call, intent, "open")
    if session is None:
        return
    if session["mode"] == "subscription":
        _begin(call, session, call.get("customer", session["customer"]), intent["payment_method"])
    _finish(call, session, intent)


def settled(call: Call, intent: Object) -> None:
    """The bank has paid what was processing when the session was completed."""
    session = _waiting(call, intent, "complete")
    if session and session["payment_status"] == "unpaid":
        session["payment_status"] = "paid"
        call.save(session)
        call.emit("checkout.session.async_payment_succeeded", session)


def failed(call: Call, intent: Object) -> None:
    """The bank has refused it."""
    session = _waiting(call, intent, "complete")
    if session and session["payment_status"] == "unpaid":
        call.emit("checkout.session.async_payment_failed", session)


paying.AFTER_ATTEMPT.append(tried)
paying.AFTER_PAYMENT.append(settled)
paying.AFTER_FAILURE.append(failed)
setting_up.AFTER_SETUP.append(saved)


def _finish(call: Call, session: Object, intent: Object | None) -> None:
    """The session is complete; the event comes after all that it brought about."""
    session["_sold"] = checkout.line_items(call, session)
    if intent and intent["object"] == "payment_intent":
        session["payment_status"] = "paid" if intent["status"] == "succeeded" else "unpaid"
    else:
        session["payment_status"] = "no_payment_required"
    if session["_subscription"]:
        _keep_method(call, session, intent)
    elif session["_coupons"] and session["invoice"] is None:
        holder = discounting.Holder(
            session["customer"] or "",
            "checkout_session",
            session["id"],
            session["currency"],
            session["amount_subtotal"],
        )
        session["_discounts"] = discounting.put(call, holder, session["_coupons"], param="discounts")
    session.update(status="complete", url=None)
    call.save(session)
    call.emit("checkout.session.completed", session)
    for tell in AFTER_COMPLETION:
        tell(call, session)


def _keep_method(call: Call, session: Object, intent: Object | None) -> None:
    subscription = call.get("subscription", session["_subscription"])
    session.update(subscription=subscription["id"], invoice=subscription["latest_invoice"])
    if intent and intent["payment_method"]:
        subscription["default_payment_method"] = intent["payment_method"]
        call.save(subscription, emits="customer.subscription.updated")
