"""Where a unit goes next, read from the scenario's own words, without `sim.blocks`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.config import Block, Case, Decision
from sim.parties.chain import Chain
from sim.records import Unit
from sim.streams import Streams


class Routes:
    """Reads `to` of every block."""

    def __init__(self, network: Mapping[str, Block], streams: Streams, chain: Chain) -> None:
        self._network = network
        self._streams = streams
        self._chain = chain

    def next(self, unit: Unit, block: str, visit: int) -> str:
        """Return the block after this one for a unit that was here `visit` times before."""
        to: Any = self._network[block].to  # type: ignore[union-attr]
        if isinstance(to, Decision):
            return to.answers[self._chain.decide(block, to.decide, unit, tuple(to.answers))]
        if isinstance(to, list):
            number, case = next((number, case) for number, case in enumerate(to) if _holds(case, unit, visit))
            return self._drawn(unit, f"{block}.route.{number}", case.to, visit)
        return self._drawn(unit, f"{block}.route", to, visit)

    def _drawn(self, unit: Unit, stream: str, to: str | Mapping[str, float], visit: int) -> str:
        if isinstance(to, str):
            return to
        luck, upto = self._streams.open(stream)(unit.key, visit), 0.0
        ways = sorted((name, chance) for name, chance in to.items() if chance > 0.0)
        for name, chance in ways:
            upto += chance
            if luck < upto:
                return name
        return ways[-1][0]


def _holds(case: Case, unit: Unit, visit: int) -> bool:
    if case.field is None:
        return True
    own = {"ended": unit.ended, "lives": unit.lives, "visits": visit}
    found = own[case.field] if case.field in own else (unit.marks or {}).get(case.field)
    if case.in_ is not None and found not in case.in_:
        return False
    if case.at_least is None and case.below is None:
        return True
    return (
        isinstance(found, int | float)
        and (case.at_least is None or found >= case.at_least)
        and (case.below is None or found < case.below)
    )
