"""Tables as chunks of rows: joined to one, or several in order of time merged to one, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

Chunk: TypeAlias = dict[str, Any]
"""Rows as an array for each column."""


def merged(streams: Sequence[Iterator[Chunk]], by: str = "day") -> Iterator[Chunk]:
    """Yield the rows of several streams in the order of a column, in which each of them is in order already.

    Rows with equal values come in the order of the streams, as a stable sort of all rows at once would put them. All
    chunks have the same columns. At most one chunk of each stream is held, more where a value goes on beyond a chunk.
    """
    sources = [_Source(stream, by) for stream in streams]
    while sources := [source for source in sources if source.fill()]:
        # what comes later in a stream may still be equal to its last row, so rows equal to that wait
        end = min((source.last for source in sources if not source.ended), default=None)
        parts = [source.before(end) for source in sources]
        rows = joined([part for part in parts if len(part[by])])
        if rows is None:
            for source in sources:
                if not source.ended and source.last == end:
                    source.more()
        else:
            order = np.argsort(rows[by], kind="stable")
            yield {name: values[order] for name, values in rows.items()}


def joined(chunks: Sequence[Mapping[str, Any]]) -> Chunk | None:
    """Return the rows of all chunks as one; None for no chunk."""
    if not chunks:
        return None
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


class _Source:
    """One stream and the rows read from it and not yet given. Holds state."""

    def __init__(self, stream: Iterator[Chunk], by: str) -> None:
        self._stream = stream
        self._by = by
        self._rows: Chunk | None = None
        self.ended = False

    @property
    def last(self) -> Any:
        """The value of the last row that was read."""
        assert self._rows is not None
        return self._rows[self._by][-1]

    def fill(self) -> bool:
        """Read on when nothing is held; say whether there is anything."""
        while not self.ended and self._rows is None:
            self.more()
        return self._rows is not None

    def more(self) -> None:
        """Read one chunk more, if there is one."""
        chunk = next(self._stream, None)
        if chunk is None:
            self.ended = True
        elif len(chunk[self._by]):
            self._rows = chunk if self._rows is None else joined([self._rows, chunk])

    def before(self, value: Any) -> Chunk:
        """Give the rows below a value and keep the rest; all of them for None."""
        rows = self._rows
        assert rows is not None
        end = len(rows[self._by]) if value is None else int(np.searchsorted(rows[self._by], value, side="left"))
        rest = {name: values[end:] for name, values in rows.items()}
        self._rows = rest if len(rest[self._by]) else None
        return {name: values[:end] for name, values in rows.items()}
