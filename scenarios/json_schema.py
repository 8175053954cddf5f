"""The scenario format as JSON Schema, for editors and other programs."""

from __future__ import annotations

from typing import Any

from scenarios.documentation import documentation
from scenarios.grammar import sections_in
from scenarios.schema import Content
from scenarios.validate import adapter

_SCHEMAS_BY_NAME = ("properties", "$defs")
_NOT_FOR_EDITORS = ("title", "discriminator")


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of scenario files, with the documentation of every key.

    A file that extends another may leave out what the other says, so nothing but names is required of it. What only the
    whole network shows, and what an override comes to, is for `looptwin validate` to find.
    """
    whole = _for_editors(_documented(adapter().json_schema()))
    definitions = whole.pop("$defs")
    parts = {f"{name}Part": _as_part(schema) for name, schema in definitions.items()}
    whole["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    extension = _as_part(whole) | {"required": ["looptwin", "extends"]}
    return {
        "$schema": whole.pop("$schema"),
        "title": "looptwin scenario",
        "description": whole["description"],
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/$defs/Extension"},
        "else": {"$ref": "#/$defs/Scenario"},
        "$defs": {"Scenario": whole, "Extension": extension} | definitions | parts,
    }


def _documented(schema: dict[str, Any]) -> dict[str, Any]:
    for section in sections_in(Content):
        found = schema if section is Content else schema["$defs"].get(section.__name__) or _inlined(schema, section)
        for key, text in documentation(section).items():
            if key in found["properties"]:
                found["properties"][key]["description"] = text
    return schema


def _inlined(schema: Any, section: type) -> dict[str, Any]:
    """Return where a section stands that is written out because only one place refers to it."""
    if isinstance(schema, dict) and schema.get("title") == section.__name__ and "properties" in schema:
        return schema
    parts = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    return next((found for part in parts if (found := _inlined(part, section))), {})


def _for_editors(schema: Any) -> Any:
    """Let every number also be written with its source, and leave out what only helps programs."""
    if isinstance(schema, list):
        return [_for_editors(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = {
        keyword: _each(part, _for_editors) if keyword in _SCHEMAS_BY_NAME else _for_editors(part)
        for keyword, part in schema.items()
        if keyword not in _NOT_FOR_EDITORS
    }
    if "discriminator" in schema:
        # the tag has a default for those who write Python; in a file it is what tells the sections apart
        tag = schema["discriminator"]["propertyName"]
        found["oneOf"] = [member | {"required": [tag]} for member in found["oneOf"]]
    return _with_source(found) if found.get("type") in ("number", "integer") and "const" not in found else found


def _with_source(number: dict[str, Any]) -> dict[str, Any]:
    told = {keyword: number.pop(keyword) for keyword in ("description", "default") if keyword in number}
    sourced = {
        "type": "object",
        "properties": {"value": number, "source": {"type": "string", "description": "Where the number comes from."}},
        "required": ["value", "source"],
        "additionalProperties": False,
    }
    return told | {"anyOf": [number, sourced]}


def _as_part(schema: Any) -> Any:
    """Return a schema that asks for nothing, for what is merged over a parent."""
    if isinstance(schema, list):
        return [_as_part(part) for part in schema]
    if not isinstance(schema, dict):
        return f"{schema}Part" if isinstance(schema, str) and schema.startswith("#/$defs/") else schema
    return {
        "anyOf" if keyword == "oneOf" else keyword: _each(part, _as_part)
        if keyword in _SCHEMAS_BY_NAME
        else _as_part(part)
        for keyword, part in schema.items()
        if keyword not in ("required", "minProperties") or _is_sourced(schema)
    }


def _is_sourced(schema: dict[str, Any]) -> bool:
    return set(schema.get("properties", ())) == {"value", "source"}


def _each(schemas: dict[str, Any], change: Any) -> dict[str, Any]:
    return {name: change(schema) for name, schema in schemas.items()}
