"""Three engines, written apart, tell the same story of one scenario, row by row and bit by bit."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.expansion import expanded, sections_of
from scenarios.load import load
from sim.views import event_columns
from sim.world import World
from tests.engines import loop
from tests.engines.bare import Loop
from tests.engines.idiomatic import Model

DAYS = 500.0
PACKAGED = ("transmission-small", "transmission")

Row = dict[str, Any]


@pytest.fixture(scope="module", params=PACKAGED)
def told(request: pytest.FixtureRequest) -> tuple[Model, World]:
    """The same scenario and seed in both engines."""
    scenario = load(request.param).override({"collaboration.mode": "none"})
    network, sections = expanded(scenario), sections_of(scenario)
    model = Model(network, sections, seed=5)
    model.run(DAYS)
    world = World(network, seed=5, sections=sections)
    world.run_until(DAYS)
    return model, world


def rows(columns: dict[str, Any]) -> list[Row]:
    return [
        dict(zip(columns, row, strict=True))
        for row in zip(*(values.tolist() for values in columns.values()), strict=True)
    ]


def in_order(table: list[Row]) -> list[str]:
    """Rows as words, exactly, by day and unit; the rows of one unit at one instant as they were written."""
    return [repr(row) for row in sorted(table, key=lambda row: (row["day"], row["unit"]))]


def test_both_engines_log_the_same_events(told: tuple[Model, World]) -> None:
    model, world = told

    ours, theirs = in_order(rows(event_columns(world))), in_order(model.log.events)

    assert len(ours) > 1000
    assert ours == theirs


def test_both_engines_write_the_same_tables(told: tuple[Model, World]) -> None:
    model, world = told
    written = {name: table for name, table in model.log.all().items() if name != "events"}

    assert set(written) == set(world.log.tables)
    for name, table in written.items():
        assert table, f"nothing was written to {name}"
        assert in_order(rows(world.log.tables[name].read())) == in_order(table), name


def test_a_bare_loop_writes_the_same_tables() -> None:
    scenario = load("transmission-small").override({"collaboration.mode": "none"})
    network, sections = expanded(scenario), sections_of(scenario)
    world = World(network, seed=6, sections=sections)
    world.run_until(DAYS)

    bare = Loop(network, sections, seed=6)
    bare.run(DAYS)
    log = bare.log

    assert set(log.tables) == set(world.log.tables)
    for ours, theirs in (
        (world.log.events, log.events),
        *((world.log.tables[one], log.tables[one]) for one in log.tables),
    ):
        assert in_order(rows(ours.read())) == in_order(rows(theirs.read())), ours.name


def test_the_loop_of_cores_alone_has_the_same_events_in_plain_simpy_and_in_blocks() -> None:
    vehicles, days = 300, 2000.0
    world = World(loop.blocks(vehicles), seed=4)
    world.run_until(days)

    assert in_order(rows(event_columns(world))) == in_order(loop.idiomatic(vehicles, days, seed=4))


def test_the_flows_that_engines_can_get_wrong_were_taken(told: tuple[Model, World]) -> None:
    model, _ = told
    happened = {(row["block"].partition(".")[2] or "lane", row["event"]) for row in model.log.events}
    tables = model.log.all()
    answers = {row["answer"] for row in tables["decisions"]}
    batches = [row["day"] for row in model.log.events if (row["block"], row["event"]) == ("remanco.wash", "started")]

    assert {("vehicles", "retired"), ("vehicles", "maintained"), ("kept", "left"), ("shred", "left")} <= happened
    assert {("lane", "departed"), ("plant", "created"), ("machining", "finished"), ("lab", "finished")} <= happened
    assert {"reman", "test", "recycle", "pass", "fail"} <= answers
    assert {row["by"] for row in tables["decisions"]} >= {"rule", "explore"}
    assert max(row["tries"] for row in tables["end_of_line"]) >= 2
    assert len(batches) > len(set(batches)), "a batch holds several cores"
