"""Form encoding as Stripe reads it: `a[b][c]=1`, `a[0]=1`, `a[]=1`, `a[0][b]=1`; the same for query strings.

Decoding gives nested dicts whose leaves are text. Lists stay dicts with the keys "0", "1", ... until a declaration
says that a list is meant: `metadata[0]=x` is a mapping, `items[0][price]=x` a list, and only the declaration knows.
"""

from typing import Any, Final
from urllib.parse import parse_qsl

from paydesk.server.sandbox.errors import StripeError

MAX_PAIRS: Final = 5_000
MAX_DEPTH: Final = 12

Form = dict[str, Any]


def decode(text: str) -> Form:
    """Nested parameters of a form body or query string; StripeError where names do not nest or are too many."""
    if not text:
        return {}
    try:
        # What was no UTF-8 on the wire came in as lone surrogates.
        text.encode()
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PAIRS, errors="strict")
    except UnicodeError:
        raise StripeError("Invalid UTF-8 in request parameters.") from None
    except ValueError:
        raise StripeError(f"Too many parameters: a request may carry {MAX_PAIRS}.") from None
    form: Form = {}
    for name, value in pairs:
        _place(form, name, value)
    return form


def _place(form: Form, name: str, value: str) -> None:
    path = _path(name)
    at = form
    for step in path[:-1]:
        key = step or _append_key(at, path)
        nested = at.setdefault(key, {})
        if not isinstance(nested, dict):
            raise StripeError("Invalid object", param=path[0])
        at = nested
    last = path[-1] or str(len(at))
    if isinstance(at.get(last), dict):
        raise StripeError("Invalid object", param=path[0])
    at[last] = value


def _append_key(at: Form, path: list[str]) -> str:
    """`a[][b]=1&a[][c]=2` describes one element; a name that comes again opens the next one."""
    if not at:
        return "0"
    newest = str(len(at) - 1)
    following = path[-1]
    element = at.get(newest)
    return str(len(at)) if isinstance(element, dict) and following in element else newest


def _path(name: str) -> list[str]:
    if "[" not in name:
        return [name]
    head, _, rest = name.partition("[")
    if not head or not rest.endswith("]"):
        return [name]
    path = [head, *rest[:-1].split("][")]
    if len(path) > MAX_DEPTH:
        raise StripeError("Invalid object", param=head)
    return path
