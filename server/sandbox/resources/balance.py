"""The balance, and the balance transactions that it is the sum of."""

from typing import Final

from paydesk.server.sandbox import connect, lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import LISTING, currency, text
from paydesk.server.sandbox.resources import external_accounts, payouts
from paydesk.server.sandbox.resources.account import own_account
from paydesk.server.sandbox.routes import Resource

resource = Resource()


@resource.get("/v1/balance")
def retrieve(call: Call) -> Answer:
    """What is available and what is pending, by currency, as of now."""
    own = _own_currency(call)
    totals = call.store.totals(call.account, call.now) or {own: (0, 0)}
    # The account's own currency first, as in the Dashboard.
    currencies = sorted(totals, key=lambda code: (code != own, code))
    none: list[Object] = [{"amount": 0, "currency": code} for code in currencies]
    balance: Object = {
        "object": "balance",
        "available": [_amount(totals[code][0], code) for code in currencies],
        "livemode": False,
        "pending": [_amount(totals[code][1], code) for code in currencies],
        "refund_and_dispute_prefunding": {"available": none, "pending": none},
    }
    if connect.has_connected(call):
        balance["connect_reserved"] = [{"amount": _reserved(call, code), "currency": code} for code in currencies]
    instant = [_instant(call, code, totals[code][0]) for code in currencies]
    if any(instant):
        balance["instant_available"] = [one for one in instant if one]
    return balance


def _own_currency(call: Call) -> str:
    settlement = call.store.settlement
    if settlement.exchanges or call.account == connect.platform_of(call):
        return settlement.currency
    return str(own_account(call)["default_currency"])


def _reserved(call: Call, code: str) -> int:
    """What connected accounts owe for whose losses the platform is liable."""
    owed = 0
    for account in call.every("account", {"_platform": call.account}):
        if account["controller"]["losses"]["payments"] == "application":
            owed -= min(0, sum(call.store.totals(account["id"], call.now).get(code, (0, 0))))
    return owed


def _instant(call: Call, code: str, available: int) -> Object | None:
    """What could be paid out at once, where an external account takes that."""
    able = [one for one in external_accounts.of(call, code) if "instant" in one["available_payout_methods"]]
    if not able:
        return None
    amount = max(available, 0)
    # Of each account what would arrive, the fee taken off.
    net = amount - amount * payouts.INSTANT_FEE_BASIS_POINTS // (10_000 + payouts.INSTANT_FEE_BASIS_POINTS)
    cards = {"source_types": {"card": net}}
    return {
        "amount": amount,
        "currency": code,
        "net_available": [{"amount": net, "destination": one["id"], **cards} for one in able],
        "source_types": {"card": amount},
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
