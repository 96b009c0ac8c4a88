"""Cards that a customer keeps as sources: under `/sources`, and under the older `/cards`."""

from typing import Final

from paydesk.server.sandbox import card_sources, lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import missing, missing_parameter
from paydesk.server.sandbox.kinds import Object, visible
from paydesk.server.sandbox.params import PAGING, clearable, either, integer, mapping, metadata, text, unserved
from paydesk.server.sandbox.resources import customers
from paydesk.server.sandbox.routes import Resource

_ADD: Final = {
    "card": either(mapping(card_sources.DETAILS), text()),
    "metadata": metadata(),
    "source": either(mapping(card_sources.DETAILS), text()),
    **unserved("alipay_account", "bank_account"),
}
_CHANGE: Final = {
    **dict.fromkeys((*card_sources.ADDRESS, "name"), clearable(text())),
    "exp_month": integer(),
    "exp_year": integer(),
    "metadata": metadata(),
    **unserved("account_holder_name", "account_holder_type", "owner"),
}

resource = Resource()


def _add(call: Call, customer: str) -> Object:
    owner = customers.living(call, customer)
    given = call.params.get("source", call.params.get("card"))
    if given is None:
        raise missing_parameter("source")
    source = card_sources.add(call, owner, given, "source" if "source" in call.params else "card")
    if "metadata" in call.params:
        stored = call.get("card", source["id"])
        stored["metadata"] = {**stored["metadata"], **(call.params["metadata"] or {})}
        call.save(stored)
        source = visible(stored)
    call.emit("customer.source.created", source)
    call.save(owner, emits="customer.updated")
    return source


def _own(call: Call, customer: str, identifier: str) -> Object:
    call.get("customer", customer)
    found = card_sources.of_customer(call, customer, identifier)
    if found is None:
        raise missing("source", identifier, "id")
    return found


@resource.post("/v1/customers/{customer}/sources", _ADD)
def create(call: Call, customer: str) -> Answer:
    """Keep a card for a customer, by token or by its numbers."""
    return _add(call, customer)


@resource.post("/v1/customers/{customer}/cards", _ADD)
def create_card(call: Call, customer: str) -> Answer:
    """The same, the older way."""
    return _add(call, customer)


@resource.get("/v1/customers/{customer}/sources", {**PAGING, "object": text()})
def list_all(call: Call, customer: str) -> Answer:
    """A customer's cards; other objects than `card` are none."""
    call.get("customer", customer)
    if call.params.get("object", "card") != "card":
        return {"object": "list", "data": [], "has_more": False, "url": call.path}
    return lists.page(call, "card", {"customer": customer})


@resource.get("/v1/customers/{customer}/cards", PAGING)
def list_cards(call: Call, customer: str) -> Answer:
    """A customer's cards, the older way."""
    call.get("customer", customer)
    return lists.page(call, "card", {"customer": customer})


@resource.get("/v1/customers/{customer}/sources/{id}")
def retrieve(call: Call, customer: str, id: str) -> Answer:  # noqa: A002 - named by Stripe's path
    """One of a customer's cards."""
    return _own(call, customer, id)


@resource.get("/v1/customers/{customer}/cards/{id}")
def retrieve_card(call: Call, customer: str, id: str) -> Answer:  # noqa: A002 - named by Stripe's path
    """The same, the older way."""
    return _own(call, customer, id)


@resource.post("/v1/customers/{customer}/sources/{id}", _CHANGE)
def update(call: Call, customer: str, id: str) -> Answer:  # noqa: A002 - named by Stripe's path
    """Change a card's expiry, address, name or metadata."""
    return card_sources.change(call, _own(call, customer, id), call.params)


@resource.post("/v1/customers/{customer}/cards/{id}", _CHANGE)
def update_card(call: Call, customer: str, id: str) -> Answer:  # noqa: A002 - named by Stripe's path
    """The same, the older way."""
    return card_sources.change(call, _own(call, customer, id), call.params)


@resource.delete("/v1/customers/{customer}/sources/{id}")
def delete(call: Call, customer: str, id: str) -> Answer:  # noqa: A002 - named by Stripe's path
    """Take a card from its customer; another one becomes the default."""
    return card_sources.remove(call, customers.living(call, customer), _own(call, customer, id))


@resource.delete("/v1/customers/{customer}/cards/{id}")
def delete_card(call: Call, customer: str, id: str) -> Answer:  # noqa: A002 - named by Stripe's path
    """The same, the older way."""
    return delete(call, customer, id)
