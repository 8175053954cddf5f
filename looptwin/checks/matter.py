"""Parts, material and energy of a replication, counted again from its rows: nothing comes from nothing or is lost."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Container, Mapping
from itertools import compress
from typing import Any

from looptwin.checks.evidence import TOLERANCE, Evidence
from sim.config import Station
from sim.disruptions import Change
from sim.machining import DEEPEST, KJ_PER_KWH
from sim.parties.config import Factory, Recycler
from sim.parties.materials import MATERIALS, masses
from sim.parties.parts import PLACES

_COUNTED = {"parts_new": ("supplier", "unit"), "parts_reused": ("shelf", "unit"), "parts_harvested": ("unit", "shelf")}
_ENERGY = ("day", "unit", "idle_kj", "air_kj", "energy_kj")


def wrong_parts(evidence: Evidence) -> str | None:
    """A part that goes where it cannot, comes off an empty shelf, or is twice in a unit or taken from it twice."""
    shelf: Counter[str] = Counter()
    moved: Counter[tuple[str, str]] = Counter()
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
        if row["day"] >= evidence.began:
            moved[from_, to] += 1
    return evidence.first_difference({name: float(moved[way]) for name, way in _COUNTED.items()})


def wrong_material(evidence: Evidence) -> str | None:
    """Recycled material and waste that together are not what came in: cores that ended there, and scrapped parts."""
    product = evidence.scenario.product
    assert product is not None
    kg = {part: math.fsum(mass) for part, mass in masses(product.mass_kg, product.components).items()}
    rows = evidence.replication.table("material").to_pydict()
    columns = (*(f"{material}_kg" for material in MATERIALS), "residue_kg")
    out = math.fsum(amount for name in columns for amount in rows[name])
    came = _came_in(evidence, kg)
    if not abs(out - came) <= TOLERANCE * max(came, 1.0):
        return f"{came!r} kg came to recyclers, their rows hold {out!r} kg"
    counted = [day >= evidence.began for day in rows["day"]]
    figures = {name if name == "residue_kg" else f"recovered_{name}": compress(rows[name], counted) for name in columns}
    return evidence.first_difference({name: math.fsum(kg) for name, kg in figures.items()}) or _wrong_revenue(evidence)


def _wrong_revenue(evidence: Evidence) -> str | None:
    """Material that was sold for another amount than was paid."""
    told = math.fsum(evidence.replication.table("material").to_pydict()["revenue"])
    rows = evidence.replication.table("payments").to_pydict()
    paid = math.fsum(compress(rows["amount"], (purpose == "material" for purpose in rows["purpose"])))
    if abs(told - paid) <= TOLERANCE * max(abs(paid), 1.0):
        return None
    return f"material was sold for {told!r} EUR, the payments hold {paid!r} EUR"


def wrong_energy(evidence: Evidence) -> str | None:
    """A machine that used less than it idles on and moves with, or energy that is not what its rows add up to."""
    rows = evidence.replication.table("energy").to_pydict()
    used: list[float] = []
    for day, unit, least, air, energy in zip(*(rows[name] for name in _ENERGY), strict=True):
        if not energy >= (least + air) * (1.0 - TOLERANCE):
            return f"unit {unit} on day {day:g}: {energy!r} kJ, and the machine alone takes {least + air!r}"
        if day >= evidence.began:
            used.append(energy)
    if _rates_change(evidence):
        return None
    own = {name for name, party in evidence.scenario.parties.items() if not isinstance(party, Factory)}
    return evidence.first_difference({"energy_kwh": math.fsum(used) / KJ_PER_KWH + _metered_by_unit(evidence, own)})


def wrong_factories(evidence: Evidence) -> str | None:
    """A part that no machine could have made so, or figures of a factory that are not what its rows add up to."""
    parts = Counter[str]()
    used: defaultdict[str, list[float]] = defaultdict(list)
    for row in evidence.replication.table("made").to_pylist():
        least, place = row["idle_kj"] + row["air_kj"], f"unit {row['unit']} on day {row['day']:g}"
        if not row["energy_kj"] >= least * (1.0 - TOLERANCE):
            return f"{place}: {row['energy_kj']!r} kJ, and the machine alone takes {least!r}"
        if not 0.0 < row["depth_mm"] <= DEEPEST * row["diameter_mm"] * (1.0 + TOLERANCE):
            return f"{place}: a cut of {row['depth_mm']!r} mm into a diameter of {row['diameter_mm']!r} mm"
        if row["day"] >= evidence.began:
            parts[row["party"]] += 1
            used[row["party"]].append(row["energy_kj"])
    factories = [name for name, party in evidence.scenario.parties.items() if isinstance(party, Factory)]
    counted = {f"{name}.parts": float(parts[name]) for name in factories}
    if not _rates_change(evidence):
        counted |= {
            f"{name}.energy_kwh": math.fsum(used[name]) / KJ_PER_KWH + _metered_by_unit(evidence, {name})
            for name in factories
        }
    return evidence.first_difference(counted)


def _rates_change(evidence: Evidence) -> bool:
    """Tell whether what a station takes for a unit is another on other days: no row says how much."""
    return any(isinstance(one, Change) and "kwh" in one.set for one in evidence.scenario.disruptions.values())


def _metered_by_unit(evidence: Evidence, parties: Container[str]) -> float:
    """Return the kWh of stations of some parties that take so much for each unit served."""
    told = evidence.told
    served = Counter(told.block[told.is_event("finished") & (told.day >= evidence.began)].tolist())
    rates = {
        name: block.kwh_per_unit
        for name, block in evidence.network.items()
        if isinstance(block, Station) and name.partition(".")[0] in parties
    }
    return math.fsum(served[number] * rates.get(name, 0.0) for number, name in enumerate(told.names))


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
