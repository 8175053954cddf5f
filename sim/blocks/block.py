"""What all blocks share: handing units on, and counting what is inside, exactly, on every path."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from sim.figure import Figure, Term, quantity, values_of
from sim.records import CODE, EVENT_BITS, Unit

if TYPE_CHECKING:
    from sim.world import World

Kpi = tuple[float, str]
"""Value and unit."""


class Block:
    """One block of a running world. Part of the world's state.

    number: units inside. area: integral of number over time since counting began, up to `changed`. stay: days that
    departed units spent inside since counting began. sojourn: their whole stay, also before. arrived, left: how many.
    held: units that wait here until there is room where they go. limited: whether the block may turn a unit away.
    stays: how long each departed unit was inside, where somebody asked for it (`keep_stays`).
    Little's law on the path: area = stay + what those still inside have spent so far.
    """

    STATE: ClassVar[tuple[str, ...]] = (
        "number",
        "area",
        "changed",
        "stay",
        "sojourn",
        "arrived",
        "left",
        "began",
        "held",
        "stays",
    )

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.id = world.numbers[name]
        self.engine = world.engine
        self.queue_of_events = world.engine.queue
        self.clock = world.engine.clock
        self.log = world.row
        self._code = world.index[name] << EVENT_BITS
        self.number = 0
        self.area = 0.0
        self.changed = 0.0
        self.stay = 0.0
        self.sojourn = 0.0
        self.arrived = 0
        self.left = 0
        self.began = 0.0
        self.held: list[Unit] = []
        self.stays: array[float] | None = None
        self.limited = False
        self.revisited = world.revisited(name)

    def code(self, event: str) -> int:
        """Return the logged code of an event at this block."""
        return self._code | CODE[event]

    def wire(self) -> None:
        """Look up the other blocks by name, once all are made."""

    def begin(self) -> None:
        """Put what is there at day 0 in place."""

    def renew(self, config: Any) -> None:
        """Take over what may change of its configuration while the world runs (`disruptions.MAY_CHANGE`)."""
        raise NotImplementedError

    def look_again(self) -> None:
        """Do what a changed configuration asks for at once."""

    def accept(self, unit: Unit) -> None:
        """Take a unit in."""
        raise NotImplementedError

    def full(self) -> bool:
        """Whether a unit finds no place now; asked only where `limited`."""
        return False

    def turn_away(self, unit: Unit, sender: Block) -> bool:
        """Deal with a unit that finds no place: False when it waits at its sender, True when it went elsewhere."""
        raise NotImplementedError

    def relieved(self, unit: Unit) -> None:
        """Be told that a unit that was held here has gone where it wanted to."""
        self.held.remove(unit)

    def enter(self, unit: Unit) -> None:
        """Count a unit in."""
        now = self.clock._now
        self.area += self.number * (now - self.changed)
        self.changed = now
        self.number += 1
        self.arrived += 1
        unit.since = now

    def leave(self, unit: Unit) -> None:
        """Count a unit out."""
        now = self.clock._now
        self.area += self.number * (now - self.changed)
        self.changed = now
        self.number -= 1
        self.left += 1
        since = unit.since
        self.sojourn += now - since
        self.stay += now - (since if since > self.began else self.began)
        if self.stays is not None:
            self.stays.append(now - since)

    def visit(self, unit: Unit) -> int:
        """Return how often the unit came here before, and count this visit."""
        if not self.revisited:
            return 0
        if unit.visits is None:
            unit.visits = {}
        before = unit.visits.get(self.id, 0)
        unit.visits[self.id] = before + 1
        return before

    def past_visits(self, unit: Unit) -> int:
        """Return how often the unit was here before the visit it is on."""
        return unit.visits[self.id] - 1 if self.revisited and unit.visits else 0

    def hand_over(self, unit: Unit, target: Block) -> bool:
        """Pass a unit on; False when it is held here until there is room."""
        if target.limited and target is not self and target.full():
            return target.turn_away(unit, self)
        self.leave(unit)
        target.accept(unit)
        return True

    def area_until(self, day: float) -> float:
        """Integral of the number inside from the start of counting to `day`, not before the last change."""
        return self.area + self.number * (day - self.changed)

    def count_from(self, day: float) -> None:
        """Forget what was counted before `day`: the warm-up is over."""
        self.area, self.changed, self.began = 0.0, day, day
        self.stay = self.sojourn = 0.0
        self.arrived = self.left = 0
        if self.stays is not None:
            del self.stays[:]

    def residents(self) -> Iterator[Unit]:
        """Yield the units inside, except those that only a pending entry holds."""
        return iter(self.held)

    def kpis(self, day: float) -> dict[str, Kpi]:
        """Return value and unit of this block's figures over the time since counting began."""
        return values_of(self.figures(day))

    def figures(self, day: float) -> dict[str, Figure]:
        """Return this block's figures over the time since counting began, with the terms that they are made of."""
        days = quantity("days", day - self.began, "days")
        left = quantity("left", self.left, "units")
        return {
            "number_mean": (quantity("unit_days_inside", self.area_until(day), "unit days") / days).figure("units"),
            "time_mean_days": (quantity("days_of_those_who_left", self.sojourn, "unit days") / left).figure("days"),
            "throughput_per_day": (left / days).figure("units/day"),
            **stay_quantiles(self.stays),
        }

    def keep_stays(self) -> None:
        """Keep the length of every stay from now on, for their quantiles; 8 bytes each."""
        self.stays = array("d")


def stay_quantiles(stays: array[float] | None) -> dict[str, Figure]:
    """Return median and 95 % point of stays that were kept: the shortest that so many of them do not exceed."""
    if stays is None:
        return {}
    ordered = sorted(stays)
    found = {}
    for percent in (50, 95):
        rank = -(-percent * len(ordered) // 100)
        value = ordered[rank - 1] if ordered else math.nan
        terms = (Term("stays", len(ordered), "units"), Term("rank", rank, "units"), Term("stay_of_rank", value, "days"))
        found[f"time_p{percent}_days"] = Figure(value, "days", "stay_of_rank", terms)
    return found


def ratio(part: float, whole: float) -> float:
    """Return part / whole; nan while there is nothing to divide by."""
    return part / whole if whole else math.nan


class Integral:
    """Time integral of a count since counting began. Part of the world's state."""

    STATE: ClassVar[tuple[str, ...]] = ("value", "area", "changed")
    __slots__ = ("area", "changed", "value")

    def __init__(self) -> None:
        self.value = 0
        self.area = 0.0
        self.changed = 0.0

    def add(self, step: int, now: float) -> None:
        """Change the count by `step` at `now`."""
        self.area += self.value * (now - self.changed)
        self.changed = now
        self.value += step

    def until(self, day: float) -> float:
        """Integral up to `day`."""
        return self.area + self.value * (day - self.changed)

    def count_from(self, day: float) -> None:
        """Start again at `day`; the count stays."""
        self.area, self.changed = 0.0, day


Choose = Callable[[Unit, int], Any]
"""A route: unit and visit number to the next block."""
