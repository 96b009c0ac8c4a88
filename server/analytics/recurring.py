"""Recurring revenue over time, from what each subscription brought a month from when on.

A moment counts what changed up to and with it; a period [start, end) begins with what was there just before its start.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paydesk.skills.books import GroupBy, group_of
from paydesk.skills.mrr_bridge import MrrBridge

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DAY_S = 24 * 60 * 60
# Who it belongs to: one whose customer is not known stands for itself.
_OWNER = "coalesce(customer, subscription)"
_MOVEMENTS = ("new", "expansion", "reactivation", "contraction", "churn")


@dataclass(frozen=True)
class Whose:
    """Of which currency and customer; None is all."""

    currency: str | None = None
    customer: str | None = None

    @property
    def where(self) -> str:
        """A condition of SQL; its parameters are `parameters`."""
        return "($currency IS NULL OR currency = $currency) AND ($customer IS NULL OR customer = $customer)"

    @property
    def parameters(self) -> dict[str, Any]:
        return {"currency": self.currency, "customer": self.customer}


@dataclass(frozen=True)
class Recurring:
    """What one currency's subscriptions bring a month, and how many of them and of subscribers do."""

    currency: str
    a_month_minor: int
    subscriptions: int
    subscribers: int


def rows_up_to(connection: "DuckDBPyConnection", moment: int) -> int:
    """How many changes there were up to a moment."""
    found = connection.execute('SELECT count(*) FROM revenue_changes WHERE "at" <= ?', [moment]).fetchone()
    return int(found[0]) if found else 0


def recurring_at(connection: "DuckDBPyConnection", moment: int, whose: Whose) -> list[Recurring]:
    """What each currency brought a month at a moment; only those that brought something."""
    found = connection.execute(
        f"""
        WITH latest AS (
            SELECT {_OWNER} AS owner, currency, arg_max(a_month_minor, "at") AS amount
            FROM revenue_changes WHERE "at" <= $moment AND {whose.where}
            GROUP BY subscription, {_OWNER}, currency
        )
        SELECT currency, sum(amount), count(*), count(DISTINCT owner) FROM latest WHERE amount > 0
        GROUP BY currency ORDER BY currency
        """,
        {"moment": moment, **whose.parameters},
    ).fetchall()
    return [Recurring(code, int(total), int(count), int(owners)) for code, total, count, owners in found]


def recurring_over_time(
    connection: "DuckDBPyConnection", start: int, end: int, by: GroupBy, whose: Whose
) -> tuple[list[tuple[str, Recurring]], int]:
    """What each currency brought a month at the end of each group in [start, end), in order, without subscribers; and
    how many changes were read.
    """
    changes = connection.execute(
        f"""
        WITH steps AS (
            SELECT currency, "at", a_month_minor AS amount,
                   coalesce(lag(a_month_minor) OVER (PARTITION BY subscription ORDER BY "at"), 0) AS before
            FROM revenue_changes WHERE "at" < $end AND {whose.where}
        )
        SELECT currency, greatest("at", $start) // 86400 AS day, sum(amount - before),
               sum((amount > 0)::INT - (before > 0)::INT), count(*)
        FROM steps GROUP BY ALL
        """,
        {"start": start, "end": end, **whose.parameters},
    ).fetchall()
    groups = groups_between(start, end, by)
    sums: dict[str, dict[str, list[int]]] = {}
    for code, day, amount, count, _ in changes:
        summed = sums.setdefault(code, {}).setdefault(group_of(int(day) * DAY_S, by), [0, 0])
        summed[0] += int(amount)
        summed[1] += int(count)
    series: list[tuple[str, Recurring]] = []
    for currency, of_group in sums.items():
        total = running = 0
        for group in groups:
            amount, count = of_group.get(group, (0, 0))
            total, running = total + amount, running + count
            series.append((group, Recurring(currency, total, running, 0)))
    return sorted(series, key=lambda one: (one[0], one[1].currency)), sum(int(one[-1]) for one in changes)


