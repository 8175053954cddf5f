"""Workshop: a station whose servers are told apart, for batches, breakdowns, preemption and shifts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.blocks.arrivals import scaled
from sim.blocks.block import Integral
from sim.blocks.shift_station import ShiftStationBlock
from sim.blocks.station import StationBlock
from sim.calendar import WorkingTime
from sim.config import Station
from sim.engine import COMPLETE, FAIL, REVIEW, Entry
from sim.figure import Figure, quantity
from sim.records import Unit
from sim.streams import SEQUENCE_BITS

if TYPE_CHECKING:
    from sim.blocks.block import Block
    from sim.world import World


class Job:
    """Units served together. Part of the world's state.

    length: drawn service time. left: what is still to do of it. Both in days of work. number: how many started before.
    """

    STATE = ("units", "rank", "length", "left", "number")

    def __init__(self, units: list[Unit], rank: int, length: float, number: int) -> None:
        self.units = units
        self.rank = rank
        self.length = length
        self.left = length
        self.number = number


class Server:
    """One server. Part of the world's state.

    since: reading of the working clock at which its present stretch began. up: not broken down. out: taken away by an
    outage.
    """

    STATE = ("index", "up", "job", "entry", "since", "failures", "uptime_left", "failure", "out")

    def __init__(self, index: int) -> None:
        self.index = index
        self.up = True
        self.job: Job | None = None
        self.entry: Entry | None = None
        self.since = 0.0
        self.failures = 0
        self.uptime_left = 0.0
        self.failure: Entry | None = None
        self.out = False


class WorkshopBlock(StationBlock):
    """A station with distinguishable servers. `interrupted` jobs resume before others of their rank start.

    lacking: servers that outages under way take away, together; may be more than there are.
    """

    STATE = (*StationBlock.STATE, "pool", "interrupted", "wakes_at", "in_queue", "up", "lacking")

    def __init__(self, world: World, name: str, config: Station) -> None:
        super().__init__(world, name, config)
        self._least = config.batch if config.batch_minimum is None else config.batch_minimum
        self._preempts = config.priority is not None and config.priority.preemptive
        self._time = WorkingTime(config.calendar) if config.calendar is not None else None
        self._interrupted_code = self.code("interrupted")
        self._breaks = config.breakdowns
        if self._breaks is not None:
            self._set_up_breakdowns(world)
        self.pool = [Server(index) for index in range(self.servers)]
        self.interrupted: list[Job] = []
        self.wakes_at = -1.0
        self.in_queue = Integral()
        self.up = Integral()
        self.lacking = 0

    def _set_up_breakdowns(self, world: World) -> None:
        breaks = self._breaks
        assert breaks is not None
        up, down = breaks.uptime_days or breaks.uptime_hours, breaks.downtime_days or breaks.downtime_hours
        assert up is not None
        assert down is not None
        self._uptime = up.quantile() if breaks.uptime_days is not None else scaled(up.quantile())
        self._downtime = down.quantile() if breaks.downtime_days is not None else scaled(down.quantile())
        # each server has its own luck, in which the n-th failure is the entity
        servers = range(self.servers)
        self._uptime_luck = [world.streams.open(f"{self.name}.uptime.{server}").uniform for server in servers]
        self._downtime_luck = [world.streams.open(f"{self.name}.downtime.{server}").uniform for server in servers]

    def begin(self) -> None:
        self.up.add(self.servers, 0.0)
        if self._breaks is None:
            return
        for server in self.pool:
            self._renew_uptime(server)
            if self._breaks.while_ == "always":
                server.failure = self.engine.at(
                    server.uptime_left, FAIL, self._number(server.index), self.fail, server.index
                )

    def working_days(self, day: float) -> float:
        return day if self._time is None else self._time.worked(day)

    def line_up(self, unit: Unit) -> None:
        self.in_queue.add(1, self.clock._now)
        self.queues[self.rank(unit)].append(unit)
        self.dispatch()

    # --- who works on what ---

    def dispatch(self) -> None:
        """Start or resume jobs while a server is idle, preempt where that is allowed."""
        if not self._open():
            return
        while (turn := self._next_turn()) is not None:
            server = next((server for server in self.pool if server.up and not server.out and server.job is None), None)
            if server is None and self._preempts:
                server = self._make_room(turn.rank if isinstance(turn, Job) else turn)
            if server is None:
                return
            if isinstance(turn, Job):
                self.interrupted.remove(turn)
                self._work(server, turn)
            else:
                self._work(server, self._new_job(turn))

    def _open(self) -> bool:
        if self._time is None or self._time.is_open(self.clock._now):
            return True
        opening = self._time.next_opening(self.clock._now)
        if self.wakes_at != opening and (self.waiting() >= self._least or self.interrupted):
            self.wakes_at = opening
            self.engine.at(opening, REVIEW, self.id << SEQUENCE_BITS, self.wake)
        return False

    def wake(self, entry: Entry) -> None:
        """Open: start what waited for the shift."""
        self.dispatch()

    def _next_turn(self) -> Job | int | None:
        """Say what comes next: an interrupted job, a new one from the queue of this rank, or nothing."""
        rank = None
        if self.waiting() >= self._least:
            rank = next((rank for rank, queue in enumerate(self.queues) if queue), None)
        if self.interrupted:
            job = min(self.interrupted, key=lambda job: (job.rank, job.number))
            if rank is None or job.rank <= rank:
                return job
        return rank

    def _new_job(self, rank: int) -> Job:
        units: list[Unit] = []
        while len(units) < self.config.batch:
            unit = self.next_in_line()
            if unit is None:
                break
            units.append(unit)
            self.count_start(unit)
        self.in_queue.add(-len(units), self.clock._now)
        # a batch has the luck of its first unit
        job = Job(units, rank, self.duration(units[0]), self.starts)
        self.starts += 1
        return job

    def _make_room(self, rank: int) -> Server | None:
        """Interrupt the job that ranks last, and among those the youngest, if it ranks after `rank`."""
        working = [(server.job, server) for server in self.pool if server.job is not None and server.entry is not None]
        job, victim = max(working, key=lambda pair: (pair[0].rank, pair[0].number), default=(None, None))
        if job is None or victim is None or job.rank <= rank:
            return None
        self._interrupt(victim, repeat=False)
        return victim

    def _work(self, server: Server, job: Job) -> None:
        now = self.clock._now
        server.job = job
        server.since = self.working_days(now)
        self.busy.add(1, server.since)
        end = now + job.left if self._time is None else self._time.after(now, job.left)
        server.entry = self.engine.at(end, COMPLETE, job.units[0].key, self.finish_job, server.index)
        if self._breaks is not None and self._breaks.while_ == "busy" and server.uptime_left < job.left:
            down = now + server.uptime_left if self._time is None else self._time.after(now, server.uptime_left)
            server.failure = self.engine.at(down, FAIL, self._number(server.index), self.fail, server.index)

    def _stop(self, server: Server) -> float:
        """Stop the clock of a server's present stretch; return its length in working days."""
        reading = self.working_days(self.clock._now)
        self.busy.add(-1, reading)
        server.entry = None
        worked = reading - server.since
        if self._breaks is not None and self._breaks.while_ == "busy":
            # a rounding below zero would put the failure before the present instant
            server.uptime_left = max(0.0, server.uptime_left - worked)
            if server.failure is not None:
                server.failure.cancel()
                server.failure = None
        return worked

    def _interrupt(self, server: Server, *, repeat: bool) -> None:
        job, entry = server.job, server.entry
        assert job is not None
        assert entry is not None
        entry.cancel()
        worked = self._stop(server)
        job.left = job.length if repeat else max(0.0, job.left - worked)
        server.job = None
        for unit in job.units:
            self.log(self.clock._now, unit.key, self._interrupted_code)
        self.interrupted.append(job)

    def finish_job(self, entry: Entry) -> None:
        """End a job: pass its units on, then look for the next."""
        server = self.pool[entry.unit]
        job = server.job
        assert job is not None
        self._stop(server)
        job.units = [unit for unit in job.units if not self.hand_on(unit)]
        if not job.units:
            server.job = None
        self._go_on()

    def relieved(self, unit: Unit) -> None:
        self.held.remove(unit)
        self.stuck.add(-1, self.clock._now)
        for server in self.pool:
            if server.entry is None and server.job is not None and unit in server.job.units:
                server.job.units.remove(unit)
                if not server.job.units:
                    server.job = None
        self._go_on()

    def _go_on(self) -> None:
        self.dispatch()
        if self.outside:
            self.admit()

    # --- outages and breakdowns ---

    def lack(self, servers: int) -> None:
        """Take servers away, the last first, their jobs with them; below 0, bring them back."""
        self.lacking += servers
        here = self.servers - self.lacking
        for server in self.pool:
            out = server.index >= here
            if out != server.out:
                server.out = out
                if server.up:
                    self.up.add(-1 if out else 1, self.clock._now)
                if server.entry is not None:
                    self._interrupt(server, repeat=self._breaks is not None and self._breaks.after == "repeat")
        self.dispatch()

    def fail(self, entry: Entry) -> None:
        """Take a server down, its job with it."""
        server = self.pool[entry.unit]
        assert self._breaks is not None
        server.failure = None
        server.up = False
        if not server.out:
            self.up.add(-1, self.clock._now)
        if server.entry is not None:
            self._interrupt(server, repeat=self._breaks.after == "repeat")
        down = self._downtime(self._downtime_luck[server.index](self._number(server.failures)))
        server.failures += 1
        self.engine.at(self.clock._now + down, COMPLETE, self._number(server.index), self.repair, server.index)
        self.dispatch()

    def repair(self, entry: Entry) -> None:
        """Bring a server up again."""
        server = self.pool[entry.unit]
        assert self._breaks is not None
        server.up = True
        if not server.out:
            self.up.add(1, self.clock._now)
        self._renew_uptime(server)
        if self._breaks.while_ == "always":
            day = self.clock._now + server.uptime_left
            server.failure = self.engine.at(day, FAIL, self._number(server.index), self.fail, server.index)
        self.dispatch()

    def _renew_uptime(self, server: Server) -> None:
        server.uptime_left = self._uptime(self._uptime_luck[server.index](self._number(server.failures)))

    def _number(self, number: int) -> int:
        """Return the key of what this block numbers itself: its servers on the calendar, their failures in luck."""
        return self.id << SEQUENCE_BITS | number

    # --- counting ---

    def residents(self) -> Iterator[Unit]:
        yield from super().residents()
        for job in (*self.interrupted, *(server.job for server in self.pool if server.job is not None)):
            yield from (unit for unit in job.units if unit not in self.held)

    def count_from(self, day: float) -> None:
        super().count_from(day)
        self.in_queue.count_from(day)
        self.up.count_from(day)

    def queue_area(self, day: float) -> float:
        return self.in_queue.until(day)

    def figures(self, day: float) -> dict[str, Figure]:
        found = super().figures(day)
        if self._breaks is not None:
            days = quantity("days", day - self.began, "days")
            up = quantity("up_server_days", self.up.until(day), "server days")
            found["availability"] = (up / (quantity("servers", self.servers, "servers") * days)).figure("1")
        return found


def needs_workshop(config: Station) -> bool:
    """Whether a station needs servers that are told apart."""
    preempts = config.priority is not None and config.priority.preemptive
    return config.batch > 1 or config.breakdowns is not None or preempts


def make_station(world: World, name: str, config: Any) -> Block:
    """Return the fast form of a station, or the full one where it is needed."""
    if needs_workshop(config) or name in world.with_outage:
        return WorkshopBlock(world, name, config)
    return (StationBlock if config.calendar is None else ShiftStationBlock)(world, name, config)
