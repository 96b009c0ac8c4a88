"""The first PIN, for who has no terminal at hand: a code that stands in a file which only the desk's owner may read."""

import hmac
import secrets
from pathlib import Path

from paydesk.server.gate.proposal_ids import ALPHABET
from paydesk.server.private_files import read_private, write_private

FILE = "first-pin-code.txt"
_LENGTH = 12  # 60 bits: nobody guesses that over HTTP, however often


class FirstPinCode:
    """A code in a file of the desk's home; who can read it there may set the first PIN, once."""

    def __init__(self, home: Path) -> None:
        self.file = home / FILE

    def text(self) -> str:
        """The code, made when it is first needed. Raises SettingsError where home cannot be written or read."""
        kept = read_private(self.file).decode("ascii", "replace").strip()
        if len(kept.replace("-", "")) == _LENGTH:
            return kept
        drawn = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
        code = "-".join(drawn[start : start + 4] for start in range(0, _LENGTH, 4))
        write_private(self.file, code.encode() + b"\n")
        return code

    def fits(self, typed: str) -> bool:
        """Whether this is the code, compared in constant time; case, blanks and dashes are forgiven."""
        meant = typed.strip().lower().replace("-", "").replace(" ", "")
        return hmac.compare_digest(meant.encode("utf-8", "replace"), self.text().replace("-", "").encode())

    def spend(self) -> None:
        """It is used up: a later one is another."""
        self.file.unlink(missing_ok=True)
