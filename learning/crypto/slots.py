"""Whole numbers laid out over the slots of ciphertexts, with check slots whose sum is known.

A number is cut in limbs small enough that a decrypted sum is far from the next whole number. Each ciphertext carries,
beside its limbs, a one per party, a code per party, and a weighted sum of its own slots. All of it is linear: the
checks of the sum are the sums of the checks. CKKS decrypts an overflow, a wrong key or a flipped bit to garbage without
a word; the garbage would have to be whole, in range and agree with every check to pass. The checks catch faults; a
coordinator that forges could shift them by the same linearity.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from learning.arrays import FloatArray, IntArray
from learning.crossings import COORDINATOR
from learning.faults import ProtectionError, RoundError
from learning.quantise import SUM_BITS, budget_steps

SLOTS = 2048
"""Slots of one ciphertext."""
LIMB_BITS = 16
LIMBS = 4
MAXIMUM_PARTIES = 1024
"""With it a slot of the sum stays within 2**25, a factor of 4 inside what the cipher's modulus holds."""
CHECK_BITS = 26
"""Bits by which a weighted sum of up to 2**16 slots may be longer than a slot."""
TOLERANCE = 0.25
"""Largest distance of a decrypted slot from a whole number."""


def split_limbs(numbers: IntArray, limbs: int = LIMBS, bits: int = LIMB_BITS) -> IntArray:
    """Return Int[numbers, limbs], lowest first, each from -2**(bits - 1) to 2**(bits - 1) - 1.

    The last holds what is left: one more at the very end of the range of all limbs, and any excess beyond it.
    """
    rest, found, bound = numbers.astype(np.int64), [], 1 << (bits - 1)
    for _ in range(limbs - 1):
        low = (rest + bound) % 2**bits - bound
        found.append(low)
        rest = (rest - low) >> bits
    return np.stack([*found, rest], axis=-1)


def join_limbs(limbs: IntArray, bits: int = LIMB_BITS) -> IntArray:
    """Return the numbers whose limbs, or whose summed limbs, these are."""
    return limbs @ (2 ** (bits * np.arange(limbs.shape[-1], dtype=np.int64)))


