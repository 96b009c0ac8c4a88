"""A campaign against the parser: `python tests/campaigns/understanding.py [texts] [seed]`.

Sends a million short texts (or as many as are named) made of the desk's own words, labelled sentences with pieces
changed, and odd Unicode. A text that raises, breaks a promise of the answer's shape or takes longer than it may is
printed with its seed, and the exit code is 1. The same seed makes the same texts.
"""

import json
import random
import sys
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from paydesk.intents.parse import MAX_CHARACTERS, Parsed, parse, warm
from paydesk.intents.router import WRITES

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
#: Processor time in microseconds: a start, and so much more for each character.
ALLOWED_US, ALLOWED_US_A_CHARACTER = 8_000, 60
LABELLED = Path(__file__).resolve().parent.parent / "intents"
ODD = [
    *"$€£¥₹%/-.,:;'\"()[]{}<>&+*#@!?~^|\\_=`´’“”½…–—",
    *("\u200b", "\u202e", "\u0301", "\ufb01", "\u0130", "\u0663", "\uff15", "\ud7ff", "\U0001f600", "\x00", "\n", "\t"),
]
NUMBERS = [
    "5",
    "20",
    "1.500",
    "1,5",
    "1,234.56",
    "1.234,56",
    "03/04",
    "13/09",
    "2026-11-05",
    "10k",
    "50%",
    "-5",
    "0",
    "1e9",
]


def pieces() -> list[str]:
    """Every word of the labelled sentences, numbers of all kinds, and characters that are none."""
    words = {word for text in texts() for word in text.split()}
    return [*sorted(words), *NUMBERS * 20, *ODD * 4]


def texts() -> list[str]:
    """The labelled sentences; the held-out ones stay unseen."""
    files = (LABELLED / "sentences.jsonl", LABELLED / "people_dev.jsonl")
    return [json.loads(line)["text"] for file in files for line in file.read_text("utf-8").splitlines()]


def make(chance: random.Random, known: list[str], parts: list[str]) -> str:
    """One text: words at random, or a labelled sentence with some of its characters or words changed."""
    kind = chance.random()
    if kind < 0.4:
        return chance.choice(("", " ", " ", " ")).join(chance.choices(parts, k=chance.randint(0, 14)))
    text = chance.choice(known)
    if kind < 0.7:
        words = text.split()
        for _ in range(chance.randint(1, 3)):
            words.insert(chance.randint(0, len(words)), chance.choice(parts))
        return " ".join(words)
    if kind < 0.97:
        at = chance.randint(0, len(text))
        return text[:at] + chance.choice((*ODD, "", chance.choice(parts))) + text[at + chance.randint(0, 2) :]
    return (chance.choice(parts) * chance.randint(2, MAX_CHARACTERS))[:MAX_CHARACTERS]


def broken_promise(text: str, parsed: Parsed) -> str | None:
    """What an answer must keep for any text; None if it does."""
    spans = sorted([(m.start, m.end) for m in parsed.money] + [(d.start_pos, d.end_pos) for d in parsed.dates])
    if any(not 0 <= start < end <= len(text) for start, end in spans):
        return "a span outside the text"
    if any(end > start for (_, end), (start, _) in pairwise(spans)):
        return "spans that overlap"
    if parsed.skill == "clarify" and not parsed.question:
        return "a question without words"
    if parsed.skill in WRITES and not parsed.missing:
        amount = parsed.entities.get("amount", 1)
        if not parsed.entities or not isinstance(amount, int) or amount <= 0:
            return "a write without a target or with no amount above zero"
    json.dumps(parsed.as_json())
    return None


def again(text: str) -> float:
    """The processor time of one more parse in microseconds, the best of three."""
    times = []
    for _ in range(3):
        begun = time.process_time_ns()
        parse(text, now=NOW)
        times.append((time.process_time_ns() - begun) / 1_000)
    return min(times)


def main() -> int:
    """Send the texts and count what failed."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    chance, known, parts = random.Random(seed), texts(), pieces()  # noqa: S311 - not for secrets
    warm()
    failed, slowest = 0, 0.0
    for number in range(count):
        text = make(chance, known, parts)
        begun = time.process_time_ns()
        try:
            reason = broken_promise(text, parse(text, now=NOW))
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
        took_us = (time.process_time_ns() - begun) / 1_000
        allowed_us = ALLOWED_US + ALLOWED_US_A_CHARACTER * len(text)
        if reason is None and took_us > allowed_us:
            took_us = again(text)  # a busy machine is slow once; a bad pattern always
        slowest = max(slowest, took_us)
        if reason is None and took_us > allowed_us:
            reason = f"{took_us:.0f} microseconds"
        if reason:
            failed += 1
            print(f"seed {seed}, text {number}: {reason}: {text[:300]!r}")
        if number and number % 100_000 == 0:
            print(f"{number} texts, {failed} failed, slowest {slowest / 1_000:.1f} ms", flush=True)
    print(f"{count} texts, {failed} failed, slowest {slowest / 1_000:.1f} ms")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
