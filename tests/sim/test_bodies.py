"""The hidden health of units: lives worked out by hand from the draws, and what remanufacturing renews."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from statistics import NormalDist
from typing import Any

import pytest

from sim.parties.body import Physics
from sim.parties.product import Duty
from sim.records import Unit
from sim.streams import SEQUENCE_BITS, Streams
from sim.wear import MECHANISMS
from sim.world import World
from tests.sim.chains import CHAIN, made, ran, table, with_party

assert CHAIN.product is not None
PRODUCT = CHAIN.product
TAXI = PRODUCT.duties["taxi"]
SHARES = ((0.7, 0.3), (1.0, 0.6), (1.3, 0.1))
"""Load spectrum of the gears: factor on the torque, share of the distance."""

z_of = NormalDist().inv_cdf


@pytest.fixture(scope="module")
def world() -> World:
    """The chain at the end of its run; nobody changes it."""
    return ran()


def fresh() -> Unit:
    """Return a unit that no block has made yet."""
    return Unit(7 << SEQUENCE_BITS | 5, 0.0)


def physics(**changes: Any) -> Physics:
    """Return the physics of the chain's product; luck owned by an origin of number 7."""
    return Physics(replace(PRODUCT, **changes), Streams(3, 0, {"cabs.vehicles": 7}))


def by_hand(unit: int, life: int, duty: Duty, spent: list[float], streams: Streams) -> tuple[list[float], float, float]:
    """Return damage at the end of a life of the first parts, its days and its distance, from the draws and the laws.

    ISO 6336-2 with Miner's sum, ISO 281, Archard; written out once more, with the product's numbers where it has them.
    """

    def z(name: str, occurrence: int = 0) -> float:
        return z_of(streams.open(f"product.{name}")(unit, occurrence))

    hardness, misalignment = 60.0 + 0.9 * z("hardness_hrc"), abs(8.0 + 4.0 * z("misalignment_um"))
    rating, lining, wear_rate = (
        47.0 + 2.5 * z("bearing_kn"),
        0.8 + 0.03 * z("lining_mm"),
        1.6 * math.exp(0.25 * z("wear_rate")),
    )
    per_day = duty.distance_per_year / 365.0 * math.exp(0.2 * z("distance", life))
    torque = duty.torque_ratio + 0.1 * z("torque_ratio", life)
    shifts, ambient = (
        duty.shifts_per_km * math.exp(0.3 * z("shifts", life)),
        duty.ambient_c + 4.0 * z("ambient_c", life),
    )

    oil = ambient + 35.0 * torque + 5.0 * shifts + 273.15
    film = math.exp(-0.6 * (1.0 - math.exp(-math.exp(-95.0e3 / 8.314 * (1.0 / oil - 1.0 / 363.15)))))
    limit = 1500.0 * (1.0 + 0.02 * (hardness - 60.0)) * film**0.12
    stress = [1200.0 * math.sqrt(factor * torque * (1.0 + 0.012 * misalignment)) for factor, _ in SHARES]
    gear = sum(475.0e3 * share / (5.0e7 * (limit / s) ** 13.22) for (_, share), s in zip(SHARES, stress, strict=True))
    load = 4.7 * torque * (1.0 + 0.005 * misalignment)
    bearing = 3.2e6 / (1.0e6 * (rating / load) ** (10.0 / 3.0) * film**1.5)
    clutch = wear_rate * (9.0 * torque**1.5 * shifts) / (6.0e4 * film) / (0.55 * lining)

    shapes = (4.0, 2.5, 4.0)
    uniforms = [streams.open(f"product.{part}")(unit, 0) for part in MECHANISMS]
    strength = [(-math.log(1.0 - u)) ** (1.0 / shape) for u, shape in zip(uniforms, shapes, strict=True)]
    rates = (gear, bearing, clutch)
    distance = min((s - d) / rate for s, d, rate in zip(strength, spent, rates, strict=True))
    damage = [d + rate * distance for d, rate in zip(spent, rates, strict=True)]
    return damage, distance / per_day, distance


