"""Features: what products entitle to, and what a customer is entitled to by the subscriptions that run now."""

from typing import Any, Final

from paydesk.server.sandbox import lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    PAGING,
    boolean,
    merged_metadata,
    metadata,
    required,
    text,
)
from paydesk.server.sandbox.resources.invoice_lines import page_of
from paydesk.server.sandbox.resources.products import living
from paydesk.server.sandbox.routes import Resource


def _without_time(_call: Call, body: Object) -> Object:
    """Neither kind shows when it was made."""
    return {name: value for name, value in body.items() if name not in ("created", "_product")}


def _product_feature_shown(call: Call, body: Object) -> Object:
    shown = _without_time(call, body)
    feature = call.find("entitlements.feature", body["entitlement_feature"])
    shown["entitlement_feature"] = _without_time(call, feature) if feature else body["entitlement_feature"]
    return shown


FEATURE: Final = Kind(
    name="entitlements.feature",
    prefix="feat_",
    called="feature",
    indexed=("active", "lookup_key"),
    shows=_without_time,
)
PRODUCT_FEATURE: Final = Kind(
    name="product_feature",
    prefix="prodft_",
    called="product feature",
    indexed=("_product", "entitlement_feature"),
    shows=_product_feature_shown,
)
ENTITLEMENT: Final = Kind(name="entitlements.active_entitlement", prefix="ent_", expands=("feature",))

_NAME: Final = text(80)
_ENTITLING: Final = ("active", "past_due", "trialing")

resource = Resource()


@resource.post(
    "/v1/entitlements/features",
    {"lookup_key": required(text(80)), "metadata": metadata(), "name": required(_NAME)},
)
def create(call: Call) -> Answer:
    """A new feature, under a key of its own."""
    sent = call.params
    if call.every("entitlements.feature", {"lookup_key": sent["lookup_key"]}, limit=1):
        raise StripeError(f"A feature with the lookup key {sent['lookup_key']} already exists.", param="lookup_key")
    feature: Object = {
        "id": call.new_id("feat_"),
        "object": "entitlements.feature",
        "active": True,
        "created": call.now,
        "livemode": False,
        "lookup_key": sent["lookup_key"],
        "metadata": merged_metadata({}, sent.get("metadata", {})),
        "name": sent["name"],
    }
    return call.create(feature)


@resource.get("/v1/entitlements/features", {**PAGING, "archived": boolean(), "lookup_key": text()})
def list_all(call: Call) -> Answer:
    """Features, newest first, by key; archived ones only when asked for."""
    where: dict[str, Any] = {"lookup_key": call.params.get("lookup_key")}
    if "archived" in call.params:
        where["active"] = not call.params["archived"]
    return lists.page(call, "entitlements.feature", where)


@resource.get("/v1/entitlements/features/{id}")
def retrieve(call: Call, id: str) -> Answer:  # noqa: A002 - Stripe's name of the parameter
    """One feature."""
    return call.get("entitlements.feature", id)


@resource.post(
    "/v1/entitlements/features/{id}",
    {"active": boolean(), "metadata": metadata(), "name": _NAME},
)
def update(call: Call, id: str) -> Answer:  # noqa: A002 - Stripe's name of the parameter
    """Rename or archive a feature."""
    found = call.get("entitlements.feature", id)
    sent = call.params
    found.update({name: sent[name] for name in ("active", "name") if name in sent})
    if "metadata" in sent:
        found["metadata"] = merged_metadata(found["metadata"], sent["metadata"])
    return call.save(found)


@resource.post("/v1/products/{product}/features", {"entitlement_feature": required(text())})
def attach(call: Call, product: str) -> Answer:
    """Let a product entitle to a feature."""
    found = living(call, product)
    feature = call.mention("entitlements.feature", call.params["entitlement_feature"], "entitlement_feature")
    if any(one["entitlement_feature"] == feature["id"] for one in _of_product(call, product)):
        raise StripeError("This feature is attached to the product already.", param="entitlement_feature")
    attached: Object = {
        "id": call.new_id("prodft_"),
        "object": "product_feature",
        "created": call.now,
        "entitlement_feature": feature["id"],
        "livemode": False,
        "_product": found["id"],
    }
    return call.create(attached)


def _of_product(call: Call, product: str) -> list[Object]:
    return call.every("product_feature", {"_product": product})


@resource.get("/v1/products/{product}/features", PAGING)
def list_of_product(call: Call, product: str) -> Answer:
    """What a product entitles to."""
    living(call, product)
    return lists.page(call, "product_feature", {"_product": product})


@resource.get("/v1/products/{product}/features/{id}")
def retrieve_of_product(call: Call, product: str, id: str) -> Answer:  # noqa: A002 - Stripe's name of the parameter
    """One of a product's features."""
    return _attached(call, product, id)


@resource.delete("/v1/products/{product}/features/{id}")
def detach(call: Call, product: str, id: str) -> Answer:  # noqa: A002 - Stripe's name of the parameter
    """Let a product entitle to a feature no longer."""
    return call.delete(_attached(call, product, id))


def _attached(call: Call, product: str, identifier: str) -> Object:
    living(call, product)
    found = call.get("product_feature", identifier)
    if found.get("deleted") or found["_product"] != product:
        raise missing(PRODUCT_FEATURE.called, identifier, PRODUCT_FEATURE.param)
    return found


@resource.get("/v1/entitlements/active_entitlements", {**PAGING, "customer": required(text())})
def list_active(call: Call) -> Answer:
    """What a customer is entitled to by the subscriptions that run, each feature once."""
    customer = call.mention("customer", call.params["customer"], "customer")
    return page_of(call, _active(call, customer["id"]), "active entitlement")


@resource.get("/v1/entitlements/active_entitlements/{id}")
def retrieve_active(call: Call, id: str) -> Answer:  # noqa: A002 - Stripe's name of the parameter
    """One entitlement, while it lasts."""
    customer = id.removeprefix(ENTITLEMENT.prefix).partition("_")[0]
    found = next((one for one in _active(call, f"cus_{customer}") if one["id"] == id), None)
    if found is None:
        raise missing("active entitlement", id, "id")
    return found


def _active(call: Call, customer: str) -> list[Object]:
    running = [one for one in call.every("subscription", {"customer": customer}) if one["status"] in _ENTITLING]
    products = {item["price"]["product"] for one in running for item in one["items"]["data"]}
    features = {one["entitlement_feature"] for product in sorted(products) for one in _of_product(call, product)}
    return [_entitlement(call, customer, feature) for feature in sorted(features)]


def _entitlement(call: Call, customer: str, feature: str) -> Object:
    return {
        # Whose and of what, so that it can be found again without being stored.
        "id": f"{ENTITLEMENT.prefix}{customer.removeprefix('cus_')}_{feature.removeprefix('feat_')}",
        "object": "entitlements.active_entitlement",
        "feature": feature,
        "livemode": False,
        "lookup_key": call.get("entitlements.feature", feature)["lookup_key"],
    }
