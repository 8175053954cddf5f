"""The macros of the roles that bring units to their users: the blocks that makers and fleets run, by local name."""

from __future__ import annotations

from sim.config import Block, Lane, Population, Sink, Source
from sim.laws import Constant
from sim.parties.config import Dismantler, Fleet, Oem
from sim.parties.lanes import Lanes


def oem(name: str, config: Oem, lanes: Lanes) -> dict[str, Block]:
    """A plant that makes units on order, and the way to the serviceable stock."""
    return {
        "plant": Source(to="delivery"),
        "delivery": Lane(days=config.lead_time_days, to=lanes.serviceable_stock()),
    }


def fleet(name: str, config: Fleet, lanes: Lanes) -> dict[str, Block]:
    """Vehicles, their removed units on the way to dismantlers, and what is lost.

    Whether a unit is returned is one draw and who gets it another, so that with a higher probability every core that
    came back still comes back, the same way.
    """
    ways, returned = lanes.between(name, Dismantler), lanes.return_probability
    collected = "collection" if len(ways) > 1 else ways[0]
    blocks: dict[str, Block] = {
        "vehicles": Population(
            size=config.vehicles,
            duty=config.duty,
            initial_age=config.initial_age,
            replacement="stock",
            from_=lanes.serviceable_stock(),
            to={collected: returned} | ({"lost": 1.0 - returned} if returned < 1.0 else {}),
        )
    }
    if len(ways) > 1:
        blocks["collection"] = Lane(days=Constant(value=0.0), to={way: 1.0 / len(ways) for way in ways})
    if returned < 1.0:
        blocks["lost"] = Sink()
    return blocks
