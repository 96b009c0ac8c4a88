"""Names of things in plain words, as they stand in the patterns of commands: "work", "studio pass"."""

from typing import Final

#: Words that join, refuse, count or point are never part of a name.
WORD: Final = (
    r"(?!(?:and|or|but|if|unless|when|once|for|to|from|of|off|with|at|on|in|by|as|that|which|who|not|each|every|all|any"
    r"|everyone|everybody|me|us|him|her|them|it|my|now|later|please|then|maybe|about|per|is|was|again)\b)"
    r"[a-z0-9][\w'&.+-]*"
)
WORDS: Final = rf"{WORD}(?: {WORD}){{0,3}}?"
