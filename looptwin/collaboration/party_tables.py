"""Rows for a regression from tables of a user: one file per party, or one file that is split by a column.

Each party's rows are read here, in the process of whoever runs the study, and go nowhere but into its own sums. A cell
that cannot be used is told at its place; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from learning.regression.rows import Rows
from looptwin.errors import UserError
from looptwin.fitting.dialect import Options
from looptwin.fitting.sheet import Sheet, number_of, read_sheet
from looptwin.words.wording import counted
from scenarios.errors import listed, nearest
from scenarios.names import is_name

if TYPE_CHECKING:
    from learning.regression.config import Regression
    from scenarios.scenario import Scenario

FEWEST = 2
"""Rows of a party at least: of a single one, the range that the party announces would tell every column."""

POSITION = "#"
"""Before a number: the column at that place, for headings that nobody can write."""


class Table(NamedTuple):
    """What was read of a file: a number per row and column, and the word that says whose row it is."""

    path: Path
    columns: Mapping[str, np.ndarray[tuple[int], np.dtype[np.float64]]]
    owners: list[str]
    left_out: int


class PartyRows(NamedTuple):
    """The rows of all parties, in order of their names, and what is to be said of how they were read."""

    rows: tuple[Rows, ...]
    remarks: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Digest of all values, so that a kept run is not taken for one of other rows."""
        found = blake2b(digest_size=16)
        for site in self.rows:
            found.update(f"{site.party}\0{site.target}\0{site.names}\0".encode())
            found.update(np.ascontiguousarray(site.x).tobytes() + np.ascontiguousarray(site.y).tobytes())
        return found.hexdigest()


def party_rows(scenario: Scenario) -> PartyRows | None:
    """Return the rows that a scenario's `regression.files` hold; None where its rows come from elsewhere.

    Raises UserError with every cell that cannot be used, `file:line: column: value: what is allowed`.
    """
    config = scenario.regression
    if config is None or config.data != "csv":
        return None
    paths = {party: _path(scenario, party, written) for party, written in config.files.items()}
    _refuse_twice(paths)
    tables = {party: _read(path, config) for party, path in sorted(paths.items())}
    if config.split_by is not None:
        ((name, table),) = tables.items()
        shares = dict(_split(name, table, config.split_by))
    else:
        shares = {party: (table.columns, table.path) for party, table in tables.items()}
    rows = tuple(_rows(party, columns, path, config) for party, (columns, path) in sorted(shares.items()))
    return PartyRows(rows, tuple(_remarks(tables)))


def _path(scenario: Scenario, party: str, written: str) -> Path:
    """Return where a file lies: relative to the scenario file that names it, else to the folder of the command."""
    node, _ = scenario.tree.down(("regression", "files", party))
    beside = Path(node.at.file)
    folder = beside.parent if beside.is_file() else Path()
    return folder / Path(written).expanduser()


def _refuse_twice(paths: Mapping[str, Path]) -> None:
    seen: dict[Path, str] = {}
    for party, path in paths.items():
        other = seen.setdefault(path.resolve(), party)
        if other != party:
            raise UserError(
                f"regression.files: {other} and {party} have the same file {path}: its rows would count twice"
            )


def _read(path: Path, config: Regression) -> Table:
    names = [*config.features, config.target, *([config.split_by] if config.split_by else [])]
    names = list(dict.fromkeys(names))
    try:
        sheet = _placed(path, names, read_sheet(path, (), Options()))
    except OSError as error:
        raise UserError(f"regression.files: {path}: {error.strerror or error}") from None
    kept, left_out = _complete(sheet, names, config)
    columns = {name: _numbers(sheet, name, config, kept) for name in (*config.features, config.target)}
    words = sheet.cells(config.split_by) if config.split_by else []
    owners = [words[row] for row in kept] if words else []
    sheet.finish()
    return Table(path, columns, owners, left_out)


def _placed(path: Path, names: list[str], sheet: Sheet) -> Sheet:
    """Return the sheet with the place of each column; raise UserError with every column that it does not have."""
    headings, wrong = sheet.headings, list[str]()
    for name in names:
        place = int(name[1:]) - 1 if name.startswith(POSITION) and name[1:].isdecimal() else None
        if place is not None and 0 <= place < len(headings):
            sheet.places[name] = place
        elif headings.count(name) == 1:
            sheet.places[name] = headings.index(name)
        elif headings.count(name) > 1:
            wrong.append(
                f"{path}:1: the heading {name!r} stands there {headings.count(name)} times; take it by place, #N"
            )
        else:
            near = nearest(name, headings)
            guess = f"; did you mean {near!r}?" if near else ""
            wrong.append(f"{path}:1: there is no heading {name!r}; there are {listed(headings)}{guess}")
    if wrong:
        raise UserError("\n".join(wrong))
    return sheet


