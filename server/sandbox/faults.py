"""Faults on demand, so that what stands on the sandbox can be shown to survive them.

A fault comes with one request (header `Paydesk-Sandbox-Fault: drop_after`, `latency; ms=250`,
`rate_limit; retry_after=2`) or is set for later ones (`POST /_sandbox/faults`, see `DECLARATION`).

- `latency`: the answer comes `ms` later          - `rate_limit`: 429, with `Retry-After` where given
- `fail_before`: 500, the operation never began   - `fail_during`: 500, undone, but kept for the idempotency key
- `fail_after`: 500 after the effect, also kept   - `drop_before`, `drop_after`: no answer, without or with the effect
- `conflict`: 409, the operation never began      - `garbage`: it happened, but the answer is no JSON
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.params import Declaration, choice, integer, required, text
from paydesk.server.sandbox.params import read as read_params
from paydesk.server.sandbox.storage import Store, dumps

KINDS: Final = (
    *("latency", "rate_limit", "conflict", "fail_before", "fail_during", "fail_after", "drop_before", "drop_after"),
    "garbage",
)
GARBAGE: Final = '<html>\r\n<head><title>200 OK</title></head>\r\n<body>{"object": "li'
MAX_LATENCY_MS: Final = 60_000
MAX_TIMES: Final = 10_000
DECLARATION: Final[Declaration] = {
    "kind": required(choice(*KINDS)),
    "times": integer(1, MAX_TIMES),
    "method": choice("GET", "POST", "DELETE"),
    "path": text(200),
    "ms": integer(0, MAX_LATENCY_MS),
    "retry_after": integer(0, 3600),
}


class ConnectionDropped(ConnectionError):
    """The in-process form of a connection that ends without an answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, for how many requests, and for which (empty: any method, any path that starts so)."""

    kind: str
    times: int = 1
    method: str = ""
    path: str = ""
    ms: int = 0
    retry_after: int | None = None

    def fits(self, method: str, path: str) -> bool:
        return (not self.method or self.method == method) and path.startswith(self.path)


def from_header(value: str) -> Fault:
    """A fault as the header writes it: `kind; name=value; ...`."""
    kind, *rest = (part.strip() for part in value.split(";"))
    form: dict[str, Any] = {"kind": kind}
    for part in rest:
        name, equals, text_value = part.partition("=")
        if not equals:
            raise StripeError(f"The fault header wants name=value after the kind, not: {part}", param="kind")
        form[name.strip()] = text_value.strip()
    return Fault(**read_params(DECLARATION, form))


def add(store: Store, typed: dict[str, Any]) -> Fault:
    """Set a fault for coming requests, from checked parameters."""
    fault = Fault(**typed)
    store.execute("INSERT INTO faults (body) VALUES (?)", (dumps(asdict(fault)),))
    return fault


def clear(store: Store) -> None:
    """Forget every set fault."""
    store.execute("DELETE FROM faults")


def waiting(store: Store, method: str, path: str) -> int | None:
    """The row of the first set fault that fits a request; None where there is none (the usual, cheap case)."""
    for seq, body in store.execute("SELECT seq, body FROM faults ORDER BY seq"):
        if Fault(**json.loads(body)).fits(method, path):
            return int(seq)
    return None


def take(store: Store, seq: int) -> Fault | None:
    """Use a set fault once; None where another process was faster."""
    row = store.execute("SELECT body FROM faults WHERE seq = ?", (seq,)).fetchone()
    if row is None:
        return None
    fault = Fault(**json.loads(row[0]))
    left = {**asdict(fault), "times": fault.times - 1}
    if left["times"]:
        store.execute("UPDATE faults SET body = ? WHERE seq = ?", (dumps(left), seq))
    else:
        store.execute("DELETE FROM faults WHERE seq = ?", (seq,))
    return fault
