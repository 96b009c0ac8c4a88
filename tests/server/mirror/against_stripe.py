"""Holding a mirror against the sandbox that it mirrors, by another way than the mirror's own."""

import json
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection, select

from paydesk.server.mirror.mirror import Mirror
from paydesk.server.mirror.scrubbing import scrubbed
from paydesk.server.store import mirror_schema as tables

Json = dict[str, Any]
LISTS: dict[str, tuple[str, Json]] = {
    "customers": ("/v1/customers", {}),
    "products": ("/v1/products", {}),
    "prices": ("/v1/prices", {}),
    "payment_intents": ("/v1/payment_intents", {}),
    "charges": ("/v1/charges", {}),
    "refunds": ("/v1/refunds", {}),
    "balance_transactions": ("/v1/balance_transactions", {}),
    "subscriptions": ("/v1/subscriptions", {"status": "all", "expand": ["data.discounts.source.coupon"]}),
    "invoices": ("/v1/invoices", {}),
    "disputes": ("/v1/disputes", {}),
    "payouts": ("/v1/payouts", {}),
}
_SECRET = {"client_secret", "confirmation_secret"}
_UNTOLD = {"balance_transactions": {"status"}, "customers": {"next_invoice_sequence"}}
_UNSTEADY = {"times_redeemed", "valid", "redeem_by", "max_redemptions", "metadata", "livemode", "created"}
_MONTHS = {"day": Decimal(365) / 12, "week": Decimal(52) / 12, "month": Decimal(1), "year": Decimal(1) / 12}


async def stripe_objects(mirror: Mirror) -> dict[str, dict[str, Json]]:
    """Everything that the sandbox holds, by table and id."""
    found: dict[str, dict[str, Json]] = {}
    for table, (path, params) in LISTS.items():
        found[table] = {one["id"]: one async for one in mirror.stripe.every(path, params, most=10**7)}
    for one in found["invoices"].values():
        if one["lines"]["has_more"]:
            lines = [line async for line in mirror.stripe.every(f"/v1/invoices/{one['id']}/lines", most=10**6)]
            one["_all_lines"] = {"data": lines}
    return found


async def faults(mirror: Mirror) -> list[str]:
    """Whatever is not in the mirror as the sandbox has it; empty where both are the same."""
    there = await stripe_objects(mirror)
    gone = await mirror.store.read(lambda c: set(c.scalars(select(tables.forgotten.c.customer))))
    charges = {one["id"] for one in there["charges"].values() if one["customer"] in gone}
    about = {one["id"] for name in ("refunds", "disputes") for one in there[name].values() if one["charge"] in charges}
    for objects in there.values():
        for one, it in objects.items():
            if {it.get("customer"), one} & gone or it.get("charge") in charges or it.get("source") in about | charges:
                objects[one] = scrubbed(_plain(it))
    return await mirror.store.read(lambda connection: _faults(connection, there))


def _faults(connection: Connection, there: dict[str, dict[str, Json]]) -> list[str]:
    found: list[str] = []
    for name, objects in there.items():
        table = tables.OBJECTS[name]
        here = {row["id"]: row for row in connection.execute(select(table)).mappings() if not row["deleted"]}
        found += [f"{name} {one}: missing" for one in objects.keys() - here.keys()]
        found += [f"{name} {one}: not at Stripe" for one in here.keys() - objects.keys()]
        for one in objects.keys() & here.keys():
            found += _unlike(name, one, json.loads(here[one]["whole"]), objects[one])
    found += _parts(connection, tables.subscription_items, "subscription", "items", there["subscriptions"])
    found += _parts(connection, tables.invoice_lines, "invoice", "lines", there["invoices"])
    found += _sums(connection, there) + _revenue(connection, there["subscriptions"]) + _counts(connection, there)
    return found


def _plain(it: Any) -> Any:
    if isinstance(it, dict):
        dropped = _SECRET | (_UNSTEADY if it.get("object") == "coupon" else set())
        return {key: _plain(value) for key, value in it.items() if key not in dropped}
    return [_plain(one) for one in it] if isinstance(it, list) else it


def _unlike(name: str, one: str, here: Json, there: Json) -> list[str]:
    here, there = _plain(here), _plain(there)
    members = {key for key in here.keys() | there.keys() if here.get(key) != there.get(key)} - _UNTOLD.get(
        name, {"_all_lines"}
    )
    return [f"{name} {one}: {key} is {here.get(key)!r:.80}, not {there.get(key)!r:.80}" for key in sorted(members)]


def _parts(connection: Connection, table: Any, parent: str, member: str, owners: dict[str, Json]) -> list[str]:
    rows = connection.execute(select(table).where(table.c.deleted.is_(False))).mappings()
    here = {(row[parent], row["id"]): json.loads(row["whole"]) for row in rows}
    there = {
        (one, part["id"]): part
        for one, owner in owners.items()
        for part in owner.get(f"_all_{member}", owner[member])["data"]
    }
    return [f"{table.name} {key}" for key in here.keys() | there.keys() if here.get(key) != there.get(key)]


