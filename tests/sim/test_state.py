"""Nothing that changes while a world runs is missing from what is saved."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from types import FunctionType, MethodType
from typing import Any

import pytest
from simpy import Environment

from sim.blocks.block import Block
from sim.engine import Engine, Entry
from sim.log import Log, Table
from sim.parties.drawn import ByParty
from sim.parties.expand import expand, qualified
from sim.parties.first_life import FirstLives
from sim.parties.physics import Recent
from sim.plain import MADE
from sim.records import Unit
from sim.section import Section
from sim.snapshot import COUNTED, snapshot
from sim.streams import Bundle, Stream, Streams
from sim.world import MAKE, World
from tests.sim.networks import FEATURES, TAXIS, Network

ELSEWHERE = (
    *(World, Block, Engine, Log, Table, Streams, Stream, Bundle, ByParty, FirstLives, Recent),
    *(Unit, Entry, Environment),
)
"""What blocks point at and do not own: saved by itself, or without state."""


def everything() -> Network:
    """Every hand-written network in one, each under a name of its own."""
    return {
        f"{feature}.{name}": qualified(block, feature, network)
        for feature, network in FEATURES.items()
        for name, block in network.items()
    }


def attributes(part: Any) -> dict[str, Any]:
    """Return what an object holds, in its dictionary and in its slots."""
    slots = {name for kind in type(part).__mro__ for name in getattr(kind, "__slots__", ())}
    return {
        name: getattr(part, name) for name in sorted({*slots, *getattr(part, "__dict__", {})}) if hasattr(part, name)
    }


def described(value: Any, seen: frozenset[int] = frozenset()) -> Any:
    """Return a picture of a value that is equal as long as the value does not change, closures included."""
    if isinstance(value, ELSEWHERE) or id(value) in seen:
        return f"{type(value).__name__} {id(value)}"
    inside = contents(value)
    if inside is None:
        return repr(value)
    return [type(value).__name__, *(described(item, seen | {id(value)}) for item in inside)]


def contents(value: Any) -> list[Any] | None:
    """Return what a value consists of; None where its own words say it all."""
    match value:
        case list() | tuple() | deque() | set() | frozenset():
            return list(value)
        case dict():
            return list(value.items())
        case FunctionType():
            return [cell.cell_contents for cell in value.__closure__ or ()]
        case MethodType():
            return [value.__func__, value.__self__]
    # sections of a scenario are frozen
    ours = type(value).__module__.startswith("sim.") and not isinstance(value, Section)
    return list(attributes(value).items()) if ours else None


def parts(part: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Yield a part of the world with its place, and the parts with a state of their own inside it."""
    yield place, part
    for name in part.STATE:
        inner = getattr(part, name)
        for number, item in enumerate(inner if isinstance(inner, list | deque) else [inner]):
            if hasattr(item, "STATE") and not isinstance(item, Block):
                yield from parts(
                    item, f"{place}.{name}[{number}]" if isinstance(inner, list | deque) else f"{place}.{name}"
                )


def unsaved(world: World) -> dict[str, Any]:
    """Return a picture of all attributes of all parts of blocks and extensions that their `STATE` leaves out."""
    return {
        f"{place}.{name}": described(value)
        for owner in (*world.blocks.values(), *world.extensions.values())
        for place, part in parts(owner, owner.name)
        for name, value in attributes(part).items()
        if name not in part.STATE and value is not world.engine.queue
    }


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return the places whose picture changed, among those that were there before."""
    return {place for place in before.keys() & after.keys() if before[place] != after[place]}


@pytest.fixture
def world() -> World:
    return World(everything(), seed=3)


def test_no_attribute_that_changes_in_a_run_is_left_out_of_the_state(world: World) -> None:
    before = unsaved(world)
    found: set[str] = set()
    for day in range(1, 40):
        world.run_until(float(day))
        found |= changed(before, unsaved(world))
    world.count_from_now()

    assert sorted(found | changed(before, unsaved(world))) == []


def test_no_attribute_of_a_chain_of_parties_is_left_out_of_the_state() -> None:
    world = World(expand(TAXIS), seed=3, sections=TAXIS)
    before = unsaved(world)
    found: set[str] = set()
    for day in range(20, 200, 20):
        world.run_until(float(day))
        found |= changed(before, unsaved(world))
    world.count_from_now()
    bodies = [unit.body for unit in world.residents()]

    assert sorted(found | changed(before, unsaved(world))) == []
    assert all(set(attributes(body)) == set(body.STATE) for body in bodies)


def test_the_guard_sees_an_attribute_that_was_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = world.blocks["queue.bench"]
    monkeypatch.setattr(type(bench), "STATE", tuple(name for name in bench.STATE if name != "free"))
    before = unsaved(world)
    world.run_until(7.0)

    assert "queue.bench.free" in changed(before, unsaved(world))


def test_the_guard_sees_what_hides_in_a_closure(world: World) -> None:
    served = [0]

    def route(unit: Unit, visit: int) -> Any:
        served[0] += 1
        return world.blocks["queue.done"]

    world.blocks["queue.bench"].note = route
    before = unsaved(world)
    route(Unit(0, 0.0), 0)

    assert changed(before, unsaved(world)) == {"queue.bench.note"}


def test_every_attribute_of_the_state_is_there(world: World) -> None:
    for block in world.blocks.values():
        for place, part in parts(block, block.name):
            assert {name for name in part.STATE if not hasattr(part, name)} == set(), place


def test_the_guarded_networks_hold_every_class_of_block(world: World) -> None:
    def kinds(kind: type) -> set[type]:
        return {kind, *(found for below in kind.__subclasses__() for found in kinds(below))}

    found = {type(block) for block in world.blocks.values()}

    assert {config.kind for config in world.network.values()} == set(MAKE)
    assert {kind for kind in kinds(Block) if kind.__module__.startswith("sim.")} - found == {Block}


def test_every_part_that_comes_and_goes_was_saved_on_the_way(world: World) -> None:
    made: set[str] = set()
    for day in range(1, 20):
        world.run_until(float(day))
        made |= {name for name in MADE if f'"object": "{name}"' in repr(snapshot(world)).replace("'", '"')}

    assert made == set(MADE)


def test_of_a_unit_everything_is_saved(world: World) -> None:
    world.run_until(5.0)
    saved = snapshot(world)

    assert all(set(unit) == set(Unit.__slots__) for unit in saved["units"])
    assert [unit["key"] for unit in saved["units"]] == sorted({unit.key for unit in world.residents()})


def test_of_the_world_itself_nothing_else_changes(world: World) -> None:
    kept_apart = {"blocks", "engine", "extensions", "log", "streams", "chain", *COUNTED}
    before = {name: described(value) for name, value in attributes(world).items() if name not in kept_apart}
    world.run_until(20.0)

    assert {name: described(value) for name, value in attributes(world).items() if name not in kept_apart} == before


def test_the_engine_holds_a_clock_and_a_calendar_and_nothing_else_but_steps_that_entries_share(world: World) -> None:
    assert set(attributes(world.engine)) == {"clock", "queue", "steps"}
    world.run_until(20.0)

    assert all(steps == (step,) for step, steps in world.engine.steps.items())


def test_a_changed_label_is_another_network_and_a_changed_order_is_not() -> None:
    network = everything()
    saved = snapshot(World(network, seed=3))

    World.restore(dict(reversed(network.items())), saved)
    with pytest.raises(ValueError, match="another network"):
        World.restore(network | {"queue.done": replace(network["queue.done"], label="Done")}, saved)
