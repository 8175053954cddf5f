"""Training rounds, and the training of every column of the comparison.

A round is the same for one site alone, for pooled rows and for a federation: what is sent is computed by the learner,
summed, and the learner's step follows. In a federation each site makes the step itself on the opened sum: the
coordinator never learns the model unless the protection is plain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from learning.arrays import FloatArray
from learning.centralised import centralised
from learning.config import Collaboration
from learning.crossings import COORDINATOR, Crossing
from learning.features import SiteData, split
from learning.learned import Learned
from learning.learner import Learner
from learning.learners import learner_of
from learning.logistic import Logistic
from learning.protect import protection
from learning.protected import Protection
from learning.quantise import dequantise, quantise
from learning.releases import UNSPENT, Released

EVERYBODY_STAYS = Collaboration()

SETTLED = 1e-6
"""A training has ended where one more round would lower its objective by less than this, per row."""


def fit(learner: Learner, x: FloatArray, y: FloatArray, *, seed: int | None = None) -> FloatArray:
    """Return the weights trained on the rows of one place."""
    state = learner.init(x.shape[1], seed)
    for _ in range(learner.rounds):
        state = learner.apply(state, learner.update(state, x, y))
    return learner.weights(state)


class Federated(NamedTuple):
    """The common model, what left the sites for it, and who can read what."""

    weights: FloatArray
    crossings: tuple[Crossing, ...]
    releases: tuple[Released, ...]
    statement: str


Conduct: TypeAlias = Callable[[Learner, Sequence[SiteData], Collaboration, float, int | None], Federated]
"""A way to hold a federation: learner, sites, what they agreed on, day, seed."""


def in_one_process(
    learner: Learner, sites: Sequence[SiteData], collaboration: Collaboration, day: float, seed: int | None
) -> Federated:
    """Hold the federation here, with fresh keys for all sites: whoever reads this process reads everything."""
    values = learner.numbers(len(sites[0].names))
    parties = [site.party for site in sites]
    protected = protection(collaboration.protection, parties, values, day, collaboration.threshold)
    return federate(learner, sites, protected, day=day, seed=seed, collaboration=collaboration)


def federate(
    learner: Learner,
    sites: Sequence[SiteData],
    protected: Protection,
    *,
    day: float,
    seed: int | None = None,
    collaboration: Collaboration = EVERYBODY_STAYS,
) -> Federated:
    """Return the model trained on the sums that `protected` opens, one round after another.

    collaboration: says which sites go missing and what the others do then; nothing else of it counts here. Raises
    ProtectionError or one of its kinds; no model is returned then.
    """
    features = len(sites[0].names)
    state, crossings, releases = learner.init(features, seed), list(protected.keys), []
    for number in range(1, learner.rounds + 1):
        gone = collaboration.missing(protected.parties, number, "sealing")
        if gone and collaboration.when_gone == "go_on":
            protected = protected.without(gone, day)
            crossings += protected.keys
        updates = {
            site.party: quantise(learner.update(state, site.x, site.y), party=site.party, parties=len(sites))
            for site in sites
            if site.party in protected.parties and site.party not in gone
        }
        silent = collaboration.missing(protected.parties, number, "opening")
        total = protected.total(updates, number=number, day=day, silent=silent)
        crossings += total.crossings
        releases.append(_release(learner, protected, number, features, day))
        state = learner.apply(state, dequantise(total.numbers))
    return Federated(learner.weights(state), _told(learner, crossings), tuple(releases), protected.trust)


def summed(
    learner: Learner,
    sites: Sequence[SiteData],
    *,
    seed: int | None = None,
    collaboration: Collaboration = EVERYBODY_STAYS,
) -> FloatArray:
    """Return the model of the same rounds without grid and without protection: what the rounding is measured by."""
    state, parties = learner.init(len(sites[0].names), seed), [site.party for site in sites]
    for number in range(1, learner.rounds + 1):
        gone = collaboration.missing(parties, number, "sealing")
        updates = [learner.update(state, site.x, site.y) for site in sites if site.party not in gone]
        state = learner.apply(state, np.sum(updates, axis=0))
    return learner.weights(state)


def _told(learner: Learner, crossings: Iterable[Crossing]) -> tuple[Crossing, ...]:
    """Say what this learner's updates hold: a protection carries numbers, and names those of the usual learner."""
    return tuple(replace(one, content=one.content.replace(Logistic.content, learner.content)) for one in crossings)


