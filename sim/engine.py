"""SimPy as clock and calendar, with slim events.

Nothing pending is a generator or a closure: an entry is (day, phase, order, block, step, unit), so a world can be
saved, resumed and compared. Ties at one instant resolve by phase, then by unit key, never by the order of insertion.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from typing import Any, TypeAlias

import simpy

COMPLETE, FAIL, ARRIVE, REVIEW = 1, 2, 3, 4
"""Phases of one instant: services end, then things fail, then units and customers arrive, then rules look again.

Phase 0 is SimPy's own: `run(until=day)` stops before anything of that day happens.
"""

Step: TypeAlias = Callable[["Entry"], None]


class Entry:
    """A pending event: what SimPy's loop needs and the unit it is about. 48 bytes; no value, no environment."""

    __slots__ = ("callbacks", "unit")
    _ok = True
    _defused = True

    def __init__(self, callbacks: tuple[Step, ...] | None, unit: Any) -> None:
        self.callbacks = callbacks
        self.unit = unit

    def __lt__(self, other: Entry) -> bool:
        # same day, phase and order: two events of one unit; the blocks' names and steps decide
        return self.place() < other.place()

    def place(self) -> tuple[str, str]:
        """Name of the block and of the step that this entry will call; empty when it was cancelled."""
        if not self.callbacks:
            return ("", "")
        step: Any = self.callbacks[0]
        return (step.__self__.name, step.__name__)

    def cancel(self) -> None:
        """Make the entry do nothing when its time comes."""
        self.callbacks = ()


MOST_AT_ONE_INSTANT = 1_000_000
"""Events without time passing that are taken for events without end."""


class StandstillError(RuntimeError):
    """Events follow each other without time passing."""


OBJECTS_PER_COLLECTION = 50_000
"""Objects made and kept before Python looks for cycles among them, while a world runs."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let Python look for cycles seldom: a world makes none, and has many objects to look through."""
    before = gc.get_threshold()
    if 0 < before[0] < OBJECTS_PER_COLLECTION:
        gc.set_threshold(OBJECTS_PER_COLLECTION, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _stop(entry: Entry) -> None:
    raise simpy.core.StopSimulation(None)


class Engine:
    """Clock and calendar of a world. Holds state: SimPy's environment and its queue."""

    def __init__(self) -> None:
        self.clock = simpy.Environment(initial_time=0.0)
        self.queue: list[tuple[float, int, int, Entry]] = self.clock._queue  # type: ignore[assignment]
        # one tuple for each step of each block, however many entries call it; no state
        self.steps: dict[Step, tuple[Step]] = {}

    @property
    def now(self) -> float:
        """The present day."""
        return self.clock._now

    def at(self, day: float, phase: int, order: int, step: Step, unit: Any = None) -> Entry:
        """Put an event on the calendar and return it, so that it can be cancelled."""
        steps = self.steps.get(step)
        if steps is None:
            steps = self.steps[step] = (step,)
        entry = Entry(steps, unit)
        heappush(self.queue, (day, phase, order, entry))
        return entry

    def put(self, day: float, phase: int, order: int, steps: tuple[Step, ...], unit: Any) -> None:
        """Put an event on the calendar; its caller keeps one tuple of `steps` for all that it puts."""
        heappush(self.queue, (day, phase, order, Entry(steps, unit)))

    def _step_on(self) -> None:
        """Step until the stop, as SimPy's `run` does, and see to it that time moves."""
        clock, queue = self.clock, self.queue
        try:
            while True:
                before = clock._now
                for _ in range(MOST_AT_ONE_INSTANT):
                    # SimPy's `step` without what no entry here has: a value, a failure, callbacks added meanwhile
                    clock._now, _, _, entry = heappop(queue)
                    for step in entry.callbacks or ():
                        step(entry)
                if clock._now == before:
                    block, what = self.queue[0][3].place()
                    many = f"{MOST_AT_ONE_INSTANT:,} events on day {before:g} and no end"
                    raise StandstillError(f"{many}, the next is {what!r} of {block}")
        except simpy.core.StopSimulation:
            return

    def run_until(self, day: float) -> None:
        """Let everything happen that is due before `day`. Raises ValueError for a day that has passed or is no number.

        Raises StandstillError where events follow each other without time passing.
        """
        if not day >= self.clock._now:
            raise ValueError(f"the world is at day {self.clock._now:g} and cannot run until {day}")
        if day > self.clock._now:
            # not run(until=day): it stops at now + (day - now), which may differ from day in the last bit
            heappush(self.queue, (day, 0, 0, Entry((_stop,), None)))
            with seldom_collected():
                self._step_on()

    def pending(self) -> list[tuple[float, int, int, Entry]]:
        """Return what is on the calendar and not cancelled, in the order in which it will happen."""
        return sorted(item for item in self.queue if item[3].callbacks and item[1] > 0)
