"""Push and pull: when cores go into teardown, and that nothing else hangs on it but time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from sim.parties.agreed import Release
from sim.parties.expand import expand
from sim.world import World
from tests.sim.chains import CHAIN, ran, table, values

PULL = replace(CHAIN, policies=replace(CHAIN.policies, release=Release(rule="pull")))


@pytest.fixture(scope="module")
def pulled() -> World:
    """The chain with cores that wait until they are asked for; nobody changes it."""
    return ran(PULL)


def test_cores_wait_in_their_stock_and_go_into_teardown_when_asked_for(pulled: World) -> None:
    steps = Counter((row["block"], row["event"]) for row in table(pulled, "events"))

    waiting = pulled.blocks["remanco.cores"]
    assert steps["remanco.cores", "issued"] == steps["remanco.teardown", "arrived"] > 200
    assert steps["remanco.cores", "stocked"] == steps["remanco.cores", "issued"] + waiting.number
    assert waiting.kpis(pulled.now)["time_mean_days"][0] > 0.0


def test_nobody_pays_for_a_core_that_is_released(pulled: World) -> None:
    sold = Counter(row["payee"] for row in table(pulled, "payments") if row["purpose"] == "serviceable unit")
    issued = Counter(row["block"] for row in table(pulled, "events") if row["event"] == "issued")

    assert sold == {"remanco": issued["remanco.serviceable"]}


def test_the_serviceable_position_never_rises_above_its_level_by_what_was_pulled(pulled: World) -> None:
    """Every unit in the works was asked for, so at hand, on order and owed come to the level at any time."""
    stock = pulled.blocks["remanco.serviceable"]

    assert len(stock.shelf) + stock.on_order - len(stock.waiting) <= 8


def test_beyond_their_limit_cores_are_recycled() -> None:
    few = replace(CHAIN, policies=replace(CHAIN.policies, release=Release(rule="pull", dispose_above=0)))
    world = ran(few)

    assert world.blocks["remanco.cores"].kpis(world.now)["number_mean"][0] == 0.0
    assert values(world)["recycled"] > values(ran(PULL))["recycled"]


def test_without_an_oem_cores_are_pulled_one_by_one() -> None:
    parties = {name: party for name, party in CHAIN.parties.items() if name != "works"}
    network = expand(replace(PULL, parties=parties))
    prefer = network["remanco.serviceable"].prefer  # type: ignore[union-attr]

    assert (prefer.reorder_point, prefer.order_up_to) == (7, 8)  # type: ignore[union-attr]


def test_what_belongs_to_pull_is_refused_with_push() -> None:
    with pytest.raises(ValueError, match="`rule: push` has no `reorder_point`"):
        Release(dispose_above=3)
    with pytest.raises(ValueError, match="`reorder_point` and `order_up_to` go together"):
        Release(rule="pull", reorder_point=3)
    with pytest.raises(ValueError, match="order_up_to 3 must lie above reorder_point 3"):
        Release(rule="pull", reorder_point=3, order_up_to=3)
