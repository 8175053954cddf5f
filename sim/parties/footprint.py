"""Factors by which masses, ways and energy become CO2e. Orders of magnitude from public tables; none is measured."""

from __future__ import annotations

from dataclasses import dataclass

from sim.ranges import NonNegative, Probability
from sim.section import Section


@dataclass(frozen=True, kw_only=True)
class Footprint(Section):
    """Emission factors of what happens to a unit outside of making and remanufacturing it."""

    lane_km: NonNegative = 250.0
    """Mean length of a way between two parties, km."""
    freight_kg_per_tkm: NonNegative = 0.085
    """CO2e of road freight, kg per tonne and km."""
    end_of_life_kg_per_kg: NonNegative = 0.05
    """CO2e of treating a kg at the end of its life, kg; without a credit for what is recovered."""
    recovered_kg_per_kg: NonNegative = 4.0
    """CO2e that a kg of recovered material saves against primary material, kg; told apart from what is saved here."""
    grid_kg_per_kwh: NonNegative = 0.3
    """CO2e of the electricity that is not renewable, kg per kWh."""
    renewable_share: Probability = 0.4
    """Share of the electricity that is renewable."""
