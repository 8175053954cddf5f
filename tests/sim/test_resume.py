"""A world that was saved and resumed goes on as if it had never stopped: the same rows and KPIs, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import snapshot as saving
from sim.config import Block
from sim.engine import REVIEW, Entry
from sim.parties.agreed import Policies
from sim.parties.expand import expand
from sim.records import Unit
from sim.snapshot import fill, read, snapshot, write
from sim.world import World
from tests.sim.generated import EXAMPLES, cuts, networks
from tests.sim.networks import FEATURES, QUEUE, TAXIS, Network, figures, outcome, rows, run

HORIZON = 30.0
WARM_UP = 5.0


def through_text(world: World) -> World:
    """Return the world again, by way of the text of its snapshot."""
    return World.restore(world.network, json.loads(json.dumps(snapshot(world), allow_nan=False)))


def stopped(network: Mapping[str, Block], days: list[float], until: float) -> tuple[list[Any], World]:
    """Return the rows and the last world of a run that is saved, dropped and resumed at the warm-up and at each day."""
    world, seen = World(network, seed=3), []
    for day in sorted({WARM_UP, *days}):
        world.run_until(day)
        if day == WARM_UP:
            world.count_from_now()
        seen += rows(world)
        world = through_text(world)
    world.run_until(until)
    return seen + rows(world), world


@pytest.mark.parametrize("network", FEATURES.values(), ids=FEATURES.keys())
def test_a_resumed_run_of_each_feature_equals_the_uninterrupted_one(network: Network) -> None:
    whole = run(network, HORIZON, warm_up=WARM_UP)

    seen, world = stopped(network, [0.0, *(float(day) for day in range(1, 30, 2))], HORIZON)

    assert len(seen) > 50
    assert seen == rows(whole)
    assert figures(world) == figures(whole)
    assert snapshot(world) == snapshot(whole)


@EXAMPLES
@given(networks(), st.lists(cuts(), min_size=1, max_size=3))
def test_a_resumed_run_of_any_network_equals_the_uninterrupted_one(network: Network, days: list[float]) -> None:
    whole = run(network, 15.0, warm_up=WARM_UP)

    seen, world = stopped(network, days, 15.0)

    assert seen == rows(whole)
    assert figures(world) == figures(whole)
    assert snapshot(world) == snapshot(whole)


@EXAMPLES
@given(networks(), cuts())
def test_a_snapshot_of_what_a_snapshot_brought_back_is_the_same(network: Network, day: float) -> None:
    world = run(network, day)

    assert snapshot(through_text(world)) == snapshot(world)


def test_a_world_that_was_saved_runs_on_as_one_that_was_not() -> None:
    world = run(QUEUE, 5.0)
    snapshot(world)
    world.run_until(HORIZON)

    assert outcome(world) == outcome(run(QUEUE, HORIZON))


def test_counting_that_began_after_a_warm_up_goes_on() -> None:
    world = through_text(run(QUEUE, 12.0, warm_up=7.5))
    world.run_until(HORIZON)

    assert figures(world) == figures(run(QUEUE, HORIZON, warm_up=7.5))


def test_the_log_of_a_resumed_world_begins_with_what_follows() -> None:
    world = through_text(run(QUEUE, 5.0))

    assert rows(world) == []


def test_a_saved_world_comes_back_from_its_file(tmp_path: Path) -> None:
    world = run(QUEUE, 5.0)
    world.save(tmp_path / "world.json")
    back = World.resume(QUEUE, tmp_path / "world.json")
    back.run_until(HORIZON)

    assert figures(back) == figures(run(QUEUE, HORIZON))
    assert [path.name for path in tmp_path.iterdir()] == ["world.json"]


def tables(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Return all tables of a log, as rows; a NaN in words, so that it equals itself."""
    return {
        name: [tuple(map(str, row)) for row in zip(*(column.tolist() for column in table.read().values()), strict=True)]
        for name, table in {"events": world.log.events, **world.log.tables}.items()
    }


def test_a_chain_of_parties_resumes_with_its_bodies_its_money_and_what_was_ordered() -> None:
    network = expand(TAXIS)
    whole, world = (World(network, seed=3, sections=TAXIS) for _ in range(2))
    for one in (whole, world):
        one.run_until(90.0)
        one.count_from_now()
        while not (graded := list(one.inside(one.blocks["north.grading"]))):
            one.run_until(one.now + 0.25)
        one.order_test(graded[0].key, "rig")
    before = tables(world)
    back = World.restore(network, json.loads(json.dumps(snapshot(world), allow_nan=False)), sections=TAXIS)
    for one in (whole, back):
        one.run_until(300.0)
        one.close_books()

    assert {name: before[name] + after for name, after in tables(back).items()} == tables(whole)
    assert figures(back) == figures(whole)
    assert snapshot(back) == snapshot(whole)
    assert any("order" in row for row in tables(back)["decisions"])


def test_a_chain_with_other_terms_is_refused() -> None:
    network = expand(TAXIS)
    saved = snapshot(World(network, seed=3, sections=TAXIS))

    with pytest.raises(ValueError, match="saved with another sections"):
        World.restore(network, saved, sections=replace(TAXIS, policies=Policies(bench_limit=0.5)))


# --- what is pending ---


def test_a_cancelled_event_is_not_saved() -> None:
    world = World(QUEUE, seed=3)
    entry = world.engine.at(2.0, REVIEW, 0, world.blocks["bench"].finish)
    entry.cancel()

    assert len(snapshot(world)["calendar"]) == len(world.engine.queue) - 1


