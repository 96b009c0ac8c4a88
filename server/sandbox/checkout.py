"""Checkout sessions as objects: how one looks, what it comes to, and what ends it.

open --completed (a page or a call)--> complete (paid, or unpaid until the bank has answered)
  '--expire, or time--> expired
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from paydesk.server.sandbox import checkout_lines, discounting, lists, redirects
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.resources import payment_methods, shipping_rates

PAGE: Final = "/c/pay/"
_NOWHERE: Final = "https://checkout.stripe.com"


def shown(call: Call, session: Object) -> Object:
    """Without the sandbox's own notes. A payment that was only held is paid once it is captured."""
    if session["payment_status"] == "unpaid" and session["status"] == "complete" and session["payment_intent"]:
        intent = call.find("payment_intent", session["payment_intent"])
        if intent and intent["status"] == "succeeded":
            session["payment_status"] = "paid"
    return visible(session)


def address_of(call: Call, identifier: str) -> str:
    """Where a session's page stands; in-process, where there is none, an address of Stripe's that leads nowhere."""
    mine = "" if call.account == call.store.fact("account") else f"?account={call.account}"
    return f"{call.origin or _NOWHERE}{PAGE}{identifier}{mine}"


def kept(call: Call, session: Object) -> Object:
    """The stored session, with the notes that its shown form lacks."""
    return call.get(SESSION.name, session["id"])


def line_items(call: Call, session: Object) -> list[Object]:
    """The lines of a stored session."""
    found: list[Object] = session.get("_sold") or checkout_lines.items(call, session["_lines"], count(call, session))
    return found


def _lines_of(call: Call, session: Object) -> Object:
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    found = lists.whole(line_items(call, kept(call, session)), url)
    del found["total_count"]
    return found


def _breakdown_of(call: Call, session: Object) -> Object:
    invoice = count(call, kept(call, session))
    return {
        "discounts": checkout_lines.given_discounts(call, invoice),
        "taxes": checkout_lines.taken_taxes(call, invoice["total_taxes"]),
    }


SESSION: Final = Kind(
    name="checkout.session",
    prefix="cs_test_",
    param="session",
    indexed=(
        "customer",
        "payment_intent",
        "payment_link",
        "status",
        "subscription",
        "_intent",
        "setup_intent",
        "_line_ids",
    ),
    expands=(
        *("customer", "invoice", "payment_intent", "payment_link", "setup_intent", "subscription"),
        *("discounts.coupon", "discounts.promotion_code", "shipping_cost.shipping_rate"),
        "shipping_options.shipping_rate",
        *(
            "automatic_tax.liability.account",
            "invoice_creation.invoice_data.account_tax_ids",
            "invoice_creation.invoice_data.issuer.account",
        ),
    ),
    includes={"line_items": _lines_of, "total_details.breakdown": _breakdown_of},
    shows=shown,
)


def blank(call: Call, mode: str) -> Object:
    """An open session of which only the mode is known, with every field that Stripe shows."""
    identifier = call.new_id("cs_test_a1", 56)
    return {
        "id": identifier,
        "object": SESSION.name,
        "adaptive_pricing": {"enabled": False} if mode != "setup" else None,
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": None,
        "amount_total": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "branding_settings": {
            "background_color": "#ffffff",
            "border_style": "rounded",
            "button_color": "#0074d4",
            "display_name": "Sandbox",
            "font_family": "default",
            "icon": None,
            "logo": None,
        },
        "cancel_url": None,
        "client_reference_id": None,
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": call.now,
        "currency": None,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance"),
        ),
        "customer": None,
        "customer_account": None,
        "customer_creation": None,
        "customer_details": None,
        "customer_email": None,
        "discounts": [],
        "expires_at": call.now + 86_400,
        "integration_identifier": None,
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": None,
        "managed_payments": {"enabled": False},
        "metadata": {},
        "mode": mode,
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required" if mode == "payment" else "always",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "no_payment_required" if mode == "setup" else "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": None,
        "total_details": None,
        "ui_mode": "hosted_page",
        "url": address_of(call, identifier),
        "wallet_options": None,
        "_coupons": [],
        "_data": {},
        "_discounts": [],
        "_intent": None,
        "_line_ids": [],
        "_lines": [],
        "_subscription": None,
    }


