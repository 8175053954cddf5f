"""What a computed result is covered with before it leaves: a flood where it is asked for, a one-time pad elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from learning.arrays import IntArray
from learning.crypto.secret import random_bytes
from learning.outsourced.sizes import Sizes
from learning.outsourced.words import words


def cover(sizes: Sizes, ciphertext: Any, places: IntArray, scale_bits: int, added: Sequence[int] = ()) -> None:
    """Cover a result at scale `2**scale_bits` in place.

    At `places` a flood of at most an eighth of the scale drowns the noise; everywhere else a draw even over the modulus
    hides what was not asked for. added: whole numbers for the places, if any; they are added to the result.
    """
    door, kept = words(sizes), places.ravel()
    flood = 1 << (scale_bits - 3)
    whole = list(added) or [0] * len(kept)
    numbers = [(one << scale_bits) + drawn_bits(scale_bits - 2) - flood for one in whole]
    pad = door.even().copy()
    pad[:, kept] = door.split(numbers)
    transformed = door.transformed(np.stack([pad, pad]))[0]
    door.lattice.evaluator.add_plain_inplace(ciphertext, door.plaintext(transformed, scale_bits))


def drawn_bits(bits: int) -> int:
    """Return a whole number of so many bits, drawn evenly by the operating system."""
    return int.from_bytes(random_bytes(-(-bits // 8)), "big") >> -bits % 8
