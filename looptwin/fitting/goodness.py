"""Whether a law could have given the records at all: the largest gap to Kaplan-Meier, against simulated records.

The gap's distribution depends on the law, its fitting and the censoring, so it is simulated: records of the fitted law
under the same entries and censoring, fitted again each time (parametric bootstrap; Stute et al. 1993, Metrika 40).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from looptwin.fitting.kaplan_meier import kaplan_meier
from looptwin.fitting.luck import uniforms
from looptwin.fitting.model import Model
from looptwin.fitting.sample import FEWEST, LEAST, Floats, Sample

REPETITIONS = 199
"""Simulated histories; the p-value is then a multiple of 0.005."""

WORK = 1_000_000
"""Units in all simulated histories together, beyond which there are fewer histories; 19 at least."""


class Goodness(NamedTuple):
    """The largest gap between the fitted survival and Kaplan-Meier's, and how often chance alone makes it so large."""

    gap: float
    p_value: float
    repetitions: int


def goodness(
    model: Model, sample: Sample, again: Callable[[Sample], Model], repetitions: int | None = None
) -> Goodness:
    """Return how well a model describes the sample that it was fitted to.

    again: the fit of another sample. repetitions: simulated histories, by default as many as large records allow.
    """
    repetitions = repetitions or min(REPETITIONS, max(19, WORK // sample.count))
    gap, limits, in_days = largest_gap(model, sample), _limits(sample), _is_in_days(sample)
    larger = done = 0
    for number in range(repetitions):
        other = _simulated(model, sample, limits, number, in_days=in_days)
        if other.ends < FEWEST:
            continue
        done += 1
        larger += largest_gap(again(other), other) >= gap
    return Goodness(gap, (1 + larger) / (1 + done), done)


def largest_gap(model: Model, sample: Sample) -> float:
    """Return the largest gap between a model's survival and Kaplan-Meier's, on both sides of every step."""
    curve = kaplan_meier(sample)
    smooth = model.survival(curve.ages) / model.survival(np.array([curve.since]))
    before = np.concatenate([[1.0], curve.share[:-1]])
    return float(np.maximum(np.abs(smooth - curve.share), np.abs(smooth - before)).max())


def _simulated(model: Model, sample: Sample, limits: Limits, number: int, *, in_days: bool) -> Sample:
    times = model.time_beyond(sample.entry, uniforms("bootstrap.life", number, sample.count))
    if in_days:
        # between two moments of unknown hour, a spell of t days shows as t rounded down or up by luck
        times = np.maximum(np.floor(times + uniforms("bootstrap.hour", number, sample.count)), LEAST)
    limit = limits.drawn(uniforms("bootstrap.limit", number, sample.count))
    # an end in the instant of entry, by rounding, would have no density
    ends = np.maximum(np.minimum(times, limit), np.nextafter(sample.entry, np.inf))
    return Sample(ends, times <= limit, sample.entry, limit)


def _is_in_days(sample: Sample) -> bool:
    ends = sample.times[sample.ended]
    return bool(((ends == np.floor(ends)) | (ends == LEAST)).all())


class Limits(NamedTuple):
    """Until when each unit would have been watched: known ones, and for the rest the curve that they come from."""

    known: Floats
    entry: Floats
    ages: Floats
    share: Floats

    def drawn(self, luck: Floats) -> Floats:
        """Return a limit for each unit: the known one, or a draw from the curve beyond the unit's entry."""
        steps = np.concatenate([[1.0], self.share])
        goal = luck * steps[np.searchsorted(self.ages, self.entry, side="right")]
        # the curve falls; its first step at or below the goal is the limit, and what never falls so far is unlimited
        place = np.searchsorted(-self.share, -goal, side="left")
        found = np.concatenate([self.ages, [np.inf]])[place]
        return np.where(np.isnan(self.known), found, self.known)


def _limits(sample: Sample) -> Limits:
    """Return the limits of a sample: an end hides its unit's limit, so the curve is Kaplan-Meier's of being lost."""
    lost = Sample(sample.times, ~sample.ended, sample.entry, sample.limit)
    known = np.where(np.isnan(sample.limit) & ~sample.ended, sample.times, sample.limit)
    if lost.ends == 0 or not np.isnan(known).any():
        return Limits(np.where(np.isnan(known), np.inf, known), sample.entry, np.empty(0), np.empty(0))
    curve = kaplan_meier(lost)
    return Limits(known, sample.entry, curve.ages, curve.share)