def invoice_creation(sent: Mapping[str, Any] | None) -> Object:
    """`invoice_creation` whole."""
    data = (sent or {}).get("invoice_data", {})
    paper = data.get("rendering_options")
    return {
        "enabled": bool(sent and sent["enabled"]),
        "invoice_data": {
            "account_tax_ids": None,
            "custom_fields": data.get("custom_fields"),
            "description": data.get("description"),
            "footer": data.get("footer"),
            "issuer": data.get("issuer"),
            "metadata": data.get("metadata") or {},
            "rendering_options": paper and {"amount_tax_display": None, "template": None, **paper},
        },
    }


def count(call: Call, session: Object) -> Object:
    """What a session's lines come to now, as an invoice would say it."""
    data = session["_data"].get("subscription_data", {})
    is_trial = bool(data.get("trial_period_days") or data.get("trial_end"))
    terms = {
        "automatic_tax": session["automatic_tax"]["enabled"],
        "customer": _taxed(call, session),
        "default_tax_rates": data.get("default_tax_rates"),
        "discounts": session["_discounts"],
        "later": [line["id"] for line in session["_lines"] if line["recurring"]] if is_trial else [],
    }
    invoice = checkout_lines.counted(call, session["_lines"], session["currency"], terms)
    if session["automatic_tax"]["enabled"]:
        session["automatic_tax"]["status"] = invoice["automatic_tax"]["status"]
    return invoice


checkout_lines.COUNTS[SESSION.name] = count


def _taxed(call: Call, session: Object) -> Object | None:
    """Who is taxed: the customer, as far as is known, with the address entered here before the one on file."""
    customer = call.find("customer", session["customer"] or "") or {}
    told = session["customer_details"] or {}
    goods = (session["collected_information"] or {}).get("shipping_details")
    return {
        "address": told.get("address") or customer.get("address"),
        "shipping": goods or customer.get("shipping"),
        "tax_exempt": customer.get("tax_exempt") or "none",
    }


def recount(call: Call, session: Object) -> None:
    """Set what a session comes to: its lines, less discounts, with taxes and shipping."""
    if session["mode"] == "setup":
        return
    session["_line_ids"] = [line["id"] for line in session["_lines"]]
    invoice = count(call, session)
    shipping = _shipping(call, session)
    sent = shipping["amount_total"] if shipping else 0
    session.update(
        amount_subtotal=sum(line["amount"] for line in invoice["lines"]["data"]),
        amount_total=invoice["total"] + sent,
        shipping_cost=shipping,
        total_details={
            "amount_discount": sum(one["amount"] for one in invoice["total_discount_amounts"]),
            "amount_shipping": sent,
            "amount_tax": sum(one["amount"] for one in invoice["total_taxes"]),
        },
    )


def _shipping(call: Call, session: Object) -> Object | None:
    """What the chosen way of shipping costs, the first one until another is chosen. Shipping is not taxed here."""
    if not session["shipping_options"]:
        return None
    known = (session["shipping_cost"] or {}).get("shipping_rate")
    rates = {one["shipping_rate"]: one["shipping_amount"] for one in session["shipping_options"]}
    chosen = known if known in rates else next(iter(rates))
    return {
        "amount_subtotal": rates[chosen],
        "amount_tax": 0,
        "amount_total": rates[chosen],
        "shipping_rate": chosen,
    }


def shipping_options(call: Call, sent: list[Mapping[str, Any]], currency: str, param: str) -> list[Object]:
    """`shipping_options` of a session or a link, of rates that there are or that come along."""
    found = []
    for index, one in enumerate(sent):
        at = f"{param}[{index}]"
        if ("shipping_rate" in one) == ("shipping_rate_data" in one):
            raise StripeError(
                f"You must specify exactly one of: {at}[shipping_rate], {at}[shipping_rate_data].", param=at
            )
        if "shipping_rate" in one:
            rate = call.mention("shipping_rate", one["shipping_rate"], f"{at}[shipping_rate]")
            if not rate["active"]:
                raise StripeError(f"The shipping rate {rate['id']} is archived.", param=f"{at}[shipping_rate]")
        else:
            rate = shipping_rates.make(call, one["shipping_rate_data"], f"{at}[shipping_rate_data]")
        amount_minor = shipping_rates.amount_in(rate, currency, at)
        found.append({"shipping_amount": amount_minor, "shipping_rate": rate["id"]})
    return found


