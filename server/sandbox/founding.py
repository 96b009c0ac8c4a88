"""The first content of a sandbox file: its account, how that settles, and the business or what a test fills in."""

from collections.abc import Callable

from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.ids import id_maker
from paydesk.server.sandbox.settlement import Settlement
from paydesk.server.sandbox.storage import Store

Fill = Callable[[Call], None]


def found(
    store: Store, seed: int | None, now: int, fill: Fill | None, settlement: Settlement | None, *, is_empty: bool
) -> None:
    """Make the first content of a new file; of an old one check only that it was made as asked. ValueError if not.

    `is_empty` leaves the business out, and lets the seed decide on ids alone.
    """
    if settlement and seed is not None and not is_empty and fill is None:
        # Its amounts, payouts and bank accounts are those of an American company with a balance in each currency.
        message = "the made-up business has its own country, currency, fees and rates; others go with --empty."
        raise ValueError(message)
    account = store.fact("account")
    if account is not None:
        _check(store, None if is_empty else seed, settlement)
        return
    new_id = id_maker(seed)
    account = new_id("acct_", 16)
    store.set_fact("account", account)
    store.set_fact("seed", "" if seed is None or is_empty else str(seed))
    if seed is not None:
        store.set_fact("ids", str(seed))
    if settlement:
        store.set_settlement(settlement)
    call = Call(store=store, account=account, now=now, new_id=new_id)
    if fill is not None:
        fill(call)
    elif seed is not None and not is_empty:
        from paydesk.server.sandbox.business.build import build

        build(call, seed)


def _check(store: Store, seed: int | None, settlement: Settlement | None) -> None:
    made_from = store.fact("seed") or ""
    if seed is not None and made_from != str(seed):
        made = f"from seed {made_from}" if made_from else "without a seed"
        message = f"this sandbox file was made {made}, not from seed {seed}. Name a new file, or that seed."
        raise ValueError(message)
    if settlement and store.settlement.written() != settlement.written():
        message = (
            f"this sandbox file was made for another account ({store.settlement.country}, {store.settlement.currency}) "
            "or other fees and rates. Name a new file, or leave those options out."
        )
        raise ValueError(message)
