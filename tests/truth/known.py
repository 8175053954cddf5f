"""The published cases, computed here once more from `theory` under the names and keys of the shared truth table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from scipy import optimize, stats

from tests.truth import theory

Expected = dict[str, float | list[float]]


@cache
def mm1_test_bench() -> dict[str, float]:
    return theory.multi_server(4.0, 5.0)


@cache
def mmc_inspection_3() -> dict[str, float]:
    values = theory.multi_server(2.4, 1.0, 3)
    return values | {"p_wait_over_0.5": values["p_wait"] * math.exp(-(3 * 1.0 - 2.4) * 0.5)}


@cache
def mmck_receiving_dock() -> dict[str, float]:
    return theory.finite_places(3.0, 1.0, 2, 6)


@cache
def mg1_lognormal_teardown() -> dict[str, float]:
    return theory.single_server(0.7, 1.0, 1.5)


@cache
def md1_wash_line() -> dict[str, float]:
    return theory.single_server(0.85, 1.0, 0.0)


@cache
def mg1_gamma4_rebuild() -> dict[str, float]:
    return theory.single_server(0.7, 1.0, 0.5)


@cache
def mx_m1_truckload_of_5() -> dict[str, float]:
    p = theory.stationary(0, lambda n: [*([(n + 5, 0.12)] if n < 600 else []), *([(n - 1, 1.0)] if n else [])])
    number = theory.mean(p, float)
    return {"utilisation": 1.0 - p[0], "L": number, "W": number / 0.6}


@cache
def mm1_breakdowns_test_rig() -> dict[str, float]:
    def moves(state: tuple[int, bool]) -> Iterator[tuple[tuple[int, bool], float]]:
        n, up = state
        yield (n + 1, up), 0.5 if n < 400 else 0.0
        yield (n - 1, up), 1.0 if n and up else 0.0
        yield (n, not up), 1 / 10 if up else 1 / 2

    p = theory.stationary((0, True), moves)
    number = theory.mean(p, lambda state: state[0])
    return {"availability": theory.mean(p, lambda state: state[1]), "L": number, "W": number / 0.5}


@cache
def erlang_b_loaner_pool_insensitive() -> dict[str, float]:
    loss = theory.erlang_b(2.0 * 4.0, 10)
    return {"p_loss": loss, "carried": 2.0 * 4.0 * (1.0 - loss)}


@cache
def machine_repair_fleet_20_2() -> dict[str, float]:
    p = theory.birth_death(lambda down: 0.05 * (20 - down), lambda down: 0.5 * min(down, 2), 20)
    down = sum(n * chance for n, chance in enumerate(p))
    failures = 0.05 * (20 - down)
    return {
        "mean_down": down,
        "mean_operating": 20 - down,
        "availability": 1 - down / 20,
        "throughput": failures,
        "repair_utilisation": failures / (2 * 0.5),
        "W_down": down / failures,
        "p_all_up": p[0],
    }


@cache
def jackson_grade_teardown_rebuild_test() -> Expected:
    routing = [[0.0, 0.85, 0.0, 0.0], [0.0, 0.0, 0.9, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0, 0.12, 0.0, 0.0]]
    rates = theory.open_network([1, 0, 0, 0], routing)
    stations = [theory.multi_server(*each) for each in zip(rates, (1.6, 0.6, 0.55, 1.2), (1, 2, 2, 1), strict=True)]
    numbers = [station["L"] for station in stations]
    return {
        "arrival_rates": rates,
        "utilisation": [station["utilisation"] for station in stations],
        "L": numbers,
        "L_total": sum(numbers),
        "mean_sojourn_all_cores": sum(numbers) / 1.0,
        "good_output_rate": 0.88 * rates[3],
        "scrap_rate": 0.15 * rates[0] + 0.10 * rates[1],
    }


@cache
def mg_inf_products_in_use() -> dict[str, float]:
    life = theory.weibull_mean(2.5, 10.0)
    return {
        "mean_life": life,
        "in_use_mean": 40.0 * life,
        "in_use_variance": 40.0 * life,
        "returns_rate": 0.8 * 40.0,
        "in_return_pipeline_mean": 0.8 * 40.0 * 0.5,
    }


@cache
def transient_returns_by_year() -> dict[str, list[float]]:
    def ended(age: float) -> float:
        return 1.0 - math.exp(-((age / 10.0) ** 2.5))

    return {"expected_returns_per_year": [0.8 * 40.0 * theory.ended(ended, year, year + 1.0) for year in range(15)]}


@cache
def seasonal_returns_mt_m_inf() -> dict[str, list[float]]:
    """Convolve the rate with the exponential stay: a sine comes out weaker and later (Eick, Massey, Whitt 1993)."""
    turn, stay = 2 * math.pi, 0.5
    size, lag = 0.6 / math.hypot(1, turn * stay), math.atan(turn * stay)
    return {"mean_at_quarters": [10 * stay * (1 + size * math.sin(turn * t - lag)) for t in (0, 0.25, 0.5, 0.75)]}


@cache
def grade_thinning_poisson() -> Expected:
    means = [250 * 12.0 * share for share in (0.25, 0.4, 0.2, 0.15)]
    return {"mean_counts": means, "variance_counts": means, "covariance_between_grades": 0.0}


@cache
def base_stock_poisson_service_parts() -> dict[str, float]:
    pipeline = theory.poisson(1.5 * 6.0)
    backorders = theory.overshoot(pipeline, 12)
    return {
        "EBO": backorders,
        "on_hand": 12 - 9 + backorders,
        "fill_rate": sum(pipeline[:12]),
        "mean_wait": backorders / 1.5,
        "pipeline": 9.0,
    }


@cache
def metric_depot_3_bases() -> Expected:
    repair = theory.poisson(1.8 * 5.0)
    depot = theory.overshoot(repair, 9)
    exact, metric = [], []
    for rate, days, stock in ((0.4, 3.0, 3), (0.6, 3.0, 4), (0.8, 2.0, 4)):
        late = theory.share_of_backorders(repair, 9, rate / 1.8)
        exact.append(theory.overshoot(theory.summed(late, theory.poisson(rate * days)), stock))
        metric.append(theory.overshoot(theory.poisson(rate * (days + depot / 1.8)), stock))
    return {
        "depot_EBO": depot,
        "depot_delay": depot / 1.8,
        "base_EBO_exact": exact,
        "base_EBO_metric_approx": metric,
    }


@cache
def age_replacement_gearbox() -> dict[str, float]:
    def rate(age: float) -> float:
        return theory.replacement_cost(2.5, 250.0, age, failure=3500.0, preventive=1200.0)

    best = optimize.minimize_scalar(rate, bounds=(50.0, 500.0), method="bounded", options={"xatol": 1e-9})
    return {
        "T_opt": theory.cheapest_age(2.5, 250.0, failure=3500.0, preventive=1200.0),
        "cost_rate_opt": float(best.fun),
        "cost_rate_run_to_failure": 3500.0 / theory.weibull_mean(2.5, 250.0),
        "cost_rate_T_150": rate(150.0),
        "fraction_failed_T_150": -math.expm1(-((150.0 / 250.0) ** 2.5)),
    }


@cache
def minimal_repair_overhaul() -> dict[str, float]:
    """Cost (repair H(T) + overhaul) / T with H(T) = (T / scale) ** shape: the best H(T) is overhaul / repair / 1.5."""
    repairs = 1200.0 / 600.0 / (2.5 - 1.0)
    age = 250.0 * repairs ** (1 / 2.5)
    return {"T_opt": age, "cost_rate": (600.0 * repairs + 1200.0) / age, "repairs_per_cycle": repairs}


@cache
def warranty_renewals_gamma2() -> dict[str, list[float]]:
    """Sum the distribution functions of the k-th renewal, each a gamma law of shape 2 k."""
    horizons = (1, 3, 5, 10)
    counts = [sum(float(stats.gamma.cdf(t, 2 * k, scale=1 / 0.4)) for k in range(1, 60)) for t in horizons]
    return {"expected_replacements": counts}


@cache
def number_of_lives_max_3_reman() -> dict[str, float]:
    lives, reached = 1.0, 1.0
    for chance in (0.9, 0.75, 0.5):
        reached *= chance
        lives += reached
    return {"expected_lives": lives, "share_reaching_3_reman": reached, "new_units_share_of_demand": 1 / lives}


CASES: dict[str, Callable[[], Any]] = {
    case.__name__: case
    for case in (
        mm1_test_bench,
        mmc_inspection_3,
        mmck_receiving_dock,
        mg1_lognormal_teardown,
        md1_wash_line,
        mg1_gamma4_rebuild,
        mx_m1_truckload_of_5,
        mm1_breakdowns_test_rig,
        erlang_b_loaner_pool_insensitive,
        machine_repair_fleet_20_2,
        jackson_grade_teardown_rebuild_test,
        mg_inf_products_in_use,
        transient_returns_by_year,
        seasonal_returns_mt_m_inf,
        grade_thinning_poisson,
        base_stock_poisson_service_parts,
        metric_depot_3_bases,
        age_replacement_gearbox,
        minimal_repair_overhaul,
        warranty_renewals_gamma2,
        number_of_lives_max_3_reman,
    )
}
