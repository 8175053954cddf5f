"""The state of a world in plain JSON values, exactly, and back.

What JSON cannot say is a mapping with a word of its own: {"unit": key}, {"block": name}, {"extension": name},
{"entry": place in the calendar}, {"float": "nan"}, {"floats": [...]} for an array, {"bytes": hex}, {"tuple": [...]},
{"deque": [...]}, {"dict": [[key, value], ...]}, and {"object": class, "state": {...}} for a named tuple or a part that
has `STATE` itself. A unit and an entry is one thing wherever it is mentioned; every other part belongs to the one
attribute that holds it.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from collections.abc import Mapping
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final

from sim.blocks.block import Block
from sim.blocks.workshop import Job
from sim.engine import Entry
from sim.records import Unit

if TYPE_CHECKING:
    from sim.world import World

MADE: Final[Mapping[str, type]] = {"Job": Job}
"""Parts that come and go while a world runs; all others stay from the start. An extension has a `MADE` of its own."""

Saved = dict[str, Any]
"""Plain JSON values."""


class ToPlain:
    """Turns state into plain values and collects the units it meets. Holds state while a snapshot is taken."""

    def __init__(self, world: World) -> None:
        self._pending = world.engine.pending()
        self._entries = {id(item[3]): place for place, item in enumerate(self._pending)}
        self._extensions = {id(extension): name for name, extension in world.extensions.items()}
        self._units: dict[int, Unit] = {}

    def calendar(self) -> list[list[Any]]:
        """Return the pending events in order: day, phase, order, who acts, the step and what it is about."""
        return [[day, phase, order, *self._step(entry)] for day, phase, order, entry in self._pending]

    def part(self, part: Any) -> Saved:
        """Return what a part names in its `STATE`. Raises TypeError, with the attribute, for what cannot be saved."""
        saved = {}
        for name in part.STATE:
            try:
                saved[name] = self.value(getattr(part, name))
            except TypeError as error:
                raise TypeError(f"{type(part).__name__}.{name}: {error}") from error
        return saved

    def units(self) -> list[Saved]:
        """Return all units met so far, and those that they lead to, by key."""
        saved: dict[int, Saved] = {}
        while len(saved) < len(self._units):
            for key, unit in list(self._units.items()):
                if key not in saved:
                    saved[key] = {name: self.value(getattr(unit, name)) for name in Unit.__slots__}
        return [saved[key] for key in sorted(saved)]

    def value(self, value: Any) -> Any:
        """Return a value in plain form. Raises TypeError for a kind of value that cannot be saved."""
        if value is None or isinstance(value, str | int):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else {"float": str(value)}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, tuple | deque) and not hasattr(value, "_fields"):
            return {type(value).__name__: [self.value(item) for item in value]}
        if isinstance(value, dict | bytes | array):
            return self._packed(value)
        return self._reference(value)

    def _packed(self, value: dict[Any, Any] | bytes | array[float]) -> Saved:
        if isinstance(value, array):
            return {"floats": value.tolist()}
        if isinstance(value, bytes):
            return {"bytes": value.hex()}
        return {"dict": [[self.value(key), self.value(item)] for key, item in value.items()]}

    def _step(self, entry: Entry) -> list[Any]:
        assert entry.callbacks, "a cancelled entry is not pending"
        step: Any = entry.callbacks[0]
        return [self.value(step.__self__), step.__name__, self.value(entry.unit)]

    def _reference(self, value: Any) -> Saved:
        if isinstance(value, Unit):
            assert self._units.setdefault(value.key, value) is value, f"two units have the key {value.key}"
            return {"unit": value.key}
        if isinstance(value, Block):
            return {"block": value.name}
        if isinstance(value, Entry):
            return {"entry": self._entries[id(value)]}
        if id(value) in self._extensions:
            return {"extension": self._extensions[id(value)]}
        if hasattr(value, "_fields"):
            fields = value._asdict().items()
            return {"object": type(value).__name__, "state": {name: self.value(item) for name, item in fields}}
        if hasattr(value, "STATE"):
            return {"object": type(value).__name__, "state": self.part(value)}
        raise TypeError(f"a {type(value).__name__} cannot be saved: give it STATE, or keep it out of the state")


class ToState:
    """Turns plain values back into the state of one world; making it fills the calendar. Holds state meanwhile."""

    def __init__(self, world: World, saved: Saved) -> None:
        extensions: dict[str, Any] = world.extensions
        self._made = dict(MADE)
        for extension in extensions.values():
            self._made |= getattr(extension, "MADE", {})
        units = {unit["key"]: Unit(unit["key"], unit["born"]) for unit in saved["units"]}
        entries = [Entry(None, None) for _ in saved["calendar"]]
        self._known: dict[str, Any] = {
            "unit": units,
            "entry": entries,
            "block": world.blocks,
            "extension": extensions,
        }
        for unit in saved["units"]:
            for name in Unit.__slots__:
                setattr(units[unit["key"]], name, self.value(unit[name]))
        # in place, because every block holds this very list; sorted as it is, it is a heap
        world.engine.queue[:] = [
            self._pending(entry, *item) for entry, item in zip(entries, saved["calendar"], strict=True)
        ]

    def part(self, part: Any, saved: Saved) -> None:
        """Set what a part names in its `STATE`. Raises ValueError when it was saved with other names."""
        if set(saved) != set(part.STATE):
            raise ValueError(f"{type(part).__name__} was saved with {sorted(saved)}, here it has {sorted(part.STATE)}")
        for name, plain in saved.items():
            # a frozen record is set here, once, and never again
            object.__setattr__(part, name, self.value(plain, getattr(part, name, None)))

    def value(self, plain: Any, present: Any = None) -> Any:
        """Return the value of a plain form; a container or part that is `present` is filled and stays itself."""
        if isinstance(plain, list):
            return self._list(plain, present)
        if not isinstance(plain, dict):
            return plain
        if "object" in plain:
            return self._object(plain, present)
        ((word, content),) = plain.items()
        if word in self._known:
            return self._known[word][content]
        return _BUILD[word](self, content, present)

    def _pending(self, entry: Entry, *item: Any) -> tuple[float, int, int, Entry]:
        day, phase, order, actor, step, unit = item
        entry.callbacks = (getattr(self.value(actor), step),)
        entry.unit = self.value(unit)
        return day, phase, order, entry

    def _list(self, plain: list[Any], present: Any) -> list[Any]:
        items: list[Any] = present if isinstance(present, list) else []
        # where an item is there already, as the servers of a station are, it is filled and keeps its links
        places = chain(list(items), repeat(None))
        items[:] = [self.value(item, place) for item, place in zip(plain, places, strict=False)]
        return items

    def _deque(self, plain: list[Any], present: Any) -> deque[Any]:
        items: deque[Any] = present if isinstance(present, deque) else deque()
        items.clear()
        items.extend(self.value(item) for item in plain)
        return items

    def _dict(self, plain: list[Any], present: Any) -> dict[Any, Any]:
        items: dict[Any, Any] = present if isinstance(present, dict) else {}
        filled = [(self.value(key), item) for key, item in plain]
        filled = [(key, self.value(item, items.get(key))) for key, item in filled]
        items.clear()
        items.update(filled)
        return items

    def _tuple(self, plain: list[Any], _: Any) -> tuple[Any, ...]:
        return tuple(self.value(item) for item in plain)

    def _floats(self, plain: list[float], _: Any) -> array[float]:
        return array("d", plain)

    def _float(self, plain: str, _: Any) -> float:
        return float(plain)

    def _bytes(self, plain: str, _: Any) -> bytes:
        return bytes.fromhex(plain)

    def _object(self, plain: Saved, present: Any) -> Any:
        name, state = plain["object"], plain["state"]
        if type(present).__name__ == name and hasattr(present, "STATE"):
            self.part(present, state)
            return present
        if name not in self._made:
            raise ValueError(f"a saved world holds a {name}, which neither the blocks nor the extensions make")
        if issubclass(self._made[name], tuple):
            return self._made[name](**{field: self.value(item) for field, item in state.items()})
        made: Any = object.__new__(self._made[name])
        self.part(made, state)
        return made


_BUILD: Final[Mapping[str, Any]] = {
    "bytes": ToState._bytes,
    "deque": ToState._deque,
    "dict": ToState._dict,
    "float": ToState._float,
    "floats": ToState._floats,
    "tuple": ToState._tuple,
}
