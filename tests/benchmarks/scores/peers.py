"""Other people's extractors on the same rows: price-parser, Duckling (by its Python binding) and dateparser.

They are installed by `make bench` into a folder of their own; one that is absent is left out of the table.
"""

import sys
import warnings
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

#: Amount in major units and the sign or code as the extractor gives it.
Money = list[tuple[Decimal, str | None]]
Ranges = list[list[str | None]]
FOLDER = Path(__file__).resolve().parents[3] / ".venv" / "peers"


def money_peers() -> dict[str, Callable[[str], Money]]:
    """Extractors of money that are installed, by name."""
    _look_in_folder()
    found: dict[str, Callable[[str], Money]] = {}
    for name, make in (("price-parser", _price_parser), ("duckling", _duckling_money)):
        try:
            found[name] = make()
        except (ImportError, OSError):
            continue
    return found


def date_peers() -> dict[str, Callable[[str, datetime], Ranges]]:
    """Extractors of date ranges that are installed, by name."""
    _look_in_folder()
    found: dict[str, Callable[[str, datetime], Ranges]] = {}
    for name, make in (("duckling", _duckling_dates), ("dateparser", _dateparser)):
        try:
            found[name] = make()
        except (ImportError, OSError):
            continue
    return found


def _look_in_folder() -> None:
    # Last, so that nothing of theirs stands in for what the project itself has installed.
    if FOLDER.exists() and str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))


def _price_parser() -> Callable[[str], Money]:
    from price_parser import Price

    def extract(text: str) -> Money:
        price = Price.fromstring(text)
        return [] if price.amount is None else [(price.amount, price.currency)]

    return extract


def _duckling(dimension: str) -> Callable[[str, datetime], list[dict[str, Any]]]:
    import duckling

    zones = duckling.load_time_zones("/usr/share/zoneinfo")
    locale = duckling.parse_locale("EN_US", duckling.default_locale_lang(duckling.parse_lang("EN")))
    dimensions = duckling.parse_dimensions([dimension])

    def extract(text: str, now: datetime) -> list[dict[str, Any]]:
        moment = duckling.parse_ref_time(zones, "UTC", int(now.timestamp()))
        found: list[dict[str, Any]] = duckling.parse(text, duckling.Context(moment, locale), dimensions, False)
        return found

    return extract


def _duckling_money() -> Callable[[str], Money]:
    parse = _duckling("amount-of-money")
    at = datetime.fromisoformat("2026-11-21T12:00:00+00:00")

    def extract(text: str) -> Money:
        values = [one["value"] for one in parse(text, at)]
        return [(Decimal(str(value["value"])), value.get("unit")) for value in values if "value" in value]

    return extract


_GRAINS = {"day": 1, "week": 7}


def _after(start: date, grain: str) -> date:
    if grain in _GRAINS:
        return start + timedelta(days=_GRAINS[grain])
    months = {"month": 1, "quarter": 3, "year": 12}.get(grain)
    if months is None:  # an hour or less is part of its day
        return start + timedelta(days=1)
    count = start.month - 1 + months
    return start.replace(year=start.year + count // 12, month=count % 12 + 1, day=1)


def _duckling_dates() -> Callable[[str, datetime], Ranges]:
    parse = _duckling("time")

    def extract(text: str, now: datetime) -> Ranges:
        ranges: Ranges = []
        for value in (one["value"] for one in parse(text, now)):
            begin, stop = value.get("from"), value.get("to")
            if value.get("type") == "interval":
                ranges.append([begin["value"][:10] if begin else None, stop["value"][:10] if stop else None])
            elif "value" in value:
                start = date.fromisoformat(value["value"][:10])
                ranges.append([start.isoformat(), _after(start, value["grain"]).isoformat()])
        return ranges

    return extract


def _dateparser() -> Callable[[str, datetime], Ranges]:
    from dateparser.search import search_dates

    def extract(text: str, now: datetime) -> Ranges:
        settings = {"RELATIVE_BASE": now.replace(tzinfo=None), "RETURN_AS_TIMEZONE_AWARE": False}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = search_dates(text, languages=["en"], settings=settings) or []
        days = [moment.date() for _, moment in found]
        return [[day.isoformat(), (day + timedelta(days=1)).isoformat()] for day in days]

    return extract
