"""Payments of invoices: the intents that pay them, in whole or in parts, and an invoice of which nothing remains."""

from typing import Final

from paydesk.server.sandbox import dunning, paying
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.resources import payment_intents

INVOICE_PAYMENT: Final = Kind(
    name="invoice_payment",
    prefix="inpay_",
    param="invoice_payment",
    indexed=("invoice", "status", "payment.payment_intent"),
    expands=(
        "invoice",
        "payment.payment_intent",
        *(
            "payment.charge",
            "payment.payment_record",
        ),
    ),
)
NOT_OPEN: Final = "You can only pass in open invoices. This invoice isn't open."


def subscription_of(call: Call, invoice: Object) -> Object | None:
    """The subscription that made the invoice."""
    parent = invoice["parent"]
    details = parent and parent["subscription_details"]
    return call.find("subscription", details["subscription"]) if details else None


def payment_object(identifier: str, created: int, invoice: Object, intent: str) -> Object:
    """An open invoice payment: that this intent is to pay that invoice."""
    return {
        "id": identifier,
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": created,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent, "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }


def settle(call: Call, intent: Object) -> None:
    """An intent was paid: if it is an invoice's, so is that part of it. Called for every payment that succeeds."""
    for payment in call.every("invoice_payment", {"payment.payment_intent": intent["id"]}, limit=1):
        if payment["status"] == "open":
            receive(call, payment, intent)


def receive(call: Call, payment: Object, intent: Object) -> None:
    """An invoice payment has its money; the invoice is paid once nothing remains."""
    payment.update(status="paid", amount_paid=intent["amount_received"])
    payment["status_transitions"]["paid_at"] = call.now
    call.save(payment)
    call.emit("invoice_payment.paid", payment)
    invoice = call.get("invoice", payment["invoice"])
    invoice["attempted"] = True
    invoice["attempt_count"] = max(1, invoice["attempt_count"])
    invoice["amount_paid"] += payment["amount_paid"]
    left = invoice["amount_due"] - invoice["amount_paid"]
    invoice["amount_remaining"], invoice["amount_overpaid"] = max(0, left), max(0, -left)
    _keep_method(call, invoice, intent)
    if left > 0:
        _ask_for_the_rest(call, invoice)
        call.save(invoice, emits="invoice.updated")
        return
    drop_payment(call, invoice, "automatic")
    mark_paid(call, invoice)
    if invoice["amount_overpaid"]:
        call.emit("invoice.overpaid", invoice)


def _ask_for_the_rest(call: Call, invoice: Object) -> None:
    """The invoice's own intent takes what remains, no more."""
    for payment in call.every("invoice_payment", {"invoice": invoice["id"], "status": "open"}):
        if payment["is_default"]:
            payment["amount_requested"] = invoice["amount_remaining"]
            call.save(payment)
            intent = call.get("payment_intent", payment["payment"]["payment_intent"])
            intent["amount"] = invoice["amount_remaining"]
            call.save(intent)


def lower(call: Call, invoice: Object, amount_minor: int) -> None:
    """A credit note takes so much off what is still to be paid (a negative amount: it was voided)."""
    for name in ("amount_due", "amount_remaining"):
        invoice[name] -= amount_minor
    invoice["pre_payment_credit_notes_amount"] += amount_minor
    if invoice["amount_remaining"]:
        _ask_for_the_rest(call, invoice)
        call.save(invoice, emits="invoice.updated")
        return
    drop_payment(call, invoice, "automatic")
    mark_paid(call, invoice)


def attach(call: Call, invoice: Object, intent: Object) -> Object:
    """Let an intent that was made without the invoice pay it, or a part of it, now or when it succeeds."""
    if invoice["status"] not in ("open", "uncollectible"):
        raise StripeError(NOT_OPEN)
    if call.every("invoice_payment", {"payment.payment_intent": intent["id"]}, limit=1):
        raise StripeError(
            f"The PaymentIntent {intent['id']} is attached to an invoice already.", param="payment_intent"
        )
    if intent["currency"] != invoice["currency"] or intent["customer"] not in (None, invoice["customer"]):
        raise StripeError(
            f"The PaymentIntent {intent['id']} must have the currency and the customer of the invoice.",
            param="payment_intent",
        )
    if intent["status"] == "canceled":
        raise StripeError(f"The PaymentIntent {intent['id']} is canceled.", param="payment_intent")
    payment = payment_object(call.new_id("inpay_"), call.now, invoice, intent["id"])
    payment.update(amount_requested=intent["amount"], is_default=False)
    call.create(payment)
    if intent["status"] == "succeeded":
        receive(call, payment, intent)
    return invoice


def _keep_method(call: Call, invoice: Object, intent: Object) -> None:
    """Where a subscription asks for it, what paid becomes what it is charged to from now on."""
    subscription = subscription_of(call, invoice)
    if subscription and subscription["payment_settings"]["save_default_payment_method"] == "on_subscription":
        subscription["default_payment_method"] = intent["payment_method"]
        call.save(subscription)


paying.AFTER_PAYMENT.append(settle)


def pay_out_of_band(call: Call, invoice: Object) -> Object:
    """Record that the customer paid elsewhere: no attempt is counted, no money moves here."""
    drop_payment(call, invoice)
    invoice["amount_paid_off_stripe"] = invoice["amount_remaining"]
    invoice["amount_paid"] += invoice["amount_remaining"]
    return mark_paid(call, invoice)


def mark_paid(call: Call, invoice: Object) -> Object:
    """Nothing remains to be paid: the customer is no longer behind, and the subscription goes on."""
    invoice.update(status="paid", amount_remaining=0, auto_advance=False, next_payment_attempt=None)
    invoice["status_transitions"]["paid_at"] = call.now
    call.save(invoice, emits="invoice.updated")
    call.emit("invoice.paid", invoice)
    call.emit("invoice.payment_succeeded", invoice)
    set_delinquent(call, invoice, value=False)
    subscription = subscription_of(call, invoice)
    if subscription:
        dunning.paid(call, invoice, subscription)
    return invoice


def set_delinquent(call: Call, invoice: Object, *, value: bool) -> None:
    """Whether the customer is behind with a payment."""
    customer = call.find("customer", invoice["customer"])
    if customer and not customer.get("deleted"):
        customer["delinquent"] = value
        call.save(customer, emits="customer.updated")


def drop_payment(call: Call, invoice: Object, reason: str = "void_invoice") -> None:
    """Let go of the payments that an invoice still waits for; the intent that was made for it is cancelled."""
    for payment in call.every("invoice_payment", {"invoice": invoice["id"], "status": "open"}):
        intent = call.get("payment_intent", payment["payment"]["payment_intent"])
        if payment["is_default"] and intent["status"] in payment_intents.CANCELABLE:
            payment_intents.cancel_open(call, intent, reason)
        payment["status"] = "canceled"
        payment["status_transitions"]["canceled_at"] = call.now
        call.save(payment)
