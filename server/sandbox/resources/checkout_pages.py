"""The pages that stand at the `url` of a checkout session and of a payment link; none of this has an API at Stripe."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from paydesk.server.sandbox import checkout, checkout_entry, completing, money
from paydesk.server.sandbox.call import Answer, Call, Page
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.pages import checkout as look
from paydesk.server.sandbox.pages import shell
from paydesk.server.sandbox.params import choice, clearable, integer, mapping, required, table, text
from paydesk.server.sandbox.resources import payment_links, payment_methods
from paydesk.server.sandbox.routes import Resource

_AT: Final = checkout.PAGE + "{session}"
_WORD: Final = clearable(text(512))
_ADDRESS: Final = mapping(
    dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), clearable(text(200)))
)
# What the bank's page adds to the address that it leads back to.
_COMING_BACK: Final = dict.fromkeys(
    (
        *("payment_intent", "payment_intent_client_secret", "setup_intent", "setup_intent_client_secret"),
        *("redirect_status", "source_type", "account", "recover"),
    ),
    text(200),
)
_FORM: Final = {
    "do": required(choice("apply", "pay")),
    "account": text(60),
    "total": integer(0),
    **dict.fromkeys(("email", "name", "phone", "business_name", "individual_name", "holder"), _WORD),
    **dict.fromkeys(("method", "number", "expiry", "cvc", "iban", "account_number", "routing_number"), _WORD),
    **dict.fromkeys(("promotion_code", "shipping_rate", "promotions", "terms_of_service"), _WORD),
    "address": _ADDRESS,
    "shipping": mapping({"address": _ADDRESS, "name": _WORD, "phone": _WORD}),
    "quantities": table(integer(0)),
    "amounts": table(integer(0)),
    "custom_fields": table(_WORD),
    "tax_id": mapping({"type": _WORD, "value": _WORD}),
    **{name: _WORD for name in _COMING_BACK if name != "account"},
}
_SAVED_SHOWN: Final = 5

resource = Resource()


def _books(call: Call) -> Call:
    account = call.params.get("account")
    return call.of(account) if account and account != call.account else call


@resource.get(_AT, _COMING_BACK, writes=True)
def show(call: Call, session: str) -> Answer:
    """Ours: the checkout page; for who comes back from the bank, what became of it."""
    books = _books(call)
    found = books.find(checkout.SESSION.name, session)
    if found is None:
        return _nothing("This checkout is unknown here.")
    came_back = "redirect_status" in call.params
    if found["status"] == "complete":
        return _leave(call, found) if came_back else _done(books, found)
    if found["status"] == "expired":
        fresh = checkout.recovered(books, found) if "recover" in call.params else None
        if fresh:
            return Page(goes_to=checkout.address_of(books, fresh["id"]))
        return _nothing("This checkout has timed out. Please go back to the shop and begin again.")
    message = ""
    if came_back:
        message = _last_error(books, found)
    return _page(books, call, found, {}, message)


def _nothing(words: str) -> Page:
    return Page(shell.page("Nothing to do here", words), status=404)


def _last_error(books: Call, session: Object) -> str:
    intent = _intent(books, session) or {}
    last = intent.get("last_payment_error") or intent.get("last_setup_error") or {}
    return str(last.get("message", ""))


def _intent(books: Call, session: Object) -> Object | None:
    identifier = session["_intent"]
    if not identifier:
        return None
    return books.find("setup_intent" if identifier.startswith("seti_") else "payment_intent", identifier)


def _page(books: Call, call: Call, session: Object, told: dict[str, Any], message: str = "") -> Page:
    lines = checkout.line_items(books, session) if session["mode"] != "setup" else []
    rates = {
        one["shipping_rate"]: books.get("shipping_rate", one["shipping_rate"])["display_name"]
        for one in session["shipping_options"]
    }
    more = {
        "account": books.account if books is not call else None,
        "methods": _methods(books, session),
        "rates": rates,
    }
    return Page(look.whole(session, lines, more, told, message), status=402 if message else 200)


def _methods(books: Call, session: Object) -> dict[str, str]:
    """By what is sent: saved cards with their words, and types (whose words the page knows)."""
    if not completing.needs_method(session):
        return {}
    saved: dict[str, str] = {}
    shown = (session["saved_payment_method_options"] or {}).get("allow_redisplay_filters") or []
    if session["customer"]:
        for one in books.every("payment_method", {"customer": session["customer"], "type": "card"}):
            if one["allow_redisplay"] in shown and "card" in session["payment_method_types"]:
                card = one["card"]
                saved[one["id"]] = f"{card['brand'].title()} ending in {card['last4']}"
            if len(saved) == _SAVED_SHOWN:
                break
    return saved | dict.fromkeys(checkout.payable(session), "")


def _done(books: Call, session: Object) -> Page:
    """What stands where a session was completed: a link's own words, or plain ones."""
    link = session["payment_link"] and books.find("payment_link", session["payment_link"])
    said = ((link or {}).get("after_completion", {}).get("hosted_confirmation") or {}).get("custom_message")
    words = said or "Thank you. You may close this page."
    total = ""
    if session["amount_total"]:
        total = f"<p>{shell.text(money.written(session['amount_total'], session['currency']))}</p>"
    title = "Thanks for your payment" if session["payment_status"] == "paid" else "All done"
    return Page(shell.page(title, words, total))


def _leave(call: Call, session: Object) -> Page:
    """To the shop, which learns the session's id where it asked for it."""
    where = session["success_url"] or session.get("return_url")
    if not where or session.get("redirect_on_completion") == "never":
        account = call.params.get("account")
        return Page(goes_to=f"{checkout.PAGE}{session['id']}{f'?account={account}' if account else ''}")
    return Page(goes_to=where.replace("{CHECKOUT_SESSION_ID}", session["id"]))


