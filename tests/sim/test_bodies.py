"""The hidden health of units: lives worked out by hand from the draws, and what remanufacturing renews."""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from dataclasses import replace
from operator import truediv
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from sim.backends import FLOATS
from sim.parties.design import Backlash, BuildSpread, Duty
from sim.parties.physics import Physics
from sim.records import Unit
from sim.streams import SEQUENCE_BITS, Streams
from sim.wear import MECHANISMS, Build, damage_rate, oxidation, per_day
from sim.world import World
from tests.sim.chains import CHAIN, made, ran, table

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


def by_hand(unit: int, life: int, duty: Duty, streams: Streams) -> tuple[list[float], float, float]:
    """Return damage at the end of a life of new parts, its days and its distance, from the draws and the laws.

    ISO 6336-2 with Miner's sum, ISO 281, Archard, Arrhenius; written out once more, with the product's numbers.
    """
    lot = unit >> SEQUENCE_BITS << SEQUENCE_BITS | (unit & (1 << SEQUENCE_BITS) - 1) // 50

    def z(name: str, occurrence: int = 0) -> float:
        return z_of(streams.open(f"product.{name}")(unit, occurrence))

    def built(name: str) -> float:
        common = z_of(streams.open(f"product.lot.{name}")(lot))
        return math.sqrt(0.6) * z(name) + math.sqrt(0.4) * common

    hardness, misalignment = 60.0 + 0.9 * built("hardness_hrc"), abs(8.0 + 4.0 * built("misalignment_um"))
    rating, lining = 47.0 + 2.5 * built("bearing_kn"), 0.8 + 0.03 * built("lining_mm")
    wear_rate, base = 1.6 * math.exp(0.25 * built("wear_rate")), math.exp(0.15 * built("oil_base"))
    per_day = duty.distance_per_year / 365.0 * math.exp(0.2 * z("distance", life))
    torque = duty.torque_ratio + 0.1 * z("torque_ratio", life)
    shifts, ambient = (
        duty.shifts_per_km * math.exp(0.3 * z("shifts", life)),
        duty.ambient_c + 4.0 * z("ambient_c", life),
    )
    interval = duty.oil_interval * math.exp(0.3 * z("oil_interval", life))
    overheats = poisson.ppf(streams.open("product.overheats")(unit, life), duty.overheats)

    oil = ambient + (990.0 * torque + 300.0 * shifts) / 28.0 + 0.6 * overheats
    inverse = 1.0 / (oil + 273.15) - 1.0 / 363.15
    spent = 0.03 * base * math.exp(-95.0e3 / 8.314 * inverse) * interval
    film = math.exp(-1.2 * (1.0 + math.expm1(-spent) / spent))
    limit = 1500.0 * (1.0 + 0.02 * (hardness - 60.0)) * film**0.12
    stress = [1200.0 * math.sqrt(factor * torque * (1.0 + 0.012 * misalignment)) for factor, _ in SHARES]
    gear = sum(475.0e3 * share / (5.0e7 * (limit / s) ** 13.22) for (_, share), s in zip(SHARES, stress, strict=True))
    load = 4.7 * torque * (1.0 + 0.005 * misalignment)
    bearing = 3.2e6 / (1.0e6 * (rating / load) ** (10.0 / 3.0) * film**1.5)
    slip = 9.0 * torque**1.5 * shifts * (1.0 + 0.01 * max(0.0, oil - 70.0))
    clutch = wear_rate * slip / (6.0e4 * film) / (0.55 * lining)
    seal = math.exp(-37.5e3 / 8.314 * inverse) / 0.8 / 365.0

    uniforms = [streams.open(f"product.{part}")(unit, 0) for part in MECHANISMS]
    strength = [(-math.log(1.0 - u)) ** (1.0 / shape) for u, shape in zip(uniforms, (4.0, 2.5, 4.0, 1.6), strict=True)]
    rates = (gear * per_day, bearing * per_day, clutch * per_day, seal)
    days = min(s / rate for s, rate in zip(strength, rates, strict=True))
    return [rate * days for rate in rates], days, days * per_day


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
        damage, days, distance = by_hand(row["unit"], 0, TAXI, world.streams)
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
    units = list(world.inside(world.blocks["cabs.vehicles"]))

    assert len(units) == 80
    for unit in units:
        _, days, _ = by_hand(unit.key, 0, TAXI, world.streams)
        assert unit.ends == pytest.approx(days * (1.0 - share(unit.key)), rel=1e-9)
        assert unit.ends - unit.began == pytest.approx(days, rel=1e-9)


