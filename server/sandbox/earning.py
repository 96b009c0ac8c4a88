"""The platform's fees of payments in its connected accounts' books, and what it gives back of them."""

import hashlib
from typing import Final

from paydesk.server.sandbox import ledger
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import merged_metadata

APPLICATION_FEE: Final = Kind(
    name="application_fee",
    prefix="fee_",
    called="application fee",
    indexed=("charge",),
    expands=(
        "account",
        "balance_transaction",
        "charge",
        "originating_transaction",
        "application",
    ),
)
FEE_REFUND: Final = Kind(
    name="fee_refund",
    prefix="fr_",
    called="application fee refund",
    indexed=("fee",),
    expands=("balance_transaction", "fee"),
)


def application_of(platform: str) -> str:
    """The id of the platform's application (`ca_`), which is its client id in OAuth, too."""
    return "ca_" + hashlib.sha256(platform.encode()).hexdigest()[:28]


def earn(home: Call, books: Call, charge: Object, amount_minor: int, originating: str | None = None) -> Object:
    """The platform's fee of a payment in a connected account's books: the fee and its row."""
    fee: Object = {
        "id": home.new_id("fee_1", 23),
        "object": "application_fee",
        "account": books.account,
        "amount": amount_minor,
        "amount_refunded": 0,
        "application": application_of(home.account),
        "balance_transaction": None,
        "charge": charge["id"],
        "created": home.now,
        "currency": charge["currency"],
        "fee_source": {"charge": charge["id"], "type": "charge"},
        "livemode": False,
        "originating_transaction": originating,
        "refunded": False,
    }
    fee["refunds"] = no_list(f"/v1/application_fees/{fee['id']}/refunds")
    on = books.find("balance_transaction", charge["balance_transaction"] or "")
    entry = ledger.Entry(
        "application_fee",
        amount_minor,
        fee["currency"],
        fee["id"],
        "Application fee",
        category="platform_earning",
        available_on=on["available_on"] if on else None,
    )
    fee["balance_transaction"] = ledger.add(home, entry)["id"]
    return home.create(fee, emits="application_fee.created")


def refund_fee(home: Call, fee: Object, amount_minor: int, metadata: dict[str, str] | None = None) -> Object:
    """Give a connected account a part of the platform's fee back."""
    refund: Object = {
        "id": home.new_id("fr_1", 23),
        "object": "fee_refund",
        "amount": amount_minor,
        "balance_transaction": None,
        "created": home.now,
        "currency": fee["currency"],
        "fee": fee["id"],
        "metadata": merged_metadata({}, metadata or {}),
    }
    entry = ledger.Entry(
        "application_fee_refund",
        -amount_minor,
        fee["currency"],
        refund["id"],
        f"REFUND FOR APPLICATION FEE ({fee['id']})",
        category="platform_earning_refund",
        available_on=as_of(home, fee["balance_transaction"]),
    )
    refund["balance_transaction"] = ledger.add(home, entry)["id"]
    back = ledger.Entry(
        "adjustment",
        amount_minor,
        fee["currency"],
        fee["charge"],
        f"Application fee refund ({fee['id']})",
        category="fee",
        available_on=as_of(home, fee["balance_transaction"]),
    )
    ledger.add(home.of(fee["account"]), back)
    home.create(refund)
    fee["amount_refunded"] += amount_minor
    fee["refunded"] = fee["amount_refunded"] == fee["amount"]
    put(fee["refunds"], refund)
    home.save(fee, emits="application_fee.refunded")
    return refund


def no_list(url: str) -> Object:
    """The list inside an object while nothing is in it."""
    return {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": url}


def put(listed: Object, body: Object) -> None:
    """The newest ten stand in the object itself."""
    listed["data"] = [body, *listed["data"]][:10]
    listed["total_count"] += 1
    listed["has_more"] = listed["total_count"] > 10


def as_of(call: Call, booked: str | None) -> int:
    """When money that goes back is gone: with the row that brought it, or at once where that is available."""
    row = call.find("balance_transaction", booked or "")
    return max(call.now, row["available_on"]) if row else call.now
