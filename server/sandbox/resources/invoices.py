"""Invoices: made by hand or by a subscription, finalized, paid, sent, voided. collecting.py holds the transitions."""

from typing import Any, Final

from paydesk.server.sandbox import (
    automatic_tax,
    collecting,
    discounting,
    invoice_paper,
    invoicing,
    lists,
    pending,
    periods,
    receiving,
    revising,
    search,
    taxing,
)
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.conditions import all_of, between
from paydesk.server.sandbox.errors import StripeError, missing, missing_parameter
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    LISTING,
    SEARCHING,
    boolean,
    choice,
    clearable,
    currency,
    integer,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
    times,
    timestamp,
    unserved,
)
from paydesk.server.sandbox.resources import payment_methods
from paydesk.server.sandbox.routes import Resource

STATUSES: Final = ("draft", "open", "void", "paid", "uncollectible")
_METHODS: Final = choice("charge_automatically", "send_invoice")
_FIELDS: Final = {
    **invoice_paper.PAPER,
    "auto_advance": boolean(),
    "automatically_finalizes_at": timestamp(),
    "collection_method": _METHODS,
    "days_until_due": integer(0, 730),
    "default_payment_method": clearable(text()),
    "default_tax_rates": taxing.RATES,
    "discounts": discounting.DISCOUNTS,
    "due_date": timestamp(),
    "metadata": metadata(),
    "automatic_tax": automatic_tax.AUTOMATIC,
    **unserved("application_fee_amount", "default_source", "on_behalf_of", "shipping_cost"),
    **unserved("transfer_data"),
}
_CREATE: Final = {
    **_FIELDS,
    "currency": currency(),
    "customer": text(),
    "pending_invoice_items_behavior": choice("include", "exclude"),
    "subscription": text(),
    "from_invoice": mapping({"action": required(choice("revision")), "invoice": required(text())}),
    **unserved("customer_account"),
}
_LIST: Final = {
    **LISTING,
    "collection_method": _METHODS,
    "customer": text(),
    "due_date": times(),
    "status": choice(*STATUSES),
    "subscription": text(),
    **unserved("customer_account"),
}
# What may still be said of an invoice that is no longer a draft.
_ALWAYS: Final = frozenset({"auto_advance", "default_payment_method", "expand", "metadata"})

resource = Resource()


@resource.post("/v1/invoices", _CREATE)
def create(call: Call) -> Answer:
    """A new draft; with `pending_invoice_items_behavior=include` it takes the customer's pending items."""
    sent = call.params
    if "from_invoice" in sent:
        return _revise(call, sent)
    if "customer" not in sent and "subscription" not in sent:
        raise StripeError("You must pass either `customer` or `subscription` to create an invoice.", param="customer")
    subscription = (
        call.mention("subscription", sent["subscription"], "subscription") if "subscription" in sent else None
    )
    owner = sent["customer"] if "customer" in sent else (subscription or {})["customer"]
    customer = call.mention("customer", owner, "customer")
    if subscription and subscription["customer"] != customer["id"]:
        raise StripeError(
            f"The subscription {subscription['id']} does not belong to the customer {customer['id']}.",
            param="subscription",
        )
    method = sent.get("collection_method", "charge_automatically")
    money_of = _currency(call, customer, subscription)
    items = []
    if sent.get("pending_invoice_items_behavior") == "include":
        items = pending.due(call, customer, money_of, subscription)
    terms = invoicing.Terms(
        subscription=subscription,
        billing_reason="subscription_update" if subscription else "manual",
        auto_advance=sent.get("auto_advance", False),
        collection_method=method,
        due_date=_due_date(sent, method, call.now, is_new=True),
    )
    invoice = invoicing.draft(call, customer, money_of, terms)
    _apply(call, invoice, sent)
    at = _finalizes_at(call, sent)
    if at:
        charges = method == "charge_automatically"
        invoice.update(automatically_finalizes_at=at, next_payment_attempt=at - 1 if charges else None)
    lines = pending.take(call, invoice, items)
    return invoicing.put(call, invoice, lines, customer)


