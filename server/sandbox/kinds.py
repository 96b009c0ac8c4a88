"""Kinds: what the sandbox must know of a kind of object to store, list, expand, search and show it.

A resource file declares its kinds once, at module level; importing the file is the registration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from paydesk.server.sandbox.call import Call

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object, under the name that its `object` field carries.

    - `name`: Stripe's, e.g. "payment_intent"; `prefix` of its ids, e.g. "pi_"
    - `called`: how errors name it ("No such payment_intent: ..."); `param`: which parameter a 404 on the path blames
    - `indexed`: dotted fields that lists filter by, each to be given to `Call.page(where=...)`
    - `expands`: dotted fields that hold an id and may be expanded; the id's prefix tells the kind
    - `includes`: fields that are there only when asked for with `expand`, and how each is made
    - `searches`: query field -> what sort of field it is (see search.py); empty where Stripe has no search
    - `shows`: turns the stored object into the shown one (time may have passed since it was written); gets its own copy
    """

    name: str
    prefix: str
    called: str = ""
    param: str = "id"
    indexed: tuple[str, ...] = ()
    expands: tuple[str, ...] = ()
    includes: Mapping[str, "Callable[[Call, Object], Any]"] = field(default_factory=dict)
    searches: Mapping[str, str] = field(default_factory=dict)
    shows: "Callable[[Call, Object], Object] | None" = None

    def __post_init__(self) -> None:
        if not self.called:
            object.__setattr__(self, "called", self.name)
        KINDS[self.name] = self
        if self.prefix:
            BY_PREFIX[self.prefix] = self


KINDS: Final[dict[str, Kind]] = {}
BY_PREFIX: Final[dict[str, Kind]] = {}


def kind_of_id(identifier: str) -> Kind | None:
    """The kind that an id belongs to, by its prefix; None where no kind has it."""
    head, underscore, _ = identifier.rpartition("_")
    # `cs_test_a1...` has two underscores, so the longest prefix is tried first.
    while underscore:
        kind = BY_PREFIX.get(head + "_")
        if kind:
            return kind
        head, underscore, _ = head.rpartition("_")
    return None


def visible(body: Object) -> Object:
    """The object without the sandbox's own notes, whose names begin with an underscore."""
    return {name: value for name, value in body.items() if not name.startswith("_")}


def dig(at: Any, path: str) -> Any:
    """The value under a dotted path of an object, or None where the path ends early."""
    for step in path.split("."):
        if not isinstance(at, dict):
            return None
        at = at.get(step)
    return at
