"""Electricity that the stations of the loop metered."""

from __future__ import annotations

from sim.figure import Figure, Term, quantity, total
from sim.parties.figures.measured import Measured


def figures(measured: Measured) -> dict[str, Figure]:
    """Return the figures of energy.

    energy_kwh = sum over stations of what they metered, kWh. energy_per_reman_unit_kwh = that / good remanufactured
    units, kWh/unit. energy_renewable_share = renewable share of the supply, 1. co2e_energy_kg = what was metered x (1 -
    renewable share) x grid factor, kg: it is within the CO2e of remanufacturing, told apart here.
    """
    footprint, counted = measured.product.footprint, measured.chain.counted
    stations = [
        Term(name.removeprefix("kwh_"), counted[name], "kWh") for name in sorted(counted) if _is_in_loop(measured, name)
    ]
    metered = total(stations, "kWh")
    energy = quantity("energy_kwh", metered.value, "kWh")
    renewable = quantity("renewable_share", footprint.renewable_share, "1")
    grid = quantity("grid_kg_per_kwh", footprint.grid_kg_per_kwh, "kg/kWh")
    return {
        "energy_kwh": metered,
        "energy_per_reman_unit_kwh": (energy / measured.count("remanufactured")).figure("kWh/unit"),
        "energy_renewable_share": (energy * renewable / energy).figure("1"),
        "co2e_energy_kg": (energy * (1.0 - renewable) * grid).figure("kg"),
    }


def _is_in_loop(measured: Measured, name: str) -> bool:
    """Tell whether something counted is what a station metered, other than a factory's: parts on order are no cores."""
    return name.startswith("kwh_") and measured.chain.factory(name.removeprefix("kwh_")) is None
