"""What only the whole scenario shows to be wrong about a regression: columns that its data does not have."""

from __future__ import annotations

from collections.abc import Iterator

from learning.regression.columns import ENERGY, MACHINING
from scenarios.errors import listed, nearest, shown
from scenarios.network import Finding
from scenarios.schema import Content
from scenarios.tree import Path

COLUMNS = (*MACHINING, ENERGY)
"""Columns of a turned part."""


def unknown_columns(content: Content) -> list[Finding]:
    """Return a mistake for each feature, and for the target, that a turned part does not have."""
    return [] if content.regression is None else [*_columns(content)]


def _columns(content: Content) -> Iterator[Finding]:
    assert content.regression is not None
    named: list[tuple[Path, str]] = [(("regression", "target"), content.regression.target)]
    named += [(("regression", "features", str(at)), name) for at, name in enumerate(content.regression.features)]
    for path, name in named:
        if name not in COLUMNS:
            message = f"a turned part has no column {shown(name)}; it has {listed(COLUMNS)}"
            yield Finding("", path, message, name, COLUMNS, nearest(name, COLUMNS))
