"""What a core is worth to the chain is what its parties are paid and pay for it, core by core."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

import looptwin as lt
from looptwin.sharing_study.core_worth import Damaged, conditions, harvested, prices_of, rebuilt, worths
from looptwin.sharing_study.world import _damaged
from looptwin.simulate import Order, make_world
from scenarios.expansion import content_of, expanded
from sim.parties.config import Fleet
from sim.world import World

OF_CORES = ("remanufacturing", "parts", "rework", "energy", "electricity", "material", "waste", "transport", "service")
"""Purposes of payments about a core from the decision on, but for the grading before it."""


def scenario(answer: str) -> lt.Scenario:
    """Return the small chain in which every core is treated alike, with room for all of them."""
    rule = {**dict.fromkeys("ABCD", answer), "explore": 0.0}
    crews = {f"parties.remanco.{name}": 40 for name in ("teardown_crews", "inspection_crews", "rebuild_crews")}
    return lt.load("transmission-small").override(
        {"collaboration.mode": "none", "policies.disposition": rule, "time.horizon_days": 1200} | crews
    )


def ran(one: lt.Scenario) -> World:
    world = make_world(Order(content_of(one), expanded(one), warm_up_days=0.0), 7, 0)
    world.run_until(one.time.horizon_days)
    return world


def earned(world: World, one: lt.Scenario) -> dict[int, float]:
    """Return what the chain got less what it paid for each unit after it was graded, by its key, EUR."""
    inside = {name for name, party in one.parties.items() if not isinstance(party, Fleet)}
    rows = world.log.tables["payments"].read()
    graded = world.chain.sections.parties["north"].cost_per_core  # type: ignore[union-attr]
    found: defaultdict[int, float] = defaultdict(float)
    names = ("payer", "payee", "amount", "purpose", "unit")
    for payer, payee, amount, purpose, unit in zip(*(rows[name].tolist() for name in names), strict=True):
        if purpose in OF_CORES and not (purpose == "service" and amount == graded):
            found[unit] += amount * ((payee in inside) - (payer in inside))
    return found


def once_only(world: World, *tables: str) -> dict[int, int]:
    """Return the place in the truth of units that came back once and are in each of these tables, by key."""
    units, places, times = np.unique(world.log.tables["truth"].read()["unit"], return_index=True, return_counts=True)
    seen = [set(world.log.tables[name].read()["unit"].tolist()) for name in ("visual", *tables)]
    found = dict(zip(units[times == 1].tolist(), places[times == 1].tolist(), strict=True))
    return {unit: place for unit, place in found.items() if all(unit in one for one in seen)}


def dismantlers(world: World, units: list[int]) -> np.ndarray:
    rows = world.log.tables["visual"].read()
    by_unit = dict(zip(rows["unit"].tolist(), rows["party"].tolist(), strict=True))
    return np.array([by_unit[unit] for unit in units], dtype=object)


def test_rebuilding_a_core_earns_what_was_paid_for_it_and_the_new_unit_that_it_saves() -> None:
    """But for the energy of machining, the dirt of each core, and tests that were failed more or less often."""
    one = scenario("reman")
    world = ran(one)
    places, paid = once_only(world, "realised"), earned(world, one)
    truth = world.log.tables["truth"].read()
    cores = _damaged(truth, np.array([*places.values()]))
    prices = prices_of(content_of(one))
    tests = world.log.tables["end_of_line"].read()
    last = dict(zip(tests["unit"].tolist(), tests["end_of_line"].tolist(), strict=True))
    real = np.array([paid[unit] + prices.saved * (last.get(unit) == "pass") for unit in places])

    told = worths(content_of(one), world.network, dismantlers(world, [*places]), cores)["reman"]
    recycled = prices.whole - one.costs.transport_per_unit
    gap = real - (told + recycled)
    assert len(gap) > 200
    assert np.median(np.abs(gap)) < 2.0
    assert np.quantile(np.abs(gap), 0.97) < 4.0


def test_recycling_a_core_earns_its_material_less_the_way() -> None:
    one = scenario("recycle")
    world = ran(one)
    places, paid = once_only(world, "material"), earned(world, one)
    real = np.array([paid[unit] for unit in places])

    told = prices_of(content_of(one)).whole - one.costs.transport_per_unit
    assert len(real) > 200
    assert real.mean() == pytest.approx(told, abs=1.0)


def made(damage: list[list[float]], cracked: list[bool], margin: list[float]) -> Damaged:
    return Damaged(np.array(damage), np.array(cracked), np.array(margin))


def surplus() -> float:
    """Return the margin of a core of the small chain of which nothing has to be refitted."""
    reman = lt.load("transmission-small").parties["remanco"]
    return float(reman.value_reman - reman.core_payment - reman.base_cost)


def test_a_part_that_failed_below_its_limit_is_known_by_what_replacing_it_costs() -> None:
    prices = prices_of(content_of(lt.load("transmission-small")))
    cores = made([[0.1] * 4, [0.1] * 4], [False, False], [surplus(), surplus() - 160.0])

    replaced, good = conditions(prices, cores)
    assert replaced.tolist() == [[False] * 4, [False, True, False, False]]
    assert good.tolist() == [[True] * 4, [True, False, True, True]]


def test_a_cracked_core_costs_its_way_through_teardown_whatever_its_wear() -> None:
    prices = prices_of(content_of(lt.load("transmission-small")))
    worth = rebuilt(prices, made([[0.1] * 4, [0.9] * 4], [True, True], [-400.0, -400.0]))

    assert worth.tolist() == [-prices.lost] * 2


def test_harvested_parts_are_worth_a_new_part_only_as_far_as_somebody_needs_them() -> None:
    prices = prices_of(content_of(lt.load("transmission-small")))
    worn, fine = [0.1, 0.9, 0.1, 0.1], [0.1] * 4
    rebuilt_one, other = surplus() - 160.0, surplus()
    needs = made([worn, fine, fine], [False] * 3, [rebuilt_one, other, other])

    worth = harvested(prices, needs, np.array([True, False, False]))
    assert worth[1] == worth[2]
    assert worth[1] == pytest.approx(0.5 * 160.0 - prices.parts.sum())
