"""The published cases that are formulas, computed here once more under the names and keys of the table."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from scipy import integrate, optimize

from tests.truth import theory

Expected = dict[str, Any]


def replaced_at(age: float, shape: float, scale: float, failure: float, preventive: float) -> float:
    """Cost a unit of age when units are replaced at an age or at failure: a cycle's cost over its length."""

    def survives(t: float) -> float:
        return math.exp(-((t / scale) ** shape))

    length = integrate.quad(survives, 0.0, age, epsabs=1e-13)[0]
    return float((preventive * survives(age) + failure * (1.0 - survives(age))) / length)


@cache
def age_replacement_gearbox() -> dict[str, float]:
    """The age of least cost by search (Barlow & Proschan 1965)."""

    def cost(age: float) -> float:
        return replaced_at(age, 2.5, 250.0, 3500.0, 1200.0)

    # near the minimum the cost is flat: the age is found where its slope vanishes
    def slope(age: float) -> float:
        survives = math.exp(-((age / 250.0) ** 2.5))
        hazard = 2.5 / 250.0 * (age / 250.0) ** 1.5
        length = integrate.quad(lambda t: math.exp(-((t / 250.0) ** 2.5)), 0.0, age, epsabs=1e-13)[0]
        return (3500.0 - 1200.0) * (hazard * length - (1.0 - survives)) - 1200.0

    best = float(optimize.brentq(slope, 50.0, 500.0, xtol=1e-12))
    return {
        "T_opt": best,
        "cost_rate_opt": cost(best),
        "cost_rate_run_to_failure": 3500.0 / theory.weibull_mean(2.5, 250.0),
        "cost_rate_T_150": cost(150.0),
        "fraction_failed_T_150": 1.0 - math.exp(-((150.0 / 250.0) ** 2.5)),
    }


@cache
def minimal_repair_overhaul() -> dict[str, float]:
    """Repairs until an overhaul at T number (T / scale)^shape (Barlow & Hunter 1960); the T of least cost."""

    def cost(age: float) -> float:
        return (1200.0 + 600.0 * (age / 250.0) ** 2.5) / age

    def slope(age: float) -> float:
        return 600.0 * 1.5 * (age / 250.0) ** 2.5 - 1200.0

    best = float(optimize.brentq(slope, 50.0, 900.0, xtol=1e-12))
    return {"T_opt": best, "cost_rate": cost(best), "repairs_per_cycle": (best / 250.0) ** 2.5}


@cache
def miner_two_block_gear() -> dict[str, float]:
    loads = ((1100.0, 4.0e5), (1300.0, 6.0e4), (1450.0, 5.0e3))
    damage = sum(count * (stress / 1200.0) ** 13.22 / 5.0e7 for stress, count in loads)
    return {"damage_per_1000km": damage, "life_1000km": 1.0 / damage}


def circularity_by_hand(
    recycled_in: float, reused_in: float, recycled_out: float, reused_out: float, life: float
) -> dict[str, float]:
    """Equations 2.1 to 2.14 for 85 kg, all recycling at 90 %, without a biological cycle."""
    virgin = 85.0 * (1.0 - recycled_in - reused_in)
    discarded = 85.0 * (1.0 - recycled_out - reused_out)
    of_recycling, of_feedstock = 85.0 * 0.1 * recycled_out, 85.0 * 0.1 * recycled_in / 0.9
    waste = discarded + (of_recycling + of_feedstock) / 2.0
    index = (virgin + waste) / (2.0 * 85.0 + (of_feedstock - of_recycling) / 2.0)
    return {
        "V": virgin,
        "W0": discarded,
        "WC": of_recycling,
        "WF": of_feedstock,
        "W": waste,
        "LFI": index,
        "X": life,
        "MCI": max(0.0, 1.0 - index * 0.9 / life),
    }


@cache
def mci_new_transmission() -> dict[str, float]:
    return circularity_by_hand(0.25, 0.0, 0.75, 0.0, 1.0)


@cache
def mci_reman_transmission() -> dict[str, float]:
    return circularity_by_hand(0.1, 0.7, 0.35, 0.6, 0.9)


@cache
def sequential_bayes_linear_regression() -> Expected:
    """The posterior after all rows, from the blocks one after the other (Bishop 2006, 3.50 to 3.54)."""
    inputs = np.array([[1.0, x] for x in (0.0, 1.0, 2.0, 3.0, 5.0)])
    outputs = np.array([1.0, 2.9, 5.2, 6.8, 11.1])
    precision, weighted = 0.5 * np.eye(2), np.zeros(2)
    for rows in ([0, 1], [2], [3, 4]):
        precision = precision + 4.0 * inputs[rows].T @ inputs[rows]
        weighted = weighted + 4.0 * inputs[rows].T @ outputs[rows]
    return {"mean": np.linalg.solve(precision, weighted).tolist(), "cov": np.linalg.inv(precision).tolist()}


FORMULAS = (
    age_replacement_gearbox,
    minimal_repair_overhaul,
    miner_two_block_gear,
    mci_new_transmission,
    mci_reman_transmission,
    sequential_bayes_linear_regression,
)
