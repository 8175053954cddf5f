from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, kstest

from verify.conformal import CalibrationError, calibrate, rank_of


@pytest.mark.parametrize(("size", "rate"), [(1, 0.5), (2, 0.4), (3, 0.25), (4, 0.2), (5, 0.2), (5, 0.4), (5, 0.75)])
def test_over_all_orders_in_which_claims_may_come_exactly_the_share_beyond_the_rank_is_refused(
    size: int, rate: float
) -> None:
    orders = list(permutations(np.arange(size + 1.0)))

    refused = sum(order[-1] > calibrate(np.array(order[:-1]), rate).threshold for order in orders)

    assert Fraction(refused, len(orders)) == Fraction(size + 1 - rank_of(size, rate), size + 1)
    assert refused <= rate * len(orders)


@pytest.mark.parametrize(("size", "rate"), [(19, 0.05), (100, 0.05), (500, 0.01), (30, 0.29)])
def test_the_false_alarm_rate_over_calibrations_follows_its_beta_law(size: int, rate: float) -> None:
    scores = np.random.default_rng(5).random((2000, size))

    rates = [1.0 - calibrate(row, rate).threshold for row in scores]

    rank = rank_of(size, rate)
    assert kstest(rates, beta(size + 1 - rank, rank).cdf).pvalue > 1e-3


def test_the_range_of_the_false_alarm_rate_is_the_central_part_of_that_law() -> None:
    calibration = calibrate(np.random.default_rng(6).random(99), 0.05)

    low, high = calibration.false_alarm_range(0.9)

    assert beta.cdf([low, high], 5, 95) == pytest.approx([0.05, 0.95])


@given(
    st.lists(st.floats(0.0, 1.0), min_size=20, max_size=60),
    st.floats(0.0, 1.0),
    st.sampled_from([0.05, 0.1, 0.29, 0.5]),
)
def test_a_claim_is_refused_just_when_its_p_value_is_at_most_the_rate(
    honest: list[float], score: float, rate: float
) -> None:
    calibration = calibrate(np.array(honest), rate)

    (p_value,) = calibration.p_values(np.array([score]))

    assert (score > calibration.threshold) == (
        Fraction(round(p_value * (len(honest) + 1)), len(honest) + 1) <= Fraction(str(rate))
    )


@pytest.mark.parametrize(("rate", "least"), [(0.05, 19), (0.01, 99), (0.3, 3), (0.5, 1), (0.29, 3)])
def test_too_few_honest_claims_are_refused_with_the_number_that_is_needed(rate: float, least: int) -> None:
    calibrate(np.arange(float(least)), rate)

    with pytest.raises(CalibrationError, match=f"needs at least {least} honest claims, got {least - 1}$"):
        calibrate(np.arange(float(least - 1)), rate)


def test_a_rank_is_not_lost_to_the_rounding_of_a_written_rate() -> None:
    """In floats 100 * 0.29 is below 29, and 100 * (1 - 0.29) above 71: the rank would be 72."""
    assert rank_of(99, 0.29) == 71


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, float("nan")])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        calibrate(np.arange(100.0), rate)


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="one row of numbers"):
        calibrate(np.append(np.arange(30.0), np.nan), 0.1)
