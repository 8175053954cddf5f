"""What would happen without end at one instant, or fill the memory at the start, is refused at the door."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.telling import lines

HEAD = "looptwin: 1\nname: still\ntime: {horizon_days: 10}\nblocks:\n"
IN, OUT = "  in: {kind: source, interarrival_days: 1, to: out}\n", "  out: {kind: sink}\n"


@pytest.mark.parametrize(
    ("blocks", "told"),
    [
        ("  in: {kind: source, interarrival_days: 0, to: out}\n", "blocks.in: interarrival_days must be above 0"),
        (
            "  in: {kind: source, interarrival_hours: {law: empirical, values: [0]}, to: out}\n",
            "blocks.in: interarrival_hours must be above 0",
        ),
        (
            "  in: {kind: source, interarrival_days: 1, batch: 1.0e+30, to: out}\n",
            "blocks.in: a batch may hold a million units on the mean at most",
        ),
        (
            "  fleet: {kind: population, size: 1, life_days: 0, replacement: new, to: out}\n",
            "blocks.fleet: life_days must be above 0",
        ),
        (
            "  fleet: {kind: population, size: 1000000000, life_days: 9, replacement: new, to: out}\n",
            "blocks.fleet.size: ",
        ),
        (
            IN.replace("out", "rig")
            + "  rig: {kind: station, service_days: 1, breakdowns: {uptime_days: 0, downtime_days: 0}, to: out}\n",
            "blocks.rig.breakdowns: uptime_days must be above 0",
        ),
    ],
)
def test_time_that_stands_still_and_more_units_than_fit_are_refused(tmp_path: Path, blocks: str, told: str) -> None:
    found = lines(tmp_path, f"{HEAD}{blocks}{OUT}")

    assert any(told in line for line in found), found
