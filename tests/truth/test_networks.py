"""Several stations: open and closed networks, little room, overflow, rework."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.records import EVENT_BITS, EVENTS
from sim.world import World
from tests.truth import known, theory
from tests.truth.conftest import Truth
from tests.truth.judge import Figures, judge, kpis

Pair = tuple[int, int]
STATIONS = ("grade", "teardown", "rebuild", "test")


# --- published ---


def with_all_up(world: World) -> Figures:
    """All figures, and from the table of events the share of the time with nothing in repair."""
    rows = world.log.events.read()
    events = rows["code"] & (1 << EVENT_BITS) - 1
    down, since, share = 0, 0.0, 0.0
    for day, event in zip(rows["day"].tolist(), events.tolist(), strict=True):
        if event in (EVENTS.index("arrived"), EVENTS.index("finished")):
            share += day - since if down == 0 else 0.0
            down += 1 if event == EVENTS.index("arrived") else -1
            since = day
    return kpis(world) | {"p_all_up": share / world.now}


def test_a_fleet_with_two_repair_crews_is_up_as_palm_says_also_in_the_events(truth: Truth) -> None:
    values, case = known.machine_repair_fleet_20_2(), truth("machine_repair_fleet_20_2")
    expected = {
        "fleet.number_mean": values["mean_operating"],
        "fleet.backorders_mean": values["mean_down"],
        "fleet.utilisation": values["availability"],
        "fleet.throughput_per_day": values["throughput"],
        "repair.number_mean": values["mean_down"],
        "repair.utilisation": values["repair_utilisation"],
        "repair.time_mean_days": values["W_down"],
        "p_all_up": values["p_all_up"],
    }

    judge(case.steady(with_all_up, events=True), expected, case.wanted)


def with_totals(world: World) -> Figures:
    """All figures, the units in all stations together, and the mean time of a core in the system, wherever it left."""
    figures = kpis(world)
    leaving = {sink: figures[f"{sink}.throughput_per_day"] for sink in ("good", "scrap")}
    stay = sum(rate * figures[f"{sink}.time_mean_days"] for sink, rate in leaving.items()) / sum(leaving.values())
    total = sum(figures[f"{station}.number_mean"] for station in STATIONS)
    return figures | {"L_total": total, "mean_sojourn_all_cores": stay}


def test_an_open_network_with_scrap_and_rework_is_as_full_as_jackson_says(truth: Truth) -> None:
    values: Any = known.jackson_grade_teardown_rebuild_test()
    case = truth("jackson_grade_teardown_rebuild_test")
    names = {"arrival_rates": "throughput_per_day", "utilisation": "utilisation", "L": "number_mean"}
    expected = {
        f"{station}.{name}": value
        for key, name in names.items()
        for station, value in zip(STATIONS, values[key], strict=True)
    }
    rates = {
        "good.throughput_per_day": values["good_output_rate"],
        "scrap.throughput_per_day": values["scrap_rate"],
    }
    totals = {key: values[key] for key in ("L_total", "mean_sojourn_all_cores")}

    judge(case.steady(with_totals), expected | rates | totals, case.wanted)


# --- of the same families ---


def test_spares_keep_machines_running(truth: Truth) -> None:
    p = theory.birth_death(lambda down: 0.1 * min(10, 13 - down), lambda down: 0.6 * min(down, 2), 13)
    down = sum(n * chance for n, chance in enumerate(p))
    running = sum(min(10, 13 - n) * chance for n, chance in enumerate(p))

    truth("machine_repair_with_spares").settles_at(
        {
            "fleet.number_mean": running,
            "fleet.on_hand_mean": 13 - down - running,
            "fleet.throughput_per_day": 0.1 * running,
            "repair.number_mean": down,
            "repair.time_mean_days": down / (0.1 * running),
        }
    )


def test_machines_that_take_spares_out_of_a_stock_wait_when_it_is_empty(truth: Truth) -> None:
    """Repairs side by side: only their mean counts, so a birth-death chain with as many servers as machines does."""
    p = theory.birth_death(lambda away: 0.1 * min(10, 14 - away), lambda away: away / 4, 14)
    away = sum(n * chance for n, chance in enumerate(p))
    running = sum(min(10, 14 - n) * chance for n, chance in enumerate(p))

    truth("spares_in_a_stock").settles_at(
        {
            "fleet.number_mean": running,
            "repair.number_mean": away,
            "spares.on_hand_mean": 14 - away - running,
            "spares.backorders_mean": 10 - running,
            "fleet.backorders_mean": 10 - running,
            "spares.wait_mean_days": (10 - running) / (0.1 * running),
        }
    )


def test_pallets_that_go_round_are_where_mean_value_analysis_says(truth: Truth) -> None:
    throughput, (wash, test) = theory.closed_network(6, 3.0, [1.0, 0.7])

    truth("closed_network_of_two_stations").settles_at(
        {
            "use.number_mean": 3.0 * throughput,
            "use.throughput_per_day": throughput,
            "wash.number_mean": wash,
            "wash.utilisation": throughput,
            "test.number_mean": test,
            "test.time_mean_days": test / throughput,
        }
    )


def test_a_station_that_cannot_pass_its_unit_on_stands_still(truth: Truth) -> None:
    """States: units in the first queue and server, units in the second; 4 there is 3 and one that blocks the first."""

    def moves(state: Pair) -> Iterator[tuple[Pair, float]]:
        first, second = state
        yield (first + 1, second), 0.5 if first < 150 else 0.0
        if first and second < 4:
            # the unit that blocks is counted with the second station, and its server is not free
            yield (first - 1, second + 1), 1.0
        if second:
            yield (first, second - 1), 1 / 0.9

    p = theory.stationary((0, 0), moves)
    blocked = theory.mean(p, lambda state: state[1] == 4)
    waiting = theory.mean(p, lambda state: state[0])

    truth("tandem_with_little_room").settles_at(
        {
            "teardown.number_mean": waiting + blocked,
            "teardown.time_mean_days": (waiting + blocked) / 0.5,
            "teardown.utilisation": 0.5,
            "wash.number_mean": theory.mean(p, lambda state: min(state[1], 3)),
            "wash.utilisation": 0.45,
            "done.time_mean_days": theory.mean(p, sum) / 0.5,
        }
    )


def test_a_blocked_station_turns_away_more(truth: Truth) -> None:
    """States as before; a unit that blocks the first station takes one of its three places."""

    def moves(state: Pair) -> Iterator[tuple[Pair, float]]:
        first, second = state
        yield (first + 1, second), 1.0 if first + (second == 3) < 3 else 0.0
        if first and second < 3:
            yield (first - 1, second + 1), 1.2
        if second:
            yield (first, second - 1), 0.9

    p = theory.stationary((0, 0), moves)
    full = theory.mean(p, lambda state: state[0] + (state[1] == 3) == 3)

    truth("tandem_that_turns_away").settles_at(
        {
            "teardown.loss_probability": full,
            "teardown.number_mean": theory.mean(p, lambda state: state[0] + (state[1] == 3)),
            "teardown.utilisation": (1 - full) / 1.2,
            "wash.number_mean": theory.mean(p, lambda state: min(state[1], 2)),
            "done.throughput_per_day": 1 - full,
        }
    )


def test_what_finds_no_place_overflows_in_bunches(truth: Truth) -> None:
    def moves(state: Pair) -> Iterator[tuple[Pair, float]]:
        first, second = state
        yield (first + 1, second) if first < 2 else (first, second + 1), 1.8 if second < 200 else 0.0
        yield (first - 1, second), 1.0 * first
        yield (first, second - 1), 1 / 0.7 if second else 0.0

    p = theory.stationary((0, 0), moves)
    loss = theory.erlang_b(1.8, 2)

    truth("overflow_to_a_second_station").settles_at(
        {
            "benches.loss_probability": loss,
            "benches.number_mean": 1.8 * (1 - loss),
            "old_bench.throughput_per_day": 1.8 * loss,
            "old_bench.number_mean": theory.mean(p, lambda state: state[1]),
        }
    )


def test_rework_stops_at_the_third_visit(truth: Truth) -> None:
    """Visits are classes of a Kelly network, so the product form holds (Kelly 1975)."""
    rebuilt = 0.4 * (1 + 0.3 + 0.09)

    truth("rework_three_times_at_most").settles_at(
        {
            "rebuild.throughput_per_day": rebuilt,
            "rebuild.number_mean": rebuilt / (1 - rebuilt),
            "test.number_mean": 0.1 * rebuilt,
            "good.throughput_per_day": 0.7 * rebuilt,
            "scrap.throughput_per_day": 0.4 * 0.3**3,
        }
    )
