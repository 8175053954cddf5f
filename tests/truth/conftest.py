"""The fixture with which a truth is told: a case of this folder at the half-width that was asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.truth.judge import Case

Truth = Callable[[str], Case]


@pytest.fixture
def truth(half_width: float) -> Truth:
    """Return what gives a case by the name of its file."""
    return lambda name: Case(name, half_width)
