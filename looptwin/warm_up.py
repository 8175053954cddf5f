"""How much of the start to leave out: by hand, or by MSER-5 on a pilot run."""

from __future__ import annotations

from looptwin.errors import RunFailed
from looptwin.statistics import mser5
from scenarios.scenario import Scenario

PILOT_STEPS = 1000
"""Points of the pilot's series."""


def warm_up_days(scenario: Scenario, seed: int) -> float:
    """Return the warm-up of a scenario in days; with `warm_up_days: auto` it is found on a pilot run of its own seed.

    The series is the number of units in the system. Raises RunFailed when no truncation point lies in the first half.
    """
    chosen = scenario.time.warm_up_days
    if chosen != "auto":
        return float(chosen)
    series = _pilot(scenario, seed)
    truncated = mser5(series)
    if truncated is None:
        raise RunFailed(
            f"{scenario.name}: MSER-5 finds no end of the warm-up in the first half of the horizon; "
            "give time.warm_up_days in days, or a longer time.horizon_days"
        )
    return truncated * scenario.time.horizon_days / PILOT_STEPS


def _pilot(scenario: Scenario, seed: int) -> list[float]:
    from scenarios.expansion import expanded, sections_of
    from sim.log import Log
    from sim.world import World

    sections = sections_of(scenario)
    world = World(expanded(scenario), seed=seed, log=Log(events=False), sections=sections)
    means, before, step = [], 0.0, scenario.time.horizon_days / PILOT_STEPS
    for number in range(1, PILOT_STEPS + 1):
        world.run_until(number * step)
        area = sum(block.area_until(world.now) for block in world.blocks.values())
        means.append((area - before) / step)
        before = area
    return means
