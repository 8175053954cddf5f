"""Where sharing pays: what a common model earns above each site's own, over labels, differences, prices and cracks.

Every cell of the map is priced on the same cores with the same luck; intervals are over replications.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

from looptwin.errors import UserError
from looptwin.folder import identity
from looptwin.replications.lock import claim_folder
from looptwin.replications.replicate import Task, replicate
from looptwin.replications.shards import Key, Replication
from looptwin.replications.versions import versions
from looptwin.run import refuse_numbers
from looptwin.sharing_study.axes import Axes
from looptwin.sharing_study.world import COLUMNS, STRATEGIES, Question, job
from looptwin.simulate import Order
from looptwin.statistics import Interval, interval
from scenarios.expansion import content_of, expanded
from scenarios.load import load
from scenarios.scenario import Scenario
from sim.parties.config import Dismantler, Tester

PLACE = ("labels", "known", "difference", "crack_probability", "bench_cost")

MEGABYTE = 1_000_000

PLENTY = 100
"""Benches of each tester in the worlds of a study: no core waits for one."""

LEAST_NOISE = 0.05
"""Classes; a grader's noise is not scaled below this."""


class Cell(NamedTuple):
    """One cell of the map, EUR a year of the whole chain above recycling every core; intervals at 95 %.

    labels: outcomes that each site may know; known: how many it has, on the mean over sites: few cores give no more.
    rule, alone, federated, centred, oracle: as `STRATEGIES`, net of bench time; those that learn also of their labels,
    the common ones of training and traffic. gain: federated less alone. best: which of rule, alone and federated earns
    most.
    """

    labels: int
    known: float
    difference: float
    crack_probability: float
    bench_cost: float
    rule: Interval
    alone: Interval
    federated: Interval
    centred: Interval
    oracle: Interval
    gain: Interval
    best: str


@dataclass(frozen=True)
class Sharing:
    """A finished study of sharing."""

    scenario: Scenario
    axes: Axes
    seed: int
    replications: int
    cells: tuple[Cell, ...]
    traffic_bytes: int

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each cell: means, and the interval of the gain."""
        for cell in self.cells:
            yield {
                **{name: getattr(cell, name) for name in PLACE},
                **{name: getattr(cell, name).mean for name in (*STRATEGIES, "gain")},
                "gain_ci_low": cell.gain.low,
                "gain_ci_high": cell.gain.high,
                "best": cell.best,
            }

    def break_even(self, difference: float, crack_probability: float, bench_cost: float) -> float:
        """Return the labels a site beyond which sharing no longer pays; 0 if it never does, inf if it still does.

        By the means, which luck can move: see the intervals of the cells. Between two numbers of labels the gain is
        taken to be straight in their logarithm.
        """
        row = [
            (cell.labels, cell.gain.mean)
            for cell in self.cells
            if (cell.difference, cell.crack_probability, cell.bench_cost) == (difference, crack_probability, bench_cost)
        ]
        if row[-1][1] > 0.0:
            return math.inf
        for (before, gain), (after, less) in reversed([*pairwise(row)]):
            if gain > 0.0:
                share = gain / (gain - less)
                return math.exp(math.log(before) + share * (math.log(after) - math.log(before)))
        return 0.0


def sharing(
    scenario: Scenario | str | Path,
    axes: Axes | None = None,
    *,
    replications: int = 12,
    workers: int = 1,
    seed: int | None = None,
    out: str | Path | None = None,
) -> Sharing:
    """Map where a common model pays in a scenario whose dismantlers learn.

    out: folder to keep the replications in; the same study goes on where it was killed. Raises ScenarioError, and
    UserError for a scenario without two dismantlers and a tester.
    """
    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    axes = axes or Axes()
    seed = scenario.seed if seed is None else seed
    refuse_numbers(seed, replications, workers)
    _refuse(scenario)
    worlds = list(product(axes.differences, axes.cracks))
    variants = [variant(scenario, difference, crack) for difference, crack in worlds]
    costs = tuple(factor * bench_cost(scenario) for factor in axes.bench_prices)
    rule = scenario.policies.disposition
    orders = [
        Question(Order(content_of(one), expanded(one), warm_up_days=0.0), rule, axes.labels, costs) for one in variants
    ]
    found = versions(learns=False)
    word = f"sharing:{scenario.hash}:{axes.labels}:{costs}"
    tasks = [
        Task(Key(one.hash, seed, number, found, word), payload=order, label=f"difference {d:g}, cracks {c:g}:")
        for number in range(replications)
        for one, order, (d, c) in zip(variants, orders, worlds, strict=True)
    ]
    results = _replicated(scenario, tasks, workers, out)
    traffic = traffic_bytes(scenario)
    cells = [
        cell
        for place, (difference, crack) in enumerate(worlds)
        for cell in _cells(scenario, difference, crack, results[place :: len(worlds)], traffic)
    ]
    return Sharing(scenario, axes, seed, replications, tuple(cells), traffic)


def _refuse(scenario: Scenario) -> None:
    roles = [type(one) for one in scenario.parties.values()]
    if roles.count(Dismantler) < 2 or Tester not in roles:
        raise UserError("sharing: needs at least two dismantlers, who learn, and a tester")


def variant(scenario: Scenario, difference: float, crack: float) -> Scenario:
    """Return the scenario in which every core is tested, with graders and cracks of one world of the map."""
    graders = {name: one for name, one in scenario.parties.items() if isinstance(one, Dismantler)}
    bias = math.fsum(one.grader_bias for one in graders.values()) / len(graders)
    noise = math.fsum(one.grader_noise for one in graders.values()) / len(graders)
    changes: dict[str, object] = {
        "collaboration.mode": "none",
        "policies.disposition": {**dict.fromkeys("ABCD", "test"), "explore": 0.0},
        "product.wear.crack_probability": min(1.0, crack * _crack(scenario)),
    }
    for name, one in graders.items():
        changes[f"parties.{name}.grader_bias"] = bias + difference * (one.grader_bias - bias)
        changes[f"parties.{name}.grader_noise"] = max(LEAST_NOISE, noise + difference * (one.grader_noise - noise))
    changes |= {f"parties.{name}.benches": PLENTY for name, one in scenario.parties.items() if isinstance(one, Tester)}
    return scenario.override(changes)


def _crack(scenario: Scenario) -> float:
    assert scenario.product is not None
    return scenario.product.wear.crack_probability


def bench_cost(scenario: Scenario) -> float:
    """Return what a bench test costs the chain, EUR: its tester's own cost, because the price stays in the chain."""
    return min(one.cost_per_test for one in scenario.parties.values() if isinstance(one, Tester))


