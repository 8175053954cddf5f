"""The one source of luck: every draw is a pure function of (seed, replication, stream, owner, entity, occurrence).

Adding a party, a route, a logger or a replication therefore changes no other draw. The cache inside a `Stream` is only
a cache: dropping it changes nothing.

A stream is named by its purpose at a block ("bench.service"). The owner is the origin of the entity, the entity is the
number of a unit within its origin, the occurrence counts repetitions (visits, lives). Arrivals and breakdowns are owned
by their source or station, and the n-th event is the entity.

Generator: Philox4x64 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), keyed by blake2b.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from threading import local
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

SEQUENCE_BITS = 32
"""A unit's key is `number of its origin << SEQUENCE_BITS | its sequence within the origin`."""

_NAME_BITS = 24
_BLOCK_BITS = 8
BLOCK = 1 << _BLOCK_BITS
"""Uniforms of one block: what `uniform_block` returns."""

_BLOCK_MASK = BLOCK - 1
_OCCURRENCE_SHIFT = SEQUENCE_BITS + _NAME_BITS - _BLOCK_BITS
_CACHED_BLOCKS = 1024
_scratch = local()

Numbers: TypeAlias = NDArray[np.float64]

Law: TypeAlias = Callable[[Numbers, int], Numbers]
"""From uniforms, a row per stream and a column per entity, to a row per value; and the key of the first entity."""


