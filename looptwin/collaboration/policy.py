"""The disposition that a learned model takes: predict, let the judge check, then decide or leave it to the rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from learning.arrays import FloatArray
from learning.features import Target, scaled
from learning.learner import Learner
from looptwin.collaboration.sites import FEATURES, NAMES
from sim.parties.agreed import DispositionRule
from sim.parties.decisions import Answer, View
from verify.verifier import Claims, Verifier


@dataclass(frozen=True, eq=False)
class LearnedDisposition:
    """A callable for `decide={"dismantler.disposition": ...}`: sees its party's view of one core, nothing else.

    weights: a model for each party that has one. learner: what reads it. target: what it predicts; a probability
    decides by the rule's two thresholds, a number by its sign. verifier: judges each prediction; None takes predictions
    as they come. can_test: whether there is a tester for what lies between the thresholds. A prediction that is not
    verified, a party without a model, and what cannot be tested are left to the scenario's own rule.
    """

    weights: Mapping[str, FloatArray]
    learner: Learner
    target: Target
    rule: DispositionRule
    verifier: Verifier | None
    can_test: bool = True

    by: ClassVar[str] = "learned"
    """Who took a decision, as the table of decisions says it."""

    def __call__(self, view: View) -> Answer:
        weights = self.weights.get(str(view["party"]))
        if weights is None:
            return Answer(None)
        x = np.array([[float(view[name]) for name in NAMES]])
        prediction = float(self.target.in_units(self.learner.predict(weights, scaled(x, FEATURES)))[0])
        if self.verifier is None:
            return Answer(self._answer(prediction), prediction)
        verdicts = self.verifier.verify(Claims(names=[str(view["unit"])], x=x, prediction=np.array([prediction])))
        if not bool(verdicts.verified[0]):
            return Answer(None, prediction, "unverified")
        return Answer(self._answer(prediction), prediction, "verified")

    def _answer(self, prediction: float) -> str | None:
        if self.learner.predicts == "number":
            return "reman" if prediction > 0.0 else self.rule.rejected
        if prediction >= self.rule.accept_above:
            return "reman"
        if prediction < self.rule.reject_below:
            return self.rule.rejected
        return "test" if self.can_test else None
