"""The expanded network that the checks look at, and what they find in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from scenarios.tree import Path
from sim.config import Block, Decision, Route, Sink, Source, Stock

Values: TypeAlias = Sequence[str | float] | None
"""What a field of a unit can be; None when that is not known beforehand."""


@dataclass(frozen=True)
class Finding:
    """A mistake at a path inside one block of the expanded network; an empty `block` means the network as a whole."""

    block: str
    path: Path
    message: str
    value: object = None
    allowed: tuple[str, ...] = ()
    suggestion: str | None = None


@dataclass(frozen=True)
class Network:
    """The blocks of a scenario and what is known around them."""

    blocks: Mapping[str, Block]
    opaque: frozenset[str] = frozenset()
    """Blocks that are there but cannot be looked into, because of their own mistakes."""
    fields: Mapping[str, Values] = field(default_factory=dict)
    """Fields of units that no mark declares, such as observed grades."""


def destinations(block: Block) -> Iterator[tuple[Path, str]]:
    """Yield every block that a block's route names, with the path of the word that names it."""
    if not isinstance(block, Stock | Sink):
        yield from _of_route(block.to, ("to",))


def _of_route(route: Route, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(route, str):
        yield path, route
    elif isinstance(route, Decision):
        for answer, target in route.answers.items():
            yield (*path, "answers", answer), target
    elif isinstance(route, list):
        for i, case in enumerate(route):
            yield from _of_route(case.to, (*path, i, "to"))
    else:
        for target in route:
            yield (*path, target), target


def arrives(source: Source) -> bool:
    """Tell whether a source makes units at times of its own, not on order."""
    return source.interarrival_days is not None or source.interarrival_hours is not None
