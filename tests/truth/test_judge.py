"""The judge itself: it refuses what is off and what is too wide to tell, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from tests.truth.judge import FOLDER, Case, complaint, judge, kpis

SPREAD = np.linspace(-1.0, 1.0, 20)
"""Its mean is 0 and its half-width 0.5408: t(.9995, 19) = 3.8834 times .6228 / sqrt(20)."""


def test_a_mean_inside_its_interval_passes() -> None:
    assert complaint("x", 10.0 + SPREAD, 10.53, 0.10) is None


def test_a_mean_outside_its_interval_is_off() -> None:
    assert complaint("x", 10.0 + SPREAD, 10.55, 0.10) == "x: 10 +- 0.54, expected 10.55: off"


def test_an_interval_that_is_too_wide_tells_nothing() -> None:
    assert complaint("x", 5.0 + SPREAD, 5.0, 0.10) == "x: 5 +- 0.54, expected 5: wider than 10%"


def test_a_figure_without_spread_has_to_be_exact() -> None:
    assert complaint("x", np.full(20, 3.0), 3.0, 0.10) is None
    assert complaint("x", np.full(20, 3.0), 3.001, 0.10) == "x: 3 +- 0, expected 3.001: off"


def test_every_figure_that_is_wrong_is_named() -> None:
    with pytest.raises(AssertionError, match=r"a: .*: off\nc: .*: off"):
        judge({"a": 10.0 + SPREAD, "b": 10.0 + SPREAD, "c": SPREAD}, {"a": 12.0, "b": 10.0, "c": 5.0}, 0.10)


def test_a_narrower_interval_takes_more_work() -> None:
    assert Case("mm1_test_bench", 0.10).work == 1.0
    assert Case("mm1_test_bench", 0.05).work > 4.0
    assert Case("mm1_test_bench", 0.20).work == 0.25


def test_replications_differ_and_come_back_the_same() -> None:
    def waits() -> list[float]:
        found = []
        for world in Case("mm1_test_bench").worlds(3):
            world.run_until(50.0)
            found.append(kpis(world)["bench.wait_mean_days"])
        return found

    assert waits() == waits()
    assert len(set(waits())) == 3


def test_every_scenario_of_the_folder_is_used() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("test_*.py"))

    assert [path.stem for path in FOLDER.glob("*.yaml") if path.stem not in tests] == []
