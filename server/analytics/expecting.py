"""What is to come, and what stands out, from the mirror's daily sums: payouts, revenue, unusual days."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, func, select

from paydesk.server.analytics.anomalies import LEAST_DAYS, anomalies
from paydesk.server.analytics.forecasting import LEAST, forecast
from paydesk.server.analytics.rollups import DAY_S, read_books
from paydesk.server.store.mirror_schema import balance_transactions
from paydesk.skills.books import GroupBy, Span, group_of
from paydesk.skills.chart_words import next_group
from paydesk.skills.figures import Asked, Counted, Figure
from paydesk.skills.money import money
from paydesk.skills.period import day, seconds

#: How far is looked ahead, and how many groups make a season.
AHEAD: dict[GroupBy, int] = {"day": 14, "week": 8, "month": 3, "quarter": 2, "year": 1}
SEASON: dict[GroupBy, int] = {"day": 7, "week": 52, "month": 12, "quarter": 4, "year": 1}
_ANOMALY_DAYS = 90
_SHOWN_LEAST = 12  # groups of the past in a chart


def expect_payouts(connection: Connection, *, now: int, currency: str | None) -> Counted:
    """The net of what is not available yet, by the UTC day on which it becomes so: what payouts can be made of."""
    row = balance_transactions.c
    when = row.available_on // DAY_S
    where = [row.available_on > now, row.deleted.is_(False), *([row.currency == currency] if currency else [])]
    query = select(when, row.currency, func.sum(row.net_minor), func.count()).where(*where).group_by(when, row.currency)
    found = sorted((int(at), code, int(net), int(count)) for at, code, net, count in connection.execute(query))
    figures = [Figure(group=day(at * DAY_S), amount=money(net, code), count=count) for at, code, net, count in found]
    return Counted(
        figures,
        sum(count for *_, count in found),
        " Automatic payouts follow the account's schedule, from the day on which funds are available.",
    )


def expect_revenue(connection: Connection, *, asked: Asked, by: GroupBy, span: Span) -> Counted:
    """The next groups' revenue with its bounds, from all whole groups before the present one."""
    first = date.fromisoformat(group_of(asked.now, by))
    books, read = read_books(connection, Span(span.start, first), asked.currency, by)
    figures: list[Figure] = []
    past: list[Figure] = []
    tested: list[str] = []
    caveats: list[str] = []
    for currency in sorted({code for of_group in books.values() for code in of_group}):
        history = {group: one[currency].revenue_minor for group, one in books.items() if currency in one}
        series = _filled(history, first, by)
        told = forecast(series, AHEAD[by], SEASON[by])
        if told is None:
            caveats.append(f" Too little {currency} to go by: {len(series)} whole {by}s, and {LEAST} are needed.")
            continue
        past += _past(series, first, by, currency)
        at = first
        for one in told.expected:
            amounts = [money(value, currency) for value in (one.value, one.low, one.high)]
            figures.append(Figure(group=at.isoformat(), amount=amounts[0], low=amounts[1], high=amounts[2]))
            at = next_group(at, by)
        miss = f", off by {told.miss}% on average" if told.miss is not None else ""
        if told.miss is not None:
            tested.append(f"{told.miss}% ({currency.upper()})")
        caveats.append(
            f" {currency}: {told.method}, tried at {told.tested} earlier moments{miss}; four in five within."
        )
    if not books:
        caveats.append(f" There is no whole {by} to go by yet.")
    hint = " Ask by week or day." if not figures and by not in ("day", "week") else ""
    off = f"a back-test was off by {', '.join(tested)} on average" if tested else ""
    return Counted(figures, read, "".join(caveats) + hint, past=past, tested=off)


def _past(series: list[int], first: date, by: GroupBy, currency: str) -> list[Figure]:
    """The last groups before `first`, as many as a chart shows beside what is expected."""
    shown = series[-max(_SHOWN_LEAST, 3 * AHEAD[by]) :]
    at, found = first, []
    for value in reversed(shown):
        at = date.fromisoformat(group_of(seconds(at) - 1, by))
        found.append(Figure(group=at.isoformat(), amount=money(value, currency)))
    return found[::-1]


def _filled(history: dict[str, int], first: date, by: GroupBy) -> list[int]:
    """Every group from the first that holds something to the last whole one; nothing is 0."""
    at = date.fromisoformat(min(history))
    values = []
    while at < first:
        values.append(history.get(at.isoformat(), 0))
        at = next_group(at, by)
    # The first group is hardly ever whole: business began somewhere within it.
    return values[1:]


def find_anomalies(connection: Connection, *, asked: Asked, span: Span) -> Counted:
    """Whole days of the period (90 days without one) whose revenue is far from what is usual on such a day."""
    today = datetime.fromtimestamp(asked.now, UTC).date()
    end = min(span.end or today, today)
    start = span.start or end - timedelta(days=_ANOMALY_DAYS)
    books, read = read_books(connection, Span(start, end), asked.currency, "day") if start < end else ({}, 0)
    figures: list[Figure] = []
    caveat = ""
    for currency in sorted({code for of_day in books.values() for code in of_day}):
        found = {
            seconds(date.fromisoformat(at)) // DAY_S: one[currency] for at, one in books.items() if currency in one
        }
        begin = max(seconds(start) // DAY_S, min(found))
        values = {at: found[at].revenue_minor if at in found else 0 for at in range(begin, seconds(end) // DAY_S)}
        odd = anomalies(values)
        if odd is None:
            caveat += f" Too little {currency} to say what is usual: {len(values)} days, and {LEAST_DAYS} are needed."
            continue
        for one in odd:
            value, low, high = (money(minor, currency) for minor in (one.value, one.low, one.high))
            score = f"{one.score_tenths / 10:+.1f}"
            figures.append(Figure(group=day(one.day * DAY_S), amount=value, ratio=score, low=low, high=high))
    return Counted(figures, read, caveat or " In brackets what is usual on such a day, then by how many deviations.")
