"""The page at a billing portal session's `url`; what it shows and allows is the configuration's to say."""

from typing import Any, Final

from paydesk.server.sandbox import agreements, checkout_entry, leaving, money, periods, subscribing
from paydesk.server.sandbox.call import Answer, Call, Page
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.pages import portal
from paydesk.server.sandbox.params import choice, clearable, text
from paydesk.server.sandbox.resources import payment_methods
from paydesk.server.sandbox.resources.billing_portal import CONFIGURATION, PORTAL, SESSION
from paydesk.server.sandbox.resources.invoices import own_method
from paydesk.server.sandbox.routes import Resource

_INVOICES_SHOWN: Final = 20
_FORM: Final = {
    **dict.fromkeys(("cancel", "resume", "default"), text(100)),
    "add": choice("card"),
    **dict.fromkeys(("number", "expiry", "cvc"), clearable(text(60))),
}

resource = Resource()


@resource.get(PORTAL + "{token}")
def look(call: Call, token: str) -> Answer:
    """Ours: the portal's page for one session."""
    session = _session(call, token)
    if session is None:
        return Page(portal.nothing(), status=404)
    return _page(call, session)


def _session(call: Call, token: str) -> Object | None:
    return next(iter(call.every(SESSION.name, {"_token": token}, limit=1)), None)


def _allowed(call: Call, session: Object) -> Object:
    features: Object = call.get(CONFIGURATION.name, session["configuration"])["features"]
    return features


def _page(call: Call, session: Object, message: str = "") -> Page:
    configuration = call.get(CONFIGURATION.name, session["configuration"])
    allowed = configuration["features"]
    customer = call.get("customer", session["customer"])
    name = customer.get("name") or customer.get("email") or customer["id"]
    html = portal.whole(
        name,
        _plans(call, customer, can_cancel=allowed["subscription_cancel"]["enabled"]),
        _cards(call, customer) if allowed["payment_method_update"]["enabled"] else None,
        _invoices(call, customer) if allowed["invoice_history"]["enabled"] else None,
        back=session["return_url"],
        message=message,
        headline=configuration["business_profile"]["headline"] or "",
    )
    return Page(html, status=402 if message else 200)


def _plans(call: Call, customer: Object, *, can_cancel: bool) -> list[portal.Plan]:
    found = []
    for one in call.every("subscription", {"customer": customer["id"]}):
        if one["status"] in subscribing.ENDED:
            continue
        items = []
        for item in one["items"]["data"]:
            product = call.find("product", item["price"]["product"]) or {}
            items.append(f"{item.get('quantity') or 1} × {product.get('name') or item['price']['id']}")
        end = periods.written(subscribing.period_of(one)[1])
        until = f"ends on {periods.written(one['cancel_at'])}" if one["cancel_at"] else f"renews on {end}"
        button = "cancel" if not one["cancel_at"] else "resume" if one["cancel_at_period_end"] else ""
        state = f"{one['status'].replace('_', ' ')}, {until}"
        found.append(portal.Plan(one["id"], ", ".join(items), state, button if can_cancel else ""))
    return found


def _cards(call: Call, customer: Object) -> list[portal.Card]:
    default = (customer.get("invoice_settings") or {}).get("default_payment_method")
    return [
        portal.Card(one["id"], _words(one), one["id"] == default)
        for one in call.every("payment_method", {"customer": customer["id"]})
    ]


def _words(method: Object) -> str:
    details = method[method["type"]] or {}
    if method["type"] == "card":
        month, year = details["exp_month"], details["exp_year"] % 100
        return f"{details['brand'].title()} ending in {details['last4']}, until {month:02}/{year:02}"
    last = details.get("last4")
    return f"{method['type'].replace('_', ' ')}{f' ending in {last}' if last else ''}"


def _invoices(call: Call, customer: Object) -> list[tuple[str, str]]:
    return [
        (
            f"{one['number'] or 'draft'}, {periods.written(one['created'])}, {one['status']}",
            money.written(one["total"], one["currency"]),
        )
        for one in call.every("invoice", {"customer": customer["id"]}, limit=_INVOICES_SHOWN)
    ]


@resource.post(PORTAL + "{token}", _FORM)
def act(call: Call, token: str) -> Answer:
    """Ours: the customer cancels, takes that back, or changes what is charged, as the configuration allows."""
    session = _session(call, token)
    if session is None:
        return Page(portal.nothing(), status=404)
    sent = call.params
    if "cancel" in sent:
        _cancel(call, session, _own(call, session, "cancel"))
    elif "resume" in sent:
        found = _own(call, session, "resume")
        agreements.apply(call, found, {"cancel_at_period_end": False})
        call.save(found, emits="customer.subscription.updated")
    elif "default" in sent or "add" in sent:
        if not _allowed(call, session)["payment_method_update"]["enabled"]:
            raise StripeError("This session may not change the payment method.", param="default")
        try:
            with call.store.savepoint():
                _charge_from_now_on(call, session, sent)
        except StripeError as error:
            call.forget()
            return _page(call, session, error.message)
    return Page(goes_to=f"{PORTAL}{token}")


def _own(call: Call, session: Object, param: str) -> Object:
    """The subscription that a button is about; StripeError unless it is the customer's and may be cancelled."""
    found = call.mention("subscription", call.params[param], param)
    if found["customer"] != session["customer"] or not _allowed(call, session)["subscription_cancel"]["enabled"]:
        raise StripeError("This session may not cancel that subscription.", param=param)
    if found["status"] in subscribing.ENDED:
        raise StripeError("This subscription has ended.", param=param)
    return found


def _cancel(call: Call, session: Object, subscription: Object) -> None:
    wanted = _allowed(call, session)["subscription_cancel"]
    if wanted["mode"] == "at_period_end":
        agreements.apply(call, subscription, {"cancel_at_period_end": True})
        call.save(subscription, emits="customer.subscription.updated")
    else:
        how = wanted["proration_behavior"]
        leaving.cancel(call, subscription, prorates=how != "none", bills=how == "always_invoice")


def _charge_from_now_on(call: Call, session: Object, sent: dict[str, Any]) -> None:
    """Make a saved card, or one that is entered now, what invoices are charged to; subscriptions follow."""
    customer = call.get("customer", session["customer"])
    if "add" in sent:
        method = payment_methods.make(call, {"type": "card", "card": checkout_entry.card(sent)})
        payment_methods.attach(call, method, customer["id"])
        call.save(method)
        chosen = method["id"]
    else:
        chosen = own_method(call, customer["id"], sent["default"])
    customer["invoice_settings"]["default_payment_method"] = chosen
    call.save(customer, emits="customer.updated")
    for one in call.every("subscription", {"customer": customer["id"]}):
        if one["status"] not in subscribing.ENDED and one["default_payment_method"]:
            one["default_payment_method"] = chosen
            call.save(one, emits="customer.subscription.updated")
