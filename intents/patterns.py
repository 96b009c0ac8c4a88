"""Regular expressions that are compiled when first used: all of them at once would cost an importer 150 ms."""

import re
from typing import cast

_MADE: list["_Lazy"] = []


class _Lazy:
    """Stands for a pattern; the first use of a method compiles it and keeps the compiled methods."""

    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags
        _MADE.append(self)

    def __getattr__(self, name: str) -> object:
        compiled = re.compile(self._text, self._flags)
        for method in ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "pattern"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazy(text: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern of `text`, compiled at its first use. A broken one raises re.error there, which the tests meet."""
    return cast(re.Pattern[str], _Lazy(text, flags))


def compile_all() -> None:
    """Compile every pattern now, for who reads many sentences and times each."""
    for pattern in tuple(_MADE):
        pattern.__getattr__("pattern")
