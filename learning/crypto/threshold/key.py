"""One party's share of the key: dealt, put together, and used for partial decryptions that are counted.

The share itself is an array of this object, in memory only. SEAL's sampler draws it; no other part of SEAL sees it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from learning.crypto.secret import Secret, random_bytes
from learning.crypto.threshold.parameters import FLOOD_BITS, OPENINGS_PER_KEY
from learning.crypto.threshold.ring import (
    DATA_PRIMES,
    DEGREE,
    PRIMES,
    Ring,
    add,
    constants,
    multiply,
    negate,
    scale,
    summed,
)
from learning.crypto.threshold.seal import seal
from learning.crypto.threshold.shares import deal, lagrange


class KeyShare(Secret):
    """A dealer's part of the collective key, and anybody's share of the whole once it is dealt. Counts its openings."""

    __slots__ = ("_dealt", "_part", "_share", "opened", "public")

    def __init__(self, reference: Ring | None) -> None:
        """Draw a part on the common reference; without one the holder deals nothing and is dealt to."""
        self.public: Ring | None = None
        """The public half, error - reference * part; halves of all dealers add up to the collective public key."""
        self._part: Ring | None = None
        self._share: Ring | None = None
        self._dealt = False
        self.opened = 0
        if reference is not None:
            pair = seal().key_pair()
            # SEAL's key is error - mask * secret; moved onto the common reference it keeps SEAL's own error
            self.public = add(pair.public, multiply(add(pair.mask, negate(reference)), pair.secret))
            self._part = pair.secret[:DATA_PRIMES].copy()

    def deal(self, threshold: int, holders: int) -> list[Ring]:
        """Return a share of this part for every holder; each may be seen by its holder alone."""
        assert self._part is not None
        return deal(self._part, threshold, holders)

    def keep(self) -> None:
        """Take the own part as share: all parties open together, and nothing is dealt."""
        self._share, self._part = self._part, None

    def take(self, dealt: Ring) -> None:
        """Add what one dealer dealt to this holder: the sum over all dealers is its share of the whole key."""
        self._share = dealt if self._share is None else add(self._share, dealt)
        self._dealt = True

    def receive(self, dealt: Sequence[Ring]) -> None:
        """Take what every dealer dealt to this holder."""
        self._share = None
        self.take(summed(dealt))

    def left(self) -> int:
        """Return how many ciphertexts this share may still open."""
        return OPENINGS_PER_KEY - self.opened

    def retire(self) -> None:
        """Open nothing more: the next sum needs a new key."""
        self.opened = OPENINGS_PER_KEY

    def opening(self, c1: Ring, place: int, places: Sequence[int], bits: int = FLOOD_BITS) -> Ring:
        """Return this holder's part of a decryption by the holders at `places`, hidden in flooding noise: coefficients.

        c1: transformed. bits: of the flood. Never to be shown bare (`learning.crypto.pairs`): behind its masks a second
        quorum's answer to the same ciphertext shows the same sum behind another flood, and counts as another opening;
        bare it would be a second equation in the share. The Lagrange factor is folded into the share before the flood
        is added, so it does not enlarge the flood. Raises ValueError once the key has opened all that it may.
        """
        if self.left() < 1:
            raise ValueError(f"the key has opened {self.opened} ciphertexts and may open no more")
        assert self._share is not None
        self.opened += 1
        folded = multiply(self._share, lagrange(place, places)) if self._dealt else self._share
        return add(seal().coefficients(multiply(c1, folded)), flood(bits))

    def partial(self, c1: Ring, place: int, places: Sequence[int]) -> Ring:
        """Return the same in transformed form, for ciphertexts of an ordinary TenSEAL context."""
        return seal().transform(self.opening(c1, place, places))


def flood(bits: int = FLOOD_BITS) -> Ring:
    """Return flooding noise from the operating system, even over 2**bits whole numbers around zero: coefficients.

    bits: from FLOOD_BITS to FLOOD_BITS + 16.
    """
    primes = PRIMES[:DATA_PRIMES]
    low = np.frombuffer(random_bytes(8 * DEGREE), dtype=np.uint64) % np.array(primes, dtype=np.uint64)[:, None]
    spare = np.frombuffer(random_bytes(2 * DEGREE), dtype=np.uint16) & np.uint16((1 << bits - FLOOD_BITS) - 1)
    high = scale(constants(tuple((1 << FLOOD_BITS) % prime for prime in primes)), spare[None, :])
    middle = constants(tuple((1 << bits - 1) % prime for prime in primes))
    return add(add(low, high), negate(middle))


def fuse(c0: Ring, partials: Sequence[Ring]) -> Ring:
    """Return the message of a ciphertext out of c0 and the parts of all holders that were named together."""
    return summed([c0, *partials])
