"""Charges: one attempt to take money each, successful or not. Made by payment intents, or directly with a token."""

from typing import Any, Final

from paydesk.server.sandbox import card_entry, card_sources, charging, connected_payments, lists, money, search
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.charge_objects import Attempt
from paydesk.server.sandbox.errors import StripeError, missing, missing_parameter
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    LISTING,
    SEARCHING,
    amount,
    boolean,
    choice,
    clearable,
    currency,
    either,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
    unserved,
)
from paydesk.server.sandbox.resources import payment_methods
from paydesk.server.sandbox.resources.customers import PARCEL, whole_parcel
from paydesk.server.sandbox.routes import Resource


def _refunds_of(call: Call, charge: Object) -> Object:
    """Newest first, as a list inside the charge."""
    refunds = call.every("refund", {"charge": charge["id"]})
    return lists.whole(refunds, f"/v1/charges/{charge['id']}/refunds")


CHARGE: Final = Kind(
    name="charge",
    prefix="ch_",
    indexed=("customer", "payment_intent", "transfer_group", "status"),
    expands=(
        *("balance_transaction", "customer", "dispute", "failure_balance_transaction", "payment_intent"),
        *("application", "review"),
        *(
            "application_fee",
            "on_behalf_of",
            "outcome.rule",
            "payment_method_details.bancontact.generated_sepa_debit",
            "payment_method_details.bancontact.generated_sepa_debit_mandate",
            "payment_method_details.ideal.generated_sepa_debit",
            "payment_method_details.ideal.generated_sepa_debit_mandate",
            "payment_method_details.sofort.generated_sepa_debit",
            "payment_method_details.sofort.generated_sepa_debit_mandate",
            "payment_method_details.us_bank_account.mandate",
            "source_transfer",
            "transfer",
            "transfer_data.destination",
        ),
    ),
    includes={"refunds": _refunds_of},
    searches={
        "amount": "number",
        "billing_details.address.postal_code": "token",
        "created": "number",
        "currency": "token",
        "customer": "token",
        "disputed": "flag",
        "metadata": "metadata",
        "payment_method_details.card.brand": "token",
        "payment_method_details.card.exp_month": "number",
        "payment_method_details.card.exp_year": "number",
        "payment_method_details.card.fingerprint": "token",
        "payment_method_details.card.last4": "token",
        "refunded": "flag",
        "status": "token",
    },
)

resource = Resource()
resource.action("charge.expire")(charging.expire)


_CREATE: Final = {
    "amount": amount(1),
    "capture": boolean(),
    "currency": currency(),
    "customer": text(),
    "description": text(40_000),
    "metadata": metadata(),
    "receipt_email": clearable(text()),
    "shipping": PARCEL,
    "card": either(mapping(card_sources.DETAILS), text()),
    "source": either(mapping(card_sources.DETAILS), text()),
    "statement_descriptor": text(22),
    "statement_descriptor_suffix": text(22),
    "transfer_group": text(),
    **connected_payments.OF_CHARGES,
    **unserved("application_fee", "destination", "radar_options"),
}


@resource.post("/v1/charges", _CREATE)
def create(call: Call) -> Answer:
    """Charge a token directly, as before payment intents."""
    sent = call.params
    for name in ("amount", "currency"):
        if name not in sent:
            raise missing_parameter(name)
    money.check_chargeable(sent["amount"], sent["currency"])
    method = _method(call, sent)
    fields: dict[str, Any] = {name: sent[name] for name in _COPIED if name in sent}
    fields["metadata"] = merged_metadata({}, sent.get("metadata", {}))
    if "shipping" in sent:
        fields["shipping"] = whole_parcel(sent["shipping"])
    connected_payments.check(call, sent, sent["amount"])
    fields |= {name: sent[name] for name in connected_payments.PARAMS if name in sent}
    attempt = Attempt(sent["amount"], sent["currency"], method, captures=sent.get("capture", True), fields=fields)
    charge, decline = charging.take(call, attempt)
    if decline:
        raise charging.decline_error(decline, charge, method)
    return charge


