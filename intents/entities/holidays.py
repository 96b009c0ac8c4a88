"""Holidays that people use as dates: fixed, on a weekday of a month, around Easter or Thanksgiving."""

from datetime import date, timedelta
from typing import Final

from paydesk.intents.entities.lunar_holidays import LUNAR, lunar_holiday
from paydesk.intents.entities.periods import Period, day, nth_weekday
from paydesk.intents.words import pairs

_FIXED: Final = pairs(
    """
    christmas:12-25 christmas_day:12-25 xmas:12-25 xmas_day:12-25 christmas_eve:12-24 xmas_eve:12-24
    boxing_day:12-26 new_year's_day:1-1 new_years_day:1-1 new_year's_eve:12-31 new_years_eve:12-31 new_year:1-1
    nye:12-31 valentine's_day:2-14 valentines_day:2-14 valentine_day:2-14 st_patrick's_day:3-17
    st._patrick's_day:3-17 saint_patrick's_day:3-17 saint_patricks_day:3-17 st_patricks_day:3-17
    saint_paddy's_day:3-17 april_fools_day:4-1 april_fool's_day:4-1 april_fools:4-1 earth_day:4-22
    may_day:5-1 cinco_de_mayo:5-5 juneteenth:6-19 independence_day:7-4 halloween:10-31 halloween_day:10-31
    veterans_day:11-11 veteran's_day:11-11 veterans'_day:11-11 remembrance_day:11-11 singles_day:11-11
    singles'_day:11-11 bastille_day:7-14 canada_day:7-1 groundhog_day:2-2 boss_day:10-16 boss's_day:10-16
    australia_day:1-26 guy_fawkes_day:11-5
    epiphany:1-6 all_saints'_day:11-1 all_saints_day:11-1 koningsdag:4-27 king's_day:4-27 women's_day:3-8
    workers'_day:5-1 workers_day:5-1 worker's_day:5-1
    international_workers'_day:5-1 bogi_pandigai:1-13 pongal:1-14 maattu_pongal:1-15
    kaanum_pongal:1-16 kanni_pongal:1-16 parsi_new_year:8-17 jamshedi_navroz:8-17 nowruz:3-20
    """
)
#: month-weekday-which: the third Monday of January is 1-0-3, the last Monday of May 5-0--1.
_BY_WEEKDAY: Final = {
    name: tuple(int(n) for n in rule.split("/"))
    for name, rule in pairs(
        """
        mlk_day:1/0/3 civil_rights_day:1/0/3 martin_luther_king_day:1/0/3 martin_luther_king's_day:1/0/3
        martin_luther_king_jr._day:1/0/3 martin_luther_king_jr_day:1/0/3 mlk_jr._day:1/0/3 mlk_jr_day:1/0/3
        presidents_day:2/0/3 president's_day:2/0/3 presidents'_day:2/0/3 mother's_day:5/6/2 mothers_day:5/6/2
        mothers'_day:5/6/2 memorial_day:5/0/-1 father's_day:6/6/3 fathers_day:6/6/3 fathers'_day:6/6/3
        labor_day:9/0/1 labour_day:9/0/1 columbus_day:10/0/2 indigenous_peoples'_day:10/0/2
        """
    ).items()
}
_AFTER_THANKSGIVING: Final = pairs(
    "thanksgiving:0 thanksgiving_day:0 black_friday:1 small_business_saturday:2 cyber_monday:4 giving_tuesday:5"
)
_AROUND_EASTER: Final = pairs(
    """
    easter:0 easter_sunday:0 easter_monday:1 easter_mon:1 good_friday:-2 holy_saturday:-1 palm_sunday:-7
    ash_wednesday:-46 mardi_gras:-47 shrove_tuesday:-47 pancake_tuesday:-47 shrove_monday:-48 maundy_thursday:-3
    holy_thursday:-3 pentecost:49 whit_sunday:49 white_sunday:49 whit_monday:50 ascension_day:39 corpus_christi:60
    trinity_sunday:56
    """
)
_AROUND_ORTHODOX_EASTER: Final = pairs(
    "orthodox_easter:0 orthodox_easter_sunday:0 orthodox_good_friday:-2 clean_monday:-48 orthodox_shrove_monday:-48"
)

HOLIDAYS: Final = tuple(
    sorted(
        {*_FIXED, *_BY_WEEKDAY, *_AFTER_THANKSGIVING, *_AROUND_EASTER, *_AROUND_ORTHODOX_EASTER, *LUNAR},
        key=lambda name: (-len(name), name),
    )
)


def holiday(name: str, year: int) -> Period | None:
    """The days of a holiday named in HOLIDAYS; None where they are not known that year, KeyError for another name."""
    if name in LUNAR:
        return lunar_holiday(name, year)
    if name in _FIXED:
        month, _, number = _FIXED[name].partition("-")
        return day(_observed(name, date(year, int(month), int(number))))
    if name in _BY_WEEKDAY:
        at = nth_weekday(year, *_BY_WEEKDAY[name])
        assert at is not None  # noqa: S101 - the table names no fifth weekday
        return day(at)
    if name in _AFTER_THANKSGIVING:
        return day(_thanksgiving(year) + timedelta(days=int(_AFTER_THANKSGIVING[name])))
    if name in _AROUND_ORTHODOX_EASTER:
        return day(_orthodox_easter(year) + timedelta(days=int(_AROUND_ORTHODOX_EASTER[name])))
    return day(easter(year) + timedelta(days=int(_AROUND_EASTER[name])))


def _observed(name: str, at: date) -> date:
    """The day on which it is kept: a Sunday's king's day the day before, a weekend's boss's day on a workday."""
    if name in ("king's day", "koningsdag") and at.weekday() == 6:
        return at - timedelta(days=1)
    if name.startswith("boss") and at.weekday() >= 5:
        return at + timedelta(days=1 if at.weekday() == 6 else -1)
    return at


def _thanksgiving(year: int) -> date:
    fourth = nth_weekday(year, 11, 3, 4)
    assert fourth is not None  # noqa: S101 - November always has four Thursdays
    return fourth


def easter(year: int) -> date:
    """Western Easter Sunday, by the anonymous Gregorian computus."""
    golden, century = year % 19, year // 100
    skipped = century - century // 4 - (8 * century + 13) // 25
    moon = (skipped + 19 * golden + 15) % 30
    moon -= (moon // 28) * (1 - (moon // 28) * (29 // (moon + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    back = moon - weekday
    month = 3 + (back + 40) // 44
    return date(year, month, back + 28 - 31 * (month // 4))


def _orthodox_easter(year: int) -> date:
    """Orthodox Easter Sunday by Meeus's Julian rule; the calendars lie 13 days apart from 1900 to 2099."""
    moon = (19 * (year % 19) + 15) % 30
    weekday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7
    month, number = divmod(moon + weekday + 114, 31)
    return date(year, month, number + 1) + timedelta(days=13)
