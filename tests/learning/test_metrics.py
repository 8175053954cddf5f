"""Figures of merit against their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning import metrics

ROWS = st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.integers(0, 5)), min_size=2, max_size=25)


@given(ROWS)
def test_auc_is_the_share_of_pairs_ranked_rightly_with_ties_as_half(found: list[tuple[float, int]]) -> None:
    y = np.array([label for label, _ in found])
    score = np.array([value / 5 for _, value in found])
    ones, zeros = score[y == 1], score[y == 0]
    pairs = [(a > b) + 0.5 * (a == b) for a in ones for b in zeros]

    expected = float(np.mean(pairs)) if pairs else None

    assert metrics.auc(y, score) == (None if expected is None else pytest.approx(expected, abs=1e-12))


@given(ROWS)
def test_auc_does_not_change_under_a_rising_map_and_turns_round_under_a_falling_one(
    found: list[tuple[float, int]],
) -> None:
    y = np.array([label for label, _ in found])
    score = np.array([value / 5 for _, value in found])
    value = metrics.auc(y, score)

    assert metrics.auc(y, np.exp(score)) == value
    if value is not None:
        assert metrics.auc(y, -score) == pytest.approx(1.0 - value, abs=1e-12)


def test_accuracy_majority_lift_and_log_loss_on_a_case_done_by_hand() -> None:
    y, probability = np.array([1.0, 1.0, 1.0, 0.0]), np.array([0.9, 0.5, 0.2, 0.1])

    assert metrics.accuracy(y, probability) == 0.75
    assert metrics.majority(y) == 0.75
    assert metrics.lift(y, probability) == 0.0
    assert metrics.log_loss(y, probability) == pytest.approx(
        -(math.log(0.9) + math.log(0.5) + math.log(0.2) + math.log(0.9)) / 4
    )


def test_a_certain_and_wrong_prediction_costs_much_but_not_everything() -> None:
    assert metrics.log_loss(np.array([1.0]), np.array([0.0])) == pytest.approx(-math.log(1e-15))


def test_without_rows_nothing_is_claimed() -> None:
    empty = np.empty(0)

    assert [f(empty, empty) for f in (metrics.auc, metrics.accuracy, metrics.lift, metrics.log_loss)] == [None] * 4
    assert metrics.majority(empty) is None


def test_brier_is_the_mean_squared_difference() -> None:
    assert metrics.brier(np.array([1.0, 0.0]), np.array([0.8, 0.4])) == pytest.approx((0.04 + 0.16) / 2)
    assert metrics.brier(np.empty(0), np.empty(0)) is None


def test_r2_is_1_for_a_perfect_prediction_0_for_the_mean_and_undefined_for_equal_numbers() -> None:
    y = np.array([1.0, 2.0, 6.0])

    assert metrics.r2(y, y) == 1.0
    assert metrics.r2(y, np.full(3, 3.0)) == 0.0
    assert metrics.r2(y, np.array([1.0, 2.0, 3.0])) == pytest.approx(1.0 - 9.0 / 14.0)
    assert metrics.r2(np.ones(3), y) is None
    assert metrics.r2(np.empty(0), np.empty(0)) is None


def test_rmse_is_in_the_unit_of_what_is_predicted() -> None:
    y = np.array([100.0, 300.0])

    assert metrics.rmse(y, y + np.array([30.0, -40.0])) == pytest.approx(math.sqrt(1250.0))
    assert metrics.rmse(np.empty(0), np.empty(0)) is None


def test_figures_of_a_kind_have_the_one_that_models_are_compared_by_first() -> None:
    y, p = np.array([1.0, 0.0]), np.array([0.8, 0.4])

    assert list(metrics.figures("probability", y, p)) == ["AUC", "log loss", "Brier"]
    assert list(metrics.figures("number", y, p)) == ["R2", "RMSE"]
    assert (metrics.main_figure("probability"), metrics.main_figure("number")) == ("AUC", "R2")
    assert metrics.figures("probability", y, p)["Brier"] == metrics.brier(y, p)
