"""The customers of one account, to be asked who is meant. Until it is filled it says so."""

import logging
import re
import time
from collections.abc import Callable
from pathlib import Path

from paydesk.server.directory.filling import Feed, Standing
from paydesk.server.directory.matching import Likely, look_up
from paydesk.server.directory.naming import names_in
from paydesk.server.directory.worker import Worker
from paydesk.server.errors import NotFound, PaydeskError, StripeProblem
from paydesk.server.limits import DIRECTORY_FILL_S, DIRECTORY_FRESH_S, DIRECTORY_SHOWN_MOST
from paydesk.skills.base import CustomerMatch, Json, Mode, StripeReader
from paydesk.skills.who import SURE

_log = logging.getLogger("paydesk.directory")


class Directory:
    """Finds customers by what people call them. `clock` is the account's time in seconds."""

    def __init__(self, path: Path, stripe: StripeReader, clock: Callable[[], float] = time.time) -> None:
        self._worker = Worker(path)
        self._stripe = stripe
        self._feed = Feed(self._worker, stripe, clock)

    async def resembling(self, text: str, *, handles_too: bool = False) -> list[CustomerMatch] | None:
        """The customers that `text` may mean, best first, at most 100; None while the index cannot answer.

        `handles_too` looks at parts of e-mail addresses and phone numbers as well.
        """
        if not await self._ready():
            return None
        found = await self._look_up(text, handles_too=handles_too)
        if not found or found[0].score < SURE:
            if not await self._ready(0.0):
                return None
            found = await self._look_up(text, handles_too=handles_too)  # whoever came a moment ago
        return [CustomerMatch(likely.person.as_json(), likely.score) for likely in found[:DIRECTORY_SHOWN_MOST]]

    async def _look_up(self, text: str, *, handles_too: bool) -> list[Likely]:
        return await self._worker.read(lambda index: look_up(index, text, handles_too=handles_too))

    async def named_in(self, text: str) -> list[str]:
        """Customers' names that stand in `text`, as written there; none where the index is not filled yet."""
        try:
            if (await self._feed.standing()).filled_at is None:
                return []
            return await self._worker.read(lambda index: names_in(index, text))
        except PaydeskError as problem:  # a sentence is understood without it, if less well
            _log.warning("the index of customers cannot be used: %s", problem.code)
            return []

    async def fresh(self, match: CustomerMatch) -> Json | None:
        """The whole customer from Stripe; None where it has gone or is called otherwise now, which is then known."""
        customer_id = str(match.customer["id"])
        try:
            customer = await self._stripe.get(f"/v1/customers/{customer_id}")
        except NotFound:
            customer = {"id": customer_id, "deleted": True}
        if not customer.get("deleted") and customer.get("name") == match.customer.get("name"):
            return customer
        await self._worker.write(lambda index: index.put([customer]))
        return None

    async def _ready(self, fresh_s: float = DIRECTORY_FRESH_S) -> bool:
        """Whether everybody is in, and what changed until `fresh_s` ago."""
        try:
            for _ in range(2):  # where Stripe no longer lists what happened, all is read again
                if not await self._feed.fill(DIRECTORY_FILL_S):
                    return False
                if await self._feed.refresh(fresh_s):
                    return True
        except StripeProblem as problem:  # a key without the right to read events; Stripe's search may still answer
            _log.info("the index of customers cannot be fed: %s", problem.code)
        except PaydeskError as problem:
            _log.warning("the index of customers cannot be used: %s", problem.code)
        return False

    async def standing(self) -> Standing:
        """How many customers it holds, and since when."""
        return await self._feed.standing()

    async def fill(self, told: Callable[[int], None] | None = None) -> Standing:
        """Fill it wholly, however long that takes; `told` hears of the count after each page."""
        await self._feed.fill(float("inf"), told)
        await self._feed.refresh(0.0)
        return await self._feed.standing()

    async def forget(self) -> None:
        """Take everybody out."""
        await self._feed.forget()

    async def forget_customer(self, customer_id: str) -> None:
        """Take one customer out for good, whatever Stripe goes on to tell of them."""
        await self._worker.write(lambda index: index.forget(customer_id))
        await self._worker.read(lambda index: index.rewrite())

    async def aclose(self) -> None:
        """Close the file."""
        await self._worker.aclose()


def open_directory(
    home: Path, account_id: str, mode: Mode, stripe: StripeReader, clock: Callable[[], float] = time.time
) -> Directory:
    """The directory of one account and mode, in a file of its own under `home`."""
    name = re.sub(r"[^A-Za-z0-9_]", "", account_id)
    return Directory(home / "customers" / f"{name}-{mode}.sqlite3", stripe, clock)
