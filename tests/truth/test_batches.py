"""Several at once: units that are served together, or come together."""

from __future__ import annotations

from collections.abc import Iterator

from tests.truth import theory
from tests.truth.conftest import Truth

Oven = tuple[int, int]
"""Units in the queue, and units in the oven."""


def oven(arrival_rate: float, most: int, least: int, top: int = 80) -> dict[str, float]:
    """M/M^[most]/1 that starts as soon as `least` are there, by its Markov chain."""

    def moves(state: Oven) -> Iterator[tuple[Oven, float]]:
        waiting, inside = state
        if inside:
            taken = min(waiting, most) if waiting >= least else 0
            yield (waiting - taken, taken), 1.0
            yield (waiting + 1, inside), arrival_rate if waiting < top else 0.0
        else:
            yield (0, waiting + 1) if waiting + 1 == least else (waiting + 1, 0), arrival_rate

    p = theory.stationary((0, 0), moves)
    queue = theory.mean(p, lambda state: state[0])
    return {
        "number_mean": theory.mean(p, sum),
        "queue_mean": queue,
        "wait_mean_days": queue / arrival_rate,
        "utilisation": theory.mean(p, lambda state: state[1] > 0),
    }


def test_an_oven_serves_batches_whether_it_waits_for_a_full_one_or_not(truth: Truth) -> None:
    eager, patient = oven(2.4, 4, 1), oven(2.4, 4, 4)

    truth("batches_in_two_ovens").settles_at(
        {f"eager.{name}": value for name, value in eager.items()}
        | {f"patient.{name}": value for name, value in patient.items()}
    )


def test_lorries_with_a_random_number_of_cores_queue_as_bulk_arrivals_do(truth: Truth) -> None:
    """Gross & Harris, 3.1: L = rho (1 + E X^2 / E X) / (2 (1 - rho)); X is geometric with mean 2.4."""
    mean, use = 2.4, 0.48
    second = mean * (2 * mean - 1)
    number = use * (1 + second / mean) / (2 * (1 - use))

    truth("batches_of_random_size").settles_at(
        {"bench.number_mean": number, "bench.time_mean_days": number / use, "bench.utilisation": use}
    )