def _method(call: Call, sent: dict[str, Any]) -> Object:
    """What is charged: a token, the card itself, a customer's card, or the customer's default."""
    customer = call.mention("customer", sent["customer"], "customer") if "customer" in sent else None
    given = sent.get("source", sent.get("card"))
    if given is None and customer is None:
        raise StripeError("Must provide source or customer.", code="parameter_missing")
    if given is None and customer:
        given = customer["default_source"]
        if given is None:
            raise card_entry.refused("missing", "Cannot charge a customer that has no active card", "card")
    if isinstance(given, str) and given.startswith("card_"):
        if customer is None or card_sources.of_customer(call, customer["id"], given) is None:
            raise missing("source", given, "source", status=400)
        return call.get("payment_method", given)
    card = {"token": given} if isinstance(given, str) else given
    return payment_methods.make(call, {"type": "card", "card": card})


_COPIED: Final = (
    *("customer", "description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix"),
    "transfer_group",
)


@resource.get("/v1/charges", {**LISTING, "customer": text(), "payment_intent": text(), "transfer_group": text()})
def list_all(call: Call) -> Answer:
    """Charges by customer, payment intent or transfer group."""
    return lists.page(
        call, "charge", {name: call.params.get(name) for name in ("payment_intent", "customer", "transfer_group")}
    )


@resource.get("/v1/charges/search", SEARCHING)
def find(call: Call) -> Answer:
    """Charges by the query language."""
    return search.answer(call, "charge")


@resource.get("/v1/charges/{charge}")
def retrieve(call: Call, charge: str) -> Answer:
    """One charge; its refunds only when expanded."""
    return call.get("charge", charge)


_UPDATE: Final = {
    "customer": text(),
    "description": clearable(text(40_000)),
    "fraud_details": mapping({"user_report": required(clearable(choice("fraudulent", "safe")))}),
    "metadata": metadata(),
    "receipt_email": clearable(text()),
    "shipping": PARCEL,
    "transfer_group": text(),
}


@resource.post("/v1/charges/{charge}", _UPDATE)
def update(call: Call, charge: str) -> Answer:
    """Change what may be changed of a charge: texts, metadata, the owner's report of fraud."""
    found = call.get("charge", charge)
    sent = call.params
    if "customer" in sent:
        if found["customer"]:
            raise StripeError("You cannot change the customer of a charge that already has one.", param="customer")
        found["customer"] = call.mention("customer", sent["customer"], "customer")["id"]
    for name in ("description", "receipt_email", "transfer_group"):
        if name in sent:
            found[name] = sent[name]
    if "fraud_details" in sent:
        report = sent["fraud_details"]["user_report"]
        found["fraud_details"] = {"user_report": report} if report else {}
    if "metadata" in sent:
        found["metadata"] = merged_metadata(found["metadata"], sent["metadata"])
    if "shipping" in sent:
        found["shipping"] = whole_parcel(sent["shipping"])
    return call.save(found, emits="charge.updated")


@resource.post(
    "/v1/charges/{charge}/capture",
    {
        "amount": amount(1),
        "receipt_email": text(),
        "statement_descriptor": text(22),
        "statement_descriptor_suffix": text(22),
        **unserved("application_fee", "application_fee_amount", "transfer_data", "transfer_group"),
    },
)
def capture_directly(call: Call, charge: str) -> Answer:
    """Take a hold that was made without a payment intent."""
    held = call.get("charge", charge)
    if held["captured"]:
        raise StripeError(f"Charge {charge} has already been captured.", code="charge_already_captured")
    if held["refunded"] or not held["paid"]:
        raise StripeError(f"Charge {charge} can no longer be captured.", code="charge_expired_for_capture")
    if held["payment_intent"]:
        raise StripeError(
            f"This charge belongs to a PaymentIntent ({held['payment_intent']}). Capture the PaymentIntent instead."
        )
    wanted = call.params["amount"] if "amount" in call.params else held["amount"]
    if wanted > held["amount"]:
        raise StripeError(charging.TOO_MUCH_TO_CAPTURE, param="amount", code="amount_too_large")
    return charging.capture(call, held, wanted)
