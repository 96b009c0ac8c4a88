"""Collecting invoices: finalized, tried, failed, voided; the customer's balance follows. Payments are in receiving.py.

draft --finalize--> open --pay--> paid          (nothing due: paid at once)
                      |--void--> void
                      '--mark--> uncollectible --pay--> paid | --void--> void
"""

from typing import Any, Final

from paydesk.server.sandbox import (
    automatic_tax,
    billing_credits,
    customer_credit,
    dunning,
    invoice_paper,
    invoicing,
    money,
    paying,
    receiving,
    tax_places,
)
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object

ALREADY_FINAL: Final = "This invoice is already finalized, you can't re-finalize a non-draft invoice."
NO_METHOD: Final = (
    "This customer has no attached payment source or default payment method. Please consider adding a default payment "
    "method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting"
    "#payment-method-priority."
)
_REQUIRES_ACTION: Final = (
    "Payment for this invoice requires additional user action before it can be completed successfully. Payment can be "
    "completed using the PaymentIntent associated with the invoice. For more details see: "
    "https://stripe.com/docs/billing/subscriptions/overview#requires-action"
)
# Banks answer these the same way again, so a retry waits for another payment method
# (https://docs.stripe.com/billing/revenue-recovery/smart-retries).
_HARD_DECLINES: Final = frozenset(
    {"authentication_required", "highest_risk_level", "incorrect_number", "lost_card", "pickup_card"}
    | {"revocation_of_all_authorizations", "revocation_of_authorization", "stolen_card", "transaction_not_allowed"}
)
_DESCRIPTIONS: Final = {
    "subscription_create": "Subscription creation",
    "subscription_cycle": "Subscription update",
    "subscription_update": "Subscription update",
}


def no_method() -> StripeError:
    """Nothing that the customer could be charged with."""
    return StripeError(NO_METHOD, code="resource_missing")


def method_for(call: Call, invoice: Object) -> str | None:
    """What an invoice is charged to: its own default, the subscription's, the customer's (at last the default source);
    None where there is none.

    One that was detached since is passed over.
    """
    subscription = receiving.subscription_of(call, invoice) or {}
    customer = call.find("customer", invoice["customer"]) or {}
    settings = customer.get("invoice_settings") or {}
    for holder in (invoice, subscription, settings):
        identifier = holder.get("default_payment_method")
        method = identifier and call.find("payment_method", identifier)
        if method and method["customer"] == invoice["customer"]:
            return str(identifier)
    source = customer.get("default_source")
    return str(source) if source else None


def finalize(call: Call, invoice: Object) -> Object:
    """Number the invoice, settle it against the customer's balance, and open it; paid at once where nothing is due."""
    if invoice["status"] != "draft":
        raise StripeError(ALREADY_FINAL)
    customer = call.get("customer", invoice["customer"], param="customer")
    if customer.get("deleted"):
        raise StripeError(f"The customer {customer['id']} of this invoice was deleted.")
    invoice.update(invoicing.customer_fields(customer), customer_tax_ids=invoicing.tax_ids_of(call, customer))
    if invoice["automatic_tax"]["enabled"]:
        automatic_tax.check_location(customer)
        automatic_tax.apply(call, invoice, customer)
    invoicing.recount(invoice, customer)
    if billing_credits.use(call, invoice):
        invoicing.recount(invoice, customer)
    _number(call, invoice, customer)
    _settle_balance(call, invoice, customer)
    invoice["status"] = "open"
    invoice["effective_at"] = invoice["effective_at"] or call.now
    invoice["automatically_finalizes_at"] = invoice["next_payment_attempt"] = None
    invoice["status_transitions"]["finalized_at"] = call.now
    address = f"https://invoice.stripe.com/i/{call.account}/test_{invoice['id'][3:]}"
    invoice.update(hosted_invoice_url=address, invoice_pdf=f"{address}/pdf")
    invoice_paper.fix_rendering(invoice)
    if invoice["amount_due"]:
        _ask_payment(call, invoice, customer)
    call.save(invoice, emits="invoice.updated")
    call.emit("invoice.finalized", invoice)
    _replace_original(call, invoice)
    if not invoice["amount_due"]:
        invoice["attempted"] = True
        receiving.mark_paid(call, invoice)
    return invoice


