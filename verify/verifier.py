"""The judge of predictions: inverse simulation from a core's record, then forward again.

A record is taken back to the health that may be behind it, and forward to the probability of a profit. A prediction too
far from that probability is refused; how far is too far is learnt from honest predictions. The judge never looks at
truth or outcomes. It cannot see a lie that the record tells too.

The distance is taken on probabilities, not on logits: where both are sure, a difference of logits changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from verify.beliefs import Beliefs
from verify.config import Verification
from verify.conformal import Calibration, calibrate, rank_of
from verify.posterior import Floats, Posterior, probability_profitable
from verify.record import FEATURES

if TYPE_CHECKING:
    from verify.forward import Key

_TILE = 64
"""Records judged at a time: their points stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Claims:
    """Predictions about cores, one per row.

    names: of the cores. x: records, (n, 9), columns `verify.record.FEATURES`. prediction: claimed probability that
    remanufacturing the core earns money, (n,). Raises ValueError where these do not fit or are no numbers.
    """

    names: Sequence[str]
    x: Floats
    prediction: Floats

    def __post_init__(self) -> None:
        if self.x.shape != (len(self.names), len(FEATURES)) or self.prediction.shape != (len(self.names),):
            raise ValueError(
                f"{len(self.names)} claims need records of shape ({len(self.names)}, {len(FEATURES)}) and as many "
                f"predictions, got {self.x.shape} and {self.prediction.shape}"
            )
        fits = np.isfinite(self.x).all(axis=1) & (self.prediction >= 0.0) & (self.prediction <= 1.0)
        if not fits.all():
            row = int(np.argmin(fits))
            raise ValueError(
                f"claim about {self.names[row]!r}: a record must be finite and a prediction a probability, "
                f"got {self.x[row].tolist()} and {self.prediction[row]}"
            )


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What the judge says, one row per claim, and on what ground.

    verified: the prediction may be used. score: its distance from `expected`, the judge's own probability. p_value:
    share of honest predictions as far off. Refused is what lies above `threshold`; of honest predictions that is about
    the share `false_alarm_rate`, learnt from `calibration_size` of them.
    """

    names: Sequence[str]
    verified: NDArray[np.bool_]
    score: Floats
    p_value: Floats
    expected: Floats
    threshold: float
    calibration_size: int
    false_alarm_rate: float


@dataclass(frozen=True, eq=False)
class Verifier:
    """A trained and calibrated judge. health: the learned inverse. predictions: what is usual among honest ones."""

    beliefs: Beliefs
    health: Posterior
    predictions: Calibration

    @classmethod
    def fit(cls, beliefs: Beliefs, honest: Claims, verification: Verification, *, key: Key) -> Verifier:
        """Return a judge trained on simulated records and calibrated on honest claims.

        honest: claims of the learner that is to be judged, on records that it was not trained on. Taken from simulated
        records they keep the false-alarm rate only as far as the beliefs are true. Raises CalibrationError when they
        are too few for the rate. The same key gives the same judge.
        """
        import jax

        from verify.forward import sample_records
        from verify.inverse import train_inverse

        rate = verification.false_alarm_rate
        rank_of(len(honest.names), rate)  # too few are refused before the training, not after
        sampler, trainer = jax.random.split(key)
        records = sample_records(beliefs, verification.simulated_records, key=sampler)
        health = Posterior.of(train_inverse(records, key=trainer))
        return cls(beliefs, health, calibrate(_scores(beliefs, health, honest), rate))

    def recalibrated(self, honest: Claims) -> Verifier:
        """Return the same judge for another learner, or for the same after more training: honest claims of its own."""
        scores = _scores(self.beliefs, self.health, honest)
        return replace(self, predictions=calibrate(scores, self.predictions.false_alarm_rate))

    def verify(self, claims: Claims) -> Verdicts:
        """Return the verdicts. Each depends on its own claim only, bit by bit."""
        expected = expected_probability(self.beliefs, self.health, claims.x)
        score, usual = np.abs(claims.prediction - expected), self.predictions
        return Verdicts(
            names=claims.names,
            verified=score <= usual.threshold,
            score=score,
            p_value=usual.p_values(score),
            expected=expected,
            threshold=usual.threshold,
            calibration_size=usual.size,
            false_alarm_rate=usual.false_alarm_rate,
        )


def expected_probability(beliefs: Beliefs, health: Posterior, x: Floats) -> Floats:
    """Return the judge's own probability of a profit, (n,), for records (n, 9): back to health, forward to profit."""
    tiles = [x[start : start + _TILE] for start in range(0, len(x), _TILE)]
    parts = [probability_profitable(beliefs, health.healths(tile), tile[:, -1]) for tile in tiles]
    return np.concatenate(parts) if parts else np.zeros(0)


def _scores(beliefs: Beliefs, health: Posterior, claims: Claims) -> Floats:
    scores: Floats = np.abs(claims.prediction - expected_probability(beliefs, health, claims.x))
    return scores
