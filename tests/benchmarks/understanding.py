"""How well sentences are understood: `python tests/benchmarks/understanding.py` prints one figure a line.

Reads the labelled sets beside the checkout; says which are absent. The public sets follow other conventions here and
there, so their figures are for comparison between two versions, not marks out of a hundred.
"""

import gc
import json
import re
import statistics
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from scores import date_conventions

from paydesk.intents.entities import currency_signs
from paydesk.intents.parse import Parsed, parse
from paydesk.intents.router import WRITES

SHARED = Path(__file__).resolve().parent.parent.parent.parent / "shared" / "understanding"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

Row = dict[str, Any]


def rows(name: str, folder: Path = SHARED) -> list[Row]:
    """The rows of one labelled set."""
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines() if line.strip()]


def is_right(parsed: Parsed, row: Row) -> bool:
    """Skill and every entity as labelled."""
    return parsed.skill == row["skill"] and parsed.entities == row["entities"]


def is_wrong_write(parsed: Parsed, row: Row) -> bool:
    """A write that the label does not ask for."""
    return parsed.skill in WRITES and parsed.skill != row["skill"]


def desk(dev: list[Row]) -> Iterator[str]:
    """The desk's own sentences."""
    parsed = [parse(row["text"], now=NOW) for row in dev]
    right = sum(map(is_right, parsed, dev))
    skills = sum(one.skill == row["skill"] for one, row in zip(parsed, dev, strict=True))
    yield f"dev rows right            {right} of {len(dev)} ({right / len(dev):.1%})"
    yield f"dev skill right           {skills} of {len(dev)} ({skills / len(dev):.1%})"
    yield f"dev wrong writes          {sum(map(is_wrong_write, parsed, dev))}"
    times = [statistics.median(parse(row["text"], now=NOW).us for _ in range(5)) for row in dev]
    yield f"microseconds a sentence   {statistics.median(times):.0f} median, {max(times):.0f} slowest"


def _currency(sign: str | None) -> str | None:
    if sign is None:
        return None
    letters = sign.replace(" ", "").rstrip("$").lower()
    if sign.strip() != "$" and sign.endswith("$") and letters in currency_signs.DOLLARS:
        return currency_signs.DOLLARS[letters]
    mark = currency_signs.mark_of_word(sign) or currency_signs.mark_of_word(sign.rstrip("."))
    return mark.currency if mark else f"unknown {sign}"


def _same_money(parsed: Parsed, row: Row) -> bool:
    wanted = [(Decimal(value["amount"]), _currency(value["currency"])) for value in row["values"]]
    found = [(mention.amount, mention.currency) for mention in parsed.money]
    # A set's locale turns "ten dimes" into its own country's money; here the currency stays open.
    return len(found) == len(wanted) and all(
        got[0] == want[0] and (got[1] == want[1] or (got[1] is None and "locale" in row))
        for got, want in zip(found, wanted, strict=True)
    )


def _is_bare(row: Row) -> bool:
    """A number without any word or sign of money, such as a price tag."""
    if re.fullmatch(r"[\d\s.,]+", row["text"].strip()):
        return True
    coins = re.search(r"cent|¢|dime|nickel|penn|quarter|grand|\dk\b", row["text"], re.IGNORECASE)
    return bool(row["values"]) and not coins and all(value["currency"] is None for value in row["values"])


def money(found: list[Row]) -> Iterator[str]:
    """Money mentions, all of a row exact; bare price tags are apart, as the desk does not take them for money."""
    exact = {id(row): _same_money(parse(row["text"], now=NOW), row) for row in found}
    tags = [row for row in found if _is_bare(row)]
    others = [row for row in found if row not in tags]
    right = sum(exact[id(row)] for row in others)
    share = f"{right} of {len(others)} ({right / len(others):.1%})"
    yield f"money exact               {share}, without {len(tags)} bare tags"
    yield f"money exact, all rows     {sum(exact.values())} of {len(found)} ({sum(exact.values()) / len(found):.1%})"


def dates(found: list[Row]) -> Iterator[str]:
    """Date ranges, all of a row exact, any of the readings that a row allows; rows of other conventions apart."""
    right, others = 0, Counter[str]()
    for row in found:
        parsed = parse(row["text"], now=datetime.fromisoformat(row["ref"]).replace(tzinfo=UTC))
        got = [[one["start"], one["end"]] for one in (mention.as_json() for mention in parsed.dates)]
        if len(got) == len(row["spans"]) and all(g in allowed for g, allowed in zip(got, row["spans"], strict=True)):
            right += 1
        elif rule := date_conventions.rule_of(row, got):
            others[rule] += 1
    ours = len(found) - others.total()
    yield f"dates exact               {right} of {ours} ({right / ours:.1%}) where the conventions are ours"
    yield f"dates exact, all rows     {right} of {len(found)} ({right / len(found):.1%})"
    yield "dates by other rules      " + ", ".join(f"{rule} {count}" for rule, count in others.most_common())


def out_of_scope(found: list[Row]) -> Iterator[str]:
    """Sentences for someone else: none may become a write, few any skill."""
    parsed = [parse(row["text"], now=NOW) for row in found]
    skills = [one for one in parsed if one.skill not in (None, "clarify")]
    asked = sum(one.skill == "clarify" for one in parsed)
    yield f"out of scope to a write   {sum(one.skill in WRITES for one in parsed)} of {len(found)}"
    share = f"{len(skills)} of {len(found)} ({len(skills) / len(found):.2%})"
    yield f"out of scope to any skill {share}, {asked} asked about"


SETS = {
    "dev_utterances.jsonl": desk,
    "public_money_en.jsonl": money,
    "public_dates_en.jsonl": dates,
    "public_out_of_scope.jsonl": out_of_scope,
}


def main() -> int:
    """Print every figure; a set that is not there is named."""
    gc.disable()
    for name, judge in SETS.items():
        if not (SHARED / name).exists():
            print(f"{name} is not here (looked in {SHARED.name}/ beside the checkout)")
            continue
        for line in judge(rows(name)):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
