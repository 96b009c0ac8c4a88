"""The kinds of objects that are mirrored: where Stripe lists them, what their tables hold of them, what is inside."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from sqlalchemy import Table

from paydesk.server.store import mirror_schema as tables
from paydesk.skills import recurring_revenue
from paydesk.skills.base import Json
from paydesk.skills.charge import given_back
from paydesk.skills.subscription import period_end, product_id

Columns = Callable[[Json], Json]
_TEXT_CHARACTERS: Final = 255
_CHARGED: Final = frozenset({"active", "past_due"})


@dataclass(frozen=True)
class Part:
    """What is listed inside an object and has a table of its own: `path` lists it in full, with the parent's id."""

    table: Table
    member: str
    path: str
    asked_by: str | None
    columns: Columns
    parent: str


@dataclass(frozen=True)
class Kind:
    """One kind of Stripe's objects. `lists` are the parameters of the lists that together hold all of them."""

    name: str
    table: Table
    path: str
    columns: Columns
    lists: tuple[Mapping[str, Any], ...] = ({},)
    expand: tuple[str, ...] = ()
    part: Part | None = None
    # Members that change without any event and without meaning for what is asked: not compared.
    untold: frozenset[str] = frozenset()
    # Objects that change without an event of their own: the member that names one, and its kind.
    changes: tuple[tuple[str, str], ...] = field(default=())

    @property
    def asked(self) -> Json:
        """Parameters for one object."""
        return {"expand": list(self.expand)} if self.expand else {}

    def listed(self, variant: int) -> Json:
        """Parameters for one of its lists."""
        expand = {"expand": [f"data.{path}" for path in self.expand]} if self.expand else {}
        return {**self.lists[variant], **expand}


#: What of a coupon decides on amounts; the rest, such as how often it was redeemed, changes without an event.
_OF_COUPON: Final = ("id", "object", "amount_off", "currency", "duration", "duration_in_months", "name", "percent_off")


_SECRETS: Final = frozenset({"client_secret", "confirmation_secret"})
_MARKS: Final = ('"client_secret":', '"confirmation_secret":', '"object":"coupon"')
_JSON: Final = json.JSONEncoder(separators=(",", ":"))


def written(it: Any) -> str:
    """As JSON, in the fewest bytes."""
    return _JSON.encode(it)


def kept(it: Json) -> tuple[Json, str]:
    """The object as it is kept, and that as JSON.

    It is without what would let its holder act for the customer, and holds of a coupon only what decides on amounts.
    """
    if not _SECRETS.isdisjoint(it):
        it = {key: value for key, value in it.items() if key not in _SECRETS}
    text = written(it)
    # Few objects have any of these further down, and looking into each member of all would cost more than the rest.
    if any(mark in text for mark in _MARKS):
        it = _without(it)
        text = written(it)
    return it, text


def _without(it: Any) -> Any:
    if isinstance(it, list):
        return [_without(one) for one in it]
    if not isinstance(it, dict):
        return it
    if it.get("object") == "coupon":
        return {name: it.get(name) for name in _OF_COUPON}
    return {key: _without(value) for key, value in it.items() if key not in _SECRETS}


def id_of(reference: object) -> str | None:
    """The id of what is referred to, expanded or not."""
    found = reference.get("id") if isinstance(reference, dict) else reference
    return found if isinstance(found, str) and found else None


def at(it: Json, *path: str) -> Any:
    """A nested member, or None where anything on the way is absent."""
    found: Any = it
    for name in path:
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return found


def text(value: object) -> str | None:
    """Text that every database takes, cut to what a column holds."""
    if not isinstance(value, str):
        return None
    sound = value.replace("\0", "").encode("utf-8", "replace").decode()
    return sound[:_TEXT_CHARACTERS] or None


def _customer(it: Json) -> Json:
    return {
        "name": text(it.get("name")),
        "email": text(it.get("email")),
        "country": text(at(it, "address", "country")),
        "currency": text(it.get("currency")),
    }


def _product(it: Json) -> Json:
    return {"name": text(it.get("name")), "active": it.get("active")}


def _price(it: Json) -> Json:
    return {
        "product": id_of(it.get("product")),
        "currency": text(it.get("currency")),
        "type": text(it.get("type")),
        "unit_amount_decimal": text(it.get("unit_amount_decimal")),
        "interval": text(at(it, "recurring", "interval")),
        "interval_count": at(it, "recurring", "interval_count"),
        "usage_type": text(at(it, "recurring", "usage_type")),
        "active": it.get("active"),
    }


def _payment_intent(it: Json) -> Json:
    return {
        "customer": id_of(it.get("customer")),
        "currency": text(it.get("currency")),
        "amount_minor": it.get("amount"),
        "status": text(it.get("status")),
        "latest_charge": id_of(it.get("latest_charge")),
    }


def _charge(it: Json) -> Json:
    paid_with: Json = it.get("payment_method_details") or {}
    card: Json = next(
        (paid_with[name] for name in ("card", "card_present") if isinstance(paid_with.get(name), dict)), {}
    )
    failed = it.get("status") == "failed"
    return {
        "customer": id_of(it.get("customer")),
        "payment_intent": id_of(it.get("payment_intent")),
        "balance_transaction": id_of(it.get("balance_transaction")),
        "currency": text(it.get("currency")),
        "status": text(it.get("status")),
        "amount_minor": it.get("amount"),
        "amount_captured_minor": it.get("amount_captured"),
        "amount_refunded_minor": given_back(it),
        "paid": it.get("paid"),
        "captured": it.get("captured"),
        "disputed": it.get("disputed"),
        "failure_reason": text(at(it, "outcome", "reason") or it.get("failure_code")) if failed else None,
        "card_brand": text(card.get("brand")),
        "card_country": text(card.get("country")),
        "billing_country": text(at(it, "billing_details", "address", "country")),
    }


