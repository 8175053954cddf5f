"""What only the whole network shows to be wrong: names of nothing, kinds that do not fit, routes without a remainder.

Works on the expanded network, so that a party's blocks are held to the same rules as a scenario's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scenarios.conditions import conditions
from scenarios.flow import circling, trapped, unasked, unreached, unsupplied
from scenarios.named import STOCK, TAKER, named
from scenarios.network import Finding, Network, destinations
from scenarios.stocks import stock_names
from scenarios.tree import Path
from sim.config import Block, Case, Population, Route, Sink, Station, Stock


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


def _names(network: Network, name: str, block: Block) -> Iterator[Finding]:
    for path, target in destinations(block):
        yield from named(network, Finding(name, path, "", target), TAKER)
    if isinstance(block, Station) and block.overflow is not None:
        yield from named(network, Finding(name, ("overflow",), "", block.overflow), TAKER)
    if isinstance(block, Population | Sink) and block.from_ is not None:
        yield from named(network, Finding(name, ("from",), "", block.from_), STOCK)
    if isinstance(block, Stock):
        yield from stock_names(network, name, block)


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
