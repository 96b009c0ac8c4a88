"""Rows of the journal: what is stored comes back, and every change of state is compare-and-set."""

from functools import partial
from typing import Any

from sqlalchemy import Connection

from paydesk.server.gate import proposals
from paydesk.server.gate.proposals import Proposal

Booth = Any


async def _row(booth: Booth) -> Proposal:
    waiting = await booth.propose_plan(
        booth.refund_plan(1234, warnings=("Careful",), relies_on={"refundable_minor": 5000, "disputed": False})
    )
    find = partial(proposals.find, proposal_id=waiting.proposal_id, principal=None, account=None, mode="test")
    found: Proposal = await booth.store.read(find)
    return found


async def test_a_row_comes_back_as_it_was_stored(booth: Booth) -> None:
    """Ours: after a restart the proposal is the same, to the last digit and zone."""
    row = await _row(booth)
    assert row.created_at == booth.clock.now
    assert row.created_at.tzinfo is not None
    assert (row.moves.amount_minor, row.moves.currency) == (-1234, "usd")
    assert row.relies_on == {"refundable_minor": 5000, "disputed": False}
    assert row.request.hash() == row.request_hash
    assert Proposal(**row.__dict__) == row


async def test_a_state_changes_only_from_where_it_was_expected(booth: Booth) -> None:
    """Ours: whoever comes second finds that somebody was there, whatever the database lets through."""
    row = await _row(booth)

    def twice(connection: Connection) -> list[bool]:
        return [proposals.move(connection, row.id, come_from=("waiting",), to="approved") for _ in range(2)]

    assert await booth.store.write(twice) == [True, False]


async def test_a_state_changes_only_by_its_holder_where_one_is_named(booth: Booth) -> None:
    """Ours: who lost the lease does not settle."""
    row = await _row(booth)

    def settle(connection: Connection) -> list[bool]:
        take = proposals.move(connection, row.id, come_from=("waiting",), to="sending", lease_owner="a:1:x")
        by_other = proposals.move(connection, row.id, come_from=("sending",), to="failed", held_by="b:1:x")
        by_holder = proposals.move(connection, row.id, come_from=("sending",), to="failed", held_by="a:1:x")
        return [take, by_other, by_holder]

    assert await booth.store.write(settle) == [True, False, True]


async def test_of_two_that_saw_the_same_abandoned_row_one_gets_it(booth: Booth) -> None:
    """Ours: two servers that recover at the same moment."""
    row = await _row(booth)

    def claim(connection: Connection, owner: str) -> bool:
        return proposals.claim(connection, row, owner=owner, until=booth.clock.now, look_again_at=booth.clock.now)

    assert await booth.store.write(partial(claim, owner="a:1:x"))
    assert not await booth.store.write(partial(claim, owner="b:1:x"))