def _sums(connection: Connection, there: dict[str, dict[str, Json]]) -> list[str]:
    balance: dict[Any, Counter[str]] = {}
    for one in there["balance_transactions"].values():
        key = (one["created"] // 86_400, one["currency"], one["type"], one["reporting_category"])
        added = {"count": 1, "amount_minor": one["amount"], "fee_minor": one["fee"], "net_minor": one["net"]}
        balance.setdefault(key, Counter()).update(added)
    charges: dict[Any, Counter[str]] = {}
    for one in there["charges"].values():
        paid = one["status"] == "succeeded"
        refunded = one["amount_refunded"] if one["captured"] else 0  # a hold that was let go had taken nothing
        reason = (one["outcome"] or {}).get("reason") or one["failure_code"] or ""
        card = (one["payment_method_details"] or {}).get("card") or {}
        country = (one["billing_details"]["address"] or {}).get("country") or card.get("country") or ""
        when = one["created"] // 86_400
        key = (
            when,
            one["currency"],
            one["status"],
            reason if one["status"] == "failed" else "",
            card.get("brand") or "",
            country,
        )
        added = {
            "count": 1,
            "amount_minor": one["amount"],
            "amount_captured_minor": one["amount_captured"],
            "amount_refunded_minor": refunded,
            "refunded_count": int(paid and refunded > 0),
            "disputed_count": int(paid and one["disputed"]),
        }
        charges.setdefault(key, Counter()).update(added)
    customers = {(one["created"] // 86_400,): Counter() for one in there["customers"].values()}
    for one in there["customers"].values():
        customers[one["created"] // 86_400,].update({"count": 1})
    wrong = _table(connection, tables.daily_balance, balance) + _table(connection, tables.daily_charges, charges)
    return wrong + _table(connection, tables.daily_customers, customers)


def _table(connection: Connection, table: Any, there: dict[Any, Counter[str]]) -> list[str]:
    keys = [column.name for column in table.primary_key]
    here = {tuple(row[key] for key in keys): row for row in connection.execute(select(table)).mappings()}
    wrong = [f"{table.name} {key}: only on one side" for key in here.keys() ^ there.keys()]
    for key in here.keys() & there.keys():
        told = {name: value for name, value in here[key].items() if name not in keys}
        if told != {name: there[key][name] for name in told}:
            wrong.append(f"{table.name} {key}: {told} is not {dict(there[key])}")
    return wrong


def a_month(one: Json) -> int:
    """What a subscription brings a month by Stripe's definition, half up to the minor unit."""
    if one["status"] not in ("active", "past_due"):
        return 0
    total = Decimal(0)
    for item in one["items"]["data"]:
        price = item["price"]
        if price["recurring"]["usage_type"] == "licensed":
            each = Decimal(price["unit_amount_decimal"] or 0) * item["quantity"]
            total += each * _MONTHS[price["recurring"]["interval"]] / price["recurring"]["interval_count"]
    for discount in one["discounts"]:
        coupon = discount["source"]["coupon"]
        if coupon["duration"] != "once" and coupon["percent_off"]:
            total -= total * Decimal(str(coupon["percent_off"])) / 100
    return int(max(total, Decimal(0)).quantize(Decimal(1), ROUND_HALF_UP))


def _revenue(connection: Connection, subscriptions: dict[str, Json]) -> list[str]:
    """The newest row of each subscription that is not in the future tells what it brings now."""
    rows = connection.execute(select(tables.revenue_changes).order_by(tables.revenue_changes.c.at)).mappings().all()
    as_of = {row.id: row for row in connection.execute(select(tables.subscriptions))}
    newest: dict[str, int] = {}
    for row in rows:
        one = subscriptions.get(row["subscription"])
        future = [one["trial_end"], one["cancel_at"]] if one is not None else []
        is_foreseen = row["at"] in future and row["at"] > as_of[row["subscription"]].as_of
        if not is_foreseen:
            newest[row["subscription"]] = row["a_month_minor"]
    wrong = [
        f"revenue_changes {one}: {newest.get(one, 0)} is not {a_month(it)}"
        for one, it in subscriptions.items()
        if newest.get(one, 0) != a_month(it)
    ]
    return wrong + [
        f"subscriptions {one}: a_month_minor"
        for one, it in subscriptions.items()
        if as_of[one].a_month_minor != a_month(it)
    ]


def _counts(connection: Connection, there: dict[str, dict[str, Json]]) -> list[str]:
    kept = {row.name: row.value for row in connection.execute(select(tables.facts))}
    return [
        f"count of {table}: {kept.get('count:' + table[:-1])} is not {len(objects)}"
        for table, objects in there.items()
        if int(kept.get("count:" + table[:-1], 0)) != len(objects)
    ]
