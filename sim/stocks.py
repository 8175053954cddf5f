"""The section of a stock and of the rules by which it replenishes and releases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim.ranges import Units
from sim.section import Section


@dataclass(frozen=True, kw_only=True)
class Stock(Section):
    """Units at hand for whoever asks, with backorders served in order, and a rule that replenishes."""

    kind: Literal["stock"] = "stock"
    rule: Literal["base_stock", "none"] = "base_stock"
    """base_stock: keep at hand + on order - backorders at `level`. none: only what is put in."""
    level: Units = 0
    """Target of the rule."""
    initial: Units | None = None
    """Units at hand at the start; default `level`."""
    supply: str | None = None
    """Who is asked to replenish: a source without interarrival times, or another stock."""
    via: str | None = None
    """Lane that brings what another stock supplies; default: at once."""
    label: str | None = None
    """Name for display."""

    def __post_init__(self) -> None:
        if (self.rule == "base_stock") != (self.supply is not None):
            raise ValueError("`rule: base_stock` needs `supply`, `rule: none` has none")
