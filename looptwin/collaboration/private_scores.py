"""A party scores its cores on a model that it may not see: `learned.score_privately`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from looptwin.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from learning.arrays import FloatArray
    from learning.features import Feature
    from learning.inference.answers import Answers
    from learning.inference.score import PrivateScores
    from learning.learned import Learned

FEDERATION = "federation"
"""Who holds the common model: all sites that trained it."""
LINEAR = ("logistic", "linear")
"""Learners whose prediction follows from one weighted sum of features."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How cores are asked about."""

    asker: str
    """Who holds the features."""
    modeller: str = FEDERATION
    """Whose model: the common one of the federation, or a site's own."""
    tell: Literal["decision", "score"] = "decision"
    """What the asker learns of each core: whether its prediction reaches `at`, or the prediction."""
    way: Literal["encrypted_features", "encrypted_model"] = "encrypted_features"
    """Which of the two travels encrypted."""
    at: float | None = None
    """Prediction at which a decision turns: a probability, default 0.5, or a number in the label's unit, default 0."""


@dataclass(frozen=True, eq=False)
class Scored:
    """What the asker came to know, and what crossed for it."""

    decisions: tuple[bool, ...] | None
    """Whether the prediction of each core reaches the line, where decisions were asked for."""
    predictions: FloatArray | None
    """Float[cores], where predictions were asked for: probabilities, or numbers in the label's unit."""
    answer: PrivateScores

    @property
    def statement(self) -> str:
        """Who can read what, in one sentence."""
        return self.answer.statement

    @property
    def crossings(self) -> pd.DataFrame:
        """What crossed a border for it, in the columns of `Run.crossings`."""
        import pandas as pd

        rows = [asdict(crossing) for crossing in self.answer.crossings]
        return pd.DataFrame([{**row, "readable_by": ", ".join(row["readable_by"])} for row in rows])


def scored(
    learned: Learned, features: Mapping[str, Any], asked: Asked, scales: Sequence[Feature], answers: Answers
) -> Scored:
    """Return what the asker learns of its cores.

    features: a column of numbers, in its own unit, for each feature of the model. scales: those that the model was
    trained on. answers: what was told of the models so far. Raises UserError for what does not fit the model, and for
    more than may still be told of it; nothing is counted then.
    """
    from learning.faults import ProtectionError
    from learning.features import scaled
    from learning.inference.score import Question, score

    weights = _weights(learned, asked.modeller)
    x = scaled(_matrix(learned, features), scales)
    try:
        question = Question(way=asked.way, tell=asked.tell, threshold=_threshold(learned, asked.at))
        found = score(
            x,
            weights,
            asker=asked.asker,
            modeller=asked.modeller,
            question=question,
            day=learned.day,
            answers=answers,
        )
    except (ProtectionError, ValueError) as refused:
        raise UserError(f"score_privately: {refused}") from refused
    told = None if found.scores is None else _predictions(learned, found.scores)
    return Scored(found.decisions, told, found)


def _weights(learned: Learned, modeller: str) -> FloatArray:
    if learned.learner.word not in LINEAR:
        raise UserError(
            f"score_privately: learner {learned.learner.word!r} predicts by no single weighted sum; "
            f"{' and '.join(LINEAR)} do"
        )
    known = dict(learned.alone) | ({} if learned.federated is None else {FEDERATION: learned.federated})
    if modeller not in known:
        raise UserError(f"score_privately: modeller {modeller!r} has no model; {', '.join(sorted(known))} have")
    return known[modeller]


def _matrix(learned: Learned, features: Mapping[str, Any]) -> FloatArray:
    if missing := [name for name in learned.names if name not in features]:
        raise UserError(f"score_privately: no column {', '.join(map(repr, missing))} among the features")
    columns = [_column(name, features[name]) for name in learned.names]
    if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1 or not len(columns[0]):
        raise UserError("score_privately: features must be columns of one length, of one core or more")
    if wrong := [name for name, column in zip(learned.names, columns, strict=True) if not np.isfinite(column).all()]:
        raise UserError(f"score_privately: {', '.join(map(repr, wrong))}: a finite number for each row, none missing")
    return np.column_stack(columns)


def _column(name: str, values: Any) -> FloatArray:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise UserError(f"score_privately: {name!r}: a column of numbers") from None


def _threshold(learned: Learned, at: float | None) -> float:
    if learned.learner.predicts == "number":
        target = learned.target
        return ((0.0 if at is None else at) - target.centre) / target.scale
    chance = 0.5 if at is None else at
    if not 0.0 < chance < 1.0:
        raise UserError(f"score_privately: at must be a probability above 0 and below 1, got {at}")
    return math.log(chance / (1.0 - chance))


def _predictions(learned: Learned, scores: FloatArray) -> FloatArray:
    if learned.learner.predicts == "number":
        return learned.target.in_units(scores)
    # tanh saturates without overflow at both ends
    chances: FloatArray = 0.5 * (1.0 + np.tanh(0.5 * scores))
    return chances
