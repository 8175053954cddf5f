"""The levels of a what-if: one scenario for each value of a key or named override, and which of them is the base."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from looptwin.errors import UserError
from scenarios.errors import Problem, ScenarioError, shown
from scenarios.expansion import content_of
from scenarios.scenario import Scenario

BASE = "base"
"""Name of the base level where it is no value of a key."""

FORMS = (
    'give one key and its values, {"returns.probability": [0.6, 0.8]}, a list of overrides, or levels of several keys '
    'by name, {"lean": {"policies.serviceable.level": 10, "returns.probability": 0.9}}'
)
"""What `changes` may be, for whoever gives something else."""

Changes = Mapping[str, Sequence[object] | Mapping[str, object]] | Sequence[str]
"""One dotted key and its values, named levels of several dotted keys each, or names of overrides."""


@dataclass(frozen=True)
class Level:
    """One scenario of a what-if, and the word or number that it goes by."""

    label: str | float
    scenario: Scenario


def levels_of(scenario: Scenario, changes: Changes) -> tuple[tuple[Level, ...], Level]:
    """Return the levels in the order of the changes, and which of them is the base.

    The base is the scenario as it is. It comes first unless one of the values gives just that scenario. Raises
    UserError when the changes cannot be understood, and ScenarioError with every mistake of every level.
    """
    if isinstance(changes, Mapping) and not any(isinstance(change, Mapping) for change in changes.values()):
        return _over_values(scenario, changes)
    if isinstance(changes, str) or not changes:
        raise UserError(f"what-if: {FORMS}")
    named = [*changes.items()] if isinstance(changes, Mapping) else [(name, name) for name in changes]
    return _named(scenario, named)


def _named(scenario: Scenario, changes: Sequence[tuple[str, object]]) -> tuple[tuple[Level, ...], Level]:
    """Return the levels of overrides by name, and of several keys each under a name of the study's own."""
    for name, change in changes:
        if not isinstance(change, str | Mapping) or not change:
            raise UserError(f"what-if: the level {shown(name)} needs its keys and values, got {shown(change)}")
    _refuse_twice([BASE, *(name for name, _ in changes)])
    base = Level(BASE, scenario)
    return (base, *_each(changes, scenario)), base


def _over_values(scenario: Scenario, changes: Mapping[str, Any]) -> tuple[tuple[Level, ...], Level]:
    if len(changes) != 1:
        raise UserError(f"what-if: one key has values, got {len(changes)}: {', '.join(changes) or 'none'}; {FORMS}")
    ((key, values),) = changes.items()
    # numpy arrays and pandas columns are sequences of values to whoever writes np.linspace(...)
    values = values.tolist() if hasattr(values, "tolist") else values
    if not isinstance(values, Sequence) or isinstance(values, str) or not values:
        raise UserError(f"what-if: {key} needs a list of values, got {shown(values)}")
    _refuse_twice([_label(value) for value in values])
    levels = tuple(_each([(_label(value), {key: value}) for value in values], scenario))
    own = content_of(scenario)
    base = next((level for level in levels if content_of(level.scenario) == own), None)
    if base is not None:
        return levels, base
    label = _own_label(scenario, key)
    base = Level(BASE if label in [level.label for level in levels] else label, scenario)
    return (base, *levels), base


def _each(changes: Sequence[tuple[str | float, Any]], scenario: Scenario) -> Iterator[Level]:
    found: list[Level] = []
    problems: dict[Problem, None] = {}
    for label, change in changes:
        try:
            found.append(Level(label, scenario.override(change)))
        except ScenarioError as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise ScenarioError(problems)
    return iter(found)


def _refuse_twice(labels: Sequence[str | float]) -> None:
    twice = next((label for place, label in enumerate(labels) if label in labels[:place]), None)
    if twice is not None:
        raise UserError(f"what-if: {shown(twice)} stands twice among the levels")


def _label(value: object) -> str | float:
    """Return a value as a level goes by it: numbers and words as they are, anything else as it would be written."""
    item = getattr(value, "item", None)
    value = item() if callable(item) else value
    if isinstance(value, str | float | int) and not isinstance(value, bool):
        return value
    return _flow(value)


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(below)}" for key, below in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return "default" if value is None else str(value)


def _own_label(scenario: Scenario, key: str) -> str | float:
    """Return what the scenario itself says under a key; `base` where it says nothing."""
    found: Any = scenario.resolved()
    for part in key.split("."):
        if isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        elif isinstance(found, dict) and part in found:
            found = found[part]
        else:
            return BASE
    if isinstance(found, dict) and found.keys() == {"value", "source"}:
        found = found["value"]
    return _label(found)
