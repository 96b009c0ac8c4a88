"""Connected accounts: made, changed, rejected, deleted by the platform (https://docs.stripe.com/api/accounts)."""

from typing import Any, Final

from paydesk.server.sandbox import account_params, automatic_payouts, connect, ledger, lists
from paydesk.server.sandbox.account_data import apply
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.countries import currency_of
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import LISTING, boolean, required, text, unserved
from paydesk.server.sandbox.resources import external_accounts
from paydesk.server.sandbox.resources.account import account_object, own_account
from paydesk.server.sandbox.routes import Resource

resource = Resource()

_NEW_PROFILE: Final = dict.fromkeys(("mcc", "name", "url"))


def connected_object(call: Call, sent: dict[str, Any]) -> Object:
    """A new connected account that has told nothing yet."""
    country = str(sent.get("country", own_account(call)["country"])).upper()
    code = currency_of(country)
    if code is None:
        raise StripeError(
            f"Country '{country}' is unknown. Try using a 2-character alphanumeric country code instead, such as 'US', "
            "'EG', or 'GB'. A full list of country codes is available at https://stripe.com/global",
            param="country",
        )
    account = account_object(call.new_id("acct_1", 16), created=call.now, country=country, currency=code)
    account.update(
        business_type=None,
        capabilities={},
        charges_enabled=False,
        company=company_object(),
        controller=_controller(sent),
        details_submitted=False,
        email=None,
        payouts_enabled=False,
        type=sent.get("type", "none" if "controller" in sent else "standard"),
    )
    account["business_profile"].update(_NEW_PROFILE)
    account["settings"]["dashboard"]["display_name"] = None
    account["settings"]["payments"]["statement_descriptor"] = None
    account["settings"]["payouts"]["schedule"] = {"delay_days": 2, "interval": "daily"}
    account.update(_platform=call.account, _requested={}, _rejected=None, _own_tos=False)
    return account


def company_object() -> Object:
    """A company of which nothing is known."""
    place = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {
        "address": place,
        "directors_provided": False,
        "executives_provided": False,
        "name": None,
        "owners_provided": False,
        "phone": None,
        "tax_id_provided": False,
        "verification": {"document": dict.fromkeys(("back", "details", "details_code", "front"))},
    }


def _controller(sent: dict[str, Any]) -> Object:
    payer, losses, collects, dashboard = connect.TYPES[sent.get("type", "standard")]
    asked = sent.get("controller")
    if asked is not None:
        payer = asked.get("fees", {}).get("payer", payer)
        losses = asked.get("losses", {}).get("payments", losses)
        collects = asked.get("requirement_collection", collects)
        dashboard = asked.get("stripe_dashboard", {}).get("type", dashboard)
        _check_controller(losses, collects, dashboard)
    return {
        "fees": {"payer": payer},
        "is_controller": True,
        "losses": {"payments": losses},
        "requirement_collection": collects,
        "stripe_dashboard": {"type": dashboard},
        "type": "application",
    }


def _check_controller(losses: str, collects: str, dashboard: str) -> None:
    """Combinations that Stripe refuses (https://docs.stripe.com/connect/accounts-v1/controller)."""
    if collects == "application" and dashboard != "none":
        raise StripeError(
            "When `controller[requirement_collection]=application`, `controller[stripe_dashboard][type]` must be "
            "`none`.",
            param="controller[stripe_dashboard][type]",
        )
    if collects == "application" and losses != "application":
        raise StripeError(
            "When `controller[requirement_collection]=application`, `controller[losses][payments]` must be "
            "`application`.",
            param="controller[losses][payments]",
        )


@resource.post("/v1/accounts", account_params.CREATE)
def create(call: Call) -> Answer:
    """A new connected account; what it can do follows from what is told of it and what it asks for."""
    sent = call.params
    if call.account != connect.platform_of(call):
        raise StripeError("Only Stripe Connect platforms can work with other accounts.", status=403)
    if "type" in sent and "controller" in sent:
        raise StripeError("You may not specify both `type` and `controller`.", param="controller")
    account = connected_object(call, sent)
    if account["type"] == "custom" and not sent.get("capabilities"):
        raise StripeError(
            "You must request at least one capability for accounts whose requirements the platform collects.",
            param="capabilities",
        )
    if account["type"] == "standard" and "capabilities" not in sent:
        account["_requested"] = dict.fromkeys(("card_payments", "transfers"), call.now)
    call.create(account)
    ledger.set_delay_days(call.of(account["id"]), account["settings"]["payouts"]["schedule"]["delay_days"])
    if "bank_account" in sent:
        external_accounts.add(call, account, sent["bank_account"], "bank_account")
    return _tell(call, account, sent)


