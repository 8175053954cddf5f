"""How one part of a scenario replaces another: parents by children, a scenario by its overrides and by dotted keys.

Mappings merge key by key; numbers, words and lists replace. What a tag word decides (a block's `kind`, a law's `law`)
replaces as a whole when that word changes, because the other keys then mean something else. Nothing (`null`) removes a
key, which takes its default again.
"""

from __future__ import annotations

from collections.abc import Mapping

from scenarios.errors import Problem, ScenarioError, shown
from scenarios.scalars import LARGEST_WHOLE
from scenarios.tree import DEEPEST, Node, Path, Place

TAGS = ("kind", "law", "role")
"""Keys whose word decides what the other keys of a mapping mean."""

RESERVED = ("looptwin", "extends", "overrides")
"""Keys that say how a file is read; no override can change them."""


def is_number(node: Node) -> bool:
    """Tell whether a node holds a number."""
    return isinstance(node.value, int | float) and not isinstance(node.value, bool)


def is_sourced(node: Node) -> bool:
    """Tell whether a node is a number with its source, `{value: 0.9, source: "..."}`."""
    entries = node.entries
    return (
        entries.keys() == {"value", "source"}
        and is_number(entries["value"])
        and isinstance(entries["source"].value, str)
    )


def merged(base: Node, over: Node) -> Node:
    """Return `base` with everything that `over` says put over it."""
    if isinstance(base.value, list) and _names_items(over, len(base.value)):
        items = enumerate(base.value)
        return Node(
            [merged(item, over.entries[str(i)]) if str(i) in over.entries else item for i, item in items], over.at
        )
    if _is_part_of_number(over) and (is_number(base) or is_sourced(base)):
        return _merged_number(base, over)
    if not isinstance(base.value, dict) or not isinstance(over.value, dict) or _replaces(base, over):
        return over
    return _merged_mapping(base, over)


def _merged_number(base: Node, over: Node) -> Node:
    if is_number(base):
        base = Node({"value": base}, base.at, {"value": base.at})
    result = _merged_mapping(base, over)
    return result.entries["value"] if result.entries.keys() == {"value"} else result


def _merged_mapping(base: Node, over: Node) -> Node:
    entries, keys = dict(base.entries), base.keys | over.keys
    for key, below in over.entries.items():
        if below.value is None and key in entries:
            # the place of the key stays: it is where a key that is now missing went
            del entries[key]
        else:
            entries[key] = merged(entries[key], below) if key in entries else below
    return Node(entries, over.at, keys)


def _is_part_of_number(over: Node) -> bool:
    return bool(over.entries) and over.entries.keys() <= {"value", "source"}


def _names_items(over: Node, length: int) -> bool:
    return bool(over.entries) and all(key.isdecimal() and int(key) < length for key in over.entries)


def _replaces(base: Node, over: Node) -> bool:
    if is_sourced(base) or is_sourced(over):
        return True
    if ("decide" in base.entries) != ("decide" in over.entries) and not over.entries.keys() <= base.entries.keys():
        return True
    return any(
        tag in base.entries and tag in over.entries and base.entries[tag].value != over.entries[tag].value
        for tag in TAGS
    )


def prepared(block: Node) -> Node:
    """Return an override block with its dotted keys written out as mappings; raise ScenarioError if it cannot be."""
    block = nested(block)
    reserved = [
        _problem(block.keys[key], key, f"an override cannot change `{key}`") for key in RESERVED if key in block.entries
    ]
    if reserved:
        raise ScenarioError(reserved)
    return block


def nested(block: Node) -> Node:
    """Return a node with its dotted keys written out as nested mappings."""
    if isinstance(block.value, list):
        return Node([nested(item) for item in block.value], block.at)
    if not isinstance(block.value, dict):
        return block
    result = Node({}, block.at)
    for key, value in block.value.items():
        at = block.keys.get(key, value.at)
        result = _joined(result, _under(split_key(key, at), nested(value), at, block.at))
    return result


def _joined(first: Node, second: Node) -> Node:
    """Return two parts of one and the same mapping as one: neither replaces the other."""
    if not isinstance(first.value, dict) or not isinstance(second.value, dict):
        return second
    entries = dict(first.entries)
    for key, below in second.entries.items():
        entries[key] = _joined(entries[key], below) if key in entries else below
    return Node(entries, second.at, first.keys | second.keys)


def split_key(key: str, at: Place) -> Path:
    """Return the parts of a dotted key; raise ScenarioError when one is empty."""
    parts = tuple(key.split("."))
    if not all(parts):
        raise ScenarioError([_problem(at, key, f"{shown(key)} is no dotted key: a part of it is empty")])
    return parts


def _under(path: Path, value: Node, at: Place, top: Place) -> Node:
    for part in reversed(path):
        value = Node({str(part): value}, at, {str(part): at})
    return Node(value.value, top, value.keys)


def setting(key: str, value: Node, at: Place) -> Node:
    """Return the override block that gives one dotted key a value."""
    return Node({key: value}, at, {key: at})


def block_of(changes: Mapping[str, object]) -> Node:
    """Return the override block of a Python mapping from dotted keys to values."""
    entries, keys = {}, {}
    for key, value in changes.items():
        at = Place(f"override {key}")
        if not isinstance(key, str):
            raise ScenarioError([_problem(at, str(key), f"a dotted key is text, got {shown(key)}")])
        entries[key], keys[key] = _node(value, at, key), at
    return Node(entries, Place("override"), keys)


def _node(value: object, at: Place, key: str) -> Node:
    if key.count(".") > DEEPEST:
        raise ScenarioError([_problem(at, key.split(".", maxsplit=1)[0], f"nested more than {DEEPEST} levels deep")])
    # a numpy scalar is a number to whoever wrote np.linspace(...), and this room does not import numpy to ask
    item = getattr(value, "item", None)
    value = item() if callable(item) and getattr(value, "shape", None) == () else value
    if isinstance(value, Mapping):
        entries = {str(name): _node(below, at, f"{key}.{name}") for name, below in value.items()}
        return Node(entries, at, dict.fromkeys(entries, at))
    if isinstance(value, list | tuple):
        return Node([_node(below, at, f"{key}.{i}") for i, below in enumerate(value)], at)
    if value is None or isinstance(value, bool | float) or _is_word_or_whole(value):
        return Node(value, at)  # type: ignore[arg-type]
    message = f"{shown(value)} is no number, text, true or false, list or mapping"
    raise ScenarioError([_problem(at, key, message)])


def _is_word_or_whole(value: object) -> bool:
    if isinstance(value, str):
        return value.isascii() or value.encode("utf-8", "replace").decode() == value
    return isinstance(value, int) and abs(value) <= LARGEST_WHOLE


def _problem(at: Place, key: str, message: str) -> Problem:
    return Problem(file=at.file, line=at.line, column=at.column, key=key, message=message)
