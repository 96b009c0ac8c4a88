"""What the operations of payment intents take."""

from dataclasses import replace
from typing import Final

from paydesk.server.sandbox import amount_details, connected_payments, redirects
from paydesk.server.sandbox.params import (
    Declaration,
    Shape,
    amount,
    boolean,
    choice,
    clearable,
    currency,
    list_of,
    mapping,
    metadata,
    required,
    text,
    unserved,
)
from paydesk.server.sandbox.resources import mandates, payment_methods
from paydesk.server.sandbox.resources.customers import PARCEL

_IF_AVAILABLE: Final = choice("if_available", "never")
_USAGE: Final = clearable(choice("none", "off_session", "on_session"))
_CARD_OPTIONS: Final = {
    "capture_method": clearable(choice("manual")),
    "moto": boolean(),
    "network": payment_methods.NETWORK,
    "request_extended_authorization": _IF_AVAILABLE,
    "request_incremental_authorization": _IF_AVAILABLE,
    "request_multicapture": _IF_AVAILABLE,
    "request_overcapture": _IF_AVAILABLE,
    "request_three_d_secure": choice("any", "automatic", "challenge"),
    "require_cvc_recollection": boolean(),
    "setup_future_usage": _USAGE,
    **unserved("cvc_token", "installments", "mandate_options", "three_d_secure"),
    **unserved("statement_descriptor_suffix_kana", "statement_descriptor_suffix_kanji"),
}
_HOLDING: Final = {"capture_method": clearable(choice("manual"))}
_UNSAVED: Final = {"setup_future_usage": choice("none")}
_SAVED_FOR_LATER: Final = {"setup_future_usage": clearable(choice("none", "off_session"))}
_KLARNA_LOCALES: Final = (
    "cs-CZ da-DK de-AT de-CH de-DE el-GR en-AT en-AU en-BE en-CA en-CH en-CZ en-DE en-DK en-ES en-FI en-FR en-GB en-GR "
    "en-IE en-IT en-NL en-NO en-NZ en-PL en-PT en-RO en-SE en-US es-ES es-US fi-FI fr-BE fr-CA fr-CH fr-FR it-CH it-IT "
    "nb-NO nl-BE nl-NL pl-PL pt-PT ro-RO sv-FI sv-SE"
)
_PAYPAL_LOCALES: Final = (
    "cs-CZ da-DK de-AT de-DE de-LU el-GR en-GB en-US es-ES fi-FI fr-BE fr-FR fr-LU hu-HU it-IT nl-BE nl-NL pl-PL pt-PT "
    "sk-SK sv-SE"
)
# What each type takes, by Stripe's document; `kind: {}` takes nothing.
_REDIRECT_OPTIONS: Final[dict[str, Declaration]] = {
    "affirm": {**_HOLDING, "preferred_locale": text(30), **_UNSAVED},
    "afterpay_clearpay": {**_HOLDING, "reference": text(128), **_UNSAVED},
    "alipay": _SAVED_FOR_LATER,
    "alma": _HOLDING,
    "amazon_pay": {**_HOLDING, **_SAVED_FOR_LATER},
    "bancontact": {"preferred_language": choice("de", "en", "fr", "nl"), **_SAVED_FOR_LATER},
    "billie": _HOLDING,
    "cashapp": {**_HOLDING, "setup_future_usage": _USAGE},
    **dict.fromkeys(("eps", "giropay", "grabpay", "zip"), _UNSAVED),
    "ideal": _SAVED_FOR_LATER,
    "kakao_pay": {**_HOLDING, **_SAVED_FOR_LATER},
    "klarna": {
        **_HOLDING,
        "preferred_locale": choice(*_KLARNA_LOCALES.split()),
        "setup_future_usage": choice("none", "off_session", "on_session"),
        **unserved("on_demand", "subscriptions"),
    },
    "mobilepay": {**_HOLDING, **_UNSAVED},
    "p24": {**_UNSAVED, "tos_shown_and_accepted": boolean()},
    "paypal": {
        **_HOLDING,
        "preferred_locale": choice(*_PAYPAL_LOCALES.split()),
        "reference": text(127),
        "risk_correlation_id": text(32),
        **_SAVED_FOR_LATER,
    },
    "revolut_pay": {**_HOLDING, **_SAVED_FOR_LATER},
    "satispay": {**_HOLDING, "setup_future_usage": _USAGE},
    "twint": {"setup_future_usage": choice("none", "off_session")},
}
_METHOD_OPTIONS: Final = mapping(
    {
        "card": clearable(mapping(_CARD_OPTIONS)),
        "us_bank_account": clearable(
            mapping(
                {
                    "preferred_settlement_speed": clearable(choice("fastest", "standard")),
                    "setup_future_usage": _USAGE,
                    "verification_method": choice("automatic", "instant", "microdeposits"),
                    **unserved("financial_connections", "mandate_options", "networks", "target_date"),
                    **unserved("transaction_purpose"),
                }
            )
        ),
        "sepa_debit": clearable(mapping({"setup_future_usage": _USAGE, **unserved("mandate_options", "target_date")})),
        **{kind: clearable(mapping(_REDIRECT_OPTIONS[kind])) for kind in redirects.BY_TYPE},
        **unserved(*(kind for kind in payment_methods.OTHER_TYPES if kind != "custom"), "card_present"),
    }
)
# What is sent and never shown again.
UNSHOWN: Final = frozenset({"moto", "preferred_settlement_speed", "risk_correlation_id", "tos_shown_and_accepted"})
_PAYMENT_DETAILS: Final = mapping(dict.fromkeys(("customer_reference", "order_reference"), clearable(text(25))))
_SHARED: Final = {
    "payment_method": clearable(text()),
    "payment_method_data": mapping(payment_methods.DATA),
    "payment_method_options": _METHOD_OPTIONS,
    "payment_method_types": list_of(text()),
    "receipt_email": clearable(text()),
    "setup_future_usage": clearable(choice("off_session", "on_session")),
    "shipping": clearable(PARCEL),
    "excluded_payment_method_types": clearable(list_of(payment_methods.EXCLUDED)),
    "amount_details": amount_details.PARAM,
    "payment_details": clearable(_PAYMENT_DETAILS),
    **unserved("allowed_payment_method_types", "hooks"),
}
_CONFIRMING: Final = {
    "error_on_requires_action": boolean(),
    "off_session": replace(
        choice("true", "false", "one_off", "recurring"),
        shape=Shape("either", (choice("one_off", "recurring"), boolean())),
    ),
    **unserved("radar_options"),
    "return_url": text(),
    "use_stripe_sdk": boolean(),
    "confirmation_token": text(),
    "mandate": text(),
}
_FIELDS: Final = {
    **_SHARED,
    "customer": text(),
    "description": clearable(text(1_000)),
    "metadata": metadata(),
    "statement_descriptor": clearable(text(22)),
    "statement_descriptor_suffix": clearable(text(22)),
    "transfer_group": text(),
    "capture_method": choice("automatic", "automatic_async", "manual"),
    **connected_payments.CHANGES,
    **unserved("customer_account", "payment_method_configuration"),
}
CREATE: Final = {
    **_FIELDS,
    **_CONFIRMING,
    "mandate_data": mandates.data(),
    "amount": required(amount(1)),
    "currency": required(currency()),
    "automatic_payment_methods": mapping(
        {"enabled": required(boolean()), "allow_redirects": choice("always", "never")}
    ),
    "confirm": boolean(),
    "confirmation_method": choice("automatic", "manual"),
    **connected_payments.PARAMS,
}
UPDATE: Final = {**_FIELDS, "amount": amount(1), "currency": currency()}
CONFIRM: Final = {
    **_SHARED,
    **_CONFIRMING,
    "mandate_data": mandates.data(is_online_told=False),
    "capture_method": choice("automatic", "automatic_async", "manual"),
    "client_secret": text(),
    **unserved("amount_to_confirm"),
}
CAPTURE: Final = {
    "amount_to_capture": amount(1),
    "final_capture": boolean(),
    "metadata": metadata(),
    "statement_descriptor": text(22),
    "statement_descriptor_suffix": text(22),
    **connected_payments.AT_CAPTURE,
    "amount_details": amount_details.PARAM,
    "payment_details": clearable(_PAYMENT_DETAILS),
    **unserved("hooks"),
}
INCREMENT: Final = {
    "amount": required(amount(1)),
    "description": text(1_000),
    "metadata": metadata(),
    "statement_descriptor": text(22),
    "amount_details": amount_details.PARAM,
    "payment_details": clearable(_PAYMENT_DETAILS),
    **unserved("application_fee_amount", "hooks", "transfer_data"),
}
