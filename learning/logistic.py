"""Logistic regression by Newton's method on sums: `learning.models` as a learner.

Each site makes the step itself on the opened sum: the coordinator never learns the model unless the protection is
plain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from learning import models
from learning.arrays import FloatArray
from learning.learner import Predicts

_SLACK = 1e-6
"""Relative rise of the objective that counts as none: the grid's rounding must not look like a step too far."""


@dataclass(frozen=True, eq=False)
class State:
    """Between two rounds: the weights to look at next, and the best looked at so far."""

    weights: FloatArray
    best: FloatArray
    best_objective: float


@dataclass(frozen=True, kw_only=True)
class Logistic:
    """Probability of label 1; weights Float[1 + features], the intercept first. A federation equals pooled rows."""

    rounds: int
    ridge: float
    """Half of it times the squared weights is added to the loss of all labels together."""

    word: ClassVar[str] = "logistic"
    content: ClassVar[str] = "gradient, Hessian, loss and number of labelled cores"
    released: ClassVar[str] = "sum of gradients, Hessians, losses and numbers of labelled cores"
    predicts: ClassVar[Predicts] = "probability"

    def init(self, features: int, seed: int | None = None) -> State:
        """Return the state before the first round; nothing is drawn."""
        start = models.init(features)
        return State(weights=start, best=start, best_objective=float("inf"))

    def numbers(self, features: int) -> int:
        """Return how many numbers an update holds."""
        return models.numbers(features)

    def update(self, state: State, x: FloatArray, y: FloatArray) -> FloatArray:
        """Return gradient, Hessian, loss and count of the rows."""
        return models.flatten(models.statistics(state.weights, x, y))

    def apply(self, state: State, total: FloatArray) -> State:
        """Return the state after a Newton step where the objective fell.

        Where it rose, the last step was too long and is halved.
        """
        sums = models.unflatten(total, len(state.weights) - 1)
        objective = models.objective(state.weights, sums.loss, self.ridge)
        if objective > state.best_objective + _SLACK * (1.0 + abs(state.best_objective)):
            return State(0.5 * (state.weights + state.best), state.best, state.best_objective)
        return State(models.newton_step(state.weights, sums, self.ridge), state.weights, objective)

    def weights(self, state: State) -> FloatArray:
        """Return the weights, the intercept first."""
        return state.weights

    def predict(self, weights: FloatArray, x: FloatArray) -> FloatArray:
        """Return the probability of label 1 for each row."""
        return models.predict(weights, x)

    def promised(self, weights: FloatArray, x: FloatArray, y: FloatArray) -> float:
        """Return half of the squared Newton decrement, nats per row: 0 at the optimum."""
        sums = models.statistics(weights, x, y)
        gradient = sums.gradient + self.ridge * weights
        step = weights - models.newton_step(weights, sums, self.ridge)
        return 0.5 * float(gradient @ step) / sums.n
