"""Small files in the desk's home that nobody else may read: keys, hashes of tokens, codes."""

import os
import secrets
from pathlib import Path

from paydesk.server.errors import SettingsError


def read_private(file: Path) -> bytes:
    """The content, empty where there is no such file. Raises SettingsError where it cannot be read."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as wrong:
        raise _unusable(wrong) from None


def write_private(file: Path, content: bytes) -> None:
    """Write for the owner's eyes only, all of it or none. Raises SettingsError."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
        beside.replace(file)
    except OSError as wrong:
        raise _unusable(wrong) from None


def private_key(file: Path, *, size_bytes: int = 32) -> bytes:
    """The key kept in this file, made at first; the same for all processes that ask at once. Raises SettingsError."""
    key = read_private(file)
    if len(key) == size_bytes:
        return key
    made = secrets.token_bytes(size_bytes)
    if key:  # cut short by a full disk: it opens nothing
        write_private(file, made)
        return made
    _write_first(file, made)
    # Another process may have been quicker, and sealed something by its key already.
    return read_private(file)


def _write_first(file: Path, content: bytes) -> None:
    """Write it whole where nobody has written the file yet; leave it alone where somebody has."""
    beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    write_private(beside, content)
    try:
        os.link(beside, file)
    except FileExistsError:
        pass
    except OSError:  # a disk without links
        if not file.exists():
            write_private(file, content)
    finally:
        beside.unlink(missing_ok=True)


def _unusable(wrong: OSError) -> SettingsError:
    return SettingsError(
        f"paydesk cannot keep its files: {wrong.strerror or type(wrong).__name__}.",
        field="PAYDESK_HOME",
        next_step="Set PAYDESK_HOME to a folder that you may write to.",
    )
