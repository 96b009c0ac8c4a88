"""What may befall one write, from its proposal to its end, and what has to be true whatever befell it.

A life takes a `Campaign` and raises `Broken` where a promise of the gate does not hold.
"""

from collections.abc import Callable, Mapping

import worker
from campaign import AT_COMMIT, AT_SENDING, Campaign
from writes import KINDS, Write, refund

DAY_H = 25
FAULTS = ("drop_before", "drop_after", "fail_before", "fail_during", "fail_after", "garbage", "rate_limit", "conflict")
LINES = ("drop_before", "drop_after", "cut", "slow")
ENDS = {"succeeded", "failed", "rejected", "expired", "stale", "canceled"}


def killed(campaign: Campaign) -> None:
    """Killed while proposing, approving and recovering, at boundaries and at random moments, until it is settled."""
    write = campaign.draw(KINDS)
    proposal_id = _proposed(campaign, write)
    told = campaign.deadly(worker.approve(proposal_id), "approve")
    _settle(campaign, proposal_id)
    if campaign.counter.state(proposal_id) == "waiting":
        campaign.must(told.state is None, "a yes that was answered is lost")
        campaign.must(write.effects(proposal_id) == 0, "an effect without a yes in the journal")
        campaign.live(worker.approve(proposal_id))
        _settle(campaign, proposal_id)
    _must_be_done_once(campaign, write, proposal_id)


def killed_under_faults(campaign: Campaign) -> None:
    """The same, while Stripe answers badly or the line does."""
    write = campaign.draw(KINDS)
    proposal_id = _proposed(campaign, write)
    through_line = campaign.rng.random() < 0.5
    if through_line:
        campaign.line.mode(campaign.rng.choice(LINES))
    else:
        for _ in range(campaign.rng.choice((1, 1, 2, 5))):
            campaign.counter.control("faults", kind=campaign.rng.choice(FAULTS), method="POST", path="/v1/")
    for _ in range(campaign.rng.choice((1, 2))):
        campaign.deadly(worker.approve(proposal_id), "approve", line=through_line)
        campaign.deadly(worker.recover(), "recover", line=through_line)
    campaign.line.mode("pass")
    campaign.counter.no_faults()
    if campaign.counter.state(proposal_id) == "waiting":
        campaign.live(worker.approve(proposal_id))
    _settle(campaign, proposal_id)
    _must_be_true(campaign, write, proposal_id)


def raced(campaign: Campaign) -> None:
    """Several processes say yes to one proposal at once, one of them may die, and a person may say no meanwhile."""
    write = campaign.draw(KINDS)
    proposal_id = _proposed(campaign, write)
    acts = [worker.approve(proposal_id, approver=f"terminal:{who}") for who in ("bea", "cid", "dan")]
    with_no = campaign.rng.random() < 0.5
    if with_no:
        acts.append(worker.reject(proposal_id))
    die_at = campaign.rng.choice((None, campaign.rng.randrange(1, 12)))
    told = campaign.together(acts, die_at=die_at)
    _settle(campaign, proposal_id)
    if campaign.counter.state(proposal_id) == "waiting":
        campaign.live(worker.approve(proposal_id))
    if campaign.counter.state(proposal_id) == "rejected":
        campaign.must(not any(one.state == "succeeded" for one in told), "a yes that was answered is lost")
        campaign.must(write.effects(proposal_id) == 0, "it happened after a no")
        return
    campaign.must(not with_no or told[-1].state != "rejected", "a no that was answered is lost")
    _settle(campaign, proposal_id)
    _must_be_done_once(campaign, write, proposal_id)


def delivered_late(campaign: Campaign) -> None:
    """The request is still on its way when its sender dies; it arrives after the next process has sent it again."""
    write = campaign.draw(KINDS)
    if not write.is_resent:
        write = refund(campaign.counter, campaign.rng)
    proposal_id = _proposed(campaign, write)
    campaign.line.mode("hold")
    sender = campaign.start(worker.approve(proposal_id), line=True)
    held = campaign.line.wait_for("held")
    campaign.kill(sender)
    campaign.must(held, "the request never left")
    _settle(campaign, proposal_id)
    campaign.line.say("release")
    campaign.line.wait_for("delivered")
    campaign.line.mode("pass")
    _must_be_done_once(campaign, write, proposal_id)


def forgotten(campaign: Campaign) -> None:
    """Nobody looks for a lost write before Stripe has forgotten its key: its end is found out, not tried."""
    write = refund(campaign.counter, campaign.rng)
    proposal_id = _proposed(campaign, write)
    told = campaign.deadly(worker.approve(proposal_id), "approve", near=AT_SENDING)
    before = write.effects(proposal_id)
    campaign.counter.forward(hours=DAY_H)
    _settle(campaign, proposal_id)
    campaign.must(write.effects(proposal_id) == before, f"sent again a day later ({told.died})")
    _must_be_true(campaign, write, proposal_id)


def used_again(campaign: Campaign) -> None:
    """A yes to what was done already, at once and after Stripe has forgotten the key."""
    write = refund(campaign.counter, campaign.rng)
    proposal_id = _proposed(campaign, write)
    campaign.live(worker.approve(proposal_id))
    campaign.live(worker.approve(proposal_id, approver="terminal:cid"))
    campaign.counter.forward(hours=DAY_H)
    campaign.live(worker.approve(proposal_id, approver="terminal:dan"))
    _must_be_done_once(campaign, write, proposal_id)


