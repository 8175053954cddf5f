"""Material Circularity Indicator of a product.

Source: Ellen MacArthur Foundation & ANSYS Granta, "Circularity Indicators: An Approach to Measuring Circularity.
Methodology" (2015, revised 2019), equations 2.1 to 2.14; the biological cycle is left at zero shares by default.
"""

from __future__ import annotations

from typing import NamedTuple


class Circularity(NamedTuple):
    """Masses in the unit of the product's mass: virgin feedstock, waste in all and by where it arises; the indices."""

    virgin: float
    waste: float
    waste_discarded: float
    waste_of_recycling: float
    waste_of_feedstock: float
    linear_flow_index: float
    utility: float
    mci: float


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
    """Return the indicator for shares of the feedstock (`_in`) and of what happens after use (`_out`).

    Efficiencies are those of recycling after use and of recycling the feedstock. life and use are relative to the
    industry's average. Raises ValueError when shares are negative or sum to more than 1, when an efficiency is not in
    (0, 1], and when mass, life or use is not positive.
    """
    for shares in ((recycled_in, reused_in, biological_in), (recycled_out, reused_out, composted_out, energy_out)):
        if not (min(shares) >= 0.0 and sum(shares) <= 1.0 + 1e-12):
            raise ValueError(f"shares must be at least 0 and sum to at most 1, got {shares}")
    if not all(0.0 < efficiency <= 1.0 for efficiency in (efficiency_in, efficiency_out)):
        raise ValueError(f"efficiencies must be above 0 and at most 1, got {(efficiency_in, efficiency_out)}")
    if not min(mass, life, use) > 0.0:
        raise ValueError(f"mass, life and use must be above 0, got {(mass, life, use)}")
    virgin = mass * (1.0 - recycled_in - reused_in - biological_in)
    discarded = mass * (1.0 - recycled_out - reused_out - composted_out - energy_out)
    of_recycling = mass * (1.0 - efficiency_out) * recycled_out
    of_feedstock = mass * (1.0 - efficiency_in) * recycled_in / efficiency_in
    waste = discarded + (of_feedstock + of_recycling) / 2.0
    index = (virgin + waste) / (2.0 * mass + (of_feedstock - of_recycling) / 2.0)
    utility = life * use
    mci = max(0.0, 1.0 - index * 0.9 / utility)
    return Circularity(virgin, waste, discarded, of_recycling, of_feedstock, index, utility, mci)
