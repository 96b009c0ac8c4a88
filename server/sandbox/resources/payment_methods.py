"""Payment methods: test cards, by number, token (`tok_visa`) or ready name (`pm_card_visa`); attach, detach, list.

A payment method that was charged without a customer, or detached from one, may not be used again; `_spent` holds that.
"""

from typing import Any, Final

from paydesk.server.sandbox import cards, lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.cards import Card
from paydesk.server.sandbox.errors import StripeError, missing, missing_parameter
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    PAGING,
    address,
    choice,
    clearable,
    either,
    integer,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
    unserved,
    whole_address,
)
from paydesk.server.sandbox.routes import Resource


def shown(_call: Call, method: Object) -> Object:
    """Without the sandbox's own note."""
    method.pop("_spent", None)
    return method


PAYMENT_METHOD: Final = Kind(
    name="payment_method",
    prefix="pm_",
    called="PaymentMethod",
    param="payment_method",
    indexed=("customer", "type", "allow_redisplay"),
    expands=("customer",),
    shows=shown,
)

OTHER_TYPES: Final = (
    *("acss_debit", "affirm", "afterpay_clearpay", "alipay", "alma", "amazon_pay", "au_becs_debit", "bacs_debit"),
    *("bancontact", "billie", "bizum", "blik", "boleto", "cashapp", "crypto", "custom", "customer_balance", "eps"),
    *("fpx", "giropay", "grabpay", "ideal", "interac_present", "kakao_pay", "klarna", "konbini", "kr_card", "link"),
    *("mb_way", "mobilepay", "multibanco", "naver_pay", "nz_bank_account", "oxxo", "p24", "pay_by_bank", "payco"),
    *("paynow", "paypal", "payto", "pix", "promptpay", "revolut_pay", "samsung_pay", "satispay", "scalapay"),
    *("sepa_debit", "sofort", "sunbit", "swish", "twint", "upi", "us_bank_account", "wechat_pay", "zip"),
)
_BILLING: Final = mapping(
    {
        "address": clearable(address()),
        "email": clearable(text()),
        "name": clearable(text()),
        "phone": clearable(text()),
        "tax_id": clearable(text()),
    }
)
_REDISPLAY: Final = choice("always", "limited", "unspecified")
_NEW_CARD: Final = either(
    mapping(
        {
            **dict.fromkeys(("cvc", "number", "token"), text()),
            **dict.fromkeys(("exp_month", "exp_year"), integer()),
            **unserved("networks"),
        }
    ),
    text(),
)
# What a payment intent takes as `payment_method_data`.
DATA: Final = {
    "allow_redisplay": _REDISPLAY,
    "billing_details": _BILLING,
    "card": _NEW_CARD,
    "metadata": metadata(),
    "type": required(choice("card", *OTHER_TYPES)),
    **unserved(*OTHER_TYPES, "radar_options"),
}
_CREATE: Final = {**DATA, "type": choice("card", *OTHER_TYPES), **unserved("customer", "payment_method")}
_UPDATE: Final = {
    "allow_redisplay": _REDISPLAY,
    "billing_details": _BILLING,
    "card": mapping({"exp_month": integer(), "exp_year": integer(), **unserved("networks")}),
    "metadata": metadata(),
    **unserved("payto", "us_bank_account"),
}
_USED_UP: Final = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a "
    "connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use "
    "a PaymentMethod multiple times, you must attach it to a Customer first."
)

resource = Resource()


def card_object(identifier: str, created: int, card: Card, *, customer: str | None = None) -> Object:
    """The payment method of a test card, as new; expiring in the year after next."""
    return {
        "id": identifier,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": whole_address(None),
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "unchecked" if customer is None else card.cvc_check,
            },
            "country": card.country,
            "display_brand": card.brand if card.brand != "amex" else "american_express",
            "exp_month": 11,
            "exp_year": 1970 + created // 31_556_952 + 2,
            "fingerprint": card.fingerprint,
            "funding": card.funding,
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": card.brand != "amex"},
            "wallet": None,
        },
        "created": created,
        "customer": customer,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }


@resource.post("/v1/payment_methods", _CREATE)
def create(call: Call) -> Answer:
    """A payment method of a test card, by token or number."""
    if "type" not in call.params:
        raise missing_parameter("type")
    return make(call, call.params)


