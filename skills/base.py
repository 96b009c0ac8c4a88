"""What a skill is: a typed question or a planned write, declared once, from which tools, commands and lists are made.

A read is `async def name(params: P, desk: Desk) -> R` with `R` a `Result`. A write returns `Plan[R]`: it reads what it
needs, and says which request would be sent, and which have to be made before it; the gate shows, stores, asks and
sends. Skill code never sends a write.
"""

import hashlib
import inspect
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, Self, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from paydesk.skills.answer import Answer
    from paydesk.skills.chart import Chart
    from paydesk.skills.figures import FigureSource

Mode = Literal["sandbox", "test", "live"]
Json = dict[str, Any]


class Effect(StrEnum):
    """What a skill can change: nothing, the desk's own papers (never Stripe), data, or money."""

    READ = "read"
    DESK = "desk"
    WRITE = "write"
    MONEY = "money"


class Strict(BaseModel):
    """Base of every params model: unknown names and lax types are refused, values never change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True)


class WriteParams(Strict):
    """Base of every write's params."""

    # Undescribed: every write has them, and a list of tools is paid for with every conversation.
    again: bool = False
    dry_run: bool = False


class Result(BaseModel):
    """Base of every result: a small structured answer that can also say itself in words."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    def sentence(self) -> str:
        """One or two plain sentences with the figures that matter."""
        raise TypeError(f"{type(self).__name__} must say itself in a sentence")

    def lines(self) -> Sequence[str]:
        """One short line an item, for clients that read only text; empty where the sentence says all."""
        return ()

    def structured(self) -> Json:
        """The result as JSON, without the members that were not set."""
        return self.model_dump(mode="json", exclude_none=True)

    def whole(self) -> Json:
        """All that was found, as JSON, however little of it the caller wants told."""
        return self.structured()

    def drawing(self) -> "Chart | None":
        """The chart that goes with the answer, for the server to draw; None where none was asked for."""
        return None


@dataclass(frozen=True)
class NextCall:
    """A call that may be made next, through the gate as any other: the skill's name and its arguments."""

    skill: str
    arguments: Json


class WriteResult(Result):
    """Base of what a write brings about: made from Stripe's answer, also after a restart."""

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read Stripe's answer (a JSON object) into this result."""
        raise TypeError(f"{cls.__name__} must read Stripe's answer")

    def opposite(self) -> NextCall | None:
        """The call that takes this back, where the answer tells which; None leaves it to `Plan.opposite`."""
        return None


R = TypeVar("R", bound=Result)
W = TypeVar("W", bound=WriteResult)


@dataclass(frozen=True)
class Prepared:
    """Stands in a request's parameters for a field of what an earlier preparation made, such as its id.

    `step` counts `Plan.prepares` from 0. In canonical JSON it is the object `{"$prepared": {"field", "step"}}`: text of
    a user is always a string there, so none can pass for it.
    """

    step: int
    field: str = "id"

    def as_json(self) -> Json:
        """As it stands in canonical JSON."""
        return {_PREPARED: {"field": self.field, "step": self.step}}

    def in_path(self) -> str:
        """As it stands in a request's path, where no id could be written so."""
        return f"<{self.field} from step {self.step + 1}>"


_PREPARED = "$prepared"
_IN_PATH = re.compile(r"<([a-z_]+) from step (\d+)>")
_SAFE_ID = re.compile(r"[A-Za-z0-9_]{1,100}")


def _marker_as_json(value: object) -> Json:
    if isinstance(value, Prepared):
        return value.as_json()
    raise TypeError(f"a request cannot carry {type(value).__name__}")


def _with_markers(value: Any) -> Any:
    """JSON as it was stored, its markers again as `Prepared`."""
    if isinstance(value, list):
        return [_with_markers(item) for item in value]
    if not isinstance(value, dict):
        return value
    inner = value.get(_PREPARED)
    if len(value) == 1 and isinstance(inner, dict):
        return Prepared(step=int(inner["step"]), field=str(inner["field"]))
    return {name: _with_markers(item) for name, item in value.items()}


