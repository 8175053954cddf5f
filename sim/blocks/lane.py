"""Lane: time on the way, alone or in lots, with limited lots on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.blocks.arrivals import scaled
from sim.blocks.block import Block
from sim.blocks.routes import chooser
from sim.config import Decision, Lane
from sim.engine import COMPLETE, REVIEW, Entry
from sim.records import Unit

if TYPE_CHECKING:
    from sim.world import World


class LaneBlock(Block):
    """Units on the way.

    forming: the lot being filled. ready: lots that wait for transport. unloading: lots that have arrived and find no
    room; they keep their transport until the last unit is taken in. stops: how many stops are under way. waiting: units
    that travel alone and wait for the last of them to end.
    """

    STATE = (*Block.STATE, "forming", "ready", "underway", "formed", "unloading", "stops", "waiting")

    def __init__(self, world: World, name: str, config: Lane) -> None:
        super().__init__(world, name)
        self._config = config
        law = config.days or config.hours
        assert law is not None
        self._time = law.quantile() if config.days is not None else scaled(law.quantile())
        self._luck = world.streams.open(f"{name}.lead_time").uniform
        self._sent, self._departed = self.code("sent"), self.code("departed")
        self._deliver = (self.deliver,)
        self._alone = config.lot == 1 and config.capacity is None
        self.forming: list[Unit] = []
        self.ready: deque[list[Unit]] = deque()
        self.underway = 0
        self.formed = 0
        self.unloading: list[list[Unit]] = []
        self.stops = 0
        self.waiting: list[Unit] = []

    def wire(self) -> None:
        self._route = chooser(self.world, self, self._config.to)

    def renew(self, config: Lane) -> None:
        self._config = config
        if not isinstance(config.to, Decision):
            self._route = chooser(self.world, self, config.to)

    def stop(self) -> None:
        """Let nothing depart until `go_on` was called as often."""
        self.stops += 1

    def go_on(self) -> None:
        """End one stop; after the last one all that waits departs, as far as there is transport."""
        self.stops -= 1
        if not self.stops:
            waiting, self.waiting = self.waiting, []
            for unit in waiting:
                self._depart(unit)
            self._dispatch()

    def accept(self, unit: Unit) -> None:
        self.enter(unit)
        self.log(unit.since, unit.key, self._sent)
        if self._config.cost_per_unit:
            self.world.sent(self, self._config.cost_per_unit, unit)
        if not self._alone:
            self._collect(unit)
        elif self.stops:
            self.visit(unit)
            self.waiting.append(unit)
        else:
            arrival = unit.since + self._time(self._luck(unit.key, self.visit(unit)))
            self.engine.put(arrival, COMPLETE, unit.key, self._deliver, unit)

    def _depart(self, unit: Unit) -> None:
        days = self._time(self._luck(unit.key, self.past_visits(unit)))
        self.engine.put(self.clock._now + days, COMPLETE, unit.key, self._deliver, unit)

    def deliver(self, entry: Entry) -> None:
        """Let a unit that travelled alone arrive."""
        unit: Unit = entry.unit
        self.hand_over(unit, self._route(unit, self.past_visits(unit)))

    def deliver_lot(self, entry: Entry) -> None:
        """Let a lot arrive, and the next one leave when it is unloaded."""
        lot: list[Unit] = entry.unit
        rest = [unit for unit in lot if not self.hand_over(unit, self._route(unit, self.past_visits(unit)))]
        if rest:
            self.unloading.append(rest)
        else:
            self._free_transport()

    def give_up_waiting(self, entry: Entry) -> None:
        """Send a lot that is not full, if it is still the one that was being filled."""
        if entry.unit == self.formed and self.forming:
            self._close_lot()

    def relieved(self, unit: Unit) -> None:
        super().relieved(unit)
        for lot in self.unloading:
            if unit in lot:
                lot.remove(unit)
                if not lot:
                    self.unloading.remove(lot)
                    self._free_transport()
                return

    def residents(self) -> Iterator[Unit]:
        yield from self.forming
        yield from self.waiting
        for lot in self.ready:
            yield from lot
        yield from self.held

    def _collect(self, unit: Unit) -> None:
        self.visit(unit)
        self.forming.append(unit)
        if len(self.forming) == self._config.lot:
            self._close_lot()
        elif len(self.forming) == 1 and self._config.lot_wait_days is not None:
            day = self.clock._now + self._config.lot_wait_days
            self.engine.at(day, REVIEW, unit.key, self.give_up_waiting, self.formed)

    def _close_lot(self) -> None:
        self.ready.append(self.forming)
        self.forming = []
        self.formed += 1
        self._dispatch()

    def _free_transport(self) -> None:
        self.underway -= 1
        self._dispatch()

    def _dispatch(self) -> None:
        while (
            self.ready and not self.stops and (self._config.capacity is None or self.underway < self._config.capacity)
        ):
            lot = self.ready.popleft()
            self.underway += 1
            now, first = self.clock._now, lot[0]
            for unit in lot:
                self.log(now, unit.key, self._departed)
            # the lot travels with the luck of its first unit
            days = self._time(self._luck(first.key, self.past_visits(first)))
            self.engine.at(now + days, COMPLETE, first.key, self.deliver_lot, lot)
