"""Logistic regression with a Gaussian prior, as pure functions.

Weights: Float[1 + features], the intercept first. The prior holds every weight, the intercept too, so that a site whose
labels are all alike still has a finite best model. Newton's step on sums over sites is the step on pooled rows, because
gradient and Hessian are sums over rows: a federation loses nothing but the rounding of its grid.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from learning.arrays import FloatArray


class Statistics(NamedTuple):
    """What rows say about the loss at some weights; statistics of joined rows are the sums."""

    gradient: FloatArray
    """Float[1 + features]."""
    hessian: FloatArray
    """Float[1 + features, 1 + features], symmetric."""
    loss: float
    """Negative log-likelihood, nats."""
    n: float
    """Number of rows."""


def init(features: int) -> FloatArray:
    """Return the weights before any training: every probability is one half."""
    return np.zeros(1 + features)


def _design(x: FloatArray) -> FloatArray:
    return np.column_stack([np.ones(len(x)), x])


def sigmoid(logit: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-logit))."""
    # tanh saturates without overflow at both ends
    return 0.5 * (1.0 + np.tanh(0.5 * logit))


def predict(weights: FloatArray, x: FloatArray) -> FloatArray:
    """Return the probability of label 1 for each row of x: Float[cores, features]."""
    return sigmoid(_design(x) @ weights)


def statistics(weights: FloatArray, x: FloatArray, y: FloatArray) -> Statistics:
    """Return gradient, Hessian, loss and count of the rows at `weights`, without the prior."""
    design = _design(x)
    logit = design @ weights
    probability = sigmoid(logit)
    hessian = design.T @ (design * (probability * (1.0 - probability))[:, None])
    loss = float(np.sum(np.logaddexp(0.0, logit) - y * logit))
    return Statistics(design.T @ (probability - y), hessian, loss, float(len(y)))


def objective(weights: FloatArray, loss: float, ridge: float) -> float:
    """Return what training minimises: the loss plus half of `ridge` times the squared weights."""
    return loss + 0.5 * ridge * float(weights @ weights)


def newton_step(weights: FloatArray, sums: Statistics, ridge: float) -> FloatArray:
    """Return the weights after one full Newton step on the objective."""
    gradient = sums.gradient + ridge * weights
    curvature = sums.hessian + ridge * np.eye(len(weights))
    return weights - np.linalg.solve(curvature, gradient)


def numbers(features: int) -> int:
    """Return how many numbers `flatten` gives."""
    width = 1 + features
    return width + width * (width + 1) // 2 + 2


def flatten(value: Statistics) -> FloatArray:
    """Return statistics as one row of numbers; half of the symmetric Hessian is left out."""
    upper = value.hessian[np.triu_indices(len(value.gradient))]
    return np.concatenate([value.gradient, upper, [value.loss, value.n]])


def unflatten(row: FloatArray, features: int) -> Statistics:
    """Return the statistics that `flatten` made the row of."""
    width = 1 + features
    hessian = np.zeros((width, width))
    hessian[np.triu_indices(width)] = row[width:-2]
    hessian = hessian + np.triu(hessian, 1).T
    return Statistics(row[:width], hessian, float(row[-2]), float(row[-1]))
