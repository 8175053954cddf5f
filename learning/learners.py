"""The learners of a scenario file by their word. What is heavy comes with the learner that needs it."""

from __future__ import annotations

from learning.config import Collaboration
from learning.learner import Learner
from learning.logistic import Logistic
from learning.mlp import Network
from learning.ridge import Linear


def learner_of(collaboration: Collaboration) -> Learner:
    """Return the learner that a scenario asks for, with the scenario's numbers."""
    match collaboration.learner:
        case "linear":
            return Linear(ridge=collaboration.ridge)
        case "mlp":
            return Network.of(collaboration.network)
        case _:
            return Logistic(rounds=collaboration.rounds, ridge=collaboration.ridge)
