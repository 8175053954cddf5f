"""How much of the start to leave out: by hand, or by MSER-5 on pilot runs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from looptwin.errors import RunFailed
from looptwin.statistics import mser5
from scenarios.scenario import Scenario

if TYPE_CHECKING:
    import numpy as np

PILOTS = 8
"""Pilot runs whose series are averaged: in a single one, luck that lasts looks like a start."""

PILOT_STEPS = 1000
"""Points of a pilot's series."""


def warm_up_days(scenario: Scenario, seed: int) -> float:
    """Return the warm-up of a scenario in days; with `warm_up_days: auto` it is found on pilot runs.

    The series is the number of units in the system, averaged over the first `PILOTS` replications of the seed. Raises
    RunFailed when no truncation point lies in the first half.
    """
    chosen = scenario.time.warm_up_days
    if chosen != "auto":
        return float(chosen)
    return _found(_Told(scenario), seed)


class _Told:
    """A scenario that equals others by what it says, so that a page and its run share their pilots."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Told) and self.scenario.hash == other.scenario.hash

    def __hash__(self) -> int:
        return int(self.scenario.hash[:15], 16)


@lru_cache(maxsize=16)
def _found(told: _Told, seed: int) -> float:
    scenario = told.scenario
    truncated = mser5(sum(_pilot(scenario, seed, number) for number in range(PILOTS)) / PILOTS)
    if truncated is None:
        raise RunFailed(
            f"{scenario.name}: MSER-5 finds no end of the warm-up in the first half of the horizon; "
            "give time.warm_up_days in days, or a longer time.horizon_days"
        )
    return truncated * scenario.time.horizon_days / PILOT_STEPS


def _pilot(scenario: Scenario, seed: int, replication: int) -> np.ndarray:
    import numpy as np

    from scenarios.expansion import expanded, sections_of
    from sim.log import Log
    from sim.world import World

    network, sections = expanded(scenario), sections_of(scenario)
    world = World(network, seed=seed, replication=replication, log=Log(events=False), sections=sections)
    areas, step = [0.0], scenario.time.horizon_days / PILOT_STEPS
    for number in range(1, PILOT_STEPS + 1):
        world.run_until(number * step)
        areas.append(sum(block.area_until(world.now) for block in world.blocks.values()))
    return np.diff(areas) / step
