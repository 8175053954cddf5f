"""What a planner may count on when something changes, under the luck that the theorem needs - and what he may not.

T: holds on every path. E: holds on average. F: known to fail, with a path that shows it.
"""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.config import Block, Case, Mark, Sink, Source, Station
from sim.laws import Constant, Exponential, Law, Lognormal
from sim.world import World
from tests.sim.networks import Network, run

DAYS = 400.0


def line(first: int, second: int, luck: Literal["job", "station"]) -> Network:
    """Two stations in a row, first come first served, with unlimited room."""
    return {
        "arrivals": Source(interarrival_days=Exponential(rate=1.5), to="teardown"),
        "teardown": Station(servers=first, service_days=Lognormal(mean=1.2, cv=1.0), to="rebuild", luck=luck),
        "rebuild": Station(servers=second, service_days=Lognormal(mean=1.1, cv=0.6), to="done", luck=luck),
        "done": Sink(),
    }


def reworked(servers: int, luck: Literal["job", "station"]) -> Network:
    """Teardown, and a rebuild that one in four fails and repeats, at most twice; what still fails is scrapped."""
    again: list[Case] = [Case(field="visits", below=2, to={"rebuild": 0.25, "good": 0.75}), Case(to="scrap")]
    return {
        "arrivals": Source(interarrival_days=Exponential(rate=1.8), to="teardown"),
        "teardown": Station(servers=servers, service_days=Exponential(mean=1.0), to="rebuild", luck=luck),
        "rebuild": Station(servers=2, service_days=Exponential(mean=0.8), to=again, luck=luck),
        "good": Sink(),
        "scrap": Sink(),
    }


def departed(world: World, block: str) -> int:
    return int(world.blocks[block].arrived)


@given(seed=st.integers(0, 2**20), day=st.floats(50.0, DAYS))
def test_one_more_server_in_a_line_lets_no_fewer_leave_by_any_day_where_luck_belongs_to_the_station(
    seed: int, day: float
) -> None:
    """T: Shanthikumar and Yao 1989. The n-th start takes the n-th time, whoever it is, so starts only move forward."""
    few, more, most = (
        departed(run(line(*servers, "station"), day, seed=seed), "done") for servers in ((2, 2), (3, 2), (3, 3))
    )

    assert few <= more <= most


def test_one_more_server_in_a_line_can_let_fewer_leave_where_luck_belongs_to_the_job() -> None:
    """F: each job comes to the second station no later, but a long one may then come before a short one."""
    few, more = (departed(run(line(servers, 2, "job"), 50.0, seed=10192), "done") for servers in (2, 3))

    assert (few, more) == (63, 62)


def test_with_rework_one_more_server_can_yield_fewer_good_units_where_luck_belongs_to_the_job() -> None:
    """F: another order of service gives other jobs the server at the end. On average the server still helps."""
    paths = [
        [departed(run(reworked(servers, "job"), 60.0, seed=seed), "good") for servers in (2, 3)] for seed in range(150)
    ]

    assert any(three < two for two, three in paths)
    assert sum(three for _, three in paths) > sum(two for two, _ in paths)


@pytest.mark.parametrize("share", [0.3, 0.4, 0.65])
def test_raising_the_share_of_the_best_grade_moves_units_from_the_next_one_only(share: float) -> None:
    """T: grades are cut from one uniform number of each unit."""

    def grades(best: float) -> dict[int, str]:
        mark = Mark(values=["A", "B", "C"], probabilities=[best, 0.75 - best, 0.25])
        network: dict[str, Block] = {
            "cores": Source(interarrival_days=Constant(value=1.0), marks={"grade": mark}, to="hold", limit=300),
            "hold": Station(service_days=Constant(value=1000.0), to="done"),
            "done": Sink(),
        }
        world = run(network, 400.0)
        return {unit.key: str((unit.marks or {})["grade"]) for unit in world.residents()}

    before, after = grades(0.25), grades(share)

    moved = {(before[key], after[key]) for key in before if before[key] != after[key]}
    assert moved == {("B", "A")}
    assert len(before) == len(after)


def waits(network: Network, block: str, seeds: range) -> float:
    """Mean wait over runs from different seeds."""
    found = [run(network, 2000.0, seed=seed, warm_up=200.0).kpis()[f"{block}.wait_mean_days"][0] for seed in seeds]
    return sum(found) / len(found)


def queue(rate: float, servers: int, service: Law) -> Network:
    return {
        "arrivals": Source(interarrival_days=Exponential(rate=rate), to="bench"),
        "bench": Station(servers=servers, service_days=service, to="done"),
        "done": Sink(),
    }


def test_two_lines_that_share_their_servers_wait_less() -> None:
    """E: Smith and Whitt 1981. Erlang's formula gives 4.0 days for one of two lines and 1.78 for both together."""
    service = Exponential(mean=1.0)
    apart, together = waits(queue(0.8, 1, service), "bench", range(8)), waits(queue(1.6, 2, service), "bench", range(8))

    assert together < apart
    assert together == pytest.approx(1.0 / (1.0 - 0.8) * 0.8**2 * 2 / (1 + 0.8) / 2, rel=0.15)


def test_a_service_that_never_varies_has_half_the_wait_of_an_exponential_one() -> None:
    """E: Pollaczek and Khinchine, (1 + cv^2) / 2."""
    steady, varying = (
        waits(queue(0.8, 1, law), "bench", range(8)) for law in (Constant(value=1.0), Exponential(mean=1.0))
    )

    assert steady / varying == pytest.approx(0.5, rel=0.15)
