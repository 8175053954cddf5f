"""Words as numbers: the words of a log are few and its rows are many, so rows are sorted, cut and written by number."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.int32]


class Words(dict[str | None, int]):
    """Number of each word met so far, in the order in which they were met; the empty one is always 0. Holds state."""

    def __init__(self) -> None:
        super().__init__({"": 0})

    def __missing__(self, word: str | None) -> int:
        self[word] = number = len(self)
        return number

    def numbers(self, column: Any) -> Numbers:
        """Return the number of each word of a column."""
        return np.fromiter(map(self.__getitem__, column), dtype=np.int32, count=len(column))

    def named(self, numbers: Numbers) -> NDArray[Any]:
        """Return the words of numbers."""
        words: NDArray[Any] = np.array(list(self), dtype=object)[numbers]
        return words

    def arrow(self, numbers: Numbers) -> Any:
        """Return the words of numbers as an arrow column."""
        import pyarrow as pa

        known = np.array([word is not None for word in self], dtype=bool)
        encoded = [b"" if word is None else word.encode() for word in self]
        ends = np.concatenate([[0], np.cumsum([len(word) for word in encoded], dtype=np.int64)])
        validity = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
        buffers = [validity, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
        distinct = pa.Array.from_buffers(pa.large_string(), len(encoded), buffers)
        codes = np.ascontiguousarray(numbers, dtype=np.int32)
        indices = pa.Array.from_buffers(pa.int32(), len(codes), [None, pa.py_buffer(codes)])
        return pa.DictionaryArray.from_arrays(indices, distinct).dictionary_decode()
