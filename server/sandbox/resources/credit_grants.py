"""Billing credits: grants, their transactions, and what a customer has left. How they are used: billing_credits.py."""

from typing import Final

from paydesk.server.sandbox import agreements, billing_credits, lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing_parameter
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    PAGING,
    choice,
    clearable,
    currency,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    moment_or,
    required,
    text,
    timestamp,
    unserved,
)
from paydesk.server.sandbox.routes import Resource

KIND: Final = billing_credits.GRANT.name
_PRICES: Final = list_of(mapping({"id": required(text())}))
_SCOPE: Final = mapping({"price_type": choice("metered"), "prices": _PRICES})
_CREATE: Final = {
    "amount": required(
        mapping(
            {
                "monetary": mapping({"currency": required(currency()), "value": required(integer(1, 10**12))}),
                "type": required(choice("monetary")),
            }
        )
    ),
    "applicability_config": required(mapping({"scope": required(_SCOPE)})),
    "category": choice("paid", "promotional"),
    "customer": text(),
    "effective_at": timestamp(),
    "expires_at": timestamp(),
    "metadata": metadata(),
    "name": text(100),
    "priority": integer(0, 100),
    **unserved("customer_account"),
}
_FILTER: Final = mapping(
    {
        "applicability_scope": _SCOPE,
        "credit_grant": text(),
        "type": required(choice("applicability_scope", "credit_grant")),
    }
)

resource = Resource()


@resource.post("/v1/billing/credit_grants", _CREATE)
def create(call: Call) -> Answer:
    """Give a customer credit for metered prices, from `effective_at` (now) until `expires_at` (never)."""
    sent = call.params
    if "customer" not in sent:
        raise missing_parameter("customer")
    customer = call.mention("customer", sent["customer"], "customer")
    if "monetary" not in sent["amount"]:
        raise missing_parameter("amount[monetary]")
    scope = sent["applicability_config"]["scope"]
    if bool(scope.get("price_type")) == bool(scope.get("prices")):
        raise StripeError(
            "You must specify exactly one of `price_type` and `prices`.", param="applicability_config[scope]"
        )
    for index, one in enumerate(scope.get("prices", [])):
        call.mention("price", one["id"], f"applicability_config[scope][prices][{index}][id]")
    starts, ends = sent.get("effective_at", call.now), sent.get("expires_at")
    if ends is not None and ends <= max(starts, call.now):
        raise StripeError("`expires_at` must be in the future and after `effective_at`.", param="expires_at")
    grant = {
        "id": call.new_id("credgr_test_61"),
        "object": KIND,
        "amount": sent["amount"],
        "applicability_config": {"scope": dict(scope)},
        "category": sent.get("category", "paid"),
        "created": call.now,
        "customer": customer["id"],
        "customer_account": None,
        "effective_at": starts,
        "expires_at": ends,
        "livemode": False,
        "metadata": merged_metadata({}, sent.get("metadata", {})),
        "name": sent.get("name"),
        "priority": sent.get("priority", billing_credits.USUAL_PRIORITY),
        "test_clock": None,
        "updated": call.now,
        "voided_at": None,
    }
    call.create(grant, emits="billing.credit_grant.created")
    billing_credits.book(call, grant, grant["amount"]["monetary"]["value"], "credits_granted")
    _wait(call, grant)
    return grant


def _wait(call: Call, grant: Object) -> None:
    if grant["expires_at"] is not None:
        call.later(grant["expires_at"], "credit_grant.expire", grant=grant["id"], expires_at=grant["expires_at"])


@resource.get("/v1/billing/credit_grants", {**PAGING, "customer": text(), **unserved("customer_account")})
def list_all(call: Call) -> Answer:
    """Grants, newest first, by customer."""
    return lists.page(call, KIND, {"customer": call.params.get("customer")})


@resource.get("/v1/billing/credit_grants/{id}")
def retrieve(call: Call, id: str) -> Answer:  # noqa: A002 - Stripe's own name of the path parameter
    """One grant."""
    return call.get(KIND, id)


