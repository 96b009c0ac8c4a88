"""Business figures with their definition and period, per currency, exact from Stripe's own objects."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from paydesk.skills import period, reading
from paydesk.skills.base import Desk, Effect, Json, Result, Strict, skill
from paydesk.skills.books import Span
from paydesk.skills.chart import Chart
from paydesk.skills.counting import can_count, count
from paydesk.skills.errors import SkillError
from paydesk.skills.figures import DAYS, Asked, Counted, Figure, FigureSource, Source
from paydesk.skills.metrics import (
    BY_CHARGES,
    BY_PRODUCT,
    DEFINITIONS,
    LTV_OF_ALL,
    OF_ALL_TIME,
    WITHOUT_BEFORE,
    Grouping,
    Metric,
    check_customer,
    check_grouping,
)
from paydesk.skills.money import CurrencyCode
from paydesk.skills.who import customer_meant, label

# What is usual on a weekday takes several of each to tell.
_ANOMALY_DAYS = 90
_NO_CHART = " (No chart: a chart needs several figures to draw{hint}.)"
_HINT = "; group_by gives them"


class Params(Strict):
    metric: Metric
    start: date | None = None
    end: date | None = None
    compare_start: date | None = None
    compare_end: date | None = None
    group_by: Grouping | None = None
    currency: CurrencyCode | None = None
    # Undescribed, as other tools say which forms it takes, and this list of metrics is long enough.
    customer: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    limit: reading.Limit = 10
    chart: bool = False


class Analytics(Result):
    """A metric's figures over [start, end), beside those of the period before or the one to compare with."""

    metric: Metric
    definition: str
    start: str | None = None
    end: str | None = None
    figures: list[Figure]
    before_start: str | None = None
    before_end: str | None = None
    before: list[Figure] | None = None
    has_more: bool = Field(False, description="Further customers beyond limit")
    looked_at: int
    source: Source
    age_s: int | None = Field(None, description="Seconds since the mirror last heard from Stripe")
    says: str = Field(exclude=True)
    drawn: Chart | None = Field(None, exclude=True)
    #: Whether the period to compare with was named, so that each line tells its figure, too.
    compares: bool = Field(False, exclude=True)

    def sentence(self) -> str:
        """The figures, the period, the comparison and the definition."""
        return self.says

    def lines(self) -> list[str]:
        """One line a figure, where the sentence does not hold them all; beside it the same one of the other period."""
        if not _is_grouped(self.figures):
            return []
        beside = _beside(self.figures, self.before or []) if self.compares else [""] * len(self.figures)
        return [figure.line() + other for figure, other in zip(self.figures, beside, strict=True)]

    def drawing(self) -> Chart | None:
        """The chart that was asked for, where there is one to draw."""
        return self.drawn


@skill(
    effect=Effect.READ,
    toolset="analytics",
    says=(
        "what was our revenue {dates}",
        "how much did we lose to refunds {dates}",
        "top {limit} customers by revenue {dates}",
        "failure rate {dates}",
    ),
    examples=({"metric": "revenue", "start": "2026-11-01", "end": "2026-12-01"}, {"metric": "mrr"}),
)
async def get_analytics(params: Params, desk: Desk) -> Analytics:
    """Compute revenue, churn, top customers."""
    _check(params)
    span = _span(params, desk)
    customer = await customer_meant(desk, params.customer) if params.customer else None
    who = str(customer["id"]) if customer else None
    asked = Asked(
        params.metric, desk.stripe, int(desk.now().timestamp()), who, params.currency, params.group_by, params.limit
    )
    now = await _counted(desk.figures, asked, span)
    other = _other(params, span, desk.now().date())
    # What is compared comes from one place: Stripe's lists and the mirror may differ by what happened a moment ago.
    source = desk.figures if now.source == "mirror" else None
    before = await _counted(source, asked, other) if other is not None else None
    definition = _definition(params, who)
    drawn = _drawn(params, span, now, definition, desk.now().date()) if params.chart else None
    looked_at = now.looked_at + (before.looked_at if before else 0)
    return Analytics(
        metric=params.metric,
        definition=definition,
        start=span.start.isoformat() if span.start else None,
        end=span.end.isoformat() if span.end else None,
        figures=now.figures,
        before_start=other.start.isoformat() if other and other.start else None,
        before_end=other.end.isoformat() if other and other.end else None,
        before=before.figures if before else None,
        has_more=now.has_more,
        looked_at=looked_at,
        source=now.source,
        age_s=now.age_s,
        says=_told(params.metric, customer, span, now)
        + _compared(now, other, before)
        + _explained(definition, now)
        + _whence(now, looked_at)
        + (_NO_CHART.format(hint=_hint(params)) if params.chart and drawn is None else ""),
        drawn=drawn,
        compares=params.compare_end is not None or params.compare_start is not None,
    )


def _hint(params: Params) -> str:
    """That a group helps, where the metric has any and none was asked for."""
    if params.group_by is not None:
        return ""
    try:
        check_grouping(params.metric, "month")
    except SkillError:
        return ""
    return _HINT


async def _counted(figures: FigureSource | None, asked: Asked, span: Span) -> Counted:
    """From the mirror where it holds all and is fresh, else from Stripe's lists where those are enough."""
    found = await figures.counted(asked, span) if figures is not None else None
    if found is not None:
        return found
    if can_count(asked):
        return await count(asked, span)
    by = f" by {asked.group_by}" if asked.group_by else ""
    raise SkillError(
        f"{asked.metric}{by} is counted from the mirror of the account, which is not filled.",
        code="needs_mirror",
        field="metric",
        next_step="Run `paydesk sync` once (PAYDESK_MIRROR must not be off); then ask again.",
    )


