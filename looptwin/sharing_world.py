"""One world of a study of sharing: every core is seen, tested and known, so that any decision can be priced.

The chain runs with one change: every core goes to a bench and what passes is rebuilt. Nothing is decided by a model, so
one world prices all of them on the same cores. Values are counterfactual and count no queue; `looptwin whatif` with
`collaboration.mode` shows what becomes of them in the loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from learning import models
from learning.features import scaled
from learning.metrics import auc
from learning.rounds import fit
from looptwin.replicate import Task
from looptwin.shards import Outcome
from looptwin.simulate import Order, make_world
from looptwin.sites import FEATURES, matrix
from scenarios.schema import Content
from sim.log import Columns
from sim.parties.config import Oem, Recycler, Remanufacturer
from sim.parties.decisions import by_grade
from sim.parties.recycling import worth_of_material
from sim.units import DAYS_PER_YEAR
from sim.world import World

Array = npt.NDArray[np.float64]

STRATEGIES = ("rule", "alone", "federated", "oracle")
"""Who decides: the scenario's rule by grade, each site's own model, the common model, and the truth as a ceiling."""

COLUMNS = ("labels", "bench_price", "strategy", "value_per_core", "tests_per_core", "cores_per_year", "auc")


@dataclass(frozen=True)
class Question:
    """What is asked of a world: numbers of labels that each site has, and prices of a bench test in EUR."""

    order: Order
    labels: tuple[int, ...]
    bench_prices: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Cores:
    """The cores of one world in order of time, an entry or row each.

    site: name of the dismantler. day: of grading. x: standardised features. grade. label: 1 where the reported margin
    is above zero. worth: what rebuilding earns the chain more than recycling, EUR. passes: whether the bench does so.
    """

    site: npt.NDArray[Any]
    day: Array
    x: Array
    grade: npt.NDArray[Any]
    label: Array
    worth: Array
    passes: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.day)

    def rows(self, chosen: npt.NDArray[Any]) -> Cores:
        """Return the cores of a mask or at positions."""
        return Cores(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def job(task: Task) -> Outcome:
    """Answer the `Question` of a task: a row for each number of labels, bench price and strategy."""
    question: Question = task.payload
    order = question.order
    world = make_world(order, task.key.seed, task.key.replication)
    world.run_until(order.scenario.time.horizon_days)
    cores = cores_of(world, order.scenario)
    rows = list(answers(cores, order.scenario, question))
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    table = {
        name: np.array(values, dtype=object if name == "strategy" else np.float64) for name, values in columns.items()
    }
    return Outcome(kpis={}, tables={"sharing": table}, facts={"cores": len(cores)})


def cores_of(world: World, scenario: Content) -> Cores:
    """Return the cores that were graded and tested, with what only the twin's owner knows of them."""
    assert world.chain is not None
    visual, bench, truth = (world.log.tables[name].read() for name in ("visual", "bench", "truth"))
    tested, known = _places(bench), _places(truth)
    keys = list(zip(visual["unit"].tolist(), visual["life"].tolist(), strict=True))
    chosen = np.array([row for row, key in enumerate(keys) if key in tested], dtype=np.int64)
    of_bench = np.array([tested[keys[row]] for row in chosen], dtype=np.int64)
    of_truth = np.array([known[keys[row]] for row in chosen], dtype=np.int64)
    margin = truth["true_margin"][of_truth]
    reported = margin + _noise(world, scenario, visual, chosen)
    return Cores(
        site=visual["party"][chosen],
        day=visual["day"][chosen],
        x=scaled(matrix(visual, chosen), FEATURES),
        grade=visual["grade"][chosen],
        label=(reported > 0.0).astype(np.float64),
        worth=margin + worth_above_recycling(scenario),
        passes=bench["bench_score"][of_bench] < scenario.policies.bench_limit,
    )


def _places(rows: Columns) -> dict[tuple[int, int], int]:
    return {key: row for row, key in enumerate(zip(rows["unit"].tolist(), rows["life"].tolist(), strict=True))}


