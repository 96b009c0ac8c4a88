"""Proposal ids: short, unguessable, and easy to read out and type."""

import secrets

PREFIX = "prop_"
LENGTH = 12  # 60 bits
# Crockford's base32: no i, l, o, u, so nothing is mistaken for a digit.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_AS_TYPED = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})


def new_proposal_id() -> str:
    """A fresh id such as `prop_7h2kq0v9m3xd`."""
    return PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def as_meant(typed: str) -> str:
    """What a person typed, as the id they meant: case, spaces, o for 0 and l for 1 are forgiven."""
    body = typed.strip().lower().removeprefix(PREFIX)
    return PREFIX + body.translate(_AS_TYPED)[: LENGTH + 1]
