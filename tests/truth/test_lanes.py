"""Lanes: lots that are formed, lots that go before they are full, and few lorries."""

from __future__ import annotations

from scipy import integrate, stats

from tests.truth import theory
from tests.truth.conftest import Truth

RATE = 1.6


def test_a_unit_waits_for_half_of_the_others_of_its_lot(truth: Truth) -> None:
    stay = (4 - 1) / (2 * RATE) + 3.0

    truth("lots_on_lanes").settles_at({"full.time_mean_days": stay, "full.number_mean": RATE * stay})


def test_a_lot_that_goes_after_two_days_shortens_the_wait(truth: Truth) -> None:
    """Renewal reward by lot: 1 + A(s) units wait at s while that is below 6, and 1 + min(A(2), 5) leave with it."""
    counts = range(5)
    waited = integrate.quad(lambda s: sum((k + 1) * stats.poisson.pmf(k, RATE * s) for k in counts), 0, 2)[0]
    units = 1 + sum(stats.poisson.sf(k, RATE * 2) for k in counts)
    stay = float(waited / units) + 1.0

    truth("lots_on_lanes").settles_at({"patient.time_mean_days": stay, "patient.number_mean": RATE * stay})


def test_lots_wait_for_the_only_lorry_as_customers_of_a_server(truth: Truth) -> None:
    """Lots of two are Erlang-2 arrivals at a server: G/M/1."""
    lots = theory.renewal_arrivals(lambda s: (RATE / (RATE + s)) ** 2, RATE / 2, 1 / 0.8)
    stay = 1 / (2 * RATE) + lots["Wq"] + 0.8

    truth("lots_on_lanes").settles_at({"lorry.time_mean_days": stay, "lorry.number_mean": RATE * stay})


def test_units_wait_for_two_couriers_as_for_two_servers(truth: Truth) -> None:
    values = theory.multi_server(RATE, 1 / 0.8, 2)

    truth("lots_on_lanes").settles_at({"couriers.time_mean_days": values["W"], "couriers.number_mean": values["L"]})
