"""How often something rare happens: Poisson counts, by inversion of one uniform."""

from __future__ import annotations

import math


def poisson_table(mean: float) -> tuple[float, ...]:
    """Return the distribution function of a Poisson count at 0, 1, 2, ..., as far as a uniform can tell it from 1."""
    term = total = math.exp(-mean)
    table = [total]
    while 1.0 - total > 1e-12 and term > 0.0:
        term *= mean / len(table)
        total += term
        table.append(total)
    return tuple(table)
