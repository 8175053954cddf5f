"""A factory's end: seals its rows once, and opens what was computed on them where the key is its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.crypto.envelope import ChannelKey, unwrap, wrap
from learning.ends import frame, unframe
from learning.faults import SenderError
from learning.outsourced import packing
from learning.outsourced.keys import PublicRowKey, RowKey
from learning.outsourced.lattice import lattice
from learning.outsourced.terms import CLOUD, Terms


class Factory:
    """One factory. Holds its channel key, and its row key unless the rows are sealed for somebody else."""

    def __init__(self, party: str, terms: Terms, sealer: RowKey | PublicRowKey, channel: ChannelKey) -> None:
        self.party, self.terms = party, terms
        self._sealer, self._channel = sealer, channel

    def __repr__(self) -> str:
        return f"Factory({self.party!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Factory holds secrets and cannot be pickled or copied")

    def upload(self, rows: FloatArray) -> bytes:
        """Return the envelope of its encrypted rows. Raises ProtectionError naming the party for rows that do not fit.

        The forward polynomials come first, then the backward ones, chunk by chunk and block by block.
        """
        whole, sizes = self.terms.whole(rows, self.party), self.terms.sizes
        polynomials = np.stack([packing.forward(whole, sizes), packing.backward(whole, sizes)])
        payload = frame([self._sealer.wire(one) for one in polynomials.reshape(-1, sizes.degree)])
        return wrap(self.terms.header(self.party, CLOUD, "rows", 1), payload, self._channel)

    def open(self, wire: bytes, columns: tuple[int, ...], number: int) -> IntArray:
        """Return the sums of its own rows over `columns`, in grid steps: products first, then columns.

        Raises SenderError blaming the cloud for what the envelope proves and for results that cannot be.
        """
        assert isinstance(self._sealer, RowKey)
        payload = unwrap(wire, self.terms.header(CLOUD, self.party, "sums", number), self._channel)
        try:
            return opened(results(payload, self.terms, columns), self.terms, columns, self._sealer)
        except ValueError as fault:
            raise SenderError(CLOUD, str(fault)) from None


def results(payload: bytes, terms: Terms, columns: tuple[int, ...]) -> list[Any]:
    """Return the ciphertexts of the cloud's results. Raises ValueError for what is no such result."""
    base, scale_bits, products = lattice(terms.sizes), terms.sizes.scale_bits, len(packing.needed(columns))
    chunks = unframe(payload, CLOUD, products + len(packing.groups(columns)))
    found = [base.read(chunk, 3, 2 * scale_bits) for chunk in chunks[:products]]
    return [*found, *(base.read(chunk, 2, scale_bits) for chunk in chunks[products:])]


def opened(found: Sequence[Any], terms: Terms, columns: tuple[int, ...], key: RowKey) -> IntArray:
    """Return the sums over `columns` in the cloud's results: products in the order of `packing.pairs`, then columns.

    Raises ValueError for results that are near no whole numbers.
    """
    sizes, scale_bits = terms.sizes, terms.sizes.scale_bits
    rows = sum(count for _, count in terms.rows)
    products: dict[tuple[int, int], int] = {}
    wanted, groups = packing.needed(columns), packing.groups(columns)
    for asked, result in zip(wanted.values(), found[: len(wanted)], strict=True):
        places = np.array([packing.place(*pair, sizes) for pair in asked])
        products |= zip(asked, _read(key, result, places, 2 * scale_bits, rows * sizes.limit**2).tolist(), strict=True)
    sums: list[int] = []
    for group, result in zip(groups.values(), found[len(wanted) :], strict=True):
        places = np.array([packing.sum_place(column, sizes) for column in group])
        sums += _read(key, result, places, scale_bits, rows * sizes.limit).tolist()
    return np.concatenate([[products[pair] for pair in packing.pairs(columns)], sums]).astype(np.int64)


def _read(key: RowKey, result: Any, places: IntArray, scale_bits: int, largest: int) -> IntArray:
    if not key.sizes.covered:
        return key.nearby(result, places, largest)
    return np.array(key.exactly(result, places, scale_bits, largest), dtype=np.int64)
