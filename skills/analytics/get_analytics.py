"""Business figures with their definition and period, per currency, exact from Stripe's own objects."""

from collections.abc import Mapping
from datetime import date, timedelta

from pydantic import Field

from paydesk.skills import period, reading
from paydesk.skills.base import Desk, Effect, Result, Strict, skill
from paydesk.skills.books import GroupBy, Span
from paydesk.skills.chart import Chart
from paydesk.skills.errors import SkillError
from paydesk.skills.figures import COUNTING, DAYS, Asked, Counted, Figure, Metric
from paydesk.skills.money import CurrencyCode
from paydesk.skills.who import CustomerText, customer_meant

_DEFINITIONS: Mapping[str, str] = {
    "revenue": "payments captured less refunds, before fees and disputes",
    "volume": "payments captured, before refunds, disputes and fees",
    "net_volume": "payments captured less refunds, disputes and fees",
    "fees": "what Stripe took",
    "refunds": "what was given back, by the day of the refund",
    "payment_count": "payments captured",
    "average_payment": "payments captured by their number",
    "failure_rate": "tries to pay that failed, of all tries",
    "refund_rate": "payments of the period that were refunded at least in part by now, of all payments",
    "dispute_rate": "payments of the period that were disputed by now, of all payments",
    "new_customers": "customers created",
    "top_customers": "customers by what they paid less refunds",
    "mrr": "active and past-due subscriptions, by the month, less lasting discounts, without trials or usage",
    "arr": "twelve times MRR",
    "churn": "subscribers who left, of those there at the start and those who came",
    "ltv": "what the customer paid less refunds, so far",
}
_NO_CHART = " (No chart: a chart needs several figures to draw; group_by gives them.)"


class Params(Strict):
    metric: Metric
    start: date | None = None
    end: date | None = None
    compare_start: date | None = None
    compare_end: date | None = None
    group_by: GroupBy | None = None
    currency: CurrencyCode | None = None
    customer: CustomerText | None = None
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
    says: str = Field(exclude=True)
    drawn: Chart | None = Field(None, exclude=True)

    def sentence(self) -> str:
        """The figures, the period, the comparison and the definition."""
        return self.says

    def lines(self) -> list[str]:
        """One line a figure, where the sentence does not hold them all."""
        return [figure.line() for figure in self.figures] if _is_grouped(self.figures) else []

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
    """Compute revenue, fees, rates, MRR, churn, top customers; by month, compared with the period before."""
    _check(params)
    span = _span(params, desk)
    who = (await customer_meant(desk, params.customer))["id"] if params.customer else None
    count = COUNTING[params.metric]
    asked = Asked(
        params.metric, desk.stripe, int(desk.now().timestamp()), who, params.currency, params.group_by, params.limit
    )
    now = await count(asked, span)
    other = _other(params, span, desk.now().date())
    before = await count(asked, other) if other is not None else None
    definition = _definition(params.metric, who)
    drawn = _drawn(params, span, now, definition, desk.now().date()) if params.chart else None
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
        looked_at=now.looked_at + (before.looked_at if before else 0),
        says=_told(params.metric, span, now)
        + _compared(now, other, before)
        + _explained(definition, now)
        + (_NO_CHART if params.chart and drawn is None else ""),
        drawn=drawn,
    )


def _check(params: Params) -> None:
    if params.customer and params.metric in ("fees", "new_customers", "top_customers", "net_volume"):
        raise SkillError(
            f"{params.metric} is not known for a single customer.",
            code="not_for_one_customer",
            field="customer",
            next_step="Ask for revenue, volume, refunds, payment_count, average_payment, ltv or a rate.",
        )
    if params.group_by and params.metric in ("mrr", "arr", "churn", "ltv", "top_customers"):
        raise SkillError(
            f"{params.metric} cannot be grouped by {params.group_by}.", code="not_grouped", field="group_by"
        )
    if params.compare_start and params.compare_end is None:
        raise SkillError("A period to compare with needs its end.", code="invalid_range", field="compare_end")


def _span(params: Params, desk: Desk) -> Span:
    """The period asked for; without one the last thirty days with today, or all of a customer's time."""
    period.within(params.start, params.end)
    period.within(params.compare_start, params.compare_end)
    if params.start or params.end or params.metric == "ltv" or (params.customer and params.metric != "churn"):
        return Span(params.start, params.end)
    if params.metric in ("mrr", "arr"):
        return Span(None, None)
    tomorrow = desk.now().date() + timedelta(days=1)
    return Span(tomorrow - timedelta(days=DAYS), tomorrow)


def _other(params: Params, span: Span, today: date) -> Span | None:
    """The period to compare with: the one named, or the one before, as much of it as has passed of this one."""
    if params.compare_start or params.compare_end:
        return Span(params.compare_start, params.compare_end)
    if params.metric in ("top_customers", "ltv", "mrr", "arr"):
        return None
    before, tomorrow = span.before(), today + timedelta(days=1)
    if before is None or before.start is None or span.start is None or span.end is None or span.end <= tomorrow:
        return before
    passed = before.start + (tomorrow - span.start)
    return Span(before.start, min(passed, span.start)) if passed > before.start else None


def _definition(metric: Metric, customer: str | None) -> str:
    if metric == "ltv" and customer is None:
        return "MRR per subscriber by the churn of the last thirty days"
    return _DEFINITIONS[metric]


def _drawn(params: Params, span: Span, now: Counted, definition: str, today: date) -> Chart | None:
    """The chart of what was counted; None where that is a single figure."""
    from paydesk.skills.charting import Drawn, chart_over_time, chart_ranked

    about = Drawn(_name(params.metric), definition, span, today)
    if params.metric == "top_customers":
        return chart_ranked(now.figures, about)
    return chart_over_time(now.figures, params.group_by, about) if params.group_by else None


def _name(metric: Metric) -> str:
    return metric.upper() if metric in ("mrr", "arr", "ltv") else metric.replace("_", " ").capitalize()


def _told(metric: Metric, span: Span, now: Counted) -> str:
    name = _name(metric)
    when = f" {span.told()}" if span.start or span.end else ""
    return f"{name}{when}: {_listed(now.figures)}"


def _compared(now: Counted, other: Span | None, before: Counted | None) -> str:
    if before is None or other is None:
        return ""
    return f"; {other.told()}: {_listed(before.figures)}{_change(now.figures, before.figures)}"


def _explained(definition: str, now: Counted) -> str:
    return f". ({definition[0].upper()}{definition[1:]}.){now.caveat}"


def _is_grouped(figures: list[Figure]) -> bool:
    return any(figure.group for figure in figures)


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
