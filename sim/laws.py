"""Probability laws, each drawn by inverting one uniform.

One uniform per draw keeps common random numbers coupled: when a mean, a cv or the law itself changes in a what-if,
the same part keeps its rank. The classes are the scenario file's `law:` mappings and the sampler at once. A law does
not know what it measures: the field that holds it names the unit (`service_days`, `bench_hours`).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, Gt, Le, MinLen

from sim.ranges import NonNegative, Positive, Several
from sim.section import Section, Tagged, give_one
from sim.shares import cumulative

Quantile: TypeAlias = Callable[[float], float]
"""Inverse distribution function: a uniform in (0, 1) to a value."""

_standard_normal = NormalDist().inv_cdf


def _rising(low: float, high: float) -> None:
    if not low < high:
        raise ValueError(f"low must be below high, got low {low} and high {high}")


@dataclass(frozen=True, kw_only=True)
class _Sourced(Section):
    source: str | None = None
    """Where the numbers come from; without it they count as assumptions."""


@dataclass(frozen=True, kw_only=True)
class Constant(_Sourced):
    """Always the same value."""

    law: Literal["constant"] = "constant"
    value: NonNegative
    """The value."""

    def expectation(self) -> float:
        return self.value

    def quantile(self) -> Quantile:
        value = self.value
        return lambda u: value


@dataclass(frozen=True, kw_only=True)
class Exponential(_Sourced):
    """Memoryless times; as interarrival times a Poisson process. Give `mean` or `rate`."""

    law: Literal["exponential"] = "exponential"
    mean: Positive | None = None
    """Mean."""
    rate: Positive | None = None
    """1 / mean."""

    def __post_init__(self) -> None:
        give_one(mean=self.mean, rate=self.rate)

    def expectation(self) -> float:
        return self.mean if self.mean is not None else 1.0 / self.rate  # type: ignore[operator]

    def quantile(self) -> Quantile:
        mean, log = self.expectation(), math.log
        # 1 - u is exact for the uniforms of `sim.streams`, and keeps the quantile increasing in u
        return lambda u: -mean * log(1.0 - u)


@dataclass(frozen=True, kw_only=True)
class Uniform(_Sourced):
    """Equally likely between `low` and `high`."""

    law: Literal["uniform"] = "uniform"
    low: NonNegative = 0.0
    """Smallest value."""
    high: Positive
    """Largest value, above `low`."""

    def __post_init__(self) -> None:
        _rising(self.low, self.high)

    def expectation(self) -> float:
        return 0.5 * (self.low + self.high)

    def quantile(self) -> Quantile:
        low, width = self.low, self.high - self.low
        return lambda u: low + width * u


@dataclass(frozen=True, kw_only=True)
class Triangular(_Sourced):
    """Between `low` and `high` with the peak at `mode`."""

    law: Literal["triangular"] = "triangular"
    low: NonNegative
    """Smallest value."""
    mode: NonNegative
    """Most likely value."""
    high: Positive
    """Largest value."""

    def __post_init__(self) -> None:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            raise ValueError(f"needs low <= mode <= high and low < high, got {self.low}, {self.mode}, {self.high}")

    def expectation(self) -> float:
        return (self.low + self.mode + self.high) / 3.0

    def quantile(self) -> Quantile:
        low, high, rise, width = self.low, self.high, self.mode - self.low, self.high - self.low
        peak, fall, sqrt = rise / width, self.high - self.mode, math.sqrt

        def invert(u: float) -> float:
            return low + sqrt(u * width * rise) if u < peak else high - sqrt((1.0 - u) * width * fall)

        return invert


@dataclass(frozen=True, kw_only=True)
class Lognormal(_Sourced):
    """Positive and skewed; given by its own mean and coefficient of variation."""

    law: Literal["lognormal"] = "lognormal"
    mean: Positive
    """Mean of the value itself, not of its logarithm."""
    cv: Positive
    """Standard deviation / mean."""

    def expectation(self) -> float:
        return self.mean

    def quantile(self) -> Quantile:
        variance = math.log1p(self.cv * self.cv)
        # the median outside the exponential: scaling the mean by a power of two then scales every draw exactly
        median, sigma = self.mean * math.exp(-0.5 * variance), math.sqrt(variance)
        normal, exp = _standard_normal, math.exp
        return lambda u: median * exp(sigma * normal(u))


@dataclass(frozen=True, kw_only=True)
class Normal(_Sourced):
    """Gaussian, cut at zero; refused where the cut would matter (mean below three standard deviations)."""

    law: Literal["normal"] = "normal"
    mean: Positive
    """Mean."""
    sd: Positive
    """Standard deviation."""

    def __post_init__(self) -> None:
        if self.mean < 3.0 * self.sd:
            raise ValueError(f"a normal law needs mean >= 3 sd to stay positive, got mean {self.mean} and sd {self.sd}")

    def expectation(self) -> float:
        return self.mean

    def quantile(self) -> Quantile:
        mean, sd, normal = self.mean, self.sd, _standard_normal
        return lambda u: max(0.0, mean + sd * normal(u))


@dataclass(frozen=True, kw_only=True)
class Gamma(_Sourced):
    """Sum-like times; Erlang when `shape` is whole. Give `shape` or `cv`, and `mean`, `scale` or `rate`."""

    law: Literal["gamma"] = "gamma"
    shape: Positive | None = None
    """Shape k; the coefficient of variation is k ** -0.5."""
    cv: Positive | None = None
    """Standard deviation / mean, in place of `shape`."""
    mean: Positive | None = None
    """Mean."""
    scale: Positive | None = None
    """Mean / shape."""
    rate: Positive | None = None
    """Shape / mean."""

    def __post_init__(self) -> None:
        give_one(shape=self.shape, cv=self.cv)
        give_one(mean=self.mean, scale=self.scale, rate=self.rate)

    def _shape(self) -> float:
        return self.shape if self.shape is not None else self.cv**-2  # type: ignore[operator]

    def expectation(self) -> float:
        if self.mean is not None:
            return self.mean
        return self._shape() * (self.scale if self.scale is not None else 1.0 / self.rate)  # type: ignore[operator]

    def quantile(self) -> Quantile:
        from scipy.special import gammaincinv  # heavy, and most scenarios draw no gamma

        shape, scale = self._shape(), self.expectation() / self._shape()
        return lambda u: scale * float(gammaincinv(shape, u))


@dataclass(frozen=True, kw_only=True)
class Erlang(_Sourced):
    """Sum of `shape` exponential phases with this total mean."""

    law: Literal["erlang"] = "erlang"
    shape: Several
    """Number of phases."""
    mean: Positive
    """Mean of the sum."""

    def expectation(self) -> float:
        return self.mean

    def quantile(self) -> Quantile:
        return Gamma(shape=float(self.shape), mean=self.mean).quantile()


@dataclass(frozen=True, kw_only=True)
class Weibull(_Sourced):
    """Life of the weakest link; failure rate falls (shape < 1), stays (1) or rises (> 1). Give `scale` or `mean`."""

    law: Literal["weibull"] = "weibull"
    shape: Annotated[float, Ge(0.05), Le(1000)]
    """Shape."""
    scale: Positive | None = None
    """Characteristic life: 63.2 % have failed by then."""
    mean: Positive | None = None
    """Mean, in place of `scale`."""

    def __post_init__(self) -> None:
        give_one(scale=self.scale, mean=self.mean)

    def _scale(self) -> float:
        return self.scale if self.scale is not None else self.mean / math.gamma(1.0 + 1.0 / self.shape)  # type: ignore[operator]

    def expectation(self) -> float:
        return self._scale() * math.gamma(1.0 + 1.0 / self.shape)

    def quantile(self) -> Quantile:
        scale, power, log = self._scale(), 1.0 / self.shape, math.log
        return lambda u: scale * float((-log(1.0 - u)) ** power)


@dataclass(frozen=True, kw_only=True)
class Beta(_Sourced):
    """Between `low` and `high`; shapes `a` and `b`."""

    law: Literal["beta"] = "beta"
    a: Positive
    """First shape."""
    b: Positive
    """Second shape."""
    low: NonNegative = 0.0
    """Smallest value."""
    high: Positive = 1.0
    """Largest value, above `low`."""

    def __post_init__(self) -> None:
        _rising(self.low, self.high)

    def expectation(self) -> float:
        return self.low + (self.high - self.low) * self.a / (self.a + self.b)

    def quantile(self) -> Quantile:
        from scipy.special import betaincinv  # heavy, and most scenarios draw no beta

        a, b, low, width = self.a, self.b, self.low, self.high - self.low
        return lambda u: low + width * float(betaincinv(a, b, u))


@dataclass(frozen=True, kw_only=True)
class Empirical(_Sourced):
    """One of the listed values; `weights` default to equal."""

    law: Literal["empirical"] = "empirical"
    values: Annotated[list[NonNegative], MinLen(1)]
    """The values that can occur."""
    weights: list[NonNegative] | None = None
    """How often each occurs, in the same order; need not sum to 1."""

    def __post_init__(self) -> None:
        if self.weights is not None and (len(self.weights) != len(self.values) or sum(self.weights) <= 0):
            raise ValueError(f"weights must be {len(self.values)} numbers, one per value, with a positive sum")

    def _pairs(self) -> list[tuple[float, float]]:
        weights = self.weights if self.weights is not None else [1.0] * len(self.values)
        return sorted(zip(self.values, weights, strict=True))

    def expectation(self) -> float:
        pairs = self._pairs()
        return sum(value * weight for value, weight in pairs) / sum(weight for _, weight in pairs)

    def quantile(self) -> Quantile:
        pairs = self._pairs()
        values, edges = [value for value, _ in pairs], cumulative([weight for _, weight in pairs])
        return lambda u: values[bisect_right(edges, u)]


@dataclass(frozen=True, kw_only=True)
class Geometric(_Sourced):
    """Number of trials up to and with the first success: 1, 2, 3, ... with this mean."""

    law: Literal["geometric"] = "geometric"
    mean: Annotated[float, Ge(1)]
    """Mean number, at least 1."""

    def expectation(self) -> float:
        return self.mean

    def quantile(self) -> Quantile:
        if self.mean == 1.0:
            return lambda u: 1.0
        failure, log = math.log1p(-1.0 / self.mean), math.log
        return lambda u: math.ceil(log(1.0 - u) / failure)


@dataclass(frozen=True, kw_only=True)
class Poisson(_Sourced):
    """Counts 0, 1, 2, ... with this mean."""

    law: Literal["poisson"] = "poisson"
    mean: Annotated[float, Gt(0), Le(1e6)]
    """Mean number."""

    def expectation(self) -> float:
        return self.mean

    def quantile(self) -> Quantile:
        from scipy.stats import poisson  # heavy, and most scenarios draw no Poisson counts

        table = poisson.cdf(range(int(self.mean + 12.0 * math.sqrt(self.mean)) + 30), self.mean).tolist()
        return lambda u: float(bisect_right(table, u))


@dataclass(frozen=True, kw_only=True)
class Component(Section):
    """One part of a mixture."""

    weight: Positive
    """Share of the draws; the weights of a mixture sum to 1."""
    value: Law
    """The part's own law, in the unit of the field that holds the mixture."""


