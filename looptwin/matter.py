"""Parts and material of a replication, counted again from its rows: nothing is made from nothing, nothing is lost."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.parties.config import Recycler
from sim.parties.materials import MATERIALS, masses
from sim.parties.parts import PLACES

if TYPE_CHECKING:
    from looptwin.invariants import Evidence

TOLERANCE = 1e-9
"""Relative difference that the order of a sum may make."""


def wrong_parts(evidence: Evidence) -> str | None:
    """A part that goes where it cannot, comes off an empty shelf, or is twice in a unit or taken from it twice."""
    shelf: Counter[str] = Counter()
    inside: dict[tuple[int, str], int] = defaultdict(lambda: 1)
    for row in evidence.replication.table("parts").to_pylist():
        part, from_, to = row["part"], row["from"], row["to"]
        what = f"{part} of unit {row['unit']} on day {row['day']:g}, from {from_} to {to}"
        if from_ not in PLACES or to not in PLACES or (from_ == "unit") == (to == "unit"):
            return f"{what}: no such way"
        shelf[part] += (to == "shelf") - (from_ == "shelf")
        inside[row["unit"], part] += (to == "unit") - (from_ == "unit")
        if shelf[part] < 0:
            return f"{what}: the shelf is empty"
        if inside[row["unit"], part] not in (0, 1):
            return f"{what}: the unit has {inside[row['unit'], part]} of it then"
    return None


def wrong_material(evidence: Evidence) -> str | None:
    """Recycled material and waste that together are not what came in: cores that ended there, and scrapped parts."""
    product = evidence.scenario.product
    assert product is not None
    kg = {part: math.fsum(mass) for part, mass in masses(product.mass_kg, product.components).items()}
    rows = evidence.replication.table("material").to_pydict()
    columns = (*(f"{material}_kg" for material in MATERIALS), "residue_kg")
    out = math.fsum(amount for name in columns for amount in rows[name])
    came = _came_in(evidence, kg)
    if abs(out - came) <= TOLERANCE * max(came, 1.0):
        return None
    return f"{came!r} kg came to recyclers, their rows hold {out!r} kg"


def _came_in(evidence: Evidence, kg: Mapping[str, float]) -> float:
    """Return the kg that came to recyclers, from the events and the ledger of parts."""
    parts: list[dict[str, Any]] = evidence.replication.table("parts").to_pylist()
    lacks: dict[int, float] = defaultdict(float)
    for row in parts:
        if (row["from"], row["to"]) == ("unit", "shelf"):
            lacks[row["unit"]] += kg[row["part"]]
    recyclers = {name for name, party in evidence.scenario.parties.items() if isinstance(party, Recycler)}
    told = evidence.told
    ends = [name.partition(".")[0] in recyclers for name in told.names]
    shredded = [
        unit
        for unit, block in zip(told.unit[told.is_event("left")], told.block[told.is_event("left")], strict=True)
        if ends[block]
    ]
    cores = math.fsum(math.fsum(kg.values()) - lacks.get(int(unit), 0.0) for unit in shredded)
    scrapped = (kg[row["part"]] for row in parts if row["to"] == "scrap")
    return cores + (math.fsum(scrapped) if recyclers else 0.0)
