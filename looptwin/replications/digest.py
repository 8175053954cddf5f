"""What a table says, as a digest of its names and values: never of bytes of files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any


def value_digest(schema: Any, batches: Iterable[Any]) -> str:
    """What a table says, as 32 hexadecimal digits: names in column order, kinds, and every value.

    Width of numbers, dictionaries, batch borders, -0 against 0 and the payload of a nan leave no trace; a missing value
    and an empty one differ. Reads the batches once. Raises TypeError on a column that is neither numbers, truth values,
    words, bytes, times nor lists of these.
    """
    columns = [_ColumnDigest(column.name, column.type) for column in schema]
    for batch in batches:
        for column, array in zip(columns, batch.columns, strict=True):
            column.add(array)
    said = [[name, *column.summary()] for name, column in zip(schema.names, columns, strict=True)]
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=16).hexdigest()


class _ColumnDigest:
    """The running digest of one column. Lengths, values and gaps are hashed apart, so batch borders cannot show."""

    def __init__(self, name: str, dtype: Any) -> None:
        import pyarrow.types as kinds

        self._coded = kinds.is_dictionary(dtype)
        dtype = dtype.value_type if self._coded else dtype
        self._read, self._kind = _reader(name, dtype)
        self._items = _ColumnDigest(name, dtype.value_type) if self._read is _lists else None
        self._rows = 0
        self._lengths, self._values, self._gaps = (hashlib.blake2b(digest_size=16) for _ in range(3))

    def add(self, array: Any) -> None:
        import numpy as np

        if self._coded:
            array = array.dictionary_decode()
        if array.null_count:
            gaps = np.flatnonzero(_truths(array.is_null())[1])
            self._gaps.update((gaps + self._rows).astype("<i8").tobytes())
        self._rows += len(array)
        lengths, values = self._read(array.drop_null() if array.null_count else array)
        if lengths is not None:
            self._lengths.update(np.ascontiguousarray(lengths, dtype="<i8").data)
        if self._items is None:
            self._values.update(memoryview(values).cast("B") if len(values) else b"")
        else:
            self._items.add(values)

    def summary(self) -> list[Any]:
        inner = [] if self._items is None else self._items.summary()
        digests = [one.hexdigest() for one in (self._lengths, self._values, self._gaps)]
        return [self._kind, self._rows, *digests, *inner]


def _reader(name: str, dtype: Any) -> tuple[Callable[[Any], tuple[Any, Any]], str]:
    """How to read an arrow array of this type as (lengths, values), and the kind that the digest states."""
    import pyarrow.types as kinds

    readers: tuple[tuple[Callable[[Any], bool], Callable[[Any], tuple[Any, Any]], str], ...] = (
        (kinds.is_floating, _numbers, "number"),
        (kinds.is_signed_integer, _wholes, "whole"),
        (kinds.is_unsigned_integer, _wholes, "natural"),
        (kinds.is_boolean, _truths, "truth"),
        (kinds.is_string, _texts, "words"),
        (kinds.is_large_string, _texts, "words"),
        (kinds.is_binary, _texts, "bytes"),
        (kinds.is_large_binary, _texts, "bytes"),
        (kinds.is_list, _lists, "list"),
        (kinds.is_large_list, _lists, "list"),
        # The unit is part of what an instant or a span says.
        (lambda one: kinds.is_temporal(one) and not kinds.is_interval(one), _wholes, str(dtype)),
    )
    for is_kind, read, kind in readers:
        if is_kind(dtype):
            return read, kind
    raise TypeError(f"column '{name}' of type {dtype} has no digest: give numbers, truth values, words, times or lists")


def _numbers(array: Any) -> tuple[None, Any]:
    import numpy as np

    # Adding zero turns -0 into 0 and copies, so that the canonical nan is not written into the table itself.
    values = _fixed_width(array, "f").astype("<f8") + 0.0
    values[np.isnan(values)] = np.nan
    return None, values


def _wholes(array: Any) -> tuple[None, Any]:
    import pyarrow.types as kinds

    letter = "u" if kinds.is_unsigned_integer(array.type) else "i"
    return None, _fixed_width(array, letter).astype(f"<{letter}8")


def _truths(array: Any) -> tuple[None, Any]:
    import numpy as np

    bits = np.frombuffer(array.buffers()[1] or b"", dtype=np.uint8)
    return None, np.unpackbits(bits, bitorder="little")[array.offset : array.offset + len(array)]


def _texts(array: Any) -> tuple[Any, Any]:
    import numpy as np
    import pyarrow.types as kinds

    _, ends, text = array.buffers()
    if not len(array):
        return np.zeros(0), b""
    wide = kinds.is_large_string(array.type) or kinds.is_large_binary(array.type)
    offsets = np.frombuffer(ends, dtype="<i8" if wide else "<i4")[array.offset : array.offset + len(array) + 1]
    return np.diff(offsets), memoryview(text or b"")[offsets[0] : offsets[-1]]


def _lists(array: Any) -> tuple[Any, Any]:
    return _fixed_width(array.value_lengths(), "i"), array.flatten()


def _fixed_width(array: Any, letter: str) -> Any:
    import numpy as np

    dtype = np.dtype(f"<{letter}{array.type.bit_width // 8}")
    values = np.frombuffer(array.buffers()[1] or b"", dtype=dtype)
    return values[array.offset : array.offset + len(array)]
