"""The ledger of parts: where every part comes from and goes to, and the harvested ones that wait for another unit."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from sim.blocks.block import Integral
from sim.parties.materials import Masses, added, masses
from sim.wear import PARTS

if TYPE_CHECKING:
    from sim.log import Log
    from sim.parties.product import Product

COLUMNS: Final = {"day": "f8", "unit": "i8", "party": "U", "part": "U", "from": "U", "to": "U"}
"""A movement of one part of a unit: from the supplier, the unit or the shelf; to the unit, the shelf or the scrap."""

PLACES: Final = ("supplier", "unit", "shelf", "scrap")
"""Where a part can be. New units come with all their parts, and take along what is in them when they leave."""


class Harvested(NamedTuple):
    """A good part on the shelf: its true damage, and the party that gets its price."""

    damage: float
    seller: str


class Parts:
    """Part of the world's state.

    shelf: harvested parts of each kind, the oldest first; on_shelf counts them over time. taken: parts that a unit in
    the system lacks, by its key.
    """

    STATE: ClassVar[tuple[str, ...]] = ("shelf", "on_shelf", "taken")

    def __init__(self, product: Product, log: Log) -> None:
        self._table = log.table("parts", COLUMNS) if log.keeps_events else None
        self._masses = masses(product.mass_kg, product.components)
        self.whole: Masses = added(self._masses.values())
        self.kg = {part: sum(self._masses[part]) for part in PARTS}
        self.shelf: dict[str, deque[Harvested]] = {part: deque() for part in PARTS}
        self.on_shelf = Integral()
        self.taken: dict[int, tuple[str, ...]] = {}

    def move(self, day: float, unit: int, party: str, part: str, way: tuple[str, str]) -> None:
        """Write down that a part of a unit goes from one of `PLACES` to another."""
        if self._table is not None:
            self._table.append(day, unit, party, part, *way)

    def put(self, day: float, part: str, harvested: Harvested) -> None:
        """Lay a part on the shelf."""
        self.shelf[part].append(harvested)
        self.on_shelf.add(1, day)

    def fetch(self, day: float, part: str) -> Harvested | None:
        """Take the oldest harvested part of a kind off the shelf; None when there is none."""
        shelf = self.shelf[part]
        if not shelf:
            return None
        self.on_shelf.add(-1, day)
        return shelf.popleft()

    def mass(self, unit: int) -> Masses:
        """Return the kg of each material in a unit (its key), less what was taken out of it."""
        taken = self.taken.get(unit)
        return self.whole if taken is None else self.masses_without(taken)

    def masses_without(self, taken: tuple[str, ...]) -> Masses:
        """Return the kg of each material in a unit that lacks these parts."""
        return added(mass for part, mass in self._masses.items() if part not in taken)

    def masses_of(self, parts: list[str]) -> Masses:
        """Return the kg of each material in these parts."""
        return added(self._masses[part] for part in parts)
