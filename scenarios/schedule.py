"""Days that a scenario names and its run never reaches.

A run to an early day is the beginning of a longer one, and stays valid: a story of five years may be looked at for one.
So such a day is no mistake, but it is told wherever a scenario is checked or run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from scenarios.schema import Content
from scenarios.tree import Path
from sim.config import Block, Source


class Unreached(NamedTuple):
    """A day at or after the end of the run. key: where it stands, dotted."""

    key: str
    day: float

    @property
    def is_disruption(self) -> bool:
        """Whether it is the day of a disruption, which a run lists with all others."""
        return self.key.startswith("disruptions.")


def unreached(content: Content) -> list[Unreached]:
    """Return what is scheduled and never happens, because the run ends before: at the horizon nothing happens."""
    horizon = content.time.horizon_days
    return [Unreached(".".join(map(str, path)), day) for path, day in _scheduled(content) if day >= horizon]


def sentence(one: Unreached, horizon: float) -> str:
    """Return what is said of such a day."""
    return f"{one.key}: day {one.day:,.6g} never comes, the run ends on day {horizon:,.6g} (time.horizon_days)"


def _scheduled(content: Content) -> Iterator[tuple[Path, float]]:
    for key in ("disruptions", "reporting"):
        for name, one in getattr(content, key).items():
            yield (key, name, "from_day"), one.from_day
    yield from _first_days(("blocks",), content.blocks)
    for name, party in content.parties.items():
        yield from _first_days(("parties", name, "blocks"), party.blocks)


def _first_days(path: Path, blocks: dict[str, Block]) -> Iterator[tuple[Path, float]]:
    for name, block in blocks.items():
        if isinstance(block, Source) and block.first_day is not None:
            yield (*path, name, "first_day"), block.first_day
