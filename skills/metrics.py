"""The business figures that can be asked for: their names, their definitions and whence those come, and what they can
be grouped by. docs/analytics.md says each at length.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from paydesk.skills.books import GroupBy
from paydesk.skills.errors import SkillError

Metric = Literal[
    "revenue",
    "volume",
    "net_volume",
    "fees",
    "refunds",
    "payment_count",
    "average_payment",
    "success_rate",
    "failure_rate",
    "refund_rate",
    "dispute_rate",
    "new_customers",
    "top_customers",
    "concentration",
    "mrr",
    "arr",
    "movements",
    "churn",
    "customer_churn",
    "revenue_churn",
    "nrr",
    "quick_ratio",
    "arpu",
    "ltv",
    "cohorts",
    "payout_forecast",
    "forecast",
    "anomalies",
]
#: Money is told by currency in any case, as currencies are never added together.
Grouping = Literal["day", "week", "month", "quarter", "year", "product", "country", "card_brand", "reason"]
PERIODS: tuple[GroupBy, ...] = get_args(GroupBy)

DEFINITIONS: Mapping[Metric, str] = {
    "revenue": "payments captured less refunds, before fees and disputes",
    "volume": "payments captured, before refunds, disputes and fees",
    "net_volume": "payments captured less refunds, disputes and fees",
    "fees": "what Stripe took",
    "refunds": "what was given back, by the day of the refund",
    "payment_count": "payments captured",
    "average_payment": "payments captured by their number",
    "success_rate": "tries to pay that succeeded, of all tries",
    "failure_rate": "tries to pay that failed, of all tries",
    "refund_rate": "payments of the period that were refunded at least in part by now, of all payments",
    "dispute_rate": "payments of the period that were disputed by now, of all payments",
    "new_customers": "customers created",
    "top_customers": "customers by what they paid less refunds",
    "concentration": "what the customers who paid most paid less refunds, of what all paid",
    "mrr": "active and past-due subscriptions, by the month, less lasting discounts, without trials or usage",
    "arr": "twelve times MRR",
    "movements": "MRR from start to end by ChartMogul's movements, day by day and customer by customer",
    "churn": "subscribers who left, of those there at the start and those who came",
    "customer_churn": "subscribers of the start who have left by the end, of those of the start; ChartMogul's",
    "revenue_churn": "MRR lost to churn and contraction, of the MRR at the start",
    "nrr": "what the subscribers of the start bring at the end, of what they brought at the start",
    "quick_ratio": "MRR won (new, expansion, reactivation) by MRR lost (contraction, churn)",
    "arpu": "MRR by the number of subscribers who pay",
    "ltv": "what the customer paid less refunds, so far",
    "cohorts": "subscribers by the month of their first payment, and the share who still pay that many months later",
    "payout_forecast": "net of what is not yet available, by the day it becomes so",
    "forecast": "revenue as it may go on; payments captured less refunds",
    "anomalies": "days whose revenue is far from the median of their weekday, by the median deviation",
}
LTV_OF_ALL = "MRR per subscriber by the churn of the last thirty days"
#: Sums of charges rather than of the ledger, as the ledger does not say where or how was paid.
BY_CHARGES = "by charges in the currency paid, refunds counted on the day of the payment"
BY_PRODUCT = "lines of invoices that were paid, by the day of the invoice, before refunds"

_OVER_TIME = frozenset(PERIODS)
_MONEY = frozenset({"revenue", "volume", "payment_count", "average_payment"})
_RATES = frozenset({"success_rate", "failure_rate", "refund_rate", "dispute_rate"})
_GROUPED_BY: Mapping[str, frozenset[str]] = {
    "product": frozenset({"revenue", "volume"}),
    "country": _MONEY | _RATES,
    "card_brand": _MONEY | _RATES,
    "reason": frozenset({"failure_rate"}),
}
_NEVER_GROUPED = frozenset({"top_customers", "concentration", "ltv", "cohorts", "payout_forecast", "anomalies"})
_NOT_OVER_TIME = _NEVER_GROUPED | {"churn", "customer_churn", "arpu"}
_OF_ONE_CUSTOMER = frozenset(
    {"revenue", "volume", "refunds", "payment_count", "average_payment", "mrr", "arr", "churn", "ltv"} | _RATES
)
#: Figures of a moment, or that choose their own period: no period before to compare with.
WITHOUT_BEFORE = frozenset(
    {"top_customers", "ltv", "mrr", "arr", "arpu", "movements", "cohorts", "payout_forecast", "forecast"}
    | {"anomalies", "concentration"}
)
#: Asked for without a period, these look at all there is, or at the present.
OF_ALL_TIME = frozenset({"mrr", "arr", "arpu", "ltv", "cohorts", "payout_forecast", "forecast"})


def check_grouping(metric: Metric, by: Grouping | None) -> None:
    """Raises SkillError (not_grouped) where this metric cannot be split so."""
    if by is None:
        return
    if by in _OVER_TIME:
        if metric not in _NOT_OVER_TIME:
            return
    elif metric in _GROUPED_BY[by]:
        return
    fitting = [name for name in get_args(Grouping) if _fits(metric, name)]
    raise SkillError(
        f"{metric} cannot be grouped by {by}.",
        code="not_grouped",
        field="group_by",
        next_step=f"It can be grouped by {', '.join(fitting)}." if fitting else "Leave group_by out.",
    )


def _fits(metric: Metric, by: str) -> bool:
    return metric not in _NOT_OVER_TIME if by in _OVER_TIME else metric in _GROUPED_BY[by]


def check_customer(metric: Metric) -> None:
    """Raises SkillError (not_for_one_customer) where this metric is not known of a single customer."""
    if metric not in _OF_ONE_CUSTOMER:
        raise SkillError(
            f"{metric} is not known for a single customer.",
            code="not_for_one_customer",
            field="customer",
            next_step="Ask for revenue, volume, refunds, payment_count, average_payment, ltv or a rate.",
        )
