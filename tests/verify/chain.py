"""A small chain, as a scenario would state it, and honest learners in it."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import numpy as np
from numpy.typing import NDArray

from sim.parties.config import Dismantler, Fleet, Remanufacturer
from sim.parties.design import Duty
from sim.parties.product import Product
from verify.beliefs import Beliefs
from verify.forward import sample_records
from verify.record import readable
from verify.verifier import Claims

Floats = NDArray[np.float64]

DUTIES = {
    "hire": Duty(distance_per_year=38, torque_ratio=1.05, shifts_per_km=0.7, ambient_c=12),
    "taxi": Duty(distance_per_year=70, torque_ratio=0.95, shifts_per_km=2.6, ambient_c=15),
    "tow": Duty(distance_per_year=22, torque_ratio=1.25, shifts_per_km=1.2, ambient_c=20),
}
PRODUCT = Product(mass_kg=85, duties=DUTIES)
FLEETS = [Fleet(vehicles=700, duty=name) for name in DUTIES]
REMANUFACTURER = Remanufacturer()
DISMANTLERS = [Dismantler(grader_bias=-0.25, grader_noise=0.8), Dismantler(grader_bias=0.35, grader_noise=1.1)]

BELIEFS = Beliefs.from_sections(PRODUCT, FLEETS, REMANUFACTURER, DISMANTLERS)


def cores(beliefs: Beliefs, n: int, seed: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Give the records of n cores, (n, 9), and whether each was profitable; n is at most 4000.

    One size for all, so that JAX compiles the forward model once.
    """
    records = sample_records(beliefs, 4000, key=jax.random.key(seed))
    return np.asarray(records.features, dtype=np.float64)[:n], np.asarray(records.profitable)[:n]


@dataclass(frozen=True)
class Learner:
    """Logistic regression by Newton's method."""

    centre: Floats
    scale: Floats
    weights: Floats

    @classmethod
    def of(cls, x: Floats, profitable: NDArray[np.bool_]) -> Learner:
        read = readable(np, x)
        learner = cls(read.mean(axis=0), read.std(axis=0) + 1e-9, np.zeros(read.shape[1] + 1))
        rows, weights = learner._rows(x), learner.weights.copy()
        for _ in range(20):
            p = 1.0 / (1.0 + np.exp(-rows @ weights))
            slope = rows.T @ (p - profitable) + weights
            curve = (rows * (p * (1.0 - p))[:, None]).T @ rows + np.eye(len(weights))
            weights -= np.linalg.solve(curve, slope)
        return cls(learner.centre, learner.scale, weights)

    def predict(self, x: Floats) -> Floats:
        """Give the predicted probability of a profit, (n,)."""
        return 1.0 / (1.0 + np.exp(-self._rows(x) @ self.weights))

    def _rows(self, x: Floats) -> Floats:
        return np.column_stack([np.ones(len(x)), (readable(np, x) - self.centre) / self.scale])


def claims(x: Floats, prediction: Floats) -> Claims:
    return Claims(tuple(f"core {row}" for row in range(len(x))), x, prediction)
