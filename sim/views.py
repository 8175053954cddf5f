"""What a party sees: its own events, its own reports, what travelled to it, and its own payments. Never the log.

Each role has a whitelist of tables; within a table a party sees the rows that were written by it or to it, up to the
last time that it brought its books up to date (`reports_every_days`), and a fleet sees distances in its own unit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sim.chunks import merged
from sim.log import Columns, empty
from sim.parties.accounts import COLUMNS as PAYMENTS
from sim.parties.chain import ENERGY, OUTCOME, REALISED
from sim.parties.config import Fleet, PartyConfig
from sim.parties.decisions import COLUMNS as DECISIONS
from sim.parties.parts import COLUMNS as PARTS
from sim.parties.production import COLUMNS as MADE
from sim.parties.recycling import COLUMNS as MATERIAL
from sim.parties.reports import KEYS, LAB, MAKING, SERVICE, TABLES
from sim.records import EVENT_BITS, EVENTS
from sim.streams import SEQUENCE_BITS
from sim.units import KM_PER_MILE
from sim.words import Words
from sim.world import World

SEES: Mapping[str, tuple[str, ...]] = {
    "supplier": ("build",),
    "oem": ("build", "assembly"),
    "fleet": ("passport", "service"),
    "dismantler": ("visual", "decisions", "outcome", "lab", "parts"),
    "tester": ("bench", "decisions", "lab"),
    "remanufacturer": ("teardown", "end_of_line", "outcome", "realised", "energy", "parts"),
    "recycler": ("material",),
    "factory": ("made",),
}
"""Tables that a party of each role sees its rows of, beside events and payments."""

_COLUMNS: Mapping[str, Mapping[str, str]] = {
    **{name: KEYS | dict(columns) for name, columns in (*TABLES.items(), *MAKING.items())},
    "outcome": OUTCOME,
    "realised": REALISED,
    "lab": LAB,
    "service": SERVICE,
    "energy": ENERGY,
    "parts": PARTS,
    "made": MADE,
    "material": MATERIAL,
    "decisions": DECISIONS,
    "payments": PAYMENTS,
}


EVENT_COLUMNS = {"day": "f8", "unit": "i8", "origin": "U", "block": "U", "event": "U", "party": "U"}
"""The narrow table in words."""

DISTANCES: Mapping[str, tuple[str, float]] = {
    "thousand_km": ("", 1.0),
    "km": ("_km", 1000.0),
    "mile": ("_miles", 1000.0 / KM_PER_MILE),
}
"""By a fleet's `distance_unit`: how names of `IN_DISTANCE` end in its own view, and how much of it is 1000 km."""

IN_DISTANCE = ("distance", "oil_interval")
"""Columns of reports that hold distances."""


_EVENT = ("day", "unit", "block", "event")
_FIRST = ("day", "kind", "unit", "block", "event")


class NotVisibleError(PermissionError):
    """A party asked for a table that its role does not see."""


def seen(world: World, party: str, table: str) -> Columns:
    """Return the rows of one kind of report that a party sees today.

    Raises NotVisibleError for a table that is not on its whitelist, KeyError for an unknown party.
    """
    role = _role(world, party)
    if table not in SEES[role]:
        allowed = ", ".join(SEES[role]) or "none"
        raise NotVisibleError(f"{party} ({role}) does not see {table!r}; its reports are: {allowed}")
    columns = _in_own_units(_COLUMNS[table], _config(world, party))
    chunks = list(_seen(world, party, table))
    return {
        name: np.concatenate([chunk[name] for chunk in chunks]) if chunks else empty(dtype)
        for name, dtype in columns.items()
    }


def up_to_date(day: float, every: float) -> float:
    """Return the day before which everything is in the books of a party that writes them `every` so many days."""
    return math.inf if every == 0.0 else math.floor(day / every) * every


def known_days(days: Any, every: float) -> Any:
    """Return the days on which rows of these days come into the books of a party: Float[rows] of Float[rows]."""
    return days if every == 0.0 else (np.floor(np.asarray(days) / every) + 1.0) * every


def view(world: World, party: str) -> Columns:
    """Return all that a party holds as one table, in order of time.

    Columns: day, kind ("event", "payment" or the kind of report), unit (key, -1 for none), block, event, then the
    reported values; nan or "" where a kind has no such column, -1 where it has no lot.
    """
    columns, words = view_columns(world, party), Words()
    return named(_joined(list(view_chunks(world, party, words)), columns), columns, words)


def view_columns(world: World, party: str) -> dict[str, str]:
    """Return the kind of each column of a party's view: "U" for words, "i8" or "f8" for numbers."""
    kinds = _kinds(world, party).values()
    names = dict.fromkeys([*_FIRST, *(name for columns in kinds for name in columns if name != "party")])
    found: dict[str, str] = {"kind": "U"}
    for name in names:
        dtypes = {columns.get(name, "") for columns in kinds}
        # where a kind of row has no such number, it is nan; a lot is a key, and a float would lose its last digits
        whole = dtypes == {"i8"} or name == "lot"
        found.setdefault(name, "U" if "U" in dtypes else "i8" if whole else "f8")
    return {name: found[name] for name in names}


def view_chunks(world: World, party: str, words: Words) -> Iterator[Columns]:
    """Yield a party's view in pieces, in order of time, in constant memory; words by their numbers."""
    columns = view_columns(world, party)
    streams = {"event": _own_events(world, party, words), "payment": _own_payments(world, party)}
    streams |= {table: _seen(world, party, table) for table in SEES[_role(world, party)]}
    yield from merged([_filled(stream, kind, columns, words) for kind, stream in streams.items()])


