"""A scenario file as data whose every key and value knows its place.

Trees are values: merging or overriding makes a new tree, whose nodes still tell the file, line and column they came
from. Nothing here knows YAML or the schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Path: TypeAlias = tuple[str | int, ...]
"""Keys and list positions from the top level down."""

DEEPEST = 100
"""Levels of nesting that a scenario may have; every walk over a tree may therefore recurse."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was written; `line` and `column` count from 1 and are None outside of files."""

    file: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place; a mapping also knows the place of each key."""

    value: Scalar | list[Node] | dict[str, Node]
    at: Place
    keys: dict[str, Place] = field(default_factory=dict)

    @property
    def entries(self) -> dict[str, Node]:
        """The entries of a mapping; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def child(self, part: str | int) -> Node | None:
        """Return what stands under a key or at a list position, or None."""
        if isinstance(self.value, dict):
            return self.value.get(str(part))
        if isinstance(self.value, list) and str(part).isdecimal() and int(part) < len(self.value):
            return self.value[int(part)]
        return None

    def down(self, path: Iterable[str | int]) -> tuple[Node, Path]:
        """Return the deepest node on the way along `path` that exists, and the part of the path that reaches it."""
        node, reached = self, []
        for part in path:
            below = node.child(part)
            if below is None:
                break
            node = below
            reached.append(part)
        return node, tuple(reached)

    def key_place(self, path: Path) -> Place:
        """Return the place of the key at the end of `path`, or of the nearest thing that was written."""
        parent, reached = self.down(path[:-1])
        if path and len(reached) == len(path) - 1 and str(path[-1]) in parent.keys:
            return parent.keys[str(path[-1])]
        return self.down(path)[0].at


def dotted(path: Iterable[str | int]) -> str:
    """Return a path as a dotted key."""
    return ".".join(str(part) for part in path)


def plain(node: Node) -> object:
    """Return the data alone, as dicts, lists and scalars."""
    if isinstance(node.value, dict):
        return {key: plain(below) for key, below in node.value.items()}
    if isinstance(node.value, list):
        return [plain(below) for below in node.value]
    return node.value


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield every node with its path, parents first."""
    yield path, node
    children: Iterable[tuple[str | int, Node]] = (
        enumerate(node.value) if isinstance(node.value, list) else node.entries.items()
    )
    for part, below in children:
        yield from walk(below, (*path, part))
