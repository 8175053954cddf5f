"""A party sees what it did, reported, was told and paid: its own rows, whatever runs beside it, and never the log."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sim.log import Log
from sim.views import SEES, NotVisibleError, event_columns, seen, view
from sim.world import World
from tests.sim.chains import CHAIN, HORIZON, made, ran, table, tables, values
from tests.sim.networks import QUEUE


@pytest.fixture(scope="module")
def world() -> World:
    """The chain at the end of its run; nobody changes it."""
    return ran()


def rows(world: World, party: str) -> list[dict[str, object]]:
    columns = view(world, party)
    return [dict(zip(columns, row, strict=True)) for row in zip(*(c.tolist() for c in columns.values()), strict=True)]


def foreign(world: World) -> Iterator[tuple[str, str]]:
    """Yield every party with every table that its role does not see."""
    for party, config in CHAIN.parties.items():
        yield from ((party, name) for name in (*world.log.tables, "events") if name not in SEES[config.role])


def test_each_role_sees_the_reports_on_its_list(world: World) -> None:
    for party, config in CHAIN.parties.items():
        for name in SEES[config.role]:
            own = [row for row in table(world, name) if row["party"] == party]
            columns = {column: held.tolist() for column, held in seen(world, party, name).items()}
            # parts are taken out of few cores, so a party may have none
            assert own or name == "parts"
            assert str([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]) == str(
                own
            )


def test_every_other_table_is_refused_by_name(world: World) -> None:
    refused = list(foreign(world))

    assert ("north", "truth") in refused
    assert ("rig", "visual") in refused
    for party, name in refused:
        with pytest.raises(NotVisibleError, match=f"^{party} \\(.*\\) does not see '{name}'; its reports are: "):
            seen(world, party, name)


def test_an_unknown_party_is_refused_with_the_known_ones(world: World) -> None:
    with pytest.raises(KeyError, match="no party named 'nort'; there are: cabs, hire, metals, north, "):
        view(world, "nort")
    with pytest.raises(KeyError, match="no party named 'north'; there are: none"):
        view(World(QUEUE, seed=3), "north")


def test_a_view_holds_the_partys_own_events_reports_and_payments(world: World) -> None:
    for party, config in CHAIN.parties.items():
        held = rows(world, party)
        events = [row for row in table(world, "events") if row["party"] == party]
        paid = [row for row in table(world, "payments") if party in (row["payer"], row["payee"])]
        reports = sum(row["party"] == party for name in SEES[config.role] for row in table(world, name))

        assert len(held) == len(events) + len(paid) + reports
        assert [row["day"] for row in held] == sorted(row["day"] for row in held)
        assert {row["kind"] for row in held} <= {"event", "payment", *SEES[config.role]}
        assert all(party in (row["payer"], row["payee"]) for row in held if row["kind"] == "payment")
        assert all(str(row["block"]).startswith((f"{party}.", f"{party}_")) for row in held if row["kind"] == "event")


def test_every_event_at_a_partys_block_is_in_exactly_one_view(world: World) -> None:
    events = table(world, "events")
    held = [row for party in CHAIN.parties for row in rows(world, party) if row["kind"] == "event"]
    of_parties = [row for row in events if row["party"]]

    assert sorted((row["day"], row["unit"], row["block"], row["event"]) for row in of_parties) == sorted(
        (row["day"], row["unit"], row["block"], row["event"]) for row in held
    )
    assert {row["party"] for row in events} == {"", *CHAIN.parties}
    assert {row["block"] for row in events if not row["party"]} == {"demand.workshops"}


def test_no_column_of_a_view_is_hidden_or_from_another_role(world: World) -> None:
    columns = {party: set(view(world, party)) for party in CHAIN.parties}

    assert not [name for held in columns.values() for name in held if name.startswith("true_")]
    assert "grade" not in columns["rig"]
    assert "backlash_mm" not in columns["north"]
    assert "margin" in columns["north"]
    assert not {"grade", "finding", "margin", "prediction"} & columns["cabs"]
    assert not {"grade", "margin", "distance"} & columns["works"]


def test_what_a_dismantler_sees_of_a_passport_is_what_the_fleet_wrote(world: World) -> None:
    names = ("distance", "age_years", "torque_ratio", "shifts_per_km")
    written = {(row["unit"], row["life"]): [row[name] for name in names] for row in table(world, "passport")}

    for row in table(world, "visual"):
        assert [row[name] for name in names] == written[row["unit"], row["life"]]


def test_a_fleet_alone_holds_the_books_of_its_services(world: World) -> None:
    """A row at each removal, near what vehicles of the duty meet: 15 degrees and 4 more, and intervals around 80."""
    books = [row for row in table(world, "service") if row["party"] == "cabs"]
    removed = [row for row in table(world, "passport") if row["party"] == "cabs"]
    columns = {party: set(view(world, party)) for party in CHAIN.parties}

    assert [(row["day"], row["unit"], row["life"]) for row in books] == [
        (row["day"], row["unit"], row["life"]) for row in removed
    ]
    assert sum(row["ambient_c"] for row in books) / len(books) == pytest.approx(15.0, abs=5 * 4.3 / len(books) ** 0.5)
    assert 60.0 < sorted(row["oil_interval"] for row in books)[len(books) // 2] < 100.0
    assert all(row["overheats"] >= 0.0 == row["overheats"] % 1.0 for row in books)
    assert [party for party, held in columns.items() if "ambient_c" in held] == ["cabs", "hire"]


def test_outcomes_are_not_seen_before_they_arrive() -> None:
    world = made()
    for day in (50.0, 100.0, 150.0):
        world.run_until(day)
        held = seen(world, "north", "outcome")
        ended = [row["day"] for row in table(world, "teardown") if row["finding"] == "scrap"]
        ended += [row["day"] for row in table(world, "end_of_line") if row["end_of_line"] == "pass"]

        assert all(held["day"] < day)
        assert len(seen(world, "remanco", "outcome")["day"]) == sum(last + 9.5 < day for last in ended)


def test_reading_views_while_the_world_runs_changes_no_bit() -> None:
    world = made()
    for day in (10.0, 60.0, 61.7, 200.0, 399.0, HORIZON):
        world.run_until(day)
        for party in CHAIN.parties:
            view(world, party)
        seen(world, "south", "visual")
        event_columns(world)
        world.kpis()
        if day == 60.0:
            world.count_from_now()
    world.close_books()

    assert tables(world) == tables(ran())
    assert values(world) == values(ran())


def test_a_view_read_early_is_the_beginning_of_the_view_read_late(world: World) -> None:
    early = ran(days=200.0, warm_up=0.0)
    for party in CHAIN.parties:
        before, after = rows(early, party), rows(world, party)
        dated = [row for row in before if row.get("purpose") not in ("holding", "backorders")]
        assert [str(row) for row in after if row["day"] < 200.0] == [str(row) for row in dated]


def test_a_view_is_a_copy() -> None:
    world = ran(days=100.0)
    before = str(rows(world, "north"))
    for values_of in view(world, "north").values():
        values_of[:] = values_of[::-1].copy()

    assert str(rows(world, "north")) == before


def test_a_run_that_kept_counters_only_has_empty_views() -> None:
    world = made(log=Log(events=False))
    world.run_until(100.0)

    for party in CHAIN.parties:
        held = view(world, party)
        assert len(held["day"]) == 0
        assert held.keys() == view(ran(days=100.0), party).keys()
