"""What may stand where in a scenario, read off the sections' own type annotations.

Used when something is wrong, to say what would have been right, and for the reference; a valid scenario never comes
here.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Len, Lt, MinLen

from scenarios.tree import Path
from sim.section import Section, Shaped, Tagged, key_of

_BOUNDS = ((Gt, "gt", "above"), (Ge, "ge", "of at least"), (Lt, "lt", "below"), (Le, "le", "of at most"))


class Spot(NamedTuple):
    """Where an error points to: the path in the file, what is expected there, and the section that holds the key."""

    path: Path
    expected: Any
    section: type | None


def spot(root: type, location: tuple[int | str, ...]) -> Spot:
    """Translate a validator's location, which also names the members it chose in unions, to a place in the file."""
    path: list[str | int] = []
    expected: Any = root
    current: Any = root
    section: type | None = None
    for part in location:
        current = _without_none(current)
        if _is_union(current):
            current = _member(current, str(part))
            if current is None:
                break
            continue
        if part == "[key]":
            break
        section = _section(current) or section
        current = _below(current, part)
        path.append(part)
        expected = current
        if current is None:
            break
    return Spot(tuple(path), expected, section)


def section_at(root: type, location: tuple[int | str, ...]) -> type | None:
    """Return the section that a validator's location leads into."""
    current: Any = root
    for part in location:
        current = _without_none(current)
        current = _member(current, str(part)) if _is_union(current) else _below(current, part)
    return _section(_without_none(current))


def key_words(root: type, location: tuple[int | str, ...]) -> tuple[str, ...]:
    """Return the words that may be keys of the mapping that a validator's location leads into, or () for any."""
    current: Any = root
    for part in location:
        current = _without_none(current)
        current = _member(current, str(part)) if _is_union(current) else _below(current, part)
    bare = _bare(current)
    return choices(get_args(bare)[0]) if get_origin(bare) is dict else ()


@cache
def keys(section: type) -> dict[str, Any]:
    """Return the keys of a section and the annotation of each, in the order of the fields."""
    hints = get_type_hints(section, include_extras=True)
    return {key_of(field.name): hints[field.name] for field in _fields(section)}


@cache
def required(section: type) -> tuple[str, ...]:
    """Return the keys that a section cannot do without."""
    return tuple(
        key_of(field.name)
        for field in _fields(section)
        if field.default is MISSING and field.default_factory is MISSING
    )


def sections_in(annotation: Any) -> set[type]:
    """Return every section that an annotation leads to, directly or inside of others."""
    found: set[type] = set()
    waiting = [annotation]
    while waiting:
        current = waiting.pop()
        section = _section(current)
        if section is not None and section not in found:
            found.add(section)
            waiting += keys(section).values()
        elif section is None:
            waiting += [part for part in get_args(_bare(current)) if not isinstance(part, str | int)]
    return found


def choices(annotation: Any) -> tuple[str, ...]:
    """Return the words that an annotation allows, or () where anything else may stand."""
    annotation = _without_none(annotation)
    bare = _bare(annotation)
    if get_origin(bare) is Literal:
        return tuple(str(word) for word in get_args(bare))
    if _is_union(annotation):
        if _marker(annotation, Tagged):
            return tuple(_tag_of(member, _marker(annotation, Tagged).key) for member in get_args(bare))
        return tuple(word for member in get_args(bare) for word in choices(member))
    return ()


def is_tagged(annotation: Any) -> bool:
    """Tell whether a word chooses among the sections that may stand here."""
    return _marker(_without_none(annotation), Tagged) is not None


def tag_key(annotation: Any) -> str:
    """Return the key whose word chooses among a union's sections: `kind`, `law`."""
    return str(_marker(_without_none(annotation), Tagged).key)


def member_keys(annotation: Any) -> set[str]:
    """Return every key that some section of a union has."""
    return {key for member in get_args(_bare(_without_none(annotation))) for key in keys(_bare(member))}


