"""What a computed result is covered with before it leaves, so that it says what it opens to and not how it was made.

A flood where it is asked for and a one-time pad elsewhere hide the noise of the computation and what lies beside the
result. They lie on the first part of a ciphertext alone, and the others are hidden from nobody who decrypts: multiplied
by a polynomial in clear, the second part over what it was before is that polynomial. So a fresh encryption of zero goes
on all parts; whoever knows the key cannot tell them from even draws, as it does not know what that was drawn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from learning.arrays import IntArray
from learning.crypto.secret import random_bytes
from learning.outsourced.keys import PublicRowKey
from learning.outsourced.words import words


def cover(key: PublicRowKey, ciphertext: Any, places: IntArray, scale_bits: int, added: Sequence[int] = ()) -> None:
    """Cover a result at scale `2**scale_bits` in place, for whoever opens it with the secret half of `key`.

    At `places` a flood of at most an eighth of the scale drowns the noise; everywhere else a draw even over the modulus
    hides what was not asked for. added: whole numbers for the places, if any; they are added to the result.
    """
    door, kept = words(key.sizes), places.ravel()
    flood = 1 << (scale_bits - 3)
    whole = list(added) or [0] * len(kept)
    numbers = [(one << scale_bits) + drawn_bits(scale_bits - 2) - flood for one in whole]
    pad = door.even().copy()
    pad[:, kept] = door.split(numbers)
    transformed = door.transformed(np.stack([pad, pad]))[0]
    door.lattice.evaluator.add_plain_inplace(ciphertext, door.plaintext(transformed, scale_bits))
    door.lattice.evaluator.add_inplace(ciphertext, key.nothing(ciphertext.size(), scale_bits))


def drawn_bits(bits: int) -> int:
    """Return a whole number of so many bits, drawn evenly by the operating system."""
    return int.from_bytes(random_bytes(-(-bits // 8)), "big") >> -bits % 8
