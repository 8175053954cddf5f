"""Factories: parts on order, the time and the energy that each takes by one job, and who may see it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise
from statistics import mean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.config import Calendar
from sim.disruptions import Outage, PriceShock
from sim.laws import Constant, Exponential, Uniform
from sim.machining import KJ_PER_KWH, Cut, cutting_minutes
from sim.parties.agreed import Costs
from sim.parties.config import Factory
from sim.parties.economy import Economy
from sim.parties.expand import Sections
from sim.parties.factory_plan import FactoryPlan
from sim.parties.machine_plan import METALS, Turning
from sim.parties.production import Made, Production
from sim.snapshot import snapshot
from sim.streams import Streams
from sim.views import NotVisibleError, seen, view
from sim.world import World
from tests.sim.chains import CHAIN, in_euros, made, ran, table, values
from tests.sim.test_state import changed, unsaved

SHAFT = Turning(
    metals={"steel_c45": 0.5, "alloy_6061": 0.5},
    diameter_mm=Uniform(low=30.0, high=60.0),
    length_mm=150.0,
    passes=3,
)
PIN = Turning(metals={"steel_304l": 1.0}, diameter_mm=Uniform(low=4.0, high=9.0), length_mm=40.0, passes=2)
PLAN = FactoryPlan(turnings={"shafts": SHAFT, "pins": PIN})
NORTH = Factory(
    calendar="always",
    machines=1,
    order_hours=Exponential(mean=0.6),
    mix={"shafts": 0.7, "pins": 0.3},
    machining=PLAN,
)
SHOPS = Sections(parties={"north": NORTH, "south": replace(NORTH, orders=60, mix={"pins": 1.0})})
DAYS = 30.0


def with_factory(name: str, **changes: Any) -> Sections:
    return replace(SHOPS, parties={**SHOPS.parties, name: replace(SHOPS.parties[name], **changes)})


def parts(plan: FactoryPlan = PLAN, family: str = "shafts", units: int = 400) -> list[Made]:
    production = Production(plan, "north.machining", Streams(3, 0, {"north.orders": 0}))
    return [production.made(family, unit, 0) for unit in range(units)]


def records(world: World, party: str = "north") -> list[dict[str, Any]]:
    return [row for row in table(world, "made") if row["party"] == party]


@pytest.fixture(scope="module")
def world() -> World:
    return ran(SHOPS, days=DAYS, warm_up=0.0)


# --- one part ---


def test_a_part_takes_the_machine_as_long_as_set_up_tool_change_air_and_cutting_last() -> None:
    """Everything constant: 10 + 3 minutes around the cut, two changes of 4 minutes in 20 minutes of cutting."""
    turning = Turning(
        metals={"steel_c45": 1.0},
        diameter_mm=Constant(value=50.0),
        length_mm=100.0 * math.pi,
        passes=20,
        feed_mm_rev=Constant(value=0.25),
        depth_mm=Constant(value=1.0),
        cutting_speed=Constant(value=62.5 * math.pi),
    )
    plan = FactoryPlan(
        turnings={"shafts": turning},
        setup_minutes=Constant(value=10.0),
        air_minutes=Constant(value=3.0),
        tool_life_minutes=10.0,
        tool_change_minutes=4.0,
        idle_kw=2.0,
        air_kw=1.0,
    )
    cut = Cut(50.0, 100.0 * math.pi, 0.25, 1.0, 62.5 * math.pi, 20)
    cutting = cutting_minutes(cut)

    for part in parts(plan, units=50):
        changes = round((part.minutes - 13.0 - cutting) / 4.0)
        assert part.minutes == pytest.approx(13.0 + cutting + 4.0 * changes)
        assert changes in (math.floor(cutting / 10.0), math.ceil(cutting / 10.0))
        assert part.idle_kj == pytest.approx(2.0 * 60.0 * (10.0 + cutting + 4.0 * changes))
        assert part.air_kj == pytest.approx(180.0)


def test_tools_are_changed_as_often_as_their_edges_last() -> None:
    """Whole changes whose mean is the time in the material over the life of an edge."""
    worn, sharp = (replace(PLAN, tool_life_minutes=life) for life in (2.0, 1e9))
    changes = [
        (one.minutes - other.minutes) / PLAN.tool_change_minutes
        for one, other in zip(parts(worn, units=4000), parts(sharp, units=4000), strict=True)
    ]
    lasting = [
        (one.idle_kj - other.idle_kj) / (60.0 * PLAN.idle_kw * PLAN.tool_change_minutes)
        for one, other in zip(parts(worn, units=4000), parts(sharp, units=4000), strict=True)
    ]
    doubled = mean(changes) / mean(
        (one.minutes - other.minutes) / PLAN.tool_change_minutes
        for one, other in zip(
            parts(replace(PLAN, tool_life_minutes=4.0), units=4000), parts(sharp, units=4000), strict=True
        )
    )

    assert all(abs(number - round(number)) < 1e-6 for number in changes)
    assert changes == pytest.approx(lasting, abs=1e-6)
    assert doubled == pytest.approx(2.0, rel=0.1)


@given(st.integers(0, 10**6), st.sampled_from(["shafts", "pins"]), st.floats(0.0, 0.6), st.floats(0.0, 0.2))
@settings(max_examples=60, deadline=None)
def test_no_record_lies_below_idle_and_air_and_no_cut_is_deeper_than_a_quarter(
    unit: int, family: str, tool_sd: float, meter_share: float
) -> None:
    plan = replace(PLAN, tool_sd=tool_sd, meter_share=meter_share)
    part = Production(plan, "north.machining", Streams(3, 0, {"north.orders": 0})).made(family, unit, 0)

    assert part.energy_kj > part.idle_kj + part.air_kj > 0.0
    assert 0.0 < part.depth_mm <= 0.25 * part.diameter_mm
    assert part.material == 1.0 + PLAN.classes.index(part.metal)


def test_another_mix_of_materials_moves_no_other_draw() -> None:
    hard = replace(PLAN, turnings={**PLAN.turnings, "shafts": replace(SHAFT, metals={"steel_42crmo4": 1.0})})

    for before, after in zip(parts(), parts(hard), strict=True):
        assert before.diameter_mm == after.diameter_mm
        assert (before.feed_mm_rev, before.depth_mm, before.idle_kj, before.air_kj, before.minutes) == (
            after.feed_mm_rev,
            after.depth_mm,
            after.idle_kj,
            after.air_kj,
            after.minutes,
        )
        assert after.material == 4.0
        assert after.energy_kj > before.energy_kj


# --- in a world ---


def test_every_part_that_leaves_the_machines_has_one_record(world: World) -> None:
    finished = [row["unit"] for row in table(world, "events") if row["event"] == "finished"]
    written = [row["unit"] for row in table(world, "made")]

    assert len(written) > 500
    assert written == finished
    assert len(records(world, "south")) == 60
    assert {row["station"] for row in records(world)} == {"north.machining"}


def test_parts_leave_the_machine_when_a_queue_worked_out_by_hand_lets_them(world: World) -> None:
    """Lindley 1952: a part starts when it has come and the one before it is done."""
    came = [row["day"] for row in table(world, "events") if (row["block"], row["event"]) == ("north.orders", "created")]
    production = Production(PLAN, "north.machining", world.streams)
    rows, free = records(world), 0.0

    for day, row in zip(came, rows, strict=False):
        free = max(day, free) + production.days(row["family"], row["unit"], 0)
        assert row["day"] == pytest.approx(free, rel=1e-12)
    assert sum(row["day"] > day for day, row in zip(came[1:], rows, strict=False)) > 50, "some waited"


def test_a_machine_is_busy_as_long_as_its_parts_take(world: World) -> None:
    found, rows = values(world), records(world)
    production = Production(PLAN, "north.machining", world.streams)
    busy = math.fsum(production.days(row["family"], row["unit"], 0) for row in rows)

    in_work = DAYS * found["north.machining.utilisation"] - busy
    assert 0.0 <= in_work < 0.1
    assert found["north.machining.throughput_per_day"] == pytest.approx(len(rows) / DAYS)
    assert found["north.parts"] == len(rows)
    assert found["north.energy_kwh"] == pytest.approx(math.fsum(row["energy_kj"] for row in rows) / KJ_PER_KWH)
    assert found["north.energy_per_part_kj"] == pytest.approx(mean(row["energy_kj"] for row in rows))
    assert found["energy_kwh"] == pytest.approx(found["north.energy_kwh"] + found["south.energy_kwh"])


def test_the_orders_have_the_shares_of_the_mix(world: World) -> None:
    families = [row["family"] for row in records(world)]

    assert abs(families.count("shafts") / len(families) - 0.7) < 4.0 * math.sqrt(0.21 / len(families))
    assert {row["family"] for row in records(world, "south")} == {"pins"}


def test_who_changes_the_mix_changes_the_records() -> None:
    turned = ran(with_factory("north", mix={"shafts": 0.2, "pins": 0.8}), days=DAYS, warm_up=0.0)
    before = ran(SHOPS, days=DAYS, warm_up=0.0)

    assert mean(row["diameter_mm"] for row in records(turned)) < 0.7 * mean(
        row["diameter_mm"] for row in records(before)
    )
    assert table(turned, "made") != table(before, "made")
    assert records(turned, "south") == records(before, "south"), "the other factory is left alone"


def test_a_factory_sees_its_own_records_and_no_other_party_does(world: World) -> None:
    own = seen(world, "north", "made")
    whole = view(world, "north")

    assert own["energy_kj"].tolist() == [row["energy_kj"] for row in records(world)]
    assert set(own["party"]) == {"north"}
    assert whole["energy_kj"][whole["kind"] == "made"].tolist() == own["energy_kj"].tolist()
    assert not set(own["energy_kj"]) & set(view(world, "south")["energy_kj"])
    mixed = ran(replace(CHAIN, parties={**CHAIN.parties, "mill": NORTH}), days=DAYS, warm_up=0.0)
    for party in CHAIN.parties:
        with pytest.raises(NotVisibleError):
            seen(mixed, party, "made")


def test_the_energy_is_paid_and_parts_are_sold() -> None:
    sections = replace(SHOPS, costs=Costs(energy_per_kwh=0.5))
    world = ran(sections, days=DAYS, warm_up=0.0)
    paid = {
        purpose: math.fsum(
            row["amount"] for row in table(world, "payments") if row["purpose"] == purpose and "north" in row.values()
        )
        for purpose in ("energy", "part", "blank")
    }
    found = values(world)

    assert paid["energy"] == pytest.approx(0.5 * found["north.energy_kwh"])
    assert paid["part"] == NORTH.price_per_part * len(records(world))
    assert found["north.profit"] == pytest.approx(paid["part"] - paid["energy"] - paid["blank"])
    assert found["profit"] == pytest.approx(found["north.profit"] + found["south.profit"])


def test_a_factory_keeps_to_its_shifts() -> None:
    shift = Calendar(hours=[[6.0, 14.0]], weekdays=[1, 2, 3])
    world = ran(with_factory("north", calendar=shift, machines=2), days=DAYS, warm_up=0.0)
    for row in records(world):
        assert row["day"] % 7.0 < 3.0
        assert 6.0 <= row["day"] % 1.0 * 24.0 <= 14.0 + 1e-6


def test_a_factory_beside_a_loop_changes_nothing_of_it() -> None:
    alone = ran(CHAIN, days=200.0)
    beside = ran(replace(CHAIN, parties={**CHAIN.parties, "mill": NORTH}), days=200.0)
    own = {name for name in values(beside) if name.startswith("mill.")}
    before, after = values(alone), values(beside)

    assert {"mill.parts", "mill.profit", "mill.machining.utilisation"} <= own
    assert after.keys() - own == before.keys()
    for name in before.keys() - {"profit", "profit_with_fleets"}:
        assert str(before[name]) == str(after[name]), name
    assert after["profit"] == pytest.approx(before["profit"] + after["mill.profit"])


# --- state, disruptions ---


def test_no_attribute_that_changes_is_left_out_of_the_state() -> None:
    world = made(SHOPS)
    before, found = unsaved(world), set[str]()
    for day in range(1, 10):
        world.run_until(float(day))
        found |= changed(before, unsaved(world))
    world.count_from_now()

    assert sorted(found | changed(before, unsaved(world))) == []


def test_a_resumed_world_equals_the_uninterrupted_one() -> None:
    whole = made(SHOPS)
    first = made(SHOPS)
    first.run_until(7.3)
    kept = table(first, "made")
    second = World.restore(first.network, json.loads(json.dumps(snapshot(first))), sections=SHOPS)
    for one in (whole, second):
        one.run_until(DAYS)

    assert isinstance(second.economy, Economy)
    assert kept + table(second, "made") == table(whole, "made")
    assert values(second) == values(whole)


def test_a_price_may_change_for_a_time_and_machines_may_stand() -> None:
    shocks = replace(
        SHOPS,
        disruptions={
            "sale": PriceShock(set="parties.north.price_per_part", factor=0.5, from_day=10.0, days=5.0),
            "strike": Outage(station="north.machining", from_day=20.0, days=4.0),
        },
    )
    world = ran(shocks, days=DAYS, warm_up=0.0)
    sold = [(row["day"], row["amount"]) for row in table(world, "payments") if row["purpose"] == "part"]
    of_north = [(day, amount) for day, amount in sold if amount != SHOPS.parties["south"].price_per_part]  # type: ignore[union-attr]

    assert {amount for _, amount in of_north} == {NORTH.price_per_part / 2.0}
    assert all(10.0 <= day < 15.0 for day, _ in of_north)
    assert not [row for row in records(world) if 20.0 < row["day"] < 24.0]
    assert max(after["day"] - before["day"] for before, after in pairwise(records(world))) >= 4.0


def test_every_amount_of_a_factory_counts_in_its_profit() -> None:
    before = values(ran(SHOPS, days=10.0, warm_up=0.0))["north.profit"]
    paths = [path for path in in_euros(SHOPS) if path[:2] == ("parties", "north")]

    assert {path[-1] for path in paths} == {"price_per_part", "cost_per_part"}
    for path in paths:
        after = values(ran(with_factory("north", **{path[-1]: 100.0}), days=10.0, warm_up=0.0))["north.profit"]
        assert (after > before) == (path[-1] == "price_per_part")


# --- at the door ---


def test_mix_families_and_classes_are_checked() -> None:
    with pytest.raises(ValueError, match=r"mix names rotors, which machining\.turnings does not hold"):
        replace(NORTH, mix={"rotors": 1.0})
    with pytest.raises(ValueError, match=r"mix must sum to 1, these sum to 0\.9"):
        replace(NORTH, mix={"shafts": 0.6, "pins": 0.3})
    with pytest.raises(ValueError, match=r"turnings\.shafts is of bronze, which has no place in classes"):
        FactoryPlan(
            metals={**METALS, "bronze": METALS["steel_c45"]},
            turnings={"shafts": replace(SHAFT, metals={"bronze": 1.0})},
        )
    with pytest.raises(ValueError, match="classes names gold, which metals does not hold"):
        FactoryPlan(classes=["gold", "alloy_6061", "steel_c45", "steel_304l", "steel_42crmo4"])
