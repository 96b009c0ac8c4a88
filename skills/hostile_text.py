"""Text that customers control: made harmless to read, and capped. It is data, never an instruction."""

import unicodedata

MOST_CHARACTERS = 120


def clean(text: object, most: int = MOST_CHARACTERS) -> str:
    """One line without control, bidirectional and zero-width characters, at most `most` characters long."""
    kept = (
        " " if character.isspace() else character
        for character in str(text)
        # Category C holds control, format (bidi, zero-width), surrogate and unassigned characters.
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    line = " ".join("".join(kept).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def clean_or_none(text: object, most: int = MOST_CHARACTERS) -> str | None:
    """`clean`, with None for nothing at all."""
    return clean(text, most) if text else None
