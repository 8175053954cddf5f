"""Test orders: a core that waits for its dismantler's decision is sent to a real bench, in simulated time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.config import Lane, Station
from sim.laws import Constant
from sim.parties.expand import Sections, expand
from sim.world import World
from tests.sim.chains import CHAIN, made, table
from tests.sim.networks import QUEUE


def in_grading(world: World, party: str = "north") -> int:
    """Run until a core waits at a dismantler; return its key."""
    while not (waiting := list(world.inside(world.blocks[f"{party}.grading"]))):
        world.run_until(world.now + 0.25)
    return int(waiting[0].key)


def test_an_ordered_test_waits_for_a_real_bench() -> None:
    world = made()
    world.run_until(60.0)
    core = in_grading(world)
    ordered = world.now
    world.order_test(core, "rig", "bench")
    world.run_until(ordered + 30.0)
    rows = [row for row in table(world, "events") if row["unit"] == core and row["day"] >= ordered]
    steps = [
        (row["block"], row["event"], row["day"]) for row in rows if row["event"] != "started" or row["party"] == "rig"
    ]
    (decided,) = [row for row in table(world, "decisions") if row["unit"] == core and row["by"] == "order"]
    (tested,) = [row for row in table(world, "bench") if row["unit"] == core]

    assert decided["answer"] == "test"
    assert [step[:2] for step in steps[:5]] == [
        ("north.grading", "finished"),
        ("north_rig", "sent"),
        ("rig.bench", "arrived"),
        ("rig.bench", "started"),
        ("rig.bench", "finished"),
    ]
    assert tested["day"] == steps[4][2] > steps[3][2] >= steps[2][2] > ordered
    assert any(row["unit"] == core and row["purpose"] == "bench test" for row in table(world, "payments"))


def test_an_ordered_destructive_test_takes_the_core_to_the_laboratory_and_to_its_end() -> None:
    world = made()
    world.run_until(60.0)
    core = in_grading(world)
    world.order_test(core, "rig", "destructive")
    world.run_until(120.0)
    steps = [(row["block"], row["event"]) for row in table(world, "events") if row["unit"] == core and row["day"] > 60]
    found = [row for row in table(world, "lab") if row["unit"] == core]
    truth = next(row for row in table(world, "truth") if row["unit"] == core and row["life"] == found[0]["life"])

    assert [block for block, event in steps if event in ("sent", "arrived", "left")][-4:] == [
        *("north_rig_lab", "rig.lab", "rig_metals", "metals.shred"),
    ]
    assert [row["party"] for row in found] == ["rig", "north"]
    for row in found:
        assert row["margin"] == pytest.approx(truth["true_margin"], abs=200.0)
        assert row["crack"] == truth["true_crack"]
        assert row["profitable"] == float(row["margin"] > 0.0)
        assert row["gear_wear"] == pytest.approx(truth["true_gear"], rel=0.3)
    paid = {(row["payer"], row["payee"]): row["amount"] for row in table(world, "payments") if row["unit"] == core}
    assert paid["north", "rig"] == 190.0


def test_a_core_in_the_yard_can_still_be_ordered() -> None:
    world = made(decide={"dismantler.disposition": lambda view: "hold"})
    world.run_until(20.0)
    while not (held := list(world.inside(world.blocks["north.yard"]))):
        world.run_until(world.now + 0.25)
    for core in held:
        world.order_test(core.key, "rig")

    assert set(world.chain.decisions.ordered) == {core.key for core in held}  # type: ignore[union-attr]


def test_an_order_comes_before_a_callable_and_the_oracle() -> None:
    world = made(decide={"dismantler.disposition": lambda view: "recycle"})
    world.chain.let_oracle_decide()  # type: ignore[union-attr]
    world.run_until(60.0)
    core = in_grading(world)
    world.order_test(core, "rig")
    world.run_until(90.0)

    assert next(row["by"] for row in table(world, "decisions") if row["unit"] == core) == "order"
    assert not world.chain.decisions.ordered  # type: ignore[union-attr]


def test_an_order_goes_to_the_tester_that_was_named() -> None:
    sections: Sections = replace(CHAIN, parties={**CHAIN.parties, "bench_b": CHAIN.parties["rig"]})
    for tester in ("rig", "bench_b"):
        world = made(sections)
        world.run_until(60.0)
        core = in_grading(world)
        world.order_test(core, tester)
        world.run_until(100.0)

        assert [row["party"] for row in table(world, "bench") if row["unit"] == core] == [tester]


def test_what_cannot_be_ordered_is_refused_and_nothing_is_changed() -> None:
    world = made()
    world.run_until(60.0)
    core = in_grading(world)
    driven = next(unit.key for unit in world.inside(world.blocks["cabs.vehicles"]))

    with pytest.raises(ValueError, match="no tester named 'rigg'; there are: rig; did you mean 'rig'"):
        world.order_test(core, "rigg")
    with pytest.raises(ValueError, match="no test of kind 'bnch'; there are: bench, destructive; did you mean 'bench'"):
        world.order_test(core, "rig", "bnch")
    with pytest.raises(ValueError, match=f"core {driven} waits for no dismantler's decision on day"):
        world.order_test(driven, "rig")
    with pytest.raises(ValueError, match="core -1 waits for no"):
        world.order_test(-1, "rig")
    assert not world.chain.decisions.ordered  # type: ignore[union-attr]


def test_a_core_on_its_way_from_a_dismantler_can_no_longer_be_ordered() -> None:
    """Its disposition is taken: an order would come to light in its next life."""
    world = made()
    world.run_until(60.0)
    while not (gone := list(world.inside(world.blocks["north_remanco"]))):
        world.run_until(world.now + 0.25)

    with pytest.raises(ValueError, match="waits for no dismantler's decision"):
        world.order_test(gone[0].key, "rig")


def test_a_core_that_is_decided_and_finds_no_room_can_no_longer_be_ordered() -> None:
    network = expand(CHAIN)
    grading = network["north.grading"]
    dock = Station(service_days=Constant(value=50.0), capacity=1, to="north_remanco")
    ways = {**grading.to.answers, "reman": "north.dock"}  # type: ignore[union-attr]
    network |= {"north.dock": dock, "north.grading": replace(grading, to=replace(grading.to, answers=ways))}  # type: ignore[arg-type,call-arg,type-var]
    world = World(network, seed=3, sections=CHAIN)
    while not world.blocks["north.grading"].held:
        world.run_until(world.now + 0.25)

    with pytest.raises(ValueError, match="waits for no dismantler's decision"):
        world.order_test(world.blocks["north.grading"].held[0].key, "rig")


def test_a_tester_to_whom_the_dismantler_sends_nothing_is_named() -> None:
    lanes = {f"{name}_rig": Lane(from_=name, to="rig", days=Constant(value=2.0)) for name in ("north", "south")}
    world = made(replace(CHAIN, lanes=lanes, parties={**CHAIN.parties, "far": CHAIN.parties["rig"]}))
    world.run_until(60.0)
    core = in_grading(world)

    with pytest.raises(ValueError, match="north sends nothing to far, so it cannot order a test there"):
        world.order_test(core, "far")


def test_a_world_without_parties_has_nobody_to_test() -> None:
    with pytest.raises(ValueError, match="a test needs parties"):
        World(QUEUE, seed=3).order_test(1, "rig")
