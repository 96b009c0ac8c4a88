"""The judge of shapes, for every test that wants to say something of its own."""

from pathlib import Path

import pytest

from tests.contract.judge import Judge, judge_at


@pytest.fixture(scope="session")
def judge(shared: Path) -> Judge:
    """Stripe's OpenAPI document, read once."""
    return judge_at(shared / "stripe-openapi" / "spec3.json")
