"""Sections back to the plain data of a scenario file, complete with every default and every source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any

from scenarios.scalars import Unclear, meaning
from sim.section import key_of

RAW = ("overrides",)
"""Top-level keys whose content is kept as it was written."""


def data_of(section: object, sources: Mapping[str, str]) -> dict[str, Any]:
    """Return the plain data of a scenario's sections, with `{value:, source:}` where a number has a source."""
    plain: dict[str, Any] = _plain(section)
    for key, source in sources.items():
        _attach(plain, key.split("."), source)
    return plain


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        found = {key_of(field.name): (field, getattr(value, field.name)) for field in fields(value)}
        return {
            key: below if key in RAW else _plain(below)
            for key, (field, below) in found.items()
            if not _goes_without(field, below)
        }
    if isinstance(value, Mapping):
        return {key: _plain(below) for key, below in value.items()}
    return [_plain(below) for below in value] if isinstance(value, list) else value


def _goes_without(field: Field[Any], value: object) -> bool:
    """Tell whether a value need not be written: an empty default, where nothing else would come in its place."""
    if value is None:
        return field.default is None
    return value == {} and field.default_factory is dict


def _attach(data: Any, parts: list[str], source: str) -> None:
    """Put a source at a dotted key; a service factor's keys may hold dots themselves."""
    for length in range(1, len(parts) + 1):
        key, rest = ".".join(parts[:length]), parts[length:]
        index: Any = int(key) if isinstance(data, list) and key.isdecimal() else key
        if isinstance(data, list) or index in data:
            if rest:
                return _attach(data[index], rest, source)
            number = data[index]["value"] if isinstance(data[index], dict) else data[index]
            data[index] = {"value": number, "source": source}
            return None
    raise KeyError(".".join(parts))


def yaml_of(data: Mapping[str, Any]) -> str:
    """Return plain data as YAML in block style, keys in the order of the schema."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Puts quotes around all text that would not be read back as text."""

    Dumper.add_representer(str, _represent)
    return yaml.dump(dict(data), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)


def quoted(text: str) -> str:
    """Return text as YAML, in quotes where it would otherwise be read as something else."""
    return yaml_of({"text": text}).removeprefix("text: ").strip()


def _represent(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if _is_text(text) else '"')


def _is_text(text: str) -> bool:
    try:
        # a line break that Unicode knows and an editor does not would be folded to a space
        return meaning(text) == text and text.isprintable()
    except Unclear:
        return False
