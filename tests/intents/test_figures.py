"""Figures that the desk works out beside the usual ones, and how they are split."""

from datetime import UTC, datetime

import pytest

from paydesk.intents.parse import parse
from paydesk.intents.reads import figures
from paydesk.skills.catalogue import catalogue
from paydesk.skills.metrics import DEFINITIONS

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OFFERED = frozenset(catalogue())
ASKED = [
    ("show the MRR bridge", "movements"),
    ("net new MRR this quarter", "movements"),
    ("what was our logo churn in October", "customer_churn"),
    ("customer churn this year", "customer_churn"),
    ("MRR churn last month", "revenue_churn"),
    ("what's our net revenue retention", "nrr"),
    ("NRR", "nrr"),
    ("what's the quick ratio this year", "quick_ratio"),
    ("ARPU", "arpu"),
    ("average revenue per customer", "arpu"),
    ("show me the cohorts", "cohorts"),
    ("customer retention by month", "cohorts"),
    ("what is our acceptance rate this week", "success_rate"),
    ("revenue forecast", "forecast"),
    ("what's our expected revenue next month", "forecast"),
    ("upcoming payouts", "payout_forecast"),
    ("when does the money arrive", "payout_forecast"),
    ("any anomalies this year?", "anomalies"),
    ("unusual days last month", "anomalies"),
    ("how dependent are we on our biggest customers?", "concentration"),
    ("customer concentration", "concentration"),
]


@pytest.mark.parametrize(("text", "metric"), ASKED, ids=[text for text, _ in ASKED])
def test_a_figure_is_asked_for_by_its_names(text: str, metric: str) -> None:
    """Ours: what the desk works out can be asked for in the words of the trade."""
    parsed = parse(text, now=NOW, offered=OFFERED)
    assert (parsed.skill, parsed.entities.get("metric"), "customer" in parsed.entities) == (
        "get_analytics",
        metric,
        False,
    )
    assert metric in DEFINITIONS


@pytest.mark.parametrize(
    ("text", "metric"),
    [("customer churn", "churn"), ("success rate this week", "failure_rate"), ("show the MRR bridge", "mrr")],
)
def test_without_the_offer_the_usual_figures_are_meant(text: str, metric: str) -> None:
    """Ours: `parse` labels by the list of metrics that everybody knows."""
    assert parse(text, now=NOW).entities["metric"] == metric


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("revenue by plan this year", "product"),
        ("revenue by product this year", "product"),
        ("sales by country last month", "country"),
        ("success rate by card brand", "card_brand"),
        ("failure rate by decline reason", "reason"),
        ("MRR movements by month", "month"),
        ("retention by month", None),
    ],
)
def test_a_figure_is_split_in_the_desks_terms(text: str, group: str | None) -> None:
    """Ours: a plan is a product there; cohorts are by month already."""
    assert parse(text, now=NOW, offered=OFFERED).entities.get("group_by") == group


@pytest.mark.parametrize(
    "text", ["what's the weather forecast", "define net revenue retention", "what is the forecast for tomorrow"]
)
def test_forecasts_of_other_things_are_none_of_ours(text: str) -> None:
    """Ours: a forecast is of money or it is not for the desk."""
    assert parse(text, now=NOW, offered=OFFERED).skill is None


def test_every_figure_that_can_be_asked_for_is_one_of_the_desks() -> None:
    """Ours: the words here and the figures there must not come apart."""
    assert {metric for metric, _ in figures._FIGURES} <= DEFINITIONS.keys()