def _replicated(scenario: Scenario, tasks: Sequence[Task], workers: int, out: str | Path | None) -> list[Replication]:
    if out is None:
        return replicate(job, tasks, workers=workers)
    manifest = identity(scenario, tasks[0].key, len(tasks)) | {"kind": "sharing"}
    with claim_folder(Path(out), manifest) as folder:
        return replicate(job, tasks, workers=workers, folder=folder)


def _cells(
    scenario: Scenario, difference: float, crack: float, replications: Sequence[Replication], traffic: int
) -> Iterator[Cell]:
    """Yield the cells of one world, from the tables of its replications."""
    tables = [one.table("sharing").to_pydict() for one in replications]
    lines = [
        [dict(zip(COLUMNS, row, strict=True)) for row in zip(*map(one.get, COLUMNS), strict=True)] for one in tables
    ]
    found = [{(row["labels"], row["bench_cost"], row["strategy"]): row for row in one} for one in lines]
    sites = sum(isinstance(one, Dismantler) for one in scenario.parties.values())
    for labels, cost in dict.fromkeys(key[:2] for key in found[0]):
        rows = {strategy: [one[labels, cost, strategy] for one in found] for strategy in STRATEGIES}
        values = {strategy: [_a_year(scenario, row, traffic) for row in several] for strategy, several in rows.items()}
        gains = [shared - own for shared, own in zip(values["federated"], values["alone"], strict=True)]
        spread = {strategy: interval(one) for strategy, one in values.items()}
        yield Cell(
            labels=int(labels),
            known=math.fsum(row["known"] for row in rows["rule"]) / (len(found) * sites),
            difference=difference,
            crack_probability=min(1.0, crack * _crack(scenario)),
            bench_cost=cost,
            **spread,
            gain=interval(gains),
            best=max(("rule", "alone", "federated"), key=lambda strategy: spread[strategy].mean),
        )


def _a_year(scenario: Scenario, row: Mapping[str, Any], traffic: int) -> float:
    """Return what a strategy earns a year, less its labels and its training, both paid once for its years of use."""
    terms, spent = scenario.collaboration, 0.0
    if row["strategy"] not in ("rule", "oracle"):
        spent += row["known"] * terms.cost_per_label
    if row["strategy"] in ("federated", "centred"):
        spent += terms.cost_per_training + terms.cost_per_gb * traffic / 1e9
    return float(row["value_per_core"] * row["cores_per_year"] - spent / row["years"])


def traffic_bytes(scenario: Scenario) -> int:
    """Return the bytes that one training under the scenario's protection sends over borders; rows do not matter.

    Of the logistic learner, which the study prices whatever the scenario's own. In full megabytes, upwards: ciphertexts
    are random and compress to slightly other sizes every time.
    """
    import numpy as np

    from learning.features import SiteData
    from learning.rounds import train
    from looptwin.collaboration.sites import NAMES

    sites = [
        SiteData(
            party=name,
            names=NAMES,
            x=np.zeros((2, len(NAMES))),
            y=np.array([0.0, 1.0]),
            known_at_day=np.zeros(2),
            unit_ids=(0, 1),
        )
        for name, one in sorted(scenario.parties.items())
        if isinstance(one, Dismantler)
    ]
    federated = replace(scenario.collaboration, mode="federated", learner="logistic")
    sent = sum(crossing.bytes for crossing in train(sites, federated, 0.0).crossings)
    return math.ceil(sent / MEGABYTE) * MEGABYTE
