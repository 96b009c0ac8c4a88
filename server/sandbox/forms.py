"""Form encoding as Stripe reads it: `a[b][c]=1`, `a[0]=1`, `a[]=1`, `a[0][b]=1`; the same for query strings.

Decoding gives nested dicts whose leaves are text. Lists stay dicts with the keys "0", "1", ... until a declaration
says that a list is meant: `metadata[0]=x` is a mapping, `items[0][price]=x` a list, and only the declaration knows.

`multipart/form-data` gives the same, with files as `Upload` leaves; JSON (the v2 endpoints) gives the same with its
scalars written as a form would.
"""

import json
import re
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart body: the name and type that the sender gave it, and its bytes."""

    filename: str
    content_type: str
    content: bytes


_BOUNDARY: Final = re.compile(r'boundary="?([^";,\s]{1,70})"?', re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r'(?<![\w*])(name|filename)="((?:\\.|[^"\\])*)"')


def decode_multipart(content_type: str, body: bytes) -> Form:
    """The parameters and files of a multipart body; StripeError where it does not hold together."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise _misshapen("it names no boundary")
    mark = b"--" + boundary[1].encode("latin-1")
    # What stands before the first mark is a preamble; the last mark carries two dashes more.
    _, *parts = (b"\r\n" + body).split(b"\r\n" + mark)
    if not parts or not parts[-1].startswith(b"--"):
        raise _misshapen("it does not end with its boundary")
    if len(parts) > MAX_PAIRS:
        raise StripeError(f"Too many parameters: a request may carry {MAX_PAIRS}.")
    form: Form = {}
    for part in parts[:-1]:
        name, value = _read_part(part)
        _place(form, name, value)
    return form


def _read_part(part: bytes) -> tuple[str, "str | Upload"]:
    head, separator, content = part.partition(b"\r\n\r\n")
    if not separator:
        raise _misshapen("a part has no headers")
    headers = {}
    try:
        for line in head.decode().strip().split("\r\n"):
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        given = dict(_ATTRIBUTE.findall(headers.get("content-disposition", "")))
        if "filename" in given:
            kind = headers.get("content-type", "application/octet-stream")
            return _named(given), Upload(given["filename"], kind, content)
        return _named(given), content.decode()
    except UnicodeDecodeError:
        raise StripeError("Invalid UTF-8 in request parameters.") from None


def _named(given: dict[str, str]) -> str:
    if not given.get("name"):
        raise _misshapen("a part has no name")
    return given["name"]


def _misshapen(why: str) -> StripeError:
    return StripeError(f"Invalid request: the multipart body could not be read, {why}.")


def decode_json(body: bytes) -> Form:
    """A JSON object as the same nested form; StripeError for anything else."""
    if not body.strip():
        return {}
    try:
        found = json.loads(body)
        if b"\\ud" in body.lower():
            # An escape may write half of a character, which no text can hold.
            json.dumps(found, ensure_ascii=False).encode()
        if isinstance(found, dict):
            return {str(name): _as_form(value, 1) for name, value in found.items()}
    except (ValueError, RecursionError):
        pass
    raise StripeError("Invalid request: the body must be a JSON object.")


def _as_form(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise StripeError("Invalid object")
    if isinstance(value, list):
        value = {str(index): one for index, one in enumerate(value)}
    if isinstance(value, dict):
        return {name: _as_form(one, depth + 1) for name, one in value.items()} if value else ""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _place(form: Form, name: str, value: "str | Upload") -> None:
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
