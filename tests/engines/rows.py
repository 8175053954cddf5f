"""Rows as dicts, as a first simulation writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Row = dict[str, Any]


class Written:
    """A table that takes a row as values and keeps it as a dict."""

    def __init__(self, columns: Iterable[str]) -> None:
        self.columns = tuple(columns)
        self.rows: list[Row] = []

    def append(self, *values: Any) -> None:
        """Add one row, values in column order."""
        self.rows.append(dict(zip(self.columns, values, strict=True)))


class Rows:
    """All rows of a run: events, and a table for each kind of payment, report or decision."""

    keeps_events = True

    def __init__(self) -> None:
        self.events: list[Row] = []
        self.tables: dict[str, Written] = {}

    def table(self, name: str, columns: Mapping[str, str]) -> Written:
        """Return the table of this name, made on first use with these columns."""
        return self.tables.setdefault(name, Written(columns))

    def all(self) -> dict[str, list[Row]]:
        """Return the rows of every table, by name."""
        return {"events": self.events} | {name: table.rows for name, table in self.tables.items()}