def test_a_life_is_worked_out_by_hand_from_its_draws(world: World) -> None:
    """First lives of taxis that were new at day 0 in stock: installed, removed, damage, margin's parts, odometer."""
    installed = {}
    found = 0
    truth = {(row["unit"], row["life"]): row for row in table(world, "truth")}
    passport = {(row["unit"], row["life"]): row for row in table(world, "passport")}
    for row in table(world, "events"):
        if row["block"] == "cabs.vehicles" and row["event"] == "installed" and row["origin"] == "works.plant":
            installed[row["unit"]] = row["day"]
        ended = row["event"] == "removed" and row["unit"] in installed and (row["unit"], 1) in truth
        if not ended or row["block"] != "cabs.vehicles" or truth[row["unit"], 1]["day"] != row["day"]:
            continue
        damage, days, distance = by_hand(row["unit"], 0, TAXI, [0.0, 0.0, 0.0], world.streams)
        true = truth[row["unit"], 1]
        assert row["day"] - installed[row["unit"]] == pytest.approx(days, rel=1e-9)
        assert [true[f"true_{part}"] for part in MECHANISMS] == pytest.approx(damage, rel=1e-9)
        assert passport[row["unit"], 1]["distance"] == pytest.approx(distance, rel=1e-9)
        assert passport[row["unit"], 1]["age_years"] == pytest.approx(days / 365.0, rel=1e-9)
        found += 1
    assert found > 20


def test_vehicles_of_mixed_age_are_at_a_uniform_share_of_their_first_life() -> None:
    world = made()
    share = world.streams.open("cabs.vehicles.initial_age")
    pending = {item[3].unit.key: item[0] for item in world.engine.pending() if item[3].place()[0] == "cabs.vehicles"}

    assert len(pending) == 80
    for unit, day in pending.items():
        _, days, _ = by_hand(unit, 0, TAXI, [0.0, 0.0, 0.0], world.streams)
        assert day == pytest.approx(days * (1.0 - share(unit)), rel=1e-9)


def test_the_margin_of_a_core_is_its_value_less_what_it_costs(world: World) -> None:
    """1450 - 250 - 520 - parts for a sound case; -250 - 0.35 x 520 for a cracked one."""
    assert {row["true_margin"] for row in table(world, "truth") if row["true_crack"]} == {-432.0}
    replaced = {600.0: 0, 360.0: 1, 400.0: 2}
    for row in table(world, "truth"):
        if row["true_crack"]:
            continue
        limits = (0.5, 0.6, 0.6)
        worn = sum(cost for cost, part in replaced.items() if row[f"true_{MECHANISMS[part]}"] > limits[part])
        # the part that failed is replaced whatever its damage
        assert 680.0 - row["true_margin"] in {worn, *(worn + cost for cost in replaced)}


def test_what_remanufacturing_does_not_replace_keeps_its_damage() -> None:
    model, unit = physics(), fresh()
    unit.body = body = model.make(unit)
    body.damage, strength = [0.3, 0.9, 0.1], list(body.strength)
    model.renew(unit, [1])

    assert body.damage == [0.3, 0.0, 0.1]
    assert body.generation == [0, 1, 0]
    assert [body.strength[0], body.strength[2]] == [strength[0], strength[2]]
    assert body.strength[1] != strength[1]


def test_a_second_life_goes_on_from_the_damage_of_the_first(world: World) -> None:
    lives = defaultdict(dict)
    for row in table(world, "truth"):
        lives[row["unit"]][row["life"]] = row
    pairs = [(one[life], one[life + 1]) for one in lives.values() for life in one if life + 1 in one]
    kept = renewed = 0
    for before, after in pairs:
        for part, limit in zip(MECHANISMS, (0.5, 0.6, 0.6), strict=True):
            if after[f"true_{part}"] > before[f"true_{part}"]:
                kept += 1
            else:
                renewed += 1
            if before[f"true_{part}"] < limit and after[f"true_{part}"] < before[f"true_{part}"]:
                # it was renewed although not worn out: it is what failed
                assert before["true_margin"] < 680.0
    assert len(pairs) > 100
    assert kept > 50
    assert renewed > 50


