"""Training rounds as two pure functions, and the training of every column of the comparison.

`init` and `apply` are Newton's method on sums of statistics: the same for one site alone, for pooled rows and for a
federation, so that these columns differ by their data alone. In a federation each site makes the step itself on the
opened sum: the coordinator never learns the model unless the protection is plain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from learning import models
from learning.arrays import FloatArray, IntArray
from learning.config import Collaboration
from learning.crossings import COORDINATOR, Crossing
from learning.features import SiteData, split
from learning.learned import Learned
from learning.protect import protection
from learning.protected import Protection
from learning.quantise import dequantise, quantise
from learning.releases import Released

_SLACK = 1e-6
"""Relative rise of the objective that counts as none: the grid's rounding must not look like a step too far."""


@dataclass(frozen=True, eq=False)
class State:
    """Between two rounds: the weights to look at next, and the best looked at so far."""

    weights: FloatArray
    best: FloatArray
    best_objective: float


def init(features: int) -> State:
    """Return the state before the first round."""
    start = models.init(features)
    return State(weights=start, best=start, best_objective=float("inf"))


def apply(state: State, sums: models.Statistics, ridge: float) -> State:
    """Return the state after a round whose summed statistics at `state.weights` are `sums`.

    A Newton step follows where the objective fell; where it rose, the last step was too long and is halved.
    """
    objective = models.objective(state.weights, sums.loss, ridge)
    if objective > state.best_objective + _SLACK * (1.0 + abs(state.best_objective)):
        return State(0.5 * (state.weights + state.best), state.best, state.best_objective)
    return State(models.newton_step(state.weights, sums, ridge), state.weights, objective)


def fit(x: FloatArray, y: FloatArray, *, rounds: int, ridge: float) -> FloatArray:
    """Return the weights trained on the rows of one place."""
    state = init(x.shape[1])
    for _ in range(rounds):
        state = apply(state, models.statistics(state.weights, x, y), ridge)
    return state.weights


class Federated(NamedTuple):
    """The common model, and what left the sites for it."""

    weights: FloatArray
    crossings: tuple[Crossing, ...]
    releases: tuple[Released, ...]


def federate(sites: Sequence[SiteData], protected: Protection, *, rounds: int, ridge: float, day: float) -> Federated:
    """Return the model trained on the sums that `protected` opens, one round after another.

    Raises ProtectionError or one of its kinds; no model is returned then.
    """
    features = len(sites[0].names)
    state, crossings, releases = init(features), list(protected.keys), []
    for number in range(1, rounds + 1):
        updates = {site.party: _update(site, state, parties=len(sites)) for site in sites}
        total = protected.total(updates, number=number, day=day)
        crossings += total.crossings
        releases.append(_release(protected, number, models.numbers(features), day))
        state = apply(state, models.unflatten(dequantise(total.numbers), features), ridge)
    return Federated(state.weights, tuple(crossings), tuple(releases))


def _update(site: SiteData, state: State, *, parties: int) -> IntArray:
    values = models.flatten(models.statistics(state.weights, site.x, site.y))
    return quantise(values, party=site.party, parties=parties)


def _release(protected: Protection, number: int, values: int, day: float) -> Released:
    carrier = (COORDINATOR,) if COORDINATOR in protected.sum_readers else ()
    return Released(
        day=day,
        what="sum of gradients, Hessians, losses and numbers of labelled cores",
        parties=protected.parties,
        known_to=(*protected.parties, *carrier),
        round=number,
        numbers=values,
    )


def train(sites: Sequence[SiteData], collaboration: Collaboration, day: float) -> Learned:
    """Return what the sites learn on `day` from the labels known by then: alone, together as agreed, and pooled.

    The sites' features are standardised. A site without a known label is left out and named. The pooled model is a
    yardstick of the twin's owner unless `mode: centralised`, where its rows cross in clear. Whatever the order of the
    sites, the result is the same. Raises ValueError for sites that do not fit together or hold no known label at all,
    ProtectionError where the protection refuses.
    """
    known = _known(sites, day)
    present = [site for site in known if len(site)]
    if not present:
        raise ValueError(f"no site has a label known by day {day:g}: {', '.join(site.party for site in known)}")
    rounds, ridge = collaboration.rounds, collaboration.ridge
    x, y = np.concatenate([site.x for site in present]), np.concatenate([site.y for site in present])
    learned = Learned(
        mode=collaboration.mode,
        day=day,
        names=present[0].names,
        alone={site.party: fit(site.x, site.y, rounds=rounds, ridge=ridge) for site in present},
        federated=None,
        pooled=fit(x, y, rounds=rounds, ridge=ridge),
        left_out=tuple(site.party for site in known if not len(site)),
    )
    if collaboration.mode == "federated":
        return _federated(learned, present, collaboration)
    return _centralised(learned, present) if collaboration.mode == "centralised" else learned


def _known(sites: Sequence[SiteData], day: float) -> list[SiteData]:
    ordered = sorted((split(site, day).train for site in sites), key=lambda site: site.party)
    if not ordered:
        raise ValueError("there is no site to learn from")
    for site, following in pairwise(ordered):
        if site.party == following.party:
            raise ValueError(f"{site.party!r} is given twice")
        if site.names != following.names:
            raise ValueError(f"{site.party!r} and {following.party!r} have different features")
    if COORDINATOR in [site.party for site in ordered]:
        raise ValueError(f"{COORDINATOR!r} is the name of who sums; give the party another")
    return ordered


def _federated(learned: Learned, sites: Sequence[SiteData], collaboration: Collaboration) -> Learned:
    values = models.numbers(len(learned.names))
    parties = [site.party for site in sites]
    protected = protection(collaboration.protection, parties, values, learned.day, collaboration.threshold)
    common = federate(sites, protected, rounds=collaboration.rounds, ridge=collaboration.ridge, day=learned.day)
    statement = protected.trust
    if len(sites) == 2:
        statement += "; with two sites each can subtract its own update from the sum and read the other's"
    return replace(
        learned,
        federated=common.weights,
        crossings=common.crossings,
        releases=common.releases,
        statement=statement,
    )


def _centralised(learned: Learned, sites: Sequence[SiteData]) -> Learned:
    crossings = [
        Crossing(
            day=learned.day,
            sender=site.party,
            receiver=COORDINATOR,
            purpose="rows",
            clear_or_cipher="clear",
            bytes=site.x.nbytes + site.y.nbytes,
            readable_by=(COORDINATOR,),
            content=f"features and labels of {len(site)} cores: {', '.join(site.names)}",
        )
        for site in sites
    ]
    models_down = [
        Crossing(
            day=learned.day,
            sender=COORDINATOR,
            receiver=site.party,
            purpose="model",
            clear_or_cipher="clear",
            bytes=learned.pooled.nbytes,
            readable_by=(site.party,),
            content="weights of the pooled model",
        )
        for site in sites
    ]
    releases = [
        Released(
            day=learned.day,
            what="features and labels, row by row",
            parties=(site.party,),
            known_to=(COORDINATOR,),
            round=0,
            numbers=site.x.size + site.y.size,
        )
        for site in sites
    ]
    parties = tuple(site.party for site in sites)
    model = Released(
        day=learned.day,
        what="weights of the pooled model",
        parties=parties,
        known_to=(*parties, COORDINATOR),
        round=0,
        numbers=learned.pooled.size,
    )
    statement = "every row is readable by the coordinator"
    return replace(learned, crossings=(*crossings, *models_down), releases=(*releases, model), statement=statement)
