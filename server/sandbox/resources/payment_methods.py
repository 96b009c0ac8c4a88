"""Payment methods: test cards and test bank accounts, by number, token or ready name; attach, detach, list.

The sandbox's own notes on one: `_spent` (charged without a customer, or detached: never to be used again), `_set_up`
(the customer agreed to off-session payments), `_unverified` (a bank account without microdeposits), `_without_cvc`,
`_authenticated_for` (the intent that its owner has authenticated).
"""

from typing import Any, Final

from paydesk.server.sandbox import card_entry, cards, debits, instruments, lists, redirects
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.card_table import Card
from paydesk.server.sandbox.errors import StripeError, missing, missing_parameter
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.params import (
    PAGING,
    Declaration,
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
    """Without the sandbox's own notes."""
    return visible(method)


PAYMENT_METHOD: Final = Kind(
    name="payment_method",
    prefix="pm_",
    called="PaymentMethod",
    param="payment_method",
    indexed=("customer", "type", "allow_redisplay"),
    expands=(
        "customer",
        *(
            "card.generated_from.setup_attempt",
            "sepa_debit.generated_from.charge",
            "sepa_debit.generated_from.setup_attempt",
        ),
    ),
    shows=shown,
)

OTHER_TYPES: Final = (
    *("acss_debit", "au_becs_debit", "bacs_debit", "bizum", "blik", "boleto", "crypto", "custom"),
    *("customer_balance", "fpx", "interac_present", "konbini", "kr_card", "link", "mb_way", "multibanco"),
    *("naver_pay", "nz_bank_account", "oxxo", "pay_by_bank", "payco", "paynow", "payto", "pix"),
    *("promptpay", "samsung_pay", "scalapay", "sofort", "sunbit", "swish", "upi", "wechat_pay"),
)
PAYABLE: Final = ("card", "sepa_debit", "us_bank_account", *redirects.BY_TYPE)
TYPES: Final = (*PAYABLE, *OTHER_TYPES)
# What an intent may be told not to take, what it may be given, and what lists and new payment methods may be of.
EXCLUDED: Final = choice(*(kind for kind in TYPES if kind not in {"custom", "interac_present", "link"}))
_GIVEN: Final = tuple(kind for kind in OTHER_TYPES if kind not in {"custom", "interac_present"})
_LISTED: Final = choice(*(kind for kind in TYPES if kind != "interac_present"))
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
_NETWORKS: Final = mapping({"preferred": clearable(choice("cartes_bancaires", "mastercard", "visa"))})
# The networks that an intent may ask for.
NETWORK: Final = choice(
    *("amex", "cartes_bancaires", "diners", "discover", "eftpos_au", "girocard", "interac", "jcb", "link"),
    *("mastercard", "unionpay", "unknown", "visa"),
)
_NEW_CARD: Final = either(
    mapping(
        {
            **dict.fromkeys(("cvc", "number", "token"), text()),
            **dict.fromkeys(("exp_month", "exp_year"), integer()),
            "networks": _NETWORKS,
        }
    ),
    text(),
)
_NEW_US_ACCOUNT: Final = mapping(
    {
        "account_holder_type": choice("company", "individual"),
        "account_type": choice("checking", "savings"),
        **dict.fromkeys(("account_number", "routing_number"), text()),
        **unserved("financial_connections_account"),
    }
)
_OF_REDIRECTS: Final[dict[str, Declaration]] = {
    **{kind: {"bank": choice(*banks)} for kind, banks in redirects.BANKS.items()},
    "klarna": unserved("dob"),
}
# What a payment intent takes as `payment_method_data`.
DATA: Final = {
    "allow_redisplay": _REDISPLAY,
    "billing_details": _BILLING,
    "card": _NEW_CARD,
    "metadata": metadata(),
    "radar_options": mapping({"session": text()}),
    "sepa_debit": mapping({"iban": required(text())}),
    "type": required(choice(*PAYABLE, *_GIVEN)),
    "us_bank_account": _NEW_US_ACCOUNT,
    **{kind: clearable(mapping(_OF_REDIRECTS.get(kind, {}))) for kind in redirects.BY_TYPE},
    **unserved(*_GIVEN, "interac_present"),
}
_CREATE: Final = {**DATA, "type": _LISTED, **unserved("custom", "customer", "payment_method")}
_UPDATE: Final = {
    "allow_redisplay": _REDISPLAY,
    "billing_details": _BILLING,
    "card": mapping({"exp_month": integer(), "exp_year": integer(), "networks": _NETWORKS}),
    "metadata": metadata(),
    "us_bank_account": mapping(
        {"account_holder_type": choice("company", "individual"), "account_type": choice("checking", "savings")}
    ),
    **unserved("payto"),
}
_USED_UP: Final = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a "
    "connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use "
    "a PaymentMethod multiple times, you must attach it to a Customer first."
)

