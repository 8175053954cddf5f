"""Where units are, on average over time, and how fast stocks turn."""

from __future__ import annotations

from collections.abc import Iterable

from sim.blocks.block import Block
from sim.blocks.stock import StockBlock
from sim.figure import Figure, Quantity, quantity
from sim.parties.config import Dismantler, Remanufacturer, Tester
from sim.parties.figures.measured import Measured
from sim.units import DAYS_PER_YEAR


def figures(measured: Measured) -> dict[str, Figure]:
    """Return mean numbers of units, integral over time / days, and what follows from them.

    core_stock_mean: at dismantlers and testers, units. wip_mean: at remanufacturers, stocks left out, units; of each
    stage it is `<block>.number_mean`. transit_mean: cores on their way between parties, units. serviceable_mean: on
    the shelf, units. parts_stock_mean: harvested parts on the shelf, parts. days_of_supply = serviceable units / units
    asked for a day, days. serviceable_turns = units issued a year / serviceable units, 1/year.
    """
    stock, days = measured.stock, measured.days
    shelf = quantity("unit_days_on_shelf", stock.area_until(measured.day), "unit days")
    parts = quantity("part_days_on_shelf", measured.chain.parts.on_shelf.until(measured.day), "part days")
    issued = quantity("issued", stock.served, "units")
    demands = quantity("demands", stock.demands, "units")
    at_work = (one for one in measured.blocks(Remanufacturer) if not isinstance(one, StockBlock))
    return {
        "core_stock_mean": (_inside(measured, "core", measured.blocks(Dismantler, Tester)) / days).figure("units"),
        "wip_mean": (_inside(measured, "wip", at_work) / days).figure("units"),
        "transit_mean": (_inside(measured, "transit", measured.lanes()) / days).figure("units"),
        "serviceable_mean": (shelf / days).figure("units"),
        "parts_stock_mean": (parts / days).figure("parts"),
        "days_of_supply": (shelf / demands).figure("days"),
        "serviceable_turns": (issued * quantity("days_per_year", DAYS_PER_YEAR, "days") / shelf).figure("1/year"),
    }


def _inside(measured: Measured, what: str, blocks: Iterable[Block]) -> Quantity:
    return quantity(f"{what}_unit_days", sum(one.area_until(measured.day) for one in blocks), "unit days")
