"""What the database says when it fails, told so that a person can mend it."""

import sqlite3

from paydesk.server.errors import StoreError

# (part of SQLite's message, our code, what it means, what to do). First match wins.
_KNOWN: tuple[tuple[str, str, str, str], ...] = (
    (
        "locked",
        "store_locked",
        "The desk's database is held by another program.",
        "Try again in a moment; if it stays so, close other programs that have the file open.",
    ),
    ("full", "store_full", "There is no space left for the desk's database.", "Free disk space, then try again."),
    (
        "malformed",
        "store_damaged",
        "The desk's database is damaged.",
        "Keep the file, restore a copy of it from a backup, and run `paydesk doctor`.",
    ),
    (
        "not a database",
        "store_damaged",
        "The file at the desk's database path is not a database of paydesk.",
        "Point PAYDESK_HOME elsewhere, or move that file away.",
    ),
    (
        "readonly",
        "store_read_only",
        "The desk's database may not be written.",
        "Give the user that runs paydesk write permission on PAYDESK_HOME and the files in it.",
    ),
    (
        "unable to open",
        "store_unreachable",
        "The desk's database cannot be opened.",
        "Check that PAYDESK_HOME exists and that the user that runs paydesk may write there.",
    ),
    (
        "i/o error",
        "store_damaged",
        "The disk under the desk's database reports errors.",
        "Check the disk and its free space, then try again.",
    ),
)


def store_error(error: BaseException) -> StoreError:
    """The StoreError for what a driver or the file system raised; the driver's own words are not repeated.

    They may hold statements and their values, which are customers' data.
    """
    original = getattr(error, "orig", None) or error
    words = str(original).lower() if isinstance(original, sqlite3.Error | OSError) else ""
    for part, code, message, next_step in _KNOWN:
        if part in words:
            return StoreError(message, code=code, next_step=next_step)
    if isinstance(error, PermissionError):
        return store_error(sqlite3.OperationalError("readonly"))
    if isinstance(error, TimeoutError):
        return store_error(sqlite3.OperationalError("locked"))
    return StoreError(
        f"The desk's database failed ({type(original).__name__}).", next_step="Run `paydesk doctor`, then try again."
    )
