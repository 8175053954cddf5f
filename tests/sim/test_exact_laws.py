"""Laws that hold exactly on every path of every network, whatever the luck.

The coupled runs at the end assume that the luck of a service belongs to the job.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ageing import REASONS
from sim.config import Lane, Population, Sink, Source, Station, Stock
from sim.laws import Constant, Exponential, Geometric, Lognormal, Uniform, Weibull
from sim.world import World
from tests.sim.alike import shuffled, stretched
from tests.sim.generated import EXAMPLES, cuts, networks
from tests.sim.networks import FEATURES, Network, Row, counters, figures, outcome, rows, run

HORIZON = 15.0


def assert_conserved(world: World) -> None:
    """Every unit made is gone or in exactly one block, and every block knows how many it holds."""
    residents = [unit.key for unit in world.residents()]

    assert world.created == world.gone + len(residents)
    assert len(set(residents)) == len(residents)
    assert {name: block.number for name, block in world.blocks.items()} == {
        name: len(list(world.inside(block))) for name, block in world.blocks.items()
    }


def assert_little(world: World) -> None:
    """Little's law on the path: the time integral of the number inside is the sum of the stays so far."""
    for block in world.blocks.values():
        so_far = sum(world.now - max(unit.since, block.began) for unit in world.inside(block))

        assert block.area_until(world.now) == pytest.approx(block.stay + so_far, rel=1e-9, abs=1e-9), block.name


def assert_same_elsewhere(network: Network, extended: Network) -> None:
    """Blocks that were added, and nothing else, may differ."""
    before, after = run(network, HORIZON), run(extended, HORIZON)

    assert [row for row in rows(after) if row[2] in network] == rows(before)
    assert {name: figure for name, figure in figures(after).items() if name.rpartition(".")[0] in network} == figures(
        before
    )


# --- conservation and Little's law ---


@EXAMPLES
@given(networks(), st.lists(cuts(), min_size=2, max_size=4))
def test_every_unit_made_is_gone_or_in_exactly_one_block(network: Network, days: list[float]) -> None:
    world = World(network, seed=5)
    assert_conserved(world)
    for day in sorted(days):
        world.run_until(day)
        assert_conserved(world)


@EXAMPLES
@given(networks(), cuts(), cuts())
def test_littles_law_holds_on_each_block_from_any_day_to_any_day(network: Network, one: float, other: float) -> None:
    world = run(network, max(one, other), warm_up=min(one, other))

    assert_little(world)


@pytest.mark.parametrize("network", FEATURES.values(), ids=FEATURES.keys())
def test_both_laws_hold_for_each_feature(network: Network) -> None:
    world = run(network, 200.0, warm_up=50.0)

    assert_conserved(world)
    assert_little(world)


# --- what changes nothing ---


@EXAMPLES
@given(networks(), st.data())
def test_a_block_that_is_reached_with_probability_zero_changes_nothing(network: Network, data: st.DataObject) -> None:
    movers = sorted(name for name, block in network.items() if not isinstance(block, Sink | Stock))
    changed = data.draw(st.sampled_from(movers))
    never = data.draw(st.sampled_from(["a_never", "zz_never"]))
    target = data.draw(st.sampled_from(sorted(name for name in network if name != "plant")))
    added = {never: Station(service_days=Exponential(mean=1.0), capacity=1, to=target)}

    assert_same_elsewhere(network, network | added | {changed: with_never(network[changed], never)})


def with_never(block: Any, never: str) -> Any:
    """Return the block with one more destination, of probability 0."""
    if isinstance(block.to, list):
        return replace(block, to=[*block.to[:-1], with_never(block.to[-1], never)])
    split = {block.to: 1.0} if isinstance(block.to, str) else block.to
    return replace(block, to={never: 0.0, **split})


@EXAMPLES
@given(networks(), st.sampled_from(["a_", "m_", "zz_"]))
def test_a_line_that_touches_no_other_changes_nothing_else(network: Network, prefix: str) -> None:
    line: Network = {
        f"{prefix}source": Source(interarrival_days=Constant(value=0.25), to=f"{prefix}bench"),
        f"{prefix}bench": Station(service_days=Exponential(mean=0.2), to=f"{prefix}end"),
        f"{prefix}end": Sink(),
    }

    assert_same_elsewhere(network, network | line)


@EXAMPLES
@given(networks(), st.randoms(use_true_random=False))
def test_the_order_of_the_file_changes_nothing(network: Network, random: Any) -> None:
    reordered = shuffled(network, lambda items: dict(random.sample(items, len(items))).items())

    assert list(reordered) != list(network) or reordered == network
    assert outcome(run(reordered, HORIZON)) == outcome(run(network, HORIZON))


