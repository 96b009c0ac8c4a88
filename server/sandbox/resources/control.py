"""The sandbox itself: empty it, fill it, keep its content and bring it back, set its clock, make keys. Ours, all under
`/_sandbox/`. Each runs alone, between two requests.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from paydesk.server.sandbox import founding, permissions, wall_clock
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.ids import id_maker, ids_of_request
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import Param, boolean, choice, integer, required, table, text
from paydesk.server.sandbox.routes import Resource

if TYPE_CHECKING:
    from paydesk.server.sandbox.app import Sandbox

MAX_SNAPSHOTS: Final = 20
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)

resource = Resource()


@resource.control("/_sandbox/reset")
def reset(sandbox: "Sandbox", _params: dict[str, Any]) -> Object:
    """Take everything out: an empty account of the same id, settlement and clock."""
    with sandbox.store.transaction(writes=True):
        sandbox.store.clear()
        # The ids of a sandbox that was empty from the start are its own; any other is now empty too.
        sandbox.store.set_fact("seed", "")
    return {"object": "sandbox.state", "account": sandbox.account, "objects": 0}


@resource.control("/_sandbox/seed", {"seed": required(integer(0))})
def seed(sandbox: "Sandbox", params: dict[str, Any]) -> Object:
    """Take everything out and put the business of a seed in, lived up to now by the sandbox's clock."""
    store = sandbox.store
    if store.fact("settlement"):
        raise StripeError(
            "This sandbox was started with a country, currency, fees or rates; the made-up business has its own.",
            param="seed",
        )
    with store.transaction(writes=True):
        store.clear()
        for name in ("account", "seed", "ids"):
            store.execute("DELETE FROM facts WHERE name = ?", (name,))
        now = wall_clock.now(store, sandbox.real_now)
        founding.found(store, params["seed"], now, None, None, is_empty=False)
    sandbox.reopened()
    return {"object": "sandbox.state", "account": sandbox.account, "objects": store.newest_seq()}


def _snapshot_name() -> Param:
    name = text(40)

    def read(value: Any, param: str) -> str:
        found = str(name.read(value, param))
        if not _NAME.fullmatch(found):
            raise StripeError("Invalid name: letters, digits, - and _ only, at most 40.", param=param)
        return found

    return Param(read)


@resource.control("/_sandbox/snapshot", {"name": _snapshot_name()})
def snapshot(sandbox: "Sandbox", params: dict[str, Any]) -> Object:
    """Keep the content under a name (`default`); beside the file, or for a sandbox in memory as long as it runs."""
    name = params.get("name", "default")
    if sandbox.store.path:
        with closing(sqlite3.connect(_beside(sandbox.store.path, name))) as place:
            sandbox.store.copy_to(place)
    else:
        kept = sandbox.snapshots
        if name not in kept and len(kept) >= MAX_SNAPSHOTS:
            raise StripeError(f"The sandbox keeps {MAX_SNAPSHOTS} snapshots; write over one of them.", param="name")
        kept[name] = kept.get(name) or sqlite3.connect("", check_same_thread=False)
        sandbox.store.copy_to(kept[name])
    return {"object": "sandbox.snapshot", "name": name, "objects": sandbox.store.newest_seq()}


@resource.control("/_sandbox/restore", {"name": _snapshot_name()})
def restore(sandbox: "Sandbox", params: dict[str, Any]) -> Object:
    """Bring back what a snapshot kept, its clock included."""
    name = params.get("name", "default")
    if sandbox.store.path:
        place = _beside(sandbox.store.path, name)
        if not place.exists():
            raise _no_snapshot(name)
        with closing(sqlite3.connect(place)) as kept:
            sandbox.store.copy_from(kept)
    else:
        if name not in sandbox.snapshots:
            raise _no_snapshot(name)
        sandbox.store.copy_from(sandbox.snapshots[name])
    sandbox.reopened()
    return {"object": "sandbox.snapshot", "name": name, "objects": sandbox.store.newest_seq()}


def _beside(path: Path, name: str) -> Path:
    return path.with_name(f"{path.name}.{name}.snapshot")


def _no_snapshot(name: str) -> StripeError:
    return StripeError(f"No such snapshot: '{name}'", status=404, code="resource_missing", param="name")


def _moment() -> Param:
    def read(value: Any, name: str) -> int:
        try:
            return wall_clock.moment(value if isinstance(value, str) else "")
        except ValueError as error:
            raise StripeError(f"Invalid {name}: {error}.", param=name) from None

    return Param(read)


@resource.control("/_sandbox/clock", {"now": _moment(), "advance": integer(0), "frozen": boolean()})
def clock(sandbox: "Sandbox", params: dict[str, Any]) -> Object:
    """Set the clock to `now`, or `advance` it by seconds; `frozen` holds it or lets it go on; else tell."""
    if "now" in params and "advance" in params:
        raise StripeError("Set the clock with now, or move it with advance, not both.", param="advance")
    store, real = sandbox.store, sandbox.real_now
    with store.transaction(writes=True):
        held = params.get("frozen", wall_clock.setting(store).held_at is not None)
        at = params.get("now", wall_clock.now(store, real) + params.get("advance", 0))
        if at > wall_clock.LATEST:
            raise StripeError("The clock ends with the year 9999.", param="advance")
        if params:
            wall_clock.put(store, real, at, held=held)
    return {"object": "sandbox.clock", "frozen": held, "now": at}


@resource.control(
    "/_sandbox/keys",
    {"permissions": required(table(choice(permissions.NONE, permissions.READ, permissions.WRITE)))},
)
def make_key(sandbox: "Sandbox", params: dict[str, Any]) -> Object:
    """A restricted key: `permissions[customer]=read`, `permissions[charge]=write`, `permissions[all]=read`."""
    from paydesk.server.sandbox.catalogue import ROUTES

    known = {what for route in ROUTES.all if (what := permissions.subject(route.template))} | {"all"}
    for name in params["permissions"]:
        if name not in known:
            raise StripeError(
                f"No such permission: {name[:40]}. There are: {', '.join(sorted(known))}", param=f"permissions[{name}]"
            )
    with sandbox.store.transaction(writes=True):
        seed_of_ids = sandbox.store.fact("ids")
        made = permissions.count(sandbox.store)
        new_id = id_maker() if seed_of_ids is None else ids_of_request(sandbox.store, f"{seed_of_ids} key {made}")
        secret = new_id(permissions.PREFIX)
        permissions.make(sandbox.store, secret, params["permissions"])
    return {"object": "sandbox.key", "permissions": params["permissions"], "secret": secret}
