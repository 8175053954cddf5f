"""How many of the numbers that a run uses nobody has given a source for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from scenarios.scenario import Scenario
from scenarios.tree import Path, dotted
from sim.section import key_of

NOT_OF_THE_WORLD = ("looptwin", "name", "extends", "seed", "time", "regression", "overrides", "sources", "tree")
"""Keys whose numbers say how to run, not how the world is."""

OF_PARTIES = ("product", "lanes", "returns", "demand", "policies", "costs", "collaboration", "verification")
"""Keys that a run without parties does not use."""


NAMES = ("weekdays",)
"""Keys whose numbers are names."""


class Assumptions(NamedTuple):
    """`assumed` numbers without a source, out of `of` that a run uses."""

    assumed: int
    of: int


def count(scenario: Scenario) -> Assumptions:
    """Return how many numbers of the resolved scenario, defaults included, have no source, and how many there are.

    Days of the week are names that happen to be written as numbers: `weekdays` do not count, hours do.
    """
    numbers = list(_numbers(scenario))
    return Assumptions(sum(not has_source for _, has_source in numbers), len(numbers))


def assumptions(scenario: Scenario) -> tuple[str, ...]:
    """Return the dotted keys of the numbers that have no source."""
    return tuple(dotted(path) for path, has_source in _numbers(scenario) if not has_source)


def _numbers(scenario: Scenario) -> Iterator[tuple[Path, bool]]:
    unused = NOT_OF_THE_WORLD if scenario.parties else NOT_OF_THE_WORLD + OF_PARTIES
    for one in fields(scenario):
        if one.name not in unused:
            yield from _below(getattr(scenario, one.name), (one.name,), scenario, has_source=False)


def _below(value: Any, path: Path, scenario: Scenario, *, has_source: bool) -> Iterator[tuple[Path, bool]]:
    has_source = has_source or dotted(path) in scenario.sources
    if is_dataclass(value):
        # a law's source speaks for all of its numbers
        has_source = has_source or getattr(value, "source", None) is not None
        for one in fields(value):
            if one.name in NAMES:
                continue
            yield from _below(getattr(value, one.name), (*path, key_of(one.name)), scenario, has_source=has_source)
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _below(below, (*path, key), scenario, has_source=has_source)
    elif isinstance(value, list):
        for i, below in enumerate(value):
            yield from _below(below, (*path, i), scenario, has_source=has_source)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, has_source
