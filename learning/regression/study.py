"""The study: the same models of each party alone, of all rows in one place, and of protected sums.

A federation opens one sum: the Grams of all models together. Everything that the study prints follows from it and from
what each party knows of itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from learning import linear
from learning.arrays import FloatArray
from learning.crossings import COORDINATOR, Crossing
from learning.linear import Gram, Solved
from learning.protect import protection
from learning.protected import Protection
from learning.quantise import dequantise, quantise
from learning.regression.config import Regression
from learning.regression.identified import rank, remarks
from learning.regression.metrics import metrics
from learning.regression.ranges import Ranges, agreed, announced, refuse_powers, scale
from learning.regression.rows import Rows
from learning.regression.statistics import flatten, grams, numbers, unflatten
from learning.regression.transforms import Model, models
from learning.releases import Released

CONTENT = "sums of products of features and target, on public scales, for every model"
"""What an update of the study holds."""

ANNOUNCED = "powers of two between which each column lies"
"""What every party says in clear before anything is added up."""


RANK = "how many of its features it can tell apart"
"""What a party says in clear where the parties agreed to."""


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
    """Each party's sums; they never leave it."""
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
    own = {site.party: grams(site, chosen, ranges) for site in sites}
    features = len(sites[0].names)
    protected = protection(protect, tuple(own), numbers(chosen, features), day, needed)
    sums, crossed = summed(own, chosen, protected, day)
    alone = {party: _alone(found, sums, chosen, config.ridge, ranges) for party, found in own.items()}
    federated = fits(sums, chosen, config.ridge, ranges)
    first = chosen[0].name
    ranks = {party: rank(fitted[first].fit.solved) for party, fitted in alone.items()} if config.tells_rank else {}
    return Study(
        models=chosen,
        names=sites[0].names,
        ranges=ranges,
        sums=sums,
        own=own,
        pooled=fits(added(own, chosen), chosen, config.ridge, ranges),
        federated=federated,
        alone=alone,
        crossings=(*_announcements(told, day), *crossed, *_ranks_told(tuple(ranks), day)),
        releases=(
            *_releases(protected, numbers(chosen, features), 2 * (features + 1), day),
            *_ranks_released(tuple(ranks), day),
        ),
        statement=protected.trust,
        remarks=remarks(_fitted(sums, federated), sites[0].names),
        own_remarks={party: _own_remarks(own[party], fitted, sites[0].names) for party, fitted in alone.items()},
        ranks=ranks,
    )


def summed(
    own: Mapping[str, Mapping[str, Gram]], chosen: Sequence[Model], protected: Protection, day: float
) -> tuple[dict[str, Gram], tuple[Crossing, ...]]:
    """Return the opened sums over all parties in one round, and what crossed borders for it, keys included."""
    updates = {party: quantise(flatten(found, chosen), party=party, parties=len(own)) for party, found in own.items()}
    total = protected.total(updates, number=1, day=day)
    features = next(iter(own.values()))[chosen[0].name].features
    rows = [replace(row, content=_content(row)) for row in total.crossings]
    return unflatten(dequantise(total.numbers), chosen, features), (*protected.keys, *rows)


def added(own: Mapping[str, Mapping[str, Gram]], chosen: Sequence[Model]) -> dict[str, Gram]:
    """Return the sums over all parties as floats: what rows in one place would give."""
    return {model.name: linear.add(*(found[model.name] for found in own.values())) for model in chosen}


def fits(sums: Mapping[str, Gram], chosen: Sequence[Model], ridge: float, ranges: Ranges) -> dict[str, Fit]:
    """Return each model fitted to its sums."""
    return {model.name: _fit(sums[model.name], model, ridge, ranges) for model in chosen}


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


def _ranks_told(parties: tuple[str, ...], day: float) -> list[Crossing]:
    return [
        Crossing(
            day=day,
            sender=party,
            receiver=COORDINATOR,
            purpose="rank",
            clear_or_cipher="clear",
            bytes=8,
            readable_by=(*(other for other in parties if other != party), COORDINATOR),
            content=RANK,
        )
        for party in parties
    ]


def _ranks_released(parties: tuple[str, ...], day: float) -> list[Released]:
    return [
        Released(day=day, what=RANK, parties=(party,), known_to=(*parties, COORDINATOR), round=0, numbers=1)
        for party in parties
    ]


def _content(row: Crossing) -> str:
    return row.content.replace("gradient, Hessian, loss and number of labelled cores", CONTENT)


def _announcements(told: Mapping[str, Ranges], day: float) -> list[Crossing]:
    return [
        Crossing(
            day=day,
            sender=party,
            receiver=COORDINATOR,
            purpose="range",
            clear_or_cipher="clear",
            bytes=16 * (len(ranges.features) + 1),
            readable_by=(*(other for other in told if other != party), COORDINATOR),
            content=ANNOUNCED,
        )
        for party, ranges in told.items()
    ]


def _releases(protected: Protection, values: int, bounds: int, day: float) -> tuple[Released, ...]:
    carrier = (COORDINATOR,) if COORDINATOR in protected.sum_readers else ()
    everybody = (*protected.parties, COORDINATOR)
    ranges = [
        Released(day=day, what=ANNOUNCED, parties=(party,), known_to=everybody, round=0, numbers=bounds)
        for party in protected.parties
    ]
    opened = Released(
        day=day,
        what=CONTENT,
        parties=protected.parties,
        known_to=(*protected.parties, *carrier),
        round=1,
        numbers=values,
    )
    return (*ranges, opened)
