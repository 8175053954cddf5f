"""What a unit is made of, by part, and what is got back of it: masses in kg by material."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from sim.ranges import Money, Probability
from sim.section import Section

Material: TypeAlias = Literal["steel", "aluminium", "copper", "polymer", "oil"]

MATERIALS: Final[tuple[Material, ...]] = ("steel", "aluminium", "copper", "polymer", "oil")
"""The materials of a product; masses by material are in this order."""

Masses: TypeAlias = tuple[float, ...]
"""kg of each of `MATERIALS`."""

NOTHING: Final[Masses] = (0.0,) * len(MATERIALS)


@dataclass(frozen=True, kw_only=True)
class ProductPart(Section):
    """A part of the product: its share of the mass of a unit, and the materials that it consists of."""

    mass_share: Probability
    """Mass of the part over the mass of a unit; the shares of all parts sum to 1."""
    materials: dict[Material, Probability]
    """Share of each material in the mass of the part; they sum to 1."""

    def __post_init__(self) -> None:
        if abs(sum(self.materials.values()) - 1.0) > 1e-9:
            raise ValueError(f"materials must sum to 1, these sum to {sum(self.materials.values()):.12g}")


COMPONENTS: Final[Mapping[str, ProductPart]] = {
    "case": ProductPart(mass_share=0.36, materials={"aluminium": 0.95, "steel": 0.05}),
    "gearset": ProductPart(mass_share=0.34, materials={"steel": 1.0}),
    "bearings": ProductPart(mass_share=0.07, materials={"steel": 1.0}),
    "clutch": ProductPart(mass_share=0.12, materials={"steel": 0.85, "aluminium": 0.05, "polymer": 0.1}),
    "mechatronics": ProductPart(
        mass_share=0.07, materials={"copper": 0.6, "aluminium": 0.1, "polymer": 0.2, "steel": 0.1}
    ),
    "seals": ProductPart(mass_share=0.005, materials={"polymer": 1.0}),
    "oil": ProductPart(mass_share=0.035, materials={"oil": 1.0}),
}
"""Packaged parts of a transmission: in all 54 % steel, 36 % aluminium, 4 % copper, 3 % polymer, 3.5 % oil."""


def check_components(components: Mapping[str, ProductPart], parts: Iterable[str]) -> None:
    """Raise ValueError unless the components hold every part that wears, and their shares of the mass sum to 1."""
    missing = [part for part in parts if part not in components]
    if missing:
        raise ValueError(f"components lack {', '.join(missing)}, which wear")
    total = sum(component.mass_share for component in components.values())
    if abs(total - 1.0) > 1e-9:
        raise ValueError(f"the mass shares of the components must sum to 1, these sum to {total:.12g}")


def masses(mass_kg: float, components: Mapping[str, ProductPart]) -> dict[str, Masses]:
    """Return the kg of each material in each part of a unit of this mass, parts in the order of their names."""
    return {
        name: tuple(mass_kg * component.mass_share * component.materials.get(material, 0.0) for material in MATERIALS)
        for name, component in sorted(components.items())
    }


def added(several: Iterable[Masses]) -> Masses:
    """Return the kg of each material in several things together."""
    return tuple(sum(one) for one in zip(NOTHING, *several, strict=True))


@dataclass(frozen=True, kw_only=True)
class Recovery(Section):
    """How much of a material a recycler gets back, and what he gets for it."""

    yield_: Probability
    """Share of the clean material that is recovered; the rest is waste."""
    price_per_kg: Money
    """Sale of a kg of recovered material, EUR."""


RECOVERIES: Final[Mapping[Material, Recovery]] = {
    "steel": Recovery(yield_=0.93, price_per_kg=0.25),
    "aluminium": Recovery(yield_=0.9, price_per_kg=1.3),
    "copper": Recovery(yield_=0.85, price_per_kg=4.5),
    "polymer": Recovery(yield_=0.4, price_per_kg=0.1),
    "oil": Recovery(yield_=0.7, price_per_kg=0.05),
}
"""Packaged yields and prices of recycling."""


class Recovered(NamedTuple):
    """What recycling gives: kg of each material, kg of waste, and the revenue of the materials in EUR."""

    kg: Masses
    residue_kg: float
    revenue: float


def recovered(mass: Masses, recoveries: Mapping[Material, Recovery], contamination: float) -> Recovered:
    """Return what is recovered of masses by material when a share of them, 0 to 1, is spoilt by dirt.

    A material without a recovery is waste. kg and residue_kg together are the mass that came in.
    """
    kg, revenue = [], 0.0
    for material, came in zip(MATERIALS, mass, strict=True):
        recovery = recoveries.get(material)
        got = 0.0 if recovery is None else came * (1.0 - contamination) * recovery.yield_
        kg.append(got)
        revenue += 0.0 if recovery is None else got * recovery.price_per_kg
    return Recovered(tuple(kg), sum(mass) - sum(kg), revenue)
