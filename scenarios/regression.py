"""What only the whole scenario shows to be wrong about a regression: columns that its data does not have."""

from __future__ import annotations

from collections.abc import Iterator

from learning.regression.columns import ENERGY, MACHINING
from scenarios.errors import listed, nearest, shown
from scenarios.names import is_name
from scenarios.network import Finding
from scenarios.schema import Content
from scenarios.tree import Path
from sim.parties.config import Factory

TAKEN = ("outside", "coordinator")
"""Names that looptwin uses itself, in accounts and crossings."""

COLUMNS = (*MACHINING, ENERGY)
"""Columns of a turned part."""


def unknown_columns(content: Content) -> list[Finding]:
    """Return a mistake for each column that a turned part does not have, and for parties that have no rows."""
    if content.regression is None:
        return []
    match content.regression.data:
        case "csv":
            return [*_party_names(content)]
        case "stations":
            return [*_factories(content), *_columns(content)]
        case _:
            return [*_columns(content)]


def _party_names(content: Content) -> Iterator[Finding]:
    assert content.regression is not None
    for name in content.regression.files:
        path = ("regression", "files", name)
        if not is_name(name):
            message = f"{shown(name)} is no name: letters, digits, - and _, and no digit first"
            yield Finding("", path, message, name)
        elif name in TAKEN:
            yield Finding("", path, f"{shown(name)} is a name that looptwin uses itself; give another", name)


def _factories(content: Content) -> Iterator[Finding]:
    assert content.regression is not None
    factories = [name for name, party in content.parties.items() if isinstance(party, Factory)]
    if len(factories) < 2:
        has = f"has {'one' if factories else 'none'}"
        message = f"the records of stations are of factories, two or more, and the scenario {has}"
        yield Finding("", ("regression", "data"), message, content.regression.data, ("fixture", "csv"))


def _columns(content: Content) -> Iterator[Finding]:
    assert content.regression is not None
    named: list[tuple[Path, str]] = [(("regression", "target"), content.regression.target)]
    named += [(("regression", "features", str(at)), name) for at, name in enumerate(content.regression.features)]
    for path, name in named:
        if name not in COLUMNS:
            message = f"a turned part has no column {shown(name)}; it has {listed(COLUMNS)}"
            yield Finding("", path, message, name, COLUMNS, nearest(name, COLUMNS))