@resource.post(_AT, _FORM)
def act(call: Call, session: str) -> Answer:
    """Ours: the customer changes the order, or pays; what does not go through is said on the same page."""
    books = _books(call)
    found = books.find(checkout.SESSION.name, session)
    if found is None or found["status"] == "expired":
        return _nothing("This checkout has timed out, or is unknown here.")
    if found["status"] == "complete":
        return _leave(call, found)
    told = {name: value for name, value in call.params.items() if value not in (None, "")}
    if told["do"] == "apply":
        refusal = _trying(books, partial(_change, books, found, told))
        found = books.get(checkout.SESSION.name, session)
        return _page(books, call, found, {}, refusal.message if refusal else "")
    refusal = _trying(books, partial(_pay, call, books, found, told))
    found = books.get(checkout.SESSION.name, session)
    if refusal:
        return _page(books, call, found, told, refusal.message)
    if found["status"] == "complete":
        return _leave(call, found)
    return _onward(books, call, found, told)


def _trying(books: Call, attempt: Callable[[], None]) -> StripeError | None:
    """Do it; what was refused is undone and returned, what was declined stays and is returned."""
    declined: StripeError | None = None
    try:
        with books.store.savepoint():
            try:
                attempt()
            except StripeError as error:
                if not error.keeps_effects:
                    raise
                declined = error
    except StripeError as error:
        books.forget()
        return error
    return declined


def _change(books: Call, session: Object, told: dict[str, Any]) -> None:
    checkout_entry.adjust(books, session, told)
    books.save(session)


def _pay(call: Call, books: Call, session: Object, told: dict[str, Any]) -> None:
    entered = dict(told)
    for name in ("address", "shipping"):
        entered[name] = _filled(told.get(name))
    if not (told.get("tax_id") or {}).get("value"):
        entered.pop("tax_id", None)
    entered["custom_fields"] = _filled(told.get("custom_fields")) or {}
    # Quantities and codes have a form of their own.
    for name in ("quantities", "amounts", "promotion_code", "shipping_rate"):
        entered.pop(name, None)
    entered["name"] = told.get("name") or told.get("holder")
    checkout_entry.take(books, session, entered)
    if session["amount_total"] is not None and told.get("total", session["amount_total"]) != session["amount_total"]:
        books.save(session)
        total = money.written(session["amount_total"], session["currency"])
        raise StripeError(f"With tax the total is {total}. Please look at it and pay again.", keeps_effects=True)
    method = _method(books, told) if completing.needs_method(session) else None
    completing.pay(books, session, method, return_url=checkout.address_of(books, session["id"]))


def _filled(given: dict[str, Any] | None) -> dict[str, Any] | None:
    """Without what was left empty; None for nothing at all."""
    found = {
        name: _filled(value) if isinstance(value, dict) else value
        for name, value in (given or {}).items()
        if value not in (None, "")
    }
    if found.get("country"):
        found["country"] = str(found["country"]).upper()[:2]
    return {name: value for name, value in found.items() if value is not None} or None


def _method(books: Call, told: dict[str, Any]) -> Object:
    """The payment method that was chosen on the page, new or saved; StripeError for what was entered wrongly."""
    chosen = told.get("method", "card")
    if chosen.startswith("pm_"):
        return payment_methods.usable(books, chosen, "method")
    billing = {"name": told.get("name") or told.get("holder"), "email": told.get("email")}
    sent: dict[str, Any] = {"type": chosen, "billing_details": {k: v for k, v in billing.items() if v}}
    if chosen == "card":
        sent["card"] = checkout_entry.card(told)
    elif chosen == "sepa_debit":
        sent["sepa_debit"] = {"iban": told.get("iban") or ""}
        sent["billing_details"].setdefault("email", "jenny.rosen@example.com")
    elif chosen == "us_bank_account":
        numbers = {name: told.get(name) or "" for name in ("account_number", "routing_number")}
        sent["us_bank_account"] = {**numbers, "account_holder_type": "individual"}
    if chosen not in payment_methods.PAYABLE:
        raise StripeError("Please choose how to pay.", param="method")
    return payment_methods.make(books, sent)


def _onward(books: Call, call: Call, session: Object, told: dict[str, Any]) -> Page:
    """The bank asks something first."""
    action = (_intent(books, session) or {}).get("next_action") or {}
    url = (action.get("redirect_to_url") or {}).get("url")
    if url:
        return Page(goes_to=url)
    words = "Two small deposits are on their way to your account. Verify it with a call of verify_microdeposits."
    if action.get("type") == "verify_with_microdeposits":
        return Page(shell.page("Look for a deposit", words))
    return _page(books, call, session, told)


_PREFILLED: Final = {
    **dict.fromkeys(("prefilled_email", "prefilled_promo_code", "client_reference_id", "locale", "account"), text(512)),
    **dict.fromkeys(("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"), text(512)),
}


@resource.get("/b/{token}", _PREFILLED, writes=True)
def follow(call: Call, token: str) -> Answer:
    """Ours: who follows a payment link gets a checkout session of their own."""
    books = _books(call)
    link = payment_links.at(books, token)
    if link is None:
        return _nothing("This link is unknown here.")
    if not link["active"]:
        return Page(shell.page("Not available", link["inactive_message"] or "This link is no longer active."))
    try:
        session = payment_links.open_session(books, link, call.params)
    except StripeError as error:
        return _nothing(error.message)
    account = call.params.get("account")
    return Page(goes_to=f"{checkout.PAGE}{session['id']}{f'?account={account}' if account else ''}")