@dataclass(frozen=True, kw_only=True)
class Mixture(_Sourced):
    """One of several laws, chosen by weight: weak and strong parts, hyperexponential service."""

    law: Literal["mixture"] = "mixture"
    of: Annotated[dict[str, Component], MinLen(1)]
    """The parts, by name."""

    def __post_init__(self) -> None:
        total = sum(part.weight for part in self.of.values())
        if abs(total - 1.0) > 1e-9:
            raise ValueError(f"the weights of a mixture must sum to 1, got {total:g}")

    def expectation(self) -> float:
        return sum(part.weight * part.value.expectation() for part in self.of.values())

    def quantile(self) -> Quantile:
        parts = [self.of[name] for name in sorted(self.of)]
        quantiles = [part.value.quantile() for part in parts]
        edges = cumulative([part.weight for part in parts])
        lows, highs = [0.0, *edges], [*edges, 1.0]

        def invert(u: float) -> float:
            # the position inside the chosen part's share is again uniform, so one uniform serves for both choices
            i = bisect_right(edges, u)
            inner = (u - lows[i]) / (highs[i] - lows[i])
            return quantiles[i](min(max(inner, 2.0**-53), 1.0 - 2.0**-53))

        return invert


Law: TypeAlias = Annotated[
    Constant
    | Exponential
    | Uniform
    | Triangular
    | Lognormal
    | Normal
    | Gamma
    | Erlang
    | Weibull
    | Beta
    | Empirical
    | Geometric
    | Poisson
    | Mixture,
    Tagged("law", number="constant"),
]
"""A probability law, or a bare number for a constant."""
