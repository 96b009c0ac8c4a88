"""Opening a checkout session: what was sent, checked and put into a new one; by its own operation or by a link."""

from typing import Any, Final

from paydesk.server.sandbox import (
    checkout,
    checkout_lines,
    completing,
    money,
    periods,
)
from paydesk.server.sandbox.authentication import check_return_url
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError, missing_parameter
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    merged_metadata,
)
from paydesk.server.sandbox.resources import setup_intents

_SOONEST_S, _LATEST_S = 30 * 60, 24 * periods.HOUR_S


def make(call: Call, sent: dict[str, Any], *, lines: list[Object] | None = None, link: Object | None = None) -> Object:
    """Store a session of what was sent; `lines` and `link` of the payment link that was followed."""
    if "mode" not in sent:
        raise missing_parameter("mode")
    session = checkout.blank(call, sent["mode"])
    _check_together(sent)
    _apply_ways(call, session, sent, is_linked=link is not None)
    if "customer" in sent:
        session["customer"] = call.mention("customer", sent["customer"], "customer")["id"]
    _apply_customer(call, session, sent)
    _apply_lines(call, session, sent, lines)
    _apply_asked(session, sent)
    session["_data"] = {
        name: sent[name]
        for name in (
            *("payment_intent_data", "subscription_data", "setup_intent_data", "payment_method_options"),
            *("customer_update", "payment_method_data"),
        )
        if name in sent
    }
    if link:
        session["payment_link"] = link["id"]
    if session["mode"] != "setup":
        _apply_money(call, session, sent)
    session["payment_method_types"] = checkout.types_of(
        call, session, sent.get("payment_method_types"), sent.get("excluded_payment_method_types")
    )
    if session["mode"] == "setup":
        _begin_setup(call, session)
    call.create(session)
    call.later(session["expires_at"], "checkout.expire", session=session["id"])
    return session


def _check_together(sent: dict[str, Any]) -> None:
    mode = sent["mode"]
    for one, other in (
        ("customer", "customer_email"),
        ("customer", "customer_creation"),
        ("allow_promotion_codes", "discounts"),
        ("payment_method_types", "excluded_payment_method_types"),
    ):
        if sent.get(one) and sent.get(other):
            raise StripeError(f"You may only specify one of these parameters: {one}, {other}.", param=other)
    only = {
        "payment": ("payment_intent_data", "invoice_creation", "submit_type", "shipping_options"),
        "subscription": ("subscription_data",),
        "setup": ("setup_intent_data",),
    }
    for wanted, names in only.items():
        for name in names:
            allowed = {wanted, "subscription"} if name in ("submit_type", "shipping_options") else {wanted}
            if name in sent and mode not in allowed:
                raise StripeError(f"You can not pass `{name}` in `{mode}` mode.", param=name)
    if "customer_creation" in sent and mode == "subscription":
        raise StripeError(
            "`customer_creation` can only be used in `payment` and `setup` mode.", param="customer_creation"
        )
    if mode == "setup":
        for name in ("line_items", "discounts", "allow_promotion_codes", "optional_items"):
            if sent.get(name):
                raise StripeError(f"You can not pass `{name}` in `setup` mode.", param=name)


def _apply_ways(call: Call, session: Object, sent: dict[str, Any], *, is_linked: bool) -> None:
    """Where the session is shown, and where it leads."""
    mode = session["ui_mode"] = sent.get("ui_mode", "hosted_page")
    for name in ("success_url", "cancel_url", "return_url"):
        if name in sent:
            check_url(sent[name], name)
    if mode == "hosted_page":
        if "success_url" not in sent and not is_linked:
            raise missing_parameter("success_url")
        for name in ("return_url", "redirect_on_completion"):
            if name in sent:
                raise StripeError(f"`{name}` can only be passed when `ui_mode` is not `hosted_page`.", param=name)
        session.update(success_url=sent.get("success_url"), cancel_url=sent.get("cancel_url"))
    else:
        for name in ("success_url", "cancel_url"):
            if name in sent:
                raise StripeError(
                    f"The `{name}` parameter must not be passed in when `ui_mode` is `{mode}`.", param=name
                )
        leads = session["redirect_on_completion"] = sent.get("redirect_on_completion", "always")
        if leads != "never" and "return_url" not in sent:
            raise missing_parameter("return_url")
        if "return_url" in sent:
            session["return_url"] = sent["return_url"]
        session["client_secret"] = f"{session['id']}_secret_{call.new_id('', 58)}"
        session["url"] = None
    if "expires_at" in sent:
        _check_expiry(call, sent["expires_at"])
        session["expires_at"] = sent["expires_at"]


