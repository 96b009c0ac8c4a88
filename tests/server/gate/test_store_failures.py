"""A full disk, a locked file: told in words, nothing sent that was not written down first, and nothing lost."""

from typing import Any

import pytest
from sqlalchemy import Connection, text

from paydesk.server.errors import StoreError

Booth = Any


class Disk:
    """Lets the N-th commit from now on fail, as a disk does that is full."""

    def __init__(self, booth: Booth, failing: int, *, code: str = "store_full") -> None:
        commit, self.count = booth.store._commit, 0

        async def counted(work: Any, durable: bool) -> Any:
            self.count += 1
            if self.count == failing:
                raise StoreError("There is no space left for the desk's database.", code=code)
            return await commit(work, durable)

        booth.store._commit = counted


async def test_a_proposal_that_cannot_be_stored_is_not_one(booth: Booth) -> None:
    """Ours: what is not on the disk is not waiting."""
    Disk(booth, 1)
    with pytest.raises(StoreError) as refused:
        await booth.call("draw_back", amount_minor=1000)
    assert refused.value.code == "store_full"
    assert await booth.gate.list(principal=None) == []


@pytest.mark.parametrize("name", ["draw_back", "subscribe"])
@pytest.mark.parametrize("failing", [1, 2, 3, 4, 5])
async def test_whichever_commit_fails_the_write_happens_once_and_ends_in_the_truth(
    booth: Booth, name: str, failing: int
) -> None:
    """Ours: before the take nothing leaves; after it the effect is found again and written down."""
    arguments = {"amount_minor": 1000} if name == "draw_back" else {"name": "Pro"}
    effects = 1 if name == "draw_back" else 3
    waiting = await booth.call(name, **arguments)
    Disk(booth, failing)
    try:
        await booth.approve(waiting.proposal_id)
    except StoreError:
        assert booth.stripe.sent == []
        assert await booth.state(waiting.proposal_id) == "waiting"
        await booth.approve(waiting.proposal_id)
    booth.gate = booth.beside()
    booth.clock.forward(minutes=10)
    try:
        await booth.gate.recover()
    except StoreError:  # the commit that failed was one of the recovery's own
        booth.clock.forward(minutes=10)
        await booth.gate.recover()

    assert await booth.state(waiting.proposal_id) == "succeeded"
    assert len(booth.stripe.effects) == effects
    assert (await booth.gate.verify_audit()).whole


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_a_full_disk_for_real_is_told_and_sends_nothing(booth: Booth) -> None:
    """SQLite: a limit on pages stands in for the disk; the row that says `sending` does not fit, so nothing leaves."""
    waiting = await booth.call("draw_back", amount_minor=1000)

    def fill(connection: Connection) -> int:
        pages = int(connection.execute(text("PRAGMA page_count")).scalar_one())
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        return pages

    # One connection serves all writes of this store, so the limit holds for the approval.
    await booth.store.write(fill)
    raised = None
    for number in range(200):
        try:
            await booth.call("draw_back", amount_minor=100 + number, again=True)
        except StoreError as error:
            raised = error
            break
    assert raised is not None
    assert raised.code == "store_full"
    assert raised.next_step
    assert booth.stripe.sent == []
    await booth.store.write(lambda connection: connection.execute(text("PRAGMA max_page_count = 1000000")) and None)
    assert (await booth.approve(waiting.proposal_id)).state == "succeeded"
