"""Names that users give: to blocks, parties, lanes, marks. Dotted keys, file names and columns are made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from scenarios.errors import shown
from scenarios.network import Finding
from scenarios.schema import Content
from scenarios.tree import Path
from sim.section import key_of


def is_name(text: str) -> bool:
    """Tell whether a text can be a name: letters, digits, `-` and `_`, and no digit first."""
    return text.replace("-", "_").isidentifier()


def misnamed(content: Content) -> Iterator[Finding]:
    """Yield every name in a scenario that no dotted key could hold."""
    for path in [*_names(content, ()), *(("overrides", name) for name in content.overrides)]:
        if not is_name(str(path[-1])):
            message = f"{shown(path[-1])} is no name: letters, digits, - and _, and no digit first"
            yield Finding("", path, message, path[-1])


def _names(section: Any, path: Path) -> Iterator[Path]:
    for one in fields(section):
        value, here = getattr(section, one.name), (*path, key_of(one.name))
        if is_dataclass(value):
            yield from _names(value, here)
        elif isinstance(value, dict):
            # what leads to sections has names for keys; other keys are words of the format or values of marks
            for name, below in value.items():
                if is_dataclass(below):
                    yield (*here, name)
                    yield from _names(below, (*here, name))
