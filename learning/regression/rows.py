"""What one party holds for a regression: its rows. They stay with it; only sums over them leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from learning.arrays import FloatArray

LARGEST = 1e60
"""Size of the largest value: sums of its squares stay numbers."""


@dataclass(frozen=True, eq=False)
class Rows:
    """One party's rows, in its own units."""

    party: str
    """Whose rows these are."""
    names: tuple[str, ...]
    """The features, in order."""
    x: FloatArray
    """Float[rows, features]."""
    y: FloatArray
    """Float[rows]: what is to be predicted."""
    target: str
    """Name of what is to be predicted."""

    def __post_init__(self) -> None:
        if self.x.shape != (len(self.y), len(self.names)) or self.y.ndim != 1:
            raise ValueError(f"{self.party!r}: {self.x.shape} numbers do not fit {len(self.names)} features")
        if not (np.isfinite(self.x).all() and np.isfinite(self.y).all()):
            raise ValueError(f"{self.party!r}: a value is missing or not finite")
        for name, values in (*zip(self.names, self.x.T, strict=True), (self.target, self.y)):
            if np.abs(values).max(initial=0.0) > LARGEST:
                raise ValueError(
                    f"{self.party!r}: {name!r} holds a value above {LARGEST:g} in size; choose another unit"
                )

    def __len__(self) -> int:
        return len(self.y)

    def part(self, start: int, stop: int) -> Rows:
        """Return the rows from `start` up to, but without, `stop`."""
        return replace(self, x=self.x[start:stop], y=self.y[start:stop])

    def select(self, features: Sequence[str], target: str) -> Rows:
        """Return the same rows with these features, and this column as target. Raises ValueError for unknown ones."""
        columns = {**dict(zip(self.names, self.x.T, strict=True)), self.target: self.y}
        if missing := [name for name in (*features, target) if name not in columns]:
            raise ValueError(f"{self.party!r} has no column {missing[0]!r}; it has {', '.join(columns)}")
        x = np.column_stack([columns[name] for name in features])
        return Rows(self.party, tuple(features), x, columns[target], target)


def sites_of(rows: Iterable[Rows]) -> tuple[Rows, ...]:
    """Return the parties' rows in order of their names.

    Raises ValueError for no party, for one without rows or given twice, and for parties whose columns differ.
    """
    sites = tuple(sorted(rows, key=lambda site: site.party))
    if not sites:
        raise ValueError("there is no party to learn from")
    for site in sites:
        if not len(site):
            raise ValueError(f"{site.party!r} has no rows")
    for site, following in pairwise(sites):
        if site.party == following.party:
            raise ValueError(f"{site.party!r} is given twice")
        if (site.names, site.target) != (following.names, following.target):
            raise ValueError(f"{site.party!r} and {following.party!r} have different columns")
    return sites
