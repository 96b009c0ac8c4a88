"""Quotes as objects: what they would cost, and what accepting one makes: a subscription, a schedule or an invoice.

draft --finalize--> open --accept--> accepted      draft or open --cancel, or time--> canceled
"""

from typing import Any, Final

from paydesk.server.sandbox import (
    beginnings,
    discounting,
    invoicing,
    lists,
    pending,
    periods,
    pricing,
    scheduling,
    totals,
)
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.resources import invoice_items

KEPT_S: Final = 30 * periods.DAY_S


def shown(_call: Call, quote: Object) -> Object:
    """Without what is there only when expanded."""
    return {name: value for name, value in quote.items() if not name.startswith("_")}


def _lines(call: Call, quote: Object) -> Object:
    return lists.whole(items(call, kept(call, quote["id"])), f"/v1/quotes/{quote['id']}/line_items")


def kept(call: Call, identifier: str) -> Object:
    """The quote with the notes that its shown form lacks."""
    found = call.find("quote", identifier)
    return found or {}


QUOTE: Final = Kind(
    name="quote",
    prefix="qt_",
    param="quote",
    indexed=("customer", "status", "test_clock"),
    expands=(
        *("customer", "invoice", "subscription", "subscription_schedule", "test_clock", "default_tax_rates"),
        *("discounts", "from_quote.quote", "application", "on_behalf_of"),
        *(
            "automatic_tax.liability.account",
            "invoice_settings.issuer.account",
            "transfer_data.destination",
        ),
    ),
    includes={"line_items": _lines},
    shows=shown,
)


def counted(call: Call, quote: Object, lines: list[Object]) -> Object:
    """What lines of a quote add up to, as an invoice would."""
    invoice: Object = {
        "lines": {"data": [_as_line(call, line) for line in lines]},
        "discounts": quote["discounts"],
        "_terms": discounting.terms(call, [*quote["discounts"], *(one for line in lines for one in line["discounts"])]),
        "default_tax_rates": [call.find("tax_rate", one) or {} for one in quote["default_tax_rates"]],
        "_rates": {
            line["id"]: [call.find("tax_rate", one) for one in line["tax_rates"]] for line in lines if line["tax_rates"]
        },
    }
    customer = call.find("customer", quote["customer"] or "") or {}
    totals.count(invoice, customer.get("tax_exempt") or "none")
    return invoice


def _as_line(call: Call, line: Object) -> Object:
    price = call.get("price", line["price"])
    quantity = line["quantity"]
    return {
        "id": line["id"],
        "amount": 0 if quantity is None else pricing.cost(price, quantity),
        "currency": price["currency"],
        "discountable": True,
        "discounts": line["discounts"],
        "pricing": invoicing.pricing_of(price),
    }


def items(call: Call, quote: Object) -> list[Object]:
    """The line items of a quote, as its own lists show them."""
    found = []
    invoice = counted(call, quote, quote["_lines"])
    for line, priced in zip(quote["_lines"], invoice["lines"]["data"], strict=True):
        price = call.get("price", line["price"])
        tax = sum(one["amount"] for one in priced["taxes"])
        off = sum(one["amount"] for one in priced["discount_amounts"])
        on_top = sum(one["amount"] for one in priced["taxes"] if one["tax_behavior"] == "exclusive")
        product = call.find("product", price["product"]) or {}
        found.append(
            {
                "id": line["id"],
                "object": "item",
                "adjustable_quantity": None,
                "amount_discount": off,
                "amount_subtotal": priced["amount"],
                "amount_tax": tax,
                "amount_total": priced["amount"] - off + on_top,
                "currency": price["currency"],
                "description": product.get("name"),
                "metadata": {},
                "price": {name: value for name, value in price.items() if not name.startswith("_")},
                "quantity": line["quantity"],
            }
        )
    return found


def count(call: Call, quote: Object) -> None:
    """Set what a quote comes to: at once, and by each period."""
    lines = quote["_lines"]
    recurring = [line for line in lines if line["recurring"]]
    is_trial = bool(quote["subscription_data"]["trial_period_days"])
    upfront = [line for line in lines if not line["recurring"] or not is_trial]
    now = counted(call, quote, upfront)
    quote.update(amount_subtotal=_full(now), amount_total=now["total"], total_details=_details(now))
    each = counted(call, quote, recurring)
    quote["computed"] = {
        "recurring": _sums(each) | {name: recurring[0]["recurring"][name] for name in ("interval", "interval_count")}
        if recurring
        else None,
        "upfront": _sums(now),
    }


def _sums(invoice: Object) -> Object:
    return {
        "amount_subtotal": _full(invoice),
        "amount_total": invoice["total"],
        "total_details": _details(invoice),
    }


def _full(invoice: Object) -> int:
    """What the lines cost before discounts and taxes."""
    return sum(line["amount"] for line in invoice["lines"]["data"])


