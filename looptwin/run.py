"""Run a scenario: the conductor's main function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from looptwin.errors import UserError
from looptwin.folder import complete, identity
from looptwin.replications.fingerprint import fingerprint
from looptwin.replications.lock import RunFolder, claim_folder
from looptwin.replications.replicate import Task, replicate
from looptwin.replications.shards import Key
from looptwin.replications.versions import versions
from looptwin.results import Run
from looptwin.simulate import Order, job
from looptwin.warm_up import warm_up_days
from scenarios.expansion import content_of, expanded
from scenarios.load import load
from scenarios.scenario import Scenario
from sim.parties.config import has_loop
from sim.parties.decisions import Policy, refuse_unknown

if TYPE_CHECKING:
    from looptwin.collaboration.party_tables import PartyRows


def run(
    scenario: Scenario | str | Path,
    *,
    seed: int | None = None,
    replications: int = 1,
    workers: int = 1,
    decide: Mapping[str, Policy] | None = None,
    out: str | Path | None = None,
    events: bool = True,
) -> Run:
    """Simulate a scenario and return what came of it.

    scenario: a `Scenario`, a packaged name or a path. seed: default the scenario's own. workers: processes; any number
    gives the same run. decide: callables by `<role>.<decision>`, such as `dismantler.disposition`; each gets its
    party's view of one core and returns one of the allowed answers, or None for the scenario's own rule. out: folder
    to keep the run in; the same run goes on where it was killed. events: False keeps counters only. Raises
    ScenarioError, UserError.
    """
    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    seed = scenario.seed if seed is None else seed
    refuse_numbers(seed, replications, workers)
    _refuse(decide or {}, scenario)
    tasks = plan(scenario, seed, replications, decide=decide or {}, events=events)
    with _folder(out, scenario, tasks) as folder:
        found = tuple(replicate(job, tasks, workers=workers, folder=folder))
        if folder is not None:
            complete(scenario, found, folder)
    return Run(scenario, seed, found, folder=None if folder is None else folder.path)


def plan(
    scenario: Scenario, seed: int, replications: int, *, decide: Mapping[str, Policy], events: bool, label: str = ""
) -> list[Task]:
    """Return one task for each replication."""
    order = Order(
        scenario=content_of(scenario),
        network=expanded(scenario),
        warm_up_days=warm_up_days(scenario, seed),
        keeps=events,
        decide=decide,
        tables=_tables(scenario),
    )
    learns = scenario.collaboration.mode not in ("none", "oracle") or scenario.regression is not None
    variant = ",".join(
        [
            *(f"{name}={fingerprint(policy)}" for name, policy in sorted(decide.items())),
            *([] if events else ["counters"]),
            *([] if order.tables is None else [f"rows {order.tables.digest}"]),
        ]
    )
    found = versions(learns=learns)
    return [
        Task(Key(scenario.hash, seed, number, found, variant), payload=order, label=label)
        for number in range(replications)
    ]


def _tables(scenario: Scenario) -> PartyRows | None:
    if scenario.regression is None or scenario.regression.data != "csv":
        return None
    # a run without tables of the user's own never reads any
    from looptwin.collaboration.party_tables import party_rows

    return party_rows(scenario)


@contextmanager
def _folder(out: str | Path | None, scenario: Scenario, tasks: list[Task]) -> Iterator[RunFolder | None]:
    if out is None:
        yield None
        return
    if not str(out):
        raise UserError("out: an empty name is no folder")
    with claim_folder(Path(out), identity(scenario, tasks[0].key, len(tasks))) as folder:
        yield folder


def refuse_numbers(seed: object, replications: object, workers: object) -> None:
    """Raise UserError unless these are whole numbers that a run can have."""
    for name, value, least in (("seed", seed, 0), ("replications", replications, 1), ("workers", workers, 1)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise UserError(f"{name} must be a whole number of at least {least}, got {value!r}")


def _refuse(decide: Mapping[str, Policy], scenario: Scenario) -> None:
    given: object = decide
    if not isinstance(given, Mapping) or not all(callable(policy) for policy in given.values()):
        raise UserError(f"decide: must map names of decisions to functions, got {decide!r}")
    try:
        refuse_unknown(decide)
    except ValueError as refused:
        raise UserError(f"decide: {refused}") from refused
    if decide and not has_loop(scenario.parties):
        raise UserError("decide: this scenario has no parties that handle cores, so nobody decides")
