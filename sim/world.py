"""World: the blocks of a scenario, wired and running."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from sim.blocks.block import Block, Kpi
from sim.blocks.lane import LaneBlock
from sim.blocks.population import PopulationBlock
from sim.blocks.sink import SinkBlock
from sim.blocks.source import SourceBlock
from sim.blocks.stock import StockBlock
from sim.blocks.workshop import make_station
from sim.config import Block as BlockConfig
from sim.config import Station
from sim.disruptions import Outage
from sim.disruptor import Disruptor
from sim.engine import Engine
from sim.figure import Figure, values_of
from sim.log import Log, skip
from sim.network import revisited
from sim.parties.chain import Chain
from sim.parties.config import has_loop
from sim.parties.decisions import Policy
from sim.parties.economy import Economy
from sim.parties.expand import Sections
from sim.parties.figures import chain_figures, economy_figures, keep_stays
from sim.plain import Saved
from sim.records import Life, Unit
from sim.snapshot import check, fill, read, snapshot, write
from sim.streams import Streams, number_names

MAKE: Mapping[str, Callable[[Any, str, Any], Block]] = {
    "source": SourceBlock,
    "population": PopulationBlock,
    "station": make_station,
    "stock": StockBlock,
    "lane": LaneBlock,
    "sink": SinkBlock,
}


class World:
    """Holds state: the engine, the blocks, the units in them, the economy of its parties and the log.

    network: blocks by qualified name, as `expand(sections)` gives them. sections: what the parties are, for a scenario
    with parties. decide: callables that take decisions in place of the scenario's own rules. The same network, seed and
    replication give the same world, whatever the order of the blocks in the file. begin: put what is there at day 0 in
    place; without it the world waits to be filled. economy: what parties do beyond moving units; it is the chain where
    they bring units back.
    """

    def __init__(
        self,
        network: Mapping[str, BlockConfig],
        *,
        seed: int,
        replication: int = 0,
        log: Log | None = None,
        sections: Sections | None = None,
        decide: Mapping[str, Policy] | None = None,
        begin: bool = True,
    ) -> None:
        self.network = dict(sorted(network.items()))
        self.log = Log() if log is None else log
        self.row = self.log.events.row if self.log.keeps_events else skip
        self.engine = Engine()
        self.numbers = number_names(self.network)
        self.index = {name: index for index, name in enumerate(self.network)}
        self.streams = Streams(seed, replication, self.numbers)
        self.created = 0
        self.gone = 0
        self.closed = False
        self._revisited = revisited(self.network)
        disruptions = {} if sections is None else sections.disruptions
        self.with_outage = frozenset(one.station for one in disruptions.values() if isinstance(one, Outage))
        self.blocks: dict[str, Any] = {
            name: MAKE[config.kind](self, name, config) for name, config in self.network.items()
        }
        has_parties = sections is not None and bool(sections.parties)
        self.chain: Chain | None = None
        self.economy: Economy | None = None
        if sections is not None and has_loop(sections.parties):
            self.economy = self.chain = Chain(self, sections, decide or {})
        elif sections is not None and has_parties:
            self.economy = Economy(self, sections)
        self.extensions: dict[str, Any] = {} if self.economy is None else {self.economy.name: self.economy}
        self.disruptor = Disruptor(self, sections) if sections is not None and disruptions else None
        if self.disruptor is not None:
            self.extensions["disruptions"] = self.disruptor
        if self.chain is not None:
            keep_stays(self.chain)
        for block in self.blocks.values():
            block.wire()
        if begin:
            if self.disruptor is not None:
                self.disruptor.begin()
            for block in self.blocks.values():
                block.begin()

    @classmethod
    def restore(
        cls,
        network: Mapping[str, BlockConfig],
        saved: Saved,
        *,
        log: Log | None = None,
        sections: Sections | None = None,
        decide: Mapping[str, Policy] | None = None,
    ) -> Self:
        """Return the world of a snapshot; its log holds what follows. Raises ValueError when it has another network."""
        check(saved)
        world = cls(
            network,
            seed=saved["seed"],
            replication=saved["replication"],
            log=log,
            sections=sections,
            decide=decide,
            begin=False,
        )
        fill(world, saved)
        return world

    @classmethod
    def resume(
        cls,
        network: Mapping[str, BlockConfig],
        path: Path,
        *,
        log: Log | None = None,
        sections: Sections | None = None,
        decide: Mapping[str, Policy] | None = None,
    ) -> Self:
        """Return the world saved in a file. Raises ValueError when it cannot be read or has another network."""
        return cls.restore(network, read(path), log=log, sections=sections, decide=decide)

    def save(self, path: Path) -> None:
        """Write a snapshot to a file, so that a killed run can go on from here."""
        write(snapshot(self), path)

    @property
    def now(self) -> float:
        """The present day."""
        return self.engine.clock._now

    def run_until(self, day: float) -> None:
        """Let everything happen that is due before `day`."""
        self.engine.run_until(day)

    def count_from_now(self) -> None:
        """Forget what was counted so far: the warm-up is over."""
        for block in self.blocks.values():
            block.count_from(self.now)
        if self.economy is not None:
            self.economy.count_from(self.now)

    def close_books(self) -> None:
        """Pay at the end what was not paid by event: holding and backorders since counting began. Once only."""
        if self.economy is not None and not self.closed:
            self.economy.close_books()
        self.closed = True

    def order_test(self, core: int, tester: str, kind: str = "bench") -> None:
        """Order a test of a core (its unit key) that a dismantler still holds; it waits for a real bench.

        Raises ValueError when there is no such tester or kind of test, or nobody has the core to send.
        """
        if self.chain is None:
            raise ValueError("a test needs parties that handle cores: this scenario has none")
        self.chain.order_test(core, tester, kind)

    def kpis(self) -> dict[str, Kpi]:
        """Return `<block>.<kpi>` and the parties' figures with value and unit, over the time since counting began."""
        return values_of(self.figures())

    def figures(self) -> dict[str, Figure]:
        """Return the same with formulas and terms."""
        found = {
            f"{name}.{kpi}": figure
            for name, block in self.blocks.items()
            for kpi, figure in block.figures(self.now).items()
        }
        if self.chain is not None:
            return chain_figures(self.chain, self.now) | found
        return found if self.economy is None else economy_figures(self.economy, self.now) | found

    def residents(self) -> Iterator[Unit]:
        """Yield every unit in the system."""
        for block in self.blocks.values():
            yield from self.inside(block)

    def inside(self, block: Block) -> Iterator[Unit]:
        """Yield the units inside one block."""
        yield from block.residents()
        for _, _, _, entry in self.engine.pending():
            if entry.callbacks and entry.callbacks[0].__self__ is block:  # type: ignore[attr-defined]
                if isinstance(entry.unit, Unit):
                    yield entry.unit
                elif isinstance(entry.unit, list):
                    yield from entry.unit

    def revisited(self, name: str) -> bool:
        """Whether a unit can come to this block more than once."""
        return name in self._revisited

    # --- what blocks tell the world ---

    def leave(self, block: Block, unit: Unit) -> None:
        """Let a unit leave the system; a stock that waits for it orders again."""
        self.gone += 1
        if self.economy is not None:
            self.economy.gone(block, unit)
        if unit.order is not None:
            stock, unit.order = unit.order, None
            stock.order_lost()

    def born(self, block: Block, unit: Unit) -> None:
        """Be told of a new unit."""
        self.created += 1
        if self.economy is not None:
            self.economy.born(unit, block)

    def life(self, block: Block, duty: str, unit: Unit, share: float) -> Life:
        """Plan the life of a unit in a place of this duty; it has spent a share of it."""
        assert self.chain is not None
        return self.chain.life(block, duty, unit, share)

    def maintained(self, block: Block, unit: Unit) -> None:
        """Be told that a unit in use was serviced."""
        if self.chain is not None:
            self.chain.maintained(block, unit)

    def removed(self, block: Block, unit: Unit, reason: str, days: float) -> None:
        """Be told that a unit's life has ended, `days` after it began, and why."""
        if self.chain is not None:
            self.chain.removed(block, unit, reason, days)

    def served(self, block: Block, config: Station, unit: Unit, visit: int) -> None:
        """Be told that a station has served a unit, before its route is chosen."""
        if self.economy is not None:
            if config.cost_per_unit:
                self.economy.spend(block, config.cost_per_unit, "service", unit)
            if config.kwh_per_unit:
                self.economy.powered(block, config.kwh_per_unit, unit)
            if config.inspects is not None:
                self.economy.served(block, config.inspects, unit, visit)

    def planned_days(self, block: Block, unit: Unit, visit: int) -> float:
        """Return how long a station takes for a unit by the plan of its party, days of work."""
        assert self.economy is not None
        return self.economy.planned_days(block, unit, visit)

    def sent(self, block: Block, cost: float, unit: Unit) -> None:
        """Be told that a unit goes on a lane that costs something."""
        if self.economy is not None:
            self.economy.spend(block, cost, "transport", unit)

    def issued(self, unit: Unit, asker: Block) -> None:
        """Be told that a stock gave a unit away."""
        if self.chain is not None:
            self.chain.issued(unit, asker)

    def decide(self, block: str, name: str, unit: Unit, answers: tuple[str, ...]) -> str:
        """Ask the named decision of the party that runs the block."""
        assert self.chain is not None
        return self.chain.decide(block, name, unit, answers)
