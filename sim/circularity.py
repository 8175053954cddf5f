"""Material Circularity Indicator of a product, of one material or of many components and materials.

Source: Ellen MacArthur Foundation & ANSYS Granta, "Circularity Indicators: An Approach to Measuring Circularity.
Methodology" (2015, revised 2019), equations 2.1 to 2.14, and the sums over components and materials that go with them;
the biological cycle is left at zero shares by default.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sim.figure import Figure, most, quantity


class Circularity(NamedTuple):
    """Masses in the unit of the product's mass: virgin feedstock, waste in all and by where it arises; the indices."""

    mass: float
    virgin: float
    waste: float
    waste_discarded: float
    waste_of_recycling: float
    waste_of_feedstock: float
    linear_flow_index: float
    utility: float
    mci: float

    def figure(self) -> Figure:
        """Return the indicator with the masses that it is made of, kg."""
        mass, virgin = quantity("mass", self.mass, "kg"), quantity("virgin", self.virgin, "kg")
        discarded = quantity("waste_discarded", self.waste_discarded, "kg")
        of_recycling = quantity("waste_of_recycling", self.waste_of_recycling, "kg")
        of_feedstock = quantity("waste_of_feedstock", self.waste_of_feedstock, "kg")
        waste = discarded + (of_feedstock + of_recycling) / 2
        index = (virgin + waste) / (2 * mass + (of_feedstock - of_recycling) / 2)
        return most(0, 1 - index * 0.9 / quantity("utility", self.utility, "1")).figure("1")


@dataclass(frozen=True, kw_only=True)
class Material:
    """A mass of one material in a product, in any unit.

    Shares of its feedstock (`_in`) and of what happens to it after use (`_out`); efficiencies of recycling after use
    and of recycling the feedstock. Raises ValueError when shares are negative or sum to more than 1, when an efficiency
    is not in (0, 1], and when the mass is negative.
    """

    mass: float
    recycled_in: float
    reused_in: float
    recycled_out: float
    reused_out: float
    efficiency_out: float = 0.9
    efficiency_in: float = 0.9
    biological_in: float = 0.0
    composted_out: float = 0.0
    energy_out: float = 0.0

    def __post_init__(self) -> None:
        for shares in (self._in, self._out):
            if not (min(shares) >= 0.0 and sum(shares) <= 1.0 + 1e-12):
                raise ValueError(f"shares must be at least 0 and sum to at most 1, got {shares}")
        if not all(0.0 < one <= 1.0 for one in (self.efficiency_in, self.efficiency_out)):
            efficiencies = (self.efficiency_in, self.efficiency_out)
            raise ValueError(f"efficiencies must be above 0 and at most 1, got {efficiencies}")
        if not self.mass >= 0.0:
            raise ValueError(f"a mass must be at least 0, got {self.mass}")

    @property
    def _in(self) -> tuple[float, ...]:
        return self.recycled_in, self.reused_in, self.biological_in

    @property
    def _out(self) -> tuple[float, ...]:
        return self.recycled_out, self.reused_out, self.composted_out, self.energy_out

    @property
    def virgin(self) -> float:
        """Mass of feedstock that is neither recycled nor reused nor grown."""
        return self.mass * (1.0 - self.recycled_in - self.reused_in - self.biological_in)

    @property
    def discarded(self) -> float:
        """Mass that is collected for nothing."""
        return self.mass * (1.0 - self.recycled_out - self.reused_out - self.composted_out - self.energy_out)

    @property
    def lost_in_recycling(self) -> float:
        """Waste of recycling it after use."""
        return self.mass * (1.0 - self.efficiency_out) * self.recycled_out

    @property
    def lost_for_feedstock(self) -> float:
        """Waste of recycling what it was made of."""
        return self.mass * (1.0 - self.efficiency_in) * self.recycled_in / self.efficiency_in


def circularity_of(materials: Iterable[Material], *, life: float = 1.0, use: float = 1.0) -> Circularity:
    """Return the indicator of a product of components and materials: masses are summed, then there is one index.

    life and use are relative to the industry's average. Raises ValueError when nothing has a mass, and when life or use
    is not positive.
    """
    parts = tuple(materials)
    mass = math.fsum(one.mass for one in parts)
    if not min(mass, life, use) > 0.0:
        raise ValueError(f"mass, life and use must be above 0, got {(mass, life, use)}")
    virgin = math.fsum(one.virgin for one in parts)
    discarded = math.fsum(one.discarded for one in parts)
    of_recycling = math.fsum(one.lost_in_recycling for one in parts)
    of_feedstock = math.fsum(one.lost_for_feedstock for one in parts)
    waste = discarded + (of_feedstock + of_recycling) / 2.0
    index = (virgin + waste) / (2.0 * mass + (of_feedstock - of_recycling) / 2.0)
    utility = life * use
    mci = max(0.0, 1.0 - index * 0.9 / utility)
    return Circularity(mass, virgin, waste, discarded, of_recycling, of_feedstock, index, utility, mci)


def circularity(  # noqa: PLR0913 - the inputs of the source, each a number of its own
    mass: float,
    *,
    recycled_in: float,
    reused_in: float,
    recycled_out: float,
    reused_out: float,
    efficiency_out: float = 0.9,
    efficiency_in: float = 0.9,
    biological_in: float = 0.0,
    composted_out: float = 0.0,
    energy_out: float = 0.0,
    life: float = 1.0,
    use: float = 1.0,
) -> Circularity:
    """Return the indicator of a product of one material; the arguments are those of `Material`, raised alike."""
    if not min(mass, life, use) > 0.0:
        raise ValueError(f"mass, life and use must be above 0, got {(mass, life, use)}")
    material = Material(
        mass=mass,
        recycled_in=recycled_in,
        reused_in=reused_in,
        recycled_out=recycled_out,
        reused_out=reused_out,
        efficiency_out=efficiency_out,
        efficiency_in=efficiency_in,
        biological_in=biological_in,
        composted_out=composted_out,
        energy_out=energy_out,
    )
    return circularity_of([material], life=life, use=use)
