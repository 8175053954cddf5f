"""What a figure of a run is made of: its formula, and the terms in it, of all replications."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from looptwin.errors import UserError
from looptwin.statistics import Interval, interval
from sim.figure import SUM, Figure

if TYPE_CHECKING:
    from looptwin.replications.shards import Replication
    from looptwin.results import Run
    from sim.log import Columns

TABLE = "terms"
"""The table in which each replication keeps them: kpi, formula, term, value, unit."""


@dataclass(frozen=True)
class Part:
    """One term: its mean over the replications with its 95 % interval, and its value in each."""

    name: str
    unit: str
    mean: Interval
    values: tuple[float, ...]


@dataclass(frozen=True)
class Explanation:
    """A figure, its formula over the names of its parts, and the parts. The formula holds in each replication."""

    kpi: str
    unit: str
    mean: Interval
    values: tuple[float, ...]
    formula: str
    parts: tuple[Part, ...]


def explain(run: Run, kpi: str) -> Explanation:
    """Return what a figure is made of. Raises UserError for a figure that the run does not have."""
    known = run.replications[0].kpis
    if kpi not in known:
        raise UserError(f"{run.scenario.name} has no figure {kpi!r}{_guess(kpi, [*known])}")
    values = tuple(one.kpis[kpi].value for one in run.replications)
    rows = [_rows(one, kpi) for one in run.replications]
    formula = next((row["formula"] for of_one in rows for row in of_one), SUM)
    parts = tuple(_parts(rows, formula))
    return Explanation(kpi, known[kpi].unit, interval(values), values, formula, parts)


def terms_table(figures: Mapping[str, Figure]) -> Columns:
    """Return figures as the table that a replication keeps."""
    import numpy as np

    rows = [(kpi, figure.formula, *term) for kpi, figure in figures.items() for term in figure.terms]
    kpis, formulas, names, values, units = zip(*rows, strict=True) if rows else ((),) * 5
    words = {"kpi": kpis, "formula": formulas, "term": names, "unit": units}
    table = {name: np.array(column, dtype=object) for name, column in words.items()}
    table["value"] = np.array(values, dtype=np.float64)
    return {name: table[name] for name in ("kpi", "formula", "term", "value", "unit")}


def _rows(replication: Replication, kpi: str) -> list[dict[str, Any]]:
    if TABLE not in replication.digests:
        raise UserError("the run keeps no terms of its figures: it was made by another version; run it again")
    import pyarrow.compute as pc

    table = replication.table(TABLE)
    rows: list[dict[str, Any]] = table.filter(pc.equal(table["kpi"], kpi)).to_pylist()
    return rows


def _parts(rows: Sequence[Sequence[Mapping[str, Any]]], formula: str) -> Iterator[Part]:
    # what is not there to be added was not paid or counted; in another formula it cannot be told
    absent = 0.0 if formula == SUM else math.nan
    by_name = [{row["term"]: row["value"] for row in of_one} for of_one in rows]
    units = {row["term"]: row["unit"] for of_one in rows for row in of_one}
    for name, unit in units.items():
        values = tuple(of_one.get(name, absent) for of_one in by_name)
        yield Part(name, unit, interval(values), values)


def _guess(kpi: str, known: list[str]) -> str:
    from scenarios.errors import nearest

    near = nearest(kpi, known)
    return f"; did you mean {near}?" if near else "; `looptwin run --blocks` prints the names of all"
