"""Where the mass goes: what is thrown away, what is recovered, what goes round again."""

from __future__ import annotations

from typing import NamedTuple

from sim.figure import Figure, Quantity, most, quantity, summed
from sim.parties.figures.measured import Measured

MATERIALS = ("steel", "aluminium", "copper", "polymer", "oil")
"""Materials that a recycler tells apart."""

WEIGHED = ("kg_new_unit", "kg_new_part", "kg_recycled", "kg_residue", "kg_disposed", "kg_exported", "kg_kept")
"""Masses that have to be counted for the flows to be measured."""


class Flows(NamedTuple):
    """Masses since counting began, kg, by name.

    made: new units and new parts. reused: carried over by remanufacturing. recovered by recycling, and its residue.
    disposed of otherwise. away: exported, kept or lost by who had it.
    """

    made: Quantity
    reused: Quantity
    recovered: Quantity
    residue: Quantity
    disposed: Quantity
    away: Quantity

    @property
    def out(self) -> Quantity:
        """All that removed units came to."""
        return self.reused + self.recovered + self.residue + self.disposed + self.away


def flows(measured: Measured) -> Flows:
    """Return the masses under their names, each a figure of its own (`masses`)."""
    return Flows(*(quantity(name, figure.value, "kg") for name, figure in masses(measured).items()))


def masses(measured: Measured) -> dict[str, Figure]:
    """Return the masses of `Flows` in order: weighed, or units times the product's mass and shares."""
    found = _weighed(measured) if measured.counts(*WEIGHED) else _by_units(measured)
    return {name: mass.figure("kg") for name, mass in found.items()}


def _weighed(measured: Measured) -> dict[str, Quantity]:
    count = measured.count
    new_part = count("kg_new_part", "kg")
    return {
        "made_kg": count("kg_new_unit", "kg") + new_part,
        "reused_kg": count("remanufactured") * measured.mass - new_part,
        "recovered_kg": summed(_recycled(measured, one) for one in MATERIALS),
        "residue_kg": count("kg_residue", "kg"),
        "disposed_kg": count("kg_disposed", "kg"),
        "away_kg": count("kg_exported", "kg") + count("kg_kept", "kg"),
    }


def _by_units(measured: Measured) -> dict[str, Quantity]:
    count, mass, product = measured.count, measured.mass, measured.product
    share = quantity("reused_share", product.reused_share, "1")
    efficiency = quantity("recycling_efficiency", product.recycling_efficiency, "1")
    ended = count("recycled") * mass + replaced(measured)
    return {
        "made_kg": count("new_units") * mass + replaced(measured),
        "reused_kg": count("remanufactured") * share * mass,
        "recovered_kg": ended * efficiency,
        "residue_kg": ended * (1.0 - efficiency),
        "disposed_kg": 0.0 * mass,
        "away_kg": most(0.0, count("removed") - count("cores")) * mass,
    }


def replaced(measured: Measured) -> Quantity:
    """Return the mass of the new parts in remanufactured units."""
    if measured.counts("kg_new_part"):
        return measured.count("kg_new_part", "kg")
    share = quantity("reused_share", measured.product.reused_share, "1")
    return measured.count("remanufactured") * (1.0 - share) * measured.mass


def figures(measured: Measured) -> dict[str, Figure]:
    """Return the figures of mass, kg and shares of mass.

    made_kg, reused_kg, recovered_kg, residue_kg, disposed_kg, away_kg: see `Flows`. disposal_kg = residue + disposed.
    landfill_diversion = 1 - disposal / (reused + recovered + disposal), 1. closed_loop_share = reused / (reused +
    recovered), 1: of what is used again, the share that returns into the same product. replaced_kg: new parts in
    remanufactured units. recovered_<material>_kg where it is weighed.
    """
    found = flows(measured)
    disposal = found.residue + found.disposed
    return {
        "disposal_kg": disposal.figure("kg"),
        "landfill_diversion": (1.0 - disposal / (found.reused + found.recovered + disposal)).figure("1"),
        "closed_loop_share": (found.reused / (found.reused + found.recovered)).figure("1"),
        **masses(measured),
        "replaced_kg": replaced(measured).figure("kg"),
        **_by_material(measured),
    }


def _by_material(measured: Measured) -> dict[str, Figure]:
    if not measured.counts(*WEIGHED):
        return {}
    return {f"recovered_{one}_kg": _recycled(measured, one).figure("kg") for one in MATERIALS}


def _recycled(measured: Measured, material: str) -> Quantity:
    name = f"kg_recycled_{material}"
    return quantity(name, measured.chain.counted.get(name, 0.0), "kg")
