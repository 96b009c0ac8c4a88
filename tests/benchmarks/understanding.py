"""How well sentences are understood, beside what was aimed at and what other extractors reach on the same rows.

`python tests/benchmarks/understanding.py` prints a table. It reads our own labelled sentences and the shared sets
beside the checkout, and says which of them are absent. `--alone` leaves the other extractors out.
"""

import gc
import json
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from scores import date_conventions, peers

from paydesk.intents.entities import currency_signs
from paydesk.intents.parse import Parsed, parse, warm
from paydesk.intents.router import WRITES

SHARED = Path(__file__).resolve().parent.parent.parent.parent / "shared" / "understanding"
OURS = Path(__file__).resolve().parent.parent / "intents"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WITH_PEERS = "--alone" not in sys.argv

Row = dict[str, Any]
#: The keys of each kind of entity, as the targets count them.
KINDS = {
    "money": {"amount", "currency", "amount_gt", "amount_gte", "amount_lt", "amount_lte", "payment_amount"},
    "dates": {"start", "end", "compare_start", "compare_end", "start_date"},
    "customer": {"customer"},
}


def rows(name: str, folder: Path = SHARED) -> list[Row]:
    """The rows of one labelled set; none if it is not there."""
    if not (folder / name).exists():
        print(f"{name} is not here (looked in {folder.name}/)")
        return []
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines() if line.strip()]


def line(what: str, target: str, measured: str, *others: str) -> None:
    """One row of the table."""
    print(f"{what:<46}{target:>14}  {measured:>18}  " + "  ".join(others))


def share(right: int, of: int) -> str:
    """ "98.7 % of 393"."""
    return f"{right / of:.1%} of {of}" if of else "none"


def sentences(name: str, found: list[Row]) -> None:
    """Skill, every entity, and each kind where the label has one; then the two things that must never happen."""
    parsed = [parse(row["text"], now=NOW) for row in found]
    both = list(zip(parsed, found, strict=True))
    skills = sum(one.skill == row["skill"] for one, row in both)
    line(f"{name}: skill", ">= 96 %", share(skills, len(found)))
    right = sum(one.skill == row["skill"] and one.entities == row["entities"] for one, row in both)
    line(f"{name}: skill and all entities", ">= 92 %", share(right, len(found)))
    for kind, target in (("money", ">= 98 %"), ("dates", ">= 96 %"), ("customer", ">= 95 %")):
        present = [(_only(one.entities, kind), _only(row["entities"], kind)) for one, row in both]
        present = [(got, want) for got, want in present if want]
        line(f"{name}: {kind}", target, share(sum(got == want for got, want in present), len(present)))
    line(f"{name}: complete writes not meant", "0", str(sum(_is_unmeant(one, row) for one, row in both)))
    line(f"{name}: wrong amount on a write", "0", str(sum(_is_wrong_sum(one, row) for one, row in both)))


def _only(entities: dict[str, Any], kind: str) -> dict[str, Any]:
    return {key: value for key, value in entities.items() if key in KINDS[kind]}


def _is_unmeant(parsed: Parsed, row: Row) -> bool:
    return parsed.skill in WRITES and parsed.skill != row["skill"] and not parsed.missing


def _is_wrong_sum(parsed: Parsed, row: Row) -> bool:
    keys = ("amount", "currency", "percent", "full", "payment_amount")
    meant = parsed.skill in WRITES and parsed.skill == row["skill"]
    return meant and any(parsed.entities.get(key) != row["entities"].get(key) for key in keys)


#: How often all sentences are timed, each time one after the other.
PASSES = 4


def speed(texts: list[str]) -> None:
    """Processor time of one parse, every pattern compiled: each sentence once in a pass, and the best of its passes.

    No sentence is parsed twice in a row, so that nothing kept of it from just before makes it look faster. The first
    pass is told apart: there every name and rare word is new, as it is to whoever is asked a sentence once.
    """
    texts = list(dict.fromkeys(texts))
    warm()
    gc.collect()
    gc.freeze()
    passes = [[_took(text) for text in texts] for _ in range(PASSES)]
    line("microseconds: median of the first pass", "-", f"{statistics.median(passes[0]):.0f}")
    times = sorted(map(min, zip(*passes, strict=True)))
    line("microseconds: median", "<= 150", f"{statistics.median(times):.0f}")
    line("microseconds: 99th percentile", "<= 1000", f"{times[int(len(times) * 0.99)]:.0f}")
    long = [_took(("refund $5 to bob last week, " * 80)[:size]) for size in (500, 1000, 2000)]
    line("microseconds a character, 500 / 1000 / 2000", "level", " / ".join(
        f"{took / size:.1f}" for took, size in zip(long, (500, 1000, 2000), strict=True)
    ))  # fmt: skip
    code = "import time; t = time.process_time(); import paydesk.intents.parse; print(time.process_time() - t)"
    env = {"PYTHONDONTWRITEBYTECODE": ""}  # with bytecode, as an installed package has it
    runs = [float(subprocess.check_output([sys.executable, "-c", code], env=env)) * 1000 for _ in range(4)]
    line("milliseconds: import of paydesk.intents", "<= 60", f"{min(runs):.0f}")


def _took(text: str) -> float:
    begun = time.process_time_ns()
    parse(text, now=NOW)
    return (time.process_time_ns() - begun) / 1_000


