"""What a learning site holds: features of cores, returned outcomes, and the day each outcome became known."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from learning.arrays import FloatArray

CLIP = 8.0
"""Standardised features are held to -8 to 8, so that one row's share of an update has a public bound."""


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A feature with the centre and scale that everybody knows; both are declared, never estimated from rows."""

    name: str
    centre: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.centre) and np.isfinite(self.scale) and self.scale > 0):
            raise ValueError(f"feature {self.name!r} needs a finite centre and a scale > 0")


@dataclass(frozen=True, kw_only=True)
class Target(Feature):
    """What a label says, on the scale on which it is learned; declared like a feature's."""

    unit: str = "1"
    is_class: bool = False
    """Whether labels are 0 or 1."""

    def learned(self, y: FloatArray) -> FloatArray:
        """Return labels on the scale of learning; numbers are held to -CLIP to CLIP."""
        return y if self.is_class else scaled(y[:, None], [self])[:, 0]

    def in_units(self, y: FloatArray) -> FloatArray:
        """Return what was learned or predicted in the unit of the label."""
        return y if self.is_class else self.centre + self.scale * y


PROFITABLE = Target(name="profitable", is_class=True)
"""1 for a core that is profitable to remanufacture, else 0."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SiteData:
    """The labelled cores of one site, in no particular order.

    x: Float[cores, features], finite. y: Float[cores], labels of `target`: 1 profitable to remanufacture, else 0, or a
    number on the scale of learning. known_at_day: Float[cores], day on which the outcome came back. Arrays are copied
    and cannot be written to. Raises ValueError naming the party.
    """

    party: str
    names: tuple[str, ...]
    x: FloatArray
    y: FloatArray
    known_at_day: FloatArray
    unit_ids: tuple[Hashable, ...]
    target: Target = PROFITABLE

    def __post_init__(self) -> None:
        for name in ("x", "y", "known_at_day"):
            frozen = np.array(getattr(self, name), dtype=np.float64)
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)
        if (fault := self._fault()) is not None:
            raise ValueError(f"{self.party!r}: {fault}")

    def _fault(self) -> str | None:
        cores = len(self.unit_ids)
        if len(set(self.names)) != len(self.names):
            return "feature names must differ"
        if self.x.shape != (cores, len(self.names)) or self.y.shape != (cores,) or self.known_at_day.shape != (cores,):
            return (
                f"{cores} cores and {len(self.names)} features do not fit "
                f"x {self.x.shape}, y {self.y.shape}, known_at_day {self.known_at_day.shape}"
            )
        if len(set(self.unit_ids)) != cores:
            return "unit ids must differ"
        if not np.isfinite(self.x).all():
            return f"feature {self.names[int(np.argwhere(~np.isfinite(self.x))[0, 1])]!r} is not finite everywhere"
        return self._fault_of_labels()

    def _fault_of_labels(self) -> str | None:
        if self.target.is_class and not np.isin(self.y, (0.0, 1.0)).all():
            return "labels must be 0 or 1"
        if not np.isfinite(self.y).all():
            return f"label {self.target.name!r} is not finite everywhere"
        return "known_at_day must not be NaN" if np.isnan(self.known_at_day).any() else None

    def __len__(self) -> int:
        return len(self.unit_ids)

    def rows(self, chosen: Sequence[int]) -> SiteData:
        """Return the cores at the positions `chosen`, in that order."""
        index = np.asarray(chosen, dtype=np.int64)
        ids = tuple(self.unit_ids[position] for position in index)
        return replace(self, x=self.x[index], y=self.y[index], known_at_day=self.known_at_day[index], unit_ids=ids)


class Split(NamedTuple):
    """Cores whose outcome was known by a day, and those whose outcome came later."""

    train: SiteData
    test: SiteData


def split(site: SiteData, day: float) -> Split:
    """Split by time: no label of the train part came after `day`, every label of the test part did."""
    known = site.known_at_day <= day
    return Split(site.rows(np.flatnonzero(known).tolist()), site.rows(np.flatnonzero(~known).tolist()))


def scaled(x: FloatArray, features: Sequence[Feature]) -> FloatArray:
    """Return x: Float[cores, features] on the declared scales, held to -CLIP to CLIP."""
    centre = np.array([feature.centre for feature in features])
    scale = np.array([feature.scale for feature in features])
    held: FloatArray = np.clip((np.asarray(x, dtype=np.float64) - centre) / scale, -CLIP, CLIP)
    return held


def standardise(site: SiteData, features: Sequence[Feature]) -> SiteData:
    """Return the site on the declared scales. Raises ValueError when `features` are not the site's own, in order."""
    declared = tuple(feature.name for feature in features)
    if declared != site.names:
        raise ValueError(f"{site.party!r}: features are {', '.join(site.names)}; declared are {', '.join(declared)}")
    return replace(site, x=scaled(site.x, features))