def make(call: Call, sent: dict[str, Any], prefix: str = "") -> Object:
    """A new payment method from `payment_method_data`; there is no event for it at Stripe."""
    if sent["type"] != "card":
        raise StripeError(
            f"The sandbox takes cards only; the payment method type {sent['type']} is not served.", param="type"
        )
    if "card" not in sent:
        raise missing_parameter(f"{prefix}[card]" if prefix else "card")
    card, expiry = _card_of(call, sent["card"])
    method = card_object(call.new_id("pm_1", 23), call.now, card)
    method["card"].update(expiry)
    method["metadata"] = merged_metadata({}, sent.get("metadata", {}))
    _apply(method, sent)
    return call.create(method)


def _card_of(call: Call, sent: Any) -> tuple[Card, Object]:
    """The test card that a token or a raw number stands for, and the expiry that was given with it."""
    sent = {"token": sent} if isinstance(sent, str) else sent
    if "token" in sent:
        token: str = sent["token"]
        card = cards.by_name(token.removeprefix("tok_")) if token.startswith("tok_") else None
        if card is None:
            raise missing("token", token, "card[token]", status=400)
        return card, {}
    for name in ("number", "exp_month", "exp_year"):
        if name not in sent:
            raise missing_parameter(f"card[{name}]")
    _check_expiry(call, sent)
    number = sent["number"].replace(" ", "").replace("-", "")
    if not cards.is_card_number(number):
        raise _card_error("incorrect_number", "Your card number is incorrect.", "number")
    card = cards.by_number(number)
    if card is None:
        # A real card has no place here: refuse it as Stripe's test mode does.
        message = (
            "Your card was declined. Your request was in test mode, but used a non test (live) card. "
            "For a list of valid test cards, visit: https://stripe.com/docs/testing."
        )
        raise _card_error("card_declined", message, "number", decline_code="test_mode_live_card")
    return card, {"exp_month": sent["exp_month"], "exp_year": _full_year(sent["exp_year"])}


