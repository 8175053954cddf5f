"""Late and never are told apart, and how well they can be is said."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from looptwin.fitting.delays import returning, returns
from looptwin.fitting.families import WEIBULL
from looptwin.fitting.likelihood import fit
from looptwin.fitting.luck import uniforms
from looptwin.fitting.sample import Sample
from sim.laws import Weibull
from tests.looptwin.fitting.simulated import drawn

DELAY = Weibull(shape=1.5, scale=20.0)


def away(number: int, count: int, share: float, watched: float) -> Sample:
    """Give delays of which a share never ends, each watched for a time drawn up to `watched`."""
    comes = uniforms("test.comes", number, count) < share
    times = np.where(comes, drawn(DELAY, "test.delay", number, count), np.inf)
    limit = watched * uniforms("test.watched", number, count)
    return Sample(np.minimum(times, limit), times <= limit, np.zeros(count), limit)


def test_the_share_that_never_returns_is_found_beside_the_delay_of_the_others() -> None:
    best = returns(away(0, 1500, 0.7, 150.0))[0]

    assert best.delay.family is WEIBULL
    assert best.share.value == pytest.approx(0.7, abs=0.03)
    assert best.delay.value("scale") == pytest.approx(20.0, rel=0.06)
    assert best.delay.value("shape") == pytest.approx(1.5, rel=0.06)
    assert best.settled > 0.99


def test_what_is_still_away_is_not_taken_for_lost() -> None:
    """Watched for 20 days on average, about as long as a delay lasts: many units are away, and most will come."""
    records = away(1, 3000, 0.9, 40.0)

    found = returning(records, WEIBULL)

    assert records.ends / records.count < 0.6
    assert found.share.low <= 0.9 <= found.share.high
    assert found.settled < 0.99


def test_the_interval_of_the_share_holds_it_as_often_as_it_says() -> None:
    sets, held = 40, 0
    for number in range(sets):
        share = returning(away(100 + number, 150, 0.8, 120.0), WEIBULL).share
        held += share.low <= 0.8 <= share.high

    fewest, most = stats.binom.ppf([0.0005, 0.9995], sets, 0.95)
    assert fewest <= held <= most


def test_where_every_unit_returns_the_share_is_one_and_the_delay_is_fitted_to_all() -> None:
    records = away(2, 400, 1.0, 400.0)

    found = returning(records, WEIBULL)

    assert found.share.high == 1.0
    assert found.share.low > 0.98
    assert found.delay.value("scale") == pytest.approx(fit(records, WEIBULL).value("scale"), rel=2e-3)


def test_the_log_likelihood_of_certain_return_is_that_of_plain_censoring() -> None:
    records = away(3, 200, 1.0, 1e6)

    found = returning(records, WEIBULL)

    assert found.share.value == 1.0
    assert found.aic == pytest.approx(fit(records, WEIBULL).aic + 2.0)
