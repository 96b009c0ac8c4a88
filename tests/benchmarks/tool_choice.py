"""Is it clear which tool is meant: plain BM25 over names and descriptions ranks each request's right tool first.

tool_requests.txt holds what an assistant would ask for. No stems, no synonyms, no stop words, no parameters: what a
host's own search over a list of tools has at least. Can fail: rankings are the same on every machine.
"""

import math
import re
import sys
from collections import Counter
from pathlib import Path

from paydesk.skills.catalogue import catalogue

REQUESTS = Path(__file__).with_name("tool_requests.txt")
K1, B = 1.2, 0.75
FIRST_LEAST = 0.95


class Ranking:
    """Okapi BM25 with Lucene's weights of words, over texts by name."""

    def __init__(self, texts: dict[str, str]) -> None:
        """Count the words of each text."""
        self._counts = {name: Counter(words(text)) for name, text in texts.items()}
        self._middle = sum(one.total() for one in self._counts.values()) / len(texts)
        within = Counter(word for one in self._counts.values() for word in one)
        self._weights = {word: math.log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for word, n in within.items()}

    def ranked(self, request: str) -> list[tuple[float, str]]:
        """Scores and names, best first; equals count as wrong, so they stand in no one's favour."""
        return sorted(((self._score(name, words(request)), name) for name in self._counts), reverse=True)

    def _score(self, name: str, asked: list[str]) -> float:
        counts = self._counts[name]
        longer = K1 * (1 - B + B * counts.total() / self._middle)
        return sum(
            self._weights[word] * counts[word] * (K1 + 1) / (counts[word] + longer) for word in asked if counts[word]
        )


def words(text: str) -> list[str]:
    """Lower-case words; an underscore parts them."""
    return re.findall(r"[a-z0-9]+", text.lower())


def main() -> int:
    """Print what was not ranked first; 1 where that is too much."""
    ranking = Ranking({one.name: f"{one.name} {one.description}" for one in catalogue().values()})
    rows = [line.split("\t") for line in REQUESTS.read_text("utf-8").splitlines() if not line.startswith("#")]
    first = within_three = 0
    for right, request in rows:
        ranked = ranking.ranked(request)
        score = {name: found for found, name in ranked}[right]
        above = [name for found, name in ranked if found >= score and name != right]
        first += not above
        within_three += len(above) < 3
        if above:
            print(f"  {request!r}: {right} stands behind {', '.join(above[:3])}")
    share = f"{first / len(rows):.1%}; at least {FIRST_LEAST:.0%}"
    print(f"the right tool is first for {first} of {len(rows)} requests ({share})")
    print(f"and among the first three for {within_three / len(rows):.1%}")
    return int(first < FIRST_LEAST * len(rows))


if __name__ == "__main__":
    sys.exit(main())