def test_the_margin_of_a_core_is_its_value_less_what_it_costs(world: World) -> None:
    """1450 - 250 - 520 - rework and parts for a sound case; -250 - 0.35 x 520 for a cracked one."""
    assert {row["true_margin"] for row in table(world, "truth") if row["true_crack"]} == {-432.0}
    replace_at, replace_for = (0.65, 0.6, 0.6, 0.35), (480.0, 160.0, 280.0, 60.0)
    rework_at, rework_for = (0.3, 9.0, 0.35, 9.0), (130.0, 0.0, 80.0, 0.0)
    for row in table(world, "truth"):
        damage = [row[f"true_{part}"] for part in MECHANISMS]
        cost = [
            replace_for[part] if spent > replace_at[part] else rework_for[part] if spent > rework_at[part] else 0.0
            for part, spent in enumerate(damage)
        ]
        # the part that failed is replaced whatever its damage
        either = {sum(cost) - cost[part] + replace_for[part] for part in range(4)} | {sum(cost)}
        assert row["true_crack"] or any(680.0 - row["true_margin"] == pytest.approx(one) for one in either)


def worn(*lives: float) -> tuple[Physics, Unit]:
    """Return a unit that was removed after so many days in each life, and its physics."""
    model, unit = physics(), fresh()
    unit.body = model.make(unit)
    for days in lives:
        model.begin_life(unit, TAXI)
        unit.lives += 1
        model.end_life(unit, days, failed=False)
    return model, unit


def test_what_is_done_to_a_part_shows_in_its_damage_and_nowhere_else() -> None:
    """Reused keeps, reworked keeps its share, replaced has none, another strength and other as-built values."""
    model, unit = worn(200.0)
    damage, strength, build = unit.body.damage, list(model.strength(unit)), model.build(unit)

    model.refit(unit, ("rework", "replace", "reuse", "reuse"))

    assert unit.body.damage == (0.5 * damage[0], 0.0, damage[2], damage[3])
    assert unit.body.generation == (0, 1, 0, 0, 0)
    after = list(model.strength(unit))
    assert [one == other for one, other in zip(strength, after, strict=True)] == [True, False, True, True]
    kept = [one == other for one, other in zip(build, model.build(unit), strict=True)]
    assert dict(zip(Build._fields, kept, strict=True)) == {**dict.fromkeys(Build._fields, True), "bearing_kn": False}


def test_a_second_life_goes_on_from_the_damage_of_the_first() -> None:
    model, unit = worn(100.0, 50.0)
    first = worn(100.0)[1].body

    growth = [after - before for after, before in zip(unit.body.damage, first.damage, strict=True)]

    assert all(one > 0.0 for one in growth)
    assert unit.body.age_days == 150.0
    assert unit.body.distance > first.distance
    assert unit.body.life == 1
    assert model.days_until(unit, 1.0) >= 0.0


def test_a_part_fails_when_its_damage_reaches_its_strength() -> None:
    model, unit = physics(), fresh()
    unit.body = model.make(unit)
    days = model.begin_life(unit, TAXI)
    model.end_life(unit, days, failed=True)
    body = unit.body
    limits = zip(MECHANISMS, body.damage, model.strength(unit), strict=True)

    assert [name for name, spent, limit in limits if spent >= limit * (1 - 1e-12)] == [body.failed]
    assert body.age_days == days
    assert model.conditions(body)[MECHANISMS.index(body.failed)] == "replace"


@given(st.floats(0.01, 1.0), st.integers(0, 5000))
def test_the_worst_part_has_used_the_asked_share_of_its_strength_when_told(share: float, sequence: int) -> None:
    model, unit = physics(), Unit(7 << SEQUENCE_BITS | sequence, 0.0)
    unit.body = model.make(unit)
    whole = model.begin_life(unit, TAXI)

    days = model.days_until(unit, share)

    assert days <= whole * (1.0 + 1e-12)
    model.end_life(unit, days, failed=False)
    used = [spent / limit for spent, limit in zip(unit.body.damage, model.strength(unit), strict=True)]
    assert max(used) == pytest.approx(share)
    assert unit.body.failed == ""


def test_a_share_that_was_used_up_before_is_there_at_once() -> None:
    model, unit = worn(300.0)
    model.begin_life(unit, TAXI)

    assert model.days_until(unit, 0.01) == 0.0


def test_more_frequent_oil_changes_never_shorten_a_life() -> None:
    def life(interval: float) -> float:
        model, unit = physics(), fresh()
        unit.body = model.make(unit)
        return model.begin_life(unit, TAXI, interval)

    lives = [life(interval) for interval in (20.0, 60.0, 200.0)]

    assert lives == sorted(lives, reverse=True)
    assert lives[0] > lives[-1]


