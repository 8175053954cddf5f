"""Probability laws against scipy, against their own means, and against what keeps what-ifs coupled."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from sim.laws import (
    Beta,
    Component,
    Constant,
    Empirical,
    Erlang,
    Exponential,
    Gamma,
    Geometric,
    Law,
    Lognormal,
    Mixture,
    Normal,
    Poisson,
    Triangular,
    Uniform,
    Weibull,
    cumulative,
)
from tests.sim.alike import stretched_law


@dataclass(frozen=True)
class Twin:
    """A law, and the same law by scipy."""

    law: Any
    frozen: Any

    def __str__(self) -> str:
        return f"{self.law.law}-{self.frozen.args or self.frozen.kwds}"


def lognormal(mean: float, cv: float) -> Any:
    sigma = math.sqrt(math.log(1 + cv**2))
    return stats.lognorm(s=sigma, scale=mean * math.exp(-(sigma**2) / 2))


CONTINUOUS = [
    Twin(Exponential(mean=3.5), stats.expon(scale=3.5)),
    Twin(Exponential(rate=4.0), stats.expon(scale=0.25)),
    Twin(Uniform(high=2.0), stats.uniform(0.0, 2.0)),
    Twin(Uniform(low=1.0, high=4.0), stats.uniform(1.0, 3.0)),
    Twin(Triangular(low=1.0, mode=2.0, high=5.0), stats.triang(0.25, 1.0, 4.0)),
    Twin(Triangular(low=0.0, mode=0.0, high=2.0), stats.triang(0.0, 0.0, 2.0)),
    Twin(Triangular(low=0.0, mode=2.0, high=2.0), stats.triang(1.0, 0.0, 2.0)),
    Twin(Lognormal(mean=1.0, cv=0.3), lognormal(1.0, 0.3)),
    Twin(Lognormal(mean=7.0, cv=2.0), lognormal(7.0, 2.0)),
    Twin(Gamma(shape=2.5, mean=5.0), stats.gamma(2.5, scale=2.0)),
    Twin(Gamma(cv=2.0, scale=8.0), stats.gamma(0.25, scale=8.0)),
    Twin(Gamma(shape=2.0, rate=0.4), stats.gamma(2.0, scale=2.5)),
    Twin(Erlang(shape=4, mean=2.0), stats.gamma(4.0, scale=0.5)),
    Twin(Weibull(shape=2.5, scale=10.0), stats.weibull_min(2.5, scale=10.0)),
    Twin(Weibull(shape=0.7, mean=3.0), stats.weibull_min(0.7, scale=3.0 / math.gamma(1 + 1 / 0.7))),
    Twin(Beta(a=2.0, b=3.0), stats.beta(2.0, 3.0)),
    Twin(Beta(a=0.5, b=0.5, low=1.0, high=3.0), stats.beta(0.5, 0.5, 1.0, 2.0)),
]
NORMAL = Twin(Normal(mean=6.0, sd=2.0), stats.norm(6.0, 2.0))
DISCRETE = [
    Twin(Geometric(mean=2.4), stats.geom(1 / 2.4)),
    Twin(Poisson(mean=0.3), stats.poisson(0.3)),
    Twin(Poisson(mean=6.0), stats.poisson(6.0)),
    Twin(Poisson(mean=400.0), stats.poisson(400.0)),
]
LISTED = Empirical(values=[4.0, 1.0, 2.0], weights=[1.0, 2.0, 1.0])
CAPABLE = Mixture(
    of={
        "weak": Component(weight=0.3, value=Weibull(shape=1.5, mean=1.0)),
        "strong": Component(weight=0.7, value=Constant(value=9.0)),
    }
)
ALL = [twin.law for twin in (*CONTINUOUS, NORMAL, *DISCRETE)] + [
    Constant(value=2.0),
    Geometric(mean=1.0),
    LISTED,
    CAPABLE,
]

UNIFORMS = st.integers(0, 2**52 - 1).map(lambda word: (word + 0.5) * 2.0**-52)
"""Every uniform that a stream can give, and no other."""
SMALLEST, LARGEST = 2.0**-53, 1.0 - 2.0**-53


@pytest.mark.parametrize("twin", [*CONTINUOUS, NORMAL], ids=str)
@given(u=UNIFORMS)
def test_a_continuous_law_inverts_its_distribution(twin: Twin, u: float) -> None:
    assert twin.law.quantile()(u) == pytest.approx(max(0.0, float(twin.frozen.ppf(u))), rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("twin", DISCRETE, ids=str)
@given(u=UNIFORMS)
def test_a_count_is_the_first_whose_distribution_exceeds_the_uniform(twin: Twin, u: float) -> None:
    count = twin.law.quantile()(u)

    assert count == int(count)
    assert twin.frozen.cdf(count - 1) <= u * (1 + 1e-9)
    assert u <= twin.frozen.cdf(count) * (1 + 1e-9)


@pytest.mark.parametrize("twin", [*CONTINUOUS, *DISCRETE], ids=str)
def test_the_expectation_is_the_mean_of_the_law(twin: Twin) -> None:
    assert twin.law.expectation() == pytest.approx(float(twin.frozen.mean()), rel=1e-12)


@pytest.mark.parametrize("twin", [*CONTINUOUS, NORMAL], ids=str)
def test_the_expectation_is_the_mean_of_what_is_drawn(twin: Twin) -> None:
    quantile = twin.law.quantile()
    pieces = [0.0, 1e-9, 1e-4, 0.01, 0.5, 0.99, 1 - 1e-4, 1 - 1e-9, LARGEST]
    drawn = sum(integrate.quad(quantile, low, high)[0] for low, high in pairwise(pieces))

    # a normal law is cut at zero, three standard deviations below its mean: 0.0004 of one is missing there
    assert drawn == pytest.approx(twin.law.expectation(), rel=2e-4 if twin is NORMAL else 1e-6)


@pytest.mark.parametrize("law", [law for law in ALL if law is not CAPABLE], ids=lambda law: law.law)
@given(uniforms=st.lists(UNIFORMS, min_size=2, max_size=20))
def test_more_luck_never_gives_less(law: Law, uniforms: list[float]) -> None:
    quantile = law.quantile()
    drawn = [quantile(u) for u in sorted(uniforms)]

    assert all(later >= earlier * (1 - 1e-12) for earlier, later in pairwise(drawn))


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.law)
@pytest.mark.parametrize("u", [SMALLEST, LARGEST])
def test_the_smallest_and_the_largest_uniform_give_times_that_are_finite_and_not_negative(law: Law, u: float) -> None:
    drawn = law.quantile()(u)

    assert 0.0 <= drawn < math.inf


@pytest.mark.parametrize(
    "law", [twin.law for twin in (*CONTINUOUS, NORMAL)] + [LISTED, CAPABLE], ids=lambda law: law.law
)
@given(u=UNIFORMS, power=st.integers(-20, 20))
def test_times_scale_by_powers_of_two_to_the_last_bit(law: Any, u: float, power: int) -> None:
    if isinstance(law, Beta | Triangular | Uniform) and law.high * 2.0**power <= 0:
        pytest.skip("no law")
    scaled = stretched_law(law, 2.0**power)

    assert scaled.quantile()(u) == law.quantile()(u) * 2.0**power
    assert scaled.expectation() == law.expectation() * 2.0**power


@given(u=UNIFORMS)
def test_listed_values_come_by_weight_in_the_order_of_their_size(u: float) -> None:
    assert LISTED.quantile()(u) == (1.0 if u < 0.5 else 2.0 if u < 0.75 else 4.0)
    assert LISTED.expectation() == 2.0


@given(u=UNIFORMS.filter(lambda u: u < 1 - 1e-6))
def test_a_mixture_draws_each_part_with_what_is_left_of_the_uniform(u: float) -> None:
    """Parts stand in the order of their names: `strong` has the lower 70 %, `weak` the rest."""
    weak = Weibull(shape=1.5, mean=1.0).quantile()

    drawn = CAPABLE.quantile()(u)

    assert drawn == (9.0 if u < 0.7 else pytest.approx(weak(max((u - 0.7) / 0.3, SMALLEST)), rel=1e-6, abs=1e-9))
    assert CAPABLE.expectation() == pytest.approx(0.3 * 1.0 + 0.7 * 9.0)


def test_the_order_in_which_parts_are_written_does_not_matter() -> None:
    other = Mixture(of=dict(reversed(CAPABLE.of.items())))

    assert [other.quantile()(u) for u in (0.1, 0.69, 0.71, 0.9)] == [
        CAPABLE.quantile()(u) for u in (0.1, 0.69, 0.71, 0.9)
    ]


@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=30).filter(lambda weights: sum(weights) > 0))
def test_shares_are_rising_and_end_before_one(weights: list[float]) -> None:
    edges = cumulative(weights)

    assert len(edges) == len(weights) - 1
    assert edges == sorted(edges)
    assert all(0.0 <= edge <= 1.0 + 1e-12 for edge in edges)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (Exponential, "exactly one of mean, rate"),
        (lambda: Exponential(mean=1.0, rate=1.0), "exactly one of mean, rate"),
        (lambda: Gamma(shape=2.0, cv=1.0, mean=1.0), "exactly one of shape, cv"),
        (lambda: Gamma(shape=2.0), "exactly one of mean, scale, rate"),
        (lambda: Weibull(shape=2.0), "exactly one of scale, mean"),
        (lambda: Uniform(low=2.0, high=2.0), "low must be below high, got low 2.0 and high 2.0"),
        (lambda: Triangular(low=0.0, mode=3.0, high=2.0), "low <= mode <= high"),
        (lambda: Normal(mean=1.0, sd=0.5), "mean >= 3 sd to stay positive, got mean 1.0 and sd 0.5"),
        (lambda: Beta(a=1.0, b=1.0, low=2.0), "low must be below high"),
        (lambda: Empirical(values=[1.0, 2.0], weights=[1.0]), "weights must be 2 numbers"),
        (lambda: Empirical(values=[1.0], weights=[0.0]), "positive sum"),
        (lambda: Mixture(of={"a": Component(weight=0.5, value=Constant(value=1.0))}), "must sum to 1, got 0.5"),
    ],
)
def test_a_law_that_cannot_be_says_why(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_thousand_draws_look_like_their_law() -> None:
    """Kolmogorov and Smirnov, at the midpoints of a thousand equal shares: the distance is half a share."""
    midpoints = (np.arange(1000) + 0.5) / 1000

    for twin in CONTINUOUS:
        drawn = [twin.law.quantile()(u) for u in midpoints]
        assert stats.kstest(drawn, twin.frozen.cdf).statistic == pytest.approx(0.0005, rel=1e-3)
