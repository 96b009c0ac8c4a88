"""How a name is written down so that its other spellings find it: small ASCII letters, words, and what sounds alike."""

import re
from functools import lru_cache

from paydesk.intents.words import words

_WORD = re.compile(r"[0-9a-z]+")
# Two ways of writing these without their marks are in use: Muller and Mueller, Soren and Soeren.
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_JOINED = str.maketrans("", "", "'’`´ʼ.")  # O'Brien is one word, and so is S.A.
_ENDINGS = words(
    """
    ltd limited llc llp plc inc incorporated corp corporation co company gmbh ag kg ug sa sas sarl srl spa bv nv ab as
    oy oyj aps pty pte kk sl sro doo kft zrt
    """
)


def fold(text: str) -> str:
    """The words of a name in small ASCII letters: "Amélie O'Brien-Łukasz" -> "amelie obrien lukasz"."""
    return " ".join(_words(text.casefold()))


def fold_spelt_out(text: str) -> str:
    """The same with ä, ö, ü, å and ø in two letters: "Jörg" -> "joerg"."""
    return " ".join(_words(text.casefold().translate(_SPELT_OUT)))


def spellings(text: str) -> list[tuple[str, ...]]:
    """Each word of a name with its ways of being written: "Jörg Weiß" -> [("jorg", "joerg"), ("weiss",)]."""
    low = text.casefold()
    plain, spelt_out = _words(low), _words(low.translate(_SPELT_OUT))
    if len(plain) != len(spelt_out):
        return [(word,) for word in plain]
    return [tuple(dict.fromkeys(both)) for both in zip(plain, spelt_out, strict=True)]


def core(folded: str) -> str:
    """A folded name without spaces and without what firms end in: "acme corp ltd" -> "acme"; never empty."""
    parts = folded.split()
    while len(parts) > 1 and parts[-1] in _ENDINGS:
        parts.pop()
    return "".join(parts)


def _words(low: str) -> list[str]:
    return _WORD.findall(_ascii(low.translate(_JOINED)))


@lru_cache(maxsize=4_096)
def _ascii(text: str) -> str:
    if text.isascii():
        return text
    from anyascii import anyascii

    return anyascii(text).casefold().translate(_JOINED)
