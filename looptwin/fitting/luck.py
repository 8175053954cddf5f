"""Luck for bootstraps and predictions: a function of its purpose and number, so that a fit gives the same twice."""

from __future__ import annotations

from math import ceil

import numpy as np

from looptwin.fitting.sample import Floats
from sim.streams import BLOCK, Streams, uniform_block

SEED = 20260
"""Seed of every bootstrap and prediction; results are means over many draws, and a user's seed would change little."""


def uniforms(purpose: str, number: int, count: int) -> Floats:
    """Return uniforms in (0, 1), Float[count], for the n-th repetition of a purpose."""
    key = Streams(SEED, 0, {}).key(purpose, "history")
    blocks = [uniform_block(key, block, number) for block in range(ceil(count / BLOCK))]
    return np.concatenate([np.empty(0), *blocks])[:count]
