"""Metrics from sums: against closed forms, and against scipy and another solver on the rows themselves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from learning import linear
from learning.arrays import FloatArray
from learning.regression.description import p_value
from learning.regression.metrics import METRICS, correlations, metrics
from learning.regression.residuals import normal_scores
from learning.regression.transforms import Model, box_cox, models


def drawn(rows: int = 60, features: int = 3) -> tuple[FloatArray, FloatArray]:
    draw = np.random.Generator(np.random.Philox(5))
    x = draw.standard_normal((rows, features))
    return x, 2.0 + x @ np.arange(1.0, features + 1.0) + draw.standard_normal(rows)


def fitted(x: FloatArray, y: FloatArray, unit: float = 1.0) -> dict[str, float]:
    sums = linear.gram(x, y / unit)
    solved = linear.solve(sums)
    return metrics(sums, solved.weights, solved.parameters, unit)


def test_three_points_around_a_line_give_what_is_worked_out_by_hand() -> None:
    """Points (0, 0), (1, 2), (2, 1): slope 1/2, residuals -1/2, 1, -1/2."""
    found = fitted(np.array([[0.0], [1.0], [2.0]]), np.array([0.0, 2.0, 1.0]))

    assert found["rss"] == pytest.approx(1.5)
    assert found["tss"] == pytest.approx(2.0)
    assert found["r2"] == pytest.approx(0.25)
    assert found["r2_adjusted"] == pytest.approx(-0.5)
    assert found["f"] == pytest.approx(1.0 / 3.0)
    assert found["correlation_squared"] == pytest.approx(0.25)
    assert found["aic"] == pytest.approx(3.0 * math.log(math.pi) + 3.0 + 4.0)
    assert found["bic"] == pytest.approx(3.0 * math.log(math.pi) + 3.0 + 2.0 * math.log(3.0))


def test_every_metric_of_a_fit_is_what_another_solver_and_scipy_say_of_the_rows() -> None:
    x, y = drawn()
    design = np.column_stack([np.ones(len(x)), x])
    weights, (rss,), *_ = np.linalg.lstsq(design, y, rcond=None)
    prediction, n, k = design @ weights, len(y), 4
    likelihood = stats.norm.logpdf(y - prediction, scale=math.sqrt(rss / n)).sum()
    explained = ((prediction - y.mean()) ** 2).sum()

    found = fitted(x, y)

    assert found["rss"] == pytest.approx(rss)
    assert found["tss"] == pytest.approx(n * y.var())
    assert found["r2"] == pytest.approx(stats.pearsonr(prediction, y).statistic ** 2)
    assert found["correlation_squared"] == pytest.approx(found["r2"])
    assert found["r2_adjusted"] == pytest.approx(1.0 - y.var(ddof=0) ** -1 * rss / (n - k) * (n - 1) / n)
    assert found["f"] == pytest.approx(explained / (k - 1) / (rss / (n - k)))
    assert found["aic"] == pytest.approx(2 * k - 2.0 * likelihood)
    assert found["bic"] == pytest.approx(k * math.log(n) - 2.0 * likelihood)
    assert set(found) == set(METRICS)


def test_the_metrics_of_one_feature_are_those_of_scipys_line() -> None:
    x, y = drawn(40, 1)
    line = stats.linregress(x[:, 0], y)

    found = fitted(x, y)

    assert found["r2"] == pytest.approx(line.rvalue**2)
    # the F of one feature is the square of its t, whose p value scipy gives
    assert stats.f.sf(found["f"], 1, 38) == pytest.approx(line.pvalue)


def test_a_unit_of_the_target_changes_no_metric_of_its_own_scale() -> None:
    x, y = drawn()

    assert fitted(x, y, 250.0) == pytest.approx(fitted(x, y))


def test_foreign_weights_may_explain_less_than_the_mean_while_they_correlate() -> None:
    x, y = drawn()
    sums = linear.gram(x, y)
    weights = -3.0 * linear.solve(sums).weights

    found = metrics(sums, weights, 4)

    assert found["r2"] < 0.0
    assert found["correlation_squared"] == pytest.approx(fitted(x, y)["r2"])


def test_a_metric_that_is_not_defined_is_no_number() -> None:
    found = fitted(np.array([[1.0], [2.0]]), np.array([3.0, 5.0]))

    assert math.isnan(found["f"])
    assert math.isnan(found["r2_adjusted"])


def test_correlations_and_their_p_values_are_scipys() -> None:
    x, y = drawn()
    found = correlations(linear.gram(x, y))

    for at in range(3):
        expected = stats.pearsonr(x[:, at], y)
        assert found[at] == pytest.approx(expected.statistic)
        assert p_value(found[at], len(y)) == pytest.approx(expected.pvalue)


def test_a_feature_that_does_not_vary_has_no_correlation() -> None:
    x, y = drawn()
    x[:, 1] = 7.0

    found = correlations(linear.gram(x, y))

    assert math.isnan(found[1])
    assert p_value(found[1], 60) == 1.0


@pytest.mark.parametrize("power", [-0.5, 0.0, 0.5, 2.0])
def test_the_transform_is_scipys_box_cox(power: float) -> None:
    values = np.array([0.1, 1.0, 7.5, 300.0])

    assert box_cox(values, power) == pytest.approx(stats.boxcox(values, lmbda=power))


def test_a_small_power_is_near_the_logarithm_and_none_changes_nothing() -> None:
    values = np.array([0.1, 1.0, 7.5])

    assert box_cox(values, 1e-9) == pytest.approx(np.log(values), abs=1e-6)
    assert box_cox(values, None) is values


def test_each_kind_of_model_transforms_its_own_side() -> None:
    assert models(["LR", "TM-P", "TM-T", "DTM"], [0.0, 0.5]) == (
        Model("LR", None, None),
        Model("TM-P 0", 0.0, None),
        Model("TM-P 0.5", 0.5, None),
        Model("TM-T 0", None, 0.0),
        Model("TM-T 0.5", None, 0.5),
        Model("DTM 0", 0.0, 0.0),
        Model("DTM 0.5", 0.5, 0.5),
    )


def test_normal_scores_are_the_quantiles_of_the_ranks() -> None:
    values = np.array([3.0, -1.0, 10.0, 4.0])

    assert normal_scores(values) == pytest.approx(stats.norm.ppf([0.375, 0.125, 0.875, 0.625]))


@pytest.mark.parametrize("power", [-2.0, -0.5, -1e-9, 0.0, 1e-9, 0.5, 2.0])
def test_a_transform_is_scipys_however_near_its_power_is_to_nought(power: float) -> None:
    values = np.exp(np.random.default_rng(2).normal(size=50))

    assert box_cox(values, power) == pytest.approx(stats.boxcox(values, power), rel=1e-12, abs=1e-14)
