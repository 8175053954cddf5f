"""Scatter plots, boxes and curves over any axis as inline SVG; a page's style sheet colours them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from looptwin.page.charts import (
    BOTTOM,
    LEFT,
    NAMES,
    RIGHT,
    ROW,
    TOP,
    VALUES,
    Element,
    Heading,
    Point,
    Scale,
    Size,
    drawing,
    pixel,
    shape,
    ticks,
    words,
    written,
)

ROOM = 0.04
"""Share of an axis that stays free at both ends."""

CAPTIONS = 14.0
"""Height of the words below the axis of a scatter plot, pixels."""


@dataclass(frozen=True)
class Axes:
    """What stands at the axes, and what they span; None for what the points span."""

    across: str
    up: str
    x: tuple[float, float] | None = None
    y: tuple[float, float] | None = None


@dataclass(frozen=True)
class Box:
    """Quartiles of a quantity under a name."""

    name: str
    low: float
    middle: float
    high: float
    text: str


def scatter(
    points: Sequence[Point],
    heading: Heading,
    axes: Axes,
    *,
    line: tuple[Point, Point] | None = None,
    size: Size | None = None,
) -> str:
    """Return points in a plane, with a straight line where one is given."""
    size = size or Size(300.0, 210.0)
    picture, across, up = _plane(points, heading, axes, size)
    if line is not None:
        (x1, y1), (x2, y2) = line
        shape(picture, "line", "moment", x1=across(x1), x2=across(x2), y1=up(y1), y2=up(y2))
    # one path of dots instead of a circle each: a page holds thousands
    dots = "".join(f"M{pixel(across(x))} {pixel(up(y))}h0" for x, y in points)
    shape(picture, "path", "dots", d=dots)
    return written(picture)


def curve(points: Sequence[Point], heading: Heading, axes: Axes, *, size: Size | None = None) -> str:
    """Return a line through points from left to right; what lies outside of the axes is cut off."""
    picture, across, up = _plane(points, heading, axes, size or Size())
    low, high = min(up.lowest, up.highest), max(up.lowest, up.highest)
    line = " ".join(f"{pixel(across(x))},{pixel(up(min(max(y, low), high)))}" for x, y in points)
    shape(picture, "polyline", "line", points=line)
    return written(picture)


def boxes(rows: Sequence[Box], heading: Heading) -> str:
    """Return the middle halves of quantities, one row each, from 0."""
    size = Size(height=ROW * len(rows) + 20.0)
    highest = max((row.high for row in rows), default=1.0)
    across, bottom = Scale(0.0, highest, NAMES, size.width - VALUES), size.height - 20.0
    picture = drawing(heading, size)
    for value in ticks(0.0, highest, 5):
        x = across(value)
        shape(picture, "line", "grid" if value else "base", x1=x, x2=x, y1=0.0, y2=bottom)
        words(picture, (x, size.height - 5.0), f"{value:,.10g}", "axis", anchor="middle")
    for number, row in enumerate(rows):
        y = ROW * number
        width = max(across(row.high) - across(row.low), 1.0)
        shape(picture, "rect", "bar federated", x=across(row.low), y=y + 8.0, width=width, height=ROW - 16.0)
        middle = across(row.middle)
        shape(picture, "line", "middle", x1=middle, x2=middle, y1=y + 5.0, y2=y + ROW - 5.0)
        words(picture, (NAMES - 8.0, y + 19.0), row.name, "name", anchor="end")
        words(picture, (across(row.high) + 6.0, y + 19.0), row.text, "value")
    return written(picture)


def _plane(points: Sequence[Point], heading: Heading, axes: Axes, size: Size) -> tuple[Element, Scale, Scale]:
    x, y = axes.x or span([one for one, _ in points]), axes.y or span([one for _, one in points])
    across = Scale(*x, LEFT, size.width - RIGHT)
    up = Scale(*y, size.height - BOTTOM - CAPTIONS, TOP)
    picture = drawing(heading, size)
    for value in ticks(*y, 4):
        shape(picture, "line", "grid" if value else "base", x1=across.start, x2=across.end, y1=up(value), y2=up(value))
        words(picture, (across.start - 6.0, up(value) + 4.0), f"{value:,.10g}", "axis", anchor="end")
    for value in ticks(*x, 4):
        words(picture, (across(value), up.start + 14.0), f"{value:,.10g}", "axis", anchor="middle")
    words(picture, (across.end, size.height - 4.0), axes.across, "axis", anchor="end")
    words(picture, (across.start + 4.0, TOP + 4.0), axes.up, "axis")
    return picture, across, up


def span(values: Sequence[float]) -> tuple[float, float]:
    """Return bounds around values with some room; around one value, or none, bounds that differ."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = ROOM * (high - low) or 0.5 * (abs(high) or 1.0)
    return low - room, high + room