def test_the_units_of_a_lot_have_as_much_in_common_as_the_maker_says() -> None:
    """Correlation of hardness within lots of 10: the share, to three standard errors; another maker, other values."""
    spread = BuildSpread(hardness_hrc=58.0, lot_size=10, lot_share=0.7)
    model = Physics(PRODUCT, Streams(3, 0, {"cabs.vehicles": 7}), [spread])
    hardness = []
    for sequence in range(4000):
        unit = Unit(7 << SEQUENCE_BITS | sequence, 0.0)
        unit.body = model.make(unit, spread)
        hardness.append((model.build(unit).hardness_hrc - 58.0) / 0.9)
    lots = [hardness[start : start + 10] for start in range(0, 4000, 10)]
    between = math.fsum((math.fsum(lot) / 10) ** 2 for lot in lots) / len(lots)

    # the variance of a lot's mean is share + (1 - share) / 10
    assert between == pytest.approx(0.73, abs=3.0 * 0.73 * math.sqrt(2.0 / 400.0))
    assert math.fsum(one**2 for one in hardness) / 4000 == pytest.approx(1.0, abs=0.2)


def test_a_maker_or_a_duty_that_the_physics_was_not_made_with_is_refused() -> None:
    model, unit = physics(), fresh()
    with pytest.raises(ValueError, match="spread of a maker"):
        model.make(unit, BuildSpread(hardness_hrc=50.0))
    unit.body = model.make(unit)
    with pytest.raises(ValueError, match="this duty is not among"):
        model.begin_life(unit, replace(TAXI, torque_ratio=0.2))


def lived(*sequences: int, days: float = 0.0) -> tuple[Physics, list[Unit]]:
    """Return units in their first life as taxis, or after so many days of it."""
    model, units = physics(), [Unit(7 << SEQUENCE_BITS | sequence, 0.0) for sequence in sequences]
    for unit in units:
        unit.body = model.make(unit)
        model.begin_life(unit, TAXI)
    for unit in units if days else ():
        unit.lives += 1
        model.end_life(unit, days, failed=False)
    return model, units


def test_units_in_their_first_life_in_one_use_share_a_body_until_they_leave_it() -> None:
    _, (first, second) = lived(5, 6)
    _, (third, fourth) = lived(5, 6, days=30.0)

    assert first.body is second.body
    assert sys.getsizeof(first.body) <= 96
    assert third.body is not fourth.body
    assert third.body.damage != fourth.body.damage
    assert first.body.damage == (0.0,) * 4


def test_a_first_life_of_a_block_of_units_is_that_of_each_unit_by_itself() -> None:
    """What is worked out for 256 units at once is what the same laws say of one, to rounding."""
    model, units = lived(*range(300))
    for unit in units[::7]:
        days, share = model.days_until(unit, 1.0), model.days_until(unit, 0.3)
        build, usage, wear = model.build(unit), model.use(unit).usage, PRODUCT.wear.parameters()
        daily = per_day(damage_rate(FLOATS, build, usage, wear), model.use(unit).per_year / 365.0)

        assert days == pytest.approx(min(map(truediv, model.strength(unit), daily)), rel=1e-12)
        assert share == pytest.approx(0.3 * days, rel=1e-12)
        assert model.oxidation(unit) == pytest.approx(oxidation(FLOATS, build, usage, wear), rel=1e-12)
        unit.lives += 1
        model.end_life(unit, days, failed=True)
        assert unit.body.damage == pytest.approx([growth * days for growth in daily], rel=1e-12)


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
    """The rig's backlash: as built + 0.1 (1 - exp(-gear damage)) + offset; built to 0.0140 mm around 0.11 and skew.

    The skew adds 0.00075 mm per um of |N(8, 4)|, mean 8.07; the rig's noise is 0.012 mm.
    """
    truth = {(row["unit"], row["life"]): row for row in table(world, "truth")}
    pairs = [(row["backlash_mm"], truth[row["unit"], row["life"]]["true_gear"]) for row in table(world, "bench")]
    errors = [read - 0.11 - 0.00075 * 8.07 - 0.10 * (1.0 - math.exp(-gear)) - 0.01 for read, gear in pairs]
    sd = math.hypot(0.012, Backlash().sd(), 0.00075 * 3.9)

    assert len(errors) > 50
    assert abs(math.fsum(errors) / len(errors)) < 5.0 * sd / math.sqrt(len(errors))
    assert math.sqrt(math.fsum(error**2 for error in errors) / len(errors)) == pytest.approx(sd, rel=0.3)


def test_an_outcome_is_the_real_margin_and_noise(world: World) -> None:
    truth = {(row["unit"], row["life"]): row["earned"] for row in table(world, "realised")}
    told = {(row["unit"], row["life"]): row["margin"] for row in table(world, "outcome")}
    errors = [margin - truth[core] for core, margin in told.items()]

    assert all(error != 0.0 for error in errors)
    assert math.sqrt(math.fsum(error**2 for error in errors) / len(errors)) == pytest.approx(40.0, rel=0.2)
    assert all(row["profitable"] == float(row["margin"] > 0.0) for row in table(world, "outcome"))
