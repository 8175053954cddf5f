"""How strongly health answers to each cause: exact exponents where theory gives them, and their order elsewhere.

d ln h / d ln x by forward differentiation, over the units of a simulated population.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sim.lubrication import Oil
from sim.usage import Usage
from sim.wear import Build, WearParameters, damage_rate, oxidation
from tests.verify.chain import BELIEFS
from verify.forward import build_of, draw_life_luck, draw_unit_luck, use_of

CAUSES = (*Build._fields, *Usage._fields)
HEALTH = ("gear", "bearing", "clutch", "seal", "oil")
UNITS = 1000

Table = dict[tuple[str, str], np.ndarray]


def health(wear: WearParameters, causes: jax.Array) -> jax.Array:
    """Return the logarithms of the growth of each damage and of the oxidation."""
    build, usage = Build(*causes[: len(Build._fields)]), Usage(*causes[len(Build._fields) :])
    return jnp.log(jnp.stack([*damage_rate(jnp, build, usage, wear), oxidation(jnp, build, usage, wear)]))


def population() -> jax.Array:
    """Return the causes of each unit, (units, causes)."""
    first, second = jax.random.split(jax.random.key(41))
    build = build_of(BELIEFS, draw_unit_luck(UNITS, key=first))
    usage = use_of(BELIEFS, draw_life_luck(UNITS, key=second))[0].usage
    return jnp.stack([*build, *usage], axis=1).astype(jnp.float64)


def elasticities(wear: WearParameters) -> Table:
    """Return x dh/dx / h of every unit, by health and cause."""
    x = population()
    slopes = np.asarray(jax.jit(jax.vmap(jax.jacfwd(lambda one: health(wear, one))))(x) * x[:, None, :])
    return {
        (one, other): slopes[:, row, column] for row, one in enumerate(HEALTH) for column, other in enumerate(CAUSES)
    }


@pytest.mark.usefixtures("double")
def test_without_oxidation_every_exponent_is_the_one_of_its_law() -> None:
    """Hertz and Miner, ISO 281, Archard; misalignment u enters as 1 + 0.012 u and 1 + 0.005 u, hardness as 1 + 2 %."""
    dry = elasticities(WearParameters(oil=Oil(thinning=0.0, mesh_loss_w=0.0, slip_loss_w=0.0)))
    skew = np.asarray(population()[:, CAUSES.index("misalignment_um")])
    hardness = np.asarray(population()[:, CAUSES.index("hardness_hrc")])

    exact = {
        ("gear", "torque_ratio"): 13.22 / 2,
        ("gear", "hardness_hrc"): -13.22 * 0.02 * hardness / (1.0 + 0.02 * (hardness - 60.0)),
        ("gear", "misalignment_um"): 13.22 / 2 * 0.012 * skew / (1.0 + 0.012 * skew),
        ("bearing", "torque_ratio"): 10.0 / 3.0,
        ("bearing", "bearing_kn"): -10.0 / 3.0,
        ("bearing", "misalignment_um"): 10.0 / 3.0 * 0.005 * skew / (1.0 + 0.005 * skew),
        ("clutch", "torque_ratio"): 1.5,
        ("clutch", "shifts_per_km"): 1.0,
        ("clutch", "wear_rate"): 1.0,
        ("clutch", "lining_mm"): -1.0,
    }
    for pair, slope in exact.items():
        np.testing.assert_allclose(dry[pair], np.broadcast_to(slope, UNITS), rtol=1e-9, atol=1e-12, err_msg=str(pair))


@pytest.mark.usefixtures("double")
def test_heat_and_oil_add_to_the_exponents_and_never_turn_them_round() -> None:
    """The order of the published reference: hardness 16, torque 7.7 on gears; 4.3 on bearings; 2.2 on the clutch."""
    found = {pair: float(np.median(slopes)) for pair, slopes in elasticities(BELIEFS.wear).items()}

    assert found["gear", "hardness_hrc"] == pytest.approx(-15.9, abs=0.3)
    assert 13.22 / 2 < found["gear", "torque_ratio"] < 8.5
    assert 10.0 / 3.0 < found["bearing", "torque_ratio"] < 5.0
    assert 1.5 < found["clutch", "torque_ratio"] < 3.0
    assert 1.0 < found["clutch", "shifts_per_km"] < 2.0
    assert 1.5 < found["oil", "torque_ratio"] < 4.5
    assert 0.4 < found["oil", "oil_interval"] < 1.0
    assert found["oil", "oil_base"] == pytest.approx(found["oil", "oil_interval"])
    assert found["seal", "torque_ratio"] > found["seal", "ambient_c"] > 0.0
    harmful = {pair: slope for pair, slope in found.items() if pair[1] in (*Usage._fields, "oil_base", "wear_rate")}
    assert min(harmful.values()) >= 0.0


@pytest.mark.usefixtures("double")
def test_health_does_not_tell_its_causes() -> None:
    """Five numbers of health from eleven causes: finite slopes of full rank, and six directions that nobody can see."""
    x = population()
    slopes = np.asarray(jax.jit(jax.vmap(jax.jacfwd(lambda one: health(BELIEFS.wear, one))))(x) * x[:, None, :])
    singular = np.linalg.svd(slopes, compute_uv=False)

    assert slopes.shape == (UNITS, len(HEALTH), len(CAUSES))
    assert np.isfinite(slopes).all()
    assert np.median((singular > 1e-3 * singular[:, :1]).sum(axis=1)) == len(HEALTH) < len(CAUSES)
