"""The flow of units as a picture: places in columns, ribbons between them as wide as the units are many.

A circle cannot be drawn from left to right, so it is cut where units are in use: what comes back there ends at a place
of its own on the right, named `back to ...`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from looptwin.page.charts import Element, Heading, Point, Size, drawing, hint, pixel, shape, words, written
from looptwin.page.flow import Link

BACK_TO = "back to "
"""What the right end of a cut circle is called."""

WIDTH, NAMES, BAR = 1000.0, 150.0, 10.0
"""Pixels of the whole picture, of the room for names to the right of the last column, and of a place's own bar."""

GAP, SHARE, TALLEST = 28.0, 60.0, 300.0
"""Pixels between two places of a column; of the fullest column's units, for each place of the longest and at most."""

LEGIBLE = 9.0
"""Pixels that a ribbon must be wide for its number to stand on it."""

SWEEPS = 8
"""How often columns are put in the order of their neighbours; after a few rounds nothing moves."""


@dataclass(frozen=True)
class Place:
    """Where a place stands: its left upper corner and its height, pixels; and its units."""

    x: float
    y: float
    height: float
    units: float

    @property
    def middle(self) -> float:
        """Half-way down."""
        return self.y + self.height / 2.0


@dataclass(frozen=True)
class Looks:
    """How places are shown. names: for display. kinds: classes of the style sheet for the ribbons at a place."""

    names: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)

    def name(self, place: str) -> str:
        """Return what a place is called, at the end of a cut circle too."""
        own = place.removeprefix(BACK_TO)
        return place.removesuffix(own) + self.names.get(own, own)

    def kind(self, link: Link) -> str:
        """Return the class of a ribbon: that of the place it reaches, else of the one it leaves."""
        return self.kinds.get(link.receiver) or self.kinds.get(link.sender) or "loop"


def flow_picture(
    links: Sequence[Link], heading: Heading, *, circling: Sequence[str] = (), looks: Looks | None = None
) -> str:
    """Return the picture of at least one link. circling: places at which a circle is cut."""
    links, looks = uncircled(links, circling), looks or Looks()
    places, scale = laid_out(links)
    leaves, reaches = _tops(links, places, scale, "sender"), _tops(links, places, scale, "receiver")
    height = max(one.y + max(one.height, GAP) for one in places.values()) + 4.0
    picture = drawing(heading, Size(WIDTH, height))
    for link in links:
        start = (places[link.sender].x + BAR, leaves[link])
        end = (places[link.receiver].x, reaches[link])
        ribbon = shape(picture, "path", f"ribbon {looks.kind(link)}", d=ribbon_path(start, end, link.units * scale))
        hint(ribbon, f"{looks.name(link.sender)} to {looks.name(link.receiver)}: {link.units:,.0f} units")
    # words last: they stand on the ribbons
    for link in links:
        if link.units * scale >= LEGIBLE:
            middle = reaches[link] + link.units * scale / 2.0
            at = (places[link.receiver].x - 5.0, middle + 4.0)
            words(picture, at, f"{link.units:,.0f}", "count", anchor="end")
    for one, place in places.items():
        _draw(picture, place, looks.name(one))
    return written(picture)


def ribbon_path(start: Point, end: Point, width: float) -> str:
    """Return the path of a ribbon between the upper corners of its two ends; the thinnest can still be seen."""
    (x0, y0), (x1, y1), thick = start, end, max(0.8, width)
    half = (x0 + x1) / 2.0
    upper = f"M{pixel(x0)} {pixel(y0)}C{pixel(half)} {pixel(y0)} {pixel(half)} {pixel(y1)} {pixel(x1)} {pixel(y1)}"
    y0, y1 = y0 + thick, y1 + thick
    lower = f"L{pixel(x1)} {pixel(y1)}C{pixel(half)} {pixel(y1)} {pixel(half)} {pixel(y0)} {pixel(x0)} {pixel(y0)}Z"
    return upper + lower


def uncircled(links: Sequence[Link], circling: Sequence[str]) -> list[Link]:
    """Return the links without circles: those that close one end at a place `back to ...`."""
    cut = {link for link in links if link.receiver in circling}
    rest = [link for link in links if link not in cut]
    cut |= _closing(rest)
    return [replace(link, receiver=BACK_TO + link.receiver) if link in cut else link for link in links]


