"""The events of one replication, told unit by unit, and whether blocks can write such histories.

Read from the event table alone, with the network's routes beside it; the world that wrote the table is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.ageing import REASONS
from sim.config import Block, Lane, Population, Station
from sim.network import overflow_circle, successors
from sim.records import EVENTS

Array = NDArray[Any]

ENTRANCES: Mapping[str, tuple[str, ...]] = {
    "source": (),
    "population": ("installed", "spared"),
    "station": ("arrived",),
    "stock": ("stocked",),
    "lane": ("sent",),
    "sink": ("left",),
}
"""Events by which a unit comes into a block of each kind."""

STEPS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "source": (("created", "blocked"),),
    "population": (
        ("created", "installed"),
        ("created", "spared"),
        ("spared", "installed"),
        *((use, step) for use in ("installed", "maintained") for step in ("maintained", *REASONS)),
        *((reason, "removed") for reason in REASONS),
        ("failed", "maintained"),
        ("removed", "blocked"),
    ),
    "station": (
        ("arrived", "started"),
        ("started", "finished"),
        ("started", "interrupted"),
        ("interrupted", "interrupted"),
        ("interrupted", "finished"),
        ("finished", "blocked"),
    ),
    "stock": (("created", "stocked"), ("stocked", "issued")),
    "lane": (("sent", "departed"), ("sent", "blocked"), ("departed", "blocked")),
    "sink": (),
}
"""What may follow what within a block of each kind."""

EXITS: Mapping[str, tuple[str, ...]] = {
    "source": ("created", "blocked"),
    "population": ("removed", "blocked"),
    "station": ("finished", "blocked"),
    "stock": ("issued",),
    "lane": ("sent", "departed", "blocked"),
    "sink": (),
}
"""Events after which a unit may come into another block."""

CODE = {event: code for code, event in enumerate(EVENTS)}


@dataclass(frozen=True, eq=False)
class Histories:
    """Rows sorted by unit and, within a unit, as they were logged.

    first: rows that begin a unit. block: index in `names`. event: index in `EVENTS`. Demands, which are about no unit,
    are left out.
    """

    names: tuple[str, ...]
    network: Mapping[str, Block]
    day: Array
    unit: Array
    block: Array
    event: Array
    first: Array

    def is_event(self, *events: str) -> Array:
        """Rows with one of these events."""
        return np.isin(self.event, [CODE[event] for event in events])

    def is_kind(self, *kinds: str) -> Array:
        """Rows at a block of one of these kinds."""
        return np.array([block.kind in kinds for block in self.network.values()], dtype=bool)[self.block]

    def say(self, row: int) -> str:
        """One row in words."""
        return f"{EVENTS[self.event[row]]!r} at {self.names[self.block[row]]}"


def histories(table: Any, network: Mapping[str, Block]) -> Histories:
    """Return the histories in an arrow table of events. Raises ValueError for a word that nobody could have logged."""
    names = tuple(network)
    block, event = _codes(table, "block", names), _codes(table, "event", EVENTS)
    day, unit = table["day"].to_numpy(), table["unit"].to_numpy()
    rows = np.flatnonzero(event != CODE["demanded"])
    rows = rows[np.argsort(unit[rows], kind="stable")]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = unit[rows][1:] != unit[rows][:-1]
    return Histories(names, network, day[rows], unit[rows], block[rows], event[rows], first)


def _codes(table: Any, column: str, words: tuple[str, ...]) -> Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.index_in(table[column], value_set=pa.array(words, pa.large_string()))
    if found.null_count:
        unknown = next(word for word in pc.unique(table[column]).to_pylist() if word not in words)
        raise ValueError(f"the events name a {column} {unknown!r} that this scenario does not have")
    return np.asarray(found.to_numpy(), dtype=np.int64)


def breach(told: Histories) -> str | None:
    """Return the first thing that no history can hold, in a sentence, or None."""
    born = told.is_event("created")
    wrong_start = np.flatnonzero(told.first != born)
    if len(wrong_start):
        row = int(wrong_start[0])
        what = "is created again" if born[row] else f"begins with {told.say(row)}"
        return f"unit {told.unit[row]} {what} on day {told.day[row]:g}"
    backwards = np.flatnonzero((np.diff(told.day) < 0) & ~told.first[1:])
    if len(backwards):
        row = int(backwards[0]) + 1
        return f"unit {told.unit[row]} goes back in time, from day {told.day[row - 1]:g} to {told.day[row]:g}"
    wrong = np.flatnonzero(~_may_follow(told) & ~told.first[1:])
    if len(wrong):
        row = int(wrong[0]) + 1
        return f"unit {told.unit[row]}, day {told.day[row]:g}: {told.say(row)} cannot follow {told.say(row - 1)}"
    return None


def _may_follow(told: Histories) -> Array:
    """For each row but the first: whether it may follow the row before it, were both of one unit."""
    here, there = told.block[:-1], told.block[1:]
    was, now = told.event[:-1], told.event[1:]
    grammar = _grammar(told.network)
    routes, diverted, overflow = _ways(told.network)
    lost, is_lost, is_blocked = was == CODE["lost"], now == CODE["lost"], now == CODE["blocked"]
    comes = grammar.enters[there, now] | is_lost
    within = (here == there) & grammar.steps[here, was, now]
    leads = np.where(was == CODE["blocked"], diverted[here, there], routes[here, there])
    onward = grammar.exits[here, was] & leads & comes
    # a unit that a full block lost is offered to the next, or waits where it came from
    offered = (
        lost & (overflow[here] >= 0) & (((overflow[here] == there) & comes) | (is_blocked & diverted[there, here]))
    )
    return np.asarray(within | onward | offered, dtype=bool)


class _Grammar(NamedTuple):
    """What each block can write, by index of block and event.

    steps: what may follow what inside. exits: after what a unit may go. enters: by what it comes in.
    """

    steps: Array
    exits: Array
    enters: Array


def _grammar(network: Mapping[str, Block]) -> _Grammar:
    blocks, events = len(network), len(EVENTS)
    steps = np.zeros((blocks, events, events), dtype=bool)
    exits, enters = np.zeros((blocks, events), dtype=bool), np.zeros((blocks, events), dtype=bool)
    for index, block in enumerate(network.values()):
        for was, now in STEPS[block.kind]:
            steps[index, CODE[was], CODE[now]] = True
        exits[index, [CODE[event] for event in EXITS[block.kind]]] = True
        enters[index, [CODE[event] for event in ENTRANCES[block.kind]]] = True
        if isinstance(block, Lane):
            alone = block.lot == 1 and block.capacity is None
            exits[index, CODE["sent"]] = steps[index, CODE["sent"], CODE["blocked"]] = alone
            steps[index, CODE["sent"], CODE["departed"]] = not alone
        if isinstance(block, Population):
            # who is repaired on the spot is not serviced, and who is serviced has not failed
            minimal = block.repair == "minimal"
            steps[index, CODE["failed"], CODE["maintained"]] = minimal
            steps[index, CODE["installed"], CODE["maintained"]] = not minimal and block.duty is not None
            steps[index, CODE["maintained"], CODE["maintained"]] = not minimal and block.duty is not None
    return _Grammar(steps, exits, enters)


def _ways(network: Mapping[str, Block]) -> tuple[Array, Array, Array]:
    """Where each block sends to; where its units may end up by way of full blocks; its overflow, -1 for none."""
    index = {name: place for place, name in enumerate(network)}
    routes = np.zeros((len(index), len(index)), dtype=bool)
    for name, following in successors(network).items():
        routes[index[name], [index[other] for other in following]] = True
    overflow = np.full(len(index), -1)
    for name, block in network.items():
        if isinstance(block, Station) and block.overflow is not None and not overflow_circle(network, name):
            overflow[index[name]] = index[block.overflow]
    diverted = routes.copy()
    for place in range(len(index)):
        further = overflow[place]
        while further >= 0:
            diverted[routes[:, place], further] = True
            further = overflow[further]
    return routes, diverted, overflow


def is_final(told: Histories) -> Array:
    """Rows after which a unit is out of the system: it left, or a full block lost it for good."""
    drops = np.array(
        [isinstance(block, Station) and block.overflow is None for block in told.network.values()], dtype=bool
    )
    return np.asarray(told.is_event("left") | (told.is_event("lost") & drops[told.block]), dtype=bool)


def is_entrance(told: Histories) -> Array:
    """Rows at which a unit comes into a block, being made in a source included."""
    enters = _grammar(told.network).enters[told.block, told.event]
    from_spares = np.zeros(len(enters), dtype=bool)
    from_spares[1:] = told.is_event("installed")[1:] & told.is_event("spared")[:-1] & ~told.first[1:]
    made = told.is_event("created") & told.is_kind("source")
    return np.asarray((enters & ~from_spares) | made, dtype=bool)
