"""A packaged name or a path to a Scenario: read, extend, override, validate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from scenarios.errors import Problem, ScenarioError
from scenarios.extend import read_family
from scenarios.marks import read_value
from scenarios.override import prepared, setting
from scenarios.scenario import Scenario, changed, made, named_override
from scenarios.tree import Node, Place


def load(name_or_path: str | Path, overrides: Iterable[str] = (), sets: Iterable[str] = ()) -> Scenario:
    """Return a scenario by packaged name or path, with named overrides and `KEY=VALUE` settings put over it in turn.

    What contains `/` or ends in .yaml or .yml is a path, anything else a packaged name. Raises ScenarioError with every
    mistake in the file, its parents, all of its overrides and the settings.
    """
    tree, mistakes = read_family(name_or_path), _Mistakes()
    scenario: Scenario | None = None
    with mistakes:
        scenario = made(tree)
    base, chosen = scenario, list[Node]()
    for name in _override_names(tree):
        with mistakes.of(f" (override {name!r})"):
            made(changed(tree, [prepared(named_override(tree, name))], base), tree)
    for name in overrides:
        with mistakes:
            chosen.append(prepared(named_override(tree, name)))
    for text in sets:
        with mistakes:
            chosen.append(prepared(_setting(text)))
    if chosen:
        with mistakes:
            scenario = made(changed(tree, chosen, base), tree)
    if scenario is None or mistakes.found:
        raise ScenarioError(mistakes.found)
    return scenario


class _Mistakes:
    """Collects the problems of several attempts; what one attempt has told is not told again."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self._told: set[tuple[str, str]] = set()
        self._remark = ""

    def of(self, remark: str) -> Self:
        """Add a remark to what the next attempt tells."""
        self._remark = remark
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> bool:
        remark, self._remark = self._remark, ""
        if not isinstance(error, ScenarioError):
            return False
        for problem in error.problems:
            mistake = (problem.key or problem.file, problem.message)
            if mistake not in self._told:
                self._told.add(mistake)
                self.found.append(replace(problem, message=problem.message + remark))
        return True


def _override_names(tree: Node) -> list[str]:
    written = tree.entries.get("overrides")
    return [name for name, block in written.entries.items() if isinstance(block.value, dict)] if written else []


def _setting(text: str) -> Node:
    key, equals, value = text.partition("=")
    origin = f"--set {text}"
    if not equals or not key.strip():
        raise ScenarioError([Problem(file=origin, value=text, message="write --set KEY=VALUE")])
    return setting(key.strip(), read_value(value, origin), Place(origin))
