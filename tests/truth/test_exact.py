"""What holds on every path of every case of this folder: Little's law, and no unit made or lost by accident."""

from __future__ import annotations

import pytest

from scenarios.load import load
from sim.world import World
from tests.truth.judge import FOLDER, SEED

CASES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def running(case: str) -> World:
    """Return a world of some hundred events, counted from its middle."""
    scenario = load(FOLDER / f"{case}.yaml")
    world = World(scenario.blocks, seed=SEED)
    span = min(scenario.time.horizon_days, 4000.0 if "365 days" in (FOLDER / f"{case}.yaml").read_text() else 40.0)
    world.run_until(span / 3)
    world.count_from_now()
    world.run_until(span)
    return world


@pytest.mark.parametrize("case", CASES)
def test_littles_law_holds_on_every_block_of_every_case(case: str) -> None:
    world = running(case)

    for name, block in world.blocks.items():
        so_far = sum(world.now - max(unit.since, block.began) for unit in world.inside(block))
        assert block.area_until(world.now) == pytest.approx(block.stay + so_far, rel=1e-9, abs=1e-9), name


@pytest.mark.parametrize("case", CASES)
def test_every_unit_made_is_gone_or_in_exactly_one_block(case: str) -> None:
    world = running(case)
    inside = [unit.key for unit in world.residents()]

    assert len(inside) == len(set(inside)) == world.created - world.gone
