"""What the operations of checkout sessions take."""

from typing import Final

from paydesk.server.sandbox import (
    agreements,
    checkout_terms,
    connected_payments,
    taxing,
)
from paydesk.server.sandbox.params import (
    LISTING,
    address,
    boolean,
    choice,
    clearable,
    currency,
    integer,
    list_of,
    mapping,
    metadata,
    required,
    table,
    text,
    timestamp,
    unserved,
)
from paydesk.server.sandbox.resources import payment_methods, shipping_rates
from paydesk.server.sandbox.resources.customers import SHIPPING

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
CREATE: Final = {
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
UPDATE: Final = {
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
LIST: Final = {
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
COMPLETE: Final = {
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
