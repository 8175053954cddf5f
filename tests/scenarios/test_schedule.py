"""A day that a scenario names and its run never reaches is told, and the scenario stays valid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scenarios.load import load
from scenarios.schedule import unreached

QUIET = {"collaboration.mode": "none"}


def late(scenario: str, change: dict[str, Any]) -> list[tuple[str, float]]:
    return [(key, day) for key, day in unreached(load(scenario).override(QUIET | change))]


@pytest.mark.parametrize("name", ["transmission-disrupted", "transmission-fraud", "transmission"])
def test_packaged_scenarios_reach_all_that_they_schedule(name: str) -> None:
    assert late(name, {}) == []


def test_a_run_to_an_early_day_is_valid_and_says_what_it_does_not_reach(tmp_path: Path) -> None:
    assert late("transmission-fraud", {"time.horizon_days": 500}) == [
        ("reporting.west_invents.from_day", 500.0),
        ("reporting.west_looks_away.from_day", 730.0),
    ]
    short = load("transmission-disrupted").override(QUIET | {"time.horizon_days": 1000})
    (tmp_path / "short.yaml").write_text(short.to_yaml(), encoding="utf-8")

    names = [key.split(".")[1] for key, _ in unreached(load(tmp_path / "short.yaml"))]
    assert names == ["bad_hardening", "no_new_units", "lean_shelf"]


def test_the_horizon_itself_is_never_reached_and_the_day_before_is() -> None:
    source = {"kind": "source", "interarrival_days": 1, "first_day": 60, "to": "done"}
    change = {"blocks.late": source, "time.warm_up_days": 0}

    assert late("mm3", change | {"time.horizon_days": 60}) == [("blocks.late.first_day", 60.0)]
    assert late("mm3", change | {"time.horizon_days": 60.5}) == []
