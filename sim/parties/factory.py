"""The macro of a factory: orders, machine tools, delivery."""

from __future__ import annotations

from sim.config import Block, Mark, Sink, Source, Station
from sim.parties.config import Factory
from sim.parties.factory_plan import FAMILY
from sim.parties.lanes import Lanes, shifts


def factory(name: str, config: Factory, lanes: Lanes) -> dict[str, Block]:
    """Orders of one part each, by family, the machine tools that turn them, and their delivery."""
    # in the order of names, not of the file: a reordered file is the same scenario
    mix = dict(sorted(config.mix.items()))
    return {
        "orders": Source(
            interarrival_hours=config.order_hours,
            limit=config.orders,
            marks={FAMILY: Mark(values=[*mix], probabilities=[*mix.values()])},
            to="machining",
        ),
        "machining": Station(
            servers=config.machines,
            service_plan="production",
            calendar=shifts(config),
            inspects="production",
            to="delivered",
        ),
        "delivered": Sink(),
    }
