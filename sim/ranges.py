"""Ranges that numbers of a scenario file must lie in."""

from __future__ import annotations

from typing import Annotated, Protocol

from annotated_types import Ge, Gt, Le

from sim.section import give_one

LARGEST = 1e9
"""Largest amount of money, EUR: sums of many stay exact enough for a balance."""

MOST = 10_000_000
"""Largest number of units at the start: more than fit into memory."""

Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
Money = Annotated[float, Ge(0), Le(LARGEST)]
Probability = Annotated[float, Ge(0), Le(1)]
Count = Annotated[int, Ge(0)]
Several = Annotated[int, Ge(1)]
Units = Annotated[int, Ge(0), Le(MOST)]
Position = Annotated[int, Ge(-MOST), Le(MOST)]


class HasMean(Protocol):
    """A law, as far as its mean is concerned."""

    def expectation(self) -> float: ...


def takes_time(**laws: HasMean | None) -> None:
    """Raise ValueError for a time that is zero on the mean: it would happen without end at one instant."""
    for name, law in laws.items():
        if law is not None and law.expectation() <= 0.0:
            raise ValueError(f"{name} must be above 0 on the mean, or time stands still")


def arrivals(days: HasMean | None, hours: HasMean | None, batch: HasMean | None) -> None:
    """Raise ValueError unless arrivals come in at most one unit of time, not all at once, and few together."""
    give_one(interarrival_days=days, interarrival_hours=hours, required=False)
    takes_time(interarrival_days=days, interarrival_hours=hours)
    if batch is not None and batch.expectation() > 1e6:
        raise ValueError(f"a batch may hold a million units on the mean at most, got {batch.expectation():g}")
