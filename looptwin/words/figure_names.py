"""What the figures of a chain with parties are called, and what they mean, in plain words. Formulas: `docs/kpis.md`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Figure(NamedTuple):
    """What a figure is called and what it means."""

    label: str
    meaning: str


HEADLINES: Final[Mapping[str, Figure]] = {
    "profit": Figure("Profit of the chain", "what all parties but the fleets, its customers, got less what they paid"),
    "profit_with_fleets": Figure("Profit with fleets", "what all parties, fleets too, got less what they paid"),
    "fill_rate": Figure("Fill rate", "requests for a serviceable unit that were met from the shelf at once"),
    "backorders_mean": Figure("Backorders", "requests that wait for a unit, mean over time"),
    "core_return_rate": Figure("Core return rate", "cores that dismantlers bought, of all units removed"),
    "reman_yield": Figure("Yield", "of the cores torn down, those that passed the end-of-line test"),
    "reman_share": Figure("Remanufactured share", "of all units sold"),
    "cost_per_reman_unit": Figure("Cost of a remanufactured unit", "cores and all work on them, less credits"),
    "core_time_p95_days": Figure("Time of a core, 95 %", "from its receipt to the passed test, 95 % are as fast"),
    "co2e_saved_kg": Figure("CO2e saved", "new units that were not needed, less remanufacturing and transport"),
    "landfill_diversion": Figure("Landfill diversion rate", "mass of treated cores that is used again"),
    "mci": Figure("Circularity (MCI)", "material circularity of the mean unit made: 0 linear, 1 circular"),
    "cores": Figure("Cores", "bought by dismantlers"),
    "remanufactured": Figure("Remanufactured units", "passed the end-of-line test"),
    "recycled": Figure("Recycled cores", "sold for their material"),
    "new_units": Figure("New units", "made by the OEM"),
}
"""The figures that are shown first, in order."""

DETAILS: Final[Mapping[str, Figure]] = {
    "cycle_service": Figure("Cycle service rate", "deliveries before which nobody asked in vain"),
    "gamma_service": Figure("Gamma service rate", "1 less backorders over the demand of a week"),
    "backorder_days": Figure("Backorder days", "days that requests waited, in all"),
    "backorder_wait_mean_days": Figure("Wait for a unit", "mean over all requests"),
    "core_acquisition_yield": Figure("Acquisition yield", "cores of grade A to C, of all graded"),
    "first_pass_yield": Figure("First-pass yield", "units that passed their first end-of-line test"),
    "rolled_yield": Figure("Rolled yield", "product of the yields of inspection and first test"),
    "removed": Figure("Removed units", "taken out of vehicles"),
    "failed": Figure("Failures", "lives that ended by failure"),
    "degraded": Figure("Found worn", "units that a service had taken out"),
    "retired": Figure("Retired vehicles", "whose units came out with them"),
    "replaced": Figure("Preventive replacements", "units taken out at a set age"),
    "maintained": Figure("Services", "of vehicles in use"),
    "kept": Figure("Kept units", "that their fleet did not return"),
    "exported": Figure("Exported units", "that left the country"),
    "forfeited": Figure("Forfeited core charges", "units whose deposit was not paid back"),
    "torn_down": Figure("Cores torn down", "by remanufacturers"),
    "machined": Figure("Machined units", "with at least one part that was reworked"),
    "parts_harvested": Figure("Harvested parts", "taken out of cores"),
    "scrapped": Figure("Scrapped cores", "found to be scrap at component inspection"),
    "harvested": Figure("Harvested cores", "taken apart for their good parts"),
    "resold": Figure("Resold cores", "sold as they are"),
    "disposed": Figure("Disposed cores", "put to landfill"),
    "tested": Figure("Bench tests", "cores put on a bench"),
    "destroyed": Figure("Destructive tests", "cores cut open"),
    "reworked": Figure("Reworks", "failed end-of-line tests that led to another try"),
    "parts_new": Figure("New parts", "bought and built in"),
    "parts_reused": Figure("Harvested parts used", "taken from other cores and built in"),
    "co2e_saved_displaced_kg": Figure("CO2e saved, displacement", "with the share of new units really displaced"),
    "co2e_rebound_kg": Figure("CO2e rebound", "units used beside new ones"),
    "co2e_transport_kg": Figure("CO2e of transport", "of cores between parties"),
    "co2e_replaced_kg": Figure("CO2e of replaced parts", "their treatment"),
    "co2e_recovery_kg": Figure("CO2e saved by recycling", "in other products, against primary material"),
    "co2e_energy_kg": Figure("CO2e of metered energy", "within that of remanufacturing"),
    "energy_kwh": Figure("Energy", "metered by stations"),
    "energy_per_reman_unit_kwh": Figure("Energy of a unit", "metered energy over remanufactured units"),
    "energy_renewable_share": Figure("Renewable share", "of the metered energy"),
    "made_kg": Figure("Mass made", "new units and new parts"),
    "reused_kg": Figure("Mass reused", "carried over in remanufactured units"),
    "resold_kg": Figure("Mass resold", "cores sold as they are"),
    "recovered_kg": Figure("Mass recovered", "got back by recyclers"),
    "residue_kg": Figure("Residue", "lost in recycling"),
    "disposed_kg": Figure("Mass disposed", "landfill and scrapyards"),
    "away_kg": Figure("Mass gone", "kept or exported"),
    "recovered_steel_kg": Figure("Steel recovered", ""),
    "recovered_aluminium_kg": Figure("Aluminium recovered", ""),
    "recovered_copper_kg": Figure("Copper recovered", ""),
    "recovered_polymer_kg": Figure("Polymer recovered", ""),
    "recovered_oil_kg": Figure("Oil recovered", ""),
    "disposal_kg": Figure("Disposal", "residue and what was disposed of"),
    "closed_loop_share": Figure("Closed-loop share", "of what is used again, in the same product"),
    "flow_reused_content": Figure("Reused content", "of the mass that went into products"),
    "flow_recycled_content": Figure("Recycled content", "of the mass that went into products"),
    "flow_lifetime_ratio": Figure("Lifetime ratio", "mean life over mean first life"),
    "flow_reused_out": Figure("Reused outflow", "of the mass that left use"),
    "flow_recycled_out": Figure("Recycled outflow", "of the mass that left use"),
    "flow_material_productivity": Figure("Material productivity", "revenue over virgin mass"),
    "core_stock_mean": Figure("Cores in stock", "at dismantlers and testers, mean over time"),
    "wip_mean": Figure("Work in progress", "at remanufacturers, mean over time"),
    "transit_mean": Figure("Cores on the way", "between parties, mean over time"),
    "serviceable_mean": Figure("Serviceable units", "on the shelf, mean over time"),
    "parts_stock_mean": Figure("Harvested parts in stock", "on the shelf, mean over time"),
    "days_of_supply": Figure("Days of supply", "serviceable units over demand"),
    "serviceable_turns": Figure("Turns", "units issued a year over units on the shelf"),
    "core_time_mean_days": Figure("Time of a core", "from its receipt to the passed test, mean"),
    "core_time_p50_days": Figure("Time of a core, median", "half are as fast"),
    "core_queue_days": Figure("Days in queues", "of a core"),
    "core_process_days": Figure("Days at work", "of a core, nights included"),
    "core_transport_days": Figure("Days on the way", "of a core"),
    "oee": Figure("OEE of the end-of-line test", "availability, performance and quality"),
    "cost_per_reman_unit_acquisition": Figure("Cost: acquisition", "of a remanufactured unit"),
    "cost_per_reman_unit_transport": Figure("Cost: transport", "of a remanufactured unit"),
    "cost_per_reman_unit_inspection": Figure("Cost: inspection", "of a remanufactured unit"),
    "cost_per_reman_unit_labour": Figure("Cost: labour", "of a remanufactured unit"),
    "cost_per_reman_unit_parts": Figure("Cost: parts", "of a remanufactured unit"),
    "cost_per_reman_unit_energy": Figure("Cost: energy", "of a remanufactured unit"),
    "cost_per_reman_unit_disposal": Figure("Cost: disposal", "of a remanufactured unit"),
    "cost_per_reman_unit_credits": Figure("Cost: credits", "material and cores sold, negative"),
    "cost_per_reman_unit_other": Figure("Cost: other", "of a remanufactured unit"),
}
"""All other figures of a chain."""

CHAIN: Final[Mapping[str, Figure]] = {**HEADLINES, **DETAILS}
"""Figures of a chain with parties, in the order in which they are shown."""


def of_model(model: str, kpi: str) -> str:
    """Return what a figure of a regression's model is called among the figures of a run."""
    return f"regression.{model.lower().replace(' ', '_')}.{kpi}"
