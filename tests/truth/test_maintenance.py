"""Replacement by age and repair on the spot: costs per time as renewal theory has them."""

from __future__ import annotations

import pytest

from sim.ageing import REASONS
from sim.world import World
from tests.truth import known, theory
from tests.truth.conftest import Truth
from tests.truth.judge import Figures, judge

FAILURE, PREVENTIVE = 3500.0, 1200.0
REPAIR, OVERHAUL = 600.0, 1200.0
PLACES = 50


def costs_of_replacement(world: World) -> Figures:
    """Return the cost per place and time of each fleet, and the share of lives that failed before 150."""
    found: Figures = {}
    for name in ("at_150", "at_the_best", "run_to_failure"):
        block = world.blocks[name]
        spent = FAILURE * block.ended["failed"] + PREVENTIVE * block.ended["replaced"]
        found[name] = spent / PLACES / (world.now - block.began)
    ended = world.blocks["at_150"].ended
    return found | {"failed": ended["failed"] / (ended["failed"] + ended["replaced"])}


def test_replacement_at_an_age_costs_what_the_renewal_reward_theorem_says(truth: Truth) -> None:
    values, case = known.age_replacement_gearbox(), truth("age_replacement_gearbox")
    expected = {
        "at_150": values["cost_rate_T_150"],
        "at_the_best": values["cost_rate_opt"],
        "run_to_failure": values["cost_rate_run_to_failure"],
        "failed": values["fraction_failed_T_150"],
    }

    judge(case.steady(costs_of_replacement), expected, case.wanted)


@pytest.mark.parametrize(
    ("hazard", "shape", "at_100", "never"),
    [("falling", 0.8, 4.94, 3.53), ("constant", 1.0, 4.0, 4.0), ("rising", 2.5, 0.99, 4.51)],
)
def test_replacing_earlier_saves_failures_only_where_the_failure_rate_rises(
    truth: Truth, hazard: str, shape: float, at_100: float, never: float
) -> None:
    """Failures in 1000 days: fewer by a theorem for a rising rate, as many for a constant one, more for a falling."""
    case = truth("preventive_intervals")
    expected = {
        f"at_100_{hazard}": 1000.0 * theory.failure_rate(shape, 250.0, 100.0),
        f"at_200_{hazard}": 1000.0 * theory.failure_rate(shape, 250.0, 200.0),
        f"never_{hazard}": 1000.0 / theory.weibull_mean(shape, 250.0),
    }
    rates = list(expected.values())

    assert [rates[0], rates[2]] == pytest.approx([at_100, never], abs=0.005)
    if hazard != "constant":
        assert rates == sorted(rates, reverse=hazard == "falling")
    judge(case.steady(failures), expected, case.wanted)


def failures(world: World) -> Figures:
    """Return the failures of a place in 1000 days, by block."""
    days = world.now - world.blocks["gone"].began
    fleets = {name: block for name, block in world.blocks.items() if name != "gone"}
    return {name: 1000.0 * block.ended["failed"] / 100 / days for name, block in fleets.items()}


def costs_of_repair(world: World) -> Figures:
    """Return the cost per place and time, and the repairs of each cycle between overhauls."""
    fleet = world.blocks["fleet"]
    overhauls = fleet.ended["replaced"]
    spent = REPAIR * fleet.repaired + OVERHAUL * overhauls
    return {"cost_rate": spent / PLACES / (world.now - fleet.began), "repairs_per_cycle": fleet.repaired / overhauls}


def test_minimal_repair_between_overhauls_costs_what_barlow_and_hunter_say(truth: Truth) -> None:
    values, case = known.minimal_repair_overhaul(), truth("minimal_repair_overhaul")
    expected = {name: values[name] for name in ("cost_rate", "repairs_per_cycle")}

    judge(case.steady(costs_of_repair), expected, case.wanted)


@pytest.mark.parametrize(
    ("case", "age"), [("age_replacement_gearbox", 167.1732427), ("minimal_repair_overhaul", 280.4887864)]
)
def test_the_age_in_the_scenario_is_the_best_one(case: str, age: float) -> None:
    assert known.CASES[case]()["T_opt"] == pytest.approx(age, rel=1e-8)


def test_what_is_repaired_on_the_spot_ends_only_at_its_overhaul(truth: Truth) -> None:
    (world,) = truth("minimal_repair_overhaul").worlds(1)
    world.run_until(3000.0)

    assert world.blocks["fleet"].repaired > 500
    assert {reason for reason in REASONS if world.blocks["fleet"].ended[reason]} == {"replaced"}
