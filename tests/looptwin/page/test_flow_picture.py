"""The picture of the flow: ribbons as wide as their units, places in columns, circles cut where units are in use."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from looptwin.page.charts import Heading
from looptwin.page.flow import Link
from looptwin.page.flow_picture import BACK_TO, Looks, flow_picture, in_columns, laid_out, ribbon_path, uncircled
from tests.looptwin.page.svg import read

HEADING = Heading("flow", "Flow", "Units")
CHAIN = [
    Link("fleet", "yard", 100.0),
    Link("yard", "works", 60.0),
    Link("yard", "scrap", 40.0),
    Link("works", "fleet", 60.0),
]

NAMES = "abcdef"
LINKS = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda pair: pair[0] != pair[1]),
    st.integers(min_value=1, max_value=1000),
    min_size=1,
    max_size=12,
).map(lambda pairs: [Link(*pair, float(units)) for pair, units in sorted(pairs.items())])


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


def test_the_circle_is_cut_where_units_are_in_use() -> None:
    cut = uncircled(CHAIN, ["fleet"])

    assert cut[-1] == Link("works", BACK_TO + "fleet", 60.0)
    assert cut[:-1] == CHAIN[:-1]


def test_each_place_stands_after_everything_that_sends_to_it() -> None:
    assert in_columns(uncircled(CHAIN, ["fleet"])) == {
        "fleet": 0,
        "yard": 1,
        "works": 2,
        "scrap": 2,
        BACK_TO + "fleet": 3,
    }


def test_a_maker_stands_next_to_whom_it_supplies() -> None:
    links = [Link("a", "b", 1.0), Link("b", "c", 1.0), Link("c", "d", 1.0), Link("maker", "d", 1.0)]

    assert in_columns(links)["maker"] == 2


@given(LINKS)
def test_any_network_can_be_drawn_from_left_to_right(links: list[Link]) -> None:
    """No circle is left, no unit is dropped, and every link goes to the right."""
    cut = uncircled(links, [])
    columns = in_columns(cut)

    assert all(columns[link.sender] < columns[link.receiver] for link in cut)
    assert sorted(link.units for link in cut) == sorted(link.units for link in links)
    assert min(columns.values()) >= 0


@given(LINKS)
def test_places_are_as_tall_as_their_units_and_none_covers_another(links: list[Link]) -> None:
    places, scale = laid_out(uncircled(links, []))

    for one in places.values():
        assert one.height == pytest.approx(max(1.0, one.units * scale))
    for one, other in itertools.combinations(places.values(), 2):
        assert one.x != other.x or one.y + one.height <= other.y or other.y + other.height <= one.y


def test_a_ribbon_is_as_wide_at_both_ends_as_its_units() -> None:
    path = numbers(ribbon_path((0.0, 10.0), (100.0, 40.0), 25.0))

    assert path[:2] == [0.0, 10.0]
    assert path[6:8] == [100.0, 40.0]
    assert path[8:10] == [100.0, 65.0]
    assert path[-2:] == [0.0, 35.0]


def test_ribbons_fill_the_places_that_they_leave_and_reach() -> None:
    picture = read(flow_picture(CHAIN, HEADING, circling=["fleet"]))

    paths = [numbers(str(one.get("d"))) for one in picture.iter("path")]
    widths = [path[9] - path[7] for path in paths]
    assert [width / widths[0] for width in widths] == pytest.approx([1.0, 0.6, 0.4, 0.6], abs=0.01)


def test_every_ribbon_tells_its_units_and_places_have_their_names_for_display() -> None:
    looks = Looks(names={"fleet": "Hire & Co"}, kinds={"scrap": "out"})
    picture = read(flow_picture(CHAIN, HEADING, circling=["fleet"], looks=looks))

    told = [one.text for one in picture.iter("title")]
    shown = [one.text for one in picture.iter("text")]
    assert "Hire & Co to yard: 100 units" in told
    assert "works to back to Hire & Co: 60 units" in told
    assert {"Hire & Co", "back to Hire & Co", "yard"} <= set(shown)
    assert [one.get("class") for one in picture.iter("path")] == [
        "ribbon loop",
        "ribbon loop",
        "ribbon out",
        "ribbon loop",
    ]


def test_the_same_links_give_the_same_picture() -> None:
    assert flow_picture(CHAIN, HEADING) == flow_picture(CHAIN, HEADING)