def discount(call: Call, session: Object, sent: list[Mapping[str, Any]], param: str = "discounts") -> None:
    """Give a session these discounts instead of those that it has; they are redeemed when it completes."""
    if len(sent) > 1:
        raise StripeError("You can only apply one discount to a Checkout Session.", param=param)
    coupons, ids, told = [], [], []
    for index, one in enumerate(sent):
        named = {name: value for name, value in one.items() if value is not None}
        if len(named) != 1:
            raise StripeError("A discount names either a `coupon` or a `promotion_code`.", param=f"{param}[{index}]")
        ((name, value),) = named.items()
        found = call.mention(name, value, f"{param}[{index}][{name}]")
        code = found if name == "promotion_code" else None
        coupon = call.get("coupon", found["promotion"]["coupon"]) if code else found
        amount_minor = sum(checkout_lines.cost(call, line, session["currency"]) for line in session["_lines"])
        holder = discounting.Holder(
            session["customer"] or "", "checkout_session", session["id"], session["currency"], amount_minor
        )
        discounting.check(call, holder, coupon, code, f"{param}[{index}][{name}]")
        made = discounting.discount_object(call.new_id("di_"), call.now, coupon, holder, code["id"] if code else None)
        made["customer"] = session["customer"]
        ids.append(call.create(made)["id"])
        coupons.append({name: value})
        told.append({"coupon": coupon["id"] if code is None else None, "promotion_code": code and code["id"]})
    session.update(_coupons=coupons, _discounts=ids, discounts=told)


def types_of(call: Call, session: Object, named: list[str] | None, excluded: list[str] | None) -> list[str]:
    """The payment method types that a session offers: those named, or cards and what else goes with its currency."""
    from paydesk.server.sandbox import intents

    if named:
        intents.check_types(named, session["currency"])
        return named
    found = ["card"]
    for kind in intents.DEFAULT_TYPES:
        known = redirects.BY_TYPE.get(kind)
        fits = known and session["currency"] and (not known.currencies or session["currency"] in known.currencies)
        if fits and (session["mode"] == "payment" or (known and known.saves)):
            found.append(kind)
    return [one for one in found if one not in (excluded or ())]


def payable(session: Object) -> list[str]:
    """Those of a session's types that the sandbox can be paid with."""
    return [one for one in session["payment_method_types"] if one in payment_methods.PAYABLE]


def check_open(session: Object, doing: str) -> None:
    """StripeError for a session that is over."""
    if session["status"] != "open":
        raise StripeError(
            f'Only Checkout Sessions with a status in ["open"] can be {doing}. This Checkout Session has a status of '
            f"{session['status']}."
        )


def expire(call: Call, session: Object) -> Object:
    """Nobody completes it any more; what was begun for it is let go."""
    from paydesk.server.sandbox.resources import payment_intents

    session.update(status="expired", url=None)
    recovery = (session["after_expiration"] or {}).get("recovery")
    if recovery and recovery["enabled"]:
        where = address_of(call, session["id"])
        mark = "&" if "?" in where else "?"
        recovery.update(expires_at=call.now + 30 * 86_400, url=f"{where}{mark}recover=true")
    intent = session["_intent"] and call.find("payment_intent", session["_intent"])
    if intent and session["mode"] == "payment" and intent["status"] in payment_intents.CANCELABLE:
        payment_intents.cancel_open(call, intent, None)
    call.save(session)
    call.emit("checkout.session.expired", session)
    return session


def recovered(call: Call, session: Object) -> Object | None:
    """A new session that takes up an expired one whose merchant lets it be recovered; None where that is over."""
    recovery = (session["after_expiration"] or {}).get("recovery")
    if not recovery or not recovery["enabled"] or not recovery["url"] or recovery["expires_at"] <= call.now:
        return None
    fresh = blank(call, session["mode"])
    renewed = ("id", "created", "expires_at", "url", "status", "payment_status", "payment_intent", "client_secret")
    kept_of_old = {name: value for name, value in deepcopy(session).items() if name not in renewed}
    fresh.update(kept_of_old, after_expiration=None, recovered_from=session["id"], _intent=None, _subscription=None)
    fresh["allow_promotion_codes"] = recovery["allow_promotion_codes"] or session["allow_promotion_codes"]
    fresh["_lines"] = [{**line, "id": call.new_id("li_1")} for line in fresh["_lines"]]
    recount(call, fresh)
    call.create(fresh)
    call.later(fresh["expires_at"], "checkout.expire", session=fresh["id"])
    return fresh