def _check_expiry(call: Call, sent: dict[str, Any]) -> None:
    month, year = sent["exp_month"], _full_year(sent["exp_year"])
    this_year = 1970 + call.now // 31_556_952
    if not 1 <= month <= 12:
        raise _card_error("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    if not this_year <= year <= this_year + 50:
        raise _card_error("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year")
    cvc = sent.get("cvc")
    if cvc is not None and not (cvc.isascii() and cvc.isdigit() and 3 <= len(cvc) <= 4):
        raise _card_error("invalid_cvc", "Your card's security code is invalid.", "cvc")


def _full_year(year: int) -> int:
    return year + 2000 if 0 <= year < 100 else year


def _card_error(code: str, message: str, param: str, *, decline_code: str | None = None) -> StripeError:
    extra = {"decline_code": decline_code} if decline_code else {}
    return StripeError(message, status=402, type="card_error", code=code, param=param, extra=extra)


def _apply(method: Object, sent: dict[str, Any]) -> None:
    if "allow_redisplay" in sent:
        method["allow_redisplay"] = sent["allow_redisplay"]
    billing = sent.get("billing_details", {})
    for name, value in billing.items():
        method["billing_details"][name] = whole_address(value) if name == "address" else value


@resource.get("/v1/payment_methods/{payment_method}")
def retrieve(call: Call, payment_method: str) -> Answer:
    """One payment method."""
    return call.get("payment_method", payment_method)


@resource.get(
    "/v1/payment_methods",
    {**PAGING, "allow_redisplay": _REDISPLAY, "customer": text(), "type": text(), **unserved("customer_account")},
)
def list_all(call: Call) -> Answer:
    """Payment methods by customer, type and redisplay."""
    sent = call.params
    if "customer" in sent:
        call.mention("customer", sent["customer"], "customer")
    return lists.page(
        call, "payment_method", {name: sent.get(name) for name in ("customer", "type", "allow_redisplay")}
    )


@resource.get("/v1/customers/{customer}/payment_methods", {**PAGING, "allow_redisplay": _REDISPLAY, "type": text()})
def list_of_customer(call: Call, customer: str) -> Answer:
    """A customer's payment methods."""
    call.get("customer", customer)
    where = {"customer": customer, "type": call.params.get("type")}
    return lists.page(call, "payment_method", {**where, "allow_redisplay": call.params.get("allow_redisplay")})


@resource.get("/v1/customers/{customer}/payment_methods/{payment_method}")
def retrieve_of_customer(call: Call, customer: str, payment_method: str) -> Answer:
    """One of a customer's payment methods."""
    call.get("customer", customer)
    method = call.get("payment_method", payment_method)
    if method["customer"] != customer:
        raise missing("PaymentMethod", payment_method, "payment_method")
    return method


@resource.post("/v1/payment_methods/{payment_method}", _UPDATE)
def update(call: Call, payment_method: str) -> Answer:
    """Change billing details, expiry or metadata of an attached one."""
    method = call.get("payment_method", payment_method)
    sent = call.params
    if method["customer"] is None:
        raise StripeError("You must save this PaymentMethod to a customer before you can update it.")
    _apply(method, sent)
    method["card"].update(sent.get("card", {}))
    if "metadata" in sent:
        method["metadata"] = merged_metadata(method["metadata"], sent["metadata"])
    return call.save(method, emits="payment_method.updated")


@resource.post("/v1/payment_methods/{payment_method}/attach", {"customer": text(), **unserved("customer_account")})
def attach_to_customer(call: Call, payment_method: str) -> Answer:
    """Give a payment method to a customer; `pm_card_*` makes a new one first."""
    if "customer" not in call.params:
        raise missing_parameter("customer")
    method = usable(call, payment_method, "payment_method", status=404)
    call.mention("customer", call.params["customer"], "customer")
    return attach(call, method, call.params["customer"])


@resource.post("/v1/payment_methods/{payment_method}/detach")
def detach(call: Call, payment_method: str) -> Answer:
    """Take a payment method from its customer for good."""
    method = call.get("payment_method", payment_method)
    if method["customer"] is None:
        raise StripeError(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            param="payment_method",
        )
    return let_go(call, method)


def let_go(call: Call, method: Object) -> Object:
    """Detach a payment method for good, and forget it as its customer's default."""
    customer = call.find("customer", method["customer"])
    method["customer"] = None
    method["_spent"] = True
    call.save(method, emits="payment_method.detached")
    if customer and not customer.get("deleted"):
        settings = customer["invoice_settings"]
        if settings["default_payment_method"] == method["id"]:
            settings["default_payment_method"] = None
            call.save(customer, emits="customer.updated")
    return method


def attach(call: Call, method: Object, customer: str) -> Object:
    """Give a payment method to a customer; a card that fails its check is declined and stays free."""
    if method["customer"] == customer:
        return method
    if method["customer"] is not None:
        raise StripeError("The payment method you provided has already been attached to a customer.")
    if method.get("_spent"):
        raise StripeError(
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again."
        )
    card = cards.by_fingerprint(method["card"]["fingerprint"])
    if card.decline and card.declines_on_attach:
        declined = cards.DECLINES[card.decline]
        raise StripeError(
            declined.message,
            status=402,
            type="card_error",
            code=declined.code,
            param=declined.param,
            extra={"decline_code": declined.decline_code},
        )
    method["customer"] = customer
    checks = method["card"]["checks"]
    checks["cvc_check"] = card.cvc_check
    where = method["billing_details"]["address"] or {}
    checks["address_line1_check"] = card.line1_check if where.get("line1") else None
    checks["address_postal_code_check"] = card.postal_check if where.get("postal_code") else None
    call.save(method)
    call.emit("payment_method.attached", method)
    return method


def usable(call: Call, identifier: str, param: str, *, status: int = 400) -> Object:
    """The payment method of an id or of a ready name (`pm_card_visa`, made anew each time)."""
    found = call.find("payment_method", identifier)
    if found:
        return found
    card = cards.by_name(identifier.removeprefix("pm_card_")) if identifier.startswith("pm_card_") else None
    if card is None:
        raise missing("PaymentMethod", identifier, param, status=status)
    return call.create(card_object(call.new_id("pm_1", 23), call.now, card))


def refuse_spent(method: Object) -> None:
    """StripeError for a payment method that may not be charged again."""
    if method["customer"] is None and method.get("_spent"):
        raise StripeError(_USED_UP)


def spend(call: Call, method: Object) -> None:
    """Note that a payment method without a customer has been used."""
    if method["customer"] is None and not method.get("_spent"):
        method["_spent"] = True
        call.save(method)
