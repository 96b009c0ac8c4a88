"""Balance transactions have no events: they are found through what names them, and in their list from time to time."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, or_, select, update

from paydesk.server.limits import MIRROR_LEDGER_MARGIN_S, MIRROR_LOST_ONES_SINGLY, PAGE_SIZE
from paydesk.server.mirror import facts
from paydesk.server.mirror.asking import each, fetch
from paydesk.server.mirror.kinds import KINDS, id_of
from paydesk.server.mirror.looking import chunks, known
from paydesk.server.mirror.rows import State, new_writing
from paydesk.server.store.mirror_schema import balance_transactions, payouts
from paydesk.skills.base import Json

if TYPE_CHECKING:
    from paydesk.server.mirror.mirror import Mirror

_KIND = KINDS["balance_transaction"]
_NAMES = ("balance_transaction", "failure_balance_transaction")
_PAGES_MOST = 10
_PAGES_WITHOUT_END = 100_000


def named_in(it: Json) -> list[str]:
    """The ids of the balance transactions that an object names."""
    found = [id_of(it.get(name)) for name in _NAMES]
    several = it.get("balance_transactions")
    found += [id_of(one) for one in several] if isinstance(several, list) else []
    return [one for one in found if one is not None]


def whole_in(it: Json) -> list[Json]:
    """The balance transactions that an object shows in full, as disputes do."""
    several = it.get("balance_transactions")
    shown = [*several] if isinstance(several, list) else []
    shown += [it.get(name) for name in _NAMES]
    return [one for one in shown if isinstance(one, dict) and one.get("object") == "balance_transaction"]


async def find_transactions(
    mirror: "Mirror", named: Iterable[str], whole: Sequence[Json], *, span: tuple[int, int], now: int
) -> list[State]:
    """Those of the named ones that the mirror lacks, from Stripe; and of those that are shown in full.

    A few are asked for one by one; more are looked for in the list of the events' time, then the rest one by one.
    """
    shown = {one["id"]: State(one, now, fetched=False) for one in whole}
    wanted = {*named, *shown}
    if not wanted:
        return []
    lost = wanted - set(await mirror.store.read(lambda connection: known(connection, _KIND.table, wanted, "id")))
    found = {one: state for one, state in shown.items() if one in lost}
    if len(lost - set(found)) > MIRROR_LOST_ONES_SINGLY:
        listed = await _listed(mirror, span, lost, now)
        found |= {one: state for one, state in listed.items() if one in lost}
    rest = sorted(lost - set(found))
    fetched = await each(rest, lambda one: fetch(mirror.stripe, _KIND, one, now))
    return [*found.values(), *(state for state in fetched if not state.gone)]


async def _listed(mirror: "Mirror", span: tuple[int, int], wanted: set[str], now: int) -> dict[str, State]:
    found: dict[str, State] = {}
    created = {"gte": span[0] - MIRROR_LEDGER_MARGIN_S, "lte": span[1] + MIRROR_LEDGER_MARGIN_S}
    # Events that come late are spread over a long time: then looking through the list costs more than asking singly.
    most = min(2 * len(wanted) + PAGE_SIZE, _PAGES_MOST * PAGE_SIZE)
    async for one in mirror.stripe.every(_KIND.path, {"created": created}, most=most):
        found[str(one["id"])] = State(one, now, fetched=True)
        if wanted <= set(found):
            break
    return found


async def read_ledger(mirror: "Mirror") -> None:
    """Take in the balance transactions since the last time: fees and adjustments have no event at all."""
    begun = mirror.now()
    last = await mirror.store.read(partial(facts.get_int, name=facts.LEDGER))
    since = max((last or 0) - MIRROR_LEDGER_MARGIN_S, 0)
    asked: Json = {"limit": PAGE_SIZE, "created": {"gte": since}}
    for _ in range(_PAGES_WITHOUT_END):
        page = await mirror.stripe.page(_KIND.path, asked)
        states = [State(one, begun, fetched=True) for one in page.data]
        await mirror.store.write(partial(_keep_new, states))
        if not page.has_more or page.next_cursor is None:
            break
        asked["starting_after"] = page.next_cursor
    await mirror.store.write(lambda connection: facts.remember(connection, **{facts.LEDGER: begun}))


def _keep_new(states: Sequence[State], connection: Connection) -> None:
    """They never change, so only those that are not there yet are written."""
    have = known(connection, _KIND.table, (state.it["id"] for state in states), "id")
    new = [state for state in states if state.it["id"] not in have]
    if new:
        writing = new_writing(connection)
        writing.put(_KIND, new)
        writing.finish()


async def read_payout_contents(mirror: "Mirror") -> None:
    """Mark what each automatic payout paid out, once Stripe knows it. A payout that is interrupted is read again."""
    waiting = await mirror.store.read(_unread)
    await each(waiting, partial(_read_contents, mirror))


def _unread(connection: Connection) -> list[str]:
    row = payouts.c
    there = (row.automatic.is_(True), row.deleted.is_(False), row.status.in_(("paid", "in_transit")))
    query = select(row.id).where(*there, or_(row.contents_known.is_(None), row.contents_known.is_(False)))
    return list(connection.scalars(query))


async def _read_contents(mirror: "Mirror", payout: str) -> None:
    payouts_as_of = mirror.now()
    found = [
        State(one, payouts_as_of, fetched=True)
        async for one in mirror.stripe.every(_KIND.path, {"payout": payout}, most=_PAGES_WITHOUT_END)
    ]
    await mirror.store.write(partial(_mark_paid_out, payout, found), durable=False)


def _mark_paid_out(payout: str, states: Sequence[State], connection: Connection) -> None:
    have = known(connection, _KIND.table, (state.it["id"] for state in states), "id")
    writing = new_writing(connection)
    writing.put(_KIND, [state for state in states if state.it["id"] not in have])
    writing.finish()
    changed: dict[str, Any] = {"payout": payout, "seq": writing.seq}
    for some in chunks(state.it["id"] for state in states):
        connection.execute(update(balance_transactions).where(balance_transactions.c.id.in_(some)).values(changed))
    connection.execute(update(payouts).where(payouts.c.id == payout).values(contents_known=True, seq=writing.seq))
