"""Dictionary attack: a column of few different values is encrypted value by value, and every candidate is tried.

Two readings. `matched` encrypts each candidate and looks for equal bytes. `measured` compares lengths: compression
could tell what bytes do not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from learning.attacks.targets import Encrypt


def matched(seen: Sequence[bytes], encrypt: Encrypt, candidates: Sequence[int]) -> list[int | None]:
    """Return what each ciphertext holds, None where no candidate gives its bytes."""
    book = {encrypt(candidate): candidate for candidate in candidates}
    return [book.get(ciphertext) for ciphertext in seen]


def measured(seen: Sequence[bytes], encrypt: Encrypt, candidates: Sequence[int], tries: int = 20) -> list[int]:
    """Return the candidate whose encryptions are nearest in length to each ciphertext, of `tries` encryptions each."""
    lengths = np.array([np.mean([len(encrypt(candidate)) for _ in range(tries)]) for candidate in candidates])
    return [candidates[int(np.argmin(np.abs(lengths - len(ciphertext))))] for ciphertext in seen]


def repeated(seen: Sequence[bytes]) -> int:
    """Return how many ciphertexts have a twin: equal values show without any key, and with them their frequencies."""
    _, counts = np.unique(np.array(seen, dtype=object), return_counts=True)
    return int(counts[counts > 1].sum())


def read_right(guessed: Sequence[int | None], truth: Sequence[int]) -> float:
    """Return the share of values that were read."""
    return float(np.mean([guess == value for guess, value in zip(guessed, truth, strict=True)]))
