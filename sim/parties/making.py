"""What happens where new units are made: sets of parts come in lots from suppliers, an OEM builds and tests units."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING

from sim.normal import scores
from sim.parties.accounts import OUTSIDE
from sim.parties.config import Oem, Supplier
from sim.parties.design import BuildSpread
from sim.parties.expand import Sections
from sim.parties.reports import ASSEMBLY, BUILD, KEYS
from sim.records import Unit
from sim.shares import cumulative
from sim.streams import SEQUENCE_BITS, Numbers
from sim.wear import Build

if TYPE_CHECKING:
    from sim.parties.chain import Chain
    from sim.world import World

SPREAD: Mapping[str, str] = {
    "hardness_hrc": "hardness_sd",
    "misalignment_um": "misalignment_sd",
    "bearing_kn": "bearing_sd",
    "lining_mm": "lining_sd",
    "wear_rate": "wear_rate_sd",
    "oil_base": "oil_base_sd",
}
"""Field of `BuildSpread` that says how each as-built value spreads, in the order of `sim.wear.Build`."""

LOGARITHMIC = ("wear_rate", "oil_base")
"""As-built values whose spread is that of their logarithm."""

_LOGARITHMIC = tuple(name in LOGARITHMIC for name in SPREAD)
_sds = attrgetter(*SPREAD.values())


class Makers:
    """Who makes what: the OEM, and for each lot of units the supplier of their sets. Holds no state."""

    def __init__(self, sections: Sections, world: World) -> None:
        assert sections.product is not None
        parties = sorted(sections.parties.items())
        suppliers = {name: party for name, party in parties if isinstance(party, Supplier)}
        self.oem = next((name for name, party in parties if isinstance(party, Oem)), "")
        self.spreads = tuple(party.build for party in suppliers.values())
        self._suppliers = tuple(suppliers)
        self._edges = cumulative([party.share for party in suppliers.values()]) if suppliers else []
        self._lot_size = sections.product.build.lot_size
        self.backlash_sd = sections.product.wear.backlash.sd()
        self._luck = world.streams.open("suppliers.lot")
        keeps = world.log.keeps_events and self.oem
        self._build = world.log.table("build", KEYS | BUILD) if keeps else None
        self._assembly = world.log.table("assembly", KEYS | ASSEMBLY) if keeps else None
        streams = world.streams
        self._errors = {
            name: streams.bundle((f"{name}.gauge.{value}" for value in SPREAD), _scores)
            for name in (*suppliers, self.oem)
        }
        self._backlash_error = streams.bundle([f"{self.oem}.gauge.backlash_mm"], _scores)

    def lot(self, unit: Unit) -> int:
        """Return the key of the unit's lot: that of its origin and the lot's number there."""
        return unit.origin << SEQUENCE_BITS | unit.sequence // self._lot_size

    def supplier(self, unit: Unit) -> str:
        """Return who made the unit's set of parts; empty where the scenario has no suppliers."""
        return self._suppliers[bisect_right(self._edges, self._luck(self.lot(unit)))] if self._suppliers else ""

    def write_build(self, day: float, unit: Unit, party: str, built: Build, spread: BuildSpread, noise: float) -> None:
        """Let whoever made the parts write their as-built values as measured."""
        if self._build is None:
            return
        measured = []
        rows = zip(_LOGARITHMIC, _sds(spread), built, self._errors[party](unit.key), strict=True)
        for is_logarithmic, sd, value, z in rows:
            error = noise * sd * z
            measured.append(value * math.exp(error) if is_logarithmic else value + error)
        self._build.append(day, unit.key, unit.lives, party, *measured, self.lot(unit))

    def write_assembly(self, day: float, unit: Unit, backlash_mm: float, sd_mm: float) -> None:
        """Let the OEM write the backlash of a new unit as measured."""
        if self._assembly is not None:
            (z,) = self._backlash_error(unit.key)
            self._assembly.append(day, unit.key, unit.lives, self.oem, backlash_mm + sd_mm * z, self.lot(unit))


def _scores(uniforms: Numbers, first: int) -> Numbers:
    return scores(uniforms)


def made(chain: Chain, unit: Unit, origin: str) -> None:
    """Give a new unit its body and its papers; at an OEM's plant everybody is paid for it.

    Units that are there at the start, and those of new vehicles, were made before and elsewhere: nobody pays here.
    """
    product, makers, now = chain.sections.product, chain.makers, chain.world.now
    assert product is not None
    supplier = makers.supplier(unit)
    maker = chain.config(supplier) if supplier else None
    spread = maker.build if isinstance(maker, Supplier) else None
    unit.body = chain.physics.make(unit, spread)
    oem = chain.config(makers.oem) if makers.oem else None
    if not isinstance(oem, Oem):
        return
    if chain.world.log.keeps_events:
        noise = maker.gauge_noise if isinstance(maker, Supplier) else oem.gauge_noise
        built = chain.physics.build(unit)
        makers.write_build(now, unit, supplier or makers.oem, built, spread or product.build, noise)
    if origin == makers.oem:
        _paid(chain, unit, oem, supplier)
    else:
        checked(chain, unit, makers.oem)


def _paid(chain: Chain, unit: Unit, oem: Oem, supplier: str) -> None:
    """Let the remanufacturer, who orders new units for his stock, pay the OEM, and the makers what it costs them."""
    name = chain.makers.oem
    chain.pay(chain.remanufacturer, name, oem.price_new, "new unit", unit)
    chain.pay(name, OUTSIDE, oem.cost_new, "making", unit)
    maker = chain.config(supplier) if supplier else None
    if isinstance(maker, Supplier):
        chain.pay(name, supplier, maker.price_per_set, "set of parts", unit)
        chain.pay(supplier, OUTSIDE, maker.cost_per_set, "making", unit)
    chain.count("new_units")


def checked(chain: Chain, unit: Unit, party: str) -> None:
    """Let an OEM test a new unit."""
    oem = chain.config(party)
    assert isinstance(oem, Oem)
    if chain.world.log.keeps_events:
        sd = oem.gauge_noise * chain.makers.backlash_sd
        chain.makers.write_assembly(chain.world.now, unit, chain.physics.backlash_as_built(unit), sd)
