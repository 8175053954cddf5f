"""One station with a queue: what Erlang, Pollaczek, Khinchine, Crommelin and their successors proved."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.records import EVENT_BITS, EVENTS
from sim.world import World
from tests.truth import known, theory
from tests.truth.conftest import Truth
from tests.truth.judge import Figures, judge, kpis


def queue(block: str, values: Figures) -> Figures:
    """Return a theory's values under the names of a block's figures."""
    names = {
        "utilisation": "utilisation",
        "L": "number_mean",
        "Lq": "queue_mean",
        "W": "time_mean_days",
        "Wq": "wait_mean_days",
        "p_wait": "wait_probability",
        "p_block": "loss_probability",
        "p_loss": "loss_probability",
        "throughput": "throughput_per_day",
    }
    return {f"{block}.{names[key]}": value for key, value in values.items() if key in names}


def in_days(values: Figures) -> Figures:
    """Return values whose times are in hours with times in days."""
    return {key: value / 24.0 if key in ("W", "Wq") else value for key, value in values.items()}


# --- published ---


def test_a_bench_at_80_percent_load_waits_as_kleinrock_says(truth: Truth) -> None:
    truth("mm1_test_bench").settles_at(queue("bench", known.mm1_test_bench()))


def with_long_waits(world: World) -> Figures:
    """All figures, and from the table of events the share of units that wait more than half an hour."""
    rows = world.log.events.read()
    events = rows["code"] & (1 << EVENT_BITS) - 1
    arrived, started = (
        dict(zip(rows["unit"][chosen].tolist(), rows["day"][chosen].tolist(), strict=True))
        for chosen in (events == EVENTS.index("arrived"), events == EVENTS.index("started"))
    )
    waits = np.array([started[unit] - arrived[unit] for unit in started])
    return kpis(world) | {"p_wait_over_0.5": float((waits > 0.5 / 24.0).mean())}


def test_three_inspectors_wait_as_erlang_says_also_in_the_events(truth: Truth) -> None:
    values, case = known.mmc_inspection_3(), truth("mmc_inspection_3")
    long = {"p_wait_over_0.5": values["p_wait_over_0.5"]}

    judge(case.steady(with_long_waits, events=True), queue("inspection", in_days(values)) | long, case.wanted)


def test_a_dock_with_six_places_turns_away_what_the_product_form_says(truth: Truth) -> None:
    values = known.mmck_receiving_dock()
    turned_away = 3.0 * values["p_block"]

    truth("mmck_receiving_dock").settles_at(queue("dock", values) | {"elsewhere.throughput_per_day": turned_away})


@pytest.mark.parametrize(
    ("case", "station"),
    [("mg1_lognormal_teardown", "teardown"), ("md1_wash_line", "wash"), ("mg1_gamma4_rebuild", "rebuild")],
)
def test_a_server_with_any_law_of_service_waits_as_pollaczek_says(truth: Truth, case: str, station: str) -> None:
    truth(case).settles_at(queue(station, known.CASES[case]()))


def test_truckloads_of_five_queue_as_bulk_arrivals_do(truth: Truth) -> None:
    truth("mx_m1_truckload_of_5").settles_at(queue("bench", known.mx_m1_truckload_of_5()))


@pytest.mark.parametrize("law", ["constant", "exponential", "lognormal"])
def test_loaners_run_out_as_often_whatever_the_law_of_the_loans(truth: Truth, law: str) -> None:
    values = known.erlang_b_loaner_pool_insensitive()
    case = truth("erlang_b_loaner_pool_insensitive")

    case.settles_at(queue(f"loans_{law}", values) | {f"loans_{law}.number_mean": values["carried"]})


# --- of the same families ---


def test_a_bench_with_five_places_serves_what_finds_one(truth: Truth) -> None:
    truth("mm1_room_for_five").settles_at(queue("bench", theory.finite_places(1.2, 1.0, 1, 5)))


def test_a_truckload_leaves_what_finds_no_place(truth: Truth) -> None:
    places, rate = 5, 0.4
    p = theory.stationary(0, lambda n: [(min(n + 3, places), rate), *([(n - 1, 1.0)] if n else [])])
    turned_away = theory.mean(p, lambda n: max(0, n + 3 - places)) / 3
    number = theory.mean(p, float)
    values = {"p_loss": turned_away, "L": number, "W": number / (3 * rate * (1 - turned_away))}

    truth("mx_m1_room_for_five").settles_at(queue("bench", values))


def test_five_benches_wait_as_erlang_says(truth: Truth) -> None:
    truth("mmc_five_servers").settles_at(queue("hall", theory.multi_server(3.0, 1.0, 5)))


def test_two_servers_with_constant_work_wait_as_crommelin_says(truth: Truth) -> None:
    truth("mdc_two_washers").settles_at(queue("wash", theory.constant_service(1.5, 1.0, 2)))


def test_arrivals_that_are_not_random_wait_by_the_root_of_their_equation(truth: Truth) -> None:
    even = theory.renewal_arrivals(lambda s: (2.4 / (2.4 + s)) ** 3, 1 / 1.25, 1.25)
    uniform = theory.renewal_arrivals(lambda s: -math.expm1(-3.0 * s) / (3.0 * s), 1 / 1.5, 1.25)
    bunched = theory.renewal_arrivals(lambda s: 0.6 * 2 / (2 + s) + 0.4 * 0.25 / (0.25 + s), 1 / 1.9, 1.25)

    truth("gm1_regular_and_bunched_arrivals").settles_at(
        queue("bench_even", even) | queue("bench_uniform", uniform) | queue("bench_bunched", bunched)
    )


def test_easy_and_hard_repairs_wait_alike_as_a_mixture_of_laws_and_as_marks(truth: Truth) -> None:
    second = 2 * (0.8 * 0.5**2 + 0.2 * 3.0**2)
    values = theory.single_server(0.4, 1.0, math.sqrt(second - 1.0))

    truth("mh2_1_easy_and_hard_repairs").settles_at(queue("by_law", values) | queue("by_mark", values))


def test_neither_the_order_of_service_nor_the_owner_of_luck_changes_the_means(truth: Truth) -> None:
    values = theory.multi_server(0.4, 1.0)
    blocks = ("fifo", "lifo", "station_luck")

    truth("mm1_order_and_luck_do_not_matter").settles_at(
        {name: value for block in blocks for name, value in queue(block, values).items()}
    )


def test_the_number_present_depends_on_the_mean_stay_only(truth: Truth) -> None:
    blocks = ("gamma", "uniform", "lane")

    truth("mg_inf_any_law").settles_at({f"{block}.number_mean": 12.0 for block in blocks})
