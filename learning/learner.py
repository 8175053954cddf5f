"""What a federated learner is: pure functions that make up a training, whoever sums and however it is sealed.

A learner says where it starts, what a site sends about its rows, and what follows from the sum of what all sites sent.
One site alone, pooled rows and a federation run the same functions, so that these columns of a comparison differ by
their data alone. What goes from round to round is the learner's own value and the same at every site.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol

from learning.arrays import FloatArray

Predicts = Literal["probability", "number"]


class Learner(Protocol):
    """Pure functions and the numbers they work with; no state, so that one value serves all sites."""

    @property
    def word(self) -> str:
        """What `collaboration.learner` and `lt.learn(learner=)` call it."""

    @property
    def content(self) -> str:
        """What is in the update of one party."""

    @property
    def released(self) -> str:
        """What an opened sum is."""

    @property
    def predicts(self) -> Predicts:
        """The probability of label 1, or the label as a number."""

    @property
    def rounds(self) -> int:
        """Rounds of a training; each opens one sum."""

    def init(self, features: int, seed: int | None) -> Any:
        """Return the state before the first round, the same at every site.

        seed: of what is drawn, public. Raises ValueError for None where anything is drawn.
        """

    def numbers(self, features: int) -> int:
        """Return how many numbers an update holds."""

    def update(self, state: Any, x: FloatArray, y: FloatArray) -> FloatArray:
        """Return what a site sends about x: Float[cores, features] and y: Float[cores], as Float[numbers]."""

    def apply(self, state: Any, total: FloatArray) -> Any:
        """Return the state after a round whose updates add up to `total`: Float[numbers]."""

    def weights(self, state: Any) -> FloatArray:
        """Return the model of a state as one row of numbers."""

    def predict(self, weights: FloatArray, x: FloatArray) -> FloatArray:
        """Return a prediction for each row of x: Float[cores, features]."""

    def promised(self, weights: FloatArray, x: FloatArray, y: FloatArray) -> float | None:
        """Return how much lower, per row, one more round of these rows expects to bring what a training minimises.

        None for a training that ends where its rounds end and expects nothing.
        """