def finalize_by_itself(call: Call, invoice: Object) -> None:
    """The same without anybody waiting for the answer: what forbids it is noted on the draft, and told."""
    customer = call.get("customer", invoice["customer"])
    if invoice["automatic_tax"]["enabled"] and tax_places.location(customer) is None:
        error = tax_places.no_location("automatic_tax").body("")["error"]
        error.pop("request_log_url", None)
        invoice["last_finalization_error"] = error
        invoice["automatic_tax"].update(
            enabled=False, disabled_reason="finalization_requires_location_inputs", status="requires_location_inputs"
        )
        invoice.update(auto_advance=False, automatically_finalizes_at=None, next_payment_attempt=None)
        call.save(invoice, emits="invoice.updated")
        call.emit("invoice.finalization_failed", invoice)
        return
    finalize(call, invoice)


def _replace_original(call: Call, invoice: Object) -> None:
    """A revision takes the place of the invoice that it was made of."""
    source = invoice["from_invoice"]
    of = call.find("invoice", source["invoice"]) if source else None
    if of and of["status"] in ("open", "uncollectible"):
        of["latest_revision"] = invoice["id"]
        void(call, of)


def _number(call: Call, invoice: Object, customer: Object) -> None:
    if invoice["number"] is None:
        invoice["number"] = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
        customer["next_invoice_sequence"] += 1
    call.save(customer)
    if customer["currency"] is None:
        customer["currency"] = invoice["currency"]
        call.save(customer, emits="customer.updated")


def _settle_balance(call: Call, invoice: Object, customer: Object) -> None:
    """Use up the customer's balance; what is too little to charge, or negative, is carried over to it."""
    due = invoice["total"] + invoice["starting_balance"]
    too_small = _is_too_small(invoice)
    carried = due if due <= 0 or too_small else 0
    applied = (0 if too_small else carried) - invoice["starting_balance"]
    if applied:
        customer_credit.move(call, customer, applied, "applied_to_invoice", invoice)
    if too_small:
        customer_credit.move(call, customer, due, "invoice_too_small", invoice)
    foresee(invoice)


def _is_too_small(invoice: Object) -> bool:
    due = invoice["total"] + invoice["starting_balance"]
    return due > 0 and money.is_below_least(due, invoice["currency"])


def foresee(invoice: Object) -> None:
    """What will be due, and what the customer's balance will be afterwards: all of it where that cannot be charged."""
    due = invoice["total"] + invoice["starting_balance"]
    is_carried = due <= 0 or _is_too_small(invoice)
    invoice["ending_balance"] = due if is_carried else 0
    invoice["amount_due"] = invoice["amount_remaining"] = 0 if is_carried else due


def _ask_payment(call: Call, invoice: Object, customer: Object) -> None:
    """The intent that the invoice will be paid with, and the record that joins the two."""
    description = _DESCRIPTIONS.get(invoice["billing_reason"], "Payment for Invoice")
    intent = paying.charge_customer(
        call, customer, invoice["amount_due"], invoice["currency"], None, description=description
    )
    call.create(receiving.payment_object(call.new_id("inpay_"), call.now, invoice, intent["id"]))


def attempt(
    call: Call,
    invoice: Object,
    method: str | None,
    *,
    off_session: bool,
    by_itself: bool = False,
    confirming: dict[str, Any] | None = None,
) -> StripeError | None:
    """Try to charge an open invoice; None if it is paid now, else the refusal that a request would answer with.
    `confirming`: what the confirmation says besides (paying.pay).

    Any first attempt counts as one, afterwards only those that the sandbox makes `by_itself`.
    """
    invoice["attempted"] = True
    invoice["attempt_count"] = invoice["attempt_count"] + 1 if by_itself else max(1, invoice["attempt_count"])
    call.save(invoice)
    intent = invoicing.intent_of(call, invoice)
    if method is None or intent is None:
        _failed(call, invoice, by_itself=by_itself)
        return no_method()
    if by_itself and _is_hopeless(intent, method):
        _failed(call, invoice, by_itself=True)
        return _decline_of(intent)
    paying.pay(call, intent, method, off_session=off_session, confirming=confirming)
    if intent["status"] in ("succeeded", "processing"):
        # A bank answers later: the invoice is open until then.
        return None
    if intent["status"] == "requires_action":
        call.emit("invoice.payment_action_required", invoice)
        return StripeError(
            _REQUIRES_ACTION,
            status=402,
            type="card_error",
            code="invoice_payment_intent_requires_action",
            extra={"payment_intent": intent},
            keeps_effects=True,
        )
    _failed(call, invoice, by_itself=by_itself)
    return _decline_of(intent)


