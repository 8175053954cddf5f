"""Scenario: what a file, its parents and its overrides come to; the value that is handed to a run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

from scenarios.dump import data_of, yaml_of
from scenarios.errors import Problem, ScenarioError, listed, nearest, shown
from scenarios.override import block_of, merged, prepared
from scenarios.schema import Content
from scenarios.tree import Node, Place
from scenarios.validate import validated


@dataclass(frozen=True, kw_only=True)
class Scenario(Content):
    """A valid scenario. Never changed: `override` gives another one."""

    sources: Mapping[str, str] = field(default_factory=dict)
    """Where numbers come from, by dotted key; a law says it itself."""
    tree: Node = field(compare=False, repr=False)
    """The data as it was written, with the place of everything."""

    def override(self, change: Mapping[str, object] | str) -> Scenario:
        """Return this scenario with dotted keys changed, or with one of its named overrides.

        A value of None gives a key its default again. Raises ScenarioError, located at `override KEY`.
        """
        block = named_override(self.tree, change) if isinstance(change, str) else block_of(change)
        return made(changed(self.tree, [prepared(block)], self), self.tree)

    def resolved(self) -> dict[str, Any]:
        """Return the whole scenario as plain data, defaults and sources included; it loads to an equal scenario."""
        content = Content(**{one.name: getattr(self, one.name) for one in fields(Content)})
        return data_of(content, self.sources)

    def to_yaml(self) -> str:
        """Return the resolved scenario as YAML."""
        return yaml_of(self.resolved())

    @cached_property
    def hash(self) -> str:
        """Digest of all that a run of this scenario depends on; overrides that were not chosen do not count."""
        content = {key: value for key, value in self.resolved().items() if key != "overrides"}
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return blake2b(text.encode(), digest_size=16).hexdigest()


def made(tree: Node, base: Node | None = None) -> Scenario:
    """Return the scenario that a tree describes; raise ScenarioError with every mistake."""
    content, sources = validated(tree, base)
    return Scenario(**{one.name: getattr(content, one.name) for one in fields(Content)}, sources=sources, tree=tree)


def named_override(tree: Node, name: str) -> Node:
    """Return the block of a named override; raise ScenarioError when there is none of that name."""
    blocks = tree.entries["overrides"].entries if "overrides" in tree.entries else {}
    if name in blocks:
        return blocks[name]
    known = tuple(blocks)
    message = f"there is no override {shown(name)}; there are {listed(known) or 'none'}"
    raise ScenarioError(
        [Problem(file="override", value=name, message=message, allowed=known, suggestion=nearest(name, known))]
    )


def changed(tree: Node, blocks: Iterable[Node], content: Content | None) -> Node:
    """Return a tree with prepared override blocks put over it in turn; content: what it describes, if it is valid."""
    for block in blocks:
        tree = merged(tree if content is None else _with_default_laws(tree, block, content), block)
    return tree


def _with_default_laws(tree: Node, change: Node, content: Any) -> Node:
    """Write out default laws that a change sets single numbers of: `bench_hours.mean` then needs no `law` beside it."""
    if not isinstance(change.value, dict) or not isinstance(tree.value, dict):
        return tree
    entries = dict(tree.value)
    for key, below in change.value.items():
        current = _under(content, key)
        if key in entries:
            entries[key] = _with_default_laws(entries[key], below, current)
        elif hasattr(current, "law") and below.entries and "law" not in below.entries:
            entries[key] = _node_of(data_of(current, {}), below.at)
        elif is_dataclass(current) and below.entries:
            entries[key] = _with_default_laws(Node({}, below.at), below, current)
    return Node(entries, tree.at, tree.keys)


def _under(content: Any, key: str) -> Any:
    if isinstance(content, Mapping):
        return content.get(key)
    return getattr(content, key, None) or getattr(content, f"{key}_", None)


def _node_of(data: Any, at: Place) -> Node:
    if isinstance(data, dict):
        return Node({key: _node_of(below, at) for key, below in data.items()}, at, dict.fromkeys(data, at))
    return Node([_node_of(below, at) for below in data] if isinstance(data, list) else data, at)
