"""Products: what is sold. Create (with a default price in the same request), retrieve, update, delete, list, search."""

from typing import Any, Final

from paydesk.server.sandbox import lists, pricing, search
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.conditions import Sql, all_of, has_id, one_of
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    LISTING,
    SEARCHING,
    boolean,
    clearable,
    decimal,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
)
from paydesk.server.sandbox.routes import Resource

PRODUCT: Final = Kind(
    name="product",
    prefix="prod_",
    param="id",
    indexed=("active",),
    expands=("default_price", "tax_code"),
    searches={
        "active": "flag",
        "description": "text",
        "metadata": "metadata",
        "name": "text",
        "shippable": "flag",
        "url": "text",
    },
)

MAX_IMAGES: Final = 8
_DIMENSIONS: Final = mapping({side: required(decimal(minimum="0")) for side in ("height", "length", "weight", "width")})
_FEATURES: Final = list_of(mapping({"name": required(text())}), maximum=15)
_FIELDS: Final = {
    "active": boolean(),
    "description": clearable(text(40_000)),
    "images": clearable(list_of(text(), maximum=MAX_IMAGES)),
    "marketing_features": clearable(_FEATURES),
    "metadata": metadata(),
    "package_dimensions": clearable(_DIMENSIONS),
    "shippable": boolean(),
    "statement_descriptor": clearable(text(22)),
    "tax_code": clearable(text()),
    "unit_label": clearable(text(12)),
    "url": clearable(text(2_048)),
}
_CREATE: Final = {
    **_FIELDS,
    "name": required(text()),
    "id": text(),
    "default_price_data": mapping(pricing.DEFAULT_DATA),
}
_UPDATE: Final = {**_FIELDS, "name": text(), "default_price": text()}
_LIST: Final = {**LISTING, "active": boolean(), "ids": list_of(text()), "shippable": boolean(), "url": text()}
_PLAIN: Final = ("active", "description", "name", "shippable", "statement_descriptor", "unit_label", "url")

resource = Resource()


def product_object(identifier: str, created: int, name: str) -> Object:
    """An active service of that name, with every field that Stripe shows."""
    return {
        "id": identifier,
        "object": "product",
        "active": True,
        "attributes": [],
        "created": created,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "tax_details": None,
        "type": "service",
        "unit_label": None,
        "updated": created,
        "url": None,
    }


@resource.post("/v1/products", _CREATE)
def create(call: Call) -> Answer:
    """A new product, with its default price where `default_price_data` says one."""
    sent = call.params
    product = product_object(_own_id(call, sent.get("id")), call.now, sent["name"])
    _apply(product, sent)
    if "default_price_data" not in sent:
        return call.create(product, emits="product.created")
    prefix = "default_price_data"
    price = pricing.build(call, {**sent[prefix], "product": product["id"]}, prefix=prefix)
    # The first event of the product holds its price already (recorded: probe_catalog_events).
    product["default_price"] = price["id"]
    call.create(product, emits="product.created")
    call.create(price, emits="price.created")
    return product


@resource.get("/v1/products", _LIST)
def list_all(call: Call) -> Answer:
    """Products, newest first, by ids, whether they are active, shippable, url."""
    sent = call.params
    conditions: list[Sql] = []
    if "ids" in sent:
        conditions.append(has_id(sent["ids"]))
    if "shippable" in sent:
        conditions.append(one_of("shippable", [int(sent["shippable"])]))
    if "url" in sent:
        conditions.append(one_of("url", [sent["url"]]))
    return lists.page(call, "product", {"active": sent.get("active")}, matching=all_of(conditions))


@resource.get("/v1/products/search", SEARCHING)
def find(call: Call) -> Answer:
    """Products by the query language."""
    return search.answer(call, "product")


@resource.get("/v1/products/{product}")
def retrieve(call: Call, product: str) -> Answer:
    """One product."""
    return living(call, product)


@resource.post("/v1/products/{product}", _UPDATE)
def update(call: Call, product: str) -> Answer:
    """Change a product; what is not sent stays."""
    found = living(call, product)
    sent = call.params
    before = dict(found)
    _apply(found, sent)
    if "default_price" in sent:
        price = call.mention("price", sent["default_price"], "default_price")
        if price["product"] != product:
            raise StripeError(
                f"The price {price['id']} belongs to another product than {product}, so it cannot be its default.",
                param="default_price",
            )
        found["default_price"] = price["id"]
    if found != before:
        found["updated"] = call.now
    return call.save(found, emits="product.updated")


@resource.delete("/v1/products/{product}")
def delete(call: Call, product: str) -> Answer:
    """Delete a product that never had a price."""
    found = living(call, product)
    if call.every("price", {"product": product}, limit=1):
        raise StripeError("This product cannot be deleted because it has one or more user-created prices.")
    # The event shows the product as deletion found it, but no longer active (recorded: probe_catalog_events).
    call.emit("product.deleted", {**found, "active": False})
    return call.delete(found)


def make(call: Call, sent: dict[str, Any]) -> Object:
    """The product of a `product_data`, stored."""
    product = product_object(_own_id(call, sent.get("id")), call.now, sent["name"])
    _apply(product, sent)
    return call.create(product, emits="product.created")


def living(call: Call, product: str) -> Object:
    """The product that the path names; 404 also for one that was deleted, unlike customers."""
    found = call.get("product", product)
    if found.get("deleted"):
        raise missing("product", product, "id")
    return found


def _own_id(call: Call, wanted: str | None) -> str:
    """The id of a new product; a wanted one must be free and have the prefix by which ids are told apart here."""
    if wanted is None:
        return call.new_id("prod_", 14)
    if not wanted.startswith("prod_"):
        raise StripeError("In the sandbox an id of your own must begin with prod_.", param="id")
    if call.find("product", wanted):
        raise StripeError("Product already exists.", code="resource_already_exists", param="id")
    return wanted


def _apply(product: Object, sent: dict[str, Any]) -> None:
    for field in _PLAIN:
        if field in sent:
            product[field] = sent[field]
    for field in ("images", "marketing_features"):
        if field in sent:
            product[field] = sent[field] or []
    if "metadata" in sent:
        product["metadata"] = merged_metadata(product["metadata"], sent["metadata"])
    if "package_dimensions" in sent:
        sides = sent["package_dimensions"]
        # Lengths and weights are JSON numbers at Stripe; nothing is computed with them.
        product["package_dimensions"] = sides and {side: float(value) for side, value in sides.items()}
    if "tax_code" in sent:
        code = sent["tax_code"]
        product["tax_code"] = code
        product["tax_details"] = code and {"performance_location": None, "tax_code": code}
