"""Tests that err, tests in a row, and inputs of random yield: what comes of each core, and what it earns."""

from __future__ import annotations

import numpy as np
import pytest

from sim.world import World
from tests.truth import known_decisions
from tests.truth.conftest import Truth
from tests.truth.judge import Figures, judge


def arrived(world: World, *blocks: str) -> int:
    """Count what has come to blocks."""
    return sum(world.blocks[block].arrived for block in blocks)


def confusion(world: World) -> Figures:
    """Shares of the four outcomes, and the profit of doing what the test says, 12 for each test."""
    n = arrived(world, "good_accepted", "good_rejected", "bad_accepted", "bad_rejected")
    accepted = arrived(world, "good_accepted", "bad_accepted")
    worth = 420.0 * arrived(world, "good_accepted") - 310.0 * arrived(world, "bad_accepted")
    return {
        "ppv": arrived(world, "good_accepted") / accepted,
        "npv": arrived(world, "bad_rejected") / (n - accepted),
        "accept_rate": accepted / n,
        "profit_inspect": (worth + 35.0 * (n - accepted)) / n - 12.0,
        "profit_perfect_free": (420.0 * _good(world) + 35.0 * (n - _good(world))) / n,
    }


def _good(world: World) -> int:
    return arrived(world, "good_accepted", "good_rejected")


def test_a_test_that_errs_earns_what_bayes_says(truth: Truth) -> None:
    values, case = known_decisions.inspection_confusion_profit(), truth("inspection_confusion_profit")
    found = case.steady(confusion)

    judge(found, {key: values[key] for key in found}, case.wanted)


def two_stages(world: World) -> Figures:
    """Shares of all cores that were put on the bench, passed, and are good and lost."""
    ends = ("good_passed", "good_rejected", "bad_passed", "bad_rejected")
    n, passed = arrived(world, *ends), arrived(world, "good_passed", "bad_passed")
    return {
        "bench_load_share": world.blocks["bench"].left / n,
        "final_yield": passed / n,
        "final_ppv": arrived(world, "good_passed") / passed,
        "good_lost_share": arrived(world, "good_rejected") / arrived(world, "good_passed", "good_rejected"),
    }


def test_an_eye_before_the_bench_passes_what_bayes_says(truth: Truth) -> None:
    values, case = known_decisions.two_stage_visual_then_bench(), truth("two_stage_visual_then_bench")

    judge(case.steady(two_stages), dict(values), case.wanted)


def one_demand(world: World) -> Figures:
    """The cost of 155 cores put in: 6 for each unit short of a demand of a hundred, 0.5 for each left over."""
    world.run_until(3.0)
    short, left = world.blocks["customers"].unmet, len(world.blocks["good"].shelf)
    return {"cost": 155.0147569 + 6.0 * short + 0.5 * left, "good": 100.0 - short + left}


def test_an_input_of_random_yield_costs_what_the_best_one_costs(truth: Truth) -> None:
    values, case = known_decisions.random_yield_core_input(), truth("random_yield_core_input")
    found = case.passing(one_demand, 100)

    assert values["Q"] == pytest.approx(155.0147569, rel=1e-9)
    judge(found, {"cost": values["cost"], "good": 0.7 * values["Q"]}, case.wanted)


def test_no_other_input_costs_less() -> None:
    best = known_decisions.random_yield_core_input()["Q"]
    others = [known_decisions.cost_of_input(best + step) for step in np.linspace(-40.0, 40.0, 41)]

    assert min(others) == pytest.approx(known_decisions.cost_of_input(best), rel=1e-12)
