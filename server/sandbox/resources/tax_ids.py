"""Tax ids of customers and of the account itself. Create, retrieve, list, delete; verification."""

from typing import Any, Final

from paydesk.server.sandbox import lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing, missing_parameter
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import PAGING, choice, mapping, required, text, unserved
from paydesk.server.sandbox.resources.customers import living
from paydesk.server.sandbox.routes import Resource
from paydesk.server.sandbox.tax_identities import SELF, SENT, TAX_ID, make

_OWNER: Final = mapping(
    {
        "customer": text(),
        "type": required(choice("account", "application", "customer", "self")),
        **unserved("account", "customer_account"),
    }
)

resource = Resource()


@resource.action("tax_id.verify")
def verify(call: Call, tax_id: str, status: str) -> None:
    """The register answers, for the values of test mode."""
    found = call.find("tax_id", tax_id)
    if found and not found.get("deleted"):
        found["verification"]["status"] = status
        if status == "verified":
            found["verification"].update(verified_name="TEST", verified_address="TEST")
        call.save(found, emits="customer.tax_id.updated")


@resource.post("/v1/customers/{customer}/tax_ids", SENT)
def create_of_customer(call: Call, customer: str) -> Answer:
    """A further tax id of a customer, shown on the invoices that are finalized from now on."""
    return make(call, living(call, customer), call.params["type"], call.params["value"])


@resource.get("/v1/customers/{customer}/tax_ids", PAGING)
def list_of_customer(call: Call, customer: str) -> Answer:
    """A customer's tax ids."""
    living(call, customer)
    return lists.page(call, "tax_id", {"customer": customer})


@resource.get("/v1/customers/{customer}/tax_ids/{id}")
def retrieve_of_customer(call: Call, customer: str, id: str) -> Answer:  # noqa: A002 - Stripe's name of the parameter
    """One of a customer's tax ids."""
    return _of(call, living(call, customer)["id"], id)


@resource.delete("/v1/customers/{customer}/tax_ids/{id}")
def delete_of_customer(call: Call, customer: str, id: str) -> Answer:  # noqa: A002 - Stripe's name of the parameter
    """Delete one; invoices that are finalized keep it."""
    return _delete(call, _of(call, living(call, customer)["id"], id))


@resource.post("/v1/tax_ids", {**SENT, "owner": _OWNER})
def create(call: Call) -> Answer:
    """A tax id of the account (the default owner), or of a customer."""
    return make(call, _owner(call, call.params.get("owner")), call.params["type"], call.params["value"])


def _owner(call: Call, sent: dict[str, Any] | None) -> Object | None:
    """The customer who is meant, or None for the account."""
    if sent is None or sent["type"] == "self":
        return None
    if sent["type"] != "customer":
        raise StripeError("The sandbox serves tax ids of customers and of the account itself.", param="owner[type]")
    if "customer" not in sent:
        raise missing_parameter("owner[customer]")
    return call.mention("customer", sent["customer"], "owner[customer]")


@resource.get("/v1/tax_ids", {**PAGING, "owner": _OWNER})
def list_all(call: Call) -> Answer:
    """Tax ids of the account, or of the owner that is named."""
    customer = _owner(call, call.params.get("owner"))
    return lists.page(call, "tax_id", {"_holder": customer["id"] if customer else SELF})


@resource.get("/v1/tax_ids/{id}")
def retrieve(call: Call, id: str) -> Answer:  # noqa: A002 - Stripe's name of the parameter
    """One tax id."""
    return _of(call, None, id)


@resource.delete("/v1/tax_ids/{id}")
def delete(call: Call, id: str) -> Answer:  # noqa: A002 - Stripe's name of the parameter
    """Delete one."""
    return _delete(call, _of(call, None, id))


def _of(call: Call, customer: str | None, identifier: str) -> Object:
    found = call.get("tax_id", identifier)
    if found.get("deleted") or customer not in (None, found["customer"]):
        raise missing(TAX_ID.called, identifier, TAX_ID.param)
    return found


def _delete(call: Call, found: Object) -> Object:
    return call.delete(found, emits="customer.tax_id.deleted" if found["customer"] else None)
