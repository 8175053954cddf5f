"""Public ranges of columns, to which every party scales its rows before it adds anything up.

Each party says between which powers of two each of its columns lies, and below which power of two its number of rows,
in clear: that is all that is announced. The widest range of all parties is the common one, and a transformed range is
the range of the transformed column.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from learning.arrays import FloatArray
from learning.quantise import FRACTION_BITS, budget_steps
from learning.regression.rows import Rows
from learning.regression.transforms import Model, box_cox


class Range(NamedTuple):
    """Bounds of a column: powers of two with a sign, or 0."""

    lowest: float
    highest: float


class Scale(NamedTuple):
    """What is subtracted from a transformed column, and what it is divided by; the rest lies within -1 to 1."""

    middle: float
    half: float


class Ranges(NamedTuple):
    """The ranges of all columns, as one party announces them or as all agree on them."""

    features: tuple[Range, ...]
    target: Range
    rows: float = 1.0
    """Power of two that no party's number of rows exceeds."""


def announced(rows: Rows) -> Ranges:
    """Return the powers of two between which each of a party's columns lies."""
    features = tuple(_range(rows.x[:, at]) for at in range(len(rows.names)))
    return Ranges(features, _range(rows.y), _outward(float(len(rows)), 1))


def agreed(ranges: Iterable[Ranges]) -> Ranges:
    """Return the narrowest ranges that hold those of all parties."""
    told = list(ranges)
    features = zip(*(one.features for one in told), strict=True)
    rows = max(one.rows for one in told)
    return Ranges(tuple(_widest(one) for one in features), _widest([one.target for one in told]), rows)


def gain(of: Ranges, parties: int) -> float:
    """Return by which power of two sums over rows are multiplied before they are rounded to the grid.

    A scaled column lies within -1 to 1, so that no sum of a party exceeds its rows: what the grid's range has left over
    goes into its step.
    """
    return 2.0 ** math.floor(math.log2(budget_steps(parties)) - FRACTION_BITS - 1 - math.log2(of.rows))


def refuse_powers(rows: Rows, models: Iterable[Model]) -> None:
    """Raise ValueError naming party and column where a model would transform a value that is not above 0."""
    for model in models:
        columns = dict(zip(rows.names, rows.x.T, strict=True)) if model.on_features is not None else {}
        columns |= {rows.target: rows.y} if model.on_target is not None else {}
        for name, values in columns.items():
            if values.min() <= 0.0:
                raise ValueError(
                    f"{model.name} takes powers of {name!r}, and {rows.party!r} holds values that are not above 0"
                )


def scale(of: Range, power: float | None) -> Scale:
    """Return the public scale of a column of this range after its transform."""
    low, high = box_cox(np.array(of, dtype=np.float64), power).tolist()
    return Scale((low + high) / 2.0, (high - low) / 2.0 or 1.0)


def standardised(values: FloatArray, of: Range, power: float | None) -> FloatArray:
    """Return transformed values on their public scale."""
    on = scale(of, power)
    scaled: FloatArray = (box_cox(values, power) - on.middle) / on.half
    return scaled


def _range(values: FloatArray) -> Range:
    lowest, highest = _outward(float(values.min()), -1), _outward(float(values.max()), 1)
    if lowest < highest:
        return Range(lowest, highest)
    return Range(2.0 * lowest, highest) if lowest < 0.0 else Range(lowest, 2.0 * highest)


def _outward(value: float, direction: int) -> float:
    """Return the next signed power of two at or beyond a value in a direction."""
    if value == 0.0:
        return 0.0
    up = (value > 0.0) == (direction > 0)
    exponent = math.log2(abs(value))
    return math.copysign(2.0 ** (math.ceil(exponent) if up else math.floor(exponent)), value)


def _widest(ranges: Sequence[Range]) -> Range:
    return Range(min(one.lowest for one in ranges), max(one.highest for one in ranges))
