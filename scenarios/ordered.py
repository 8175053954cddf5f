"""What is wrong with orders to factories: units at a machining station of which nobody says what is to be made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scenarios.errors import listed, nearest, shown
from scenarios.network import Finding
from sim.config import Block, Population, Source, Station, Stock
from sim.network import reachable, successors
from sim.parties.config import Factory, PartyConfig
from sim.parties.factory_plan import FAMILY


def unordered(parties: Mapping[str, PartyConfig], blocks: Mapping[str, Block]) -> Iterator[Finding]:
    """Yield every block whose units come to a factory's machines without a family of parts that these make."""
    factories = {name: party for name, party in parties.items() if isinstance(party, Factory)}
    stations = {
        name: factories[owner]
        for name, block in blocks.items()
        if isinstance(block, Station) and block.inspects == "production"
        if (owner := name.partition(".")[0]) in factories
    }
    edges = successors(blocks) if stations else {}
    for name, block in blocks.items():
        if not isinstance(block, Source | Population | Stock):
            continue
        for station in sorted(reachable(edges, [name]) & stations.keys()):
            yield from _families(name, block, station, stations[station])


def _families(name: str, block: Block, station: str, factory: Factory) -> Iterator[Finding]:
    mark = getattr(block, "marks", {}).get(FAMILY)
    known = tuple(factory.machining.turnings)
    if mark is None:
        message = f"its units come to {shown(station)}, which makes parts by the mark {shown(FAMILY)}; they have none"
        yield Finding(name, ("marks",), message)
        return
    for number, value in enumerate(mark.values):
        if value not in known:
            message = f"{shown(station)} makes no {shown(value)}; it makes {listed(known)}"
            path = ("marks", FAMILY, "values", number)
            yield Finding(name, path, message, value, known, nearest(str(value), known))
