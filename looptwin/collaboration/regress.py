"""The join of a regression: rows of parties become a study, and the study what a run keeps of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from learning.faults import ProtectionError
from learning.regression.columns import ENERGY, MACHINING
from learning.regression.description import described, together
from learning.regression.fixture import fixture
from learning.regression.ranges import standardised
from learning.regression.residuals import residuals
from learning.regression.rows import Rows, sites_of
from learning.regression.study import Fit, Study, best_model, refuse_constant, study
from learning.regression.transforms import models
from learning.regression.travelling import Travelled, travelled
from learning.regression.turns import Sequential, sequential
from looptwin.errors import RunFailed
from looptwin.words.figure_names import of_model
from looptwin.words.strict_json import strict
from sim.figure import Figure, quantity
from sim.parties.config import Factory
from sim.views import seen

if TYPE_CHECKING:
    from learning.crossings import Crossing
    from learning.regression.config import Regression
    from looptwin.collaboration.party_tables import PartyRows
    from scenarios.schema import Content
    from sim.log import Columns
    from sim.world import World

DESCRIBED = "LR"
"""The model whose sums tell of untransformed columns."""


WORDS = {"rows": "parts", "party": "factory", "parties": "factories"}
"""What rows and parties of a study are called where they are turned parts."""

WORDS_OF_TABLES = {"rows": "rows", "party": "party", "parties": "parties"}
"""The same for tables of the user's own."""


@dataclass(frozen=True, eq=False)
class Regressed:
    """A study and the rows that it was made of."""

    sites: tuple[Rows, ...]
    study: Study
    by_turns: Sequential
    remarks: tuple[str, ...] = ()
    """How the user's tables were read."""
    of_tables: bool = False
    """The rows are of tables of the user's own."""
    sealed_turns: Travelled | None = None
    """Learning by turns with mean and precision encrypted on their way, unless the scenario protects nothing."""

    @property
    def crossings(self) -> tuple[Crossing, ...]:
        """All that crossed a party's border for it; learning by turns is a comparison, and did not."""
        return self.study.crossings


def regress(world: World, scenario: Content, seed: int, replication: int, tables: PartyRows | None = None) -> Regressed:
    """Return the study of what parties hold at the end. Raises RunFailed where the rows do not allow it.

    tables: the rows of the user's own files, where the scenario names some.
    """
    config, agreed = scenario.regression, scenario.collaboration
    assert config is not None
    try:
        sites = rows_of(world, scenario, seed, replication, tables)
        found = study(sites, config, protect=agreed.protection, needed=agreed.threshold, day=world.now)
        refuse_constant(found, sites[0].target)
        best = best_model(found)
        model = next(one for one in found.models if one.name == best)
        own = {party: grams[best] for party, grams in found.own.items()}
        turns = sequential(sites, own, model, found.ranges, config.ridge, seed)
        sealed = _sealed_turns(found, best, config.ridge) if agreed.protection != "plain" else None
        if tables is None:
            return Regressed(sites, found, turns, sealed_turns=sealed)
        return Regressed(sites, found, turns, tables.remarks, of_tables=True, sealed_turns=sealed)
    except (ProtectionError, ValueError) as refused:
        raise RunFailed(f"regression: {refused}") from refused


def _sealed_turns(found: Study, best: str, ridge: float) -> Travelled:
    return travelled({party: own[best] for party, own in found.own.items()}, ridge, holder="key holder")


def rows_of(
    world: World, scenario: Content, seed: int, replication: int, tables: PartyRows | None = None
) -> tuple[Rows, ...]:
    """Return each party's rows with the columns that the scenario names."""
    assert scenario.regression is not None
    if tables is not None:
        return sites_of(tables.rows)
    of_stations = scenario.regression.data == "stations"
    found = station_rows(world) if of_stations else fixture(seed, replication)
    features, target = scenario.regression.features, scenario.regression.target
    return sites_of(site.select(features, target) for site in found)


def station_rows(world: World) -> list[Rows]:
    """Return the parts that each factory turned so far, from its own view."""
    assert world.economy is not None
    factories = [name for name, party in world.economy.sections.parties.items() if isinstance(party, Factory)]
    return [_of_view(name, seen(world, name, "made")) for name in factories]


def _of_view(party: str, view: Columns) -> Rows:
    return Rows(party, MACHINING, np.column_stack([view[name] for name in MACHINING]), view[ENERGY], ENERGY)


def figures(regressed: Regressed) -> dict[str, Figure]:
    """Return `regression.<model>.<figure>` with formulas and terms."""
    return {
        of_model(name, kpi): figure
        for name, fit in regressed.study.federated.items()
        for kpi, figure in _figures(name, fit, regressed.study)
    }


FIGURES = ("r2", "r2_adjusted", "f", "gain_over_best_alone")
"""Figures of each model."""


def figure_names(config: Regression) -> tuple[str, ...]:
    """Return the names of all figures of a study, before it is made."""
    return tuple(of_model(model.name, kpi) for model in models(config.models, config.lambdas) for kpi in FIGURES)


def _figures(name: str, fit: Fit, found: Study) -> Iterator[tuple[str, Figure]]:
    rss, tss = (quantity(one, fit.metrics[one], "1") for one in ("rss", "tss"))
    rows, parameters = (quantity(one, fit.metrics[one], "1") for one in ("rows", "parameters"))
    r2 = 1.0 - rss / tss
    yield "r2", r2.figure("1")
    yield "r2_adjusted", (1.0 - rss / (rows - parameters) / (tss / (rows - 1.0))).figure("1")
    yield "f", ((tss - rss) / (parameters - 1.0) / (rss / (rows - parameters))).figure("1")
    best = quantity("r2_best_alone", _best_alone(name, found), "1")
    yield "gain_over_best_alone", (r2 / best - 1.0).figure("1")


