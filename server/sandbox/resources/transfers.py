"""Transfers: money from the platform to its connected accounts, and back (https://docs.stripe.com/api/transfers)."""

from typing import Any, Final

from paydesk.server.sandbox import connect, connected_payments, earning, lists, money, transferring
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing, missing_parameter
from paydesk.server.sandbox.kinds import BY_PREFIX, KINDS, Object
from paydesk.server.sandbox.params import (
    LISTING,
    PAGING,
    boolean,
    choice,
    currency,
    integer,
    merged_metadata,
    metadata,
    required,
    text,
)
from paydesk.server.sandbox.resources import charges, refunds  # noqa: F401 - their kinds must be known here
from paydesk.server.sandbox.routes import Resource

resource = Resource()

# What arrives at a connected account is a charge, and what goes back a refund, under prefixes of their own.
BY_PREFIX.setdefault("py_", KINDS["charge"])
BY_PREFIX.setdefault("pyr_", KINDS["refund"])

_CREATE: Final = {
    "amount": integer(1),
    "currency": required(currency()),
    "description": text(),
    "destination": required(text()),
    "metadata": metadata(),
    "source_transaction": text(),
    "source_type": choice("bank_account", "card", "fpx"),
    "transfer_group": text(),
}
_REVERSE: Final = {
    "amount": integer(1),
    "description": text(),
    "metadata": metadata(),
    "refund_application_fee": boolean(),
}


@resource.post("/v1/transfers", _CREATE)
def create(call: Call) -> Answer:
    """Transfer from the available balance, or from what one charge brought before it is available."""
    sent = dict(call.params)
    found = connect.destination(call, sent["destination"], "destination")
    connected_payments.check_capable(found)
    source = _source(call, sent)
    if source is None:
        if "amount" not in sent:
            raise missing_parameter("amount")
        available, _ = call.store.totals(call.account, call.now).get(sent["currency"], (0, 0))
        if sent["amount"] > available or sent.get("source_type", "card") != "card":
            raise StripeError(
                "You have insufficient available funds in your Stripe account. Try adding funds directly to your "
                "available balance by creating Charges using the 4000000000000077 test card. See: "
                "https://stripe.com/docs/testing#available-balance",
                code="balance_insufficient",
            )
    return transferring.make_transfer(call, sent, source=source)


def _source(call: Call, sent: dict[str, Any]) -> Object | None:
    """The charge that a transfer is tied to, which bounds it and says when it is available."""
    if "source_transaction" not in sent:
        return None
    charge = call.mention("charge", sent["source_transaction"], "source_transaction")
    if charge["balance_transaction"] is None:
        raise StripeError(
            "The charge named as source_transaction has not been captured or did not succeed.",
            param="source_transaction",
        )
    if charge["currency"] != sent["currency"]:
        raise StripeError(
            f"The currency of source_transaction's balance transaction ({charge['currency']}) must be the same as the "
            f"transfer currency ({sent['currency']})",
            param="currency",
        )
    earlier = call.every("transfer", {"source_transaction": charge["id"]})
    used = sum(one["amount"] for one in earlier)
    whole: int = charge["amount_captured"]
    sent.setdefault("amount", whole - used)
    if used + sent["amount"] > whole:
        already = (
            f" (There is already a transfer using this source, amounting to {money.written(used, charge['currency'])}.)"
            if used
            else ""
        )
        raise StripeError(
            "Transfers using this transaction as a source must not exceed the source amount of "
            f"{money.written(whole, charge['currency'])}.{already}",
            param="amount",
        )
    sent.setdefault("transfer_group", charge["transfer_group"] or f"group_{charge['id']}")
    return charge


@resource.get("/v1/transfers", {**LISTING, "destination": text(), "transfer_group": text()})
def list_all(call: Call) -> Answer:
    """Transfers, newest first, by destination and group."""
    return lists.page(call, "transfer", {name: call.params.get(name) for name in ("destination", "transfer_group")})


@resource.get("/v1/transfers/{transfer}")
def retrieve(call: Call, transfer: str) -> Answer:
    """One transfer with its newest reversals."""
    return call.get("transfer", transfer)


@resource.post("/v1/transfers/{transfer}", {"description": text(), "metadata": metadata()})
def update(call: Call, transfer: str) -> Answer:
    """Change what is said of a transfer."""
    found = call.get("transfer", transfer)
    if "description" in call.params:
        found["description"] = call.params["description"]
    if "metadata" in call.params:
        found["metadata"] = merged_metadata(found["metadata"], call.params["metadata"])
    return call.save(found, emits="transfer.updated")


@resource.post("/v1/transfers/{id}/reversals", _REVERSE)
def reverse(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """Take a transfer back, whole or in part; where Stripe bears its losses the account must have the money."""
    transfer = call.get("transfer", id, param="id")
    left = transfer["amount"] - transfer["amount_reversed"]
    if not left:
        raise StripeError(f"Transfer {id} is already fully reversed.")
    wanted = call.params.get("amount", left)
    code = transfer["currency"]
    if wanted > left:
        raise StripeError(
            f"Reversal amount ({money.written(wanted, code)}) is greater than unreversed amount on transfer "
            f"({money.written(left, code)})",
            param="amount",
        )
    account, books = connect.account_at(call, transfer["destination"])
    available, _ = call.store.totals(books.account, call.now).get(code, (0, 0))
    if account["controller"]["losses"]["payments"] == "stripe" and wanted > available:
        raise StripeError(
            "The connected account does not have enough available funds for this reversal.", code="balance_insufficient"
        )
    reversal = transferring.reverse(call, transfer, wanted, call.params)
    if call.params.get("refund_application_fee"):
        payment = books.get("charge", transfer["destination_payment"])
        if payment["application_fee"]:
            fee = call.get("application_fee", payment["application_fee"])
            part = connected_payments.share(fee["amount"], wanted, transfer["amount"])
            earning.refund_fee(call, fee, min(part, fee["amount"] - fee["amount_refunded"]))
    return reversal


@resource.get("/v1/transfers/{id}/reversals", PAGING)
def list_reversals(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """The reversals of a transfer, newest first."""
    call.get("transfer", id, param="id")
    return lists.page(call, "transfer_reversal", {"transfer": id})


def _reversal(call: Call, transfer: str, identifier: str) -> Object:
    found = call.get("transfer_reversal", identifier)
    if found["transfer"] != transfer:
        raise missing("transfer reversal", identifier, "id")
    return found


@resource.get("/v1/transfers/{transfer}/reversals/{id}")
def retrieve_reversal(call: Call, transfer: str, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """One reversal."""
    return _reversal(call, transfer, id)


@resource.post("/v1/transfers/{transfer}/reversals/{id}", {"metadata": metadata()})
def update_reversal(call: Call, transfer: str, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """Change a reversal's metadata."""
    found = _reversal(call, transfer, id)
    if "metadata" in call.params:
        found["metadata"] = merged_metadata(found["metadata"], call.params["metadata"])
        holder = call.get("transfer", transfer)
        holder["reversals"]["data"] = [found if one["id"] == id else one for one in holder["reversals"]["data"]]
        call.save(holder)
    return call.save(found)
