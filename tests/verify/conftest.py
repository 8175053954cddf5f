"""Precision and the judge that the tests of this room share.

The product runs JAX in its default single precision and leaves JAX's settings alone. A test that compares with an exact
value asks for the fixture `double`.
"""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np
import pytest

from tests.verify.chain import BELIEFS, Learner, claims, cores
from verify.config import Verification
from verify.verifier import Verifier

VERIFICATION = Verification(simulated_records=8000)


@pytest.fixture
def double() -> Iterator[None]:
    """JAX in double precision, for this test only."""
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="session")
def learner() -> Learner:
    """An honest learner with 2000 labels from the world that the judge believes in."""
    return Learner.of(*cores(BELIEFS, 2000, seed=1))


@pytest.fixture(scope="session")
def verifier(learner: Learner) -> Verifier:
    """A judge calibrated on 999 honest claims."""
    x, _ = cores(BELIEFS, 999, seed=2)
    return Verifier.fit(BELIEFS, claims(x, learner.predict(x)), VERIFICATION, key=jax.random.key(3))


@pytest.fixture(scope="session")
def fresh() -> tuple[np.ndarray, np.ndarray]:
    """Records and outcomes of 4000 cores that neither learner nor judge has seen."""
    return cores(BELIEFS, 4000, seed=4)
