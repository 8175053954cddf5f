"""Servers that fail: work that resumes, work that starts again, and failures only at work."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tests.truth import known, theory
from tests.truth.conftest import Truth

Hall = tuple[int, int]
"""Units in the system, and servers that are up."""


def test_a_rig_that_fails_also_while_idle_delays_as_white_and_christie_say(truth: Truth) -> None:
    values = known.mm1_breakdowns_test_rig()

    truth("mm1_breakdowns_test_rig").settles_at(
        {"rig.availability": values["availability"], "rig.number_mean": values["L"], "rig.time_mean_days": values["W"]}
    )


def test_a_unit_that_lost_its_server_is_served_by_the_next_that_is_free(truth: Truth) -> None:
    def moves(state: Hall) -> Iterator[tuple[Hall, float]]:
        n, up = state
        yield (n + 1, up), 1.0 if n < 150 else 0.0
        yield (n - 1, up), 1.0 * min(n, up)
        yield (n, up - 1), up / 8
        yield (n, up + 1), (2 - up) / 2

    p = theory.stationary((0, 2), moves)
    number = theory.mean(p, lambda state: state[0])

    truth("breakdowns_of_two_servers").settles_at(
        {
            "hall.number_mean": number,
            "hall.time_mean_days": number / 1.0,
            "hall.availability": 0.8,
            "hall.utilisation": 0.5,
        }
    )


def server(arrival_rate: float, mean: float, second: float) -> float:
    """Mean time in M/G/1, by the first two moments of the time that a unit keeps the server."""
    return mean + arrival_rate * second / (2 * (1 - arrival_rate * mean))


def test_a_server_that_fails_only_at_work_is_a_server_with_longer_work(truth: Truth) -> None:
    """Completion times (Gaver 1962): when work resumes, it and a Poisson number of downtimes, at rate 1/5 of work."""
    rate, down, down_second = 1 / 5, 1.0, 4 / 3
    resumed = server(0.5, 1 + rate * down, 1.5 * (1 + rate * down) ** 2 + rate * down_second)

    truth("breakdowns_while_busy").settles_at(
        {
            "resumed.time_mean_days": resumed,
            "resumed.number_mean": 0.5 * resumed,
            "resumed.utilisation": 0.5,
            "resumed.availability": 1 - 0.5 * rate * down,
        }
    )


def test_work_that_starts_again_is_lost_until_it_fits_between_two_failures(truth: Truth) -> None:
    """The same work of 1 day each time: a geometric number of failed attempts Y < 1, each with a downtime of mean 1."""
    rate, work = 1 / 5, 1.0
    fits = math.exp(-rate * work)
    lost = (1 / rate) - work * fits / (1 - fits)
    lost_second = 2 / rate * lost - work**2 * fits / (1 - fits)
    attempt, attempt_second = lost + 1.0, lost_second + 2 * lost * 1.0 + 2.0
    attempts, attempts_second = (1 - fits) / fits, (1 - fits) * (2 - fits) / fits**2
    mean = work + attempts * attempt
    variance = attempts * (attempt_second - attempt**2) + (attempts_second - attempts**2) * attempt**2
    stay = server(0.5, mean, variance + mean**2)

    truth("breakdowns_while_busy").settles_at(
        {
            "repeated.time_mean_days": stay,
            "repeated.number_mean": 0.5 * stay,
            "repeated.utilisation": 0.5 * (work + attempts * lost),
            "repeated.availability": 1 - 0.5 * attempts * 1.0,
        }
    )