def groups_between(start: int, end: int, by: GroupBy) -> list[str]:
    """Every group of time that [start, end) touches, in order."""
    days = range(start // DAY_S, max(-(-end // DAY_S), start // DAY_S + 1))
    return list(dict.fromkeys(group_of(day * DAY_S, by) for day in days))


_DAILY = f"""
    WITH steps AS (
        SELECT {_OWNER} AS owner, currency, "at" // 86400 AS day,
               a_month_minor - coalesce(lag(a_month_minor) OVER (PARTITION BY subscription ORDER BY "at"), 0) AS change
        FROM revenue_changes WHERE "at" < $end AND {{where}}
    ), daily AS (
        SELECT owner, currency, day, sum(change) AS change FROM steps GROUP BY ALL HAVING sum(change) <> 0
    ), running AS (
        SELECT currency, day, change,
               sum(change) OVER (PARTITION BY owner, currency ORDER BY day) AS after,
               row_number() OVER (PARTITION BY owner, currency ORDER BY day) AS nth
        FROM daily
    )
"""


def movements(
    connection: "DuckDBPyConnection", start: int, end: int, whose: Whose, by: GroupBy | None = None
) -> list[tuple[str, MrrBridge]]:
    """MRR from start to end in ChartMogul's movements, by currency and group of time; start + movements = end.

    What a customer's subscriptions in one currency bring is taken together and from the end of one day (UTC) to the
    next, so a plan that is replaced by another on the same day is an expansion or a contraction, not churn.
    """
    found = connection.execute(
        _DAILY.format(where=whose.where)
        + """
        SELECT currency, greatest(day, $first - 1) AS day,
            CASE WHEN day < $first THEN 'before' WHEN nth = 1 THEN 'new' WHEN after = change THEN 'reactivation'
                 WHEN after = 0 THEN 'churn' WHEN change > 0 THEN 'expansion' ELSE 'contraction' END AS movement,
            sum(change)
        FROM running GROUP BY ALL ORDER BY ALL
        """,
        {"first": start // DAY_S, "end": end, **whose.parameters},
    ).fetchall()
    groups = groups_between(start, end, by) if by else [""]
    return [
        (group, bridge)
        for currency in sorted({code for code, *_ in found})
        for group, bridge in _bridges(currency, [row for row in found if row[0] == currency], groups, by)
    ]


def _bridges(
    currency: str, rows: Iterable[tuple[Any, ...]], groups: list[str], by: GroupBy | None
) -> list[tuple[str, MrrBridge]]:
    total = 0
    moved: dict[str, dict[str, int]] = {group: dict.fromkeys(_MOVEMENTS, 0) for group in groups}
    for _, day, movement, change in rows:
        if movement == "before":
            total += int(change)
        else:
            moved[group_of(int(day) * DAY_S, by)][movement] += int(change)
    bridges = []
    for group in groups:
        end = total + sum(moved[group].values())
        parts = {f"{movement}_minor": change for movement, change in moved[group].items()}
        bridges.append((group, MrrBridge(currency, total, end_minor=end, **parts)))
        total = end
    return bridges


@dataclass(frozen=True)
class Kept:
    """Who paid at a start, and who of them still did at an end; `came`: those of the start and who came within.

    `left_of_came` counts those of `came` who no longer paid at the end. Amounts are minor units a month by currency.
    """

    there: int
    left: int
    came: int
    left_of_came: int
    start_minor: dict[str, int] = field(default_factory=dict)
    kept_minor: dict[str, int] = field(default_factory=dict)


def kept(connection: "DuckDBPyConnection", start: int, end: int, whose: Whose) -> Kept:
    """Who stayed from one moment to another, and what they bring."""
    states = f"""
        WITH one AS (
            SELECT {_OWNER} AS owner, currency,
                   coalesce(arg_max(a_month_minor, "at") FILTER ("at" <= $start), 0) AS first,
                   coalesce(bool_or(a_month_minor > 0) FILTER ("at" >= $start AND "at" < $end), false) AS came,
                   arg_max(a_month_minor, "at") AS last
            FROM revenue_changes WHERE "at" <= $end AND {whose.where}
            GROUP BY subscription, {_OWNER}, currency
        )
    """
    parameters = {"start": start, "end": end, **whose.parameters}
    counts = connection.execute(
        states
        + """
        , owners AS (
            SELECT bool_or(first > 0) AS there, bool_or(first > 0 OR came) AS came, bool_or(last > 0) AS stays
            FROM one GROUP BY owner
        )
        SELECT count(*) FILTER (there), count(*) FILTER (there AND NOT stays),
               count(*) FILTER (came), count(*) FILTER (came AND NOT stays) FROM owners
        """,
        parameters,
    ).fetchone()
    sums = connection.execute(
        states
        + """
        , owners AS (SELECT owner, currency, sum(first) AS first, sum(last) AS last FROM one GROUP BY ALL)
        SELECT currency, sum(first), sum(last) FROM owners WHERE first > 0 GROUP BY currency ORDER BY currency
        """,
        parameters,
    ).fetchall()
    there, left, came, left_of_came = (int(one) for one in counts or (0, 0, 0, 0))
    return Kept(
        there,
        left,
        came,
        left_of_came,
        {code: int(first) for code, first, _ in sums},
        {code: int(last) for code, _, last in sums},
    )


@dataclass
class Cohort:
    """Subscribers by the month of their first payment: how many, and month -> how many pay at its end (or now)."""

    size: int = 0
    paying: dict[int, int] = field(default_factory=dict)


def cohorts(connection: "DuckDBPyConnection", now: int, whose: Whose) -> dict[int, Cohort]:
    """The cohort of each first paying month; months are counted from January 1970.
    A subscriber's time is a row of stretches; each adds one to the month of its
       first day and takes one from the month of its last, so nothing is written out month by month.
       Amounts are only held against 0: sums over currencies are no figures.
    """
    found = connection.execute(
        f"""
        WITH steps AS (
            SELECT {_OWNER} AS owner, "at" // 86400 AS day,
                   a_month_minor
                   - coalesce(lag(a_month_minor) OVER (PARTITION BY subscription ORDER BY "at"), 0) AS change
            FROM revenue_changes WHERE "at" <= $now AND {whose.where}
        ), daily AS (
            SELECT owner, day, sum(change) AS change FROM steps GROUP BY ALL HAVING sum(change) <> 0
        ), running AS (
            SELECT owner, day, sum(change) OVER one AS after, change, first_value(day) OVER one AS born
            FROM daily WINDOW one AS (PARTITION BY owner ORDER BY day)
        ), edges AS (
            SELECT born, day, (after > 0)::INT - (after - change > 0)::INT AS edge FROM running
        )
        SELECT year(b) * 12 + month(b) - 23641 AS born, year(d) * 12 + month(d) - 23641 AS month, sum(edge),
               count(*) FILTER (b = d)
        FROM (SELECT DATE '1970-01-01' + born::INT AS b, DATE '1970-01-01' + day::INT AS d, edge
              FROM edges WHERE edge <> 0)
        GROUP BY 1, 2 ORDER BY 1, 2
        """,
        {"now": now, **whose.parameters},
    ).fetchall()
    edges: dict[int, dict[int, int]] = {}
    table: dict[int, Cohort] = {}
    for born, month, edge, began in found:
        edges.setdefault(int(born), {})[int(month)] = int(edge)
        table.setdefault(int(born), Cohort()).size += int(began)
    for born, cohort in table.items():
        paying = 0
        for month in range(born, month_of(now) + 1):
            paying += edges[born].get(month, 0)
            cohort.paying[month] = paying
    return table


def month_of(moment: int) -> int:
    """Months from January 1970."""
    first = group_of(moment, "month")
    return (int(first[:4]) - 1970) * 12 + int(first[5:7]) - 1


def first_day(month: int) -> str:
    """The first day of a month counted from January 1970."""
    return f"{1970 + month // 12:04d}-{month % 12 + 1:02d}-01"
