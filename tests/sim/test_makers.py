"""Suppliers and the OEM: lots, what they measure, what they get, and what they see."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import pytest

from sim.views import NotVisibleError, seen, view
from sim.world import World
from tests.sim.chains import ran, table
from tests.sim.forward import FORWARD, ONE_WAY, by_unit, counted, purposes


@pytest.fixture(scope="module")
def world() -> World:
    """The chain at the end of its run, counted from day 0; nobody changes it."""
    return ran(FORWARD, warm_up=0.0)


def test_lots_come_from_suppliers_by_their_shares_and_whole(world: World) -> None:
    rows = table(world, "build")
    of_lot: dict[int, set[str]] = {}
    for row in rows:
        of_lot.setdefault(row["lot"], set()).add(row["party"])
    lots = Counter(party for parties in of_lot.values() for party in parties)

    assert all(len(parties) == 1 for parties in of_lot.values())
    assert set(lots) == {"hard_steel", "soft_steel"}
    assert {row["unit"] for row in rows} == {row["unit"] for row in table(world, "assembly")} | unchecked(world)


def test_a_view_tells_every_lot_by_its_whole_key(world: World) -> None:
    held = view(world, "works")
    lots = held["lot"][held["kind"] == "assembly"].tolist()

    # a float holds whole numbers only up to here
    assert max(lots) > 2**53
    assert lots == [row["lot"] for row in table(world, "assembly") if row["party"] == "works"]
    assert set(held["lot"][held["kind"] == "event"].tolist()) == {-1}


def unchecked(world: World) -> set[int]:
    """Return the units that wait for their final test."""
    return {unit.key for unit in world.inside(world.blocks["works.check"])}


def test_suppliers_measure_what_they_made_with_noise(world: World) -> None:
    assert world.chain is not None
    units = {unit.key: unit for unit in world.residents() if unit.lives == 0}
    errors, hardness = [], {"hard_steel": [], "soft_steel": []}  # type: ignore[var-annotated]
    for row in table(world, "build"):
        hardness[row["party"]].append(row["hardness_hrc"])
        if row["unit"] in units:
            errors.append(row["hardness_hrc"] - world.chain.physics.build(units[row["unit"]]).hardness_hrc)
    means = {name: sum(found) / len(found) for name, found in hardness.items()}
    spread = math.sqrt(sum(error * error for error in errors) / len(errors))

    assert means["hard_steel"] - means["soft_steel"] == pytest.approx(3.0, abs=0.5)
    assert len(errors) > 50
    assert spread == pytest.approx(0.2 * 0.9, rel=0.25)


def test_makers_are_paid_for_the_units_of_the_plant_and_only_for_those(world: World) -> None:
    rows = table(world, "events")
    ordered = sum(row["event"] == "created" and row["block"] == "works.plant" for row in rows)
    sets = purposes(world)["set of parts"]
    price = {"hard_steel": 450.0, "soft_steel": 400.0}

    assert len(sets) == len(purposes(world)["new unit"]) == ordered > 50
    assert {(row["payer"], row["payee"], row["amount"]) for row in sets} == {
        ("works", name, amount) for name, amount in price.items()
    }
    born = sum(row["event"] == "created" and row["day"] > 0.0 for row in rows)
    assert counted(world, "kg_new_unit") == pytest.approx(85.0 * born)


def test_a_unit_is_tested_before_it_is_shipped(world: World) -> None:
    own = {row["unit"] for row in table(world, "events") if row["origin"] == "works.plant"}
    told = by_unit(world)
    paths = [[(row["event"], row["block"]) for row in told[unit][:5]] for unit in own]

    steps = {"plant": ("created",), "check": ("arrived", "started", "finished"), "delivery": ("sent",)}
    start = [(event, f"works.{block}") for block, events in steps.items() for event in events]
    assert all(path == start[: len(path)] for path in paths)


def test_a_maker_sees_its_own_sets_and_no_use(world: World) -> None:
    own = seen(world, "hard_steel", "build")

    assert set(own["party"]) == {"hard_steel"}
    assert len(own["unit"]) < len(table(world, "build"))
    for table_name in ("passport", "assembly", "visual"):
        with pytest.raises(NotVisibleError):
            seen(world, "hard_steel", table_name)
    assert not [unit for unit in world.residents() if {"hardness_hrc", "lot"} & set(unit.marks or ())]


def test_unequal_suppliers_show_in_the_lives_of_units() -> None:
    """One supplier for all: with softer gears more fails."""
    failures = []
    for name in ("hard_steel", "soft_steel"):
        other = {"hard_steel": "soft_steel", "soft_steel": "hard_steel"}[name]
        parties = {key: party for key, party in FORWARD.parties.items() if key != other}
        failures.append(counted(ran(replace(ONE_WAY, parties=parties)), "failed"))

    assert failures[1] > 1.2 * failures[0]
