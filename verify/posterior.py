"""The learned inverse and the judge's forward steps, in plain NumPy.

A simulation asks for one verdict per core. Without JAX's dispatch that takes a fraction of a millisecond, and the
verdict on a record has the same bits alone and in any company. `verify.inverse` trains; a test holds both to the same
numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from sim.wear import MECHANISMS
from verify.beliefs import Beliefs
from verify.economics import crack_after_look, margins
from verify.record import ENDS, LOG_SD_RANGE, readable

if TYPE_CHECKING:
    from verify.inverse import Inverse

Floats: TypeAlias = NDArray[np.float64]

POINTS = 64
"""Fixed points of each component of the mixture, over which the forward steps are averaged."""


class Mixtures(NamedTuple):
    """Posterior of the standardised log damages and of the end of the life behind each of n records, as a mixture.

    weight: (n, components). mean, sd: (n, components, 4). failed: (n, components, 5), probabilities.
    """

    weight: Floats
    mean: Floats
    sd: Floats
    failed: Floats


class Healths(NamedTuple):
    """What may be behind each of n records: damages at fixed points, without luck.

    weight: (n, points), sums to 1. damage: (n, points, 4). failed: (n, points, 5), probability of each
    end of the life, `verify.record.ENDS`.
    """

    weight: Floats
    damage: Floats
    failed: Floats


@dataclass(frozen=True)
class Posterior:
    """A trained inverse as double-precision arrays; fields as in `verify.inverse.Inverse`."""

    layers: tuple[tuple[Floats, Floats], ...]
    centre: Floats
    scale: Floats
    target_centre: Floats
    target_scale: Floats

    @classmethod
    def of(cls, inverse: Inverse) -> Posterior:
        """Return the same inverse outside JAX."""
        return cls(
            layers=tuple((_array(layer.weight).T.copy(), _array(layer.bias)) for layer in inverse.net.layers),
            centre=_array(inverse.centre),
            scale=_array(inverse.scale),
            target_centre=_array(inverse.target_centre),
            target_scale=_array(inverse.target_scale),
        )

    def mixture(self, features: Floats) -> Mixtures:
        """Return the mixture behind each record of (n, 9)."""
        hidden = (readable(np, features) - self.centre) / self.scale
        for weight, bias in self.layers[:-1]:
            hidden = np.tanh(_apply(hidden, weight) + bias)
        weight, bias = self.layers[-1]
        output = _apply(hidden, weight) + bias
        several = len(MECHANISMS)
        components = output.shape[1] // (1 + 2 * several + ENDS)
        rest = output[:, components:].reshape(-1, components, 2 * several + ENDS)
        return Mixtures(
            weight=_softmax(output[:, :components]),
            mean=rest[:, :, :several],
            sd=np.exp(np.clip(rest[:, :, several : 2 * several], *LOG_SD_RANGE)),
            failed=_softmax(rest[:, :, 2 * several :]),
        )

    def healths(self, features: Floats) -> Healths:
        """Return what may be behind each record of (n, 9)."""
        mixture = self.mixture(features)
        z = mixture.mean[:, :, None] + mixture.sd[:, :, None] * _NORMALS
        damage = np.exp(self.target_centre + self.target_scale * z)
        return Healths(
            weight=np.repeat(mixture.weight / POINTS, POINTS, axis=1),
            damage=damage.reshape(len(features), -1, len(MECHANISMS)),
            failed=np.repeat(mixture.failed, POINTS, axis=1),
        )


def probability_profitable(beliefs: Beliefs, healths: Healths, crack_seen: Floats) -> Floats:
    """Return the probability that remanufacturing earns money, (n,), given whether a crack was noted, (n,)."""
    crack = crack_after_look(np, beliefs, healths.damage[:, :, :1], crack_seen[:, None, None])
    sound = margins(np, beliefs, healths.damage)
    cracked = _above_zero(beliefs, np.array(-beliefs.terms.crack_loss))
    earns = crack * cracked + (1.0 - crack) * _above_zero(beliefs, sound)
    probability: Floats = (healths.weight * (healths.failed * earns).sum(axis=2)).sum(axis=1)
    return probability


def _above_zero(beliefs: Beliefs, sound: Floats) -> Floats:
    if beliefs.outcome_noise == 0.0:
        return (sound > 0.0).astype(np.float64)
    probability: Floats = ndtr(sound / beliefs.outcome_noise)
    return probability


def _apply(rows: Floats, weight: Floats) -> Floats:
    # a stack of single rows: one large product would round a row by where it stands among the others
    product: Floats = np.matmul(rows[:, None, :], weight)[:, 0]
    return product


def _softmax(logits: Floats) -> Floats:
    power = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Floats = power / power.sum(axis=-1, keepdims=True)
    return shares


def _array(value: Any) -> Floats:
    return np.asarray(value, dtype=np.float64)


def _lattice(points: int, dimensions: int) -> Floats:
    """Return standard normal points, evenly spread and mirrored, so that their mean is zero.

    Kronecker lattice of the generalised golden ratio g, the root of g^(d+1) = g + 1 (Roberts 2018).
    """
    ratio = 1.5
    for _ in range(64):
        ratio = (1.0 + ratio) ** (1.0 / (dimensions + 1))
    steps = ratio ** -np.arange(1.0, dimensions + 1.0)
    uniform = (0.5 + np.outer(np.arange(1.0, points // 2 + 1.0), steps)) % 1.0
    half = ndtri(uniform)
    half /= np.sqrt((half**2).mean(axis=0))
    return np.concatenate([half, -half])


_NORMALS = _lattice(POINTS, len(MECHANISMS))
