"""Hidden state as a leak would show it: what is hidden in a run, everything that a run shows, and what is in both."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import looptwin as lt
from looptwin.page.page import page
from sim.parties.chain import Chain
from sim.parties.config import Dismantler
from sim.parties.physics import Physics
from sim.parties.reports import HIDDEN
from sim.wear import MECHANISMS

CRACK = 0.7321950508075689
"""What stands for a crack while hidden numbers are noted: true like any number, and in no other place."""

ORDINARY = (0.0, 0.5, 1.0, 1.8)
"""Values that a hidden number may share with others by a limit of the world; no leak is told by them."""

EARNED = "earned"
"""What a core earned, in the remanufacturer's own books once it is sold or scrapped: its margin is then no secret."""

NUMBER = re.compile(r"-?\d+\.\d+(?:[eE][-+]?\d+)?")

Hidden = dict[float, str]
"""Hidden number to the name of its quantity."""

View = Mapping[str, Any]


@contextmanager
def noted() -> Iterator[Hidden]:
    """Note every hidden number of the units that are removed in the worlds that run meanwhile."""
    hidden: Hidden = {}
    end_life, removed = Physics.end_life, Chain.removed

    def end_with_a_mark(self: Physics, unit: Any, days: float, failed: bool) -> None:
        end_life(self, unit, days, failed)
        unit.body.crack = CRACK if unit.body.crack else False

    def note(self: Chain, block: Any, unit: Any, reason: str, days: float) -> None:
        removed(self, block, unit, reason, days)
        body = unit.body
        build, usage = self.physics.build(unit), self.physics.use(unit).usage
        found = {"crack": body.crack, "margin": body.margin, **build._asdict(), **usage._asdict()}
        # a small whole number, as many others are
        del found["overheats"]
        if reason == "degraded":
            # what the first service finds has driven one interval
            del found["oil_interval"]
        for part, damage, strength in zip(MECHANISMS, body.damage, self.physics.strength(unit), strict=True):
            found |= {f"{part} damage": damage, f"{part} strength": strength}
        hidden.update({float(value): name for name, value in found.items() if float(value) not in ORDINARY})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Physics, "end_life", end_with_a_mark)
        patch.setattr(Chain, "removed", note)
        yield hidden


@dataclass(frozen=True)
class Shown:
    """Everything that a run shows to anybody but the twin's owner, by place: numbers, words and column names."""

    numbers: dict[str, np.ndarray[Any, Any]]
    words: dict[str, str]

    @property
    def columns(self) -> set[str]:
        """Names of all columns and keys."""
        return {place.rpartition("/")[2] for place in (*self.numbers, *self.words)}


def shown(run: lt.Run, views: Iterable[View] = (), folder: Path | None = None) -> Shown:
    """Return what a run shows: tables, figures, facts, what policies and learners were given; and its files."""
    found = Shown({}, {})
    (replication,) = run.replications
    for name in sorted(replication.digests):
        if name not in HIDDEN:
            _columns(found, name, replication.table(name))
    _add(found, "kpis", {name: kpi.value for name, kpi in replication.kpis.items()})
    _add(found, "facts", replication.facts)
    _add(found, "summary", run.summary())
    for number, view in enumerate(views):
        _add(found, f"decision {number}", view)
    if any(isinstance(one, Dismantler) for one in run.scenario.parties.values()):
        _learned(found, run)
    if folder is not None:
        found.words["page"] = page(run)
        _files(found, run.save(folder))
    return found


def leaks(found: Shown, hidden: Hidden) -> list[str]:
    """Return a line for each place that shows a hidden number, and for each column that is named as one."""
    values = np.array(sorted(hidden))
    told = [f"{name}: a hidden column" for name in sorted(found.columns) if name.startswith("true_")]
    for place, numbers in found.numbers.items():
        told += [f"{place}: {hidden[float(value)]}" for value in np.unique(numbers[np.isin(numbers, values)])]
    for place, text in found.words.items():
        told += [f"{place}: {hidden[number]}" for number in map(float, set(NUMBER.findall(text))) if number in hidden]
    return told


def differences(one: Shown, other: Shown) -> list[str]:
    """Return the places in which two runs do not show the very same."""
    places = one.numbers.keys() ^ other.numbers.keys() | one.words.keys() ^ other.words.keys()
    both = one.numbers.keys() & other.numbers.keys()
    places |= {place for place in both if one.numbers[place].tobytes() != other.numbers[place].tobytes()}
    places |= {place for place in one.words.keys() & other.words.keys() if one.words[place] != other.words[place]}
    return sorted(places)


def recorder(views: list[View], answer: str | None = None) -> dict[str, Callable[[View], str | None]]:
    """Return callables for all decisions that note what they are shown."""

    def decide(view: View) -> str | None:
        views.append(dict(view))
        return answer if "grade" in view else None

    return {"dismantler.disposition": decide, "tester.verdict": decide}


def _columns(found: Shown, place: str, table: Any) -> None:
    for name in table.column_names:
        if name == EARNED:
            continue
        values = table[name].to_pylist()
        if all(isinstance(value, str | None) for value in values):
            found.words[f"{place}/{name}"] = "\n".join(value or "" for value in values)
        else:
            found.numbers[f"{place}/{name}"] = np.array(values, dtype=np.float64)


def _add(found: Shown, place: str, value: Any) -> None:
    """Add a value of plain data, however deep."""
    if isinstance(value, Mapping):
        for name, below in value.items():
            _add(found, f"{place}/{name}", below)
    elif isinstance(value, list | tuple):
        for number, below in enumerate(value):
            _add(found, f"{place}/{number}", below)
    elif isinstance(value, int | float):
        found.numbers[place] = np.array([value], dtype=np.float64)
    else:
        found.words[place] = str(value)


def _learned(found: Shown, run: lt.Run) -> None:
    learned = lt.learn(run, mode="plain")
    found.numbers["models/pooled"] = learned.pooled
    for site in learned.sites:
        found.numbers[f"features/{site.party}"] = np.asarray(site.x)
        found.numbers[f"labels/{site.party}"] = np.asarray(site.y)
        table = lt.dataset(run, site.party).table
        for name in table:
            found.numbers[f"dataset {site.party}/{name}"] = table[name].to_numpy(dtype=np.float64)


def _files(found: Shown, folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        if path.suffix == ".parquet" and path.stem not in HIDDEN:
            _columns(found, place, pq.read_table(path))
        elif path.is_file() and path.suffix != ".parquet":
            found.words[place] = path.read_text(encoding="utf-8")


def is_unmistakable(hidden: Hidden) -> bool:
    """Whether every hidden number has digits of its own: no short decimal that something else could be by chance."""
    return all(math.isfinite(value) and len(f"{value:.17g}".lstrip("-0.")) >= 6 for value in hidden)
