"""What the first part of a history foretells comes true as often as it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from looptwin.fitting.back_test import PERIODS, BackTest, demand_back_test, spells_back_test
from looptwin.fitting.calendar import Calendar
from looptwin.fitting.demand import Requests
from looptwin.fitting.dialect import Dialect
from looptwin.fitting.lives import Spells
from looptwin.fitting.luck import uniforms
from looptwin.fitting.sample import Floats, Sample
from looptwin.fitting.sheet import Sheet
from sim.laws import Exponential, Weibull
from tests.looptwin.fitting.simulated import drawn

SHEET = Sheet(Path("mine.csv"), Dialect("UTF-8", ",", "point"), [], [], [], {})
DAYS = 2000.0


def spells(number: int, times: Floats) -> Spells:
    """Give spells that begin over some days, seen until the last of them."""
    starts = DAYS * uniforms("test.start", number, len(times))
    limit = DAYS - starts
    sample = Sample(np.minimum(times, limit), times <= limit, np.zeros_like(times), limit)
    return Spells(sample, SHEET, starts, Calendar(0.0, DAYS, dates=False))


def pooled(tests: list[BackTest]) -> tuple[int, int]:
    return sum(test.inside for test in tests), PERIODS * len(tests)


def test_removals_lie_in_their_intervals() -> None:
    law = Weibull(shape=2.5, scale=700.0)
    tests = [
        spells_back_test(spells(number, drawn(law, "test.life", number, 250)), some_never=False, law="weibull")
        for number in range(20)
    ]

    inside, of = pooled(tests)

    # whole counts make the intervals a little wider than 95 %
    assert inside >= stats.binom.ppf(0.0005, of, 0.95)
    assert sum(test.total[1] <= test.total[3] <= test.total[2] for test in tests) >= 16
    assert sum(test.total[3] for test in tests) == pytest.approx(sum(test.total[0] for test in tests), rel=0.05)


def test_returns_lie_in_their_intervals_though_some_never_come() -> None:
    law = Weibull(shape=1.5, scale=40.0)
    tests = []
    for number in range(8):
        comes = uniforms("test.comes", number, 300) < 0.75
        times = np.where(comes, drawn(law, "test.delay", number, 300), np.inf)
        tests.append(spells_back_test(spells(number, times), some_never=True, law="weibull"))

    inside, of = pooled(tests)

    assert inside >= stats.binom.ppf(0.0005, of, 0.95)
    assert sum(test.total[3] for test in tests) == pytest.approx(sum(test.total[0] for test in tests), rel=0.08)


def test_requests_lie_in_their_intervals() -> None:
    tests = []
    for number in range(20):
        days = np.cumsum(drawn(Exponential(mean=2.0), "test.gap", number, 2000))
        requests = Requests(days[days <= 1500.0], Calendar(0.0, 1500.0, dates=False), SHEET, spread=False)
        tests.append(demand_back_test(requests, law="exponential", may_swing=False))

    inside, of = pooled(tests)

    assert inside >= stats.binom.ppf(0.0005, of, 0.95)


def test_a_demand_that_doubles_is_not_foretold() -> None:
    slow = np.cumsum(drawn(Exponential(mean=2.0), "test.gap", 50, 2000))
    fast = 700.0 + np.cumsum(drawn(Exponential(mean=0.5), "test.gap", 51, 2000))
    days = np.concatenate([slow[slow <= 700.0], fast[fast <= 1000.0]])

    test = demand_back_test(Requests(days, Calendar(0.0, 1000.0, dates=False), SHEET, spread=False), may_swing=False)

    assert test.inside <= 1
    assert test.total[3] > test.total[2]


def test_what_happened_after_the_cut_changes_nothing_that_was_foretold() -> None:
    before = spells(0, drawn(Weibull(shape=2.5, scale=700.0), "test.life", 0, 250))
    sample, starts = before.sample, before.starts
    assert starts is not None
    late = sample.ended & (starts + sample.times > 0.7 * DAYS)
    kept = Sample(np.where(late, sample.limit, sample.times), sample.ended & ~late, sample.entry, sample.limit)

    found, other = (
        spells_back_test(Spells(one, SHEET, starts, before.calendar), some_never=False) for one in (sample, kept)
    )

    assert found.mean.tolist() == other.mean.tolist()
    assert other.actual.sum() == 0
    assert found.actual.sum() == late.sum()
