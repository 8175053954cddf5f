"""Two engines, written apart, turn the same parts at the same moments, bit by bit."""

from __future__ import annotations

import pytest

from scenarios.expansion import expanded, sections_of
from scenarios.load import load
from sim.world import World
from tests.engines.shop import made_by
from tests.engines.test_second_engine import in_order, rows

STORIES = {
    "as packaged": {},
    "two shifts and six days": {
        "parties.factory_1.calendar": {"hours": [[6, 14], [14, 22]], "weekdays": [1, 2, 3, 4, 5, 6]},
        "parties.factory_3.machines": 1,
    },
    "always open": {f"parties.factory_{number}.calendar": "always" for number in range(1, 6)},
}


@pytest.mark.parametrize("story", STORIES)
def test_plain_simpy_makes_the_same_parts_at_the_same_moments(story: str) -> None:
    scenario = load("five-factories").override(STORIES[story])
    network, sections = expanded(scenario), sections_of(scenario)
    world = World(network, seed=8, sections=sections)
    world.run_until(45.0)

    ours = in_order(rows(world.log.tables["made"].read()))
    theirs = in_order(made_by(network, sections.parties, seed=8, days=45.0))

    assert len(ours) > 1200
    assert ours == theirs
