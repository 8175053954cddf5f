"""A small neural network by federated averaging: sites take local steps, and the mean of their changes is the step.

A site starts from the common weights, takes some steps of gradient descent on all of its rows, holds the change to a
length that everybody knows, and sends it times its number of cores. The opened sum over the opened count is the mean
over all cores. With one local step that holds nothing back this is gradient descent on the pooled rows.

The training is JAX and equinox (`learning.network`), imported when somebody trains; predictions are NumPy, because a
decision looks at one core.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from learning.arrays import FloatArray
from learning.config import Mlp
from learning.learner import Predicts
from learning.models import sigmoid

if TYPE_CHECKING:
    from learning.network import Loss


@dataclass(frozen=True, kw_only=True)
class Network:
    """Probability of label 1, or a number, by one hidden layer of tanh units.

    Weights are Float[hidden * (features + 2) + 1]: into the hidden units row by row, their biases, out of them, and the
    last bias. The numbers are those of `learning.config.Mlp`.
    """

    hidden: int
    rounds: int
    local_steps: int
    learning_rate: float
    decay: float
    clip: float
    predicts: Predicts = "probability"

    word: ClassVar[str] = "mlp"

    @classmethod
    def of(cls, section: Mlp, predicts: Predicts = "probability") -> Network:
        """Return the network of a section of a scenario file."""
        return cls(
            hidden=section.hidden,
            rounds=section.rounds,
            local_steps=section.local_steps,
            learning_rate=section.learning_rate,
            decay=section.decay,
            clip=section.clip,
            predicts=predicts,
        )

    @property
    def content(self) -> str:
        """What is in the update of one party."""
        return f"change of weights, held to a length of {self.clip:g}, times number of rows, and that number"

    @property
    def released(self) -> str:
        """What an opened sum is."""
        return "sum of changes of weights times numbers of rows, and of those numbers"

    def init(self, features: int, seed: int | None) -> FloatArray:
        """Return the weights before the first round, drawn from `seed` alone. Raises ValueError without one."""
        if seed is None:
            raise ValueError("mlp draws its first weights, so it needs a seed")
        from learning.network import initial, key_of

        return initial(key_of(seed), features, self.hidden)

    def numbers(self, features: int) -> int:
        """Return how many numbers an update holds."""
        return self.hidden * (features + 2) + 2

    def update(self, state: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
        """Return the change that the local steps made, times the number of rows, and that number.

        Raises ValueError where the steps grow without bound.
        """
        from learning.network import descended

        after = descended(
            state,
            x,
            y,
            self._loss,
            hidden=self.hidden,
            steps=self.local_steps,
            rate=self.learning_rate,
            decay=self.decay,
        )
        if not np.isfinite(after).all():
            raise ValueError(
                f"mlp: local steps do not come to an end at learning_rate {self.learning_rate:g}; lower it"
            )
        return np.concatenate([len(y) * held(after - state, self.clip), [float(len(y))]])

    def apply(self, state: FloatArray, total: FloatArray) -> FloatArray:
        """Return the weights after the mean change over all cores."""
        after: FloatArray = state + total[:-1] / total[-1]
        return after

    def weights(self, state: FloatArray) -> FloatArray:
        """Return the weights."""
        return state

    def predict(self, weights: FloatArray, x: FloatArray) -> FloatArray:
        """Return the probability of label 1, or the number, for each row."""
        into, bias, out, last = self._layers(weights, x.shape[1])
        given: FloatArray = np.tanh(x @ into.T + bias) @ out + last
        return sigmoid(given) if self.predicts == "probability" else given

    def promised(self, weights: FloatArray, x: FloatArray, y: FloatArray) -> None:
        """Return None: rounds of averaging end where they end, and sites that differ have no common optimum."""

    @property
    def _loss(self) -> Loss:
        return "log loss" if self.predicts == "probability" else "squared error"

    def _layers(self, weights: FloatArray, features: int) -> tuple[FloatArray, FloatArray, FloatArray, float]:
        cuts = np.cumsum([self.hidden * features, self.hidden, self.hidden])
        into, bias, out, last = np.split(weights, cuts.tolist())
        return into.reshape(self.hidden, features), bias, out, float(last[0])


def held(change: FloatArray, longest: float) -> FloatArray:
    """Return a change of weights, shortened to the Euclidean length `longest` where it is longer."""
    length = float(np.linalg.norm(change))
    return change if length <= longest else change * (longest / length)