def check_url(url: str, name: str) -> None:
    """StripeError for an address that no browser can be sent to."""
    try:
        check_return_url(url)
    except StripeError as error:
        raise StripeError("Not a valid URL", code="url_invalid", param=name) from error


def _check_expiry(call: Call, at: int) -> None:
    if at < call.now + _SOONEST_S:
        raise StripeError(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", param="expires_at"
        )
    if at > call.now + _LATEST_S:
        raise StripeError(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", param="expires_at"
        )


def _apply_customer(call: Call, session: Object, sent: dict[str, Any]) -> None:
    email = sent.get("customer_email")
    if email and ("@" not in email or " " in email):
        raise StripeError(f"Invalid email address: {email}", code="email_invalid", param="customer_email")
    session["customer_email"] = email
    customer = session["customer"] and call.get("customer", session["customer"])
    if customer or email:
        session["customer_details"] = completing.details(customer or {}, {"email": email} if email else {})
    if customer is None:
        usual = "always" if session["mode"] == "subscription" else "if_required"
        session["customer_creation"] = sent.get("customer_creation", usual)


def _apply_lines(call: Call, session: Object, sent: dict[str, Any], lines: list[Object] | None) -> None:
    if session["mode"] == "setup":
        session["currency"] = sent.get("currency")
        return
    found = lines if lines is not None else checkout_lines.build(call, sent.get("line_items", []))
    if not found:
        raise StripeError(
            "The parameter `line_items` is required in `payment` and `subscription` mode.",
            code="parameter_missing",
            param="line_items",
        )
    checkout_lines.check_mode(call, session["mode"], found)
    session["_lines"] = found
    session["currency"] = checkout_lines.currency_of(call, found, sent.get("currency"))


def _apply_money(call: Call, session: Object, sent: dict[str, Any]) -> None:
    if "shipping_options" in sent:
        session["shipping_options"] = checkout.shipping_options(
            call, sent["shipping_options"], session["currency"], "shipping_options"
        )
    if sent.get("discounts"):
        checkout.discount(call, session, sent["discounts"])
    checkout.recount(call, session)
    total = session["amount_total"]
    if session["mode"] == "payment" and total and money.is_below_least(total, session["currency"]):
        money.check_chargeable(total, session["currency"], "line_items")


_ECHOED: Final = (
    *("allow_promotion_codes", "billing_address_collection", "client_reference_id", "integration_identifier"),
    *("locale", "origin_context", "payment_method_collection", "permissions", "phone_number_collection"),
    *("shipping_address_collection", "submit_type"),
)


