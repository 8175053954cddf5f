"""Station: servers with a queue. The fast form; `workshop.py` adds batches, breakdowns, preemption and shifts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from heapq import heappush
from typing import TYPE_CHECKING

from sim.blocks.arrivals import scaled
from sim.blocks.block import Block, Integral
from sim.blocks.routes import chooser, field_reader, word
from sim.config import Decision, Station
from sim.engine import COMPLETE, Entry
from sim.figure import Figure, quantity
from sim.laws import Quantile
from sim.network import overflow_circle
from sim.records import Unit
from sim.streams import SEQUENCE_BITS

if TYPE_CHECKING:
    from sim.world import World

UNLIMITED = 1 << 60


def service_quantile(config: Station) -> Quantile:
    """Return the quantile of a station's service time in days; one of nothing where a plan says how long it lasts."""
    if config.service_days is not None:
        return config.service_days.quantile()
    return scaled(config.service_hours.quantile()) if config.service_hours is not None else lambda luck: 0.0


class StationBlock(Block):
    """Servers with a queue. outside: units held at their sender for a place here. stuck: servers with a held unit."""

    STATE = (
        *Block.STATE,
        "queues",
        "free",
        "busy",
        "stuck",
        "starts",
        "first_starts",
        "wait",
        "waited",
        "lost",
        "outside",
    )

    def __init__(self, world: World, name: str, config: Station) -> None:
        super().__init__(world, name)
        self.config = config
        self.servers = UNLIMITED if config.servers == "unlimited" else int(config.servers)
        self._capacity = UNLIMITED if config.capacity is None else config.capacity
        self._loses = config.when_full == "lose"
        self.limited = config.capacity is not None
        self._service = service_quantile(config)
        self._planned = config.service_plan is not None
        self._luck = world.streams.open(f"{name}.service").uniform
        self._luck_of_station = config.luck == "station"
        self._plain_luck = config.luck != "station" and config.service_factor is None and not self._planned
        self._tells = config.inspects is not None or config.cost_per_unit > 0.0 or config.kwh_per_unit > 0.0
        self._lifo = config.queue == "lifo"
        ranks = config.priority.order if config.priority is not None else []
        self._ranks = {value: rank for rank, value in enumerate(ranks)}
        self._codes = tuple(self.code(event) for event in ("arrived", "started", "finished", "lost"))
        self._finish = (self.finish,)
        self.queues: list[deque[Unit]] = [deque() for _ in range(len(ranks) + 1)]
        self.free = self.servers
        self.busy = Integral()
        self.stuck = Integral()
        self.starts = 0
        self.first_starts = 0
        self.wait = 0.0
        self.waited = 0
        self.lost = 0
        self.outside: deque[tuple[Unit, Block]] = deque()

    def wire(self) -> None:
        config = self.config
        self._route = chooser(self.world, self, config.to)
        self._overflow = None if config.overflow is None else self.world.blocks[config.overflow]
        circle = overflow_circle(self.world.network, self.name)
        if circle:
            raise ValueError(f"units lost by full stations would go round in a circle: {', '.join(circle)}")
        self._rank_field = None if config.priority is None else field_reader(self.world, config.priority.field)
        factor = config.service_factor
        self._factor = None if factor is None else (field_reader(self.world, factor.field), factor.values)

    def renew(self, config: Station) -> None:
        self.config = config
        self._tells = config.inspects is not None or config.cost_per_unit > 0.0 or config.kwh_per_unit > 0.0
        if not isinstance(config.to, Decision):
            self._route = chooser(self.world, self, config.to)

    # --- coming in ---

    def full(self) -> bool:
        return self.number >= self._capacity or bool(self.outside)

    def turn_away(self, unit: Unit, sender: Block) -> bool:
        now = self.clock._now
        if not self._loses:
            self.log(now, unit.key, sender.code("blocked"))
            sender.held.append(unit)
            self.outside.append((unit, sender))
            return False
        self.lost += 1
        self.log(now, unit.key, self._codes[3])
        if self._overflow is not None:
            return sender.hand_over(unit, self._overflow)
        sender.leave(unit)
        self.world.leave(self, unit)
        return True

    def accept(self, unit: Unit) -> None:
        # `enter` and `visit`, written out
        unit.since = now = self.clock._now
        self.area += self.number * (now - self.changed)
        self.changed = now
        self.number += 1
        self.arrived += 1
        self.log(now, unit.key, self._codes[0])
        if self.revisited:
            visits = unit.visits
            if visits is None:
                unit.visits = {self.id: 1}
            else:
                visits[self.id] = visits.get(self.id, 0) + 1
        self.line_up(unit)

    def line_up(self, unit: Unit) -> None:
        """Start the unit, or let it queue."""
        if self.free:
            self.free -= 1
            busy, now = self.busy, unit.since
            busy.area += busy.value * (now - busy.changed)
            busy.changed = now
            busy.value += 1
            self._start(unit)
        else:
            self.queues[self.rank(unit)].append(unit)

    def rank(self, unit: Unit) -> int:
        """Return the queue of a unit: 0 is served first."""
        if self._rank_field is None:
            return 0
        return self._ranks.get(self._rank_field(unit, self.past_visits(unit)), len(self._ranks))  # type: ignore[arg-type]

    def next_in_line(self) -> Unit | None:
        """Take the unit that is served next out of the queue."""
        for queue in self.queues:
            if queue:
                return queue.pop() if self._lifo else queue.popleft()
        return None

    def waiting(self) -> int:
        """Number of units in the queue."""
        return sum(len(queue) for queue in self.queues)

    # --- service ---

    def duration(self, unit: Unit) -> float:
        """Draw the service time of a unit that starts now, in days."""
        if self._planned:
            time = self.world.planned_days(self, unit, self.past_visits(unit))
        elif self._luck_of_station:
            time = self._service(self._luck(self.id << SEQUENCE_BITS | self.starts))
        else:
            visit = unit.visits[self.id] - 1 if self.revisited and unit.visits else 0
            time = self._service(self._luck(unit.key, visit))
        if self._factor is not None:
            field, values = self._factor
            time *= values.get(word(field(unit, self.past_visits(unit))), 1.0)
        return time

    def count_start(self, unit: Unit) -> None:
        """Count and log a unit's first start here."""
        now = self.clock._now
        self.first_starts += 1
        if now > unit.since:
            self.wait += now - unit.since
            self.waited += 1
        self.log(now, unit.key, self._codes[1])

    def _start(self, unit: Unit) -> None:
        # `count_start`, `duration` and the engine's `put`, written out
        now = self.clock._now
        self.first_starts += 1
        if now > unit.since:
            self.wait += now - unit.since
            self.waited += 1
        key = unit.key
        self.log(now, key, self._codes[1])
        if self._plain_luck:
            visit = unit.visits[self.id] - 1 if self.revisited and unit.visits else 0
            end = now + self._service(self._luck(key, visit))
        else:
            end = now + self.duration(unit)
        heappush(self.queue_of_events, (end, COMPLETE, key, Entry(self._finish, unit)))
        self.starts += 1

    def finish(self, entry: Entry) -> None:
        """End a service: pass the unit on, then serve the next."""
        if self.hand_on(entry.unit):
            self._release()
        else:
            self.busy.add(-1, self.clock._now)

    def hand_on(self, unit: Unit) -> bool:
        """Log the end of a unit's service and pass it on; False while it has to stay on its server."""
        now = self.clock._now
        self.log(now, unit.key, self._codes[2])
        visit = unit.visits[self.id] - 1 if self.revisited and unit.visits else 0
        if self._tells:
            self.world.served(self, self.config, unit, visit)
        if self.hand_over(unit, self._route(unit, visit)):
            return True
        self.stuck.add(1, now)
        return False

    def relieved(self, unit: Unit) -> None:
        super().relieved(unit)
        now = self.clock._now
        self.stuck.add(-1, now)
        self.busy.add(1, now)
        self._release()

    def _release(self) -> None:
        # the server counts as busy until it is known that nobody waits for it
        unit = self.next_in_line()
        if unit is None:
            self.free += 1
            busy, now = self.busy, self.clock._now
            busy.area += busy.value * (now - busy.changed)
            busy.changed = now
            busy.value -= 1
        else:
            self._start(unit)
        if self.outside:
            self.admit()

    def admit(self) -> None:
        """Let units in that wait outside, as far as there is room."""
        while self.outside and self.number < self._capacity:
            unit, sender = self.outside.popleft()
            # the place is taken before the sender goes on: in a circle of full stations it would be given away twice
            sender.leave(unit)
            self.accept(unit)
            sender.relieved(unit)

    # --- counting ---

    def residents(self) -> Iterator[Unit]:
        for queue in self.queues:
            yield from queue
        yield from self.held

    def count_from(self, day: float) -> None:
        super().count_from(day)
        self.busy.count_from(self.working_days(day))
        self.stuck.count_from(day)
        self.wait = 0.0
        self.waited = self.first_starts = self.lost = 0

    def working_days(self, day: float) -> float:
        """Reading of the clock that runs while servers may work."""
        return day

    def figures(self, day: float) -> dict[str, Figure]:
        days = quantity("days", day - self.began, "days")
        first_starts = quantity("first_starts", self.first_starts, "units")
        lost = quantity("lost", self.lost, "units")
        found = {
            **super().figures(day),
            "queue_mean": (quantity("unit_days_in_queue", self.queue_area(day), "unit days") / days).figure("units"),
            "wait_mean_days": (quantity("days_waited", self.wait, "unit days") / first_starts).figure("days"),
            "wait_probability": (quantity("waited", self.waited, "units") / first_starts).figure("1"),
            "loss_probability": (lost / (quantity("arrived", self.arrived, "units") + lost)).figure("1"),
        }
        if self.servers < UNLIMITED:
            open_days = quantity("open_days", self.working_days(day) - self.working_days(self.began), "days")
            busy = quantity("busy_server_days", self.busy.until(self.working_days(day)), "server days")
            found["utilisation"] = (busy / (quantity("servers", self.servers, "servers") * open_days)).figure("1")
        return found

    def queue_area(self, day: float) -> float:
        """Integral of the number in the queue."""
        return self.area_until(day) - self.busy.until(day) - self.stuck.until(day)
