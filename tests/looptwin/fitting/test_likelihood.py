"""Maximum likelihood finds what is known: closed forms, scipy's own fits, and the laws that simulated records."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from looptwin.fitting.families import EXPONENTIAL, FAMILIES, GAMMA, LOGNORMAL, WEIBULL, Family
from looptwin.fitting.likelihood import fit, fits
from looptwin.fitting.sample import sample
from sim.laws import Exponential, Gamma, Law, Lognormal, Weibull
from tests.looptwin.fitting.simulated import censored

LAWS: dict[str, Law] = {
    "exponential": Exponential(mean=40.0),
    "weibull": Weibull(shape=2.3, scale=50.0),
    "lognormal": Lognormal(mean=40.0, cv=0.6),
    "gamma": Gamma(shape=3.0, mean=40.0),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_inverts_the_same_law_as_the_simulation(name: str) -> None:
    law, family = LAWS[name], FAMILIES[name]
    fitted = fit(censored(law, 0, 400, watched=200.0), family)
    again = type(law)(**{one.name: one.value for one in fitted.parameters})
    shares = np.array([0.001, 0.2, 0.5, 0.9, 0.9999])

    times = family.time_of(fitted.peak.free, 1.0 - shares)

    assert times == pytest.approx([again.quantile()(share) for share in shares])
    assert np.exp(family.log_survival(fitted.peak.free, times)) == pytest.approx(1.0 - shares)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_density_is_the_slope_of_its_survival(name: str) -> None:
    family = FAMILIES[name]
    free, ages, step = family.start(40.0, 0.7), np.array([3.0, 20.0, 40.0, 95.0]), 1e-4

    slope = -(np.exp(family.log_survival(free, ages + step)) - np.exp(family.log_survival(free, ages - step)))

    assert np.exp(family.log_density(free, ages)) == pytest.approx(slope / (2.0 * step), rel=1e-6)


def test_the_mean_of_an_exponential_life_is_exposure_over_ends() -> None:
    records = censored(LAWS["exponential"], 1, 300, watched=60.0, entry=30.0)

    fitted = fit(records, EXPONENTIAL)

    exposure = (records.times - records.entry).sum()
    assert fitted.value("mean") == pytest.approx(exposure / records.ends, rel=1e-8)
    # the information about a logarithm of the rate is the number of ends
    assert fitted.parameters[0].error == pytest.approx(fitted.value("mean") / records.ends**0.5, rel=1e-4)


@pytest.mark.parametrize(
    ("family", "theirs", "shape_of"),
    [
        (WEIBULL, stats.weibull_min, lambda shape, scale: (shape, scale)),
        (GAMMA, stats.gamma, lambda shape, scale: (shape, shape * scale)),
        (
            LOGNORMAL,
            stats.lognorm,
            lambda sigma, median: (median * np.exp(sigma**2 / 2.0), np.expm1(sigma**2) ** 0.5),
        ),
    ],
)
def test_without_truncation_the_estimates_are_those_of_scipy(family: Family, theirs: object, shape_of: object) -> None:
    records = censored(LAWS[family.name], 2, 250, watched=90.0)
    data = stats.CensoredData(uncensored=records.times[records.ended], right=records.times[~records.ended])

    shape, _, scale = theirs.fit(data, floc=0)  # type: ignore[attr-defined]

    found = [one.value for one in fit(records, family).parameters]
    assert found == pytest.approx(shape_of(shape, scale), rel=2e-4)  # type: ignore[operator]


@pytest.mark.parametrize("name", ["weibull", "lognormal", "gamma"])
@pytest.mark.parametrize("entry", [0.0, 40.0])
def test_the_intervals_hold_the_law_that_drew_the_records_as_often_as_they_say(name: str, entry: float) -> None:
    law, family, sets = LAWS[name], FAMILIES[name], 100
    held = dict.fromkeys(family.parameters, 0)

    for number in range(sets):
        for one in fit(censored(law, 100 + number, 200, watched=120.0, entry=entry), family).parameters:
            held[one.name] += one.low <= getattr(law, one.name) <= one.high

    fewest, most = stats.binom.ppf([0.0005, 0.9995], sets, 0.95)
    assert all(fewest <= count <= most for count in held.values()), held


def test_forgetting_that_units_came_in_late_would_make_lives_too_long() -> None:
    records = censored(LAWS["weibull"], 3, 500, watched=200.0, entry=60.0)
    forgotten = sample(records.times, records.ended)

    assert fit(records, WEIBULL).value("scale") == pytest.approx(50.0, rel=0.06)
    assert fit(forgotten, WEIBULL).value("scale") > 54.0


@pytest.mark.parametrize("name", ["weibull", "lognormal"])
def test_the_law_that_drew_many_records_has_the_lowest_aic(name: str) -> None:
    assert fits(censored(LAWS[name], 4, 800, watched=200.0))[0].family.name == name
