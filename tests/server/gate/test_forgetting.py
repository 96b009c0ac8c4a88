"""A customer is forgotten in the journal: on either database, and the audit log still proves the rest."""

from typing import Any

from sqlalchemy import select

from paydesk.server.store.schema import preparations, proposals

Booth = Any
NAME, EMAIL = "Zaphodina Beeble", "zaphodina@example.com"


async def rows(booth: Booth) -> str:
    """All that the journal holds, as text."""

    def look(connection: Any) -> str:
        return "".join(str(connection.execute(select(table)).mappings().all()) for table in (proposals, preparations))

    return str(await booth.store.read(look))


async def test_what_was_written_about_a_customer_goes_and_who_decided_stays(booth: Booth) -> None:
    """GDPR: the sentence, the arguments, the request's text and the answer go; sums, states and the log stay."""
    plan = booth.customer_plan(NAME)
    made = await booth.propose_plan(plan)
    done = await booth.approve(made.proposal_id)
    customer = done.result["made"]
    assert NAME in await rows(booth)

    assert await booth.gate.forget(customer, account="acct_1") == (1, 0)
    assert NAME not in await rows(booth)
    after = await booth.gate.get(made.proposal_id, principal="ann")
    assert (after.state, after.proposal_id) == ("succeeded", made.proposal_id)
    assert (await booth.gate.verify_audit()).whole
    assert await booth.gate.forget(customer, account="acct_1") == (0, 0)


async def test_what_is_not_over_is_told_and_left(booth: Booth) -> None:
    """Ours: what a person is still asked about must be what is sent."""
    waiting = await booth.propose_plan(booth.refund_plan(customer="cus_7"))
    assert await booth.gate.forget("cus_7", account="acct_1") == (0, 1)
    assert (await booth.approve(waiting.proposal_id)).state == "succeeded"
    assert await booth.gate.forget("cus_7", account="acct_1") == (1, 0)
    assert (await booth.gate.verify_audit()).whole


async def test_others_writes_and_other_accounts_are_left_alone(booth: Booth) -> None:
    """Ours: only this customer of this account."""
    other = await booth.propose_plan(booth.refund_plan(customer="cus_8"))
    await booth.approve(other.proposal_id)
    before = await rows(booth)
    assert await booth.gate.forget("cus_7", account="acct_1") == (0, 0)
    assert await booth.gate.forget("cus_8", account="acct_2") == (0, 0)
    assert await rows(booth) == before


async def test_a_change_to_a_forgotten_write_is_still_found(booth: Booth) -> None:
    """Ours: the log's entry lets the text go, and not the state."""
    done = await booth.propose_plan(booth.refund_plan(customer="cus_7"))
    await booth.approve(done.proposal_id)
    await booth.gate.forget("cus_7", account="acct_1")
    await booth.store.write(lambda c: c.exec_driver_sql("UPDATE proposals SET state = 'failed'") and None)
    assert not (await booth.gate.verify_audit()).whole
