"""Units on their way to users and in use: makers, services, the reasons why lives end, and what comes back of them."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from sim.ageing import REASONS
from sim.parties.chain import Chain
from sim.parties.config import Fleet
from sim.records import Unit
from sim.snapshot import snapshot
from sim.world import World
from tests.sim.chains import HORIZON, made, ran, table, tables, values, with_party
from tests.sim.forward import FORWARD, by_unit, counted, purposes, removals, with_returns


@pytest.fixture(scope="module")
def world() -> World:
    """The chain at the end of its run, counted from day 0; nobody changes it."""
    return ran(FORWARD, warm_up=0.0)


# --- why lives end ---


def test_every_removal_comes_with_its_reason_and_every_reason_but_a_recall_occurs(world: World) -> None:
    reasons = removals(world)
    removed = [row for row in table(world, "events") if row["event"] == "removed"]

    assert [(row["day"], row["unit"], row["block"]) for row in reasons] == [
        (row["day"], row["unit"], row["block"]) for row in removed
    ]
    assert {row["event"] for row in reasons} == set(REASONS) - {"recalled"}
    events = Counter(row["event"] for row in reasons)
    assert {reason: counted(world, reason) for reason in REASONS} == {name: events[name] for name in REASONS}


def test_vehicles_are_given_up_at_a_constant_rate_from_the_first_day(world: World) -> None:
    """80 vehicles at one in 1.5 years: Poisson with mean 80 x 600 / 547.5 but for vehicles that wait for a unit."""
    days = [row["day"] for row in removals(world) if row["event"] == "retired"]
    in_use = values(world)["cabs.vehicles.number_mean"]
    mean = in_use * HORIZON / (1.5 * 365.0)

    assert abs(len(days) - mean) < 3.5 * math.sqrt(mean)
    early = sum(day < HORIZON / 2 for day in days)
    assert abs(early - len(days) / 2) < 3.5 * math.sqrt(len(days)) / 2


def test_a_retired_vehicle_is_replaced_at_once_by_one_with_a_new_unit_that_nobody_pays_for(world: World) -> None:
    rows = table(world, "events")
    paid = {row["unit"] for row in table(world, "payments") if row["purpose"] in ("new unit", "serviceable unit")}
    retired = [n for n, row in enumerate(rows) if row["event"] == "retired"]

    for n in retired:
        same_day = [row for row in rows[n : n + 12] if row["day"] == rows[n]["day"]]
        new = next(row for row in same_day if row["event"] == "created")
        assert new["origin"] == "cabs.vehicles"
        assert any(row["unit"] == new["unit"] and row["event"] == "installed" for row in same_day)
    own = {row["unit"] for row in rows if row["event"] == "created" and row["origin"] == "cabs.vehicles"}
    bought_first = {row["unit"] for row in rows if row["event"] == "issued"}
    assert not own & paid - bought_first


def test_services_come_at_the_oil_changes_of_each_vehicle_and_are_paid_for(world: World) -> None:
    gaps: dict[tuple[int, float], list[float]] = {}
    for unit, rows in by_unit(world).items():
        began = 0.0
        for before, row in pairwise(rows):
            if before["event"] == "installed":
                began = before["day"]
            if row["event"] == "maintained" and before["event"] in ("maintained", "installed") and began > 0.0:
                gaps.setdefault((unit, began), []).append(row["day"] - before["day"])
    several = [days for days in gaps.values() if len(days) > 1]

    assert len(several) > 50
    assert all(max(days) - min(days) < 1e-9 * max(days) * 100 for days in several)
    done = sum(row["event"] in ("maintained", "degraded") for row in table(world, "events"))
    assert done == len(purposes(world)["maintenance"]) == counted(world, "maintained")


def test_a_service_finds_wear_only_where_there_is_wear(monkeypatch: pytest.MonkeyPatch) -> None:
    worn: dict[str, list[float]] = {}
    removed = Chain.removed

    def note(self: Chain, block: Any, unit: Unit, reason: str, days: float) -> None:
        removed(self, block, unit, reason, days)
        strength = self.physics.strength(unit)
        share = max(spent / limit for spent, limit in zip(unit.body.damage, strength, strict=True))
        worn.setdefault(reason, []).append(share)

    monkeypatch.setattr(Chain, "removed", note)
    ran(FORWARD)

    assert min(worn["degraded"]) >= 0.7 - 1e-9
    assert max(worn["degraded"]) < 1.0
    assert worn["failed"] == pytest.approx([1.0] * len(worn["failed"]), rel=1e-9)
    assert max(worn["retired"] + worn["replaced"]) < 1.0
    assert min(worn["retired"]) < 0.5


def test_preventive_replacement_comes_at_its_distance(world: World) -> None:
    reasons = {(row["unit"], row["day"]): row["event"] for row in removals(world) if row["block"] == "hire.vehicles"}
    first = [row for row in table(world, "passport") if row["party"] == "hire" and row["life"] == 1]
    driven = {reason: [] for reason in REASONS}  # type: dict[str, list[float]]
    for row in first:
        driven[reasons[row["unit"], row["day"]]].append(row["distance"])

    assert driven["replaced"] == pytest.approx([260.0] * len(driven["replaced"]), rel=1e-9)
    assert len(driven["replaced"]) > 10
    assert max(driven["failed"]) < 260.0


# --- recall ---


def test_a_recall_ends_the_chosen_lives_today_and_no_other() -> None:
    world = made(FORWARD)
    world.run_until(100.0)
    assert world.chain is not None
    chain = world.chain
    fleet = world.blocks["cabs.vehicles"]
    before = {unit.key: chain.makers.supplier(unit) for unit in world.inside(fleet)}
    count = fleet.recall(lambda unit: chain.makers.supplier(unit) == "hard_steel")
    after = {unit.key for unit in world.inside(fleet)}

    chosen = {key for key, supplier in before.items() if supplier == "hard_steel"}
    assert count == len(chosen) > 5
    assert before.keys() - chosen <= after
    assert {row["unit"] for row in removals(world) if row["event"] == "recalled"} == chosen
    world.run_until(200.0)
    assert not [row for row in table(world, "events") if row["event"] == "recalled" and row["day"] > 100.0]


def test_a_recall_of_nobody_changes_nothing() -> None:
    plain, asked = made(FORWARD), made(FORWARD)
    for world in (plain, asked):
        world.run_until(50.0)
    assert asked.blocks["hire.vehicles"].recall(lambda unit: False) == 0
    for world in (plain, asked):
        world.run_until(150.0)

    assert tables(plain) == tables(asked)


# --- saved and resumed ---


def test_a_chain_with_plans_and_deposits_goes_on_as_if_it_had_never_stopped() -> None:
    whole = ran(FORWARD, days=240.0)
    world = made(FORWARD)
    seen_rows: list[Any] = []
    for day in (60.0, 61.3, 130.0, 200.0):
        world.run_until(day)
        if day == 60.0:
            world.count_from_now()
        seen_rows += table(world, "events")
        saved = json.loads(json.dumps(snapshot(world), allow_nan=False))
        world = World.restore(world.network, saved, sections=FORWARD)
    world.run_until(240.0)
    world.close_books()

    assert whole.chain.deposits  # type: ignore[union-attr]
    assert seen_rows + table(world, "events") == table(whole, "events")
    assert snapshot(world) == snapshot(whole)


# --- what does not matter ---


def test_a_fleet_that_never_retires_is_that_of_vehicles_that_last_for_ever() -> None:
    cabs = FORWARD.parties["cabs"]
    assert isinstance(cabs, Fleet)
    never = with_party(FORWARD, "cabs", vehicle_life_years=None)
    late = with_party(FORWARD, "cabs", vehicle_life_years=1e7)
    # one has a case before the route and so another stream of marks: all are returned
    one, other = (
        ran(with_returns(replace(chain, lanes={}), probability=1.0, response=None), days=200.0)
        for chain in (never, late)
    )

    assert [row for row in table(one, "events") if row["block"] == "cabs.vehicles"] == [
        row for row in table(other, "events") if row["block"] == "cabs.vehicles"
    ]
