"""The study: the same models of each party alone, of all rows in one place, and of protected sums.

A federation opens one sum: the Grams of all models together. Everything that the study prints follows from it and from
what each party knows of itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from learning import linear
from learning.arrays import FloatArray
from learning.crossings import Crossing
from learning.linear import Gram, Solved
from learning.protect import protection
from learning.protected import Protection
from learning.quantise import dequantise, quantise
from learning.regression import leaving
from learning.regression.config import Regression
from learning.regression.identified import PROMISED, grid_error, inexact, rank, remarks
from learning.regression.in_one_place import fitted as fitted_in_one_place
from learning.regression.metrics import metrics
from learning.regression.outsourced import (
    PROMISE,
    PROMISED_ON_ENCRYPTED_ROWS,
    Computed,
    Predicted,
    computed,
    predicted,
)
from learning.regression.ranges import Ranges, agreed, announced, gain, refuse_powers, scale
from learning.regression.rows import LARGEST, Rows
from learning.regression.statistics import flatten, grams, numbers, unflatten
from learning.regression.transforms import Model, models
from learning.releases import UNSPENT, Released

CONTENT = "sums of products of features and target, on public scales, for every model"
"""What an update of the study holds."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A model's weights on public scales, the intercept first, and how well it fits the rows it was fitted to."""

    solved: Solved
    metrics: Mapping[str, float]

    @property
    def weights(self) -> FloatArray:
        """Float[1 + features]."""
        return self.solved.weights


