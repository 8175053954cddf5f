"""What the schema refuses, in the words of the trade: place, dotted key, value, what is allowed, nearest match."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scenarios.errors import Problem, listed, nearest, shown
from scenarios.grammar import (
    Spot,
    choices,
    describe,
    is_tagged,
    key_words,
    keys,
    member_keys,
    section_at,
    spot,
    tag_key,
)
from scenarios.tree import Node, Path, Place, dotted, plain
from sim.section import Section


def problem(at: Place, path: Path, message: str, **more: Any) -> Problem:
    """Return a problem at a place of a tree."""
    return Problem(file=at.file, line=at.line, column=at.column, key=dotted(path), message=message, **more)


@dataclass(frozen=True)
class Explainer:
    """Explains refusals of one tree; `base` is what the tree was before it was overridden, if it was."""

    root: type[Section]
    tree: Node
    base: Node | None = None

    def explain(self, errors: Iterable[Mapping[str, Any]]) -> list[Problem]:
        """Return one problem for each mistake among a validator's errors."""
        found: dict[tuple[Path, str], Problem] = {}
        for error in errors:
            where = spot(self.root, error["loc"])
            told = self._told(error, where)
            # a union whose members are tried in turn answers once for each of them
            found.setdefault((where.path, told.message), told)
        return _once(list(found.values()))

    def _told(self, error: Mapping[str, Any], where: Spot) -> Problem:
        match error["type"]:
            case "unexpected_keyword_argument":
                told = self._unknown(where.path, _keys_of(section_at(self.root, error["loc"][:-1])))
            case "literal_error" if error["loc"][-1] == "[key]":
                told = self._unknown(where.path, key_words(self.root, error["loc"][:-2]))
            case "missing":
                told = self._missing(where)
            case "union_tag_not_found":
                told = self._untagged(where)
            case "union_tag_invalid":
                told = self._wrong_tag(where)
            case "value_error":
                node, reached = self.tree.down(where.path)
                told = problem(node.at, reached, str(error["ctx"]["error"]), value=plain(node))
            case _:
                told = self._unfit(where, "finite" if error["type"] == "finite_number" else "")
        return told

    def _unknown(self, path: Path, allowed: tuple[str, ...]) -> Problem:
        at = self.tree.key_place(path)
        return problem(
            at,
            path,
            f"no such key here; allowed: {listed(allowed)}",
            value=plain(self.tree.down(path)[0]),
            allowed=allowed,
            suggestion=_near_key(at, path, allowed),
        )

    def _missing(self, where: Spot) -> Problem:
        expected = describe(where.expected)
        message = f"this key is missing; it takes {expected}"
        allowed = choices(where.expected) or (expected,)
        return problem(self.tree.key_place(where.path), where.path, message, allowed=allowed)

    def _untagged(self, where: Spot) -> Problem:
        node, _ = self.tree.down(where.path)
        tag, allowed = tag_key(where.expected), choices(where.expected)
        if "value" in node.entries and all(nearest(key, ["value", "source"]) for key in node.entries):
            return self._unfit(where)
        if self.base is not None and len(self.base.down(where.path)[1]) < len(where.path):
            return self._no_such_name(where.path, f"a new one needs `{tag}`, one of {listed(allowed)}")
        for key in node.entries.keys() - member_keys(where.expected):
            if nearest(key, [tag]):
                at = self.tree.key_place((*where.path, key))
                suggestion = _near_key(at, (*where.path, key), [tag])
                return problem(
                    at, (*where.path, key), "no such key here", value=key, allowed=(tag,), suggestion=suggestion
                )
        return problem(
            node.at, (*where.path, tag), f"this key is missing; it is one of {listed(allowed)}", allowed=allowed
        )

    def _no_such_name(self, path: Path, otherwise: str) -> Problem:
        at = self.tree.key_place(path)
        siblings = tuple(self.base.down(path[:-1])[0].entries) if self.base else ()
        return problem(
            at,
            path,
            f"no such name here, and {otherwise}",
            allowed=siblings,
            suggestion=_near_key(at, path, siblings),
        )

    def _wrong_tag(self, where: Spot) -> Problem:
        path = (*where.path, tag_key(where.expected))
        node, _ = self.tree.down(path)
        return _not_among(node, path, choices(where.expected))

    def _unfit(self, where: Spot, kind: str = "") -> Problem:
        node, reached = self.tree.down(where.path)
        words, expected = choices(where.expected), describe(where.expected)
        message = f"{shown(plain(node))} is not {kind or expected}" + (f"; expected {expected}" if kind else "")
        if node.value is None:
            message = f"nothing stands here; expected {expected}"
        near = nearest(node.value, words)
        advice = _advice(node, expected)
        if near and is_tagged(where.expected):
            # the word alone would not do: it is the tag of a mapping
            near, advice = None, f"; write {{{tag_key(where.expected)}: {near}, ...}}"
        return problem(
            node.at, reached, message + advice, value=plain(node), allowed=words or (expected,), suggestion=near
        )


def _keys_of(section: type | None) -> tuple[str, ...]:
    return tuple(keys(section)) if section else ()


def _not_among(node: Node, path: Path, allowed: tuple[str, ...]) -> Problem:
    message = f"{shown(plain(node))} is not one of {listed(allowed)}"
    return problem(node.at, path, message, value=plain(node), allowed=allowed, suggestion=nearest(node.value, allowed))


def _near_key(at: Place, path: Path, allowed: Iterable[str]) -> str | None:
    """Return the nearest key; on a command line, where the whole dotted key was typed, the whole dotted key."""
    near = nearest(path[-1], allowed)
    return dotted((*path[:-1], near)) if near is not None and at.line is None else near


def _advice(node: Node, expected: str) -> str:
    if expected == "true or false" and isinstance(node.value, str):
        return {"yes": "; write true", "no": "; write false"}.get(node.value.lower(), "")
    if "number" not in expected:
        return ""
    if isinstance(node.value, dict) and "value" in node.value:
        return "; a number with its source is written {value: NUMBER, source: TEXT}"
    if isinstance(node.value, float) and node.value.is_integer() and "whole" in expected:
        return f"; write {node.value:.0f}"
    return "; write it without quotes" if isinstance(node.value, str) and _reads_as_number(node.value) else ""


def _reads_as_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def _once(problems: list[Problem]) -> list[Problem]:
    """Leave out a missing key that stands there misspelt."""
    misspelt = {
        f"{problem.key.rpartition('.')[0]}.{(problem.suggestion or '').rpartition('.')[2]}".lstrip(".")
        for problem in problems
        if problem.message.startswith("no such key")
    }
    return [
        problem
        for problem in problems
        if not (problem.message.startswith("this key is missing") and problem.key in misspelt)
    ]
