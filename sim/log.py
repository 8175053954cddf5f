"""What happened, in columns: a narrow table of events and one table for each kind of measurement.

Rows are appended to plain lists and packed into arrays every 65,536 rows. With a folder the packed columns go to
Parquet at once, so memory stays constant; without one they stay in memory. Tables can be read while the world still
runs. A party sees its view (`sim.views`), never the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.arrow import arrow_table, plain

Columns = dict[str, npt.NDArray[Any]]

ROWS_PER_FLUSH = 65_536


class Table:
    """Rows of one kind under fixed column names; a dtype "U" column holds words. Holds state: the rows so far."""

    def __init__(self, name: str, columns: Mapping[str, str], folder: Path | None = None) -> None:
        self.name = name
        self.columns = dict(columns)
        self._width = len(self.columns)
        # value after value and row after row: one list to add to, and no object for a row
        self._pending: list[Any] = []
        self._add = self._pending.extend
        self._full = ROWS_PER_FLUSH * self._width
        self._packed: list[Columns] = []
        self._folder = folder
        self._writer: Any = None
        self._parts: list[Path] = []

    def append(self, *values: Any) -> None:
        """Add one row, values in column order. Raises ValueError when a value is missing or too many."""
        if len(values) != self._width:
            raise ValueError(f"a row of {self.name} has {self._width} values, got {len(values)}")
        self._add(values)
        if len(self._pending) >= self._full:
            self.flush()

    def flush(self) -> None:
        """Pack the pending rows; with a folder, write them."""
        if not self._pending:
            return
        packed = {
            name: np.array(self._pending[place :: self._width], dtype=object if dtype == "U" else dtype)
            for place, (name, dtype) in enumerate(self.columns.items())
        }
        self._pending.clear()
        if self._folder is None:
            self._packed.append(packed)
        else:
            self._write(packed)

    def chunks(self) -> Iterator[Columns]:
        """Yield all rows so far, at most 65,536 at a time, in order."""
        self.flush()
        yield from self._read_parts()
        yield from self._packed

    def read(self) -> Columns:
        """Return all rows so far, an array per column."""
        chunks = list(self.chunks())
        if len(chunks) == 1:
            return dict(chunks[0])
        return {
            name: np.concatenate([chunk[name] for chunk in chunks]) if chunks else empty(dtype)
            for name, dtype in self.columns.items()
        }

    def close(self) -> list[Path]:
        """Finish the file being written; return the parts written so far."""
        self.flush()
        self._close_part()
        return list(self._parts)

    def _write(self, packed: Columns) -> None:
        import pyarrow.parquet as pq

        batch = arrow_table(packed)
        if self._writer is None:
            assert self._folder is not None
            part = self._folder / f"{self.name}-{self._next_part():04d}.parquet"
            # a dictionary of days that never repeat costs more than it saves
            repeated = [name for name, dtype in self.columns.items() if dtype != "f8"]
            self._writer = pq.ParquetWriter(part, batch.schema, compression="zstd", use_dictionary=repeated)
            self._parts.append(part)
        self._writer.write_table(batch)

    def _next_part(self) -> int:
        """Number after the parts in the folder: a resumed world writes beside what it wrote before."""
        assert self._folder is not None
        return len(list(self._folder.glob(f"{self.name}-*.parquet")))

    def _close_part(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _read_parts(self) -> Iterator[Columns]:
        if not self._parts:
            return
        import pyarrow.parquet as pq

        self._close_part()
        for part in self._parts:
            with pq.ParquetFile(part) as file:
                for group in range(file.num_row_groups):
                    rows = file.read_row_group(group)
                    yield {name: plain(rows[name]) for name in self.columns}


class EventTable(Table):
    """The narrow table: day, unit key, and block and event in one code."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__("events", {"day": "f8", "unit": "i8", "code": "i4"}, folder)
        self._filled = self._pending.__len__

    def row(self, day: float, unit: int, code: int) -> None:
        """Add one row; the hottest call of the world."""
        self._add((day, unit, code))
        if self._filled() >= self._full:
            self.flush()


class Log:
    """All tables of one run. Holds state. `events=False` keeps counters only: every table stays empty."""

    def __init__(self, folder: Path | None = None, *, events: bool = True) -> None:
        self._folder = folder
        self.keeps_events = events
        self.events = EventTable(folder)
        self.tables: dict[str, Table] = {}

    def table(self, name: str, columns: Mapping[str, str]) -> Table:
        """Return the table of this name, made on first use with these columns."""
        if name not in self.tables:
            self.tables[name] = Table(name, columns, self._folder)
        return self.tables[name]

    def row(self, day: float, unit: int, code: int) -> None:
        """Add one event; blocks bind `events.row` or `skip` directly instead."""
        if self.keeps_events:
            self.events.row(day, unit, code)

    def close(self) -> dict[str, list[Path]]:
        """Finish all files; return the parts of each table."""
        return {table.name: table.close() for table in (self.events, *self.tables.values())}


def empty(dtype: str) -> npt.NDArray[Any]:
    """Return a column without rows."""
    return np.array([], dtype=object if dtype == "U" else dtype)


def skip(day: float, unit: int, code: int) -> None:
    """Stand in for `EventTable.row` where a run keeps counters only."""


def names_of(codes: npt.NDArray[Any], names: Sequence[str]) -> npt.NDArray[Any]:
    """Return the word for each code."""
    named: npt.NDArray[Any] = np.array(names, dtype=object)[codes]
    return named
