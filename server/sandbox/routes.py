"""Which handler answers which method and path. A resource file fills a `Resource`; the catalogue joins them all."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from paydesk.server.sandbox.errors import unrecognised_url
from paydesk.server.sandbox.params import EXPANDING, Declaration

if TYPE_CHECKING:
    from paydesk.server.sandbox.call import Answer

Handler = Callable[..., "Answer"]
Action = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: its template (`/v1/refunds/{refund}`), what it takes, and whether it writes.

    `alone`: it is about the whole sandbox, runs outside any transaction, and gets the sandbox and its parameters.
    """

    method: str
    template: str
    handler: Handler
    takes: Declaration
    writes: bool
    alone: bool = False


class Resource:
    """The operations and the timed actions of one resource file."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.actions: dict[str, Action] = {}

    def get(
        self, template: str, takes: Declaration | None = None, *, writes: bool = False
    ) -> Callable[[Handler], Handler]:
        """A reading operation; `writes=True` for the few reads that let something overdue happen first."""
        return self._add("GET", template, takes, writes=writes)

    def post(self, template: str, takes: Declaration | None = None) -> Callable[[Handler], Handler]:
        return self._add("POST", template, takes, writes=True)

    def delete(self, template: str, takes: Declaration | None = None) -> Callable[[Handler], Handler]:
        return self._add("DELETE", template, takes, writes=True)

    def control(
        self, template: str, takes: Declaration | None = None, *, method: str = "POST"
    ) -> Callable[[Handler], Handler]:
        """An operation on the sandbox itself: a function of the sandbox, the checked parameters and the path's."""

        def register(handler: Handler) -> Handler:
            self.routes.append(Route(method, template, handler, takes or {}, writes=True, alone=True))
            return handler

        return register

    def action(self, name: str) -> Callable[[Action], Action]:
        """Something that happens at a time: `call.later(at, name, **argument)` asks for it, the engine runs it."""

        def register(action: Action) -> Action:
            self.actions[name] = action
            return action

        return register

    def _add(
        self, method: str, template: str, takes: Declaration | None, *, writes: bool
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            declaration: Mapping[str, Any] = {**(takes or {}), **EXPANDING}
            self.routes.append(Route(method, template, handler, declaration, writes))
            return handler

        return register


_LEAF: Final = "/"
_ANY: Final = "{}"


class Routes:
    """All routes, as a tree of path segments; a literal segment wins over a parameter (`/search` over `/{id}`)."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.all: list[Route] = []
        self.actions: dict[str, Action] = {}
        self._tree: dict[str, Any] = {}
        for resource in resources:
            self.actions.update(resource.actions)
            for route in resource.routes:
                self._plant(route)

    def _plant(self, route: Route) -> None:
        self.all.append(route)
        at = self._tree
        for segment in route.template.strip("/").split("/"):
            at = at.setdefault(_ANY if segment.startswith("{") else segment, {})
        leaf = at.setdefault(_LEAF, {})
        if route.method in leaf:
            message = f"{route.method} {route.template} is declared twice"
            raise ValueError(message)
        names = tuple(part[1:-1] for part in route.template.split("/") if part.startswith("{"))
        leaf[route.method] = (route, names)

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route of a request and its path parameters; StripeError in Stripe's words where there is none."""
        values: list[str] = []
        at = self._tree
        for segment in path[1:].split("/"):
            following = at.get(segment) if segment not in (_LEAF, _ANY) else None
            if following is None and segment:
                following = at.get(_ANY)
                values.append(unquote(segment))
            if following is None:
                raise unrecognised_url(method, path)
            at = following
        found = at.get(_LEAF, {}).get(method)
        if found is None:
            raise unrecognised_url(method, path)
        route, names = found
        return route, dict(zip(names, values, strict=True))
