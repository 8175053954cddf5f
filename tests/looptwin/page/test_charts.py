"""Charts put known values at known places, in SVG that any reader of XML accepts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from looptwin.page.charts import (
    Bar,
    Heading,
    Line,
    Moment,
    Scale,
    Size,
    bar_chart,
    line_chart,
    pixel,
    round_step,
    ticks,
)
from tests.looptwin.page.svg import of_class, read

HEADING = Heading("stock", "Stock", "Units at hand")
SPANS = st.floats(min_value=1e-6, max_value=1e9)

# 100 days are 100 pixels wide from 52 on, and the height from 112 up to 12 is 100 pixels
SMALL = Size(166.0, 138.0)


def test_a_scale_maps_its_ends_to_its_ends_and_the_middle_to_the_middle() -> None:
    scale = Scale(10.0, 20.0, 100.0, 0.0)

    assert [scale(10.0), scale(15.0), scale(20.0)] == [100.0, 50.0, 0.0]


def test_a_line_goes_through_its_points() -> None:
    picture = line_chart(Line([0.0, 50.0, 100.0], [0.0, 5.0, 10.0]), HEADING, horizon=100.0, size=SMALL)

    (line,) = of_class(picture, "line")
    assert line.get("points") == "52,112 102,62 152,12"


def test_a_band_goes_along_its_upper_edge_and_back_along_its_lower_one() -> None:
    line = Line([0.0, 100.0], [5.0, 5.0], low=[4.0, 0.0], high=[6.0, 10.0])
    picture = line_chart(line, HEADING, horizon=100.0, size=SMALL)

    (band,) = of_class(picture, "band")
    assert band.get("points") == "52,52 152,12 152,112 52,72"


def test_days_that_do_not_count_are_shaded_and_a_moment_is_marked() -> None:
    moments = [Moment(30.0, "not counted", since=0.0), Moment(40.0, "the model decides")]
    picture = line_chart(Line([0.0], [1.0]), HEADING, horizon=100.0, moments=moments, size=SMALL)

    (shade,), (mark,), (note,) = (of_class(picture, kind) for kind in ("shade", "moment", "note"))
    assert (shade.get("x"), shade.get("width")) == ("52", "30")
    assert mark.get("x1") == mark.get("x2") == "92"
    assert note.text == "the model decides"


@given(st.lists(st.floats(min_value=0.0, max_value=1e9), min_size=1, max_size=20))
def test_no_line_leaves_its_picture(values: list[float]) -> None:
    days = [float(number) for number in range(len(values))]
    picture = line_chart(Line(days, values), HEADING, horizon=float(len(values)), size=SMALL)

    (line,) = of_class(picture, "line")
    points = [[float(number) for number in point.split(",")] for point in str(line.get("points")).split()]
    assert all(52.0 <= x <= 152.0 and 12.0 <= y <= 112.0 for x, y in points)


def test_a_line_at_nothing_stands_on_the_ground() -> None:
    picture = line_chart(Line([0.0, 100.0], [0.0, 0.0]), HEADING, horizon=100.0, size=SMALL)

    (line,) = of_class(picture, "line")
    assert line.get("points") == "52,112 152,112"


@given(SPANS, st.integers(min_value=1, max_value=10))
def test_steps_are_round_and_few(span: float, most: int) -> None:
    step = round_step(span, most)

    assert span / step <= most * (1.0 + 1e-6)
    assert float(f"{step:.0e}") == pytest.approx(step)
    assert f"{step:.0e}"[0] in "125"


@given(SPANS)
def test_ticks_lie_within_their_bounds(span: float) -> None:
    found = ticks(0.0, span, 5)

    assert found[0] == 0.0
    assert found[-1] <= span * (1.0 + 1e-6)
    assert len(found) <= 6


def test_bars_are_as_long_as_their_values_from_the_lowest_on() -> None:
    bars = [Bar("alone", 0.5, "0.500"), Bar("together", 0.75, "0.750", "federated"), Bar("perfect", 1.0, "1.000")]
    picture = bar_chart(bars, HEADING, lowest=0.5, highest=1.0)

    plain = of_class(picture, "bar")
    (federated,) = of_class(picture, "bar federated")
    assert [one.get("width") for one in plain] == ["0", "306"]
    assert federated.get("width") == "153"


def test_a_hostile_name_stays_a_text() -> None:
    hostile = "<script>alert('1')</script>&\""
    heading = Heading("h", hostile, hostile)
    for picture in (
        bar_chart([Bar(hostile, 0.6, hostile)], heading, lowest=0.5, highest=1.0),
        line_chart(Line([0.0], [1.0]), heading, horizon=1.0, moments=[Moment(0.5, hostile)]),
    ):
        assert "<script" not in picture
        assert hostile in [one.text for one in read(picture).iter()]


def test_a_picture_tells_a_screen_reader_what_it_shows() -> None:
    picture = read(line_chart(Line([0.0], [1.0]), HEADING, horizon=1.0))

    told = {one.get("id"): one.text for one in picture}
    named = str(picture.get("aria-labelledby")).split()
    assert picture.get("role") == "img"
    assert [told[name] for name in named] == ["Stock", "Units at hand"]


@pytest.mark.parametrize(("value", "text"), [(0.0, "0"), (-0.04, "0"), (1.25, "1.2"), (-3.0, "-3"), (1e6, "1000000")])
def test_a_coordinate_is_short_and_has_no_negative_nothing(value: float, text: str) -> None:
    assert pixel(value) == text