@dataclass(frozen=True)
class StripeRequest:
    """One exact write: method, path and parameters, as it would be sent."""

    method: Literal["POST", "DELETE"]
    path: str
    params: Json = field(default_factory=dict)

    def canonical(self) -> str:
        """The request as canonical JSON: sorted keys, no white space."""
        whole = {"method": self.method, "params": self.params, "path": self.path}
        return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_marker_as_json)

    def hash(self) -> str:
        """SHA-256 of the canonical JSON, in hex."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    @classmethod
    def from_canonical(cls, text: str) -> Self:
        """The request of which this is the canonical JSON."""
        whole = json.loads(text)
        return cls(whole["method"], whole["path"], _with_markers(whole["params"]))

    def resolved(self, answers: Sequence[Json]) -> Self:
        """The request as it is sent, with what the preparations made (their answers, in order) in its place.

        Raises LookupError where a preparation or its field is not there, or is no id where the path needs one.
        """
        path = _IN_PATH.sub(lambda found: _id_of(answers[int(found[2]) - 1][found[1]]), self.path)
        return type(self)(self.method, path, _resolved(self.params, answers))


def _id_of(value: object) -> str:
    if isinstance(value, str) and _SAFE_ID.fullmatch(value):
        return value
    raise LookupError("what was prepared has no id for the path")


def _resolved(value: Any, answers: Sequence[Json]) -> Any:
    if isinstance(value, Prepared):
        return answers[value.step][value.field]
    if isinstance(value, dict):
        return {name: _resolved(item, answers) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_resolved(item, answers) for item in value]
    return value


def requests_hash(prepares: Sequence[StripeRequest], request: StripeRequest) -> str:
    """SHA-256, in hex, of everything that a proposal sends: of its one request, or of the whole row of them."""
    if not prepares:
        return request.hash()
    row = "[" + ",".join(one.canonical() for one in (*prepares, request)) + "]"
    return hashlib.sha256(row.encode()).hexdigest()


@dataclass(frozen=True)
class Stake:
    """What a write moves: minor units as Stripe counts them, negative where it leaves the account."""

    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Plan(Generic[W]):
    """A write that was thought through and not sent.

    `says` is the sentence a person approves; `request` is exactly what would be sent; `moves` is the money at stake or
    None; `undo` says how it could be taken back, None where it cannot; `details` are label/value pairs that are shown.

    `relies_on` is what the plan read and depends on (field -> value). Before anything is sent, the skill plans again
    from the same arguments, and what differs in `relies_on` or in a request makes the proposal stale. So a plan must be
    repeatable: the same account gives the same requests, whatever the time of day.

    `prepares` are sent in order before `request`, each once and under a key of its own, where something has to exist
    first (a product and its price before a subscription). Later requests refer to what was made by `Prepared(step)`.
    `customer` is the id (cus_) of whom it concerns: caps per customer count by it. `opposite` is the call that takes
    the write back, where the plan knows it; `WriteResult.opposite` goes first.
    """

    says: str
    request: StripeRequest
    moves: Stake | None = None
    undo: str | None = None
    warnings: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    relies_on: Mapping[str, str | int | bool | None] = field(default_factory=dict)
    prepares: tuple[StripeRequest, ...] = ()
    customer: str | None = None
    opposite: NextCall | None = None

    def hash(self) -> str:
        """SHA-256, in hex, of all that would be sent."""
        return requests_hash(self.prepares, self.request)


ProposalState = Literal[
    "waiting", "approved", "sending", "succeeded", "failed", "rejected", "expired", "unknown", "stale", "canceled"
]


class Outcome(Result):
    """What became of a write: it waits for a person, was done, or was not.

    `state` is one of the proposal's states, or `planned` where only the plan was asked for (`dry_run`); `approve` says
    how a person approves it where it waits; `result` is the skill's own result once it succeeded; `error` is what
    Stripe or the desk said where it failed; `undo_call` is the call that takes a done write back.
    """

    state: ProposalState | Literal["planned"]
    proposal_id: str = ""
    says: str
    approve: str | None = None
    expires_at: datetime | None = None
    warnings: list[str] | None = None
    repeated: bool | None = Field(None, description="Already done before this call; nothing was sent again")
    replaced_by: str | None = Field(None, description="The proposal that was planned anew in place of a stale one")
    plan: Json | None = None
    result: Json | None = None
    undo_call: Json | None = None
    error: Json | None = None
    #: What the write is, by itself, for lists; `says` tells it together with its state.
    what: str = Field("", exclude=True)

    def sentence(self) -> str:
        """What happened, in words a model may pass on."""
        return self.says

    def lines(self) -> Sequence[str]:
        """What a plan shows line by line; of a proposal that waits what to beware of."""
        told = [f"Warning: {one.rstrip('.')}." for one in self.warnings or ()] if self.state == "waiting" else []
        return [str(line) for line in (self.plan or {}).get("shows", told)]

    def structured(self) -> Json:
        """As JSON; a plan that was not proposed has no id."""
        whole = super().structured()
        if not self.proposal_id:
            del whole["proposal_id"]
        return whole


@dataclass(frozen=True)
class Page:
    """One page of a list: objects as Stripe gives them, and the cursor of the next page or None."""

    data: list[Json]
    has_more: bool
    next_cursor: str | None = None
    total_count: int | None = None


class StripeReader(Protocol):
    """Reading from Stripe, for skills: plain JSON objects, every error a PaydeskError."""

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        """GET one object, such as `/v1/balance`. Raises NotFound where Stripe says 404."""

    async def page(self, path: str, params: Mapping[str, Any] | None = None) -> Page:
        """GET one page of a list or a search (`/v1/.../search`); cursor parameters as Stripe's."""

    def every(self, path: str, params: Mapping[str, Any] | None = None, *, most: int) -> AsyncIterator[Json]:
        """All objects of a list, page after page, newest first, at most `most` of them."""

    async def preview(self, params: Mapping[str, Any]) -> Json:
        """The invoice that a change would bring (`/v1/invoices/create_preview`): a POST that changes nothing."""

    async def compute(self, path: str, params: Mapping[str, Any]) -> Json:
        """What Stripe works out in a POST that moves and changes nothing: `/v1/tax/calculations`, `/v1/fx_quotes`."""