@dataclass(frozen=True)
class Layout:
    """Where each of `values` numbers of an update lies, for these parties. Public; the same for everybody."""

    parties: tuple[str, ...]
    values: int
    slots: int = SLOTS
    """Slots of one ciphertext."""
    limbs: int = LIMBS
    """Slots that a number is cut into."""
    limb_bits: int = LIMB_BITS
    bits: int | None = None
    """Bits of a number that one party sends, its sign among them; default: as many as the range of a sum allows."""

    def __post_init__(self) -> None:
        if self.parties != tuple(sorted(set(self.parties))) or not self.parties:
            raise ProtectionError("parties must be named once each, in order", self.parties)
        if len(self.parties) > MAXIMUM_PARTIES:
            raise ProtectionError(f"{len(self.parties)} parties; at most {MAXIMUM_PARTIES} can be summed")
        if self.values < 1:
            raise ProtectionError(f"an update of {self.values} numbers: there is nothing to sum")
        if COORDINATOR in self.parties:
            raise ProtectionError(f"{COORDINATOR!r} is the name of who sums; give the party another", (COORDINATOR,))

    @property
    def limb_bound(self) -> int:
        """Largest magnitude of a slot that one party sends."""
        return 1 << (self.limb_bits - 1)

    @property
    def check_limbs(self) -> int:
        """Slots that the checksum is cut into: up to CHECK_BITS longer than a limb, it never fits into one."""
        return max(self.limbs, -(-(self.limb_bits + CHECK_BITS) // self.limb_bits))

    @property
    def check_slots(self) -> int:
        """Slots at the end of each ciphertext whose sum is known beforehand: count, code and checksum."""
        return 2 + self.check_limbs

    @property
    def limit(self) -> int:
        """Largest magnitude of a number that one party sends."""
        bits = self.limbs * self.limb_bits
        return min(budget_steps(len(self.parties)), (1 << (min(bits, self.bits or bits) - 1)) - 1)

    @property
    def numbers_per_chunk(self) -> int:
        """How many numbers a full ciphertext carries beside its checks."""
        return (self.slots - self.check_slots) // self.limbs

    def chunk_sizes(self) -> list[int]:
        """Return how many numbers each ciphertext carries."""
        full = self.numbers_per_chunk
        return [min(full, self.values - start) for start in range(0, self.values, full)]

    def slot_counts(self) -> list[int]:
        """Return how many slots each ciphertext uses."""
        return [size * self.limbs + self.check_slots for size in self.chunk_sizes()]

    def check(self, numbers: IntArray, party: str) -> None:
        """Raise ProtectionError naming `party` unless it may send these numbers."""
        if party not in self.parties:
            raise ProtectionError(f"{party!r} is not one of {', '.join(self.parties)}", (party,))
        # what a party hands in may be anything at all
        if getattr(numbers, "dtype", None) != np.int64 or numbers.shape != (self.values,):
            raise ProtectionError(f"{party!r}: an update has {self.values} whole numbers", (party,))
        limit = self.limit
        if numbers.size and not -limit <= numbers.min() <= numbers.max() <= limit:
            raise ProtectionError(f"{party!r}: its update is outside -{limit} to {limit} grid steps", (party,))

    def spread(self, numbers: IntArray, party: str) -> list[IntArray]:
        """Return the slots of each ciphertext of a party's update. Raises ProtectionError naming the party."""
        self.check(numbers, party)
        chunks = []
        for index, part in enumerate(self._parts(numbers)):
            checked = np.concatenate(
                [split_limbs(part, self.limbs, self.limb_bits).ravel(), [1, self._code(party, index)]]
            )
            total = self._weights(index, len(checked)) @ checked
            checksum = split_limbs(total, self.check_limbs, self.limb_bits)
            chunks.append(np.concatenate([checked, checksum]))
        return chunks

    def gather(self, opened: Sequence[FloatArray]) -> IntArray:
        """Return the exact sums of the parties' numbers out of the decrypted slots of each ciphertext.

        Raises RoundError, listing all who had a hand in the sum, when anything is not whole, in range or as checked.
        """
        if [slots.shape for slots in opened] != [(count,) for count in self.slot_counts()]:
            raise self._refusal("the number of slots is wrong")
        return np.concatenate([self._gather_chunk(index, slots) for index, slots in enumerate(opened)])

    def _gather_chunk(self, index: int, slots: FloatArray) -> IntArray:
        bound = self.limb_bound * len(self.parties)
        if not np.isfinite(slots).all() or np.abs(slots).max() > bound + TOLERANCE:
            raise self._refusal("a slot of the sum is out of range")
        whole = np.rint(slots)
        if np.abs(slots - whole).max() > TOLERANCE:
            raise self._refusal("a slot of the sum is not a whole number")
        checked, checksum = np.split(whole.astype(np.int64), [-self.check_limbs])
        codes = sum(self._code(party, index) for party in self.parties)
        if checked[-2] != len(self.parties) or checked[-1] != codes:
            raise self._refusal("the sum is not one update of each party")
        if self._weights(index, len(checked)) @ checked != join_limbs(checksum, self.limb_bits):
            raise self._refusal("the checksum of the sum is wrong")
        numbers = join_limbs(checked[:-2].reshape(-1, self.limbs), self.limb_bits)
        if numbers.size and np.abs(numbers).max() > 2**SUM_BITS:
            raise self._refusal("a number of the sum is out of range")
        return numbers

    def _parts(self, numbers: IntArray) -> list[IntArray]:
        return np.split(numbers, np.cumsum(self.chunk_sizes())[:-1])

    def _code(self, party: str, chunk: int) -> int:
        digest = hashlib.sha256(f"party code {chunk} {party}".encode()).digest()
        return int.from_bytes(digest[:2], "big") % (1 << (min(self.limb_bits, LIMB_BITS) - 1))

    def _weights(self, chunk: int, slots: int) -> IntArray:
        stream = hashlib.shake_256(f"check weights {chunk}".encode()).digest(2 * slots)
        # at most 2**10: the weighted sum of all slots keeps within what the limbs of one number hold
        return (np.frombuffer(stream, dtype=">u2") % 1024 + 1).astype(np.int64)

    def _refusal(self, fault: str) -> RoundError:
        return RoundError(fault, (*self.parties, COORDINATOR))
