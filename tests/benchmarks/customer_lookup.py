"""How fast and how well a customer is found by name among many: `customer_lookup.py [how many, default 50,000]`."""

import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from paydesk.server.directory.index import Index
from paydesk.server.directory.matching import look_up
from paydesk.server.directory.schema import open_file
from paydesk.server.directory.spelling import fold
from paydesk.skills.who import MARGIN, SURE

ASKED = 1_500
_ONSETS = tuple("b br c ch cl d dr f fl g gr h j k kl l m n p pr r s sch sh sk st t tr v w z".split())  # noqa: SIM905
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ei", "ie", "oo", "ou", "y", "a", "e", "i", "o")
_CODAS = ["", "", "n", "r", "l", "s", "t", "ck", "rd", "nn", "m", "lt", "sen", "son"]
_ACCENTED = str.maketrans({"o": "ö", "u": "ü", "e": "é", "a": "á"})
_CYRILLIC = dict(zip("abvgdeziklmnoprstuf", "абвгдезиклмнопрстуф", strict=True))
_FIRMS = ["Ltd", "GmbH", "Inc", "LLC", "& Sons", "Studio", "Labs", "Foods", "Media", "Systems"]


def _word(draw: random.Random) -> str:
    parts = draw.choice((1, 2, 2, 2, 3))
    return "".join(draw.choice(_ONSETS) + draw.choice(_VOWELS) + draw.choice(_CODAS) for _ in range(parts)).title()


def _names(draw: random.Random, count: int) -> list[str]:
    """Four people of five, with first names that many share; the fifth a firm; some accented, some Cyrillic."""
    first, last = [_word(draw) for _ in range(3_000)], [_word(draw) for _ in range(max(2_000, count // 8))]
    names = []
    for at in range(count):
        person = f"{draw.choice(first)} {draw.choice(last)}"
        if at % 5 == 0:
            person = f"{_word(draw)} {draw.choice(last)} {draw.choice(_FIRMS)}"
        elif at % 11 == 0:
            person = person.translate(_ACCENTED)
        elif at % 97 == 0 and all(letter in _CYRILLIC or letter == " " for letter in person.lower()):
            person = "".join(_CYRILLIC.get(letter, letter) for letter in person.lower()).title()
        names.append(person)
    return names


def _slip(draw: random.Random, name: str) -> str:
    """One slip of the pen in a longer word: a letter wrong, missing, doubled or swapped with the next."""
    words = fold(name).split()
    longest = max(range(len(words)), key=lambda at: len(words[at]))
    word, at = words[longest], draw.randrange(1, max(2, len(words[longest]) - 1))
    kinds: list[Callable[[], str]] = [
        lambda: word[:at] + draw.choice("aeiourstnl") + word[at + 1 :],
        lambda: word[:at] + word[at + 1 :],
        lambda: word[:at] + word[at] + word[at:],
        lambda: word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
    ]
    words[longest] = draw.choice(kinds)()
    return " ".join(words)


def _part(draw: random.Random, name: str) -> str:
    words = name.split()
    return " ".join(words[:-1]) if len(words) > 2 else f"{words[0]} {words[1][: max(3, len(words[1]) - 2)]}"


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    draw = random.Random(7)  # noqa: S311 - the same names each time
    names = _names(draw, count)
    with tempfile.TemporaryDirectory() as folder:
        index = Index(open_file(Path(folder) / "customers.sqlite3"))
        begun = time.perf_counter()
        with index.writing():
            index.put({"id": f"cus_{at}", "name": name, "email": None, "created": at} for at, name in enumerate(names))
        built_s = time.perf_counter() - begun
        size_mb = (Path(folder) / "customers.sqlite3").stat().st_size / 1e6
        print(f"{count:,} customers: index built in {built_s:.1f} s, {size_mb:.0f} MB")
        return _judge(draw, index, names)


def _judge(draw: random.Random, index: Index, names: list[str]) -> int:
    asking: dict[str, Callable[[random.Random, str], str]] = {
        "as written": lambda _, name: name,
        "in ASCII": lambda _, name: fold(name),
        "one slip": _slip,
        "a part": _part,
    }
    same = defaultdict(list)
    for at, name in enumerate(names):
        same[fold(name)].append(f"cus_{at}")
    times: list[float] = []
    found = wrong = asked = 0
    for how, ask in asking.items():
        hits, spent = 0, []
        for at in draw.sample(range(len(names)), ASKED // len(asking)):
            text = ask(draw, names[at])
            begun = time.perf_counter()
            matches = look_up(index, text)
            spent.append((time.perf_counter() - begun) * 1_000)
            top = {match.person.id for match in matches[:5]}
            hits += bool(top & set(same[fold(names[at])]))
            alone = [match for match in matches if match.score > matches[0].score - MARGIN]
            accepted = matches and matches[0].score >= SURE and len(alone) == 1
            wrong += bool(accepted and fold(str(matches[0].person.name)) != fold(names[at]) and how != "a part")
        print(f"  {how:12} recall@5 {hits / len(spent):6.1%}   median {statistics.median(spent):6.2f} ms")
        times += spent
        found, asked = found + hits, asked + len(spent)
    strangers = [f"{_word(draw)}x {_word(draw)}q" for _ in range(200)]
    taken = 0
    for stranger in strangers:
        matches = look_up(index, stranger)
        taken += bool(matches and matches[0].score >= SURE)
    times.sort()
    p50, p95, recall = statistics.median(times), times[int(len(times) * 0.95)], found / asked
    print(f"  p50 {p50:.2f} ms (8)   p95 {p95:.2f} ms (25)   recall@5 {recall:.1%} (98 %)")
    print(f"  a wrong one accepted: {wrong} of {asked}; somebody accepted for a stranger: {taken} of {len(strangers)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
