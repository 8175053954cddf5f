"""What an intruder makes of what it found in the places it is in: it tries every key it holds on every ciphertext.

It knows all that is public: layouts, formats of envelopes, the code. What it decrypts is turned into numbers by
the layout, whether or not a check would refuse them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.attacks.holdings import Holdings
from learning.crypto.envelope import LENGTH_BYTES, MAGIC
from learning.crypto.slots import Layout, join_limbs
from learning.ends import unframe
from learning.faults import ProtectionError

_TAGS = (32, 64)
"""Lengths of tags that envelopes end with."""


def readings(found: Holdings, word: str, layout: Layout) -> list[IntArray]:
    """Return every list of numbers that comes out of the ciphertexts in `found` by the keys in it.

    word: protection of the federation, whose code the intruder uses.
    """
    chunks = [chunk for blob in found.blobs for chunk in ciphertexts(blob)]
    return list(_BY_WORD[word](found, chunks, layout))


def ciphertexts(blob: bytes) -> Iterator[bytes]:
    """Yield the parts of an envelope's payload; nothing for what is none."""
    if not blob.startswith(MAGIC):
        return
    start = len(MAGIC) + LENGTH_BYTES
    end = start + int.from_bytes(blob[len(MAGIC) : start], "big")
    for tag in _TAGS:
        payload = blob[end:-tag]
        for count in range(1, 65):
            try:
                yield from unframe(payload, "", count)
            except ProtectionError:
                continue
            break


def _plain(found: Holdings, chunks: Sequence[bytes], layout: Layout) -> Iterator[IntArray]:
    for chunk in chunks:
        if len(chunk) in [8 * slots for slots in layout.slot_counts()]:
            yield _numbers(np.frombuffer(chunk, dtype="<i8").astype(np.float64), layout)


def _shared_key(found: Holdings, chunks: Sequence[bytes], layout: Layout) -> Iterator[IntArray]:
    from learning.crypto.shared_key import SharedKey

    for key in (one for one in found.objects if isinstance(one, SharedKey)):
        for chunk in chunks:
            for slots in set(layout.slot_counts()):
                try:
                    yield _numbers(key.open(chunk, slots), layout)
                except ValueError:
                    continue


def _compact(found: Holdings, chunks: Sequence[bytes], layout: Layout) -> Iterator[IntArray]:
    from learning.crypto.compact.bfv import SealingKey
    from learning.crypto.compact.field import subtract
    from learning.crypto.compact.packing import Packing
    from learning.crypto.compact.parameters import DEGREE, plain_modulus

    packing = Packing(layout, plain_modulus(len(layout.parties)))
    masks = [mask.reshape(-1, DEGREE)[0] for mask in _masks_known(found, layout)]
    for key in (one for one in found.objects if isinstance(one, SealingKey)):
        for chunk in chunks:
            try:
                opened = key.open([chunk])
            except ValueError:
                continue
            for mask in (np.zeros(DEGREE, dtype=np.uint64), *masks):
                bare = subtract(opened[0], mask, packing.modulus)[:-1]
                for present in range(1, len(layout.parties) + 1):
                    yield _unpacked(bare, packing, present)


def _unpacked(bare: Any, packing: Any, present: int) -> IntArray:
    layout, rest, digits = packing.layout, bare.astype(np.int64), []
    for _ in range(packing.lanes):
        rest, digit = np.divmod(rest, packing.radix)
        digits.append(digit - present * layout.limb_bound)
    flat = np.concatenate(digits)
    return join_limbs(flat[: len(flat) // layout.limbs * layout.limbs].reshape(-1, layout.limbs), layout.limb_bits)


def _masks_known(found: Holdings, layout: Layout) -> Iterator[Any]:
    """Yield the mask of every party of whom the intruder holds a round's secrets, or enough shares of them."""
    from learning.attacks.unmasking import masks

    yield from masks(found, layout)


def _threshold(found: Holdings, chunks: Sequence[bytes], layout: Layout) -> Iterator[IntArray]:
    from learning.attacks.partial_shares import opened

    for slots in opened(found, chunks, layout):
        yield _numbers(slots, layout)


_BY_WORD: Mapping[str, Callable[[Holdings, Sequence[bytes], Layout], Iterator[IntArray]]] = {
    "plain": _plain,
    "shared_key": _shared_key,
    "compact": _compact,
    "threshold": _threshold,
}


def _numbers(slots: FloatArray, layout: Layout) -> IntArray:
    """Return the numbers in the slots of one ciphertext, checks left aside."""
    whole = np.rint(np.where(np.isfinite(slots) & (np.abs(slots) < 2**62), slots, 0.0)).astype(np.int64)
    carrying = whole[: (len(whole) - 2 - layout.check_limbs) // layout.limbs * layout.limbs]
    return join_limbs(carrying.reshape(-1, layout.limbs), layout.limb_bits)
