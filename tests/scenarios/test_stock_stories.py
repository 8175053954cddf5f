"""The packaged stories of stocks tell what theory says, and each of their variants does what its name promises."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from scenarios.errors import ScenarioError
from scenarios.expansion import expanded
from scenarios.load import load
from sim.config import Stock
from sim.log import Log
from sim.world import World
from tests.truth.inventory import Hybrid

PLANT: dict[str, Any] = {"supply": "gearworks.plant"}


@cache
def ran(name: str, *overrides: str) -> World:
    """Return the world of a packaged scenario at its horizon, counted from its warm-up."""
    scenario = load(name)
    for override in overrides:
        scenario = scenario.override(override)
    world = World(expanded(scenario), seed=scenario.seed, log=Log(events=False))
    world.run_until(scenario.time.warm_up_days)
    world.count_from_now()
    world.run_until(scenario.time.horizon_days)
    return world


def figures(name: str, *overrides: str) -> dict[str, float]:
    return {kpi: value for kpi, (value, _) in ran(name, *overrides).kpis().items()}


def cost(found: dict[str, float]) -> float:
    """Holding 1 a pump and 0.5 a core, 50 a backorder, 10 an order of new pumps, 5 a batch of cores."""
    held = found["pumps.on_hand_mean"] + 0.5 * found["cores.on_hand_mean"] + 50 * found["pumps.backorders_mean"]
    return held + 10 * found["pumps.orders_per_day"] + 5 * found["cores.releases_per_day"]


def test_both_releases_of_the_hybrid_stock_cost_about_what_their_markov_chains_say() -> None:
    pull, push = figures("hybrid-stock", "keep_all"), figures("hybrid-stock", "push")

    assert cost(pull) == pytest.approx(Hybrid().pull(3, 3, 4, 7)["cost_rate"], rel=0.05)
    assert cost(push) == pytest.approx(Hybrid().push(3, 3, 3)["cost_rate"], rel=0.05)


def test_a_pull_keeps_value_in_cores_and_a_push_in_pumps() -> None:
    pull, push = figures("hybrid-stock"), figures("hybrid-stock", "push")

    assert pull["cores.on_hand_mean"] > push["cores.on_hand_mean"]
    assert pull["pumps.on_hand_mean"] < push["pumps.on_hand_mean"]
    assert cost(pull) < cost(push)


def test_less_room_for_cores_sends_more_of_them_to_the_scrap_dealer() -> None:
    gone = [
        figures("hybrid-stock", *room)["scrap_dealer.throughput_per_day"] for room in (["keep_all"], [], ["few_cores"])
    ]

    assert gone == sorted(gone)
    assert gone[0] == 0.0 < gone[1] < gone[2]


def test_all_cores_are_rebuilt_disposed_of_or_still_there() -> None:
    world = World(expanded(load("hybrid-stock")), seed=1)
    world.run_until(1000.0)
    blocks = world.blocks

    assert blocks["returns"].left == blocks["scrap_dealer"].left + blocks["rebuild"].arrived + blocks["cores"].number
    assert blocks["pumps"].arrived - 6 == blocks["rebuild"].left + blocks["making"].left


def test_spares_in_the_garages_keep_buses_on_the_road() -> None:
    stocked, bare = figures("repair-loop"), figures("repair-loop", "no_spares")

    for garage, days in (("north", 3.0), ("east", 3.0), ("south", 2.0)):
        assert stocked[f"{garage}.utilisation"] > 0.998
        # without a shelf, a bus waits at least as long as the way from the depot takes
        assert bare[f"{garage}_shelf.wait_mean_days"] >= days


def test_a_workshop_that_is_too_small_cannot_be_helped_by_spares() -> None:
    found = figures("repair-loop", "small_shop")

    assert found["repair.utilisation"] > 0.99
    assert found["depot.backorders_mean"] > 10.0
    assert found["north.utilisation"] < 0.95


def test_gearboxes_leave_the_loop_only_as_scrap_and_new_ones_take_their_place() -> None:
    world = World(expanded(load("repair-loop")), seed=1)
    world.run_until(2000.0)
    at_start = 60 + 90 + 120 + 2 + 3 + 4 + 9

    assert world.gone == world.blocks["scrap"].left
    assert world.created == at_start + world.blocks["maker"].left
    # what is missing has been ordered, and the depot knows of all that is in repair
    assert world.blocks["depot"].on_order == world.blocks["delivery"].number + world.blocks["repair"].number


# --- the same rules in a chain of parties ---


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"rule": "r_Q", "reorder_point": 12, "quantity": 8}, Stock(rule="r_Q", reorder_point=12, quantity=8, **PLANT)),
        (
            {"rule": "s_S", "reorder_point": 9, "order_up_to": 30, "review_days": 7},
            Stock(rule="s_S", reorder_point=9, order_up_to=30, review_days=7.0, **PLANT),
        ),
        ({"level": 14, "review_days": 7}, Stock(level=14, initial=14, review_days=7.0, **PLANT)),
    ],
)
def test_a_policy_by_name_is_the_rule_of_the_serviceable_stock(policy: dict[str, Any], expected: Stock) -> None:
    chain = load("transmission-small").override({f"policies.serviceable.{key}": value for key, value in policy.items()})

    assert expanded(chain)["remanco.serviceable"] == expected


def test_a_party_s_stock_may_be_written_out_as_a_block() -> None:
    block = {"kind": "stock", "rule": "s_S", "reorder_point": 9, "order_up_to": 30, "supply": "gearworks.plant"}
    chain = load("transmission-small").override({"parties.remanco.blocks": {"serviceable": block}})

    assert expanded(chain)["remanco.serviceable"] == Stock(rule="s_S", reorder_point=9, order_up_to=30, **PLANT)


def test_a_policy_without_its_numbers_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"policies\.serviceable: `rule: r_Q` needs `reorder_point`"):
        load("transmission-small").override({"policies.serviceable.rule": "r_Q"})
