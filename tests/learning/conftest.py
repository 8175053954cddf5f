"""Builders shared by the tests of the learning room."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from learning.arrays import FloatArray, IntArray
from learning.features import SiteData
from learning.protect import Protection, protection

FEATURES = 4


def _site(party: str, x: FloatArray, y: FloatArray, known_at_day: FloatArray | None = None) -> SiteData:
    days = np.zeros(len(y)) if known_at_day is None else known_at_day
    names = tuple(f"feature_{column}" for column in range(x.shape[1]))
    return SiteData(
        party=party, names=names, x=x, y=y, known_at_day=days, unit_ids=tuple((party, row) for row in range(len(y)))
    )


@pytest.fixture(scope="session")
def make_site() -> Callable[..., SiteData]:
    """A site out of its arrays; every label known on day 0 unless said."""
    return _site


@pytest.fixture(scope="session")
def rows() -> tuple[FloatArray, FloatArray]:
    """x: Float[200, 4] and labels drawn from a logistic law."""
    generator = np.random.default_rng(20)
    x = generator.normal(size=(200, FEATURES))
    chance = 1.0 / (1.0 + np.exp(-(x @ np.array([1.5, -1.0, 0.5, 0.0]) + 0.4)))
    return x, (generator.random(200) < chance).astype(float)


@pytest.fixture
def sites(rows: tuple[FloatArray, FloatArray]) -> list[SiteData]:
    """Three sites of unlike size; the outcomes of the last third of each came after day 10."""
    x, y = rows
    found = []
    for party, start, end in (("north", 0, 90), ("south", 90, 120), ("east", 120, 200)):
        days = np.where(np.arange(end - start) < 2 * (end - start) // 3, 5.0, 15.0)
        found.append(_site(party, x[start:end], y[start:end], days))
    return found


class Federation:
    """A protection with a round counter, so that one set of keys serves many examples."""

    def __init__(self, word: str, parties: tuple[str, ...], values: int) -> None:
        self.protection: Protection = protection(word, parties, values)
        self.round = 0

    def next_round(self) -> int:
        self.round += 1
        return self.round

    def total(self, updates: Mapping[str, IntArray]) -> IntArray:
        return self.protection.total(updates, number=self.next_round(), day=0.0).numbers


@pytest.fixture(scope="session")
def federation_of() -> Callable[[str, tuple[str, ...], int], Federation]:
    """A fresh federation by word, parties and number of values."""
    return Federation
