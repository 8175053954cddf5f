"""Numbers that say where they come from: `{value: 0.9, source: "fleet survey 2023"}` wherever a number may stand."""

from __future__ import annotations

from scenarios.override import is_sourced
from scenarios.tree import Node, Path, dotted


def without_sources(node: Node) -> tuple[Node, dict[str, str]]:
    """Return the tree with bare numbers only, and the sources by the dotted keys of their numbers.

    What stands under `overrides` is no number of this run yet, and stays as it is.
    """
    sources: dict[str, str] = {}
    entries = {
        key: below if key == "overrides" else _bare(below, (key,), sources) for key, below in node.entries.items()
    }
    return Node(entries, node.at, node.keys), sources


def _bare(node: Node, path: Path, sources: dict[str, str]) -> Node:
    if isinstance(node.value, dict):
        if is_sourced(node):
            sources[dotted(path)] = str(node.value["source"].value)
            return node.value["value"]
        return Node({key: _bare(below, (*path, key), sources) for key, below in node.value.items()}, node.at, node.keys)
    if isinstance(node.value, list):
        return Node([_bare(below, (*path, i), sources) for i, below in enumerate(node.value)], node.at)
    return node
