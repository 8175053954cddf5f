"""What replications say: intervals against theory and scipy, MSER-5 against its definition, pairing against algebra."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from looptwin.statistics import Interval, interval, intervals, mser5, paired

plain = st.floats(-1e6, 1e6)


def normals(*shape: int, seed: int = 5) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(seed)).standard_normal(shape)


def autoregressive(steps: int, *, start: float, phi: float = 0.9, seed: int = 5) -> np.ndarray:
    """An AR(1) around 0 that begins far away: its transient is start * phi^t."""
    values, shocks = np.empty(steps), normals(steps, seed=seed)
    last = start
    for step in range(steps):
        last = phi * last + shocks[step]
        values[step] = last
    return values


def mser5_by_its_definition(series: np.ndarray) -> int | None:
    batches = [float(np.mean(series[5 * b : 5 * b + 5])) for b in range(len(series) // 5)]
    if len(batches) < 10:
        return None
    errors = {}
    for dropped in range(len(batches) - 4):
        kept = batches[dropped:]
        errors[dropped] = sum((z - sum(kept) / len(kept)) ** 2 for z in kept) / len(kept) ** 2
    best = min(errors, key=lambda dropped: errors[dropped])
    return 5 * best if best <= len(batches) // 2 else None


def test_two_values_have_the_interval_of_the_cauchy_quantile() -> None:
    """With one degree of freedom the t quantile is tan(pi * (p - 1/2)), here of p = 0.975."""
    found = interval([0.0, 2.0])
    assert found.mean == 1.0
    assert found.half_width == pytest.approx(math.tan(math.pi * 0.475))
    assert (found.low, found.n) == (pytest.approx(1 - found.half_width), 2)


def test_an_interval_covers_the_mean_as_often_as_it_says() -> None:
    """Of 4,000 samples of 6 normals, the share of 90 % intervals that hold 0 lies within 4 standard errors of 0.9."""
    found = [interval(list(sample), confidence=0.9) for sample in normals(4000, 6)]
    share = sum(one.low <= 0 <= one.high for one in found) / 4000
    assert share == pytest.approx(0.9, abs=4 * math.sqrt(0.9 * 0.1 / 4000))


@given(st.lists(plain, min_size=2, max_size=40), st.floats(0.5, 0.999))
def test_an_interval_is_the_one_of_scipy(values: list[float], confidence: float) -> None:
    from scipy import stats

    spread = stats.sem(values)
    found = interval(values, confidence)
    if spread < 1e-6:
        assert found.half_width < 1e-3
        return
    low, high = stats.t.interval(confidence, len(values) - 1, loc=np.mean(values), scale=spread)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9, abs=1e-6)


@given(st.lists(plain, min_size=2, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_replications_changes_no_bit(values: list[float], chance: Random) -> None:
    shuffled = list(values)
    chance.shuffle(shuffled)
    assert interval(shuffled) == interval(values)


def test_one_value_has_a_mean_and_no_bounds() -> None:
    found = interval([3.0])
    assert (found.mean, found.n) == (3.0, 1)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_an_undefined_kpi_of_one_replication_is_not_dropped() -> None:
    found = interval([1.0, math.nan, 3.0])
    assert math.isnan(found.mean)
    assert found.n == 3


def test_no_values_and_a_confidence_of_one_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        interval([])
    with pytest.raises(ValueError, match=r"between 0 and 1, got 1\.0"):
        interval([1.0, 2.0], confidence=1.0)


def test_every_kpi_gets_its_interval_and_a_missing_one_is_named() -> None:
    found = intervals([{"profit": 1.0, "yield": 0.5}, {"profit": 3.0, "yield": 0.5}])
    assert found["profit"] == interval([1.0, 3.0])
    assert found["yield"] == Interval(0.5, 0.5, 0.5, 2)
    with pytest.raises(ValueError, match="replication 1 has no 'yield'"):
        intervals([{"yield": 0.5}, {}])


@given(st.integers(0, 2**31), st.integers(50, 400), st.floats(-60, 60))
def test_mser5_is_its_definition(seed: int, steps: int, start: float) -> None:
    series = autoregressive(steps, start=start, seed=seed)
    assert mser5(series) == mser5_by_its_definition(series)


def test_mser5_drops_a_known_transient_and_keeps_most_of_the_rest() -> None:
    """100 * 0.9^t falls below the standard deviation of the process, 2.3, at t = 36; 2,000 steps follow."""
    for seed in range(20):
        dropped = mser5(autoregressive(2000, start=100.0, seed=seed))
        assert dropped is not None
        assert 25 <= dropped <= 400


def test_mser5_of_a_steady_series_drops_little() -> None:
    """Averaged over series that start in their steady state, less than a tenth is lost."""
    dropped = [mser5(normals(1000, seed=seed)) for seed in range(40)]
    assert np.mean([place for place in dropped if place is not None]) < 100


def test_mser5_of_a_step_drops_exactly_the_step() -> None:
    series = np.concatenate([np.full(60, 9.0), np.full(400, 1.0)])
    assert mser5(series) == 60


def test_a_constant_series_needs_no_warm_up() -> None:
    assert mser5(np.full(100, 0.1)) == 0


def test_mser5_says_when_a_series_is_too_short_to_tell() -> None:
    assert mser5(normals(49)) is None
    assert mser5(np.arange(500.0)) is None, "a series that still rises has not warmed up"


@given(st.integers(0, 1000), st.sampled_from([0.25, 2.0, 1024.0]))
def test_mser5_does_not_depend_on_the_unit(seed: int, scale: float) -> None:
    series = autoregressive(300, start=40.0, seed=seed)
    assert mser5(series * scale) == mser5(series)


def test_mser5_keeps_its_digits_far_from_zero() -> None:
    series = autoregressive(500, start=30.0)
    assert mser5(series + 1e9) == mser5(series)


def test_mser5_refuses_what_is_not_a_number() -> None:
    with pytest.raises(ValueError, match="finite"):
        mser5([1.0, math.nan] * 50)


@given(st.lists(st.tuples(plain, plain), min_size=2, max_size=30))
def test_a_paired_comparison_is_the_interval_of_the_differences(pairs: list[tuple[float, float]]) -> None:
    base, other = [list(side) for side in zip(*pairs, strict=True)]
    found = paired(base, other)
    assert found[:4] == interval([after - before for before, after in pairs])


def test_shared_luck_reduces_the_variance_by_the_known_factor() -> None:
    """other = base + noise of a tenth of its spread: (1 + 1.01) / 0.01 = 201 in the limit."""
    luck, noise = normals(2, 20_000)
    found = paired(list(luck), list(luck + 0.1 * noise))
    assert found.variance_reduction == pytest.approx(201, rel=0.05)


def test_independent_replications_reduce_nothing() -> None:
    base, other = normals(2, 20_000)
    assert paired(list(base), list(other)).variance_reduction == pytest.approx(1, rel=0.05)


def test_a_constant_difference_reduces_the_variance_without_bound() -> None:
    found = paired([1.0, 2.0, 4.0], [2.0, 3.0, 5.0])
    assert (found.difference, found.low, found.high) == (1.0, 1.0, 1.0)
    assert found.variance_reduction == math.inf


def test_where_nothing_varies_pairing_gains_nothing() -> None:
    assert paired([1.0, 1.0], [3.0, 3.0]).variance_reduction == 1.0


def test_one_pair_has_a_difference_and_nothing_else() -> None:
    found = paired([1.0], [3.0])
    assert found.difference == 2.0
    assert math.isnan(found.low)
    assert math.isnan(found.variance_reduction)


def test_pairs_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="got 2 and 3"):
        paired([1.0, 2.0], [1.0, 2.0, 3.0])
