"""Encryption of small secrets that the desk keeps: Fernet, with whose and what for inside, so that none can be swapped.

The key is PAYDESK_ENCRYPTION_KEY, or a file of its own in the desk's home. Several keys, the newest first: what an old
one sealed can still be opened, and is sealed anew with the first whenever it is written.
"""

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

from paydesk.server.errors import SettingsError
from paydesk.server.private_files import private_key

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

    from paydesk.server.settings import Settings

_KEY_FILE = Path("keys") / "secrets.key"


class Sealer:
    """Seals text for one purpose and one owner, and opens only what was sealed for both."""

    def __init__(self, ring: "MultiFernet") -> None:
        self._ring = ring

    def seal(self, text: str, *, purpose: str, owner: str) -> str:
        """The text, encrypted and signed."""
        whole = json.dumps({"owner": owner, "purpose": purpose, "text": text})
        return self._ring.encrypt(whole.encode()).decode("ascii")

    def open(self, sealed: str, *, purpose: str, owner: str) -> str | None:
        """The text again; None where no key opens it, or it was sealed for something or somebody else."""
        from cryptography.fernet import InvalidToken

        try:
            whole = json.loads(self._ring.decrypt(sealed.encode("ascii", "replace")))
        except (InvalidToken, ValueError):
            return None
        fits = whole.get("purpose") == purpose and whole.get("owner") == owner
        return str(whole["text"]) if fits else None


def sealer_of(settings: "Settings") -> Sealer:
    """The sealer of this home. Raises SettingsError for a key that is none, and for a home that cannot be used."""
    from cryptography.fernet import Fernet, MultiFernet

    given = settings.encryption_key
    if given is None:
        key = private_key(settings.home / _KEY_FILE)
        return Sealer(MultiFernet([Fernet(base64.urlsafe_b64encode(key))]))
    keys = [key.strip() for key in given.get_secret_value().split(",") if key.strip()]
    try:
        return Sealer(MultiFernet([Fernet(key) for key in keys]))
    except ValueError:
        raise SettingsError(
            "PAYDESK_ENCRYPTION_KEY is no key.",
            field="PAYDESK_ENCRYPTION_KEY",
            next_step="Give 32 random bytes in URL-safe base64, or several of them with commas, the newest first.",
        ) from None
