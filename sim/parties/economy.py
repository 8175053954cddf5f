"""The economy of a world: who runs which block, what parties paid each other, and what factories made.

The world tells it of every birth, service and end of a unit. Where parties bring units back it is a `Chain`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.blocks.block import Block
from sim.config import Station
from sim.machining import KJ_PER_KWH
from sim.parties.accounts import OUTSIDE, Accounts
from sim.parties.config import Factory, PartyConfig
from sim.parties.expand import Sections, owner
from sim.parties.factory_plan import FAMILY
from sim.parties.production import COLUMNS, Production
from sim.records import Unit

if TYPE_CHECKING:
    from sim.world import World

DELIVERED = "delivered"
"""The block of a factory at which its parts are sold."""


class Economy:
    """Part of the world's state: accounts, and what is counted.

    today: the sections as they stand today, with what disruptions change.
    """

    STATE: tuple[str, ...] = ("accounts", "counted", "began")
    name = "economy"

    def __init__(self, world: World, sections: Sections) -> None:
        self.world = world
        self.sections = sections
        self.today = sections
        self.accounts = Accounts(world.log)
        self.counted: dict[str, float] = {}
        self.began = 0.0
        self._owner = {name: owner(name, sections.parties, world.network) for name in world.network}
        self._production = {
            name: Production(party.machining, name, world.streams)
            for name, block in world.network.items()
            if isinstance(block, Station) and block.inspects == "production"
            if isinstance(party := sections.parties[self._owner[name]], Factory)
        }
        has_factories = any(isinstance(party, Factory) for party in sections.parties.values())
        self._made = world.log.table("made", COLUMNS) if has_factories and world.log.keeps_events else None

    def owner(self, block: str) -> str:
        """Name of the party that runs a block; empty for nobody."""
        return self._owner[block]

    def config(self, party: str) -> PartyConfig:
        """Return a party's section as it stands today: a disruption may have changed it for a time."""
        return self.today.parties[party]

    def factory(self, block: str) -> Factory | None:
        """Return the section, as it stands today, of the factory that runs a block; None for another's."""
        config = self.today.parties.get(self._owner[block])
        return config if isinstance(config, Factory) else None

    def stand(self, today: Sections, *, live: bool) -> None:
        """Let other sections hold from now on, in a world that runs (live) or does not yet."""
        self.today = today

    # --- what happens to units ---

    def born(self, unit: Unit, origin: Block) -> None:
        """Let a factory pay for the blank of a part that was ordered."""
        config = self.factory(origin.name)
        if config is not None:
            self.pay(self._owner[origin.name], OUTSIDE, config.cost_per_part, "blank", unit)

    def planned_days(self, block: Block, unit: Unit, visit: int) -> float:
        """Return how long a machining station takes for a part, days of work."""
        return self._production[block.name].days(_family(unit), unit.key, visit)

    def served(self, block: Block, kind: str, unit: Unit, visit: int) -> None:
        """Write down what a machining station made, and let its factory pay the energy."""
        party = self._owner[block.name]
        made = self._production[block.name].made(_family(unit), unit.key, visit)
        if self._made is not None:
            self._made.append(self.world.now, unit.key, party, block.name, *made.record)
        kwh = made.energy_kj / KJ_PER_KWH
        self.pay(party, OUTSIDE, kwh * self.today.costs.energy_per_kwh, "energy", unit)
        self.count(f"made_{block.name}")
        self.count(f"kwh_{block.name}", kwh)

    def gone(self, block: Block, unit: Unit) -> None:
        """Let a factory sell a part that is delivered."""
        config = self.factory(block.name)
        if config is not None and block.name.rpartition(".")[2] == DELIVERED:
            self.pay(OUTSIDE, self._owner[block.name], config.price_per_part, "part", unit)

    # --- money and counting ---

    def spend(self, block: Block, amount: float, purpose: str, unit: Unit) -> None:
        """Let a block's party pay what a service or a transport costs."""
        self.pay(self._owner[block.name] or OUTSIDE, OUTSIDE, amount, purpose, unit)

    def powered(self, block: Block, kwh: float, unit: Unit) -> None:
        """Let a block's party pay the electricity that a service took; no single unit is charged with it."""
        self.spend(block, kwh * self.today.costs.energy_per_kwh, "electricity", unit)
        self.count(f"kwh_{block.name}", kwh)

    def pay(self, payer: str, payee: str, amount: float, purpose: str, unit: Unit) -> None:
        """Let one party pay another today, for something about a unit."""
        self.accounts.pay(self.world.now, payer, payee, amount, purpose, unit.key)

    def count(self, what: str, amount: float = 1) -> None:
        """Count one more of something, or an amount."""
        self.counted[what] = self.counted.get(what, 0) + amount

    def count_from(self, day: float) -> None:
        """Forget what was counted before `day`."""
        self.began = day
        self.counted.clear()
        self.accounts.forget()

    def close_books(self) -> None:
        """Pay what is paid for by time and not by event: nothing here."""


def _family(unit: Unit) -> str:
    assert unit.marks is not None
    return str(unit.marks[FAMILY])
