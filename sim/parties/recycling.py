"""What happens where cores and scrapped parts end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.parties.accounts import OUTSIDE
from sim.parties.agreed import Costs
from sim.parties.config import Recycler
from sim.parties.materials import MATERIALS, Masses, recovered
from sim.records import Unit

if TYPE_CHECKING:
    from sim.parties.chain import Chain

COLUMNS: Final = {
    "day": "f8",
    "unit": "i8",
    "party": "U",
    **{f"{material}_kg": "f8" for material in MATERIALS},
    "residue_kg": "f8",
    "contamination": "f8",
    "revenue": "f8",
}
"""What a recycler got out of a core, or out of the scrapped parts of a unit: kg of each material and of waste, EUR."""

DIRTIEST = 0.5
"""Largest share of a core that dirt spoils."""

_OIL = MATERIALS.index("oil")
_COUNTED = tuple(f"kg_recycled_{material}" for material in MATERIALS)


def shredded(chain: Chain, unit: Unit, party: str) -> None:
    """Let a recycler pay for a core that ends there, and sell its material."""
    config = chain.config(party)
    assert isinstance(config, Recycler)
    chain.pay(party, unit.body.holder or OUTSIDE, config.core_payment, "core for material", unit)
    recycle(chain, unit, party, chain.parts.mass(unit.key))
    chain.count("recycled")


def recycle(chain: Chain, unit: Unit, party: str, mass: Masses) -> None:
    """Sell what is recovered of a unit or its parts, and pay for the waste and the treatment of the oil."""
    config = chain.config(party)
    assert isinstance(config, Recycler)
    luck = chain.world.streams.open(f"{party}.contamination")(unit.key, unit.lives)
    dirt = min(DIRTIEST, config.contamination.quantile()(luck))
    found = recovered(mass, config.materials, dirt)
    waste = found.residue_kg * chain.today.costs.landfill_per_kg + mass[_OIL] * config.oil_fee_per_kg
    chain.pay(OUTSIDE, party, found.revenue, "material", unit)
    chain.pay(party, OUTSIDE, waste, "waste", unit)
    for what, kg in zip(_COUNTED, found.kg, strict=True):
        chain.count(what, kg)
    chain.count("kg_residue", found.residue_kg)
    chain.recycled(unit.key, party, (*found.kg, found.residue_kg, dirt, found.revenue))


def worth_of(mass: Masses, config: Recycler | None, costs: Costs) -> float:
    """Return what a recycler earns on masses of average dirt, before he pays for them, EUR; 0 without a recycler."""
    if config is None:
        return 0.0
    found = recovered(mass, config.materials, min(DIRTIEST, config.contamination.expectation()))
    return found.revenue - found.residue_kg * costs.landfill_per_kg - mass[_OIL] * config.oil_fee_per_kg