def _is_hopeless(intent: Object, method: str) -> bool:
    last = intent["last_payment_error"] or {}
    tried = (last.get("payment_method") or {}).get("id")
    return tried == method and last.get("decline_code", last.get("code")) in _HARD_DECLINES


def _decline_of(intent: Object) -> StripeError:
    last = dict(intent["last_payment_error"])
    extra = {name: value for name, value in last.items() if name not in ("message", "type", "code", "param", "doc_url")}
    return StripeError(
        last["message"],
        status=402,
        type=last["type"],
        code=last.get("code"),
        param=last.get("param"),
        extra={**extra, "payment_intent": intent},
        keeps_effects=True,
    )


def _failed(call: Call, invoice: Object, *, by_itself: bool) -> None:
    """Record the failure; a subscription that was running falls behind, and retries are planned."""
    subscription = receiving.subscription_of(call, invoice)
    next_try = dunning.next_try(call, invoice) if by_itself else None
    invoice["next_payment_attempt"] = next_try
    call.save(invoice, emits="invoice.updated")
    if _wants_cardholder(call, invoice):
        call.emit("invoice.payment_action_required", invoice)
    call.emit("invoice.payment_failed", invoice)
    if next_try is not None:
        call.later(next_try, "invoice.collect", invoice=invoice["id"])
    if by_itself:
        receiving.set_delinquent(call, invoice, value=True)
    if subscription:
        dunning.failed(call, invoice, subscription, is_last=by_itself and next_try is None)


def bank_refused(call: Call, intent: Object) -> None:
    """A debit that was processing failed: if it is an invoice's, so has that try to collect it."""
    for payment in call.every("invoice_payment", {"payment.payment_intent": intent["id"]}, limit=1):
        invoice = call.get("invoice", payment["invoice"])
        if payment["status"] == "open" and invoice["status"] == "open":
            _failed(call, invoice, by_itself=True)


paying.AFTER_FAILURE.append(bank_refused)


def _wants_cardholder(call: Call, invoice: Object) -> bool:
    """Whether the last try failed only because nobody was there to authenticate it."""
    intent = invoicing.intent_of(call, invoice)
    last = (intent or {}).get("last_payment_error") or {}
    return "authentication_required" in (last.get("code"), last.get("decline_code"))


def void(call: Call, invoice: Object) -> Object:
    """Take back an open or uncollectible invoice; its amounts stay as they were."""
    if invoice["status"] == "paid":
        raise StripeError("Invoices with `paid` payments cannot be voided.")
    if invoice["status"] not in ("open", "uncollectible"):
        raise StripeError(receiving.NOT_OPEN)
    if call.every("invoice_payment", {"invoice": invoice["id"], "status": "paid"}, limit=1):
        raise StripeError("Invoices with `paid` payments cannot be voided.")
    receiving.drop_payment(call, invoice)
    used = invoice["ending_balance"] - invoice["starting_balance"]
    customer = call.find("customer", invoice["customer"])
    # Credit that the invoice had used up goes back to the customer.
    if used and customer and not customer.get("deleted"):
        customer_credit.move(call, customer, -used, "unapplied_from_invoice", invoice)
    billing_credits.give_back(call, invoice)
    invoice.update(status="void", auto_advance=False, next_payment_attempt=None)
    invoice["status_transitions"]["voided_at"] = call.now
    call.save(invoice, emits="invoice.updated")
    call.emit("invoice.voided", invoice)
    return invoice


def mark_uncollectible(call: Call, invoice: Object) -> Object:
    """Give an open invoice up as a bad debt."""
    if invoice["status"] == "uncollectible":
        raise StripeError("This invoice has already been marked uncollectible.")
    if invoice["status"] != "open":
        raise StripeError(receiving.NOT_OPEN)
    invoice.update(status="uncollectible", auto_advance=False, next_payment_attempt=None)
    invoice["status_transitions"]["marked_uncollectible_at"] = call.now
    call.save(invoice, emits="invoice.updated")
    call.emit("invoice.marked_uncollectible", invoice)
    receiving.set_delinquent(call, invoice, value=False)
    return invoice