def _check(params: Params) -> None:
    if params.customer:
        check_customer(params.metric)
    check_grouping(params.metric, params.group_by)
    if params.compare_start and params.compare_end is None:
        raise SkillError("A period to compare with needs its end.", code="invalid_range", field="compare_end")


def _span(params: Params, desk: Desk) -> Span:
    """The period asked for; without one the last thirty days with today, or all of a customer's time."""
    period.within(params.start, params.end)
    period.within(params.compare_start, params.compare_end)
    if params.start or params.end or (params.customer and params.metric != "churn"):
        return Span(params.start, params.end)
    if params.metric in OF_ALL_TIME:
        return Span(None, None)
    tomorrow = desk.now().date() + timedelta(days=1)
    return Span(tomorrow - timedelta(days=_ANOMALY_DAYS if params.metric == "anomalies" else DAYS), tomorrow)


def _other(params: Params, span: Span, today: date) -> Span | None:
    """The period to compare with: the one named, or the one before, as much of it as has passed of this one."""
    if params.compare_start or params.compare_end:
        return Span(params.compare_start, params.compare_end)
    if params.metric in WITHOUT_BEFORE:
        return None
    before, tomorrow = span.before(), today + timedelta(days=1)
    if before is None or before.start is None or span.start is None or span.end is None or span.end <= tomorrow:
        return before
    passed = before.start + (tomorrow - span.start)
    return Span(before.start, min(passed, span.start)) if passed > before.start else None


def _definition(params: Params, customer: str | None) -> str:
    if params.metric == "ltv" and customer is None:
        return LTV_OF_ALL
    if params.group_by == "product":
        return BY_PRODUCT
    by_charges = params.group_by in ("country", "card_brand") and not params.metric.endswith("_rate")
    return DEFINITIONS[params.metric] + (f"; {BY_CHARGES}" if by_charges else "")


def _drawn(params: Params, span: Span, now: Counted, definition: str, today: date) -> Chart | None:
    """The chart of what was counted; None where that is a single figure."""
    from paydesk.skills.charting import Drawn
    from paydesk.skills.charting_revenue import chart_of

    about = Drawn(_name(params.metric), definition, span, today, now.past, now.tested)
    return chart_of(params.metric, now.figures, params.group_by, about)


def _name(metric: Metric) -> str:
    known = {"movements": "MRR movements", "forecast": "Revenue forecast", "cohorts": "Retention by cohort"}
    in_capitals = metric in ("mrr", "arr", "ltv", "nrr", "arpu")
    return known.get(metric) or (metric.upper() if in_capitals else metric.replace("_", " ").capitalize())


def _told(metric: Metric, customer: Json | None, span: Span, now: Counted) -> str:
    name = f"{_name(metric)} of {label(customer)}" if customer else _name(metric)
    when = f" {span.told()}" if span.start or span.end else ""
    return f"{name}{when}: {_listed(now.figures)}"


def _compared(now: Counted, other: Span | None, before: Counted | None) -> str:
    if before is None or other is None:
        return ""
    return f"; {other.told()}: {_listed(before.figures)}{_change(now.figures, before.figures)}"


def _explained(definition: str, now: Counted) -> str:
    return f". ({definition[0].upper()}{definition[1:]}.){now.caveat}"


def _whence(now: Counted, looked_at: int) -> str:
    """How fresh it is, and how much was read for it: objects of Stripe's, or the mirror's rows and daily sums."""
    if now.source == "stripe":
        return f" Straight from Stripe, {looked_at:,} objects read."
    return f" From the mirror, {_age(now.age_s or 0)} old, {looked_at:,} rows read."


def _age(seconds: int) -> str:
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _beside(now: list[Figure], before: list[Figure]) -> list[str]:
    """What stands beside each figure: the one of the same group in the other period, or of the same place in it, as
    where both are split by time; nothing where there is none.
    """
    same = {_key(figure): figure for figure in before}
    if any(_key(figure) in same for figure in now):
        found = [same.get(_key(figure)) for figure in now]
        return [f" (before: {_bare(figure)})" if figure else "" for figure in found]
    aligned = [_key(figure)[1:] for figure in now] == [_key(figure)[1:] for figure in before]
    return [f" (before: {figure.line()})" for figure in before] if aligned else [""] * len(now)


def _key(figure: Figure) -> tuple[str | None, str | None, str | None]:
    return figure.group, figure.part, figure.amount.currency if figure.amount else None


def _bare(figure: Figure) -> str:
    return figure.model_copy(update={"group": None, "part": None}).line()


def _is_grouped(figures: list[Figure]) -> bool:
    return any(figure.group for figure in figures) or len(figures) > 8


def _listed(figures: list[Figure]) -> str:
    if not figures:
        return "nothing"
    if _is_grouped(figures):
        return f"{len(figures)} figures"
    return ", ".join(figure.line() for figure in figures)


def _change(now: list[Figure], before: list[Figure]) -> str:
    """How much a single figure rose or fell, in percent of the one before."""
    if len(now) != 1 or len(before) != 1 or now[0].group or before[0].group or now[0].of is not None:
        return ""
    one, other = _number(now[0]), _number(before[0])
    if not other or (now[0].amount and before[0].amount and now[0].amount.currency != before[0].amount.currency):
        return ""
    return f" ({(one - other) * 100 / other:+.1f}%)"


def _number(figure: Figure) -> int:
    return figure.amount.amount_minor if figure.amount else figure.count or 0
