"""The pictures of a fit: Kaplan-Meier beside the law, foretold beside real counts, rates beside their Weibull."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from looptwin.fitting.back_test import BackTest
from looptwin.fitting.kaplan_meier import Curve
from looptwin.fitting.model import Model
from looptwin.fitting.sample import Floats
from looptwin.fitting.survival_table import Rates, WeibullRates, survival
from looptwin.page.charts import (
    LEFT,
    RIGHT,
    TOP,
    Element,
    Heading,
    Scale,
    Size,
    drawing,
    hint,
    pixel,
    shape,
    ticks,
    words,
    written,
)

POINTS = 160
"""Points of a smooth curve."""

STEPS = 500
"""Steps of a curve at most."""

SIZE = Size(520.0, 250.0)

FOOT = 44.0
"""Room below the plot for its marks and their name, pixels."""


class Axes(NamedTuple):
    """An empty picture with its scales."""

    picture: Element
    across: Scale
    up: Scale

    def line(self, x: Sequence[float] | Floats, y: Sequence[float] | Floats, kind: str) -> None:
        """Draw a line through points."""
        shape(self.picture, "polyline", kind, points=self._points(x, y))

    def band(self, x: Sequence[float] | Floats, low: Floats, high: Floats, kind: str = "band") -> None:
        """Fill what lies between two lines."""
        there = self._points(x, high)
        back = self._points(np.asarray(x)[::-1], low[::-1])
        shape(self.picture, "polygon", kind, points=f"{there} {back}")

    def point(self, x: float, y: float, kind: str, told: str) -> None:
        """Draw a point whose words show under a pointer."""
        circle = shape(self.picture, "circle", kind, cx=self.across(x), cy=self.up(y), r=3.5)
        hint(circle, told)

    def _points(self, x: Sequence[float] | Floats, y: Sequence[float] | Floats) -> str:
        return " ".join(f"{pixel(self.across(a))},{pixel(self.up(b))}" for a, b in zip(x, y, strict=True))


def axes(heading: Heading, lowest: float, highest: float, top: float, label: str) -> Axes:
    """Return an empty picture from `lowest` to `highest` and from 0 to at least `top`."""
    marks = [0.0, *(mark for mark in ticks(0.0, top * 1.25, 8) if mark > 0.0)]
    marks = marks[: next((n for n, mark in enumerate(marks) if mark >= top), len(marks) - 1) + 1]
    across = Scale(lowest, highest, LEFT, SIZE.width - RIGHT)
    up = Scale(0.0, max(marks[-1], top), SIZE.height - FOOT, TOP)
    picture = drawing(heading, SIZE)
    for mark in marks:
        y = up(mark)
        shape(picture, "line", "grid" if mark else "base", x1=LEFT, x2=SIZE.width - RIGHT, y1=y, y2=y)
        words(picture, (LEFT - 6.0, y + 4.0), f"{mark:,.6g}", "axis", anchor="end")
    for mark in ticks(lowest, highest, 8):
        words(picture, (across(mark), SIZE.height - FOOT + 16.0), f"{mark:,.10g}", "axis", anchor="middle")
    words(picture, (SIZE.width - RIGHT, SIZE.height - 8.0), label, "note", anchor="end")
    return Axes(picture, across, up)


def survival_picture(curve: Curve, model: Model, longest: float, what: str) -> str:
    """Return Kaplan-Meier's steps with their band, and a model's curve over them."""
    told = "Steps: the records by Kaplan and Meier, with a 95 % band. Smooth line: the fitted law."
    found = axes(Heading("survival", f"Share still {what} by days", told), curve.since, longest, 1.0, "days")
    # a picture shows no more steps than it has pixels
    shown = np.unique(np.linspace(0, len(curve.ages) - 1, STEPS).round().astype(int))
    ages = np.repeat(np.concatenate([[curve.since], curve.ages[shown], [longest]]), 2)[1:-1]
    steps = [np.repeat(np.concatenate([[1.0], share[shown]]), 2) for share in (curve.share, curve.low, curve.high)]
    found.band(ages, steps[1], steps[2])
    found.line(ages, steps[0], "line")
    smooth = np.linspace(curve.since, longest, POINTS)
    found.line(smooth, model.survival(smooth) / model.survival(np.array([curve.since])), "law")
    return written(found.picture)


def back_test_picture(test: BackTest, what: str) -> str:
    """Return the counts that were foretold as steps with a band, and those that came as points."""
    told = f"{test.inside} of {len(test.actual)} periods lie in their 95 % interval; the table below has the numbers."
    top = max(float(test.high.max()), float(test.actual.max()), 1.0)
    heading = Heading("back-test", f"{what} per period: foretold and real", told)
    found = axes(heading, float(test.edges[0]), float(test.edges[-1]), top, "days since the first record")
    days = np.repeat(test.edges, 2)[1:-1]
    found.band(days, np.repeat(test.low, 2), np.repeat(test.high, 2))
    found.line(days, np.repeat(test.mean, 2), "law")
    for start, end, count, low, high in zip(
        test.edges[:-1], test.edges[1:], test.actual, test.low, test.high, strict=True
    ):
        kind = "came" if low <= count <= high else "came outside"
        found.point(0.5 * (start + end), count, kind, f"{count:g} came, {low:g} to {high:g} foretold")
    return written(found.picture)


def rates_picture(rates: Rates, fitted: WeibullRates | None, number: int) -> str:
    """Return the rates of a group as points, and the Weibull over them."""
    told = "Points: the rates of the table. Line: the Weibull that is nearest to them, where one can be right."
    heading = Heading(f"rates-{number}", f"{rates.group}: share in use by age", told)
    found = axes(heading, 0.0, float(rates.ages[-1]), max(1.0, float(rates.rates.max())), "years")
    if fitted is not None:
        ages = np.linspace(0.0, float(rates.ages[-1]), POINTS)
        found.line(ages, survival(ages, fitted.scale, fitted.shape), "law")
    for age, rate in zip(rates.ages, rates.rates, strict=True):
        found.point(age, rate, "came outside" if rate > 1.0 else "came", f"age {age:g}: {rate:.3f}")
    return written(found.picture)