def _noise(world: World, scenario: Content, visual: Columns, chosen: npt.NDArray[np.int64]) -> Array:
    """Return the noise of each outcome as the remanufacturer would have reported it: his own stream."""
    name, config = _remanufacturer(scenario)
    luck, normal = world.streams.open(f"{name}.outcome_noise"), NormalDist().inv_cdf
    pairs = zip(visual["unit"][chosen].tolist(), visual["life"][chosen].tolist(), strict=True)
    return np.array([config.outcome_noise * normal(luck(unit, life)) for unit, life in pairs])


def _remanufacturer(scenario: Content) -> tuple[str, Remanufacturer]:
    return next((name, one) for name, one in sorted(scenario.parties.items()) if isinstance(one, Remanufacturer))


def worth_above_recycling(scenario: Content) -> float:
    """Return what to add to a core's margin to get what the chain earns by rebuilding instead of recycling it, EUR.

    A rebuilt unit saves the chain the making of a new one, whatever value its maker books for it. What is paid for a
    core stays in the chain; what a recycler gets for its material is given up.
    """
    reman = _remanufacturer(scenario)[1]
    made = [one.cost_new for one in scenario.parties.values() if isinstance(one, Oem)]
    assert scenario.product is not None
    recyclers = [one for one in scenario.parties.values() if isinstance(one, Recycler)]
    recycled = [worth_of_material(scenario.product, one, scenario.costs) for one in recyclers]
    saved = min(made) - reman.value_reman if made else 0.0
    return saved + reman.core_payment - max(recycled, default=0.0)


def answers(cores: Cores, scenario: Content, question: Question) -> Iterator[dict[str, Any]]:
    """Yield the value of each strategy on later cores; the first half of the days is for labels."""
    half = scenario.time.horizon_days / 2.0
    early, late = cores.rows(cores.day <= half), cores.rows(cores.day > half)
    per_year = len(late) / (half / DAYS_PER_YEAR)
    for labels in question.labels:
        predictions = _predictions(early, late, scenario, labels)
        for price in question.bench_prices:
            for strategy in STRATEGIES:
                decided = _decided(strategy, late, scenario, predictions)
                yield {
                    "labels": labels,
                    "bench_price": price,
                    "strategy": strategy,
                    "value_per_core": float(np.mean(value(decided, late, price))),
                    "tests_per_core": float(np.mean(decided == "test")),
                    "cores_per_year": per_year,
                    "auc": _auc(late, predictions.get(strategy)),
                }


def _predictions(early: Cores, late: Cores, scenario: Content, labels: int) -> dict[str, Array]:
    """Return the predicted probability of a profit of each later core, by its own site's model and the common one."""
    learning = scenario.collaboration
    sites = sorted(set(early.site.tolist()))
    trained = {site: early.rows(np.flatnonzero(early.site == site)[:labels]) for site in sites}
    alone = np.full(len(late), 0.5)
    for site, rows in trained.items():
        own = fit(rows.x, rows.label, rounds=learning.rounds, ridge=learning.ridge)
        alone[late.site == site] = models.predict(own, late.x[late.site == site])
    x, y = (np.concatenate([getattr(rows, name) for rows in trained.values()]) for name in ("x", "label"))
    common = fit(x, y, rounds=learning.rounds, ridge=learning.ridge)
    return {"alone": alone, "federated": models.predict(common, late.x)}


def _decided(strategy: str, cores: Cores, scenario: Content, predictions: Mapping[str, Array]) -> npt.NDArray[Any]:
    rule = scenario.policies.disposition
    if strategy == "oracle":
        return np.where(cores.worth > 0.0, "reman", "recycle")
    if strategy == "rule":
        return np.array([by_grade(rule, grade) for grade in cores.grade])
    probability = predictions[strategy]
    sure = np.where(probability >= rule.accept_above, "reman", "recycle")
    return np.where((probability >= rule.accept_above) | (probability < rule.reject_below), sure, "test")


def value(decided: Sequence[str] | npt.NDArray[Any], cores: Cores, bench_price: float) -> Array:
    """Return what each decision earns the chain above recycling the core, EUR. A test costs its price in any case."""
    decided = np.asarray(decided)
    tested = decided == "test"
    rebuilt = (decided == "reman") | (tested & cores.passes)
    earned: Array = np.where(rebuilt, cores.worth, 0.0) - bench_price * tested
    return earned


def _auc(cores: Cores, probability: Array | None) -> float:
    found = None if probability is None else auc((cores.worth > 0.0).astype(np.float64), probability)
    return float("nan") if found is None else found
