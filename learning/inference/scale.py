"""Features and weights as whole numbers, so that a decision is exact and its distance from the plaintext is known.

A score is `intercept + weights @ features`, a decision whether it reaches a threshold. In whole numbers the score less
the threshold is `D = sum(V * X) + V0`. D and the plaintext differ by at most `margin`, so both decide alike wherever
the plaintext is further from the threshold than that. Zero counts as reached.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.crypto.envelope import Header
from learning.faults import ProtectionError

FEATURE_BITS = 16
WEIGHT_BITS = 20
INTERCEPT_BITS = 38
MAXIMUM_FEATURES = 64
DIFFERENCE_BITS = 44
"""D is at least `-2**43` and below `2**43`: 64 products of 36 bits, and an intercept of 38."""
LIMIT = (1 << FEATURE_BITS) - 1


@dataclass(frozen=True)
class Agreement:
    """What the two sides know of each other's numbers before any of them is sent; public."""

    asker: str
    """Who holds features."""
    modeller: str
    """Who holds the model."""
    reach: tuple[float, ...]
    """Largest magnitude of each feature."""

    def __post_init__(self) -> None:
        if self.asker == self.modeller:
            raise ProtectionError(f"{self.asker!r} holds features and model and can score by itself", (self.asker,))
        if not 0 < len(self.reach) <= MAXIMUM_FEATURES:
            raise ProtectionError(f"{len(self.reach)} features; a model of 1 to {MAXIMUM_FEATURES} can be asked")
        if not all(math.isfinite(one) and one > 0 for one in self.reach):
            raise ProtectionError("reach must be a number above 0 for each feature")

    def header(self, sender: str, purpose: str, number: int) -> Header:
        """Return the header of a message between the two."""
        receiver = self.modeller if sender == self.asker else self.asker
        digest = hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
        return Header(sender=sender, receiver=receiver, round=number, purpose=purpose, parameters=digest)

    @property
    def steps(self) -> FloatArray:
        """Return the grid step of each feature."""
        return np.array(self.reach) / LIMIT

    def whole_features(self, features: FloatArray) -> IntArray:
        """Return features: Float[cores, features] in grid steps. Raises ProtectionError naming the asker."""
        values = np.asarray(features, dtype=np.float64)
        if values.ndim != 2 or values.shape[1] != len(self.reach) or not len(values):
            raise ProtectionError(
                f"{self.asker!r}: features must be Float[cores, {len(self.reach)}] and not empty, got {values.shape}",
                (self.asker,),
            )
        for column, reach in enumerate(self.reach):
            # written so that NaN is refused too; no value is named, a message may be read by others
            if not (np.abs(values[:, column]) <= reach).all():
                raise ProtectionError(
                    f"{self.asker!r}: feature {column} must be from -{reach:g} to {reach:g} for every core",
                    (self.asker,),
                )
        return np.rint(values / self.steps).astype(np.int64)


@dataclass(frozen=True, eq=False)
class WholeModel:
    """A model in whole numbers, known to its owner alone."""

    weights: IntArray
    intercept: int
    """With the threshold taken off."""
    step: float
    """Times D: the score less the threshold. A power of two, so that it says little of the model."""
    margin: float
    """What the score less the threshold is at most off by."""


def whole_model(weights: FloatArray, threshold: float, agreement: Agreement) -> WholeModel:
    """Return weights: Float[1 + features], the intercept first, in whole numbers.

    Raises ProtectionError naming the modeller for a wrong number of weights, and for what is not finite or all zero.
    """
    values, owner = np.asarray(weights, dtype=np.float64), agreement.modeller
    if values.shape != (1 + len(agreement.reach),):
        raise ProtectionError(
            f"{owner!r}: a model of {len(agreement.reach)} features has {1 + len(agreement.reach)} weights, "
            f"not {values.shape}",
            (owner,),
        )
    if not (np.isfinite(values).all() and math.isfinite(threshold)):
        raise ProtectionError(f"{owner!r}: weights and threshold must be finite", (owner,))
    scaled, intercept = values[1:] * agreement.steps, float(values[0]) - threshold
    if not scaled.any():
        raise ProtectionError(f"{owner!r}: no feature has a weight, so there is nothing to ask", (owner,))
    largest = max(float(np.abs(scaled).max()) * 2.0**-WEIGHT_BITS, abs(intercept) * 2.0**-INTERCEPT_BITS)
    if not -900 < math.log2(largest) < 900:
        raise ProtectionError(f"{owner!r}: its weights are too large or too small to be held", (owner,))
    step = 2.0 ** math.ceil(math.log2(largest))
    whole = np.rint(scaled / step).astype(np.int64)
    if not whole.any():
        raise ProtectionError(f"{owner!r}: beside the intercept no weight is large enough to be held", (owner,))
    rounded_features = 0.5 * float(np.abs(scaled).sum())
    rounded_weights = 0.5 * step * (LIMIT * len(scaled) + 1)
    return WholeModel(
        weights=whole,
        intercept=int(np.rint(intercept / step)),
        step=step,
        margin=rounded_features + rounded_weights,
    )


def reached(reach: float | Sequence[float], features: int) -> tuple[float, ...]:
    """Return one reach for each feature. Raises ProtectionError for another number of them."""
    found = (float(reach),) * features if isinstance(reach, int | float) else tuple(float(one) for one in reach)
    if len(found) != features:
        raise ProtectionError(f"reach must be a number above 0 for each of {features} features, got {len(found)}")
    return found
