"""Stocks that order in batches or at reviews, keep returns or dispose of them: figures and the costs made of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.world import World
from tests.truth import inventory, known_stocks, theory
from tests.truth.conftest import Truth
from tests.truth.judge import Figures, judge, kpis


def batches(world: World) -> Figures:
    """All figures, and the cost of holding 1, backorders 9 and orders 25."""
    found = kpis(world)
    held, owed, orders = (found[f"parts.{name}"] for name in ("on_hand_mean", "backorders_mean", "orders_per_day"))
    return found | {"cost_rate": held + 9.0 * owed + 25.0 * orders}


def test_orders_of_twenty_cost_what_hadley_and_whitin_say(truth: Truth) -> None:
    values, case = known_stocks.rq_poisson_backorder(), truth("rQ_poisson_backorder")
    names = {
        "EBO": "parts.backorders_mean",
        "on_hand": "parts.on_hand_mean",
        "fill_rate": "parts.fill_rate",
        "orders_per_time": "parts.orders_per_day",
        "cost_rate": "cost_rate",
    }

    judge(case.steady(batches), {name: values[key] for key, name in names.items()}, case.wanted)


def newsvendor(world: World) -> Figures:
    """What is left over and what is short each day, at 1 and 4."""
    found = kpis(world)
    return found | {"cost": found["parts.on_hand_mean"] + 4.0 * found["parts.backorders_mean"]}


def test_a_stock_for_one_day_s_demand_costs_what_the_newsvendor_pays(truth: Truth) -> None:
    values, case = known_stocks.newsvendor_poisson(), truth("newsvendor_poisson")
    short = theory.overshoot(theory.poisson(6.0, 60), 8)
    expected = {"parts.backorders_mean": short, "parts.on_hand_mean": 8 - 6 + short, "cost": values["cost"]}

    assert values["S"] == 8
    judge(case.steady(newsvendor), expected, case.wanted)


def whole_units(world: World) -> Figures:
    """What is left over and what is short each day, at 0.18 and 0.70."""
    found = kpis(world)
    return {"cost": 0.18 * found["parts.on_hand_mean"] + 0.70 * found["parts.backorders_mean"]}


def test_a_normal_demand_in_whole_units_costs_nearly_what_the_textbook_says(truth: Truth) -> None:
    values, case = known_stocks.newsvendor_normal(), truth("newsvendor_normal")
    edges = stats.norm.cdf(np.arange(121) + 0.5, 50.0, 8.0)
    rounded = inventory.newsvendor(0.18, 0.70, np.diff(edges, prepend=0.0).tolist())

    assert rounded["S"] == round(values["S"]) == 57
    assert rounded["cost"] == pytest.approx(values["cost"], rel=2e-3)
    judge(case.steady(whole_units), {"cost": rounded["cost"]}, case.wanted)


@pytest.mark.parametrize(
    ("name", "rule", "mean", "penalty", "order"),
    [("zf_10", (6, 40), 10.0, 9.0, 64.0), ("snyder_shen_4_7", (4, 10), 6.0, 4.0, 5.0)],
)
def test_a_stock_that_is_looked_at_daily_costs_what_the_published_rule_costs(
    truth: Truth, name: str, rule: tuple[int, int], mean: float, penalty: float, order: float
) -> None:
    published = {"zf_10": known_stocks.ss_periodic_zf_10, "snyder_shen_4_7": known_stocks.ss_periodic_snyder_shen_4_7}
    case = {"zf_10": truth("sS_periodic_zf_10"), "snyder_shen_4_7": truth("sS_periodic_snyder_shen_4_7")}[name]
    values = inventory.reviewed(*rule, theory.poisson(mean, 60))
    found = case.steady()
    held, owed, orders = (found[f"parts.{key}"] for key in ("on_hand_mean", "backorders_mean", "orders_per_day"))

    assert (published[name]()["s"], published[name]()["S"]) == rule
    judge(
        {"held": held, "owed": owed, "orders": orders, "cost_rate": held + penalty * owed + order * orders},
        {
            "held": values["on_hand"],
            "owed": values["owed"],
            "orders": values["orders"],
            "cost_rate": published[name]()["cost_rate"],
        },
        case.wanted,
    )


def disposal(world: World) -> Figures:
    """All figures, and the cost of new units at 10, rebuilt ones at 4, disposal at 1 and holding at 0.5."""
    found = kpis(world)
    new, rebuilt = found["factory.throughput_per_day"], found["returned.releases_per_day"]
    gone, held = found["disposal.throughput_per_day"], found["returned.on_hand_mean"]
    return found | {"cost_rate": 10.0 * new + 4.0 * rebuilt + 1.0 * gone + 0.5 * held}


def test_returns_beyond_six_are_disposed_of_as_heyman_says(truth: Truth) -> None:
    values, case = known_stocks.heyman_disposal_level(), truth("heyman_disposal_level")
    names = {
        "mean_stock": "returned.on_hand_mean",
        "disposal_rate": "disposal.throughput_per_day",
        "new_rate": "factory.throughput_per_day",
        "reman_rate": "returned.releases_per_day",
        "cost_rate": "cost_rate",
    }

    judge(case.steady(disposal), {name: values[key] for key, name in names.items()}, case.wanted)


def test_lots_of_new_and_rebuilt_units_follow_each_other_as_in_the_deterministic_model(truth: Truth) -> None:
    """Lots of 230 and 115 are within 0.1 % of the best; a shelf in whole units holds half a unit more or less."""
    values = known_stocks.eoq_with_returns()
    (world,) = truth("eoq_with_returns_1R").worlds(1)
    world.run_until(574.5)
    world.count_from_now()
    world.run_until(574.5 + 20 * 575.0)
    found = kpis(world)
    orders, lots = found["serviceable.orders_per_day"], found["recoverable.releases_per_day"]
    held, waiting = found["serviceable.on_hand_mean"], found["recoverable.on_hand_mean"]

    assert (round(values["Qm"]), round(values["Qr"])) == (230, 115)
    assert lots / orders == pytest.approx(values["best_R"])
    assert 1.0 / orders == pytest.approx(1000.0 * values["cycle_time"], rel=1e-3)
    assert held == pytest.approx(values["mean_serviceable"], abs=0.6)
    assert waiting == pytest.approx(values["mean_recoverable"], abs=0.6)
    cost = 1000.0 * (200.0 * orders + 50.0 * lots) + 5.0 * held + 2.0 * waiting
    assert cost == pytest.approx(values["cost_rate"], rel=5e-3)
