"""Object ids: a prefix and 24 characters of base 62, as Stripe's. Seeded for made data, unguessable afterwards."""

import random
from collections.abc import Callable
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH: Final = 24


def id_maker(seed: int | None = None) -> Callable[..., str]:
    """A function `new_id(prefix, length=24)`; with a seed it gives the same ids in the same order every time."""
    # Not for secrets: ids are public, and a seeded business must come out the same on every machine.
    choose = (random.SystemRandom() if seed is None else random.Random(seed)).choices  # noqa: S311

    def new_id(prefix: str, length: int = LENGTH) -> str:
        return prefix + "".join(choose(ALPHABET, k=length))

    return new_id
