"""Remembers, for the write that is being sent, whether an answer was lost on the way.

The library repeats a lost request under the same key and shows only the last answer. Where that is a 429 or a 401,
which Stripe gives before it looks at the key, the lost one may still have had its effect.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_lost: ContextVar[list[str] | None] = ContextVar("paydesk_lost_answers", default=None)


@contextmanager
def watched() -> Iterator[list[str]]:
    """While inside, each lost answer is noted in the list that this gives."""
    noted: list[str] = []
    token = _lost.set(noted)
    try:
        yield noted
    finally:
        _lost.reset(token)


def note(why: str) -> None:
    """An answer did not come, or said nothing about the effect."""
    noted = _lost.get()
    if noted is not None:
        noted.append(why)
