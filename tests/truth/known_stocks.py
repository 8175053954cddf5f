"""The published cases of stocks, computed here once more from `inventory` under the names and keys of the table."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from tests.truth import inventory, theory


@cache
def newsvendor_normal() -> dict[str, float]:
    return inventory.newsvendor_normal(0.18, 0.7, 50.0, 8.0)


@cache
def newsvendor_poisson() -> dict[str, float]:
    return inventory.newsvendor(1.0, 4.0, theory.poisson(6.0, 60))


@cache
def ss_periodic_zf_10() -> dict[str, float]:
    return inventory.best_reviewed(1.0, 9.0, 64.0, theory.poisson(10.0, 60), 50)


@cache
def ss_periodic_snyder_shen_4_7() -> dict[str, float]:
    return inventory.best_reviewed(1.0, 4.0, 5.0, theory.poisson(6.0, 40), 20)


@cache
def rq_poisson_backorder() -> dict[str, float]:
    values = inventory.batches(5.0, 2.0, 12, 20)
    cost = 1.0 * values["on_hand"] + 9.0 * values["EBO"] + 25.0 * values["orders_per_time"]
    return values | {"cost_rate": cost}


@cache
def heyman_disposal_level() -> dict[str, float]:
    def values(most: int) -> dict[str, float]:
        found = inventory.kept_returns(0.7, 1.0, most)
        made = 10.0 * found["new_rate"] + 4.0 * found["reman_rate"]
        return found | {"cost_rate": made + 1.0 * found["disposal_rate"] + 0.5 * found["mean_stock"]}

    best = min(range(1, 40), key=lambda most: values(most)["cost_rate"])
    return values(6) | {"optimal_level": best}


@cache
def hybrid_push_equal_leads() -> dict[str, float]:
    return inventory.Hybrid().push(4, 3, 2)


@cache
def hybrid_push_optimum() -> dict[str, float]:
    def cost(rule: tuple[int, int, int]) -> float:
        return inventory.Hybrid().push(*rule, top=80)["cost_rate"]

    rules = [(s, new, batch) for s in range(2, 6) for new in range(1, 6) for batch in range(1, 5)]
    best = min(rules, key=cost)
    values = dict(zip(("s_m", "Q_m", "Q_r"), best, strict=True))
    return values | {"cost_rate": inventory.Hybrid().push(*best)["cost_rate"]}


@cache
def eoq_with_returns() -> dict[str, float]:
    return inventory.lots_with_returns(1000.0, 0.6, (200.0, 50.0), (5.0, 2.0))


STOCKS: dict[str, Callable[[], dict[str, float]]] = {
    "newsvendor_normal": newsvendor_normal,
    "newsvendor_poisson": newsvendor_poisson,
    "sS_periodic_zf_10": ss_periodic_zf_10,
    "sS_periodic_snyder_shen_4_7": ss_periodic_snyder_shen_4_7,
    "rQ_poisson_backorder": rq_poisson_backorder,
    "heyman_disposal_level": heyman_disposal_level,
    "hybrid_push_equal_leads": hybrid_push_equal_leads,
    "hybrid_push_optimum": hybrid_push_optimum,
    "eoq_with_returns_1R": eoq_with_returns,
}