def _release(learner: Learner, protected: Protection, number: int, features: int, day: float) -> Released:
    carrier = (COORDINATOR,) if COORDINATOR in protected.sum_readers else ()
    return Released(
        day=day,
        what=learner.released,
        parties=protected.parties,
        known_to=(*protected.parties, *carrier),
        round=number,
        numbers=learner.numbers(features),
    )


def train(
    sites: Sequence[SiteData],
    collaboration: Collaboration,
    day: float,
    *,
    seed: int | None = None,
    conduct: Conduct = in_one_process,
) -> Learned:
    """Return what the sites learn on `day` from the labels known by then: alone, together as agreed, and pooled.

    The sites' features are standardised. A site without a known label is left out and named. The pooled model is a
    yardstick of the twin's owner unless `mode: centralised`, where its rows cross in clear. Whatever the order of the
    sites, the result is the same. seed: of what the learner draws, public; None where it draws nothing. conduct: how a
    federation is held. Raises ValueError for sites that do not fit together or the learner, or hold no known label at
    all, ProtectionError where the protection refuses.
    """
    learner = learner_of(collaboration, "probability" if all(site.target.is_class for site in sites) else "number")
    known = _known(sites, day, learner)
    present = [site for site in known if len(site)]
    if not present:
        raise ValueError(f"no site has a label known by day {day:g}: {', '.join(site.party for site in known)}")
    x, y = np.concatenate([site.x for site in present]), np.concatenate([site.y for site in present])
    learned = Learned(
        mode=collaboration.mode,
        learner=learner,
        target=present[0].target,
        day=day,
        names=present[0].names,
        labels={site.party: len(site) for site in present},
        alone={site.party: fit(learner, site.x, site.y, seed=seed) for site in present},
        federated=None,
        pooled=fit(learner, x, y, seed=seed),
        left_out=tuple(site.party for site in known if not len(site)),
    )
    own = [site.party for site in present if not _settled(learner, learned.alone[site.party], [site])]
    together = [] if _settled(learner, learned.pooled, present) else ["pooled"]
    learned = replace(learned, unsettled=(*own, *together))
    if collaboration.mode == "federated":
        if collaboration.absences and conduct is not in_one_process:
            raise ValueError("sites go missing in a federation of one process alone")
        common = conduct(learner, present, collaboration, day, seed)
        exact = summed(learner, present, seed=seed, collaboration=collaboration)
        gone = collaboration.missing(learned.alone, learner.rounds, "sealing")
        stayed = [site for site in present if site.party not in gone]
        if not _settled(learner, common.weights, stayed):
            learned = replace(learned, unsettled=(*learned.unsettled, "federated"))
        return _federated(learned, present, common, exact)
    return centralised(learned, present) if collaboration.mode == "centralised" else learned


def _settled(learner: Learner, weights: FloatArray, sites: Sequence[SiteData]) -> bool:
    x, y = np.concatenate([site.x for site in sites]), np.concatenate([site.y for site in sites])
    promised = learner.promised(weights, x, y)
    return promised is None or promised < SETTLED


def _known(sites: Sequence[SiteData], day: float, learner: Learner) -> list[SiteData]:
    ordered = sorted((split(site, day).train for site in sites), key=lambda site: site.party)
    if not ordered:
        raise ValueError("there is no site to learn from")
    for site, following in pairwise(ordered):
        if site.party == following.party:
            raise ValueError(f"{site.party!r} is given twice")
        if site.names != following.names:
            raise ValueError(f"{site.party!r} and {following.party!r} have different features")
        if site.target != following.target:
            raise ValueError(f"{site.party!r} and {following.party!r} have different labels")
    if COORDINATOR in [site.party for site in ordered]:
        raise ValueError(f"{COORDINATOR!r} is the name of who sums; give the party another")
    if learner.predicts == "probability" and not ordered[0].target.is_class:
        raise ValueError(f"{learner.word} learns labels of 0 or 1, and {ordered[0].target.name!r} is a number")
    return ordered


def _federated(learned: Learned, sites: Sequence[SiteData], common: Federated, exact: FloatArray) -> Learned:
    statement = common.statement
    if len(sites) == 2:
        statement += "; with two sites each can subtract its own update from the sum and read the other's"
    return replace(
        learned,
        federated=common.weights,
        # to two digits: the others hang on how many threads added up
        grid_error=float(f"{np.max(np.abs(common.weights - exact)):.1e}"),
        crossings=common.crossings,
        releases=common.releases,
        statement=f"{statement}; {UNSPENT}",
    )
