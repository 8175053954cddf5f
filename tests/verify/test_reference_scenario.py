"""`verification-reference`: what its world shows is distributed as the closed forms at the top of the scenario say."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import stats
from scipy.stats import qmc

from scenarios.expansion import sections_of
from scenarios.load import load
from sim.log import Log
from sim.observe import GRADED, leak_probability, visual_means
from sim.parties.config import Dismantler, Fleet, Remanufacturer
from sim.parties.design import AS_BUILT, USED, as_built, used
from sim.parties.expand import Sections, expand
from sim.parties.physics import Physics
from sim.units import DAYS_PER_YEAR
from sim.wear import MECHANISMS, Damage, crack_probability, damage_rate, per_day
from sim.world import World

PROBABLE = 1e-3
"""A test with this seed fails for a p-value below it."""

HALF = 7300.0
"""Days, half of the horizon. Units put to use in its first half whose lives are no longer than this have all been seen,
so that what is looked at is the closed form up to this life, whatever the horizon cuts off."""

POINTS = 2**12
"""Points over the normal scores of build and use at which the closed forms are averaged."""


class Seen(NamedTuple):
    """Cores of units put to use in the first half with lives of `HALF` at most: what is hidden, and what was told.

    put_to_use: how many units were put to use in the first half, those with longer lives included.
    """

    put_to_use: int
    life_days: np.ndarray[Any, Any]
    failed: np.ndarray[Any, Any]
    damage: Damage
    oxidation: np.ndarray[Any, Any]
    crack: np.ndarray[Any, Any]
    visual: dict[str, np.ndarray[Any, Any]]


@cache
def sections() -> Sections:
    return sections_of(load("verification-reference"))


@pytest.fixture(scope="module")
def seen() -> Seen:
    """The packaged run, with what ended each life noted on the way."""
    scenario, ended = load("verification-reference"), {}
    end_life = Physics.end_life

    def noting(self: Physics, unit: Any, days: float, failed: bool) -> None:
        end_life(self, unit, days, failed)
        ended[unit.key] = (days, MECHANISMS.index(unit.body.failed), self.oxidation(unit))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Physics, "end_life", noting)
        world = World(expand(sections()), seed=scenario.seed, sections=sections(), log=Log())
        world.run_until(scenario.time.horizon_days)
    truth, visual = world.log.tables["truth"].read(), world.log.tables["visual"].read()
    # units in the yard or on the way at the horizon are truth that nobody has seen yet
    _, of_truth, of_visual = np.intersect1d(truth["unit"], visual["unit"], return_indices=True)
    days, failed, oxidation = (np.array(column) for column in zip(*map(ended.get, truth["unit"]), strict=True))  # type: ignore[arg-type]
    counted = (truth["day"] - days < HALF) & (days <= HALF)
    kept = counted[of_truth]
    rows, own = of_truth[kept], of_visual[kept]
    fleet = sections().parties["vans"]
    assert isinstance(fleet, Fleet)
    assert counted.sum() - kept.sum() <= 5, "all but the last cores have arrived"
    return Seen(
        put_to_use=fleet.vehicles + int((truth["day"] < HALF).sum()),
        life_days=days[rows],
        failed=failed[rows],
        damage=Damage(*(truth[f"true_{name}"][rows] for name in MECHANISMS)),
        oxidation=oxidation[rows],
        crack=truth["true_crack"][rows] > 0.0,
        visual={name: visual[name][own] for name in (*GRADED, "leak", "crack_seen")},
    )


@cache
def growth() -> np.ndarray[Any, Any]:
    """Growth of the four damages a day, over points that fill build and use evenly: (mechanism, point)."""
    product, fleet = sections().product, sections().parties["vans"]
    assert product is not None
    assert isinstance(fleet, Fleet)
    duty = product.duties[fleet.duty]
    uniform = qmc.Sobol(len(AS_BUILT) + len(USED) + 1, rng=np.random.default_rng(5)).random(POINTS).T
    scores = stats.norm.ppf(uniform[:-1])
    overheats = stats.poisson.ppf(uniform[-1], duty.overheats)
    build = as_built(np, product.build, scores[: len(AS_BUILT)])
    usage, per_year = used(np, duty, product.use, scores[len(AS_BUILT) :], duty.oil_interval, overheats)
    rates = damage_rate(np, build, usage, product.wear.parameters())
    return np.stack([np.broadcast_to(rate, POINTS) for rate in per_day(rates, per_year / DAYS_PER_YEAR)])


@cache
def shapes() -> np.ndarray[Any, Any]:
    """Weibull shapes of the four strengths; their scale is 1."""
    assert sections().product is not None
    laws = [one.strength for one in sections().product.wear.mechanisms()]  # type: ignore[union-attr]
    assert all(law.scale == 1.0 for law in laws)  # type: ignore[union-attr]
    return np.array([[law.shape] for law in laws])  # type: ignore[union-attr]


def survival(days: float) -> float:
    """Probability that a life outlasts so many days: the product of four survival functions, averaged."""
    return float(np.exp(-((growth() * days) ** shapes()).sum(axis=0)).mean())


def up_to_half(days: float) -> float:
    """Probability of a life of so many days at most among those of `HALF` at most."""
    return (1.0 - survival(days)) / (1.0 - survival(HALF))


def chances_of_failure() -> np.ndarray[Any, Any]:
    """Probability of each mechanism to end a life within `HALF`: its hazard times the survival of all, integrated."""
    found = np.zeros(len(MECHANISMS))
    grid = np.linspace(0.0, HALF, 201)
    for low, high in pairwise(grid):
        middle = 0.5 * (low + high)
        spent = (growth() * middle) ** shapes()
        hazard = shapes() * spent / middle
        found += (hazard * np.exp(-spent.sum(axis=0))).mean(axis=1) * (high - low)
    return found


def is_as_often_as(observed: np.ndarray[Any, Any], chances: np.ndarray[Any, Any]) -> bool:
    """Whether things seen of each core, one column per thing, are as frequent as their chances for that core say."""
    got, expected = observed.sum(axis=0), chances.sum(axis=0)
    told = expected > 5.0
    return bool(stats.chisquare(got[told], expected[told] * got[told].sum() / expected[told].sum()).pvalue > PROBABLE)


def one_of_two(observed: np.ndarray[Any, Any], chance: np.ndarray[Any, Any]) -> bool:
    """Whether something is seen as often as its chance for each core says: a sum of independent trials."""
    z = (observed.sum() - chance.sum()) / np.sqrt((chance * (1.0 - chance)).sum())
    return bool(2.0 * stats.norm.sf(abs(z)) > PROBABLE)


# --- lives ---


def test_as_many_units_as_expected_live_through_half_of_the_horizon(seen: Seen) -> None:
    failed, chance = len(seen.life_days), 1.0 - survival(HALF)

    assert failed > 500
    assert stats.binomtest(failed, seen.put_to_use, chance).pvalue > PROBABLE


def test_lives_outlast_the_product_of_four_strengths(seen: Seen) -> None:
    assert stats.kstest(seen.life_days, np.vectorize(up_to_half)).pvalue > PROBABLE


def test_each_mechanism_ends_its_share_of_the_lives(seen: Seen) -> None:
    chances = chances_of_failure()
    counts = np.bincount(seen.failed, minlength=len(MECHANISMS))

    assert chances.sum() == pytest.approx(1.0 - survival(HALF), abs=1e-3)
    assert stats.chisquare(counts, chances / chances.sum() * counts.sum()).pvalue > PROBABLE


def test_lives_of_a_fleet_that_wears_faster_would_be_told_apart(seen: Seen) -> None:
    """The tests above can fail: were damage to grow faster by a fifth, the same lives would be improbable."""
    assert stats.kstest(1.2 * seen.life_days, np.vectorize(up_to_half)).pvalue < PROBABLE


# --- what is seen of a core ---


def test_cracks_follow_the_gears_damage(seen: Seen) -> None:
    assert sections().product is not None
    wear = sections().product.wear  # type: ignore[union-attr]
    chance = crack_probability(np, wear.crack_probability, wear.crack_per_gear_damage, seen.damage.gear)

    assert one_of_two(seen.crack, chance)


@pytest.mark.parametrize("finding", GRADED)
def test_the_classes_of_a_finding_are_differences_of_the_normal_law(finding: str, seen: Seen) -> None:
    grader = sections().parties["yard"]
    assert isinstance(grader, Dismantler)
    mean = visual_means(np, seen.damage, seen.oxidation)[GRADED.index(finding)] + grader.grader_bias
    edges = np.array([-np.inf, 0.5, 1.5, 2.5, 3.5, np.inf])
    below = stats.norm.cdf((edges[None, :] - mean[:, None]) / grader.grader_noise)
    classes = seen.visual[finding][:, None] == np.arange(5.0)[None, :]

    assert is_as_often_as(classes, np.diff(below, axis=1))


def test_leaks_and_cracks_are_noted_as_often_as_they_show(seen: Seen) -> None:
    assert one_of_two(seen.visual["leak"], leak_probability(np, seen.damage.seal))
    assert one_of_two(seen.visual["crack_seen"], np.where(seen.crack, 0.5, 0.01))


# --- nobody chooses ---


def test_every_core_is_received_torn_down_and_sold_elsewhere() -> None:
    scenario = load("verification-reference")
    remanufacturer = scenario.parties["remanco"]
    assert isinstance(remanufacturer, Remanufacturer)

    world = World(expand(sections()), seed=scenario.seed, sections=sections(), log=Log(events=False))
    world.run_until(3000.0)
    figures = {name: value for name, (value, _) in world.kpis().items()}

    assert figures["core_return_rate"] > 0.9
    assert figures["failed"] == figures["removed"] > 100
    assert figures["torn_down"] >= figures["cores"] - 10
    assert figures.get("sold_reman", 0.0) == 0.0
    assert figures["reman_share"] == 0.0
