"""Units between parties are counted from the event table, and the count is held to two sums."""

from __future__ import annotations

import pytest

from looptwin.page.flow import NOT_RETURNED, TURNED_AWAY, Flows, flows, places
from looptwin.results import Run
from looptwin.run import run
from scenarios.load import load
from tests.looptwin.short_runs import chain, queue, with_table


def units(found: Flows, sender: str, receiver: str) -> float:
    return next(link.units for link in found.links if (link.sender, link.receiver) == (sender, receiver))


def test_what_a_queue_hands_over_is_what_its_blocks_counted() -> None:
    found, kpis = flows(queue()), queue().kpis["value"]

    days = 550.0
    assert units(found, "arrivals", "bench") == pytest.approx(kpis["arrivals.throughput_per_day"] * days)
    assert units(found, "bench", "done") == pytest.approx(kpis["done.throughput_per_day"] * days)


@pytest.mark.parametrize("mode", ["none", "federated", "oracle"])
def test_no_unit_of_a_chain_is_lost_or_doubled(mode: str) -> None:
    found = flows(chain(mode=mode))

    assert found.before + found.made == found.gone + found.after
    assert found.balance_error == 0.0
    assert found.counter_error == pytest.approx(0.0, abs=1e-6)


def test_a_party_stands_for_its_blocks_and_its_lanes_and_a_stock_for_itself() -> None:
    where = places(load("transmission-small"))

    assert where["north.grading"] == where["north_remanco"] == "north"
    assert where["remanco.serviceable"] == "serviceable stock"
    assert where["hire.kept"] == where["hire.exported"] == NOT_RETURNED
    assert where["demand.workshops"] == "demand.workshops"


def test_cores_go_from_each_fleet_to_its_dismantler_and_serviceable_units_come_back() -> None:
    found = flows(chain(mode="none"))

    assert found.circling == ("cabs", "hire", "tow", "vans")
    assert {link.receiver for link in found.links if link.sender == "hire"} == {"north", NOT_RETURNED}
    assert units(found, "serviceable stock", "hire") > 0


def test_a_row_that_is_missing_shows_as_an_imbalance() -> None:
    """Sums that cannot fail would say nothing: a unit that leaves without a trace is missed."""
    events = queue().events
    gone = events.index[(events.event == "left") & (events.day > 100)][0]
    robbed = with_table(queue(), "events", {name: column.to_numpy() for name, column in events.drop(gone).items()})

    assert flows(robbed).counter_error == pytest.approx(1.0)


def test_a_unit_that_leaves_twice_shows_as_an_imbalance() -> None:
    events = queue().events
    twice = events.loc[sorted([*events.index, events.index[(events.event == "left") & (events.day > 100)][0]])]
    doubled = with_table(queue(), "events", {name: column.to_numpy() for name, column in twice.items()})

    assert flows(doubled).balance_error >= 1.0


def test_units_that_a_full_station_refuses_are_turned_away() -> None:
    change = {"blocks.bench.capacity": 3, "blocks.bench.when_full": "lose"}
    found = flows(run(queue().scenario.override(change)))

    assert units(found, "arrivals", TURNED_AWAY) > 0
    assert found.balance_error == 0.0


def test_replications_are_averaged() -> None:
    found = flows(queue(3))

    singly = [flows(Run(queue(3).scenario, 0, (one,))) for one in queue(3).replications]
    assert units(found, "bench", "done") == pytest.approx(sum(units(one, "bench", "done") for one in singly) / 3)
    assert found.made == pytest.approx(sum(one.made for one in singly) / 3)


def test_a_run_that_kept_counters_only_has_no_flow() -> None:
    with pytest.raises(KeyError, match="events"):
        flows(run(queue().scenario, events=False))
