"""The mirror's campaign, small; `make campaign-mirror` runs it large."""

from pathlib import Path

import pytest

from tests.reliability import mirror_campaign


async def test_repeated_shuffled_and_lost_deliveries_end_in_what_stripe_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: with the handler killed at work, every event is handled once and the mirror is Stripe's state."""
    monkeypatch.setattr(mirror_campaign, "ACTS_A_ROUND", 30)
    found = await mirror_campaign.campaign(1_500, 7, tmp_path, 0.4)
    assert found["faults"] == []
    assert set(found["states"]) == {"handled"}
    assert found["kills"] >= 1
