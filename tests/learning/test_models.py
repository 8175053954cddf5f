"""Logistic regression: against another optimiser, and the laws of its statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special

from learning import models
from learning.arrays import FloatArray
from learning.logistic import Logistic
from learning.rounds import fit


def reference_objective(weights: FloatArray, x: FloatArray, y: FloatArray, ridge: float) -> float:
    """The penalised negative log-likelihood, written from the definition with scipy's own functions."""
    probability = special.expit(weights[0] + x @ weights[1:])
    return float(special.xlog1py(y - 1.0, -probability).sum() - special.xlogy(y, probability).sum()) + float(
        ridge / 2.0 * np.sum(weights**2)
    )


@pytest.mark.parametrize("ridge", [0.01, 1.0, 30.0])
def test_newton_rounds_end_where_another_optimiser_ends(rows: Any, ridge: float) -> None:
    x, y = rows
    found = optimize.minimize(
        reference_objective, np.zeros(1 + x.shape[1]), (x, y, ridge), method="BFGS", options={"gtol": 1e-9}
    )

    assert fit(Logistic(rounds=8, ridge=ridge), x, y) == pytest.approx(found.x, abs=2e-6)


def test_gradient_and_hessian_are_the_derivatives_of_the_loss(rows: Any) -> None:
    x, y = rows
    weights = np.array([0.3, -0.2, 0.7, 0.1, -0.5])
    at = models.statistics(weights, x, y)

    gradient = optimize.approx_fprime(weights, reference_objective, 1e-6, x, y, 0.0)
    hessian = optimize.approx_fprime(weights, lambda w: models.statistics(w, x, y).gradient, 1e-6)

    assert at.loss == pytest.approx(reference_objective(weights, x, y, 0.0), rel=1e-12)
    assert at.gradient == pytest.approx(gradient, abs=1e-3)
    assert at.hessian == pytest.approx(hessian, abs=1e-3)


@given(cut=st.integers(0, 200))
def test_statistics_of_joined_rows_are_the_sums(rows: Any, cut: int) -> None:
    x, y = rows
    weights = np.full(5, 0.2)
    whole = models.flatten(models.statistics(weights, x, y))

    parts = [models.flatten(models.statistics(weights, x[part], y[part])) for part in (slice(cut), slice(cut, None))]

    assert parts[0] + parts[1] == pytest.approx(whole, rel=1e-10, abs=1e-10)


def test_flattened_statistics_come_back_whole(rows: Any) -> None:
    value = models.statistics(np.full(5, 0.2), *rows)
    row = models.flatten(value)
    back = models.unflatten(row, 4)

    assert len(row) == models.numbers(4)
    assert np.array_equal(back.gradient, value.gradient)
    assert back.hessian == pytest.approx(value.hessian, rel=1e-12)
    assert (back.loss, back.n) == (value.loss, 200.0)


def test_labels_that_are_all_alike_still_give_a_finite_model(rows: Any) -> None:
    x, _ = rows
    weights = fit(Logistic(rounds=12, ridge=1.0), x, np.ones(len(x)))

    assert np.isfinite(weights).all()
    assert models.predict(weights, x).mean() > 0.9


def test_a_single_separable_feature_with_a_weak_prior_does_not_diverge() -> None:
    x = np.array([[-8.0], [-7.0], [7.0], [8.0]])
    y = np.array([0.0, 0.0, 1.0, 1.0])
    found = optimize.minimize(reference_objective, np.zeros(2), (x, y, 1e-3), method="BFGS", options={"gtol": 1e-10})

    assert fit(Logistic(rounds=40, ridge=1e-3), x, y) == pytest.approx(found.x, abs=1e-4)


def test_far_logits_saturate_without_a_warning() -> None:
    with np.errstate(all="raise", under="ignore"):
        probability = models.predict(np.array([0.0, 1000.0]), np.array([[1.0], [-1.0]]))
        value = models.statistics(np.array([0.0, 1000.0]), np.array([[1.0], [-1.0]]), np.array([0.0, 0.0]))

    assert probability.tolist() == [1.0, 0.0]
    assert value.loss == pytest.approx(1000.0)


def test_without_training_every_probability_is_one_half(rows: Any) -> None:
    assert set(models.predict(models.init(4), rows[0])) == {0.5}
