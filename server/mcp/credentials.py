"""The secrets of serving over HTTP: a bearer token, kept only as its hash, and the key that seals requestState."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

from paydesk.server.errors import SettingsError
from paydesk.server.private_files import private_key, read_private, write_private

_HASH_FILE = "http-token.sha256"
_KEY_FILE = "request-state.key"


@dataclass(frozen=True)
class BearerToken:
    """A token that was given out: its SHA-256 in hex. 256 random bits need no slow hash."""

    hash: str

    def fits(self, token: str) -> bool:
        """Whether this is that token, compared in constant time."""
        return hmac.compare_digest(_hash(token), self.hash)

    @property
    def principal(self) -> str:
        """How calls with this token are told apart in proposals and in the audit log."""
        return f"token:{self.hash[:8]}"


def bearer_token(home: Path, *, renew: bool = False) -> tuple[BearerToken, str | None]:
    """The token in force, and its text where it was made just now: the only time that it can be shown.

    `renew` makes a new one; the old one stops working. Raises SettingsError where home cannot be written or read.
    """
    file = home / _HASH_FILE
    if not renew:
        kept = read_private(file).decode("ascii", "replace").strip()
        if kept:
            return BearerToken(_checked(kept, file)), None
    text = f"pdt_{secrets.token_urlsafe(32)}"
    token = BearerToken(_hash(text))
    write_private(file, token.hash.encode() + b"\n")
    return token, text


def state_key(home: Path) -> bytes:
    """The key that seals requestState, made at first: a restart must not spoil a question that is being asked."""
    return private_key(home / _KEY_FILE)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _checked(kept: str, file: Path) -> str:
    if len(kept) != 64 or set(kept) - set("0123456789abcdef"):
        raise SettingsError(f"{file.name} is damaged.", field="PAYDESK_HOME", next_step="Start with --new-token.")
    return kept