def event_columns(world: World) -> Columns:
    """Return the narrow table in words: day, unit (key), origin, block, event, party."""
    words = Words()
    return named(_joined(list(event_chunks(world, words)), EVENT_COLUMNS), EVENT_COLUMNS, words)


def event_chunks(world: World, words: Words) -> Iterator[Columns]:
    """Yield the narrow table, at most 65,536 rows at a time, so that memory stays constant; words by their numbers."""
    names, events = words.numbers(list(world.network)), words.numbers(EVENTS)
    owners = words.numbers([_owner(world, name) for name in world.network])
    numbers, inside = np.unique(list(world.numbers.values()), return_index=True)
    origins = words.numbers([*world.numbers])[inside]
    for rows in world.log.events.chunks():
        made = rows["unit"] >> SEQUENCE_BITS
        place = np.minimum(np.searchsorted(numbers, made), len(numbers) - 1)
        blocks = rows["code"] >> EVENT_BITS
        yield {
            "day": rows["day"],
            "unit": rows["unit"],
            # a row about no unit has no origin
            "origin": np.where(numbers[place] == made, origins[place], 0),
            "block": names[blocks],
            "event": events[rows["code"] & (1 << EVENT_BITS) - 1],
            "party": owners[blocks],
        }


def named(rows: Columns, columns: Mapping[str, str], words: Words) -> Columns:
    """Return rows with words in place of their numbers."""
    return {name: words.named(rows[name]) if dtype == "U" else rows[name] for name, dtype in columns.items()}


def _joined(chunks: list[Columns], columns: Mapping[str, str]) -> Columns:
    return {
        name: np.concatenate([chunk[name] for chunk in chunks])
        if chunks
        else np.array([], dtype="i4" if dtype == "U" else dtype)
        for name, dtype in columns.items()
    }


def _kinds(world: World, party: str) -> dict[str, Mapping[str, str]]:
    """Columns of each kind of row in a party's view."""
    config = _config(world, party)
    reports = {table: _in_own_units(_COLUMNS[table], config) for table in SEES[config.role]}
    return {"event": {name: EVENT_COLUMNS[name] for name in _EVENT}, "payment": PAYMENTS, **reports}


def _in_own_units(columns: Mapping[str, str], config: PartyConfig) -> dict[str, str]:
    """Return the columns of a kind of report under the names that they have in a party's own view."""
    ending = _distance(config)[0]
    return {column + ending if column in IN_DISTANCE else column: dtype for column, dtype in columns.items()}


def _distance(config: PartyConfig) -> tuple[str, float]:
    return DISTANCES[config.distance_unit if isinstance(config, Fleet) else "thousand_km"]


def _own_events(world: World, party: str, words: Words) -> Iterator[Columns]:
    end = up_to_date(world.now, _config(world, party).reports_every_days)
    names, events = words.numbers(list(world.network)), words.numbers(EVENTS)
    owned = np.array([_owner(world, name) == party for name in world.network])
    for rows in world.log.events.chunks():
        own = owned[rows["code"] >> EVENT_BITS] & (rows["day"] < end)
        codes = rows["code"][own]
        yield {
            "day": rows["day"][own],
            "unit": rows["unit"][own],
            "block": names[codes >> EVENT_BITS],
            "event": events[codes & (1 << EVENT_BITS) - 1],
        }


def _own_payments(world: World, party: str) -> Iterator[Columns]:
    end = up_to_date(world.now, _config(world, party).reports_every_days)
    for rows in _rows(world, "payments"):
        own = ((rows["payer"] == party) | (rows["payee"] == party)) & (rows["day"] < end)
        yield {name: values[own] for name, values in rows.items()}


def _seen(world: World, party: str, table: str) -> Iterator[Columns]:
    config = _config(world, party)
    end, (ending, factor) = up_to_date(world.now, config.reports_every_days), _distance(config)
    for rows in _rows(world, table):
        own = (rows["party"] == party) & (rows["day"] < end)
        seen = {name: values[own] for name, values in rows.items()}
        yield {
            name + ending if name in IN_DISTANCE else name: values * factor if name in IN_DISTANCE else values
            for name, values in seen.items()
        }


def _filled(chunks: Iterator[Columns], kind: str, columns: Mapping[str, str], words: Words) -> Iterator[Columns]:
    """Give the rows of one kind all columns of a view, words by their numbers."""
    for chunk in chunks:
        rows = len(chunk["day"])
        given = {"kind": np.full(rows, words[kind], dtype=np.int32), **chunk}
        yield {
            name: _column(given[name], dtype, words) if name in given else _gap(rows, dtype)
            for name, dtype in columns.items()
        }


def _column(values: Any, dtype: str, words: Words) -> Any:
    if dtype != "U":
        return np.asarray(values, dtype=dtype)
    return words.numbers(values.tolist()) if values.dtype == object else values


def _gap(rows: int, dtype: str) -> Any:
    if dtype == "U":
        return np.zeros(rows, dtype=np.int32)
    return np.full(rows, -1, dtype=np.int64) if dtype == "i8" else np.full(rows, np.nan)


def _rows(world: World, table: str) -> Iterator[Columns]:
    return world.log.table(table, _COLUMNS[table]).chunks()


def _role(world: World, party: str) -> str:
    return _config(world, party).role


def _config(world: World, party: str) -> PartyConfig:
    parties = {} if world.economy is None else world.economy.sections.parties
    if party not in parties:
        raise KeyError(f"no party named {party!r}; there are: {', '.join(sorted(parties)) or 'none'}")
    return parties[party]


def _owner(world: World, block: str) -> str:
    return "" if world.economy is None else world.economy.owner(block)
