"""What a place holds, found by walking through everything it can reach, and whether planted values are in it.

The walk goes through containers, the attributes of objects of this room, arrays and bytes. Nothing is known in advance
of where a value should be: the search looks at every number and at every eight bytes of everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOM = "learning."
_WORD = 8


@dataclass(eq=False)
class Holdings:
    """Holds state: everything found so far."""

    numbers: list[NDArray[Any]] = field(default_factory=list)
    blobs: list[bytes] = field(default_factory=list)
    objects: list[object] = field(default_factory=list)

    def share_of(self, planted: NDArray[np.float64] | NDArray[np.int64]) -> float:
        """Return the share of the planted numbers that are somewhere in it, as numbers, as words or as text."""
        missing = np.unique(planted)
        count = len(missing)
        for held in self._all():
            if not len(missing):
                break
            missing = missing[~np.isin(missing, held)]
        if len(missing):
            text = b"\n".join(self.blobs)
            missing = np.array([value for value in missing.tolist() if repr(value).encode() not in text])
        return 1.0 - len(missing) / count

    def _all(self) -> Iterator[NDArray[Any]]:
        yield from self.numbers
        for blob in self.blobs:
            for start in range(min(_WORD, len(blob))):
                size = (len(blob) - start) // _WORD * _WORD
                for form in ("<i8", "<f8"):
                    yield np.frombuffer(blob[start : start + size], dtype=form)


def held(roots: Iterable[object]) -> Holdings:
    """Return everything that can be reached from these."""
    found, seen, waiting = Holdings(), set[int](), list(roots)
    keep = []
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        # an object that is gone could lend its place in memory to the next
        keep.append(value)
        waiting += _inside(value, found)
    return found


def files(folder: Path) -> Holdings:
    """Return everything that the files of a folder hold; tables are read as tables too."""
    found = Holdings()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.blobs.append(path.read_bytes())
            if path.suffix == ".parquet":
                found.numbers += _columns(path)
    return found


def _columns(path: Path) -> list[NDArray[Any]]:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    columns = [table.column(name).to_numpy() for name in table.column_names]
    return [column for column in columns if column.dtype.kind in "iuf"]


def _inside(value: object, found: Holdings) -> list[object]:
    """Note what a value is, and return what it holds."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        found.blobs.append(bytes(value))
    elif isinstance(value, str):
        found.blobs.append(value.encode())
    elif isinstance(value, (bool, int, float)):
        found.numbers.append(_one(value))
    elif isinstance(value, np.ndarray):
        found.numbers.append(value.ravel())
    elif isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    elif isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    elif type(value).__module__.startswith(ROOM):
        found.objects.append(value)
        return list(_attributes(value))
    return []


def _one(value: float) -> NDArray[Any]:
    # a whole number longer than a word cannot be a planted one
    return np.array([value if isinstance(value, float) or abs(value) < 2**63 else 0])


def _attributes(value: object) -> Iterator[object]:
    names = {one.name for one in fields(value)} if is_dataclass(value) else set[str]()
    names |= set(getattr(value, "__dict__", ()))
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        names |= {slots} if isinstance(slots, str) else set(slots)
    for name in names:
        yield getattr(value, name, None)
