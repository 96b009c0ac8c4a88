"""Rehearsals: letting something happen to see the invoice that it would make, and then undoing all of it."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, NoReturn

from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Object


class _DraftedError(Exception):
    """The rehearsal has come to an invoice."""

    def __init__(self, invoice: Object) -> None:
        super().__init__(invoice["id"])
        self.invoice = invoice


class _UndoError(Exception):
    """Nothing of a rehearsal stays."""


@dataclass(slots=True)
class Rehearsal(Call):
    """A call that ends as soon as an invoice would be stored."""

    def create(self, body: Object, emits: str | None = None) -> Object:
        if body["object"] == "invoice":
            raise _DraftedError(body)
        return Call.create(self, body, emits)

    def going_on(self, **changed: Any) -> "Rehearsal":
        """The same rehearsal at another time, or with other parameters; what it did so far is seen by it."""
        return Rehearsal(**{**_fields_of(self), **changed})


def _fields_of(call: Call) -> dict[str, Any]:
    return {one.name: getattr(call, one.name) for one in fields(Call)}


def first_invoice(
    call: Call, steps: list[Callable[[Rehearsal], None]], finish: Callable[[Rehearsal, Object], Object]
) -> Object | None:
    """The first invoice that one of the steps would make, `finish`ed while all is as it would be; None for none."""
    found: Object | None = None
    try:
        with call.store.savepoint():
            rehearsal = Rehearsal(**{**_fields_of(call), "_loaded": {}, "_others": {}})
            try:
                for step in steps:
                    step(rehearsal)
            except _DraftedError as drafted:
                found = finish(rehearsal, drafted.invoice)
            _undo()
    except _UndoError:
        pass
    return found


def _undo() -> NoReturn:
    raise _UndoError
