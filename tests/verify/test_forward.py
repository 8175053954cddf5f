from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from sim import worth
from sim.backends import FLOATS
from sim.laws import Weibull
from sim.log import Log
from sim.observe import bench_means, visual_means
from sim.parties.agreed import Policies
from sim.parties.config import Dismantler, Fleet, Maintenance
from sim.parties.inspections import FEATURES as WORLD_FEATURES
from sim.parties.inspections import Inspections
from sim.parties.physics import Physics
from sim.parties.product import Ageing, Archard, BearingLife, Miner, Product, Wear
from sim.records import Unit
from sim.streams import SEQUENCE_BITS, Streams, number_names
from sim.usage import Usage
from sim.wear import MECHANISMS, Build, Damage, damage_rate
from sim.worth import Terms
from tests.verify.chain import BELIEFS, DISMANTLERS, DUTIES, FLEETS, PRODUCT, REMANUFACTURER, Floats
from verify.beliefs import Beliefs
from verify.economics import crack_after_look, crack_probability, margin, margins
from verify.forward import LIVES, build_of, draw_life_luck, draw_unit_luck, sample_records, use_of
from verify.record import FEATURES, NOTHING

BUILDS = st.builds(
    Build,
    st.floats(56, 64),
    st.floats(0, 25),
    st.floats(36, 58),
    st.floats(0.68, 0.92),
    st.floats(0.5, 5),
    st.floats(0.5, 2),
)
USAGES = st.builds(
    Usage, st.floats(0.5, 1.8), st.floats(0.1, 10), st.floats(-10, 45), st.floats(5, 300), st.floats(0, 20)
)
HEALTHS = st.builds(Damage, *[st.floats(0, 5)] * 4)


@given(BUILDS, USAGES)
def test_the_wear_of_the_world_and_of_the_judge_is_one_law(build: Build, usage: Usage) -> None:
    world = damage_rate(FLOATS, build, usage, BELIEFS.wear)

    with jax.enable_x64(True):
        judge = damage_rate(jnp, Build(*map(jnp.asarray, build)), Usage(*map(jnp.asarray, usage)), BELIEFS.wear)

    assert [float(rate) for rate in judge] == pytest.approx(list(world), rel=1e-9, abs=0)


@given(HEALTHS, st.floats(0, 1))
def test_what_an_eye_and_a_rig_see_is_one_law_too(damage: Damage, oxidation: float) -> None:
    with jax.enable_x64(True):
        same = Damage(*map(jnp.asarray, damage))
        eye, rig = visual_means(jnp, same, jnp.asarray(oxidation)), bench_means(jnp, same, 0.1, 0.1)

    assert [float(value) for value in eye] == pytest.approx(list(visual_means(FLOATS, damage, oxidation)), rel=1e-9)
    assert [float(value) for value in rig] == pytest.approx(list(bench_means(FLOATS, damage, 0.1, 0.1)), rel=1e-9)


@pytest.mark.usefixtures("double")
def test_wear_has_finite_gradients_at_everything_that_occurs() -> None:
    first, second = jax.random.split(jax.random.key(7))
    build = build_of(BELIEFS, draw_unit_luck(1000, key=first))
    usage = use_of(BELIEFS, draw_life_luck(1000, key=second))[0].usage

    def rates(build: Build, usage: Usage) -> jax.Array:
        return jnp.stack(damage_rate(jnp, build, usage, BELIEFS.wear))

    slopes = jax.jit(jax.vmap(jax.jacfwd(rates, (0, 1))))(build, usage)

    leaves = jax.tree.leaves(slopes)
    assert len(leaves) == len(Build._fields) + len(Usage._fields)
    assert all(leaf.shape == (1000, 4) and bool(jnp.isfinite(leaf).all()) for leaf in leaves)


@pytest.mark.usefixtures("double")
def test_gear_damage_grows_with_the_slope_of_the_load_line() -> None:
    """Stress grows with the root of the torque, damage with stress ** slope, and hot oil adds to it."""
    build, usage = Build(60.0, 8.0, 47.0, 0.8, 1.6, 1.0), Usage(1.0, 1.0, -200.0, 80.0, 0.0)

    slope = jax.grad(
        lambda torque: jnp.log(damage_rate(jnp, build, usage._replace(torque_ratio=torque), BELIEFS.wear).gear)
    )

    assert float(slope(1.0)) == pytest.approx(13.22 / 2, rel=1e-6)


def test_one_key_gives_the_same_records_and_another_key_others() -> None:
    first, again, other = (sample_records(BELIEFS, 4000, key=jax.random.key(seed)) for seed in (8, 8, 9))

    assert all((one == same).all() for one, same in zip(first, again, strict=True))
    assert not (first.features == other.features).all()


def test_records_hold_what_a_dismantler_is_given() -> None:
    records = sample_records(BELIEFS, 4000, key=jax.random.key(10))
    passport, classes, seen = np.split(np.asarray(records.features), [4, 7], axis=1)

    assert FEATURES == WORLD_FEATURES
    assert (passport > 0).all()
    assert set(classes.ravel()) == {0.0, 1.0, 2.0, 3.0, 4.0}
    assert [set(column) for column in seen.T] == [{0.0, 1.0}] * 2
    assert ((np.asarray(records.margin) > 0) == np.asarray(records.profitable)).all()


def test_the_judge_believes_the_constants_that_a_scenario_states() -> None:
    assert BELIEFS.wear == PRODUCT.wear.parameters()
    spent = REMANUFACTURER.scrapped_share * REMANUFACTURER.base_cost
    assert BELIEFS.terms.crack_loss == REMANUFACTURER.core_payment + spent
    assert sum(one.share for one in BELIEFS.duties) == pytest.approx(1.0)
    assert {one.duty for one in BELIEFS.duties} == set(DUTIES.values())