def _closing(links: Sequence[Link]) -> set[Link]:
    """Return links whose removal leaves no circle; those that are met last on the way from where nothing comes in."""
    leaving: dict[str, list[Link]] = {}
    for link in links:
        leaving.setdefault(link.sender, []).append(link)
    reached = {link.receiver for link in links}
    closing: set[Link] = set()
    done: set[str] = set()

    def walk(place: str, way: tuple[str, ...]) -> None:
        for link in leaving.get(place, []):
            if link.receiver in way:
                closing.add(link)
            elif link.receiver not in done:
                walk(link.receiver, (*way, link.receiver))
        done.add(place)

    for place in sorted(leaving, key=lambda one: one in reached):
        if place not in done:
            walk(place, (place,))
    return closing


def in_columns(links: Sequence[Link]) -> dict[str, int]:
    """Return the column of each place: one further than everything that sends to it. The links have no circle.

    Senders that get nothing stand next to whom they send to.
    """
    names = list(dict.fromkeys(one for link in links for one in (link.sender, link.receiver)))
    column = dict.fromkeys(names, 0)
    for _ in names:
        for link in links:
            column[link.receiver] = max(column[link.receiver], column[link.sender] + 1)
    receives = {link.receiver for link in links}
    first = [one for one in names if one not in receives]
    return column | {one: min(column[link.receiver] for link in links if link.sender == one) - 1 for one in first}


def laid_out(links: Sequence[Link]) -> tuple[dict[str, Place], float]:
    """Return where each place stands, and the pixels of one unit."""
    units = _units(links)
    columns = in_order(links, in_columns(links))
    scale = min(TALLEST, SHARE * max(map(len, columns))) / max(sum(units[one] for one in column) for column in columns)
    heights = [sum(max(1.0, units[one] * scale) + GAP for one in column) for column in columns]
    step = (WIDTH - NAMES - BAR) / max(1, len(columns) - 1)
    places = {}
    for number, column in enumerate(columns):
        y = (max(heights) - heights[number]) / 2.0 + GAP / 2.0
        for one in column:
            height = max(1.0, units[one] * scale)
            places[one] = Place(number * step, y, height, units[one])
            y += height + GAP
    return places, scale


def _units(links: Sequence[Link]) -> dict[str, float]:
    """Return the larger of what comes to a place and what leaves it, as its stock may have changed."""
    came: dict[str, float] = {}
    went: dict[str, float] = {}
    for link in links:
        went[link.sender] = went.get(link.sender, 0.0) + link.units
        came[link.receiver] = came.get(link.receiver, 0.0) + link.units
    return {one: max(came.get(one, 0.0), went.get(one, 0.0)) for one in came | went}


def in_order(links: Sequence[Link], column: Mapping[str, int]) -> list[list[str]]:
    """Return the places of each column from top to bottom, each near its neighbours, so that few ribbons cross."""
    columns = [[one for one in column if column[one] == number] for number in range(max(column.values()) + 1)]
    for sweep in range(SWEEPS):
        # one sweep goes to the right and looks back, the next goes to the left
        to_right = sweep % 2 == 0
        for number in range(len(columns)) if to_right else reversed(range(len(columns))):
            rank = {one: (place + 0.5) / len(names) for names in columns for place, one in enumerate(names)}
            centre = {one: _centre(one, links, rank, to_right) for one in columns[number]}
            columns[number] = sorted(columns[number], key=lambda one: (centre[one], rank[one]))
    return columns


def _centre(place: str, links: Sequence[Link], rank: Mapping[str, float], to_right: bool) -> float:
    """Return where the neighbours on one side of a place are, on average; its own rank where it has none there."""
    near = [(rank[one.sender], one.units) for one in links if one.receiver == place]
    if not to_right:
        near = [(rank[one.receiver], one.units) for one in links if one.sender == place]
    units = sum(by for _, by in near)
    return sum(at * by for at, by in near) / units if units else rank[place]


def _tops(links: Sequence[Link], places: Mapping[str, Place], scale: float, end: str) -> dict[Link, float]:
    """Return where each ribbon begins at one of its ends: in the order of its other end, without a gap."""
    other = "receiver" if end == "sender" else "sender"
    next_y = {one: place.y for one, place in places.items()}
    tops = {}
    for link in sorted(links, key=lambda one: places[getattr(one, other)].middle):
        one = getattr(link, end)
        tops[link] = next_y[one]
        next_y[one] += link.units * scale
    return tops


def _draw(picture: Element, place: Place, name: str) -> None:
    shape(picture, "rect", "place", x=place.x, y=place.y, width=BAR, height=place.height)
    words(picture, (place.x + BAR + 5.0, place.middle - 1.0), name, "name")
    words(picture, (place.x + BAR + 5.0, place.middle + 12.0), f"{place.units:,.0f}", "count")
