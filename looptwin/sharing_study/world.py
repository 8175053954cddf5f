"""One world of a study of sharing: every core is seen, tested and known, so that any decision can be priced.

The chain runs with one change: every core goes to a bench and what passes is rebuilt. Nothing is decided by a model, so
one world prices all of them on the same cores. Values are counterfactual and count no queue; `looptwin whatif` with
`collaboration.mode` shows what becomes of them in the loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from learning import models
from learning.features import scaled
from learning.logistic import Logistic
from learning.metrics import auc
from learning.rounds import fit
from looptwin.collaboration.sites import FEATURES, NAMES, matrix
from looptwin.replications.replicate import Task
from looptwin.replications.shards import Outcome
from looptwin.sharing_study.core_worth import Array, Damaged, worths
from looptwin.simulate import Order, make_world
from scenarios.schema import Content
from sim.log import Columns
from sim.observe import Visual
from sim.parties.agreed import DispositionRule
from sim.parties.config import Remanufacturer
from sim.parties.decisions import by_grade
from sim.units import DAYS_PER_YEAR
from sim.wear import MECHANISMS
from sim.world import World

STRATEGIES = ("rule", "alone", "federated", "centred", "oracle")
"""Who decides: the scenario's rule by grade; each site's own model; the common model; a common model on visual findings
less the mean of each site's own, which takes out how its graders see; and the truth as a ceiling."""

COLUMNS = (
    "labels",
    "bench_cost",
    "strategy",
    "value_per_core",
    "tests_per_core",
    "cores_per_year",
    "auc",
    "known",
    "years",
)
"""known: labels that all sites together really had. years: how long the models decide; labels come from before."""

SEEN = [name in Visual._fields for name in NAMES]
"""Which features a grader sees; the others travel with a core."""


@dataclass(frozen=True)
class Question:
    """What is asked of a world: numbers of labels that each site has, and costs of a bench test in EUR.

    rule: that of the scenario, by which the world of the study itself does not go.
    """

    order: Order
    rule: DispositionRule
    labels: tuple[int, ...]
    bench_costs: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Cores:
    """The cores of one world in order of time, an entry or row each.

    site: name of the dismantler. day: of grading. x: standardised features. rule: what the scenario's rule does with
    it. label: 1 where the reported margin is above zero. passes: whether the bench passes it. worth: what each
    disposition earns the chain more than recycling, EUR, as `core_worth.worths` gives it.
    """

    site: npt.NDArray[Any]
    day: Array
    x: Array
    rule: npt.NDArray[Any]
    label: Array
    passes: npt.NDArray[np.bool_]
    worth: dict[str, Array]

    def __len__(self) -> int:
        return len(self.day)

    def rows(self, chosen: npt.NDArray[Any]) -> Cores:
        """Return the cores of a mask or at positions."""
        columns = {name: getattr(self, name)[chosen] for name in ("site", "day", "x", "rule", "label", "passes")}
        return Cores(**columns, worth={name: column[chosen] for name, column in self.worth.items()})


def job(task: Task) -> Outcome:
    """Answer the `Question` of a task: a row for each number of labels, bench price and strategy."""
    question: Question = task.payload
    order = question.order
    world = make_world(order, task.key.seed, task.key.replication)
    world.run_until(order.scenario.time.horizon_days)
    cores = cores_of(world, order.scenario, question.rule)
    rows = list(answers(cores, order.scenario, question))
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    table = {
        name: np.array(values, dtype=object if name == "strategy" else np.float64) for name, values in columns.items()
    }
    return Outcome(kpis={}, tables={"sharing": table}, facts={"cores": len(cores)})


def cores_of(world: World, scenario: Content, rule: DispositionRule) -> Cores:
    """Return the cores that were graded and tested, with what only the twin's owner knows of them."""
    assert world.chain is not None
    visual, bench, truth = (world.log.tables[name].read() for name in ("visual", "bench", "truth"))
    tested, known = _places(bench), _places(truth)
    keys = list(zip(visual["unit"].tolist(), visual["life"].tolist(), strict=True))
    chosen = np.array([row for row, key in enumerate(keys) if key in tested], dtype=np.int64)
    of_bench = np.array([tested[keys[row]] for row in chosen], dtype=np.int64)
    of_truth = np.array([known[keys[row]] for row in chosen], dtype=np.int64)
    told = {name: column[chosen] for name, column in visual.items()}
    reported = truth["true_margin"][of_truth] + _noise(world, scenario, told)
    return Cores(
        site=told["party"],
        day=told["day"],
        x=scaled(matrix(told), FEATURES),
        rule=_by_rule(world, rule, told),
        label=(reported > 0.0).astype(np.float64),
        passes=bench["bench_score"][of_bench] < scenario.policies.bench_limit,
        worth=worths(scenario, world.network, told["party"], _damaged(truth, of_truth)),
    )


def _damaged(truth: Columns, rows: npt.NDArray[np.int64]) -> Damaged:
    return Damaged(
        damage=np.column_stack([truth[f"true_{name}"][rows] for name in MECHANISMS]),
        cracked=truth["true_crack"][rows] > 0.0,
        margin=truth["true_margin"][rows],
    )


