"""A chain of parties: units go only where roles send them, none is lost, and nobody's luck depends on others."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.config import Lane, Mark, Population
from sim.laws import Lognormal
from sim.network import successors
from sim.parties.agreed import Policies, Returns, Serviceable
from sim.parties.config import Dismantler, Fleet, Recycler
from sim.parties.expand import Sections, expand
from sim.parties.lanes import LaneNameError, MissingPartyError
from sim.parties.product import Duty
from sim.world import World
from tests.sim.alike import shuffled
from tests.sim.chains import CHAIN, HORIZON, made, ran, table, tables, values, with_party

WITHIN = {
    ("created", "installed"),
    ("created", "stocked"),
    *((use, step) for use in ("installed", "maintained") for step in ("failed", "degraded", "maintained")),
    ("failed", "removed"),
    ("degraded", "removed"),
    ("arrived", "started"),
    ("started", "finished"),
    ("stocked", "issued"),
    ("sent", "departed"),
}
"""What may follow what at one block."""

EXITS = ("created", "removed", "finished", "issued", "sent", "departed")
RIG = CHAIN.parties["rig"]
ENTRANCES = ("installed", "arrived", "stocked", "sent", "left")


@pytest.fixture(scope="module")
def world() -> World:
    """The chain at the end of its run; nobody changes it."""
    return ran()


def by_unit(world: World, name: str = "events") -> dict[int, list[dict[str, Any]]]:
    """Return the rows of a table unit by unit; demands are events of no unit."""
    found = defaultdict(list)
    for row in table(world, name):
        if row.get("event") != "demanded":
            found[row["unit"]].append(row)
    return found


# --- units ---


@pytest.mark.parametrize("day", [0.0, 0.5, 61.3, 200.0, 444.4, HORIZON])
def test_every_unit_ever_made_has_left_or_is_in_one_place(day: float) -> None:
    world = made()
    world.run_until(day)
    inside = Counter(unit.key for unit in world.residents())

    assert world.created - world.gone == len(inside) > 160
    assert set(inside.values()) == {1}
    assert {name: block.number for name, block in world.blocks.items()} == {
        name: len(list(world.inside(block))) for name, block in world.blocks.items()
    }


def test_no_unit_does_anything_without_the_step_before_it(world: World) -> None:
    edges = successors(world.network)
    steps = 0
    for rows in by_unit(world).values():
        assert rows[0]["event"] == "created"
        for one, two in pairwise(rows):
            steps += 1
            if one["block"] == two["block"]:
                assert (one["event"], two["event"]) in WITHIN
            else:
                assert two["block"] in edges[one["block"]]
                assert one["event"] in EXITS
                assert two["event"] in ENTRANCES
            assert one["day"] <= two["day"]
    assert steps > 2000


def test_no_report_comes_before_the_one_that_it_follows_from(world: World) -> None:
    """Passport, visual, decision, bench, verdict, teardown, end of line: each core in this order, in every life."""
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    dated = []
    for name in ("passport", "visual", "bench", "decisions", "lab", "teardown", "energy", "end_of_line"):
        word = {"decisions": "answer", "teardown": "finding", "end_of_line": "end_of_line"}.get(name)
        # a lab's finding is told to two parties, and each machined part leaves a record
        told = {(row["unit"], row.get("life"), row["day"]): row for row in table(world, name)}
        dated += [
            (row["day"], row["unit"], row.get("life"), name if word is None else f"{name}: {row[word]}")
            for row in told.values()
        ]
    lives = {}
    # at one instant, a decision comes after the report that it was taken on
    for _, unit, life, what in sorted(dated, key=lambda row: row[0]):
        lives[unit] = life or lives[unit]
        found[unit, lives[unit]].append(what)

    follows = {
        "visual": {"passport"},
        "decisions: reman": {"visual"},
        "decisions: recycle": {"visual", "decisions: hold"},
        "decisions: resell": {"visual"},
        "decisions: harvest": {"visual"},
        "decisions: dispose": {"visual"},
        "decisions: hold": {"visual"},
        "decisions: destroy": {"visual"},
        "decisions: test": {"visual"},
        "lab": {"decisions: destroy"},
        "bench": {"decisions: test"},
        "decisions: pass": {"bench"},
        "decisions: fail": {"bench"},
        "teardown: rebuild": {"decisions: reman", "decisions: pass"},
        "teardown: scrap": {"decisions: reman", "decisions: pass"},
        "energy": {"teardown: rebuild"},
        "end_of_line: pass": {"teardown: rebuild", "energy", "end_of_line: fail"},
        "end_of_line: fail": {"teardown: rebuild", "energy", "end_of_line: fail"},
    }
    assert len(found) > 200
    for told in found.values():
        assert told[0] == "passport"
        for one, two in pairwise(told):
            assert one in follows[two], told
    assert {what for told in found.values() for what in told} == follows.keys() | {"passport"}


def test_a_rebuilt_unit_is_tried_three_times_at_most_in_every_life() -> None:
    parties = dict(CHAIN.parties)
    parties["remanco"] = replace(parties["remanco"], first_pass=0.4)  # type: ignore[call-arg]
    world = ran(replace(CHAIN, parties=parties))
    tries = defaultdict(list)
    for row in table(world, "end_of_line"):
        tries[row["unit"], row["life"]].append((row["tries"], row["end_of_line"]))

    assert {life for _, life in tries} >= {1, 2}
    for told in tries.values():
        assert [number for number, _ in told] == [1.0, 2.0, 3.0][: len(told)]
        assert all(result == "fail" for _, result in told[:-1])
    finished = [told for told in tries.values() if told[-1] == (3.0, "fail")]
    assert finished
    later = {life for (_, life), told in tries.items() if len(told) == 3}
    assert later >= {1, 2}, "the tries of an earlier life must not count"


def test_the_outcome_arrives_exactly_its_delay_after_the_last_test_or_after_scrapping(world: World) -> None:
    ended = {
        (row["unit"], row["life"]): row["day"] for row in table(world, "teardown") if row["finding"] == "scrap"
    } | {
        (row["unit"], row["life"]): row["day"]
        for row in table(world, "end_of_line")
        if row["end_of_line"] == "pass" or row["tries"] == 3.0
    }
    told = table(world, "outcome")

    assert len(told) > 150
    assert all(row["day"] == ended[row["unit"], row["life"]] + 9.5 for row in told)
    by_party = Counter(row["party"] for row in told)
    assert by_party["remanco"] == by_party["north"] + by_party["south"]
    due = {core for core, day in ended.items() if day + 9.5 < HORIZON}
    assert {(row["unit"], row["life"]) for row in told} == due


@pytest.mark.parametrize(
    ("whom", "told"), [("seller", {"north", "south"}), ("dismantlers", {"north", "south"}), ("nobody", set())]
)
def test_the_remanufacturer_is_told_every_outcome_and_others_as_he_says(whom: str, told: set[str]) -> None:
    rows = table(ran(with_party(CHAIN, "remanco", outcome_to=whom), days=200.0), "outcome")
    cores = defaultdict(set)
    for row in rows:
        cores[row["unit"], row["life"]].add(row["party"])

    assert len(cores) > 30
    assert set().union(*cores.values()) == told | {"remanco"}
    assert all("remanco" in parties for parties in cores.values())
    if whom == "dismantlers":
        assert all(parties == told | {"remanco"} for parties in cores.values())


def test_an_outcome_comes_to_the_party_that_sold_the_core_and_to_who_tore_it_down(world: World) -> None:
    graded = {(row["unit"], row["life"]): row["party"] for row in table(world, "visual")}
    told = defaultdict(set)
    for row in table(world, "outcome"):
        told[row["unit"], row["life"]].add(row["party"])

    assert all(parties == {graded[core], "remanco"} for core, parties in told.items())


# --- luck ---


@settings(max_examples=6)
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_parties_are_declared_changes_nothing(random: Any) -> None:
    def reorder(items: list[Any]) -> list[Any]:
        return random.sample(items, len(items))

    other = shuffled(CHAIN, reorder)

    assert tables(ran(other, days=120.0)) == tables(ran(days=120.0))
    assert values(ran(other, days=120.0)) == values(ran(days=120.0))


def test_a_tester_to_whom_nobody_sends_changes_no_row() -> None:
    """Lanes are written, as otherwise a dismantler may send to any tester."""
    lanes = {
        f"{sender}_{receiver}": Lane(from_=sender, to=receiver, days=Lognormal(mean=3.0, cv=0.5))
        for sender in ("north", "south")
        for receiver in ("rig",)
    }
    alone = replace(CHAIN, lanes=lanes)
    beside = replace(alone, parties={**CHAIN.parties, "a_rig": RIG})
    before, after = ran(alone), ran(beside)

    assert tables(after) == tables(before)
    assert values(before).items() <= values(after).items()


def idle(sections: Sections) -> Sections:
    """Return the chain beside a fleet of one vehicle, that is never worn out, and its own dismantler."""
    assert sections.product is not None
    slow = Duty(distance_per_year=0.001, torque_ratio=0.5, shifts_per_km=0.1, ambient_c=10.0)
    others = {name: Lane(from_=name, to="north", days=Lognormal(mean=3.0, cv=0.5)) for name in ("cabs", "hire")}
    lanes = {f"{name}_north": lane for name, lane in others.items()}
    lanes["museum_curator"] = Lane(from_="museum", to="curator", days=Lognormal(mean=3.0, cv=0.5))
    return replace(
        sections,
        parties={**sections.parties, "curator": Dismantler(), "museum": Fleet(vehicles=1, duty="parade")},
        product=replace(sections.product, duties={**sections.product.duties, "parade": slow}),
        lanes=lanes,
    )


def test_a_fleet_of_one_vehicle_with_its_own_dismantler_changes_no_row_of_the_others() -> None:
    larger = idle(CHAIN)
    kept = {name: larger.parties[name] for name in CHAIN.parties}
    lanes = {name: lane for name, lane in larger.lanes.items() if lane.from_ != "museum"}
    smaller = replace(larger, parties=kept, lanes=lanes)
    before, after = ran(smaller), ran(larger)
    others = [row for row in table(after, "events") if row["party"] not in ("museum", "curator")]

    assert others == table(before, "events")
    assert table(after, "payments") == table(before, "payments")
    assert str(table(after, "truth")) == str(table(before, "truth"))


def test_with_a_higher_return_probability_every_core_that_came_back_still_does() -> None:
    """A theorem for first lives: a return hangs on a draw of its own, and feeds back into later lives only."""

    def received(probability: float) -> dict[int, tuple[float, str]]:
        world = ran(replace(CHAIN, returns=Returns(probability=probability)))
        first = {row["unit"] for row in table(world, "passport") if row["life"] == 1}
        initial = {row["unit"] for row in table(world, "events") if row["day"] == 0.0 and row["event"] == "installed"}
        arrivals = [
            row for row in table(world, "events") if row["event"] == "arrived" and row["party"] in ("north", "south")
        ]
        return {
            row["unit"]: (row["day"], row["block"])
            for row in reversed(arrivals)  # the first arrival of each
            if row["unit"] in first & initial
        }

    found = [received(probability) for probability in (0.0, 0.1, 0.45, 0.8, 0.95, 1.0)]

    assert [len(cores) for cores in found] == sorted(len(cores) for cores in found)
    assert found[0] == {}
    assert len(found[-1]) > 140
    for fewer, more in pairwise(found):
        assert fewer.items() <= more.items()


def test_without_returns_nothing_is_remanufactured() -> None:
    figures = values(ran(replace(CHAIN, returns=Returns(probability=0.0))))

    assert figures["cores"] == figures["remanufactured"] == figures["recycled"] == 0
    assert figures["core_return_rate"] == figures["reman_share"] == figures["co2e_saved_kg"] == 0.0
    assert figures["new_units"] > 100


# --- lanes ---


def test_a_party_without_written_lanes_may_send_to_every_tester() -> None:
    network = expand(replace(CHAIN, parties={**CHAIN.parties, "bench_b": RIG}))

    answers = network["north.grading"].to.answers  # type: ignore[union-attr]
    assert answers["test"] == "north_bench_b"
    assert answers["test:rig"] == "north_rig"


def test_of_two_recyclers_the_first_is_sent_to_unless_a_lane_is_written() -> None:
    parties = {**CHAIN.parties, "alloys": Recycler()}
    written = {"to_metals": Lane(from_="south", to="metals", days=Lognormal(mean=3.0, cv=0.5))}
    network = expand(replace(CHAIN, parties=parties, lanes=written))

    assert network["north.grading"].to.answers["recycle"] == "north_alloys"  # type: ignore[union-attr]
    assert network["south.grading"].to.answers["recycle"] == "to_metals"  # type: ignore[union-attr]
    assert "north_metals" not in network


def test_a_default_lane_never_takes_the_name_of_another() -> None:
    written = {"north_remanco": Lane(from_="south", to="remanco", days=Lognormal(mean=3.0, cv=0.5))}
    with pytest.raises(LaneNameError, match="the lane from north to remanco would be called north_remanco"):
        expand(replace(CHAIN, lanes=written))
    double = {"a": Dismantler(), "a_b": Dismantler(), "b_c": RIG, "c": RIG}
    with pytest.raises(LaneNameError, match="would be called a_b_c"):
        expand(replace(CHAIN, parties={**CHAIN.parties, **double}))


def test_a_role_without_its_counterpart_says_who_needs_whom() -> None:
    parties = {name: party for name, party in CHAIN.parties.items() if not isinstance(party, Dismantler)}
    with pytest.raises(MissingPartyError, match="sends to a dismantler, and the scenario has none") as missing:
        expand(replace(CHAIN, parties=parties))
    assert missing.value.party == "cabs"


def test_without_a_recycler_cores_end_in_a_scrapyard_of_their_party_and_nobody_pays_for_them() -> None:
    parties = {name: party for name, party in CHAIN.parties.items() if name != "metals"}

    world = ran(replace(CHAIN, parties=parties))

    assert sum(world.blocks[f"{name}.scrapyard"].left for name in ("north", "south", "rig", "remanco")) > 0
    assert values(world)["recycled"] == 0
    assert not {"material", "core for material"} & {str(row["purpose"]) for row in table(world, "payments")}


def test_what_was_drawn_at_a_units_making_stays_in_its_next_lives() -> None:
    """Reports of a life end with it; marks of the source do not."""
    network = expand(CHAIN)
    fleet = network["cabs.vehicles"]
    assert isinstance(fleet, Population)
    marked = replace(fleet, marks={"make": Mark(values=["old", "young"])})
    world = World({**network, "cabs.vehicles": marked}, seed=3, sections=CHAIN)
    world.run_until(400.0)
    origin = world.numbers["cabs.vehicles"]
    units = [unit for unit in world.residents() if unit.origin == origin]
    used = [unit for unit in units if unit in list(world.inside(world.blocks["hire.vehicles"]))]

    assert all(unit.marks is not None and unit.marks["make"] in ("old", "young") for unit in units)
    assert any(unit.lives for unit in used)
    assert all(set(unit.marks or ()) == {"make"} for unit in used)


def test_a_chain_whose_stock_starts_empty_still_closes_its_books() -> None:
    world = ran(replace(CHAIN, policies=Policies(serviceable=Serviceable(level=0))))

    assert values(world)["backorders_mean"] > 0.0
