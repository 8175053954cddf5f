"""What leaves the parties of a study besides their protected updates, as rows for who keeps account of it."""

from __future__ import annotations

from collections.abc import Mapping

from learning.crossings import COORDINATOR, Crossing
from learning.protected import Protection
from learning.regression.ranges import Ranges
from learning.releases import Released

ANNOUNCED = "powers of two between which each column lies, and one that its number of rows does not exceed"
"""What every party says in clear before anything is added up."""

RANK = "how many of its features it can tell apart"
"""What a party says in clear where the parties agreed to."""


def announcements(told: Mapping[str, Ranges], day: float) -> list[Crossing]:
    """Return the crossings of what each party announces of its columns."""
    return [
        Crossing(
            day=day,
            sender=party,
            receiver=COORDINATOR,
            purpose="range",
            clear_or_cipher="clear",
            bytes=16 * (len(ranges.features) + 1) + 8,
            readable_by=(*(other for other in told if other != party), COORDINATOR),
            content=ANNOUNCED,
        )
        for party, ranges in told.items()
    ]


def releases(protected: Protection, content: str, values: int, bounds: int, day: float) -> tuple[Released, ...]:
    """Return what others came to know: the bounds of each party's columns, and the opened sum of `values` numbers."""
    carrier = (COORDINATOR,) if COORDINATOR in protected.sum_readers else ()
    everybody = (*protected.parties, COORDINATOR)
    ranges = [
        Released(day=day, what=ANNOUNCED, parties=(party,), known_to=everybody, round=0, numbers=bounds)
        for party in protected.parties
    ]
    opened = Released(
        day=day,
        what=content,
        parties=protected.parties,
        known_to=(*protected.parties, *carrier),
        round=1,
        numbers=values,
    )
    return (*ranges, opened)


def ranks_told(parties: tuple[str, ...], day: float) -> list[Crossing]:
    """Return the crossings of how many features each of these parties can tell apart."""
    return [
        Crossing(
            day=day,
            sender=party,
            receiver=COORDINATOR,
            purpose="rank",
            clear_or_cipher="clear",
            bytes=8,
            readable_by=(*(other for other in parties if other != party), COORDINATOR),
            content=RANK,
        )
        for party in parties
    ]


def ranks_released(parties: tuple[str, ...], day: float) -> list[Released]:
    """Return what others came to know by that."""
    return [
        Released(day=day, what=RANK, parties=(party,), known_to=(*parties, COORDINATOR), round=0, numbers=1)
        for party in parties
    ]
