"""The warm-up that `auto` finds."""

from __future__ import annotations

import pytest

import looptwin as lt
from looptwin.warm_up import warm_up_days

QUEUE = lt.load("mm3").override({"time.warm_up_days": "auto", "time.horizon_days": 3000})


def test_a_queue_that_is_steady_in_a_week_loses_at_most_a_tenth_with_any_seed() -> None:
    """The M/M/3 starts empty and forgets it in about ten days; what single runs wander by lasts for months."""
    found = [warm_up_days(QUEUE, seed) for seed in range(12)]
    assert max(found) <= 300


def test_a_use_of_60_days_that_starts_empty_loses_its_start_and_at_most_a_quarter() -> None:
    """The number in use rises as 180 (1 - exp(-t / 60)): within a tenth after 138 days, within luck after 220."""
    in_use = {"kind": "station", "servers": "unlimited", "to": "done"}
    scenario = lt.load("mm3").override(
        {
            "time.warm_up_days": "auto",
            "time.horizon_days": 4000,
            "blocks.arrivals.interarrival_days": {"law": "exponential", "rate": 3},
            "blocks.bench": {**in_use, "service_days": {"law": "exponential", "mean": 60}},
        }
    )
    found = [warm_up_days(scenario, seed) for seed in range(2)]
    assert all(138 <= days <= 1000 for days in found), found


def test_asking_again_runs_no_pilots_again(monkeypatch: pytest.MonkeyPatch) -> None:
    days = warm_up_days(QUEUE, 3)
    monkeypatch.setattr("looptwin.warm_up._pilot", None)
    assert warm_up_days(lt.load("mm3").override({"time.warm_up_days": "auto", "time.horizon_days": 3000}), 3) == days
