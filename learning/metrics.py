"""How good predictions are: probabilities against 0/1 labels, numbers against numbers. None where undefined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from learning.arrays import FloatArray

Figures: TypeAlias = dict[str, float | None]
"""Figures by name."""


def auc(y: FloatArray, probability: FloatArray) -> float | None:
    """Return the probability that a random 1 is ranked above a random 0, ties counting half; None with one class.

    Source: the rank-sum statistic of Mann and Whitney (1947), with mean ranks for ties.
    """
    positives = int(np.sum(y == 1))
    negatives = len(y) - positives
    if positives == 0 or negatives == 0:
        return None
    _, place, count = np.unique(probability, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(count) - 0.5 * (count - 1)
    rank_sum = float(np.sum(mean_rank[place][y == 1]))
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def accuracy(y: FloatArray, probability: FloatArray) -> float | None:
    """Return the share of rows whose label is the more probable one; one half counts as 1."""
    return float(np.mean((probability >= 0.5) == (y == 1))) if len(y) else None


def majority(y: FloatArray) -> float | None:
    """Return the accuracy of always naming the more frequent label."""
    return float(max(np.mean(y), 1.0 - np.mean(y))) if len(y) else None


def lift(y: FloatArray, probability: FloatArray) -> float | None:
    """Return accuracy above always naming the more frequent label."""
    reached, floor = accuracy(y, probability), majority(y)
    return None if reached is None or floor is None else reached - floor


def log_loss(y: FloatArray, probability: FloatArray) -> float | None:
    """Return the mean negative log-likelihood in nats; probabilities are held 1e-15 from 0 and 1."""
    if not len(y):
        return None
    held = np.clip(probability, 1e-15, 1.0 - 1e-15)
    return float(-np.mean(y * np.log(held) + (1.0 - y) * np.log1p(-held)))


def brier(y: FloatArray, probability: FloatArray) -> float | None:
    """Return the mean squared difference of probability and label. Source: Brier (1950)."""
    return float(np.mean((probability - y) ** 2)) if len(y) else None


def r2(y: FloatArray, predicted: FloatArray) -> float | None:
    """Return the share of the variance of y that is predicted, below 0 where its mean predicts better.

    None where y does not vary.
    """
    around_mean = float(np.sum((y - np.mean(y)) ** 2)) if len(y) else 0.0
    return 1.0 - float(np.sum((y - predicted) ** 2)) / around_mean if around_mean > 0.0 else None


def rmse(y: FloatArray, predicted: FloatArray) -> float | None:
    """Return the root of the mean squared error, in the unit of y."""
    return float(np.sqrt(np.mean((y - predicted) ** 2))) if len(y) else None


_FIGURES: Mapping[str, Mapping[str, Callable[[FloatArray, FloatArray], float | None]]] = MappingProxyType(
    {"probability": {"AUC": auc, "log loss": log_loss, "Brier": brier}, "number": {"R2": r2, "RMSE": rmse}}
)
"""Figures by what is predicted, the main one first."""


def figures(predicts: str, y: FloatArray, predicted: FloatArray) -> Figures:
    """Return all figures of predictions of a kind, `probability` or `number`."""
    return {name: figure(y, predicted) for name, figure in _FIGURES[predicts].items()}


def main_figure(predicts: str) -> str:
    """Return the name of the figure that models of a kind are compared by."""
    return next(iter(_FIGURES[predicts]))
