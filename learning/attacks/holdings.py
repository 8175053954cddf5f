"""What a place holds, found by walking through everything it can reach, and whether planted values are in it.

The walk goes through containers, the attributes of objects of this room, arrays and bytes. Nothing is known in advance
of where a value should be: the search looks at every number and at every eight bytes of everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOM = "learning."
_WORD = 8
_NEAR = 1e-12
"""Relative rounding of a sum of two numbers that were one."""


@dataclass(eq=False)
class Holdings:
    """Holds state: everything found so far."""

    numbers: list[NDArray[Any]] = field(default_factory=list)
    blobs: list[bytes] = field(default_factory=list)
    objects: list[object] = field(default_factory=list)
    worked_out: list[NDArray[np.float64]] = field(default_factory=list)
    """What an intruder works out of what it found: near enough is found."""

    def share_of(self, planted: NDArray[np.float64] | NDArray[np.int64]) -> float:
        """Return the share of the planted numbers that are somewhere in it, as numbers, as words or as text."""
        missing = np.unique(planted)
        count = len(missing)
        for held in self._all():
            if len(missing):
                missing = missing[~_among(missing, held)]
        for worked_out in self.worked_out:
            if len(missing):
                missing = missing[~_near(missing, worked_out)]
        text = b"\n".join(self.blobs) if len(missing) else b""
        return 1.0 - sum(repr(value).encode() not in text for value in missing.tolist()) / count

    def _all(self) -> Iterator[NDArray[Any]]:
        yield from self.numbers
        for blob in dict.fromkeys(self.blobs):
            for start in range(min(_WORD, len(blob))):
                size = (len(blob) - start) // _WORD * _WORD
                for form in ("<i8", "<f8"):
                    yield np.frombuffer(blob[start : start + size], dtype=form)


def _among(wanted: NDArray[Any], given: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which of the sorted `wanted` are among `given`: the fewer they are, the faster."""
    places = np.minimum(np.searchsorted(wanted, given), len(wanted) - 1)
    hit = np.zeros(len(wanted), dtype=bool)
    hit[places[wanted[places] == given]] = True
    return hit


def _near(wanted: NDArray[Any], given: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which of the sorted `wanted` something in `given` comes near enough to."""
    above = np.minimum(np.searchsorted(wanted, given), len(wanted) - 1)
    hit = np.zeros(len(wanted), dtype=bool)
    for places in (above, np.maximum(above - 1, 0)):
        hit[places[np.abs(wanted[places] - given) <= _NEAR * np.abs(given)]] = True
    return hit


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
    """Return everything that the files of a folder hold; of tables the columns, and the sums of any two of them."""
    found = Holdings()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.blobs.append(path.read_bytes())
            if path.suffix == ".parquet":
                found.numbers += (columns := _columns(path))
                real = [column for column in columns if column.dtype.kind == "f"]
                found.worked_out += [one + other for one, other in combinations(real, 2)]
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
    elif isinstance(value, (float, np.generic)) or (isinstance(value, int) and abs(value) < 1 << 63):
        # a whole number longer than a word cannot be one that is looked for
        found.numbers.append(np.array([value]))
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


def _attributes(value: object) -> Iterator[object]:
    names = {one.name for one in fields(value)} if is_dataclass(value) else set[str]()
    names |= set(getattr(value, "__dict__", ()))
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        names |= {slots} if isinstance(slots, str) else set(slots)
    for name in names:
        yield getattr(value, name, None)
