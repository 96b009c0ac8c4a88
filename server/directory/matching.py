"""From words to the customers they may mean: the exact first, then beginnings, slips of the pen, and parts of names.

Each step is a few look-ups in the index, so the cost depends on how many fit, not on how many there are.
"""

from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein

from paydesk.server.directory.index import SLIPS_FROM, Index, Person
from paydesk.server.directory.spelling import core, fold, fold_spelt_out, spellings
from paydesk.skills.who import EXACT, PART_OF_FIELD, SUGGESTED, SURE, likeness

_LOOKED_AT = 200  # that many of one step are compared; more fit only where the words say next to nothing
_NEAR_WORDS = 12
_PIECES_LOOKED_AT = 40
_WORDS_MOST = 6
_LIKELY = 72.0
_SAME_FIRM = 95.0  # but for spaces, and for Ltd and the like
_BEGINNING = 3

Groups = list[tuple[str, ...]]


@dataclass(frozen=True)
class Likely:
    """A customer and how well it fits, 0 to 100."""

    person: Person
    score: float


def look_up(index: Index, text: str, *, handles_too: bool = False) -> list[Likely]:
    """The customers that `text` may mean, best first; with `handles_too` also by a part of an address or a phone.

    Who looks by handles looks around, so what merely resembles is told beside what fits.
    """
    asked = fold(text)
    groups: Groups = spellings(text)[:_WORDS_MOST]
    if not groups:
        return []
    cores = list(dict.fromkeys(core(spelt) for spelt in (asked, " ".join(ways[-1] for ways in groups))))
    ranking = _Ranking(asked, cores)
    ranking.add(index.by_core(cores, _LOOKED_AT))
    ranking.add(index.by_words(groups, _LOOKED_AT))
    if not ranking.certain:
        ranking.add(index.by_words([_beginning(ways) for ways in groups], _LOOKED_AT))
    if handles_too or not ranking.sure:
        _look_for_slips(index, groups, ranking, thorough=handles_too)
    if handles_too:
        ranking.add(index.by_handles(asked.split(), _LOOKED_AT), at_least=PART_OF_FIELD)
    return ranking.best()


class _Ranking:
    """What was found so far, each customer once with its best score."""

    def __init__(self, asked: str, cores: list[str]) -> None:
        self._asked = asked
        self._cores = cores
        self._found: dict[str, Likely] = {}

    def add(self, people: list[Person], *, at_least: float = 0.0) -> None:
        for person in people:
            known = self._found.get(person.id)
            score = max(self._score(person) if known is None else known.score, at_least)
            self._found[person.id] = Likely(person, score)

    def _score(self, person: Person) -> float:
        score = likeness(self._asked, person.folded)
        if person.name and not person.name.isascii():
            score = max(score, likeness(self._asked, fold_spelt_out(person.name)))
        same_firm = bool(person.folded) and core(person.folded) in self._cores
        return max(score, _SAME_FIRM) if same_firm else score

    @property
    def certain(self) -> bool:
        return any(likely.score == EXACT for likely in self._found.values())

    @property
    def sure(self) -> bool:
        return any(likely.score >= SURE for likely in self._found.values())

    @property
    def likely_enough(self) -> bool:
        """Whether something was found that a person would take for what was meant: a slip or two in all."""
        return any(likely.score >= _LIKELY for likely in self._found.values())

    def best(self) -> list[Likely]:
        kept = [likely for likely in self._found.values() if likely.score >= SUGGESTED]
        return sorted(kept, key=lambda likely: (-likely.score, -likely.person.created, likely.person.id))


def _beginning(ways: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{way}*" if len(way) >= _BEGINNING else way for way in ways)


def _look_for_slips(index: Index, groups: Groups, ranking: _Ranking, *, thorough: bool) -> None:
    """Misspelt words first; then words that do not belong, or of which only the first letter is said."""
    near = [_near(index, ways, pieces=False) for ways in groups]
    ranking.add(index.by_words(near, _LOOKED_AT))
    if ranking.likely_enough and not thorough:
        return
    wider = [_near(index, ways, pieces=True) for ways in groups]
    if wider != near:
        ranking.add(index.by_words(wider, _LOOKED_AT))
    if len(groups) > 1 and (thorough or not ranking.likely_enough):
        for left_out in range(len(groups)):
            ranking.add(index.by_words(wider[:left_out] + wider[left_out + 1 :], _LOOKED_AT))


def _near(index: Index, ways: tuple[str, ...], *, pieces: bool) -> tuple[str, ...]:
    """The word as it is and as it may have been meant; also by its beginning, for "Alex" and "Alexandra"."""
    words = dict.fromkeys(_beginning(ways))
    for way in ways:
        if len(way) < SLIPS_FROM:
            continue
        words |= dict.fromkeys(index.one_slip_away(way)[:_NEAR_WORDS])
        if pieces and not index.is_word(way):
            shared = index.sharing_pieces(way, _PIECES_LOOKED_AT)
            near = sorted((DamerauLevenshtein.distance(way, word), word) for word in shared)
            words |= dict.fromkeys([word for slips, word in near if slips <= _slips_allowed(way)][:_NEAR_WORDS])
    return tuple(words)


def _slips_allowed(word: str) -> int:
    return 2 if len(word) < 9 else 3
