"""Checkout sessions: create, list, retrieve, update, expire, their lines; completed by a page or by a call of ours.

How one looks stands in checkout.py, what completing it does in completing.py, the page in checkout_pages.py.
"""

from typing import Any, Final

from paydesk.server.sandbox import (
    agreements,
    checkout,
    checkout_lines,
    checkout_terms,
    completing,
    connected_payments,
    lists,
    money,
    periods,
    taxing,
)
from paydesk.server.sandbox.authentication import check_return_url
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.conditions import Sql
from paydesk.server.sandbox.errors import StripeError, missing_parameter
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    LISTING,
    PAGING,
    address,
    boolean,
    choice,
    clearable,
    currency,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    table,
    text,
    timestamp,
    unserved,
    whole_address,
)
from paydesk.server.sandbox.resources import payment_methods, setup_intents, shipping_rates
from paydesk.server.sandbox.resources.customers import SHIPPING
from paydesk.server.sandbox.routes import Resource

KIND: Final = checkout.SESSION.name
_SOONEST_S, _LATEST_S = 30 * 60, 24 * periods.HOUR_S
_LOCALES: Final = (
    "auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru "
    "sk sl sv th tr vi zh zh-HK zh-TW"
)
_FONTS: Final = (
    "be_vietnam_pro bitter chakra_petch default hahmlet inconsolata inter lato lora m_plus_1_code montserrat noto_sans "
    "noto_sans_jp noto_serif nunito open_sans pridi pt_sans pt_serif raleway roboto roboto_slab source_sans_pro "
    "titillium_web ubuntu_mono zen_maru_gothic"
)
_IMAGE: Final = mapping({"file": text(), "type": required(choice("file", "url")), "url": text()})
_LINE: Final = {
    "adjustable_quantity": checkout_terms.ADJUSTABLE,
    "metadata": metadata(),
    "price": text(),
    "price_data": checkout_terms.PRICE_DATA,
    "quantity": checkout_terms.QUANTITY,
    "tax_rates": taxing.RATES,
}
_SHIPPING_OPTIONS: Final = list_of(
    mapping({"shipping_rate": text(), "shipping_rate_data": mapping(shipping_rates.DATA)}), maximum=5
)
_USAGE: Final = choice("none", "off_session", "on_session")
_METHOD_OPTIONS: Final = mapping(
    {
        "card": mapping(
            {
                "capture_method": choice("manual"),
                "request_extended_authorization": choice("if_available", "never"),
                "request_incremental_authorization": choice("if_available", "never"),
                "request_multicapture": choice("if_available", "never"),
                "request_overcapture": choice("if_available", "never"),
                "request_three_d_secure": choice("any", "automatic", "challenge"),
                "setup_future_usage": choice("off_session", "on_session"),
                **unserved("installments", "restrictions", "statement_descriptor_suffix_kana"),
                **unserved("statement_descriptor_suffix_kanji"),
            }
        ),
        "sepa_debit": mapping({"setup_future_usage": _USAGE, **unserved("mandate_options", "target_date")}),
        "us_bank_account": mapping(
            {
                "setup_future_usage": _USAGE,
                "verification_method": choice("automatic", "instant"),
                **unserved("financial_connections", "target_date"),
            }
        ),
        **unserved(
            *("acss_debit", "affirm", "afterpay_clearpay", "alipay", "alma", "amazon_pay", "au_becs_debit"),
            *("bacs_debit", "bancontact", "billie", "boleto", "cashapp", "crypto", "customer_balance", "demo_pay"),
            *("eps", "fpx", "giropay", "grabpay", "ideal", "kakao_pay", "klarna", "konbini", "kr_card", "link"),
            *("mobilepay", "multibanco", "naver_pay", "oxxo", "p24", "pay_by_bank", "payco", "paynow", "paypal"),
            *("payto", "pix", "revolut_pay", "samsung_pay", "satispay", "scalapay", "sofort", "sunbit", "swish"),
            *("twint", "upi", "wechat_pay"),
        ),
    }
)
_PAYMENT_DATA: Final = mapping(
    {
        "capture_method": choice("automatic", "automatic_async", "manual"),
        "description": text(1_000),
        "metadata": metadata(),
        "receipt_email": text(),
        "setup_future_usage": choice("off_session", "on_session"),
        "shipping": mapping(
            {
                "address": required(checkout_terms.address("line1")),
                "name": required(text()),
                "phone": text(),
                **unserved("carrier", "tracking_number"),
            }
        ),
        "statement_descriptor": text(22),
        "statement_descriptor_suffix": text(22),
        "transfer_group": text(),
        **connected_payments.BY_CHECKOUT,
    }
)
_SUBSCRIPTION_DATA: Final = mapping(
    {
        "billing_cycle_anchor": timestamp(),
        "billing_cycle_anchor_config": agreements.CREATE["billing_cycle_anchor_config"],
        "billing_mode": agreements.BILLING_MODE,
        "default_tax_rates": taxing.RATES,
        "description": text(500),
        "invoice_settings": mapping({"issuer": checkout_terms.SELF}),
        "metadata": metadata(),
        "proration_behavior": choice("create_prorations", "none"),
        "trial_end": timestamp(),
        "trial_period_days": integer(1, 730),
        "trial_settings": checkout_terms.TRIAL_SETTINGS,
        **unserved("application_fee_percent", "on_behalf_of", "pending_invoice_item_interval", "transfer_data"),
    }
)
_CREATE: Final = {
    **checkout_terms.ASKED,
    "adaptive_pricing": mapping({"enabled": boolean()}),
    "after_expiration": mapping(
        {"recovery": mapping({"allow_promotion_codes": boolean(), "enabled": required(boolean())})}
    ),
    "branding_settings": mapping(
        {
            **dict.fromkeys(("background_color", "button_color"), clearable(text(7))),
            "border_style": clearable(choice("pill", "rectangular", "rounded")),
            "display_name": text(),
            "font_family": clearable(choice(*_FONTS.split())),
            "icon": _IMAGE,
            "logo": _IMAGE,
        }
    ),
    "cancel_url": text(),
    "client_reference_id": text(200),
    "currency": currency(),
    "custom_fields": checkout_terms.CUSTOM_FIELDS,
    "customer": text(),
    "customer_email": text(),
    "customer_update": mapping(dict.fromkeys(("address", "name", "shipping"), choice("auto", "never"))),
    "discounts": list_of(mapping({"coupon": text(), "promotion_code": text()})),
    "excluded_payment_method_types": list_of(checkout_terms.EXCLUDED_TYPES),
    "expires_at": timestamp(),
    "integration_identifier": text(200),
    "line_items": list_of(mapping(_LINE), maximum=checkout_terms.MAX_ITEMS),
    "locale": choice(*_LOCALES.split()),
    "mode": choice("payment", "setup", "subscription"),
    "name_collection": checkout_terms.NAMES,
    "optional_items": checkout_terms.OPTIONAL_ITEMS,
    "origin_context": choice("mobile_app", "web"),
    "payment_intent_data": _PAYMENT_DATA,
    "payment_method_data": mapping({"allow_redisplay": choice("always", "limited", "unspecified")}),
    "payment_method_options": _METHOD_OPTIONS,
    "payment_method_types": list_of(checkout_terms.SESSION_TYPES),
    "permissions": mapping({"update_shipping_details": choice("client_only", "server_only")}),
    "redirect_on_completion": choice("always", "if_required", "never"),
    "return_url": text(),
    "saved_payment_method_options": mapping(
        {
            "allow_redisplay_filters": list_of(choice("always", "limited", "unspecified")),
            **dict.fromkeys(("payment_method_remove", "payment_method_save"), choice("disabled", "enabled")),
        }
    ),
    "setup_intent_data": mapping({"description": text(1_000), "metadata": metadata(), **unserved("on_behalf_of")}),
    "shipping_address_collection": checkout_terms.COUNTRIES_TO,
    "shipping_options": _SHIPPING_OPTIONS,
    "subscription_data": _SUBSCRIPTION_DATA,
    "success_url": text(),
    "ui_mode": choice("elements", "embedded_page", "hosted_page"),
    "wallet_options": mapping({"link": mapping({"display": choice("auto", "never")})}),
    **unserved("customer_account", "payment_method_configuration"),
}
_UPDATE: Final = {
    "collected_information": mapping(
        {
            "shipping_details": mapping(
                {"address": required(checkout_terms.address("country", "line1")), "name": required(text(255))}
            )
        }
    ),
    "line_items": list_of(mapping({**_LINE, "id": text()}), maximum=checkout_terms.MAX_ITEMS),
    "metadata": metadata(),
    "shipping_options": clearable(_SHIPPING_OPTIONS),
}
_LIST: Final = {
    **LISTING,
    "customer": text(),
    "customer_details": mapping({"email": required(text())}),
    "payment_intent": text(),
    "payment_link": text(),
    "status": choice("complete", "expired", "open"),
    "subscription": text(),
    **unserved("customer_account"),
}
# Ours: what a customer would enter on the page; what is needed and not said is made up.
_COMPLETE: Final = {
    "payment_method": text(),
    "payment_method_data": mapping(payment_methods.DATA),
    "email": text(512),
    "name": text(256),
    "phone": text(20),
    "business_name": text(150),
    "address": address(),
    "shipping": SHIPPING,
    "shipping_rate": text(),
    "promotion_code": text(),
    "quantities": table(integer(0)),
    "amounts": table(integer(0)),
    "custom_fields": table(text(255)),
    "tax_id": mapping({"type": required(text(40)), "value": required(text())}),
    "promotions": choice("opt_in", "opt_out"),
    "terms_of_service": choice("accepted"),
    "return_url": text(),
}

