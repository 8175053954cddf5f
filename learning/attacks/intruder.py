"""What an intruder makes of what it found in the places it is in: it tries every key it holds on every ciphertext.

It knows all that is public: layouts, formats of envelopes, the code. What it decrypts is turned into numbers by the
layout, whether or not a check would refuse them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.attacks.holdings import Holdings
from learning.attacks.wires import Envelope, envelopes
from learning.crypto.slots import Layout, join_limbs

UPDATE, SUM = "update", "sum"


def readings(found: Holdings, word: str, layout: Layout) -> list[IntArray]:
    """Return every list of numbers that comes out of the envelopes in `found` by the keys in it.

    word: protection of the federation, whose code the intruder uses.
    """
    return [numbers for one in _READERS[word](found, envelopes(found.blobs), layout) for numbers in one]


def _plain(found: Holdings, wires: Sequence[Envelope], layout: Layout) -> Iterator[list[IntArray]]:
    sizes = {8 * slots for slots in layout.slot_counts()}
    for part in _parts(wires):
        if len(part) in sizes:
            yield [_numbers(np.frombuffer(part, dtype="<i8").astype(np.float64), layout)]


def _shared_key(found: Holdings, wires: Sequence[Envelope], layout: Layout) -> Iterator[list[IntArray]]:
    from learning.crypto.shared_key import SharedKey

    for key in _of(SharedKey, found):
        for part in _parts(wires):
            yield [_numbers(slots, layout) for slots in _opened(key, part, layout)]


def _opened(key: Any, part: bytes, layout: Layout) -> Iterator[FloatArray]:
    for slots in set(layout.slot_counts()):
        try:
            yield key.open(part, slots)
        except ValueError:
            continue


def _compact(found: Holdings, wires: Sequence[Envelope], layout: Layout) -> Iterator[list[IntArray]]:
    from learning.attacks.unmasking import masks
    from learning.compact.founding import Membership
    from learning.crypto.compact.field import subtract
    from learning.crypto.compact.parameters import DEGREE

    captured = _of(Membership, found)
    known = {(one.party, one.number): one.mask for one in masks(captured, wires)}
    for one in captured[:1]:
        packing = one.agreed.packing
        for wire in wires:
            if wire.purpose in (UPDATE, SUM) and len(parts := wire.parts()) == packing.ciphertexts:
                shown = one.sealing.open(parts)
                mask = known.get((wire.sender, wire.number), np.zeros(shown.size, dtype=np.uint64))
                bare = subtract(shown, mask.reshape(-1, DEGREE), packing.modulus)[:, :-1]
                present = len(layout.parties) if wire.purpose == SUM else 1
                yield [packing.joined(packing.split(bare)[0][: packing.digits], present)]


def _threshold(found: Holdings, wires: Sequence[Envelope], layout: Layout) -> Iterator[list[IntArray]]:
    from learning.threshold.founding import Membership
    from learning.threshold.packing import Packing

    captured = {one.party: one for one in _of(Membership, found)}
    for roster in [one.roster for one in captured.values()][:1]:
        packing, several = Packing(layout, roster.threshold), list(captured)[: roster.threshold]
        for wire in wires:
            if wire.purpose == UPDATE:
                parts = zip(wire.parts(), packing.used(), layout.slot_counts(), strict=True)
                slots = [_fused(part, used, packing, [captured[one] for one in several]) for part, used, _ in parts]
                counts = zip(slots, layout.slot_counts(), strict=True)
                yield [_numbers(packing.lanes.unpack(one, count), layout) for one, count in counts]


def _fused(part: bytes, used: int, packing: Any, captured: Sequence[Any]) -> FloatArray:
    """Return what a ciphertext opens to with the shares of captured parties, be they enough or not."""
    from learning.crypto.threshold.ring import HIGH, high, summed
    from learning.crypto.threshold.seal import seal
    from learning.crypto.threshold.sealing import Sealed, message

    sealed, places = Sealed.read(part, used), captured[0].roster.places()
    c1, chosen = seal().transform(sealed.c1), [places[one.party] for one in captured]
    own = [high(one.share.opening(c1, places[one.party], chosen))[:, :used] for one in captured]
    return message(summed([sealed.top, *own], HIGH), packing.shift)


_READERS: Mapping[str, Callable[[Holdings, Sequence[Envelope], Layout], Iterator[list[IntArray]]]] = {
    "plain": _plain,
    "shared_key": _shared_key,
    "compact": _compact,
    "threshold": _threshold,
}


def _of(kind: type, found: Holdings) -> list[Any]:
    return [one for one in found.objects if isinstance(one, kind)]


def _parts(wires: Sequence[Envelope]) -> Iterator[bytes]:
    for wire in wires:
        yield from wire.parts()


def _numbers(slots: FloatArray, layout: Layout) -> IntArray:
    """Return the numbers in the slots of one ciphertext, checks left aside."""
    whole = np.rint(np.where(np.isfinite(slots) & (np.abs(slots) < 2**62), slots, 0.0)).astype(np.int64)
    carrying = whole[: (len(whole) - layout.check_slots) // layout.limbs * layout.limbs]
    return join_limbs(carrying.reshape(-1, layout.limbs), layout.limb_bits)