resource = Resource()


@resource.post("/v1/payment_methods", _CREATE)
def create(call: Call) -> Answer:
    """A payment method of a test card, by token or number."""
    if "type" not in call.params:
        raise missing_parameter("type")
    return make(call, call.params)


def make(call: Call, sent: dict[str, Any], prefix: str = "") -> Object:
    """A new payment method from `payment_method_data`; there is no event for it at Stripe."""
    kind: str = sent["type"]
    if kind not in PAYABLE:
        raise StripeError(
            f"The sandbox takes payment methods of type {', '.join(PAYABLE)}; {kind} is not served.",
            param=f"{prefix}[type]" if prefix else "type",
        )
    at = f"{prefix}[{kind}]" if prefix else kind
    if kind not in sent and kind not in redirects.BY_TYPE:
        raise missing_parameter(at)
    if kind == "card":
        card, entered = _card_of(call, sent["card"], at)
        method = instruments.card_object(call.new_id("pm_1", 23), call.now, card)
        method["card"].update({name: value for name, value in entered.items() if name.startswith("exp_")})
        method.update({name: value for name, value in entered.items() if name.startswith("_")})
    elif kind in redirects.BY_TYPE:
        method = instruments.method_object(call.new_id("pm_1", 23), call.now, redirects.BY_TYPE[kind])
        method[kind] = redirects.fields_of(kind, sent.get(kind))
    else:
        method = _bank_method(call, kind, sent, at)
    method["metadata"] = merged_metadata({}, sent.get("metadata", {}))
    _apply(method, sent)
    return call.create(method)


def _card_of(call: Call, sent: Any, at: str) -> tuple[Card, Object]:
    """The test card that a token or a raw number stands for, and what was entered with it."""
    sent = {"token": sent} if isinstance(sent, str) else sent
    if "token" in sent:
        return card_entry.of_token(call, sent["token"], f"{at}[token]")
    return card_entry.of_number(call, sent, at)


def _bank_method(call: Call, kind: str, sent: dict[str, Any], at: str) -> Object:
    given = sent[kind]
    billing = sent.get("billing_details", {})
    if not billing.get("name"):
        raise missing_parameter("billing_details[name]")
    if kind == "sepa_debit":
        iban = given["iban"].replace(" ", "").upper()
        if not debits.is_iban(iban):
            raise StripeError(
                "The IBAN you provided is invalid.", code="invalid_bank_account_iban", param=f"{at}[iban]"
            )
        if not billing.get("email"):
            raise missing_parameter("billing_details[email]")
        return instruments.method_object(call.new_id("pm_1", 23), call.now, debits.by_number(kind, iban))
    for name in ("account_number", "routing_number", "account_holder_type"):
        if name not in given:
            raise missing_parameter(f"{at}[{name}]")
    number, routing = given["account_number"], given["routing_number"]
    if not (routing.isascii() and routing.isdigit() and len(routing) == 9):
        raise StripeError(
            "Routing number must have 9 digits", code="routing_number_invalid", param=f"{at}[routing_number]"
        )
    if not (number.isascii() and number.isdigit() and 4 <= len(number) <= 17):
        raise StripeError(
            "The bank account number provided is invalid. Bank account numbers have 4 to 17 digits.",
            code="account_number_invalid",
            param=f"{at}[account_number]",
        )
    method = instruments.method_object(call.new_id("pm_1", 23), call.now, debits.by_number(kind, number))
    method[kind].update(
        {name: given[name] for name in ("account_holder_type", "account_type", "routing_number") if name in given}
    )
    # An account that was only typed in is charged after its owner has found Stripe's small deposits.
    method["_unverified"] = True
    return method


