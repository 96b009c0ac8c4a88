"""What accounts and persons take (https://docs.stripe.com/api/accounts), as declarations."""

from dataclasses import replace
from typing import Final

from paydesk.server.sandbox.bank_accounts import DETAILS, DIGITS
from paydesk.server.sandbox.params import (
    ADDRESS_FIELDS,
    Declaration,
    Param,
    Shape,
    address,
    boolean,
    choice,
    clearable,
    currency,
    decimal,
    either,
    integer,
    list_of,
    mapping,
    metadata,
    required,
    text,
    timestamp,
    unserved,
)

CAPABILITIES: Final = (
    "acss_debit_payments", "affirm_payments", "afterpay_clearpay_payments", "alma_payments", "amazon_pay_payments",
    "app_distribution", "au_becs_debit_payments", "bacs_debit_payments", "bancontact_payments",
    "bank_transfer_payments", "billie_payments", "bizum_payments", "blik_payments", "boleto_payments", "card_issuing",
    "card_payments", "cartes_bancaires_payments", "cashapp_payments", "crypto_payments", "eps_payments",
    "fpx_payments", "gb_bank_transfer_payments", "giropay_payments", "grabpay_payments", "ideal_payments",
    "india_international_payments", "jcb_payments", "jp_bank_transfer_payments", "kakao_pay_payments",
    "klarna_payments", "konbini_payments", "kr_card_payments", "legacy_payments", "link_payments", "mb_way_payments",
    "mobilepay_payments", "multibanco_payments", "mx_bank_transfer_payments", "naver_pay_payments",
    "nz_bank_account_becs_debit_payments", "oxxo_payments", "p24_payments", "pay_by_bank_payments", "payco_payments",
    "paynow_payments", "payto_payments", "pix_payments", "promptpay_payments", "revolut_pay_payments",
    "samsung_pay_payments", "satispay_payments", "scalapay_payments", "sepa_bank_transfer_payments",
    "sepa_debit_payments", "sofort_payments", "sunbit_payments", "swish_payments", "tax_reporting_us_1099_k",
    "tax_reporting_us_1099_misc", "transfers", "treasury", "twint_payments", "upi_payments",
    "us_bank_account_ach_payments", "us_bank_transfer_payments", "zip_payments",
)  # fmt: skip
WEEKDAYS: Final = ("friday", "monday", "saturday", "sunday", "thursday", "tuesday", "wednesday")
PAYOUT_WEEKDAYS: Final = ("friday", "monday", "thursday", "tuesday", "wednesday")


def _texts(*names: str) -> dict[str, Param]:
    return {name: clearable(text()) for name in names}


def _japanese() -> Param:
    return mapping(_texts(*ADDRESS_FIELDS, "town"))


def _acceptance() -> dict[str, Param]:
    return {"date": timestamp(), "ip": text(), "user_agent": clearable(text())}


def _day() -> Param:
    parts = {
        "day": required(integer(1, 31)),
        "month": required(integer(1, 12)),
        "year": required(integer(1_000, 9_999)),
    }
    return clearable(mapping(parts))


def _document() -> Param:
    return mapping(_texts("back", "front"))


_PAYOUT_SCHEDULE: Final = {
    "delay_days": replace(text(), shape=Shape("either", (choice("minimum"), integer(0, 31)))),
    "interval": choice("daily", "manual", "monthly", "weekly"),
    "monthly_anchor": integer(1, 31),
    "monthly_payout_days": list_of(integer(1, 31)),
    "weekly_anchor": choice(*WEEKDAYS),
    "weekly_payout_days": list_of(choice(*PAYOUT_WEEKDAYS)),
}

_DESIGNATIONS: Final = (
    "lgbtqi_owned_business", "minority_owned_business", "none_of_these_apply", "prefer_not_to_answer",
    "women_owned_business",
)  # fmt: skip
_STRUCTURES: Final = (
    "free_zone_establishment", "free_zone_llc", "government_instrumentality", "governmental_unit",
    "incorporated_non_profit", "incorporated_partnership", "limited_liability_partnership", "llc", "multi_member_llc",
    "private_company", "private_corporation", "private_partnership", "public_company", "public_corporation",
    "public_partnership", "registered_charity", "single_member_llc", "sole_establishment", "sole_proprietorship",
    "tax_exempt_government_instrumentality", "unincorporated_association", "unincorporated_non_profit",
    "unincorporated_partnership",
)  # fmt: skip
_BUSINESS_PROFILE: Final = {
    "annual_revenue": mapping(
        {"amount": required(integer(0)), "currency": required(currency()), "fiscal_year_end": required(text())}
    ),
    "estimated_worker_count": integer(0),
    "mcc": text(4),
    "minority_owned_business_designation": list_of(choice(*_DESIGNATIONS)),
    "monthly_estimated_revenue": mapping({"amount": required(integer(0)), "currency": required(currency())}),
    **_texts("name", "product_description", "support_email", "support_phone", "support_url", "url"),
    "support_address": address(),
}

