"""Units in use and what comes back: populations, lives, returns, and rates that change."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import integrate, stats

from sim.world import World
from tests.truth import known
from tests.truth.conftest import Truth
from tests.truth.judge import FALSE_ALARM, Case, Figures, fits, judge

YEAR = 365.0
Counts = npt.NDArray[np.int64]


def is_poisson(counts: Counts, mean: float) -> bool:
    """Tell whether the mean, the variance and the histogram of independent counts can be those of a Poisson law."""
    total, spread = counts.sum(), (len(counts) - 1) * counts.var(ddof=1) / mean
    chances = (
        2 * min(stats.poisson.cdf(total, len(counts) * mean), stats.poisson.sf(total - 1, len(counts) * mean)),
        # var / mean of Poisson counts is chi-square over its degrees of freedom, with 1 / (2 mean) more variance
        2 * stats.norm.sf(abs(spread / (len(counts) - 1) - 1) / math.sqrt((2 + 1 / mean) / len(counts))),
    )
    return min(chances) > FALSE_ALARM and fits(counts, mean)


def numbers(world: World, blocks: list[str], days: list[float]) -> Figures:
    """Units in blocks on some days, by `<block> <day>`."""
    found: Figures = {}
    for day in days:
        world.run_until(day)
        found |= {f"{block} {day:g}": world.blocks[block].number for block in blocks}
    return found


def passed(world: World, block: str, days: list[float]) -> list[int]:
    """Count the units that left a block between each two of these days."""
    left = []
    for day in days:
        world.run_until(day)
        left.append(world.blocks[block].left)
    return [int(count) for count in np.diff(left)]


def pooled(case: Case, worlds: int, days: list[float], block: str) -> list[Counts]:
    """Return for each span between two days how many units left a block, over so many worlds and more for more work."""
    worlds = math.ceil(worlds * case.work)
    return list(np.array([passed(world, block, days) for world in case.worlds(worlds)]).T)


# --- published ---


def test_products_in_use_are_a_poisson_number_whatever_the_law_of_lives(truth: Truth) -> None:
    values, case = known.mg_inf_products_in_use(), truth("mg_inf_products_in_use")
    days = [30 * YEAR + 19 * YEAR * n for n in range(11)]
    found = case.passing(lambda world: numbers(world, ["use", "coming_back"], days))
    in_use, coming = (np.concatenate([found[f"{block} {day:g}"] for day in days]) for block in ("use", "coming_back"))

    assert values["in_use_mean"] == values["in_use_variance"]
    assert is_poisson(in_use.astype(int), values["in_use_mean"])
    assert is_poisson(coming.astype(int), values["in_return_pipeline_mean"])


def test_returns_follow_sales_times_the_chance_of_a_return(truth: Truth) -> None:
    values = known.mg_inf_products_in_use()

    truth("mg_inf_products_in_use").settles_at(
        {
            "use.number_mean": values["in_use_mean"],
            "use.time_mean_days": values["mean_life"] * YEAR,
            "coming_back.number_mean": values["in_return_pipeline_mean"],
            "returned.throughput_per_day": values["returns_rate"] / YEAR,
        }
    )


def test_returns_of_each_year_after_the_first_sales_are_poisson(truth: Truth) -> None:
    means = known.transient_returns_by_year()["expected_returns_per_year"]
    years = pooled(truth("transient_returns_by_year"), 150, [YEAR * year for year in range(16)], "returned")

    assert [year for year, mean in enumerate(means) if not is_poisson(years[year], mean)] == []


def test_a_season_comes_out_weaker_and_later_than_it_went_in(truth: Truth) -> None:
    means, case = known.seasonal_returns_mt_m_inf()["mean_at_quarters"], truth("seasonal_returns_mt_m_inf")
    days = [YEAR * (5 + year + quarter / 4) for year in range(0, 36, 2) for quarter in range(4)]
    found = case.passing(lambda world: numbers(world, ["stay"], days))
    quarters = [np.concatenate([found[f"stay {day:g}"] for day in days[quarter::4]]) for quarter in range(4)]

    assert [n for n, mean in enumerate(means) if not is_poisson(quarters[n].astype(int), mean)] == []
    judge({str(n): found for n, found in enumerate(quarters)}, {str(n): means[n] for n in range(4)}, case.wanted)


def by_grade(world: World) -> Figures:
    """Count the cores of each grade in 250 days."""
    world.run_until(250.0)
    return {grade: world.blocks[grade].left for grade in "abcd"}


def test_grades_are_independent_poisson_streams(truth: Truth) -> None:
    means: Any = known.grade_thinning_poisson()["mean_counts"]
    case = truth("grade_thinning_poisson")
    found = case.passing(by_grade, 60)
    counts = np.array([found[grade] for grade in "abcd"])
    pairs = np.corrcoef(counts)[np.triu_indices(4, 1)]

    judge(found, dict(zip("abcd", means, strict=True)), case.wanted)
    assert [
        grade for grade, mean in zip("abcd", means, strict=True) if not is_poisson(found[grade].astype(int), mean)
    ] == []
    assert np.abs(pairs).max() < stats.norm.isf(FALSE_ALARM / 2) / math.sqrt(counts.shape[1])


def test_warranty_renewals_grow_as_cox_says(truth: Truth) -> None:
    means, case = known.warranty_renewals_gamma2()["expected_replacements"], truth("warranty_renewals_gamma2")

    def replaced(world: World) -> Figures:
        spans = passed(world, "places", [0.0, YEAR, 3 * YEAR, 5 * YEAR, 10 * YEAR])
        return {str(n): count / 2000 for n, count in enumerate(np.cumsum(spans).tolist())}

    judge(case.passing(replaced), {str(n): mean for n, mean in enumerate(means)}, case.wanted)


def lives(world: World) -> Figures:
    """Lives per unit, the share with four of them, and the share of demand that is met by new units."""
    left = {block: world.blocks[block].left for block in ("fleet", "factory", "scrap", "worn_out")}
    ended = left["scrap"] + left["worn_out"]
    return {
        "expected_lives": left["fleet"] / ended,
        "share_reaching_3_reman": left["worn_out"] / ended,
        "new_units_share_of_demand": left["factory"] / left["fleet"],
    }


def test_a_unit_lives_as_often_as_its_absorbing_chain_says(truth: Truth) -> None:
    case = truth("number_of_lives_max_3_reman")

    judge(case.steady(lives), known.number_of_lives_max_3_reman(), case.wanted)


# --- of the same families ---


def test_a_rate_in_steps_brings_the_counts_of_each_step(truth: Truth) -> None:
    days = [cycle + step for cycle in range(4) for step in (0, 0.25, 0.5, 0.75)]
    spans = pooled(truth("arrivals_in_steps"), 50, [*days, 4.0], "done")
    means = [5.0, 20.0, 0.0, 12.0] * 4

    assert [count.sum() for count in spans[2::4]] == [0] * 4
    assert [n for n, mean in enumerate(means) if mean and not is_poisson(spans[n], mean)] == []


def test_renewals_of_uniform_lives_solve_the_renewal_equation(truth: Truth) -> None:
    """m(t) = e^t - 1 up to a day, and e^t - 1 - (t - 1) e^(t - 1) - e^(t - 1) + 1 up to two (Feller 1971, XI)."""
    case = truth("renewals_of_uniform_lives")

    def renewed(world: World) -> Figures:
        spans = passed(world, "places", [0.0, 0.5, 1.0, 2.0])
        return {str(n): count / 200 for n, count in enumerate(np.cumsum(spans).tolist())}

    expected = {"0": math.exp(0.5) - 1, "1": math.e - 1, "2": math.e**2 - math.e - 1}
    judge(case.passing(renewed), expected, case.wanted)


def test_a_fleet_of_mixed_age_loses_units_from_the_first_day(truth: Truth) -> None:
    """Of a life L the share V is left: L V < t for a constant L at t / L, for an exponential one by quadrature."""
    case = truth("initial_ages")

    def gone(world: World) -> Figures:
        counts: Figures = {}
        for day in (2.0, 5.0):
            world.run_until(day)
            counts |= {f"{block} {day:g}": world.blocks[block].left / 1000 for block in ("even", "random")}
        return counts

    expected = {f"even {day:g}": day / 10 for day in (2.0, 5.0)} | {
        f"random {day:g}": 1 - integrate.quad(lambda v, t: math.exp(-t / (4 * v)), 0, 1, args=(day,))[0]
        for day in (2.0, 5.0)
    }
    judge(case.passing(gone), expected, case.wanted)


@pytest.mark.parametrize("mean", [1.0, 4.0, 60.0])
def test_the_test_for_poisson_counts_refuses_counts_of_another_law(mean: float) -> None:
    uniforms = (np.arange(400) * 0.6180339887498949 + 0.5) % 1.0
    right = stats.poisson.ppf(uniforms, mean).astype(int)
    wide = stats.nbinom.ppf(uniforms, 1.0, 1.0 / (1.0 + mean)).astype(int)

    assert is_poisson(right, mean)
    assert not is_poisson(wide, mean)
    assert not is_poisson(right, 1.4 * mean)
