"""Invoices as objects: the invoice, its lines, and what they add up to. Drafting one, by hand or for a subscription.

What happens to an invoice afterwards stands in collecting.py. All amounts are minor units of the invoice's currency.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from paydesk.server.sandbox import automatic_tax, customer_credit, discounting, invoice_paper, lists, periods, totals
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.resources.account import own_account

# A draft that advances by itself is charged after an hour and finalized a second later (recorded: 13_invoices).
ATTEMPT_AFTER_S: Final = periods.HOUR_S
FINALIZE_AFTER_S: Final = periods.HOUR_S + 1
SHOWN_LINES: Final = 10


def shown(call: Call, invoice: Object) -> Object:
    """Drafts follow the customer's balance; of long invoices the first ten lines are shown."""
    if invoice["status"] == "draft" and "_preview" not in invoice:
        customer = call.find("customer", invoice["customer"])
        if customer and not customer.get("deleted"):
            recount(invoice, customer)
    for note in totals.NOTES:
        invoice.pop(note, None)
    lines = invoice["lines"]
    if len(lines["data"]) > SHOWN_LINES:
        invoice["lines"] = {**lines, "data": lines["data"][:SHOWN_LINES], "has_more": True}
    return invoice


def _payments(call: Call, invoice: Object) -> Object:
    found = call.every("invoice_payment", {"invoice": invoice["id"]})
    return lists.whole(found, f"/v1/invoice_payments?invoice={invoice['id']}")


def _confirmation_secret(call: Call, invoice: Object) -> Object | None:
    intent = intent_of(call, invoice)
    return intent and {"client_secret": intent["client_secret"], "type": "payment_intent"}


INVOICE: Final = Kind(
    name="invoice",
    prefix="in_",
    param="invoice",
    indexed=("customer", "status", "collection_method", "parent.subscription_details.subscription"),
    expands=(
        *("customer", "default_payment_method", "latest_revision", "on_behalf_of", "test_clock"),
        *("parent.subscription_details.subscription", "discounts", "account_tax_ids", "from_invoice.invoice"),
        *("total_discount_amounts.discount", "total_pretax_credit_amounts.discount"),
        "total_taxes.tax_rate_details.tax_rate",
        *(
            "application",
            "automatic_tax.liability.account",
            "default_source",
            "issuer.account",
            "shipping_cost.shipping_rate",
            "total_pretax_credit_amounts.credit_balance_transaction",
        ),
    ),
    includes={"confirmation_secret": _confirmation_secret, "payments": _payments},
    searches={
        "created": "number",
        "currency": "token",
        "customer": "token",
        "metadata": "metadata",
        "number": "token",
        "receipt_number": "token",
        "status": "token",
        "subscription": "token@parent.subscription_details.subscription",
        "total": "number",
    },
    shows=shown,
)
LINE_ITEM: Final = Kind(
    name="line_item",
    prefix="il_",
    called="invoice line item",
    expands=(
        *("discounts", "pricing.price_details.price"),
        *("discount_amounts.discount", "pretax_credit_amounts.discount", "taxes.tax_rate_details.tax_rate"),
        "pretax_credit_amounts.credit_balance_transaction",
        "subscription",
    ),
)


@dataclass(frozen=True, slots=True)
class Terms:
    """How an invoice is made: why, for which span of time, for which subscription, and how it is collected."""

    billing_reason: str = "manual"
    period: tuple[int, int] | None = None
    subscription: Object | None = None
    auto_advance: bool = False
    collection_method: str = "charge_automatically"
    due_date: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)


def invoice_object(
    identifier: str, created: int, customer: Object, currency: str, terms: Terms, *, account: Object
) -> Object:
    """A draft without lines."""
    start, end = terms.period or (created, created)
    by_hand = terms.subscription is None
    advances = terms.auto_advance
    charges = advances and terms.collection_method == "charge_automatically"
    return {
        "id": identifier,
        "object": "invoice",
        "account_country": account["country"],
        "account_name": account["business_profile"]["name"],
        "account_tax_ids": None,
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_paid_off_stripe": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": advances,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "automatically_finalizes_at": created + FINALIZE_AFTER_S if advances else None,
        "billing_reason": terms.billing_reason,
        "collection_method": terms.collection_method,
        "created": created,
        "currency": currency,
        "custom_fields": customer["invoice_settings"]["custom_fields"],
        "customer": customer["id"],
        "customer_account": None,
        **customer_fields(customer),
        "customer_tax_ids": [],
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "due_date": terms.due_date,
        "effective_at": None,
        "ending_balance": None,
        "footer": customer["invoice_settings"]["footer"],
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "lines": lists.whole([], f"/v1/invoices/{identifier}/lines"),
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": created + ATTEMPT_AFTER_S if charges else None,
        "number": None,
        "on_behalf_of": None,
        "parent": parent_of(terms.subscription),
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": end,
        "period_start": start,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": invoice_paper.rendering() if by_hand else None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": 0,
        "statement_descriptor": None,
        "status": "draft",
        "status_transitions": dict.fromkeys(
            ("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at"),
        ),
        "subtotal": 0,
        "subtotal_excluding_tax": 0,
        "test_clock": None,
        "total": 0,
        "total_discount_amounts": [],
        "total_excluding_tax": 0,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": created,
        **terms.fields,
    }


