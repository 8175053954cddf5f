"""Write `kpis.json`: the figures that the packaged scenarios give today, and how far each may move.

By hand, from the root of the repository, after a change that is meant to move figures; look at what moved before it is
committed: `python -m tests.golden.write_kpis`, then `git diff tests/golden/kpis.json`.

A figure is the mean over the replications that the test runs. Its tolerance is the standard deviation between `SPREAD`
replications over the root of how many the test runs: what another seed would change by luck alone. The test runs the
same luck, so it gives the same figures but for the last bits; a change of the world below its own luck goes through,
anything larger is seen. Figures without spread may move by a millionth.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from looptwin.words.figure_names import HEADLINES
from scenarios.expansion import sections_of
from scenarios.load import load
from scenarios.scenario import Scenario
from sim.log import Log
from sim.parties.expand import expand
from sim.world import World

REPLICATIONS: Final[Mapping[str, int]] = {
    "transmission-small": 3,
    "transmission-disrupted": 1,
    "verification-reference": 1,
    "mm3": 1,
    "hybrid-stock": 1,
    "repair-loop": 1,
    "five-factories": 1,
}
"""How many replications of each scenario the test runs, without learning."""

SPREAD: Final = 8
"""Replications that the tolerances come from."""

FILE: Final = Path(__file__).parent / "kpis.json"


def figures(name: str, replication: int) -> dict[str, float]:
    """Return the figures of a replication that are held: headlines and profits of a chain, all of a network of blocks.

    Figures that a run does not have, such as the wait where nobody waited, are left out.
    """
    scenario = load(name)
    sections = sections_of(scenario)
    world = World(
        expand(sections), seed=scenario.seed, replication=replication, sections=sections, log=Log(events=False)
    )
    world.run_until(scenario.time.warm_up_days)
    world.count_from_now()
    world.run_until(scenario.time.horizon_days)
    world.close_books()
    found = {kpi: value for kpi, (value, _) in world.kpis().items()}
    return {kpi: found[kpi] for kpi in sorted(found) if _is_held(kpi, scenario) and math.isfinite(found[kpi])}


def means(replications: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each figure that all replications have."""
    rows = list(replications)
    shared = sorted(set.intersection(*(set(row) for row in rows)))
    return {kpi: math.fsum(row[kpi] for row in rows) / len(rows) for kpi in shared}


def golden(name: str) -> dict[str, dict[str, float]]:
    """Return value and tolerance of each figure of a scenario."""
    rows = [figures(name, replication) for replication in range(SPREAD)]
    over = REPLICATIONS[name]
    held = means(rows[:over])
    average = means(rows)
    found = {}
    for kpi in sorted(held.keys() & average.keys()):
        variance = math.fsum((row[kpi] - average[kpi]) ** 2 for row in rows) / (SPREAD - 1)
        tolerance = max(math.sqrt(variance / over), 1e-6 * abs(held[kpi]))
        # six digits: the file is read by people
        found[kpi] = {"value": float(f"{held[kpi]:.6g}"), "tolerance": float(f"{tolerance:.3g}")}
    return found


def _is_held(kpi: str, scenario: Scenario) -> bool:
    if not scenario.parties:
        return True
    of_chain = kpi in HEADLINES or kpi in ("energy_per_reman_unit_kwh", "first_pass_yield")
    return of_chain or kpi.endswith((".profit", ".energy_per_part_kj", ".machining.utilisation"))


def main() -> None:
    """Write the file."""
    goldens = {name: golden(name) for name in sorted(REPLICATIONS)}
    FILE.write_text(json.dumps(goldens, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
