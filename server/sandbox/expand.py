"""`expand[]`: ids replaced by their objects, up to four levels deep; and fields that are shown only when asked for."""

import json
from typing import TYPE_CHECKING, Any, Final

from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import KINDS, Object, kind_of_id, visible

if TYPE_CHECKING:
    from paydesk.server.sandbox.call import Call

MAX_DEPTH: Final = 4


def expand(call: "Call", answer: Object, paths: list[str]) -> Object:
    """Expand every path in a fresh copy of the answer; StripeError for a path that cannot be expanded."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > MAX_DEPTH:
            raise StripeError(
                f"You cannot expand more than {MAX_DEPTH} levels of a property. Property: {path}", param="expand"
            )
        if answer.get("object") in ("list", "search_result"):
            _expand_list(call, answer, steps, path)
        else:
            _expand_object(call, answer, steps, path)
    return answer


def _expand_list(call: "Call", answer: Object, steps: list[str], path: str) -> None:
    if steps == ["total_count"] and answer["object"] == "search_result":
        return
    if steps[0] != "data" or len(steps) == 1:
        raise _cannot(path, steps[0])
    for element in answer["data"]:
        _expand_object(call, element, steps[1:], path)


def _expand_object(call: "Call", body: Object, steps: list[str], path: str) -> None:
    """Walk as far as one declared field reaches (it may be dotted), open it, and go on with what is left."""
    kind = KINDS.get(body.get("object", ""))
    if kind is None or body.get("deleted"):
        return
    for length in range(len(steps), 0, -1):
        name = ".".join(steps[:length])
        if name in kind.includes:
            for holder in _holders(body, steps[: length - 1]):
                if steps[length - 1] not in holder:
                    holder[steps[length - 1]] = kind.includes[name](call, body)
                _go_on(call, holder[steps[length - 1]], steps[length:], path)
            return
        if name in kind.expands:
            for holder in _holders(body, steps[: length - 1]):
                _open(call, holder, steps[length - 1])
                _go_on(call, holder.get(steps[length - 1]), steps[length:], path)
            return
    # Not a field of its own, but objects may stand inside: `lines.data.price`, `items.data.price.product`.
    inner = body.get(steps[0])
    if len(steps) > 1 and isinstance(inner, (dict, list)):
        _go_on(call, inner, steps[1:], path)
        return
    raise _cannot(path, steps[0])


def _go_on(call: "Call", value: Any, steps: list[str], path: str) -> None:
    if not steps:
        return
    if isinstance(value, list):
        for element in value:
            _go_on(call, element, steps, path)
    elif isinstance(value, dict):
        if value.get("object") == "list":
            _expand_list(call, value, steps, path)
        elif "object" in value:
            _expand_object(call, value, steps, path)


def _holders(body: Object, steps: list[str]) -> list[Object]:
    """The hashes that a dotted field's last name stands in; lists on the way fan out."""
    found: list[Any] = [body]
    for step in steps:
        found = [one.get(step) for one in found if isinstance(one, dict)]
        found = [inner for one in found for inner in (one if isinstance(one, list) else [one])]
    return [one for one in found if isinstance(one, dict)]


def _open(call: "Call", holder: Object, name: str) -> None:
    value = holder.get(name)
    if isinstance(value, str):
        holder[name] = _object_of(call, value, name) or _object_there(call, holder, value) or value
    elif isinstance(value, list):
        holder[name] = [(_object_of(call, one, name) or one) if isinstance(one, str) else one for one in value]


def _object_of(call: "Call", identifier: str, name: str) -> Object | None:
    # The field's name tells the kind where the id does not: coupon ids are the merchant's own, and an old card of a
    # customer (card_...) is a payment method, too.
    kinds = [kind for kind in (KINDS.get(name), kind_of_id(identifier)) if kind]
    rows = (call.store.get(call.account, kind.name, identifier) for kind in kinds)
    row = next((row for row in rows if row), None)
    if not row:
        return None
    # A copy of its own: the same object may be expanded in several places of one answer.
    body: Object = json.loads(row.body)
    return shown(call, body)


def _object_there(call: "Call", holder: Object, identifier: str) -> Object | None:
    """What a transfer or a fee names in the connected account's books; only the platform has such objects."""
    if not identifier.startswith(("py_", "ch_")):
        return None
    for name in ("destination", "account"):
        account = holder.get(name)
        account = account["id"] if isinstance(account, dict) else account
        if isinstance(account, str) and account.startswith("acct_") and account != call.account:
            return _object_of(call.of(account), identifier, name)
    return None


def kept(call: "Call", body: Object, note: str) -> Any:
    """A note of a stored object, which the shown one does not have; None where it has none."""
    row = call.store.get(call.account, body["object"], body["id"])
    return json.loads(row.body).get(note) if row else None


def shown(call: "Call", body: Object) -> Object:
    """The object as it is shown now; kinds without a `shows` are shown as they are stored."""
    kind = KINDS.get(body.get("object", ""))
    if body.get("deleted"):
        return visible(body)
    return body if kind is None or kind.shows is None else kind.shows(call, body)


def _cannot(path: str, name: str) -> StripeError:
    return StripeError(
        f"This property cannot be expanded ({path if path.startswith(name) else name}). "
        "You may want to try expanding a different property, or see https://stripe.com/docs/api/expanding_objects",
        param="expand",
    )
