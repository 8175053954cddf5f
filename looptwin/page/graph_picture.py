"""The graph of a scenario as a picture: places in columns, a curve for each way between two, and what hangs on one.

A circle is cut where units are used: what is sold to a user ends at a second box of his on the right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from looptwin.graph import Graph
from looptwin.page.charts import Element, Heading, Point, Size, drawing, hint, pixel, shape, words, written
from looptwin.page.flow import Link
from looptwin.page.flow_picture import BACK_TO, in_columns, in_order, uncircled

WIDE, HIGH = 132.0, 34.0
"""Pixels of a box."""

ACROSS, DOWN = 190.0, 52.0
"""Pixels from one column to the next and from one box to the next."""

LONGEST = 20
"""Letters of a name that fit a box."""


def graph_picture(graph: Graph, heading: Heading, *, circling: Sequence[str], names: Mapping[str, str]) -> str:
    """Return the picture of a graph with at least one link. circling: places at which a circle is cut."""
    pairs = [Link(sender, receiver, 1.0) for sender, receiver in graph.links]
    links = uncircled(pairs, circling)
    corners = _corners(links)
    size = Size(max(x for x, _ in corners.values()) + WIDE + 2.0, max(y for _, y in corners.values()) + HIGH + 2.0)
    picture = drawing(heading, size)
    for link, pair in zip(links, pairs, strict=True):
        way = _way(corners[link.sender], corners[link.receiver])
        line = shape(picture, "path", "way", d=way)
        ways = ", ".join(graph.links[pair.sender, pair.receiver])
        hint(line, f"{names.get(pair.sender, pair.sender)} to {names.get(pair.receiver, pair.receiver)} by {ways}")
    single = {one.place for one in graph.single_points}
    bounding = set() if graph.bottleneck is None else {name.partition(".")[0] for name in graph.bottleneck.stations}
    for place, corner in corners.items():
        own = place.removeprefix(BACK_TO)
        kind = "box" + (" single" if own in single else "") + (" bounding" if own in bounding else "")
        _box(picture, corner, names.get(own, own), kind)
    return written(picture)


def _corners(links: Sequence[Link]) -> dict[str, Point]:
    """Return the upper left corner of each box."""
    columns = in_order(links, in_columns(links))
    tallest = max(map(len, columns))
    return {
        place: (1.0 + number * ACROSS, 1.0 + (row + (tallest - len(column)) / 2.0) * DOWN)
        for number, column in enumerate(columns)
        for row, place in enumerate(column)
    }


def _way(start: Point, end: Point) -> str:
    (x0, y0), (x1, y1) = (start[0] + WIDE, start[1] + HIGH / 2.0), (end[0], end[1] + HIGH / 2.0)
    half = (x0 + x1) / 2.0
    return f"M{pixel(x0)} {pixel(y0)}C{pixel(half)} {pixel(y0)} {pixel(half)} {pixel(y1)} {pixel(x1)} {pixel(y1)}"


def _box(picture: Element, corner: Point, name: str, kind: str) -> None:
    box = shape(picture, "rect", kind, x=corner[0], y=corner[1], width=WIDE, height=HIGH, rx=6.0)
    hint(box, name)
    short = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    words(picture, (corner[0] + WIDE / 2.0, corner[1] + HIGH / 2.0 + 4.0), short, "name", anchor="middle")
