"""What passports and findings tell of a core's worth: as much as the notes' prototype says, and less once parts fail.

The prototype draws a core's distance and knows no failure, so a long distance means worn parts. A core of the world
comes back because a part failed or its vehicle was given up: strong parts drive far, weak ones do not, and what is left
to tell is which part it was. Same physics, same eyes; the table of the prototype is met where its way of drawing is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from scenarios.load import load
from sim.observe import BENCH_NOISE, bench_means, leak_probability, visual_means
from sim.parties.design import as_built, used
from sim.parties.inspections import CRACK_SEEN, LOGGED_AMBIENT
from sim.wear import MECHANISMS, Build, Damage, Usage, crack_probability, damage_rate, oxidation
from sim.worth import NONE_FAILED, Terms, margin

Column = NDArray[np.float64]

SCENARIO = load("transmission")
PARTIES: dict[str, Any] = dict(SCENARIO.parties)
FLEETS = ("hire", "cabs", "vans", "tow")
MAKERS = ("hardforge", "midforge", "softforge")
CORES = 12_000

LOG_DISTANCE, LOG_SPREAD = (5.1, 5.35, 4.95, 4.8), 0.38
"""The prototype's distances: the logarithm of 1000 km by fleet, and its standard deviation."""


def records(*, at_failure: bool) -> tuple[NDArray[np.bool_], dict[str, list[Column]]]:
    """Whether remanufacturing a core of its first life pays, and what each party's records say of it."""
    product: Any = SCENARIO.product
    draw = np.random.default_rng(5)
    wear, fleet = product.wear, np.arange(CORES) % len(FLEETS)
    duties = [product.duties[PARTIES[name].duty] for name in FLEETS]
    maker = (draw.random(CORES) * len(MAKERS)).astype(int)
    made = [as_built(np, PARTIES[name].build, draw.standard_normal((6, CORES))) for name in MAKERS]
    build = Build(*(np.choose(maker, columns) for columns in zip(*made, strict=True)))
    driven = [
        used(np, one, product.use, draw.standard_normal((5, CORES)), one.oil_interval, one.overheats) for one in duties
    ]
    usage = Usage(
        *(np.choose(fleet, np.broadcast_arrays(*all_)) for all_ in zip(*(one.usage for one in driven), strict=True))
    )
    per_year = np.choose(fleet, [one.per_year for one in driven])

    rate = np.array(damage_rate(np, build, usage, wear.parameters()))
    rate[3] /= per_year
    shapes = np.array([one.strength.shape for one in wear.mechanisms()])
    lives = (-np.log(draw.random((len(MECHANISMS), CORES)))) ** (1.0 / shapes[:, None]) / rate
    free = np.exp(np.array(LOG_DISTANCE)[fleet] + LOG_SPREAD * draw.standard_normal(CORES))
    distance = lives.min(axis=0) if at_failure else free
    failed = lives.argmin(axis=0) if at_failure else np.full(CORES, NONE_FAILED)

    damage = Damage(*(rate * distance))
    crack = draw.random(CORES) < crack_probability(np, wear.crack_probability, wear.crack_per_gear_damage, damage.gear)
    reman = PARTIES["remanco"]
    spent = reman.core_payment + reman.base_cost
    terms = Terms(reman.value_reman - spent, reman.core_payment + reman.scrapped_share * reman.base_cost)
    worth = margin(np, terms, wear.refitting(), damage, failed, crack)

    site = (draw.random(CORES) * 3).astype(int)
    graders = [PARTIES[name] for name in ("north", "south", "west")]
    bias, noise = (np.array([getattr(one, f"grader_{what}") for one in graders])[site] for what in ("bias", "noise"))
    means = visual_means(np, damage, oxidation(np, build, usage, wear.parameters()))
    seen = [
        np.clip(np.round(mean + bias + noise * z), 0, 4)
        for mean, z in zip(means, draw.standard_normal((3, CORES)), strict=True)
    ]
    leaks, cracks = (
        draw.random(CORES) < leak_probability(np, damage.seal),
        draw.random(CORES) < np.where(crack, *CRACK_SEEN[::-1]),
    )
    gap = wear.backlash
    mesh = gap.nominal_mm + gap.per_misalignment * build.misalignment_um + gap.sd() * draw.standard_normal(CORES)
    readings = zip(
        bench_means(np, damage, mesh, gap.worn_mm), BENCH_NOISE, draw.standard_normal((5, CORES)), strict=True
    )
    logged = draw.standard_normal((3, CORES))
    torque, shifts = usage.torque_ratio * (1 + 0.1 * logged[0]), usage.shifts_per_km * (1 + 0.2 * logged[1])
    passport = [distance, distance / per_year, torque, shifts]
    books = [usage.ambient_c + LOGGED_AMBIENT * logged[2], usage.oil_interval, *(fleet == one for one in range(3))]
    return worth > 0.0, {
        "oem": [*build],
        "passport": passport,
        "fleet": passport + books,
        "bench": [mean + sd * z for mean, sd, z in readings],
        "visual": [*seen, leaks, cracks, *(site == one for one in range(2))],
    }