def _revise(call: Call, sent: dict[str, Any]) -> Object:
    """A draft like an open invoice; what is sent besides differs."""
    of = revising.original(call, sent["from_invoice"]["invoice"])
    if sent.get("customer", of["customer"]) != of["customer"]:
        raise StripeError("A revision is for the customer of the invoice that it revises.", param="customer")
    customer = call.mention("customer", of["customer"], "customer")
    invoice, lines = revising.draft(call, of, customer)
    method = str(sent.get("collection_method", invoice["collection_method"]))
    kept = invoice["due_date"] if method == "send_invoice" else None
    due = _due_date(sent, method, call.now, is_new=kept is None)
    invoice.update(collection_method=method, due_date=due or kept)
    _apply(call, invoice, sent)
    return invoicing.put(call, invoice, lines, customer)


def _currency(call: Call, customer: Object, subscription: Object | None) -> str:
    """What was asked for, else the subscription's, else that of what is pending, else the customer's, else ours."""
    if "currency" in call.params:
        return str(call.params["currency"])
    if subscription:
        return str(subscription["currency"])
    waiting = pending.waiting(call, customer["id"])
    return str((waiting[0]["currency"] if waiting else None) or customer["currency"] or call.store.settlement.currency)


def _due_date(sent: dict[str, Any], method: str, now: int, *, is_new: bool) -> int | None:
    """When an invoice that is sent must be paid; StripeError where what was sent does not fit its way of collection."""
    named = [name for name in ("due_date", "days_until_due") if name in sent]
    if method != "send_invoice":
        if named:
            raise StripeError(
                "You can only specify 'due_date' or 'days_until_due' if invoice collection method is 'send_invoice'."
            )
        return None
    if len(named) > 1:
        raise StripeError("You may only specify one of these parameters: due_date, days_until_due.", param="due_date")
    if not named:
        if is_new:
            raise StripeError(
                "If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'."
            )
        return None
    if "due_date" in sent:
        if sent["due_date"] <= now:
            raise StripeError("Invalid due_date: must be in the future.", param="due_date")
        return int(sent["due_date"])
    return int(now + sent["days_until_due"] * periods.DAY_S)


@resource.get("/v1/invoices", _LIST)
def list_all(call: Call) -> Answer:
    """Invoices, newest first, by customer, status, subscription, way of collection, due date."""
    sent = call.params
    where = {
        **{name: sent.get(name) for name in ("customer", "status", "collection_method")},
        "parent.subscription_details.subscription": sent.get("subscription"),
    }
    matching = [between("due_date", sent["due_date"])] if "due_date" in sent else []
    return lists.page(call, "invoice", where, matching=all_of(matching))


@resource.get("/v1/invoices/search", SEARCHING)
def find(call: Call) -> Answer:
    """Invoices by the query language."""
    return search.answer(call, "invoice")


@resource.get("/v1/invoices/{invoice}")
def retrieve(call: Call, invoice: str) -> Answer:
    """One invoice."""
    return living(call, invoice, "invoice")


@resource.post("/v1/invoices/{invoice}", _FIELDS)
def update(call: Call, invoice: str) -> Answer:
    """Change a draft; of a finalized invoice only what is not on the paper."""
    found = living(call, invoice, "id")
    sent = call.params
    if found["status"] != "draft":
        for name in sent:
            if name not in _ALWAYS:
                raise StripeError("Finalized invoices can't be updated in this way", param=name)
    method = str(sent.get("collection_method", found["collection_method"]))
    due = _due_date(sent, method, call.now, is_new=method != found["collection_method"])
    if method != found["collection_method"] or due is not None:
        found.update(collection_method=method, due_date=due)
    _apply(call, found, sent)
    if {"auto_advance", "automatically_finalizes_at", "collection_method"} & set(sent):
        _plan(call, found, advances=bool(sent.get("auto_advance", found["auto_advance"])), at=_finalizes_at(call, sent))
    if found["status"] == "draft":
        invoicing.recount(found, call.get("customer", found["customer"], param="customer"))
    return call.save(found, emits="invoice.updated")


