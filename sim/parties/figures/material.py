"""Where the mass goes: what is thrown away, what is recovered, what goes round again. All of it is weighed."""

from __future__ import annotations

from typing import NamedTuple

from sim.figure import Figure, Quantity, most, quantity, summed
from sim.parties.figures.measured import Measured
from sim.parties.materials import MATERIALS


class Flows(NamedTuple):
    """Masses since counting began, kg, by name.

    made: new units and new parts. reused: carried over by remanufacturing. resold: cores sold as they are. recovered by
    recycling, and its residue. disposed of otherwise. away: exported or kept by who had it.
    """

    made: Quantity
    reused: Quantity
    resold: Quantity
    recovered: Quantity
    residue: Quantity
    disposed: Quantity
    away: Quantity

    @property
    def out(self) -> Quantity:
        """All that units came to after their use."""
        return self.reused + self.resold + self.recovered + self.residue + self.disposed + self.away


def flows(measured: Measured) -> Flows:
    """Return the masses under their names, each a figure of its own (`masses`)."""
    return Flows(*(quantity(name, figure.value, "kg") for name, figure in masses(measured).items()))


def masses(measured: Measured) -> dict[str, Figure]:
    """Return the masses of `Flows` in order.

    made_kg = new units + new parts. reused_kg = units remanufactured x unit mass - new parts in them. recovered_kg =
    sum over materials of what recyclers got back; residue_kg: what they did not. disposed_kg: landfill and scrapyards.
    """
    count = measured.count
    carried = count("remanufactured") * quantity("unit_mass", measured.product.mass_kg, "kg")
    found = {
        "made_kg": count("kg_new_unit", "kg") + count("kg_new_part", "kg"),
        "reused_kg": most(0, carried - count("kg_new_part", "kg")),
        "resold_kg": count("kg_resold", "kg"),
        "recovered_kg": summed(_recycled(measured, one) for one in MATERIALS),
        "residue_kg": count("kg_residue", "kg"),
        "disposed_kg": count("kg_disposed", "kg"),
        "away_kg": count("kg_exported", "kg") + count("kg_kept", "kg"),
    }
    return {name: mass.figure("kg") for name, mass in found.items()}


def figures(measured: Measured) -> dict[str, Figure]:
    """Return the figures of mass, kg and shares of mass.

    The masses of `Flows`; recovered_<material>_kg of each material. disposal_kg = residue + disposed.
    landfill_diversion = 1 - disposal / (reused + resold + recovered + disposal), 1. closed_loop_share = reused /
    (reused + resold + recovered), 1: of what is used again, what returns into the same product.
    """
    found = flows(measured)
    disposal, again = found.residue + found.disposed, found.reused + found.resold + found.recovered
    return {
        "disposal_kg": disposal.figure("kg"),
        "landfill_diversion": (1 - disposal / (again + disposal)).figure("1"),
        "closed_loop_share": (found.reused / again).figure("1"),
        **masses(measured),
        **{f"recovered_{one}_kg": _recycled(measured, one).figure("kg") for one in MATERIALS},
    }


def _recycled(measured: Measured, material: str) -> Quantity:
    name = f"kg_recycled_{material}"
    return quantity(name, measured.chain.counted.get(name, 0.0), "kg")
