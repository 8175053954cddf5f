"""The cloud's end: stores rows that it cannot read and computes on them. It holds no key that opens anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

import numpy as np

from learning.crypto.envelope import ChannelKey, unwrap, wrap
from learning.ends import frame, unframe
from learning.faults import ProtectionError, RoundError, SenderError
from learning.outsourced import packing
from learning.outsourced.covering import cover
from learning.outsourced.keys import PublicRowKey
from learning.outsourced.lattice import lattice
from learning.outsourced.sizes import WIDTH, Sizes
from learning.outsourced.terms import CLOUD, Terms


@dataclass(frozen=True, eq=False)
class Stored:
    """One party's encrypted rows: ciphertexts [chunk][block]."""

    forward: list[list[Any]]
    backward: list[list[Any]]


class Cloud:
    """Holds ciphertexts and a channel key per party."""

    def __init__(self, terms: Terms, channels: Mapping[str, ChannelKey], cover: PublicRowKey | None = None) -> None:
        """cover: the public key that results are covered under, where the sizes of `terms` ask for it."""
        self.terms, self._cover = terms, cover
        self._channels = dict(channels)
        self._stored: dict[str, Stored] = {}

    def __repr__(self) -> str:
        return f"Cloud(rows of {', '.join(self._stored) or 'nobody'})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Cloud holds channel keys and cannot be pickled or copied")

    def store(self, party: str, wire: bytes) -> None:
        """Keep a party's rows, once. Raises SenderError naming the party for an envelope that is not as agreed."""
        if party in self._stored:
            raise ProtectionError(f"{party!r} has already stored its rows", (party,))
        payload = unwrap(wire, self.terms.header(party, CLOUD, "rows", 1), self._channels[party])
        sizes, base = self.terms.sizes, lattice(self.terms.sizes)
        chunks = sizes.chunks(dict(self.terms.rows)[party])
        blocks = packing.blocks(len(self.terms.reach))
        try:
            read = [base.read(one, 2, sizes.scale_bits) for one in unframe(payload, party, 2 * chunks * blocks)]
        except ValueError as fault:
            raise SenderError(party, str(fault)) from None
        lines = [read[start : start + blocks] for start in range(0, len(read), blocks)]
        self._stored[party] = Stored(lines[:chunks], lines[chunks:])

    def sums(self, parties: Sequence[str], columns: tuple[int, ...], receiver: str, number: int) -> bytes:
        """Return the envelope of the sums over all rows of `parties`: products of `columns`, then columns.

        Raises ProtectionError for a party without stored rows, and for some parties only where one holder has the key
        of all: two sums would give it their difference.
        """
        if receiver == self.terms.holder and set(parties) != set(self.terms.parties):
            raise ProtectionError(f"{receiver!r} is given sums over all parties and over no fewer", self.terms.parties)
        if missing := [party for party in parties if party not in self._stored]:
            raise ProtectionError(f"no rows of {', '.join(map(repr, missing))} are stored", missing)
        try:
            results = computed([self._stored[party] for party in parties], self.terms, columns, self._cover)
        except RuntimeError:
            # SEAL refuses a result without a secret part: rows were made to cancel
            raise RoundError("their ciphertexts cancel", parties) from None
        base = lattice(self.terms.sizes)
        payload = frame([base.write(one) for one in results])
        return wrap(self.terms.header(CLOUD, receiver, "sums", number), payload, self._channels[receiver])

    def stored(self, party: str) -> Stored:
        """Return a party's rows. Raises ProtectionError where none are stored."""
        if party not in self._stored:
            raise ProtectionError(f"no rows of {party!r} are stored", (party,))
        return self._stored[party]


def computed(
    stores: Sequence[Stored], terms: Terms, columns: tuple[int, ...], key: PublicRowKey | None = None
) -> list[Any]:
    """Return the encrypted sums: one result for each pair of blocks, then one for each group of columns.

    key: what results are covered under, where the sizes of `terms` ask for it.
    """
    sizes, base = terms.sizes, lattice(terms.sizes)
    forward = [line for store in stores for line in store.forward]
    backward = [line for store in stores for line in store.backward]
    results = [
        base.total(base.product(ahead[low], behind[high]) for ahead, behind in zip(forward, backward, strict=True))
        for low, high in packing.needed(columns)
    ]
    sums = [
        base.total(base.weighed(line[block], _adding(sizes, block)) for line in forward for block in blocks)
        for blocks in _blocks(columns)
    ]
    if sizes.covered:
        assert key is not None
        _cover(results, sums, key, columns)
    return [*results, *sums]


def _blocks(columns: Sequence[int]) -> list[list[int]]:
    """Return the blocks of each group of columns."""
    return [sorted({column // WIDTH for column in group}) for group in packing.groups(columns).values()]


@cache
def _adding(sizes: Sizes, block: int) -> Any:
    """Return the plaintext that adds up the columns of a block: public, and the same for all rows."""
    return lattice(sizes).plain(packing.adding_up(block, sizes), 0)


def _cover(results: Sequence[Any], sums: Sequence[Any], key: PublicRowKey, columns: tuple[int, ...]) -> None:
    """Leave of each result only what was asked for."""
    sizes = key.sizes
    for asked, result in zip(packing.needed(columns).values(), results, strict=True):
        cover(key, result, np.array([packing.place(*pair, sizes) for pair in asked]), 2 * sizes.scale_bits)
    for group, result in zip(packing.groups(columns).values(), sums, strict=True):
        cover(key, result, np.array([packing.sum_place(column, sizes) for column in group]), sizes.scale_bits)
