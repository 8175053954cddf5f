"""What only the whole network shows to be wrong: names of nothing, kinds that do not fit, routes without a remainder.

Works on the expanded network, so that a party's blocks are held to the same rules as a scenario's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from scenarios.conditions import conditions
from scenarios.errors import listed, nearest, shown
from scenarios.flow import circling, trapped, unasked, unreached, unsupplied
from scenarios.network import Finding, Network, arrives, destinations
from scenarios.tree import Path
from sim.config import Block, Case, Lane, Population, Route, Sink, Source, Station, Stock


def refusals(network: Network) -> list[Finding]:
    """Return everything that is wrong with the network as a whole."""
    blocks = network.blocks
    if not blocks and not network.opaque:
        return [Finding("", ("blocks",), "there is nothing to simulate: a scenario needs blocks")]
    misnamed = [finding for name, block in blocks.items() for finding in _names(network, name, block)]
    found = misnamed + [finding for name, block in blocks.items() for finding in _routes(name, block)]
    found += conditions(network)
    if not network.opaque:
        found += unasked(blocks)
    if not network.opaque and not misnamed:
        # one misspelt name would make every block behind it look lost
        found += [*unreached(blocks), *trapped(blocks), *unsupplied(blocks), *circling(blocks)]
    return found


class _Wanted(NamedTuple):
    """Which kinds of block may stand in a place, and the words for them."""

    kinds: tuple[type, ...]
    words: str


TAKER = _Wanted((Population, Station, Stock, Lane, Sink), "a block that takes units")
STOCK = _Wanted((Stock,), "a stock")
SUPPLIER = _Wanted((Source, Stock), "a source or a stock")
LANE = _Wanted((Lane,), "a lane")


def _names(network: Network, name: str, block: Block) -> Iterator[Finding]:
    for path, target in destinations(block):
        yield from _named(network, Finding(name, path, "", target), TAKER)
    if isinstance(block, Station) and block.overflow is not None:
        yield from _named(network, Finding(name, ("overflow",), "", block.overflow), TAKER)
    if isinstance(block, Population | Sink) and block.from_ is not None:
        yield from _named(network, Finding(name, ("from",), "", block.from_), STOCK)
    if isinstance(block, Stock) and block.supply is not None:
        yield from _supply(network, name, block.supply)
        if block.via is not None:
            yield from _via(network, name, block.via, network.blocks.get(block.supply))


def _supply(network: Network, name: str, supply: str) -> Iterator[Finding]:
    yield from _named(network, Finding(name, ("supply",), "", supply), SUPPLIER)
    supplier = network.blocks.get(supply)
    if isinstance(supplier, Source) and arrives(supplier):
        message = f"{shown(supply)} makes units at times of its own; a supply has no interarrival time"
        yield Finding(name, ("supply",), message, supply)
    if supply == name:
        yield Finding(name, ("supply",), "a stock cannot supply itself", supply)


def _via(network: Network, name: str, via: str, supplier: Block | None) -> Iterator[Finding]:
    yield from _named(network, Finding(name, ("via",), "", via), LANE)
    lane = network.blocks.get(via)
    if isinstance(lane, Lane) and lane.to != name:
        yield Finding(name, ("via",), f"the lane {shown(via)} does not end at this stock", via)
    if isinstance(lane, Lane) and isinstance(supplier, Source):
        message = "a source sends its units by its own route: `via` is for another stock"
        yield Finding(name, ("via",), message, via)


def _named(network: Network, place: Finding, wanted: _Wanted) -> Iterator[Finding]:
    """Yield what is wrong with the block that is named at a place, if anything is."""
    target = str(place.value)
    if target in network.opaque or isinstance(network.blocks.get(target), wanted.kinds):
        return
    fitting = tuple(other for other, block in network.blocks.items() if isinstance(block, wanted.kinds))
    if target not in network.blocks:
        party = place.block.rpartition(".")[0]
        own = tuple(other.removeprefix(f"{party}.") for other in fitting if party and other.startswith(f"{party}."))
        allowed = (*own, *fitting, *network.opaque)
        message = f"there is no block {shown(target)}; there are {listed(allowed)}"
        yield replace(place, message=message, allowed=allowed, suggestion=nearest(target, allowed))
    else:
        message = f"{shown(target)} is a {network.blocks[target].kind}; this must be {wanted.words}"
        yield replace(place, message=message, allowed=fitting)


def _routes(name: str, block: Block) -> Iterator[Finding]:
    if isinstance(block, Stock | Sink):
        return
    parts: list[tuple[Path, Route]] = [(("to",), block.to)]
    if isinstance(block.to, list):
        yield from _cases(name, block.to)
        parts = [(("to", i, "to"), case.to) for i, case in enumerate(block.to)]
    for path, split in parts:
        if isinstance(split, dict) and abs(sum(split.values()) - 1.0) > 1e-9:
            total = f"{sum(split.values()):.12g}"
            yield Finding(name, path, f"the probabilities must sum to 1, these sum to {total}", dict(split))


def _cases(name: str, cases: Sequence[Case]) -> Iterator[Finding]:
    for i, case in enumerate(cases[:-1]):
        if case.field is None:
            yield Finding(name, ("to", i), "only the last case has no condition: nothing after this one is ever taken")
    if cases[-1].field is not None:
        message = "the last case must have no condition: a unit that fits none has nowhere to go"
        yield Finding(name, ("to", len(cases) - 1), message)
