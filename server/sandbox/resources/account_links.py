"""Ways into an account's hosted pages: account links for onboarding, login links, sessions for embedded components.

The page of an account link is the sandbox's own (`/_sandbox/pages/onboarding/<token>`): it finishes onboarding with
made-up answers and goes on to `return_url`. A link is good once and for some minutes, then the page goes to
`refresh_url`, as at Stripe (https://docs.stripe.com/api/account_links).
"""

from html import escape
from typing import Any, Final

from paydesk.server.sandbox import connect, onboarding
from paydesk.server.sandbox.call import Answer, Call, Page
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import boolean, choice, mapping, required, text
from paydesk.server.sandbox.routes import Resource

LINK_GOOD_S: Final = 300
SESSION_GOOD_S: Final = 3_600
_NOWHERE: Final = "http://127.0.0.1:12111"

# Notes of the sandbox's own, never listed.
PAGE: Final = Kind(name="_sandbox.page", prefix="")

resource = Resource()

_LINK: Final = {
    "account": required(text()),
    "collect": choice("currently_due", "eventually_due"),
    "collection_options": mapping(
        {"fields": choice("currently_due", "eventually_due"), "future_requirements": choice("include", "omit")}
    ),
    "refresh_url": text(),
    "return_url": text(),
    "type": required(choice("account_onboarding", "account_update")),
}


def page_url(call: Call, path: str) -> str:
    """Where a page of the sandbox is reached."""
    return f"{call.origin or _NOWHERE}/_sandbox/pages/{path}"


@resource.post("/v1/account_links", _LINK)
def create_link(call: Call) -> Answer:
    """A link to onboarding (or to an update) that is good once."""
    sent = call.params
    account = _theirs(call, sent["account"])
    for name in ("refresh_url", "return_url"):
        if not str(sent.get(name, "")).startswith(("https://", "http://")):
            raise StripeError("Not a valid URL", code="url_invalid", param=name)
    if sent["type"] == "account_update" and account["controller"].get("requirement_collection") != "application":
        raise StripeError(
            "You may only create `account_update` links for accounts whose requirements your platform collects.",
            param="type",
        )
    token = call.new_id("alink_", 24)
    note: Object = {"id": token, "object": PAGE.name, "account": account["id"], "created": call.now, "used": False}
    call.create({**note, **{name: sent[name] for name in ("refresh_url", "return_url", "type")}})
    return {
        "object": "account_link",
        "created": call.now,
        "expires_at": call.now + LINK_GOOD_S,
        "url": page_url(call, f"onboarding/{token}"),
    }


@resource.get("/_sandbox/pages/onboarding/{token}")
def show_onboarding(call: Call, token: str) -> Answer:
    """Ours: the page that an account link leads to."""
    note = call.find(PAGE.name, token)
    if note is None:
        return Page("<!doctype html><title>Not found</title><p>There is no such link.</p>", 404)
    if _is_spent(call, note):
        return Page(goes_to=note["refresh_url"])
    account = call.get("account", note["account"])
    owed = account["requirements"]["currently_due"]
    return Page(onboarding.page(account["id"], owed, f"/_sandbox/pages/onboarding/{token}"))


@resource.post("/_sandbox/pages/onboarding/{token}", {"action": choice("finish", "leave")})
def finish_onboarding(call: Call, token: str) -> Answer:
    """Ours: finish onboarding with made-up answers, or leave it as it is; then go on to `return_url`."""
    note = call.find(PAGE.name, token)
    if note is None:
        return Page("<!doctype html><title>Not found</title><p>There is no such link.</p>", 404)
    if _is_spent(call, note):
        return Page(goes_to=note["refresh_url"])
    note["used"] = True
    call.save(note)
    if call.params.get("action", "finish") == "finish":
        onboarding.finish(call, call.get("account", note["account"]))
    return Page(goes_to=note["return_url"])


def _is_spent(call: Call, note: Object) -> bool:
    return bool(note["used"]) or call.now > note["created"] + LINK_GOOD_S


@resource.post("/_sandbox/accounts/{account}/onboard")
def onboard(call: Call, account: str) -> Answer:
    """Ours: what the owner of an account does on the onboarding page, as a call."""
    return onboarding.finish(call, _theirs(call, account))


