"""Every draw is a function of what it is for: nothing that is added to a scenario changes the draws of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import streams
from sim.config import Sink, Station
from sim.laws import Exponential
from sim.log import Log
from sim.parties.config import Dismantler, Fleet
from sim.parties.expand import expand, qualified
from sim.streams import SEQUENCE_BITS, Bundle, Stream, Streams, number_names
from sim.world import World
from tests.sim.generated import EXAMPLES, networks
from tests.sim.networks import FEATURES, QUEUE, TAXIS, Network, rows, run

Draws = dict[tuple[str, int, int], Any]
"""Uniform by stream, unit and occurrence; of a bundle, all that it says of the unit."""

HORIZON = 15.0


class Recorder:
    """A stream, or a bundle of them, that notes every draw; one that is made twice must come out the same."""

    def __init__(self, stream: Stream | Bundle, name: str, draws: Draws) -> None:
        self._stream = stream
        self._name = name
        self._draws = draws

    def uniform(self, unit: int, occurrence: int = 0) -> Any:
        drawn = self._stream(unit, occurrence)
        assert self._draws.setdefault((self._name, unit, occurrence), drawn) == drawn
        return drawn

    __call__ = uniform

    def block(self, unit: int, occurrence: int = 0) -> Any:
        drawn = self._stream.block(unit, occurrence)
        whole = (f"{self._name}, a block", unit >> 8, occurrence)
        assert self._draws.setdefault(whole, drawn.tobytes()) == drawn.tobytes()
        return drawn


@contextmanager
def recording() -> Iterator[Draws]:
    """Note all draws of the worlds that are made meanwhile."""
    draws: Draws = {}
    plain, together = Streams.open, Streams.bundle

    def bundle(self: Streams, names: Iterable[str], law: Any = None) -> Recorder:
        names = list(names)
        return Recorder(together(self, names, law), " ".join(names), draws)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Streams, "open", lambda self, name: Recorder(plain(self, name), name, draws))
        patch.setattr(Streams, "bundle", bundle)
        yield draws


def draws_of(network: Network, days: float = HORIZON, **given_: Any) -> Draws:
    """Return all draws of a run."""
    with recording() as draws:
        World(network, **({"seed": 3} | given_)).run_until(days)
    return draws


def party(name: str, network: Network) -> Network:
    """Return the blocks of a network as those of one party."""
    return {f"{name}.{block}": qualified(config, name, network) for block, config in network.items()}


def common(one: Draws, other: Draws) -> set[tuple[str, int, int]]:
    """Return the draws that both runs made, all of which must be equal."""
    both = one.keys() & other.keys()
    assert {key for key in both if one[key] != other[key]} == set()
    return both


# --- what is added ---


@EXAMPLES
@given(networks(), networks(), st.sampled_from(["a", "rival", "zz"]))
def test_adding_a_party_changes_no_draw_of_the_others(network: Network, other: Network, name: str) -> None:
    alone = draws_of(party("north", network))
    beside = draws_of(party("north", network) | party(name, other))

    assert {key: drawn for key, drawn in beside.items() if key[0].startswith("north.")} == alone


def test_adding_parties_to_a_chain_changes_no_draw_that_is_made_with_and_without_them() -> None:
    larger = replace(
        TAXIS,
        parties=dict(TAXIS.parties)
        | {"vans": Fleet(vehicles=20, duty="taxi"), "east": Dismantler(crews=2), "zulu": Dismantler(crews=1)},
    )
    before, after = (draws_of(expand(one), 200.0, sections=one) for one in (TAXIS, larger))
    lives = {key for key in before if key[0].startswith("product.")}

    assert len(common(before, after)) > 0.7 * len(before)
    assert lives & after.keys()


@EXAMPLES
@given(networks())
def test_a_logger_changes_no_draw(network: Network) -> None:
    assert draws_of(network, log=Log(events=False)) == draws_of(network)


def test_a_log_on_disk_changes_no_draw_and_no_row(tmp_path: Path) -> None:
    network = FEATURES["conditions"]
    with recording() as draws:
        written = World(network, seed=3, log=Log(tmp_path))
        written.run_until(HORIZON)

    assert draws == draws_of(network)
    assert rows(written) == rows(run(network, HORIZON))


@EXAMPLES
@given(networks(), st.floats(0.0, HORIZON))
def test_looking_at_a_running_world_changes_no_draw(network: Network, day: float) -> None:
    with recording() as watched:
        world = World(network, seed=3)
        world.run_until(day)
        world.kpis()
        list(world.residents())
        world.log.events.read()
        world.run_until(HORIZON)

    assert watched == draws_of(network)


@EXAMPLES
@given(networks())
def test_a_route_of_probability_zero_changes_no_draw(network: Network) -> None:
    leak = {"a_leak": Sink()}
    changed = {
        name: replace(block, to={"a_leak": 0.0, block.to: 1.0})
        for name, block in network.items()
        if isinstance(getattr(block, "to", None), str)
    }
    before, after = draws_of(network), draws_of(network | leak | changed)

    assert before.items() <= after.items()
    assert all(key[0].endswith(".route") for key in after.keys() - before.keys())


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_a_route_that_takes_some_units_away_changes_no_draw_of_those_that_stay(share: float) -> None:
    leak: Network = {
        "arrivals": replace(QUEUE["arrivals"], to={"bench": 1.0 - share, "detour": share}),
        "detour": Station(service_days=Exponential(mean=1.0), to="done"),
    }
    before, after = draws_of(QUEUE), draws_of(QUEUE | leak)
    times = {key for key in before if key[0] == "arrivals.interarrival"}
    served = {key for key in after if key[0] == "bench.service"}

    assert times <= common(before, after)
    assert all(after[key] == before[key] for key in served & before.keys())
    assert bool(served) == (share < 1.0)


@EXAMPLES
@given(networks(), st.integers(1, 50))
def test_a_replication_changes_no_draw_of_another(network: Network, number: int) -> None:
    alone = draws_of(network)
    other = draws_of(network, replication=number)

    assert draws_of(network, replication=0) == alone
    assert {key for key in alone.keys() & other.keys() if alone[key] == other[key]} == set()


def test_replications_that_run_side_by_side_do_not_meet() -> None:
    worlds = [World(FEATURES["fleets"], seed=3, replication=number) for number in range(3)]
    for day in range(1, 16):
        for world in worlds:
            world.run_until(float(day))

    for number, world in enumerate(worlds):
        assert rows(world) == rows(run(FEATURES["fleets"], HORIZON, replication=number))


# --- common random numbers ---


@pytest.mark.parametrize("servers", [1, 2, 7])
def test_the_luck_of_a_job_does_not_ask_how_many_serve(servers: int) -> None:
    before, after = (draws_of(QUEUE | {"bench": replace(QUEUE["bench"], servers=number)}) for number in (3, servers))

    assert {key for key in common(before, after) if key[0] == "bench.service"}


def test_each_visit_of_a_unit_has_luck_of_its_own() -> None:
    rework: Network = QUEUE | {"bench": replace(QUEUE["bench"], to={"bench": 0.5, "done": 0.5})}
    draws = draws_of(rework)
    visits: dict[int, set[float]] = {}
    for (stream, unit, _), drawn in draws.items():
        if stream == "bench.service":
            visits.setdefault(unit, set()).add(drawn)
    counted = {unit: sum(key[0] == "bench.service" and key[1] == unit for key in draws) for unit in visits}

    assert max(counted.values()) > 2
    assert {unit: len(drawn) for unit, drawn in visits.items()} == counted


def test_the_luck_of_a_station_belongs_to_the_number_of_its_start() -> None:
    network: Network = QUEUE | {"bench": replace(QUEUE["bench"], luck="station")}
    numbers = number_names(network)
    drawn = [key for key in draws_of(network) if key[0] == "bench.service"]

    assert [unit for _, unit, _ in drawn] == [numbers["bench"] << SEQUENCE_BITS | start for start in range(len(drawn))]


# --- the source itself ---


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 3)), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_a_draw_does_not_depend_on_the_draws_before_it(asked: list[tuple[int, int]], random: Any) -> None:
    owners = number_names(["north", "south"])
    keys = [(owners["south"] << SEQUENCE_BITS | unit, occurrence) for unit, occurrence in asked]
    first, second = (Streams(7, 0, owners).open("bench.service") for _ in range(2))

    drawn = {key: first(*key) for key in keys}

    assert {key: second(*key) for key in random.sample(keys, len(keys))} == drawn


def test_dropping_the_cache_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = rows(run(FEATURES["conditions"], HORIZON))
    monkeypatch.setattr(streams, "_CACHED_BLOCKS", 1)

    assert rows(run(FEATURES["conditions"], HORIZON)) == expected


def test_seed_replication_stream_and_owner_each_make_another_draw() -> None:
    cases = [(7, 0, "a", "x"), (8, 0, "a", "x"), (7, 1, "a", "x"), (7, 0, "b", "x"), (7, 0, "a", "y")]
    owners = number_names(["x", "y"])
    drawn = {
        Streams(seed, number, owners).open(name)(owners[owner] << SEQUENCE_BITS) for seed, number, name, owner in cases
    }

    assert len(drawn) == len(cases)
