"""A station that works in shifts: the fast form, whose servers need not be told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.blocks.block import Integral
from sim.blocks.station import StationBlock
from sim.calendar import WorkingTime
from sim.config import Station
from sim.engine import COMPLETE, REVIEW, Entry
from sim.records import Unit
from sim.streams import SEQUENCE_BITS

if TYPE_CHECKING:
    from sim.world import World


class ShiftStationBlock(StationBlock):
    """Servers that rest between shifts; a service goes on where it stopped. `wakes_at`: the opening that is planned."""

    STATE = (*StationBlock.STATE, "wakes_at", "in_queue")

    def __init__(self, world: World, name: str, config: Station) -> None:
        super().__init__(world, name, config)
        assert config.calendar is not None
        self._time = WorkingTime(config.calendar)
        self.wakes_at = -1.0
        self.in_queue = Integral()

    def working_days(self, day: float) -> float:
        return self._time.worked(day)

    def line_up(self, unit: Unit) -> None:
        now = unit.since
        # at the very opening those wait who came in the night
        if self.free and self._time.is_open(now) and not any(self.queues):
            self.free -= 1
            reading = self._time.worked(now)
            self.busy.add(1, reading)
            self._serve(unit, reading)
            return
        self.in_queue.add(1, now)
        self.queues[self.rank(unit)].append(unit)
        if self.free:
            self._plan_opening(now)

    def wake(self, entry: Entry) -> None:
        """Open: start what waited for the shift."""
        now = self.clock._now
        reading = self._time.worked(now)
        while self.free:
            unit = self.next_in_line()
            if unit is None:
                return
            self.in_queue.add(-1, now)
            self.free -= 1
            self.busy.add(1, reading)
            self._serve(unit, reading)

    def relieved(self, unit: Unit) -> None:
        self.held.remove(unit)
        now = self.clock._now
        self.stuck.add(-1, now)
        self.busy.add(1, self._time.worked(now))
        self._release()

    def finish(self, entry: Entry) -> None:
        """End a service: pass the unit on, then serve the next."""
        if self.hand_on(entry.unit):
            self._release()
        else:
            self.busy.add(-1, self._time.worked(self.clock._now))

    def queue_area(self, day: float) -> float:
        return self.in_queue.until(day)

    def count_from(self, day: float) -> None:
        super().count_from(day)
        self.in_queue.count_from(day)

    def _serve(self, unit: Unit, reading: float) -> None:
        self.count_start(unit)
        now = self.clock._now
        end = self._time.after_reading(now, reading, self.duration(unit))
        self.engine.put(end, COMPLETE, unit.key, self._finish, unit)
        self.starts += 1

    def _release(self) -> None:
        now = self.clock._now
        reading = self._time.worked(now)
        unit = self.next_in_line() if self._time.is_open(now) else None
        if unit is None:
            self.free += 1
            self.busy.add(-1, reading)
            if any(self.queues):
                self._plan_opening(now)
        else:
            self.in_queue.add(-1, now)
            self._serve(unit, reading)
        if self.outside:
            self.admit()

    def _plan_opening(self, now: float) -> None:
        opening = self._time.next_opening(now)
        if self.wakes_at != opening:
            self.wakes_at = opening
            self.engine.at(opening, REVIEW, self.id << SEQUENCE_BITS, self.wake)
