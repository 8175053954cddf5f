"""What a good remanufactured unit costs the parties that make it from cores, by item."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from sim.figure import Figure, quantity, summed
from sim.parties.config import Dismantler, Recycler, Remanufacturer, Tester
from sim.parties.figures.measured import Measured
from sim.parties.figures.money import crossing

ITEMS: Final[Mapping[str, tuple[str, ...]]] = {
    "acquisition": ("core",),
    "transport": ("transport",),
    "inspection": ("service", "bench test", "destructive test"),
    "labour": ("remanufacturing", "rework"),
    "parts": ("parts", "harvested part"),
    "energy": ("energy", "electricity"),
    "disposal": ("waste", "landfill"),
    "credits": ("material", "core as it is"),
}
"""Items of cost, and the purposes of payments that belong to each; credits are negative costs."""

OF_SALES: Final = frozenset(
    {"serviceable unit", "new unit", "core charge", "core charge back", "holding", "backorders"}
)
"""Purposes that have nothing to do with making a unit from a core; a core charge is a deposit."""


def figures(measured: Measured) -> dict[str, Figure]:
    """Return `cost_per_reman_unit` and `cost_per_reman_unit_<item>`, EUR/unit.

    sum of what dismantlers, testers, remanufacturers and recyclers paid others, less what these paid them, for cores
    and the work on them / units that passed the end-of-line test, all in the window. What they pay one another cancels
    out. Items: acquisition + transport + inspection + labour + parts + energy + disposal + other - credits (material,
    harvested parts, cores resold). Sales of units, core charges, holding and backorders are left out.
    """
    spent = _spent(measured)
    good = measured.count("remanufactured")
    items = [quantity(name, amount, "EUR") for name, amount in spent.items()]
    found = {"cost_per_reman_unit": (summed(items) / good).figure("EUR/unit")}
    return found | {f"cost_per_reman_unit_{one.text}": (one / good).figure("EUR/unit") for one in items}


def _spent(measured: Measured) -> dict[str, float]:
    parties = measured.chain.sections.parties
    inside = {
        name for name, party in parties.items() if isinstance(party, Dismantler | Tester | Remanufacturer | Recycler)
    }
    amounts: defaultdict[str, list[float]] = defaultdict(list)
    for _, _, purpose, amount in crossing(measured, inside.__contains__):
        if purpose not in OF_SALES:
            amounts[item_of(purpose)].append(-amount)
    return {item: math.fsum(amounts[item]) for item in (*ITEMS, "other")}


def item_of(purpose: str) -> str:
    """Return the item of cost that payments for this purpose belong to."""
    return next((item for item, purposes in ITEMS.items() if purpose in purposes), "other")
