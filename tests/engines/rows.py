"""Rows as dicts, as a first simulation writes them, and the same rows of a world, in one order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Written:
    """A table that takes a row as values and keeps it as a dict."""

    def __init__(self, columns: Iterable[str]) -> None:
        self.columns = tuple(columns)
        self.rows: list[dict[str, Any]] = []

    def append(self, *values: Any) -> None:
        """Add one row, values in column order."""
        self.rows.append(dict(zip(self.columns, values, strict=True)))


class Rows:
    """All rows of a run: events, payments, decisions, truth and outcomes, and a table for each kind of report."""

    keeps_events = True

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.payments: list[dict[str, Any]] = []
        self.decisions: list[dict[str, Any]] = []
        self.truth: list[dict[str, Any]] = []
        self.outcome: list[dict[str, Any]] = []
        self.reports: dict[str, Written] = {}

    def table(self, name: str, columns: Mapping[str, str]) -> Written:
        """Return the table of this name, made on first use with these columns."""
        return self.reports.setdefault(name, Written(columns))

    def all(self) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of every table, by name."""
        own = ("events", "payments", "decisions", "truth", "outcome")
        return {name: getattr(self, name) for name in own} | {name: made.rows for name, made in self.reports.items()}
