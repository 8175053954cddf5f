"""The macro of each role: the blocks that a party runs, by local name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sim.config import Block
from sim.parties import factory, forward, reverse
from sim.parties.config import Dismantler, Recycler, Remanufacturer, Tester
from sim.parties.lanes import Lanes

ROLES: Mapping[str, Callable[[str, Any, Lanes], dict[str, Block]]] = {
    "supplier": forward.supplier,
    "oem": forward.oem,
    "fleet": forward.fleet,
    "dismantler": reverse.dismantler,
    "tester": reverse.tester,
    "remanufacturer": reverse.remanufacturer,
    "recycler": reverse.recycler,
    "factory": factory.factory,
}
"""The function that writes a party's blocks, by role."""

ENTRANCE: dict[type[object], str] = {
    Dismantler: "grading",
    Tester: "bench",
    Remanufacturer: "teardown",
    Recycler: "shred",
}
"""The block at which what is sent to a party of this role arrives."""