@dataclass(frozen=True, eq=False)
class Alone:
    """A party's own model: how well it fits its own rows, and the rows of all parties."""

    fit: Fit
    on_all: Mapping[str, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """What came of it. Models stand by their names, parties by theirs."""

    models: tuple[Model, ...]
    names: tuple[str, ...]
    """Features, in the order of the weights."""
    ranges: Ranges
    sums: Mapping[str, Gram]
    """The opened sums of each model, on public scales."""
    own: Mapping[str, Mapping[str, Gram]]
    """Each party's sums, which it computed or opened itself; they never leave it."""
    pooled: Mapping[str, Fit]
    """All rows in one place: a yardstick of whoever runs the study."""
    federated: Mapping[str, Fit]
    """From the opened sums."""
    alone: Mapping[str, Mapping[str, Alone]]
    crossings: tuple[Crossing, ...]
    releases: tuple[Released, ...]
    statement: str
    """Who can read what."""
    remarks: tuple[str, ...]
    """What the opened sums show of features that have no weight, or one that says little."""
    own_remarks: Mapping[str, tuple[str, ...]]
    """The same of each party's own rows: it stays with the party."""
    ranks: Mapping[str, int]
    """How many features each party can tell apart in the first model, where they agreed to say so."""
    predictions: Predicted | None = None
    """Predictions on encrypted rows, where the study asks for them."""

    def weight_difference(self) -> float:
        """Return the largest difference of a federated weight from that of all rows in one place.

        It is told as a share of the model's largest weight: a weight may be 0.
        """
        return max(
            float(np.abs(self.federated[name].weights - fit.weights).max() / (np.abs(fit.weights).max() or 1.0))
            for name, fit in self.pooled.items()
        )


def study(
    sites: Sequence[Rows], config: Regression, *, protect: str, needed: int | None = None, day: float = 0.0
) -> Study:
    """Return the study of two parties or more. Raises ValueError for columns that cannot be transformed.

    sites: of `rows.sites_of`. protect: word of the protection. needed: see `protect.protection`.
    """
    chosen = models(config.models, config.lambdas)
    for site in sites:
        refuse_powers(site, chosen)
    told = {site.party: announced(site) for site in sites}
    ranges = agreed(told.values())
    plain = {site.party: grams(site, chosen, ranges) for site in sites}
    features = len(sites[0].names)
    protected = protection(protect, tuple(plain), numbers(chosen, features), day, needed)
    cloud = computed(sites, chosen, ranges, day) if config.mode == "outsourced" else None
    own = plain if cloud is None else cloud.own
    enlarged = gain(ranges, len(own))
    sums, crossed = summed(own, chosen, protected, day, enlarged)
    alone = {party: _alone(found, sums, chosen, config.ridge, ranges) for party, found in own.items()}
    federated = fits(sums, chosen, config.ridge, ranges)
    first = chosen[0].name
    ranks = {party: rank(fitted[first].fit.solved) for party, fitted in alone.items()} if config.tells_rank else {}
    found = Study(
        models=chosen,
        names=sites[0].names,
        ranges=ranges,
        sums=sums,
        own=own,
        pooled=in_one_place(sites, plain, chosen, config.ridge, ranges),
        federated=federated,
        alone=alone,
        crossings=(
            *leaving.announcements(told, day),
            *(() if cloud is None else cloud.crossings),
            *crossed,
            *leaving.ranks_told(tuple(ranks), day),
        ),
        releases=(
            *leaving.releases(protected, CONTENT, numbers(chosen, features), 2 * (features + 1) + 1, day),
            *leaving.ranks_released(tuple(ranks), day),
        ),
        statement="; ".join([*([] if cloud is None else [cloud.statement]), protected.trust, UNSPENT]),
        remarks=(
            *remarks(_fitted(sums, federated), sites[0].names),
            *inexact(_fitted(sums, federated), *_tolerance(cloud, len(own), enlarged, sums)),
        ),
        own_remarks={party: _own_remarks(own[party], fitted, sites[0].names) for party, fitted in alone.items()},
        ranks=ranks,
    )
    if config.mode == "outsourced" and (off := found.weight_difference()) > PROMISE:
        said = f"a weight is off by {off:.1g} of the largest, above the promised {PROMISE:g}: columns nearly follow"
        return replace(found, remarks=(*found.remarks, f"{said} from one another"))
    return _with_predictions(found, sites, day) if config.mode == "prediction" else found


def refuse_constant(done: Study, target: str) -> None:
    """Raise ValueError where the target varies too little to be explained: there is nothing to compare models by."""
    if scale(done.ranges.target, None).half < 1.0 / LARGEST:
        raise ValueError(f"{target!r} holds no value above {1.0 / LARGEST:g} in size; choose another unit")
    for model, found in done.sums.items():
        if linear.centred(found).squares <= linear.HARDLY * found.yy:
            raise ValueError(
                f"{model}: over all parties {target!r} does not vary, or too little beside its size to be told from "
                "rounding; nothing is to be explained"
            )


def _tolerance(cloud: Computed | None, parties: int, enlarged: float, sums: Mapping[str, Gram]) -> tuple[float, float]:
    """Return how far an opened number may be off, and what relative error of a figure is not worth a word."""
    grid = grid_error(parties, enlarged)
    if cloud is None:
        return grid, PROMISED
    return grid + cloud.off(next(iter(sums.values())).n), PROMISED_ON_ENCRYPTED_ROWS


def _with_predictions(found: Study, sites: Sequence[Rows], day: float) -> Study:
    name = best_model(found)
    model = next(one for one in found.models if one.name == name)
    made = predicted(sites, model, found.federated[name].weights, found.ranges, day)
    return replace(
        found,
        predictions=made,
        crossings=(*found.crossings, *made.crossings),
        releases=(*found.releases, *made.releases),
        statement=f"{found.statement}; {made.statement}",
    )


def best_model(found: Study) -> str:
    """Return the name of the federated model with the largest R2 on its own scale."""
    return max(found.federated, key=lambda name: found.federated[name].metrics["r2"])


def summed(
    own: Mapping[str, Mapping[str, Gram]],
    chosen: Sequence[Model],
    protected: Protection,
    day: float,
    enlarged: float = 1.0,
) -> tuple[dict[str, Gram], tuple[Crossing, ...]]:
    """Return the opened sums over all parties in one round, and what crossed borders for it, keys included.

    enlarged: of `ranges.gain`, by which sums are multiplied on the way.
    """
    updates = {
        party: quantise(enlarged * flatten(found, chosen), party=party, parties=len(own))
        for party, found in own.items()
    }
    total = protected.total(updates, number=1, day=day)
    features = next(iter(own.values()))[chosen[0].name].features
    rows = [replace(row, content=_content(row)) for row in total.crossings]
    return unflatten(dequantise(total.numbers) / enlarged, chosen, features), (*protected.keys, *rows)


def added(own: Mapping[str, Mapping[str, Gram]], chosen: Sequence[Model]) -> dict[str, Gram]:
    """Return the sums over all parties as floats, without a grid."""
    return {model.name: linear.add(*(found[model.name] for found in own.values())) for model in chosen}


def fits(sums: Mapping[str, Gram], chosen: Sequence[Model], ridge: float, ranges: Ranges) -> dict[str, Fit]:
    """Return each model fitted to its sums."""
    return {model.name: _fit(sums[model.name], model, ridge, ranges) for model in chosen}


def in_one_place(
    sites: Sequence[Rows],
    own: Mapping[str, Mapping[str, Gram]],
    chosen: Sequence[Model],
    ridge: float,
    ranges: Ranges,
) -> dict[str, Fit]:
    """Return each model fitted to all rows in one place, by least squares on the rows themselves."""
    sums = added(own, chosen)
    return {
        model.name: Fit(*fitted_in_one_place(sites, model, linear.solve(sums[model.name], ridge), ridge, ranges))
        for model in chosen
    }


def _fit(sums: Gram, model: Model, ridge: float, ranges: Ranges) -> Fit:
    solved = linear.solve(sums, ridge)
    unit = scale(ranges.target, model.on_target).half
    return Fit(solved, metrics(sums, solved.weights, solved.parameters, unit))


def _alone(
    own: Mapping[str, Gram], sums: Mapping[str, Gram], chosen: Sequence[Model], ridge: float, ranges: Ranges
) -> dict[str, Alone]:
    found = {}
    for model in chosen:
        fit = _fit(own[model.name], model, ridge, ranges)
        unit = scale(ranges.target, model.on_target).half
        found[model.name] = Alone(fit, metrics(sums[model.name], fit.weights, fit.solved.parameters, unit))
    return found


def _fitted(sums: Mapping[str, Gram], fitted: Mapping[str, Fit]) -> dict[str, tuple[Gram, Solved]]:
    return {model: (sums[model], fit.solved) for model, fit in fitted.items()}


def _own_remarks(own: Mapping[str, Gram], alone: Mapping[str, Alone], names: Sequence[str]) -> tuple[str, ...]:
    return remarks(_fitted(own, {model: one.fit for model, one in alone.items()}), names)


def _content(row: Crossing) -> str:
    return row.content.replace("gradient, Hessian, loss and number of labelled cores", CONTENT)