resource = Resource()


@resource.post("/v1/checkout/sessions", _CREATE)
def create(call: Call) -> Answer:
    """A new session, open until it is completed, expired or out of time."""
    return make(call, call.params)


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


@resource.get("/v1/checkout/sessions", _LIST)
def list_all(call: Call) -> Answer:
    """Sessions, newest first, by who pays, what came of them and their status."""
    sent = call.params
    where = {name: sent.get(name) for name in ("customer", "payment_intent", "payment_link", "status", "subscription")}
    only: Sql | None = None
    if "customer_details" in sent:
        only = ("json_extract(o.body, '$.customer_details.email') = ?", [sent["customer_details"]["email"]])
    return lists.page(call, KIND, where, matching=only)


@resource.get("/v1/checkout/sessions/{session}")
def retrieve(call: Call, session: str) -> Answer:
    """One session; its lines only when expanded."""
    return call.get(KIND, session)


@resource.post("/v1/checkout/sessions/{session}", _UPDATE)
def update(call: Call, session: str) -> Answer:
    """Change the lines, the ways of shipping and the metadata of an open session."""
    found = call.get(KIND, session)
    sent = call.params
    if "metadata" in sent:
        found["metadata"] = merged_metadata(found["metadata"], sent["metadata"])
    if set(sent) - {"metadata", "expand"}:
        checkout.check_open(found, "updated")
        _change(call, found, sent)
    return call.save(found)