def test_short_lives_and_many_vehicles_make_a_duty_common_among_cores() -> None:
    def share(fleets: list[Fleet], duty: str) -> float:
        beliefs = Beliefs.from_sections(PRODUCT, fleets, REMANUFACTURER, DISMANTLERS)
        return next(one.share for one in beliefs.duties if one.duty == DUTIES[duty])

    more = [replace(fleet, vehicles=1400) if fleet.duty == "tow" else fleet for fleet in FLEETS]

    assert share(more, "tow") / (1 - share(more, "tow")) == pytest.approx(
        2 * share(FLEETS, "tow") / (1 - share(FLEETS, "tow"))
    )
    assert share(FLEETS, "taxi") > 1 / 3


def test_the_judge_knows_how_long_vehicles_live_and_when_their_oil_is_changed() -> None:
    """Both are public; a fleet that gives vehicles up sends more cores, and of a duty the fleets are told apart."""
    kept = Fleet(vehicles=700, duty="taxi")
    given_up = replace(kept, vehicle_life_years=5.0, maintenance=Maintenance(oil_interval=50.0))
    believed = Beliefs.from_sections(PRODUCT, [kept, given_up], REMANUFACTURER, DISMANTLERS).duties

    assert {(one.retired, one.duty.oil_interval) for one in believed} == {(0.0, 80.0), (0.2, 50.0)}
    shares = {one.retired: one.share for one in believed}
    assert shares[0.2] > shares[0.0]
    same = Beliefs.from_sections(PRODUCT, [given_up, kept], REMANUFACTURER, DISMANTLERS).duties
    assert same == believed


def test_a_chain_without_fleets_gives_nothing_to_believe_in() -> None:
    with pytest.raises(ValueError, match="at least one fleet"):
        Beliefs.from_sections(PRODUCT, [], REMANUFACTURER, DISMANTLERS)


def test_cores_look_to_the_judge_as_they_do_in_the_world() -> None:
    """The world moves one unit after another, from streams and with floats; the judge simulates many at once.

    Every sound unit lives again and parts vary widely in strength, so that the renewal of parts shows.
    """
    grader, fleet = Dismantler(grader_noise=0.8), replace(FLEETS[0], duty="tow")
    wild = Weibull(shape=1.0, scale=1.0)
    product = replace(
        PRODUCT,
        wear=Wear(
            gear=Miner(strength=wild),
            bearing=BearingLife(strength=wild),
            clutch=Archard(strength=wild),
            seal=Ageing(strength=wild),
        ),
    )
    beliefs = Beliefs.from_sections(product, [fleet], REMANUFACTURER, [grader])

    records = sample_records(replace(beliefs, second_life=1.0), 10_000, key=jax.random.key(11))
    damage, seen = _world(1000, product, grader)

    for part, name in enumerate(MECHANISMS):
        assert ks_2samp(damage[:, part], np.asarray(records.damage)[:, part]).pvalue > 1e-3, name
    for column, name in enumerate(FEATURES):
        assert ks_2samp(seen[:, column], np.asarray(records.features)[:, column]).pvalue > 1e-3, name


def _world(units: int, product: Product, grader: Dismantler) -> tuple[Floats, Floats]:
    """Give damage and record of every core that so many units of the world become in up to `LIVES` lives."""
    numbers = number_names(["gearworks", "tow", "north"])
    streams = Streams(12, 0, numbers)
    physics = Physics(product, streams)
    inspections = Inspections(streams, Log(events=False), physics, Policies())
    damage, seen = [], []
    for sequence in range(units):
        unit = Unit(numbers["gearworks"] << SEQUENCE_BITS | sequence, 0.0)
        unit.body = physics.make(unit)
        while unit.lives < LIVES and not unit.body.crack:
            days = physics.begin_life(unit, DUTIES["tow"])
            unit.lives += 1
            physics.end_life(unit, days, failed=True)
            inspections.passport(0.0, unit, "tow")
            inspections.visual(0.0, unit, "north", grader)
            damage.append(tuple(unit.body.damage))
            seen.append([unit.marks[name] for name in FEATURES])
            physics.refit(unit, physics.conditions(unit.body))
    return np.array(damage), np.array(seen)


@given(st.lists(st.tuples(HEALTHS, st.integers(0, NOTHING)), min_size=1, max_size=9))
def test_the_margin_is_that_of_the_parts_that_the_world_would_refit(cores: list[tuple[Damage, int]]) -> None:
    refitting, fixed = PRODUCT.wear.refitting(), REMANUFACTURER.value_reman - REMANUFACTURER.core_payment
    terms = Terms(fixed - REMANUFACTURER.base_cost, 0.0)
    damage, failed = np.array([one for one, _ in cores]), np.array([end for _, end in cores])

    earned, every = margin(np, BELIEFS, damage, failed), margins(np, BELIEFS, damage)

    world = [worth.margin(FLOATS, terms, refitting, one, end, False) for one, end in cores]
    assert earned == pytest.approx(world)
    assert every[np.arange(len(cores)), failed] == pytest.approx(world)


@given(st.floats(0, 3))
def test_looking_for_a_crack_moves_its_probability_and_on_average_leaves_it(gear_damage: float) -> None:
    falsely, rightly = BELIEFS.crack_seen
    before = crack_probability(np, BELIEFS, gear_damage)
    noted = before * rightly + (1 - before) * falsely

    seen, unseen = (crack_after_look(np, BELIEFS, gear_damage, look) for look in (1.0, 0.0))

    assert unseen < before < seen
    assert noted * seen + (1 - noted) * unseen == pytest.approx(before)