@resource.post("/v1/billing/credit_grants/{id}", {"expires_at": clearable(moment_or()), "metadata": metadata()})
def update(call: Call, id: str) -> Answer:  # noqa: A002 - as above
    """Change when a grant expires, or its metadata."""
    grant = _open(call, id)
    sent = call.params
    if "metadata" in sent:
        grant["metadata"] = merged_metadata(grant["metadata"], sent["metadata"])
    if "expires_at" in sent:
        ends = None if sent["expires_at"] is None else agreements.moment(sent["expires_at"], "expires_at")
        if ends is not None and ends <= call.now:
            raise StripeError("`expires_at` must be in the future.", param="expires_at")
        grant["expires_at"] = ends
        _wait(call, grant)
    grant["updated"] = call.now
    return call.save(grant, emits="billing.credit_grant.updated")


def _open(call: Call, identifier: str) -> Object:
    grant = call.get(KIND, identifier)
    if grant["voided_at"] is not None:
        raise StripeError("This credit grant has been voided.")
    if grant["expires_at"] is not None and grant["expires_at"] <= call.now:
        raise StripeError("This credit grant has expired.")
    return grant


@resource.post("/v1/billing/credit_grants/{id}/expire")
def expire(call: Call, id: str) -> Answer:  # noqa: A002 - as above
    """End a grant now; what is left of it is lost."""
    grant = _open(call, id)
    billing_credits.end(call, grant, "credits_expired")
    grant.update(expires_at=call.now, updated=call.now)
    return call.save(grant, emits="billing.credit_grant.updated")


@resource.post("/v1/billing/credit_grants/{id}/void")
def void(call: Call, id: str) -> Answer:  # noqa: A002 - as above
    """Take a grant back of which nothing was used."""
    grant = _open(call, id)
    if billing_credits.balance(call, grant) != grant["amount"]["monetary"]["value"]:
        raise StripeError("Only credit grants of which nothing was used can be voided. Expire this one instead.")
    billing_credits.end(call, grant, "credits_voided")
    grant.update(voided_at=call.now, updated=call.now)
    return call.save(grant, emits="billing.credit_grant.updated")


@resource.get(
    "/v1/billing/credit_balance_transactions",
    {**PAGING, "credit_grant": text(), "customer": text(), **unserved("customer_account")},
)
def list_transactions(call: Call) -> Answer:
    """Movements of grants, newest first, by grant and customer."""
    sent = call.params
    where = {"credit_grant": sent.get("credit_grant"), "_customer": sent.get("customer")}
    return lists.page(call, billing_credits.TRANSACTION.name, where)


@resource.get("/v1/billing/credit_balance_transactions/{id}")
def retrieve_transaction(call: Call, id: str) -> Answer:  # noqa: A002 - as above
    """One movement."""
    return call.get(billing_credits.TRANSACTION.name, id)


@resource.get(
    "/v1/billing/credit_balance_summary",
    {"customer": text(), "filter": required(_FILTER), **unserved("customer_account")},
)
def summarise(call: Call) -> Answer:
    """What a customer has left, of one grant or of those that apply alike; `ledger` holds what is not usable yet."""
    sent = call.params
    if "customer" not in sent:
        raise missing_parameter("customer")
    customer = call.mention("customer", sent["customer"], "customer")
    if customer.get("test_clock"):
        call.live_by(customer["test_clock"])
    wanted = sent["filter"]
    if wanted["type"] not in wanted:
        raise missing_parameter(f"filter[{wanted['type']}]")
    if wanted["type"] == "credit_grant":
        grants = [call.mention(KIND, wanted["credit_grant"], "filter[credit_grant]")]
    else:
        every = call.every(KIND, {"customer": customer["id"]})
        grants = [one for one in every if one["applicability_config"]["scope"] == wanted["applicability_scope"]]
    sums: dict[str, list[int]] = {}
    for grant in grants:
        rest = billing_credits.balance(call, grant)
        both = sums.setdefault(grant["amount"]["monetary"]["currency"], [0, 0])
        both[0] += rest if billing_credits.is_effective(call, grant) else 0
        both[1] += rest
    return {
        "object": "billing.credit_balance_summary",
        "balances": [
            {
                "available_balance": billing_credits.money_of(code, available),
                "ledger_balance": billing_credits.money_of(code, ledger),
            }
            for code, (available, ledger) in sums.items()
        ],
        "customer": customer["id"],
        "customer_account": None,
        "livemode": False,
    }


@resource.action("credit_grant.expire")
def run_out(call: Call, grant: str, expires_at: int) -> None:
    """A grant expires, unless that was changed."""
    found = call.find(KIND, grant)
    if found and found["voided_at"] is None and found["expires_at"] == expires_at:
        billing_credits.end(call, found, "credits_expired")
