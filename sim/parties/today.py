"""A scenario's sections with one key changed: what they are today, while a disruption lasts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from sim.config import Block, Sink, Stock
from sim.disruptions import FIXED, MAY_CHANGE, Change, PriceShock
from sim.network import targets
from sim.parties.expand import Sections, expand
from sim.section import key_of

ROOMS = ("parties", "costs", "returns", "policies")
"""Where a key that changes may stand; a party's name may stand for `parties.<name>`."""

Path = tuple[str, ...]


class NoSuchKeyError(ValueError):
    """A dotted key leads nowhere. `word`: its part that is not there. `allowed`: what is there."""

    def __init__(self, word: str, allowed: Iterable[str]) -> None:
        self.word, self.allowed = word, tuple(allowed)
        super().__init__(f"there is no {word!r}; there are {', '.join(self.allowed) or 'none'}")


def path_of(sections: Sections, key: str) -> Path:
    """Return where a dotted key leads to. Raises NoSuchKeyError at its first part that is not there."""
    path: Path = tuple(key.split("."))
    if path[0] in sections.parties:
        path = ("parties", *path)
    if path[0] not in ROOMS:
        raise NoSuchKeyError(path[0], (*sections.parties, *ROOMS[1:]))
    section: Any = sections
    for word in path:
        names = _names(section)
        if word not in names:
            raise NoSuchKeyError(word, names)
        section = _below(section, word)
    return path


def at(sections: Sections, path: Path) -> Any:
    """Return what stands at a path."""
    section: Any = sections
    for word in path:
        section = _below(section, word)
    return section


def changed(sections: Sections, change: Change) -> Sections:
    """Return the sections with one change made. Raises NoSuchKeyError, or ValueError for what cannot stand there."""
    path = path_of(sections, change.set)
    made: Sections = _put(sections, path, _new(at(sections, path), change))
    return made


def renewed(before: Sections, after: Sections) -> dict[str, Block]:
    """Return the blocks that differ between two states of the same sections, as they are afterwards."""
    were = expand(before)
    return {name: block for name, block in expand(after).items() if were.get(name) != block}


def immovable(before: Sections, after: Sections) -> Iterator[str]:
    """Yield what would have to change in a running world and cannot: `<party>.<key>`, `<block>.<key>`, a new block."""
    for name, party in after.parties.items():
        for key in FIXED:
            if getattr(party, key, None) != getattr(before.parties[name], key, None):
                yield f"{name}.{key}"
    were = expand(before)
    for name, block in renewed(before, after).items():
        if name not in were or type(were[name]) is not type(block):
            yield name
            continue
        was = were[name]
        for one in fields(block):
            if getattr(was, one.name) != getattr(block, one.name):
                movable = one.name in MAY_CHANGE.get(block.kind, ())
                if not movable or (one.name == "to" and not _leads_no_further(was, block)):
                    yield f"{name}.{key_of(one.name)}"


def _leads_no_further(was: Block, block: Block) -> bool:
    if isinstance(was, Sink | Stock) or isinstance(block, Sink | Stock):
        return False
    return targets(block.to) <= targets(was.to)


def _new(value: Any, change: Change) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(change, PriceShock) and not is_number:
        raise ValueError(f"{change.set} is no number, so it is no price")
    wanted = value * change.factor if isinstance(change, PriceShock) and change.factor is not None else change.to
    if isinstance(value, int) and isinstance(wanted, float):
        if not wanted.is_integer():
            raise ValueError(f"{change.set} takes a whole number, not {wanted:g}")
        return int(wanted)
    return wanted


def _names(section: Any) -> tuple[str, ...]:
    if isinstance(section, Sections):
        return ROOMS
    if is_dataclass(section):
        return tuple(key_of(one.name) for one in fields(section))
    return tuple(section) if isinstance(section, dict) else ()


def _below(section: Any, word: str) -> Any:
    return section[word] if isinstance(section, dict) else getattr(section, _field(section, word))


def _put(section: Any, path: Path, value: Any) -> Any:
    word, rest = path[0], path[1:]
    below = _put(_below(section, word), rest, value) if rest else value
    return {**section, word: below} if isinstance(section, dict) else replace(section, **{_field(section, word): below})


def _field(section: Any, word: str) -> str:
    return next(one.name for one in fields(section) if key_of(one.name) == word)
