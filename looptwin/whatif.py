"""What if: the same luck at several levels of one thing, and the differences that it makes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from looptwin.errors import UserError
from looptwin.folder import SCENARIO, csv_of, keep
from looptwin.kpis import kpis_of
from looptwin.levels import Changes, Level, levels_of
from looptwin.replications.lock import RunFolder, claim_folder
from looptwin.replications.replicate import Task, replicate
from looptwin.results import Run
from looptwin.run import plan, refuse_numbers
from looptwin.simulate import job, make_world
from looptwin.statistics import interval, paired
from scenarios.errors import listed, nearest
from scenarios.load import load
from scenarios.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Study:
    """A finished what-if.

    runs: one for each level, by its label, with figures only. base: label of the scenario as it is. chosen: figures
    that `kpis` shows. All levels have the same seed and replication numbers, so what does not depend on the change is
    drawn alike and cancels.
    """

    scenario: Scenario
    base: str | float
    runs: Mapping[str | float, Run]
    chosen: tuple[str, ...]

    def compare(self, kpi: str) -> pd.DataFrame:
        """Each level's mean, and its difference to the base with its 95 % interval over pairs of replications.

        Columns level, mean, difference, ci_low, ci_high (of the difference) and variance_reduction: how many times more
        replications would have been needed without common luck; nan for the base. Raises UserError for no such figure.
        """
        import pandas as pd

        return pd.DataFrame([*comparison(self, kpi)])

    @property
    def kpis(self) -> pd.DataFrame:
        """Figures of every level: index kpi; columns level, value, unit, mean, ci_low, ci_high."""
        import pandas as pd

        rows = [
            {"kpi": kpi, "level": level, **row}
            for level, run in self.runs.items()
            for kpi, row in kpis_of(run.replications).items()
            if kpi in self.chosen
        ]
        table = pd.DataFrame(rows)
        return table.set_index("kpi")[["level", "value", "unit", "mean", "ci_low", "ci_high"]]


def whatif(
    scenario: Scenario | str | Path,
    changes: Changes,
    *,
    replications: int = 10,
    workers: int = 1,
    seed: int | None = None,
    out: str | Path | None = None,
    kpis: Sequence[str] | None = None,
) -> Study:
    """Simulate a scenario at several levels with common random numbers, and compare them with the scenario as it is.

    changes: one dotted key and its values, `{"returns.probability": [0.4, 0.6]}`, names of overrides, or levels of
    several keys by name, `{"lean": {"policies.serviceable.level": 10, "returns.probability": 0.9}}`. out: folder to
    keep the replications in; the same what-if goes on where it was killed. kpis: figures to show; default all. Raises
    ScenarioError and UserError.
    """
    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    levels, base = levels_of(scenario, changes)
    sweep = Sweep(scenario.seed if seed is None else seed, replications, workers, out)
    return compared(scenario, levels, base, sweep, kpis)


@dataclass(frozen=True)
class Sweep:
    """How the levels of a study are simulated: from which seed, how often, by how many processes, kept in which folder.

    Raises UserError for numbers that make no sense.
    """

    seed: int
    replications: int
    workers: int = 1
    out: str | Path | None = None

    def __post_init__(self) -> None:
        refuse_numbers(self.seed, self.replications, self.workers)


def compared(
    scenario: Scenario, levels: Sequence[Level], base: Level, sweep: Sweep, kpis: Sequence[str] | None = None
) -> Study:
    """Simulate levels with common random numbers, counters only. Raises UserError for a figure that there is not."""
    orders = [
        plan(one.scenario, sweep.seed, sweep.replications, decide={}, events=False, label=f"{one.label}:")
        for one in levels
    ]
    _refuse_unknown(kpis or (), _known_to(orders[0][0]))
    # replication by replication, so that what a killed study kept are pairs
    tasks = [task for one in zip(*orders, strict=True) for task in one]
    with _folder(sweep.out, scenario, levels, tasks) as folder:
        found = replicate(job, tasks, workers=sweep.workers, folder=folder)
        runs = {
            one.label: Run(one.scenario, sweep.seed, tuple(found[place :: len(levels)]))
            for place, one in enumerate(levels)
        }
        study = Study(scenario, base.label, runs, _chosen(runs, kpis))
        if folder is not None:
            keep(study_texts(study), [one for run in runs.values() for one in run.replications], folder)
    return study


def comparison(study: Study, kpi: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of `Study.compare`. Raises UserError for no such figure."""
    (kpi,) = _chosen(study.runs, [kpi])
    at_base = _values(study.runs[study.base], kpi)
    for level, run in study.runs.items():
        values = _values(run, kpi)
        pair = paired(at_base, values)
        yield {
            "level": level,
            "mean": interval(values).mean,
            "difference": pair.difference,
            "ci_low": pair.low,
            "ci_high": pair.high,
            "variance_reduction": math.nan if level == study.base else pair.variance_reduction,
        }


def study_texts(study: Study) -> Iterator[tuple[str, str]]:
    """Yield the name and content of each text file of a study's folder."""
    figures = _chosen(study.runs, None)
    rows = [{"kpi": kpi, **row} for kpi in figures for row in comparison(study, kpi)]
    yield SCENARIO, study.scenario.to_yaml()
    yield "compare.csv", csv_of([*rows[0]], rows)


@contextmanager
def _folder(
    out: str | Path | None, scenario: Scenario, levels: Sequence[Level], tasks: Sequence[Task]
) -> Iterator[RunFolder | None]:
    if out is None:
        yield None
        return
    manifest = {
        "kind": "what-if",
        "scenario": scenario.name,
        "scenario_hash": scenario.hash,
        "seed": tasks[0].key.seed,
        "replications": len(tasks) // len(levels),
        "variant": tasks[0].key.variant,
        "levels": [
            {"level": level.label, "scenario_hash": task.key.scenario, "versions": dict(task.key.versions)}
            for level, task in zip(levels, tasks, strict=False)
        ],
    }
    with claim_folder(Path(out), manifest) as folder:
        yield folder


def _known_to(task: Task) -> tuple[str, ...]:
    """Names of the figures of a task, before anything runs: a world knows them on day 0, a study by its models."""
    known = tuple(make_world(task.payload, task.key.seed, task.key.replication).kpis())
    if task.payload.scenario.regression is None:
        return known
    from looptwin.collaboration.regress import figure_names

    return known + figure_names(task.payload.scenario.regression)


def _refuse_unknown(kpis: Sequence[str], known: Sequence[str]) -> None:
    for name in kpis:
        if name not in known:
            near = nearest(name, known)
            raise UserError(
                f"no figure named {name!r}; " + (f"did you mean {near!r}?" if near else f"there are: {listed(known)}")
            )


def _chosen(runs: Mapping[str | float, Run], kpis: Sequence[str] | None) -> tuple[str, ...]:
    """Return the figures of any level in order, or the ones that were asked for if there are such."""
    known = tuple(dict.fromkeys(name for run in runs.values() for name in run.replications[0].kpis))
    _refuse_unknown(kpis or (), known)
    return known if kpis is None else tuple(kpis)


def _values(run: Run, kpi: str) -> list[float]:
    """A figure over the replications; nan where a level does not have it."""
    return [one.kpis[kpi].value if kpi in one.kpis else math.nan for one in run.replications]