def _change(call: Call, session: Object, sent: dict[str, Any]) -> None:
    if "collected_information" in sent:
        given = sent["collected_information"].get("shipping_details")
        where = given and {"address": whole_address(given["address"]), "name": given["name"]}
        session["collected_information"] = {
            "business_name": None,
            "individual_name": None,
            **(session["collected_information"] or {}),
            "shipping_details": where,
        }
    if "line_items" in sent:
        if session["mode"] == "setup":
            raise StripeError("You can not pass `line_items` in `setup` mode.", param="line_items")
        known = {line["id"]: line for line in session["_lines"]}
        lines = [_changed(call, one, known, f"line_items[{place}]") for place, one in enumerate(sent["line_items"])]
        if not lines:
            raise StripeError("A Checkout Session needs at least one line item.", param="line_items")
        checkout_lines.check_mode(call, session["mode"], lines)
        checkout_lines.currency_of(call, lines, session["currency"])
        session["_lines"] = lines
    if "shipping_options" in sent:
        session["shipping_options"] = checkout.shipping_options(
            call, sent["shipping_options"] or [], session["currency"], "shipping_options"
        )
    checkout.recount(call, session)


def _changed(call: Call, sent: dict[str, Any], known: dict[str, Object], param: str) -> Object:
    """A new line, or one that there is with what was sent of it changed."""
    if "id" not in sent:
        return checkout_lines.build(call, [sent], param)[0]
    old = known.get(sent["id"])
    if old is None:
        raise StripeError(f"No such line item: '{sent['id']}'", code="resource_missing", param=f"{param}[id]")
    before: dict[str, Any] = {"price": old["price"], "tax_rates": old["tax_rates"], "metadata": old["metadata"]}
    if old["quantity"] is not None:
        before["quantity"] = old["quantity"]
    if old["adjustable"]:
        before["adjustable_quantity"] = old["adjustable"]
    wanted = {**before, **{name: value for name, value in sent.items() if name != "id"}}
    if "price" not in sent:
        wanted["is_inline"] = True
    if "price_data" in sent:
        wanted.pop("price")
    return {**checkout_lines.build(call, [wanted], param)[0], "id": old["id"], "chosen": old["chosen"]}


@resource.get("/v1/checkout/sessions/{session}/line_items", PAGING)
def list_lines(call: Call, session: str) -> Answer:
    """The lines of a session."""
    return lists.slice_of(call, checkout.line_items(call, call.get(KIND, session)), "line item")


@resource.post("/v1/checkout/sessions/{session}/expire")
def expire(call: Call, session: str) -> Answer:
    """End an open session."""
    found = call.get(KIND, session)
    checkout.check_open(found, "expired")
    return checkout.expire(call, found)


@resource.action("checkout.expire")
def run_out(call: Call, session: str) -> None:
    """The time of a session is over."""
    found = call.find(KIND, session)
    if found and found["status"] == "open":
        checkout.expire(call, found)


@resource.post("/_sandbox/checkout/sessions/{session}/complete", _COMPLETE)
def complete(call: Call, session: str) -> Answer:
    """Ours: what a customer does on the page, without one. A card that is declined answers 402, one that must be
    authenticated leaves the session open, to be completed by what its intent waits for.
    """
    found = call.get(KIND, session)
    checkout.check_open(found, "completed")
    return completing.by_call(call, found, call.params)