def _currency(sign: str | None) -> str | None:
    if sign is None:
        return None
    letters = sign.replace(" ", "").rstrip("$").lower()
    if sign.strip() != "$" and sign.endswith("$") and letters in currency_signs.DOLLARS:
        return currency_signs.DOLLARS[letters]
    named = currency_signs.words_after(sign, 0)
    mark = currency_signs.mark_of_word(sign) or currency_signs.mark_of_word(sign.rstrip("."))
    mark = mark or (named[0] if named and named[1] == len(sign) else None)
    return mark.currency if mark else f"unknown {sign}"


def _same_money(found: Iterable[tuple[Decimal, str | None]], row: Row) -> bool:
    wanted = [(Decimal(value["amount"]), _currency(value["currency"])) for value in row["values"]]
    got = list(found)
    # A set's locale turns "ten dimes" into its own country's money; here the currency stays open.
    return len(got) == len(wanted) and all(
        one[0] == want[0] and (one[1] == want[1] or (one[1] is None and "locale" in row))
        for one, want in zip(got, wanted, strict=True)
    )


def _is_bare(row: Row) -> bool:
    """A number without any word or sign of money, such as a price tag."""
    if re.fullmatch(r"[\d\s.,]+", row["text"].strip()):
        return True
    coins = re.search(r"cent|¢|dime|nickel|penn|quarter|grand|\dk\b", row["text"], re.IGNORECASE)
    return bool(row["values"]) and not coins and all(value["currency"] is None for value in row["values"])


def _our_money(text: str) -> list[tuple[Decimal, str | None]]:
    return [(mention.amount, mention.currency) for mention in parse(text, now=NOW).money]


def money(found: list[Row]) -> None:
    """Money mentions, all of a row exact; bare price tags are apart, as the desk does not take them for money."""
    marked = [row for row in found if not _is_bare(row)]
    others = peers.money_peers() if WITH_PEERS else {}
    for name, part, target in (("bare numbers aside", marked, ">= 95 %"), ("all rows", found, "-")):
        ours = sum(_same_money(_our_money(row["text"]), row) for row in part)
        theirs = [
            f"{peer} {sum(_same_money(_signed(extract, row), row) for row in part) / len(part):.1%}"
            for peer, extract in others.items()
        ]
        line(f"public money: exact, {name}", target, share(ours, len(part)), *theirs)


def _signed(extract: Callable[[str], peers.Money], row: Row) -> peers.Money:
    return [(amount, _currency(sign)) for amount, sign in extract(row["text"])]


def _our_dates(text: str, now: datetime) -> list[list[object]]:
    return [[one["start"], one["end"]] for one in (mention.as_json() for mention in parse(text, now=now).dates)]


def _same_dates(got: list[Any], row: Row) -> bool:
    return len(got) == len(row["spans"]) and all(g in allowed for g, allowed in zip(got, row["spans"], strict=True))


def dates(found: list[Row]) -> None:
    """Date ranges, all of a row exact, any of the readings that a row allows; rows of other conventions apart."""
    kept, differing = [], Counter[str]()
    for row in found:
        got: list[Any] = _our_dates(row["text"], _at(row))
        rule = None if _same_dates(got, row) else date_conventions.rule_of(row, got)
        if rule:
            differing[rule] += 1
        else:
            kept.append(row)
    others = peers.date_peers() if WITH_PEERS else {}
    for name, part, target in (("where conventions are ours", kept, ">= 85 %"), ("all rows", found, "-")):
        ours = sum(_same_dates(_our_dates(row["text"], _at(row)), row) for row in part)
        theirs = [
            f"{peer} {sum(_same_dates(extract(row['text'], _at(row)), row) for row in part) / len(part):.1%}"
            for peer, extract in others.items()
        ]
        line(f"public dates: exact, {name}", target, share(ours, len(part)), *theirs)
    print("  set aside, by rule: " + ", ".join(f"{rule} {count}" for rule, count in differing.most_common()))


def _at(row: Row) -> datetime:
    return datetime.fromisoformat(row["ref"]).replace(tzinfo=UTC)


def out_of_scope(found: list[Row]) -> None:
    """Sentences for someone else: none may become a write, few any skill."""
    skills = [parse(row["text"], now=NOW).skill for row in found]
    routed = sum(skill not in (None, "clarify") for skill in skills)
    line("out of scope: routed to a write", "0", f"{sum(skill in WRITES for skill in skills)} of {len(found)}")
    line("out of scope: routed at all", "<= 0.5 %", f"{routed / len(found):.2%} of {len(found)}")
    line("out of scope: asked about", "-", str(sum(skill == "clarify" for skill in skills)))


def main() -> int:
    """Print the table."""
    line("what", "target", "measured", "others")
    dev, people = rows("dev_utterances.jsonl"), rows("people_dev.jsonl", OURS)
    for name, found in (
        ("shared sentences", dev),
        ("people", people),
        ("people, kept apart", rows("people_held_out.jsonl", OURS)),
    ):
        if found:
            sentences(name, found)
    for name, judge in (
        ("public_out_of_scope.jsonl", out_of_scope),
        ("public_money_en.jsonl", money),
        ("public_dates_en.jsonl", dates),
    ):
        found = rows(name)
        if found:
            judge(found)
    speed([row["text"] for row in (*dev, *people)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