def customer_fields(customer: Object) -> Object:
    """What an invoice says of the customer; it follows the customer until it is finalized."""
    return {f"customer_{name}": customer[name] for name in _OF_CUSTOMER}


def tax_ids_of(call: Call, customer: Object) -> list[Object]:
    """The customer's tax ids as invoices show them, the first one first; fixed when the invoice is finalized."""
    found = call.every("tax_id", {"customer": customer["id"]})
    return [{"type": one["type"], "value": one["value"]} for one in reversed(found)]


_OF_CUSTOMER: Final = ("address", "email", "name", "phone", "shipping", "tax_exempt")


def parent_of(subscription: Object | None) -> Object | None:
    """What made the invoice."""
    if subscription is None:
        return None
    details = {"metadata": dict(subscription["metadata"]), "subscription": subscription["id"]}
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


def line_object(identifier: str, invoice: str, body: Object) -> Object:
    """A line of an invoice; `body` holds amount, currency, description, parent, period, pricing, quantity."""
    return {
        "id": identifier,
        "object": "line_item",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice,
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity_decimal": str(body["quantity"]),
        "subtotal": body["amount"],
        "taxes": [],
        **body,
    }


def pricing_of(price: Object, *, is_proration: bool = False) -> Object:
    """The `pricing` of a line or an invoice item; prorations show no unit amount (recorded: probe_proration)."""
    return {
        "price_details": {"price": price["id"], "product": price["product"]},
        "type": "price_details",
        "unit_amount_decimal": None if is_proration else price["unit_amount_decimal"],
    }


def set_lines(invoice: Object, lines: list[Object], customer: Object) -> None:
    """Give a draft its lines, and the amounts that follow from them."""
    invoice["lines"] = lists.whole(lines, invoice["lines"]["url"])
    recount(invoice, customer)


def recount(invoice: Object, customer: Object) -> None:
    """The amounts of a draft, with the customer's balance in its currency as it is now (positive: it is owed)."""
    balance = customer_credit.balance_of(customer, invoice["currency"])
    totals.count(invoice, customer.get("tax_exempt") or "none")
    invoice["starting_balance"] = balance
    invoice["amount_due"] = invoice["amount_remaining"] = max(0, invoice["total"] + balance)


def draft(call: Call, customer: Object, currency: str, terms: Terms) -> Object:
    """A draft without lines, not yet stored, with its subscription's discounts and tax rates, or the customer's."""
    invoice = invoice_object(call.new_id("in_"), call.now, customer, currency, terms, account=own_account(call))
    invoice["customer_tax_ids"] = tax_ids_of(call, customer)
    source = terms.subscription
    inherited = list(source["discounts"]) if source else []
    if not inherited and customer["discount"]:
        inherited = [customer["discount"]["id"]]
    set_discounts(call, invoice, discounting.running(call, inherited))
    if source:
        invoice["default_tax_rates"] = [dict(rate) for rate in source["default_tax_rates"]]
        if source["automatic_tax"]["enabled"]:
            automatic_tax.switch(invoice, source["automatic_tax"])
    return invoice


def set_discounts(call: Call, invoice: Object, ids: list[str]) -> None:
    """Give an invoice its discounts, over all lines that they apply to."""
    invoice["discounts"] = ids
    if ids:
        invoice.setdefault("_terms", {}).update(discounting.terms(call, ids))


def carry(call: Call, invoice: Object, line: Object, item: Object) -> None:
    """Give a line the discounts and the tax rates of the item that it stands for."""
    line["discounts"] = discounting.running(call, item["discounts"])
    if line["discounts"]:
        invoice.setdefault("_terms", {}).update(discounting.terms(call, line["discounts"]))
    own = invoice.setdefault("_rates", {}) if item["tax_rates"] else invoice.get("_rates", {})
    own.pop(line["id"], None)
    if item["tax_rates"]:
        own[line["id"]] = [dict(rate) for rate in item["tax_rates"]]
    if invoice["automatic_tax"]["enabled"]:
        customer = call.get("customer", invoice["customer"])
        invoice.setdefault("_rates", {})[line["id"]] = automatic_tax.rates_of(call, invoice, line, customer)


def put(call: Call, invoice: Object, lines: list[Object], customer: Object) -> Object:
    """Store a new draft with its lines; it will advance by itself where it says so."""
    set_lines(invoice, lines, customer)
    call.create(invoice, emits="invoice.created")
    discounting.spend(call, invoice)
    if invoice["automatically_finalizes_at"] is not None:
        call.later(invoice["automatically_finalizes_at"], "invoice.advance", invoice=invoice["id"])
    return invoice


def intent_of(call: Call, invoice: Object) -> Object | None:
    """The payment intent that was made for an invoice; None while it needs none."""
    for payment in call.every("invoice_payment", {"invoice": invoice["id"]}):
        identifier = payment["payment"].get("payment_intent")
        if identifier and payment["is_default"]:
            return call.find("payment_intent", identifier)
    return None