def _refund(it: Json) -> Json:
    return {
        "charge": id_of(it.get("charge")),
        "payment_intent": id_of(it.get("payment_intent")),
        "balance_transaction": id_of(it.get("balance_transaction")),
        "currency": text(it.get("currency")),
        "amount_minor": it.get("amount"),
        "status": text(it.get("status")),
        "reason": text(it.get("reason")),
    }


def _balance_transaction(it: Json) -> Json:
    return {
        "currency": text(it.get("currency")),
        "type": text(it.get("type")),
        "reporting_category": text(it.get("reporting_category")),
        "source": id_of(it.get("source")),
        "amount_minor": it.get("amount"),
        "fee_minor": it.get("fee"),
        "net_minor": it.get("net"),
        "available_on": it.get("available_on"),
    }


def a_month_minor(subscription: Json, *, status: str | None = None) -> int:
    """What it brings a month, half up to the minor unit; 0 where its status (or `status` instead) does not count."""
    if (status or subscription.get("status")) not in _CHARGED:
        return 0
    amount: Decimal = recurring_revenue.of(subscription).a_month_minor
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def _subscription(it: Json) -> Json:
    return {
        "customer": id_of(it.get("customer")),
        "currency": text(it.get("currency")),
        "status": text(it.get("status")),
        "start_date": it.get("start_date"),
        "trial_end": it.get("trial_end"),
        "ended_at": it.get("ended_at"),
        "cancel_at": it.get("cancel_at"),
        "current_period_end": period_end(it),
        "a_month_minor": a_month_minor(it),
    }


def _subscription_item(it: Json) -> Json:
    price = it.get("price")
    return {
        "price": id_of(price),
        "product": product_id(price) if isinstance(price, dict) and price.get("product") else None,
        "quantity": it.get("quantity"),
    }


def _invoice(it: Json) -> Json:
    return {
        "customer": id_of(it.get("customer")),
        "subscription": id_of(at(it, "parent", "subscription_details", "subscription") or it.get("subscription")),
        "currency": text(it.get("currency")),
        "status": text(it.get("status")),
        "total_minor": it.get("total"),
        "amount_due_minor": it.get("amount_due"),
        "amount_paid_minor": it.get("amount_paid"),
        "due_date": it.get("due_date"),
    }


def _invoice_line(it: Json) -> Json:
    return {
        "price": id_of(at(it, "pricing", "price_details", "price")),
        "product": id_of(at(it, "pricing", "price_details", "product")),
        "currency": text(it.get("currency")),
        "amount_minor": it.get("amount"),
        "quantity": it.get("quantity"),
        "period_start": at(it, "period", "start"),
        "period_end": at(it, "period", "end"),
    }


def _dispute(it: Json) -> Json:
    return {
        "charge": id_of(it.get("charge")),
        "payment_intent": id_of(it.get("payment_intent")),
        "currency": text(it.get("currency")),
        "amount_minor": it.get("amount"),
        "status": text(it.get("status")),
        "reason": text(it.get("reason")),
        "due_by": at(it, "evidence_details", "due_by"),
    }


def _payout(it: Json) -> Json:
    return {
        "currency": text(it.get("currency")),
        "amount_minor": it.get("amount"),
        "status": text(it.get("status")),
        "arrival_date": it.get("arrival_date"),
        "automatic": it.get("automatic"),
    }


_ITEMS = Part(
    tables.subscription_items,
    "items",
    "/v1/subscription_items",
    "subscription",
    _subscription_item,
    "subscription",
)
_LINES = Part(tables.invoice_lines, "lines", "/v1/invoices/{id}/lines", None, _invoice_line, "invoice")

#: Every kind by Stripe's name for it (`object`).
KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("customer", tables.customers, "/v1/customers", _customer, untold=frozenset({"next_invoice_sequence"})),
        Kind("product", tables.products, "/v1/products", _product),
        # Without `active` the list is documented to hold the active ones only.
        Kind("price", tables.prices, "/v1/prices", _price, lists=({"active": True}, {"active": False})),
        Kind("payment_intent", tables.payment_intents, "/v1/payment_intents", _payment_intent),
        Kind("charge", tables.charges, "/v1/charges", _charge),
        Kind("refund", tables.refunds, "/v1/refunds", _refund, changes=(("charge", "charge"),)),
        # It becomes available by the calendar; `available_on` says when.
        Kind(
            "balance_transaction",
            tables.balance_transactions,
            "/v1/balance_transactions",
            _balance_transaction,
            untold=frozenset({"status"}),
        ),
        Kind(
            "subscription",
            tables.subscriptions,
            "/v1/subscriptions",
            _subscription,
            lists=({"status": "all"},),
            expand=("discounts.source.coupon",),
            part=_ITEMS,
        ),
        Kind("invoice", tables.invoices, "/v1/invoices", _invoice, part=_LINES),
        Kind("dispute", tables.disputes, "/v1/disputes", _dispute, changes=(("charge", "charge"),)),
        Kind("payout", tables.payouts, "/v1/payouts", _payout),
    )
}

# What is not mirrored itself but changes what is: the member that names it, and its kind.
OTHERS: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "discount": (("customer", "customer"), ("subscription", "subscription")),
    "credit_note": (("invoice", "invoice"), ("customer", "customer")),
    "invoiceitem": (("invoice", "invoice"),),
}

GONE: Final = frozenset({"customer.deleted", "product.deleted", "price.deleted", "invoice.deleted"})
