"""Disruptions begin and end on their days, change nothing else, and leave nothing behind."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sim.config import Block, Breakdowns, Lane, Sink, Source, Station
from sim.disruptions import DisruptionConfig, Outage, PolicyShock, PriceShock, Recall, TransportStop
from sim.laws import Constant, Exponential
from sim.parties.config import Supplier
from sim.parties.expand import Sections, expand
from sim.records import Unit
from sim.snapshot import snapshot
from sim.world import World
from tests.sim.chains import CHAIN, HORIZON, WARM_UP, made, ran, same, table, tables, values
from tests.sim.networks import rows

Network = dict[str, Block]

LINE: Network = {
    "arrivals": Source(interarrival_days=Constant(value=2.0), first_day=1.0, limit=4, to="bench"),
    "bench": Station(service_days=Constant(value=1.5), to="road"),
    "road": Lane(days=Constant(value=1.0), to="done"),
    "done": Sink(),
}
"""Units 0 to 3 come on days 1, 3, 5, 7, are served for a day and a half, and take a day on the road."""


def line(network: Network = LINE, **disruptions: DisruptionConfig) -> World:
    """Return the world of a network without parties."""
    return World(network, seed=3, sections=Sections(blocks=network, disruptions=disruptions))


def happened(world: World, block: str, *events: str, until: float = 40.0) -> list[tuple[float, str]]:
    """Return day and event of these events at a block, in order."""
    world.run_until(until)
    return [(day, event) for day, _, where, event in rows(world) if where == block and event in events]


def days(world: World, block: str, event: str, until: float = 40.0) -> list[float]:
    return [day for day, _ in happened(world, block, event, until=until)]


def disrupted(sections: Sections = CHAIN, **disruptions: DisruptionConfig) -> Sections:
    return replace(sections, disruptions=disruptions)


# --- outages ---


def test_a_line_without_disruptions_is_known() -> None:
    assert days(line(), "bench", "finished") == [2.5, 4.5, 6.5, 8.5]
    assert days(line(), "done", "left") == [3.5, 5.5, 7.5, 9.5]


def test_a_job_is_interrupted_by_an_outage_and_resumes_where_it_stopped() -> None:
    world = line(strike=Outage(station="bench", from_day=4.0, days=10.0))

    # the second unit had worked one day of one and a half
    assert happened(world, "bench", "interrupted", "finished") == [
        (2.5, "finished"),
        (4.0, "interrupted"),
        (14.5, "finished"),
        (16.0, "finished"),
        (17.5, "finished"),
    ]


def test_a_service_that_ends_as_the_outage_begins_is_finished() -> None:
    assert days(line(strike=Outage(station="bench", from_day=2.5, days=1.0)), "bench", "finished")[0] == 2.5


def test_part_of_the_servers_goes_on_working() -> None:
    pair = LINE | {"bench": replace(LINE["bench"], servers=2)}
    world = line(pair, strike=Outage(station="bench", from_day=0.0, days=100.0, servers=1))

    assert rows_of(world) == rows_of(line())


def rows_of(world: World) -> list[Any]:
    world.run_until(40.0)
    return rows(world)


def test_overlapping_outages_take_the_sum_of_their_servers_and_at_most_all() -> None:
    busy = {**LINE, "arrivals": replace(LINE["arrivals"], interarrival_days=Constant(value=0.1), limit=30)}
    trio = busy | {"bench": replace(LINE["bench"], servers=3, service_days=Constant(value=1.0))}
    world = line(
        trio,
        one=Outage(station="bench", from_day=0.0, days=6.0, servers=2),
        two=Outage(station="bench", from_day=3.0, days=5.0, servers=2),
    )

    done = days(world, "bench", "finished")

    # one server until day 3, none from 3 to 6, one from 6 to 8, then three
    assert sum(day <= 3.0 for day in done) == 2
    assert not [day for day in done if 3.0 < day <= 6.0]
    assert sum(6.0 < day <= 8.0 for day in done) == 2
    assert sum(8.0 < day <= 9.0 for day in done) == 3


def test_one_outage_after_another_is_one_outage() -> None:
    two = line(
        first=Outage(station="bench", from_day=4.0, days=4.0), second=Outage(station="bench", from_day=8.0, days=6.0)
    )

    assert rows_of(two) == rows_of(line(strike=Outage(station="bench", from_day=4.0, days=10.0)))


def test_a_server_that_breaks_down_in_an_outage_is_repaired_before_it_works() -> None:
    breaking = Breakdowns(
        uptime_days=Constant(value=5.0), downtime_days=Constant(value=4.0), while_="always", after="resume"
    )
    world = line(
        LINE | {"bench": replace(LINE["bench"], breakdowns=breaking)},
        strike=Outage(station="bench", from_day=4.0, days=2.0),
    )

    # down by the outage from 4 to 6, broken down from 5 to 9 and from 14 to 18
    assert days(world, "bench", "finished") == [2.5, 9.5, 11.0, 12.5]
    assert world.kpis()["bench.availability"][0] == pytest.approx(1.0 - (1.0 + 4.0 + 4.0 + 4.0 + 4.0) / 40.0)


# --- transport stops ---


def test_nothing_departs_in_a_stop_and_what_is_on_the_way_arrives() -> None:
    world = line(flood=TransportStop(lane="road", from_day=3.0, days=5.0))

    # sent on days 2.5, 4.5, 6.5, 8.5
    assert days(world, "done", "left") == [3.5, 9.0, 9.0, 9.5]


def test_lots_wait_for_the_end_of_a_stop() -> None:
    lots = LINE | {"road": replace(LINE["road"], lot=2)}
    world = line(lots, flood=TransportStop(lane="road", from_day=4.0, days=10.0))

    assert days(world, "road", "departed") == [14.0] * 4
    assert days(world, "done", "left") == [15.0] * 4


def test_a_lane_stands_while_any_stop_lasts() -> None:
    world = line(
        flood=TransportStop(lane="road", from_day=3.0, days=5.0),
        strike=TransportStop(lane="road", from_day=4.0, days=1.0),
    )

    assert days(world, "done", "left") == [3.5, 9.0, 9.0, 9.5]


def test_units_that_wait_for_transport_are_inside_the_lane() -> None:
    world = line(flood=TransportStop(lane="road", from_day=3.0, days=5.0))
    world.run_until(7.0)

    assert world.blocks["road"].number == 2
    assert len(list(world.inside(world.blocks["road"]))) == 2


# --- recalls ---

TWO_SUPPLIERS = replace(CHAIN, parties={**CHAIN.parties, "forge": Supplier(share=1.0), "foundry": Supplier(share=2.0)})


def recalled(world: World) -> dict[int, float]:
    """Return the units recalled, each with its day."""
    found = [row for row in table(world, "events") if row["event"] == "recalled"]
    assert len({row["unit"] for row in found}) == len(found)
    return {row["unit"]: row["day"] for row in found}


def in_use(world: World) -> dict[int, Unit]:
    """Return the units in vehicles."""
    fleets = [world.blocks["cabs.vehicles"], world.blocks["hire.vehicles"]]
    return {unit.key: unit for fleet in fleets for unit in world.inside(fleet)}


def test_a_recall_takes_all_units_in_use_that_were_made_in_its_days() -> None:
    world = made(disrupted(recall=Recall(made_by="works", from_day=100.0, made_from_day=20.0, made_to_day=80.0)))
    world.run_until(100.0)
    meant = {key for key, unit in in_use(world).items() if 20.0 <= unit.born < 80.0 and unit.lives == 0}
    others = in_use(world).keys() - meant
    world.run_until(100.5)

    assert len(meant) > 5
    assert recalled(world) == dict.fromkeys(meant, 100.0)
    assert len(others & in_use(world).keys()) > 0.9 * len(others)


def test_a_recall_of_a_supplier_leaves_the_units_of_the_others() -> None:
    recall = Recall(made_by="forge", from_day=100.0, made_to_day=100.0)
    world = made(disrupted(TWO_SUPPLIERS, recall=recall))
    world.run_until(100.0)
    assert world.chain is not None
    new = {key: unit for key, unit in in_use(world).items() if unit.lives == 0}
    makers = {key: world.chain.makers.supplier(unit) for key, unit in new.items()}
    world.run_until(100.5)

    assert recalled(world).keys() == {key for key, maker in makers.items() if maker == "forge"}
    assert 0.15 < len(recalled(world)) / len(makers) < 0.5


def test_in_a_campaign_each_unit_has_its_day_and_the_maker_pays() -> None:
    recall = Recall(made_by="works", from_day=100.0, days=40.0, made_to_day=60.0, compensation=90.0)
    world = ran(disrupted(recall=recall), days=200.0)
    days = recalled(world)
    paid = [row for row in table(world, "payments") if row["purpose"] == "recall"]

    assert {*days.values()} <= {100.0 + day for day in range(40)}
    assert len({*days.values()}) > 15
    assert {row["unit"]: row["day"] for row in paid} == days
    assert {(row["payer"], row["amount"]) for row in paid} == {("works", 90.0)}
    assert {row["payee"] for row in paid} == {"cabs", "hire"}
    assert not [unit for unit in in_use(world).values() if unit.born < 60.0 and unit.lives == 0]


def test_a_recall_of_what_was_never_made_changes_nothing() -> None:
    """The last units are looked for on day 104: what is made after that is none of them."""
    recall = Recall(made_by="works", from_day=100.0, days=5.0, made_from_day=104.5, made_to_day=999.0)

    same(ran(disrupted(recall=recall)), ran())
    with pytest.raises(ValueError, match="made_from_day 106 is after the campaign, which ends on day 105"):
        Recall(made_by="works", from_day=100.0, days=5.0, made_from_day=106.0, made_to_day=999.0)


# --- laws of all kinds ---

IDLE = {
    "outage": Outage(station="north.grading", from_day=100.0, days=0.0),
    "stop": TransportStop(lane="hire_north", from_day=100.0, days=0.0),
    "price": PriceShock(set="remanco.core_payment", factor=1.0, from_day=100.0, days=80.0),
    "holding": PriceShock(set="costs.holding_per_day", factor=1.0, from_day=100.0, days=80.0),
    "policy": PolicyShock(set="policies.bench_limit", to=CHAIN.policies.bench_limit, from_day=100.0, days=80.0),
    "late": Outage(station="rig.bench", from_day=HORIZON, days=10.0),
}

STORM = {
    "strike": Outage(station="north.grading", from_day=70.0, days=45.0),
    "flu": Outage(station="remanco.assembly", from_day=90.0, days=60.0, servers=1),
    "flood": TransportStop(lane="cabs_south", from_day=80.0, days=30.0),
    "snow": TransportStop(lane="hire_north", from_day=100.0, days=12.0),
    "scrap": PriceShock(set="metals.core_payment", factor=2.0, from_day=60.0, days=90.0),
    "freight": PriceShock(set="costs.transport_per_unit", to=40.0, from_day=75.0, days=50.0),
    "dear": PriceShock(set="costs.holding_per_day", to=2.0, from_day=85.0, days=50.0),
    "careful": PolicyShock(set="policies.disposition.B", to="test", from_day=65.0, days=70.0),
    "recall": Recall(made_by="works", from_day=78.0, days=30.0, made_from_day=10.0, made_to_day=70.0),
    "lean": PolicyShock(set="policies.serviceable.level", to=4, from_day=95.0, days=30.0),
}
"""Everything at once, on a chain."""


@pytest.mark.parametrize("name", IDLE)
def test_an_idle_disruption_changes_nothing(name: str) -> None:
    same(ran(disrupted(**{name: IDLE[name]})), ran())


def test_the_storm_is_felt() -> None:
    calm, storm = values(ran(days=200.0)), values(ran(disrupted(**STORM), days=200.0))

    assert storm["north.grading.wait_mean_days"] > 2.0 * calm["north.grading.wait_mean_days"]
    assert storm["metals.profit"] < calm["metals.profit"]


def test_the_order_of_declaration_means_nothing() -> None:
    backwards = dict(reversed(STORM.items()))

    assert tables(ran(disrupted(**STORM), days=200.0)) == tables(ran(disrupted(**backwards), days=200.0))


@pytest.mark.parametrize("day", [68.0, 82.5, 96.0, 110.0, 121.0])
def test_a_run_that_is_saved_in_the_storm_and_resumed_is_the_uninterrupted_one(day: float) -> None:
    sections = disrupted(**STORM)
    whole = ran(sections, days=160.0)
    world = made(sections)
    world.run_until(WARM_UP)
    world.count_from_now()
    world.run_until(day)
    before = tables(world)
    world = World.restore(expand(sections), json.loads(json.dumps(snapshot(world))), sections=sections)
    world.run_until(160.0)
    world.close_books()
    after = tables(world)

    assert {name: [*found, *after.get(name, [])] for name, found in before.items()} == tables(whole)
    assert str(values(world)) == str(values(whole))
    assert snapshot(world) == snapshot(whole)


def test_a_record_says_what_began_and_ended_when() -> None:
    world = line(
        strike=Outage(station="bench", from_day=4.0, days=10.0),
        flood=TransportStop(lane="road", from_day=30.0, days=50.0),
        never=TransportStop(lane="road", from_day=40.0, days=50.0),
    )
    world.run_until(40.0)

    assert [(row["day"], row["disruption"], row["event"]) for row in table(world, "disruptions")] == [
        (4.0, "strike", "began"),
        (14.0, "strike", "ended"),
        (30.0, "flood", "began"),
    ]
    assert world.disruptor is not None
    assert [(fact["name"], fact["target"], fact["happened"]) for fact in world.disruptor.facts()] == [
        ("strike", "bench", "yes"),
        ("flood", "road", "begun"),
        ("never", "road", "no"),
    ]


def test_luck_is_not_moved_by_a_disruption_elsewhere() -> None:
    two = LINE | {
        "others": Source(interarrival_days=Exponential(mean=1.0), to="desk"),
        "desk": Station(service_days=Exponential(mean=0.5), to="out"),
        "out": Sink(),
    }
    calm, struck = line(two), line(two, strike=Outage(station="bench", from_day=4.0, days=10.0))

    assert happened(calm, "desk", "finished") == happened(struck, "desk", "finished")
