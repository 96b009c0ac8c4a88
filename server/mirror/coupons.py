"""The coupons behind discounts that events tell of by id: from what the mirror holds, else from Stripe."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from paydesk.server.errors import NotFound
from paydesk.server.mirror.asking import each
from paydesk.server.mirror.discounts import Coupons, coupon_of
from paydesk.server.mirror.kinds import at
from paydesk.server.mirror.looking import chunks, known
from paydesk.server.store.mirror_schema import discounts, events
from paydesk.skills.base import Json

if TYPE_CHECKING:
    from paydesk.server.mirror.mirror import Mirror


async def coupons_of(mirror: "Mirror", told: Sequence[Json], shown: Iterable[Json]) -> Coupons:
    """The coupons of discounts that events tell of by id, where neither the mirror nor what is `shown` holds them.

    A coupon that was deleted is taken from what its own events tell.
    """
    whole = {str(one.get("id")) for one in shown if isinstance(coupon_of(one), dict)}
    wanted = {
        str(one.get("id")): coupon
        for one in told
        if isinstance(coupon := coupon_of(one), str) and one.get("id") not in whole
    }
    if not wanted:
        return {}
    here = await mirror.store.read(partial(_known_coupons, wanted))
    asked = sorted(set(wanted.values()) - here.keys())
    found = await each(asked, partial(_fetch, mirror))
    return here | {name: coupon for name, coupon in zip(asked, found, strict=True) if coupon}


async def _fetch(mirror: "Mirror", coupon: str) -> Json:
    try:
        return await mirror.stripe.get(f"/v1/coupons/{coupon}")
    except NotFound:
        return {}


def _known_coupons(wanted: Mapping[str, str], connection: Connection) -> dict[str, Json]:
    """Coupon by id, from discounts that are remembered and from events that are kept."""
    kept = known(connection, discounts, wanted, "terms")
    settled = {wanted[one]: json.loads(row["terms"]) for one, row in kept.items() if row["terms"]}
    for some in chunks(set(wanted.values())):
        others = select(discounts.c.coupon, discounts.c.terms)
        for row in connection.execute(others.where(discounts.c.coupon.in_(some), discounts.c.terms.is_not(None))):
            settled.setdefault(row.coupon, json.loads(row.terms))
        row_ = events.c
        told = select(row_.object_id, row_.payload).order_by(row_.created.desc())
        told = told.where(row_.object_id.in_(some), row_.object == "coupon", row_.payload != "")
        for row in connection.execute(told):
            coupon = at(json.loads(row.payload), "data", "object")
            if isinstance(coupon, dict):
                settled.setdefault(row.object_id, coupon)
    return settled
