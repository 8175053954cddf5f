"""Fields that routes, priorities and service factors look at: declared somewhere, able to be what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from scenarios.errors import listed, nearest, shown
from scenarios.network import Finding, Network, Values
from scenarios.tree import Path
from sim.ageing import REASONS
from sim.config import Block, Case, Population, Sink, Source, Station, Stock

BUILT_IN: Mapping[str, Values] = {"lives": None, "visits": None, "origin": None, "ended": ("", *REASONS)}
"""Fields that every unit has."""


class _Look(NamedTuple):
    """One place that looks at a field of a unit, and the values it asks for, each with its path."""

    path: Path
    field: str
    values: Sequence[tuple[Path, str | float]] = ()
    bounds: Sequence[tuple[Path, float]] = ()


def conditions(network: Network) -> Iterator[Finding]:
    """Yield what is wrong with the fields that blocks look at."""
    if network.opaque:
        # a mark may be declared in a block that cannot be read
        return
    known = _known(network)
    for name, block in network.blocks.items():
        for look in _looks(block):
            yield from _refused(known, name, look)


def _known(network: Network) -> dict[str, Values]:
    known: dict[str, Values] = {**BUILT_IN, **network.fields}
    for block in network.blocks.values():
        if isinstance(block, Source | Population):
            for mark, drawn in block.marks.items():
                known[mark] = [*(known.get(mark) or ()), *drawn.values]
    return known


def _looks(block: Block) -> Iterator[_Look]:
    if isinstance(block, Station) and block.priority is not None:
        order: list[tuple[Path, str | float]] = [(("order", i), value) for i, value in enumerate(block.priority.order)]
        yield _Look(("priority",), block.priority.field, order)
    if isinstance(block, Station) and block.service_factor is not None:
        factor = block.service_factor
        yield _Look(("service_factor",), factor.field, [(("values", value), value) for value in factor.values])
    if not isinstance(block, Stock | Sink) and isinstance(block.to, list):
        for i, case in enumerate(block.to):
            if case.field is not None:
                yield _look_of(("to", i), case.field, case)


def _look_of(path: Path, field: str, case: Case) -> _Look:
    bounds: list[tuple[str, float | None]] = [("at_least", case.at_least), ("below", case.below)]
    return _Look(
        path,
        field,
        [(("in", i), value) for i, value in enumerate(case.in_ or [])],
        [((key,), bound) for key, bound in bounds if bound is not None],
    )


def _refused(known: Mapping[str, Values], name: str, look: _Look) -> Iterator[Finding]:
    if look.field not in known:
        message = f"no source or population declares a mark {shown(look.field)}; there are {listed(tuple(known))}"
        yield Finding(name, (*look.path, "field"), message, look.field, tuple(known), nearest(look.field, known))
        return
    possible = known[look.field]
    if possible is None:
        return
    words = tuple(dict.fromkeys(_word(value) for value in possible))
    for path, value in look.values:
        # a service factor's values are keys, and keys are text
        if value not in possible and not (path[0] == "values" and value in words):
            message = f"{look.field} is never {shown(value)}; it is one of {listed(words)}"
            yield Finding(name, (*look.path, *path), message, value, words, nearest(value, words))
    if any(isinstance(value, str) for value in possible):
        for path, bound in look.bounds:
            message = f"{look.field} can be a word, which is neither above nor below a number"
            yield Finding(name, (*look.path, *path), message, bound)


def _word(value: str | float) -> str:
    """Return a value as a key is written: 2 and 2.0 are both `2`."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