@resource.post("/v1/accounts/{account}", account_params.UPDATE)
def update(call: Call, account: str) -> Answer:
    """Tell more of an account, ask for capabilities, change its settings."""
    found, _ = connect.account_at(call, account)
    return _tell(call, found, call.params)


def _tell(call: Call, account: Object, sent: dict[str, Any]) -> Object:
    for name, wanted in sent.get("capabilities", {}).items():
        if "requested" in wanted and "_requested" in account:
            request(call, account, name, is_requested=wanted["requested"])
    apply(call.of(account["id"]), account, sent)
    if "external_account" in sent:
        external_accounts.replace(call, account, sent["external_account"])
    if "settings" in sent:
        automatic_payouts.arm(call.of(account["id"]))
    return connect.refresh(call, account)


def request(call: Call, account: Object, name: str, *, is_requested: bool) -> None:
    """Ask for a capability, or give it back."""
    if is_requested:
        account["_requested"].setdefault(name, call.now)
    else:
        account["_requested"].pop(name, None)


@resource.get("/v1/accounts", LISTING)
def list_all(call: Call) -> Answer:
    """Accounts that are connected to the platform, newest first."""
    return lists.page(call, "account", {"_platform": call.account})


@resource.get("/v1/accounts/{account}")
def retrieve(call: Call, account: str) -> Answer:
    """One account: a connected one, or one's own."""
    return connect.account_at(call, account)[0]


@resource.delete("/v1/accounts/{account}")
def delete(call: Call, account: str) -> Answer:
    """Close a connected account; in test mode whatever its balance is."""
    found, _ = connect.account_at(call, account)
    if account == connect.platform_of(call):
        raise StripeError("You cannot delete your own account through the API.")
    return call.of(connect.platform_of(call)).delete(found)


@resource.post("/v1/accounts/{account}/reject", {"reason": required(text()), **unserved("payouts_action")})
def reject(call: Call, account: str) -> Answer:
    """Turn an account away; it can neither charge nor be paid out."""
    found = _rejectable(call, account)
    reason = call.params["reason"]
    if reason not in ("fraud", "terms_of_service", "other"):
        raise StripeError("Invalid reason: must be one of fraud, terms_of_service, or other", param="reason")
    if found["_rejected"]:
        raise StripeError(f"Account {account} has already been rejected.")
    found["_rejected"] = reason
    return connect.refresh(call, found)


@resource.post("/v1/accounts/{account}/unreject")
def unreject(call: Call, account: str) -> Answer:
    """Take a rejection back."""
    found = _rejectable(call, account)
    if not found["_rejected"]:
        raise StripeError(f"Account {account} has not been rejected.")
    found["_rejected"] = None
    return connect.refresh(call, found)


def _rejectable(call: Call, account: str) -> Object:
    found, _ = connect.account_at(call, account)
    if "_rejected" not in found or found["controller"]["losses"]["payments"] != "application":
        raise StripeError("You may only reject accounts for whose losses your platform is liable.")
    return found


@resource.get("/v1/accounts/{account}/capabilities")
def list_capabilities(call: Call, account: str) -> Answer:
    """Every capability that the account has asked for."""
    found, _ = connect.account_at(call, account)
    every = [connect.capability_object(found, name) for name in found["capabilities"]]
    return {"object": "list", "data": every, "has_more": False, "url": call.path}


@resource.get("/v1/accounts/{account}/capabilities/{capability}")
def retrieve_capability(call: Call, account: str, capability: str) -> Answer:
    """One capability, asked for or not."""
    found, _ = connect.account_at(call, account)
    return connect.capability_object(found, _known(capability))


@resource.post("/v1/accounts/{account}/capabilities/{capability}", {"requested": boolean()})
def update_capability(call: Call, account: str, capability: str) -> Answer:
    """Ask for a capability, or give it back."""
    found, _ = connect.account_at(call, account)
    name = _known(capability)
    if "requested" in call.params and "_requested" in found:
        request(call, found, name, is_requested=call.params["requested"])
        connect.refresh(call, found)
    return connect.capability_object(found, name)


def _known(capability: str) -> str:
    if capability not in account_params.CAPABILITIES:
        raise missing("capability", capability, "capability")
    return capability
