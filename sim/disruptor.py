"""The part of a running world that lets disruptions begin and end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.blocks.lane import LaneBlock
from sim.blocks.population import PopulationBlock
from sim.blocks.workshop import WorkshopBlock
from sim.disruptions import Disruption, Outage, PolicyShock, PriceShock, Recall, TransportStop, in_order, target
from sim.engine import FAIL, Entry
from sim.parties.accounts import OUTSIDE
from sim.parties.expand import Sections
from sim.parties.today import changed, renewed
from sim.records import Unit

if TYPE_CHECKING:
    from sim.world import World

COLUMNS = {"day": "f8", "disruption": "U", "kind": "U", "target": "U", "event": "U"}
"""A row for each beginning and each end of a disruption."""


class Disruptor:
    """An extension of the world. Part of its state.

    running: names of the disruptions under way, in the order in which they began. What they do to stations and lanes is
    kept there; what they change of the sections follows from `running` and is worked out again after a restore.
    """

    STATE = ("running",)
    name = "disruptions"

    def __init__(self, world: World, sections: Sections) -> None:
        self.sections = sections
        self._world = world
        self._disruptions = in_order(sections.disruptions)
        self._today = sections
        self._table = world.log.table("disruptions", COLUMNS) if world.log.keeps_events else None
        self.running: list[str] = []

    def begin(self) -> None:
        """Let begin what begins on day 0, before anything else happens, and put the rest on the calendar."""
        for number, (name, disruption) in enumerate(self._disruptions.items()):
            if isinstance(disruption, Recall):
                self._call(name, disruption, number)
                continue
            if disruption.days <= 0.0:
                continue
            if disruption.from_day <= 0.0:
                self._let(name, begins=True, live=False)
            else:
                self._world.engine.at(disruption.from_day, FAIL, number, self.start, name)
            # on one day beginnings come before ends, so that nothing works for no time between two outages
            order = len(self._disruptions) + number
            self._world.engine.at(disruption.to_day, FAIL, order, self.end, name)

    def start(self, entry: Entry) -> None:
        """Let a disruption begin."""
        self._let(entry.unit, begins=True)

    def end(self, entry: Entry) -> None:
        """Let a disruption end."""
        self._let(entry.unit, begins=False)

    def recall(self, entry: Entry) -> None:
        """Take out the units whose turn it is: of each, its own luck says how far into the campaign."""
        name, turns = entry.unit
        recall, chain = self._disruptions[name], self._world.chain
        assert isinstance(recall, Recall)
        assert chain is not None
        luck, makers = self._world.streams.open(f"{recall.made_by}.recall.{name}"), chain.makers
        chosen: list[Unit] = []

        def select(unit: Unit) -> bool:
            is_meant = (
                unit.lives == 0
                and recall.made_from_day <= unit.born < recall.made_to_day
                and recall.made_by in (makers.oem, makers.supplier(unit))
                and luck(unit.key) < turns
            )
            if is_meant:
                chosen.append(unit)
            return is_meant

        for block in [*self._world.blocks.values()]:
            if isinstance(block, PopulationBlock):
                chosen.clear()
                block.recall(select)
                for unit in sorted(chosen, key=lambda unit: unit.key):
                    payee = chain.owner(block.name) or OUTSIDE
                    chain.pay(recall.made_by, payee, recall.compensation, "recall", unit)

    def filled(self) -> None:
        """Take up the sections as the disruptions under way leave them, in a world that was restored."""
        self._stand(live=False)

    def facts(self) -> list[dict[str, Any]]:
        """Return what happened so far, one mapping each: name, kind, target, from_day, to_day, happened."""
        now = self._world.now
        return [
            {
                "name": name,
                "kind": one.kind,
                "target": target(one),
                "from_day": one.from_day,
                "to_day": one.to_day,
                "happened": _happened(one, now),
            }
            for name, one in self._disruptions.items()
        ]

    def _call(self, name: str, recall: Recall, order: int) -> None:
        """Put the turns of a recall on the calendar: one a day."""
        turns = max(1, math.ceil(recall.days))
        at, first, last = self._world.engine.at, recall.from_day, recall.from_day + turns - 1
        at(first, FAIL, order, self.start, name)
        for turn in range(turns):
            at(first + turn, FAIL, order, self.recall, (name, (turn + 1) / turns))
        at(last, FAIL, len(self._disruptions) + order, self.end, name)

    def _let(self, name: str, *, begins: bool, live: bool = True) -> None:
        disruption = self._disruptions[name]
        if begins:
            self.running.append(name)
        else:
            self.running.remove(name)
        if self._table is not None:
            event = "began" if begins else "ended"
            self._table.append(self._world.now, name, disruption.kind, target(disruption), event)
        if isinstance(disruption, Outage):
            self._staff(disruption, begins=begins)
        elif isinstance(disruption, TransportStop):
            lane: LaneBlock = self._world.blocks[disruption.lane]
            lane.stop() if begins else lane.go_on()
        elif isinstance(disruption, PriceShock | PolicyShock):
            self._stand(live=live)

    def _staff(self, outage: Outage, *, begins: bool) -> None:
        station: WorkshopBlock = self._world.blocks[outage.station]
        servers = station.servers if outage.servers is None else outage.servers
        station.lack(servers if begins else -servers)

    def _stand(self, *, live: bool) -> None:
        """Let the sections be what the changes under way make of them; live: in a world that is running already."""
        before, today = self._today, self.sections
        for name, disruption in self._disruptions.items():
            if name in self.running and isinstance(disruption, PriceShock | PolicyShock):
                today = changed(today, disruption)
        self._today = today
        blocks, economy = renewed(before, today), self._world.economy
        if economy is not None:
            economy.stand(today, live=live)
        for name, config in blocks.items():
            self._world.blocks[name].renew(config)
        if live:
            for name in blocks:
                self._world.blocks[name].look_again()


def _happened(disruption: Disruption, day: float) -> str:
    is_idle = disruption.days <= 0.0 and not isinstance(disruption, Recall)
    if is_idle or disruption.from_day >= day:
        return "no"
    return "begun" if disruption.to_day >= day else "yes"
