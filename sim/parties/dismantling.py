"""What happens at a dismantler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.parties import using
from sim.parties.accounts import OUTSIDE
from sim.parties.config import Dismantler
from sim.records import Unit

if TYPE_CHECKING:
    from sim.parties.chain import Chain


def graded(chain: Chain, unit: Unit, party: str) -> None:
    """Buy a core from the fleet, and let a grader look at it."""
    config = chain.observing(unit, party)
    assert isinstance(config, Dismantler)
    fleet = unit.body.holder
    chain.pay(party, fleet or OUTSIDE, config.core_price, "core", unit)
    unit.body.holder = party
    chain.count("cores")
    chain.inspections.visual(chain.world.now, unit, party, config)
    using.refunded(chain, unit, fleet)
