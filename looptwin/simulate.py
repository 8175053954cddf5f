"""One replication: the main loop. Runs in this process or in a spawned worker, and imports no more than it needs.

View, learn, verify, decide: the world runs until the day of training, what the parties saw becomes models, and from
then on verified predictions decide inside the same world.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from looptwin.explain import TABLE, terms_table
from looptwin.replications import kept
from looptwin.replications.shards import Kpi, Outcome
from looptwin.series import Series
from scenarios.expansion import sections_of
from sim.config import Block
from sim.log import Columns, Log
from sim.parties.decisions import Policy
from sim.parties.hidden import statement
from sim.standing import standing
from sim.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from learning.crossings import Crossing
    from looptwin.collaboration.collaborate import Collaborated
    from looptwin.collaboration.party_tables import PartyRows
    from looptwin.collaboration.regress import Regressed
    from looptwin.replications.replicate import Task
    from scenarios.schema import Content

ORACLE = "an oracle that looks at the hidden truth decided where cores go: a control that no party could have"
"""What a run says of itself under `collaboration.mode: oracle`."""

SERIES_STEPS = 120
"""Points of the time series that a run keeps, evenly spread over the horizon."""


@dataclass(frozen=True)
class Order:
    """What to simulate.

    network: the expanded blocks. warm_up_days: what the KPIs leave out. keeps: whether the event table and the reports
    are kept, or counters only. decide: callables that take decisions, by `<role>.<decision>`. tables: rows of the
    user's own files, for a regression of them.
    """

    scenario: Content
    network: Mapping[str, Block]
    warm_up_days: float
    keeps: bool = True
    decide: Mapping[str, Policy] = field(default_factory=dict)
    tables: PartyRows | None = None


@dataclass(frozen=True, eq=False)
class Simulated:
    """A world at its horizon, what was learned in it, and the time series of its stocks and queues."""

    world: World
    collaborated: Collaborated | None
    series: Series
    regressed: Regressed | None = None

    @property
    def crossings(self) -> tuple[Crossing, ...]:
        """All that crossed a party's border."""
        learned = () if self.collaborated is None else self.collaborated.learned.crossings
        return learned + (() if self.regressed is None else self.regressed.crossings)


def simulate(order: Order, seed: int, replication: int, folder: Path | None = None) -> Simulated:
    """Run one world from day 0 to the horizon, with the training on its day."""
    scenario = order.scenario
    world = make_world(order, seed, replication, folder)
    series, collaborated, horizon = Series(world), None, scenario.time.horizon_days
    training_day = _training_day(scenario)
    for day in _days(horizon, order.warm_up_days, training_day):
        world.run_until(day)
        series.note(day)
        if day == order.warm_up_days:
            world.count_from_now()
            series.restart(day)
        if day == training_day:
            collaborated = _collaborate(world, scenario, seed, replication)
    world.close_books()
    return Simulated(world, collaborated, series, _regress(world, order, seed, replication))


def job(task: Task) -> Outcome:
    """Simulate the replication of a task whose payload is an `Order`."""
    order: Order = task.payload
    folder = _log_folder(task)
    simulated = simulate(order, task.key.seed, task.key.replication, folder)
    result = outcome(simulated, order, task.workspace, views=task.key.replication == 0)
    if folder is not None:
        simulated.world.log.close()
        rmtree(folder)
    return result


def make_world(order: Order, seed: int, replication: int, folder: Path | None = None) -> World:
    """Return the world of an order at day 0. Learning needs reports, so they are kept until then whatever `keeps`."""
    scenario = order.scenario
    learns = _training_day(scenario) is not None or _reads_stations(scenario)
    log = Log(folder, events=order.keeps or learns)
    sections = sections_of(scenario)
    return World(order.network, seed=seed, replication=replication, log=log, sections=sections, decide=order.decide)


def _reads_stations(scenario: Content) -> bool:
    return scenario.regression is not None and scenario.regression.data == "stations"


def _training_day(scenario: Content) -> float | None:
    if scenario.collaboration.mode == "none" or not scenario.parties:
        return None
    return scenario.collaboration.training_day(scenario.time.horizon_days)


def _days(horizon: float, warm_up: float, training: float | None) -> list[float]:
    """The days at which the main loop stops: steps of the series, end of the warm-up, training, horizon."""
    steps = {horizon * step / SERIES_STEPS for step in range(1, SERIES_STEPS + 1)}
    return sorted(steps | {warm_up} | ({training} if training is not None else set()))


def _collaborate(world: World, scenario: Content, seed: int, replication: int) -> Collaborated | None:
    # learning and verifying are heavy: a worker whose scenario does neither never imports them
    from looptwin.collaboration.collaborate import collaborate, judge_seed

    return collaborate(world, scenario, judge_seed(seed, replication))


