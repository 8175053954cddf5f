"""Arrow tables of plain columns, without pandas: a worker that logs stays light."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Columns: TypeAlias = Mapping[str, Any]
"""A table as arrays by column name."""


def arrow_table(columns: Columns) -> Any:
    """An arrow table of plain columns: arrays of numbers or truth values, words, or arrow arrays as they are.

    Built from buffers, because every other door of pyarrow imports pandas when that is installed, and a worker must
    stay light. Words may be None. Raises ValueError when the columns differ in length or one has two dimensions.
    """
    import pyarrow as pa

    arrays = {name: _arrow_column(name, values) for name, values in columns.items()}
    if len({len(array) for array in arrays.values()}) > 1:
        lengths = ", ".join(f"{name}: {len(array)}" for name, array in arrays.items())
        raise ValueError(f"the columns of a table must be equally long, got {lengths}")
    return pa.Table.from_arrays(list(arrays.values()), names=list(arrays))


def _arrow_column(name: str, values: Any) -> Any:
    import numpy as np
    import pyarrow as pa

    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    column = np.asarray(values) if len(values) else np.asarray(values, dtype=getattr(values, "dtype", np.float64))
    if column.ndim != 1:
        raise ValueError(f"column '{name}' must have one dimension, got {column.ndim}")
    if column.dtype.kind in "OU":
        return words(column.tolist())
    if column.dtype.kind == "b":
        bits = np.packbits(column, bitorder="little")
        return pa.Array.from_buffers(pa.bool_(), len(column), [None, pa.py_buffer(bits)])
    if column.dtype.kind not in "iuf":
        raise TypeError(f"column '{name}' must hold numbers, truth values or words, got {column.dtype}")
    native = np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("="))
    return pa.Array.from_buffers(pa.from_numpy_dtype(native.dtype), len(native), [None, pa.py_buffer(native)])


def words(column: Sequence[str | None]) -> Any:
    """A column of words, each distinct one encoded once: the words of a log are few and its rows are many."""
    from sim.words import Words

    known = Words()
    return known.arrow(known.numbers(column))


def plain(column: Any) -> Any:
    """Return an arrow column of numbers or words as a numpy array; again without pandas."""
    import numpy as np
    import pyarrow.types as kinds

    parts = [_plain_part(part) for part in column.chunks]
    if parts:
        return parts[0] if len(parts) == 1 else np.concatenate(parts)
    return np.array([], dtype=np.float64 if kinds.is_floating(column.type) else object)


def _plain_part(part: Any) -> Any:
    import numpy as np
    import pyarrow.types as kinds

    if kinds.is_floating(part.type) or kinds.is_integer(part.type):
        letter = "f" if kinds.is_floating(part.type) else "i"
        dtype = np.dtype(f"<{letter}{part.type.bit_width // 8}")
        return np.frombuffer(part.buffers()[1] or b"", dtype=dtype)[part.offset : part.offset + len(part)]
    coded = part.dictionary_encode()
    indices = _plain_part(coded.indices)
    return np.array(coded.dictionary.to_pylist(), dtype=object)[indices]
