"""Scatter plots, curves and boxes put known values at known places."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from looptwin.page.charts import Heading, Size
from looptwin.page.scatter import Axes, Box, boxes, curve, scatter, span
from tests.looptwin.page.svg import of_class, read

HEADING = Heading("residuals", "Residuals", "A dot each")
UNIT = Axes("fitted", "residual", (0.0, 1.0), (0.0, 1.0))
SMALL = Size(166.0, 152.0)
"""With it the plane goes from 52 to 152 across and from 112 up to 12."""


def dots(picture: str) -> list[str]:
    (path,) = of_class(picture, "dots")
    return re.findall(r"M(\S+ \S+?)h0", str(path.get("d")))


def test_points_stand_where_their_values_are() -> None:
    picture = scatter([(0.0, 0.0), (1.0, 1.0), (0.5, 0.25)], HEADING, UNIT, size=SMALL)

    assert dots(picture) == ["52 112", "152 12", "102 87"]


def test_a_line_goes_through_its_ends() -> None:
    picture = scatter([], HEADING, UNIT, line=((0.0, 1.0), (1.0, 0.0)), size=SMALL)

    (line,) = of_class(picture, "moment")
    assert [line.get(name) for name in ("x1", "y1", "x2", "y2")] == ["52", "12", "152", "112"]


def test_a_curve_is_cut_off_where_its_axis_ends() -> None:
    picture = curve([(0.0, -5.0), (0.5, 0.5), (1.0, 1.0)], HEADING, UNIT, size=SMALL)

    (line,) = of_class(picture, "line")
    assert line.get("points") == "52,112 102,62 152,12"


def test_a_box_spans_its_quartiles_and_shows_its_median() -> None:
    picture = boxes([Box("east", 250.0, 500.0, 1000.0, "500")], HEADING)

    (box,), (middle,) = of_class(picture, "bar federated"), of_class(picture, "middle")
    # 0 to 1,000 over the 306 pixels between names and values
    assert float(str(box.get("x"))) == pytest.approx(150.0 + 306.0 / 4.0)
    assert float(str(box.get("width"))) == pytest.approx(306.0 * 0.75)
    assert float(str(middle.get("x1"))) == pytest.approx(150.0 + 306.0 / 2.0)


@given(st.lists(st.floats(-1e9, 1e9), max_size=6))
def test_a_span_holds_all_values_and_is_never_empty(values: list[float]) -> None:
    low, high = span(values)

    assert low < high
    assert all(low <= value <= high for value in values)


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), max_size=5), st.text(max_size=5))
def test_any_points_and_words_make_a_picture_that_a_reader_takes(points: list[tuple[float, float]], word: str) -> None:
    word = "".join(letter for letter in word if letter.isprintable())
    picture = scatter(points, HEADING, Axes(word, word))

    assert len(read(picture)) > 2
    assert len(dots(picture)) == len(points)