@dataclass(frozen=True)
class CustomerMatch:
    """A customer that a text may mean, and how well it fits, 0 to 100."""

    customer: Json
    score: float


class CustomerFinder(Protocol):
    """Who is meant, answered from an index of the account's customers."""

    async def resembling(self, text: str, *, handles_too: bool = False) -> list[CustomerMatch] | None:
        """Customers (id, name, email, created) that `text` may mean, best first; None while there is no index."""
        ...

    async def named_in(self, text: str) -> list[str]:
        """Customers' names that stand in a sentence, as written there; empty while there is no index."""
        ...

    async def fresh(self, match: CustomerMatch) -> Json | None:
        """The whole customer from Stripe; None where it has gone or changed its name, which is then known."""
        ...


class Desk(Protocol):
    """What a skill may use while it answers one call."""

    @property
    def mode(self) -> Mode:
        """Where the account lives: the sandbox, Stripe's test mode, or live."""
        ...

    @property
    def stripe(self) -> StripeReader:
        """Reading from the account of this call."""
        ...

    @property
    def customers(self) -> CustomerFinder:
        """Finding customers of this account by what people call them."""
        ...

    @property
    def figures(self) -> "FigureSource | None":
        """Figures from the account's mirror; None where there can be none."""
        ...

    def now(self) -> datetime:
        """The current time, UTC; the sandbox's own clock where the desk runs on it."""
        ...

    async def proposal(self, proposal_id: str) -> Outcome:
        """One proposal of this principal and account. Raises NotFound."""
        ...

    async def proposals(self) -> list[Outcome]:
        """The proposals of this principal and account that wait or ended lately, newest first."""
        ...

    async def cancel_proposal(self, proposal_id: str) -> Outcome:
        """Withdraw a waiting proposal of this principal. Raises NotFound, or GateError where it no longer waits."""
        ...

    async def ask(self, text: str, conversation: str | None = None) -> "Answer":
        """Understand a sentence and answer it, through the same path as any call."""
        ...


@dataclass(frozen=True)
class Skill:
    """One thing that can be asked of the desk. File name = function name = tool name."""

    name: str
    title: str
    description: str
    effect: Effect
    toolset: str
    says: tuple[str, ...]
    examples: tuple[Json, ...]
    params: type[Strict]
    result: type[Result]
    run: Callable[[Any, Desk], Awaitable[Any]]

    @property
    def writes(self) -> bool:
        """Whether calling it ends at the gate."""
        return self.effect in {Effect.WRITE, Effect.MONEY}

    @property
    def answers(self) -> type[Result]:
        """What a caller receives: the result itself for a read, the outcome of a proposal for a write."""
        return Outcome if self.writes else self.result


def skill(
    *,
    effect: Effect,
    toolset: str,
    says: Sequence[str] = (),
    examples: Sequence[Json] = (),
    title: str | None = None,
) -> Callable[[Callable[[Any, Desk], Awaitable[Any]]], Skill]:
    """Declare a skill. The description is the docstring's first line; params and result come from the annotations.

    Raises TypeError where the function does not have the shape of a skill, so that a mistake is seen at import.
    """

    def declare(run: Callable[[Any, Desk], Awaitable[Any]]) -> Skill:
        name = run.__name__
        hints = get_type_hints(run)
        params, returned = hints.get("params"), hints.get("return")
        result = get_args(returned)[0] if get_origin(returned) is Plan else returned
        if not (isinstance(params, type) and issubclass(params, Strict)):
            raise TypeError(f"{name}: the first parameter must be params, a Strict model")
        if not (isinstance(result, type) and issubclass(result, Result)):
            raise TypeError(f"{name}: must return a Result, or a Plan of a WriteResult")
        if (effect in {Effect.WRITE, Effect.MONEY}) != (get_origin(returned) is Plan):
            raise TypeError(f"{name}: a write returns a Plan and nothing else does")
        return Skill(
            name=name,
            title=title or name.replace("_", " ").capitalize(),
            description=(inspect.getdoc(run) or "").split("\n", 1)[0],
            effect=effect,
            toolset=toolset,
            says=tuple(says),
            examples=tuple(examples),
            params=params,
            result=result,
            run=run,
        )

    return declare