def _apply(call: Call, invoice: Object, sent: dict[str, Any]) -> None:
    invoice_paper.write(call, invoice, sent)
    if "metadata" in sent:
        invoice["metadata"] = merged_metadata(invoice["metadata"], sent["metadata"])
    if "default_payment_method" in sent:
        invoice["default_payment_method"] = own_method(call, invoice["customer"], sent["default_payment_method"])
    if "discounts" in sent:
        _set_discounts(call, invoice, sent["discounts"])
    if "default_tax_rates" in sent:
        invoice["default_tax_rates"] = taxing.rates(call, sent["default_tax_rates"], "default_tax_rates")
    if "automatic_tax" in sent:
        invoice.pop("_rates", None)
        automatic_tax.switch(invoice, sent["automatic_tax"])
        automatic_tax.apply(call, invoice, call.get("customer", invoice["customer"]))


def _set_discounts(call: Call, invoice: Object, sent: list[dict[str, Any]] | None) -> None:
    worth = sum(line["amount"] for line in invoice["lines"]["data"]) if invoice["lines"]["data"] else None
    holder = discounting.Holder(invoice["customer"], "invoice", invoice["id"], invoice["currency"], worth)
    given = discounting.put(call, holder, sent, invoice["discounts"], param="discounts")
    invoicing.set_discounts(call, invoice, given)


def own_method(call: Call, customer: str, method: str | None, param: str = "default_payment_method") -> str | None:
    """A payment method of that customer; StripeError for another's."""
    if method is None:
        return None
    found = payment_methods.usable(call, method, param)
    if found["customer"] != customer:
        raise StripeError(
            f"The customer does not have a payment method with the ID {method}. The payment method must be attached to "
            "the customer.",
            code="resource_missing",
            param=param,
        )
    return str(found["id"])


def _finalizes_at(call: Call, sent: dict[str, Any]) -> int | None:
    """When a draft is to be finalized by itself, where that was asked for; StripeError where it does not advance."""
    at: int | None = sent.get("automatically_finalizes_at")
    if at is None:
        return None
    if sent.get("auto_advance") is not True:
        raise StripeError("`automatically_finalizes_at` needs `auto_advance=true`.", param="automatically_finalizes_at")
    discounting.refuse_past(call, at, "automatically_finalizes_at")
    return at


def _plan(call: Call, invoice: Object, *, advances: bool, at: int | None = None) -> None:
    """Whether the invoice goes on by itself, and when: counted from its creation (recorded: 13_invoices)."""
    invoice["auto_advance"] = advances
    if invoice["status"] != "draft":
        if not advances:
            invoice["next_payment_attempt"] = None
        return
    charges = invoice["collection_method"] == "charge_automatically"
    created = invoice["created"]
    finalizes_at = (at or created + invoicing.FINALIZE_AFTER_S) if advances else None
    if finalizes_at and finalizes_at != invoice["automatically_finalizes_at"]:
        call.later(max(finalizes_at, call.now), "invoice.advance", invoice=invoice["id"])
    invoice["automatically_finalizes_at"] = finalizes_at
    # The charge is planned for the second before (recorded: 13_invoices).
    invoice["next_payment_attempt"] = finalizes_at - 1 if finalizes_at and charges else None


@resource.delete("/v1/invoices/{invoice}")
def delete(call: Call, invoice: str) -> Answer:
    """Delete a draft made by hand, and its items with it."""
    found = living(call, invoice, "invoice")
    if found["status"] != "draft":
        raise StripeError("You can only delete draft invoices.")
    if found["parent"]:
        raise StripeError("You can't delete invoices created by subscriptions.")
    pending.go_with(call, found)
    return call.delete(found, emits="invoice.deleted")


@resource.post("/v1/invoices/{invoice}/finalize", {"auto_advance": boolean()})
def finalize(call: Call, invoice: str) -> Answer:
    """Close a draft: number it, and open it for payment."""
    found = living(call, invoice, "id")
    if found["status"] == "draft" and "auto_advance" in call.params:
        found["auto_advance"] = call.params["auto_advance"]
    collecting.finalize(call, found)
    if found["status"] == "open" and found["auto_advance"] and found["collection_method"] == "charge_automatically":
        found["next_payment_attempt"] = call.now + invoicing.ATTEMPT_AFTER_S
        call.later(found["next_payment_attempt"], "invoice.collect", invoice=invoice)
        call.save(found)
    return found