def _details(invoice: Object) -> Object:
    off = sum(one["amount"] for one in invoice["total_discount_amounts"])
    tax = sum(one["amount"] for one in invoice["total_taxes"])
    return {"amount_discount": off, "amount_shipping": 0, "amount_tax": tax}


def carry_out(call: Call, quote: Object) -> None:
    """What an accepted quote makes."""
    customer = call.get("customer", quote["customer"])
    recurring = [line for line in quote["_lines"] if line["recurring"]]
    if not recurring:
        quote["invoice"] = _invoice(call, quote, customer)["id"]
        return
    starts_at = quote["subscription_data"]["effective_date"]
    if starts_at is not None and starts_at > call.now:
        quote["subscription_schedule"] = _schedule(call, quote, recurring, starts_at)["id"]
        return
    subscription = beginnings.begin(call, customer, _subscription_of(quote, recurring), advances=True)
    quote.update(subscription=subscription["id"], invoice=subscription["latest_invoice"])


def _subscription_of(quote: Object, recurring: list[Object]) -> dict[str, Any]:
    data = quote["subscription_data"]
    once = [line for line in quote["_lines"] if not line["recurring"]]
    sent: dict[str, Any] = {
        "items": [_sent(line) for line in recurring],
        "add_invoice_items": [_sent(line) for line in once],
        "collection_method": quote["collection_method"],
        "metadata": dict(data["metadata"] or {}),
        "default_tax_rates": quote["default_tax_rates"],
        "discounts": quote["_coupons"],
        "billing_mode": {"type": data["billing_mode"]["type"]},
    }
    if data["description"]:
        sent["description"] = data["description"]
    if data["trial_period_days"]:
        sent["trial_period_days"] = data["trial_period_days"]
    if quote["collection_method"] == "send_invoice":
        sent["days_until_due"] = quote["invoice_settings"]["days_until_due"] or 30
    return sent


def _sent(line: Object) -> dict[str, Any]:
    # Prices that came with the quote are inactive, and yet they are what is accepted.
    sent: dict[str, Any] = {"price": line["price"], "is_inline": True}
    if line["quantity"] is not None:
        sent["quantity"] = line["quantity"]
    given = {"tax_rates": line["tax_rates"], "discounts": line["coupons"]}
    return {**sent, **{name: value for name, value in given.items() if value}}


def _schedule(call: Call, quote: Object, recurring: list[Object], starts_at: int) -> Object:
    # The schedules' resource builds phases out of parameters, which is what a quote amounts to.
    from paydesk.server.sandbox.resources import subscription_schedules

    wanted = _subscription_of(quote, recurring)
    settings: dict[str, Any] = {"collection_method": wanted["collection_method"]}
    if "days_until_due" in wanted:
        settings["invoice_settings"] = {"days_until_due": wanted["days_until_due"]}
    passed = ("items", "add_invoice_items", "metadata", "default_tax_rates", "discounts")
    phase: dict[str, Any] = {name: wanted[name] for name in passed}
    if "trial_period_days" in wanted:
        phase["trial_end"] = str(starts_at + wanted["trial_period_days"] * periods.DAY_S)
    schedule = subscription_schedules.make(
        call, {"customer": quote["customer"], "default_settings": settings, "phases": [phase]}, starts_at
    )
    scheduling.wait(call, schedule)
    return schedule


def _invoice(call: Call, quote: Object, customer: Object) -> Object:
    """The draft of a quote for things that are bought once; whoever made the quote sends it on."""
    days = quote["invoice_settings"]["days_until_due"]
    sends = quote["collection_method"] == "send_invoice"
    settings = quote["invoice_settings"]
    said = {name: settings[name] for name in ("custom_fields", "description", "footer") if settings[name]}
    terms = invoicing.Terms(
        collection_method=quote["collection_method"],
        due_date=call.now + (days or 30) * periods.DAY_S if sends else None,
        fields=said,
    )
    invoice = invoicing.draft(call, customer, quote["currency"], terms)
    details = {"quote": quote["id"]}
    invoice["parent"] = {"quote_details": details, "subscription_details": None, "type": "quote_details"}
    holder = discounting.Holder(customer["id"], "invoice", invoice["id"], quote["currency"], quote["amount_subtotal"])
    if quote["_coupons"]:
        invoicing.set_discounts(call, invoice, discounting.put(call, holder, quote["_coupons"], param="discounts"))
    found = []
    for line in quote["_lines"]:
        sent = {**_sent(line), "tax_rates": line["tax_rates"] or quote["default_tax_rates"]}
        body = invoice_items.priced(
            call,
            {"pricing": {"price": line["price"], "is_inline": True}, "quantity": line["quantity"]},
            quote["currency"],
        )
        found.append(invoice_items.new_item(call, customer["id"], body, sent))
    return invoicing.put(call, invoice, pending.take(call, invoice, found), customer)
