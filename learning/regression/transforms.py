"""Box-Cox models: which power is put on the features and which on the target."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from learning.arrays import FloatArray


class Model(NamedTuple):
    """A linear model of transformed columns; a power of None leaves its side as it is."""

    name: str
    on_features: float | None
    on_target: float | None


def models(kinds: Iterable[str], lambdas: Iterable[float]) -> tuple[Model, ...]:
    """Return the models of these kinds (`LR`, `TM-P`, `TM-T`, `DTM`), one for each power where there is one."""
    powers = tuple(lambdas)
    found: list[Model] = []
    for kind in kinds:
        if kind == "LR":
            found.append(Model(kind, None, None))
            continue
        found += [
            Model(f"{kind} {power:g}", power if kind != "TM-T" else None, power if kind != "TM-P" else None)
            for power in powers
        ]
    return tuple(found)


def box_cox(values: FloatArray, power: float | None) -> FloatArray:
    """Return (v**power - 1) / power of positive values, their logarithm for 0, themselves for None.

    Source: G. E. P. Box and D. R. Cox, "An analysis of transformations" (1964), equation 1.
    """
    if power is None:
        return values
    if power == 0.0:
        return np.log(values)
    # a power near 0 loses no digits so
    transformed: FloatArray = np.expm1(power * np.log(values)) / power
    return transformed
