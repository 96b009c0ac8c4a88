"""Caps per day and per customer: what was sent, what is on its way and what waits, all counted together."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, func, or_, select

from paydesk.server.errors import NotAllowed
from paydesk.server.gate.policy import Cap
from paydesk.server.gate.proposals import ON_THE_WAY, Proposal
from paydesk.server.store.schema import proposals
from paydesk.skills.money import money


def check_caps(draft: Proposal, caps: Sequence[Cap], connection: Connection, *, waiting_too: bool) -> None:
    """Raise NotAllowed where this write would go over a cap. Must run in the transaction that files or takes it.

    What waits is counted when something is proposed; at the yes only what others have already been granted.
    """
    if draft.moves is None:
        return
    for cap in caps:
        spent = _spent(draft, cap, connection, waiting_too=waiting_too)
        asked = abs(draft.moves.amount_minor)
        if spent + asked > cap.most_minor:
            left = money(max(cap.most_minor - spent, 0), cap.currency).text
            whose = "this customer's" if cap.per == "customer" else "the day's"
            raise NotAllowed(
                f"This goes over {whose} cap of {money(cap.most_minor, cap.currency).text} ('{cap.name}'): "
                f"{left} is left, counting what is pending.",
                code="over_cap",
                next_step=f"Propose at most {left}, wait for the next day, or have what waits rejected.",
            )


def _spent(draft: Proposal, cap: Cap, connection: Connection, *, waiting_too: bool) -> int:
    column = proposals.c
    counted = [
        and_(column.state == "succeeded", column.settled_at >= cap.since),
        column.state.in_(ON_THE_WAY),
    ]
    if waiting_too:
        counted.append(and_(column.state == "waiting", column.expires_at > draft.created_at))
    wanted = [
        column.account == draft.account,
        column.mode == draft.mode,
        column.moves_currency == cap.currency,
        column.id != draft.id,
        or_(*counted),
    ]
    if cap.per == "customer":
        # Writes that name no customer share one cap: an unknown customer must not be a way around it.
        wanted.append(column.customer == draft.customer)
    if cap.skills is not None:
        wanted.append(column.skill.in_(cap.skills))
    total = connection.execute(select(func.coalesce(func.sum(func.abs(column.moves_minor)), 0)).where(*wanted))
    return int(total.scalar_one())
