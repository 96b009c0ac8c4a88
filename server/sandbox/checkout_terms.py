"""What checkout sessions and payment links take alike: what is asked of the customer, and what is made of it."""

from typing import Final

from paydesk.server.sandbox import agreements, automatic_tax, changes, pricing
from paydesk.server.sandbox.item_pricing import PRODUCT_DATA
from paydesk.server.sandbox.params import (
    ADDRESS_FIELDS,
    Declaration,
    Param,
    boolean,
    choice,
    clearable,
    integer,
    list_of,
    mapping,
    metadata,
    required,
    text,
    unserved,
)

MAX_ITEMS: Final = 100
# The countries that goods may be sent to (Stripe's OpenAPI).
_COUNTRIES: Final = (
    "AC AD AE AF AG AI AL AM AO AQ AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA "
    "CD CF CG CH CI CK CL CM CN CO CR CV CW CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FO FR GA GB GD GE GF "
    "GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IS IT JE JM JO JP KE KG KH KI KM KN "
    "KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MK ML MM MN MO MQ MR MS MT MU MV MW MX MY MZ NA NC "
    "NE NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ "
    "SK SL SM SN SO SR SS ST SV SX SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VN "
    "VU WF WS XK YE YT ZA ZM ZW ZZ"
)
_LINK_TYPES: Final = (
    "affirm afterpay_clearpay alipay alma au_becs_debit bacs_debit bancontact billie bizum blik boleto card cashapp "
    "eps fpx giropay grabpay ideal klarna konbini link mb_way mobilepay multibanco oxxo p24 pay_by_bank paynow paypal "
    "payto pix promptpay satispay sepa_debit sofort sunbit swish twint upi us_bank_account wechat_pay zip"
)
_MORE_TYPES: Final = (
    "acss_debit amazon_pay crypto customer_balance kakao_pay kr_card naver_pay nz_bank_account payco revolut_pay "
    "samsung_pay scalapay"
)
LINK_TYPES: Final = choice(*_LINK_TYPES.split())
SESSION_TYPES: Final = choice(*sorted(f"{_LINK_TYPES} {_MORE_TYPES}".split()))
EXCLUDED_TYPES: Final = choice(*sorted({*f"{_LINK_TYPES} {_MORE_TYPES}".split()} - {"link"}))
SUBMIT_TYPES: Final = choice("auto", "book", "donate", "pay", "subscribe")
SELF: Final = mapping({"type": required(choice("self")), **unserved("account")})
ADJUSTABLE: Final = mapping(
    {"enabled": required(boolean()), "maximum": integer(1, 999_999), "minimum": integer(0, 999_998)}
)
PRICE_DATA: Final = mapping(
    {
        **pricing.INLINE_ONCE,
        "product": text(),
        "product_data": PRODUCT_DATA,
        "recurring": mapping(pricing.INTERVAL),
    }
)
QUANTITY: Final = integer(0, changes.MAX_QUANTITY)
_TYPED: Final = mapping(
    {"default_value": text(255), "maximum_length": integer(1, 255), "minimum_length": integer(0, 255)}
)
CUSTOM_FIELDS: Final = list_of(
    mapping(
        {
            "dropdown": mapping(
                {
                    "default_value": text(100),
                    "options": required(
                        list_of(mapping({"label": required(text(100)), "value": required(text(100))}), maximum=200)
                    ),
                }
            ),
            "key": required(text(200)),
            "label": required(mapping({"custom": required(text(50)), "type": required(choice("custom"))})),
            "numeric": _TYPED,
            "optional": boolean(),
            "text": _TYPED,
            "type": required(choice("dropdown", "numeric", "text")),
        }
    ),
    maximum=3,
)
TEXTS: Final = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
CUSTOM_TEXT: Final = mapping({name: clearable(mapping({"message": required(text(1_200))})) for name in TEXTS})
_NAMED: Final = mapping({"enabled": required(boolean()), "optional": boolean()})
NAMES: Final = mapping({"business": _NAMED, "individual": _NAMED})
OPTIONAL_ITEMS: Final = list_of(
    mapping({"adjustable_quantity": ADJUSTABLE, "price": required(text()), "quantity": required(integer(1))}),
    maximum=10,
)


_INVOICE_CREATION: Final = mapping(
    {
        "enabled": required(boolean()),
        "invoice_data": mapping(
            {
                "custom_fields": agreements.CUSTOM_FIELDS,
                "description": text(1_500),
                "footer": text(),
                "issuer": SELF,
                "metadata": metadata(),
                "rendering_options": clearable(
                    mapping(
                        {
                            "amount_tax_display": clearable(choice("exclude_tax", "include_inclusive_tax")),
                            **unserved("template"),
                        }
                    )
                ),
                **unserved("account_tax_ids"),
            }
        ),
    }
)
TRIAL_SETTINGS: Final = mapping(
    {
        "end_behavior": required(
            mapping({"missing_payment_method": required(choice("cancel", "create_invoice", "pause"))})
        )
    }
)
COUNTRIES_TO: Final = mapping({"allowed_countries": required(list_of(choice(*_COUNTRIES.split()), maximum=300))})


def address(*needed: str) -> Param:
    """A postal address of which some fields must be there."""
    return mapping({part: required(text()) if part in needed else clearable(text()) for part in ADDRESS_FIELDS})


# What both ask of the customer.
ASKED: Final[Declaration] = {
    "allow_promotion_codes": boolean(),
    "automatic_tax": automatic_tax.AUTOMATIC,
    "billing_address_collection": choice("auto", "required"),
    "consent_collection": mapping(
        {
            "payment_method_reuse_agreement": mapping({"position": required(choice("auto", "hidden"))}),
            "promotions": choice("auto", "none"),
            "terms_of_service": choice("none", "required"),
        }
    ),
    "custom_text": CUSTOM_TEXT,
    "customer_creation": choice("always", "if_required"),
    "invoice_creation": _INVOICE_CREATION,
    "metadata": metadata(),
    "payment_method_collection": choice("always", "if_required"),
    "phone_number_collection": mapping({"enabled": required(boolean())}),
    "submit_type": SUBMIT_TYPES,
    "tax_id_collection": mapping({"enabled": required(boolean()), "required": choice("if_supported", "never")}),
    **unserved("managed_payments"),
}