def _regress(world: World, order: Order, seed: int, replication: int) -> Regressed | None:
    if order.scenario.regression is None:
        return None
    from looptwin.collaboration.regress import regress

    return regress(world, order.scenario, seed, replication, order.tables)


def _log_folder(task: Task) -> Path | None:
    """Where the log goes while the world runs, so that memory stays constant; it is no part of the shard."""
    if task.workspace is None:
        return None
    folder = task.workspace / "log"
    folder.mkdir()
    return folder


def outcome(simulated: Simulated, order: Order, workspace: Path | None = None, *, views: bool = True) -> Outcome:
    """Return what a replication keeps: figures, tables and what was learned.

    workspace: where its tables go, chunk by chunk; without one they are in memory. views: whether what each party
    holds is kept too.
    """
    world = simulated.world
    figures, studied, regressed = world.figures(), {}, simulated.regressed
    if regressed is not None:
        from looptwin.collaboration import regress

        figures |= regress.figures(regressed)
        # with fitted values beside them, residuals are the target of every row: a user's own stay with him
        studied = {} if order.tables is not None else {"residuals": regress.residuals_table(regressed)}
    kpis = {name: Kpi(float(figure.value), figure.unit) for name, figure in figures.items()}
    tables: dict[str, Any] = {TABLE: terms_table(figures), "series": simulated.series.columns()}
    if order.keeps:
        tables |= {"events": kept.events(world, workspace)} | kept.reports(world, workspace)
        tables |= kept.views(world, workspace) if views else {}
    tables |= studied
    tables["crossings"] = _crossings(simulated.crossings)
    return Outcome(kpis=kpis, tables=tables, facts=_facts(simulated))


def _crossings(found: Iterable[Crossing]) -> Columns:
    import numpy as np

    rows = [asdict(crossing) for crossing in found]
    words = ("sender", "receiver", "purpose", "clear_or_cipher", "readable_by", "content")
    return {
        "day": np.array([row["day"] for row in rows], dtype=np.float64),
        **{name: np.array([_word(row[name]) for row in rows], dtype=object) for name in words},
        "bytes": np.array([row["bytes"] for row in rows], dtype=np.int64),
    }


def _word(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _facts(simulated: Simulated) -> dict[str, Any]:
    chain, disruptor = simulated.world.chain, simulated.world.disruptor
    hidden = "" if chain is None else statement(chain.sections.hidden_world)
    found: dict[str, Any] = {} if disruptor is None else {"disruptions": disruptor.facts()}
    stands = standing(simulated.world)
    found |= {"standing": stands} if stands else {}
    found |= _learned(simulated) | _regressed(simulated)
    return found | ({"hidden_world": hidden} if hidden else {})


def _regressed(simulated: Simulated) -> dict[str, Any]:
    if simulated.regressed is None:
        return {}
    from looptwin.collaboration import regress

    rows = simulated.crossings
    return {
        "regression": regress.facts(simulated.regressed),
        "crossings": {"rows": len(rows), "bytes": sum(row.bytes for row in rows)},
        "statement": simulated.regressed.study.statement,
    }


def _learned(simulated: Simulated) -> dict[str, Any]:
    collaborated = simulated.collaborated
    chain = simulated.world.chain
    if chain is not None and chain.oracle:
        return {"statement": ORACLE}
    if collaborated is None:
        return {}
    from looptwin.collaboration.collaborate import sites_of

    learned = collaborated.learned
    scores = learned.scores(sites_of(simulated.world, learned.learner.word))
    crossings = learned.crossings
    known: dict[str, Any] = {"left_out": list(learned.left_out), "day": learned.day, "learner": learned.learner.word}
    known |= {} if learned.grid_error is None else {"grid_error": learned.grid_error}
    sums = [one.numbers for one in learned.releases]
    return {
        "learning": {**scores, **known},
        "releases": {"sums": len(sums), "numbers": sum(sums), "epsilon": None},
        "verdicts": verdict_counts(simulated.world, collaborated),
        "crossings": {"rows": len(crossings), "bytes": sum(crossing.bytes for crossing in crossings)},
        "statement": learned.statement,
    }


def verdict_counts(world: World, collaborated: Collaborated) -> dict[str, Any]:
    """Return how many predictions were verified, per party, and the false-alarm rate that the judge was held to."""
    counts = {party: {"verified": 0, "unverified": 0} for party in sorted(collaborated.policy.weights)}
    for rows in world.log.tables["decisions"].chunks():
        for party, verdicts in counts.items():
            for verdict in verdicts:
                verdicts[verdict] += int(((rows["party"] == party) & (rows["verdict"] == verdict)).sum())
    verifier = collaborated.verifier
    rate = None if verifier is None else verifier.predictions.false_alarm_rate
    return {"flagged": [], "false_alarm_rate": rate, "predictions": counts}
