"""What share of cores, and of the work on them, comes to something."""

from __future__ import annotations

from sim.figure import Figure, quantity
from sim.parties.figures.measured import Measured

PLAIN_COUNTS = (
    "cores",
    "remanufactured",
    "recycled",
    "new_units",
    "removed",
    "harvested",
    "scrapped",
    "resold",
    "disposed",
    "tested",
    "destroyed",
    "reworked",
    "exported",
    "kept",
    "parts_new",
    "parts_reused",
)
"""Counts that are figures of their own, in units or parts."""


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
    found = {
        "core_return_rate": (count("cores") / count("removed")).figure("1"),
        "reman_yield": (good / quantity("settled_of_cohort", passage.settled, "units")).figure("1"),
        "reman_share": (sold / (sold + count("sold_new"))).figure("1"),
        **_of_stages(measured),
    }
    for name in PLAIN_COUNTS:
        if measured.counts(name):
            found[name] = count(name).figure("parts" if name.startswith("parts_") else "units")
    return found


def _of_stages(measured: Measured) -> dict[str, Figure]:
    count, found = measured.count, {}
    if measured.counts("cores_A", "cores_B", "cores_C", "cores_D"):
        fit = count("cores_A") + count("cores_B") + count("cores_C")
        found["core_acquisition_yield"] = (fit / (fit + count("cores_D"))).figure("1")
    if measured.counts("tested_first", "passed_first"):
        first_pass = count("passed_first") / count("tested_first")
        found["first_pass_yield"] = first_pass.figure("1")
        if measured.counts("scrapped"):
            opened = count("torn_down")
            found["rolled_yield"] = ((opened - count("scrapped")) / opened * first_pass).figure("1")
    return found