def _best_alone(name: str, found: Study) -> float:
    """Return the best R2 of a party's own model; not a number where no party has more rows than weights."""
    reached = [alone[name].fit.metrics for alone in found.alone.values()]
    return max((one["r2"] for one in reached if one["rows"] > one["parameters"]), default=math.nan)


def facts(regressed: Regressed) -> dict[str, Any]:
    """Return the study as plain data: what `looptwin run --json` prints under `regression`; None is undefined."""
    found = regressed.study
    told = {
        "target": regressed.sites[0].target,
        "features": list(found.names),
        "models": [model.name for model in found.models],
        "best_model": best_model(found),
        "plain": {name: dict(fit.metrics) for name, fit in found.pooled.items()},
        "encrypted": {name: dict(fit.metrics) for name, fit in found.federated.items()},
        "largest_difference": largest_difference(found),
        "largest_weight_difference": found.weight_difference(),
        "predictions": _predictions(regressed),
        "factories": {party: _alone(found, party) for party in found.alone},
        "description": _description(regressed),
        "by_turns": {**asdict(regressed.by_turns), "encrypted": _travelled(regressed)},
        "words": dict(WORDS_OF_TABLES if regressed.of_tables else WORDS),
        "remarks": [*found.remarks, *regressed.remarks],
        "own_remarks": {party: list(told) for party, told in found.own_remarks.items() if told},
        "ranks": dict(found.ranks),
    }
    plain: dict[str, Any] = strict(told)
    return plain


NEAR_NOTHING = 1e-6
"""A share of the variance nearer to 0 than this is taken as this large where a difference is told relatively."""


def largest_difference(found: Study) -> float:
    """Return the largest relative difference of a metric between opened sums and rows in one place."""
    differences = [
        _relative(one, found.federated[name].metrics[one], value)
        for name, fit in found.pooled.items()
        for one, value in fit.metrics.items()
        if value and math.isfinite(value)
    ]
    return max(differences, default=0.0)


def _relative(metric: str, sealed: float, plain: float) -> float:
    is_share = metric in ("r2", "r2_adjusted", "correlation_squared")
    return abs(sealed - plain) / max(abs(plain), NEAR_NOTHING if is_share else 0.0)


def _travelled(regressed: Regressed) -> dict[str, Any] | None:
    """Return how near the encrypted form of learning by turns comes, and who could read what of it."""
    if (sealed := regressed.sealed_turns) is None:
        return None
    weights = regressed.study.pooled[best_model(regressed.study)].weights
    return {
        "weight_difference": float(np.abs(sealed.announced.mean - weights).max() / (np.abs(weights).max() or 1.0)),
        "states": sum(one.purpose == "state" for one in sealed.crossings),
        "bytes": sum(one.bytes for one in sealed.crossings),
        "statement": sealed.statement,
    }


def _predictions(regressed: Regressed) -> dict[str, Any] | None:
    """Return how predictions on encrypted rows compare with those on plain ones, where the study made any."""
    if (made := regressed.study.predictions) is None:
        return None
    model = next(one for one in regressed.study.models if one.name == made.model)
    target = {
        site.party: standardised(site.y, regressed.study.ranges.target, model.on_target) for site in regressed.sites
    }
    errors = np.concatenate([target[party] - values for party, values in made.values.items()])
    everything = np.concatenate(list(target.values()))
    r2 = 1.0 - float(errors @ errors) / float(((everything - everything.mean()) ** 2).sum())
    return {"model": made.model, "parts": len(errors), "r2": r2, "largest_difference": made.difference}


def _alone(found: Study, party: str) -> dict[str, dict[str, float]]:
    return {
        name: {**one.fit.metrics, **{f"{metric}_on_all": one.on_all[metric] for metric in ON_ALL}}
        for name, one in found.alone[party].items()
    }


ON_ALL = ("rss", "r2", "correlation_squared", "bic")
"""Metrics of a party's own model that are told on the rows of all parties too."""


def _description(regressed: Regressed) -> dict[str, Any]:
    found = regressed.study
    if DESCRIBED not in found.sums:
        return {}
    parties = {site.party: described(site, found.own[site.party][DESCRIBED]) for site in regressed.sites}
    return {
        "all": asdict(together(found.sums[DESCRIBED], found.names)),
        "factories": {party: asdict(one) for party, one in parties.items()},
    }


def residuals_table(regressed: Regressed) -> Columns:
    """Return the residuals of every federated model at every party, on the scale of the model's target."""
    parts = [
        (site.party, model.name, residuals(site, model, found.weights, regressed.study.ranges))
        for site in regressed.sites
        for model in regressed.study.models
        for found in [regressed.study.federated[model.name]]
    ]
    words = {
        "party": [np.full(len(one.fitted), party, dtype=object) for party, _, one in parts],
        "model": [np.full(len(one.fitted), model, dtype=object) for _, model, one in parts],
    }
    numbers = {name: [getattr(one, name) for _, _, one in parts] for name in ("fitted", "residual", "score")}
    return {name: np.concatenate(column) for name, column in {**words, **numbers}.items()}
