"""What happens at a dismantler, and to what he ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.parties import using
from sim.parties.accounts import OUTSIDE
from sim.parties.config import Dismantler
from sim.parties.parts import Harvested
from sim.records import Unit
from sim.wear import PARTS

if TYPE_CHECKING:
    from sim.parties.chain import Chain


def graded(chain: Chain, unit: Unit, party: str) -> None:
    """Let a grader look at a core, and buy it from the fleet at the price of its grade."""
    config = chain.observing(unit, party)
    assert isinstance(config, Dismantler)
    chain.inspections.visual(chain.world.now, unit, party, config)
    assert unit.marks is not None
    grade = unit.marks["grade"]
    price = getattr(chain.today.policies.acquisition, str(grade))
    fleet = unit.body.holder
    chain.pay(party, fleet or OUTSIDE, config.core_price if price is None else price, "core", unit)
    using.refunded(chain, unit, fleet)
    unit.body.holder = party
    chain.count("cores")
    chain.count(f"cores_{grade}")


def harvested(chain: Chain, unit: Unit, party: str) -> None:
    """Take the parts out of a core that are good as they are, as far as the remanufacturer has room for them."""
    body, parts = unit.body, chain.parts
    taken = []
    for index, (part, condition) in enumerate(zip(PARTS, chain.physics.conditions(body), strict=True)):
        shelf = parts.shelf[part]
        if condition == "reuse" and len(shelf) < chain.reman.parts_limit:
            parts.put(chain.world.now, part, Harvested(body.damage[index], party))
            parts.move(chain.world.now, unit.key, party, part, ("unit", "shelf"))
            taken.append(part)
    if taken:
        parts.taken[unit.key] = tuple(taken)
        chain.count("parts_harvested", len(taken))
    chain.count("harvested")


def dumped(chain: Chain, unit: Unit, party: str) -> None:
    """Pay for the landfill of a core."""
    kg = sum(chain.parts.mass(unit.key))
    chain.pay(party, OUTSIDE, kg * chain.today.costs.landfill_per_kg, "landfill", unit)
    chain.count("disposed")


def resold(chain: Chain, unit: Unit, party: str) -> None:
    """Sell a core as it is to somebody outside of the chain."""
    config = chain.config(party)
    assert isinstance(config, Dismantler)
    chain.pay(OUTSIDE, party, config.resale_price, "core as it is", unit)
    chain.count("resold")
