"""What lives by test clocks is in no list but by its clock, and is mirrored all the same."""

from collections.abc import Awaitable, Callable

from sqlalchemy import select

from paydesk.server.mirror.mirror import Mirror
from paydesk.server.store import mirror_schema as tables
from tests.conftest import Talk

Open = Callable[..., Awaitable[Mirror]]


def _on_a_clock(talk: Talk) -> tuple[str, str]:
    """A customer who lives by a clock and subscribes; the ids of the clock and of the subscription."""
    clock = talk.post("/v1/test_helpers/test_clocks", frozen_time=talk.clock.now)["id"]
    customer = talk.post("/v1/customers", name="Later", test_clock=clock)["id"]
    card = talk.post("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
    talk.post(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": card})
    price = talk.post("/v1/prices", currency="usd", unit_amount=1_900, recurring={"interval": "month"},
                      product_data={"name": "Pro"})["id"]  # fmt: skip
    made = talk.post("/v1/subscriptions", customer=customer, items=[{"price": price}])
    return clock, made["id"]


async def _ids(mirror: Mirror, table: str) -> set[str]:
    columns = tables.OBJECTS[table].c
    return await mirror.store.read(lambda c: set(c.scalars(select(columns.id).where(columns.deleted.is_(False)))))


async def test_the_first_sync_reads_what_lives_by_clocks(talk: Talk, mirror_of: Open) -> None:
    """Stripe: lists leave out what lives by a clock unless the clock is named; events of it may be long gone."""
    _, subscription = _on_a_clock(talk)
    talk.clock.pass_s(40 * 86_400)  # no event is read that far back
    mirror = await mirror_of(talk)
    await mirror.sync()
    assert await _ids(mirror, "subscriptions") == {subscription}
    assert len(await _ids(mirror, "customers")) == 1
    assert await _ids(mirror, "invoices")
    assert await mirror.store.read(lambda c: c.scalar(select(tables.revenue_changes.c.a_month_minor))) == 1_900


async def test_verifying_holds_them_against_their_clocks_lists(talk: Talk, mirror_of: Open) -> None:
    """Ours: what is rightly in the mirror is no difference, and what is missing of a clock's is one, and is mended."""
    clock, subscription = _on_a_clock(talk)
    mirror = await mirror_of(talk)
    await mirror.sync()
    found = await mirror.verify()
    assert found.agrees, found.differences
    await mirror.store.write(lambda c: c.execute(tables.subscriptions.delete()))
    wrong = await mirror.verify(kinds=("subscription",))
    assert [(one.id, one.what) for one in wrong.differences] == [(subscription, "is missing")]
    assert (await mirror.verify(kinds=("subscription",))).agrees
    talk.delete(f"/v1/test_helpers/test_clocks/{clock}")
    talk.clock.pass_s(100)
    await mirror.sync()
    assert (await mirror.verify()).agrees


async def test_a_key_that_may_not_ask_for_clocks_syncs_all_the_same(talk: Talk, mirror_of: Open) -> None:
    """Ours: a restricted key mirrors what it may read."""
    from paydesk.server.errors import StripeRefused
    from paydesk.server.stripe_api.opening import sandbox_door

    door = sandbox_door(talk.sandbox, now=talk.clock)
    page = door.page

    async def refused(path: str, params: object = None) -> object:
        if "test_clocks" in path:
            raise StripeRefused("This key may not.")
        return await page(path, params)

    door.page = refused  # type: ignore[method-assign]
    mirror = await mirror_of(talk, door)
    await mirror.sync()
    assert (await mirror.standing()).filled_at is not None