def area(pays: NDArray[np.bool_], columns: Sequence[Column]) -> float:
    """Area under the curve of a logistic model, trained on two thirds of the cores and judged on the rest."""
    features = np.array(columns, dtype=float)
    centred = (features - features.mean(axis=1)[:, None]) / features.std(axis=1)[:, None]
    design = np.vstack([np.ones(CORES), centred]).T
    train = np.arange(CORES) % 3 < 2
    weights = np.zeros(design.shape[1])
    for _ in range(12):
        chance = 1.0 / (1.0 + np.exp(-design[train] @ weights))
        slope = design[train].T @ (pays[train] - chance) - 1e-3 * weights
        bend = (design[train].T * (chance * (1.0 - chance))) @ design[train] + 1e-3 * np.eye(len(weights))
        weights += np.linalg.solve(bend, slope)
    scores, good = design[~train] @ weights, pays[~train]
    rank = scores.argsort().argsort() + 1
    return float((rank[good].sum() - good.sum() * (good.sum() + 1) / 2) / (good.sum() * (~good).sum()))


@pytest.fixture(scope="module")
def drawn() -> dict[str, float]:
    pays, told = records(at_failure=False)
    return {name: area(pays, told[name]) for name in told} | {"oem and fleet": area(pays, told["oem"] + told["fleet"])}


@pytest.fixture(scope="module")
def failing() -> dict[str, float]:
    pays, told = records(at_failure=True)
    return {name: area(pays, columns) for name, columns in told.items()}


@pytest.mark.parametrize(
    ("party", "prototype"), [("oem", 0.631), ("fleet", 0.890), ("oem and fleet", 0.908), ("bench", 0.933)]
)
def test_where_distance_is_drawn_each_party_knows_what_the_prototype_says(
    drawn: dict[str, float], party: str, prototype: float
) -> None:
    assert drawn[party] == pytest.approx(prototype, abs=0.03)


def test_where_distance_is_drawn_findings_tell_more_than_any_passport(drawn: dict[str, float]) -> None:
    assert 0.912 < drawn["visual"] < 0.97
    assert drawn["passport"] < drawn["visual"]


def test_where_a_part_failed_passports_tell_little_and_findings_less_than_before(
    drawn: dict[str, float], failing: dict[str, float]
) -> None:
    assert failing["passport"] < drawn["passport"] - 0.1
    assert failing["fleet"] < drawn["fleet"] - 0.1
    assert drawn["bench"] - 0.2 < failing["bench"] < drawn["bench"] - 0.05
    assert drawn["visual"] - 0.15 < failing["visual"] < drawn["visual"] - 0.05
