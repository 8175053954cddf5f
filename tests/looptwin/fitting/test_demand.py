"""Demand gives its rate back, and a season only where there is one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from looptwin.fitting.demand import LEVEL, fit_demand, season_of
from looptwin.fitting.sample import Floats, TooFew
from sim.blocks.arrivals import SeasonClock
from sim.config import Season
from sim.laws import Exponential, Gamma, Law
from tests.looptwin.fitting.simulated import drawn

SWING = Season(amplitude=0.5, period_days=365.25, phase=0.2)


def requests(law: Law, number: int, days: float, season: Season | None = None) -> Floats:
    """Give the days of requests until a day, as the simulation would make them."""
    moments = np.cumsum(drawn(law, "test.gap", number, int(3.0 * days / law.expectation()) + 50))
    clock = None if season is None else SeasonClock(season)
    found = moments if clock is None else np.array([clock.day(moment) for moment in moments if moment < 2.0 * days])
    return found[found <= days]


def test_a_season_of_the_simulation_is_found_again_with_the_law_between_requests() -> None:
    days = 6.0 * 365.25

    found = fit_demand(requests(Gamma(shape=2.0, mean=1.2), 0, days, SWING), 0.0, days)

    assert found.season is not None
    assert found.season.amplitude == pytest.approx(0.5, abs=0.06)
    assert found.season.phase == pytest.approx(0.2, abs=0.03)
    assert found.fits[0].family.name == "gamma"
    assert found.fits[0].value("mean") == pytest.approx(1.2, rel=0.05)
    assert found.fits[0].value("shape") == pytest.approx(2.0, rel=0.12)


@pytest.mark.parametrize("law", [Exponential(mean=4.0), Gamma(cv=1.6, mean=4.0)])
def test_a_steady_demand_shows_a_season_no_more_often_than_the_level_says(law: Law) -> None:
    """Clustered demand as well: its chance swings are wider, and the test allows for them."""
    sets, days = 100, 3.0 * 365.25
    p_values = [season_of(requests(law, 100 + number, days), days) for number in range(sets)]

    found = sum(one is not None and one.p_value < LEVEL for one in p_values)

    assert found <= stats.binom.ppf(0.9995, sets, LEVEL)


def test_less_than_a_year_shows_no_season() -> None:
    found = fit_demand(requests(Exponential(mean=1.0), 1, 300.0, SWING), 0.0, 300.0)

    assert found.tested is None
    assert found.season is None


def test_whoever_can_take_no_season_gets_the_law_of_the_plain_days() -> None:
    days = requests(Exponential(mean=1.0), 2, 1000.0, SWING)

    found = fit_demand(days, 0.0, 1000.0, may_swing=False)

    assert found.tested is None
    assert found.gaps.times[: len(days) - 1] == pytest.approx(np.diff(days))


def test_the_time_since_the_last_request_counts_too() -> None:
    """A demand that stopped half-way has half its rate."""
    days = requests(Exponential(mean=2.0), 3, 1000.0)

    lasting, stopped = (fit_demand(days, 0.0, end, law="exponential").fits[0] for end in (1000.0, 2000.0))

    assert stopped.value("mean") == pytest.approx(lasting.value("mean") * (2000.0 - days[0]) / (1000.0 - days[0]))


def test_requests_in_one_instant_are_told() -> None:
    with pytest.raises(TooFew, match="2 requests came in the same instant as another"):
        fit_demand(np.array([1.0, 2.0, 2.0, 2.0, 3.0, 5.0, 7.5, 9.0]), 0.0, 10.0)
