"""The journal's rows: what a proposal is, and every change of its state as compare-and-set."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, bindparam, insert, or_, select, update

from paydesk.server.gate.policy import Demand
from paydesk.server.gate.traces import MARK
from paydesk.server.store.schema import proposals
from paydesk.skills.base import (
    Effect,
    Json,
    Mode,
    NextCall,
    ProposalState,
    Stake,
    StripeRequest,
    requests_hash,
)

LIVE: tuple[ProposalState, ...] = ("waiting", "approved", "sending", "unknown")
ON_THE_WAY: tuple[ProposalState, ...] = ("approved", "sending", "unknown")


@dataclass(frozen=True)
class Proposal:
    """One row of the journal. Times are UTC; `prepares` and `request` are exactly what is sent, their marks included.

    `plan_hash` is of the plan's requests without marks; `request_hash` binds all that is sent.
    """

    id: str
    state: ProposalState
    skill: str
    effect: Effect
    principal: str
    account: str
    mode: Mode
    plan_hash: str
    request: StripeRequest
    request_hash: str
    idempotency_key: str
    says: str
    details: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    undo: str | None
    moves: Stake | None
    shown_hash: str
    demand: Demand
    relies_on: Mapping[str, Any]
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    decided_via: str | None = None
    taken_at: datetime | None = None
    taken_at_stripe: datetime | None = None
    lease_owner: str | None = None
    lease_until: datetime | None = None
    tries: int = 0
    settled_at: datetime | None = None
    answer_id: str | None = None
    done_says: str | None = None
    result: Json | None = None
    error: Json | None = None
    arguments: Json | None = None
    prepares: tuple[StripeRequest, ...] = ()
    customer: str | None = None
    opposite: NextCall | None = None
    undo_call: Json | None = None
    replaced_by: str | None = None
    look_again_at: datetime | None = None

    @classmethod
    def from_row(cls, row: RowMapping) -> Self:
        """A row as it is stored."""
        values: dict[str, Any] = {column.name: row[column] for column in proposals.c}
        minor, currency = values.pop("moves_minor"), values.pop("moves_currency")
        values["moves"] = None if minor is None else Stake(minor, currency)
        values["request"] = StripeRequest.from_canonical(values["request"])
        values["prepares"] = tuple(StripeRequest.from_canonical(one) for one in values["prepares"] or ())
        values["opposite"] = NextCall(**values["opposite"]) if values["opposite"] else None
        values["effect"] = Effect(values["effect"])
        values["details"] = tuple((str(label), str(value)) for label, value in values["details"])
        values["warnings"] = tuple(values["warnings"])
        values["demand"] = Demand.from_json(values["demand"])
        return cls(**values)

    def as_row(self) -> dict[str, Any]:
        """The row to store."""
        values = dict(self.__dict__)
        moves = values.pop("moves")
        values["moves_minor"] = moves.amount_minor if moves else None
        values["moves_currency"] = moves.currency if moves else None
        values["request"] = self.request.canonical()
        values["prepares"] = [one.canonical() for one in self.prepares] or None
        values["opposite"] = asdict(self.opposite) if self.opposite else None
        values["details"] = [list(pair) for pair in self.details]
        values["warnings"] = list(self.warnings)
        values["demand"] = self.demand.as_json()
        values["relies_on"] = dict(self.relies_on)
        return values

    def sends_hash(self) -> str:
        """SHA-256 of all that it sends, worked out from the requests as they stand in the row."""
        return requests_hash(self.prepares, self.request)

    def is_due(self, now: datetime) -> bool:
        """Whether it waited too long."""
        return self.state in {"waiting", "approved"} and now >= self.expires_at


_column = proposals.c
# Statements are built once: building one anew costs more than SQLite takes to run it.
_ADD = insert(proposals)
_FIND = select(proposals).where(_column.id == bindparam("id"), _column.mode == bindparam("mode"))
_TWINS = (
    select(proposals)
    .where(
        *(_column[name] == bindparam(name) for name in ("principal", "plan_hash", "skill", "account", "mode")),
        or_(
            _column.state.in_(ON_THE_WAY),
            and_(_column.state == "waiting", _column.expires_at > bindparam("now")),
            and_(_column.state.in_(("succeeded", "rejected")), _column.settled_at > bindparam("since")),
        ),
    )
    .order_by(_column.created_at.desc())
)
_WAITING = select(_column.id, _column.expires_at).where(_column.state == "waiting")
_WAITING_OF = _WAITING.where(_column.principal == bindparam("of"))
_MOVE = update(proposals).where(
    _column.id == bindparam("its_id"), _column.state.in_(bindparam("come_from", expanding=True))
)
_MOVE_HELD = _MOVE.where(_column.lease_owner == bindparam("held_by"))


def key_for(proposal_id: str, request_hash: str) -> str:
    """The idempotency key: the same for the same proposal and request, and for nothing else."""
    return f"paydesk-{proposal_id}-{hashlib.sha256(f'{MARK}:{proposal_id}:{request_hash}'.encode()).hexdigest()[:24]}"


def add(connection: Connection, proposal: Proposal) -> None:
    """Store a new proposal."""
    connection.execute(_ADD, proposal.as_row())


def find(
    connection: Connection, proposal_id: str, *, principal: str | None, account: str | None, mode: Mode
) -> Proposal | None:
    """The proposal, if it belongs to this principal, account and mode; None for the first two means any."""
    row = connection.execute(_FIND, {"id": proposal_id, "mode": mode}).mappings().one_or_none()
    if row is None or (principal is not None and row["principal"] != principal):
        return None
    return None if account is not None and row["account"] != account else Proposal.from_row(row)


def _belongs(principal: str | None, account: str | None, mode: Mode) -> list[ColumnElement[bool]]:
    belongs = [proposals.c.mode == mode]
    if principal is not None:
        belongs.append(proposals.c.principal == principal)
    if account is not None:
        belongs.append(proposals.c.account == account)
    return belongs


def newest(
    connection: Connection,
    *,
    principal: str | None,
    account: str | None,
    mode: Mode,
    states: Iterable[ProposalState] | None,
    most: int,
) -> list[Proposal]:
    """The newest proposals first, in these states or any."""
    wanted = _belongs(principal, account, mode)
    if states is not None:
        wanted.append(proposals.c.state.in_(list(states)))
    query = select(proposals).where(*wanted).order_by(proposals.c.created_at.desc(), proposals.c.id).limit(most)
    return [Proposal.from_row(row) for row in connection.execute(query).mappings()]


def twins(connection: Connection, like: Proposal, *, since: datetime) -> Sequence[Proposal]:
    """Proposals of the same write by the same principal that are alive or ended since then, newest first."""
    same = {name: getattr(like, name) for name in ("principal", "plan_hash", "skill", "account", "mode")}
    found = connection.execute(_TWINS, same | {"now": like.created_at, "since": since})
    return [Proposal.from_row(row) for row in found.mappings()]


class Waiting(NamedTuple):
    """A question that a person has before them, and when its time is over."""

    id: str
    expires_at: datetime


def waiting(connection: Connection, *, principal: str | None) -> list[Waiting]:
    """What is stored as waiting, of this principal or any, whether or not its time is over."""
    found = connection.execute(_WAITING) if principal is None else connection.execute(_WAITING_OF, {"of": principal})
    return [Waiting(row.id, row.expires_at) for row in found]


def left_behind(connection: Connection, mode: Mode, *, most: int) -> list[Proposal]:
    """Approved writes that nobody has ended: what a crash or a silent Stripe left.

    Those that were tried least come first, so that one that stays unknown does not keep others waiting.
    """
    wanted = [proposals.c.state.in_(ON_THE_WAY), *_belongs(None, None, mode)]
    query = select(proposals).where(*wanted).order_by(proposals.c.tries, proposals.c.created_at).limit(most)
    return [Proposal.from_row(row) for row in connection.execute(query).mappings()]


def move(
    connection: Connection,
    proposal_id: str,
    *,
    come_from: Sequence[ProposalState],
    to: ProposalState,
    held_by: str | None = None,
    **values: Any,
) -> bool:
    """Change the state if it is still one of `come_from`, and held by this owner where one is named.

    Returns whether this caller was the one: of several at once, one.
    """
    still: dict[str, Any] = {"its_id": proposal_id, "come_from": list(come_from)}
    if held_by is not None:
        still["held_by"] = held_by
    changed = connection.execute(_MOVE if held_by is None else _MOVE_HELD, still | {"state": to, **values})
    return changed.rowcount == 1


def claim(connection: Connection, proposal: Proposal, *, owner: str, until: datetime, look_again_at: datetime) -> bool:
    """Take over a row that nobody works on, as `unknown`: only if its holder is still the one that was seen."""
    column = proposals.c
    same_holder = (
        column.lease_owner.is_(None) if proposal.lease_owner is None else column.lease_owner == proposal.lease_owner
    )
    still = [column.id == proposal.id, column.state == proposal.state, same_holder]
    changed = connection.execute(
        update(proposals)
        .where(*still)
        .values(
            state="unknown",
            lease_owner=owner,
            lease_until=until,
            look_again_at=look_again_at,
            tries=proposals.c.tries + 1,
        )
    )
    return changed.rowcount == 1
