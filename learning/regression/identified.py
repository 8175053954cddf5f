"""What rows can tell apart: features without a weight, and features whose weight says little beside the others'.

Who may know it is another matter. What follows from the opened sums is known to all who open them. What a party finds
in its own rows stays with it: that a column does not vary there is a fact about its rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from learning.arrays import FloatArray
from learning.linear import Gram, Solved, centred, residual_squares
from learning.quantise import FRACTION_BITS

NEARLY = 10.0
"""Variance inflation from which a feature is said to follow nearly from the others: Marquardt 1970."""

PROMISED = 1e-6
"""Relative error of a figure that is not worth a word."""

FEW = 3
"""Models that a sentence names; of more it gives the number."""


def inflation(sums: Gram, solved: Solved) -> FloatArray:
    """Return how much larger the variance of each weight is than if the other features were unrelated to it.

    Float[features], 1 or more; nan for a feature without a weight. Source: D. W. Marquardt, "Generalized inverses,
    ridge regression, biased linear estimation, and nonlinear estimation" (1970).
    """
    found = np.full(sums.features, np.nan)
    kept = [at for at in range(sums.features) if at not in (*solved.constant, *solved.collinear)]
    if kept:
        spread = centred(sums).spread[np.ix_(kept, kept)]
        scale = 1.0 / np.sqrt(np.diag(spread))
        found[kept] = np.diag(np.linalg.inv(spread * np.outer(scale, scale)))
    return found


def grid_error(sums: Gram, solved: Solved, parties: int, enlarged: float) -> float:
    """Return how far, relatively, rounding to the grid may have moved a sum of squares that a metric is made of.

    A bound, to first order: each opened number is off by half a step for each party, and the residual squares of given
    weights are linear in them. enlarged: of `ranges.gain`. Infinite where nothing is left to be off from.
    """
    half = parties * 2.0 ** -(FRACTION_BITS + 1) / enlarged
    about = centred(sums)
    off = (
        (residual_squares(sums, solved.weights), half * (1.0 + float(np.abs(solved.weights).sum())) ** 2),
        (about.squares, half * (1.0 + abs(about.mean_y)) ** 2),
    )
    return max(error / squares if squares > 0.0 else math.inf for squares, error in off)


def inexact(fitted: Mapping[str, tuple[Gram, Solved]], parties: int, enlarged: float) -> tuple[str, ...]:
    """Return a sentence about each model whose figures the grid may have moved by more than a millionth."""
    found = {model: grid_error(sums, solved, parties, enlarged) for model, (sums, solved) in fitted.items()}
    return tuple(
        f"{model}: figures are exact to {error:.0e} at best, because a column hardly varies on its public range, or "
        "the model leaves next to nothing unexplained; take a constant off the column"
        for model, error in found.items()
        if error > PROMISED
    )


def rank(solved: Solved) -> int:
    """Return how many features the rows can tell apart."""
    return solved.parameters - 1


def remarks(fitted: Mapping[str, tuple[Gram, Solved]], names: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence about each feature that has no weight, or one that says little, in any model.

    fitted: sums and weights of each model by its name. A sentence names the models unless it holds in all or in many.
    """
    holds: dict[str, list[str]] = {}
    for model, (sums, solved) in fitted.items():
        for sentence in (*solved.remarks(names), *_nearly(sums, solved, names)):
            holds.setdefault(sentence, []).append(model)
    return tuple(f"{sentence}{_where(models, len(fitted))}" for sentence, models in holds.items())


def _where(models: list[str], of: int) -> str:
    if len(models) == of:
        return ""
    return f" ({', '.join(models) if len(models) <= FEW else f'{len(models)} of {of} models'})"


def _nearly(sums: Gram, solved: Solved, names: Sequence[str]) -> list[str]:
    told = np.nan_to_num(inflation(sums, solved)) >= NEARLY
    return [
        f"{name!r} follows nearly from the others: predictions hold, its weight alone says little"
        for name, nearly in zip(names, told.tolist(), strict=True)
        if nearly
    ]
