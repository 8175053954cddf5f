"""Luck of a fit, over more records than a block of draws holds."""

from __future__ import annotations

import numpy as np
from numpy.random import Philox
from scipy import stats

from looptwin.fitting.luck import SEED, uniforms
from sim.streams import BLOCK, Streams


def test_draws_run_on_from_block_to_block_as_numpys_own_philox_does() -> None:
    key = np.array(Streams(SEED, 0, {}).key("bootstrap", "history"), dtype=np.uint64)
    words = Philox(key=key, counter=[0, 3, 0, 0]).random_raw(3 * BLOCK)

    drawn = uniforms("bootstrap", 3, 3 * BLOCK - 7)

    np.testing.assert_array_equal(drawn, (((words >> 12) + 0.5) * 2.0**-52)[: len(drawn)])


def test_a_longer_history_keeps_the_draws_of_a_shorter_one() -> None:
    long = uniforms("bootstrap", 0, 5_000)

    np.testing.assert_array_equal(uniforms("bootstrap", 0, 700), long[:700])
    assert len(np.unique(long)) == len(long)
    assert stats.kstest(long, "uniform").pvalue > 1e-3
