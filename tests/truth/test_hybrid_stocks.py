"""A stock that is fed by new and by rebuilt units, pushed or pulled: what the Markov chain of its position says."""

from __future__ import annotations

import pytest

from sim.world import World
from tests.truth import inventory, known_stocks
from tests.truth.conftest import Truth
from tests.truth.judge import Figures, judge, kpis

NAMES = {
    "serviceable": "serviceable.on_hand_mean",
    "backorders": "serviceable.backorders_mean",
    "recoverable": "recoverable.on_hand_mean",
    "manuf_orders_rate": "serviceable.orders_per_day",
    "reman_orders_rate": "recoverable.releases_per_day",
    "cost_rate": "cost_rate",
}


def priced(world: World) -> Figures:
    """All figures, and the cost: holding 1 and 0.5, backorders 50, orders of new units 10, of rebuilt ones 5."""
    found = kpis(world)
    weights = {"serviceable": 1.0, "recoverable": 0.5, "backorders": 50.0}
    weights |= {"manuf_orders_rate": 10.0, "reman_orders_rate": 5.0}
    return found | {"cost_rate": sum(weight * found[NAMES[key]] for key, weight in weights.items())}


def test_pushed_returns_cost_what_the_chain_of_positions_says(truth: Truth) -> None:
    values, case = known_stocks.hybrid_push_equal_leads(), truth("hybrid_push_equal_leads")

    judge(case.steady(priced), {name: values[key] for key, name in NAMES.items()}, case.wanted)


def test_the_best_push_costs_what_it_was_found_to_cost(truth: Truth) -> None:
    values, case = known_stocks.hybrid_push_optimum(), truth("hybrid_push_optimum")

    assert (values["s_m"], values["Q_m"], values["Q_r"]) == (3, 3, 3)
    judge(case.steady(priced), {"cost_rate": values["cost_rate"]}, case.wanted)


def test_pulled_returns_cost_what_the_chain_of_positions_says(truth: Truth) -> None:
    values, case = inventory.Hybrid().pull(2, 2, 4, 8), truth("hybrid_pull")

    judge(case.steady(priced), {name: values[key] for key, name in NAMES.items()}, case.wanted)


def test_all_returns_are_rebuilt_and_the_rest_of_demand_is_made() -> None:
    """The flows of both chains balance whatever the rule."""
    push, pull = inventory.Hybrid().push(4, 3, 2), inventory.Hybrid().pull(2, 2, 4, 8)

    assert 2 * push["reman_orders_rate"] == pytest.approx(0.7)
    assert 3 * push["manuf_orders_rate"] == pytest.approx(0.3)
    assert 2 * pull["manuf_orders_rate"] == pytest.approx(0.3, rel=1e-6)