def _theirs(call: Call, identifier: str) -> Object:
    """A connected account; the platform itself has nothing to be onboarded."""
    account, _ = connect.account_at(call, identifier)
    if "_requested" not in account:
        raise StripeError("Account links are for connected accounts, not for the platform's own.", param="account")
    return account


@resource.post("/v1/accounts/{account}/login_links")
def create_login_link(call: Call, account: str) -> Answer:
    """A link into the Express dashboard."""
    found, _ = connect.account_at(call, account)
    if found["controller"].get("stripe_dashboard", {}).get("type") != "express":
        raise StripeError("Cannot create a login link for an account that does not use the Express Dashboard.")
    if not found["details_submitted"]:
        raise StripeError("Cannot create a login link for an account that has not completed onboarding.")
    return {"object": "login_link", "created": call.now, "url": page_url(call, f"express/{call.new_id('', 24)}")}


@resource.get("/_sandbox/pages/express/{token}")
def show_dashboard(_call: Call, token: str) -> Answer:
    """Ours: where a login link leads; there is nothing behind it."""
    said = f"<p>Signed in to the Express Dashboard by {escape(token[:6])}…</p>"
    return Page(f"<!doctype html><title>Express Dashboard</title>{said}")


_ACCOUNT_FEATURES: Final = ("disable_stripe_user_authentication", "external_account_collection")
_PAYOUT_FEATURES: Final = (*_ACCOUNT_FEATURES, "edit_payout_schedule", "instant_payouts", "standard_payouts")
_DISPUTE_FEATURES: Final = (
    *("destination_on_behalf_of_charge_management", "dispute_management", "refund_management"),
    "smart_disputes_management",
)
_COMPONENTS: Final[dict[str, tuple[str, ...]]] = {
    "account_management": _ACCOUNT_FEATURES,
    "account_onboarding": _ACCOUNT_FEATURES,
    "balance_report": (),
    "balances": _PAYOUT_FEATURES,
    "disputes_list": ("capture_payments", *_DISPUTE_FEATURES),
    "documents": (),
    "financial_account": (*_ACCOUNT_FEATURES, "send_money", "transfer_balance"),
    "financial_account_transactions": ("card_spend_dispute_management",),
    "instant_payouts_promotion": (*_ACCOUNT_FEATURES, "instant_payouts"),
    "issuing_card": (
        *("card_management", "card_spend_dispute_management", "cardholder_management", "spend_control_management"),
    ),
    "issuing_cards_list": (
        *("card_management", "card_spend_dispute_management", "cardholder_management", "spend_control_management"),
        "disable_stripe_user_authentication",
    ),
    "notification_banner": _ACCOUNT_FEATURES,
    "payment_details": ("capture_payments", *_DISPUTE_FEATURES),
    "payment_disputes": _DISPUTE_FEATURES,
    "payment_method_settings": ("disable_stripe_user_authentication",),
    "payments": ("capture_payments", *_DISPUTE_FEATURES),
    "payout_details": (),
    "payout_reconciliation_report": (),
    "payouts": _PAYOUT_FEATURES,
    "payouts_list": (),
    "tax_registrations": (),
    "tax_settings": (),
}


def _component(features: tuple[str, ...]) -> Any:
    return mapping({"enabled": required(boolean()), "features": mapping({name: boolean() for name in features})})


@resource.post(
    "/v1/account_sessions",
    {
        "account": required(text()),
        "components": required(mapping({name: _component(features) for name, features in _COMPONENTS.items()})),
    },
)
def create_session(call: Call) -> Answer:
    """A secret with which embedded components may show an account."""
    account, _ = connect.account_at(call, call.params["account"])
    asked = call.params["components"]
    return {
        "object": "account_session",
        "account": account["id"],
        "client_secret": f"accs_secret__{call.new_id('', 40)}",
        "components": {
            name: {
                "enabled": asked.get(name, {}).get("enabled", False),
                "features": {
                    one: asked.get(name, {}).get("features", {}).get(one, one != "disable_stripe_user_authentication")
                    for one in features
                },
            }
            for name, features in _COMPONENTS.items()
        },
        "expires_at": call.now + SESSION_GOOD_S,
        "livemode": False,
    }
