"""A party scores its cores on a model that it may not see, and its holder sees no core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from learning.arrays import FloatArray
from learning.crossings import Crossing, crossing
from learning.crypto.envelope import ChannelKey
from learning.faults import ProtectionError
from learning.features import CLIP
from learning.inference.answers import Answers, Told
from learning.inference.ends import ALLOWANCE, Asker, Modeller
from learning.inference.scale import Agreement, reached, whole_model
from learning.protected import CUSTODY, UNAUDITED
from learning.releases import Released

Way: TypeAlias = Literal["encrypted_features", "encrypted_model"]
_TOLD = {
    "decision": "{asker} learns of each core whether it reaches the threshold, {modeller} how many were asked about",
    "score": "{asker} learns of each core its score, {modeller} how many were asked about; as many scores as the model "
    "has weights give the weights away",
}
_WAYS = {
    "encrypted_features": "features travel under {asker}'s key",
    "encrypted_model": "the model travels under {modeller}'s key",
}
LIMITS = (
    "both sides keep to the protocol; an asker that chooses its cores learns the model from some 20 decisions a weight"
)
UNCOUNTED = "no count is kept from one call to the next"
COUNTED = "of this model {limit} bits at most are told over all calls and askers, {left} are left"


@dataclass(frozen=True, kw_only=True)
class Question:
    """How cores are asked about."""

    way: Way = "encrypted_features"
    """Which of the two travels encrypted."""
    tell: Told = "decision"
    """What the asker learns."""
    threshold: float = 0.0
    """Score at which a decision turns; of a logistic model a logit."""
    reach: float | Sequence[float] = CLIP
    """Largest magnitude of each feature."""
    allowance: int = ALLOWANCE
    """How many cores the modeller answers for in this call, which bounds its work."""

    def __post_init__(self) -> None:
        if self.way not in _WAYS:
            raise ValueError(f"way: {self.way!r} is not one of {', '.join(_WAYS)}")
        if self.tell not in _TOLD:
            raise ValueError(f"tell: {self.tell!r} is not one of {', '.join(_TOLD)}")


@dataclass(frozen=True, eq=False, kw_only=True)
class PrivateScores:
    """What the asker came to know, what crossed for it, and the margin, which is the modeller's to tell or keep."""

    decisions: tuple[bool, ...] | None
    """Whether each core reaches the threshold, where decisions were asked for."""
    scores: FloatArray | None
    """Float[cores], where scores were asked for."""
    margin: float
    """Where the plaintext score is further than this from the threshold, it decides alike; scores are off by no more.
    Known to the modeller: it tells the sum of the sizes of all weights."""
    statement: str
    """Who can read what."""
    crossings: tuple[Crossing, ...]
    releases: tuple[Released, ...]


def score(
    features: FloatArray,
    weights: FloatArray,
    *,
    asker: str,
    modeller: str,
    question: Question | None = None,
    day: float = 0.0,
    answers: Answers | None = None,
) -> PrivateScores:
    """Return the decisions or scores of `asker`'s cores on `modeller`'s linear model.

    features: Float[cores, features], each at most its reach. weights: Float[1 + features], the intercept first.
    answers: counts what is told of this model over all calls that are given the same; without it nothing counts.

    A decision is exact in the whole numbers that features and weights are rounded to. Raises ProtectionError naming who
    gave what does not fit, and for too many cores or answers; nothing is told and nothing counted then.
    """
    how = question or Question()
    values = np.asarray(features, dtype=np.float64)
    if values.ndim != 2:
        raise ProtectionError(f"{asker!r}: features must be Float[cores, features], got {values.shape}", (asker,))
    agreement = Agreement(asker, modeller, reached(how.reach, values.shape[1]))
    model = whole_model(weights, how.threshold, agreement)
    channel = ChannelKey()
    talk = _Talk(Asker(agreement, channel), Modeller(agreement, model, channel, how.allowance), day)
    found = talk.counted(values, how, answers)
    counted = _counted(answers, modeller, len(weights))
    said = f"{_TOLD[how.tell]}; {_WAYS[how.way]}; {LIMITS}; {counted}".format(asker=asker, modeller=modeller)
    return PrivateScores(
        decisions=tuple(bool(one) for one in found) if how.tell == "decision" else None,
        scores=np.array(found, dtype=np.float64) * model.step + how.threshold if how.tell == "score" else None,
        margin=model.margin,
        statement=f"{said} ({UNAUDITED}); {CUSTODY}",
        crossings=tuple(talk.crossings),
        releases=(
            Released(
                day=day,
                what=f"a {how.tell} for each core asked about",
                parties=(asker, modeller),
                known_to=(asker,),
                round=0,
                numbers=len(found),
            ),
        ),
    )


def _counted(answers: Answers | None, modeller: str, weights: int) -> str:
    if answers is None:
        return UNCOUNTED
    return COUNTED.format(limit=answers.limit(weights), left=answers.left(modeller, weights))


class _Talk:
    """One question and its answer: what each side says, in turn."""

    def __init__(self, asker: Asker, modeller: Modeller, day: float) -> None:
        self.asker, self.modeller, self.day = asker, modeller, day
        self.crossings: list[Crossing] = []

    def counted(self, features: FloatArray, how: Question, answers: Answers | None) -> list[bool] | list[int]:
        """Return what the asker comes to know; counted first, and not counted where nothing is answered."""
        own, weights = self.modeller.own, 1 + features.shape[1]
        bits = 0 if answers is None else answers.count(self.asker.own, own, weights, len(features), how.tell)
        try:
            return self.decisions(features, how.way) if how.tell == "decision" else self.scores(features, how.way)
        except Exception:
            if answers is not None and not self.modeller.answered:
                answers.taken_back(own, bits)
            raise

    def decisions(self, features: FloatArray, way: Way) -> list[bool]:
        asker, modeller = self.asker, self.modeller
        if way == "encrypted_features":
            sent = self._asks("features", asker.features(features, 1), "sealed features")
            asker.masked(self._answers("masked", modeller.masked(sent, 1), "masked scores"), 1)
        else:
            self._products(features)
        choice = self._asks("choice", asker.choice(1), "sealed choice of labels")
        circuits = modeller.circuits(choice, 1)
        return asker.decisions(self._answers("circuits", circuits, "garbled comparisons", ()), 1)

    def scores(self, features: FloatArray, way: Way) -> list[int]:
        asker, modeller = self.asker, self.modeller
        if way == "encrypted_features":
            sent = self._asks("features", asker.features(features, 1), "sealed features")
            return asker.scores(self._answers("scores", modeller.scores(sent, 1), "sealed scores"), 1)
        self._products(features)
        return asker.unmasked(self._answers("opened", modeller.opened(1), "masked scores"), 1)

    def _products(self, features: FloatArray) -> None:
        asker, modeller = self.asker, self.modeller
        asker.model(self._answers("model", modeller.model(), "sealed model", ()))
        sent = self._asks("products", asker.products(features, 1), "sealed masked scores", (modeller.own,))
        modeller.products(sent, 1)

    def _asks(self, purpose: str, wire: bytes, content: str, readers: tuple[str, ...] = ()) -> bytes:
        asker, modeller = self.asker.own, self.modeller.own
        self.crossings.append(crossing(self.day, asker, modeller, purpose, len(wire), readers, content))
        return wire

    def _answers(self, purpose: str, wire: bytes, content: str, readers: tuple[str, ...] | None = None) -> bytes:
        asker, modeller = self.asker.own, self.modeller.own
        who = (asker,) if readers is None else readers
        self.crossings.append(crossing(self.day, modeller, asker, purpose, len(wire), who, content))
        return wire