_PAY: Final = {
    "off_session": boolean(),
    "paid_out_of_band": boolean(),
    "payment_method": text(),
    **unserved("forgive", "mandate", "source"),
}


@resource.post("/v1/invoices/{invoice}/pay", _PAY)
def pay(call: Call, invoice: str) -> Answer:
    """Charge an invoice now, or record that it was paid elsewhere; a draft is finalized first."""
    found = living(call, invoice, "id")
    sent = call.params
    if found["status"] == "paid":
        raise StripeError("Invoice is already paid")
    if found["status"] == "void":
        raise StripeError(receiving.NOT_OPEN)
    if found["status"] == "draft":
        collecting.finalize(call, found)
        if found["status"] == "paid":
            return found
    if sent.get("paid_out_of_band"):
        return receiving.pay_out_of_band(call, found)
    method = sent.get("payment_method") and own_method(
        call, found["customer"], sent["payment_method"], "payment_method"
    )
    method = method or collecting.method_for(call, found)
    if method is None:
        raise collecting.no_method()
    refusal = collecting.attempt(call, found, method, off_session=sent.get("off_session", True))
    if refusal:
        raise refusal
    return found


@resource.post("/v1/invoices/{invoice}/attach_payment", {"payment_intent": text(), **unserved("payment_record")})
def attach_payment(call: Call, invoice: str) -> Answer:
    """Let an intent pay an open invoice, or a part of it."""
    found = living(call, invoice, "invoice")
    if "payment_intent" not in call.params:
        raise missing_parameter("payment_intent")
    return receiving.attach(
        call, found, call.mention("payment_intent", call.params["payment_intent"], "payment_intent")
    )


@resource.post("/v1/invoices/{invoice}/send")
def send(call: Call, invoice: str) -> Answer:
    """Mail an invoice to the customer; a draft is finalized first."""
    found = living(call, invoice, "invoice")
    if found["status"] not in ("draft", "open"):
        raise StripeError(receiving.NOT_OPEN)
    if found["collection_method"] != "send_invoice":
        raise StripeError(
            "You can only manually send an invoice if its collection method is 'send_invoice'. "
            "For test mode, no emails are sent."
        )
    if found["status"] == "draft":
        collecting.finalize(call, found)
    call.emit("invoice.sent", found)
    return found


@resource.post("/v1/invoices/{invoice}/void")
def void(call: Call, invoice: str) -> Answer:
    """Take back a finalized invoice that is not paid."""
    return collecting.void(call, living(call, invoice, "id"))


@resource.post("/v1/invoices/{invoice}/mark_uncollectible")
def mark_uncollectible(call: Call, invoice: str) -> Answer:
    """Give an open invoice up."""
    return collecting.mark_uncollectible(call, living(call, invoice, "id"))


@resource.action("invoice.advance")
def advance(call: Call, invoice: str) -> None:
    """A draft's hour is over: it is finalized, then charged or sent. Nothing where it was changed meanwhile."""
    found = call.find("invoice", invoice)
    if not found or found.get("deleted") or found["status"] != "draft" or not found["auto_advance"]:
        return
    if (found["automatically_finalizes_at"] or 0) > call.now:
        return
    owner = call.find("customer", found["customer"])
    if not owner or owner.get("deleted"):
        return
    collecting.finalize_by_itself(call, found)
    if found["status"] != "open":
        return
    if found["collection_method"] == "send_invoice":
        call.emit("invoice.sent", found)
        return
    collecting.attempt(call, found, collecting.method_for(call, found), off_session=True, by_itself=True)


@resource.action("invoice.collect")
def collect(call: Call, invoice: str) -> None:
    """The time of the next attempt has come, unless the plan was changed since."""
    found = call.find("invoice", invoice)
    if not found or found["status"] != "open" or found["next_payment_attempt"] != call.now:
        return
    collecting.attempt(call, found, collecting.method_for(call, found), off_session=True, by_itself=True)


def living(call: Call, invoice: str, param: str) -> Object:
    """The invoice that the path names; 404 blaming `param`, which differs between the operations as recorded."""
    found = call.get("invoice", invoice, param=param)
    if found.get("deleted"):
        raise missing("invoice", invoice, param)
    return found
