"""Which customers a sentence names: every run of its words is looked up, so no list of names has to be loaded."""

import re

from paydesk.intents import lexicon
from paydesk.server.directory.index import Index
from paydesk.server.directory.spelling import core, fold

_WORD = re.compile(r"[^\s,;:!?\"()<>]+")
_WORDS_MOST = 60
_LONGEST = 5
_SHORTEST = 2


def names_in(index: Index, text: str) -> list[str]:
    """The runs of words in `text`, as they are written there, that some customer is called; the longest first.

    A firm may be called without what it ends in, unless nothing but plain English is left: "Refund" is not Refund Co.

    A name that is plain English does not count unless each such word has a capital: customers choose their own names,
    and nobody called "the last payment" may take these words out of a sentence.
    """
    words = [(match.start(), _end(match)) for match in _WORD.finditer(text)][:_WORDS_MOST]
    runs: dict[str, list[str]] = {}
    for length in range(_LONGEST, 0, -1):
        for first in range(len(words) - length + 1):
            run = text[words[first][0] : words[first + length - 1][1]]
            whole = fold(run)
            name = core(whole)
            if len(name) < _SHORTEST or name.isdigit() or not _may_be_a_name(run):
                continue
            if length > 1 or not lexicon.is_common(whole):
                runs.setdefault(name, []).append(run)
    if not runs:
        return []
    known = index.cores_known(list(runs))
    return [run for name, said in runs.items() if name in known for run in dict.fromkeys(said)]


def _end(match: re.Match[str]) -> int:
    word = match[0].rstrip(".")
    for possessive in ("'s", "’s"):
        word = word.removesuffix(possessive)
    return match.start() + len(word)


def _may_be_a_name(run: str) -> bool:
    return all(
        word[:1].isupper() or word[:1].isdigit() or not lexicon.is_common(word.casefold()) for word in run.split()
    )
