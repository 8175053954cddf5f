"""What rows can tell apart: features without a weight, and features whose weight says little beside the others'.

Who may know it is another matter. What follows from the opened sums is known to all who open them. What a party finds
in its own rows stays with it: that a column does not vary there is a fact about its rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from learning.arrays import FloatArray
from learning.linear import Gram, Solved, centred, residual_squares
from learning.quantise import FRACTION_BITS

NEARLY = 10.0
"""Variance inflation from which a feature is said to follow nearly from the others: Marquardt 1970."""

PROMISED = 1e-6
"""Relative error of a figure that is not worth a word."""

WHY = (
    "because a column hardly varies on its public range, or next to nothing is left unexplained; "
    "take a constant off the column"
)

HOLD = "predictions hold"
"""What is said of models with features that follow nearly from one another."""

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


def grid_error(parties: int, enlarged: float) -> float:
    """Return how far rounding to the grid moves a sum over all parties at most. enlarged: of `ranges.gain`."""
    return parties * 2.0 ** -(FRACTION_BITS + 1) / enlarged


def relative_error(sums: Gram, solved: Solved, off: float) -> float:
    """Return how far, relatively, a sum of squares that a metric is made of may be off.

    off: how far each number of `sums` may be. A bound, to first order: the residual squares of given weights are linear
    in the sums. Infinite where nothing is left to be off from.
    """
    about = centred(sums)
    errors = (
        (residual_squares(sums, solved.weights), off * (1.0 + float(np.abs(solved.weights).sum())) ** 2),
        (about.squares, off * (1.0 + abs(about.mean_y)) ** 2),
    )
    return max(error / squares if squares > 0.0 else math.inf for squares, error in errors)


def inexact(fitted: Mapping[str, tuple[Gram, Solved]], off: float, promised: float = PROMISED) -> tuple[str, ...]:
    """Return a sentence about each model whose figures may be off by more than is promised."""
    found = {model: relative_error(sums, solved, off) for model, (sums, solved) in fitted.items()}
    return tuple(f"{model}: figures {_told(error)}, {WHY}" for model, error in found.items() if error > promised)


def _told(error: float) -> str:
    return f"may be off by a share of {error:.0e}" if error < 1.0 else "cannot be told from rounding"


def rank(solved: Solved) -> int:
    """Return how many features the rows can tell apart."""
    return solved.parameters - 1


def remarks(fitted: Mapping[str, tuple[Gram, Solved]], names: Sequence[str]) -> tuple[str, ...]:
    """Return what is to be said of features that have no weight, or one that says little, in any model.

    fitted: sums and weights of each model by its name. A sentence names the models unless it holds in all or in many.
    """
    without: dict[str, list[str]] = {}
    nearly: dict[str, list[str]] = {}
    for model, (sums, solved) in fitted.items():
        for sentence in solved.remarks(names):
            without.setdefault(sentence, []).append(model)
        for name in _nearly(sums, solved, names):
            nearly.setdefault(name, []).append(model)
    told = [f"{sentence}{_where(models, len(fitted))}" for sentence, models in without.items()]
    return (*told, *_told_together(nearly, len(fitted)))


def _told_together(nearly: Mapping[str, list[str]], of: int) -> Iterator[str]:
    """Yield one sentence for all features that follow nearly from the others in the same models."""
    alike: dict[str, list[str]] = {}
    for name, models in nearly.items():
        alike.setdefault(_where(models, of), []).append(repr(name))
    for where, found in alike.items():
        *others, last = found
        if others:
            listed = f"{', '.join(others)} and {last}"
            yield f"{listed} follow nearly from the others: {HOLD}, their weights say little{where}"
        else:
            yield f"{last} follows nearly from the others: {HOLD}, its weight alone says little{where}"


def _where(models: list[str], of: int) -> str:
    if len(models) == of:
        return ""
    return f" ({', '.join(models) if len(models) <= FEW else f'{len(models)} of {of} models'})"


def _nearly(sums: Gram, solved: Solved, names: Sequence[str]) -> list[str]:
    told = np.nan_to_num(inflation(sums, solved)) >= NEARLY
    return [name for name, nearly in zip(names, told.tolist(), strict=True) if nearly]