@EXAMPLES
@given(networks(), st.lists(cuts(), max_size=6))
def test_the_pieces_in_which_a_world_runs_change_nothing(network: Network, days: list[float]) -> None:
    world = World(network, seed=3)
    for day in sorted(days):
        world.run_until(day)
        list(world.residents())
    world.run_until(HORIZON)

    assert outcome(world) == outcome(run(network, HORIZON))


@EXAMPLES
@given(networks())
def test_counters_alone_give_the_same_kpis_as_with_the_rows(network: Network) -> None:
    bare, full = counters(network, HORIZON), run(network, HORIZON)

    assert rows(bare) == []
    assert figures(bare) == figures(full)
    assert (bare.created, bare.gone) == (full.created, full.gone)


# --- luck ---


@EXAMPLES
@given(networks(), st.integers(0, 2**31), st.integers(0, 1000))
def test_the_same_seed_and_replication_give_the_same_run(network: Network, seed: int, replication: int) -> None:
    one, other = (run(network, HORIZON, seed=seed, replication=replication) for _ in range(2))

    assert outcome(one) == outcome(other)


@pytest.mark.parametrize("network", FEATURES.values(), ids=FEATURES.keys())
def test_another_seed_and_another_replication_give_other_runs(network: Network) -> None:
    runs = [rows(run(network, HORIZON, seed=seed, replication=number)) for seed in (1, 2) for number in (0, 1)]

    assert all(one != other for place, one in enumerate(runs) for other in runs[:place])


# --- time ---


@EXAMPLES
@given(networks(shifts=False), st.integers(-7, 7))
def test_time_scales_by_powers_of_two_to_the_last_bit(network: Network, power: int) -> None:
    factor = 2.0**power
    plain = run(network, HORIZON, warm_up=3.0)
    scaled = run(stretched(network, factor), HORIZON * factor, warm_up=3.0 * factor)
    by_unit = {"days": factor, "units/day": 1.0 / factor, "1/day": 1.0 / factor}

    assert rows(scaled) == [(day * factor, *what) for day, *what in rows(plain)]
    assert figures(scaled) == {
        name: ((value * by_unit.get(unit, 1.0)).hex(), unit) for name, (value, unit) in plain.kpis().items()
    }


@EXAMPLES
@given(networks())
def test_rows_are_ordered_in_time(network: Network) -> None:
    days = [day for day, *_ in rows(run(network, HORIZON))]

    assert days == sorted(days)
    assert all(0.0 <= day < HORIZON for day in days)


# --- histories ---

FOLLOWS = {
    "": {"created"},
    "created": {"arrived", "lost", "sent", "stocked", "installed", "spared", "blocked", "left"},
    "arrived": {"started"},
    "started": {"interrupted", "finished"},
    "interrupted": {"interrupted", "finished"},
    "finished": {"blocked", "arrived", "lost", "sent", "stocked", "installed", "spared", "left"},
    "blocked": {"arrived"},
    "lost": {"arrived", "lost", "left"},
    "sent": {"departed", "blocked", "arrived", "lost", "sent", "stocked", "installed", "spared", "left"},
    "departed": {"blocked", "arrived", "lost", "sent", "stocked", "installed", "spared", "left"},
    "stocked": {"issued"},
    "issued": {"arrived", "sent", "stocked", "installed", "spared", "left"},
    "installed": set(REASONS),
    **{reason: {"removed"} for reason in REASONS},
    "failed": {"removed", "maintained"},
    "maintained": set(REASONS),
    "spared": {"installed"},
    "removed": {"blocked", "arrived", "lost", "sent", "stocked", "installed", "spared", "left"},
    "left": set(),
}
"""What may happen to a unit next. A wait at a full block ends with the arrival there."""

BY_ORDER_OR_BY_PARTIES = {"recalled", "retired", "degraded"}
"""Events that blocks alone never write."""

AT_ONE_BLOCK = {"started", "interrupted", "finished", "departed", "issued", "removed", "maintained", *REASONS}
"""Events that happen where the unit already was."""


def histories(table: list[Row]) -> dict[int, list[Row]]:
    """Return the rows of each unit, in the order of the table; demands are of blocks, not of units."""
    of_units = sorted((row for row in table if row[3] != "demanded"), key=lambda row: row[1])
    return {unit: list(found) for unit, found in groupby(of_units, key=lambda row: row[1])}


