"""Who leads to whom: the blocks of a scenario as a directed graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sim.config import Block, Decision, Population, Route, Sink, Station, Stock

Edges = dict[str, frozenset[str]]


def targets(route: Route) -> frozenset[str]:
    """Return the blocks that a route can lead to; branches of probability 0 do not count."""
    if isinstance(route, str):
        return frozenset([route])
    if isinstance(route, Decision):
        return frozenset(route.answers.values())
    if isinstance(route, list):
        return frozenset().union(*(targets(case.to) for case in route))
    return frozenset(name for name, probability in route.items() if probability > 0.0)


def successors(network: Mapping[str, Block]) -> Edges:
    """Return for each block those that a unit can go to next, deliveries from stocks included."""
    edges: dict[str, set[str]] = {name: set() for name in network}
    for name, block in network.items():
        if not isinstance(block, Sink | Stock):
            edges[name] |= targets(block.to)
        if isinstance(block, Station) and block.overflow is not None:
            edges[name].add(block.overflow)
        if isinstance(block, Sink | Population) and block.from_ in edges:
            edges[block.from_].add(name)
        if isinstance(block, Stock):
            for start, following in _of_stock(network, name, block):
                if start in edges:
                    edges[start].add(following)
    return {name: frozenset(following) for name, following in edges.items()}


def _of_stock(network: Mapping[str, Block], name: str, stock: Stock) -> Iterator[tuple[str, str]]:
    """Yield the ways on which a stock gets units from other stocks, and on which it lets units go unasked."""
    if stock.supply is not None and isinstance(network.get(stock.supply), Stock):
        yield stock.supply, stock.via or name
    if stock.prefer is not None:
        yield stock.prefer.supply, stock.prefer.via or name
    if stock.push is not None:
        yield name, stock.push.via or stock.push.to
    if stock.dispose_to is not None:
        yield name, stock.dispose_to


def overflow_circle(network: Mapping[str, Block], name: str) -> list[str]:
    """Return the stations among which a unit lost at this one would go round in a circle; empty when there is none."""
    offered: list[str] = []
    block = network.get(name)
    while isinstance(block, Station) and block.overflow is not None:
        if name in offered:
            return offered[offered.index(name) :]
        offered.append(name)
        name = block.overflow
        block = network.get(name)
    return []


def reachable(edges: Mapping[str, Iterable[str]], start: Iterable[str]) -> set[str]:
    """Return what can be reached from `start`, in one step or more."""
    seen: set[str] = set()
    frontier = [following for name in start for following in edges.get(name, ())]
    while frontier:
        name = frontier.pop()
        if name not in seen:
            seen.add(name)
            frontier.extend(edges.get(name, ()))
    return seen


def revisited(network: Mapping[str, Block]) -> frozenset[str]:
    """Return the blocks that a unit can come back to."""
    edges = successors(network)
    return frozenset(name for name in network if name in reachable(edges, [name]))
