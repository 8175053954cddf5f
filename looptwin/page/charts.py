"""Charts as inline SVG, written by hand: lines over time with bands, and bars. A page's style sheet colours them.

Values in, text out: every text of a caller is escaped, and the same values give the same characters.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

Element: TypeAlias = ET.Element
"""An element of the picture under work."""

Point: TypeAlias = tuple[float, float]
"""A place in pixels, from the left and from the top."""

LEFT, RIGHT, TOP, BOTTOM = 52.0, 14.0, 12.0, 26.0
"""Room around the plot of a line chart, pixels."""

ROW, NAMES, VALUES, AXIS = 30.0, 150.0, 64.0, 20.0
"""Height of a bar's row, and room for the bars' names, their values and the axis below, pixels."""


class Heading(NamedTuple):
    """What a screen reader is told of a picture; its name is unique on its page."""

    name: str
    title: str
    description: str


class Size(NamedTuple):
    """Size of a picture in its own pixels; the page scales it."""

    width: float = 520.0
    height: float = 200.0


@dataclass(frozen=True)
class Scale:
    """The straight map that takes `lowest` to the pixel `start` and `highest` to the pixel `end`."""

    lowest: float
    highest: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.lowest) / (self.highest - self.lowest) * (self.end - self.start)


@dataclass(frozen=True)
class Line:
    """A line through (x, y), with a band from `low` to `high` around it where these are given."""

    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


@dataclass(frozen=True)
class Moment:
    """A day to mark. `since` shades what lies between that day and this one instead."""

    day: float
    label: str
    since: float | None = None


@dataclass(frozen=True)
class Bar:
    """A named value; `kind` is its class in the style sheet."""

    name: str
    value: float
    text: str
    kind: str = ""


def round_step(span: float, most: int) -> float:
    """Return the smallest 1, 2 or 5 times a power of ten that divides a span into at most so many steps."""
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= rough * (1.0 - 1e-9))


def ticks(lowest: float, highest: float, most: int = 5) -> list[float]:
    """Return the round values within two bounds, in at most so many steps."""
    step = round_step(highest - lowest, most)
    first, last = math.ceil(lowest / step - 1e-9), math.floor(highest / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def line_chart(
    line: Line, heading: Heading, *, horizon: float, moments: Sequence[Moment] = (), size: Size | None = None
) -> str:
    """Return a chart of a quantity over the days of a run, from 0 up."""
    size = size or Size()
    across = Scale(0.0, horizon, LEFT, size.width - RIGHT)
    marks = _marks(line, 4 if size.height > 150.0 else 2)
    up = Scale(0.0, marks[-1], size.height - BOTTOM, TOP)
    picture = drawing(heading, size)
    for moment in moments:
        _moment(picture, moment, across, up)
    for value in marks:
        _tick(picture, value, up(value), across)
    for day in ticks(0.0, horizon, 4):
        words(picture, (across(day), size.height - 8.0), f"{day:,.10g}", "axis", anchor="middle")
    if line.low:
        edge = [*zip(line.x, line.high, strict=True), *reversed(list(zip(line.x, line.low, strict=True)))]
        shape(picture, "polygon", "band", points=_points(edge, across, up))
    shape(picture, "polyline", "line", points=_points(zip(line.x, line.y, strict=True), across, up))
    return written(picture)


def _marks(line: Line, most: int) -> list[float]:
    """Return the ticks from 0 to the first one at or above everything that the line shows."""
    highest = max((value for value in (*line.y, *line.high) if math.isfinite(value)), default=0.0)
    if highest <= 0.0:
        return [0.0, 1.0]
    step = round_step(highest, most)
    return [number * step for number in range(math.ceil(highest / step - 1e-9) + 1)]


def _tick(picture: Element, value: float, y: float, across: Scale) -> None:
    shape(picture, "line", "grid" if value else "base", x1=across.start, x2=across.end, y1=y, y2=y)
    words(picture, (across.start - 6.0, y + 4.0), f"{value:,.10g}", "axis", anchor="end")


def _moment(picture: Element, moment: Moment, across: Scale, up: Scale) -> None:
    x = across(moment.day)
    if moment.since is not None:
        since = across(moment.since)
        shape(picture, "rect", "shade", x=since, y=up.end, width=x - since, height=up.start - up.end)
        return
    shape(picture, "line", "moment", x1=x, x2=x, y1=up.end, y2=up.start)
    words(picture, (x + 4.0, up.end + 9.0), moment.label, "note")


def _points(pairs: Iterable[Point], across: Scale, up: Scale) -> str:
    return " ".join(f"{pixel(across(x))},{pixel(up(y))}" for x, y in pairs if math.isfinite(y))


def bar_chart(bars: Sequence[Bar], heading: Heading, *, lowest: float, highest: float) -> str:
    """Return bars from `lowest` to their values, one row each."""
    size = Size(height=ROW * len(bars) + AXIS)
    across, bottom = Scale(lowest, highest, NAMES, size.width - VALUES), size.height - AXIS
    picture = drawing(heading, size)
    for value in ticks(lowest, highest, 5):
        x = across(value)
        shape(picture, "line", "grid" if value > lowest else "base", x1=x, x2=x, y1=0.0, y2=bottom)
        words(picture, (x, size.height - 5.0), f"{value:.10g}", "axis", anchor="middle")
    for row, bar in enumerate(bars):
        y, end = ROW * row, across(min(max(bar.value, lowest), highest))
        shape(picture, "rect", f"bar {bar.kind}".strip(), x=NAMES, y=y + 6.0, width=end - NAMES, height=ROW - 12.0)
        words(picture, (NAMES - 8.0, y + 19.0), bar.name, "name", anchor="end")
        words(picture, (end + 6.0, y + 19.0), bar.text, "value")
    return written(picture)


def drawing(heading: Heading, size: Size) -> Element:
    """Return an empty picture that a screen reader can tell."""
    name = heading.name
    box = f"0 0 {pixel(size.width)} {pixel(size.height)}"
    labels = f"{name}-title {name}-description"
    picture = ET.Element("svg", {"viewBox": box, "role": "img", "aria-labelledby": labels})
    ET.SubElement(picture, "title", {"id": f"{name}-title"}).text = heading.title
    ET.SubElement(picture, "desc", {"id": f"{name}-description"}).text = heading.description
    return picture


def shape(parent: Element, tag: str, kind: str, **attributes: float | str) -> Element:
    """Add a shape of a class of the style sheet; numbers are pixels."""
    texts = {key: value if isinstance(value, str) else pixel(value) for key, value in attributes.items()}
    return ET.SubElement(parent, tag, {"class": kind, **texts})


def words(parent: Element, at: Point, text: str, kind: str, *, anchor: str = "start") -> None:
    """Add words that stand on a place."""
    place = {"x": pixel(at[0]), "y": pixel(at[1])}
    ET.SubElement(parent, "text", {"class": kind, **place, "text-anchor": anchor}).text = text


def hint(element: Element, text: str) -> None:
    """Give a shape the words that a pointer over it shows."""
    ET.SubElement(element, "title").text = text


def pixel(value: float) -> str:
    """Write a coordinate to a tenth of a pixel, which is finer than any screen shows."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def written(picture: Element) -> str:
    """Return the picture as text, fit for a page."""
    return ET.tostring(picture, encoding="unicode")