def describe(annotation: Any, *, brief: bool = False) -> str:
    """Return in plain words what an annotation allows: `a whole number of at least 1`; `brief` leaves out keys."""
    annotation = _without_none(annotation)
    bare = _bare(annotation)
    origin = get_origin(bare)
    if origin is Literal:
        words = [str(word) for word in get_args(bare)]
        return f"the word {words[0]}" if len(words) == 1 else "one of " + ", ".join(words)
    if _is_union(annotation):
        return _describe_union(annotation, brief=brief)
    section = _section(annotation)
    if section is not None:
        return "a mapping" if brief else f"a mapping with the keys {', '.join(keys(section))}"
    if origin is dict:
        inner = get_args(bare)[1]
        what = "" if inner is Any else f" of names{_length(annotation)}, each with {describe(inner, brief=True)}"
        return f"a mapping{what}"
    if origin is list:
        return f"a list{_length(annotation)}, each {describe(get_args(bare)[0], brief=True)}"
    return _describe_scalar(annotation)


def _describe_union(annotation: Any, *, brief: bool) -> str:
    members = get_args(_bare(annotation))
    tagged = _marker(annotation, Tagged)
    if tagged is None:
        told = [describe(member, brief=True) for member in members]
        return (" or " if len(told) == 2 else "; or ").join(told)
    words = "" if brief else " one of " + ", ".join(_tag_of(member, tagged.key) for member in members)
    number = "a number or " if tagged.number else ""
    return f"{number}a mapping with `{tagged.key}`" + words.replace(" ", ": ", 1)


def _describe_scalar(annotation: Any) -> str:
    bare = _bare(annotation)
    noun = {float: "a number", int: "a whole number", str: "text", bool: "true or false"}.get(bare, "a value")
    if bare is str and _length(annotation):
        return "text that is not empty"
    bounds = {type(marker): marker for marker in _metadata(annotation)}
    if Ge in bounds and Le in bounds:
        return f"{noun} from {bounds[Ge].ge:g} to {bounds[Le].le:g}"
    said = [f"{word} {getattr(bounds[kind], attribute):g}" for kind, attribute, word in _BOUNDS if kind in bounds]
    return " ".join([noun, " and ".join(said)]).rstrip()


def _length(annotation: Any) -> str:
    for marker in _metadata(annotation):
        if isinstance(marker, Len) and marker.min_length == marker.max_length:
            return f" of {marker.min_length}"
        if isinstance(marker, MinLen | Len):
            return f", at least {marker.min_length}"
    return ""


def _fields(section: type) -> tuple[Field[Any], ...]:
    return fields(section)


def _section(annotation: Any) -> type | None:
    bare = _bare(annotation)
    return bare if isinstance(bare, type) and issubclass(bare, Section) else None


def _below(annotation: Any, part: int | str) -> Any:
    section = _section(annotation)
    if section is not None:
        return keys(section).get(str(part))
    bare = _bare(annotation)
    return get_args(bare)[-1] if get_origin(bare) in (dict, list) else None


def _member(union: Any, name: str) -> Any:
    """Return the member of a union that a validator calls `name`, or None in a union whose members it tries in turn."""
    members = get_args(_bare(union))
    shaped, tagged = _marker(union, Shaped), _marker(union, Tagged)
    if shaped is not None:
        return dict(zip(shaped.names, members, strict=True)).get(name)
    if tagged is not None:
        return {_tag_of(member, tagged.key): member for member in members}.get(name)
    return None


def _tag_of(member: Any, key: str) -> str:
    return str(get_args(keys(_bare(member))[key])[0])


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _metadata(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()


def _marker(annotation: Any, kind: type) -> Any:
    return next((marker for marker in _metadata(annotation) if isinstance(marker, kind)), None)


def _is_union(annotation: Any) -> bool:
    return get_origin(_bare(annotation)) in (Union, UnionType)


def _without_none(annotation: Any) -> Any:
    """Return what may stand in place of nothing; an annotation without None as it is."""
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    members = tuple(member for member in get_args(annotation) if member is not NoneType)
    return Union[members]  # noqa: UP007  # the members are known only here; one alone gives itself
