"""A table of a user as columns of numbers: every cell that cannot be read is told at its place, all at once."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from looptwin.errors import UserError
from looptwin.fitting.dialect import Dialect, Options, dialect_of, text_of
from scenarios.errors import nearest

MOST_TOLD = 50
"""Bad cells that are told one by one; how many more there are is told in one line."""

TRUE, FALSE = ("1", "true", "yes", "y"), ("0", "false", "no", "n")
"""Words for yes and no."""


@dataclass
class Sheet:
    """The rows of a table. Holds state: what was found wrong so far."""

    path: Path
    dialect: Dialect
    headings: list[str]
    """As they stand in the table."""
    lines: list[int]
    """Line of each row, from 1."""
    rows: list[list[str]]
    places: dict[str, int]
    """Column of each documented name that the table has."""
    wrong: list[tuple[int, str]] = field(default_factory=list)
    """Line and message of what cannot be used."""

    def cells(self, name: str) -> list[str]:
        """Return the texts of a column; empty ones where the table has no such column."""
        place = self.places.get(name)
        return [""] * len(self.rows) if place is None else [row[place].strip() for row in self.rows]

    def refuse(self, row: int, name: str, allowed: str) -> None:
        """Note that a cell is wrong: `file:line: column: value; allowed: ...`."""
        found = self.cells(name)[row]
        line = self.lines[row]
        self.wrong.append((line, f"{self.path}:{line}: {self.heading(name)}: {found!r}; allowed: {allowed}"))

    def heading(self, name: str) -> str:
        """Return what the table calls a documented column."""
        return self.headings[self.places[name]] if name in self.places else name

    def finish(self) -> None:
        """Raise UserError with every cell that was refused."""
        if not self.wrong:
            return
        rest = len(self.wrong) - MOST_TOLD
        told = [message for _, message in sorted(self.wrong, key=lambda it: it[0])]
        raise UserError("\n".join([*told[:MOST_TOLD], f"{self.path}: and {rest} more"] if rest > 0 else told))

    def numbers(self, name: str, allowed: str, least: float | None = None, empty: float | None = None) -> list[float]:
        """Return a column of numbers; a cell that is none is refused and gives nan. empty: value of an empty cell."""
        found = []
        for row, text in enumerate(self.cells(name)):
            value = empty if not text and empty is not None else number_of(text, self.dialect.decimal)
            if value is None or (least is not None and value < least):
                self.refuse(row, name, allowed)
                value = math.nan
            found.append(value)
        return found

    def choices(self, name: str) -> list[bool]:
        """Return a column of yes and no."""
        found = []
        for row, text in enumerate(self.cells(name)):
            if text.lower() not in (*TRUE, *FALSE):
                self.refuse(row, name, "1 or yes where the end was seen, 0 or no where not")
            found.append(text.lower() in TRUE)
        return found

    def has_dates(self, *names: str) -> bool:
        """Tell whether columns hold dates, or else numbers: what most of their cells are; they must then all be so."""
        texts = [text for name in names for text in self.cells(name) if text]
        numbers = sum(number_of(text, self.dialect.decimal) is not None for text in texts)
        return numbers <= sum(day_of(text) is not None for text in texts)

    def days(self, name: str, *, dates: bool, may_be_empty: bool) -> list[float]:
        """Return a column of days: day numbers, or ordinals of dates; nan where a cell is rightly empty."""
        allowed = "a date YYYY-MM-DD, with a time or without" if dates else "a day as a number"
        allowed += ", or empty" if may_be_empty else ""
        read: Callable[[str], float | None] = day_of if dates else lambda it: number_of(it, self.dialect.decimal)
        found = []
        for row, text in enumerate(self.cells(name)):
            value = read(text) if text else None
            if value is None and (text or not may_be_empty):
                self.refuse(row, name, allowed)
            found.append(math.nan if value is None else value)
        return found


def number_of(text: str, decimal: str) -> float | None:
    """Return a number as it is written, None for what is no finite number."""
    if decimal == "comma":
        if "." in text:
            return None
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def day_of(text: str) -> float | None:
    """Return the day number of an ISO date, with the part of the day where it has a time; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None or text.isdigit():
        return None
    since = moment - datetime.combine(moment.date(), datetime.min.time())
    return moment.toordinal() + since.total_seconds() / 86400.0


def date_of(day: float) -> str:
    """Return the date of a day number."""
    return date.fromordinal(int(day)).isoformat()


def read_sheet(path: Path, known: Sequence[str], options: Options) -> Sheet:
    """Return the rows of a CSV file. known: the documented columns.

    Raises UserError for a file without rows, a heading that a column was said to have and has not, and every row with
    too few or too many cells; OSError where the file cannot be read.
    """
    text, encoding = text_of(path)
    dialect = dialect_of(text, encoding, options)
    lines, rows = _rows(path, text, dialect)
    if len(rows) < 2:
        columns = f"; known columns: {', '.join(known)}" if known else ""
        raise UserError(f"{path}: there are no rows below a line of headings{columns}")
    headings = [heading.strip() for heading in rows[0]]
    sheet = Sheet(path, dialect, headings, lines[1:], rows[1:], _places(path, headings, known, options))
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        if len(row) != len(headings):
            sheet.wrong.append((line, f"{path}:{line}: {len(row)} cells where the headings are {len(headings)}"))
    sheet.finish()
    return sheet


def _rows(path: Path, text: str, dialect: Dialect) -> tuple[list[int], list[list[str]]]:
    """Return the rows that are not empty, and the line that each ends on."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=dialect.delimiter, strict=True)
    lines, rows = list[int](), list[list[str]]()
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append(reader.line_num)
                rows.append(cells)
    except csv.Error as error:
        raise UserError(f"{path}:{reader.line_num}: {error}; is a quote left open?") from None
    return lines, rows


def _places(path: Path, headings: list[str], known: Sequence[str], options: Options) -> dict[str, int]:
    folded = [heading.casefold() for heading in headings]
    twice = [name for name in known if folded.count(name) > 1]
    if twice:
        raise UserError(f"{path}:1: the heading {twice[0]!r} stands there twice")
    places = {name: folded.index(name) for name in known if name in folded}
    for name, heading in options.columns:
        if name not in known:
            raise UserError(f"--column {name}={heading}: there is no column {name!r}; there are: {', '.join(known)}")
        if heading.casefold() not in folded:
            near = nearest(heading, headings)
            guess = f"; did you mean {near!r}?" if near else f"; there are: {', '.join(headings)}"
            raise UserError(f"{path}:1: there is no heading {heading!r}{guess}")
        places[name] = folded.index(heading.casefold())
    return places


def require(sheet: Sheet, *ways: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first of several sets of columns that a table has; raise UserError when it has none of them."""
    for way in ways:
        if all(name in sheet.places for name in way):
            return way
    missing = [name for name in ways[0] if name not in sheet.places]
    near = nearest(missing[0], sheet.headings)
    guess = f"; is it {near!r}? then give --column {missing[0]}={near!r}" if near else ""
    wanted = " or ".join(" and ".join(repr(name) for name in way) for way in ways)
    raise UserError(f"{sheet.path}:1: needs {wanted}; there are: {', '.join(sheet.headings)}{guess}")
