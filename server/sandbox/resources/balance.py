"""The balance, and the balance transactions that it is the sum of."""

from typing import Final

from paydesk.server.sandbox import lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import LISTING, currency, text
from paydesk.server.sandbox.routes import Resource

resource = Resource()


@resource.get("/v1/balance")
def retrieve(call: Call) -> Answer:
    """What is available and what is pending, by currency, as of now."""
    own = call.store.settlement.currency
    totals = call.store.totals(call.account, call.now) or {own: (0, 0)}
    # The account's own currency first, as in the Dashboard.
    currencies = sorted(totals, key=lambda code: (code != own, code))
    none: list[Object] = [{"amount": 0, "currency": code} for code in currencies]
    return {
        "object": "balance",
        "available": [_amount(totals[code][0], code) for code in currencies],
        "livemode": False,
        "pending": [_amount(totals[code][1], code) for code in currencies],
        "refund_and_dispute_prefunding": {"available": none, "pending": none},
    }


def _amount(amount: int, code: str) -> Object:
    return {"amount": amount, "currency": code, "source_types": {"card": amount}}


_FILTERS: Final = {**LISTING, "currency": currency(), "payout": text(), "source": text(), "type": text()}


@resource.get("/v1/balance/history", _FILTERS)
@resource.get("/v1/balance_transactions", _FILTERS)
def list_all(call: Call) -> Answer:
    """The rows of the ledger, by type, currency, source or automatic payout."""
    sent = call.params
    if "payout" in sent:
        payout = call.mention("payout", sent["payout"], "payout")
        if not payout["automatic"]:
            raise StripeError(
                "Balance transaction history can only be filtered on automatic transfers, not manual.", param="payout"
            )
    # Recorded: a dispute's rows are not found by the dispute.
    source = "" if sent.get("source", "").startswith("du_") else sent.get("source")
    return lists.page(
        call,
        "balance_transaction",
        {"_payout": sent.get("payout"), "source": source} | {name: sent.get(name) for name in ("type", "currency")},
    )


@resource.get("/v1/balance/history/{id}")
@resource.get("/v1/balance_transactions/{id}")
def retrieve_transaction(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """One row of the ledger."""
    return call.get("balance_transaction", id)