def test_a_server_still_knows_the_event_that_it_may_cancel() -> None:
    world = through_text(run(FEATURES["breakdowns"], 4.1))
    pending = {id(item[3]) for item in world.engine.pending()}
    known = [
        entry
        for name in ("press", "drill")
        for server in world.blocks[name].pool
        for entry in (server.entry, server.failure)
        if entry is not None
    ]

    assert len(known) > 2
    assert all(id(entry) in pending for entry in known)


def test_a_unit_is_one_unit_wherever_it_is_mentioned() -> None:
    world = next(
        world
        for world in (run(FEATURES["blocking"], float(day)) for day in range(5, 40))
        if any(getattr(block, "outside", None) for block in world.blocks.values())
    )
    back = through_text(world)
    waiting = [unit for block in back.blocks.values() for unit, _ in getattr(block, "outside", ())]
    held = {id(unit) for block in back.blocks.values() for unit in getattr(block, "held", ())}

    assert waiting
    assert all(id(unit) in held for unit in waiting)


# --- parts that join later ---


class Odometer:
    """A body of a unit, as a product model might give it."""

    STATE = ("distance", "readings", "by_place")
    __slots__ = STATE

    def __init__(self, distance: float) -> None:
        self.distance = distance
        self.readings: list[tuple[float, str]] = []
        self.by_place: dict[int, float] = {}


class Garage:
    """An extension that gives every unit a body and has an event of its own on the calendar."""

    STATE = ("checked", "first", "next_check")
    MADE: ClassVar = {"Odometer": Odometer}
    name = "garage"

    def __init__(self, world: World) -> None:
        self.world = world
        self.checked = 0
        self.first: Unit | None = None
        self.next_check: Entry | None = None

    def check(self, entry: Entry) -> None:
        day, number = entry.unit
        self.checked += 1
        for unit in self.world.residents():
            self.first = self.first or unit
            unit.body = unit.body or Odometer(float("inf") if number == 1 else number / 3.0)
            unit.body.readings.append((day, "checked"))
            unit.body.by_place[number] = float("nan")
        self.next_check = self.world.engine.at(day + 1.0, REVIEW, 0, self.check, (day + 1.0, number + 1))


def with_garage(network: Network, *, begin: bool) -> World:
    world = World(network, seed=3, begin=begin)
    world.extensions["garage"] = Garage(world)
    return world


def test_an_extension_and_the_bodies_it_made_come_back() -> None:
    world = with_garage(QUEUE, begin=True)
    garage = world.extensions["garage"]
    garage.check(Entry(None, (0.5, 0)))
    world.run_until(6.25)
    text = json.dumps(snapshot(world), allow_nan=False)
    back = with_garage(QUEUE, begin=False)
    fill(back, json.loads(text))
    for one in (world, back):
        one.run_until(9.0)

    assert back.extensions["garage"].checked == garage.checked == 9
    assert back.extensions["garage"].first.key == garage.first.key
    assert snapshot(back) == snapshot(world)
    assert any(item[3] is back.extensions["garage"].next_check for item in back.engine.pending())


def test_what_cannot_be_saved_is_named_with_its_place() -> None:
    world = with_garage(QUEUE, begin=True)
    world.extensions["garage"].first = {1, 2}

    with pytest.raises(TypeError, match=r"Garage\.first: a set cannot be saved"):
        snapshot(world)


def test_a_part_that_nobody_makes_is_refused() -> None:
    world = with_garage(QUEUE, begin=True)
    saved = snapshot(world)
    saved["extensions"]["garage"]["first"] = {"object": "Stranger", "state": {}}

    with pytest.raises(ValueError, match="holds a Stranger, which neither"):
        fill(with_garage(QUEUE, begin=False), saved)


# --- what is refused ---


def test_a_snapshot_of_other_blocks_is_refused() -> None:
    saved = snapshot(run(QUEUE, 5.0))

    with pytest.raises(ValueError, match="saved with another network"):
        World.restore(FEATURES["loss"], saved)


@pytest.mark.parametrize("made", [{"seed": 4}, {"seed": 3, "replication": 1}])
def test_a_snapshot_of_another_luck_is_refused(made: dict[str, int]) -> None:
    saved = snapshot(run(QUEUE, 5.0))

    with pytest.raises(ValueError, match=f"saved with another {list(made)[-1]}: "):
        fill(World(QUEUE, **made, begin=False), saved)  # type: ignore[arg-type]


def test_a_world_that_has_begun_cannot_be_filled() -> None:
    world = run(QUEUE, 5.0)

    with pytest.raises(ValueError, match="has not begun"):
        fill(world, snapshot(world))


def test_a_snapshot_of_another_format_is_refused() -> None:
    saved = snapshot(run(QUEUE, 5.0)) | {"format": 99}

    with pytest.raises(ValueError, match="format 99 cannot be read here, only format 1"):
        World.restore(QUEUE, saved)


def test_a_state_of_other_attributes_is_refused() -> None:
    saved = snapshot(run(QUEUE, 5.0))
    del saved["blocks"]["bench"]["lost"]

    with pytest.raises(ValueError, match="StationBlock was saved with"):
        World.restore(QUEUE, saved)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '{"scenario": "mm3"}', "\x00\x01"])
def test_a_file_that_holds_no_world_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "world.json"
    path.write_text(text)

    with pytest.raises(ValueError, match=r"world\.json: "):
        read(path)


def test_a_failed_write_leaves_the_former_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "world.json"
    write(snapshot(run(QUEUE, 5.0)), path)
    before = path.read_bytes()

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving.os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write(snapshot(run(QUEUE, 6.0)), path)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
