"""The parties and lanes of a scenario as a graph: who reaches whom, what hangs on one party, and what bounds the loop.

Everything here follows from the scenario alone, before anything runs. Graph algorithms are networkx's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from looptwin.words.table import number
from scenarios.expansion import expanded
from sim.calendar import DAYS_PER_WEEK, WorkingTime
from sim.config import Block, Population, Sink, Source, Station, Stock
from sim.laws import Law
from sim.network import successors
from sim.parties.config import Factory
from sim.parties.expand import owner
from sim.parties.production import mean_days
from sim.units import HOURS_PER_DAY

if TYPE_CHECKING:
    import networkx as nx

    from scenarios.scenario import Scenario

POINTS = 20_000
"""Points of a law at which its mean is taken where it has no parameter of that name."""


@dataclass(frozen=True)
class SinglePoint:
    """What the chain loses without one place: users that no new unit reaches, and users whose cores reach no rebuild.

    Users are places where units are in use, and customers.
    """

    place: str
    without_supply: tuple[str, ...]
    without_recovery: tuple[str, ...]


@dataclass(frozen=True)
class Bottleneck:
    """The stations that bound how many cores a day can come back to a shelf, by the theorem of max-flow and min-cut.

    units_per_day: their capacity together; infinite where no station stands in the way, then `stations` is empty. An
    upper bound: what is scrapped, reworked or broken down takes from it.
    """

    stations: tuple[str, ...]
    units_per_day: float


@dataclass(frozen=True)
class Graph:
    """A scenario's places - parties, and blocks of nobody -, who sends to whom by which blocks, and what that shows.

    reach: for each place all others that a unit can come to from there. capacities: units a day that each station can
    serve when it never waits.
    """

    places: tuple[str, ...]
    links: Mapping[tuple[str, str], tuple[str, ...]]
    reach: Mapping[str, frozenset[str]]
    single_points: tuple[SinglePoint, ...]
    bottleneck: Bottleneck | None
    capacities: Mapping[str, float]


def graph_of(scenario: Scenario) -> Graph:
    """Return the graph of a scenario. `bottleneck` is None where nothing comes back."""
    import networkx as nx

    network = expanded(scenario)
    place_of = {name: owner(name, scenario.parties, network) or name for name in sorted(network)}
    links = _links(network, place_of)
    directed: nx.DiGraph = nx.DiGraph()
    directed.add_nodes_from(dict.fromkeys(place_of.values()))
    directed.add_edges_from(links)
    capacities = {
        name: capacity(block, _planned_days(scenario, name, block))
        for name, block in network.items()
        if isinstance(block, Station)
    }
    return Graph(
        places=tuple(directed),
        links=links,
        reach={name: frozenset(nx.descendants(directed, name)) for name in directed},
        single_points=tuple(_single_points(directed, network, place_of)),
        bottleneck=_bottleneck(network, capacities),
        capacities=capacities,
    )


def _links(network: Mapping[str, Block], place_of: Mapping[str, str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the blocks that lead from one place to another, by the two places."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, following in sorted(successors(network).items()):
        for target in sorted(following):
            if place_of[name] != place_of[target]:
                found.setdefault((place_of[name], place_of[target]), []).append(name)
    return {pair: tuple(dict.fromkeys(names)) for pair, names in sorted(found.items())}


def _single_points(
    directed: nx.DiGraph, network: Mapping[str, Block], place_of: Mapping[str, str]
) -> Iterator[SinglePoint]:
    users = {place_of[name] for name, block in network.items() if _uses(block)}
    makers = {place_of[name] for name, block in network.items() if isinstance(block, Source)}
    shelves = {place_of[name] for name, block in network.items() if isinstance(block, Stock)}
    supplied = _reached(directed, makers, users)
    recovered = _reaching(directed, users, shelves)
    for place in sorted(set(directed) - users):
        rest = directed.subgraph(set(directed) - {place})
        without_supply = supplied - _reached(rest, makers - {place}, users)
        without_recovery = recovered - _reaching(rest, users, shelves - {place})
        if without_supply or without_recovery:
            yield SinglePoint(place, tuple(sorted(without_supply)), tuple(sorted(without_recovery)))


def _uses(block: Block) -> bool:
    return isinstance(block, Population) or (isinstance(block, Sink) and block.from_ is not None)


def _reached(directed: nx.DiGraph, starts: set[str], ends: set[str]) -> set[str]:
    """Return the ends that can be reached from any start."""
    import networkx as nx

    return ends & set().union(*(nx.descendants(directed, start) for start in starts))


def _reaching(directed: nx.DiGraph, starts: set[str], ends: set[str]) -> set[str]:
    """Return the starts from which any end can be reached."""
    import networkx as nx

    return {start for start in starts if nx.descendants(directed, start) & ends}


def _bottleneck(network: Mapping[str, Block], capacities: Mapping[str, float]) -> Bottleneck | None:
    """Cut the blocks between where units are removed and where they stand on a shelf, at the least capacity.

    Ford and Fulkerson 1956: the largest flow equals the smallest cut. Each block is split in two, with its capacity
    between the halves.
    """
    import networkx as nx

    split: nx.DiGraph = nx.DiGraph()
    start, end = ("removed",), ("shelf",)
    split.add_nodes_from((start, end))
    for name, following in successors(network).items():
        bound = capacities.get(name, math.inf)
        split.add_edge((name, "in"), (name, "out"), **({} if math.isinf(bound) else {"capacity": bound}))
        if isinstance(network[name], Population):
            split.add_edges_from((start, (target, "in")) for target in following)
        elif isinstance(network[name], Stock):
            split.add_edge((name, "out"), end)
        else:
            split.add_edges_from(((name, "out"), (target, "in")) for target in following)
    if not nx.has_path(split, start, end):
        return None
    try:
        value, (near, _) = nx.minimum_cut(split, start, end)
    except nx.NetworkXUnbounded:
        return Bottleneck((), math.inf)
    cut = [name for name in sorted(capacities) if (name, "in") in near and (name, "out") not in near]
    return Bottleneck(tuple(cut), float(value))


def _planned_days(scenario: Scenario, name: str, station: Station) -> float | None:
    """Return the mean time of a part at a factory's station that takes as long as the plan says; None at others."""
    factory = scenario.parties.get(name.partition(".")[0])
    if station.service_plan is None or not isinstance(factory, Factory):
        return None
    return mean_days(factory.machining, factory.mix)


