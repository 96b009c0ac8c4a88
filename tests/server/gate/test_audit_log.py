"""The audit log: append-only, chained, without customers' data, and in step with the journal."""

import json
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from paydesk.server.errors import StoreError
from paydesk.server.store.schema import audit_entries

Booth = Any


async def _entries(booth: Booth) -> list[dict[str, Any]]:
    def read(connection: Connection) -> list[str]:
        return list(connection.execute(select(audit_entries.c.entry).order_by(audit_entries.c.seq)).scalars())

    return [json.loads(entry) for entry in await booth.store.read(read)]


async def _a_busy_day(booth: Booth) -> list[str]:
    made = [await booth.propose(amount) for amount in (100, 200, 300)]
    await booth.approve(made[0].proposal_id)
    await booth.reject(made[1].proposal_id)
    booth.clock.forward(hours=1)
    booth.stripe.faults = ["drop_before"] * 4
    last = await booth.propose(400)
    await booth.approve(last.proposal_id)
    await booth.gate.recover()
    return [one.proposal_id for one in (*made, last)]


async def _forge(booth: Booth, *statements: str) -> None:
    """Change the log as somebody with the file in hand can: without the triggers."""

    def change(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("DROP TRIGGER audit_entries_append_only ON audit_entries")
        else:
            connection.exec_driver_sql("DROP TRIGGER audit_entries_no_UPDATE")
            connection.exec_driver_sql("DROP TRIGGER audit_entries_no_DELETE")
        for statement in statements:
            connection.exec_driver_sql(statement)

    await booth.store.write(change)


async def test_it_tells_the_whole_story_in_order(booth: Booth) -> None:
    """Ours: who asked, who answered how, what was sent, what came back."""
    first, second, third, last = await _a_busy_day(booth)
    told = [(entry["event"], entry["proposal"]) for entry in await _entries(booth)]
    assert told == [
        *[("proposed", one) for one in (first, second, third)],
        *[(event, first) for event in ("approved", "sending", "succeeded")],
        ("rejected", second),
        ("expired", third),
        *[(event, last) for event in ("proposed", "approved", "sending", "unknown", "succeeded")],
    ]
    verdict = await booth.gate.verify_audit()
    assert verdict.whole
    assert verdict.entries == len(told)


async def test_it_says_who_approved_and_how(booth: Booth) -> None:
    """Ours: the question that a finance team asks afterwards."""
    await _a_busy_day(booth)
    approved = next(entry for entry in await _entries(booth) if entry["event"] == "approved")
    assert approved["facts"]["approver"] == "terminal:bea"
    assert approved["facts"]["via"] == "terminal"


async def test_it_holds_no_customers_data(booth: Booth) -> None:
    """Ours: a log that is kept for ever must not keep names and addresses."""
    waiting = await booth.propose_plan(booth.customer_plan("Rosalind Unusual"))
    await booth.approve(waiting.proposal_id)
    assert "Unusual" not in json.dumps(await _entries(booth))


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET entry = '{}'", "DELETE FROM audit_entries"])
async def test_the_database_itself_refuses_changes(booth: Booth, statement: str) -> None:
    """Ours: append-only also for our own mistakes."""
    await booth.propose()

    def change(connection: Connection) -> None:
        connection.execute(text(statement))

    with pytest.raises(StoreError):
        await booth.store.write(change)
    assert (await booth.gate.verify_audit()).entries == 1


@pytest.mark.parametrize(
    ("forgery", "broken_at"),
    [
        (["UPDATE audit_entries SET entry = replace(entry, 'terminal:bea', 'terminal:eve') WHERE seq = 4"], 4),
        (["DELETE FROM audit_entries WHERE seq = 5"], 5),
        (["DELETE FROM audit_entries WHERE seq = 5", "UPDATE audit_entries SET seq = seq - 1 WHERE seq > 5"], 5),
        (
            [
                "UPDATE audit_entries SET seq = 100 WHERE seq = 4",
                "UPDATE audit_entries SET seq = 4 WHERE seq = 5",
                "UPDATE audit_entries SET seq = 5 WHERE seq = 100",
            ],
            4,
        ),
        (["UPDATE audit_entries SET proposal_id = 'prop_x' WHERE seq = 2"], 2),
        (["UPDATE audit_entries SET entry = 'no json' WHERE seq = 3"], 3),
        (["DELETE FROM audit_entries WHERE seq = 1"], 1),
        (["DELETE FROM audit_entries WHERE seq = 13"], 12),  # the journal still says what came of it
    ],
    ids=["edited", "removed", "removed and renumbered", "reordered", "moved", "unreadable", "first removed", "cut off"],
)
async def test_every_forgery_is_found(booth: Booth, forgery: list[str], broken_at: int) -> None:
    """Ours: an edit, a removal or a reordering shows at the entry where it was made."""
    await _a_busy_day(booth)
    await _forge(booth, *forgery)
    verdict = await booth.gate.verify_audit()
    assert not verdict.whole
    assert verdict.broken_at == broken_at
    assert verdict.why


async def test_an_edited_entry_with_a_fitting_hash_breaks_the_chain(booth: Booth) -> None:
    """Ours: who recomputes one hash has to recompute all that follow."""
    import hashlib

    await _a_busy_day(booth)
    edited = (await _entries(booth))[3]
    edited["facts"]["approver"] = "terminal:eve"
    entry = json.dumps(edited, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(entry.encode()).hexdigest()
    edit = f"UPDATE audit_entries SET entry = '{entry}', hash = '{digest}' WHERE seq = 4"  # noqa: S608 - our own words
    await _forge(booth, edit)
    assert (await booth.gate.verify_audit()).broken_at == 5


async def test_an_anchor_finds_an_end_that_was_cut_off_together_with_the_journal(booth: Booth) -> None:
    """Ours: a head that was written down elsewhere cannot be taken back."""
    await booth.propose(100)
    before = (await booth.gate.verify_audit()).head
    made = await booth.propose(200)
    after = (await booth.gate.verify_audit()).head
    forget = f"DELETE FROM proposals WHERE id = '{made.proposal_id}'"  # noqa: S608 - the id is ours
    await _forge(booth, "DELETE FROM audit_entries WHERE seq = 2", forget)
    assert (await booth.gate.verify_audit()).whole
    assert (await booth.gate.verify_audit(anchor=before)).whole
    assert (await booth.gate.verify_audit(anchor=after)).broken_at == 2


async def test_a_journal_that_was_set_back_is_found(booth: Booth) -> None:
    """Ours: a refund that waits again in the journal, after it was made, would be made twice."""
    waiting = await booth.propose()
    await booth.approve(waiting.proposal_id)

    def set_back(connection: Connection) -> None:
        connection.execute(text("UPDATE proposals SET state = 'waiting'"))

    await booth.store.write(set_back)
    verdict = await booth.gate.verify_audit()
    assert not verdict.whole
    assert "waiting in the journal, and succeeded in the log" in verdict.why
