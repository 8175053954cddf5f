"""Figures worked out again by other means: from the terms that they print, and from the rows of a run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from sim.figure import SUM, Term


def again(formula: str, terms: Iterable[Term]) -> float:
    """Return what a formula gives over its printed terms, read as arithmetic; nan for a division by zero."""
    named = {term.name: term.value for term in terms}
    if formula == SUM:
        return math.fsum(named.values())
    try:
        return float(eval(formula, {"__builtins__": {}, "min": min, "max": max}, named))  # noqa: S307 - our own text
    except ZeroDivisionError:
        return math.nan


def differ(one: float, other: float, scale: float = 1.0) -> bool:
    """Whether two values differ by more than rounding; two that are undefined do not."""
    if math.isnan(one) and math.isnan(other):
        return False
    return not abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other), scale)


def scale_of(terms: Iterable[Term]) -> float:
    """Return the size of what was added up, by which the rounding of a sum is judged."""
    return math.fsum(abs(term.value) for term in terms if math.isfinite(term.value))


def wrong(figures: Mapping[str, tuple[float, str, Iterable[Term]]]) -> list[str]:
    """Return the figures, given as value, formula and terms, that are not what their terms give."""
    return [
        name
        for name, (value, formula, terms) in figures.items()
        if differ(value, again(formula, terms), scale_of(terms))
    ]