def _apply_asked(session: Object, sent: dict[str, Any]) -> None:
    """What the customer is asked for, and how the page words it."""
    for name in _ECHOED:
        if name in sent:
            session[name] = sent[name]
    session["metadata"] = merged_metadata({}, sent.get("metadata", {}))
    session["adaptive_pricing"] = sent.get("adaptive_pricing") or session["adaptive_pricing"]
    session["tax_id_collection"] = {"enabled": False, "required": "never", **sent.get("tax_id_collection", {})}
    if "wallet_options" in sent:
        session["wallet_options"] = sent["wallet_options"]
    if "branding_settings" in sent:
        session["branding_settings"].update(
            {name: value for name, value in sent["branding_settings"].items() if value is not None}
        )
    if sent.get("automatic_tax", {}).get("enabled"):
        session["automatic_tax"].update(enabled=True, liability={"type": "self"}, provider="stripe")
    if "custom_text" in sent:
        session["custom_text"].update(sent["custom_text"])
    if "consent_collection" in sent:
        session["consent_collection"] = {
            **dict.fromkeys(("payment_method_reuse_agreement", "promotions", "terms_of_service")),
            **sent["consent_collection"],
        }
    if "excluded_payment_method_types" in sent:
        session["excluded_payment_method_types"] = sent["excluded_payment_method_types"]
    session["custom_fields"] = custom_fields(sent.get("custom_fields") or [], is_filled=True)
    if "name_collection" in sent:
        session["name_collection"] = {name: {"optional": False, **one} for name, one in sent["name_collection"].items()}
    if session["mode"] == "payment":
        session["invoice_creation"] = checkout.invoice_creation(sent.get("invoice_creation"))
    if "optional_items" in sent:
        session["optional_items"] = optional_items(sent["optional_items"])
    _apply_saving(session, sent)


def _apply_saving(session: Object, sent: dict[str, Any]) -> None:
    saving = sent.get("saved_payment_method_options")
    if saving is not None or session["customer"]:
        session["saved_payment_method_options"] = {
            "allow_redisplay_filters": ["always"],
            "payment_method_remove": "disabled",
            "payment_method_save": None,
            **(saving or {}),
        }
    recovery = sent.get("after_expiration", {}).get("recovery")
    if recovery:
        whole = {"allow_promotion_codes": False, "expires_at": None, "url": None, **recovery}
        session["after_expiration"] = {"recovery": whole}
    session["payment_method_options"] = {"card": {"request_three_d_secure": "automatic"}}
    for kind, options in sent.get("payment_method_options", {}).items():
        session["payment_method_options"].setdefault(kind, {}).update(options)


def optional_items(sent: list[dict[str, Any]]) -> list[Object]:
    """`optional_items` whole."""
    return [
        {
            "adjustable_quantity": checkout_lines.adjustable_of(
                one.get("adjustable_quantity"), one["quantity"], "optional_items"
            ),
            "price": one["price"],
            "quantity": one["quantity"],
        }
        for one in sent
    ]


def custom_fields(sent: list[dict[str, Any]], *, is_filled: bool) -> list[Object]:
    """`custom_fields` whole; `is_filled`: with room for what the customer enters."""
    found, keys = [], set()
    for index, one in enumerate(sent):
        kind, at = one["type"], f"custom_fields[{index}]"
        if not one["key"].isalnum() or one["key"] in keys:
            raise StripeError("The key of a custom field is unique, of letters and digits.", param=f"{at}[key]")
        keys.add(one["key"])
        if kind == "dropdown" and "dropdown" not in one:
            raise missing_parameter(f"{at}[dropdown]")
        blank: Object = {"default_value": None}
        if kind != "dropdown":
            blank.update(maximum_length=None, minimum_length=None)
        if is_filled:
            blank["value"] = None
        field = {name: one[name] for name in ("key", "label", "type")}
        found.append({**field, "optional": one.get("optional", False), kind: {**blank, **one.get(kind, {})}})
    return found


def _begin_setup(call: Call, session: Object) -> None:
    """The setup intent of a session that only saves a payment method."""
    intent = setup_intents.setup_intent_object(call.new_id("seti_1", 23), call.now, call.new_id("", 31))
    data = session["_data"].get("setup_intent_data", {})
    intent.update(
        customer=session["customer"],
        description=data.get("description"),
        metadata=dict(data.get("metadata") or {}),
        payment_method_types=list(session["payment_method_types"]),
    )
    call.create(intent, emits="setup_intent.created")
    session.update(setup_intent=intent["id"], _intent=intent["id"])
