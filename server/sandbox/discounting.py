"""Discounts: coupons redeemed by customers, subscriptions, their items, invoices and invoice items.

A discount keeps what its coupon takes off (`_terms`), so that it goes on when the coupon is deleted. How much that is
on an invoice is computed in totals.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from paydesk.server.sandbox import money, periods
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import clearable, list_of, mapping, text

MAX_DISCOUNTS: Final = 20
_SENT: Final = {"coupon": clearable(text()), "discount": clearable(text()), "promotion_code": clearable(text())}
# The parameter `discounts` wherever there is one.
DISCOUNTS: Final = clearable(list_of(mapping(_SENT), maximum=MAX_DISCOUNTS))


def shown(_call: Call, discount: Object) -> Object:
    """Without what it was given for."""
    discount.pop("_terms", None)
    return discount


DISCOUNT: Final = Kind(
    name="discount",
    prefix="di_",
    expands=("customer", "promotion_code", "source.coupon"),
    shows=shown,
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who gets discounts: a customer's subscription, item, invoice or invoice item (`field` names it in a discount).

    `amount_minor` is what the restrictions of promotion codes are measured by; None where it is not known yet.
    """

    customer: str
    field: str
    identifier: str
    currency: str
    amount_minor: int | None = None


def refuse_past(call: Call, at: int | None, param: str) -> None:
    """StripeError for a time that is not to come."""
    if at is not None and at <= call.now:
        raise StripeError(
            f"The parameter `{param}` expects a unix timestamp representing a date and time in the future. "
            f"You specified the value `{at}` which is in the past.",
            param=param,
        )


def invalidate(call: Call, coupon: Object) -> None:
    """Nobody may redeem the coupon any more, nor its promotion codes."""
    coupon["valid"] = False
    call.save(coupon)
    for code in call.every("promotion_code", {"promotion.coupon": coupon["id"], "active": True}):
        code["active"] = False
        call.save(code, emits="promotion_code.updated")


def put(
    call: Call, holder: Holder, sent: Sequence[Mapping[str, Any]] | None, held: Sequence[str] = (), *, param: str
) -> list[str]:
    """Give a holder exactly the discounts that were sent: new ones for coupons and codes, kept ones by their id.

    The ids, in the order sent; those held and not named again are taken away. StripeError names `param[0][coupon]`.
    """
    ids: list[str] = []
    for index, one in enumerate(sent or []):
        ids.append(_given(call, holder, one, held, f"{param}[{index}]"))
    for identifier in held:
        # An invoice may also hold its subscription's discounts, which it only lets go of.
        if identifier not in ids and (call.find("discount", identifier) or {}).get(holder.field) == holder.identifier:
            end(call, identifier)
    return ids


def _given(call: Call, holder: Holder, sent: Mapping[str, Any], held: Sequence[str], param: str) -> str:
    named = [name for name, value in sent.items() if value is not None]
    if len(named) > 1:
        raise StripeError(f"You may only specify one of these parameters: {', '.join(named)}.", param=param)
    if not named:
        raise StripeError(f"You must specify one of: coupon, discount, promotion_code in {param}.", param=param)
    name, value = named[0], str(sent[named[0]])
    if name == "discount":
        found = call.find("discount", value)
        if not found or (value not in held and found["customer"] != holder.customer):
            raise missing("discount", value, f"{param}[discount]", status=400)
        return value
    if name == "coupon":
        coupon = call.mention("coupon", value, f"{param}[coupon]")
        return str(_redeem(call, holder, coupon, None, f"{param}[coupon]")["id"])
    code = call.mention("promotion_code", value, f"{param}[promotion_code]")
    _check_code(call, holder, code, f"{param}[promotion_code]")
    coupon = call.mention("coupon", code["promotion"]["coupon"], f"{param}[promotion_code]")
    return str(_redeem(call, holder, coupon, code, f"{param}[promotion_code]")["id"])


def _check_code(call: Call, holder: Holder, code: Object, param: str) -> None:
    if not code["active"]:
        raise StripeError(f"This promotion code is not active: {code['code']}", param=param)
    if code["customer"] not in (None, holder.customer):
        raise StripeError("This promotion code cannot be redeemed by this customer.", param=param)
    limits = code["restrictions"]
    if limits["first_time_transaction"] and _has_bought(call, holder):
        raise StripeError(
            "This promotion code cannot be redeemed because the associated customer has prior transactions.",
            param=param,
        )
    least = {limits["minimum_amount_currency"]: limits["minimum_amount"]}
    least.update({key: one["minimum_amount"] for key, one in code.get("_currency_options", {}).items()})
    if not limits["minimum_amount"] or holder.amount_minor is None:
        return
    needed = least.get(holder.currency)
    if needed is None:
        raise StripeError(f"This promotion code has no minimum amount in {holder.currency}.", param=param)
    if holder.amount_minor < needed:
        raise StripeError(
            f"This promotion code needs a minimum amount of {money.written(needed, holder.currency)}.", param=param
        )


def _has_bought(call: Call, holder: Holder) -> bool:
    """Whether the customer paid anything before."""
    paid = call.every("invoice", {"customer": holder.customer, "status": "paid"})
    if any(invoice["amount_paid"] for invoice in paid):
        return True
    return any(charge["paid"] for charge in call.every("charge", {"customer": holder.customer}))