def test_a_part_fails_when_its_damage_reaches_its_strength() -> None:
    model, unit = physics(), fresh()
    unit.body = body = model.make(unit)
    days = model.begin_life(unit, TAXI)
    model.end_life(unit)
    at_limit = [name for name, d, s in zip(MECHANISMS, body.damage, body.strength, strict=True) if d >= s * (1 - 1e-12)]

    assert at_limit == [body.failed]
    assert body.age_days == days
    assert MECHANISMS.index(body.failed) in model.to_replace(body)


@pytest.mark.parametrize(("probability", "cracked"), [(0.0, set()), (1.0, {1.0})])
def test_a_crack_is_as_probable_as_the_product_says(probability: float, cracked: set[float]) -> None:
    wear = replace(PRODUCT.wear, crack_probability=probability, crack_per_gear_damage=0.0)
    world = ran(replace(CHAIN, product=replace(PRODUCT, wear=wear)), days=200.0)

    assert {row["true_crack"] for row in table(world, "truth")} == (cracked or {0.0})


def test_cracks_come_with_gear_damage_and_stay(world: World) -> None:
    wear = replace(PRODUCT.wear, crack_probability=0.0, crack_per_gear_damage=1.0)
    truth = table(ran(replace(CHAIN, product=replace(PRODUCT, wear=wear))), "truth")
    expected = math.fsum(min(1.0, row["true_gear"]) ** 2 for row in truth)
    spread = math.sqrt(math.fsum((p := min(1.0, row["true_gear"]) ** 2) * (1.0 - p) for row in truth))

    assert abs(sum(row["true_crack"] for row in truth) - expected) < 4.0 * spread
    lives = defaultdict(list)
    for row in table(world, "truth"):
        lives[row["unit"]].append(row["true_crack"])
    assert all(cracks == sorted(cracks) for cracks in lives.values())


def test_readings_are_what_there_is_plus_bias_and_noise(world: World) -> None:
    """The rig's backlash: 0.08 + 0.14 (1 - exp(-gear damage)) + offset, noise of 0.012 mm."""
    truth = {(row["unit"], row["life"]): row for row in table(ran(), "truth")}
    errors = [
        row["backlash_mm"] - 0.08 - 0.14 * (1.0 - math.exp(-truth[row["unit"], row["life"]]["true_gear"])) - 0.01
        for row in table(world, "bench")
    ]

    assert len(errors) > 80
    assert abs(math.fsum(errors) / len(errors)) < 4.0 * 0.012 / math.sqrt(len(errors))
    assert math.fsum(error**2 for error in errors) / len(errors) == pytest.approx(0.012**2, rel=0.5)


def test_an_outcome_is_the_real_margin_and_noise(world: World) -> None:
    truth = {(row["unit"], row["life"]): row["true_margin"] for row in table(world, "truth")}
    told = {(row["unit"], row["life"]): row["margin"] for row in table(world, "outcome")}
    errors = [margin - truth[core] for core, margin in told.items()]

    assert all(error != 0.0 for error in errors)
    assert math.sqrt(math.fsum(error**2 for error in errors) / len(errors)) == pytest.approx(40.0, rel=0.2)
    assert all(row["profitable"] == float(row["margin"] > 0.0) for row in table(world, "outcome"))


def test_an_outcome_without_noise_is_the_scenarios_choice() -> None:
    world = ran(with_party(CHAIN, "remanco", outcome_noise=0.0), days=200.0)
    truth = {(row["unit"], row["life"]): row["true_margin"] for row in table(world, "truth")}

    assert all(row["margin"] == truth[row["unit"], row["life"]] for row in table(world, "outcome"))
