"""The billing portal: its configurations, and sessions whose page is the sandbox's own and simple.

The page is served by portal_pages.py.
"""

from typing import Any, Final

from paydesk.server.sandbox import lists, portal_terms
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    LISTING,
    boolean,
    merged_metadata,
    required,
)
from paydesk.server.sandbox.routes import Resource

PORTAL: Final = "/_sandbox/pages/portal/"
CONFIGURATION: Final = Kind(
    name="billing_portal.configuration",
    prefix="bpc_",
    called="configuration",
    param="configuration",
    indexed=("active", "is_default"),
    expands=(
        "application",
        "features.subscription_cancel.cancellation_reason.feedback_options",
    ),
)
SESSION: Final = Kind(name="billing_portal.session", prefix="bps_", expands=("configuration",), indexed=("_token",))
resource = Resource()


def _blank(call: Call, *, is_default: bool) -> Object:
    return {
        "id": call.new_id("bpc_1"),
        "object": CONFIGURATION.name,
        "active": True,
        "application": None,
        "business_profile": {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None},
        "created": call.now,
        "default_return_url": None,
        "features": {
            "customer_update": {"allowed_updates": [], "enabled": False},
            "invoice_history": {"enabled": False},
            "payment_method_update": {"enabled": False, "payment_method_configuration": None},
            "subscription_cancel": {
                "cancellation_reason": {
                    "enabled": False,
                    "options": ["too_expensive", "missing_features", "switched_service", "unused", "other"],
                },
                "enabled": False,
                "mode": "at_period_end",
                "proration_behavior": "none",
            },
            "subscription_update": {
                "billing_cycle_anchor": None,
                "default_allowed_updates": [],
                "enabled": False,
                "products": None,
                "proration_behavior": "none",
                "schedule_at_period_end": {"conditions": []},
                "trial_update_behavior": "end_trial",
            },
        },
        "is_default": is_default,
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "name": None,
        "updated": call.now,
    }


@resource.post(
    "/v1/billing_portal/configurations",
    {**portal_terms.SHARED, "features": required(portal_terms.features(is_new=True))},
)
def create_configuration(call: Call) -> Answer:
    """What customers may do in the portal."""
    made = _blank(call, is_default=False)
    _apply(call, made, call.params)
    return call.create(made, emits="billing_portal.configuration.created")


def _apply(call: Call, configuration: Object, sent: dict[str, Any]) -> None:
    for name in ("default_return_url", "name", "active"):
        if name in sent:
            configuration[name] = sent[name]
    if "business_profile" in sent:
        configuration["business_profile"].update(sent["business_profile"])
    if "metadata" in sent:
        configuration["metadata"] = merged_metadata(configuration["metadata"], sent["metadata"])
    if "login_page" in sent:
        enabled = sent["login_page"]["enabled"]
        where = f"https://billing.stripe.com/p/login/test_{configuration['id'][4:]}"
        configuration["login_page"] = {"enabled": enabled, "url": where if enabled else None}
    for name, feature in sent.get("features", {}).items():
        _apply_feature(configuration["features"][name], feature)
    configuration["updated"] = call.now


def _apply_feature(kept: Object, sent: dict[str, Any]) -> None:
    for name, value in sent.items():
        if isinstance(value, dict):
            _apply_feature(kept[name], value)
        elif name == "products":
            kept[name] = [_product(one) for one in value or []]
        else:
            kept[name] = [] if value is None else value


def _product(sent: dict[str, Any]) -> Object:
    adjustable = sent.get("adjustable_quantity", {"enabled": False})
    return {
        "adjustable_quantity": {
            "enabled": adjustable["enabled"],
            "maximum": adjustable.get("maximum"),
            "minimum": adjustable.get("minimum", 1),
        },
        "prices": sent["prices"],
        "product": sent["product"],
    }


@resource.get(
    "/v1/billing_portal/configurations",
    {
        **{name: param for name, param in LISTING.items() if name != "created"},
        "active": boolean(),
        "is_default": boolean(),
    },
)
def list_configurations(call: Call) -> Answer:
    """Configurations, newest first."""
    return lists.page(call, CONFIGURATION.name, {name: call.params.get(name) for name in ("active", "is_default")})


