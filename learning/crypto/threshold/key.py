"""One party's share of the key: made, dealt, and used for partial decryptions that are counted.

The share itself is an array of this object, in memory only. SEAL's sampler draws it; no other part of SEAL sees it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from learning.crypto.secret import Secret, random_bytes
from learning.crypto.threshold.parameters import OPENINGS_PER_KEY
from learning.crypto.threshold.ring import DATA_PRIMES, DEGREE, Ring, add, modulo, multiply, negate
from learning.crypto.threshold.seal import seal
from learning.crypto.threshold.shares import deal, lagrange


class KeyShare(Secret):
    """A party's part of the collective key, and its share of the whole once all have dealt. Counts what it opened."""

    __slots__ = ("_part", "_share", "opened", "public")

    def __init__(self, reference: Ring) -> None:
        pair = seal().key_pair()
        # SEAL's key is error - mask * secret; moved onto the common reference it keeps SEAL's own error
        self.public = add(pair.public, multiply(add(pair.mask, negate(reference)), pair.secret))
        """The public half, error - reference * part; halves of all parties add up to the collective public key."""
        self._part = pair.secret[:DATA_PRIMES].copy()
        self._share: Ring | None = None
        self.opened = 0

    def deal(self, threshold: int, holders: int) -> list[Ring]:
        """Return a share of this part for every holder; each may be seen by its holder alone."""
        return deal(self._part, threshold, holders)

    def keep(self) -> None:
        """Take the own part as share: all parties open together, and nothing is dealt."""
        self._share = self._part

    def receive(self, dealt: Sequence[Ring]) -> None:
        """Take what every party dealt to this one: their sum is its share of the whole key."""
        share = dealt[0]
        for other in dealt[1:]:
            share = add(share, other)
        self._share = share

    def left(self) -> int:
        """Return how many ciphertexts this share may still open."""
        return OPENINGS_PER_KEY - self.opened

    def partial(self, c1: Ring, place: int, places: Sequence[int]) -> Ring:
        """Return this holder's part of a decryption by the holders at `places`, hidden in flooding noise.

        Never to be shown bare (`learning.crypto.pairs`), and never to be called twice for one ciphertext: a second
        quorum's factor would give a second equation. The Lagrange factor is folded into the share before the flood is
        added, so it does not enlarge the flood. Raises ValueError once the key has opened all that it may.
        """
        if self.left() < 1:
            raise ValueError(f"the key has opened {self.opened} ciphertexts and may open no more")
        assert self._share is not None
        self.opened += 1
        folded = self._share if self._share is self._part else multiply(self._share, lagrange(place, places))
        return add(multiply(c1, folded), flood())


def flood() -> Ring:
    """Return flooding noise, even over all words of 64 bits around zero, from the operating system."""
    return seal().transform(modulo(np.frombuffer(random_bytes(8 * DEGREE), dtype=np.int64)))


def fuse(c0: Ring, partials: Sequence[Ring]) -> Ring:
    """Return the message of a ciphertext out of c0 and the parts of all holders that were named together."""
    message = c0
    for partial in partials:
        message = add(message, partial)
    return message