def _complete(sheet: Sheet, names: list[str], config: Regression) -> tuple[list[int], int]:
    """Return the rows without an empty cell, and how many were left out; empty cells are refused unless agreed."""
    empty = {row for name in names for row, cell in enumerate(sheet.cells(name)) if not cell}
    if config.missing == "refuse":
        for name in names:
            for row, cell in enumerate(sheet.cells(name)):
                if not cell:
                    sheet.refuse(row, name, "a value; `regression.missing: leave_out` leaves out rows without")
        sheet.finish()
    return [row for row in range(len(sheet.rows)) if row not in empty], len(empty)


def _numbers(
    sheet: Sheet, name: str, config: Regression, kept: list[int]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a column's numbers, of declared words their place in the list; refuse everything else at its cell."""
    cells, found, words = sheet.cells(name), np.full(len(kept), np.nan), config.categories.get(name)
    wrong: list[int] = []
    for at, row in enumerate(kept):
        if words is not None:
            value = float(words.index(cells[row])) if cells[row] in words else None
        else:
            value = number_of(cells[row], sheet.dialect.decimal)
        if value is None:
            wrong.append(row)
        else:
            found[at] = value
    if wrong and words is None and len(wrong) > len(kept) // 2:
        # a column of words is one mistake, not thousands
        sheet.wrong.append((sheet.lines[wrong[0]], _of_words(sheet, name, cells, wrong)))
        return found
    for row in wrong:
        sheet.refuse(row, name, "a number" if words is None else f"one of {', '.join(words)}, as declared")
    return found


def _of_words(sheet: Sheet, name: str, cells: list[str], wrong: list[int]) -> str:
    line, sample = sheet.lines[wrong[0]], listed(tuple(dict.fromkeys(cells[row] for row in wrong))[:8])
    declared = f"declare them in order, `regression.categories: {{{name}: [...]}}`, or leave the column out"
    place = f"{sheet.path}:{line}: {name}: {cells[wrong[0]]!r}"
    return f"{place}; allowed: a number; the column holds words ({sample}): {declared}"


def _split(name: str, table: Table, column: str) -> Iterator[tuple[str, tuple[Mapping[str, np.ndarray], Path]]]:
    """Yield the rows of each value of the column under a party's name of its own."""
    owners = np.array(table.owners, dtype=object)
    parties: dict[str, str] = {}
    for value in dict.fromkeys(table.owners):
        party = f"{name}_{''.join(one if one.isalnum() or one in '-_' else '_' for one in value)}"
        if not is_name(party) or party in parties:
            raise UserError(f"{table.path}: {column}: {value!r} and {parties.get(party)!r} would both be {party}")
        parties[party] = value
        own = owners == value
        yield party, ({heading: values[own] for heading, values in table.columns.items()}, table.path)


def _rows(party: str, columns: Mapping[str, np.ndarray], path: Path, config: Regression) -> Rows:
    y = columns[config.target]
    if len(y) < FEWEST:
        found = "one row" if len(y) else "no row"
        raise UserError(f"{path}: {party} has {found}; {FEWEST} are the least, or the range of its columns is the row")
    features = [pair for name in config.features for pair in _indicators(name, columns[name], config)]
    x = np.column_stack([values for _, values in features])
    try:
        return Rows(party, tuple(name for name, _ in features), x, y, config.target)
    except ValueError as refused:
        raise UserError(f"{path}: {refused}") from refused


def _indicators(name: str, values: np.ndarray, config: Regression) -> Iterable[tuple[str, np.ndarray]]:
    """Return the features of a column: itself, or of a category 0 or 1 for each word but the first."""
    words = config.categories.get(name)
    if words is None:
        return [(name, values)]
    return [(f"{name}={word}", (values == place).astype(np.float64)) for place, word in enumerate(words) if place]


def _remarks(tables: Mapping[str, Table]) -> Iterator[str]:
    for party, table in tables.items():
        if table.left_out:
            rows = counted(table.left_out, "row")
            yield f"{party}: {rows} with an empty cell, left out"