def check(call: Call, holder: Holder, coupon: Object, code: Object | None, param: str) -> None:
    """StripeError where a coupon (by its code, if one is given) could not be redeemed by the holder now."""
    if code:
        _check_code(call, holder, code, param)
    _check_coupon(holder, coupon, param)


def _check_coupon(holder: Holder, coupon: Object, param: str) -> None:
    if not coupon["valid"]:
        raise StripeError(f"Coupon expired: {coupon['id']}", code="coupon_expired", param=param)
    terms = terms_of(coupon)
    if terms["percent"] is None and holder.currency not in terms["amounts"]:
        raise StripeError(
            f"The coupon {coupon['id']} takes off {', '.join(terms['amounts'])}; this is in {holder.currency}.",
            param=param,
        )


def _redeem(call: Call, holder: Holder, coupon: Object, code: Object | None, param: str) -> Object:
    """A new discount, counted against what the coupon and the code allow."""
    _check_coupon(holder, coupon, param)
    for redeemed in (code, coupon):
        if redeemed is None:
            continue
        redeemed["times_redeemed"] += 1
        used_up = redeemed["times_redeemed"] == redeemed["max_redemptions"]
        if used_up and redeemed is code:
            redeemed["active"] = False
        call.save(redeemed, emits=f"{redeemed['object']}.updated")
        if used_up and redeemed is coupon:
            invalidate(call, coupon)
    discount = discount_object(call.new_id("di_"), call.now, coupon, holder, code["id"] if code else None)
    call.create(discount)
    if holder.field in ("subscription", ""):
        call.emit("customer.discount.created", discount)
    if discount["end"]:
        call.later(discount["end"], "discount.end", discount=discount["id"])
    return discount


def discount_object(identifier: str, start: int, coupon: Object, holder: Holder, code: str | None) -> Object:
    """A discount that begins now; a repeating one ends so many months later."""
    end_at = None
    if coupon["duration"] == "repeating" and holder.field not in ("invoice", "invoice_item"):
        end_at = periods.boundary(start, "month", coupon["duration_in_months"], 1)
    discount: Object = {
        "id": identifier,
        "object": "discount",
        "checkout_session": None,
        "customer": holder.customer,
        "customer_account": None,
        "end": end_at,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": code,
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": start,
        "subscription": None,
        "subscription_item": None,
        "_terms": {**terms_of(coupon), "once": coupon["duration"] == "once"},
    }
    if holder.field:
        discount[holder.field] = holder.identifier
    return discount


def terms_of(coupon: Object) -> Object:
    """What a coupon takes off: `percent` (exact text) or `amounts` by currency, of which `products` (none: of all)."""
    amounts = {code: one["amount_off"] for code, one in coupon.get("_currency_options", {}).items()}
    if coupon["amount_off"] is not None:
        amounts[coupon["currency"]] = coupon["amount_off"]
    percent = coupon["percent_off"]
    return {
        "percent": None if percent is None else str(percent),
        "amounts": amounts,
        "products": coupon.get("_products", []),
    }


def terms(call: Call, ids: Sequence[str]) -> dict[str, Object]:
    """What each of these discounts takes off."""
    return {one: (call.find("discount", one) or {}).get("_terms", _NOTHING) for one in ids}


_NOTHING: Final[Object] = {"percent": "0", "amounts": {}, "products": [], "once": False}


def running(call: Call, ids: Sequence[str]) -> list[str]:
    """Those of a subscription's or an item's discounts that have not ended."""
    found = [(one, call.find("discount", one)) for one in ids]
    return [one for one, body in found if body and (body.get("end") is None or body["end"] > call.now)]


def end(call: Call, identifier: str) -> Object | None:
    """Take a discount away: the stub that is answered, which still says whose it was and by which coupon."""
    found = call.find("discount", identifier)
    if found is None or found.get("deleted"):
        return found
    was = dict(found)
    found.pop("end")
    found["deleted"] = True
    call.save(found)
    if was["subscription"] or not (was["invoice"] or was["invoice_item"] or was["subscription_item"]):
        call.emit("customer.discount.deleted", was)
    return found


def spend(call: Call, invoice: Object) -> None:
    """Discounts for once have had their invoice: the subscription and its items let go of those that took something."""
    parent = invoice["parent"]
    details = parent and parent.get("subscription_details")
    subscription = details and call.find("subscription", details["subscription"])
    if not subscription:
        return
    used = {one["discount"] for one in invoice["total_discount_amounts"] if one["amount"]}
    spent = {one for one in used if terms(call, [one])[one]["once"]}
    if spent:
        let_go(call, subscription, spent)


def let_go(call: Call, subscription: Object, gone: set[str]) -> None:
    """Take discounts from a subscription and its items; they stay as they were on the invoices that had them."""
    for holder in (subscription, *subscription["items"]["data"]):
        holder["discounts"] = [one for one in holder["discounts"] if one not in gone]
    call.save(subscription)
    for identifier in sorted(gone):
        found = call.find("discount", identifier)
        if found and found["subscription"] and not found.get("deleted"):
            call.emit("customer.discount.deleted", found)
