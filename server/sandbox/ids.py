"""Object ids: a prefix and 24 characters of base 62, as Stripe's; by chance, or the same again from the same seed."""

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from paydesk.server.sandbox.storage import Store

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH: Final = 24


def id_maker(seed: int | None = None) -> Callable[..., str]:
    """A function `new_id(prefix, length=24)`; with a seed it gives the same ids in the same order every time."""
    # Not for secrets: ids are public, and a seeded business must come out the same on every machine.
    choose = random.Random(seed).choices  # noqa: S311

    def new_id(prefix: str, length: int = LENGTH) -> str:
        return prefix + "".join(choose(ALPHABET, k=length))

    return new_id


def ids_of_request(store: "Store", seed: str) -> Callable[..., str]:
    """The ids of one request, which follow from the seed and from how many objects there are already.

    So they are the same when the same requests come again, in any process, though no counter is written.
    """
    choose: Callable[..., list[str]] | None = None

    def new_id(prefix: str, length: int = LENGTH) -> str:
        nonlocal choose
        if choose is None:
            choose = random.Random(f"{seed}.{store.newest_seq()}").choices  # noqa: S311 - as above: public, repeatable
        return prefix + "".join(choose(ALPHABET, k=length))

    return new_id
