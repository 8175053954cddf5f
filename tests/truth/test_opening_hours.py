"""A shift calendar: on its working clock a station that opens and closes is one that never does."""

from __future__ import annotations

from tests.truth import theory
from tests.truth.conftest import Truth


def test_a_bench_in_opening_hours_is_as_full_as_one_that_never_closes(truth: Truth) -> None:
    """Closed, nothing moves; so the number is that of M/M/1 at any time, and the stay follows by Little's law."""
    values = theory.multi_server(0.8, 1 / 0.75)
    per_day = 0.8 * 8 * 5 / 7

    truth("mm1_in_opening_hours").settles_at(
        {
            "bench.utilisation": 0.6,
            "bench.number_mean": values["L"],
            "bench.throughput_per_day": per_day,
            "bench.time_mean_days": values["L"] / per_day,
            "bench.wait_mean_days": values["Lq"] / per_day,
        }
    )
