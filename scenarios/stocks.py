"""What a stock names: who supplies it, on which way, where it pushes and where it disposes."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.errors import shown
from scenarios.named import EXIT, STOCK, SUPPLIER, WAY, named
from scenarios.network import Finding, Network, arrives
from scenarios.tree import Path
from sim.config import Lane, Source, Station, Stock
from sim.network import successors


def stock_names(network: Network, name: str, stock: Stock) -> Iterator[Finding]:
    """Yield what is wrong with the blocks that a stock names."""
    if stock.supply is not None:
        yield from _supply(network, name, stock.supply)
    if stock.via is not None:
        yield from _via(network, name, ("via",), stock.via, name)
        if isinstance(network.blocks.get(stock.supply or ""), Source):
            message = "a source sends its units by its own route: `via` is for another stock"
            yield Finding(name, ("via",), message, stock.via)
    if stock.prefer is not None:
        yield from _other(network, name, ("prefer", "supply"), stock.prefer.supply)
        if stock.prefer.via is not None:
            yield from _via(network, name, ("prefer", "via"), stock.prefer.via, name)
    if stock.push is not None:
        yield from _other(network, name, ("push", "to"), stock.push.to)
        if stock.push.via is not None:
            yield from _via(network, name, ("push", "via"), stock.push.via, stock.push.to)
    if stock.dispose_to is not None:
        yield from named(network, Finding(name, ("dispose_to",), "", stock.dispose_to), EXIT)
        yield from _has_room(network, name, ("dispose_to",), stock.dispose_to)


def _supply(network: Network, name: str, supply: str) -> Iterator[Finding]:
    yield from named(network, Finding(name, ("supply",), "", supply), SUPPLIER)
    supplier = network.blocks.get(supply)
    if isinstance(supplier, Source) and arrives(supplier):
        message = f"{shown(supply)} makes units at times of its own; a supply has no interarrival time"
        yield Finding(name, ("supply",), message, supply)
    if supply == name:
        yield Finding(name, ("supply",), "a stock cannot supply itself", supply)


def _other(network: Network, name: str, path: Path, other: str) -> Iterator[Finding]:
    yield from named(network, Finding(name, path, "", other), STOCK)
    if other == name:
        yield Finding(name, path, "a stock cannot supply itself", other)


def _via(network: Network, name: str, path: Path, via: str, end: str) -> Iterator[Finding]:
    yield from named(network, Finding(name, path, "", via), WAY)
    yield from _has_room(network, name, path, via)
    way = network.blocks.get(via)
    if isinstance(way, Lane | Station) and end not in _ends(network, via):
        whose = "this stock" if end == name else f"the stock {shown(end)}"
        yield Finding(name, path, f"the {way.kind} {shown(via)} does not end at {whose}", via)


def _has_room(network: Network, name: str, path: Path, target: str) -> Iterator[Finding]:
    station = network.blocks.get(target)
    if isinstance(station, Station) and station.capacity is not None:
        message = f"{shown(target)} has a capacity and may turn units away, and a stock cannot wait for room"
        yield Finding(name, path, message, target)


def _ends(network: Network, way: str) -> set[str]:
    """Return the stocks at which a way may end: those it leads to without passing another one."""
    edges = successors(network.blocks)
    found: set[str] = set()
    frontier = [way]
    while frontier:
        for following in edges.get(frontier.pop(), ()):
            if following not in found:
                found.add(following)
                if not isinstance(network.blocks.get(following), Stock):
                    frontier.append(following)
    return found
