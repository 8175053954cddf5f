"""The macros of the roles that bring units to their users: the blocks that makers and fleets run, by local name."""

from __future__ import annotations

from sim.config import Block, Calendar, Case, Lane, Population, Route, Sink, Source, Split, Station
from sim.laws import Constant
from sim.parties.config import Dismantler, Fleet, Oem, Supplier
from sim.parties.lanes import Lanes

KEPT, EXPORTED = "kept", "exported"
"""Where units end that a fleet does not return."""


def supplier(name: str, config: Supplier, lanes: Lanes) -> dict[str, Block]:
    """No block: its sets are there when a unit is made of them."""
    return {}


def oem(name: str, config: Oem, lanes: Lanes) -> dict[str, Block]:
    """A plant that makes units on order, their final test, and the way to the serviceable stock."""
    return {
        "plant": Source(to="check"),
        "check": Station(
            servers=2,
            service_hours=config.check_hours,
            calendar=config.calendar if isinstance(config.calendar, Calendar) else None,
            inspects="assembly",
            to="delivery",
        ),
        "delivery": Lane(days=config.lead_time_days, to=lanes.serviceable_stock()),
    }


def fleet(name: str, config: Fleet, lanes: Lanes) -> dict[str, Block]:
    """Vehicles, their removed units on the way to dismantlers, and what is kept or exported.

    Whether a unit is returned is one draw and who gets it another, so that with a higher probability every core that
    came back still comes back, the same way.
    """
    blocks: dict[str, Block] = {}
    exchanged = _way_out(blocks, "collection", lanes.between(name, Dismantler), lanes, retired=False)
    to: Route = exchanged
    if config.vehicle_life_years is not None:
        scrapped = _way_out(blocks, "scrapping", lanes.for_retired(name, Dismantler), lanes, retired=True)
        to = [Case(field="ended", in_=["retired"], to=scrapped), Case(to=exchanged)]
    vehicles = Population(
        size=config.vehicles,
        duty=config.duty,
        initial_age=config.initial_age,
        replacement="stock",
        from_=lanes.serviceable_stock(),
        to=to,
    )
    return {"vehicles": vehicles, **blocks}


def _way_out(blocks: dict[str, Block], gate: str, ways: list[str], lanes: Lanes, *, retired: bool) -> Split:
    """Return where removed units go, and add the blocks for it."""
    returned = lanes.returns.returned(retired=retired)
    lost, export = 1.0 - returned, lanes.returns.export_share
    if len(ways) > 1:
        blocks[gate] = Lane(days=Constant(value=0.0), to={way: 1.0 / len(ways) for way in ways})
    chances = {gate if len(ways) > 1 else ways[0]: returned, EXPORTED: lost * export, KEPT: lost * (1.0 - export)}
    for sink in (EXPORTED, KEPT):
        if chances[sink] > 0.0:
            blocks[sink] = Sink()
        else:
            del chances[sink]
    return chances
