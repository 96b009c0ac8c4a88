"""One way to write each character: quotes, blanks, dashes and signs that look or work alike, at the same length."""

from typing import Final

#: Stands for what was found in a text. No letter, digit or blank; a text that is ASCII stays so, and is looked through
#: in half the time.
MASK: Final = "\x02"
_SAME_LENGTH: Final = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "`": "'",
        "´": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\t": " ",
        "\n": " ",
        "\r": " ",
        "\u200b": " ",
        "\u200c": " ",
        "\u200d": " ",
        "\u2060": " ",
        "\ufeff": " ",
        "\u00ad": " ",
        "\u202a": " ",
        "\u202b": " ",
        "\u202c": " ",
        "\u202d": " ",
        "\u202e": " ",
        "\u2066": " ",
        "\u2067": " ",
        "\u2068": " ",
        "\u2069": " ",
        "\ue000": " ",
        MASK: "\ue000",
        "，": ",",
        "．": ".",
        "−": "-",
        "‐": "-",
        "‑": "-",
    }
)


def made_plain(text: str) -> str:
    """The text with such characters written one way, as long as before and without the mask."""
    # Most texts hold nothing that is written otherwise, which is many times cheaper to see than to change.
    return text if text.isascii() and text.isprintable() and "`" not in text else text.translate(_SAME_LENGTH)
