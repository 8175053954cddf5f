"""Names of blocks in a scenario: whether there is such a block, and of the kind that may stand there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from scenarios.errors import listed, nearest, shown
from scenarios.network import Finding, Network
from sim.config import Lane, Population, Sink, Source, Station, Stock


class Wanted(NamedTuple):
    """Which kinds of block may stand in a place, and the words for them."""

    kinds: tuple[type, ...]
    words: str


TAKER = Wanted((Population, Station, Stock, Lane, Sink), "a block that takes units")
STOCK = Wanted((Stock,), "a stock")
SUPPLIER = Wanted((Source, Stock), "a source or a stock")
WAY = Wanted((Lane, Station), "a lane or a station")
EXIT = Wanted((Lane, Station, Sink), "a lane, a station or a sink")


def named(network: Network, place: Finding, wanted: Wanted) -> Iterator[Finding]:
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