_COMPANY: Final = {
    "address": address(),
    "address_kana": _japanese(),
    "address_kanji": _japanese(),
    "directors_provided": boolean(),
    "directorship_declaration": mapping(_acceptance()),
    "executives_provided": boolean(),
    **_texts("export_license_id", "export_purpose_code", "name", "name_kana", "name_kanji", "phone"),
    "owners_provided": boolean(),
    "ownership_declaration": mapping(_acceptance()),
    "ownership_exemption_reason": clearable(
        choice("qualified_entity_exceeds_ownership_threshold", "qualifies_as_financial_institution")
    ),
    "registration_date": _day(),
    "representative_declaration": mapping(_acceptance()),
    "structure": clearable(choice(*_STRUCTURES)),
    **_texts("registration_number", "tax_id", "tax_id_registrar", "vat_id"),
    "verification": mapping({"document": _document()}),
    **unserved("administrative_address", "principal_place_of_business"),
}

_PART_IN_IT: Final = {
    **dict.fromkeys(("director", "executive", "owner"), boolean()),
    "percent_ownership": clearable(decimal(minimum="0", maximum="100")),
    "title": clearable(text()),
}
_RELATIONSHIP: Final = {
    **_PART_IN_IT,
    **dict.fromkeys(("authorizer", "legal_guardian", "representative"), boolean()),
}

# What one knows of a person; an account's `individual` takes these, too.
_OF_A_PERSON: Final = {
    "address": address(),
    "address_kana": _japanese(),
    "address_kanji": _japanese(),
    "dob": _day(),
    **_texts("email", "first_name", "first_name_kana", "first_name_kanji", "gender", "last_name", "last_name_kana"),
    **_texts("last_name_kanji", "maiden_name", "phone"),
    "full_name_aliases": clearable(list_of(text())),
    "id_number": text(),
    "id_number_secondary": text(),
    "metadata": metadata(),
    "political_exposure": choice("existing", "none"),
    "registered_address": address(),
    "relationship": mapping(_RELATIONSHIP),
    "ssn_last_4": text(4),
    "verification": mapping({"additional_document": _document(), "document": _document()}),
}

PERSON: Final[Declaration] = {
    **_OF_A_PERSON,
    "nationality": clearable(text(2)),
    **unserved("additional_tos_acceptances", "documents", "person_token", "us_cfpb_data"),
}

_SETTINGS: Final = {
    "branding": mapping(_texts("icon", "logo", "primary_color", "secondary_color")),
    "card_payments": mapping(
        {
            "decline_on": mapping({"avs_failure": boolean(), "cvc_failure": boolean()}),
            **_texts(
                "statement_descriptor_prefix", "statement_descriptor_prefix_kana", "statement_descriptor_prefix_kanji"
            ),
        }
    ),
    "invoices": mapping({"hosted_payment_method_save": choice("always", "never", "offer")}),
    "payments": mapping(_texts("statement_descriptor", "statement_descriptor_kana", "statement_descriptor_kanji")),
    "payouts": mapping(
        {
            "debit_negative_balances": boolean(),
            "schedule": mapping(_PAYOUT_SCHEDULE),
            "statement_descriptor": clearable(text(22)),
        }
    ),
    **unserved("bacs_debit_payments", "card_issuing", "treasury"),
}

_SHARED: Final[Declaration] = {
    "business_profile": mapping(_BUSINESS_PROFILE),
    "business_type": choice("company", "government_entity", "individual", "non_profit"),
    "capabilities": mapping({name: mapping({"requested": boolean()}) for name in CAPABILITIES}),
    "company": mapping(_COMPANY),
    "default_currency": currency(),
    "email": text(),
    "external_account": either(
        mapping(
            {
                "object": choice("bank_account", "card"),
                "account_holder_name": text(),
                "account_holder_type": choice("company", "individual"),
                "account_number": text(DIGITS),
                "account_type": choice("checking", "futsu", "savings", "toza"),
                "country": text(2),
                "currency": currency(),
                "routing_number": text(DIGITS),
                "number": text(DIGITS),
                "exp_month": integer(1, 12),
                "exp_year": integer(),
                "cvc": text(4),
                "default_for_currency": boolean(),
                "metadata": metadata(),
            }
        ),
        text(),
    ),
    "groups": mapping({"payments_pricing": clearable(text())}),
    "individual": mapping({**_OF_A_PERSON, "relationship": mapping(_PART_IN_IT)}),
    "metadata": metadata(),
    "tos_acceptance": mapping({**_acceptance(), "service_agreement": choice("full", "recipient")}),
    **unserved("account_token", "documents"),
}

UPDATE: Final[Declaration] = {
    **_SHARED,
    "settings": mapping(
        {
            **_SETTINGS,
            "invoices": mapping(
                {
                    "hosted_payment_method_save": choice("always", "never", "offer"),
                    **unserved("default_account_tax_ids"),
                }
            ),
            **unserved("sepa_debit_payments"),
        }
    ),
}

CREATE: Final[Declaration] = {
    **_SHARED,
    "settings": mapping(_SETTINGS),
    "bank_account": either(DETAILS, text()),
    "controller": mapping(
        {
            "fees": mapping({"payer": choice("account", "application")}),
            "losses": mapping({"payments": choice("application", "stripe")}),
            "requirement_collection": choice("application", "stripe"),
            "stripe_dashboard": mapping({"type": choice("express", "full", "none")}),
        }
    ),
    "country": text(2),
    "type": choice("custom", "express", "standard"),
}
