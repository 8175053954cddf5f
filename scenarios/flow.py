"""Where units can come to and where they could never leave: what the graph of blocks shows to be wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scenarios.errors import listed, nearest, shown
from scenarios.network import Finding, arrives, destinations
from scenarios.tree import Path
from sim.config import Block, Population, Sink, Source, Station, Stock
from sim.network import overflow_circle, reachable, successors

Blocks = Mapping[str, Block]


def unasked(blocks: Blocks) -> Iterator[Finding]:
    """Yield stocks and sources on order that nobody asks for units."""
    asked = {block.supply for block in blocks.values() if isinstance(block, Stock)}
    taken = asked | {block.from_ for block in blocks.values() if isinstance(block, Population | Sink)}
    taken |= {block.prefer.supply for block in blocks.values() if isinstance(block, Stock) and block.prefer}
    taken |= {name for name, block in blocks.items() if isinstance(block, Stock) and block.push}
    # a misspelt name is a mistake of its own, and asks for what it most likely stands for
    guesses = {nearest(name, blocks) for name in taken if name not in blocks}
    for name, block in blocks.items():
        if isinstance(block, Source) and not arrives(block) and name not in asked | guesses:
            message = "this source has no interarrival time and no stock orders from it: it never makes a unit"
            yield Finding(name, (), message)
        if isinstance(block, Stock) and name not in taken | guesses:
            yield Finding(name, (), "nobody asks this stock for units: it only fills up")


def unreached(blocks: Blocks) -> Iterator[Finding]:
    """Yield blocks to which no unit ever comes, the first of each chain of them; branches of probability 0 count."""
    edges = {
        name: following | {target for _, target in destinations(blocks[name])}
        for name, following in successors(blocks).items()
    }
    holders = [name for name, block in blocks.items() if _holds_units(block)]
    seen = reachable(edges, holders) | set(holders)
    lost = [name for name in blocks if name not in seen]
    fed = {following for name in lost for following in edges[name]}
    # first what nothing leads to, then what is left: circles that lead to themselves only
    for name in [name for name in lost if name not in fed] + lost:
        if name not in seen:
            seen |= reachable(edges, [name]) | {name}
            message = f"no unit ever comes to this {blocks[name].kind}: nothing that makes or holds units leads here"
            yield Finding(name, (), message)


def _holds_units(block: Block) -> bool:
    if isinstance(block, Stock):
        return block.at_start > 0
    return isinstance(block, Source | Population)


def trapped(blocks: Blocks) -> Iterator[Finding]:
    """Yield loops through no population, stock or sink that no route with a positive probability leaves."""
    edges = successors(blocks)
    backwards: dict[str, list[str]] = {name: [] for name in blocks}
    for name, following in edges.items():
        for target in following:
            backwards[target].append(name)
    ends = [name for name, block in blocks.items() if _ends(block)]
    seen = reachable(backwards, ends) | set(ends)
    for name in blocks:
        loop = set() if name in seen else reachable(edges, [name])
        if name in loop:
            seen |= loop
            inside = listed([other for other in blocks if other in loop], 8)
            yield Finding(name, ("to",), f"units that come here never leave: no route leads out of {inside}")


def _ends(block: Block) -> bool:
    """Tell whether a unit can stay here, or leave the system from here."""
    loses = isinstance(block, Station) and block.when_full == "lose" and block.overflow is None
    return isinstance(block, Population | Stock | Sink) or loses


def unsupplied(blocks: Blocks) -> Iterator[Finding]:
    """Yield stocks whose orders can never be delivered."""
    edges = successors(blocks)
    feeders = _feeders(blocks)
    for name, block in blocks.items():
        if not isinstance(block, Stock):
            continue
        if block.supply and isinstance(blocks[block.supply], Source) and name not in reachable(edges, [block.supply]):
            message = f"what {shown(block.supply)} makes never comes to this stock"
            yield Finding(name, ("supply",), message, block.supply)
        if name in reachable(feeders, [name]):
            path: Path = ("supply",) if block.supply else ("push", "to") if block.push else ("prefer", "supply")
            message = "these stocks supply each other in a circle, and nothing makes units"
            yield Finding(name, path, message)


def _feeders(blocks: Blocks) -> dict[str, set[str]]:
    """Return for each stock the stocks that it gets units from because of a rule, its own or theirs."""
    feeders: dict[str, set[str]] = {name: set() for name, block in blocks.items() if isinstance(block, Stock)}
    for name, block in blocks.items():
        if not isinstance(block, Stock):
            continue
        asked = {block.supply, block.prefer.supply if block.prefer else None}
        feeders[name] |= {other for other in asked if other in feeders and other != name}
        if block.push and block.push.to in feeders:
            feeders[block.push.to].add(name)
    return feeders


def circling(blocks: Blocks) -> Iterator[Finding]:
    """Yield stations whose lost units would be offered round and round without time passing."""
    for name, block in blocks.items():
        circle = overflow_circle(blocks, name)
        if isinstance(block, Station) and name in circle:
            message = f"units lost here would go round in a circle: {', '.join([*circle, circle[0]])}"
            yield Finding(name, ("overflow",), message, block.overflow)
