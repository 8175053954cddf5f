"""What stands at the end of a run and spoils its figures: deadlocks, units that nobody moves, queues that only grow.

A world falls silent where blocks wait for one another, where a batch or a lot never gets full, or where nobody asks;
and behind a queue that only grows every mean depends on the horizon. None of it is an error, so a run goes on; it is
told when it is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sim.blocks.lane import LaneBlock
from sim.blocks.station import StationBlock
from sim.blocks.stock import StockBlock

if TYPE_CHECKING:
    from sim.blocks.block import Block
    from sim.world import World

Standing: TypeAlias = dict[str, Any]
"""block: its name. what: "deadlock", "still", "queue" or "requests". units: how many stand. Of units that stand still
also since_day; of a queue or open requests also of, how many there were."""

WORTH_TELLING = 10
"""Units below which a queue is none that grows without end."""
SHARE_LEFT = 0.05
"""Share of all who came that still waits at the end where servers or suppliers do not keep up."""
SHARE_BUSY = 0.95
"""Utilisation from which a queue comes from too few servers and not from the last rush."""

_MOVES_NOTHING = {"fail", "arrive"}
"""Steps on the calendar that make no room: servers that break down, and sources that make one more."""


def standing(world: World) -> list[Standing]:
    """Return what stands now, by what happened since counting began, in the order of the blocks' names."""
    locked = _locked(world)
    found: list[Standing] = []
    for name, block in world.blocks.items():
        if name in locked:
            found.append({"block": name, "what": "deadlock", "units": len(block.held)})
        else:
            found += [{"block": name, **one} for one in _still(block) or _growing(block)]
    return found


def _locked(world: World) -> list[str]:
    """Blocks with units that wait for room in blocks where nothing goes on, and which wait for one another at most."""
    waits: dict[str, set[str]] = {}
    for name, block in world.blocks.items():
        for _, sender in getattr(block, "outside", ()):
            waits.setdefault(sender.name, set()).add(name)
    if not waits:
        return []
    at_work = {
        block for block, step in (entry.place() for *_, entry in world.engine.pending()) if step not in _MOVES_NOTHING
    }
    dead = {*waits, *(room for rooms in waits.values() for room in rooms)} - at_work
    while freed := {name for name in dead if waits.get(name, set()) - dead}:
        dead -= freed
    return [name for name in waits if name in dead]


def _still(block: Block) -> list[Standing]:
    """Units that wait since the first half of the time, of a block that nobody has left in all of it."""
    if not isinstance(block, StationBlock | LaneBlock | StockBlock) or block.left or not block.number:
        return []
    if isinstance(block, StationBlock) and block.busy.value:
        return []
    now = block.clock.now
    since = min((unit.since for unit in block.residents()), default=now)
    if now - since < (now - block.began) / 2.0:
        return []
    return [{"what": "still", "units": sum(1 for _ in block.residents()), "since_day": since}]


def _growing(block: Block) -> list[Standing]:
    """A queue whose servers were always at work, or open requests of a stock, that hold too many of all who came."""
    if isinstance(block, StationBlock) and block.number:
        utilisation = block.figures(block.clock.now).get("utilisation")
        if utilisation is not None and utilisation.value >= SHARE_BUSY:
            return _left("queue", block.waiting() + len(block.outside), block.number + block.left)
    if isinstance(block, StockBlock):
        return _left("requests", len(block.waiting), len(block.waiting) + block.served)
    return []


def _left(what: str, units: int, came: int) -> list[Standing]:
    if units < max(WORTH_TELLING, SHARE_LEFT * came):
        return []
    return [{"what": what, "units": units, "of": came}]