def _apply_details(call: Call, method: Object, kind: str, sent: dict[str, Any]) -> None:
    if method["type"] != kind:
        raise StripeError(f"You cannot update `{kind}` on a PaymentMethod of type {method['type']}.", param=kind)
    sent = dict(sent)
    preferred = sent.pop("networks", {})
    if kind == "card":
        month, year = (sent.get(name, method["card"][name]) for name in ("exp_month", "exp_year"))
        if sent:
            card_entry.check_expiry(call, month, year)
        if "exp_year" in sent:
            sent["exp_year"] = card_entry.full_year(sent["exp_year"])
    method[kind].update(sent)
    if "preferred" in preferred:
        method["card"]["networks"]["preferred"] = preferred["preferred"]


def _apply(method: Object, sent: dict[str, Any]) -> None:
    if "allow_redisplay" in sent:
        method["allow_redisplay"] = sent["allow_redisplay"]
    if "radar_options" in sent:
        method["radar_options"] = sent["radar_options"]
    billing = sent.get("billing_details", {})
    for name, value in billing.items():
        method["billing_details"][name] = whole_address(value) if name == "address" else value


@resource.get("/v1/payment_methods/{payment_method}")
def retrieve(call: Call, payment_method: str) -> Answer:
    """One payment method."""
    return call.get("payment_method", payment_method)


@resource.get(
    "/v1/payment_methods",
    {**PAGING, "allow_redisplay": _REDISPLAY, "customer": text(), "type": _LISTED, **unserved("customer_account")},
)
def list_all(call: Call) -> Answer:
    """Payment methods by customer, type and redisplay."""
    sent = call.params
    if "customer" in sent:
        call.mention("customer", sent["customer"], "customer")
    return lists.page(
        call, "payment_method", {name: sent.get(name) for name in ("customer", "type", "allow_redisplay")}
    )


@resource.get("/v1/customers/{customer}/payment_methods", {**PAGING, "allow_redisplay": _REDISPLAY, "type": _LISTED})
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
    for kind in ("card", "us_bank_account"):
        if kind in sent:
            _apply_details(call, method, kind, sent[kind])
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
    instrument = instruments.of(method)
    if isinstance(instrument, redirects.Redirect) and not instrument.saves:
        raise StripeError(f"Payment methods of type '{instrument.type}' cannot be saved to customers.")
    if isinstance(instrument, Card):
        check_saving(instrument, method)
        method["card"]["checks"] = instruments.checks(instrument, method)
    method["customer"] = customer
    call.save(method)
    call.emit("payment_method.attached", method)
    return method


def check_saving(card: Card, method: Object) -> None:
    """402 for a card that its bank refuses as soon as it is checked."""
    if not (card.decline and card.declines_on_attach):
        return
    if card.decline == "incorrect_cvc" and method.get("_without_cvc"):
        return
    declined = cards.DECLINES[card.decline]
    raise card_entry.refused(declined.code, declined.message, declined.param, decline_code=declined.decline_code)


def usable(call: Call, identifier: str, param: str, *, status: int = 400) -> Object:
    """The payment method of an id or of a ready name (`pm_card_visa`, made anew each time)."""
    found = call.find("payment_method", identifier)
    if found:
        return found
    instrument = cards.by_name(identifier.removeprefix("pm_card_")) if identifier.startswith("pm_card_") else None
    made = instrument or debits.by_name(identifier.removeprefix("pm_"))
    if made is None:
        raise missing("PaymentMethod", identifier, param, status=status)
    method = instruments.method_object(call.new_id("pm_1", 23), call.now, made)
    if not isinstance(made, Card):
        # The ready ones are verified already, but for the one whose point is that this fails.
        method["_unverified"] = made.refuses_microdeposits
        method["billing_details"].update(email="test@example.com", name="Test Account")
    return call.create(method)


def refuse_spent(method: Object) -> None:
    """StripeError for a payment method that may not be charged again."""
    if method["customer"] is None and method.get("_spent"):
        raise StripeError(_USED_UP)


def spend(call: Call, method: Object) -> None:
    """Note that a payment method without a customer has been used."""
    if method["customer"] is None and not method.get("_spent"):
        method["_spent"] = True
        call.save(method)
