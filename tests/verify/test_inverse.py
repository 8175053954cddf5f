from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import kstest

from tests.verify.chain import BELIEFS, PRODUCT
from tests.verify.exact import Prior
from verify.forward import sample_records
from verify.inverse import Inverse, train_inverse
from verify.posterior import POINTS, Posterior
from verify.record import SMALLEST
from verify.verifier import Verifier, expected_probability

FIRST_LIVES = replace(BELIEFS, second_life=0.0)
"""A world in which the likelihood of a record has a closed form."""


def trained() -> Inverse:
    sampler, trainer = jax.random.split(jax.random.key(20))
    return train_inverse(sample_records(FIRST_LIVES, 8000, key=sampler), key=trainer)


@pytest.fixture(scope="module")
def inverse() -> Inverse:
    return trained()


def test_the_inverse_is_the_same_with_and_without_jax(inverse: Inverse, fresh: tuple[np.ndarray, np.ndarray]) -> None:
    x = fresh[0][:200]
    with jax.enable_x64(True):
        precise = jax.tree.map(lambda leaf: leaf.astype(jnp.float64) if isinstance(leaf, jax.Array) else leaf, inverse)
        log_weight, mean, log_sd, log_failed = jax.vmap(precise)(jnp.asarray(x))

    plain = Posterior.of(inverse).mixture(x)

    for ours, theirs in zip(plain, (np.exp(log_weight), mean, np.exp(log_sd), np.exp(log_failed)), strict=True):
        assert ours == pytest.approx(np.asarray(theirs), rel=1e-6, abs=1e-9)


def test_one_key_trains_the_same_inverse_again(inverse: Inverse) -> None:
    again = trained()

    assert all((one == same).all() for one, same in zip(*map(jax.tree.leaves, _arrays(inverse, again)), strict=True))


def _arrays(*inverses: Inverse) -> list[list[jax.Array]]:
    return [[leaf for leaf in jax.tree.leaves(one) if isinstance(leaf, jax.Array)] for one in inverses]


def test_the_fixed_points_of_a_record_have_the_mean_and_spread_of_its_mixture(
    inverse: Inverse, fresh: tuple[np.ndarray, np.ndarray]
) -> None:
    posterior = Posterior.of(inverse)
    mixture, healths = posterior.mixture(fresh[0][:50]), posterior.healths(fresh[0][:50])

    z = (np.log(healths.damage) - posterior.target_centre) / posterior.target_scale
    z = z.reshape(50, -1, POINTS, 4)

    assert healths.weight.sum(axis=1) == pytest.approx(np.ones(50))
    assert z.mean(axis=2) == pytest.approx(mixture.mean, abs=1e-9)
    assert z.std(axis=2) == pytest.approx(mixture.sd, rel=1e-6)


def test_true_damage_is_anywhere_in_its_posterior_with_equal_chance(verifier: Verifier) -> None:
    """Simulation-based calibration: the posterior distribution function at the truth is uniform, but for the fit.

    An exact posterior would stay below 0.03 in 99 of 100 such tests.
    """
    records = sample_records(BELIEFS, 4000, key=jax.random.key(21))
    posterior = verifier.health
    mixture = posterior.mixture(np.asarray(records.features, dtype=np.float64))

    truth = np.log(np.maximum(np.asarray(records.damage, dtype=np.float64), SMALLEST))
    z = (truth - posterior.target_centre) / posterior.target_scale
    place = (mixture.weight[:, :, None] * ndtr((z[:, None] - mixture.mean) / mixture.sd)).sum(axis=1)

    for part in range(4):
        assert kstest(place[:, part], "uniform").statistic < 0.05


def test_outcomes_come_as_often_as_the_judge_expects(verifier: Verifier, fresh: tuple[np.ndarray, np.ndarray]) -> None:
    """In each bin of expected probability, to within sampling error at 1 in 1000 and 3 points for the fit."""
    x, profitable = fresh
    expected = expected_probability(BELIEFS, verifier.health, x)
    bins = np.minimum((expected * 8).astype(int), 7)

    for number in range(8):
        inside = bins == number
        if inside.sum() >= 50:
            error = abs(profitable[inside].mean() - expected[inside].mean())
            assert error < 0.03 + 3.3 * np.sqrt((expected * (1 - expected))[inside].mean() / inside.sum())
    assert len(set(bins)) >= 6


def test_the_judge_comes_close_to_the_exact_posterior(inverse: Inverse) -> None:
    """Brute force over 20000 units, where they suffice for a record."""
    records = sample_records(FIRST_LIVES, 8000, key=jax.random.key(22))
    x = np.asarray(records.features, dtype=np.float64)[:100]
    prior = Prior(FIRST_LIVES, PRODUCT.wear, 20_000, np.random.default_rng(23))
    exact, draws = np.array([prior.probability_profitable(record) for record in x]).T
    known = draws > 200

    error = expected_probability(FIRST_LIVES, Posterior.of(inverse), x)[known] - exact[known]

    assert known.sum() > 60
    assert np.sqrt((error**2).mean()) < 0.06
    assert abs(error.mean()) < 0.03
    assert np.std(exact[known]) > 0.15
