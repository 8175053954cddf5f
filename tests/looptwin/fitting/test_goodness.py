"""The curve without a law is the published one, and a law is doubted as often as it should be."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from scipy import stats

from looptwin.fitting.families import EXPONENTIAL
from looptwin.fitting.goodness import goodness
from looptwin.fitting.kaplan_meier import kaplan_meier
from looptwin.fitting.likelihood import fit, fit_model
from looptwin.fitting.luck import uniforms
from looptwin.fitting.sample import Sample, sample
from sim.laws import Exponential, Gamma, Weibull
from tests.looptwin.fitting.simulated import censored


def test_kaplan_and_meier_give_the_published_curve_of_the_leukaemia_trial() -> None:
    """Freireich et al. (1963), the 6-MP arm, weeks of remission; the curve as in Kalbfleisch and Prentice."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    kept = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]

    curve = kaplan_meier(sample(np.array([*ended, *kept], dtype=float), np.arange(21) < 9))

    assert curve.ages.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.share == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)


def test_kaplan_meier_is_scipys_where_nothing_is_truncated() -> None:
    records = censored(Gamma(shape=3.0, mean=40.0), 5, 120, watched=80.0)
    data = stats.CensoredData(uncensored=records.times[records.ended], right=records.times[~records.ended])
    theirs = stats.ecdf(data).sf

    curve = kaplan_meier(records)

    assert curve.share == pytest.approx(theirs.evaluate(curve.ages))
    assert (curve.low <= curve.share).all()
    assert (curve.share <= curve.high).all()


def test_a_unit_that_came_in_late_is_at_risk_only_from_then_on() -> None:
    late = Sample(
        np.array([2.0, 3.0, 5.0, 6.0]), np.ones(4, dtype=bool), np.array([0, 0, 2.5, 4.0]), np.full(4, np.nan)
    )

    # at 2: one of two; at 3: one of two (the second unit and the third); at 5: one of two; at 6: the last
    assert kaplan_meier(late).share == pytest.approx([1 / 2, 1 / 4, 1 / 8, 0.0])


def test_a_true_law_is_doubted_no_more_often_than_the_level_says() -> None:
    sets, doubted = 40, 0
    for number in range(sets):
        records = censored(Exponential(mean=40.0), 300 + number, 60, watched=100.0)
        model = fit(records, EXPONENTIAL).model
        doubted += goodness(model, records, partial(fit_model, family=EXPONENTIAL), 19).p_value <= 0.05

    assert doubted <= stats.binom.ppf(0.9995, sets, 0.05)


def test_whole_days_are_no_reason_to_doubt_a_law() -> None:
    sets, doubted = 20, 0
    for number in range(sets):
        exact = censored(Exponential(mean=6.0), 400 + number, 150, watched=1e6)
        days = np.maximum(np.floor(exact.times + uniforms("test.hour", number, exact.count)), 0.5)
        records = sample(days, exact.ended)
        model = fit(records, EXPONENTIAL).model
        doubted += goodness(model, records, partial(fit_model, family=EXPONENTIAL), 19).p_value <= 0.05

    assert doubted <= stats.binom.ppf(0.9995, sets, 0.05)


def test_a_wrong_law_is_doubted() -> None:
    records = censored(Weibull(shape=2.3, scale=50.0), 6, 200, watched=100.0)
    model = fit(records, EXPONENTIAL).model

    # limits that nobody knows are drawn from the curve of those that were lost
    nobody_knows = sample(records.times, records.ended)
    for one in (records, nobody_knows):
        assert goodness(model, one, partial(fit_model, family=EXPONENTIAL), 39).p_value == 1 / 40


def test_the_luck_of_a_purpose_is_the_same_twice_and_another_for_another() -> None:
    assert uniforms("one", 3, 1500).tolist() == uniforms("one", 3, 1500).tolist()
    assert uniforms("one", 3, 10).tolist() == uniforms("one", 3, 1500)[:10].tolist()
    assert uniforms("one", 3, 10).tolist() != uniforms("two", 3, 10).tolist()
    assert uniforms("one", 4, 10).tolist() != uniforms("one", 3, 10).tolist()
