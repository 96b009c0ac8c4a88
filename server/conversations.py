"""What conversations remember: per principal and conversation, bounded, forgotten after a while, never written down.

One desk serves one account in one mode, so its memory is of that account alone. Another principal who names the same
conversation has another memory.
"""

import re
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from paydesk.intents.conversation import Memory
from paydesk.server.errors import ArgumentError
from paydesk.server.limits import CONVERSATION_TTL_S, CONVERSATIONS_MOST, CONVERSATIONS_OF_ONE_MOST

_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


@dataclass
class Held:
    """One conversation while a sentence of it is answered; what `memory` is at the end is what is remembered."""

    id: str
    memory: Memory = field(default_factory=Memory)
    used_at: float = 0.0
    lock: anyio.Lock = field(default_factory=anyio.Lock)


class Conversations:
    """The memories of one desk, the longest unused forgotten first. `clock` is in seconds and never runs back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: OrderedDict[tuple[str, str], Held] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    @asynccontextmanager
    async def turn(self, principal: str, conversation: str | None) -> AsyncIterator[Held]:
        """One sentence of a conversation, one at a time; a new one where none is named. Raises ArgumentError."""
        if conversation is not None and not _ID.fullmatch(conversation):
            raise ArgumentError(
                "A conversation's id is 1 to 64 letters, digits, and . _ : -.",
                field="conversation",
                next_step="Give the id of the last answer, or none to begin anew.",
            )
        self._forget_old()
        key = (principal, conversation or f"c_{secrets.token_hex(6)}")
        held = self._held.setdefault(key, Held(key[1], used_at=self._clock()))
        self._held.move_to_end(key)
        self._forget_many(principal)
        async with held.lock:
            # Whoever waited for the lock may have waited long, or been forgotten meanwhile.
            if self._clock() - held.used_at > CONVERSATION_TTL_S:
                held.memory = Memory()
            try:
                yield held
            finally:
                held.used_at = self._clock()

    def _forget_old(self) -> None:
        now = self._clock()
        for key in [key for key, held in self._held.items() if now - held.used_at > CONVERSATION_TTL_S]:
            if not self._held[key].lock.locked():
                del self._held[key]

    def _forget_many(self, principal: str) -> None:
        own = [key for key in self._held if key[0] == principal]
        for key in own[: max(0, len(own) - CONVERSATIONS_OF_ONE_MOST)]:
            del self._held[key]
        while len(self._held) > CONVERSATIONS_MOST:
            self._held.popitem(last=False)