@resource.get("/v1/billing_portal/configurations/{configuration}")
def retrieve_configuration(call: Call, configuration: str) -> Answer:
    """One configuration."""
    return call.get(CONFIGURATION.name, configuration)


@resource.post(
    "/v1/billing_portal/configurations/{configuration}",
    portal_terms.UPDATE,
)
def update_configuration(call: Call, configuration: str) -> Answer:
    """Change what customers may do; the default one stays active."""
    found = call.get(CONFIGURATION.name, configuration)
    if found["is_default"] and call.params.get("active") is False:
        raise StripeError("The default configuration cannot be deactivated.", param="active")
    _apply(call, found, call.params)
    return call.save(found, emits="billing_portal.configuration.updated")


def _default(call: Call) -> Object:
    """The account's default configuration. At Stripe the dashboard makes it; here the first session does."""
    for found in call.every(CONFIGURATION.name, {"is_default": True}, limit=1):
        return found
    made = _blank(call, is_default=True)
    allowed = {
        "customer_update": {"allowed_updates": ["email", "address"], "enabled": True},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True},
    }
    _apply(call, made, {"features": allowed})
    return call.create(made, emits="billing_portal.configuration.created")


@resource.post("/v1/billing_portal/sessions", portal_terms.SESSION)
def create_session(call: Call) -> Answer:
    """A page for one customer; its address is the sandbox's own where it is served."""
    sent = call.params
    customer = call.mention("customer", sent["customer"], "customer")
    if "configuration" in sent:
        configuration = call.mention(CONFIGURATION.name, sent["configuration"], "configuration")
        if not configuration["active"]:
            raise StripeError("This configuration is inactive and cannot be used.", param="configuration")
    else:
        configuration = _default(call)
    token = call.new_id("test_", 48)
    session = {
        "id": call.new_id("bps_1"),
        "object": SESSION.name,
        "configuration": configuration["id"],
        "created": call.now,
        "customer": customer["id"],
        "customer_account": None,
        "flow": _flow(call, customer, sent["flow_data"]) if "flow_data" in sent else None,
        "livemode": False,
        "locale": sent.get("locale"),
        "on_behalf_of": None,
        "return_url": sent.get("return_url") or configuration["default_return_url"],
        # In-process there is no page to go to, so the address is one of Stripe's that leads nowhere.
        "url": f"{call.origin}{PORTAL}{token}" if call.origin else f"https://billing.stripe.com/p/session/{token}",
    }
    stored = call.create({**session, "_token": token})
    call.emit("billing_portal.session.created", stored)
    return session


def _flow(call: Call, customer: Object, sent: dict[str, Any]) -> Object:
    kind = sent["type"]
    for name in portal_terms.OF_FLOW:
        if name in sent and name != kind:
            raise StripeError(f"`{name}` is only for flows of that type.", param=f"flow_data[{name}]")
    if kind in portal_terms.OF_FLOW and kind not in sent:
        raise StripeError(
            f"Missing required param: flow_data[{kind}].", code="parameter_missing", param=f"flow_data[{kind}]"
        )
    details = dict(sent.get(kind, {}))
    if "subscription" in details:
        param = f"flow_data[{kind}][subscription]"
        found = call.mention("subscription", details["subscription"], param)
        if found["customer"] != customer["id"]:
            raise StripeError("The subscription does not belong to this customer.", param=param)
    if kind == "subscription_cancel":
        details.setdefault("retention", None)
    if kind == "subscription_update_confirm":
        details["discounts"] = [{"coupon": None, "promotion_code": None, **one} for one in details.get("discounts", [])]
        details["items"] = [{"price": None, **one} for one in details["items"]]
    after = sent.get("after_completion", {"type": "portal_homepage"})
    confirmation = after.get("hosted_confirmation")
    return {
        "after_completion": {
            "hosted_confirmation": {"custom_message": None, **confirmation} if confirmation is not None else None,
            "redirect": after.get("redirect"),
            "type": after["type"],
        },
        "type": kind,
        **{name: details if name == kind else None for name in portal_terms.OF_FLOW},
    }
