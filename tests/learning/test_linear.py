"""Linear regression from sums: closed forms, another solver, and the laws of sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning import linear
from learning.arrays import FloatArray


def drawn_rows(rows: int, features: int, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    draw = np.random.Generator(np.random.Philox(seed))
    x = draw.standard_normal((rows, features))
    return x, x @ np.arange(1.0, 1.0 + features) - 0.5 + 0.3 * draw.standard_normal(rows)


def test_a_line_through_points_on_a_line_is_that_line() -> None:
    x = np.array([[0.0], [1.0], [2.0], [5.0]])

    solved = linear.solve(linear.gram(x, 3.0 - 2.0 * x[:, 0]))

    assert solved.weights == pytest.approx([3.0, -2.0], abs=1e-12)


@pytest.mark.parametrize("rows", [9, 40, 2000])
def test_least_squares_is_what_an_orthogonal_factorisation_finds(rows: int) -> None:
    x, y = drawn_rows(rows, 7)
    expected, *_ = np.linalg.lstsq(np.column_stack([np.ones(rows), x]), y, rcond=None)

    assert linear.solve(linear.gram(x, y)).weights == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("ridge", [0.01, 1.0, 300.0])
def test_ridge_is_least_squares_with_one_more_row_for_each_feature(ridge: float) -> None:
    """The textbook's augmented rows: sqrt(ridge) in one feature, none in the column of ones, target 0."""
    x, y = drawn_rows(50, 3)
    design = np.vstack([np.column_stack([np.ones(50), x]), np.column_stack([np.zeros(3), np.sqrt(ridge) * np.eye(3)])])
    expected, *_ = np.linalg.lstsq(design, np.concatenate([y, np.zeros(3)]), rcond=None)

    assert linear.solve(linear.gram(x, y), ridge).weights == pytest.approx(expected, abs=1e-10)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_sum_of_grams_in_any_order_is_the_gram_of_all_rows(sizes: list[int], order: object) -> None:
    x, y = drawn_rows(sum(sizes) + 1, 4)
    cuts = np.cumsum(sizes)
    parts = [linear.gram(a, b) for a, b in zip(np.split(x, cuts), np.split(y, cuts), strict=True)]
    order.shuffle(parts)  # type: ignore[attr-defined]

    assert linear.flatten(linear.add(*parts)) == pytest.approx(linear.flatten(linear.gram(x, y)), abs=1e-11)


@pytest.mark.parametrize("features", [1, 2, 7])
def test_a_gram_survives_the_row_of_numbers_that_it_travels_as(features: int) -> None:
    sums = linear.gram(*drawn_rows(12, features))

    row = linear.flatten(sums)
    again = linear.unflatten(row, features)

    assert len(row) == linear.numbers(features)
    assert np.array_equal(again.xx, sums.xx)
    assert np.array_equal(again.xy, sums.xy)
    assert (again.yy, again.n, again.features) == (sums.yy, 12.0, features)


def test_the_squares_that_a_gram_gives_are_those_of_the_rows() -> None:
    x, y = drawn_rows(30, 2)
    weights = np.array([0.4, 1.5, -0.2])
    residuals = y - linear.predict(weights, x)

    assert linear.residual_squares(linear.gram(x, y), weights) == pytest.approx(float(residuals @ residuals))
    assert linear.centred(linear.gram(x, y)).squares == pytest.approx(30 * float(np.var(y)))


@pytest.mark.parametrize("ridge", [0.0, 1.0])
@pytest.mark.parametrize("value", [0.0, 1.0, -250.0])
def test_a_column_that_does_not_vary_has_no_weight_and_is_named(value: float, ridge: float) -> None:
    x, y = drawn_rows(30, 3)
    x[:, 1] = value

    solved = linear.solve(linear.gram(x, y), ridge)

    assert (solved.constant, solved.collinear, solved.parameters) == ((1,), (), 3)
    assert solved.weights[2] == 0.0
    assert solved.weights[[0, 1, 3]] == pytest.approx(linear.solve(linear.gram(x[:, [0, 2]], y), ridge).weights)
    assert solved.remarks(["a", "b", "c"]) == ("'b' does not vary, so it has no weight",)


@pytest.mark.parametrize("noise", [0.0, 1e-7])
def test_of_columns_that_follow_from_one_another_the_first_keep_their_weights(noise: float) -> None:
    x, y = drawn_rows(60, 4)
    x[:, 3] = x[:, 0] - 2.0 * x[:, 1] + noise * x[:, 3]

    solved = linear.solve(linear.gram(x, y))

    assert (solved.constant, solved.collinear) == ((), (3,))
    assert solved.weights[:4] == pytest.approx(linear.solve(linear.gram(x[:, :3], y)).weights, abs=1e-9)
    assert "'d' follows from features before it" in solved.remarks("abcd")[0]


def test_a_prior_shares_the_weight_of_twins_out_evenly() -> None:
    x, y = drawn_rows(60, 1)

    solved = linear.solve(linear.gram(np.column_stack([x, x]), y), 2.0)

    assert solved.collinear == ()
    assert solved.weights[1] == pytest.approx(solved.weights[2], rel=1e-9)


def test_fewer_rows_than_features_are_fitted_and_the_surplus_is_named() -> None:
    x, y = drawn_rows(3, 5)

    solved = linear.solve(linear.gram(x, y))

    assert solved.collinear == (2, 3, 4)
    assert linear.predict(solved.weights, x) == pytest.approx(y)


def test_one_row_says_the_mean_and_no_row_says_nothing() -> None:
    x, y = drawn_rows(1, 2)

    assert linear.solve(linear.gram(x, y)).weights == pytest.approx([y[0], 0.0, 0.0])
    with pytest.raises(ValueError, match="no rows"):
        linear.solve(linear.gram(x[:0], y[:0]))


def test_a_column_that_varies_too_little_beside_its_size_is_not_said_to_be_constant() -> None:
    """A temperature of 300.01 to 300.02 K: its spread is a billionth of its squares."""
    x, y = drawn_rows(60, 3)
    x[:, 1] = 300.01 + 0.01 * np.random.default_rng(1).random(60)
    solved = linear.solve(linear.gram(x, y))

    assert (solved.constant, solved.hardly, solved.parameters) == ((1,), (1,), 3)
    (told,) = solved.remarks(["a", "b", "c"])
    assert told == (
        "'b' varies too little beside its size to be told from rounding (take a constant off the column), "
        "so it has no weight"
    )
    assert linear.solve(linear.gram(x - [0, 300, 0], y)).parameters == 4, "without the constant it has one"
