"""The graph of a scenario: who reaches whom, what hangs on one place, and the cut that bounds the loop."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import looptwin as lt
from looptwin.graph import capacity, graph_of, mean_of
from looptwin.page.charts import Heading
from looptwin.page.graph_picture import graph_picture
from sim.config import Calendar, Station
from sim.laws import Exponential, Lognormal, Uniform, Weibull
from tests.looptwin.command_line import finished

LOOP = """\
looptwin: 1
name: loop
time: {horizon_days: 100}
blocks:
  fleet: {kind: population, size: 5, life_days: {law: constant, value: 50}, replacement: stock, from: shelf,
    to: sorting}
  sorting: {kind: station, servers: 2, service_days: {law: constant, value: 0.5}, to: {left: 0.5, right: 0.5}}
  left: {kind: station, servers: 3, service_days: {law: constant, value: 2}, to: shelf}
  right: {kind: station, servers: 1, service_days: {law: constant, value: 1}, to: shelf}
  plant: {kind: source, to: shelf}
  shelf: {kind: stock, level: 4, supply: plant}
"""


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> lt.Scenario:
    file = tmp_path_factory.mktemp("loop") / "loop.yaml"
    file.write_text(LOOP)
    return lt.load(file)


def test_the_smallest_cut_of_a_loop_is_the_two_stations_that_share_the_work(loop: lt.Scenario) -> None:
    """Sorting serves 4 a day; behind it stand 1.5 and 1 a day."""
    found = graph_of(loop).bottleneck

    assert found is not None
    assert found.stations == ("left", "right")
    assert found.units_per_day == pytest.approx(2.5, rel=1e-12)


def test_a_narrow_station_before_a_fork_is_the_cut(loop: lt.Scenario) -> None:
    found = graph_of(loop.override({"blocks.sorting.servers": 1})).bottleneck

    assert found is not None
    assert (found.stations, found.units_per_day) == (("sorting",), pytest.approx(2.0))


def test_a_loop_without_stations_has_no_bottleneck(loop: lt.Scenario) -> None:
    short = loop.override(
        {"blocks.sorting": None, "blocks.left": None, "blocks.right": None, "blocks.fleet.to": "shelf"}
    )
    found = graph_of(short).bottleneck

    assert found is not None
    assert (found.stations, found.units_per_day) == ((), math.inf)


def test_nothing_comes_back_in_a_line() -> None:
    assert graph_of(lt.load("mm3")).bottleneck is None


def test_what_hangs_on_one_block_is_told_and_what_has_a_second_way_is_not(loop: lt.Scenario) -> None:
    points = {one.place: one for one in graph_of(loop).single_points}

    assert points["plant"].without_supply == ("fleet",)
    assert points["sorting"].without_recovery == ("fleet",)
    assert points["shelf"].without_supply == points["shelf"].without_recovery == ("fleet",)
    assert "left" not in points
    assert "right" not in points


def test_every_fleet_of_the_small_chain_hangs_on_its_own_dismantler_and_all_on_the_remanufacturer() -> None:
    points = {one.place: one for one in graph_of(lt.load("transmission-small")).single_points}

    assert set(points["remanco"].without_recovery) >= {"cabs", "hire", "vans"}
    assert "hire" in points["north"].without_recovery
    assert points["gearworks"].without_recovery == ()
    assert "tester_north" not in points


def test_a_second_lane_takes_a_dismantler_from_the_single_points() -> None:
    scenario = lt.load("transmission-small").override(
        {"lanes.hire_south": {"from": "hire", "to": "south", "days": {"law": "constant", "value": 9}}}
    )
    points = {one.place for one in graph_of(scenario).single_points}

    assert "north" not in points


def test_a_station_serves_its_servers_over_its_mean_in_open_hours() -> None:
    hours = Uniform(low=2.0, high=4.0)
    always = Station(servers=3, service_hours=hours, to="end")
    shift = Station(servers=3, service_hours=hours, to="end", calendar=Calendar(hours=[[8.0, 16.0]]))

    assert capacity(always) == pytest.approx(24.0, rel=1e-9)
    assert capacity(shift) == pytest.approx(24.0 * 40.0 / 168.0, rel=1e-9)
    assert capacity(Station(servers="unlimited", service_hours=hours, to="end")) == math.inf


@pytest.mark.parametrize(
    ("law", "mean"),
    [
        (Exponential(rate=4.0), 0.25),
        (Lognormal(mean=3.0, cv=0.8), 3.0),
        (Weibull(shape=2.0, scale=1.0), math.sqrt(math.pi) / 2.0),
    ],
)
def test_the_mean_of_a_law_is_its_own_or_that_of_its_quantiles(
    law: Exponential | Lognormal | Weibull, mean: float
) -> None:
    assert mean_of(law) == pytest.approx(mean, rel=1e-3)


def test_the_picture_has_a_box_for_each_place_and_a_curve_for_each_way(loop: lt.Scenario) -> None:
    graph = graph_of(loop)
    text = graph_picture(graph, Heading("n", "Network", "told"), circling=["fleet"], names={"plant": "<Plant & Co>"})
    picture = ET.fromstring(text)  # noqa: S314 - our own text
    boxes = [one for one in picture if one.tag == "rect"]
    ways = [one for one in picture if one.tag == "path"]

    # a circle is cut where units are used, so that place stands twice
    assert len(boxes) == len(graph.places) + 1
    assert len(ways) == len(graph.links)
    assert {one.get("class") for one in boxes if one.findtext("title") == "sorting"} == {"box single"}


def test_the_command_prints_one_json_document(tmp_path: Path) -> None:
    status, out, _ = finished("network", "transmission-small", "--json", folder=tmp_path)
    found = json.loads(out)

    assert status == 0
    assert found["bottleneck"]["stations"]
    assert set(found["reach"]["gearworks"]) >= {"cabs", "hire", "vans"}


def test_the_command_tells_a_planner_in_words(tmp_path: Path) -> None:
    status, out, _ = finished("network", "transmission-small", folder=tmp_path)

    assert status == 0
    assert "bottleneck: remanco." in out
    assert "without" in out
