"""Application fees: what the platform earned of its connected accounts' payments, and what it gave back."""

from typing import Final

from paydesk.server.sandbox import earning, lists, money
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import LISTING, PAGING, integer, merged_metadata, metadata, text, unserved
from paydesk.server.sandbox.routes import Resource

resource = Resource()

_REFUND: Final = {"amount": integer(1), "metadata": metadata()}


@resource.get("/v1/application_fees", {**LISTING, "charge": text()})
def list_all(call: Call) -> Answer:
    """Fees that the platform earned, newest first, by charge."""
    return lists.page(call, "application_fee", {"charge": call.params.get("charge")})


@resource.get("/v1/application_fees/{id}")
def retrieve(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """One fee."""
    return call.get("application_fee", id)


@resource.post("/v1/application_fees/{id}/refund", {"amount": integer(1), **unserved("directive")})
def refund_old(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """The old way: answers with the fee."""
    _refund(call, id)
    return call.get("application_fee", id)


@resource.post("/v1/application_fees/{id}/refunds", _REFUND)
def refund(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """Give a fee back, whole or in part."""
    return _refund(call, id)


def _refund(call: Call, identifier: str) -> Object:
    fee = call.get("application_fee", identifier)
    left = fee["amount"] - fee["amount_refunded"]
    if not left:
        raise StripeError(f"Application fee {identifier} has already been refunded.", code="charge_already_refunded")
    wanted = call.params.get("amount", left)
    if wanted > left:
        raise StripeError(
            f"Refund amount ({money.written(wanted, fee['currency'])}) is greater than unrefunded amount on "
            f"application fee ({money.written(left, fee['currency'])})",
            param="amount",
        )
    return earning.refund_fee(call, fee, wanted, call.params.get("metadata"))


@resource.get("/v1/application_fees/{id}/refunds", PAGING)
def list_refunds(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """What was given back of a fee, newest first."""
    call.get("application_fee", id)
    return lists.page(call, "fee_refund", {"fee": id})


def _part(call: Call, fee: str, identifier: str) -> Object:
    found = call.get("fee_refund", identifier)
    if found["fee"] != fee:
        raise missing("application fee refund", identifier, "id")
    return found


@resource.get("/v1/application_fees/{fee}/refunds/{id}")
def retrieve_refund(call: Call, fee: str, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """One of them."""
    return _part(call, fee, id)


@resource.post("/v1/application_fees/{fee}/refunds/{id}", {"metadata": metadata()})
def update_refund(call: Call, fee: str, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """Change the metadata of one."""
    found = _part(call, fee, id)
    if "metadata" in call.params:
        found["metadata"] = merged_metadata(found["metadata"], call.params["metadata"])
        call.save(found)
        holder = call.get("application_fee", fee)
        holder["refunds"]["data"] = [found if one["id"] == id else one for one in holder["refunds"]["data"]]
        call.save(holder)
        call.emit("application_fee.refund.updated", found)
    return found