def number_names(names: Iterable[str]) -> dict[str, int]:
    """Return a number for each name that does not depend on the other names, so one party never shifts another's ids.

    Two names that hash alike (7 in 100,000 for 50 names) get neighbouring numbers in the order of their names.
    """
    numbers: dict[str, int] = {}
    taken: set[int] = set()
    for name in sorted(names):
        number = int.from_bytes(blake2b(name.encode(), digest_size=_NAME_BITS // 8).digest(), "little")
        while number in taken:
            number = (number + 1) % (1 << _NAME_BITS)
        numbers[name] = number
        taken.add(number)
    return numbers


class Streams:
    """Holds state: the seed, the replication and the streams opened so far."""

    def __init__(self, seed: int, replication: int, owners: Mapping[str, int]) -> None:
        self.seed = seed
        self.replication = replication
        self._owners = {number: name for name, number in owners.items()}
        self._opened: dict[str, Stream] = {}
        self._bundles: list[Bundle] = []

    def open(self, name: str) -> Stream:
        """Return the stream of this name; the same object whenever it is asked for."""
        if name not in self._opened:
            self._opened[name] = Stream(name, self._keys_of(name))
        return self._opened[name]

    def bundle(self, names: Iterable[str], law: Law | None = None) -> Bundle:
        """Return streams that are read together, through a law where one is given; each draws what it draws alone."""
        made = Bundle([self._keys_of(name) for name in names], law)
        self._bundles.append(made)
        return made

    def _keys_of(self, name: str) -> Callable[[int], tuple[int, int]]:
        return lambda owner: self.key(name, self._owners[owner])

    def forget(self) -> None:
        """Empty the cache of draws; they are drawn again when they are asked for again."""
        for stream in self._opened.values():
            stream.forget()
        for bundle in self._bundles:
            bundle.forget()

    def key(self, name: str, owner: str) -> tuple[int, int]:
        """Return the two words of the Philox key of a stream for one owner."""
        text = "\0".join((str(self.seed), str(self.replication), name, owner))
        digest = blake2b(text.encode(), digest_size=16).digest()
        return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


class Stream:
    """Uniforms in (0, 1) by unit key and occurrence. Holds no state but a cache."""

    __slots__ = ("_blocks", "_key_of", "_keys", "name")

    def __init__(self, name: str, key_of: Callable[[int], tuple[int, int]]) -> None:
        self.name = name
        self._key_of = key_of
        self._keys: dict[int, tuple[int, int]] = {}
        self._blocks: dict[int, array[float]] = {}

    def uniform(self, unit: int, occurrence: int = 0) -> float:
        """Return the uniform of this unit (its key) at this occurrence (0, 1, 2, ... below 2 ** 20)."""
        block = unit >> _BLOCK_BITS
        if occurrence:
            block |= occurrence << _OCCURRENCE_SHIFT
        try:
            return self._blocks[block][unit & _BLOCK_MASK]
        except KeyError:
            return self._fill(block, unit, occurrence)[unit & _BLOCK_MASK]

    __call__ = uniform

    def forget(self) -> None:
        """Empty the cache."""
        self._blocks.clear()

    def _fill(self, block: int, unit: int, occurrence: int) -> array[float]:
        owner = unit >> SEQUENCE_BITS
        if owner not in self._keys:
            self._keys[owner] = self._key_of(owner)
        within = (unit & (1 << SEQUENCE_BITS) - 1) >> _BLOCK_BITS
        uniforms = array("d", uniform_block(self._keys[owner], within, occurrence).tobytes())
        if len(self._blocks) >= _CACHED_BLOCKS:
            del self._blocks[next(iter(self._blocks))]
        self._blocks[block] = uniforms
        return uniforms


class Bundle:
    """What several streams say of one entity, worked out a block at a time. Holds no state but a cache."""

    __slots__ = ("_blocks", "_keys", "_keys_of", "_law", "_width")

    def __init__(self, keys_of: list[Callable[[int], tuple[int, int]]], law: Law | None) -> None:
        self._keys_of = keys_of
        self._law = law
        self._width = len(keys_of)
        self._keys: dict[int, list[tuple[int, int]]] = {}
        self._blocks: dict[int, array[float]] = {}

    def values(self, unit: int, occurrence: int = 0) -> array[float]:
        """Return the values of this unit (its key) at this occurrence: of the law, or a uniform of each stream."""
        block = unit >> _BLOCK_BITS
        if occurrence:
            block |= occurrence << _OCCURRENCE_SHIFT
        try:
            found = self._blocks[block]
        except KeyError:
            found = self._fill(block, unit, occurrence)
        at = (unit & _BLOCK_MASK) * self._width
        return found[at : at + self._width]

    __call__ = values

    def block(self, unit: int, occurrence: int = 0) -> Numbers:
        """Return the values of the 256 units around one, a row per value and a column per unit."""
        self.values(unit, occurrence)
        block = unit >> _BLOCK_BITS | occurrence << _OCCURRENCE_SHIFT
        return np.frombuffer(self._blocks[block], dtype=np.float64).reshape(BLOCK, -1).T

    def forget(self) -> None:
        """Empty the cache."""
        self._blocks.clear()

    def _fill(self, block: int, unit: int, occurrence: int) -> array[float]:
        owner, first = unit >> SEQUENCE_BITS, unit & ~_BLOCK_MASK
        if owner not in self._keys:
            self._keys[owner] = [key_of(owner) for key_of in self._keys_of]
        within = (unit & (1 << SEQUENCE_BITS) - 1) >> _BLOCK_BITS
        rows = np.array([uniform_block(key, within, occurrence) for key in self._keys[owner]])
        if self._law is not None:
            rows = self._law(rows, first)
        self._width = len(rows)
        if len(self._blocks) >= _CACHED_BLOCKS:
            del self._blocks[next(iter(self._blocks))]
        # entity by entity, so that what belongs together is one slice
        self._blocks[block] = array("d", np.ascontiguousarray(rows.T, dtype=np.float64).tobytes())
        return self._blocks[block]


def uniform_block(key: tuple[int, int], block: int, occurrence: int) -> Numbers:
    """Return the 256 uniforms of a block: 52 bits and a half, so never 0 or 1, and equal bits on every processor.

    Word n of an occurrence is the same however long the blocks are: it lies at counter n // 4.
    """
    # one generator per thread, put to its place each time: making a new one takes longer than a block of draws
    if not hasattr(_scratch, "generator"):
        _scratch.generator = np.random.Philox(0)
        _scratch.place = _scratch.generator.state
    place = _scratch.place
    place["state"]["key"][:] = key
    place["state"]["counter"][:] = (block << (_BLOCK_BITS - 2), occurrence, 0, 0)
    place["buffer_pos"] = 4
    _scratch.generator.state = place
    uniforms: Numbers = (_scratch.generator.random_raw(1 << _BLOCK_BITS) >> np.uint64(12)).astype(np.float64)
    uniforms += 0.5
    uniforms *= 2.0**-52
    return uniforms
