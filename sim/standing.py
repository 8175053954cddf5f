"""What stands at the end of a run and would spoil its figures: deadlocks, units nobody takes, queues without end.

A world falls silent where blocks wait for one another, where a batch or a lot never gets full, or where nobody asks;
and a queue that only grows makes every mean depend on the horizon. None of it is an error, so a run goes on: it is
told when it is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.blocks.block import Block
from sim.blocks.lane import LaneBlock
from sim.blocks.source import SourceBlock
from sim.blocks.station import StationBlock
from sim.blocks.stock import StockBlock

if TYPE_CHECKING:
    from sim.world import World

Standing = dict[str, Any]
"""block: its name. what: "deadlock", "still", "queue" or "requests". units: how many stand. of: how many came, for a
queue. since_day: since when, for units that stand still."""

WORTH_TELLING = 10
"""Units below which a queue is no queue without end."""
SHARE_LEFT = 0.05
"""Share of all who came that a queue holds at the end when its servers do not keep up."""
SHARE_BUSY = 0.95
"""Utilisation from which a queue comes from too little work and not from the last rush."""


def standing(world: World) -> list[Standing]:
    """Return what stands now, over the time since counting began, blocks in the order of their names."""
    locked = _locked(world)
    found: list[Standing] = []
    for name, block in world.blocks.items():
        if name in locked:
            found.append({"block": name, "what": "deadlock", "units": len(block.held)})
        elif isinstance(block, StationBlock | LaneBlock | StockBlock):
            found += _still(world, block) or _growing(world, block)
    return found


def _locked(world: World) -> set[str]:
    """Blocks whose units wait for room at one another, while nobody among them has anything left to finish."""
    waits: dict[str, set[str]] = {}
    for name, block in world.blocks.items():
        if isinstance(block, StationBlock):
            for _, sender in block.outside:
                waits.setdefault(sender.name, set()).add(name)
    dead = {name for name in waits if not _goes_on(world.blocks[name])}
    while freed := {name for name in dead if any(_may_free(world.blocks[room], dead) for room in waits[name])}:
        dead -= freed
    return dead


def _may_free(room: Block, dead: set[str]) -> bool:
    """Whether a block that is waited for may still give room: somebody is at work there, or it waits in vain itself."""
    return room.name not in dead


def _goes_on(block: Block) -> bool:
    """Whether a block has something of its own to finish, or to begin with."""
    if isinstance(block, StationBlock):
        return block.busy.value > 0 or block.stuck.value < block.servers and block.waiting() > 0
    return not isinstance(block, SourceBlock) and block.number > len(block.held)