def _places(rows: Columns) -> dict[tuple[int, int], int]:
    return {key: row for row, key in enumerate(zip(rows["unit"].tolist(), rows["life"].tolist(), strict=True))}


def _noise(world: World, scenario: Content, told: Columns) -> Array:
    """Return the noise of each outcome as the remanufacturer would have reported it: his own stream."""
    parties = sorted(scenario.parties.items())
    name, config = next((name, one) for name, one in parties if isinstance(one, Remanufacturer))
    luck, normal = world.streams.open(f"{name}.outcome_noise"), NormalDist().inv_cdf
    pairs = zip(told["unit"].tolist(), told["life"].tolist(), strict=True)
    return np.array([config.outcome_noise * normal(luck(unit, life)) for unit, life in pairs])


def _by_rule(world: World, rule: DispositionRule, told: Columns) -> npt.NDArray[Any]:
    """Return what the scenario's rule does with each core, by the luck of its dismantler; what is held, in the end."""
    found = []
    names = ("party", "grade", "unit", "life")
    for party, grade, unit, life in zip(*(told[name].tolist() for name in names), strict=True):
        luck = partial(world.streams.open(f"{party}.rule"), unit, life)
        answer = by_grade(rule, grade, luck)
        found.append(rule.held if answer == "hold" else answer)
    return np.array(found)


def answers(cores: Cores, scenario: Content, question: Question) -> Iterator[dict[str, Any]]:
    """Yield the value of each strategy on later cores; the first half of the days is for labels."""
    half = scenario.time.horizon_days / 2.0
    early, late = cores.rows(cores.day <= half), cores.rows(cores.day > half)
    per_year = len(late) / (half / DAYS_PER_YEAR)
    for labels in question.labels:
        known = early.rows(_first(early, labels))
        predictions = _predictions(early, known, late, scenario)
        for cost in question.bench_costs:
            for strategy in STRATEGIES:
                decided = _decided(strategy, late, question.rule, predictions)
                yield {
                    "labels": labels,
                    "bench_cost": cost,
                    "strategy": strategy,
                    "value_per_core": float(np.mean(value(decided, late, cost))),
                    "tests_per_core": float(np.mean(decided == "test")),
                    "cores_per_year": per_year,
                    "auc": _auc(late, predictions.get(strategy)),
                    "known": float(len(known)),
                    "years": half / DAYS_PER_YEAR,
                }


def _first(cores: Cores, labels: int) -> npt.NDArray[np.int64]:
    """Return the positions of the first cores of each site, as many as it has labels."""
    sites = dict.fromkeys(cores.site.tolist())
    return np.sort(np.concatenate([np.flatnonzero(cores.site == site)[:labels] for site in sites]))


def _predictions(early: Cores, known: Cores, late: Cores, scenario: Content) -> dict[str, Array]:
    """Return the predicted probability of a profit of each later core under each strategy that learns.

    known: cores whose label is known. early: all that were graded by then; a site's mean finding needs no label.
    """
    learner = Logistic(rounds=scenario.collaboration.rounds, ridge=scenario.collaboration.ridge)

    def fitted(x: Array, y: Array) -> Array:
        return fit(learner, x, y)

    alone = np.full(len(late), 0.5)
    for site in dict.fromkeys(known.site.tolist()):
        own, there = known.rows(known.site == site), late.site == site
        alone[there] = models.predict(fitted(own.x, own.label), late.x[there])
    common = models.predict(fitted(known.x, known.label), late.x)
    centred = models.predict(fitted(_centred(known, early), known.label), _centred(late, early))
    return {"alone": alone, "federated": common, "centred": centred}


def _centred(cores: Cores, early: Cores) -> Array:
    """Return the features with each site's visual findings less their mean there."""
    x: Array = cores.x.copy()
    for site in dict.fromkeys(early.site.tolist()):
        x[cores.site == site] -= early.x[early.site == site].mean(axis=0) * SEEN
    return x


def _decided(strategy: str, cores: Cores, rule: DispositionRule, predictions: Mapping[str, Array]) -> npt.NDArray[Any]:
    if strategy == "oracle":
        # what the models may do without a bench; a buyer of cores as they are would not take every bad one
        words = ["reman", "recycle", rule.rejected]
        best: npt.NDArray[Any] = np.array(words)[np.argmax([cores.worth[word] for word in words], axis=0)]
        return best
    if strategy == "rule":
        return cores.rule
    probability = predictions[strategy]
    sure = np.where(probability >= rule.accept_above, "reman", rule.rejected)
    return np.where((probability >= rule.accept_above) | (probability < rule.reject_below), sure, "test")


def value(decided: Sequence[str] | npt.NDArray[Any], cores: Cores, bench_cost: float) -> Array:
    """Return what each decision earns the chain above recycling the core, EUR. A test costs the same in any case."""
    decided = np.asarray(decided)
    over_bench = np.where(cores.passes, cores.worth["passed"], cores.worth["failed"]) - bench_cost
    earned = np.where(decided == "test", over_bench, 0.0)
    for word, worth in cores.worth.items():
        earned = np.where(decided == word, worth, earned)
    return earned


def _auc(cores: Cores, probability: Array | None) -> float:
    found = None if probability is None else auc((cores.worth["reman"] > 0.0).astype(np.float64), probability)
    return float("nan") if found is None else found
