"""The discounts of subscriptions, remembered for good.

Events of subscriptions name their discounts by id, and events of discounts name their coupon by id. A discount that is
over is shown nowhere, but a coupon's terms never change (https://docs.stripe.com/api/coupons/update): so what was given
off at a moment is known from the events of the discount and, where they do not hold it, from the coupon.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, select

from paydesk.server.mirror.kinds import at, id_of, written
from paydesk.server.mirror.looking import known
from paydesk.server.store.mirror_schema import discounts
from paydesk.server.store.upserts import upsert
from paydesk.skills.base import Json

_TERMS: Final = ("id", "object", "amount_off", "currency", "duration", "percent_off")
Coupons = Mapping[str, Json]


def coupon_of(discount: Json) -> Any:
    """The coupon, whole or as an id; older versions of Stripe's API have it at another place."""
    return at(discount, "source", "coupon") or discount.get("coupon")


def remember(
    connection: Connection,
    subscription: str,
    found: Iterable[Json],
    *,
    coupons: Coupons | None = None,
    gone_at: int | None = None,
) -> int | None:
    """Keep discounts of a subscription as Stripe shows them; what is known of one already stays known.

    The moment (seconds) from which on more is known than before; None where nothing is.
    """
    these = {str(one["id"]): one for one in found if isinstance(one.get("start"), int)}
    if not these:
        return None
    before = known(connection, discounts, these, *(column.name for column in discounts.columns))
    rows = [_row(subscription, one, before.get(key, {}), coupons or {}, gone_at) for key, one in these.items()]
    upsert(connection, discounts, [row for row in rows if row != dict(before.get(row["id"], {}))])
    changed = [moment for row in rows for moment in _learnt(before.get(row["id"]), row)]
    return min(changed, default=None)


def _learnt(before: Mapping[str, Any] | None, row: Json) -> list[int]:
    """The moments whose discount is known otherwise than before."""
    if before is None or before["terms"] != row["terms"]:
        return [row["begins"]]
    differing = [name for name in ("ends", "gone_at") if before[name] != row[name]]
    return [moment for name in differing for moment in (before[name], row[name]) if moment is not None]


def _row(subscription: str, one: Json, before: Mapping[str, Any], coupons: Coupons, gone_at: int | None) -> Json:
    coupon = coupon_of(one)
    named = id_of(coupon)
    whole = coupon if isinstance(coupon, dict) else coupons.get(named or "")
    ends = one.get("end")
    return {
        "id": str(one["id"]),
        "subscription": subscription,
        "coupon": named or before.get("coupon"),
        "begins": one["start"],
        # What is left of a discount that was taken away has no end any more.
        "ends": ends if isinstance(ends, int) else before.get("ends"),
        "gone_at": min((at for at in (gone_at, before.get("gone_at")) if at is not None), default=None),
        "terms": before.get("terms") or (written({name: whole.get(name) for name in _TERMS}) if whole else None),
    }


def of_subscription(connection: Connection, subscription: str) -> dict[str, Json]:
    """Its discounts by id as Stripe would show them, expanded; `end` is when it ended, whatever the reason."""
    found = connection.execute(select(discounts).where(discounts.c.subscription == subscription))
    return {
        row.id: {
            "id": row.id,
            "start": row.begins,
            "end": min((at for at in (row.ends, row.gone_at) if at is not None), default=None),
            "source": {"coupon": json.loads(row.terms) if row.terms else row.coupon},
        }
        for row in found
    }
