"""What one party deals to another at the founding of a key, as bytes for a session between the two."""

from __future__ import annotations

import numpy as np

from learning.crypto.threshold.ring import DATA_PRIMES, DEGREE
from learning.faults import SenderError
from learning.sessions.fields import join
from learning.threshold.founding import Dealt

_LENGTH_BYTES = 4


def written(dealt: Dealt) -> bytes:
    """Return what is dealt as bytes: for its receiver's session alone."""
    share = b"" if dealt.share is None else dealt.share.astype("<u8").tobytes()
    return join([dealt.contribution, dealt.pair, share])


def read(raw: bytes, dealer: str) -> Dealt:
    """Return what a dealer dealt. Raises SenderError naming the dealer, whom the session proved."""
    fields, at = [], 0
    while at < len(raw):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(raw[at:start], "big")
        fields.append(raw[start:at])
    if at != len(raw) or len(fields) != 3 or len(fields[2]) not in (0, 8 * DATA_PRIMES * DEGREE):
        raise SenderError(dealer, "what it dealt is no share of a key")
    contribution, pair, words = fields
    share = np.frombuffer(words, dtype="<u8").astype(np.uint64).reshape(DATA_PRIMES, DEGREE) if words else None
    return Dealt(share, contribution, pair)
