"""The secrets of serving over HTTP: a bearer token, kept only as its hash, and the key that seals requestState."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from paydesk.server.errors import SettingsError

_HASH_FILE = "http-token.sha256"
_KEY_FILE = "request-state.key"
_KEY_BYTES = 32


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
        kept = _read(file).decode("ascii", "replace").strip()
        if kept:
            return BearerToken(_checked(kept, file)), None
    text = f"pdt_{secrets.token_urlsafe(32)}"
    token = BearerToken(_hash(text))
    _write(file, token.hash.encode() + b"\n")
    return token, text


def state_key(home: Path) -> bytes:
    """The key that seals requestState, made at first: a restart must not spoil a question that is being asked."""
    file = home / _KEY_FILE
    key = _read(file)
    if len(key) != _KEY_BYTES:
        key = secrets.token_bytes(_KEY_BYTES)
        _write(file, key)
    return key


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _checked(kept: str, file: Path) -> str:
    if len(kept) != 64 or set(kept) - set("0123456789abcdef"):
        raise SettingsError(f"{file.name} is damaged.", field="PAYDESK_HOME", next_step="Start with --new-token.")
    return kept


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as wrong:
        raise _unusable(wrong) from None


def _write(file: Path, content: bytes) -> None:
    """Write for the owner's eyes only, all of it or none."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
        beside.replace(file)
    except OSError as wrong:
        raise _unusable(wrong) from None


def _unusable(wrong: OSError) -> SettingsError:
    return SettingsError(
        f"paydesk cannot keep its files: {wrong.strerror or type(wrong).__name__}.",
        field="PAYDESK_HOME",
        next_step="Set PAYDESK_HOME to a folder that you may write to.",
    )
