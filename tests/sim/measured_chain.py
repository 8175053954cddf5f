"""One run of the chain whose figures several tests read, and the rows that it left behind."""

from __future__ import annotations

from functools import cache
from typing import Any

from sim.config import Lane
from sim.figure import Figure
from sim.world import World
from tests.sim.chains import CHAIN, HORIZON, WARM_UP, Rows, ran, table

DAYS = HORIZON - WARM_UP


@cache
def world() -> World:
    """The chain at the end of its run; nobody changes it."""
    return ran()


@cache
def figures() -> dict[str, Figure]:
    return world().figures()


@cache
def rows(name: str) -> Rows:
    return table(world(), name)


def value(name: str) -> float:
    return figures()[name].value


def counted(name: str) -> Rows:
    """Return the rows of a table since counting began."""
    return [row for row in rows(name) if row["day"] >= WARM_UP]


def of_units(block: str, event: str) -> Rows:
    return [row for row in counted("events") if row["block"] == block and row["event"] == event]


def own_blocks(*roles: str, kind: Any = object) -> list[str]:
    """Return the blocks of a kind that parties of some roles run."""
    names = tuple(f"{name}." for name, party in CHAIN.parties.items() if party.role in roles)
    return [name for name, block in world().network.items() if name.startswith(names) and isinstance(block, kind)]


def ways() -> list[str]:
    return [name for name, one in world().network.items() if isinstance(one, Lane) and one.from_ is not None]
