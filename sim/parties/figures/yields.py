"""What share of cores, and of the work on them, comes to something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sim.figure import Figure, quantity
from sim.parties.figures.measured import Measured

COUNTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("cores", "remanufactured", "recycled", "new_units"), "units"),
    **dict.fromkeys(("removed", "failed", "degraded", "retired", "replaced"), "units"),
    "maintained": "services",
    **dict.fromkeys(("kept", "exported", "forfeited"), "units"),
    **dict.fromkeys(("tested", "destroyed", "harvested", "resold", "disposed"), "units"),
    **dict.fromkeys(("torn_down", "scrapped", "machined", "reworked"), "units"),
    **dict.fromkeys(("parts_harvested", "parts_new", "parts_reused"), "parts"),
}
"""Counts that are figures of their own, with their units."""


def figures(measured: Measured) -> dict[str, Figure]:
    """Return the shares and the counts.

    core_return_rate = cores received / units removed, 1: both in the window, so that cores of removals before it stand
    for those still on their way at its end. core_acquisition_yield = cores graded A to C / cores received, 1.
    reman_yield = cores torn down in the window that passed the end-of-line test / those whose fate is known at its end,
    1: the cohort form. first_pass_yield = passed at the first test / tested for the first time, 1.
    rolled_yield = (not scrapped / torn down) x first-pass yield, 1. reman_share = remanufactured units sold / units
    sold, 1.
    """
    count, passage = measured.count, measured.chain.passage
    sold = count("sold_reman")
    good = quantity("good_of_cohort", passage.good, "units")
    fit = count("cores_A") + count("cores_B") + count("cores_C")
    opened, first_pass = count("torn_down"), count("passed_first") / count("tested_first")
    return {
        "core_return_rate": (count("cores") / count("removed")).figure("1"),
        "core_acquisition_yield": (fit / (fit + count("cores_D"))).figure("1"),
        "reman_yield": (good / quantity("settled_of_cohort", passage.settled, "units")).figure("1"),
        "first_pass_yield": first_pass.figure("1"),
        "rolled_yield": ((opened - count("scrapped")) / opened * first_pass).figure("1"),
        "reman_share": (sold / (sold + count("sold_new"))).figure("1"),
        **{name: count(name, unit).figure(unit) for name, unit in COUNTS.items()},
    }
