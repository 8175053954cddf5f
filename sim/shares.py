"""Shares of (0, 1): how one uniform chooses among weighted possibilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate


def cumulative(weights: Sequence[float]) -> list[float]:
    """Upper edges of consecutive shares of (0, 1), without the last: `bisect_right(edges, u)` picks a share."""
    total = math.fsum(weights)
    return [partial / total for partial in accumulate(weights)][:-1]
