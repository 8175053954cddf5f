"""What each kind of report says: its columns, the words it may hold, and which decision may read it.

Light on purpose: the checks at the door read it too.
"""

from __future__ import annotations

from collections.abc import Mapping

from sim.wear import MECHANISMS, PARTS

KEYS = {"day": "f8", "unit": "i8", "life": "i8", "party": "U"}
"""First columns of every report: when, about which unit after how many lives, and by whom."""

SERVICE = KEYS | {"ambient_c": "f8", "oil_interval": "f8", "overheats": "f8"}
"""What a fleet's own books say of a unit at its removal: mean ambient temperature in degrees Celsius, distance between
oil changes in 1000 km, overheatings a year. It stays with the fleet: no unit carries it."""

CONDITIONS = ("reuse", "rework", "replace")
"""What component inspection finds of a part."""

PASSPORT = {"distance": "f8", "age_years": "f8", "torque_ratio": "f8", "shifts_per_km": "f8"}
VISUAL = {"pitting": "f8", "debris": "f8", "oil_colour": "f8", "leak": "f8", "crack_seen": "f8", "grade": "U"}
BENCH = {
    "backlash_mm": "f8",
    "drag_nm": "f8",
    "noise_db": "f8",
    "shift_ms": "f8",
    "leakage_ml": "f8",
    "bench_score": "f8",
}
TEARDOWN = {"parts_replaced": "f8", "parts_reworked": "f8", **dict.fromkeys(PARTS, "U"), "finding": "U"}
END_OF_LINE = {"tries": "f8", "end_of_line": "U"}

BUILD = {
    "hardness_hrc": "f8",
    "misalignment_um": "f8",
    "bearing_kn": "f8",
    "lining_mm": "f8",
    "wear_rate": "f8",
    "oil_base": "f8",
    "lot": "i8",
}
ASSEMBLY = {"backlash_mm": "f8", "lot": "i8"}

MAKING: Mapping[str, Mapping[str, str]] = {"build": BUILD, "assembly": ASSEMBLY}
"""Columns of what makers keep of a new unit, after `KEYS`. It stays with them: no unit carries it."""
LAB = KEYS | {f"{name}_wear": "f8" for name in MECHANISMS} | {"crack": "f8", "margin": "f8", "profitable": "f8"}
"""What a destructive test finds, told to the laboratory and to the holder of the core: the wear of each part, a crack,
and an appraisal of what remanufacturing the core would have earned, EUR."""

TABLES: Mapping[str, Mapping[str, str]] = {
    "passport": PASSPORT,
    "visual": PASSPORT | VISUAL,
    "bench": BENCH,
    "teardown": TEARDOWN,
    "end_of_line": END_OF_LINE,
}
"""Columns of each kind of report on a unit, after `KEYS`. A dismantler's row repeats the passport that came along."""

WORDS: Mapping[str, tuple[str, ...]] = {
    "grade": ("A", "B", "C", "D"),
    **dict.fromkeys(PARTS, CONDITIONS),
    "finding": ("scrap", "rebuild"),
    "end_of_line": ("pass", "fail"),
}
"""The words that a report's column may hold; the other columns hold numbers."""

HIDDEN = ("truth", "altered", "drift")
"""Tables that hold the truth: for the twin's owner, in no view, feature, export or policy."""

FIELDS = frozenset(name for columns in TABLES.values() for name in columns)
"""Everything that inspections write on a unit: it travels with it until its next life."""

READS: Mapping[str, tuple[str, ...]] = {
    "dismantler.disposition": (*PASSPORT, *VISUAL),
    "tester.verdict": tuple(BENCH),
}
"""What a decision may read of what travels with the unit, by `<role>.<decision>`. The names are all there are."""
