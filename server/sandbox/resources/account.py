"""The account whose books these are: the platform's own, or the connected one that `Stripe-Account` names."""

from typing import Final

from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.params import whole_address
from paydesk.server.sandbox.routes import Resource


def _shown(_call: Call, account: Object) -> Object:
    return visible(account)


ACCOUNT: Final = Kind(
    name="account",
    prefix="acct_",
    param="account",
    indexed=("_platform",),
    shows=_shown,
    expands=(
        "company.verification.document.back",
        "company.verification.document.front",
        "settings.branding.icon",
        "settings.branding.logo",
        "settings.invoices.default_account_tax_ids",
    ),
)

DEFAULT_NAME: Final = "Paydesk Sandbox"
OPENED_AT: Final = 1_704_067_200

resource = Resource()


def own_account(call: Call) -> Object:
    """The account whose books these are; one that nobody has written down is an ordinary one."""
    # All accounts of a file stand in the platform's books.
    platform = call.store.fact("account") or call.account
    books = call if platform == call.account else call.of(platform)
    found = books.find("account", call.account)
    if found:
        return found
    settlement = call.store.settlement
    return account_object(call.account, country=settlement.country, currency=settlement.currency)


def account_object(
    identifier: str,
    *,
    name: str = DEFAULT_NAME,
    created: int = OPENED_AT,
    country: str = "US",
    currency: str = "usd",
) -> Object:
    """An account in good standing."""
    nothing_due: Object = {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": [],
        "disabled_reason": None,
        "errors": [],
        "eventually_due": [],
        "past_due": [],
        "pending_verification": [],
    }
    return {
        "id": identifier,
        "object": "account",
        "business_profile": {
            "annual_revenue": None,
            "estimated_worker_count": None,
            "mcc": "5734",
            "minority_owned_business_designation": None,
            "name": name,
            "product_description": None,
            "support_address": whole_address(None),
            "support_email": None,
            "support_phone": None,
            "support_url": None,
            "url": "https://sandbox.example.com",
        },
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": country,
        "created": created,
        "default_currency": currency,
        "details_submitted": True,
        "email": "owner@sandbox.example.com",
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/accounts/{identifier}/external_accounts",
        },
        "future_requirements": nothing_due,
        "metadata": {},
        "payouts_enabled": True,
        "requirements": nothing_due,
        "settings": _settings(name),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": "standard",
    }


def _settings(name: str) -> Object:
    prefixes = dict.fromkeys(("statement_descriptor_prefix_kana", "statement_descriptor_prefix_kanji"))
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            **prefixes,
        },
        "dashboard": {"display_name": name, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": "never"},
        "payments": {
            "statement_descriptor": "PAYDESK SANDBOX",
            "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
        },
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": 7, "interval": "daily"},
            "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }


@resource.get("/v1/account")
def retrieve_own(call: Call) -> Answer:
    """The account of these books; one that nobody has written down is an ordinary one."""
    return own_account(call)
