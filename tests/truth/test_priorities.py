"""Who is served first: waits by class."""

from __future__ import annotations

from tests.truth import theory
from tests.truth.conftest import Truth


def test_three_classes_wait_as_cobham_says(truth: Truth) -> None:
    rates, means = (0.15, 0.3, 0.15), (0.5, 1.0, 1.5)
    waits = theory.priorities([(rate, mean, 2 * mean**2) for rate, mean in zip(rates, means, strict=True)])
    stays = {
        f"{sink}.time_mean_days": wait + mean
        for sink, wait, mean in zip(("urgent", "normal", "bulk"), waits, means, strict=True)
    }
    number = sum(rate * stay for rate, stay in zip(rates, stays.values(), strict=True))

    truth("priorities_three_classes").settles_at(stays | {"bench.number_mean": number, "bench.utilisation": 0.6})


def test_two_classes_share_two_servers_as_kella_and_yechiali_say(truth: Truth) -> None:
    """Equal exponential work: the wait of all, at a rate of 2 a day, shared out as Cobham does."""
    busy = theory.multi_server(1.4, 1.0, 2)["p_wait"] / 2
    urgent, normal = busy / (1 - 0.35), busy / ((1 - 0.35) * (1 - 0.70))

    truth("priorities_of_two_servers").settles_at(
        {"urgent.time_mean_days": urgent + 1, "normal.time_mean_days": normal + 1, "hall.utilisation": 0.7}
    )


def test_an_urgent_unit_interrupts_and_the_other_resumes(truth: Truth) -> None:
    rates, means = (0.28, 0.42), (0.75, 1.25)
    urgent, normal = theory.preemptive_priorities(
        [(rate, mean, mean**2 * 4 / 3) for rate, mean in zip(rates, means, strict=True)]
    )

    truth("priorities_preemptive").settles_at(
        {
            "urgent.time_mean_days": urgent,
            "normal.time_mean_days": normal,
            "bench.number_mean": rates[0] * urgent + rates[1] * normal,
            "bench.utilisation": 0.735,
        }
    )


def test_on_two_servers_the_urgent_do_not_see_the_others(truth: Truth) -> None:
    urgent, together = theory.multi_server(0.6, 1.0, 2), theory.multi_server(1.2, 1.0, 2)

    truth("priorities_preemptive_two_servers").settles_at(
        {
            "urgent.time_mean_days": urgent["W"],
            "normal.time_mean_days": (together["L"] - urgent["L"]) / 0.6,
            "hall.number_mean": together["L"],
            "hall.utilisation": 0.6,
        }
    )