def expired(campaign: Campaign) -> None:
    """The clock jumps past the proposal's time; then nobody's yes sends it, also not in recovery."""
    write = campaign.draw(KINDS)
    proposal_id = _proposed(campaign, write)
    campaign.counter.desk_clock(hours=DAY_H)
    campaign.deadly(worker.approve(proposal_id), "approve")
    campaign.live(worker.approve(proposal_id))
    campaign.live(worker.recover())
    campaign.must(write.effects(proposal_id) == 0, "sent although its time was over")
    campaign.must(campaign.counter.state(proposal_id) == "expired", "its time is over, and the journal does not say so")


def clock_back(campaign: Campaign) -> None:
    """The desk's clock runs back while a write is on its way, and comes right again."""
    write = campaign.draw(KINDS)
    proposal_id = _proposed(campaign, write)
    campaign.deadly(worker.approve(proposal_id), "approve", near=AT_SENDING)
    campaign.counter.desk_clock(hours=-30)
    campaign.deadly(worker.recover(), "recover")
    campaign.live(worker.recover())
    campaign.counter.desk_clock(hours=30)
    _settle(campaign, proposal_id)
    if campaign.counter.state(proposal_id) == "waiting":
        campaign.live(worker.approve(proposal_id))
        _settle(campaign, proposal_id)
    _must_be_done_once(campaign, write, proposal_id)


def stale(campaign: Campaign) -> None:
    """The account changes between the question and the yes: what was shown is not sent any more."""
    write = refund(campaign.counter, campaign.rng)
    proposal_id = _proposed(campaign, write)
    campaign.counter.post("/v1/refunds", payment_intent=write.about, amount=700)
    told = campaign.deadly(worker.approve(proposal_id), "approve")
    campaign.live(worker.recover())
    campaign.must(write.effects(proposal_id) == 0, "sent although the account had changed since it was shown")
    if told.killed:
        told = campaign.live(worker.approve(proposal_id))
    campaign.must(write.effects(proposal_id) == 0, "sent although the account had changed since it was shown")
    campaign.must(campaign.counter.state(proposal_id) == "stale", "the plan is stale, and the journal does not say so")


def altered(campaign: Campaign) -> None:
    """Somebody who can write to the journal raises the amount after the question was shown."""
    write = refund(campaign.counter, campaign.rng)
    proposal_id = _proposed(campaign, write)
    campaign.counter.tamper(
        "UPDATE proposals SET request = replace(request, '\"amount\":1000', '\"amount\":4000') WHERE id = ?",
        proposal_id,
    )
    campaign.deadly(worker.approve(proposal_id), "approve")
    campaign.live(worker.approve(proposal_id))
    campaign.live(worker.recover())
    sent = [one["amount"] for one in campaign.counter.get("/v1/refunds", payment_intent=write.about)["data"]]
    campaign.must(sent == [], f"sent {sent}, and a person was shown 1000")
    campaign.tampered()


def _proposed(campaign: Campaign, write: Write) -> str:
    """Propose it, at times in a process that dies doing so: then nothing is left behind, or a proposal that waits."""
    if campaign.rng.random() < 0.3:
        near = AT_COMMIT if campaign.rng.random() < 0.5 else ()
        told = campaign.deadly(worker.propose(write.skill, write.arguments), "propose", near=near)
        if told.answer.get("id"):
            return str(told.answer["id"])
    told = campaign.live(worker.propose(write.skill, write.arguments))
    campaign.must("id" in told.answer, f"cannot be proposed: {told}")
    return str(told.answer["id"])


def _settle(campaign: Campaign, proposal_id: str) -> None:
    """Recover, in processes that may die as well, until the write has an end or still waits."""
    for _ in range(4):
        if campaign.counter.state(proposal_id) in ENDS | {"waiting"}:
            return
        campaign.deadly(worker.recover(), "recover")
    # The number of a dead process may be in use again, which keeps its lease alive; a DELETE is given ten minutes; and
    # a 500 that Stripe keeps for a key has no end before the key is forgotten.
    for minutes in (11, 60 * DAY_H, 0):
        campaign.live(worker.recover())
        if campaign.counter.state(proposal_id) in ENDS | {"waiting"}:
            return
        campaign.counter.forward(minutes=minutes)


def _must_be_true(campaign: Campaign, write: Write, proposal_id: str) -> None:
    state, effects = campaign.counter.state(proposal_id), write.effects(proposal_id)
    campaign.must(effects <= 1, f"it happened {effects} times")
    campaign.must(state in ENDS, f"it has found no end: {state}")
    campaign.must((state == "succeeded") == (effects == 1), f"the journal says {state}, Stripe's books {effects}")
    campaign.must(_count(campaign, proposal_id, "approved") <= 1, "one proposal was approved twice")
    campaign.must(_count(campaign, proposal_id, "sending") <= 1, "one proposal was taken twice")


def _must_be_done_once(campaign: Campaign, write: Write, proposal_id: str) -> None:
    _must_be_true(campaign, write, proposal_id)
    state = campaign.counter.state(proposal_id)
    campaign.must(state == "succeeded" or not write.is_resent, f"an approved write was lost: {state}")


def _count(campaign: Campaign, proposal_id: str, event: str) -> int:
    entries = campaign.counter.rows("SELECT entry FROM audit_entries WHERE proposal_id = ?", proposal_id)
    return sum(f'"event":"{event}"' in row["entry"] for row in entries)


LIVES: Mapping[str, Callable[[Campaign], None]] = {
    life.__name__: life
    for life in (
        killed,
        raced,
        killed_under_faults,
        delivered_late,
        forgotten,
        used_again,
        expired,
        stale,
        altered,
        clock_back,
    )
}
WEIGHTS = (10, 3, 6, 2, 2, 1, 1, 1, 1, 2)
