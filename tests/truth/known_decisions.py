"""The published cases of testing, buying and putting in cores, computed here once more under the keys of the table."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
from scipy import integrate, optimize

Expected = dict[str, float | list[float]]

GOOD = 0.65
EYE = (0.92, 0.85)
BENCH = (0.97, 0.95)
"""Share of good cores; sensitivity and specificity of the two tests."""


@cache
def inspection_confusion_profit() -> dict[str, float]:
    """By the four outcomes of (state, test) with their probabilities; the best action for each finding."""
    chance = {
        (good, passed): (GOOD if good else 1 - GOOD) * (EYE[0] if good else 1 - EYE[1])
        if passed
        else (GOOD if good else 1 - GOOD) * (1 - EYE[0] if good else EYE[1])
        for good, passed in product((True, False), repeat=2)
    }
    worth = {True: 420.0, False: -310.0}
    accepted = chance[True, True] + chance[False, True]
    tested = sum(
        max(sum(chance[good, passed] * worth[good] for good in worth), 35.0 * sum(chance[g, passed] for g in worth))
        for passed in (True, False)
    )
    untested = max(GOOD * worth[True] + (1 - GOOD) * worth[False], 35.0)
    perfect = GOOD * max(worth[True], 35.0) + (1 - GOOD) * max(worth[False], 35.0)
    return {
        "ppv": chance[True, True] / accepted,
        "npv": chance[False, False] / (1 - accepted),
        "accept_rate": accepted,
        "profit_inspect": tested - 12.0,
        "profit_no_inspect_best": untested,
        "profit_perfect_free": perfect,
        "EVPI": perfect - untested,
    }


@cache
def two_stage_visual_then_bench() -> dict[str, float]:
    good, bad = GOOD * EYE[0], (1 - GOOD) * (1 - EYE[1])
    good_passed, bad_passed = good * BENCH[0], bad * (1 - BENCH[1])
    return {
        "bench_load_share": good + bad,
        "final_yield": good_passed + bad_passed,
        "final_ppv": good_passed / (good_passed + bad_passed),
        "good_lost_share": 1 - good_passed / GOOD,
    }


@cache
def acquisition_prices_three_grades() -> Expected:
    """The prices of most profit: a concave quadratic, solved where its gradient vanishes, by Newton from anywhere."""
    slope, cost = np.array([20.0, 15.0, 10.0]), np.array([10.0, 25.0, 45.0])

    def profit(prices: np.ndarray) -> float:
        returns = slope * prices
        price = (3000.0 - returns.sum()) / 20.0
        return float(price * returns.sum() - returns @ (prices + cost))

    def gradient(prices: np.ndarray) -> np.ndarray:
        price = (3000.0 - slope @ prices) / 20.0
        return slope * (price - slope @ prices / 20.0) - slope * (2 * prices + cost)

    prices = optimize.root(gradient, np.ones(3), tol=1e-13).x
    returns = slope * prices
    return {
        "acquisition_prices": prices.tolist(),
        "returns": returns.tolist(),
        "price": (3000.0 - float(returns.sum())) / 20.0,
        "quantity": float(returns.sum()),
        "profit": profit(prices),
    }


def cost_of_input(cores: float) -> float:
    """Cores at 1, of which U(0.5, 0.9) come out good for a demand of 100: 6 for each short, 0.5 for each left over."""

    def mismatch(share: float) -> float:
        return 6.0 * max(100.0 - share * cores, 0.0) + 0.5 * max(share * cores - 100.0, 0.0)

    kink = min(max(100.0 / cores, 0.5), 0.9)
    parts = [integrate.quad(mismatch, low, high)[0] for low, high in ((0.5, kink), (kink, 0.9))]
    return cores + sum(parts) / 0.4


@cache
def random_yield_core_input() -> dict[str, float]:
    found = optimize.minimize_scalar(cost_of_input, bounds=(111.0, 200.0), method="bounded", options={"xatol": 1e-11})
    return {"Q": float(found.x), "cost": float(found.fun)}


DECISIONS = (
    inspection_confusion_profit,
    two_stage_visual_then_bench,
    acquisition_prices_three_grades,
    random_yield_core_input,
)