def assert_legal(history: list[Row], network: Network) -> None:
    events = ["", *(event for *_, event in history)]
    for before, after in pairwise(events):
        assert after in FOLLOWS[before], history
    for (_, _, here, _), (_, _, there, event) in pairwise(history):
        if event in AT_ONE_BLOCK:
            assert here == there, history
    assert all(isinstance(network[block], Sink) for *_, block, event in history if event == "left")


@EXAMPLES
@given(networks())
def test_the_history_of_every_unit_is_legal(network: Network) -> None:
    world = run(network, HORIZON)
    found = histories(rows(world))
    inside = {unit.key for unit in world.residents()}

    assert len(found) == world.created
    for unit, history in found.items():
        assert_legal(history, network)
        assert (unit in inside) == (history[-1][3] not in {"left", "lost"})


@pytest.mark.parametrize("network", FEATURES.values(), ids=FEATURES.keys())
def test_the_histories_of_each_feature_are_legal(network: Network) -> None:
    for history in histories(rows(run(network, 100.0))).values():
        assert_legal(history, network)


# --- coupling: with the same luck, worse is never better ---

FAMILIES = {
    "constant": lambda mean: Constant(value=mean),
    "exponential": lambda mean: Exponential(mean=mean),
    "lognormal": lambda mean: Lognormal(mean=mean, cv=1.2),
    "uniform": lambda mean: Uniform(high=2.0 * mean),
    "weibull": lambda mean: Weibull(shape=0.8, mean=mean),
}


def departures(family: str, mean: float, servers: int, arrivals: Source) -> dict[int, float]:
    """Return the day on which each unit leaves a first-come-first-served station with room for all."""
    network: Network = {
        "arrivals": replace(arrivals, to="bench", limit=30),
        "bench": Station(servers=servers, service_days=FAMILIES[family](mean), to="done"),
        "done": Sink(),
    }
    return {unit: day for day, unit, _, event in rows(run(network, 1e5)) if event == "left"}


def arrival_processes() -> st.SearchStrategy[Source]:
    return st.builds(
        Source,
        interarrival_days=st.sampled_from([Exponential(mean=1.0), Constant(value=1.0), Uniform(high=1.5)]),
        batch=st.sampled_from([None, Geometric(mean=2.0)]),
        to=st.just("bench"),
    )


@EXAMPLES
@given(
    st.sampled_from(sorted(FAMILIES)),
    st.floats(0.05, 5.0),
    st.floats(1.0, 3.0),
    st.integers(1, 4),
    arrival_processes(),
)
def test_a_longer_service_never_lets_a_unit_leave_earlier(
    family: str, mean: float, factor: float, servers: int, arrivals: Source
) -> None:
    short, long = (departures(family, mean * by, servers, arrivals) for by in (1.0, factor))

    assert short.keys() == long.keys()
    assert all(short[unit] <= long[unit] for unit in short)


@EXAMPLES
@given(st.sampled_from(sorted(FAMILIES)), st.floats(0.05, 5.0), st.integers(1, 4), arrival_processes())
def test_one_more_server_never_lets_a_unit_leave_later(
    family: str, mean: float, servers: int, arrivals: Source
) -> None:
    few, many = (departures(family, mean, number, arrivals) for number in (servers, servers + 1))

    assert few.keys() == many.keys()
    assert all(many[unit] <= few[unit] for unit in few)


@EXAMPLES
@given(st.sampled_from(sorted(FAMILIES)), st.floats(0.05, 3.0), st.integers(1, 3), arrival_processes())
def test_a_station_with_lanes_of_no_length_around_it_is_the_station(
    family: str, mean: float, servers: int, arrivals: Source
) -> None:
    bench = Station(servers=servers, service_days=FAMILIES[family](mean), to="done")
    plain: Network = {"arrivals": replace(arrivals, limit=30), "bench": bench, "done": Sink()}
    nothing = Lane(days=Constant(value=0.0), to="bench")
    detour = plain | {"arrivals": replace(arrivals, limit=30, to="way"), "way": nothing}

    for event in ("started", "left"):
        direct, by_lane = (
            {unit: day for day, unit, _, what in rows(run(network, 1e5)) if what == event}
            for network in (plain, detour)
        )
        assert direct == by_lane


# --- the generated networks are worth their name ---


def test_generated_networks_hold_every_kind_of_block_and_every_event() -> None:
    kinds: set[type] = set()
    events: set[str] = set()

    @EXAMPLES
    @given(networks())
    def look(network: Network) -> None:
        kinds.update(type(block) for block in network.values())
        events.update(event for *_, event in rows(run(network, HORIZON)))

    look()

    assert kinds == {Source, Population, Station, Stock, Lane, Sink}
    assert events >= set(FOLLOWS) - {"", *BY_ORDER_OR_BY_PARTIES} | {"demanded"}
