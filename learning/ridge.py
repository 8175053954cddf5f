"""Ridge regression in one round: `learning.linear` as a learner. What is sealed is all that least squares needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from learning import linear
from learning.arrays import FloatArray
from learning.learner import Predicts


@dataclass(frozen=True, kw_only=True)
class Linear:
    """A number for each row; weights Float[1 + features], the intercept first. A federation equals pooled rows.

    The opened sum gives everybody the second moments of all rows together, not only the model.
    """

    ridge: float
    """Half of it times the squared weights, the intercept's left out, is added to half of the squared errors."""

    word: ClassVar[str] = "linear"
    content: ClassVar[str] = "Gram matrix of the features, cross moments with the label, and number of rows"
    released: ClassVar[str] = "sum of Gram matrices, cross moments and numbers of rows"
    predicts: ClassVar[Predicts] = "number"
    rounds: ClassVar[int] = 1

    def init(self, features: int, seed: int | None = None) -> FloatArray:
        """Return weights of zero; nothing is drawn."""
        return np.zeros(1 + features)

    def numbers(self, features: int) -> int:
        """Return how many numbers an update holds."""
        return linear.numbers(features)

    def update(self, state: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
        """Return the sums of products of the rows, whatever the state."""
        return linear.flatten(linear.gram(x, y))

    def apply(self, state: FloatArray, total: FloatArray) -> FloatArray:
        """Return the best weights of all rows."""
        return linear.solve(linear.unflatten(total, len(state) - 1), self.ridge).weights

    def weights(self, state: FloatArray) -> FloatArray:
        """Return the weights, the intercept first."""
        return state

    def predict(self, weights: FloatArray, x: FloatArray) -> FloatArray:
        """Return what the weights say of each row."""
        return linear.predict(weights, x)

    def promised(self, weights: FloatArray, x: FloatArray, y: FloatArray) -> float:
        """Return 0: one round is all that there is to learn."""
        return 0.0
