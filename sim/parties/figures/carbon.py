"""CO2e: what remanufacturing avoids, at full displacement of new units and at the one that the scenario believes."""

from __future__ import annotations

from sim.figure import Figure, Operand, Quantity, quantity
from sim.parties.figures.material import flows
from sim.parties.figures.measured import Measured


def figures(measured: Measured) -> dict[str, Figure]:
    """Return the figures of CO2e, kg.

    co2e_saved_kg = remanufactured units sold x [s (E_new + E_end) - E_reman] - E_transport - E_replaced, at s = 1:
    every such unit stands in for a new one. co2e_saved_displaced_kg: the same at s = `product.displacement`.
    co2e_rebound_kg: the difference, made by units that are used beside new ones. co2e_transport_kg = ways of cores x
    unit mass in t x km x freight factor. co2e_replaced_kg = mass of replaced parts x factor of treatment at the end;
    E_end is that of a whole unit. co2e_recovery_kg = mass recovered x what that saves against primary material: it is
    earned in other products and is in no other figure here.
    """
    s = quantity("displacement", measured.product.displacement, "1")
    saving = quantity("recovered_kg_per_kg", measured.product.footprint.recovered_kg_per_kg, "kg/kg")
    return {
        "co2e_saved_kg": _saved(measured, 1).figure("kg"),
        "co2e_saved_displaced_kg": _saved(measured, s).figure("kg"),
        "co2e_rebound_kg": (measured.count("sold_reman") * (1 - s) * _avoided(measured)).figure("kg"),
        "co2e_transport_kg": _transport(measured).figure("kg"),
        "co2e_replaced_kg": _replaced(measured).figure("kg"),
        "co2e_recovery_kg": (flows(measured).recovered * saving).figure("kg"),
    }


def _saved(measured: Measured, displacement: Operand) -> Quantity:
    reman = quantity("co2e_reman_kg", measured.product.co2e_reman_kg, "kg")
    of_units = measured.count("sold_reman") * (displacement * _avoided(measured) - reman)
    transport = quantity("co2e_transport_kg", _transport(measured).value, "kg")
    return of_units - transport - quantity("co2e_replaced_kg", _replaced(measured).value, "kg")


def _avoided(measured: Measured) -> Quantity:
    """CO2e of making one new unit and of treating it at its end."""
    return quantity("co2e_new_kg", measured.product.co2e_new_kg, "kg") + measured.mass * _end_of_life(measured)


def _transport(measured: Measured) -> Quantity:
    footprint = measured.product.footprint
    ways = quantity("ways_of_cores", sum(lane.left for lane in measured.lanes()), "unit ways")
    per_tkm = quantity("freight_kg_per_tkm", footprint.freight_kg_per_tkm, "kg/tkm")
    return ways * measured.mass / 1000 * quantity("lane_km", footprint.lane_km, "km") * per_tkm


def _replaced(measured: Measured) -> Quantity:
    return measured.count("kg_new_part", "kg") * _end_of_life(measured)


def _end_of_life(measured: Measured) -> Quantity:
    return quantity("end_of_life_kg_per_kg", measured.product.footprint.end_of_life_kg_per_kg, "kg/kg")
