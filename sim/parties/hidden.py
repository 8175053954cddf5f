"""Reality gaps: how the world's product differs from the one that everybody in it believes in.

The scenario's product is what the judge, the beliefs and the parties' limits go by. A hidden world turns it into the
product that wears in truth, by factors, and by a failure mode that nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal, TypeAlias

from annotated_types import Gt, Le

from sim.laws import Quantile, Weibull
from sim.parties.product import Product
from sim.ranges import Money, NonNegative, Positive
from sim.section import Section, Shaped
from sim.units import DAYS_PER_YEAR

ELECTRONICS = "electronics"
"""The failure mode that no believer knows."""

Word: TypeAlias = Literal["none", "mild", "medium", "severe", "missing_mechanism"]


@dataclass(frozen=True, kw_only=True)
class HiddenWorld(Section):
    """By how much the world differs from its product as stated; 1 is as stated."""

    gear_stress: Positive = 1.0
    """Factor on the contact stress of the gears."""
    bearing_load: Positive = 1.0
    """Factor on the load of the bearings."""
    slip_energy: Positive = 1.0
    """Factor on the slip energy of the clutch."""
    seal_ageing: Positive = 1.0
    """Factor on how fast seals age."""
    oxidation: Positive = 1.0
    """Factor on the oxidation of the oil."""
    heat: Positive = 1.0
    """Factor on the losses that heat the oil."""
    cracks: Annotated[float, Gt(0), Le(8)] = 1.0
    """Factor on the probability of a hidden crack."""
    electronics_years: NonNegative = 0.0
    """Scale of the life of the electronics, which no believer knows to fail; 0 for electronics that never do."""
    electronics_shape: Positive = 0.8
    """Weibull shape of that life; below 1 is infant mortality."""
    electronics_cost: Money = 420.0
    """Cost of replacing failed electronics, EUR."""

    @property
    def differs(self) -> bool:
        """Whether anything is not as stated."""
        return self != HiddenWorld()

    def electronics(self) -> Quantile | None:
        """Return the life of electronics in days by its uniform; None where they never fail."""
        if not self.electronics_years:
            return None
        return Weibull(shape=self.electronics_shape, scale=self.electronics_years * DAYS_PER_YEAR).quantile()


PRESETS: Mapping[str, HiddenWorld] = {
    "none": HiddenWorld(),
    "mild": HiddenWorld(gear_stress=1.005, bearing_load=1.02, slip_energy=1.05, oxidation=1.1, cracks=1.25),
    "medium": HiddenWorld(
        gear_stress=1.01, bearing_load=1.05, slip_energy=1.12, seal_ageing=1.15, oxidation=1.25, heat=1.03, cracks=1.6
    ),
    "severe": HiddenWorld(
        gear_stress=1.03, bearing_load=1.1, slip_energy=1.3, seal_ageing=1.4, oxidation=1.6, heat=1.08, cracks=2.5
    ),
    "missing_mechanism": HiddenWorld(electronics_years=40.0),
}
"""Packaged gaps by name: design values. Stress enters pitting with the power 13.2, so 3 % of it is 48 % of damage."""


def _shape(value: object) -> str:
    return "word" if isinstance(value, str) else "factors"


Hidden: TypeAlias = Annotated[Word | HiddenWorld, Shaped(("word", "factors"), _shape)]
"""What a scenario may write: a packaged gap by name, or factors."""


def gap(hidden: Word | HiddenWorld) -> HiddenWorld:
    """Return the gap that a scenario asks for."""
    return PRESETS[hidden] if isinstance(hidden, str) else hidden


def statement(hidden: Word | HiddenWorld) -> str:
    """Return what a run says about its gap; nothing where there is none."""
    found = gap(hidden)
    if not found.differs:
        return ""
    changes = [
        f"{name.replace('_', ' ')} x {value:g}"
        for name, value in vars(found).items()
        if not name.startswith(ELECTRONICS) and value != 1.0
    ]
    if found.electronics_years:
        years, shape = found.electronics_years, found.electronics_shape
        changes.append(f"electronics fail (Weibull, shape {shape:g}, scale {years:g} years), which nobody in it knows")
    name = hidden if isinstance(hidden, str) else "by factors"
    return f"{name}: the world differs from what is believed: {', '.join(changes)}"


def real(product: Product, hidden: HiddenWorld) -> Product:
    """Return the product that wears in truth where `product` is believed."""
    wear = product.wear
    gear, bearing, clutch, seal = wear.mechanisms()
    oil = replace(
        wear.oil,
        oxidation=wear.oil.oxidation * hidden.oxidation,
        mesh_loss_w=wear.oil.mesh_loss_w * hidden.heat,
        slip_loss_w=wear.oil.slip_loss_w * hidden.heat,
    )
    worn = replace(
        wear,
        gear=replace(gear, stress_mpa=gear.stress_mpa * hidden.gear_stress),
        bearing=replace(bearing, load_kn=bearing.load_kn * hidden.bearing_load),
        clutch=replace(clutch, slip_energy_j=clutch.slip_energy_j * hidden.slip_energy),
        seal=replace(seal, years=seal.years / hidden.seal_ageing),
        oil=oil,
        crack_probability=min(1.0, wear.crack_probability * hidden.cracks),
        crack_per_gear_damage=min(1.0, wear.crack_per_gear_damage * hidden.cracks),
    )
    return replace(product, wear=worn)
