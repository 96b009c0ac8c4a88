"""PINs of the people who approve: kept as argon2 hashes, and slow to guess.

As soon as one person has a PIN, nobody approves out of band without one. A wrong one is counted before it is looked at,
so that neither a crash nor many tries at once get around the pause.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import anyio
from sqlalchemy import Connection, delete, insert, select, update

from paydesk.server.errors import GateError
from paydesk.server.gate import audit
from paydesk.server.limits import PIN_CHARACTERS, PIN_FREE_TRIES, PIN_PAUSE_MOST_S, PIN_PAUSE_S
from paydesk.server.store.database import Store
from paydesk.server.store.schema import pins


def person_of(approver: str) -> str:
    """The person behind an approver's name: `terminal:bea` and `page:bea` are the same one."""
    return approver.rpartition(":")[2].strip().casefold()[:255]


class Pins:
    """The PINs in one store. `clock` is the desk's own, UTC."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def people(self) -> list[str]:
        """Who has a PIN. While nobody has, none is asked for. Raises StoreError."""
        return await self._store.read(_people)

    async def set(self, person: str, pin: str, *, voucher: str | None = None, voucher_pin: str | None = None) -> None:
        """Give a person a PIN, or a new one. Raises GateError.

        Once there are PINs, somebody who has one vouches with it: for a change the person, for a new one anybody.
        """
        who = person_of(person)
        _must_be_good(who, pin)
        people = await self.people()
        if people:
            vouches = who if who in people else person_of(voucher or "")
            await self.check(vouches, voucher_pin)
        hashed = await anyio.to_thread.run_sync(_hash, pin)
        await self._store.write(partial(_store_pin, who, hashed, self._clock()))

    async def clear(self, person: str, pin: str) -> None:
        """Take a person's PIN away, given that PIN. Raises GateError."""
        await self.check(person, pin)
        await self._store.write(partial(_remove_pin, person_of(person), self._clock()))

    async def check(self, person: str, pin: str | None) -> None:
        """Hold a PIN against this person's. Raises GateError: pin_needed, pin_unknown, pin_locked or pin_wrong."""
        who = person_of(person)
        if pin is None:
            raise GateError("This needs the approver's PIN.", code="pin_needed", field="pin")
        stored = await self._store.write(partial(_count_a_try, who, self._clock()))
        if isinstance(stored, GateError):
            raise stored
        right = len(pin) <= PIN_CHARACTERS[1] and await anyio.to_thread.run_sync(_verify, stored, pin)
        told = await self._store.write(partial(_tell, who, right, self._clock()))
        if not right:
            raise GateError("That is not this person's PIN; nothing was sent.", code="pin_wrong", next_step=told)


_ANYBODY = select(pins.c.person).limit(1)


def has_pins(connection: Connection) -> bool:
    """Whether anybody has one."""
    return connection.execute(_ANYBODY).first() is not None


def _people(connection: Connection) -> list[str]:
    return list(connection.execute(select(pins.c.person).order_by(pins.c.person)).scalars())


def _must_be_good(who: str, pin: str) -> None:
    least, most = PIN_CHARACTERS
    if not who or not who.isprintable():
        raise GateError("An approver needs a name.", code="bad_name", field="person")
    if not least <= len(pin) <= most or not pin.isprintable() or len(set(pin)) == 1:
        raise GateError(f"A PIN has {least} to {most} characters, and not all the same.", code="bad_pin", field="pin")


def _count_a_try(who: str, now: datetime, connection: Connection) -> str | GateError:
    """The stored hash, with this try already counted as a wrong one; or why it may not be tried now."""
    row = connection.execute(select(pins).where(pins.c.person == who)).one_or_none()
    if row is None:
        return GateError(
            "This person has no PIN, and approving here needs one.",
            code="pin_unknown",
            field="approver",
            next_step="Somebody who has a PIN adds one with `paydesk pin set`.",
        )
    if row.locked_until is not None and now < row.locked_until:
        wait_s = int((row.locked_until - now).total_seconds()) + 1
        return GateError(
            "Too many wrong PINs; this one was not looked at.",
            code="pin_locked",
            next_step=f"Try again in {wait_s} s.",
        )
    failures = row.failures + 1
    values: dict[str, Any] = {"failures": failures}
    if failures >= PIN_FREE_TRIES:
        pause_s = min(PIN_PAUSE_S * 2 ** min(failures - PIN_FREE_TRIES, 12), PIN_PAUSE_MOST_S)
        values["locked_until"] = now + timedelta(seconds=pause_s)
    connection.execute(update(pins).where(pins.c.person == who).values(**values))
    return str(row.hash)


def _tell(who: str, right: bool, now: datetime, connection: Connection) -> str:
    """Clear the count after a right PIN; write a wrong one into the log, and say how many tries are left."""
    mine = pins.c.person == who
    if right:
        connection.execute(update(pins).where(mine).values(failures=0, locked_until=None))
        return ""
    failures = connection.execute(select(pins.c.failures).where(mine)).scalar_one_or_none() or 0
    audit.append(connection, ("pin_wrong", {"person": who, "failures": failures}), at=now)
    left = PIN_FREE_TRIES - failures
    return f"{left} more tries before it has to wait." if left > 0 else "The next try has to wait."


def _store_pin(who: str, hashed: str, now: datetime, connection: Connection) -> None:
    connection.execute(delete(pins).where(pins.c.person == who))
    connection.execute(insert(pins).values(person=who, hash=hashed, failures=0, set_at=now))
    audit.append(connection, ("pin_set", {"person": who}), at=now)


def _remove_pin(who: str, now: datetime, connection: Connection) -> None:
    connection.execute(delete(pins).where(pins.c.person == who))
    audit.append(connection, ("pin_cleared", {"person": who}), at=now)


def _hash(pin: str) -> str:
    from argon2 import PasswordHasher

    return PasswordHasher().hash(pin)


def _verify(hashed: str, pin: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(hashed, pin)
    except (VerificationError, InvalidHashError):
        return False
