"""The learners of a scenario file by their word. What is heavy comes with the learner that needs it."""

from __future__ import annotations

from learning.config import Collaboration
from learning.learner import Learner, Predicts
from learning.logistic import Logistic
from learning.mlp import Network
from learning.ridge import Linear


def learner_of(collaboration: Collaboration, predicts: Predicts = "probability") -> Learner:
    """Return the learner that a scenario asks for, with the scenario's numbers.

    predicts: what a learner that can do both is to predict; `linear` always gives a number, `logistic` a probability.
    """
    match collaboration.learner:
        case "linear":
            return Linear(ridge=collaboration.ridge)
        case "mlp":
            return Network.of(collaboration.network, predicts)
        case _:
            return Logistic(rounds=collaboration.rounds, ridge=collaboration.ridge)
