"""What an economy has counted, as quantities with names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.blocks.block import Block
from sim.blocks.lane import LaneBlock
from sim.blocks.stock import StockBlock
from sim.config import Lane
from sim.figure import Quantity, quantity
from sim.parties.config import Oem

if TYPE_CHECKING:
    from sim.parties.chain import Chain
    from sim.parties.economy import Economy
    from sim.parties.product import Product


@dataclass(frozen=True)
class Counted:
    """An economy on the day up to which it is measured."""

    economy: Economy
    day: float

    def count(self, name: str, unit: str = "units") -> Quantity:
        """Return how much of something was counted."""
        return quantity(name, self.economy.counted.get(name, 0.0), unit)

    @cached_property
    def days(self) -> Quantity:
        """Days since counting began."""
        return quantity("days", self.day - self.economy.began, "days")


@dataclass(frozen=True)
class Measured(Counted):
    """A chain on the day up to which it is measured."""

    economy: Chain

    @property
    def chain(self) -> Chain:
        """The economy, which brings units back."""
        return self.economy

    @property
    def product(self) -> Product:
        """What the scenario says about its product."""
        assert self.chain.sections.product is not None
        return self.chain.sections.product

    @property
    def mass(self) -> Quantity:
        """Mass of one unit."""
        return quantity("unit_mass", self.product.mass_kg, "kg")

    @property
    def stock(self) -> StockBlock:
        """The serviceable stock."""
        stock: StockBlock = self.chain.world.blocks[self.chain.stock]
        return stock

    def blocks(self, *roles: type) -> Iterator[Block]:
        """Yield the blocks that parties of some roles run, the ways between parties left out."""
        parties = self.chain.sections.parties
        for name, block in self.chain.world.blocks.items():
            if "." in name and isinstance(parties.get(self.chain.owner(name)), roles):
                yield block

    def lanes(self) -> Iterator[LaneBlock]:
        """Yield the ways that cores take from one party to another."""
        world: Any = self.chain.world
        for name, config in world.network.items():
            if isinstance(config, Lane) and config.from_ is not None:
                sender = self.chain.sections.parties.get(config.from_)
                if sender is not None and not isinstance(sender, Oem):
                    yield world.blocks[name]
