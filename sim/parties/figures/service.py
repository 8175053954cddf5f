"""How well the serviceable stock serves whoever asks it."""

from __future__ import annotations

from sim.figure import Figure, Quantity, quantity
from sim.parties.figures.measured import Measured

PERIOD_DAYS = 7.0
"""The period of the gamma service level: a weekly review."""


def figures(measured: Measured) -> dict[str, Figure]:
    """Return the service figures.

    fill_rate (beta) = requests filled at once / requests, 1. backorders_mean = backorder days / days, units.
    cycle_service (alpha) = cycles without stock-out / cycles, 1; a cycle ends with every unit that comes in.
    gamma_service = 1 - mean backorders / mean demand of a week, 1; negative where more than that is open.
    backorder_days = integral of open requests, unit days. backorder_wait_mean_days = that / requests, by Little's law.
    """
    stock = measured.stock.figures(measured.day)
    demands, open_days = _demands(measured), measured.stock.backorder_days(measured.day)
    weekly = quantity("days_per_period", PERIOD_DAYS, "days") * demands / measured.days
    return {
        "fill_rate": stock["fill_rate"],
        "backorders_mean": stock["backorders_mean"],
        "cycle_service": stock["cycle_service"],
        "gamma_service": (1.0 - (open_days / measured.days) / weekly).figure("1"),
        "backorder_days": open_days.figure("unit days"),
        "backorder_wait_mean_days": (open_days / demands).figure("days"),
    }


def _demands(measured: Measured) -> Quantity:
    return quantity("demands", measured.stock.demands, "units")