def capacity(station: Station, planned_days: float | None = None) -> float:
    """Return how many units a day a station can serve when it never waits: servers x batch x open share / mean time.

    planned_days: the mean time where no law says it.
    """
    if station.servers == "unlimited":
        return math.inf
    law, days = station.service_days or station.service_hours, planned_days
    if law is not None:
        days = mean_of(law) / (1.0 if station.service_days is not None else HOURS_PER_DAY)
    assert days is not None
    if days <= 0.0:
        return math.inf
    is_open = 1.0 if station.calendar is None else WorkingTime(station.calendar).days_per_week / DAYS_PER_WEEK
    return station.servers * station.batch * is_open / days


def mean_of(law: Law) -> float:
    """Return the mean of a law: its parameter, or else the mean of its quantiles at evenly spread probabilities."""
    known = getattr(law, "mean", None)
    if isinstance(known, int | float):
        return float(known)
    quantile = law.quantile()
    return math.fsum(quantile((point + 0.5) / POINTS) for point in range(POINTS)) / POINTS


def bottleneck_told(graph: Graph) -> Iterator[str]:
    """Yield a sentence on what bounds the loop, where there is a loop."""
    found = graph.bottleneck
    if found is None:
        yield "nothing that is removed comes back to a stock"
    elif found.stations:
        rate = number(found.units_per_day)
        yield f"bottleneck: {', '.join(found.stations)}; at most {rate} units a day come back to a stock"
    else:
        yield "bottleneck: none; no station stands between removal and a stock"
